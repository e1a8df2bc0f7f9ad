//! What a source says of itself: title, severity, description and the like.

use vapwright_cel::document::{Fields, Node};
use vapwright_kube::path::Path;

use crate::account::Account;
use crate::convert::Options;
use crate::fail_fast::{CONTROLLERS_ANNOTATION, FailFast};
use crate::profile::Profile;

const KYVERNO: &str = "policies.kyverno.io/";

/// What a policy says of itself.
#[derive(Clone, Debug, Default)]
pub(crate) struct About {
    pub(crate) title: Option<String>,
    pub(crate) category: Option<String>,
    pub(crate) severity: Option<String>,
    pub(crate) description: Option<String>,
    pub(crate) remediation: Option<String>,
    pub(crate) profile: Option<String>,
    /// The annotations that are carried over as they are, with their fields.
    pub(crate) others: Vec<(String, String, Path)>,
    /// Where the facts above stand, by their name here.
    pub(crate) paths: Vec<(&'static str, Path)>,
}

/// Annotations that belong to the tool that applied the source, or steer Kyverno itself.
fn not_carried(key: &str, fail_fast: FailFast) -> Option<&'static str> {
    match key {
        "kubectl.kubernetes.io/last-applied-configuration" => {
            Some("it is kubectl's record of the source")
        }
        CONTROLLERS_ANNOTATION => Some(match fail_fast {
            FailFast::No => "policies for workloads are not made: the Pods they create are checked",
            _ => "it says for which workloads there are policies",
        }),
        key if key.starts_with("meta.helm.sh/") => Some("it is Helm's record of the source"),
        _ => None,
    }
}

impl About {
    /// Reads `metadata.annotations`.
    pub(crate) fn read(account: &mut Account<'_>, options: &Options) -> Self {
        let path = Path::root().fields(&["metadata", "annotations"]);
        let mut about = Self::default();
        let document = account.document;
        let Some((node, _)) = document.find(&path) else {
            return about;
        };
        let Some(annotations) = node.as_map() else {
            if !node.is_null() {
                account.wrong_type(&path, "a map of texts");
            }
            return about;
        };
        for (key, value) in annotations.iter() {
            let path = path.field(key);
            let Some(value) = value.as_str() else {
                account.wrong_type(&path, "a text");
                continue;
            };
            if let Some(note) = not_carried(key, options.fail_fast) {
                account.dropped(&path, note);
                continue;
            }
            let name = key
                .strip_prefix(KYVERNO)
                .or_else(|| key.strip_prefix(options.domain.as_str())?.strip_prefix('/'));
            let (slot, name) = match name {
                Some("title") => (&mut about.title, "title"),
                Some("category") => (&mut about.category, "category"),
                Some("severity") => (&mut about.severity, "severity"),
                Some("description") => (&mut about.description, "description"),
                Some("remediation") => (&mut about.remediation, "remediation"),
                Some("profile") => (&mut about.profile, "profile"),
                _ => {
                    about.others.push((key.to_string(), value.to_owned(), path));
                    continue;
                }
            };
            *slot = Some(value.trim_end().to_owned());
            about.paths.push((name, path));
        }
        about
    }

    /// The profile of the policy: of its own annotation, its category, its folder, or the one
    /// given for policies that do not say theirs.
    pub(crate) fn profile(
        &self,
        account: &mut Account<'_>,
        file: Option<&str>,
        fallback: Option<Profile>,
    ) -> Profile {
        if let Some(name) = &self.profile {
            match Profile::from_name(name) {
                Some(profile) => return profile,
                None => {
                    if let Some((_, path)) = self.paths.iter().find(|(fact, _)| *fact == "profile")
                    {
                        account.refused(
                            path,
                            "unknown-profile",
                            format!("there is no profile `{name}`"),
                            "write `baseline`, `restricted` or `custom`",
                        );
                    }
                }
            }
        }
        self.category
            .as_deref()
            .and_then(Profile::from_category)
            .or_else(|| file.and_then(Profile::from_path))
            .or(fallback)
            .unwrap_or(Profile::Custom)
    }

    /// The annotations of an admission policy.
    pub(crate) fn annotations(
        &self,
        account: &mut Account<'_>,
        policy: &str,
        domain: &str,
        profile: Profile,
        source: &str,
        rule: &str,
    ) -> Node {
        let mut fields = Fields::new();
        for (name, value) in [
            ("title", self.title.as_deref()),
            ("category", self.category.as_deref()),
            ("severity", self.severity.as_deref()),
            ("description", self.description.as_deref()),
            ("remediation", self.remediation.as_deref()),
            ("profile", Some(profile.as_str())),
            ("source", Some(source)),
            ("rule", Some(rule)),
        ] {
            let Some(value) = value else { continue };
            let key = format!("{domain}/{name}");
            for (fact, path) in &self.paths {
                if *fact == name {
                    account.translated(path, policy, format!("metadata.annotations[{key}]"));
                }
            }
            fields.insert(key, Node::string(value));
        }
        for (key, value, path) in &self.others {
            account.translated(path, policy, format!("metadata.annotations[{key}]"));
            fields.insert(key.as_str(), Node::string(value.as_str()));
        }
        Node::Map(fields)
    }
}
