//! The objects that are there already: parameters of policies, as the API server stores them.

use vapwright_cel::document::{Fields, Node};
use vapwright_kube::admit::{Cluster, Settings, admit};
use vapwright_kube::custom::Definitions;
use vapwright_kube::kinds::{Gvk, find};

use super::namespace::Namespaces;
use crate::input::{Input, check_object, kind, text_at};
use crate::wire::Diagnostic;

/// Says what is wrong with the objects of inputs.
pub fn check(inputs: &[Input<'_>], definitions: &Definitions, diagnostics: &mut Vec<Diagnostic>) {
    for input in inputs {
        for object in &input.objects {
            check_object(input, &object.document, definitions, diagnostics);
        }
    }
}

/// Whether an object counts for others: as a parameter, for plugins, or in what it says of custom kinds.
/// Of the thousands of objects that a call may send most do not, and are kept once only.
pub fn counts(node: &Node, kinds: &[Gvk]) -> bool {
    Gvk::of(node).is_some_and(|gvk| {
        kinds.contains(&gvk)
            || is_definition(node)
            || Cluster::looks_up(&gvk)
            || find(&gvk).is_none()
    })
}

/// Whether an object defines a custom kind.
pub fn is_definition(node: &Node) -> bool {
    kind(node) == "CustomResourceDefinition"
}

/// Objects as they are stored, where they are of a kind of which policies have parameters: in the
/// namespace that they are sent to, with defaults.
pub fn stored(
    nodes: Vec<Node>,
    kinds: &[Gvk],
    namespaces: &Namespaces,
    definitions: &Definitions,
) -> Vec<Node> {
    if kinds.is_empty() {
        return nodes;
    }
    let namespaced: Vec<bool> = kinds.iter().map(|gvk| is_namespaced(gvk, &nodes)).collect();
    let settle = |node: Node| {
        let Some(gvk) = Gvk::of(&node) else {
            return node;
        };
        let Some(at) = kinds.iter().position(|kind| *kind == gvk) else {
            return node;
        };
        let settings = Settings {
            namespace: namespaces.of(&gvk, &node),
            definitions: definitions.clone(),
            ..Settings::default()
        };
        let custom = definitions.stored(&node, &settings);
        let mut node = custom.unwrap_or_else(|| admit(&node, &settings).node);
        let missing = text_at(&node, &["metadata", "namespace"]).is_empty();
        if missing && namespaced.get(at) == Some(&true) {
            set_namespace(&mut node, &settings.namespace);
        }
        node
    };
    nodes.into_iter().map(settle).collect()
}

/// Whether a kind's objects are known to be in namespaces.
fn is_namespaced(gvk: &Gvk, nodes: &[Node]) -> bool {
    if let Some(kind) = find(gvk) {
        return kind.namespaced;
    }
    nodes.iter().any(|node| {
        let defines = is_definition(node)
            && text_at(node, &["spec", "group"]) == gvk.group
            && text_at(node, &["spec", "names", "kind"]) == gvk.kind;
        let inside = !text_at(node, &["metadata", "namespace"]).is_empty();
        defines && text_at(node, &["spec", "scope"]) == "Namespaced"
            || inside && Gvk::of(node).as_ref() == Some(gvk)
    })
}

fn set_namespace(node: &mut Node, namespace: &str) {
    let Some(fields) = node.as_map_mut() else {
        return;
    };
    if fields.get("metadata").and_then(Node::as_map).is_none() {
        fields.insert("metadata", Node::Map(Fields::new()));
    }
    if let Some(metadata) = fields.get_mut("metadata").and_then(Node::as_map_mut) {
        metadata.insert("namespace", Node::string(namespace));
    }
}
