//! Rights of containers: capabilities, privileged containers, privilege escalation.

use vapwright_cel::document::Node;

use super::{Found, containers, names, quoted, sorted};
use crate::pod_security::pod::{Pod, is_true, items, name};

/// What container runtimes give every container.
const DEFAULT: [&str; 13] = [
    "AUDIT_WRITE",
    "CHOWN",
    "DAC_OVERRIDE",
    "FOWNER",
    "FSETID",
    "KILL",
    "MKNOD",
    "NET_BIND_SERVICE",
    "SETFCAP",
    "SETGID",
    "SETPCAP",
    "SETUID",
    "SYS_CHROOT",
];

/// The names of the containers that add capabilities beyond those allowed, and these.
fn forbidden<'n>(pod: &Pod<'n>, allowed: &[&str]) -> (Vec<&'n str>, Vec<&'n str>) {
    let added = |container: &'n Node| {
        items(container, &["securityContext", "capabilities", "add"])
            .iter()
            .filter_map(Node::as_str)
            .filter(|capability| !allowed.contains(capability))
    };
    let adding = names(pod, |container| added(container).next().is_some());
    (adding, sorted(pod.containers().flat_map(added)))
}

fn must_not_include((adding, added): &(Vec<&str>, Vec<&str>)) -> String {
    format!(
        "{} must not include {} in securityContext.capabilities.add",
        containers(adding),
        quoted(added)
    )
}

pub(super) fn baseline(pod: &Pod<'_>) -> Found {
    let found = forbidden(pod, &DEFAULT);
    (!found.0.is_empty()).then(|| ("non-default capabilities", must_not_include(&found)))
}

pub(super) fn restricted(pod: &Pod<'_>) -> Found {
    let mut details = Vec::new();
    let keeping = names(pod, |container| {
        let dropped = items(container, &["securityContext", "capabilities", "drop"]);
        !dropped.iter().any(|one| one.as_str() == Some("ALL"))
    });
    if !keeping.is_empty() {
        details.push(format!(
            "{} must set securityContext.capabilities.drop=[\"ALL\"]",
            containers(&keeping)
        ));
    }
    let found = forbidden(pod, &["NET_BIND_SERVICE"]);
    if !found.0.is_empty() {
        details.push(must_not_include(&found));
    }
    (!details.is_empty()).then(|| ("unrestricted capabilities", details.join("; ")))
}

pub(super) fn restricted_1_25(pod: &Pod<'_>) -> Found {
    restricted(pod).filter(|_| !pod.is_windows())
}

pub(super) fn privileged(pod: &Pod<'_>) -> Found {
    let found = names(pod, |container| {
        is_true(container, &["securityContext", "privileged"])
    });
    (!found.is_empty()).then(|| {
        let detail = format!(
            "{} must not set securityContext.privileged=true",
            containers(&found)
        );
        ("privileged", detail)
    })
}

pub(super) fn privilege_escalation(pod: &Pod<'_>) -> Found {
    let found: Vec<&str> = pod
        .containers()
        .filter(|container| {
            let allowed = container.at(&["securityContext", "allowPrivilegeEscalation"]);
            allowed.and_then(Node::as_bool) != Some(false)
        })
        .map(name)
        .collect();
    (!found.is_empty()).then(|| {
        let detail = format!(
            "{} must set securityContext.allowPrivilegeEscalation=false",
            containers(&found)
        );
        ("allowPrivilegeEscalation != false", detail)
    })
}

pub(super) fn privilege_escalation_1_25(pod: &Pod<'_>) -> Found {
    privilege_escalation(pod).filter(|_| !pod.is_windows())
}
