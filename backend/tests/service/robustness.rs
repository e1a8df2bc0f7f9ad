//! Request ids, methods, probes and time.

use std::time::Duration;

use axum::body::{Body, Bytes};
use axum::http::Request;
use vapwright::server::Settings;

use crate::client::Client;

#[tokio::test]
async fn requests_have_names() {
    let client = Client::new();
    let first = client.get("/healthz").await;
    let second = client.get("/healthz").await;
    assert!(!first.header("x-request-id").is_empty());
    assert_ne!(first.header("x-request-id"), second.header("x-request-id"));

    let given = client
        .get_with("/healthz", &[("x-request-id", "proxy-7.a_b")])
        .await;
    assert_eq!(given.header("x-request-id"), "proxy-7.a_b");
    for bad in ["a b", "<script>", &"x".repeat(65)] {
        let answer = client.get_with("/healthz", &[("x-request-id", bad)]).await;
        assert_ne!(answer.header("x-request-id"), bad);
    }
}

#[tokio::test]
async fn a_wrong_method_is_said_so() {
    let client = Client::new();
    let request = Request::delete("/api/v1/bundles")
        .body(Body::empty())
        .unwrap();
    let answer = client.send(request).await;
    answer.failure(405, "method-not-allowed");
    assert!(answer.header("allow").contains("GET"));
    client
        .get("/api/v1/evaluate")
        .await
        .failure(405, "method-not-allowed");
}

#[tokio::test]
async fn probes_answer() {
    let client = Client::new();
    for path in ["/healthz", "/readyz"] {
        assert_eq!(client.get(path).await.status, 200, "{path}");
    }
}

/// Time is paused: the limit passes at once, and nothing waits for it.
#[tokio::test(start_paused = true)]
async fn a_body_that_never_ends_is_given_up() {
    let client = Client::with(Settings {
        timeout: Duration::from_secs(30),
        ..Settings::default()
    });
    let start = futures::stream::iter([Ok::<_, std::io::Error>(Bytes::from("{"))]);
    let endless = futures::StreamExt::chain(start, futures::stream::pending());
    let request = Request::post("/api/v1/evaluate")
        .header("content-type", "application/json")
        .body(Body::from_stream(endless))
        .unwrap();
    let message = client.send(request).await.failure(503, "timed-out");
    assert!(message.contains("30 seconds"), "{message}");
}
