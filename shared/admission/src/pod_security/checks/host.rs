//! What a Pod shares with its node: namespaces, ports, probes' hosts, /proc, sysctls, processes.

use std::collections::BTreeSet;

use vapwright_cel::document::Node;

use super::{Found, Setters, containers, names, plural, quoted, sorted, uses};
use crate::pod_security::pod::{Pod, is_true, items, name, text};

pub(super) fn namespaces(pod: &Pod<'_>) -> Found {
    let shared: Vec<String> = ["hostNetwork", "hostPID", "hostIPC"]
        .iter()
        .filter(|field| is_true(pod.spec(), &[field]))
        .map(|field| format!("{field}=true"))
        .collect();
    (!shared.is_empty()).then(|| ("host namespaces", shared.join(", ")))
}

/// The host ports of a container.
fn host_ports(container: &Node) -> impl Iterator<Item = i64> {
    items(container, &["ports"])
        .iter()
        .filter_map(|port| port.get("hostPort")?.as_int())
        .filter(|port| *port != 0)
}

pub(super) fn ports(pod: &Pod<'_>) -> Found {
    let found = names(pod, |container| host_ports(container).next().is_some());
    if found.is_empty() {
        return None;
    }
    // sorted as texts
    let ports: BTreeSet<String> = pod
        .containers()
        .flat_map(host_ports)
        .map(|port| port.to_string())
        .collect();
    let ports: Vec<String> = ports.into_iter().collect();
    let detail = format!(
        "{} {} hostPort{} {}",
        containers(&found),
        uses(found.len()),
        plural(ports.len()),
        ports.join(", ")
    );
    Some(("hostPort", detail))
}

/// The hosts that the probes and lifecycle handlers of a container name.
fn hosts(container: &Node) -> impl Iterator<Item = &str> {
    const HANDLERS: [&[&str]; 5] = [
        &["livenessProbe"],
        &["readinessProbe"],
        &["startupProbe"],
        &["lifecycle", "postStart"],
        &["lifecycle", "preStop"],
    ];
    HANDLERS
        .iter()
        .filter_map(|path| container.at(path))
        .flat_map(|handler| ["httpGet", "tcpSocket"].map(|action| text(handler, &[action, "host"])))
        .filter(|host| !host.is_empty())
}

pub(super) fn probes(pod: &Pod<'_>) -> Found {
    let naming = pod
        .containers()
        .filter(|container| hosts(container).next().is_some());
    let found = sorted(naming.map(name));
    let hosts = sorted(pod.containers().flat_map(hosts));
    (!found.is_empty()).then(|| {
        let detail = format!(
            "{} {} probe or lifecycle host{} {}",
            containers(&found),
            uses(found.len()),
            plural(hosts.len()),
            quoted(&hosts)
        );
        ("probe or lifecycle host", detail)
    })
}

pub(super) fn proc_mount(pod: &Pod<'_>) -> Found {
    let other = |container: &Node| {
        let mount = container.at(&["securityContext", "procMount"]);
        let mount = mount.and_then(Node::as_str);
        mount.is_some_and(|mount| mount != "Default")
    };
    let found = names(pod, other);
    (!found.is_empty()).then(|| {
        let mounts = pod.containers().filter(|container| other(container));
        let mounts =
            sorted(mounts.map(|container| text(container, &["securityContext", "procMount"])));
        let detail = format!(
            "{} must not set securityContext.procMount to {}",
            containers(&found),
            quoted(&mounts)
        );
        ("procMount", detail)
    })
}

pub(super) fn proc_mount_1_35(pod: &Pod<'_>) -> Found {
    proc_mount(pod).filter(|_| !pod.has_user_namespace())
}

/// Sysctls that are safe, the first in all versions.
const SYSCTLS: [&str; 12] = [
    "kernel.shm_rmid_forced",
    "net.ipv4.ip_local_port_range",
    "net.ipv4.tcp_syncookies",
    "net.ipv4.ping_group_range",
    "net.ipv4.ip_unprivileged_port_start",
    // 1.27
    "net.ipv4.ip_local_reserved_ports",
    // 1.29
    "net.ipv4.tcp_keepalive_time",
    "net.ipv4.tcp_fin_timeout",
    "net.ipv4.tcp_keepalive_intvl",
    "net.ipv4.tcp_keepalive_probes",
    // 1.32
    "net.ipv4.tcp_rmem",
    "net.ipv4.tcp_wmem",
];

fn sysctls_beyond(pod: &Pod<'_>, count: usize) -> Found {
    let safe = SYSCTLS.get(..count).unwrap_or(&SYSCTLS);
    let forbidden: Vec<&str> = items(pod.spec(), &["securityContext", "sysctls"])
        .iter()
        .map(name)
        .filter(|name| !safe.contains(name))
        .collect();
    (!forbidden.is_empty()).then(|| ("forbidden sysctls", forbidden.join(", ")))
}

pub(super) fn sysctls(pod: &Pod<'_>) -> Found {
    sysctls_beyond(pod, 5)
}

pub(super) fn sysctls_1_27(pod: &Pod<'_>) -> Found {
    sysctls_beyond(pod, 6)
}

pub(super) fn sysctls_1_29(pod: &Pod<'_>) -> Found {
    sysctls_beyond(pod, 10)
}

pub(super) fn sysctls_1_32(pod: &Pod<'_>) -> Found {
    sysctls_beyond(pod, 12)
}

pub(super) fn process(pod: &Pod<'_>) -> Found {
    let path = ["securityContext", "windowsOptions", "hostProcess"];
    let setters = Setters::of(pod, |node| is_true(node, &path)).text()?;
    let detail = format!("{setters} must not set securityContext.windowsOptions.hostProcess=true");
    Some(("hostProcess", detail))
}
