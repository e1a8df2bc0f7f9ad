//! A whole Kyverno policy: its kind, its settings, its rules.

use std::collections::BTreeMap;

use vapwright_cel::document::Node;
use vapwright_cel::version::KubernetesVersion;
use vapwright_kube::document::Document;
use vapwright_kube::path::Path;
use vapwright_kube::problem::Problem;

use crate::account::{Account, FieldOutcome};
use crate::annotations::About;
use crate::cel;
use crate::fail_fast::{self, FailFast};
use crate::filter::is_empty;
use crate::names::Names;
use crate::profile::Profile;
use crate::rule::{self, Source};

/// How policies are converted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Options {
    /// The prefix of labels and annotations: `DOMAIN/profile`, `DOMAIN/POLICY-NAME`.
    pub domain: String,
    /// The profile of policies that do not say theirs.
    pub profile: Option<Profile>,
    /// The profile of all policies, whatever they say.
    pub listed: Option<Profile>,
    /// The file's path, whose folders may name the profile.
    pub file: Option<String>,
    /// The version of the cluster that the policies are for.
    pub kubernetes: KubernetesVersion,
    /// Whether there are policies for the workloads that make Pods, too.
    pub fail_fast: FailFast,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            domain: "policy.vapwright.dev".to_owned(),
            profile: None,
            listed: None,
            file: None,
            kubernetes: KubernetesVersion::NEWEST,
            fail_fast: FailFast::No,
        }
    }
}

/// The admission policy of one rule.
#[derive(Clone, Debug, PartialEq)]
pub struct Converted {
    /// The name of the policy and of its binding.
    pub name: String,
    /// The profile it belongs to.
    pub profile: Profile,
    /// The policy's title.
    pub title: Option<String>,
    /// `low`, `medium`, `high`, `critical`
    pub severity: Option<String>,
    /// What the policy is for.
    pub description: Option<String>,
    /// What to change in a refused object.
    pub remediation: Option<String>,
    /// The ValidatingAdmissionPolicy.
    pub policy: Node,
    /// Its ValidatingAdmissionPolicyBindings.
    pub bindings: Vec<Node>,
    /// The rule in the source.
    pub source_path: Path,
    /// Where the parts of the policy come from: paths in it, such as
    /// `spec.validations[0].expression`, to paths in the source.
    pub origins: BTreeMap<String, Path>,
}

/// What came of a source.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Conversion {
    /// The admission policies, one for each rule.
    pub policies: Vec<Converted>,
    /// What became of each field of the source.
    pub fields: Vec<FieldOutcome>,
    /// Problems of the source.
    pub problems: Vec<Problem>,
}

/// Whether a document is one of Kyverno's.
#[must_use]
pub fn is_kyverno(document: &Document) -> bool {
    let group = document
        .node
        .get("apiVersion")
        .and_then(Node::as_str)
        .and_then(|version| version.split_once('/'))
        .map(|(group, _)| group);
    group.is_some_and(|group| group == "kyverno.io" || group.ends_with(".kyverno.io"))
}

/// Whether what becomes of a document depends on [`Options::kubernetes`].
#[must_use]
pub fn depends_on_version(document: &Document) -> bool {
    is_kyverno(document) && cel::depends_on_version(&document.node)
}

/// Converts one Kyverno document. `names` keeps the names of all documents of a call apart.
#[must_use]
pub fn convert(document: &Document, options: &Options, names: &mut Names) -> Conversion {
    let mut account = Account::new(document);
    let policies = convert_into(&mut account, options, names);
    account.refuse_the_rest(&Path::root());
    Conversion {
        policies,
        fields: account.fields,
        problems: account.problems,
    }
}

fn convert_into(account: &mut Account<'_>, options: &Options, names: &mut Names) -> Vec<Converted> {
    let document = account.document;
    let root = Path::root();
    let node = &document.node;
    let text = |name: &str| node.get(name).and_then(Node::as_str).unwrap_or_default();
    let (version, kind) = (text("apiVersion"), text("kind"));
    if !["kyverno.io/v1", "kyverno.io/v2beta1"].contains(&version)
        || !["ClusterPolicy", "Policy"].contains(&kind)
    {
        account.refused(
            &root,
            "not-translatable",
            format!("`{kind}` of `{version}` is not translated"),
            "a ClusterPolicy or Policy of `kyverno.io/v1` with `validate.cel` is",
        );
        return Vec::new();
    }
    for name in ["apiVersion", "kind"] {
        account.dropped(
            &root.field(name),
            "the result is a ValidatingAdmissionPolicy of `admissionregistration.k8s.io/v1`",
        );
    }
    if node.get("status").is_some() {
        account.dropped(
            &root.field("status"),
            "it is what Kyverno says of the policy",
        );
    }
    let name = node
        .at(&["metadata", "name"])
        .and_then(Node::as_str)
        .unwrap_or_default();
    if name.is_empty() {
        account.refused(
            &root.field("metadata"),
            "invalid-value",
            "the policy has no `metadata.name`",
            "name it: the admission policies are named after it",
        );
        return Vec::new();
    }
    let namespace = if kind == "Policy" {
        Some(
            node.at(&["metadata", "namespace"])
                .and_then(Node::as_str)
                .unwrap_or("default"),
        )
    } else {
        None
    };
    metadata(account, node, namespace.is_some());
    let about = About::read(account, options);
    let said = about.profile(account, options.file.as_deref(), options.profile);
    let profile = options.listed.unwrap_or(said);
    let spec_path = root.field("spec");
    let Some(spec) = node.get("spec").filter(|spec| spec.as_map().is_some()) else {
        account.refused(&spec_path, "invalid-value", "the policy has no `spec`", "");
        return Vec::new();
    };
    let labels = node
        .at(&["metadata", "labels"])
        .filter(|labels| !is_empty(labels));
    settings(account, spec, &spec_path);
    let rules_path = spec_path.field("rules");
    let Some(rules) = spec.get("rules").and_then(Node::as_list) else {
        account.refused(
            &rules_path,
            "invalid-value",
            "the policy has no `spec.rules`",
            "",
        );
        return Vec::new();
    };
    let source = Source {
        kind,
        name,
        namespace,
        spec,
        about: &about,
        profile,
        labels,
        options,
    };
    let mut policies = Vec::new();
    for (index, rule) in rules.iter().enumerate() {
        let path = rules_path.index(index);
        if let Some(pods) = rule::convert(account, names, &source, rule, &path) {
            let more = options.fail_fast.action().map(|action| {
                fail_fast::policies(account, names, options, rules, rule, &pods, action)
            });
            policies.push(pods);
            policies.extend(more.into_iter().flatten());
        }
    }
    policies
}

/// Settings of the policy that rules do not read.
fn settings(account: &mut Account<'_>, spec: &Node, path: &Path) {
    for (name, note) in [
        (
            "background",
            "an admission policy checks requests, not what is there",
        ),
        (
            "schemaValidation",
            "it is about Kyverno's check of the policy",
        ),
        (
            "mutateExistingOnPolicyUpdate",
            "an admission policy checks requests, not what is there",
        ),
        (
            "generateExisting",
            "an admission policy checks requests, not what is there",
        ),
        (
            "generateExistingOnPolicyUpdate",
            "an admission policy checks requests, not what is there",
        ),
        ("useServerSideApply", "an admission policy creates nothing"),
        (
            "webhookTimeoutSeconds",
            "the API server evaluates the policy itself: there is no webhook to wait for",
        ),
    ] {
        if spec.get(name).is_some() {
            account.dropped(&path.field(name), note);
        }
    }
    let timeout = ["webhookConfiguration", "timeoutSeconds"];
    if spec.at(&timeout).is_some() {
        account.dropped(
            &path.fields(&timeout),
            "the API server evaluates the policy itself: there is no webhook to wait for",
        );
    }
    if let Some(admission) = spec.get("admission") {
        let path = path.field("admission");
        if admission.as_bool() == Some(false) {
            account.refused(
                &path,
                "not-translatable",
                "the policy takes no part in admission",
                "leave it in Kyverno: an admission policy does nothing else",
            );
        } else {
            account.dropped(&path, "it says what holds for every admission policy");
        }
    }
    if let Some(warning) = spec.get("emitWarning") {
        let path = path.field("emitWarning");
        if warning.as_bool() == Some(true) {
            account.dropped(&path, "what is audited is warned of in any case");
        } else {
            account.dropped(&path, "it says what holds without it");
        }
    }
    if let Some(apply) = spec.get("applyRules") {
        let path = path.field("applyRules");
        let rules = spec
            .get("rules")
            .and_then(Node::as_list)
            .map_or(0, <[_]>::len);
        if apply.as_str() == Some("One") && rules > 1 {
            account.refused(
                &path,
                "not-translatable",
                "admission policies cannot stop at the first rule that applies",
                "make the rules exclude one another, and take out `applyRules`",
            );
        } else {
            account.dropped(&path, "every rule that applies is checked");
        }
    }
}

/// Fields of the metadata that the cluster sets.
fn metadata(account: &mut Account<'_>, node: &Node, namespaced: bool) {
    let path = Path::root().field("metadata");
    for name in [
        "creationTimestamp",
        "deletionGracePeriodSeconds",
        "deletionTimestamp",
        "finalizers",
        "generation",
        "managedFields",
        "ownerReferences",
        "resourceVersion",
        "selfLink",
        "uid",
    ] {
        if node.at(&["metadata", name]).is_some() {
            account.dropped(&path.field(name), "the cluster sets it for each object");
        }
    }
    if !namespaced && node.at(&["metadata", "namespace"]).is_some() {
        account.dropped(
            &path.field("namespace"),
            "a ClusterPolicy is in no namespace",
        );
    }
    if node
        .at(&["metadata", "labels"])
        .is_some_and(|labels| !is_empty(labels) && labels.as_map().is_none())
    {
        account.wrong_type(&path.field("labels"), "a map of texts");
    }
}
