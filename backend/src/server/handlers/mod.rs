//! One file per resource; a handler is named by verb and resource.

pub mod bundles;
pub mod cache;
pub mod convert;
pub mod evaluate;
pub mod examples;
pub mod health;
pub mod openapi;
pub mod publish;
