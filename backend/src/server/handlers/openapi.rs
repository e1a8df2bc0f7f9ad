//! The OpenAPI document.

use std::sync::Arc;

use axum::http::HeaderMap;
use axum::response::Response;

use crate::server::handlers::cache;

/// The document, written once.
#[derive(Clone, Debug)]
pub struct Document(Arc<[u8]>);

impl Document {
    /// Writes a document.
    pub fn new(openapi: &utoipa::openapi::OpenApi) -> Self {
        Self(serde_json::to_vec(openapi).unwrap_or_default().into())
    }

    /// Answers with it.
    pub fn answer(&self, headers: &HeaderMap) -> Response {
        cache::answer(
            headers,
            "application/json",
            cache::REVALIDATE,
            self.0.to_vec(),
        )
    }
}
