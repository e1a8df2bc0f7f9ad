//! Reading a call from a request, with errors that name the place.

use axum::body::Bytes;
use axum::extract::rejection::BytesRejection;
use axum::extract::{FromRequest, Request};
use axum::http::{StatusCode, header};
use serde::de::DeserializeOwned;

use crate::server::error::AppError;
use crate::server::state::AppState;

/// A call in a request's body.
#[derive(Debug)]
pub struct Call<T>(pub T);

impl<T: DeserializeOwned> FromRequest<AppState> for Call<T> {
    type Rejection = AppError;

    async fn from_request(request: Request, state: &AppState) -> Result<Self, AppError> {
        let json = request
            .headers()
            .get(header::CONTENT_TYPE)
            .and_then(|value| value.to_str().ok())
            .and_then(|value| value.split(';').next())
            .is_some_and(|value| value.trim().eq_ignore_ascii_case("application/json"));
        if !json {
            return Err(AppError::NotJson);
        }
        let limit = state.settings.call_limit;
        let body = read_body(request, state, limit).await?;
        parse(&body).map(Self)
    }
}

/// Reads a body of at most `limit` bytes (the router's own limit is that of a call).
async fn read_body(request: Request, state: &AppState, limit: usize) -> Result<Bytes, AppError> {
    Bytes::from_request(request, state)
        .await
        .map_err(|rejection: BytesRejection| {
            if rejection.status() == StatusCode::PAYLOAD_TOO_LARGE {
                AppError::TooLarge { limit }
            } else {
                AppError::BodyBroken
            }
        })
}

fn parse<T: DeserializeOwned>(body: &[u8]) -> Result<T, AppError> {
    let mut reader = serde_json::Deserializer::from_slice(body);
    let value = serde_path_to_error::deserialize(&mut reader).map_err(|error| {
        let path = error.path().to_string();
        let inner = error.into_inner();
        AppError::BadRequest(if path == "." {
            format!("the call cannot be read: {inner}")
        } else {
            format!("the call cannot be read: `{path}`: {inner}")
        })
    })?;
    reader
        .end()
        .map_err(|error| AppError::BadRequest(format!("the call cannot be read: {error}")))?;
    Ok(value)
}
