//! Defaults of types, wherever they stand: what `pkg/apis/*/v1/defaults.go` and the `default`
//! values of the OpenAPI documents say.

use vapwright_cel::document::{Fields, Node};

use super::{child, each, has, image, pod, set, set_text, text};
use crate::schema::{Form, Schema, Type};

/// Sets the defaults of a struct and of what is in it, from the outside in.
pub(super) fn defaults(schema: &Schema, object: &Type, fields: &mut Fields) {
    for field in &object.fields {
        if let Some(default) = &field.default
            && !has(fields, &field.name)
            && let Ok(default) = crate::json::from_str(default)
        {
            fields.insert(field.name.as_str(), default);
        }
    }
    of_type(object.short_name(), object, fields);
    for field in &object.fields {
        if matches!(field.form, Form::Struct(_)) && field.always && !field.pointer {
            // a struct that is no pointer has defaults even where nothing is written
            let inside = child(fields, &field.name);
            let before = inside.is_empty();
            if let Form::Struct(id) = field.form
                && let Some(object) = schema.get(id)
            {
                defaults(schema, object, inside);
            }
            if before && inside.is_empty() {
                fields.remove(&field.name);
            }
        } else if let Some(node) = fields.get_mut(&field.name) {
            inside(schema, &field.form, node);
        }
    }
}

fn inside(schema: &Schema, form: &Form, node: &mut Node) {
    match (form, node) {
        (Form::Struct(id), Node::Map(fields)) => {
            if let Some(object) = schema.get(*id) {
                defaults(schema, object, fields);
            }
        }
        (Form::List(form, _), Node::List(items)) => {
            for item in items {
                inside(schema, form, item);
            }
        }
        (Form::Map(form), Node::Map(fields)) => {
            for (_, node) in fields.iter_mut() {
                inside(schema, form, node);
            }
        }
        _ => {}
    }
}

/// The mode of files in volumes: 0644.
const FILE_MODE: i64 = 0o644;

fn set_int(fields: &mut Fields, key: &str, value: i64) {
    set(fields, key, Node::Int(value));
}

/// The defaults of a type.
fn of_type(name: &str, object: &Type, fields: &mut Fields) {
    match name {
        "PodSpec" => {
            pod::drop_disabled(fields);
            set_text(fields, "dnsPolicy", "ClusterFirst");
            set_text(fields, "restartPolicy", "Always");
            child(fields, "securityContext");
            set_int(fields, "terminationGracePeriodSeconds", 30);
            set_text(fields, "schedulerName", "default-scheduler");
            pod::set_alias(fields);
        }
        "Container" | "EphemeralContainer" => {
            let policy = image::pull_policy(text(fields, "image"));
            set_text(fields, "imagePullPolicy", policy);
            set_text(fields, "terminationMessagePath", "/dev/termination-log");
            set_text(fields, "terminationMessagePolicy", "File");
        }
        "Volume" => {
            if !fields.iter().any(|(key, _)| &**key != "name") {
                child(fields, "emptyDir");
            }
        }
        "ImageVolumeSource" => {
            let policy = image::pull_policy(text(fields, "reference"));
            set_text(fields, "pullPolicy", policy);
        }
        "Probe" => {
            set_int(fields, "timeoutSeconds", 1);
            set_int(fields, "periodSeconds", 10);
            set_int(fields, "successThreshold", 1);
            set_int(fields, "failureThreshold", 3);
        }
        "HTTPGetAction" => {
            set_text(fields, "path", "/");
            set_text(fields, "scheme", "HTTP");
        }
        "SecretVolumeSource"
        | "ConfigMapVolumeSource"
        | "DownwardAPIVolumeSource"
        | "ProjectedVolumeSource" => set_int(fields, "defaultMode", FILE_MODE),
        "ServiceAccountTokenProjection" => set_int(fields, "expirationSeconds", 3600),
        "ObjectFieldSelector" => set_text(fields, "apiVersion", "v1"),
        "HostPathVolumeSource" => set_text(fields, "type", ""),
        "PersistentVolumeClaimSpec" => set_text(fields, "volumeMode", "Filesystem"),
        "PersistentVolumeClaim" => {
            let status = child(fields, "status");
            set_text(status, "phase", "Pending");
        }
        "PersistentVolume" => {
            set_text(child(fields, "status"), "phase", "Pending");
            let spec = child(fields, "spec");
            set_text(spec, "persistentVolumeReclaimPolicy", "Retain");
            set_text(spec, "volumeMode", "Filesystem");
        }
        "LimitRangeItem" => limit_range(fields),
        "NetworkPolicyPort" => set_text(fields, "protocol", "TCP"),
        "PodFailurePolicyOnPodConditionsPattern" => set_text(fields, "status", "True"),
        // of EndpointSlice; the port of Endpoints has a default in the OpenAPI document
        "EndpointPort" if object.field("name").is_some_and(|field| field.pointer) => {
            set_text(fields, "name", "");
            set_text(fields, "protocol", "TCP");
        }
        "EndpointPort" => set_text(fields, "protocol", "TCP"),
        _ => of_admission_type(name, fields),
    }
}

/// The defaults of the types of `admissionregistration.k8s.io`.
fn of_admission_type(name: &str, fields: &mut Fields) {
    match name {
        "ValidatingWebhook" | "MutatingWebhook" => {
            set_text(fields, "failurePolicy", "Fail");
            matching(fields);
            set_int(fields, "timeoutSeconds", 10);
            if name == "MutatingWebhook" {
                set_text(fields, "reinvocationPolicy", "Never");
            }
        }
        "ValidatingAdmissionPolicySpec" | "MutatingAdmissionPolicySpec" => {
            set_text(fields, "failurePolicy", "Fail");
        }
        "MatchResources" => matching(fields),
        "RuleWithOperations" | "NamedRuleWithOperations" => set_text(fields, "scope", "*"),
        "ServiceReference" => set_int(fields, "port", 443),
        _ => {}
    }
}

fn matching(fields: &mut Fields) {
    set_text(fields, "matchPolicy", "Equivalent");
    child(fields, "namespaceSelector");
    child(fields, "objectSelector");
}

/// Limits of containers: the default limit is the maximum, the default request the default
/// limit or the minimum.
fn limit_range(fields: &mut Fields) {
    if text(fields, "type") != "Container" {
        return;
    }
    for (from, to) in [
        ("max", "default"),
        ("default", "defaultRequest"),
        ("min", "defaultRequest"),
    ] {
        let Some(found) = fields.get(from).and_then(Node::as_map).cloned() else {
            continue;
        };
        let target = child(fields, to);
        for (key, node) in found.iter() {
            set(target, key, node.clone());
        }
    }
}

/// Requests that are not given are the limits: of Pods, not of templates.
pub(super) fn requests(spec: &mut Fields, containers: &str) {
    for container in each(spec, containers) {
        let limits = container
            .get("resources")
            .and_then(|resources| resources.get("limits"))
            .and_then(Node::as_map)
            .cloned();
        if let Some(limits) = limits {
            let requests = child(child(container, "resources"), "requests");
            for (key, node) in limits.iter() {
                set(requests, key, node.clone());
            }
        }
    }
}
