//! Kinds that CustomResourceDefinitions among the objects define: their resources and scopes.

use vapwright_cel::document::Node;
use vapwright_kube::kinds::{Gvk, resource_of};

use crate::input::{kind, text_at};

/// A kind of custom resources.
#[derive(Debug)]
struct Custom {
    group: String,
    kind: String,
    resource: String,
    namespaced: bool,
}

/// The kinds that a call's objects define.
#[derive(Debug, Default)]
pub struct CustomKinds(Vec<Custom>);

impl CustomKinds {
    /// Reads the definitions among objects.
    pub fn read<'n>(objects: impl Iterator<Item = &'n Node>) -> Self {
        let definitions = objects.filter(|node| kind(node) == "CustomResourceDefinition");
        let kinds = definitions.map(|node| {
            let text = |path: &[&str]| text_at(node, path).to_owned();
            Custom {
                group: text(&["spec", "group"]),
                kind: text(&["spec", "names", "kind"]),
                resource: text(&["spec", "names", "plural"]),
                namespaced: text(&["spec", "scope"]) != "Cluster",
            }
        });
        Self(kinds.filter(|custom| !custom.resource.is_empty()).collect())
    }

    fn find(&self, gvk: &Gvk) -> Option<&Custom> {
        let mut kinds = self.0.iter();
        kinds.find(|custom| custom.group == gvk.group && custom.kind == gvk.kind)
    }

    /// The resource that objects of a kind are sent to.
    pub fn resource(&self, gvk: &Gvk) -> String {
        match self.find(gvk) {
            Some(custom) => custom.resource.clone(),
            None => resource_of(gvk),
        }
    }

    /// Whether objects of a kind are defined to be in no namespace.
    pub fn in_no_namespace(&self, gvk: &Gvk) -> bool {
        self.find(gvk).is_some_and(|custom| !custom.namespaced)
    }
}
