//! What else would decide about an object: Pod Security admission, Kyverno, policies that fail fast.

use serde::{Deserialize, Serialize};

use super::evaluate::Verdict;

/// A way to enforce policies.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub enum Enforcer {
    /// Pod Security admission: by the labels of the namespace or, where it has none for that, at the
    /// level that its profile is named after.
    PodSecurity,
    /// The admission policies of the call, converted or as given.
    Policies,
    /// The same with policies for workloads, made of those for Pods, that warn; absent where the call
    /// has such policies already, or none can be made.
    FailFast,
    /// Kyverno's webhook with the Kyverno policies of the call, which holds in every namespace.
    Kyverno,
}

/// What one way to enforce policies makes of an object.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct AdmissionOutcome {
    /// Which way.
    pub by: Enforcer,
    /// What becomes of the object itself; `notBound` where nothing is enforced.
    pub verdict: Verdict,
    /// Why it is refused, in the cluster's words.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub errors: Vec<String>,
    /// What the client is warned of.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub warnings: Vec<String>,
    /// What becomes of a workload's Pods; absent where it has none, or is refused.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pod: Option<PodOutcome>,
    /// What it goes by, where that is not what was given.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub note: String,
}

/// What one way to enforce policies makes of a workload's Pods.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct PodOutcome {
    /// What becomes of them.
    pub verdict: Verdict,
    /// Why they are refused.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub errors: Vec<String>,
    /// What their controller is warned of, and nobody else.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub warnings: Vec<String>,
}

/// What Pod Security admission makes of an object.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct PodSecurityAnswer {
    /// What Pods of the namespace must keep to: level and version, such as `restricted:latest`.
    pub enforce: String,
    /// What violations are noted of in the audit log.
    pub audit: String,
    /// What violations are warned of.
    pub warn: String,
    /// What becomes of the object.
    pub verdict: Verdict,
    /// The API server's error where it is refused: `pods "x" is forbidden: violates PodSecurity ...`.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub error: String,
    /// What the client is warned of: `would violate PodSecurity ...`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub warnings: Vec<String>,
    /// What is written into the audit log.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub audit_annotations: Vec<AuditAnnotation>,
}

/// An entry of the audit log.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct AuditAnnotation {
    /// `pod-security.kubernetes.io/audit-violations`
    pub key: String,
    /// Its value.
    pub value: String,
}
