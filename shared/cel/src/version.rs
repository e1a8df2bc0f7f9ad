//! Kubernetes minor versions, by which environments differ.

use std::fmt;
use std::str::FromStr;

/// A Kubernetes version `1.MINOR`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct KubernetesVersion {
    /// The minor version: 36 for Kubernetes 1.36.
    pub minor: u16,
}

impl KubernetesVersion {
    /// The oldest version this project answers for.
    pub const OLDEST: Self = Self { minor: 30 };
    /// The newest version this project answers for.
    pub const NEWEST: Self = Self { minor: 36 };

    /// Kubernetes 1.`minor`.
    #[must_use]
    pub const fn new(minor: u16) -> Self {
        Self { minor }
    }

    /// The version whose environment a cluster of this version has for *new* expressions: the one
    /// before (`MinCompatibilityVersion` of `k8s.io/component-base`), so that the cluster can be
    /// rolled back. Expressions that are stored already have the whole environment of the
    /// cluster's own version.
    #[must_use]
    pub const fn compatibility(self) -> Self {
        Self::new(self.minor.saturating_sub(1))
    }

    /// Every supported version, newest first.
    pub fn supported() -> impl Iterator<Item = Self> {
        (Self::OLDEST.minor..=Self::NEWEST.minor)
            .rev()
            .map(Self::new)
    }
}

impl fmt::Display for KubernetesVersion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "1.{}", self.minor)
    }
}

/// A text that is not a Kubernetes version this project answers for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnsupportedVersion(pub String);

impl fmt::Display for UnsupportedVersion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "`{}` is not a supported Kubernetes version: use {} to {}",
            self.0,
            KubernetesVersion::OLDEST,
            KubernetesVersion::NEWEST
        )
    }
}

impl std::error::Error for UnsupportedVersion {}

impl FromStr for KubernetesVersion {
    type Err = UnsupportedVersion;

    /// Reads `1.36`, `v1.36` or `1.36.2`.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let unsupported = || UnsupportedVersion(text.to_owned());
        let rest = text.strip_prefix('v').unwrap_or(text);
        let minor = rest.strip_prefix("1.").ok_or_else(unsupported)?;
        let minor = minor.split('.').next().unwrap_or(minor);
        let minor = minor.parse().map_err(|_| unsupported())?;
        let version = Self::new(minor);
        if (Self::OLDEST..=Self::NEWEST).contains(&version) {
            Ok(version)
        } else {
            Err(unsupported())
        }
    }
}
