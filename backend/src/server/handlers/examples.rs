//! Shared examples.

use axum::Json;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use vapwright_engine::wire::{ErrorAnswer, ExampleCreated, SharedExample};

use crate::server::error::AppError;
use crate::server::extract::Call;
use crate::server::handlers::cache;
use crate::server::state::AppState;

/// Share an example
///
/// Its id is made from its content: the same example has the same id.
#[utoipa::path(
    post,
    path = "/api/v1/examples",
    tag = "examples",
    request_body = SharedExample,
    responses(
        (status = 201, body = ExampleCreated),
        (status = 400, description = "The example cannot be read", body = ErrorAnswer),
        (status = 413, description = "The example is too large", body = ErrorAnswer),
    )
)]
pub async fn create_example(
    State(state): State<AppState>,
    Call(example): Call<SharedExample>,
) -> Result<Response, AppError> {
    let limit = state.settings.example_limit;
    let size = serde_json::to_vec(&example)
        .map_err(|error| AppError::Internal(error.into()))?
        .len();
    if size > limit {
        return Err(AppError::TooLarge { limit });
    }
    let id = state.store.put_example(&example).await?;
    let path = format!("/x/{id}");
    Ok((StatusCode::CREATED, Json(ExampleCreated { id, path })).into_response())
}

/// Read a shared example
#[utoipa::path(
    get,
    path = "/api/v1/examples/{id}",
    tag = "examples",
    params(("id" = String, Path)),
    responses(
        (status = 200, body = SharedExample),
        (status = 404, description = "There is no such example", body = ErrorAnswer),
    )
)]
pub async fn get_example(
    State(state): State<AppState>,
    Path(id): Path<String>,
    headers: HeaderMap,
) -> Result<Response, AppError> {
    let example = state.store.example(&id).await?;
    let example = example
        .ok_or_else(|| AppError::NotFound(format!("there is no example by the id `{id}`")))?;
    let content = serde_json::to_vec(&example).map_err(|error| AppError::Internal(error.into()))?;
    Ok(cache::answer(
        &headers,
        "application/json",
        cache::IMMUTABLE,
        content,
    ))
}
