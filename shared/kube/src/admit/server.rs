//! What the API server sets when an object is created, by kind.

use vapwright_cel::document::{Fields, Node};

use super::{Settings, child, each, has, map_of, pod, set, text};
use crate::kinds::Gvk;

/// What a real server makes up for the end of a generated name.
pub(crate) const GENERATED: &str = "xxxxx";

/// Kinds whose objects start with generation 1.
const GENERATION: &[&str] = &[
    "PriorityClass",
    "IngressClass",
    "NetworkPolicy",
    "Ingress",
    "EndpointSlice",
    "PodDisruptionBudget",
    "ResourceSlice",
    "DeviceClass",
    "FlowSchema",
    "PriorityLevelConfiguration",
    "DaemonSet",
    "StatefulSet",
    "Deployment",
    "ReplicaSet",
    "Job",
    "CronJob",
    "Pod",
    "PodTemplate",
    "ReplicationController",
    "ValidatingAdmissionPolicy",
    "MutatingAdmissionPolicy",
    "MutatingWebhookConfiguration",
    "ValidatingWebhookConfiguration",
    "MutatingAdmissionPolicyBinding",
    "ValidatingAdmissionPolicyBinding",
    "CustomResourceDefinition",
];

/// Kinds whose status is that of something new, whatever was sent.
const NEW_STATUS: &[&str] = &[
    "CertificateSigningRequest",
    "Ingress",
    "PodDisruptionBudget",
    "ResourceClaim",
    "VolumeAttachment",
    "HorizontalPodAutoscaler",
    "FlowSchema",
    "PriorityLevelConfiguration",
    "DaemonSet",
    "StatefulSet",
    "Deployment",
    "ReplicaSet",
    "Job",
    "CronJob",
    "ResourceQuota",
    "PersistentVolume",
    "PersistentVolumeClaim",
    "Service",
    "ReplicationController",
    "ValidatingAdmissionPolicy",
];

/// Sets what creation sets in the metadata of any object. `generation` says whether its kind counts
/// generations.
pub(crate) fn create_metadata(object: &mut Fields, settings: &Settings, generation: bool) {
    let metadata = child(object, "metadata");
    for gone in [
        "creationTimestamp",
        "deletionTimestamp",
        "deletionGracePeriodSeconds",
        "selfLink",
        "uid",
    ] {
        metadata.remove(gone);
    }
    if !has(metadata, "name") && has(metadata, "generateName") {
        let name = format!("{}{GENERATED}", text(metadata, "generateName"));
        metadata.insert("name", Node::string(name));
    }
    if let Some((uid, created)) = &settings.identity {
        metadata.insert("uid", Node::string(uid.as_str()));
        metadata.insert("creationTimestamp", Node::string(created.as_str()));
    }
    if generation {
        metadata.insert("generation", Node::Int(1));
    }
}

/// Sets what creation sets.
pub(super) fn create(gvk: &Gvk, object: &mut Fields, settings: &Settings) {
    create_metadata(object, settings, GENERATION.contains(&gvk.kind.as_str()));
    if NEW_STATUS.contains(&gvk.kind.as_str()) {
        object.remove("status");
    }
    match (gvk.group.as_str(), gvk.kind.as_str()) {
        ("", "Pod") => pod::create(object),
        ("", "Namespace") => {
            let status = [("phase", Node::string("Active"))];
            object.insert("status", Node::map(status));
            add_text(child(object, "spec"), "finalizers", "kubernetes");
        }
        ("", kind @ ("PersistentVolume" | "PersistentVolumeClaim")) => {
            if kind == "PersistentVolume" {
                let status = [("phase", Node::string("Pending"))];
                object.insert("status", Node::map(status));
            }
            let short = if kind == "PersistentVolume" {
                "pv"
            } else {
                "pvc"
            };
            let finalizer = format!("kubernetes.io/{short}-protection");
            add_text(child(object, "metadata"), "finalizers", &finalizer);
            if kind == "PersistentVolumeClaim"
                && let Some(spec) = map_of(object, "spec")
            {
                data_sources(spec);
            }
        }
        ("", "ServiceAccount") => {
            for secret in each(object, "secrets") {
                let name = text(secret, "name").to_owned();
                *secret = Fields::new();
                if !name.is_empty() {
                    secret.insert("name", Node::string(name));
                }
            }
        }
        ("coordination.k8s.io", "Lease") => {
            // fields of a feature that is not on by default
            if let Some(spec) = map_of(object, "spec") {
                spec.remove("strategy");
                spec.remove("preferredHolder");
            }
        }
        ("apps", "DaemonSet") => {
            // a field of the internal type that v1 keeps as an annotation
            let annotations = child(child(object, "metadata"), "annotations");
            let key = "deprecated.daemonset.template.generation";
            annotations.insert(key, Node::string("1"));
        }
        _ => {}
    }
}

/// What a claim's volume is filled from: two fields, of which one is made of the other.
fn data_sources(spec: &mut Fields) {
    const OLD: &str = "dataSource";
    const NEW: &str = "dataSourceRef";
    let abroad = |source: &Node| {
        source
            .get("namespace")
            .and_then(Node::as_str)
            .is_some_and(|name| !name.is_empty())
    };
    if spec.get(NEW).is_some_and(abroad) {
        // a feature that is not on by default
        spec.remove(NEW);
    }
    let word = |source: &Node, key: &str| {
        source
            .get(key)
            .and_then(Node::as_str)
            .unwrap_or("")
            .to_owned()
    };
    if !has(spec, NEW) {
        let usual = spec.get(OLD).is_some_and(|source| {
            let (kind, group) = (word(source, "kind"), word(source, "apiGroup"));
            kind == "PersistentVolumeClaim" && group.is_empty()
                || kind == "VolumeSnapshot" && group == "snapshot.storage.k8s.io"
        });
        if !usual {
            spec.remove(OLD);
        }
    }
    let (from, to) = if has(spec, NEW) {
        (NEW, OLD)
    } else {
        (OLD, NEW)
    };
    if let Some(source) = spec.get(from).filter(|node| !node.is_null()).cloned()
        && !has(spec, to)
    {
        let kept = ["apiGroup", "kind", "name"];
        let kept = kept
            .iter()
            .filter_map(|key| Some((*key, source.get(key)?.clone())));
        spec.insert(to, Node::Map(kept.collect()));
    }
}

/// Adds a text to a list that does not have it.
fn add_text(fields: &mut Fields, key: &str, text: &str) {
    let node = Node::string(text);
    match fields.get_mut(key) {
        Some(Node::List(items)) if items.contains(&node) => {}
        Some(Node::List(items)) => items.push(node),
        _ => {
            fields.insert(key, Node::List(vec![node]));
        }
    }
}

/// The labels by which a Job finds its Pods, made of its identity.
pub(super) fn job_selector(object: &mut Fields, uid: &str) {
    let name = object.get("metadata").and_then(|found| found.get("name"));
    let name = name.cloned().unwrap_or_else(|| Node::string(""));
    let spec = child(object, "spec");
    if spec.get("manualSelector").and_then(Node::as_bool) == Some(true) {
        return;
    }
    let labels = child(child(child(spec, "template"), "metadata"), "labels");
    for prefix in ["", "batch.kubernetes.io/"] {
        set(
            labels,
            &format!("{prefix}controller-uid"),
            Node::string(uid),
        );
        set(labels, &format!("{prefix}job-name"), name.clone());
    }
    let selector = child(child(spec, "selector"), "matchLabels");
    set(
        selector,
        "batch.kubernetes.io/controller-uid",
        Node::string(uid),
    );
}
