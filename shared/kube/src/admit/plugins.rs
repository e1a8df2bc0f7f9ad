//! The API server's own admission plugins for Pods, in its order: those that are on by default
//! and change or refuse a Pod.

use vapwright_cel::document::{Fields, Node};
use vapwright_cel::value::go::quote;

use super::cluster::Cluster;
use super::pod::append;
use super::{Settings, child, each, has, limits, set, set_text, text};
use crate::validate::read::Read as _;

/// Where the token of the service account is mounted.
const TOKEN_PATH: &str = "/var/run/secrets/kubernetes.io/serviceaccount";
/// The volume of the token; a real server makes up the last five letters.
const TOKEN_VOLUME: &str = "kube-api-access-xxxxx";
/// Marks Pods that a node's agent has made.
const MIRROR: &str = "kubernetes.io/config.mirror";

/// What the plugins do to a Pod; the reason where one of them refuses it.
pub(super) fn admit(pod: &mut Fields, settings: &Settings) -> Result<(), String> {
    let cluster = &settings.cluster;
    let namespace = pod.get("metadata").text("namespace").to_owned();
    for limit in cluster.limits(&namespace) {
        limits::defaults(pod, limit);
    }
    if settings.service_account {
        service_account(pod, cluster)?;
    }
    priority(child(pod, "spec"), cluster)?;
    tolerations(child(pod, "spec"));
    runtime_class(child(pod, "spec"), cluster)
}

/// What the plugins find wrong with a Pod that is valid.
pub(crate) fn validate(pod: &Node, settings: &Settings) -> Result<(), String> {
    let namespace = pod.get("metadata").text("namespace");
    for limit in settings.cluster.limits(namespace) {
        limits::validate(pod, limit)?;
    }
    let spec = pod.sub("spec");
    let Some(class) = spec.word("runtimeClassName") else {
        return match spec.has("overhead") {
            true => Err("pod rejected: Pod Overhead set without corresponding RuntimeClass defined Overhead".to_owned()),
            false => Ok(()),
        };
    };
    let Some(found) = settings.cluster.find("RuntimeClass", "", class) else {
        return Ok(());
    };
    let wanted = found.sub("overhead").sub("podFixed");
    match (found.has("overhead"), spec.sub("overhead")) {
        (true, overhead) if overhead != wanted => Err(OVERHEAD.to_owned()),
        (false, Some(_)) => Err(
            "pod rejected: Pod Overhead set without corresponding RuntimeClass defined Overhead"
                .to_owned(),
        ),
        _ => Ok(()),
    }
}

const OVERHEAD: &str = "pod rejected: Pod's Overhead doesn't match RuntimeClass's defined Overhead";

/// The plugin `ServiceAccount`.
fn service_account(pod: &mut Fields, cluster: &Cluster) -> Result<(), String> {
    let meta = pod.get("metadata");
    let namespace = meta.text("namespace").to_owned();
    let mirror = meta.sub("annotations").has(MIRROR);
    let spec = child(pod, "spec");
    if mirror {
        return match text(spec, "serviceAccountName") {
            "" => Ok(()),
            _ => Err("a mirror pod may not reference service accounts".to_owned()),
        };
    }
    set_text(spec, "serviceAccountName", "default");
    super::pod::set_alias(spec);
    let name = text(spec, "serviceAccountName").to_owned();
    let account = cluster.find("ServiceAccount", &namespace, &name);
    // every namespace has an account `default`
    let made = name == "default" && !cluster.complete;
    if account.is_none() && !made && cluster.knows("ServiceAccount") {
        let missing = quote(&name);
        return Err(format!(
            "error looking up service account {namespace}/{name}: serviceaccount {missing} not found"
        ));
    }
    let own = spec
        .get("automountServiceAccountToken")
        .and_then(Node::as_bool);
    let wanted = own.or_else(|| account.flag("automountServiceAccountToken"));
    if wanted != Some(false) {
        mount_token(spec);
    }
    let secrets = account.list("imagePullSecrets");
    if !has(spec, "imagePullSecrets") && !secrets.is_empty() {
        spec.insert("imagePullSecrets", Node::List(secrets.to_vec()));
    }
    Ok(())
}

fn mount_token(spec: &mut Fields) {
    let name = each(spec, "volumes")
        .find(|volume| text(volume, "name").starts_with("kube-api-access-"))
        .map(|volume| text(volume, "name").to_owned());
    let volume = name.clone().unwrap_or_else(|| TOKEN_VOLUME.to_owned());
    let mut mounted = false;
    for containers in ["initContainers", "containers"] {
        for container in each(spec, containers) {
            if each(container, "volumeMounts").any(|mount| text(mount, "mountPath") == TOKEN_PATH) {
                continue;
            }
            mounted = true;
            append(
                container,
                "volumeMounts",
                Node::map([
                    ("name", Node::string(volume.as_str())),
                    ("readOnly", Node::Bool(true)),
                    ("mountPath", Node::string(TOKEN_PATH)),
                ]),
            );
        }
    }
    if name.is_none() && mounted {
        append(spec, "volumes", token_volume());
    }
}

/// The volume of the service account's token.
fn token_volume() -> Node {
    let text = |text: &str| Node::string(text);
    let item = |key: &str, value: Node| Node::map([(key, value), ("path", text("ca.crt"))]);
    let token = Node::map([
        ("expirationSeconds", Node::Int(3607)),
        ("path", text("token")),
    ]);
    let authority = Node::map([
        ("name", text("kube-root-ca.crt")),
        ("items", Node::List(vec![item("key", text("ca.crt"))])),
    ]);
    let namespace = Node::map([
        ("path", text("namespace")),
        (
            "fieldRef",
            Node::map([
                ("apiVersion", text("v1")),
                ("fieldPath", text("metadata.namespace")),
            ]),
        ),
    ]);
    let namespace = Node::map([("items", Node::List(vec![namespace]))]);
    let sources = vec![
        Node::map([("serviceAccountToken", token)]),
        Node::map([("configMap", authority)]),
        Node::map([("downwardAPI", namespace)]),
    ];
    Node::map([
        ("name", text(TOKEN_VOLUME)),
        (
            "projected",
            Node::map([
                ("defaultMode", Node::Int(0o644)),
                ("sources", Node::List(sources)),
            ]),
        ),
    ])
}

/// The plugin `DefaultTolerationSeconds`.
fn tolerations(spec: &mut Fields) {
    for taint in ["not-ready", "unreachable"] {
        let taint = format!("node.kubernetes.io/{taint}");
        let tolerated = each(spec, "tolerations").any(|toleration| {
            let key = text(toleration, "key");
            (key.is_empty() || key == taint)
                && matches!(text(toleration, "effect"), "" | "NoExecute")
        });
        // what is added for the first does not stand in the way of the second
        if !tolerated {
            append(
                spec,
                "tolerations",
                Node::map([
                    ("key", Node::string(taint)),
                    ("operator", Node::string("Exists")),
                    ("effect", Node::string("NoExecute")),
                    ("tolerationSeconds", Node::Int(300)),
                ]),
            );
        }
    }
}

/// The plugin `Priority`. A class that nobody gave is left alone, unless others were given.
fn priority(spec: &mut Fields, cluster: &Cluster) -> Result<(), String> {
    let name = text(spec, "priorityClassName").to_owned();
    let found = if name.is_empty() {
        cluster.default_priority()
    } else {
        cluster.find("PriorityClass", "", &name)
    };
    let (value, policy) = match (found, name.as_str()) {
        (Some(class), _) => (
            class.int("value").unwrap_or(0),
            class.word("preemptionPolicy"),
        ),
        (None, "") => (0, Some("PreemptLowerPriority")),
        (None, "system-cluster-critical") => (2_000_000_000, Some("PreemptLowerPriority")),
        (None, "system-node-critical") => (2_000_001_000, Some("PreemptLowerPriority")),
        (None, _) if cluster.knows("PriorityClass") => {
            return Err(format!("no PriorityClass with name {name} was found"));
        }
        (None, _) => return Ok(()),
    };
    if let Some(class) = found {
        let name = class.sub("metadata").text("name");
        spec.insert("priorityClassName", Node::string(name));
    }
    if let Some(given) = spec.get("priority").and_then(Node::as_int)
        && given != value
    {
        return Err(format!(
            "the integer value of priority ({given}) must not be provided in pod spec; priority admission controller computed {value} from the given PriorityClass name"
        ));
    }
    spec.insert("priority", Node::Int(value));
    let Some(policy) = policy else { return Ok(()) };
    if has(spec, "preemptionPolicy") && text(spec, "preemptionPolicy") != policy {
        let given = text(spec, "preemptionPolicy");
        return Err(format!(
            "the string value of PreemptionPolicy ({given}) must not be provided in pod spec; priority admission controller computed {policy} from the given PriorityClass name"
        ));
    }
    set_text(spec, "preemptionPolicy", policy);
    Ok(())
}

/// The plugin `RuntimeClass`. A class that nobody gave is left alone, unless others were given.
fn runtime_class(spec: &mut Fields, cluster: &Cluster) -> Result<(), String> {
    let Some(name) = spec.get("runtimeClassName").and_then(Node::as_str) else {
        return Ok(());
    };
    let Some(class) = cluster.find("RuntimeClass", "", name) else {
        return if cluster.knows("RuntimeClass") {
            Err(format!(
                "pod rejected: RuntimeClass {} not found",
                quote(name)
            ))
        } else {
            Ok(())
        };
    };
    if class.has("overhead") {
        let fixed = class.sub("overhead").sub("podFixed").cloned();
        if has(spec, "overhead") && spec.get("overhead") != fixed.as_ref() {
            return Err(OVERHEAD.to_owned());
        }
        if let Some(fixed) = fixed {
            spec.insert("overhead", fixed);
        }
    }
    let scheduling = class.sub("scheduling");
    for (key, value) in scheduling.entries("nodeSelector") {
        let selector = child(spec, "nodeSelector");
        if let Some(own) = selector.get(key).filter(|own| *own != value) {
            let (own, value) = (own.as_str().unwrap_or(""), value.as_str().unwrap_or(""));
            return Err(format!(
                "conflict: runtimeClass.scheduling.nodeSelector[{key}] = {value}; pod.spec.nodeSelector[{key}] = {own}"
            ));
        }
        set(selector, key, value.clone());
    }
    if scheduling.is_some() {
        let own = match spec.get("tolerations") {
            Some(Node::List(own)) => own.as_slice(),
            _ => &[],
        };
        let merged = merge(own, scheduling.list("tolerations"));
        spec.insert("tolerations", Node::List(merged));
    }
    Ok(())
}

/// `MergeTolerations`: without those that others cover.
fn merge(first: &[Node], second: &[Node]) -> Vec<Node> {
    let all: Vec<&Node> = first.iter().chain(second).collect();
    let mut merged: Vec<Node> = Vec::new();
    for (index, toleration) in all.iter().enumerate() {
        let mut after = all.iter().skip(index + 1);
        let covered = merged.iter().any(|other| covers(other, toleration))
            || after.any(|other| other != toleration && covers(other, toleration));
        if !covered {
            merged.push((*toleration).clone());
        }
    }
    merged
}

/// Whether a toleration tolerates all that another does.
fn covers(wide: &Node, narrow: &Node) -> bool {
    if wide == narrow {
        return true;
    }
    let same = |key: &str| wide.text(key) == narrow.text(key);
    let operator = wide.text("operator");
    if !(same("key") || wide.text("key").is_empty() && operator == "Exists")
        || !same("effect") && !wide.text("effect").is_empty()
    {
        return false;
    }
    if wide.text("effect") == "NoExecute"
        && let Some(seconds) = wide.int("tolerationSeconds")
        && narrow
            .int("tolerationSeconds")
            .is_none_or(|own| own > seconds)
    {
        return false;
    }
    match operator {
        "Equal" | "" => narrow.text("operator") == "Equal" && same("value"),
        "Exists" => true,
        _ => false,
    }
}
