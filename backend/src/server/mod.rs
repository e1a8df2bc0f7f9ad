//! The HTTP service: the page and `/api/v1`.

mod error;
mod extract;
mod handlers;
mod middleware;
mod page;
mod router;
mod state;

pub use router::{openapi, router};
pub use state::{AppState, Settings};
