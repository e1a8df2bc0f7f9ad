//! The bundle manifest (`bundle.yaml`): what is in a bundle, and under which name and version.

use std::collections::BTreeSet;

use vapwright_cel::document::Node;
use vapwright_kube::document::Document;
use vapwright_kube::names;
use vapwright_kube::path::Path;
use vapwright_kube::problem::{Problem, Severity};
use vapwright_kyverno::{FailFast, Profile};

/// The labels' domain where the manifest gives none.
const DEFAULT_DOMAIN: &str = "policy.vapwright.dev";

/// A manifest that was read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Manifest {
    /// The bundle's name.
    pub name: String,
    /// Its version, by semantic versioning.
    pub version: String,
    /// One sentence.
    pub description: String,
    /// The labels' domain.
    pub domain: String,
    /// Whether there are policies for the workloads that make Pods, too.
    pub fail_fast: FailFast,
    /// The files with the policies, in the order of the manifest.
    pub entries: Vec<Entry>,
}

/// A file that a manifest names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// The path of the file beside the manifest.
    pub file: String,
    /// The profile it is listed under.
    pub profile: Profile,
    /// Where the manifest names it.
    pub place: Path,
}

/// Reads a manifest; none where a problem is an error.
#[must_use]
pub fn read_manifest(document: &Document) -> (Option<Manifest>, Vec<Problem>) {
    let mut reader = Reader {
        document,
        problems: Vec::new(),
    };
    let manifest = reader.manifest();
    let problems = reader.problems;
    let broken = problems
        .iter()
        .any(|problem| problem.severity == Severity::Error);
    (manifest.filter(|_| !broken), problems)
}

struct Reader<'d> {
    document: &'d Document,
    problems: Vec<Problem>,
}

impl Reader<'_> {
    fn error(&mut self, code: &'static str, path: &Path, message: impl Into<String>, help: &str) {
        let mut problem =
            Problem::error(code, message, Some(self.document.range(path))).at_path(path);
        if !help.is_empty() {
            problem = problem.help(help);
        }
        self.problems.push(problem);
    }

    fn unknown_fields(&mut self, node: &Node, path: &Path, known: &[&str]) {
        let Some(fields) = node.as_map() else { return };
        for (name, _) in fields.iter() {
            if !known.contains(&&**name) {
                self.error(
                    "unknown-field",
                    &path.field(name),
                    format!("unknown field `{}`", path.field(name)),
                    &format!("the fields here are {}", known.join(", ")),
                );
            }
        }
    }

    fn manifest(&mut self) -> Option<Manifest> {
        let root = Path::root();
        let node = &self.document.node;
        if node.as_map().is_none() {
            self.error(
                "wrong-type",
                &root,
                "a bundle manifest must be a map",
                "write `name`, `version`, `description`, `labels` and `profiles`",
            );
            return None;
        }
        self.unknown_fields(
            node,
            &root,
            &[
                "name",
                "version",
                "description",
                "labels",
                "failFast",
                "profiles",
            ],
        );
        let name = self.text(node, &root, "name");
        if let Some(name) = &name {
            for fault in names::label_name(name) {
                self.error("invalid-value", &root.field("name"), fault, "");
            }
        }
        let version = self.text(node, &root, "version");
        if let Some(version) = &version
            && let Err(fault) = semver::Version::parse(version)
        {
            self.error(
                "invalid-value",
                &root.field("version"),
                format!("`{version}` is no semantic version: {fault}"),
                "write it as `MAJOR.MINOR.PATCH`, such as `0.1.0`",
            );
        }
        let description = match node.get("description") {
            Some(_) => self.text(node, &root, "description").unwrap_or_default(),
            None => String::new(),
        };
        let domain = self.domain(node, &root);
        let fail_fast = self.fail_fast(node, &root);
        let entries = self.entries(node, &root);
        Some(Manifest {
            name: name?,
            version: version?,
            description: description.split_whitespace().collect::<Vec<_>>().join(" "),
            domain,
            fail_fast,
            entries,
        })
    }

    fn text(&mut self, node: &Node, path: &Path, name: &str) -> Option<String> {
        match node.get(name) {
            Some(Node::String(text)) if !text.trim().is_empty() => Some(text.to_string()),
            None | Some(Node::Null) => {
                self.error(
                    "missing-field",
                    path,
                    format!("the manifest has no `{name}`"),
                    "",
                );
                None
            }
            Some(_) => {
                self.error(
                    "wrong-type",
                    &path.field(name),
                    format!("`{name}` must be a text"),
                    "put it in quotes",
                );
                None
            }
        }
    }

    fn domain(&mut self, node: &Node, root: &Path) -> String {
        let path = root.field("labels");
        let Some(labels) = node.get("labels") else {
            return DEFAULT_DOMAIN.to_owned();
        };
        if labels.as_map().is_none() {
            self.error("wrong-type", &path, "`labels` must be a map", "");
            return DEFAULT_DOMAIN.to_owned();
        }
        self.unknown_fields(labels, &path, &["domain"]);
        let Some(domain) = labels.get("domain") else {
            return DEFAULT_DOMAIN.to_owned();
        };
        let path = path.field("domain");
        let Some(domain) = domain.as_str() else {
            self.error("wrong-type", &path, "`labels.domain` must be a text", "");
            return DEFAULT_DOMAIN.to_owned();
        };
        for fault in names::subdomain(domain) {
            self.error("invalid-value", &path, fault, "");
        }
        domain.to_owned()
    }

    fn fail_fast(&mut self, node: &Node, root: &Path) -> FailFast {
        match node.get("failFast").map(Node::as_str) {
            None => FailFast::No,
            Some(Some("warn")) => FailFast::Warn,
            Some(Some("deny")) => FailFast::Deny,
            Some(_) => {
                self.error(
                    "invalid-value",
                    &root.field("failFast"),
                    "`failFast` must be `warn` or `deny`",
                    "without it only Pods are checked",
                );
                FailFast::No
            }
        }
    }

    fn entries(&mut self, node: &Node, root: &Path) -> Vec<Entry> {
        let path = root.field("profiles");
        let Some(profiles) = node.get("profiles").filter(|node| !node.is_null()) else {
            self.error(
                "missing-field",
                root,
                "the manifest has no `profiles`",
                "list the policies' files under `baseline`, `restricted` and `custom`",
            );
            return Vec::new();
        };
        let Some(fields) = profiles.as_map() else {
            self.error("wrong-type", &path, "`profiles` must be a map", "");
            return Vec::new();
        };
        let mut entries: Vec<Entry> = Vec::new();
        let mut seen = BTreeSet::new();
        for (name, files) in fields.iter() {
            let path = path.field(name);
            let Some(profile) = Profile::from_name(name) else {
                self.error(
                    "unknown-profile",
                    &path,
                    format!("there is no profile `{name}`"),
                    "the profiles are baseline, restricted and custom",
                );
                continue;
            };
            let Some(files) = files.as_list() else {
                self.error(
                    "wrong-type",
                    &path,
                    format!("`profiles.{name}` must be a list of paths"),
                    "",
                );
                continue;
            };
            for (index, file) in files.iter().enumerate() {
                let place = path.index(index);
                let Some(file) = file.as_str() else {
                    self.error("wrong-type", &place, "a path must be a text", "");
                    continue;
                };
                if !is_beside(file) {
                    self.error(
                        "invalid-value",
                        &place,
                        format!("`{file}` is not a path beside the manifest"),
                        "write it relative to the manifest, with `/` and without `..`",
                    );
                } else if seen.insert(file.to_owned()) {
                    entries.push(Entry {
                        file: file.to_owned(),
                        profile,
                        place,
                    });
                } else {
                    self.error(
                        "invalid-value",
                        &place,
                        format!("`{file}` is listed twice"),
                        "",
                    );
                }
            }
        }
        if entries.is_empty() && self.problems.is_empty() {
            self.error("invalid-value", &path, "the manifest lists no policies", "");
        }
        entries
    }
}

/// Whether a path leads to a file beside the manifest or below.
fn is_beside(file: &str) -> bool {
    !file.contains(['\\', '\0', ':'])
        && file
            .split('/')
            .all(|part| !part.is_empty() && part != "." && part != "..")
}
