//! Every failure of the service and the one envelope it is answered in.

use axum::Json;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use vapwright_engine::wire::{ErrorAnswer, ErrorBody};

use crate::store::StoreError;

/// A failure. What is internal goes to the log only.
#[derive(Debug, thiserror::Error)]
pub enum AppError {
    /// The body or a parameter cannot be read.
    #[error("{0}")]
    BadRequest(String),
    /// The body is not JSON.
    #[error("send the call as JSON, with `content-type: application/json`")]
    NotJson,
    /// There is nothing by that name.
    #[error("{0}")]
    NotFound(String),
    /// The route has no such method.
    #[error("this route does not know the method")]
    MethodNotAllowed,
    /// More bytes than a call may have.
    #[error("the body is larger than {limit} bytes")]
    TooLarge {
        /// How many it may have.
        limit: usize,
    },
    /// The body did not arrive whole.
    #[error("the body could not be read to its end")]
    BodyBroken,
    /// It took too long.
    #[error("the request took longer than {seconds} seconds")]
    TimedOut {
        /// How long it may take.
        seconds: u64,
    },
    /// No token is set, so that nobody may publish.
    #[error(
        "publishing over HTTP is switched off: start the service with VAPWRIGHT_PUBLISH_TOKEN, \
         or use `vapwright bundle publish`"
    )]
    PublishingOff,
    /// The token is absent or wrong.
    #[error("publishing needs the token: `authorization: Bearer TOKEN`")]
    Unauthorized,
    /// The version is published with other content.
    #[error("{name} {version} is published with other content: a version never changes")]
    VersionExists {
        /// The bundle's name.
        name: String,
        /// Its version.
        version: String,
    },
    /// No worker is to be had.
    #[error("the service is stopping")]
    Busy,
    /// The store does not answer.
    #[error("the store does not answer")]
    StoreDown(#[source] StoreError),
    /// Anything else.
    #[error("the service failed; its log says why")]
    Internal(#[source] Box<dyn std::error::Error + Send + Sync>),
}

impl AppError {
    fn status_and_code(&self) -> (StatusCode, &'static str) {
        match self {
            Self::BadRequest(_) => (StatusCode::BAD_REQUEST, "bad-request"),
            Self::NotJson => (StatusCode::UNSUPPORTED_MEDIA_TYPE, "not-json"),
            Self::NotFound(_) => (StatusCode::NOT_FOUND, "not-found"),
            Self::MethodNotAllowed => (StatusCode::METHOD_NOT_ALLOWED, "method-not-allowed"),
            Self::TooLarge { .. } => (StatusCode::PAYLOAD_TOO_LARGE, "body-too-large"),
            Self::BodyBroken => (StatusCode::BAD_REQUEST, "body-broken"),
            Self::TimedOut { .. } => (StatusCode::SERVICE_UNAVAILABLE, "timed-out"),
            Self::PublishingOff => (StatusCode::FORBIDDEN, "publishing-off"),
            Self::Unauthorized => (StatusCode::UNAUTHORIZED, "unauthorized"),
            Self::VersionExists { .. } => (StatusCode::CONFLICT, "version-exists"),
            Self::Busy => (StatusCode::SERVICE_UNAVAILABLE, "stopping"),
            Self::StoreDown(_) => (StatusCode::SERVICE_UNAVAILABLE, "store-down"),
            Self::Internal(_) => (StatusCode::INTERNAL_SERVER_ERROR, "internal"),
        }
    }
}

impl From<StoreError> for AppError {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::BadName(_) => Self::NotFound(error.to_string()),
            other => Self::Internal(Box::new(other)),
        }
    }
}

impl IntoResponse for AppError {
    fn into_response(self) -> Response {
        let (status, code) = self.status_and_code();
        if let Some(source) = std::error::Error::source(&self) {
            tracing::error!(code, error = source, "request failed");
        }
        let body = ErrorAnswer {
            error: ErrorBody {
                code: code.to_owned(),
                message: self.to_string(),
                request_id: crate::server::middleware::request_id::current(),
            },
        };
        let mut response = (status, Json(body)).into_response();
        if matches!(self, Self::Unauthorized) {
            response
                .headers_mut()
                .insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        response
    }
}
