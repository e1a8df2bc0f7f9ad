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
