//! Kyverno policies in, admission policies and an account of every field out.

mod account;
mod actions;
mod annotations;
mod autogen;
mod cel;
mod conditions;
mod convert;
mod fail_fast;
mod filter;
mod kinds;
mod matching;
mod names;
mod profile;
mod rule;
pub mod webhook;

pub use account::{FieldOutcome, Outcome};
pub use convert::{Conversion, Converted, Options, convert, depends_on_version, is_kyverno};
pub use fail_fast::FailFast;
pub use names::{Names, label_name, policy_name};
pub use profile::Profile;

#[cfg(test)]
mod tests;
