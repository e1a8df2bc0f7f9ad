//! The facade: one function per user action, plain Call and Answer types.

mod bundle;
mod case;
mod chainsaw;
mod compiled;
mod convert;
mod diagnose;
mod evaluate;
mod input;
mod policies;
mod text;
mod type_check;
mod version;
pub mod wire;

pub use bundle::{build_bundle, bundle_paths, install_file};
pub use case::{CaseAnswer, answer_case};
pub use chainsaw::chainsaw_tests;
pub use convert::convert;
pub use diagnose::diagnostic;
pub use evaluate::{Session, evaluate};

/// A value of the wire format in YAML that YAML 1.1 and 1.2 readers read alike.
#[must_use]
pub fn to_yaml(value: &serde_json::Value) -> String {
    vapwright_kube::yaml::write(&vapwright_kube::json::from_value(value))
}
