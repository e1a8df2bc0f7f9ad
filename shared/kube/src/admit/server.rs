//! What the API server sets when an object is created, by kind.

use vapwright_cel::document::{Fields, Node};

use super::{Settings, child, has, pod, set, text};
use crate::kinds::Gvk;

/// What a real server makes up for the end of a generated name.
const GENERATED: &str = "xxxxx";

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

/// Sets what creation sets.
pub(super) fn create(gvk: &Gvk, object: &mut Fields, settings: &Settings) {
    let metadata = child(object, "metadata");
    for gone in ["deletionTimestamp", "deletionGracePeriodSeconds"] {
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
    if GENERATION.contains(&gvk.kind.as_str()) {
        metadata.insert("generation", Node::Int(1));
    }
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
            let status = [("phase", Node::string("Pending"))];
            object.insert("status", Node::map(status));
            let short = if kind == "PersistentVolume" {
                "pv"
            } else {
                "pvc"
            };
            let finalizer = format!("kubernetes.io/{short}-protection");
            add_text(child(object, "metadata"), "finalizers", &finalizer);
        }
        ("apps", "DaemonSet") => {
            // a field of the internal type that v1 keeps as an annotation
            let annotations = child(child(object, "metadata"), "annotations");
            let key = "deprecated.daemonset.template.generation";
            annotations.insert(key, Node::string("1"));
        }
        ("batch", "Job") => job_selector(object, settings),
        _ => {}
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
fn job_selector(object: &mut Fields, settings: &Settings) {
    let Some((uid, _)) = &settings.identity else {
        return;
    };
    let name = object.get("metadata").and_then(|found| found.get("name"));
    let name = name.cloned().unwrap_or_default();
    let spec = child(object, "spec");
    if spec.get("manualSelector").and_then(Node::as_bool) == Some(true) {
        return;
    }
    let labels = child(child(child(spec, "template"), "metadata"), "labels");
    for prefix in ["", "batch.kubernetes.io/"] {
        set(
            labels,
            &format!("{prefix}controller-uid"),
            Node::string(uid.as_str()),
        );
        set(labels, &format!("{prefix}job-name"), name.clone());
    }
    let selector = child(child(spec, "selector"), "matchLabels");
    set(
        selector,
        "batch.kubernetes.io/controller-uid",
        Node::string(uid.as_str()),
    );
}
