//! The labels of a namespace that choose a level and a version for each mode.

use vapwright_cel::document::Node;
use vapwright_kube::path::Path;

use super::level::{Level, LevelVersion, Version};
use crate::validate::{Errors, FieldError};

/// What the labels begin with, and the keys of audit annotations.
pub const PREFIX: &str = "pod-security.kubernetes.io/";

/// What holds in a namespace.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Policy {
    /// Pods that violate it are refused.
    pub enforce: LevelVersion,
    /// Violations are noted in the audit log.
    pub audit: LevelVersion,
    /// Clients are warned of violations.
    pub warn: LevelVersion,
}

impl Policy {
    /// Whether nothing is enforced, audited or warned of (`FullyPrivileged`).
    #[must_use]
    pub fn is_privileged(&self) -> bool {
        [self.enforce, self.audit, self.warn]
            .iter()
            .all(|mode| mode.level == Level::Privileged)
    }
}

/// Whether a Namespace says anything about Pod Security admission.
#[must_use]
pub fn is_labelled(namespace: &Node) -> bool {
    let labels = namespace.at(&["metadata", "labels"]).and_then(Node::as_map);
    labels.is_some_and(|labels| labels.iter().any(|(key, _)| key.starts_with(PREFIX)))
}

/// Reads the labels of a Namespace, and what is wrong with them (`PolicyToEvaluate`). What cannot
/// be read enforces `restricted` and `latest`, and is neither audited nor warned of.
#[must_use]
pub fn policy_of(namespace: &Node) -> (Policy, Vec<FieldError>) {
    let mut reader = Reader {
        labels: namespace.at(&["metadata", "labels"]),
        errors: Errors::default(),
    };
    let mut policy = Policy::default();
    let enforce = reader.level("enforce");
    if let Some(level) = enforce {
        policy.enforce.level = level.unwrap_or(Level::Restricted);
    }
    policy.enforce.version = reader.version("enforce-version").unwrap_or_default();
    if let Some(level) = reader.level("audit") {
        policy.audit.level = level.unwrap_or(Level::Privileged);
    }
    policy.audit.version = reader.version("audit-version").unwrap_or_default();
    let warn = reader.level("warn");
    if let Some(level) = warn {
        policy.warn.level = level.unwrap_or(Level::Privileged);
    }
    let version = reader.version("warn-version");
    policy.warn.version = version.unwrap_or_default();
    // who sets a level to enforce alone is also warned by it, of workloads too
    if let (None, Some(Some(enforced))) = (warn, enforce)
        && enforced > policy.warn.level
    {
        policy.warn.level = enforced;
        if version.is_none() {
            policy.warn.version = policy.enforce.version;
        }
    }
    (policy, reader.errors.found)
}

struct Reader<'n> {
    labels: Option<&'n Node>,
    errors: Errors,
}

impl Reader<'_> {
    /// The value of a label as it is read, if it is there; what is wrong with it is noted.
    fn value<T>(
        &mut self,
        name: &str,
        parse: fn(&str) -> Result<T, &'static str>,
    ) -> Option<Option<T>> {
        let label = format!("{PREFIX}{name}");
        let value = self.labels?.get(&label)?.as_str()?;
        let read = parse(value);
        if let Err(detail) = read {
            let path = Path::root().fields(&["metadata", "labels", &label]);
            self.errors.invalid_text(&path, value, detail);
        }
        Some(read.ok())
    }

    fn level(&mut self, name: &str) -> Option<Option<Level>> {
        self.value(name, Level::parse)
    }

    /// The version of a label that is there; the latest where it cannot be read.
    fn version(&mut self, name: &str) -> Option<Version> {
        let version = self.value(name, Version::parse)?;
        Some(version.unwrap_or_default())
    }
}
