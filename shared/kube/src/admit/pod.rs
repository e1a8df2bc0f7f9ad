//! What the API server does to a Pod, and not to a template of Pods.

use vapwright_cel::document::{Fields, Node};

use super::{child, defaults, each, has, map_of, set, set_text, text};
use crate::quantity::Quantity;
use crate::validate::read::Read as _;
use crate::validate::resources::{is_huge_page, together};

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

/// Limits of huge pages and requests of a Pod that has resources of its own: what its containers
/// need together, or the limit.
fn pod_resources(spec: &mut Fields) {
    let own = |spec: &Fields, kind: &str| quantities(spec, kind).len();
    let (limits, requests) = (own(spec, "limits"), own(spec, "requests"));
    if limits + requests == 0 {
        return;
    }
    let mut huge: Vec<(String, String)> = Vec::new();
    for (name, sum) in together(spec, "limits") {
        let requested = spec.sub("resources").sub("requests").has(name);
        if is_huge_page(name) && !requested {
            huge.push((name.to_owned(), sum.canonical()));
        }
    }
    for (name, sum) in huge {
        let limits = child(child(spec, "resources"), "limits");
        set_text(limits, &name, &sum);
    }
    let limits = quantities(spec, "limits");
    let supported = |name: &str| matches!(name, "cpu" | "memory");
    let sums = together(spec, "requests").into_iter();
    let sums = sums.filter(|(name, _)| supported(name));
    let sums = sums.map(|(name, sum)| (name.to_owned(), sum));
    let limited = limits
        .iter()
        .filter(|(name, _)| supported(name) || is_huge_page(name));
    let wanted: Vec<_> = sums.chain(limited.cloned()).collect();
    if limits.is_empty() {
        return;
    }
    let requests = child(child(spec, "resources"), "requests");
    for (name, quantity) in wanted {
        set_text(requests, &name, &quantity.canonical());
    }
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

pub(super) fn append(fields: &mut Fields, key: &str, node: Node) {
    match fields.get_mut(key) {
        Some(Node::List(items)) => items.push(node),
        _ => {
            fields.insert(key, Node::List(vec![node]));
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

/// Takes out of a Pod's specification what feature gates, as by default, do not let in:
/// `dropDisabledFields`.
pub(super) fn drop_disabled(spec: &mut Fields) {
    spec.remove("schedulingGroup");
    for containers in CONTAINERS {
        for container in each(spec, containers) {
            let Some(lifecycle) = map_of(container, "lifecycle") else {
                continue;
            };
            if lifecycle.remove("stopSignal").is_some() && lifecycle.is_empty() {
                container.remove("lifecycle");
            }
        }
    }
    for volume in each(spec, "volumes") {
        if let Some(projected) = map_of(volume, "projected") {
            for source in each(projected, "sources") {
                source.remove("clusterTrustBundle");
                source.remove("podCertificate");
            }
        }
    }
}
