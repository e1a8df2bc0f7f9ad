//! ETags and conditional requests.

use std::fmt::Write as _;

use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use sha2::{Digest as _, Sha256};

/// For what never changes at its address.
pub const IMMUTABLE: &str = "public, max-age=31536000, immutable";
/// For what may change: kept, but asked for each time.
pub const REVALIDATE: &str = "no-cache";

/// An answer with an ETag made from its content, or 304 where the client has it.
pub fn answer(
    headers: &HeaderMap,
    content_type: &'static str,
    cache_control: &'static str,
    content: Vec<u8>,
) -> Response {
    let etag = etag(&content);
    let mut response = if is_known(headers, &etag) {
        StatusCode::NOT_MODIFIED.into_response()
    } else {
        let mut response = content.into_response();
        response
            .headers_mut()
            .insert(header::CONTENT_TYPE, HeaderValue::from_static(content_type));
        response
    };
    let fields = response.headers_mut();
    fields.insert(
        header::CACHE_CONTROL,
        HeaderValue::from_static(cache_control),
    );
    if let Ok(etag) = HeaderValue::from_str(&etag) {
        fields.insert(header::ETAG, etag);
    }
    response
}

/// Whether the client has the content of this tag.
pub fn is_known(headers: &HeaderMap, etag: &str) -> bool {
    headers
        .get_all(header::IF_NONE_MATCH)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .map(str::trim)
        .any(|known| known == "*" || known.trim_start_matches("W/") == etag)
}

fn etag(content: &[u8]) -> String {
    let digest = Sha256::digest(content);
    let mut etag = String::from("\"");
    for byte in digest.iter().take(16) {
        let _ = write!(etag, "{byte:02x}");
    }
    etag.push('"');
    etag
}
