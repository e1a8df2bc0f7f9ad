//! What the API server does to a Pod, and not to a template of Pods.

use vapwright_cel::document::{Fields, Node};

use super::{Settings, child, defaults, each, has, map_of, set, set_text, text};
use crate::quantity::Quantity;

/// Where the token of the service account is mounted.
const TOKEN_PATH: &str = "/var/run/secrets/kubernetes.io/serviceaccount";
/// The volume of the token; a real server makes up the last five letters.
const TOKEN_VOLUME: &str = "kube-api-access-xxxxx";
/// The prefix of the annotations that name AppArmor profiles.
const APP_ARMOR: &str = "container.apparmor.security.beta.kubernetes.io/";
/// The lists of containers that a Pod may have.
const CONTAINERS: [&str; 3] = ["initContainers", "containers", "ephemeralContainers"];

/// Defaults of Pods: `SetDefaults_Pod`.
pub(super) fn pod_defaults(pod: &mut Fields) {
    let spec = child(pod, "spec");
    for containers in ["containers", "initContainers"] {
        defaults::requests(spec, containers);
    }
    pod_resources(spec);
    set(spec, "enableServiceLinks", Node::Bool(true));
    if spec.get("hostNetwork").and_then(Node::as_bool) == Some(true) {
        for containers in ["containers", "initContainers"] {
            for container in each(spec, containers) {
                for port in each(container, "ports") {
                    if let Some(number) = port.get("containerPort").cloned() {
                        set(port, "hostPort", number);
                    }
                }
            }
        }
    }
}

/// The quantities of `resources.KIND` of a container or of a Pod's specification.
fn quantities(holder: &Fields, kind: &str) -> Vec<(String, Quantity)> {
    let list = holder.get("resources").and_then(|found| found.get(kind));
    let list = list
        .and_then(Node::as_map)
        .into_iter()
        .flat_map(Fields::iter);
    list.filter_map(|(name, node)| {
        let quantity = Quantity::parse(node.as_str()?).ok()?;
        Some((name.to_string(), quantity))
    })
    .collect()
}

/// Requests of a whole Pod that has limits: what its containers request together, or the limit.
fn pod_resources(spec: &mut Fields) {
    let limits = quantities(spec, "limits");
    if limits.is_empty() {
        return;
    }
    let mut sums: Vec<(String, Quantity)> = Vec::new();
    for container in each(spec, "containers") {
        for (name, quantity) in quantities(container, "requests") {
            match sums.iter_mut().find(|(found, _)| *found == name) {
                Some((_, sum)) => *sum = sum.with_nano(sum.nano() + quantity.nano()),
                None => sums.push((name, quantity)),
            }
        }
    }
    let requests = child(child(spec, "resources"), "requests");
    let supported = |name: &str| matches!(name, "cpu" | "memory") || name.starts_with("hugepages-");
    for (name, quantity) in sums
        .iter()
        .filter(|(name, _)| matches!(name.as_str(), "cpu" | "memory"))
    {
        set_text(requests, name, &quantity.canonical());
    }
    for (name, quantity) in limits.iter().filter(|(name, _)| supported(name)) {
        set_text(requests, name, &quantity.canonical());
    }
}

/// What admission plugins set.
pub(super) fn plugins(pod: &mut Fields, settings: &Settings) {
    let spec = child(pod, "spec");
    if settings.service_account {
        service_account(spec);
    }
    priority(spec);
    tolerations(spec);
}

/// What the creation of a Pod sets.
pub(super) fn create(pod: &mut Fields) {
    annotations(pod);
    let labels = pod.get("metadata").and_then(|found| found.get("labels"));
    let labels = labels.and_then(Node::as_map).cloned();
    let spec = child(pod, "spec");
    if let Some(Node::Int(seconds)) = spec.get_mut("terminationGracePeriodSeconds")
        && *seconds < 0
    {
        *seconds = 1;
    }
    label_keys(spec, labels.as_ref());
    app_armor(pod);
    let class = quality(pod);
    let gated = pod
        .get("spec")
        .and_then(|spec| spec.get("schedulingGates"))
        .and_then(Node::as_list)
        .is_some_and(|gates| !gates.is_empty());
    let mut status = Fields::new();
    status.push("phase", Node::string("Pending"));
    status.push("qosClass", Node::string(class));
    if gated {
        let condition = [
            ("type", "PodScheduled"),
            ("status", "False"),
            ("reason", "SchedulingGated"),
            (
                "message",
                "Scheduling is blocked due to non-empty scheduling gates",
            ),
        ];
        let condition = Node::map(condition.map(|(key, text)| (key, Node::string(text))));
        status.push("conditions", Node::List(vec![condition]));
    }
    pod.insert("status", Node::Map(status));
}

/// Annotations of long ago, which are dropped.
fn annotations(pod: &mut Fields) {
    let Some(found) = map_of(child(pod, "metadata"), "annotations") else {
        return;
    };
    for stage in ["alpha", "beta"] {
        for kind in ["init-containers", "init-container-statuses"] {
            found.remove(&format!("pod.{stage}.kubernetes.io/{kind}"));
        }
    }
}

/// The plugin `ServiceAccount`.
fn service_account(spec: &mut Fields) {
    set_text(spec, "serviceAccountName", "default");
    if spec
        .get("automountServiceAccountToken")
        .and_then(Node::as_bool)
        == Some(false)
    {
        return;
    }
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
    set_alias(spec);
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

/// `serviceAccount` is the old name of `serviceAccountName`, and always its copy.
pub(super) fn set_alias(spec: &mut Fields) {
    if !has(spec, "serviceAccountName")
        && let Some(old) = spec.get("serviceAccount").cloned()
    {
        spec.insert("serviceAccountName", old);
    }
    if let Some(name) = spec.get("serviceAccountName").cloned() {
        spec.insert("serviceAccount", name);
    }
}

fn append(fields: &mut Fields, key: &str, node: Node) {
    match fields.get_mut(key) {
        Some(Node::List(items)) => items.push(node),
        _ => {
            fields.insert(key, Node::List(vec![node]));
        }
    }
}

/// The plugin `Priority`, as far as it needs no cluster: the classes that every cluster has, and
/// none.
fn priority(spec: &mut Fields) {
    let value = match text(spec, "priorityClassName") {
        "" => 0,
        "system-cluster-critical" => 2_000_000_000,
        "system-node-critical" => 2_000_001_000,
        _ => return,
    };
    set(spec, "priority", Node::Int(value));
    set_text(spec, "preemptionPolicy", "PreemptLowerPriority");
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

/// `matchLabelKeys` and `mismatchLabelKeys` become expressions of the selector beside them.
fn label_keys(spec: &mut Fields, labels: Option<&Fields>) {
    let Some(labels) = labels else { return };
    for constraint in each(spec, "topologySpreadConstraints") {
        merge_keys(constraint, labels);
    }
    let Some(affinity) = map_of(spec, "affinity") else {
        return;
    };
    for kind in ["podAffinity", "podAntiAffinity"] {
        let Some(terms) = map_of(affinity, kind) else {
            continue;
        };
        for term in each(terms, "requiredDuringSchedulingIgnoredDuringExecution") {
            merge_keys(term, labels);
        }
        for weighted in each(terms, "preferredDuringSchedulingIgnoredDuringExecution") {
            if let Some(term) = map_of(weighted, "podAffinityTerm") {
                merge_keys(term, labels);
            }
        }
    }
}

fn merge_keys(term: &mut Fields, labels: &Fields) {
    for (list, operator) in [("matchLabelKeys", "In"), ("mismatchLabelKeys", "NotIn")] {
        let keys = term.get(list).and_then(Node::as_list).unwrap_or_default();
        let found: Vec<Node> = keys
            .iter()
            .filter_map(|key| {
                let value = labels.get(key.as_str()?)?.clone();
                Some(Node::map([
                    ("key", key.clone()),
                    ("operator", Node::string(operator)),
                    ("values", Node::List(vec![value])),
                ]))
            })
            .collect();
        if let Some(selector) = map_of(term, "labelSelector") {
            for expression in found {
                append(selector, "matchExpressions", expression);
            }
        }
    }
}

/// AppArmor profiles in annotations become fields of the containers that have none.
fn app_armor(pod: &mut Fields) {
    let annotations = pod
        .get("metadata")
        .and_then(|found| found.get("annotations"));
    let Some(annotations) = annotations.and_then(Node::as_map).cloned() else {
        return;
    };
    let spec = child(pod, "spec");
    if spec
        .get("os")
        .and_then(|os| os.get("name"))
        .and_then(Node::as_str)
        == Some("windows")
    {
        return;
    }
    let of_pod = spec
        .get("securityContext")
        .and_then(|context| context.get("appArmorProfile"))
        .cloned();
    for containers in CONTAINERS {
        for container in each(spec, containers) {
            let key = format!("{APP_ARMOR}{}", text(container, "name"));
            let Some(profile) = annotations
                .get(&key)
                .and_then(Node::as_str)
                .and_then(profile)
            else {
                continue;
            };
            let has_own = container
                .get("securityContext")
                .is_some_and(|context| context.get("appArmorProfile").is_some());
            if !has_own && of_pod.as_ref() != Some(&profile) {
                child(container, "securityContext").insert("appArmorProfile", profile);
            }
        }
    }
}

/// The profile that an annotation names.
fn profile(annotation: &str) -> Option<Node> {
    let kind = |kind: &str| ("type", Node::string(kind));
    Some(match annotation {
        "unconfined" => Node::map([kind("Unconfined")]),
        "runtime/default" => Node::map([kind("RuntimeDefault")]),
        _ => {
            let name = annotation.strip_prefix("localhost/")?;
            let fits = !name.is_empty() && name.trim() == name && name.len() <= 4095;
            fits.then(|| {
                let name = ("localhostProfile", Node::string(name));
                Node::map([kind("Localhost"), name])
            })?
        }
    })
}

/// The quality-of-service class of a Pod.
fn quality(pod: &mut Fields) -> &'static str {
    let spec = child(pod, "spec");
    let mut sums: [Vec<(String, i128)>; 2] = [Vec::new(), Vec::new()];
    let mut guaranteed = true;
    let mut count = |holder: &Fields| {
        for (kind, sums) in ["requests", "limits"].into_iter().zip(&mut sums) {
            let mut found = 0;
            for (name, quantity) in quantities(holder, kind) {
                if !matches!(name.as_str(), "cpu" | "memory") || !quantity.is_positive() {
                    continue;
                }
                found += 1;
                match sums.iter_mut().find(|(other, _)| *other == name) {
                    Some((_, sum)) => *sum += quantity.nano(),
                    None => sums.push((name, quantity.nano())),
                }
            }
            guaranteed &= kind == "requests" || found == 2;
        }
    };
    if has(spec, "resources") {
        count(spec);
    } else {
        for containers in ["containers", "initContainers"] {
            for container in each(spec, containers) {
                count(container);
            }
        }
    }
    for sums in &mut sums {
        sums.sort();
    }
    let [requests, limits] = sums;
    if requests.is_empty() && limits.is_empty() {
        "BestEffort"
    } else if guaranteed && requests == limits {
        "Guaranteed"
    } else {
        "Burstable"
    }
}
