//! Probes.

use axum::extract::State;
use vapwright_engine::wire::ErrorAnswer;

use crate::server::error::AppError;
use crate::server::state::AppState;

/// Say that the service runs
#[utoipa::path(
    get,
    path = "/healthz",
    tag = "operation",
    responses((status = 200, body = String, content_type = "text/plain"))
)]
pub async fn get_health() -> &'static str {
    "ok"
}

/// Say whether the store answers
#[utoipa::path(
    get,
    path = "/readyz",
    tag = "operation",
    responses(
        (status = 200, body = String, content_type = "text/plain"),
        (status = 503, description = "The store does not answer", body = ErrorAnswer),
    )
)]
pub async fn get_readiness(State(state): State<AppState>) -> Result<&'static str, AppError> {
    state.store.check().await.map_err(AppError::StoreDown)?;
    Ok("ok")
}
