//! Calls of the engine: what is refused before the engine sees it.

use axum::body::Body;
use axum::http::Request;
use vapwright::server::Settings;

use crate::client::Client;

const ROUTES: [&str; 2] = ["/api/v1/convert", "/api/v1/evaluate"];

#[tokio::test]
async fn calls_that_cannot_be_read_say_where() {
    let client = Client::new();
    for (body, expected) in [
        ("", "EOF"),
        ("{", "line 1 column 1"),
        ("[1]", "line 1 column"),
        (
            r#"{"sources": [], "policies": [], "objects": [], "nonsense": 1}"#,
            "unknown field",
        ),
        (r#"{"labels": {"domain": 1}}"#, "`labels.domain`"),
        ("{}{}", "missing field"),
    ] {
        for route in ROUTES {
            let message = client.post(route, body).await.failure(400, "bad-request");
            assert!(message.contains(expected), "{route} {body}: {message}");
        }
    }
}

#[tokio::test]
async fn a_call_is_json() {
    for route in ROUTES {
        let request = Request::post(route).body(Body::from("{}")).unwrap();
        Client::new().send(request).await.failure(415, "not-json");
    }
}

#[tokio::test]
async fn a_call_has_a_limit() {
    let client = Client::with(Settings {
        call_limit: 1000,
        ..Settings::default()
    });
    for route in ROUTES {
        let message = client.post(route, "x".repeat(1001)).await;
        let message = message.failure(413, "body-too-large");
        assert!(message.contains("1000 bytes"), "{message}");
        client
            .post(route, "x".repeat(1000))
            .await
            .failure(400, "bad-request");
    }
}

#[tokio::test]
async fn five_megabytes_are_read() {
    let client = Client::new();
    let text = "#".repeat(5_000_000);
    let call = serde_json::json!({"sources": [{"name": "big.yaml", "text": text}]});
    let answer = client.post("/api/v1/convert", call.to_string()).await;
    assert_eq!(answer.status, 200);
}
