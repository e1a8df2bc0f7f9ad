//! Kubernetes documents: YAML and JSON with positions, kinds, resources and selectors.

pub mod admit;
pub mod custom;
pub mod document;
pub mod documents;
pub mod json;
pub mod json_patch;
pub mod kinds;
pub mod merge;
pub mod names;
pub mod path;
pub mod place;
pub mod problem;
pub mod quantity;
pub mod refusal;
pub mod schema;
pub mod selector;
pub mod validate;
pub mod warnings;
pub mod yaml;
