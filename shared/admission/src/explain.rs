//! Which part of an expression made it false, and the places in the object it read there.

use vapwright_cel::document::Node;
use vapwright_cel::source::Span;
use vapwright_kube::path::Path;

use crate::compile::CompiledPolicy;
use crate::decide::Input;
use crate::request::Request;

/// Why an expression is not true.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Explanation {
    /// The parts of its text that were false, in bytes.
    pub(crate) false_parts: Vec<Span>,
    /// The places in the object, the most telling first.
    pub(crate) object_paths: Vec<Path>,
}

/// Explains the validation of an index.
pub(crate) fn explain(
    _policy: &CompiledPolicy,
    _index: usize,
    _input: &Input<'_>,
    _params: Option<&Node>,
    _request: &Request,
) -> Explanation {
    Explanation::default()
}
