//! Who may do what, by Roles, ClusterRoles and their bindings: kube-apiserver's RBAC authorizer
//! (`plugin/pkg/auth/authorizer/rbac`, `pkg/registry/rbac/validation`), behind that of the group
//! `system:masters`, which may do everything.

mod bootstrap;
mod read;

pub use read::{MissingRole, is_rbac};

use std::sync::{Arc, OnceLock};

use vapwright_cel::document::Node;
use vapwright_cel::libs::authorizer::{
    Attributes, Authorizer, Decision, ResourceTarget, Target, User,
};
use vapwright_kube::selector::Selector;

use crate::wording::{self, go_quote};

/// Members may do everything, whatever the roles say.
const MASTERS: &str = "system:masters";

/// The roles and bindings of a cluster: those that are given, and those that every cluster has.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Rbac {
    roles: Vec<Role>,
    bindings: Vec<Binding>,
}

/// A Role or a ClusterRole.
#[derive(Clone, Debug, Default, PartialEq)]
struct Role {
    /// Empty for a ClusterRole.
    namespace: Arc<str>,
    name: Arc<str>,
    labels: Node,
    rules: Vec<Rule>,
    /// Of a ClusterRole that is made of others: by which labels it chooses them.
    aggregates: Option<Vec<Selector>>,
}

/// What may be done to what.
#[derive(Clone, Debug, Default, PartialEq)]
struct Rule {
    verbs: Vec<Arc<str>>,
    groups: Vec<Arc<str>>,
    resources: Vec<Arc<str>>,
    names: Vec<Arc<str>>,
    urls: Vec<Arc<str>>,
}

/// A RoleBinding or a ClusterRoleBinding.
#[derive(Clone, Debug, Default, PartialEq)]
struct Binding {
    /// Empty for a ClusterRoleBinding.
    namespace: Arc<str>,
    name: Arc<str>,
    role_kind: Arc<str>,
    role_name: Arc<str>,
    subjects: Vec<Subject>,
}

/// Who is meant by a binding.
#[derive(Clone, Debug, Default, PartialEq)]
struct Subject {
    kind: Arc<str>,
    namespace: Arc<str>,
    name: Arc<str>,
}

impl Rbac {
    /// Reads the roles and bindings among objects; others are passed over. What is namespaced and
    /// does not say its namespace is in `namespace`. What every cluster has is added
    /// (`bootstrap`), unless an object of its name takes its place.
    #[must_use]
    pub fn new<'n>(objects: impl IntoIterator<Item = &'n Node>, namespace: &str) -> Self {
        static EVERY_CLUSTER: OnceLock<Rbac> = OnceLock::new();
        let mut rbac = Self::default();
        for object in objects {
            rbac.add(object, namespace);
        }
        let every = EVERY_CLUSTER.get_or_init(bootstrap::rbac);
        for role in &every.roles {
            if rbac.role(&role.namespace, &role.name).is_none() {
                rbac.roles.push(role.clone());
            }
        }
        for binding in &every.bindings {
            let same = |other: &Binding| {
                (&other.namespace, &other.name) == (&binding.namespace, &binding.name)
            };
            if !rbac.bindings.iter().any(same) {
                rbac.bindings.push(binding.clone());
            }
        }
        rbac
    }

    fn role(&self, namespace: &str, name: &str) -> Option<&Role> {
        let found = |role: &&Role| &*role.namespace == namespace && &*role.name == name;
        self.roles.iter().find(found)
    }

    /// The role that a binding refers to, or why there is none, as the authorizer words it.
    fn referred(&self, binding: &Binding) -> Result<&Role, String> {
        let name = &*binding.role_name;
        let (resource, found) = match &*binding.role_kind {
            // a ClusterRoleBinding has no namespace in which a Role could be
            "Role" if binding.namespace.is_empty() => ("role", None),
            "Role" => ("role", self.role(&binding.namespace, name)),
            "ClusterRole" => ("clusterrole", self.role("", name)),
            other => return Err(wording::unsupported_role_kind(other)),
        };
        found.ok_or_else(|| wording::role_not_found(resource, name))
    }

    /// Whether a role has a rule for a request: its own, or for one that is made of others theirs.
    fn allows(&self, role: &Role, attributes: &Attributes) -> bool {
        let mut known = vec![role];
        let mut next = 0;
        while let Some(role) = known.get(next).copied() {
            next += 1;
            let Some(selectors) = &role.aggregates else {
                if role.rules.iter().any(|rule| rule.allows(attributes)) {
                    return true;
                }
                continue;
            };
            for other in &self.roles {
                let labels = other.labels.as_map();
                let chosen = selectors.iter().any(|selector| selector.matches(labels));
                let seen = known.iter().any(|role| std::ptr::eq(*role, other));
                if chosen && !seen && other.namespace.is_empty() {
                    known.push(other);
                }
            }
        }
        false
    }
}

impl Authorizer for Rbac {
    fn authorize(&self, attributes: &Attributes) -> Decision {
        let user = &attributes.user;
        if user.groups.iter().any(|group| group == MASTERS) {
            return Decision {
                allowed: true,
                ..Decision::default()
            };
        }
        let namespace = match &attributes.target {
            Target::Resource(resource) => resource.namespace.as_str(),
            Target::Path(_) => "",
        };
        // those of the cluster first
        let of = |namespace| {
            let of = move |binding: &&Binding| &*binding.namespace == namespace;
            self.bindings.iter().filter(of)
        };
        let local = (!namespace.is_empty()).then(|| of(namespace));
        let mut errors = Vec::new();
        for binding in of("").chain(local.into_iter().flatten()) {
            let Some(subject) = binding.subject(user) else {
                continue;
            };
            match self.referred(binding) {
                Ok(role) if self.allows(role, attributes) => {
                    return Decision {
                        allowed: true,
                        reason: binding.allowed_by(subject),
                        error: None,
                    };
                }
                Ok(_) => {}
                Err(error) => errors.push(error),
            }
        }
        let reason = match errors.is_empty() {
            true => String::new(),
            false => wording::rbac(&wording::aggregate(&errors)),
        };
        Decision {
            reason,
            ..Decision::default()
        }
    }
}

impl Binding {
    /// The first subject that is the user.
    fn subject(&self, user: &User) -> Option<&Subject> {
        self.subjects
            .iter()
            .find(|subject| subject.is(user, &self.namespace))
    }

    fn allowed_by(&self, subject: &Subject) -> String {
        let (kind, name) = match &*self.namespace {
            "" => ("ClusterRoleBinding", self.name.to_string()),
            namespace => ("RoleBinding", format!("{}/{namespace}", self.name)),
        };
        let binding = format!("{kind} {}", go_quote(&name));
        let role = format!("{} {}", self.role_kind, go_quote(&self.role_name));
        wording::rbac_allowed(&binding, &role, &subject.describe(&self.namespace))
    }
}

impl Subject {
    fn is(&self, user: &User, binding_namespace: &str) -> bool {
        match &*self.kind {
            "User" => user.name == *self.name,
            "Group" => user.groups.iter().any(|group| *group == *self.name),
            "ServiceAccount" => {
                let namespace = self.namespace(binding_namespace);
                !namespace.is_empty() && user.name == account(namespace, &self.name)
            }
            _ => false,
        }
    }

    /// Of a service account: its own namespace, or that of the binding.
    fn namespace<'s>(&'s self, binding_namespace: &'s str) -> &'s str {
        match &*self.namespace {
            "" => binding_namespace,
            own => own,
        }
    }

    fn describe(&self, binding_namespace: &str) -> String {
        let name = match &*self.kind {
            "ServiceAccount" => format!("{}/{}", self.name, self.namespace(binding_namespace)),
            _ => self.name.to_string(),
        };
        format!("{} {}", self.kind, go_quote(&name))
    }
}

fn account(namespace: &str, name: &str) -> String {
    format!("system:serviceaccount:{namespace}:{name}")
}

impl Rule {
    fn allows(&self, attributes: &Attributes) -> bool {
        has(&self.verbs, &attributes.verb)
            && match &attributes.target {
                Target::Path(path) => self.urls.iter().any(|url| is_url(url, path)),
                Target::Resource(resource) => {
                    has(&self.groups, &resource.group)
                        && self.has_resource(resource)
                        && (self.names.is_empty()
                            || self.names.iter().any(|name| **name == *resource.name))
                }
            }
    }

    fn has_resource(&self, target: &ResourceTarget) -> bool {
        let (resource, sub) = (&target.resource, &target.subresource);
        let whole = match sub.is_empty() {
            true => resource.clone(),
            false => format!("{resource}/{sub}"),
        };
        self.resources.iter().any(|given| {
            let any_with_sub = || !sub.is_empty() && given.strip_prefix("*/") == Some(sub);
            matches!(&**given, "*") || **given == *whole || any_with_sub()
        })
    }
}

/// Whether a list names something, or everything.
fn has(list: &[Arc<str>], wanted: &str) -> bool {
    list.iter()
        .any(|given| matches!(&**given, "*") || &**given == wanted)
}

/// Whether a URL of a rule, which may end in `*`, is that of a request.
fn is_url(url: &str, path: &str) -> bool {
    url == path || url.ends_with('*') && path.starts_with(url.trim_end_matches('*'))
}

#[cfg(test)]
mod tests;
