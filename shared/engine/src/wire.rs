//! Call and Answer types: the one wire format of page, command and service.
//!
//! Calls refuse unknown fields. Every place is a file's name and two positions; every problem is a
//! [`Diagnostic`] with the words that all three hosts show.

use serde::{Deserialize, Serialize};
use serde_json::Value as Json;

/// A text with a name: what a person typed or a file that was read.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct SourceFile {
    /// The name that places in it are reported under, such as `policy.yaml` or `-`.
    pub name: String,
    /// YAML (any number of documents) or JSON.
    pub text: String,
}

/// A position in a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Position {
    /// From 1.
    pub line: u32,
    /// From 1, in code points.
    pub column: u32,
    /// From 0, in UTF-16 code units: what an editor in a browser counts in.
    pub utf16: u32,
}

/// A range of a text.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Place {
    /// The name of the [`SourceFile`].
    pub file: String,
    /// The first character.
    pub start: Position,
    /// One past the last character.
    pub end: Position,
    /// The path inside the document, such as `spec.volumes[0].hostPath`; empty where there is none.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub path: String,
}

/// How bad a problem is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub enum Severity {
    /// The input cannot be used.
    Error,
    /// It can be used, but probably does not mean what was meant.
    Warning,
    /// Good to know.
    Note,
}

/// A problem with an input.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Diagnostic {
    /// A stable code, such as `yaml-syntax`, `unknown-field`, `cel-check`, `not-translatable`.
    pub code: String,
    /// How bad it is.
    pub severity: Severity,
    /// What is wrong.
    pub message: String,
    /// Where.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub place: Option<Place>,
    /// The way out, where we know one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub help: Option<String>,
    /// The whole as a terminal shows it: `error[code]: message`, ` --> file:line:column`, the
    /// line, and the offending text marked.
    pub rendered: String,
}

/// How namespaces choose policies.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct LabelModel {
    /// The labels' prefix: `DOMAIN/profile`, `DOMAIN/POLICY-NAME`.
    pub domain: String,
}

impl Default for LabelModel {
    fn default() -> Self {
        Self {
            domain: "policy.vapwright.dev".to_owned(),
        }
    }
}

/// Whether policies for Pods bring others for the workloads that make Pods.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub enum FailFast {
    /// They do not.
    #[default]
    No,
    /// They do, and these warn.
    Warn,
    /// They do, and these deny.
    Deny,
}

impl FailFast {
    fn is_no(&self) -> bool {
        *self == Self::No
    }
}

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

/// Say what the cluster would do with objects.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct EvaluateCall {
    /// Kyverno policies, admission policies and bindings, mixed as one likes. An admission policy
    /// without a binding counts as bound everywhere with Deny. Roles, ClusterRoles and their bindings
    /// among these or the objects say what `authorizer` allows, beside those that every cluster has.
    pub policies: Vec<SourceFile>,
    /// The objects that are sent to the cluster.
    pub objects: Vec<SourceFile>,
    /// Objects that are there already: parameters of policies, and CustomResourceDefinitions. What is
    /// among the policies and the objects counts too.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub params: Vec<SourceFile>,
    /// The objects as they are stored, for the operations `UPDATE` and `DELETE`: each is the
    /// `oldObject` of the object of its kind, namespace and name. An object without one is taken for
    /// stored as it is sent.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub old_objects: Vec<SourceFile>,
    /// The Namespace object; where absent, one with the name that the objects give (or `default`)
    /// and no labels but its name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub namespace: Option<SourceFile>,
    /// `1.30` to `1.36`; the newest where absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kubernetes: Option<String>,
    /// The request around the objects.
    #[serde(default)]
    pub request: RequestSettings,
    /// How the API server is set.
    #[serde(default, skip_serializing_if = "ServerSettings::is_default")]
    pub server: ServerSettings,
    /// Whether the answer shows the objects as policies see them.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub show_admitted: bool,
    /// Whether the answer sets side by side what each way to enforce policies makes of the objects.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub show_outcomes: bool,
    /// How Kyverno policies are converted.
    #[serde(default)]
    pub labels: LabelModel,
    /// The profile of Kyverno policies that do not say theirs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub profile: Option<String>,
    /// Whether Kyverno policies bring policies for the workloads that make Pods, too.
    #[serde(default, skip_serializing_if = "FailFast::is_no")]
    pub fail_fast: FailFast,
}

/// How an API server is set.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct ServerSettings {
    /// Whether its admission plugin gives Pods a service account and its token.
    pub service_account: bool,
    /// Whether it lets containers be privileged.
    pub allow_privileged: bool,
}

impl Default for ServerSettings {
    fn default() -> Self {
        Self {
            service_account: true,
            allow_privileged: true,
        }
    }
}

impl ServerSettings {
    fn is_default(&self) -> bool {
        *self == Self::default()
    }
}

/// The request around an object.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct RequestSettings {
    /// `CREATE` (where absent), `UPDATE`, `DELETE` or `CONNECT`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub operation: Option<String>,
    /// Who asks; `kubernetes-admin` where absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub user: Option<String>,
    /// The groups of who asks. Where they are absent: of `kubernetes-admin`, those of a cluster's
    /// administrators; of a service account, its own. `system:authenticated` is added.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub groups: Vec<String>,
    /// Whether it is a dry run.
    pub dry_run: bool,
}

/// What the cluster would do.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct EvaluateAnswer {
    /// The worst of the objects' verdicts.
    pub verdict: Verdict,
    /// One sentence for a person, such as `Deployment echo is created, its Pods are refused: 2
    /// policies deny`.
    pub sentence: String,
    /// One answer per object, in order.
    pub objects: Vec<ObjectAnswer>,
    /// Every policy that took part, converted or as given: what the VAP tab shows and what the
    /// labels are offered for.
    pub policies: Vec<ConvertedPolicy>,
    /// The mutating policies that took part, with their bindings.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub mutating: Vec<ConvertedPolicy>,
    /// The Namespace that was used, with its labels.
    pub namespace: Json,
    /// Problems of any input. Objects and policies that can be read are answered all the same.
    pub diagnostics: Vec<Diagnostic>,
    /// What the cluster writes into `status.typeChecking` of the policies.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub type_checking: Vec<TypeWarning>,
}

/// What becomes of an object, or what one policy says of it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub enum Verdict {
    /// The binding's namespace selector or match resources do not choose the namespace or object.
    #[default]
    NotBound,
    /// The policy's match constraints or match conditions do not choose the object.
    NotMatched,
    /// All expressions are true.
    Allowed,
    /// False, and the binding audits.
    Audited,
    /// False, and the binding warns.
    Warned,
    /// The policy cannot be compiled or evaluated, and its failure policy ignores that.
    Error,
    /// False, or failed under failure policy `Fail`, and the binding denies.
    Denied,
}

/// What becomes of one object.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct ObjectAnswer {
    /// `apps/v1`
    pub api_version: String,
    /// `Deployment`
    pub kind: String,
    /// `echo`
    pub name: String,
    /// `mw-web`, empty for an object of the cluster.
    pub namespace: String,
    /// Where it stands.
    pub place: Place,
    /// What becomes of it; for a workload the worse of its own verdict and its Pods'.
    pub verdict: Verdict,
    /// One sentence.
    pub sentence: String,
    /// One row per expression's outcome: for a policy that denies by two expressions, two rows. A
    /// mutating policy that fails has a row too.
    pub rows: Vec<PolicyRow>,
    /// What mutating policies made of it, in their order, before validating policies saw it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub mutations: Vec<MutationRow>,
    /// The object as validating policies see it, where mutating ones have changed it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub patched: Option<Json>,
    /// What Pod Security admission makes of it, where labels of the namespace ask for that.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pod_security: Option<Box<PodSecurityAnswer>>,
    /// For a workload: the Pod that its controller would create, and what becomes of that.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pod: Option<Box<PodAnswer>>,
    /// It as policies see it, in YAML: with defaults, after the API server's own plugins. Only
    /// where a call asks for it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub admitted: Option<String>,
    /// What each way to enforce policies would make of it, one without the others. Only where a call
    /// asks for it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub outcomes: Vec<AdmissionOutcome>,
    /// Why the API server refuses it by itself: it cannot be read, an admission plugin forbids it,
    /// or it is not valid. Validating policies are not asked then.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub refused: Option<Refusal>,
    /// What `kubectl apply` prints for it.
    pub kubectl: String,
    /// What `kubectl get events` prints afterwards; empty where there is no event.
    pub events: String,
}

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

/// The API server's own answer to an object that it does not create.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct Refusal {
    /// The HTTP status: 400, 403, 404 or 422.
    pub status: u16,
    /// `BadRequest`, `Forbidden` or `Invalid`.
    pub reason: String,
    /// The message, to the letter.
    pub message: String,
    /// What is wrong, field by field.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub causes: Vec<RefusalCause>,
}

/// What is wrong with a field.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct RefusalCause {
    /// The field as the API server prints it, such as `spec.containers[0].image`.
    pub field: String,
    /// `FieldValueRequired`, `FieldValueInvalid`, ...
    pub reason: String,
    /// `Required value`, without the field.
    pub message: String,
    /// Where it is in what was typed: the field, or the nearest above that is there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub place: Option<Place>,
}

/// What becomes of a workload's Pods.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct PodAnswer {
    /// Where the Pod template stands.
    pub place: Place,
    /// Who creates the Pod: `replicaset/echo-fb9b96767`, `job/report`.
    pub controller: String,
    /// What becomes of the Pod.
    pub verdict: Verdict,
    /// One row per expression's outcome.
    pub rows: Vec<PolicyRow>,
    /// What mutating policies made of it, in their order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub mutations: Vec<MutationRow>,
    /// What Pod Security admission makes of it, where labels of the namespace ask for that.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pod_security: Option<Box<PodSecurityAnswer>>,
    /// It as policies see it, in YAML. Only where a call asks for it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub admitted: Option<String>,
    /// Why the API server refuses it by itself, before validating policies are asked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub refused: Option<Refusal>,
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

/// What one mutating policy, through one binding and with one parameter, makes of one object.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct MutationRow {
    /// The policy's name.
    pub policy: String,
    /// The binding's name; empty where none is.
    pub binding: String,
    /// The parameter, `NAMESPACE/NAME` or `NAME`; empty where there is none.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub params: String,
    /// What it made.
    pub effect: MutationEffect,
    /// Whether it is its second turn, after others have changed the object.
    #[serde(default, skip_serializing_if = "is_false")]
    pub reinvoked: bool,
    /// The change, as the operations of a JSON patch.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub patch: Vec<Json>,
    /// What failed; empty where nothing did.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub message: String,
    /// Why it is not bound or not matched, in words.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub why: String,
    /// The cost of its expressions for this object.
    pub cost: u64,
}

/// What a mutating policy can make of an object.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub enum MutationEffect {
    /// The binding's namespace selector or match resources do not choose the namespace or object.
    NotBound,
    /// The policy's match constraints or match conditions do not choose the object.
    NotMatched,
    /// It stays as it is.
    Unchanged,
    /// It is changed.
    Changed,
    /// The policy cannot be compiled or applied, and its failure policy ignores that.
    Error,
    /// The request is refused.
    Denied,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde hands a reference")]
const fn is_false(value: &bool) -> bool {
    !*value
}

/// What one policy, through one binding, says of one object.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct PolicyRow {
    /// The policy's name.
    pub policy: String,
    /// The binding's name; empty where none is.
    pub binding: String,
    /// What it says.
    pub verdict: Verdict,
    /// The binding's validation actions: `Deny`, `Warn`, `Audit`.
    pub actions: Vec<String>,
    /// The cluster's message; empty where allowed.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub message: String,
    /// The whole line as kube-apiserver words it (`ValidatingAdmissionPolicy 'x' with binding 'x'
    /// denied request: ...`, or the warning).
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub text: String,
    /// `Invalid`, `Forbidden`, ...; empty where allowed.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub reason: String,
    /// Why it is not bound or not matched, in words.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub why: String,
    /// The expression that was false or failed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expression: Option<FailedExpression>,
    /// The places in the object that made it false, the most telling first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub object_places: Vec<Place>,
    /// The cost of the policy's expressions for this object.
    pub cost: u64,
}

/// The expression that was false or failed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct FailedExpression {
    /// The whole expression.
    pub text: String,
    /// `spec.validations[0].expression`
    pub path: String,
    /// Where it stands in the policy that was typed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub place: Option<Place>,
    /// The parts of `text` that were false: start and end in UTF-16 code units of `text`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub false_parts: Vec<(u32, u32)>,
}

/// Build a bundle.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct BuildCall {
    /// The bundle manifest (`bundle.yaml`).
    pub manifest: SourceFile,
    /// The policies it names, by their paths beside it.
    pub sources: Vec<SourceFile>,
    /// The only version of Kubernetes that the bundle is for, `1.30` to `1.36`. Where absent, it is
    /// for the newest and, where its policies differ by version, has a file for each older one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kubernetes: Option<String>,
}

/// A built bundle, or why there is none.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct BuildAnswer {
    /// The bundle; absent where a diagnostic is an error.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bundle: Option<Bundle>,
    /// Problems.
    pub diagnostics: Vec<Diagnostic>,
}

/// A published or publishable version of a bundle.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct Bundle {
    /// What is in it.
    pub manifest: BundleManifest,
    /// The files to install it with, by name: `install.yaml`, `manifest.json`, `checksums.txt`, and
    /// those of [`BundleManifest::installs`].
    pub files: Vec<SourceFile>,
}

/// What is in one version of a bundle.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct BundleManifest {
    /// The bundle's name.
    pub name: String,
    /// Its version, by semantic versioning.
    pub version: String,
    /// `sha256:...` over the policies and bindings in their canonical form.
    pub digest: String,
    /// One sentence.
    pub description: String,
    /// The labels' domain.
    pub labels: LabelModel,
    /// The oldest Kubernetes version that has every function its expressions use.
    pub kubernetes: String,
    /// Which file is for which version of Kubernetes, the newest first; absent where `install.yaml`
    /// is for all.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub installs: Vec<BundleInstall>,
    /// The policies, as they are for the newest version.
    pub policies: Vec<BundledPolicy>,
}

/// A bundle's policies for one version of Kubernetes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct BundleInstall {
    /// `1.32`; the newest is also for those that come after it.
    pub kubernetes: String,
    /// The file with the policies and bindings: `install-1.32.yaml`.
    pub file: String,
    /// `sha256:...` over these in their canonical form.
    pub digest: String,
}

/// A policy of a bundle.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct BundledPolicy {
    /// The name of the policy and of its binding.
    pub name: String,
    /// `baseline`, `restricted`, or none: namespaces opt in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub profile: Option<String>,
    /// Title, severity, description and remediation, empty where the source has none.
    pub title: String,
    /// `low`, `medium`, `high`, `critical`
    pub severity: String,
    /// What it is for.
    pub description: String,
    /// What to change in a refused object.
    pub remediation: String,
    /// `sha256:...` of the policy and its bindings.
    pub digest: String,
}

/// A shared example: what the page's state is made of.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct SharedExample {
    /// The call that it evaluates.
    pub call: EvaluateCall,
    /// A title a person gave it.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub title: String,
}

/// The bundles of a store: the answer of `GET /api/v1/bundles`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct BundleList {
    /// By name.
    pub bundles: Vec<BundleSummary>,
}

/// A bundle with its versions: also the answer of `GET /api/v1/bundles/NAME`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct BundleSummary {
    /// The bundle's name.
    pub name: String,
    /// The newest version's sentence.
    pub description: String,
    /// The newest version that is no pre-release; where all are, the newest.
    pub latest: String,
    /// The published versions, newest first.
    pub versions: Vec<VersionSummary>,
}

/// A published version of a bundle.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct VersionSummary {
    /// The version.
    pub version: String,
    /// `sha256:...`
    pub digest: String,
    /// The oldest Kubernetes version it needs.
    pub kubernetes: String,
    /// How many policies are in it.
    pub policies: u32,
}

/// Where a shared example is kept: the answer of `POST /api/v1/examples`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct ExampleCreated {
    /// Made from the content: the same example has the same id.
    pub id: String,
    /// The page that shows it, such as `/x/ID`.
    pub path: String,
}

/// What every route answers where it fails.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct ErrorAnswer {
    /// The failure.
    pub error: ErrorBody,
}

/// A failure of the service.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct ErrorBody {
    /// A stable code in kebab case, such as `not-found`, `body-too-large`, `version-exists`.
    pub code: String,
    /// In words.
    pub message: String,
    /// What the service's log calls the request.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub request_id: String,
}
