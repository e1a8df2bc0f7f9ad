//! Building bundles: what is asked, and what they are made of.

use serde::{Deserialize, Serialize};

use super::{Diagnostic, LabelModel, SourceFile};

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
