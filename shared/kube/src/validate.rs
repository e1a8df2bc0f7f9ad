//! The API server's own validation of objects: what it refuses with status 422 after it has
//! admitted an object, and before admission policies are asked.
//!
//! The rules and their texts are those of `pkg/apis/*/validation` of `k8s.io/kubernetes` 1.36,
//! with its feature gates as by default.

mod apps;
mod batch;
mod claim;
mod container;
mod core;
mod cron;
mod errors;
mod meta;
mod network;
mod others;
mod paths;
mod pod;
mod probe;
mod projected;
mod rbac;
pub(crate) mod read;
pub(crate) mod resources;
mod scheduling;
mod security;
mod service;
mod shown;
mod volume;
mod words;

use vapwright_cel::document::Node;
use vapwright_cel::value::go::quote;

pub(crate) use errors::{At, Errors, Shown};
pub use errors::{ErrorKind, FieldError};
use read::Read;

use crate::kinds::Gvk;

/// What validation goes by besides the object.
#[derive(Clone, Copy, Debug)]
struct Options {
    /// Whether the object is a Pod itself, and no template of Pods.
    pod: bool,
    /// Whether the API server lets containers be privileged.
    privileged: bool,
}

/// Says what the API server finds wrong with an object that it has admitted (see
/// [`crate::admit`]) and is about to create. `privileged` is its flag `--allow-privileged`.
#[must_use]
pub fn validate(gvk: &Gvk, object: &Node, namespaced: bool, privileged: bool) -> Vec<FieldError> {
    let options = Options {
        pod: gvk.kind == "Pod",
        privileged,
    };
    let mut errors = Errors::default();
    match (gvk.group.as_str(), gvk.kind.as_str()) {
        ("", "Pod") => pod::pod(&mut errors, object, options),
        ("", "PodTemplate") => {
            meta::object_meta(&mut errors, object, true, words::subdomain);
            let at = At::Root;
            let at = at.field("template");
            pod::template(&mut errors, &at, object.sub("template"), options, None);
        }
        ("", "ReplicationController") => {
            apps::replication_controller(&mut errors, object, options);
        }
        ("apps", kind) => apps::workload(&mut errors, kind, object, options),
        ("batch", "Job") => batch::job(&mut errors, object, options),
        ("batch", "CronJob") => batch::cron_job(&mut errors, object, options),
        _ => without_pods(&mut errors, gvk, object),
    }
    // what holds for objects of all kinds comes last, where the kind itself has no objection
    if errors.0.is_empty() {
        meta::common_meta(&mut errors, object, namespaced, words::path_segment);
    }
    errors.0
}

/// Checks an object of a kind that makes no Pods.
// apart from the rest, so that a page can load it when it is needed
#[inline(never)]
fn without_pods(errors: &mut Errors, gvk: &Gvk, object: &Node) {
    match (gvk.group.as_str(), gvk.kind.as_str()) {
        ("", "Service") => service::service(errors, object),
        (
            "",
            kind @ ("ConfigMap"
            | "Secret"
            | "Namespace"
            | "ServiceAccount"
            | "LimitRange"
            | "ResourceQuota"
            | "PersistentVolumeClaim"),
        ) => core::object(errors, kind, object),
        ("rbac.authorization.k8s.io", kind) => rbac::object(errors, kind, object),
        ("networking.k8s.io", kind) => network::object(errors, kind, object),
        ("policy", "PodDisruptionBudget") => others::disruption_budget(errors, object),
        ("autoscaling", "HorizontalPodAutoscaler") => others::autoscaler(errors, object),
        ("scheduling.k8s.io", "PriorityClass") => others::priority_class(errors, object),
        ("storage.k8s.io", "StorageClass") => others::storage_class(errors, object),
        ("node.k8s.io", "RuntimeClass") => others::runtime_class(errors, object),
        ("coordination.k8s.io", "Lease") => others::lease(errors, object),
        _ => {}
    }
}

/// Says what is wrong with the metadata of a custom object.
pub(crate) fn custom_meta(errors: &mut Errors, object: &Node, namespaced: bool) {
    meta::common_meta(errors, object, namespaced, words::subdomain);
}

/// Says what is wrong with what an update may change of the metadata of a custom object.
pub(crate) fn changed_meta(errors: &mut Errors, object: &Node) {
    meta::changed(errors, object.sub("metadata"));
}

/// Says what is wrong with the metadata of a resource that is embedded in one.
pub(crate) fn embedded_meta(errors: &mut Errors, at: &At<'_>, metadata: &Node) {
    let namespaced = !metadata.text("namespace").is_empty();
    let rule = words::path_segment;
    meta::meta_at(errors, at, Some(metadata), namespaced, rule, [true, false]);
}

/// A value as Go's `encoding/json` writes it.
pub(crate) fn plain(node: &Node) -> String {
    shown::plain(node)
}

pub(crate) use words::label_1035;

/// The API server's message for an object with errors: `Pod "x" is invalid: ...`.
#[must_use]
pub fn message(gvk: &Gvk, name: &str, errors: &[FieldError]) -> String {
    let mut texts: Vec<String> = Vec::new();
    for error in errors {
        let text = format!("{}: {}", error.field, error.body);
        if !texts.contains(&text) {
            texts.push(text);
        }
    }
    let dot = if gvk.group.is_empty() { "" } else { "." };
    let head = format!("{}{dot}{} {} is invalid", gvk.kind, gvk.group, quote(name));
    match texts.as_slice() {
        [] => head,
        [text] => format!("{head}: {text}"),
        _ => format!("{head}: [{}]", texts.join(", ")),
    }
}

/// Visits the containers of a Pod's specification: those of the start first, as
/// `VisitContainersWithPath` does.
fn each_container(spec: Option<&Node>, at: &At<'_>, mut visit: impl FnMut(&Node, &At<'_>)) {
    visit_containers(spec, at, &mut visit);
}

fn visit_containers(spec: Option<&Node>, at: &At<'_>, visit: &mut dyn FnMut(&Node, &At<'_>)) {
    for list in ["initContainers", "containers", "ephemeralContainers"] {
        let at = at.field(list);
        for (index, container) in spec.list(list).iter().enumerate() {
            visit(container, &at.index(index));
        }
    }
}

#[cfg(test)]
mod tests;
