//! Asking what the cluster would do with objects: the call, and the answer for each object.

use serde::{Deserialize, Serialize};
use serde_json::Value as Json;

use super::beside::{AdmissionOutcome, PodSecurityAnswer};
use super::convert::{ConvertedPolicy, TypeWarning};
use super::{Diagnostic, FailFast, LabelModel, Place, SourceFile};

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
