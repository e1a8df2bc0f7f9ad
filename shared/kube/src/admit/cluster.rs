//! Objects of the cluster that admission plugins look up.

use std::sync::Arc;

use vapwright_cel::document::Node;

use crate::kinds::Gvk;
use crate::validate::read::Read as _;

/// The kinds that plugins look up, with their groups.
const KINDS: [(&str, &str); 5] = [
    ("", "LimitRange"),
    ("", "ServiceAccount"),
    ("scheduling.k8s.io", "PriorityClass"),
    ("node.k8s.io", "RuntimeClass"),
    ("storage.k8s.io", "StorageClass"),
];

/// Objects of the cluster that admission plugins look up.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Cluster {
    objects: Arc<[Node]>,
    /// Whether there are no others: else, of a kind of which none was given, any may be there.
    pub complete: bool,
}

impl Cluster {
    /// Those of the objects that plugins look up, with their defaults. A namespaced object that
    /// names no namespace is in the one given.
    #[must_use]
    pub fn new<'n>(objects: impl IntoIterator<Item = &'n Node>, namespace: &str) -> Self {
        let settings = super::Settings {
            namespace: namespace.to_owned(),
            ..super::Settings::default()
        };
        let wanted = |node: &&Node| Gvk::of(node).is_some_and(|gvk| Self::looks_up(&gvk));
        let objects = objects.into_iter().filter(wanted);
        Self {
            objects: objects
                .map(|node| super::admit(node, &settings).node)
                .collect(),
            complete: false,
        }
    }

    /// Whether admission plugins look up objects of a kind.
    #[must_use]
    pub fn looks_up(gvk: &Gvk) -> bool {
        KINDS.contains(&(gvk.group.as_str(), gvk.kind.as_str()))
    }

    fn of_kind(&self, kind: &str) -> impl Iterator<Item = &Node> {
        self.objects
            .iter()
            .filter(move |node| node.text("kind") == kind)
    }

    /// Whether an object of a kind that was not given is not there.
    pub(super) fn knows(&self, kind: &str) -> bool {
        self.complete || self.of_kind(kind).next().is_some()
    }

    /// The object of a kind and name; the namespace is empty for objects of the cluster.
    pub(super) fn find(&self, kind: &str, namespace: &str, name: &str) -> Option<&Node> {
        self.of_kind(kind).find(|node| {
            let meta = node.sub("metadata");
            meta.text("name") == name && meta.text("namespace") == namespace
        })
    }

    /// The limits of a namespace.
    pub(super) fn limits(&self, namespace: &str) -> impl Iterator<Item = &Node> {
        self.of_kind("LimitRange")
            .filter(move |node| node.sub("metadata").text("namespace") == namespace)
    }

    /// The class of Pods that name none: of several that are marked so, the lowest.
    pub(super) fn default_priority(&self) -> Option<&Node> {
        self.of_kind("PriorityClass")
            .filter(|class| class.is("globalDefault"))
            .min_by_key(|class| class.int("value").unwrap_or(0))
    }
}
