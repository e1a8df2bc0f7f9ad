//! A request to the API server, and what expressions see of it.

use std::sync::Arc;

use vapwright_cel::document::{Fields, Node};
use vapwright_cel::value::Timestamp;
use vapwright_kube::kinds::Gvk;

use crate::rbac::Rbac;

/// Group, version and resource.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Resource {
    /// The group; empty for the core group.
    pub group: String,
    /// The version.
    pub version: String,
    /// The plural name.
    pub resource: String,
}

impl Resource {
    /// The resource of a kind, given its plural name.
    #[must_use]
    pub fn of_kind(kind: &Gvk, plural: &str) -> Self {
        Self {
            group: kind.group.clone(),
            version: kind.version.clone(),
            resource: plural.to_owned(),
        }
    }
}

/// What is asked of the API server.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Operation {
    /// `CREATE`
    #[default]
    Create,
    /// `UPDATE`
    Update,
    /// `DELETE`
    Delete,
    /// `CONNECT`
    Connect,
}

impl Operation {
    /// As rules and expressions name it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Create => "CREATE",
            Self::Update => "UPDATE",
            Self::Delete => "DELETE",
            Self::Connect => "CONNECT",
        }
    }

    /// Of its name.
    #[must_use]
    pub fn of(name: &str) -> Option<Self> {
        Some(match name {
            "CREATE" => Self::Create,
            "UPDATE" => Self::Update,
            "DELETE" => Self::Delete,
            "CONNECT" => Self::Connect,
            _ => return None,
        })
    }
}

/// Who asks.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct User {
    /// The name.
    pub name: String,
    /// The unique id.
    pub uid: String,
    /// The groups.
    pub groups: Vec<String>,
    /// Further facts.
    pub extra: Vec<(String, Vec<String>)>,
}

/// What the authorizer that policies ask goes by.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum Rights {
    /// The case protocol's: the user `admin` may do everything, of others there is no opinion.
    #[default]
    Admin,
    /// The roles and bindings of a cluster.
    Rbac(Arc<Rbac>),
}

/// A request. The object is what policies see: decoded, defaulted and mutated.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Request {
    /// The object's kind.
    pub kind: Gvk,
    /// Its resource.
    pub resource: Resource,
    /// The subresource, such as `status`; mostly empty.
    pub subresource: String,
    /// What is asked.
    pub operation: Operation,
    /// The object's name; empty where the server makes one.
    pub name: String,
    /// The object's namespace; of a Namespace its own name; else empty.
    pub namespace: String,
    /// The object; none when deleting.
    pub object: Option<Node>,
    /// The object as it is stored, when updating or deleting.
    pub old_object: Option<Node>,
    /// The Namespace object; none for objects of the cluster.
    pub namespace_object: Option<Node>,
    /// Who asks.
    pub user: User,
    /// What users may do.
    pub rights: Rights,
    /// Whether nothing is stored.
    pub dry_run: bool,
}

impl Request {
    /// Whether it is about a Namespace itself.
    #[must_use]
    pub fn is_namespace(&self) -> bool {
        self.resource.resource == "namespaces" && self.resource.group.is_empty()
    }

    /// Whether its object is of the kind Namespace: there is no namespace object then.
    fn is_of_namespace(&self) -> bool {
        let kind = &self.kind;
        kind.group.is_empty() && kind.version == "v1" && kind.kind == "Namespace"
    }

    /// `request` as expressions see it, for the kind and resource that a policy's rule meant.
    pub(crate) fn admission_request(&self, kind: &Gvk, resource: &Resource) -> Node {
        let mut fields = Fields::new();
        fields.push("uid", Node::string(""));
        fields.push("kind", kind_node(kind));
        fields.push("resource", resource_node(resource));
        push_text(&mut fields, "subResource", &self.subresource);
        fields.push("requestKind", kind_node(&self.kind));
        fields.push("requestResource", resource_node(&self.resource));
        push_text(&mut fields, "requestSubResource", &self.subresource);
        push_text(&mut fields, "name", &self.name);
        push_text(&mut fields, "namespace", &self.namespace);
        fields.push("operation", Node::string(self.operation.name()));
        fields.push("userInfo", self.user_node());
        fields.push("object", Node::Null);
        fields.push("oldObject", Node::Null);
        fields.push("dryRun", Node::Bool(self.dry_run));
        let options = match self.operation {
            Operation::Connect => Node::Null,
            _ => Node::Map(Fields::new()),
        };
        fields.push("options", options);
        Node::Map(fields)
    }

    fn user_node(&self) -> Node {
        let mut fields = Fields::new();
        push_text(&mut fields, "username", &self.user.name);
        push_text(&mut fields, "uid", &self.user.uid);
        let texts =
            |texts: &[String]| Node::List(texts.iter().map(|t| Node::string(&**t)).collect());
        if !self.user.groups.is_empty() {
            fields.push("groups", texts(&self.user.groups));
        }
        if !self.user.extra.is_empty() {
            let extra = self.user.extra.iter();
            let extra = extra.map(|(key, values)| (&**key, texts(values)));
            fields.push("extra", Node::map(extra));
        }
        Node::Map(fields)
    }

    /// `namespaceObject` as expressions see it: without managed fields and owners.
    pub(crate) fn namespace_node(&self) -> Node {
        match &self.namespace_object {
            Some(namespace) if !self.is_of_namespace() => namespace_object(namespace),
            _ => Node::Null,
        }
    }
}

/// A namespace as Go's type holds it, and `ToUnstructured` gives it back.
fn namespace_object(namespace: &Node) -> Node {
    const METADATA: [&str; 8] = [
        "name",
        "generateName",
        "namespace",
        "uid",
        "resourceVersion",
        "labels",
        "annotations",
        "finalizers",
    ];
    let mut metadata = Fields::new();
    if let Some(from) = namespace.get("metadata") {
        copy_set(from, &METADATA, &mut metadata);
        match from.get("generation") {
            None | Some(Node::Null | Node::Int(0)) => {}
            Some(value) => metadata.push("generation", value.clone()),
        }
        for name in ["creationTimestamp", "deletionTimestamp"] {
            if let Some(text) = from.get(name).and_then(Node::as_str) {
                metadata.push(name, time_node(text));
            }
        }
        match from.get("deletionGracePeriodSeconds") {
            None | Some(Node::Null) => {}
            Some(value) => metadata.push("deletionGracePeriodSeconds", value.clone()),
        }
    }
    let mut spec = Fields::new();
    if let Some(from) = namespace.get("spec") {
        copy_set(from, &["finalizers"], &mut spec);
    }
    let mut status = Fields::new();
    if let Some(from) = namespace.get("status") {
        copy_set(from, &["phase"], &mut status);
        let conditions = from.get("conditions").and_then(Node::as_list);
        if let Some(conditions @ [_, ..]) = conditions {
            let conditions = conditions.iter().map(namespace_condition);
            status.push("conditions", Node::List(conditions.collect()));
        }
    }
    Node::map([
        ("metadata", Node::Map(metadata)),
        ("spec", Node::Map(spec)),
        ("status", Node::Map(status)),
    ])
}

fn namespace_condition(from: &Node) -> Node {
    let mut condition = Fields::new();
    for name in ["type", "status"] {
        let text = from.get(name).and_then(Node::as_str).unwrap_or_default();
        condition.push(name, Node::string(text));
    }
    let time = from.get("lastTransitionTime").and_then(Node::as_str);
    condition.push("lastTransitionTime", time.map_or(Node::Null, time_node));
    copy_set(from, &["reason", "message"], &mut condition);
    Node::Map(condition)
}

/// Copies fields, but for those that are empty: Go leaves them out.
fn copy_set(from: &Node, names: &[&str], into: &mut Fields) {
    for name in names {
        match from.get(name) {
            None | Some(Node::Null) => {}
            Some(Node::String(text)) if text.is_empty() => {}
            Some(Node::List(items)) if items.is_empty() => {}
            Some(Node::Map(fields)) if fields.is_empty() => {}
            Some(value) => into.push(*name, value.clone()),
        }
    }
}

/// A time as Kubernetes prints it: in UTC, without a fraction.
fn time_node(text: &str) -> Node {
    match Timestamp::parse(text) {
        Ok(time) => Node::string(Timestamp::new(time.seconds, 0).format()),
        Err(_) => Node::string(text),
    }
}

impl Request {
    /// `namespaceObject` as audit annotations see it: whole (`validator.Validate` hands them the
    /// namespace as it has it).
    pub(crate) fn whole_namespace_node(&self) -> Node {
        let (Node::Map(mut fields), Some(given)) = (self.namespace_node(), &self.namespace_object)
        else {
            return Node::Null;
        };
        let copy = |from: &Node, names: &[&str], into: &mut Fields| {
            for name in names {
                if let Some(value) = from.get(name).filter(|value| **value != Node::Null) {
                    into.push(*name, value.clone());
                }
            }
        };
        copy(given, &["apiVersion", "kind"], &mut fields);
        let metadata = fields.get_mut("metadata").and_then(Node::as_map_mut);
        if let (Some(metadata), Some(from)) = (metadata, given.get("metadata")) {
            let rest = ["selfLink", "ownerReferences", "managedFields"];
            copy(from, &rest, metadata);
        }
        Node::Map(fields)
    }
}

fn push_text(fields: &mut Fields, name: &str, text: &str) {
    if !text.is_empty() {
        fields.push(name, Node::string(text));
    }
}

fn kind_node(kind: &Gvk) -> Node {
    Node::map([
        ("group", Node::string(&*kind.group)),
        ("version", Node::string(&*kind.version)),
        ("kind", Node::string(&*kind.kind)),
    ])
}

fn resource_node(resource: &Resource) -> Node {
    Node::map([
        ("group", Node::string(&*resource.group)),
        ("version", Node::string(&*resource.version)),
        ("resource", Node::string(&*resource.resource)),
    ])
}
