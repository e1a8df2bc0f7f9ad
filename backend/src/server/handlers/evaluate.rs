//! Evaluating objects.

use axum::Json;
use axum::extract::State;
use vapwright_engine::wire::{ErrorAnswer, EvaluateAnswer, EvaluateCall};

use crate::server::error::AppError;
use crate::server::extract::Call;
use crate::server::state::AppState;

/// Say what a cluster does with objects
///
/// Problems of policies and objects are in the answer's diagnostics.
#[utoipa::path(
    post,
    path = "/api/v1/evaluate",
    tag = "engine",
    request_body = EvaluateCall,
    responses(
        (status = 200, body = EvaluateAnswer),
        (status = 400, description = "The call cannot be read", body = ErrorAnswer),
        (status = 413, description = "The call is too large", body = ErrorAnswer),
    )
)]
pub async fn evaluate_objects(
    State(state): State<AppState>,
    Call(call): Call<EvaluateCall>,
) -> Result<Json<EvaluateAnswer>, AppError> {
    let answer = state.run(move |session| session.evaluate(&call)).await?;
    Ok(Json(answer))
}
