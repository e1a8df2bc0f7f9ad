//! The policies and bindings of a call: Kyverno's converted, admission policies as they are.

use std::collections::BTreeMap;
use std::sync::Arc;

use vapwright_admission::mutate::policy::MutatingPolicy;
use vapwright_admission::policy::{ParamKind, Policy as Admission};
use vapwright_admission::validate::FieldError;
use vapwright_cel::document::Node;
use vapwright_cel::version::KubernetesVersion;
use vapwright_kube::custom::Definitions;
use vapwright_kube::document::Document;
use vapwright_kube::json;
use vapwright_kube::kinds::Gvk;
use vapwright_kube::path::Path;
use vapwright_kube::problem::Problem;
use vapwright_kube::yaml;
use vapwright_kyverno::{Converted, FailFast, Names, Options, Profile, is_kyverno};

use crate::diagnose::diagnostic;
use crate::input::{Input, api_version, check_object, kind, name, text_at};
use crate::wire::{
    self, ConvertedPolicy, Diagnostic, FieldOutcome, LabelModel, Outcome, Place, Severity,
};

/// What can be evaluated, and what is wrong with the rest.
#[derive(Debug, Default)]
pub struct Policies {
    /// In the order of their sources.
    pub policies: Vec<Policy>,
    /// Mutating policies, in the order of their sources.
    pub mutating: Vec<Policy>,
    /// What became of the fields of Kyverno's policies.
    pub fields: Vec<FieldOutcome>,
}

/// An admission policy with its bindings.
#[derive(Debug)]
pub struct Policy {
    /// The policy.
    pub node: Node,
    /// Its bindings, in order.
    pub bindings: Vec<Node>,
    /// What it says of itself.
    pub about: About,
    /// Which of the sources it comes from.
    pub input: usize,
    /// The document it comes from.
    pub document: Arc<Document>,
    /// Where in the document: a rule, or the document itself.
    pub source_path: Path,
    /// Of a converted policy: where the parts of it come from.
    origins: Option<BTreeMap<String, Path>>,
}

/// What a policy says of itself.
#[derive(Debug, Default)]
pub struct About {
    profile: Option<String>,
    title: Option<String>,
    severity: Option<String>,
    description: Option<String>,
    remediation: Option<String>,
}

impl Policy {
    /// The policy's name.
    pub fn name(&self) -> &str {
        name(&self.node)
    }

    /// Where a part of the policy, such as `spec.validations[0].expression`, stands in what was
    /// typed.
    pub fn place(&self, inputs: &[Input<'_>], path: &Path) -> Option<Place> {
        let input = inputs.get(self.input)?;
        Some(input.place(&self.document, &self.path_in_source(path)))
    }

    /// The path in the source of a part of the policy.
    pub fn path_in_source(&self, path: &Path) -> Path {
        match &self.origins {
            Some(origins) => origins
                .get(&path.to_string())
                .cloned()
                .unwrap_or_else(|| self.source_path.clone()),
            None => path.clone(),
        }
    }

    /// The policy for the wire.
    pub fn to_wire(&self, inputs: &[Input<'_>]) -> ConvertedPolicy {
        let source = inputs
            .get(self.input)
            .map(|input| input.place(&self.document, &self.source_path));
        let about = &self.about;
        ConvertedPolicy {
            name: self.name().to_owned(),
            profile: about.profile.clone(),
            title: about.title.clone(),
            severity: about.severity.clone(),
            description: about.description.clone(),
            remediation: about.remediation.clone(),
            policy: json::to_value(&self.node),
            bindings: self.bindings.iter().map(json::to_value).collect(),
            yaml: yaml::write_all(std::iter::once(&self.node).chain(&self.bindings)),
            source,
        }
    }
}

/// How Kyverno policies are converted.
pub struct Terms<'c> {
    /// How namespaces choose policies.
    pub labels: &'c LabelModel,
    /// The profile of policies that do not say theirs.
    pub profile: Option<&'c str>,
    /// Whether there are policies for workloads, too.
    pub fail_fast: wire::FailFast,
}

/// Sorts the documents of the sources, and converts those of Kyverno. What is no policy is reported,
/// but for objects that are `of_use` otherwise.
pub fn load(
    inputs: &[Input<'_>],
    terms: &Terms<'_>,
    kubernetes: KubernetesVersion,
    of_use: fn(&Node) -> bool,
    diagnostics: &mut Vec<Diagnostic>,
) -> Policies {
    let mut loader = Loader {
        inputs,
        labels: terms.labels,
        profile: read_profile(terms.profile, diagnostics),
        fail_fast: match terms.fail_fast {
            wire::FailFast::No => FailFast::No,
            wire::FailFast::Warn => FailFast::Warn,
            wire::FailFast::Deny => FailFast::Deny,
        },
        kubernetes,
        of_use,
        names: Names::new(),
        bindings: Vec::new(),
        others: Vec::new(),
        loaded: Policies::default(),
        diagnostics,
    };
    // Admission policies keep their names; converted ones give way.
    for input in inputs {
        for object in &input.objects {
            if is_policy(&object.document.node) {
                loader.names.reserve(name(&object.document.node));
            }
        }
    }
    for (index, input) in inputs.iter().enumerate() {
        for object in &input.objects {
            loader.add(index, input, &object.document);
        }
    }
    loader.report_others();
    loader.attach_bindings();
    loader.loaded
}

fn read_profile(profile: Option<&str>, diagnostics: &mut Vec<Diagnostic>) -> Option<Profile> {
    let given = profile.filter(|given| !given.is_empty())?;
    let known = Profile::from_name(given);
    if known.is_none() {
        diagnostics.push(diagnostic(
            Severity::Error,
            "unknown-profile",
            &format!("there is no profile `{given}`"),
            Some("use `baseline`, `restricted` or `custom`"),
        ));
    }
    known
}

struct Loader<'c, 't> {
    inputs: &'c [Input<'t>],
    labels: &'c LabelModel,
    profile: Option<Profile>,
    fail_fast: FailFast,
    kubernetes: KubernetesVersion,
    of_use: fn(&Node) -> bool,
    names: Names,
    /// With the index of the input and the document.
    bindings: Vec<(usize, &'c Document)>,
    /// Objects that are no policies, with the index of the input.
    others: Vec<(usize, &'c Document)>,
    loaded: Policies,
    diagnostics: &'c mut Vec<Diagnostic>,
}

impl<'c> Loader<'c, '_> {
    fn add(&mut self, index: usize, input: &'c Input<'_>, document: &'c Document) {
        if check_object(input, document, &Definitions::default(), self.diagnostics).is_none() {
            return;
        }
        let node = &document.node;
        if is_kyverno(document) {
            self.convert(index, input, document);
        } else if is_policy(node) || is_admission(node, MUTATING) {
            if self.has_name(input, document) {
                let policy = Policy {
                    node: node.clone(),
                    bindings: Vec::new(),
                    about: About::read(node, self.labels),
                    input: index,
                    document: Arc::new(document.clone()),
                    source_path: Path::root(),
                    origins: None,
                };
                if is_policy(node) {
                    self.loaded.policies.push(policy);
                } else {
                    self.loaded.mutating.push(policy);
                }
            }
        } else if is_admission(node, MUTATING_BINDING) {
            self.report_fields(
                input,
                document,
                vapwright_admission::validate::mutating_binding(node),
            );
            self.bindings.push((index, document));
        } else if is_admission(node, "ValidatingAdmissionPolicyBinding") {
            self.report_fields(
                input,
                document,
                vapwright_admission::validate::binding(node),
            );
            self.bindings.push((index, document));
        } else if !(self.of_use)(node) {
            self.others.push((index, document));
        }
    }

    /// The policies of the kind that a policy or a binding is for.
    fn of_kind(&mut self, kind: &str) -> &mut Vec<Policy> {
        match kind {
            MUTATING | MUTATING_BINDING => &mut self.loaded.mutating,
            _ => &mut self.loaded.policies,
        }
    }

    fn report_fields(&mut self, input: &Input<'_>, document: &Document, errors: Vec<FieldError>) {
        for error in errors {
            let range = document.range(&error.path);
            let problem = Problem::error("invalid-field", error.message, Some(range));
            self.diagnostics
                .push(input.diagnostic(&problem.at_path(&error.path)));
        }
    }

    fn has_name(&mut self, input: &Input<'_>, document: &Document) -> bool {
        let path = Path::root().fields(&["metadata", "name"]);
        let problem = if name(&document.node).is_empty() {
            Problem::error(
                "missing-field",
                "the policy has no `metadata.name`",
                Some(document.range(&Path::root().field("kind"))),
            )
        } else if self
            .of_kind(kind(&document.node))
            .iter()
            .any(|policy| policy.origins.is_none() && policy.name() == name(&document.node))
        {
            Problem::error(
                "name-taken",
                format!("there is another policy `{}`", name(&document.node)),
                Some(document.range(&path)),
            )
            .help("in a cluster the second would replace the first")
        } else {
            return true;
        };
        self.diagnostics
            .push(input.diagnostic(&problem.at_path(&path)));
        false
    }

    fn convert(&mut self, index: usize, input: &Input<'_>, document: &Document) {
        let options = Options {
            domain: self.labels.domain.clone(),
            profile: self.profile,
            listed: None,
            file: Some(input.text.name().to_owned()),
            kubernetes: self.kubernetes,
            fail_fast: self.fail_fast,
        };
        let conversion = vapwright_kyverno::convert(document, &options, &mut self.names);
        self.diagnostics.extend(
            conversion
                .problems
                .iter()
                .map(|problem| input.diagnostic(problem)),
        );
        self.loaded
            .fields
            .extend(conversion.fields.into_iter().map(|field| FieldOutcome {
                place: input.place(document, &field.path),
                outcome: match field.outcome {
                    vapwright_kyverno::Outcome::Translated => Outcome::Translated,
                    vapwright_kyverno::Outcome::Approximated => Outcome::Approximated,
                    vapwright_kyverno::Outcome::Dropped => Outcome::Dropped,
                    vapwright_kyverno::Outcome::Refused => Outcome::Refused,
                },
                policy: field.policy,
                became: field.became,
                note: field.note,
            }));
        let document = Arc::new(document.clone());
        for converted in conversion.policies {
            self.loaded
                .policies
                .push(of_converted(converted, index, &document));
        }
    }

    /// Says of each input once that it has objects that are no policies.
    fn report_others(&mut self) {
        // parameters, and the definitions of their kinds, may stand beside the policies
        let kinds = param_kinds(&self.loaded);
        self.others.retain(|(_, document)| {
            let gvk = Gvk::of(&document.node).unwrap_or_default();
            gvk.kind != "CustomResourceDefinition" && !kinds.contains(&gvk)
        });
        for (index, input) in self.inputs.iter().enumerate() {
            let mut found = self.others.iter().filter(|(of, _)| *of == index);
            let Some((_, first)) = found.next() else {
                continue;
            };
            let node = &first.node;
            let more = match found.count() {
                0 => String::new(),
                1 => ", and so is 1 more object here".to_owned(),
                more => format!(", and so are {more} more objects here"),
            };
            let path = Path::root().field("kind");
            let problem = Problem::warning(
                "not-a-policy",
                format!(
                    "`{}` of `{}` is no policy{more}",
                    kind(node),
                    api_version(node)
                ),
                Some(first.range(&path)),
            )
            .help("policies are ClusterPolicy, Policy, ValidatingAdmissionPolicy, MutatingAdmissionPolicy and their bindings")
            .at_path(&path);
            self.diagnostics.push(input.diagnostic(&problem));
        }
    }

    /// Gives each binding to its policy.
    fn attach_bindings(&mut self) {
        for (index, document) in std::mem::take(&mut self.bindings) {
            let node = &document.node;
            let wanted = text_at(node, &["spec", "policyName"]);
            let policy = self
                .of_kind(kind(node))
                .iter_mut()
                .find(|policy| policy.name() == wanted);
            match policy {
                Some(policy) => policy.bindings.push(node.clone()),
                None => {
                    let path = Path::root().fields(&["spec", "policyName"]);
                    let problem = Problem::warning(
                        "unknown-policy",
                        format!("there is no policy `{wanted}` for this binding"),
                        Some(document.range(&path)),
                    )
                    .at_path(&path);
                    let input = self.inputs.get(index);
                    self.diagnostics
                        .extend(input.map(|input| input.diagnostic(&problem)));
                }
            }
        }
    }
}

fn of_converted(converted: Converted, input: usize, document: &Arc<Document>) -> Policy {
    let profile = match converted.profile {
        Profile::Custom => None,
        profile => Some(profile.as_str().to_owned()),
    };
    Policy {
        node: converted.policy,
        bindings: converted.bindings,
        about: About {
            profile,
            title: converted.title,
            severity: converted.severity,
            description: converted.description,
            remediation: converted.remediation,
        },
        input,
        document: Arc::clone(document),
        source_path: converted.source_path,
        origins: Some(converted.origins),
    }
}

impl About {
    /// Reads the annotations that a conversion writes.
    fn read(policy: &Node, labels: &LabelModel) -> Self {
        let annotation = |name: &str| {
            let key = format!("{}/{name}", labels.domain);
            let value = text_at(policy, &["metadata", "annotations", &key]);
            (!value.is_empty()).then(|| value.to_owned())
        };
        Self {
            profile: annotation("profile").filter(|profile| profile != "custom"),
            title: annotation("title"),
            severity: annotation("severity"),
            description: annotation("description"),
            remediation: annotation("remediation"),
        }
    }
}

/// The kinds of which policies have parameters.
pub fn param_kinds(policies: &Policies) -> Vec<Gvk> {
    let gvk = |kind: ParamKind| Gvk::new(&kind.api_version, &kind.kind);
    let validating = policies.policies.iter();
    let validating = validating.filter_map(|policy| Admission::read(&policy.node).0.param_kind);
    let mutating = policies.mutating.iter();
    let mutating = mutating.filter_map(|policy| MutatingPolicy::read(&policy.node).0.param_kind);
    validating.chain(mutating).map(gvk).collect()
}

const MUTATING: &str = "MutatingAdmissionPolicy";
const MUTATING_BINDING: &str = "MutatingAdmissionPolicyBinding";

fn is_policy(node: &Node) -> bool {
    is_admission(node, "ValidatingAdmissionPolicy")
}

fn is_admission(node: &Node, wanted: &str) -> bool {
    kind(node) == wanted && api_version(node).starts_with("admissionregistration.k8s.io/")
}
