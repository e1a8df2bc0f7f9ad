//! Bundles.

use axum::body::Body;
use axum::http::Request;
use serde_json::json;
use vapwright::server::Settings;
use vapwright_engine::wire::{Bundle, BundleInstall, BundleManifest, LabelModel, SourceFile};

use crate::client::Client;

fn bundle(version: &str) -> Bundle {
    let file = |name: &str, text: &str| SourceFile {
        name: name.to_owned(),
        text: text.to_owned(),
    };
    Bundle {
        manifest: BundleManifest {
            name: "pod-security".to_owned(),
            version: version.to_owned(),
            digest: "sha256:00".to_owned(),
            description: "Pod Security Standards".to_owned(),
            labels: LabelModel::default(),
            kubernetes: "1.30".to_owned(),
            installs: Vec::new(),
            policies: Vec::new(),
        },
        files: vec![
            file("install.yaml", "apiVersion: v1\n"),
            file("checksums.txt", "00  install.yaml\n"),
        ],
    }
}

#[tokio::test]
async fn versions_are_listed_and_read() {
    let client = Client::new();
    assert_eq!(
        client.get("/api/v1/bundles").await.json(),
        json!({"bundles": []})
    );
    client.store.publish(&bundle("1.0.0")).await.unwrap();
    client.store.publish(&bundle("1.1.0")).await.unwrap();

    let list = client.get("/api/v1/bundles").await;
    assert_eq!(list.header("cache-control"), "no-cache");
    assert_eq!(list.json()["bundles"][0]["name"], "pod-security");
    assert_eq!(list.json()["bundles"][0]["latest"], "1.1.0");
    let one = client.get("/api/v1/bundles/pod-security").await.json();
    assert_eq!(one, list.json()["bundles"][0]);

    let manifest = client.get("/api/v1/bundles/pod-security/1.0.0").await;
    assert_eq!(manifest.json()["version"], "1.0.0");
    let install = client
        .get("/api/v1/bundles/pod-security/1.0.0/install.yaml")
        .await;
    assert_eq!(install.body, b"apiVersion: v1\n");
    assert_eq!(install.header("content-type"), "application/yaml");
    let sums = client
        .get("/api/v1/bundles/pod-security/1.0.0/checksums.txt")
        .await;
    assert_eq!(sums.body, b"00  install.yaml\n");
}

#[tokio::test]
async fn a_file_is_chosen_by_the_version_of_kubernetes() {
    let client = Client::new();
    let mut published = bundle("1.0.0");
    published.manifest.kubernetes = "1.31".to_owned();
    for (kubernetes, file) in [("1.36", "install.yaml"), ("1.32", "install-1.32.yaml")] {
        published.manifest.installs.push(BundleInstall {
            kubernetes: kubernetes.to_owned(),
            file: file.to_owned(),
            digest: "sha256:00".to_owned(),
        });
    }
    published.files.push(SourceFile {
        name: "install-1.32.yaml".to_owned(),
        text: "apiVersion: v2\n".to_owned(),
    });
    client.store.publish(&published).await.unwrap();
    let base = "/api/v1/bundles/pod-security/1.0.0";
    for (query, expected) in [
        ("install.yaml", "apiVersion: v1\n"),
        ("install.yaml?kubernetes=1.36", "apiVersion: v1\n"),
        ("install.yaml?kubernetes=v1.32.4", "apiVersion: v2\n"),
        ("install-1.32.yaml", "apiVersion: v2\n"),
    ] {
        let found = client.get(&format!("{base}/{query}")).await;
        assert_eq!(found.body, expected.as_bytes(), "{query}");
    }
    for query in [
        "install.yaml?kubernetes=1.30",
        "install.yaml?kubernetes=1.99",
        "install.yaml?kubernetes=x",
        "checksums.txt?kubernetes=1.32",
        "install.yaml?version=1.32",
    ] {
        let found = client.get(&format!("{base}/{query}")).await;
        assert_eq!(found.status, 400, "{query}");
    }
}

#[tokio::test]
async fn what_never_changes_is_not_sent_twice() {
    let client = Client::new();
    client.store.publish(&bundle("1.0.0")).await.unwrap();
    for path in [
        "/api/v1/bundles/pod-security/1.0.0",
        "/api/v1/bundles/pod-security/1.0.0/install.yaml",
    ] {
        let first = client.get(path).await;
        assert!(
            first.header("cache-control").contains("immutable"),
            "{path}"
        );
        let etag = first.header("etag");
        let again = client.get_with(path, &[("if-none-match", etag)]).await;
        assert_eq!(again.status, 304, "{path}");
        assert!(again.body.is_empty());
        assert_eq!(again.header("etag"), etag);
        let other = client
            .get_with(path, &[("if-none-match", "\"other\"")])
            .await;
        assert_eq!(other.status, 200, "{path}");
    }
}

#[tokio::test]
async fn what_is_not_there_is_not_found() {
    let client = Client::new();
    client.store.publish(&bundle("1.0.0")).await.unwrap();
    for path in [
        "/api/v1/bundles/other",
        "/api/v1/bundles/pod-security/9.0.0",
        "/api/v1/bundles/pod-security/latest",
        "/api/v1/bundles/pod-security/1.0.0/other.yaml",
        "/api/v1/bundles/..%2f..%2fetc/1.0.0",
        "/api/v1/bundles/Pod_Security",
        "/api/v1/other",
    ] {
        client.get(path).await.failure(404, "not-found");
    }
}

fn put(token: Option<&str>) -> Request<Body> {
    let mut request = Request::put("/api/v1/bundles/pod-security/1.0.0")
        .header("content-type", "application/json");
    if let Some(token) = token {
        request = request.header("authorization", format!("Bearer {token}"));
    }
    request.body(Body::from("{}")).unwrap()
}

#[tokio::test]
async fn nobody_publishes_without_the_token() {
    let message = Client::new().send(put(Some("x"))).await;
    let message = message.failure(403, "publishing-off");
    assert!(message.contains("VAPWRIGHT_PUBLISH_TOKEN"), "{message}");

    // An empty setting is none.
    let empty = Client::with(Settings {
        publish_token: Some(String::new()),
        ..Settings::default()
    });
    empty
        .send(put(Some("")))
        .await
        .failure(403, "publishing-off");

    let client = Client::with(Settings {
        publish_token: Some("secret".to_owned()),
        ..Settings::default()
    });
    for token in [None, Some(""), Some("secre"), Some("secrets")] {
        let answer = client.send(put(token)).await;
        answer.failure(401, "unauthorized");
        assert_eq!(answer.header("www-authenticate"), "Bearer");
    }
    // With the token the call itself is looked at.
    client
        .send(put(Some("secret")))
        .await
        .failure(400, "bad-request");
}

#[tokio::test]
async fn a_version_once_published_never_changes() {
    let client = Client::with(Settings {
        publish_token: Some("secret".to_owned()),
        ..Settings::default()
    });
    let publish = async |version: &str, expression: &str| {
        let policy = json!({
            "apiVersion": "kyverno.io/v1", "kind": "ClusterPolicy", "metadata": {"name": "p"},
            "spec": {"validationFailureAction": "Enforce", "rules": [{"name": "p",
                "match": {"any": [{"resources": {"kinds": ["Pod"]}}]},
                "validate": {"message": "m", "cel": {"expressions": [{"expression": expression}]}}}]},
        });
        let manifest = "name: one\nversion: 1.0.0\ndescription: d\nprofiles: {custom: [p.json]}";
        let call = json!({
            "manifest": {"name": "bundle.yaml", "text": manifest},
            "sources": [{"name": "p.json", "text": policy.to_string()}],
        });
        let request = Request::put(format!("/api/v1/bundles/one/{version}"))
            .header("content-type", "application/json")
            .header("authorization", "Bearer secret")
            .body(Body::from(call.to_string()))
            .unwrap();
        client.send(request).await
    };
    let first = publish("1.0.0", "true").await;
    assert_eq!(first.status, 201, "{}", first.json());
    let digest = first.json()["digest"].clone();
    assert_eq!(publish("1.0.0", "true").await.status, 200);
    publish("1.0.0", "1 == 1")
        .await
        .failure(409, "version-exists");
    publish("2.0.0", "true").await.failure(400, "bad-request");
    let broken = publish("1.0.0", "1 +").await;
    assert_eq!(broken.status, 422);
    assert_eq!(broken.json()["diagnostics"][0]["severity"], "error");
    let there = client.get("/api/v1/bundles/one/1.0.0").await.json();
    assert_eq!(there["digest"], digest, "nothing changed it");
}
