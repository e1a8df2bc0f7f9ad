//! Shared examples.

use serde_json::json;
use vapwright::server::Settings;

use crate::client::Client;

#[tokio::test]
async fn an_example_is_found_by_its_content() {
    let client = Client::new();
    let example = json!({
        "call": {
            "policies": [{"name": "policy.yaml", "text": "a: 1"}],
            "objects": [{"name": "object.yaml", "text": "b: 2"}],
            "request": {"dryRun": false},
            "labels": {"domain": "policy.vapwright.dev"},
        },
        "title": "GeoIP",
    });
    let created = client.post("/api/v1/examples", example.to_string()).await;
    assert_eq!(created.status, 201);
    let id = created.json()["id"].as_str().unwrap().to_owned();
    assert_eq!(created.json()["path"], format!("/x/{id}"));

    let again = client.post("/api/v1/examples", example.to_string()).await;
    assert_eq!(again.json()["id"], id, "the same content has the same id");
    let other = example.to_string().replace("GeoIP", "other");
    let other = client.post("/api/v1/examples", other).await;
    assert_ne!(other.json()["id"], id);

    let read = client.get(&format!("/api/v1/examples/{id}")).await;
    assert_eq!(read.json(), example);
    assert!(read.header("cache-control").contains("immutable"));
    let headers = [("if-none-match", read.header("etag"))];
    let known = client
        .get_with(&format!("/api/v1/examples/{id}"), &headers)
        .await;
    assert_eq!(known.status, 304);
}

#[tokio::test]
async fn bad_examples_are_refused() {
    let client = Client::with(Settings {
        example_limit: 1000,
        ..Settings::default()
    });
    let example = json!({"call": {"policies": [], "objects": []}, "title": "x".repeat(1000)});
    let answer = client.post("/api/v1/examples", example.to_string()).await;
    answer.failure(413, "body-too-large");
    let answer = client.post("/api/v1/examples", r#"{"call": 1}"#).await;
    answer.failure(400, "bad-request");
    for id in ["x", "..%2fbundles", &"0".repeat(24)] {
        let answer = client.get(&format!("/api/v1/examples/{id}")).await;
        answer.failure(404, "not-found");
    }
}
