//! Warnings of a Pod or a template of one (`pkg/api/pod/warnings.go`).

use core::net::Ipv6Addr;
use std::collections::BTreeMap;

use vapwright_cel::document::Node;
use vapwright_cel::value::go::quote;

use super::{Warnings, has, items, key, text, volumes};
use crate::names;
use crate::path::Path;

const ANNOTATIONS: [(&str, &str); 3] = [
    (
        "scheduler.alpha.kubernetes.io/critical-pod",
        "non-functional in v1.16+; use the \"priorityClassName\" field instead",
    ),
    (
        "security.alpha.kubernetes.io/sysctls",
        "non-functional in v1.11+; use the \"sysctls\" field instead",
    ),
    (
        "security.alpha.kubernetes.io/unsafe-sysctls",
        "non-functional in v1.11+; use the \"sysctls\" field instead",
    ),
];

const NODE_LABELS: [(&str, &str); 8] = [
    (
        "beta.kubernetes.io/arch",
        "deprecated since v1.14; use \"kubernetes.io/arch\" instead",
    ),
    (
        "beta.kubernetes.io/os",
        "deprecated since v1.14; use \"kubernetes.io/os\" instead",
    ),
    (
        "failure-domain.beta.kubernetes.io/region",
        "deprecated since v1.17; use \"topology.kubernetes.io/region\" instead",
    ),
    (
        "failure-domain.beta.kubernetes.io/zone",
        "deprecated since v1.17; use \"topology.kubernetes.io/zone\" instead",
    ),
    (
        "beta.kubernetes.io/instance-type",
        "deprecated since v1.17; use \"node.kubernetes.io/instance-type\" instead",
    ),
    ("app.kubernetes.io/created-by", "deprecated since v1.9"),
    (
        "scheduler.alpha.kubernetes.io/preferAvoidPods",
        "deprecated since v1.22; use Taints and Tolerations instead",
    ),
    (
        "node-role.kubernetes.io/master",
        "use \"node-role.kubernetes.io/control-plane\" instead",
    ),
];

const SECCOMP: &str = "non-functional in v1.27+; use the \"seccompProfile\" field instead";
const SECCOMP_POD: &str = "seccomp.security.alpha.kubernetes.io/pod";
const SECCOMP_CONTAINER: &str = "container.seccomp.security.alpha.kubernetes.io/";
const APP_ARMOR: &str = "deprecated since v1.30; use the \"appArmorProfile\" field instead";
const APP_ARMOR_CONTAINER: &str = "container.apparmor.security.beta.kubernetes.io/";
const NO_SELECTOR: &str = "a null labelSelector results in matching no pod";
const REQUIRED: &str = "requiredDuringSchedulingIgnoredDuringExecution";
const PREFERRED: &str = "preferredDuringSchedulingIgnoredDuringExecution";

fn node_label(label: &str) -> Option<&'static str> {
    let mut all = NODE_LABELS.iter();
    all.find(|(known, _)| *known == label)
        .map(|(_, text)| *text)
}

/// All containers with their paths.
fn containers<'n>(pod: &'n Node, at: &Path) -> impl Iterator<Item = (Path, &'n Node)> {
    ["initContainers", "containers", "ephemeralContainers"]
        .into_iter()
        .flat_map(move |list| items(pod, at, &["spec", list]).collect::<Vec<_>>())
}

/// Warnings of a Pod, at the root, or of a template.
pub(super) fn check(warnings: &mut Warnings, pod: &Node, at: &Path) {
    let spec = at.field("spec");
    let annotations = pod.at(&["metadata", "annotations"]).and_then(Node::as_map);
    let annotated = |key: &str| annotations.is_some_and(|found| found.get(key).is_some());
    let at_annotations = at.fields(&["metadata", "annotations"]);
    scheduling(warnings, pod, at);
    for (name, text) in ANNOTATIONS {
        if annotated(name) {
            warnings.add(key(&at_annotations, name), text);
        }
    }
    volumes::check(warnings, pod, at);
    twice(warnings, pod, at, "hostAliases", "ip");
    twice(warnings, pod, at, "imagePullSecrets", "name");
    for (at, secret) in items(pod, at, &["spec", "imagePullSecrets"]) {
        if text(secret, &["name"]).is_empty() {
            warnings.add(at.field("name"), "invalid empty name \"\"");
        }
    }
    for name in ["memory", "ephemeral-storage"] {
        let overhead = pod.at(&["spec", "overhead"]);
        warnings.fractional(&spec.field("overhead"), overhead, name);
    }
    let seccomp = ["securityContext", "seccompProfile"];
    let pod_spec = pod.get("spec").unwrap_or(&Node::Null);
    if !has(pod_spec, &seccomp) && annotated(SECCOMP_POD) {
        warnings.add(key(&at_annotations, SECCOMP_POD), SECCOMP);
    }
    for (path, container) in containers(pod, at) {
        let annotation = format!("{SECCOMP_CONTAINER}{}", text(container, &["name"]));
        if !has(container, &seccomp) && annotated(&annotation) {
            warnings.add(key(&at_annotations, &annotation), SECCOMP);
        }
        if !at.0.is_empty() {
            app_armor_of(warnings, pod, container, &at_annotations);
        }
        for name in ["memory", "ephemeral-storage"] {
            for list in ["limits", "requests"] {
                let found = container.at(&["resources", list]);
                warnings.fractional(&path.fields(&["resources", list]), found, name);
            }
        }
        environment(warnings, container, &path);
    }
    ports(warnings, pod, at);
    let period = pod.at(&["spec", "terminationGracePeriodSeconds"]);
    if period
        .and_then(Node::as_int)
        .is_some_and(|period| period < 0)
    {
        let text = "must be >= 0; negative values are invalid and will be treated as 1";
        warnings.add(spec.field("terminationGracePeriodSeconds"), text);
    }
    affinity(warnings, pod, at);
    for (at, server) in items(pod, at, &["spec", "dnsConfig", "nameservers"]) {
        address(warnings, &at, server.as_str().unwrap_or_default());
    }
    for (at, alias) in items(pod, at, &["spec", "hostAliases"]) {
        address(warnings, &at.field("ip"), text(alias, &["ip"]));
    }
}

/// An IPv6 address in another form than the usual (`GetWarningsForIP`); others that are not of the
/// usual form are refused.
fn address(warnings: &mut Warnings, at: &Path, value: &str) {
    let Ok(address) = value.parse::<Ipv6Addr>() else {
        return;
    };
    let canonical = address.to_string();
    if canonical != value {
        let value = quote(value);
        let text = format!(
            "IPv6 address {value} should be in RFC 5952 canonical format (\"{canonical}\")"
        );
        warnings.add(at, text);
    }
}

/// Labels of nodes that are deprecated, and spreading over no Pods.
fn scheduling(warnings: &mut Warnings, pod: &Node, at: &Path) {
    let selector = pod.at(&["spec", "nodeSelector"]).and_then(Node::as_map);
    for (label, _) in selector.iter().flat_map(|selector| selector.iter()) {
        if let Some(text) = node_label(label) {
            warnings.add(key(&at.fields(&["spec", "nodeSelector"]), label), text);
        }
    }
    let required = [
        "spec",
        "affinity",
        "nodeAffinity",
        REQUIRED,
        "nodeSelectorTerms",
    ];
    for (at, term) in items(pod, at, &required) {
        selector_term(warnings, term, &at, false);
    }
    for (at, term) in items(pod, at, &["spec", "affinity", "nodeAffinity", PREFERRED]) {
        let preference = term.get("preference").unwrap_or(&Node::Null);
        selector_term(warnings, preference, &at.field("preference"), true);
    }
    for (at, constraint) in items(pod, at, &["spec", "topologySpreadConstraints"]) {
        let label = text(constraint, &["topologyKey"]);
        if let Some(text) = node_label(label) {
            warnings.add(at.field("topologyKey"), format!("{label} is {text}"));
        }
        if !has(constraint, &["labelSelector"]) {
            warnings.add(at.field("labelSelector"), NO_SELECTOR);
        }
    }
}

fn selector_term(warnings: &mut Warnings, term: &Node, at: &Path, values: bool) {
    for (at, expression) in items(term, at, &["matchExpressions"]) {
        let label = text(expression, &["key"]);
        if let Some(text) = node_label(label) {
            warnings.add(at.field("key"), format!("{label} is {text}"));
        }
        for (at, value) in items(expression, &at, &["values"]).filter(|_| values) {
            let value = value.as_str().unwrap_or_default();
            for error in names::label_value(value) {
                let error = error.replace(" bytes", " characters");
                warnings.add(&at, format!("{value} is invalid, {error}"));
            }
        }
    }
}

/// Items of a list of which a field must differ, for its use.
fn twice(warnings: &mut Warnings, pod: &Node, at: &Path, list: &str, field: &str) {
    let mut seen: Vec<&str> = Vec::new();
    for (at, item) in items(pod, at, &["spec", list]) {
        let value = text(item, &[field]);
        if seen.contains(&value) {
            warnings.add(
                at.field(field),
                format!("duplicate {field} {}", quote(value)),
            );
        } else {
            seen.push(value);
        }
    }
}

/// An annotation of a template's container without a field that says the same.
fn app_armor_of(warnings: &mut Warnings, pod: &Node, container: &Node, annotations: &Path) {
    if has(container, &["securityContext", "appArmorProfile"]) {
        return;
    }
    let name = format!("{APP_ARMOR_CONTAINER}{}", text(container, &["name"]));
    let value = pod.at(&["metadata", "annotations", &name]);
    let Some(value) = value.and_then(Node::as_str) else {
        return;
    };
    let of_pod = pod.at(&["spec", "securityContext", "appArmorProfile"]);
    if of_pod.is_none_or(Node::is_null) || !says(of_pod, value) {
        warnings.add(key(annotations, &name), APP_ARMOR);
    }
}

/// Whether a profile is the one that an annotation names (`ApparmorFieldForAnnotation`).
fn says(profile: Option<&Node>, annotation: &str) -> bool {
    let (kind, name) = match annotation {
        "unconfined" => ("Unconfined", ""),
        "runtime/default" => ("RuntimeDefault", ""),
        _ => match annotation.strip_prefix("localhost/") {
            Some(name) if !name.is_empty() => ("Localhost", name),
            _ => return profile.is_none(),
        },
    };
    profile.is_some_and(|profile| {
        let given = profile.get("localhostProfile").and_then(Node::as_str);
        text(profile, &["type"]) == kind && given.unwrap_or_default() == name
    })
}

/// Annotations of a Pod as it was sent, before they are written into fields
/// (`applyAppArmorVersionSkew`).
pub(super) fn app_armor(warnings: &mut Warnings, sent: &Node) {
    if text(sent, &["spec", "os", "name"]) == "windows" {
        return;
    }
    let at = Path::root().fields(&["metadata", "annotations"]);
    for (_, container) in containers(sent, &Path::root()) {
        app_armor_of(warnings, sent, container, &at);
    }
}

/// Variables that hide others of the same name.
fn environment(warnings: &mut Warnings, container: &Node, at: &Path) {
    let mut seen: Vec<&str> = Vec::new();
    for (at, variable) in items(container, at, &["env"]) {
        let name = text(variable, &["name"]);
        if !seen.contains(&name) {
            seen.push(name);
            continue;
        }
        let value = text(variable, &["value"]);
        let reference = format!("$({name})");
        let extends = value != reference && value.contains(&reference);
        if has(variable, &["valueFrom"]) || !extends {
            let text = format!(
                "hides previous definition of {}, which may be dropped when using apply",
                quote(name)
            );
            warnings.add(&at, text);
        }
    }
}

/// Ports that are there twice, or whose names are.
fn ports(warnings: &mut Warnings, pod: &Node, at: &Path) {
    let all: Vec<(Path, &Node)> = containers(pod, at)
        .flat_map(|(at, container)| items(container, &at, &["ports"]).collect::<Vec<_>>())
        .collect();
    let number = |port: &Node, field: &str| port.get(field).and_then(Node::as_int).unwrap_or(0);
    let mut seen: Vec<(&Path, &Node)> = Vec::new();
    for (at, port) in &all {
        let (host, host_port) = (text(port, &["hostIP"]), number(port, "hostPort"));
        if !host.is_empty() && host_port == 0 {
            let text = format!(
                "hostIP set without hostPort: {{Name:{} HostPort:0 ContainerPort:{} Protocol:{} HostIP:{host}}}",
                text(port, &["name"]),
                number(port, "containerPort"),
                text(port, &["protocol"])
            );
            warnings.add(at, text);
        }
        let same = |other: &Node| {
            number(other, "containerPort") == number(port, "containerPort")
                && text(other, &["protocol"]) == text(port, &["protocol"])
        };
        for (other_at, other) in seen.iter().filter(|(_, other)| same(other)) {
            let (other_host, other_port) = (text(other, &["hostIP"]), number(other, "hostPort"));
            let how = if host == other_host && host_port == other_port {
                "duplicate"
            } else if host_port == 0 || other_port == 0 {
                "overlapping"
            } else if host_port == other_port && host.is_empty() != other_host.is_empty() {
                "dangerously ambiguous"
            } else {
                continue;
            };
            warnings.add(at, format!("{how} port definition with {other_at}"));
        }
        seen.push((at, port));
    }
    let mut named: BTreeMap<&str, &Path> = BTreeMap::new();
    for (at, port) in &all {
        let name = text(port, &["name"]);
        if name.is_empty() {
            continue;
        }
        if let Some(other) = named.get(name) {
            let text = format!(
                "duplicate port name {} with {other}, services and probes that select ports by name will use {other}",
                quote(name)
            );
            warnings.add(at, text);
        } else {
            named.insert(name, at);
        }
    }
}

/// Terms of Pods that choose none.
fn affinity(warnings: &mut Warnings, pod: &Node, at: &Path) {
    for kind in ["podAffinity", "podAntiAffinity"] {
        for (at, term) in items(pod, at, &["spec", "affinity", kind, REQUIRED]) {
            if !has(term, &["labelSelector"]) {
                warnings.add(at.field("labelSelector"), NO_SELECTOR);
            }
        }
        for (at, term) in items(pod, at, &["spec", "affinity", kind, PREFERRED]) {
            let path = ["podAffinityTerm", "labelSelector"];
            if !has(term, &path) {
                warnings.add(at.fields(&path), NO_SELECTOR);
            }
        }
    }
}
