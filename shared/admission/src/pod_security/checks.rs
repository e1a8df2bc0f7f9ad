//! The checks of the Pod Security Standards, with the versions that they came and changed with.

mod capabilities;
mod host;
mod profiles;
mod user;
mod volumes;

use std::collections::BTreeSet;
use std::fmt;

use vapwright_cel::document::Node;
use vapwright_cel::version::KubernetesVersion;

use super::level::{Level, LevelVersion, Version};
use super::pod::{Pod, name};

/// What a check finds wrong with a Pod.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Violation {
    /// The check, as Kubernetes names it: `hostNamespaces`.
    pub check: &'static str,
    /// What it forbids: `host namespaces`.
    pub reason: &'static str,
    /// What of it is there: `hostNetwork=true`.
    pub detail: String,
}

impl fmt::Display for Violation {
    /// `host namespaces (hostNetwork=true)`
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.reason)?;
        if self.detail.is_empty() {
            return Ok(());
        }
        write!(f, " ({})", self.detail)
    }
}

/// Why a Pod is forbidden: reason and detail.
type Found = Option<(&'static str, String)>;

/// From which minor version a check runs, and how.
type Versions = &'static [(u64, fn(&Pod<'_>) -> Found)];

/// A check.
struct Check {
    id: &'static str,
    level: Level,
    versions: Versions,
    /// The baseline check that it takes the place of in `restricted`.
    overrides: &'static str,
}

const fn baseline(id: &'static str, versions: Versions) -> Check {
    Check {
        id,
        level: Level::Baseline,
        versions,
        overrides: "",
    }
}

const fn restricted(id: &'static str, overrides: &'static str, versions: Versions) -> Check {
    Check {
        id,
        level: Level::Restricted,
        versions,
        overrides,
    }
}

/// All checks in the order of messages: those of baseline by id, then those of restricted.
const CHECKS: [Check; 19] = [
    baseline("appArmorProfile", &[(0, profiles::app_armor)]),
    baseline("capabilities_baseline", &[(0, capabilities::baseline)]),
    baseline("hostNamespaces", &[(0, host::namespaces)]),
    baseline("hostPathVolumes", &[(0, volumes::host_path)]),
    baseline("hostPorts", &[(0, host::ports)]),
    baseline("hostProbesAndHostLifecycle", &[(34, host::probes)]),
    baseline("privileged", &[(0, capabilities::privileged)]),
    baseline(
        "procMount",
        &[(0, host::proc_mount), (35, host::proc_mount_1_35)],
    ),
    baseline(
        "seLinuxOptions",
        &[(0, profiles::se_linux), (31, profiles::se_linux_1_31)],
    ),
    baseline(
        "seccompProfile_baseline",
        &[(0, profiles::seccomp_annotations), (19, profiles::seccomp)],
    ),
    baseline(
        "sysctls",
        &[
            (0, host::sysctls),
            (27, host::sysctls_1_27),
            (29, host::sysctls_1_29),
            (32, host::sysctls_1_32),
        ],
    ),
    baseline("windowsHostProcess", &[(0, host::process)]),
    restricted(
        "allowPrivilegeEscalation",
        "",
        &[
            (8, capabilities::privilege_escalation),
            (25, capabilities::privilege_escalation_1_25),
        ],
    ),
    restricted(
        "capabilities_restricted",
        "capabilities_baseline",
        &[
            (22, capabilities::restricted),
            (25, capabilities::restricted_1_25),
        ],
    ),
    restricted(
        "procMount_restricted",
        "procMount",
        &[(35, host::proc_mount)],
    ),
    restricted(
        "restrictedVolumes",
        "hostPathVolumes",
        &[(0, volumes::restricted)],
    ),
    restricted(
        "runAsNonRoot",
        "",
        &[(0, user::non_root), (35, user::non_root_1_35)],
    ),
    restricted("runAsUser", "", &[(23, user::user), (35, user::user_1_35)]),
    restricted(
        "seccompProfile_restricted",
        "seccompProfile_baseline",
        &[
            (19, profiles::seccomp_required),
            (25, profiles::seccomp_required_1_25),
        ],
    ),
];

/// What a level of a version, in a cluster of a version, finds wrong with a Pod. A version newer
/// than the cluster is the cluster's (`EvaluatePod` of `policy.NewEvaluator`).
#[must_use]
pub fn evaluate(wanted: LevelVersion, server: KubernetesVersion, pod: &Pod<'_>) -> Vec<Violation> {
    let server = u64::from(server.minor);
    let minor = match wanted.version {
        Version::Latest => server,
        Version::Minor(minor) => minor.min(server),
    };
    let runs = |check: &Check| {
        let since = check
            .versions
            .iter()
            .rev()
            .find(|(since, _)| *since <= minor);
        since
            .map(|(_, run)| *run)
            .filter(|_| check.level <= wanted.level)
    };
    let overridden: Vec<&str> = CHECKS
        .iter()
        .filter(|check| runs(check).is_some())
        .map(|check| check.overrides)
        .collect();
    CHECKS
        .iter()
        .filter(|check| !overridden.contains(&check.id))
        .filter_map(|check| {
            let (reason, detail) = runs(check)?(pod)?;
            Some(Violation {
                check: check.id,
                reason,
                detail,
            })
        })
        .collect()
}

/// Who sets what must not be set: the Pod, and containers.
#[derive(Debug, Default)]
struct Setters<'n> {
    pod: bool,
    containers: Vec<&'n str>,
}

impl<'n> Setters<'n> {
    /// The Pod where its node is such, and the containers that are.
    fn of(pod: &Pod<'n>, is: impl Fn(&'n Node) -> bool) -> Self {
        Self {
            pod: is(pod.spec()),
            containers: names(pod, is),
        }
    }

    /// `pod`, `container "a"`, `pod and containers "a", "b"`; none where nobody is.
    fn text(&self) -> Option<String> {
        match (self.pod, self.containers.is_empty()) {
            (true, true) => Some("pod".to_owned()),
            (true, false) => Some(format!("pod and {}", containers(&self.containers))),
            (false, false) => Some(containers(&self.containers)),
            (false, true) => None,
        }
    }
}

/// The names of the containers that are such.
fn names<'n>(pod: &Pod<'n>, is: impl Fn(&'n Node) -> bool) -> Vec<&'n str> {
    pod.containers()
        .filter(|container| is(container))
        .map(name)
        .collect()
}

/// `container "a"`, `containers "a", "b"`
fn containers(names: &[&str]) -> String {
    counted("container", names)
}

/// `type "a"`, `types "a", "b"`
fn counted<T: AsRef<str>>(what: &str, items: &[T]) -> String {
    format!("{what}{} {}", plural(items.len()), quoted(items))
}

/// The ending of a noun.
const fn plural(count: usize) -> &'static str {
    if count == 1 { "" } else { "s" }
}

/// The ending of a verb whose subjects are counted.
const fn uses(count: usize) -> &'static str {
    if count == 1 { "uses" } else { "use" }
}

/// `"a", "b"`: without escapes, as `joinQuote` has it.
fn quoted<T: AsRef<str>>(items: &[T]) -> String {
    let items: Vec<String> = items
        .iter()
        .map(|item| format!("\"{}\"", item.as_ref()))
        .collect();
    items.join(", ")
}

/// Sorted, each once.
fn sorted<'n>(items: impl IntoIterator<Item = &'n str>) -> Vec<&'n str> {
    let items: BTreeSet<&str> = items.into_iter().collect();
    items.into_iter().collect()
}
