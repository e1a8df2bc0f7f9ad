//! Call and Answer types: the one wire format of page, command and service.
//!
//! Calls refuse unknown fields. Every place is a file's name and two positions; every problem is a
//! [`Diagnostic`] with the words that all three hosts show.

mod beside;
mod bundle;
mod convert;
mod evaluate;
mod service;

use serde::{Deserialize, Serialize};

pub use beside::{AdmissionOutcome, AuditAnnotation, Enforcer, PodOutcome, PodSecurityAnswer};
pub use bundle::{BuildAnswer, BuildCall, Bundle, BundleInstall, BundleManifest, BundledPolicy};
pub use convert::{
    ConvertAnswer, ConvertCall, ConvertedPolicy, FieldOutcome, Outcome, TestsAnswer, TestsCall,
    TypeWarning,
};
pub use evaluate::{
    EvaluateAnswer, EvaluateCall, FailedExpression, MutationEffect, MutationRow, ObjectAnswer,
    PodAnswer, PolicyRow, Refusal, RefusalCause, RequestSettings, ServerSettings, Verdict,
};
pub use service::{
    BundleList, BundleSummary, ErrorAnswer, ErrorBody, ExampleCreated, SharedExample,
    VersionSummary,
};

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
