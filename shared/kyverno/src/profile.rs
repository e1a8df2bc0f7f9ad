//! Profiles: the sets of policies that a namespace chooses by one label.

use vapwright_cel::document::Node;

/// The profile a policy belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Profile {
    /// For namespaces of the profiles `baseline` and `restricted`.
    Baseline,
    /// For namespaces of the profile `restricted`.
    Restricted,
    /// For namespaces that opt in to the policy by its name.
    Custom,
}

impl Profile {
    /// `baseline`, `restricted` or `custom`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Baseline => "baseline",
            Self::Restricted => "restricted",
            Self::Custom => "custom",
        }
    }

    /// The profile of a name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        [Self::Baseline, Self::Restricted, Self::Custom]
            .into_iter()
            .find(|profile| profile.as_str() == name)
    }

    /// The values of the namespace's profile label that bind the policy; none for a custom one.
    #[must_use]
    pub const fn label_values(self) -> &'static [&'static str] {
        match self {
            Self::Baseline => &["baseline", "restricted"],
            Self::Restricted => &["restricted"],
            Self::Custom => &[],
        }
    }

    /// The profile that a category names, as in `Pod Security Standards (Baseline)`.
    #[must_use]
    pub fn from_category(category: &str) -> Option<Self> {
        let category = category.to_ascii_lowercase();
        if !category.starts_with("pod security standards") {
            return None;
        }
        [Self::Baseline, Self::Restricted]
            .into_iter()
            .find(|profile| category.contains(&format!("({})", profile.as_str())))
    }

    /// The profile that a folder of a path names, the innermost first.
    #[must_use]
    pub fn from_path(path: &str) -> Option<Self> {
        let (folders, _) = path.rsplit_once(['/', '\\'])?;
        folders.rsplit(['/', '\\']).find_map(Self::from_name)
    }
}

/// The namespace selector's requirements for a profile and a policy's own label.
pub(crate) fn requirements(profile: Profile, domain: &str, label_name: &str) -> Vec<Node> {
    let own = format!("{domain}/{label_name}");
    if profile == Profile::Custom {
        return vec![requirement(&own, "In", &["include"])];
    }
    vec![
        requirement(&format!("{domain}/profile"), "In", profile.label_values()),
        requirement(&own, "NotIn", &["exclude"]),
    ]
}

/// One requirement of a label selector.
pub(crate) fn requirement(key: &str, operator: &str, values: &[&str]) -> Node {
    Node::map([
        ("key", Node::string(key)),
        ("operator", Node::string(operator)),
        (
            "values",
            Node::List(values.iter().map(|value| Node::string(*value)).collect()),
        ),
    ])
}
