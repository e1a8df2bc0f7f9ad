//! Layers around every route; their order is fixed here.

pub mod catch_panic;
pub mod log;
pub mod request_id;
pub mod security;
pub mod timeout;

use axum::Router;
use axum::middleware::{from_fn, from_fn_with_state};

use crate::server::state::AppState;

/// Puts the layers around the routes, outermost last: a request gets its id, then its line in the
/// log, then the headers that even a panic's answer has.
pub fn apply(router: Router<AppState>, state: &AppState) -> Router<AppState> {
    router
        .layer(from_fn_with_state(state.clone(), timeout::limit))
        .layer(catch_panic::layer())
        .layer(from_fn(security::add_headers))
        .layer(from_fn(log::write))
        .layer(from_fn(request_id::set))
}
