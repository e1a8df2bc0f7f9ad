//! Pod Security admission beside the policies, where the labels of a namespace ask for it.

use vapwright_admission::pod_security::{Decision, Policy, decide, is_labelled, policy_of};
use vapwright_admission::request::Request;
use vapwright_cel::version::KubernetesVersion;

use super::rows;
use crate::wire::{AuditAnnotation, PodSecurityAnswer};

/// What Pod Security admission makes of a request, and by which labels.
pub struct PodSecurity {
    policy: Policy,
    /// The decision.
    pub decision: Decision,
}

impl PodSecurity {
    /// Decides a request; `None` where the namespace has no such labels, or it is not looked at.
    pub fn of(request: &Request, kubernetes: KubernetesVersion) -> Option<Self> {
        let namespace = if request.is_namespace() {
            request.object.as_ref()
        } else {
            request.namespace_object.as_ref()
        };
        let namespace = namespace.filter(|namespace| is_labelled(namespace))?;
        Some(Self {
            decision: decide(request, kubernetes)?,
            policy: policy_of(namespace).0,
        })
    }

    /// The answer for the wire.
    pub fn to_wire(&self, request: &Request) -> PodSecurityAnswer {
        let Policy {
            enforce,
            audit,
            warn,
        } = self.policy;
        PodSecurityAnswer {
            enforce: enforce.to_string(),
            audit: audit.to_string(),
            warn: warn.to_string(),
            verdict: rows::verdict(self.decision.verdict()),
            error: self.decision.error(request).unwrap_or_default(),
            warnings: self.decision.warnings.clone(),
            audit_annotations: self
                .decision
                .audit
                .iter()
                .map(|(key, value)| AuditAnnotation {
                    key: key.clone(),
                    value: value.clone(),
                })
                .collect(),
        }
    }
}
