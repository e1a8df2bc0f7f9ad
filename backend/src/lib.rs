//! The vapwright program: command line, HTTP service and the page, in one binary.

pub mod cli;
pub mod server;
pub mod store;
