//! What only the service speaks: shared examples, the catalogue of bundles, errors.

use serde::{Deserialize, Serialize};

use super::evaluate::EvaluateCall;

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
