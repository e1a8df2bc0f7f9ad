//! Publishing a version of a bundle.

use axum::Json;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use subtle::ConstantTimeEq as _;
use vapwright_engine::wire::{BuildAnswer, BuildCall, BundleManifest, ErrorAnswer};

use crate::server::error::AppError;
use crate::server::extract::Call;
use crate::server::state::AppState;
use crate::store::Published;

/// Publish a version
///
/// The service builds the bundle itself from manifest and sources, so that its digest is what it
/// says. A version once published never changes.
#[utoipa::path(
    put,
    path = "/api/v1/bundles/{name}/{version}",
    tag = "bundles",
    params(("name" = String, Path), ("version" = String, Path)),
    request_body = BuildCall,
    responses(
        (status = 200, description = "The same is published already", body = BundleManifest),
        (status = 201, description = "Published", body = BundleManifest),
        (status = 400, description = "The call cannot be read", body = ErrorAnswer),
        (status = 401, description = "The token is absent or wrong", body = ErrorAnswer),
        (status = 403, description = "The service has no token", body = ErrorAnswer),
        (status = 409, description = "Published with other content", body = ErrorAnswer),
        (status = 422, description = "The bundle cannot be built", body = BuildAnswer),
    )
)]
pub async fn publish_version(
    State(state): State<AppState>,
    Path((name, version)): Path<(String, String)>,
    headers: HeaderMap,
    call: Unread,
) -> Result<Response, AppError> {
    authorize(&state, &headers)?;
    let call = call.read(&state).await?;
    if call.kubernetes.is_some() {
        let message = "what is published is for all versions: leave out `kubernetes`";
        return Err(AppError::BadRequest(message.to_owned()));
    }
    let answer = state
        .run(move |_| vapwright_engine::build_bundle(&call))
        .await?;
    let Some(bundle) = answer.bundle else {
        return Ok((StatusCode::UNPROCESSABLE_ENTITY, Json(answer)).into_response());
    };
    let manifest = &bundle.manifest;
    if manifest.name != name || manifest.version != version {
        return Err(AppError::BadRequest(format!(
            "the manifest is of {} {}, not of {name} {version}",
            manifest.name, manifest.version
        )));
    }
    let status = match state.store.publish(&bundle).await? {
        Published::Created => StatusCode::CREATED,
        Published::Unchanged => StatusCode::OK,
        Published::Conflict => return Err(AppError::VersionExists { name, version }),
    };
    Ok((status, Json(bundle.manifest)).into_response())
}

/// A request whose body is read only after its token is.
pub struct Unread(axum::extract::Request);

impl<S: Sync> axum::extract::FromRequest<S> for Unread {
    type Rejection = std::convert::Infallible;

    async fn from_request(request: axum::extract::Request, _: &S) -> Result<Self, Self::Rejection> {
        Ok(Self(request))
    }
}

impl Unread {
    async fn read(self, state: &AppState) -> Result<BuildCall, AppError> {
        use axum::extract::FromRequest as _;
        let Call(call) = Call::from_request(self.0, state).await?;
        Ok(call)
    }
}

fn authorize(state: &AppState, headers: &HeaderMap) -> Result<(), AppError> {
    let token = state
        .settings
        .publish_token
        .as_deref()
        .filter(|token| !token.is_empty())
        .ok_or(AppError::PublishingOff)?;
    let given = headers
        .get(header::AUTHORIZATION)
        .and_then(|value| value.to_str().ok())
        .and_then(|value| value.strip_prefix("Bearer "))
        .unwrap_or_default();
    if bool::from(token.as_bytes().ct_eq(given.trim().as_bytes())) {
        Ok(())
    } else {
        Err(AppError::Unauthorized)
    }
}
