//! Which part of an expression made it false, and the places in the object it read there.

use vapwright_cel::document::Node;
use vapwright_cel::eval::Limits;
use vapwright_cel::eval::explain::{Read, explain as explain_trace};
use vapwright_cel::eval::trace::trace;
use vapwright_cel::source::Span;
use vapwright_kube::path::{Path, Segment};

use crate::compile::CompiledPolicy;
use crate::decide::{Input, Sees};
use crate::request::Request;

/// How deep objects are searched for the nodes that were read.
const MAX_DEPTH: usize = 100;

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
    policy: &CompiledPolicy,
    index: usize,
    input: &Input<'_>,
    params: Option<&Node>,
    request: &Request,
) -> Explanation {
    let validation = policy.validations.get(index);
    let Some(Ok(compiled)) = validation.map(|validation| &validation.compiled) else {
        return Explanation::default();
    };
    let mut activation = input.activation(&policy.env, params, Sees::ALL);
    policy.set_variables(&policy.env, &mut activation);
    let (_, trace) = trace(&compiled.program, &activation, Limits::PER_EXPRESSION);
    let found = explain_trace(&compiled.program, &activation, &trace);
    let mut paths: Vec<(Path, bool)> = Vec::new();
    if let Some(object) = &request.object {
        for read in &found.reads {
            let known = |path: &Path| paths.iter().any(|(other, _)| other == path);
            match path_of(object, read) {
                Some(path) if !path.0.is_empty() && !known(&path) => {
                    paths.push((path, read.missing.is_some()));
                }
                _ => {}
            }
        }
    }
    let own = found.parts.iter().filter(|part| part.variable.is_none());
    Explanation {
        false_parts: own.map(|part| part.span).collect(),
        object_paths: most_telling_first(paths),
    }
}

/// What is there and wrong tells more than what could also have been there, and a place more than
/// those it is in.
fn most_telling_first(mut paths: Vec<(Path, bool)>) -> Vec<Path> {
    let all: Vec<Path> = paths.iter().map(|(path, _)| path.clone()).collect();
    let holds_another = |path: &Path| {
        let inside = |other: &Path| other.0.len() > path.0.len() && other.0.starts_with(&path.0);
        all.iter().any(inside)
    };
    paths.sort_by_cached_key(|(path, missing)| (holds_another(path), *missing));
    paths.into_iter().map(|(path, _)| path).collect()
}

/// Where in the object a node stands that was read; with a field that was looked for in it and
/// is not there, the place of that field.
fn path_of(object: &Node, read: &Read<'_>) -> Option<Path> {
    let mut path = Vec::new();
    if !search(object, read.node, &mut path) {
        return None;
    }
    if let Some(missing) = &read.missing {
        path.push(Segment::Field(missing.clone()));
    }
    Some(Path(path))
}

/// Looks for a node by its address: nodes that are read are borrowed from the object.
fn search(node: &Node, wanted: &Node, path: &mut Vec<Segment>) -> bool {
    if std::ptr::eq(node, wanted) {
        return true;
    }
    if path.len() >= MAX_DEPTH {
        return false;
    }
    match node {
        Node::Map(fields) => fields.iter().any(|(name, value)| {
            path.push(Segment::Field(name.clone()));
            let found = search(value, wanted, path);
            if !found {
                path.pop();
            }
            found
        }),
        Node::List(items) => items.iter().enumerate().any(|(index, value)| {
            path.push(Segment::Index(index));
            let found = search(value, wanted, path);
            if !found {
                path.pop();
            }
            found
        }),
        _ => false,
    }
}
