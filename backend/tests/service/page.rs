//! The page and its headers. What is in it depends on whether it was built.

use crate::client::Client;

#[tokio::test]
async fn every_room_is_the_page() {
    let client = Client::new();
    let page = client.get("/").await;
    assert_eq!(page.status, 200);
    assert_eq!(page.header("content-type"), "text/html; charset=utf-8");
    assert_eq!(page.header("cache-control"), "no-cache");
    for path in [
        "/bundles",
        "/bundles/pod-security",
        "/bundles/pod-security/1.0.0",
        "/x/abc",
    ] {
        assert_eq!(client.get(path).await.body, page.body, "{path}");
    }
    client.get("/other").await.failure(404, "not-found");
    client.get("/../Cargo.toml").await.failure(404, "not-found");
    let etag = page.header("etag");
    let again = client.get_with("/", &[("if-none-match", etag)]).await;
    assert_eq!(again.status, 304);
    assert_eq!(again.header("etag"), etag);
}

#[tokio::test]
async fn an_encoding_is_sent_only_to_who_takes_it() {
    let client = Client::new();
    let plain = client.get("/").await;
    assert_eq!(plain.header("content-encoding"), "");
    assert_eq!(plain.header("vary"), "accept-encoding");
    for encoding in ["br", "gzip"] {
        let answer = client.get_with("/", &[("accept-encoding", encoding)]).await;
        // Small files are sent as they are.
        if answer.header("content-encoding").is_empty() {
            assert_eq!(answer.body, plain.body);
        } else {
            assert_eq!(answer.header("content-encoding"), encoding);
            assert!(answer.body.len() < plain.body.len());
            assert_ne!(answer.header("etag"), plain.header("etag"));
        }
    }
}

#[tokio::test]
async fn every_answer_keeps_to_itself() {
    let client = Client::new();
    for path in ["/", "/api/v1/bundles", "/api/v1/none", "/healthz"] {
        let answer = client.get(path).await;
        let policy = answer.header("content-security-policy");
        for part in [
            "default-src 'none'",
            "script-src 'self' 'wasm-unsafe-eval'",
            "connect-src 'self'",
            "frame-ancestors 'none'",
            "base-uri 'none'",
        ] {
            assert!(policy.contains(part), "{path}: {policy}");
        }
        assert!(!policy.contains("unsafe-inline"), "{policy}");
        assert!(!policy.contains("'unsafe-eval'"), "{policy}");
        assert_eq!(answer.header("x-content-type-options"), "nosniff");
        assert_eq!(answer.header("referrer-policy"), "no-referrer");
        assert_eq!(answer.header("cross-origin-opener-policy"), "same-origin");
    }
}
