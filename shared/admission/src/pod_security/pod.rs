//! A Pod or a Pod template as the checks read it: after admission, with a Go struct's fields.

use vapwright_cel::document::{Fields, Node};

/// A Pod, or the template of one.
#[derive(Clone, Copy, Debug)]
pub struct Pod<'n> {
    annotations: Option<&'n Fields>,
    spec: &'n Node,
}

/// What a document that is no map is read as.
const NOTHING: &Node = &Node::Null;

/// The value below a chain of fields; none where it is null, which Go's decoder leaves out.
pub(super) fn at<'n>(node: &'n Node, path: &[&str]) -> Option<&'n Node> {
    node.at(path).filter(|node| !node.is_null())
}

/// The text below a chain of fields; empty where there is none.
pub(super) fn text<'n>(node: &'n Node, path: &[&str]) -> &'n str {
    node.at(path).and_then(Node::as_str).unwrap_or_default()
}

/// The items below a chain of fields.
pub(super) fn items<'n>(node: &'n Node, path: &[&str]) -> &'n [Node] {
    node.at(path).and_then(Node::as_list).unwrap_or_default()
}

/// Whether the boolean below a chain of fields is true.
pub(super) fn is_true(node: &Node, path: &[&str]) -> bool {
    node.at(path).and_then(Node::as_bool) == Some(true)
}

/// The name of a container or a volume.
pub(super) fn name(node: &Node) -> &str {
    text(node, &["name"])
}

impl<'n> Pod<'n> {
    /// Of a Pod, or of a `template`.
    #[must_use]
    pub fn of(node: &'n Node) -> Self {
        Self {
            annotations: node.at(&["metadata", "annotations"]).and_then(Node::as_map),
            spec: node.get("spec").unwrap_or(NOTHING),
        }
    }

    /// `spec`
    pub(super) fn spec(&self) -> &'n Node {
        self.spec
    }

    /// The annotations that are texts, with their keys.
    pub(super) fn annotations(&self) -> impl Iterator<Item = (&'n str, &'n str)> {
        let all = self.annotations.into_iter().flat_map(Fields::iter);
        all.filter_map(|(key, value)| Some((&**key, value.as_str()?)))
    }

    /// All containers, in the order in which messages name them.
    pub(super) fn containers(&self) -> impl Iterator<Item = &'n Node> {
        let spec = self.spec;
        ["initContainers", "containers", "ephemeralContainers"]
            .into_iter()
            .flat_map(|field| items(spec, &[field]))
    }

    /// Whether it runs on Windows, where parts of the standards have no meaning.
    pub(super) fn is_windows(&self) -> bool {
        text(self.spec, &["os", "name"]) == "windows"
    }

    /// Whether it has a user namespace of its own (`relaxPolicyForUserNamespacePod`).
    pub(super) fn has_user_namespace(&self) -> bool {
        self.spec.get("hostUsers").and_then(Node::as_bool) == Some(false)
    }

    /// Whether an update changes an image or adds a container, so that it is judged
    /// (`isSignificantPodUpdate`).
    pub(super) fn is_significant_update(&self, old: &Pod<'_>) -> bool {
        let image = |container: &Node| text(container, &["image"]).to_owned();
        let changed = |field: &str| {
            let (new, old) = (items(self.spec, &[field]), items(old.spec, &[field]));
            new.len() != old.len()
                || new
                    .iter()
                    .zip(old)
                    .any(|(new, old)| image(new) != image(old))
        };
        let known = items(old.spec, &["ephemeralContainers"]);
        changed("containers")
            || changed("initContainers")
            || items(self.spec, &["ephemeralContainers"])
                .iter()
                .any(|new| {
                    let mut known = known.iter();
                    let old = known.find(|old| name(old) == name(new));
                    old.is_none_or(|old| image(old) != image(new))
                })
    }
}
