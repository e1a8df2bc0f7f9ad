//! What CustomResourceDefinitions among given objects say of kinds: which there are, and which are
//! versions of one resource.

use vapwright_cel::document::Node;
use vapwright_kube::kinds::{Gvk, find};

use crate::request::{Request, Resource};

/// The served versions that a definition gives its kind; empty where the object is none.
pub(crate) fn versions(object: &Node) -> impl Iterator<Item = (Gvk, Resource)> + '_ {
    let text = |path: &[&str]| object.at(path).and_then(Node::as_str);
    let defines = text(&["kind"]) == Some("CustomResourceDefinition");
    let group = text(&["spec", "group"]).unwrap_or_default();
    let kind = text(&["spec", "names", "kind"]).unwrap_or_default();
    let plural = text(&["spec", "names", "plural"]).unwrap_or_default();
    let versions = object.at(&["spec", "versions"]).and_then(Node::as_list);
    versions
        .filter(|_| defines)
        .unwrap_or_default()
        .iter()
        .filter(|version| version.get("served").and_then(Node::as_bool) != Some(false))
        .filter_map(|version| version.get("name").and_then(Node::as_str))
        .map(move |version| {
            let kind = Gvk {
                group: group.to_owned(),
                version: version.to_owned(),
                kind: kind.to_owned(),
            };
            let resource = Resource::of_kind(&kind, plural);
            (kind, resource)
        })
}

/// Whether a cluster with these objects has a kind: it is built in, defined by one of them, or the
/// kind of one of them.
#[must_use]
pub fn is_known(kind: &Gvk, objects: &[Node]) -> bool {
    let known = |object: &Node| {
        Gvk::of(object).as_ref() == Some(kind)
            || versions(object).any(|(defined, _)| defined == *kind)
    };
    find(kind).is_some() || objects.iter().any(known)
}

/// The schema of a custom kind that one of the objects defines.
pub(crate) fn schema<'o>(kind: &Gvk, objects: &'o [Node]) -> Option<&'o Node> {
    let definition = objects
        .iter()
        .find(|object| versions(object).any(|(defined, _)| defined == *kind))?;
    let versions = definition.at(&["spec", "versions"])?.as_list()?;
    let version = versions
        .iter()
        .find(|version| version.get("name").and_then(Node::as_str) == Some(&kind.version))?;
    version.at(&["schema", "openAPIV3Schema"])
}

/// The other versions in which a cluster with these definitions serves a custom resource: a rule for
/// one of them means this one too.
#[must_use]
pub fn other_versions(resource: &Resource, objects: &[Node]) -> Vec<(Gvk, Resource)> {
    let defined = objects.iter().flat_map(versions);
    defined
        .filter(|(_, other)| {
            other.group == resource.group
                && other.resource == resource.resource
                && other.version != resource.version
        })
        .collect()
}

/// The objects of a request as objects of another version of their custom kind, where a rule for
/// that version chose them; `None` where they stay as they are.
///
/// The conversion is the one without a webhook: nothing but `apiVersion` changes.
pub(crate) fn converted(request: &Request, kind: &Gvk) -> Option<[Option<Node>; 2]> {
    if !request.others.iter().any(|(other, _)| other == kind) {
        return None;
    }
    let convert = |object: &Option<Node>| {
        let mut object = object.clone()?;
        if let Some(fields) = object.as_map_mut() {
            fields.insert("apiVersion", Node::string(kind.api_version()));
        }
        Some(object)
    };
    Some([convert(&request.object), convert(&request.old_object)])
}
