//! All routes, and the OpenAPI document that is made from them.

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::routing::get;
use utoipa::OpenApi;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::server::error::AppError;
use crate::server::state::AppState;
use crate::server::{handlers, middleware, page};

#[derive(OpenApi)]
#[openapi(
    info(
        title = "vapwright",
        description = "Kyverno policies as ValidatingAdmissionPolicies, and what a cluster does with them",
        license(name = "Apache-2.0", identifier = "Apache-2.0"),
        contact(),
    ),
    tags(
        (name = "engine", description = "Calls that keep nothing"),
        (name = "bundles", description = "Published bundles; a version never changes"),
        (name = "examples", description = "Shared examples, by their content"),
        (name = "operation", description = "For probes"),
    )
)]
struct Api;

fn api() -> OpenApiRouter<AppState> {
    OpenApiRouter::with_openapi(Api::openapi())
        .routes(routes!(handlers::convert::convert_policies))
        .routes(routes!(handlers::evaluate::evaluate_objects))
        .routes(routes!(handlers::bundles::list_bundles))
        .routes(routes!(handlers::bundles::get_bundle))
        .routes(routes!(
            handlers::bundles::get_version,
            handlers::publish::publish_version
        ))
        .routes(routes!(handlers::bundles::get_file))
        .routes(routes!(handlers::examples::create_example))
        .routes(routes!(handlers::examples::get_example))
        .routes(routes!(handlers::health::get_health))
        .routes(routes!(handlers::health::get_readiness))
}

/// The OpenAPI document of the service.
#[must_use]
pub fn openapi() -> utoipa::openapi::OpenApi {
    api().into_openapi()
}

/// The whole service. Tests call it without a port.
pub fn router(state: AppState) -> Router {
    let (router, openapi) = api().split_for_parts();
    let openapi = handlers::openapi::Document::new(&openapi);
    let router = router
        .route(
            "/api/v1/openapi.json",
            get(move |headers| async move { openapi.answer(&headers) }),
        )
        .route("/", get(page::get_page))
        .route("/bundles", get(page::get_page))
        .route("/bundles/{*path}", get(page::get_page))
        .route("/x/{id}", get(page::get_page))
        .fallback(page::get_asset)
        .method_not_allowed_fallback(async || AppError::MethodNotAllowed)
        .layer(DefaultBodyLimit::max(state.settings.call_limit));
    middleware::apply(router, &state).with_state(state)
}
