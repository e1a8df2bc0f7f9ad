//! Converting policies: what is asked, and what becomes of them.

use serde::{Deserialize, Serialize};
use serde_json::Value as Json;

use super::{Diagnostic, FailFast, LabelModel, Place, SourceFile};

/// Convert Kyverno policies.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ConvertCall {
    /// Kyverno policies; admission policies and bindings among them pass through, checked.
    pub sources: Vec<SourceFile>,
    /// `1.30` to `1.36`; the newest where absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kubernetes: Option<String>,
    /// The labels' domain.
    #[serde(default)]
    pub labels: LabelModel,
    /// The profile of policies that do not say theirs: `baseline`, `restricted`, or
    /// `custom` (namespaces opt in).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub profile: Option<String>,
    /// Whether there are policies for the workloads that make Pods, too.
    #[serde(default, skip_serializing_if = "FailFast::is_no")]
    pub fail_fast: FailFast,
}

/// Make the Chainsaw suite of a policy.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct TestsCall {
    /// The policy.
    pub source: SourceFile,
    /// Resources that keep to it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub good: Option<SourceFile>,
    /// Resources that do not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bad: Option<SourceFile>,
    /// `1.30` to `1.36`; the newest where absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kubernetes: Option<String>,
    /// The labels' domain.
    #[serde(default)]
    pub labels: LabelModel,
    /// The profile of a policy that does not say its own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub profile: Option<String>,
}

/// A Chainsaw suite.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct TestsAnswer {
    /// Its name, that of the policy; a folder may be called so.
    pub name: String,
    /// Its files: `chainsaw-test.yaml`, and those that it names. None where there is no policy.
    pub files: Vec<SourceFile>,
    /// Problems of the policy and the resources.
    pub diagnostics: Vec<Diagnostic>,
}

/// What became of Kyverno policies.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct ConvertAnswer {
    /// The admission policies, in the order of their sources.
    pub policies: Vec<ConvertedPolicy>,
    /// All policies and bindings as one YAML stream.
    pub yaml: String,
    /// What became of each field of the sources.
    pub fields: Vec<FieldOutcome>,
    /// Problems of the sources.
    pub diagnostics: Vec<Diagnostic>,
    /// What a cluster writes into `status.typeChecking` of the policies.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub type_checking: Vec<TypeWarning>,
}

/// What a cluster says of the types of an expression, checked against the kinds that the policy
/// matches; it accepts the policy all the same.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct TypeWarning {
    /// The policy's name.
    pub policy: String,
    /// Where the expression stands in it: `spec.validations[0].expression`.
    pub field_ref: String,
    /// The cluster's words: for each kind its name, and the errors.
    pub warning: String,
}

/// A ValidatingAdmissionPolicy with its bindings.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct ConvertedPolicy {
    /// The name of the policy and of its binding.
    pub name: String,
    /// `baseline`, `restricted`, or none: namespaces opt in with `include`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub profile: Option<String>,
    /// The policy's title.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// The policy's severity.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub severity: Option<String>,
    /// What the policy is for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// What to change in a refused object.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub remediation: Option<String>,
    /// The ValidatingAdmissionPolicy.
    pub policy: Json,
    /// Its ValidatingAdmissionPolicyBindings.
    pub bindings: Vec<Json>,
    /// Policy and bindings as YAML.
    pub yaml: String,
    /// Where it comes from: the rule in the source.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source: Option<Place>,
}

/// What became of one field of a source.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct FieldOutcome {
    /// The field.
    pub place: Place,
    /// What became of it.
    pub outcome: Outcome,
    /// The policy it went into.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub policy: Option<String>,
    /// The path in the policy or the binding, such as `spec.validations[0].expression`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub became: Option<String>,
    /// How or why, where it is not plain.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
}

/// What can become of a field.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub enum Outcome {
    /// Says the same in the result.
    Translated,
    /// Says nearly the same: the note says what differs.
    Approximated,
    /// Has no meaning for an admission policy: the note says why.
    Dropped,
    /// Cannot be said by an admission policy: there is a diagnostic.
    Refused,
}
