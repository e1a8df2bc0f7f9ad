//! Custom objects as the API server takes them, by the CustomResourceDefinitions that are given:
//! pruned, defaulted and validated by the structural schema of their version.
//!
//! The rules and their texts are those of `k8s.io/apiextensions-apiserver` 1.36.

mod compile;
mod correlate;
mod decode;
mod embedded;
mod formats;
mod lists;
mod openapi;
mod rules;
mod schema;
mod types;
mod values;

use std::sync::Arc;

use vapwright_cel::document::{Fields, Node};
use vapwright_cel::value::go::quote;
use vapwright_cel::version::KubernetesVersion;

use crate::admit::{Admitted, Settings, create_metadata, set_namespace};
use crate::document::Document;
use crate::kinds::{Gvk, resource_of};
use crate::names::label_key;
use crate::path::Path;
use crate::problem::Problem;
use crate::validate::read::Read as _;
use crate::validate::{At, ErrorKind, Errors, FieldError, Shown, changed_meta, custom_meta};
use schema::Schema;

/// The custom kinds that a cluster has.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Definitions {
    kinds: Arc<[Definition]>,
}

/// A CustomResourceDefinition.
#[derive(Debug, PartialEq)]
struct Definition {
    group: String,
    kind: String,
    resource: String,
    namespaced: bool,
    versions: Vec<Version>,
}

/// A version of a custom kind.
#[derive(Debug, PartialEq)]
struct Version {
    name: String,
    served: bool,
    schema: Option<Node>,
    /// Whether the status is a subresource, which creation does not set.
    status: bool,
    scale: Option<Node>,
    /// The rules of the schema.
    rules: compile::Compiled,
}

/// A served version that has a schema, with its definition.
#[derive(Clone, Copy)]
pub(crate) struct Kind<'d> {
    definition: &'d Definition,
    version: &'d Version,
    schema: Schema<'d>,
}

impl Definitions {
    /// Reads the definitions among objects, for a cluster of a version.
    #[must_use]
    pub fn read<'n>(objects: impl Iterator<Item = &'n Node>, cluster: KubernetesVersion) -> Self {
        let text = |node: &Node, path: &[&str]| {
            let text = node.at(path).and_then(Node::as_str);
            text.unwrap_or_default().to_owned()
        };
        let is = |node: &Node, key, wanted| node.get(key).and_then(Node::as_str) == Some(wanted);
        let defines = |node: &&Node| {
            is(node, "kind", "CustomResourceDefinition")
                && is(node, "apiVersion", "apiextensions.k8s.io/v1")
        };
        let kinds = objects.filter(defines).map(|node| Definition {
            group: text(node, &["spec", "group"]),
            kind: text(node, &["spec", "names", "kind"]),
            resource: text(node, &["spec", "names", "plural"]),
            namespaced: text(node, &["spec", "scope"]) != "Cluster",
            versions: node
                .at(&["spec", "versions"])
                .and_then(Node::as_list)
                .unwrap_or_default()
                .iter()
                .map(|version| Version {
                    name: text(version, &["name"]),
                    served: version.get("served").and_then(Node::as_bool) != Some(false),
                    schema: version.at(&["schema", "openAPIV3Schema"]).cloned(),
                    status: version
                        .at(&["subresources", "status"])
                        .is_some_and(|status| !status.is_null()),
                    scale: version.at(&["subresources", "scale"]).cloned(),
                    rules: compile::Compiled::new(cluster),
                })
                .collect(),
        });
        Self {
            kinds: kinds.collect(),
        }
    }

    /// The definition of a kind, whatever the version.
    fn definition(&self, gvk: &Gvk) -> Option<&Definition> {
        let mut kinds = self.kinds.iter();
        kinds.find(|kind| kind.group == gvk.group && kind.kind == gvk.kind)
    }

    /// The resource that objects of a kind are sent to, a built-in one or one that is defined.
    #[must_use]
    pub fn resource(&self, gvk: &Gvk) -> String {
        match self.definition(gvk) {
            Some(definition) if !definition.resource.is_empty() => definition.resource.clone(),
            _ => resource_of(gvk),
        }
    }

    /// Whether objects of a kind are defined to be in no namespace.
    #[must_use]
    pub fn in_no_namespace(&self, gvk: &Gvk) -> bool {
        self.definition(gvk).is_some_and(|kind| !kind.namespaced)
    }

    /// The kind of objects with a schema that are served.
    pub(crate) fn find(&self, gvk: &Gvk) -> Option<Kind<'_>> {
        let definition = self.definition(gvk)?;
        let mut versions = definition.versions.iter();
        let version = versions.find(|version| version.name == gvk.version && version.served)?;
        Some(Kind {
            definition,
            version,
            schema: Schema(version.schema.as_ref().filter(|node| !node.is_null())?),
        })
    }

    /// The kind of an object.
    pub(crate) fn kind_of(&self, object: &Node) -> Option<Kind<'_>> {
        self.find(&Gvk::of(object)?)
    }

    /// Sets the defaults of a custom object's schema, as the API server does once a policy has changed
    /// the object.
    pub fn set_defaults(&self, object: &mut Node) {
        if let Some(kind) = self.kind_of(object) {
            decode::set_defaults(Some(kind.schema), object);
        }
    }

    /// A custom object as it is stored: with the defaults of its schema, without what that does not
    /// know. `None` for others.
    #[must_use]
    pub fn stored(&self, object: &Node, settings: &Settings) -> Option<Node> {
        Some(self.kind_of(object)?.receive(object, settings).node)
    }

    /// Sets what the API server sets when a custom object replaces another; whether it is one.
    pub fn update(&self, object: &mut Node, old: &Node) -> bool {
        let kind = self.kind_of(object);
        if let Some(kind) = kind {
            kind.update(object, old);
        }
        kind.is_some()
    }

    /// What is wrong with a custom object that replaces another, and what the API server only warns of;
    /// neither for other objects, which are not looked at.
    #[must_use]
    pub fn validate_update(&self, object: &Node, old: &Node) -> (Vec<FieldError>, Vec<String>) {
        let kind = self.kind_of(object);
        kind.map_or_else(Default::default, |kind| kind.validate_update(object, old))
    }

    /// What the API server warns of when a custom object is created.
    #[must_use]
    pub fn warnings(&self, gvk: &Gvk, object: &Node) -> Vec<String> {
        let mut warnings = Vec::new();
        if self.find(gvk).is_some() {
            for finalizer in object.get("metadata").texts("finalizers") {
                finalizer_warnings(finalizer, &mut warnings);
            }
        }
        warnings
    }

    /// What strict decoding finds wrong with a custom object; `None` where its kind is not defined
    /// with a schema.
    #[must_use]
    pub fn check(&self, document: &Document) -> Option<Vec<Problem>> {
        let gvk = Gvk::of(&document.node)?;
        let Some(kind) = self.find(&gvk) else {
            let definition = self.definition(&gvk)?;
            return definition
                .not_served(&gvk, document)
                .map(|problem| vec![problem]);
        };
        Some(decode::check(kind.schema, document))
    }
}

impl Definition {
    /// A version that the API server does not know for the kind.
    fn not_served(&self, gvk: &Gvk, document: &Document) -> Option<Problem> {
        let served = |version: &&Version| version.served;
        if self
            .versions
            .iter()
            .any(|one| one.served && one.name == gvk.version)
        {
            return None;
        }
        let message = no_matches(gvk);
        let range = document.range(&Path::root().field("apiVersion"));
        let problem = Problem::error("not-served", message, Some(range))
            .at_path(&Path::root().field("apiVersion"));
        Some(match self.versions.iter().find(served) {
            Some(version) => problem.help(format!(
                "its definition serves `{}/{}`",
                self.group, version.name
            )),
            None => problem,
        })
    }
}

/// What `kubectl` says of a kind that the API server does not serve.
#[must_use]
pub fn no_matches(gvk: &Gvk) -> String {
    format!(
        "no matches for kind {:?} in version {:?}",
        gvk.kind,
        gvk.api_version()
    )
}

impl Kind<'_> {
    /// The object that mutating policies see when it is created or updated.
    pub(crate) fn receive(self, node: &Node, settings: &Settings) -> Admitted {
        let mut node = node.clone();
        let dropped = decode::decode(self.schema, &mut node);
        if let Node::Map(fields) = &mut node {
            set_namespace(fields, self.definition.namespaced, settings);
        }
        decode::set_defaults(Some(self.schema), &mut node);
        Admitted {
            node,
            dropped,
            namespaced: self.definition.namespaced,
            typed: true,
            ..Admitted::default()
        }
    }

    /// Sets what the API server sets on creation.
    pub(crate) fn create(self, object: &mut Fields, settings: &Settings) {
        create_metadata(object, settings, true);
        if self.version.status {
            object.remove("status");
        }
    }

    /// Says what the API server finds wrong with an object that is created.
    pub(crate) fn validate(self, object: &Node) -> Vec<FieldError> {
        let mut errors = Errors::default();
        custom_meta(&mut errors, object, self.definition.namespaced);
        self.validate_by_schema(errors, object, None).0
    }

    /// The same of an object that replaces another, and what it warns of: what is wrong with what the
    /// update does not change.
    fn validate_update(self, object: &Node, old: &Node) -> (Vec<FieldError>, Vec<String>) {
        let mut errors = Errors::default();
        changed_meta(&mut errors, object);
        self.validate_by_schema(errors, object, Some(old))
    }

    fn validate_by_schema(
        self,
        mut errors: Errors,
        object: &Node,
        old: Option<&Node>,
    ) -> (Vec<FieldError>, Vec<String>) {
        let mut warnings = Vec::new();
        let schema = self.schema;
        errors.0.extend(openapi::validate(schema, object, old));
        if let Some(scale) = &self.version.scale {
            replicas(&mut errors, object, scale);
        }
        embedded::validate(&mut errors, schema, object);
        let mut before = Vec::new();
        if let Some(old) = old {
            lists::validate(&mut before, Some(schema), old, &At::Root);
        }
        if before.is_empty() {
            lists::validate(&mut errors.0, Some(schema), object, &At::Root);
        }
        if rules::any(schema) {
            let blocking = |error: &FieldError| {
                use ErrorKind::{NotSupported, Required, TooLong, TooMany, TypeInvalid};
                matches!(
                    error.kind,
                    NotSupported | Required | TooLong | TooMany | TypeInvalid
                )
            };
            if errors.0.iter().any(blocking) {
                let detail = "some validation rules were not checked because the object was invalid; correct the existing errors to complete validation";
                let (kind, value) = (ErrorKind::Invalid, Some("null"));
                raise(&mut errors.0, kind, &At::Root, value, detail);
            } else {
                let rules = &self.version.rules;
                warnings = rules::validate(&mut errors.0, schema, object, old, rules);
            }
        }
        (errors.0, warnings)
    }

    /// Sets what the API server sets when an object replaces another.
    fn update(self, object: &mut Node, old: &Node) {
        let Node::Map(fields) = object else { return };
        if self.version.status {
            match old.get("status") {
                Some(status) => fields.insert("status", status.clone()),
                None => fields.remove("status"),
            };
        }
        let content = |object: &Node| {
            let mut object = object.clone();
            if let Some(fields) = object.as_map_mut() {
                fields.remove("metadata");
            }
            values::json(&object)
        };
        let generation = old.at(&["metadata", "generation"]).and_then(Node::as_int);
        let generation = generation.unwrap_or(1) + i64::from(content(object) != content(old));
        let metadata = object
            .as_map_mut()
            .and_then(|fields| fields.get_mut("metadata"));
        if let Some(Node::Map(metadata)) = metadata {
            metadata.insert("generation", Node::Int(generation));
        }
    }
}

/// `validateKubeFinalizerName` of custom resources.
fn finalizer_warnings(finalizer: &str, warnings: &mut Vec<String>) {
    let shown = quote(finalizer);
    let mut warn = |text: &str| warnings.push(format!("metadata.finalizers: {shown}: {text}"));
    for wrong in label_key(finalizer) {
        warn(&wrong);
    }
    let standard = matches!(finalizer, "kubernetes" | "orphan" | "foregroundDeletion");
    if !standard && !finalizer.contains('/') {
        let path = match finalizer.contains('.') {
            true => " including a path (/)",
            false => "",
        };
        warn(&format!(
            "prefer a domain-qualified finalizer name{path} to avoid accidental conflicts with other finalizer writers"
        ));
    }
}

/// Adds an error. A field that is the whole object is printed as Go prints no path.
fn raise(
    errors: &mut Vec<FieldError>,
    kind: ErrorKind,
    at: &At<'_>,
    value: Option<&str>,
    detail: &str,
) {
    let mut found = Errors::default();
    found.push(kind, at, value.map_or(Shown::Omitted, Shown::Json), detail);
    if matches!(at, At::Root) {
        for error in &mut found.0 {
            "<nil>".clone_into(&mut error.field);
        }
    }
    errors.extend(found.0);
}

/// The fields by which a kind is scaled: `ValidateScaleSpec` and `ValidateScaleStatus`.
fn replicas(errors: &mut Errors, object: &Node, scale: &Node) {
    const MOST: i64 = i32::MAX as i64;
    for key in ["specReplicasPath", "statusReplicasPath"] {
        let written = scale.get(key).and_then(Node::as_str).unwrap_or_default();
        let at = At::Field(&At::Root, written);
        match nested(object, written, "int64", |node| node.as_int()) {
            Err(detail) => errors.invalid(&at, Shown::Int(0), &detail),
            Ok(Some(count)) if count < 0 => {
                errors.invalid(&at, Shown::Int(count), "should be a non-negative integer");
            }
            Ok(Some(count)) if count > MOST => {
                let detail = format!("should be less than or equal to {MOST}");
                errors.invalid(&at, Shown::Int(count), &detail);
            }
            Ok(_) => {}
        }
    }
    if let Some(written) = scale.get("labelSelectorPath").and_then(Node::as_str) {
        let text = |node: &Node| node.as_str().map(|_| 0);
        if let Err(detail) = nested(object, written, "string", text) {
            errors.invalid(&At::Field(&At::Root, written), Shown::Text(""), &detail);
        }
    }
    // the printed field begins with a point, the place in the object does not
    for error in &mut errors.0 {
        if let Some(written) = error.field.strip_prefix('.') {
            let names: Vec<&str> = written.split('.').collect();
            error.path = Path::root().fields(&names);
        }
    }
}

/// `unstructured.NestedInt64` and `NestedString`.
fn nested(
    object: &Node,
    written: &str,
    wanted: &str,
    read: impl Fn(&Node) -> Option<i64>,
) -> Result<Option<i64>, String> {
    let error = |node: &Node, wanted: &str| {
        let shown = values::go_print(node);
        let found = values::go_type(node);
        format!("{written} accessor error: {shown} is of the type {found}, expected {wanted}")
    };
    let mut node = object;
    for name in written.trim_start_matches('.').split('.') {
        match node {
            Node::Map(fields) => match fields.get(name) {
                Some(found) => node = found,
                None => return Ok(None),
            },
            Node::Null => return Ok(None),
            other => return Err(error(other, "map[string]interface{}")),
        }
    }
    read(node).map(Some).ok_or_else(|| error(node, wanted))
}
