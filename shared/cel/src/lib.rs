//! CEL as kube-apiserver runs it: the same compile errors, types, values, run-time errors and costs.
//!
//! Four phases with four types: [`source::Source`] text is parsed to an [`ast::Ast`], checked
//! to a [`check::CheckedAst`], planned to a [`plan::Program`] and evaluated to a
//! [`value::Value`] or an [`eval::EvalError`], with its cost.

pub mod ast;
pub mod check;
pub mod document;
pub mod env;
pub mod eval;
pub mod issue;
pub mod library;
pub mod libs;
pub mod parse;
pub mod plan;
pub mod source;
pub mod types;
pub mod value;
pub mod version;
