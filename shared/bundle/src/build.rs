//! Building a bundle: the policies of a manifest, converted, checked and put in order.

use std::cmp::Reverse;

use vapwright_cel::document::Node;
use vapwright_cel::version::KubernetesVersion;
use vapwright_kube::document::Document;
use vapwright_kube::path::Path;
use vapwright_kube::problem::{Problem, Severity};
use vapwright_kyverno::{Names, Options, Profile, depends_on_version, is_kyverno};

use crate::digest::digest;
use crate::manifest::Manifest;

/// A file with policies, read.
#[derive(Clone, Copy, Debug)]
pub struct Member<'d> {
    /// Its path beside the manifest.
    pub file: &'d str,
    /// Its documents.
    pub documents: &'d [Document],
}

/// Compiles a ValidatingAdmissionPolicy for a Kubernetes version; gives what is wrong with it, as
/// the path of an expression and the API server's words.
pub type Compile<'c> = dyn Fn(&Node, KubernetesVersion) -> Vec<(String, String)> + 'c;

/// A problem with the file it is in; `None` for the manifest.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SourceProblem {
    /// The file.
    pub file: Option<String>,
    /// The problem.
    pub problem: Problem,
}

/// What came of building.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Build {
    /// The bundle; none where a problem is an error.
    pub bundle: Option<Bundle>,
    /// Problems of the manifest and the files.
    pub problems: Vec<SourceProblem>,
}

/// A bundle: what its manifest says, and its policies by name.
#[derive(Clone, Debug, PartialEq)]
pub struct Bundle {
    /// The bundle's name.
    pub name: String,
    /// Its version.
    pub version: String,
    /// One sentence.
    pub description: String,
    /// The labels' domain.
    pub domain: String,
    /// `sha256:...` over all policies and bindings in their canonical form, those for older versions
    /// of Kubernetes too.
    pub digest: String,
    /// The oldest Kubernetes version that takes every policy.
    pub kubernetes: KubernetesVersion,
    /// The version that the policies are for; none where they are the same for all.
    pub made_for: Option<KubernetesVersion>,
    /// The policies, in the order of their names.
    pub policies: Vec<BundledPolicy>,
    /// The same for older versions of Kubernetes, the newest first, where they differ.
    pub older: Vec<Edition>,
}

/// The policies of a bundle for one version of Kubernetes.
#[derive(Clone, Debug, PartialEq)]
pub struct Edition {
    /// The version.
    pub kubernetes: KubernetesVersion,
    /// `sha256:...` over its policies and bindings.
    pub digest: String,
    /// The policies, in the order of their names.
    pub policies: Vec<BundledPolicy>,
}

/// A policy of a bundle.
#[derive(Clone, Debug, PartialEq)]
pub struct BundledPolicy {
    /// The name of the policy and of its binding.
    pub name: String,
    /// Its profile.
    pub profile: Profile,
    /// Its title, empty where it has none.
    pub title: String,
    /// `low`, `medium`, `high`, `critical`, or empty.
    pub severity: String,
    /// What it is for.
    pub description: String,
    /// What to change in a refused object.
    pub remediation: String,
    /// `sha256:...` of the policy and its bindings.
    pub digest: String,
    /// The ValidatingAdmissionPolicy.
    pub policy: Node,
    /// Its bindings.
    pub bindings: Vec<Node>,
}

/// Builds a bundle of the files that its manifest names: for one version of Kubernetes, or for the
/// newest and, where the policies depend on it, for every older one that takes them.
#[must_use]
pub fn build(
    manifest: &Manifest,
    manifest_document: &Document,
    members: &[Member<'_>],
    kubernetes: Option<KubernetesVersion>,
    compile: &Compile<'_>,
) -> Build {
    let run = |version| {
        let mut builder = Builder {
            manifest,
            version,
            compile,
            names: Names::new(),
            policies: Vec::new(),
            bindings: Vec::new(),
            problems: Vec::new(),
            kubernetes: KubernetesVersion::OLDEST,
        };
        builder.add_all(manifest_document, members);
        builder
    };
    let mut builder = run(kubernetes.unwrap_or(KubernetesVersion::NEWEST));
    let oldest = builder.kubernetes;
    if let Some(version) = kubernetes.filter(|version| *version < oldest) {
        let message =
            format!("the policies need Kubernetes {oldest}, which {version} is older than");
        builder.problem(None, Problem::error("old-kubernetes", message, None));
    }
    let mut build = builder.finish();
    let depends = |member: &Member<'_>| member.documents.iter().any(depends_on_version);
    let (Some(bundle), true) = (&mut build.bundle, members.iter().any(depends)) else {
        return build;
    };
    bundle.made_for = Some(kubernetes.unwrap_or(KubernetesVersion::NEWEST));
    if kubernetes.is_none() {
        let older = (oldest.minor..KubernetesVersion::NEWEST.minor).rev();
        for version in older.map(KubernetesVersion::new) {
            // what it compiles with, and what is wrong with it, is known of the newest
            let Some(found) = run(version).finish().bundle else {
                continue;
            };
            bundle.older.push(Edition {
                kubernetes: version,
                digest: found.digest,
                policies: found.policies,
            });
        }
        let older = bundle.older.iter().flat_map(|edition| &edition.policies);
        bundle.digest = digest(bundle.policies.iter().chain(older).flat_map(documents));
    }
    build
}

/// A policy and its bindings.
pub(crate) fn documents(policy: &BundledPolicy) -> impl Iterator<Item = &Node> {
    std::iter::once(&policy.policy).chain(&policy.bindings)
}

struct Builder<'b> {
    manifest: &'b Manifest,
    version: KubernetesVersion,
    compile: &'b Compile<'b>,
    names: Names,
    policies: Vec<BundledPolicy>,
    bindings: Vec<(&'b str, &'b Document)>,
    problems: Vec<SourceProblem>,
    kubernetes: KubernetesVersion,
}

impl<'b> Builder<'b> {
    fn problem(&mut self, file: Option<&str>, problem: Problem) {
        self.problems.push(SourceProblem {
            file: file.map(str::to_owned),
            problem,
        });
    }

    fn add_all(&mut self, manifest_document: &Document, members: &[Member<'b>]) {
        // The names of admission policies are fixed; converted ones give way.
        for document in members.iter().flat_map(|member| member.documents) {
            if is_admission(&document.node, "ValidatingAdmissionPolicy") {
                self.names.reserve(name(&document.node));
            }
        }
        for entry in &self.manifest.entries {
            match members.iter().find(|member| member.file == entry.file) {
                Some(member) => self.add(member, entry.profile),
                None => {
                    let range = manifest_document.range(&entry.place);
                    let problem = Problem::error(
                        "missing-file",
                        format!("there is no file `{}`", entry.file),
                        Some(range),
                    )
                    .at_path(&entry.place);
                    self.problem(None, problem);
                }
            }
        }
        self.attach_bindings();
    }

    fn add(&mut self, member: &Member<'b>, profile: Profile) {
        let before = self.policies.len();
        for document in member.documents {
            if is_kyverno(document) {
                self.convert(member.file, document, profile);
            } else if is_admission(&document.node, "ValidatingAdmissionPolicy") {
                self.pass_through(member.file, document, profile);
            } else if is_admission(&document.node, "ValidatingAdmissionPolicyBinding") {
                self.bindings.push((member.file, document));
            } else {
                let problem = Problem::error(
                    "not-a-policy",
                    "this is neither a policy nor a binding",
                    Some(document.range(&Path::root().field("kind"))),
                )
                .help("a bundle is made of ClusterPolicies, ValidatingAdmissionPolicies and their bindings");
                self.problem(Some(member.file), problem);
            }
        }
        let only_bindings = !member.documents.is_empty()
            && member
                .documents
                .iter()
                .all(|d| is_admission(&d.node, "ValidatingAdmissionPolicyBinding"));
        let silent = !self
            .problems
            .iter()
            .any(|one| one.file.as_deref() == Some(member.file));
        if self.policies.len() == before && !only_bindings && silent {
            let problem = Problem::error("no-policy", "there is no policy here", None);
            self.problem(Some(member.file), problem);
        }
    }

    fn convert(&mut self, file: &str, document: &Document, profile: Profile) {
        let options = Options {
            domain: self.manifest.domain.clone(),
            listed: Some(profile),
            file: Some(file.to_owned()),
            kubernetes: self.version,
            fail_fast: self.manifest.fail_fast,
            ..Options::default()
        };
        let conversion = vapwright_kyverno::convert(document, &options, &mut self.names);
        for problem in conversion.problems {
            self.problem(Some(file), problem);
        }
        for converted in conversion.policies {
            self.compiles(&converted.policy, file, document, |path| {
                converted
                    .origins
                    .get(path)
                    .unwrap_or(&converted.source_path)
                    .clone()
            });
            self.policies.push(BundledPolicy {
                name: converted.name,
                profile,
                title: converted.title.unwrap_or_default(),
                severity: converted.severity.unwrap_or_default(),
                description: converted.description.unwrap_or_default(),
                remediation: converted.remediation.unwrap_or_default(),
                digest: String::new(),
                policy: converted.policy,
                bindings: converted.bindings,
            });
        }
    }

    fn pass_through(&mut self, file: &str, document: &Document, profile: Profile) {
        let node = &document.node;
        let range = Some(document.range(&Path::root().fields(&["metadata", "name"])));
        if name(node).is_empty() {
            let problem =
                Problem::error("missing-field", "the policy has no `metadata.name`", range);
            self.problem(Some(file), problem);
            return;
        }
        if self.policies.iter().any(|policy| policy.name == name(node)) {
            let message = format!("there is another policy `{}`", name(node));
            self.problem(Some(file), Problem::error("name-taken", message, range));
            return;
        }
        self.compiles(node, file, document, |_| Path::root().field("spec"));
        let annotation = |fact: &str| {
            let key = format!("{}/{fact}", self.manifest.domain);
            node.at(&["metadata", "annotations", &key])
                .and_then(Node::as_str)
                .unwrap_or_default()
                .to_owned()
        };
        let policy = BundledPolicy {
            name: name(node).to_owned(),
            profile,
            title: annotation("title"),
            severity: annotation("severity"),
            description: annotation("description"),
            remediation: annotation("remediation"),
            digest: String::new(),
            policy: node.clone(),
            bindings: Vec::new(),
        };
        self.policies.push(policy);
    }

    /// Finds the oldest version that takes the policy, or says why none does.
    fn compiles(
        &mut self,
        policy: &Node,
        file: &str,
        document: &Document,
        origin: impl Fn(&str) -> Path,
    ) {
        let faults = (self.compile)(policy, KubernetesVersion::NEWEST);
        if !faults.is_empty() {
            for (path, message) in faults {
                let origin = origin(&path);
                let problem = Problem::error("cel-check", message, Some(document.range(&origin)))
                    .at_path(&origin);
                self.problem(Some(file), problem);
            }
            return;
        }
        // A cluster takes a new expression where it compiles for the version before its own, so
        // that it can still be rolled back.
        let compiles =
            |minor: u16| (self.compile)(policy, KubernetesVersion::new(minor)).is_empty();
        let oldest = (KubernetesVersion::OLDEST.minor - 1..KubernetesVersion::NEWEST.minor)
            .find(|minor| compiles(*minor))
            .unwrap_or(KubernetesVersion::NEWEST.minor);
        self.kubernetes = self.kubernetes.max(KubernetesVersion::new(oldest + 1));
    }

    fn attach_bindings(&mut self) {
        for (file, document) in std::mem::take(&mut self.bindings) {
            let wanted = document
                .node
                .at(&["spec", "policyName"])
                .and_then(Node::as_str)
                .unwrap_or_default();
            match self
                .policies
                .iter_mut()
                .find(|policy| policy.name == wanted)
            {
                Some(policy) => policy.bindings.push(document.node.clone()),
                None => {
                    let path = Path::root().fields(&["spec", "policyName"]);
                    let problem = Problem::error(
                        "unknown-policy",
                        format!("there is no policy `{wanted}` for this binding"),
                        Some(document.range(&path)),
                    )
                    .at_path(&path);
                    self.problem(Some(file), problem);
                }
            }
        }
        let unbound: Vec<String> = self
            .policies
            .iter()
            .filter(|policy| policy.bindings.is_empty())
            .map(|policy| policy.name.clone())
            .collect();
        for name in unbound {
            let message = format!("the policy `{name}` has no binding, so it would do nothing");
            self.problem(None, Problem::error("no-binding", message, None));
        }
    }

    fn finish(mut self) -> Build {
        let broken = |one: &SourceProblem| one.problem.severity == Severity::Error;
        self.problems
            .sort_by_key(|one| Reverse(one.problem.severity == Severity::Error));
        if self.problems.iter().any(broken) {
            return Build {
                bundle: None,
                problems: self.problems,
            };
        }
        self.policies
            .sort_by(|one, other| one.name.cmp(&other.name));
        for policy in &mut self.policies {
            policy.digest = digest(documents(policy));
        }
        let bundle = Bundle {
            name: self.manifest.name.clone(),
            version: self.manifest.version.clone(),
            description: self.manifest.description.clone(),
            domain: self.manifest.domain.clone(),
            digest: digest(self.policies.iter().flat_map(documents)),
            kubernetes: self.kubernetes,
            made_for: None,
            policies: self.policies,
            older: Vec::new(),
        };
        Build {
            bundle: Some(bundle),
            problems: self.problems,
        }
    }
}

fn is_admission(node: &Node, kind: &str) -> bool {
    let text = |name: &str| node.get(name).and_then(Node::as_str).unwrap_or_default();
    text("kind") == kind && text("apiVersion").starts_with("admissionregistration.k8s.io/")
}

fn name(node: &Node) -> &str {
    node.at(&["metadata", "name"])
        .and_then(Node::as_str)
        .unwrap_or_default()
}
