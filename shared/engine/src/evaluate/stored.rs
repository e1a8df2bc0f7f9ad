//! The objects as they are stored, which an update or a deletion replaces.

use std::collections::{BTreeMap, BTreeSet};

use vapwright_admission::request::Operation;
use vapwright_cel::document::Node;
use vapwright_kube::custom::Definitions;
use vapwright_kube::document::Document;
use vapwright_kube::kinds::Gvk;
use vapwright_kube::path::Path;
use vapwright_kube::problem::Problem;

use super::namespace::Namespaces;
use crate::input::{Input, check_object, name};
use crate::wire::Diagnostic;

/// What tells an object from others: group and kind, namespace, name. Versions of one kind are the
/// same object.
type Key = (String, String, String, String);

/// The objects that a call gives as stored.
#[derive(Debug, Default)]
pub struct Stored {
    objects: BTreeMap<Key, Node>,
}

fn key(gvk: &Gvk, namespace: &str, name: &str) -> Key {
    let text = str::to_owned;
    (
        text(&gvk.group),
        text(&gvk.kind),
        text(namespace),
        text(name),
    )
}

fn key_of(node: &Node, namespaces: &Namespaces) -> Option<Key> {
    let gvk = Gvk::of(node)?;
    Some(key(&gvk, &namespaces.of(&gvk, node), name(node)))
}

impl Stored {
    /// Reads the stored objects; those that replace nothing are reported.
    pub fn read(
        old: &[Input<'_>],
        sent: &[Input<'_>],
        operation: Operation,
        namespaces: &Namespaces,
        definitions: &Definitions,
        diagnostics: &mut Vec<Diagnostic>,
    ) -> Self {
        let replaces = matches!(operation, Operation::Update | Operation::Delete);
        let sent: BTreeSet<Key> = sent
            .iter()
            .flat_map(|input| &input.objects)
            .filter_map(|object| key_of(&object.document.node, namespaces))
            .collect();
        let mut stored = Self::default();
        for input in old {
            for object in &input.objects {
                let document = &object.document;
                if check_object(input, document, definitions, diagnostics).is_none() {
                    continue;
                }
                let Some(key) = key_of(&document.node, namespaces) else {
                    continue;
                };
                let problem = match (replaces, sent.contains(&key)) {
                    (true, true) => None,
                    (true, false) => Some(nothing_sent(document, &key)),
                    (false, _) => Some(not_replaced(document, operation)),
                };
                diagnostics.extend(problem.map(|problem| input.diagnostic(&problem)));
                stored
                    .objects
                    .entry(key)
                    .or_insert_with(|| document.node.clone());
            }
        }
        stored
    }

    /// The stored object of a kind, a namespace and a name.
    pub fn find(&self, gvk: &Gvk, namespace: &str, name: &str) -> Option<&Node> {
        self.objects.get(&key(gvk, namespace, name))
    }
}

fn nothing_sent(document: &Document, (_, kind, namespace, name): &Key) -> Problem {
    let path = Path::root().fields(&["metadata", "name"]);
    let within = match namespace.as_str() {
        "" => String::new(),
        namespace => format!(" in namespace `{namespace}`"),
    };
    Problem::warning(
        "not-replaced",
        format!("no {kind} `{name}`{within} is sent, so that this one is replaced by nothing"),
        Some(document.range(&path)),
    )
    .at_path(&path)
}

fn not_replaced(document: &Document, operation: Operation) -> Problem {
    let path = Path::root().field("kind");
    Problem::warning(
        "not-replaced",
        format!("a {} has no stored object", operation.name()),
        Some(document.range(&path)),
    )
    .help("it counts where the operation is UPDATE or DELETE")
    .at_path(&path)
}
