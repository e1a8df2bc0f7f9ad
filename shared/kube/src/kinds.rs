//! Groups, versions, kinds and resources.

use std::fmt;

use vapwright_cel::document::Node;

use crate::schema::{Kind, built_in};

/// Group, version and kind of an object.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Gvk {
    /// The group; empty for the core group.
    pub group: String,
    /// The version.
    pub version: String,
    /// The kind.
    pub kind: String,
}

impl fmt::Display for Gvk {
    /// `apps/v1, Kind=Deployment`
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.group.is_empty() {
            write!(f, "{}, Kind={}", self.version, self.kind)
        } else {
            write!(f, "{}/{}, Kind={}", self.group, self.version, self.kind)
        }
    }
}

impl Gvk {
    /// Of an `apiVersion` (`apps/v1`, `v1`) and a kind.
    #[must_use]
    pub fn new(api_version: &str, kind: &str) -> Self {
        let (group, version) = api_version.split_once('/').unwrap_or(("", api_version));
        Self {
            group: group.to_owned(),
            version: version.to_owned(),
            kind: kind.to_owned(),
        }
    }

    /// Of an object; `None` where `apiVersion` or `kind` is missing.
    #[must_use]
    pub fn of(object: &Node) -> Option<Self> {
        let text = |key| {
            object
                .get(key)
                .and_then(Node::as_str)
                .filter(|text| !text.is_empty())
        };
        Some(Self::new(text("apiVersion")?, text("kind")?))
    }

    /// Of `group/version/kind`.
    pub(crate) fn of_path(path: &str) -> Option<Self> {
        let (api_version, kind) = path.rsplit_once('/')?;
        let (group, version) = api_version.split_once('/')?;
        Some(Self {
            group: group.to_owned(),
            version: version.to_owned(),
            kind: kind.to_owned(),
        })
    }

    /// The `apiVersion`: `apps/v1`, `v1`.
    #[must_use]
    pub fn api_version(&self) -> String {
        if self.group.is_empty() {
            self.version.clone()
        } else {
            format!("{}/{}", self.group, self.version)
        }
    }
}

/// What is known of a built-in kind; `None` for custom resources.
#[must_use]
pub fn find(gvk: &Gvk) -> Option<&'static Kind> {
    built_in().kind(gvk)
}

/// The plural resource of a kind: of built-in ones as they are, of others as it is guessed where
/// no cluster can be asked.
#[must_use]
pub fn resource_of(gvk: &Gvk) -> String {
    if let Some(kind) = find(gvk)
        && !kind.resource.is_empty()
    {
        return kind.resource.clone();
    }
    plural(&gvk.kind)
}

/// The plural that `meta.UnsafeGuessKindToResource` makes of a kind.
fn plural(kind: &str) -> String {
    let lower = kind.to_lowercase();
    match lower.as_str() {
        "endpoints" => return lower,
        "" => return String::new(),
        _ => {}
    }
    if lower.ends_with('s') {
        format!("{lower}es")
    } else if let Some(stem) = lower.strip_suffix('y') {
        format!("{stem}ies")
    } else {
        format!("{lower}s")
    }
}

#[cfg(test)]
mod tests {
    use super::{Gvk, find, resource_of};

    #[test]
    fn kinds_and_resources() {
        let rows = [
            ("v1", "Pod", "pods", true),
            ("apps/v1", "Deployment", "deployments", true),
            ("v1", "Namespace", "namespaces", false),
            (
                "networking.k8s.io/v1",
                "NetworkPolicy",
                "networkpolicies",
                true,
            ),
            ("networking.k8s.io/v1", "Ingress", "ingresses", true),
            ("v1", "Endpoints", "endpoints", true),
        ];
        for (version, kind, resource, namespaced) in rows {
            let gvk = Gvk::new(version, kind);
            assert_eq!(resource_of(&gvk), resource);
            assert_eq!(find(&gvk).unwrap().namespaced, namespaced);
            assert_eq!(gvk.api_version(), version);
        }
        // meta.UnsafeGuessKindToResource
        let guessed = [("Foo", "foos"), ("Policy", "policies"), ("Gas", "gases")];
        for (kind, resource) in guessed {
            assert_eq!(resource_of(&Gvk::new("example.com/v1", kind)), resource);
        }
        assert!(find(&Gvk::new("example.com/v1", "Pod")).is_none());
        assert_eq!(
            Gvk::new("apps/v1", "Deployment").to_string(),
            "apps/v1, Kind=Deployment"
        );
    }
}
