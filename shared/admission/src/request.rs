//! A request to the API server, and what expressions see of it.

use vapwright_cel::document::{Fields, Node};
use vapwright_kube::kinds::Gvk;

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
    /// Whether nothing is stored.
    pub dry_run: bool,
}

impl Request {
    /// Whether it is about a Namespace itself.
    #[must_use]
    pub fn is_namespace(&self) -> bool {
        self.resource.resource == "namespaces" && self.resource.group.is_empty()
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
        const METADATA: [&str; 12] = [
            "name",
            "generateName",
            "namespace",
            "uid",
            "resourceVersion",
            "generation",
            "creationTimestamp",
            "deletionTimestamp",
            "deletionGracePeriodSeconds",
            "labels",
            "annotations",
            "finalizers",
        ];
        let Some(namespace) = &self.namespace_object else {
            return Node::Null;
        };
        if self.is_namespace() {
            return Node::Null;
        }
        let mut metadata = Fields::new();
        for name in METADATA {
            match namespace.at(&["metadata", name]) {
                None | Some(Node::Null) => {}
                Some(value) => metadata.push(name, value.clone()),
            }
        }
        let part = |name: &str| match namespace.get(name) {
            Some(part @ Node::Map(_)) => part.clone(),
            _ => Node::Map(Fields::new()),
        };
        Node::map([
            ("metadata", Node::Map(metadata)),
            ("spec", part("spec")),
            ("status", part("status")),
        ])
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
