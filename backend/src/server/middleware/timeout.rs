//! A request is given up after a while, the reading of its body included.

use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::Response;

use crate::server::error::AppError;
use crate::server::state::AppState;

/// Gives up after the settings' time.
pub async fn limit(
    State(state): State<AppState>,
    request: Request,
    next: Next,
) -> Result<Response, AppError> {
    let limit = state.settings.timeout;
    tokio::time::timeout(limit, next.run(request))
        .await
        .map_err(|_| AppError::TimedOut {
            seconds: limit.as_secs(),
        })
}
