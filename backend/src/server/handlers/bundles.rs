//! Reading bundles.

use axum::extract::{Path, Query, State};
use axum::http::HeaderMap;
use axum::response::Response;
use serde::{Deserialize, Serialize};
use vapwright_engine::wire::{Bundle, BundleList, BundleManifest, BundleSummary, ErrorAnswer};

use crate::server::error::AppError;
use crate::server::handlers::cache;
use crate::server::state::AppState;

/// List the bundles
#[utoipa::path(
    get,
    path = "/api/v1/bundles",
    tag = "bundles",
    responses((status = 200, body = BundleList))
)]
pub async fn list_bundles(
    State(state): State<AppState>,
    headers: HeaderMap,
) -> Result<Response, AppError> {
    let list = state.store.bundles().await?;
    json(&headers, cache::REVALIDATE, &list)
}

/// Read a bundle's versions
#[utoipa::path(
    get,
    path = "/api/v1/bundles/{name}",
    tag = "bundles",
    params(("name" = String, Path)),
    responses(
        (status = 200, body = BundleSummary),
        (status = 404, description = "There is no such bundle", body = ErrorAnswer),
    )
)]
pub async fn get_bundle(
    State(state): State<AppState>,
    Path(name): Path<String>,
    headers: HeaderMap,
) -> Result<Response, AppError> {
    let summary = state.store.bundle(&name).await?;
    let summary = summary
        .ok_or_else(|| AppError::NotFound(format!("there is no bundle by the name `{name}`")))?;
    json(&headers, cache::REVALIDATE, &summary)
}

/// Read a version's manifest
#[utoipa::path(
    get,
    path = "/api/v1/bundles/{name}/{version}",
    tag = "bundles",
    params(("name" = String, Path), ("version" = String, Path)),
    responses(
        (status = 200, body = BundleManifest),
        (status = 404, description = "There is no such version", body = ErrorAnswer),
    )
)]
pub async fn get_version(
    State(state): State<AppState>,
    Path((name, version)): Path<(String, String)>,
    headers: HeaderMap,
) -> Result<Response, AppError> {
    let bundle = read(&state, &name, &version).await?;
    json(&headers, cache::IMMUTABLE, &bundle.manifest)
}

/// Read a file of a version
///
/// `install.yaml` is what `kubectl apply -f` takes; `checksums.txt` has the digests of all files.
/// Where the policies differ by the version of Kubernetes, `install.yaml?kubernetes=1.32` is for
/// clusters of that version.
#[utoipa::path(
    get,
    path = "/api/v1/bundles/{name}/{version}/{file}",
    tag = "bundles",
    params(
        ("name" = String, Path),
        ("version" = String, Path),
        ("file" = String, Path),
        ("kubernetes" = Option<String>, Query, description = "The cluster's version, for `install.yaml`"),
    ),
    responses(
        (status = 200, body = String, content_type = "application/yaml"),
        (status = 400, description = "There is no file for that version of Kubernetes", body = ErrorAnswer),
        (status = 404, description = "There is no such file", body = ErrorAnswer),
    )
)]
pub async fn get_file(
    State(state): State<AppState>,
    Path((name, version, mut file)): Path<(String, String, String)>,
    Query(wanted): Query<Wanted>,
    headers: HeaderMap,
) -> Result<Response, AppError> {
    let bundle = read(&state, &name, &version).await?;
    if let Some(kubernetes) = &wanted.kubernetes {
        if file != INSTALL {
            let message = format!("`kubernetes` chooses a file for `{INSTALL}`, not for `{file}`");
            return Err(AppError::BadRequest(message));
        }
        let found = vapwright_engine::install_file(&bundle.manifest, kubernetes);
        file = found.map_err(AppError::BadRequest)?.to_owned();
    }
    let found = bundle.files.into_iter().find(|known| known.name == file);
    let found = found.ok_or_else(|| {
        AppError::NotFound(format!("there is no file `{file}` in {name} {version}"))
    })?;
    let content_type = match file.rsplit('.').next() {
        Some("yaml") => "application/yaml",
        Some("json") => "application/json",
        _ => "text/plain; charset=utf-8",
    };
    Ok(cache::answer(
        &headers,
        content_type,
        cache::IMMUTABLE,
        found.text.into_bytes(),
    ))
}

/// What is installed.
const INSTALL: &str = "install.yaml";

/// What a file is wanted for.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Wanted {
    /// The cluster's version.
    kubernetes: Option<String>,
}

async fn read(state: &AppState, name: &str, version: &str) -> Result<Bundle, AppError> {
    let bundle = state.store.version(name, version).await?;
    bundle.ok_or_else(|| AppError::NotFound(format!("{name} {version} is not published")))
}

fn json<T: Serialize>(
    headers: &HeaderMap,
    cache_control: &'static str,
    value: &T,
) -> Result<Response, AppError> {
    let content = serde_json::to_vec(value).map_err(|error| AppError::Internal(error.into()))?;
    Ok(cache::answer(
        headers,
        "application/json",
        cache_control,
        content,
    ))
}
