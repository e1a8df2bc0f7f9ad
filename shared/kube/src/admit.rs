//! An object as admission policies see it: decoded into its type, with defaults, after the
//! API server's own admission plugins and with what it sets on creation.
//!
//! The API server keeps an object as a Go struct. So what a field's type cannot tell from
//! absent is gone (`hostNetwork: false`, an empty list), what is no pointer is always there
//! (`resources: {}`), and fields that the type does not have are dropped. Items of lists keep
//! their indices, so a path that leads to something in the source leads to the same here.

mod cluster;
mod decode;
mod defaults;
mod image;
mod limits;
pub mod patched;
pub(crate) mod plugins;
mod pod;
mod server;
mod workloads;

use vapwright_cel::document::{Fields, Node};

use crate::custom::Definitions;
use crate::kinds::Gvk;
use crate::path::Path;
use crate::schema::{Kind, Schema, Type, built_in, object_meta};

pub use cluster::Cluster;
pub(crate) use server::{GENERATED, create_metadata};

/// What an API server is set to.
#[derive(Clone, Debug, PartialEq)]
pub struct Settings {
    /// The namespace of a namespaced object that names none.
    pub namespace: String,
    /// Whether the API server gives Pods its default service account and its token.
    pub service_account: bool,
    /// What `metadata.uid` and `metadata.creationTimestamp` (RFC 3339) are; absent where not
    /// given. A real server sets both before policies see the object.
    pub identity: Option<(String, String)>,
    /// Whether it lets containers be privileged: `--allow-privileged`, which its own default
    /// forbids and every installer sets.
    pub privileged: bool,
    /// The objects that admission plugins look up.
    pub cluster: Cluster,
    /// The custom kinds.
    pub definitions: Definitions,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            namespace: "default".to_owned(),
            service_account: false,
            identity: None,
            privileged: true,
            cluster: Cluster::default(),
            definitions: Definitions::default(),
        }
    }
}

/// An object after admission.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Admitted {
    /// The object.
    pub node: Node,
    /// Fields of the source that its type does not have, and that are not in the object.
    pub dropped: Vec<Path>,
    /// Lists and maps of the source with nothing in them, that are not in the object either.
    /// Validation tells them from absent ones.
    pub empty: Vec<(Path, Node)>,
    /// Why an admission plugin refuses the object; it is then as far as it came.
    pub forbidden: Option<String>,
    /// Whether objects of the kind are in namespaces.
    pub namespaced: bool,
    /// Whether an object without labels took those of its template. The API server then has one
    /// map for both, and what it adds to one is in the other.
    pub(crate) shared_labels: bool,
    /// Whether the kind is known; objects of other kinds are left as they are, but for their
    /// namespace.
    pub typed: bool,
}

/// The object that admission policies see when an object is created.
#[must_use]
pub fn admit(node: &Node, settings: &Settings) -> Admitted {
    admit_with(built_in(), node, settings)
}

/// The same with the kinds of another schema.
#[must_use]
pub fn admit_with(schema: &Schema, node: &Node, settings: &Settings) -> Admitted {
    let mut received = receive_with(schema, node, settings);
    received.create_with(schema, settings);
    received
}

/// The object that mutating policies see when an object is created or updated: decoded, with
/// defaults, after the API server's own mutating plugins.
#[must_use]
pub fn receive(node: &Node, settings: &Settings) -> Admitted {
    receive_with(built_in(), node, settings)
}

fn receive_with(schema: &Schema, node: &Node, settings: &Settings) -> Admitted {
    let Some((kind, object)) = typed(schema, node) else {
        if let Some(kind) = settings.definitions.kind_of(node) {
            return kind.receive(node, settings);
        }
        return Admitted {
            node: node.clone(),
            ..Admitted::default()
        };
    };
    let mut left = decode::Left::default();
    let mut forbidden = None;
    let source = node;
    let is_there = |path: &[&str]| source.at(path).is_some_and(|node| !node.is_null());
    let shared_labels =
        is_there(&["spec", "template", "metadata", "labels"]) && !is_there(&["metadata", "labels"]);
    let mut node = decode::decode(schema, object, source, &mut left);
    if let Node::Map(fields) = &mut node {
        set_namespace(fields, kind.namespaced, settings);
        workloads::defaults(&kind.gvk, fields);
        defaults::defaults(schema, object, fields);
        if kind.gvk.kind == "HorizontalPodAutoscaler" {
            workloads::keep_empty_policies(fields, &left.empty);
        }
        forbidden = run(&kind.gvk, fields, settings).err();
        decode::fill(schema, object, fields);
    }
    Admitted {
        node,
        dropped: left.unknown,
        empty: left.empty,
        forbidden,
        namespaced: kind.namespaced,
        shared_labels,
        typed: true,
    }
}

/// Puts an object into the namespace that it is sent to.
pub(crate) fn set_namespace(object: &mut Fields, namespaced: bool, settings: &Settings) {
    if namespaced {
        let metadata = child(object, "metadata");
        let namespace = Node::string(settings.namespace.as_str());
        set(metadata, "namespace", namespace);
    } else if let Some(metadata) = map_of(object, "metadata") {
        metadata.remove("namespace");
    }
}

/// Makes of metadata what ObjectMeta holds of it.
pub(crate) fn normal_metadata(metadata: &mut Node) {
    let schema = built_in();
    if metadata.is_null() {
        *metadata = Node::Map(Fields::new());
    }
    if let Some(object) = object_meta(schema) {
        *metadata = decode::decode(schema, object, metadata, &mut decode::Left::default());
    }
}

/// Gives a Job the labels and the selector that its identity makes.
pub(crate) fn identify_job(job: &mut Fields, uid: &str, shared_labels: bool) {
    server::job_selector(job, uid);
    let labels = job.get("spec");
    let labels = labels.and_then(|spec| spec.at(&["template", "metadata", "labels"]));
    if let Some(labels) = labels.filter(|_| shared_labels).cloned() {
        child(job, "metadata").insert("labels", labels);
    }
}

/// What the API server's own mutating plugins do, which run again where a policy changed the object.
///
/// # Errors
/// Why one of them refuses the object, which is then as far as it came.
pub fn run_plugins(node: &mut Node, settings: &Settings) -> Result<(), String> {
    let schema = built_in();
    let mut outcome = Ok(());
    if let Some((kind, object)) = typed(schema, node)
        && let Node::Map(fields) = node
    {
        outcome = run(&kind.gvk, fields, settings);
        decode::fill(schema, object, fields);
    }
    outcome
}

fn run(gvk: &Gvk, object: &mut Fields, settings: &Settings) -> Result<(), String> {
    if gvk.group.is_empty() && gvk.kind == "Pod" {
        plugins::admit(object, settings)
    } else {
        Ok(())
    }
}

impl Admitted {
    /// Forgets what is only known of the object as it was sent, which is written and read again where
    /// a policy changes it.
    pub fn read_again(&mut self) {
        self.empty.clear();
        self.shared_labels = false;
    }

    /// Sets what the API server sets when an object that all mutating plugins have seen is created.
    pub fn create(&mut self, settings: &Settings) {
        self.create_with(built_in(), settings);
    }

    fn create_with(&mut self, schema: &Schema, settings: &Settings) {
        let shared_labels = self.shared_labels;
        if let Some((kind, object)) = typed(schema, &self.node)
            && let Node::Map(fields) = &mut self.node
        {
            server::create(&kind.gvk, fields, settings);
            if let Some((uid, _)) = &settings.identity
                && kind.gvk.group == "batch"
                && kind.gvk.kind == "Job"
            {
                identify_job(fields, uid, shared_labels);
            }
            decode::fill(schema, object, fields);
        } else if let Some(kind) = settings.definitions.kind_of(&self.node)
            && let Node::Map(fields) = &mut self.node
        {
            kind.create(fields, settings);
        }
    }
}

/// The kind and the type of an object of a kind that is known.
fn typed<'s>(schema: &'s Schema, node: &Node) -> Option<(&'s Kind, &'s Type)> {
    let kind = schema.kind(&Gvk::of(node)?)?;
    Some((kind, schema.get(kind.object?)?))
}

/// Sets a field that is absent.
fn set(fields: &mut Fields, key: &str, node: Node) {
    if fields.get(key).is_none_or(Node::is_null) {
        fields.insert(key, node);
    }
}

/// Sets a field that is absent to a text.
fn set_text(fields: &mut Fields, key: &str, text: &str) {
    if fields.get(key).is_none_or(Node::is_null) {
        fields.insert(key, Node::string(text));
    }
}

/// The map of a field, made where it is absent.
fn child<'f>(fields: &'f mut Fields, key: &str) -> &'f mut Fields {
    if fields.get(key).and_then(Node::as_map).is_none() {
        fields.insert(key, Node::Map(Fields::new()));
    }
    match fields.get_mut(key) {
        Some(Node::Map(found)) => found,
        // never taken, as it was set above: a map that belongs to nothing
        _ => Box::leak(Box::default()),
    }
}

/// The map of a field, where it is one.
fn map_of<'f>(fields: &'f mut Fields, key: &str) -> Option<&'f mut Fields> {
    fields.get_mut(key).and_then(Node::as_map_mut)
}

/// The maps in the list of a field.
fn each<'f>(fields: &'f mut Fields, key: &str) -> impl Iterator<Item = &'f mut Fields> {
    let items = match fields.get_mut(key) {
        Some(Node::List(items)) => items.as_mut_slice(),
        _ => &mut [],
    };
    items.iter_mut().filter_map(Node::as_map_mut)
}

/// The text of a field; empty where it is absent.
fn text<'f>(fields: &'f Fields, key: &str) -> &'f str {
    fields.get(key).and_then(Node::as_str).unwrap_or("")
}

/// Whether a field is there.
fn has(fields: &Fields, key: &str) -> bool {
    fields.get(key).is_some_and(|node| !node.is_null())
}

#[cfg(test)]
mod tests;
#[cfg(test)]
pub(crate) use tests::records;
