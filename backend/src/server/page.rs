//! The page: its files are in the program, compressed when it was built.

use axum::extract::Request;
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};

use crate::server::error::AppError;
use crate::server::handlers::cache;

/// A file of the page.
pub(super) struct Asset {
    /// The path without the leading `/`.
    name: &'static str,
    /// Made from the content.
    etag: &'static str,
    identity: &'static [u8],
    brotli: Option<&'static [u8]>,
    gzip: Option<&'static [u8]>,
}

include!(concat!(env!("OUT_DIR"), "/page.rs"));

/// The page itself, whatever room of it the path leads to.
pub async fn get_page(headers: HeaderMap) -> Result<Response, AppError> {
    asset("index.html")
        .map(|asset| answer(asset, &headers))
        .ok_or_else(|| AppError::NotFound("there is no page in this program".to_owned()))
}

/// A file of the page; what is none is not found.
pub async fn get_asset(uri: Uri, request: Request) -> Result<Response, AppError> {
    let not_found = || AppError::NotFound(format!("there is nothing at `{}`", uri.path()));
    if !matches!(*request.method(), Method::GET | Method::HEAD) {
        return Err(not_found());
    }
    let name = uri.path().trim_start_matches('/');
    asset(name)
        .map(|asset| answer(asset, request.headers()))
        .ok_or_else(not_found)
}

/// The hashes that the Content-Security-Policy has to name for `script-src` and `style-src`.
pub fn inline_hashes() -> (&'static [&'static str], &'static [&'static str]) {
    (INLINE_SCRIPTS, INLINE_STYLES)
}

fn asset(name: &str) -> Option<&'static Asset> {
    ASSETS.iter().find(|asset| asset.name == name)
}

fn answer(asset: &'static Asset, headers: &HeaderMap) -> Response {
    let (encoding, content) = negotiate(asset, headers);
    // Of two encodings each has its own strong tag.
    let etag = match encoding {
        Some(encoding) => format!("{}-{encoding}\"", asset.etag.trim_end_matches('"')),
        None => asset.etag.to_owned(),
    };
    let mut fields: Vec<(HeaderName, HeaderValue)> = vec![
        (header::VARY, HeaderValue::from_static("accept-encoding")),
        (
            header::CACHE_CONTROL,
            HeaderValue::from_static(if is_hashed(asset.name) {
                cache::IMMUTABLE
            } else {
                cache::REVALIDATE
            }),
        ),
    ];
    if let Ok(etag) = HeaderValue::from_str(&etag) {
        fields.push((header::ETAG, etag));
    }
    if cache::is_known(headers, &etag) {
        return with(StatusCode::NOT_MODIFIED.into_response(), fields);
    }
    fields.push((
        header::CONTENT_TYPE,
        HeaderValue::from_static(content_type(asset.name)),
    ));
    if let Some(encoding) = encoding {
        fields.push((header::CONTENT_ENCODING, HeaderValue::from_static(encoding)));
    }
    with(content.into_response(), fields)
}

fn with(mut response: Response, fields: Vec<(HeaderName, HeaderValue)>) -> Response {
    for (name, value) in fields {
        response.headers_mut().insert(name, value);
    }
    response
}

/// The smallest form that the client takes.
fn negotiate(asset: &'static Asset, headers: &HeaderMap) -> (Option<&'static str>, &'static [u8]) {
    match (asset.brotli, asset.gzip) {
        (Some(content), _) if accepts(headers, "br") => (Some("br"), content),
        (_, Some(content)) if accepts(headers, "gzip") => (Some("gzip"), content),
        _ => (None, asset.identity),
    }
}

fn accepts(headers: &HeaderMap, encoding: &str) -> bool {
    headers
        .get_all(header::ACCEPT_ENCODING)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .any(|item| {
            let mut parts = item.split(';').map(str::trim);
            let named = parts
                .next()
                .is_some_and(|name| name.eq_ignore_ascii_case(encoding));
            let refused = parts
                .filter_map(|parameter| parameter.strip_prefix("q="))
                .any(|quality| quality.parse::<f32>().is_ok_and(|quality| quality <= 0.0));
            named && !refused
        })
}

/// Whether Trunk put the content's hash into the name, so that it never changes.
fn is_hashed(name: &str) -> bool {
    if name.starts_with("snippets/") {
        return true;
    }
    let file = name.rsplit('/').next().unwrap_or(name);
    let stem = file.split('.').next().unwrap_or(file);
    let stem = stem.strip_suffix("_bg").unwrap_or(stem);
    stem.rsplit_once('-').is_some_and(|(_, hash)| {
        hash.len() >= 12 && hash.bytes().all(|byte| byte.is_ascii_hexdigit())
    })
}

fn content_type(name: &str) -> &'static str {
    match name.rsplit('.').next().unwrap_or_default() {
        "html" => "text/html; charset=utf-8",
        "js" | "mjs" => "text/javascript; charset=utf-8",
        "css" => "text/css; charset=utf-8",
        "wasm" => "application/wasm",
        "json" | "map" => "application/json",
        "webmanifest" => "application/manifest+json",
        "svg" => "image/svg+xml",
        "png" => "image/png",
        "ico" => "image/x-icon",
        "txt" => "text/plain; charset=utf-8",
        "yaml" | "yml" => "application/yaml",
        _ => "application/octet-stream",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hashed_names_are_known() {
        for (name, expected) in [
            ("vapwright-web-1f2e3d4c5b6a7988.js", true),
            ("vapwright-web-1f2e3d4c5b6a7988_bg.wasm", true),
            ("snippets/editor-0a1b/inline0.js", true),
            ("index.html", false),
            ("service-worker.js", false),
            ("editor-deadbeef.js", false),
            ("worker.js", false),
        ] {
            assert_eq!(is_hashed(name), expected, "{name}");
        }
    }

    #[test]
    fn encodings_are_negotiated() {
        for (accept, br, gzip) in [
            ("gzip, deflate, br, zstd", true, true),
            ("br;q=1.0, gzip;q=0", true, false),
            ("gzip", false, true),
            ("identity", false, false),
            ("brotli", false, false),
        ] {
            let mut headers = HeaderMap::new();
            headers.insert(header::ACCEPT_ENCODING, HeaderValue::from_static(accept));
            assert_eq!(accepts(&headers, "br"), br, "{accept}");
            assert_eq!(accepts(&headers, "gzip"), gzip, "{accept}");
        }
    }
}
