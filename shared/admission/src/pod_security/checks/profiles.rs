//! Security modules of the kernel: AppArmor, seccomp, SELinux.

use vapwright_cel::document::Node;

use super::{Found, Setters, containers, counted, plural, quoted, sorted};
use crate::pod_security::pod::{Pod, at, name, text};
use crate::wording::go_quote;

/// The annotations by which AppArmor profiles were chosen before there were fields.
const APP_ARMOR: &str = "container.apparmor.security.beta.kubernetes.io/";
/// The same of seccomp.
const SECCOMP_POD: &str = "seccomp.security.alpha.kubernetes.io/pod";
const SECCOMP_CONTAINER: &str = "container.seccomp.security.alpha.kubernetes.io/";

/// The type of a profile that a Pod or a container has, where it is neither the runtime's nor one
/// of the node.
fn unsafe_type<'n>(node: &'n Node, profile: &str) -> Option<&'n str> {
    let profile = at(node, &["securityContext", profile])?;
    let found = text(profile, &["type"]);
    (!matches!(found, "RuntimeDefault" | "Localhost")).then_some(found)
}

/// Who has such a profile, and of which types.
fn unsafe_types<'n>(pod: &Pod<'n>, profile: &str) -> (Setters<'n>, Vec<&'n str>) {
    let setters = Setters::of(pod, |node| unsafe_type(node, profile).is_some());
    let nodes = std::iter::once(pod.spec()).chain(pod.containers());
    (
        setters,
        sorted(nodes.filter_map(|node| unsafe_type(node, profile))),
    )
}

pub(super) fn app_armor(pod: &Pod<'_>) -> Found {
    let (setters, types) = unsafe_types(pod, "appArmorProfile");
    let mut annotations: Vec<String> = pod
        .annotations()
        .filter(|(key, value)| {
            let allowed =
                matches!(*value, "" | "runtime/default") || value.starts_with("localhost/");
            key.starts_with(APP_ARMOR) && !allowed
        })
        .map(|(key, value)| format!("{key}={}", go_quote(value)))
        .collect();
    annotations.sort_unstable();
    let annotation =
        (!annotations.is_empty()).then(|| format!("annotation{}", plural(annotations.len())));
    let setters: Vec<String> = setters.text().into_iter().chain(annotation).collect();
    let values: Vec<String> = types
        .iter()
        .map(|&text| text.to_owned())
        .chain(annotations)
        .collect();
    (!setters.is_empty()).then(|| {
        let detail = format!(
            "{} must not set AppArmor profile type to {}",
            setters.join(" and "),
            quoted(&values)
        );
        let reason = match values.len() {
            1 => "forbidden AppArmor profile",
            _ => "forbidden AppArmor profiles",
        };
        (reason, detail)
    })
}

pub(super) fn seccomp_annotations(pod: &Pod<'_>) -> Found {
    let mut keys = vec![SECCOMP_POD.to_owned()];
    keys.extend(
        pod.containers()
            .map(|container| format!("{SECCOMP_CONTAINER}{}", name(container))),
    );
    let mut forbidden: Vec<String> = pod
        .annotations()
        .filter(|(key, value)| {
            let allowed = matches!(*value, "runtime/default" | "docker/default")
                || value.starts_with("localhost/");
            !allowed && keys.iter().any(|known| known == key)
        })
        .map(|(key, value)| format!("{key}={}", go_quote(value)))
        .collect();
    forbidden.sort_unstable();
    (!forbidden.is_empty()).then(|| {
        let detail = format!(
            "forbidden annotation{} {}",
            plural(forbidden.len()),
            forbidden.join(", ")
        );
        ("seccompProfile", detail)
    })
}

pub(super) fn seccomp(pod: &Pod<'_>) -> Found {
    let (setters, types) = unsafe_types(pod, "seccompProfile");
    let setters = setters.text()?;
    let detail = format!(
        "{setters} must not set securityContext.seccompProfile.type to {}",
        quoted(&types)
    );
    Some(("seccompProfile", detail))
}

pub(super) fn seccomp_required(pod: &Pod<'_>) -> Found {
    let has = |node: &Node| at(node, &["securityContext", "seccompProfile"]).is_some();
    seccomp(pod).or_else(|| {
        // where the Pod has one, it is a safe one
        let without = super::names(pod, |container| !has(pod.spec()) && !has(container));
        (!without.is_empty()).then(|| {
            let detail = format!(
                "pod or {} must set securityContext.seccompProfile.type to \"RuntimeDefault\" or \"Localhost\"",
                containers(&without)
            );
            ("seccompProfile", detail)
        })
    })
}

pub(super) fn seccomp_required_1_25(pod: &Pod<'_>) -> Found {
    seccomp_required(pod).filter(|_| !pod.is_windows())
}

/// Types that are those of containers, the last from 1.31.
const SE_LINUX_TYPES: [&str; 5] = [
    "",
    "container_t",
    "container_init_t",
    "container_kvm_t",
    "container_engine_t",
];

fn se_linux_options(pod: &Pod<'_>, count: usize) -> Found {
    let allowed = SE_LINUX_TYPES.get(..count).unwrap_or(&SE_LINUX_TYPES);
    let option = |node, name| text(node, &["securityContext", "seLinuxOptions", name]);
    let setters = Setters::of(pod, |node| {
        !allowed.contains(&option(node, "type"))
            || !option(node, "user").is_empty()
            || !option(node, "role").is_empty()
    })
    .text()?;
    let nodes = || std::iter::once(pod.spec()).chain(pod.containers());
    let types = sorted(
        nodes()
            .map(|node| option(node, "type"))
            .filter(|name| !allowed.contains(name)),
    );
    let mut data = Vec::new();
    if !types.is_empty() {
        data.push(counted("type", &types));
    }
    for name in ["user", "role"] {
        if nodes().any(|node| !option(node, name).is_empty()) {
            data.push(format!("{name} may not be set"));
        }
    }
    let detail = format!(
        "{setters} set forbidden securityContext.seLinuxOptions: {}",
        data.join("; ")
    );
    Some(("seLinuxOptions", detail))
}

pub(super) fn se_linux(pod: &Pod<'_>) -> Found {
    se_linux_options(pod, 4)
}

pub(super) fn se_linux_1_31(pod: &Pod<'_>) -> Found {
    se_linux_options(pod, 5)
}
