//! Conversions: whole policies in, admission policies and accounts out.

mod fail_fast;
mod matching;
mod names;
mod parts;
mod refusals;
mod sources;

use vapwright_cel::document::Node;
use vapwright_kube::document::Document;

use vapwright_kube::yaml::write_all;

use crate::{Conversion, Names, Options, convert};

/// The one document of a text.
pub(crate) fn document(text: &str) -> Document {
    let read = vapwright_kube::yaml::read(text);
    assert_eq!(read.problems, Vec::new(), "{text}");
    assert_eq!(read.documents.len(), 1, "{text}");
    read.documents.into_iter().next().unwrap()
}

pub(crate) fn node(text: &str) -> Node {
    document(text).node
}

/// Converts one policy with the settings a person has who sets none.
pub(crate) fn converted(text: &str) -> Conversion {
    convert(&document(text), &Options::default(), &mut Names::new())
}

/// A policy of one rule; `rule` stands below the rule's name, `spec` below `spec`.
pub(crate) fn policy(spec: &str, rule: &str) -> String {
    let indent = |text: &str, by: usize| {
        text.lines()
            .map(|line| format!("{}{line}\n", " ".repeat(by)))
            .collect::<String>()
    };
    format!(
        "apiVersion: kyverno.io/v1\nkind: ClusterPolicy\nmetadata:\n  name: check-it\nspec:\n{}  rules:\n  - name: it\n{}",
        indent(spec, 2),
        indent(rule, 4)
    )
}

pub(crate) const VALIDATE: &str = "validate:\n  cel:\n    expressions:\n    - expression: object.spec.x == 1\n      message: x must be 1\n";
pub(crate) const PODS: &str = "match:\n  any:\n  - resources:\n      kinds: [Pod]\n";

/// The node with the keys of every map in order.
fn sorted(node: &Node) -> Node {
    match node {
        Node::Map(fields) => {
            let mut entries: Vec<_> = fields
                .iter()
                .map(|(key, value)| (key.clone(), sorted(value)))
                .collect();
            entries.sort_by(|one, other| one.0.cmp(&other.0));
            Node::map(entries)
        }
        Node::List(items) => Node::List(items.iter().map(sorted).collect()),
        other => other.clone(),
    }
}

/// The nodes as YAML, to compare what differs at a glance.
pub(crate) fn assert_same(got: &Node, expected: &str, what: &str) {
    let (got, expected) = (&sorted(got), sorted(&node(expected)));
    assert!(
        *got == expected,
        "{what}\ngot\n{}expected\n{}",
        write_all([got]),
        write_all([&expected])
    );
}
