//! Defaults that hold for whole objects, by kind.

use vapwright_cel::document::{Fields, Node};

use super::{child, each, has, map_of, pod, set, set_text, text};
use crate::kinds::Gvk;
use crate::path::Path;

const RBAC: &str = "rbac.authorization.k8s.io";

fn set_int(fields: &mut Fields, key: &str, value: i64) {
    set(fields, key, Node::Int(value));
}

/// Sets the defaults of an object's kind.
pub(super) fn defaults(gvk: &Gvk, object: &mut Fields) {
    match (gvk.group.as_str(), gvk.kind.as_str()) {
        ("", "Pod") => pod::pod_defaults(object),
        ("", "Namespace") => namespace(object),
        ("", "Secret") => secret(object),
        ("", "Service") => service(child(object, "spec")),
        ("", "ReplicationController") => {
            if let Some(labels) = template_labels(object) {
                set(child(object, "spec"), "selector", labels.clone());
                set(child(object, "metadata"), "labels", labels);
            }
        }
        ("apps", "Deployment") => deployment(child(object, "spec")),
        ("apps", "DaemonSet") => daemon_set(child(object, "spec")),
        ("apps", "StatefulSet") => stateful_set(child(object, "spec")),
        ("apps", "ReplicaSet") => set_int(child(object, "spec"), "replicas", 1),
        ("batch", "Job") => {
            if let Some(labels) = template_labels(object) {
                set(child(object, "metadata"), "labels", labels);
            }
            job(child(object, "spec"));
        }
        ("batch", "CronJob") => {
            let spec = child(object, "spec");
            set_text(spec, "concurrencyPolicy", "Allow");
            set(spec, "suspend", Node::Bool(false));
            set_int(spec, "successfulJobsHistoryLimit", 3);
            set_int(spec, "failedJobsHistoryLimit", 1);
        }
        _ => others(gvk, object),
    }
}

fn others(gvk: &Gvk, object: &mut Fields) {
    match (gvk.group.as_str(), gvk.kind.as_str()) {
        ("networking.k8s.io", "NetworkPolicy") => {
            let spec = child(object, "spec");
            let egress = has(spec, "egress");
            let mut types = vec![Node::string("Ingress")];
            if egress {
                types.push(Node::string("Egress"));
            }
            set(spec, "policyTypes", Node::List(types));
        }
        ("networking.k8s.io", "IngressClass") => {
            if let Some(parameters) = map_of(child(object, "spec"), "parameters") {
                set_text(parameters, "scope", "Cluster");
            }
        }
        (RBAC, "RoleBinding" | "ClusterRoleBinding") => {
            set_text(child(object, "roleRef"), "apiGroup", RBAC);
            for subject in each(object, "subjects") {
                if matches!(text(subject, "kind"), "User" | "Group") {
                    set_text(subject, "apiGroup", RBAC);
                }
            }
        }
        ("autoscaling", "HorizontalPodAutoscaler") => autoscaler(gvk, child(object, "spec")),
        ("storage.k8s.io", "StorageClass") => {
            set_text(object, "reclaimPolicy", "Delete");
            set_text(object, "volumeBindingMode", "Immediate");
        }
        ("storage.k8s.io", "CSIDriver") => {
            let spec = child(object, "spec");
            set(spec, "attachRequired", Node::Bool(true));
            set_text(spec, "fsGroupPolicy", "ReadWriteOnceWithFSType");
            for off in [
                "podInfoOnMount",
                "requiresRepublish",
                "seLinuxMount",
                "storageCapacity",
            ] {
                set(spec, off, Node::Bool(false));
            }
            let modes = Node::List(vec![Node::string("Persistent")]);
            set(spec, "volumeLifecycleModes", modes);
        }
        ("flowcontrol.apiserver.k8s.io", "FlowSchema") => {
            set_int(child(object, "spec"), "matchingPrecedence", 1000);
        }
        ("scheduling.k8s.io", "PriorityClass") => {
            set_text(object, "preemptionPolicy", "PreemptLowerPriority");
        }
        _ => {}
    }
}

/// The labels of an object's template of Pods.
fn template_labels(object: &Fields) -> Option<Node> {
    let spec = object.get("spec")?;
    spec.at(&["template", "metadata", "labels"]).cloned()
}

fn namespace(object: &mut Fields) {
    let metadata = child(object, "metadata");
    let name = text(metadata, "name").to_owned();
    if !name.is_empty() {
        child(metadata, "labels").insert("kubernetes.io/metadata.name", Node::string(name));
    }
    set_text(child(object, "status"), "phase", "Active");
}

/// What is given as text becomes data in base64.
fn secret(object: &mut Fields) {
    use base64::Engine as _;
    set_text(object, "type", "Opaque");
    let Some(Node::Map(texts)) = object.remove("stringData") else {
        return;
    };
    let data = child(object, "data");
    for (key, node) in texts.iter() {
        let text = node.as_str().unwrap_or_default();
        let encoded = base64::engine::general_purpose::STANDARD.encode(text);
        data.insert(key.clone(), Node::string(encoded));
    }
}

fn service(spec: &mut Fields) {
    set_text(spec, "sessionAffinity", "None");
    if text(spec, "sessionAffinity") == "None" {
        spec.remove("sessionAffinityConfig");
    }
    if text(spec, "sessionAffinity") == "ClientIP" {
        let address = child(child(spec, "sessionAffinityConfig"), "clientIP");
        set_int(address, "timeoutSeconds", 10_800);
    }
    set_text(spec, "type", "ClusterIP");
    for port in each(spec, "ports") {
        set_text(port, "protocol", "TCP");
        let unset = match port.get("targetPort") {
            Some(Node::Int(number)) => *number == 0,
            Some(Node::String(name)) => name.is_empty(),
            _ => true,
        };
        if unset {
            let number = port.get("port").cloned().unwrap_or(Node::Int(0));
            port.insert("targetPort", number);
        }
    }
    let kind = text(spec, "type").to_owned();
    let external = matches!(kind.as_str(), "NodePort" | "LoadBalancer")
        || kind == "ClusterIP" && has(spec, "externalIPs");
    if external {
        set_text(spec, "externalTrafficPolicy", "Cluster");
    }
    if matches!(kind.as_str(), "NodePort" | "LoadBalancer" | "ClusterIP") {
        set_text(spec, "internalTrafficPolicy", "Cluster");
    }
    if kind == "LoadBalancer" {
        set(spec, "allocateLoadBalancerNodePorts", Node::Bool(true));
    }
}

fn deployment(spec: &mut Fields) {
    set_int(spec, "replicas", 1);
    let strategy = child(spec, "strategy");
    set_text(strategy, "type", "RollingUpdate");
    if text(strategy, "type") == "RollingUpdate" {
        let update = child(strategy, "rollingUpdate");
        set_text(update, "maxUnavailable", "25%");
        set_text(update, "maxSurge", "25%");
    }
    set_int(spec, "revisionHistoryLimit", 10);
    set_int(spec, "progressDeadlineSeconds", 600);
}

fn daemon_set(spec: &mut Fields) {
    let strategy = child(spec, "updateStrategy");
    set_text(strategy, "type", "RollingUpdate");
    if text(strategy, "type") == "RollingUpdate" {
        let update = child(strategy, "rollingUpdate");
        set_int(update, "maxUnavailable", 1);
        set_int(update, "maxSurge", 0);
    }
    set_int(spec, "revisionHistoryLimit", 10);
}

fn stateful_set(spec: &mut Fields) {
    set_text(spec, "podManagementPolicy", "OrderedReady");
    let strategy = child(spec, "updateStrategy");
    if !has(strategy, "type") {
        set_text(strategy, "type", "RollingUpdate");
        child(strategy, "rollingUpdate");
    }
    let rolling = text(strategy, "type") == "RollingUpdate";
    if let Some(update) = map_of(strategy, "rollingUpdate") {
        // its feature gate is off
        update.remove("maxUnavailable");
        if rolling {
            set_int(update, "partition", 0);
        }
    }
    let retention = child(spec, "persistentVolumeClaimRetentionPolicy");
    set_text(retention, "whenDeleted", "Retain");
    set_text(retention, "whenScaled", "Retain");
    set_int(spec, "replicas", 1);
    set_int(spec, "revisionHistoryLimit", 10);
    // templates of claims are whole objects
    for claim in each(spec, "volumeClaimTemplates") {
        set_text(claim, "apiVersion", "v1");
        set_text(claim, "kind", "PersistentVolumeClaim");
    }
}

fn job(spec: &mut Fields) {
    if !has(spec, "completions") && !has(spec, "parallelism") {
        set_int(spec, "completions", 1);
    }
    set_int(spec, "parallelism", 1);
    let limit = if has(spec, "backoffLimitPerIndex") {
        i64::from(i32::MAX)
    } else {
        6
    };
    set_int(spec, "backoffLimit", limit);
    set_text(spec, "completionMode", "NonIndexed");
    set(spec, "suspend", Node::Bool(false));
    let replacement = if has(spec, "podFailurePolicy") {
        "Failed"
    } else {
        "TerminatingOrFailed"
    };
    set_text(spec, "podReplacementPolicy", replacement);
    set(spec, "manualSelector", Node::Bool(false));
}

fn autoscaler(gvk: &Gvk, spec: &mut Fields) {
    set_int(spec, "minReplicas", 1);
    if gvk.version == "v1" {
        set_int(spec, "targetCPUUtilizationPercentage", 80);
        return;
    }
    let target = Node::map([
        ("type", Node::string("Utilization")),
        ("averageUtilization", Node::Int(80)),
    ]);
    let resource = Node::map([("name", Node::string("cpu")), ("target", target)]);
    let metric = Node::map([("type", Node::string("Resource")), ("resource", resource)]);
    set(spec, "metrics", Node::List(vec![metric]));
    let Some(behavior) = map_of(spec, "behavior") else {
        return;
    };
    let policy = |kind: &str, value| {
        Node::map([
            ("type", Node::string(kind)),
            ("value", Node::Int(value)),
            ("periodSeconds", Node::Int(15)),
        ])
    };
    let up = child(behavior, "scaleUp");
    set_int(up, "stabilizationWindowSeconds", 0);
    set_text(up, "selectPolicy", "Max");
    set(
        up,
        "policies",
        Node::List(vec![policy("Pods", 4), policy("Percent", 100)]),
    );
    let down = child(behavior, "scaleDown");
    set_text(down, "selectPolicy", "Max");
    set(down, "policies", Node::List(vec![policy("Percent", 100)]));
}

/// An autoscaler's policies have a default where there is no list of them, and none where there
/// is an empty one.
pub(super) fn keep_empty_policies(autoscaler: &mut Fields, empty: &[(Path, Node)]) {
    let behavior = map_of(autoscaler, "spec").and_then(|spec| map_of(spec, "behavior"));
    let Some(behavior) = behavior else { return };
    for rules in ["scaleUp", "scaleDown"] {
        let place = ["spec", "behavior", rules, "policies"];
        let place = place
            .iter()
            .fold(Path::root(), |path, name| path.field(name));
        if empty.iter().any(|(path, _)| *path == place)
            && let Some(rules) = map_of(behavior, rules)
        {
            rules.remove("policies");
        }
    }
}
