//! The contract: it changes on purpose only.

use crate::client::Client;

/// Accept a wanted change with `INSTA_UPDATE=always cargo test -p vapwright`.
#[tokio::test]
async fn the_document_is_the_locked_one() {
    let answer = Client::new().get("/api/v1/openapi.json").await;
    assert_eq!(answer.header("content-type"), "application/json");
    insta::assert_json_snapshot!("openapi", answer.json());
}
