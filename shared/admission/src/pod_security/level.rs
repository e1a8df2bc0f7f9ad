//! Levels and versions of the Pod Security Standards.

use std::fmt;

/// A level, the laxest first.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    /// Everything is allowed.
    #[default]
    Privileged,
    /// Known ways to more rights are not.
    Baseline,
    /// A Pod must be hardened.
    Restricted,
}

impl Level {
    /// Of its name (`ParseLevel`).
    ///
    /// # Errors
    /// The detail of the API server's error about a label's value.
    pub fn parse(text: &str) -> Result<Self, &'static str> {
        match text {
            "privileged" => Ok(Self::Privileged),
            "baseline" => Ok(Self::Baseline),
            "restricted" => Ok(Self::Restricted),
            _ => Err("must be one of privileged, baseline, restricted"),
        }
    }

    /// As labels name it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Privileged => "privileged",
            Self::Baseline => "baseline",
            Self::Restricted => "restricted",
        }
    }
}

/// The version of the standards: a Kubernetes version, or always the newest of the cluster.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Version {
    /// `latest`
    #[default]
    Latest,
    /// `v1.MINOR`
    Minor(u64),
}

impl Version {
    /// Of its name (`ParseVersion`): Kubernetes takes any minor version that Go's `int` holds.
    ///
    /// # Errors
    /// The detail of the API server's error about a label's value.
    pub fn parse(text: &str) -> Result<Self, &'static str> {
        if text == "latest" {
            return Ok(Self::Latest);
        }
        text.strip_prefix("v1.")
            .filter(|minor| minor.bytes().all(|byte| byte.is_ascii_digit()))
            .filter(|minor| *minor == "0" || !minor.starts_with('0'))
            .and_then(|minor| minor.parse::<i64>().ok())
            .map(|minor| Self::Minor(minor.unsigned_abs()))
            .ok_or("must be \"latest\" or \"v1.x\"")
    }
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Latest => f.write_str("latest"),
            Self::Minor(minor) => write!(f, "v1.{minor}"),
        }
    }
}

/// A level of a version, `privileged:latest` by default.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct LevelVersion {
    /// The level.
    pub level: Level,
    /// The version.
    pub version: Version,
}

impl fmt::Display for LevelVersion {
    /// `restricted:v1.36`
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.level.name(), self.version)
    }
}
