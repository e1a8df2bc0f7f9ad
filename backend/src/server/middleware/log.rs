//! One line in the log for each request.

use std::time::Instant;

use axum::extract::Request;
use axum::middleware::Next;
use axum::response::Response;

/// Writes the line when the answer is known. Queries and bodies are not logged: they may hold
/// what people pasted.
pub async fn write(request: Request, next: Next) -> Response {
    let method = request.method().clone();
    let path = request.uri().path().to_owned();
    let start = Instant::now();
    let response = next.run(request).await;
    let status = response.status().as_u16();
    let milliseconds = start.elapsed().as_secs_f64() * 1000.0;
    let request_id = super::request_id::current();
    if matches!(path.as_str(), "/healthz" | "/readyz") && status < 400 {
        tracing::debug!(%method, path, status, milliseconds, request_id, "request");
    } else {
        tracing::info!(%method, path, status, milliseconds, request_id, "request");
    }
    response
}
