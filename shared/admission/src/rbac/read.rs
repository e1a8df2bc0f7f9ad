//! Reading roles and bindings.

use std::sync::Arc;

use vapwright_cel::document::Node;
use vapwright_kube::path::Path;
use vapwright_kube::selector::Selector;

use super::{Binding, Rbac, Role, Rule, Subject};

/// The group of roles and bindings.
const GROUP: &str = "rbac.authorization.k8s.io/";

/// Whether an object is a Role, a ClusterRole or a binding of them.
#[must_use]
pub fn is_rbac(object: &Node) -> bool {
    text(object, "apiVersion").starts_with(GROUP)
}

/// A binding of a role that is not there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MissingRole {
    /// `Role` or `ClusterRole`.
    pub kind: Arc<str>,
    /// Its name.
    pub name: Arc<str>,
}

impl Rbac {
    pub(super) fn add(&mut self, object: &Node, namespace: &str) {
        if !is_rbac(object) {
            return;
        }
        match &*text(object, "kind") {
            "Role" => self.roles.push(role(object, own(object, namespace))),
            "ClusterRole" => self.roles.push(role(object, Arc::default())),
            "RoleBinding" => self.bindings.push(binding(object, own(object, namespace))),
            "ClusterRoleBinding" => self.bindings.push(binding(object, Arc::default())),
            _ => {}
        }
    }

    /// The role that a binding refers to, where there is none of its name.
    #[must_use]
    pub fn missing_role(&self, object: &Node, namespace: &str) -> Option<MissingRole> {
        let mut one = Self::default();
        one.add(object, namespace);
        let binding = one.bindings.into_iter().next()?;
        self.referred(&binding).is_err().then_some(MissingRole {
            kind: binding.role_kind,
            name: binding.role_name,
        })
    }
}

fn text(node: &Node, field: &str) -> Arc<str> {
    match node.get(field) {
        Some(Node::String(text)) => text.clone(),
        _ => Arc::default(),
    }
}

fn texts(node: &Node, field: &str) -> Vec<Arc<str>> {
    let items = items(node, field).iter();
    let texts = items.filter_map(|item| match item {
        Node::String(text) => Some(text.clone()),
        _ => None,
    });
    texts.collect()
}

fn items<'n>(node: &'n Node, field: &str) -> &'n [Node] {
    node.get(field).and_then(Node::as_list).unwrap_or_default()
}

fn own(object: &Node, namespace: &str) -> Arc<str> {
    let own = text(object.get("metadata").unwrap_or(&Node::Null), "namespace");
    if own.is_empty() {
        namespace.into()
    } else {
        own
    }
}

fn role(object: &Node, namespace: Arc<str>) -> Role {
    let metadata = object.get("metadata").unwrap_or(&Node::Null);
    let aggregation = object.get("aggregationRule");
    Role {
        namespace,
        name: text(metadata, "name"),
        labels: metadata.get("labels").cloned().unwrap_or_default(),
        rules: items(object, "rules").iter().map(rule).collect(),
        aggregates: aggregation.filter(|node| !node.is_null()).map(|node| {
            let selectors = items(node, "clusterRoleSelectors").iter();
            selectors
                .map(|selector| Selector::read(selector, &Path::root()).0)
                .collect()
        }),
    }
}

fn rule(node: &Node) -> Rule {
    Rule {
        verbs: texts(node, "verbs"),
        groups: texts(node, "apiGroups"),
        resources: texts(node, "resources"),
        names: texts(node, "resourceNames"),
        urls: texts(node, "nonResourceURLs"),
    }
}

fn binding(object: &Node, namespace: Arc<str>) -> Binding {
    let metadata = object.get("metadata").unwrap_or(&Node::Null);
    let role = object.get("roleRef").unwrap_or(&Node::Null);
    let subjects = items(object, "subjects").iter();
    Binding {
        namespace,
        name: text(metadata, "name"),
        role_kind: text(role, "kind"),
        role_name: text(role, "name"),
        subjects: subjects
            .map(|subject| Subject {
                kind: text(subject, "kind"),
                namespace: text(subject, "namespace"),
                name: text(subject, "name"),
            })
            .collect(),
    }
}
