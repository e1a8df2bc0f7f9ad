//! Pod Security admission: what the labels of a namespace make of Pods and workloads, as
//! `k8s.io/pod-security-admission` decides and words it.
//!
//! The checks are those of the module's release 0.36, with every version that a label can ask for.
//! What a cluster can be configured to exempt (users, namespaces, runtime classes) is exempt nowhere
//! here, and a namespace without labels is privileged, as by default. Feature gates are as by
//! default too: a server before 1.33 refuses `image` volumes in `restricted`, where one that has the
//! gate for them off drops them before.

mod checks;
mod labels;
mod level;
mod pod;

use vapwright_cel::document::Node;
use vapwright_cel::version::KubernetesVersion;
use vapwright_kube::path::Path;

use crate::evaluate::Verdict;
use crate::request::{Operation, Request};
use crate::validate::FieldError;
use crate::wording;

pub use checks::{Violation, evaluate};
pub use labels::{PREFIX, Policy, is_labelled, policy_of};
pub use level::{Level, LevelVersion, Version};
pub use pod::Pod;

/// Resources whose objects have a Pod template, by group, with where it stands.
const TEMPLATES: [(&str, &str, &[&str]); 8] = [
    ("", "podtemplates", &["template"]),
    ("", "replicationcontrollers", &["spec", "template"]),
    ("apps", "daemonsets", &["spec", "template"]),
    ("apps", "deployments", &["spec", "template"]),
    ("apps", "replicasets", &["spec", "template"]),
    ("apps", "statefulsets", &["spec", "template"]),
    (
        "batch",
        "cronjobs",
        &["spec", "jobTemplate", "spec", "template"],
    ),
    ("batch", "jobs", &["spec", "template"]),
];

/// Subresources of Pods that change nothing that is judged (`ignoredPodSubresources`).
const IGNORED: [&str; 8] = [
    "attach",
    "binding",
    "eviction",
    "exec",
    "log",
    "portforward",
    "proxy",
    "status",
];

/// What Pod Security admission makes of a request.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Decision {
    /// Why a Pod is refused: `violates PodSecurity "restricted:latest": ...`.
    pub denial: Option<String>,
    /// What is wrong with the labels of a Namespace that is refused.
    pub invalid: Vec<FieldError>,
    /// What the client is warned of: `would violate PodSecurity "restricted:latest": ...`.
    pub warnings: Vec<String>,
    /// What is written into the audit log, as keys with values:
    /// `pod-security.kubernetes.io/audit-violations`.
    pub audit: Vec<(String, String)>,
}

/// The key of the audit annotation with violations.
const VIOLATIONS: &str = "audit-violations";

impl Decision {
    /// The API server's error where the request is refused: `pods "x" is forbidden: violates
    /// PodSecurity "restricted:latest": ...`.
    #[must_use]
    pub fn error(&self, request: &Request) -> Option<String> {
        if !self.invalid.is_empty() {
            return Some(wording::invalid(request, &texts(&self.invalid)));
        }
        let denial = self.denial.as_deref()?;
        Some(wording::forbidden(request, denial))
    }

    /// What becomes of the request.
    #[must_use]
    pub fn verdict(&self) -> Verdict {
        let audits = |(key, _): &(String, String)| key.strip_prefix(PREFIX) == Some(VIOLATIONS);
        if self.denial.is_some() || !self.invalid.is_empty() {
            Verdict::Denied
        } else if !self.warnings.is_empty() {
            Verdict::Warned
        } else if self.audit.iter().any(audits) {
            Verdict::Audited
        } else {
            Verdict::Allowed
        }
    }
}

/// Decides a request in a cluster of a version; `None` for what it does not look at: other
/// resources, subresources and operations.
///
/// Of an update of a Namespace, a real server also warns where Pods that are there already would
/// violate its new level; Pods of the cluster are not known here.
#[must_use]
pub fn decide(request: &Request, server: KubernetesVersion) -> Option<Decision> {
    if !matches!(request.operation, Operation::Create | Operation::Update) {
        return None;
    }
    let object = request.object.as_ref()?;
    let group = request.resource.group.as_str();
    let resource = request.resource.resource.as_str();
    let subresource = request.subresource.as_str();
    match (group, resource) {
        ("", "namespaces") if subresource.is_empty() => Some(namespace(request, object)),
        ("", "pods") if !IGNORED.contains(&subresource) => Some(pod(request, object, server)),
        _ if subresource.is_empty() => {
            let found = TEMPLATES
                .iter()
                .find(|(of, name, _)| (*of, *name) == (group, resource));
            let (_, _, path) = found?;
            Some(controller(request, object.at(path), server))
        }
        _ => None,
    }
}

/// A Namespace must have labels that can be read (`ValidateNamespace`).
fn namespace(request: &Request, object: &Node) -> Decision {
    let (_, errors) = policy_of(object);
    // what was wrong before may stay
    let unchanged = || {
        let old = request.old_object.as_ref();
        request.operation == Operation::Update && old.is_some_and(|old| policy_of(old).1 == errors)
    };
    let refused = !errors.is_empty() && !unchanged();
    Decision {
        invalid: if refused { errors } else { Vec::new() },
        ..Decision::default()
    }
}

/// A Pod is refused, warned of and audited (`ValidatePod`).
fn pod(request: &Request, object: &Node, server: KubernetesVersion) -> Decision {
    let (policy, errors) = labels_of(request);
    if errors.is_empty() && policy.is_privileged() {
        let enforced = LevelVersion::default().to_string();
        return Decision {
            audit: vec![annotation("enforce-policy", enforced)],
            ..Decision::default()
        };
    }
    let pod = Pod::of(object);
    if let (Operation::Update, Some(old)) = (request.operation, &request.old_object)
        && !pod.is_significant_update(&Pod::of(old))
    {
        return Decision::default();
    }
    judge(&policy, &errors, &pod, true, server)
}

/// A workload is warned of and audited for its template, never refused (`ValidatePodController`).
fn controller(request: &Request, template: Option<&Node>, server: KubernetesVersion) -> Decision {
    let (policy, errors) = labels_of(request);
    let silent = policy.warn.level == Level::Privileged && policy.audit.level == Level::Privileged;
    match template {
        Some(template) if !errors.is_empty() || !silent => {
            judge(&policy, &errors, &Pod::of(template), false, server)
        }
        _ => Decision::default(),
    }
}

fn labels_of(request: &Request) -> (Policy, Vec<FieldError>) {
    request
        .namespace_object
        .as_ref()
        .map(policy_of)
        .unwrap_or_default()
}

/// What a policy makes of a Pod (`EvaluatePod`).
fn judge(
    policy: &Policy,
    errors: &[FieldError],
    pod: &Pod<'_>,
    enforce: bool,
    server: KubernetesVersion,
) -> Decision {
    let mut decision = Decision::default();
    if !errors.is_empty() {
        let text = wording::aggregate(&texts(errors));
        let text = format!("Failed to parse policy: {text}");
        decision.audit.push(annotation("error", text));
    }
    let said = |verb: &str, wanted: LevelVersion| {
        let violations = evaluate(wanted, server, pod);
        (!violations.is_empty())
            .then(|| format!("{verb} PodSecurity \"{wanted}\": {}", details(&violations)))
    };
    if enforce {
        let enforced = policy.enforce.to_string();
        decision.audit.push(annotation("enforce-policy", enforced));
        decision.denial = said("violates", policy.enforce);
    }
    if let Some(text) = said("would violate", policy.audit) {
        decision.audit.push(annotation(VIOLATIONS, text));
    }
    if decision.denial.is_none() {
        decision.warnings.extend(said("would violate", policy.warn));
    }
    decision
}

fn texts(errors: &[FieldError]) -> Vec<String> {
    errors.iter().map(ToString::to_string).collect()
}

fn annotation(name: &str, value: String) -> (String, String) {
    (format!("{PREFIX}{name}"), value)
}

/// What is wrong with a Pod, in a line: `host namespaces (hostNetwork=true), privileged (...)`.
#[must_use]
pub fn details(violations: &[Violation]) -> String {
    let all: Vec<String> = violations.iter().map(ToString::to_string).collect();
    all.join(", ")
}

/// Where the Pod template of a resource's objects stands; `None` for resources that have none.
#[must_use]
pub fn template_path(group: &str, resource: &str) -> Option<Path> {
    let mut all = TEMPLATES.iter();
    let (_, _, path) = all.find(|(of, name, _)| (*of, *name) == (group, resource))?;
    Some(Path::root().fields(path))
}

#[cfg(test)]
mod tests;
