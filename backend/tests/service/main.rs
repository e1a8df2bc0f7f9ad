//! The service, called through its router, never through a port.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test fails by panicking, in its helpers too"
)]

mod bundles;
mod calls;
mod client;
mod examples;
mod openapi;
mod page;
mod robustness;
