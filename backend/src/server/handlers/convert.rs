//! Converting policies.

use axum::Json;
use axum::extract::State;
use vapwright_engine::wire::{ConvertAnswer, ConvertCall, ErrorAnswer};

use crate::server::error::AppError;
use crate::server::extract::Call;
use crate::server::state::AppState;

/// Convert Kyverno policies to admission policies
///
/// Problems of the sources are in the answer's diagnostics.
#[utoipa::path(
    post,
    path = "/api/v1/convert",
    tag = "engine",
    request_body = ConvertCall,
    responses(
        (status = 200, body = ConvertAnswer),
        (status = 400, description = "The call cannot be read", body = ErrorAnswer),
        (status = 413, description = "The call is too large", body = ErrorAnswer),
    )
)]
pub async fn convert_policies(
    State(state): State<AppState>,
    Call(call): Call<ConvertCall>,
) -> Result<Json<ConvertAnswer>, AppError> {
    let answer = state.run(move |_| vapwright_engine::convert(&call)).await?;
    Ok(Json(answer))
}
