//! The namespaces that objects are sent to, with their labels.

use serde_json::Value as Json;
use vapwright_cel::document::{Fields, Node};
use vapwright_kube::custom::Definitions;
use vapwright_kube::json;
use vapwright_kube::kinds::{Gvk, find};
use vapwright_kube::path::Path;
use vapwright_kube::problem::Problem;

use crate::input::{Input, check_object, kind, name, text_at};
use crate::wire::{Diagnostic, SourceFile};

/// The label that every namespace has.
const NAME_LABEL: &str = "kubernetes.io/metadata.name";

/// The Namespace of a call, and those among its objects.
#[derive(Debug)]
pub struct Namespaces {
    /// What objects that do not say theirs are sent to.
    given: Node,
    /// Namespaces among the objects: sent along with what is in them.
    sent: Vec<Node>,
    /// The custom kinds, some of which are in no namespace.
    definitions: Definitions,
}

impl Namespaces {
    /// Reads the Namespace of a call. One without a name has the name that the objects give, and
    /// where these give none, `default`.
    pub fn read(
        source: Option<&SourceFile>,
        objects: &[Input<'_>],
        diagnostics: &mut Vec<Diagnostic>,
    ) -> Self {
        let given = source.and_then(|source| read_given(source, diagnostics));
        let nodes = || {
            objects
                .iter()
                .flat_map(|input| &input.objects)
                .map(|object| &object.document.node)
        };
        let wished = given.as_ref().map_or("", name);
        let from_objects = nodes()
            .map(|node| text_at(node, &["metadata", "namespace"]))
            .find(|namespace| !namespace.is_empty());
        let chosen = [Some(wished), from_objects]
            .into_iter()
            .flatten()
            .find(|name| !name.is_empty())
            .unwrap_or("default")
            .to_owned();
        let sent: Vec<Node> = nodes()
            .filter(|node| is_namespace_object(node) && !name(node).is_empty())
            .map(|node| complete(node, name(node)))
            .collect();
        let given = match given {
            Some(given) => complete(&given, &chosen),
            None => sent
                .iter()
                .find(|node| name(node) == chosen)
                .cloned()
                .unwrap_or_else(|| bare(&chosen)),
        };
        Self {
            given,
            sent,
            definitions: Definitions::default(),
        }
    }

    /// The same with custom kinds.
    pub fn with(self, definitions: Definitions) -> Self {
        Self {
            definitions,
            ..self
        }
    }

    /// The name of the namespace for objects that do not say theirs.
    pub fn name(&self) -> &str {
        name(&self.given)
    }

    /// The namespace that an object goes to: of a Namespace its own name, of other objects of the
    /// cluster none.
    pub fn of(&self, gvk: &Gvk, object: &Node) -> String {
        if is_namespace(gvk) {
            return name(object).to_owned();
        }
        // What is not known is taken for namespaced: most custom resources are.
        if find(gvk).is_some_and(|kind| !kind.namespaced) || self.definitions.in_no_namespace(gvk) {
            return String::new();
        }
        match text_at(object, &["metadata", "namespace"]) {
            "" => self.name().to_owned(),
            own => own.to_owned(),
        }
    }

    /// The Namespace for the wire.
    pub fn to_wire(&self) -> Json {
        json::to_value(&self.given)
    }

    /// The Namespace of a name: the call's, one that is sent along, or one of which nothing is
    /// known but the name.
    pub fn find(&self, wanted: &str) -> Node {
        std::iter::once(&self.given)
            .chain(&self.sent)
            .find(|node| name(node) == wanted)
            .cloned()
            .unwrap_or_else(|| bare(wanted))
    }

    /// Whether there is more to know of a namespace than its name.
    pub fn knows(&self, wanted: &str) -> bool {
        std::iter::once(&self.given)
            .chain(&self.sent)
            .any(|node| name(node) == wanted)
    }
}

fn read_given(source: &SourceFile, diagnostics: &mut Vec<Diagnostic>) -> Option<Node> {
    let input = Input::read(source, diagnostics);
    let object = input.objects.first()?;
    check_object(
        &input,
        &object.document,
        &Definitions::default(),
        diagnostics,
    )?;
    let node = &object.document.node;
    if !is_namespace_object(node) {
        let path = Path::root().field("kind");
        let problem = Problem::error(
            "not-a-namespace",
            format!("a Namespace is wanted here, not a `{}`", kind(node)),
            Some(object.document.range(&path)),
        )
        .at_path(&path);
        diagnostics.push(input.diagnostic(&problem));
        return None;
    }
    if let Some(second) = input.objects.get(1) {
        let problem = Problem::warning(
            "one-namespace",
            "only the first Namespace counts",
            Some(second.document.range(&Path::root().field("kind"))),
        );
        diagnostics.push(input.diagnostic(&problem));
    }
    Some(node.clone())
}

/// Whether a kind is that of Namespaces.
pub fn is_namespace(gvk: &Gvk) -> bool {
    gvk.group.is_empty() && gvk.kind == "Namespace"
}

fn is_namespace_object(node: &Node) -> bool {
    kind(node) == "Namespace" && text_at(node, &["apiVersion"]) == "v1"
}

/// A namespace of which only the name is known.
fn bare(name: &str) -> Node {
    complete(
        &Node::map([
            ("apiVersion", Node::string("v1")),
            ("kind", Node::string("Namespace")),
        ]),
        name,
    )
}

/// The Namespace with its name, and the label that the API server gives it.
fn complete(node: &Node, name: &str) -> Node {
    let mut node = node.clone();
    if let Some(metadata) = map_at(&mut node, "metadata") {
        metadata.insert("name", Node::string(name));
        if let Some(labels) = entry(metadata, "labels") {
            labels.insert(NAME_LABEL, Node::string(name));
        }
    }
    node
}

fn map_at<'n>(node: &'n mut Node, key: &str) -> Option<&'n mut Fields> {
    entry(node.as_map_mut()?, key)
}

/// The map at a key, made where there is none.
fn entry<'n>(fields: &'n mut Fields, key: &str) -> Option<&'n mut Fields> {
    if fields.get(key).and_then(Node::as_map).is_none() {
        fields.insert(key, Node::Map(Fields::new()));
    }
    fields.get_mut(key)?.as_map_mut()
}
