//! Kinds as Kyverno writes them, and the resources they are.

use std::sync::LazyLock;

use vapwright_kube::kinds::{Gvk, resource_of};
use vapwright_kube::schema;

/// A resource of the cluster.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Resource {
    pub(crate) group: String,
    pub(crate) versions: Vec<String>,
    pub(crate) kind: String,
    pub(crate) plural: String,
    pub(crate) namespaced: bool,
}

/// A kind as Kyverno writes it: `Pod`, `v1/Pod`, `apps/v1/Deployment`, `apps/*/Deployment`,
/// `Pod/exec`, `Pod.status`, `*`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct KindPattern {
    pub(crate) group: String,
    pub(crate) version: String,
    pub(crate) kind: String,
    pub(crate) subresource: String,
}

fn is_version(text: &str) -> bool {
    let Some(rest) = text.strip_prefix('v') else {
        return text == "*";
    };
    let digits = rest.trim_start_matches(|c: char| c.is_ascii_digit());
    if digits.len() == rest.len() {
        return false;
    }
    digits.is_empty()
        || ["alpha", "beta"].iter().any(|stage| {
            digits.strip_prefix(stage).is_some_and(|number| {
                !number.is_empty() && number.chars().all(|c| c.is_ascii_digit())
            })
        })
}

impl KindPattern {
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let mut parts: Vec<&str> = text.split('/').collect();
        // `Pod.status`: the last part may carry a subresource after a dot.
        if let Some(last) = parts.pop() {
            match last.split_once('.') {
                Some((kind, subresource)) => parts.extend([kind, subresource]),
                None => parts.push(last),
            }
        }
        if parts.iter().any(|part| part.is_empty()) {
            return None;
        }
        let pattern = |group: &str, version: &str, kind: &str, subresource: &str| {
            Some(Self {
                group: group.to_owned(),
                version: version.to_owned(),
                kind: kind.to_owned(),
                subresource: subresource.to_owned(),
            })
        };
        let begins_lower = |part: &str| part.starts_with(|c: char| c.is_ascii_lowercase());
        match parts.as_slice() {
            [kind] => pattern("*", "*", kind, ""),
            ["*", "*"] => pattern("*", "*", "*", "*"),
            ["*", subresource] if begins_lower(subresource) => pattern("*", "*", "*", subresource),
            [version, kind] if is_version(version) => pattern("*", version, kind, ""),
            [kind, subresource] => pattern("*", "*", kind, subresource),
            [version, kind, subresource]
                if is_version(version) && (*subresource == "*" || begins_lower(subresource)) =>
            {
                pattern("*", version, kind, subresource)
            }
            [group, version, kind] if is_version(version) => pattern(group, version, kind, ""),
            [group, version, kind, subresource] if is_version(version) => {
                pattern(group, version, kind, subresource)
            }
            _ => None,
        }
    }
}

/// What is known of a pattern.
pub(crate) enum Resolution {
    /// These resources.
    Known(Vec<Resource>),
    /// Every kind of the group.
    Every,
    /// A kind that Kubernetes itself does not have; its plural is guessed.
    Guessed(Resource),
    /// No kind that Kubernetes has matches the pattern.
    Unknown,
}

pub(crate) fn resolve(pattern: &KindPattern) -> Resolution {
    if pattern.kind == "*" {
        return Resolution::Every;
    }
    let known: Vec<Resource> = BUILT_IN
        .iter()
        .filter(|resource| {
            glob(&pattern.kind, &resource.kind)
                && glob(&pattern.group, &resource.group)
                && resource
                    .versions
                    .iter()
                    .any(|version| glob(&pattern.version, version))
        })
        .cloned()
        .map(|mut resource| {
            resource
                .versions
                .retain(|version| glob(&pattern.version, version));
            resource
        })
        .collect();
    if !known.is_empty() {
        Resolution::Known(known)
    } else if super::conditions::has_wildcard(&pattern.kind) {
        Resolution::Unknown
    } else {
        // A version that is not known is still one of the same resource.
        let relative = BUILT_IN.iter().find(|resource| {
            resource.kind == pattern.kind && glob(&pattern.group, &resource.group)
        });
        let version = pattern.version.clone();
        Resolution::Guessed(match relative {
            Some(resource) => Resource {
                versions: vec![version],
                ..resource.clone()
            },
            None => Resource {
                group: pattern.group.clone(),
                versions: vec![version],
                kind: pattern.kind.clone(),
                plural: resource_of(&Gvk {
                    group: pattern.group.clone(),
                    version: pattern.version.clone(),
                    kind: pattern.kind.clone(),
                }),
                namespaced: true,
            },
        })
    }
}

/// Whether a text matches a pattern in which `*` is any text and `?` any character.
pub(crate) fn glob(pattern: &str, text: &str) -> bool {
    if !pattern.contains(['*', '?']) {
        return pattern == text;
    }
    let pattern: Vec<char> = pattern.chars().collect();
    // `reached` says for each length of the pattern whether it matches the text so far.
    let mut reached = vec![false; pattern.len() + 1];
    let close = |reached: &mut Vec<bool>| {
        for (index, character) in pattern.iter().enumerate() {
            let before = reached.get(index).copied().unwrap_or(false);
            if *character == '*'
                && before
                && let Some(slot) = reached.get_mut(index + 1)
            {
                *slot = true;
            }
        }
    };
    if let Some(first) = reached.first_mut() {
        *first = true;
    }
    close(&mut reached);
    for character in text.chars() {
        let mut next = vec![false; pattern.len() + 1];
        for (index, wanted) in pattern.iter().enumerate() {
            if !reached.get(index).copied().unwrap_or(false) {
                continue;
            }
            let slot = match wanted {
                '*' => index,
                '?' => index + 1,
                same if *same == character => index + 1,
                _ => continue,
            };
            if let Some(slot) = next.get_mut(slot) {
                *slot = true;
            }
        }
        close(&mut next);
        reached = next;
    }
    reached.last().copied().unwrap_or(false)
}

/// The resources of Kubernetes itself that objects are created as, the versions of one together.
static BUILT_IN: LazyLock<Vec<Resource>> = LazyLock::new(|| {
    let mut resources: Vec<Resource> = Vec::new();
    for kind in &schema::built_in().kinds {
        if kind.resource.is_empty() || !kind.creatable {
            continue;
        }
        let same = resources
            .iter_mut()
            .find(|other| other.group == kind.gvk.group && other.kind == kind.gvk.kind);
        match same {
            Some(other) => other.versions.push(kind.gvk.version.clone()),
            None => resources.push(Resource {
                group: kind.gvk.group.clone(),
                versions: vec![kind.gvk.version.clone()],
                kind: kind.gvk.kind.clone(),
                plural: kind.resource.clone(),
                namespaced: kind.namespaced,
            }),
        }
    }
    resources
});

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kinds_are_read_as_kyverno_reads_them() {
        for (text, expected) in [
            ("Pod", Some(("*", "*", "Pod", ""))),
            ("v1/Pod", Some(("*", "v1", "Pod", ""))),
            ("apps/v1/Deployment", Some(("apps", "v1", "Deployment", ""))),
            ("apps/*/Deployment", Some(("apps", "*", "Deployment", ""))),
            ("*", Some(("*", "*", "*", ""))),
            ("*/*", Some(("*", "*", "*", "*"))),
            ("Pod/exec", Some(("*", "*", "Pod", "exec"))),
            ("Pod.status", Some(("*", "*", "Pod", "status"))),
            ("v1/Pod/exec", Some(("*", "v1", "Pod", "exec"))),
            (
                "apps/v1/Deployment/scale",
                Some(("apps", "v1", "Deployment", "scale")),
            ),
            (
                "networking.k8s.io/v1beta1/Ingress",
                Some(("networking.k8s.io", "v1beta1", "Ingress", "")),
            ),
            ("", None),
            ("apps/v1/", None),
            ("a/b/c/d/e", None),
        ] {
            let parsed = KindPattern::parse(text);
            let parsed = parsed.as_ref().map(|p| {
                (
                    p.group.as_str(),
                    p.version.as_str(),
                    p.kind.as_str(),
                    p.subresource.as_str(),
                )
            });
            assert_eq!(parsed, expected, "{text}");
        }
    }

    #[test]
    fn globs() {
        for (pattern, text, expected) in [
            ("*", "", true),
            ("*Set", "ReplicaSet", true),
            ("*Set", "Settings", false),
            ("?od", "Pod", true),
            ("?od", "od", false),
            ("a*b*c", "aXbYbc", true),
            ("a*b*c", "aXc", false),
        ] {
            assert_eq!(glob(pattern, text), expected, "{pattern} {text}");
        }
    }
}
