//! CEL as kube-apiserver runs it: the same compile errors, types, values, run-time errors and costs.
//!
//! Four phases with four types: [`source::Source`] text is parsed to an [`ast::Ast`], checked
//! to a [`check::CheckedAst`], planned to a [`plan::Program`] and evaluated to a
//! [`value::Value`] or an [`eval::EvalError`], with its cost. What an expression may use is an
//! [`env::Environment`]: the libraries of a Kubernetes version, and the variables and types of
//! the host.
//!
//! [`env::Environment::compile`] does the first three phases in one step:
//!
//! ```
//! use vapwright_cel::env::Environment;
//! use vapwright_cel::types::Type;
//! use vapwright_cel::version::KubernetesVersion;
//!
//! let env = Environment::kubernetes(KubernetesVersion::new(36))
//!     .with_variable("object", Type::Dyn);
//! let compiled = env.compile("object.spec.replicas <= 5")?;
//! assert_eq!(compiled.output_type().to_string(), "bool");
//!
//! let error = env.compile("object.spec.y == 1 + 'a'").unwrap_err();
//! assert_eq!(
//!     error.to_string(),
//!     "ERROR: <input>:1:20: found no matching overload for '_+_' applied to '(int, string)'
//!  | object.spec.y == 1 + 'a'
//!  | ...................^"
//! );
//! # Ok::<(), vapwright_cel::compile::CompileError>(())
//! ```
//!
//! A program is evaluated any number of times, over values that borrow their document:
//!
//! ```
//! use vapwright_cel::document::Node;
//! use vapwright_cel::env::Environment;
//! use vapwright_cel::eval::{Activation, Limits, evaluate};
//! use vapwright_cel::types::Type;
//! use vapwright_cel::value::Value;
//! use vapwright_cel::version::KubernetesVersion;
//!
//! let env = Environment::kubernetes(KubernetesVersion::new(36))
//!     .with_variable("object", Type::Dyn);
//! let compiled = env.compile("object.spec.replicas <= 5")?;
//!
//! let object = Node::map([("spec", Node::map([("replicas", Node::Int(7))]))]);
//! let mut activation = Activation::new();
//! activation.set(0, Value::from(&object)); // `object` was declared first: slot 0
//! let evaluation = evaluate(&compiled.program, &activation, Limits::PER_EXPRESSION);
//! assert!(matches!(evaluation.result, Ok(Value::Bool(false))));
//! assert_eq!(evaluation.cost, 4);
//!
//! let compiled = env.compile("object.spec.paused")?;
//! let evaluation = evaluate(&compiled.program, &activation, Limits::PER_EXPRESSION);
//! assert_eq!(evaluation.result.unwrap_err().to_string(), "no such key: paused");
//! # Ok::<(), vapwright_cel::compile::CompileError>(())
//! ```
//!
//! Types of the host's own have fields that the checker knows:
//!
//! ```
//! use vapwright_cel::env::Environment;
//! use vapwright_cel::types::{ObjectType, Type};
//! use vapwright_cel::version::KubernetesVersion;
//!
//! let env = Environment::kubernetes(KubernetesVersion::new(36))
//!     .with_object_type(ObjectType {
//!         name: "example.Request".into(),
//!         fields: vec![("groups".into(), Type::list(Type::String))],
//!     })
//!     .with_variable("request", Type::object("example.Request"));
//! let compiled = env.compile("request.groups.filter(g, g.startsWith('system:'))")?;
//! assert_eq!(compiled.output_type().to_string(), "list(string)");
//!
//! let error = env.compile("request.group").unwrap_err();
//! assert!(error.to_string().contains("undefined field 'group'"));
//! # Ok::<(), vapwright_cel::compile::CompileError>(())
//! ```
//!
//! What an expression costs is counted as kube-apiserver counts it, and ends it at a limit:
//!
//! ```
//! use vapwright_cel::env::Environment;
//! use vapwright_cel::eval::{Activation, Limits, evaluate};
//! use vapwright_cel::version::KubernetesVersion;
//!
//! let env = Environment::kubernetes(KubernetesVersion::new(36));
//! let compiled = env.compile("lists.range(1000).all(a, lists.range(1000).all(b, a + b >= 0))")?;
//! let evaluation = evaluate(&compiled.program, &Activation::new(), Limits::PER_EXPRESSION);
//! let error = evaluation.result.unwrap_err();
//! assert_eq!(error.to_string(), "operation cancelled: actual cost limit exceeded");
//! # Ok::<(), vapwright_cel::compile::CompileError>(())
//! ```
//!
//! Why a result is what it is: a trace has the value of every subexpression, an explanation the
//! parts that decided, and the nodes of the document that they read. An evaluation without a trace
//! pays nothing for it.
//!
//! ```
//! use vapwright_cel::document::Node;
//! use vapwright_cel::env::Environment;
//! use vapwright_cel::eval::explain::explain;
//! use vapwright_cel::eval::trace::trace;
//! use vapwright_cel::eval::{Activation, Limits};
//! use vapwright_cel::types::Type;
//! use vapwright_cel::value::Value;
//! use vapwright_cel::version::KubernetesVersion;
//!
//! let env = Environment::kubernetes(KubernetesVersion::new(36))
//!     .with_variable("object", Type::Dyn);
//! let text = "object.hostPID == false && object.hostNetwork == false";
//! let compiled = env.compile(text)?;
//!
//! let object = Node::map([("hostPID", Node::Bool(false)), ("hostNetwork", Node::Bool(true))]);
//! let mut activation = Activation::new();
//! activation.set(0, Value::from(&object));
//! let (evaluation, trace) = trace(&compiled.program, &activation, Limits::PER_EXPRESSION);
//! assert!(matches!(evaluation.result, Ok(Value::Bool(false))));
//!
//! let why = explain(&compiled.program, &activation, &trace);
//! let part = why.parts.first().expect("a false expression has a false part");
//! assert_eq!(compiled.source.slice(part.span), "object.hostNetwork == false");
//! # Ok::<(), vapwright_cel::compile::CompileError>(())
//! ```
//!
//! # Where to read on
//!
//! - [`libs`]: every function, its signature, the Kubernetes version it came with, and its errors;
//!   the standard library's are in [`libs::standard`].
//! - [`env::Environment`]: what a version has, and how a host adds variables, types and libraries.
//! - [`document::Node`]: the documents that values borrow; nothing is copied to read them.
//! - [`parse`], [`check`], [`plan`], [`eval`]: the phases, for those who need what is in between.
//!
//! Everything is bounded, alike on every host: the size and depth of an expression, its cost, the
//! size of what it makes. Nothing panics, and nothing reads a file, a clock or the network. The
//! feature `time-zones` (on by default) puts the IANA time zone database into the program; without
//! it `getHours('Europe/Berlin')` is an error, and 30 kB (brotli) of WebAssembly are saved.

pub mod ast;
pub mod check;
pub mod compile;
pub mod document;
pub mod env;
pub mod eval;
pub mod issue;
pub mod library;
pub mod libs;
pub mod openapi;
pub mod parse;
pub mod plan;
pub mod re2;
pub mod source;
pub mod types;
pub mod value;
pub mod version;
