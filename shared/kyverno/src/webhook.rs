//! What Kyverno's own admission webhook would answer to a request: the same policies, not converted.
//!
//! As Kyverno 1.19 does it: rules are chosen by what the namespace makes of their actions
//! (`pkg/policycache`), made for controllers of Pods (`pkg/autogen`), put to the object
//! (`pkg/engine`), and worded (`pkg/webhooks/utils`).

mod choose;
mod words;

use std::cell::OnceCell;

use vapwright_admission::compile::{CompiledPolicy, compile};
use vapwright_admission::decide::{Admit, Input, decide};
use vapwright_admission::policy::Policy as AdmissionPolicy;
use vapwright_admission::request::Request;
use vapwright_cel::document::{Fields, Node};
use vapwright_cel::version::KubernetesVersion;

use crate::autogen::{self, Made};

/// What a rule says of an object.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Status {
    /// Its expressions are true.
    Pass,
    /// One is false, or failed.
    Fail,
    /// Its preconditions are not met.
    Skip,
}

impl Status {
    /// As Kyverno's reports name it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Pass => "pass",
            Self::Fail => "fail",
            Self::Skip => "skip",
        }
    }
}

/// The answer of one rule, or of one that Kyverno made of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RuleAnswer {
    /// The policy's name.
    pub policy: String,
    /// The rule's name: `RULE`, `autogen-RULE` or `autogen-cronjob-RULE`.
    pub rule: String,
    /// What it says.
    pub status: Status,
    /// In words.
    pub message: String,
}

/// The answer of a webhook: Kyverno has one for the policies whose `failurePolicy` is Fail, and one
/// for those whose it is Ignore.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WebhookAnswer {
    /// `validate.kyverno.svc-fail`, `validate.kyverno.svc-ignore`
    pub webhook: &'static str,
    /// What the API server answers where the webhook refuses; empty where it does not.
    pub message: String,
    /// What it warns of.
    pub warnings: Vec<String>,
    /// The rules that were put to the object.
    pub rules: Vec<RuleAnswer>,
}

/// Kyverno with the policies of a cluster.
#[derive(Debug, Default)]
pub struct Kyverno {
    policies: Vec<Policy>,
    /// The names of policies of which nothing is said: they do other things than `validate.cel`, or
    /// have parameters, roles or conditions of the webhook.
    pub unknown: Vec<String>,
}

#[derive(Debug)]
struct Policy {
    name: String,
    /// Of a `Policy`, which counts in its namespace.
    namespace: Option<String>,
    spec: Node,
    /// `pod-policies.kyverno.io/autogen-controllers`
    controllers: Option<String>,
    rules: Vec<Rule>,
    version: KubernetesVersion,
}

/// A rule and what was made of it: for Pods, for controllers, for CronJobs.
#[derive(Debug)]
struct Rule {
    name: String,
    node: Node,
    made: [OnceCell<(Node, CompiledPolicy)>; 3],
}

pub(crate) fn text<'n>(node: &'n Node, path: &[&str]) -> Option<&'n str> {
    node.at(path).and_then(Node::as_str)
}

pub(crate) fn list<'n>(node: &'n Node, path: &[&str]) -> &'n [Node] {
    node.at(path).and_then(Node::as_list).unwrap_or_default()
}

/// Whether Kyverno's answer to a rule is known here.
fn is_known(rule: &Node) -> bool {
    let validates = rule.at(&["validate", "cel"]).is_some();
    let others = [
        "context",
        "preconditions",
        "mutate",
        "generate",
        "verifyImages",
    ];
    let other = others.iter().any(|name| rule.get(name).is_some());
    let params = rule.at(&["validate", "cel", "paramKind"]).is_some();
    validates && !other && !params && !choose::has_roles(rule)
}

impl Kyverno {
    /// With the ClusterPolicies and Policies among documents.
    #[must_use]
    pub fn new<'n>(
        documents: impl IntoIterator<Item = &'n Node>,
        version: KubernetesVersion,
    ) -> Self {
        let mut kyverno = Self::default();
        for node in documents {
            let kind = text(node, &["kind"]).unwrap_or_default();
            let is_policy = ["ClusterPolicy", "Policy"].contains(&kind);
            let group = text(node, &["apiVersion"]).unwrap_or_default();
            if !is_policy || !group.starts_with("kyverno.io/") {
                continue;
            }
            let name = text(node, &["metadata", "name"])
                .unwrap_or_default()
                .to_owned();
            let rules = list(node, &["spec", "rules"]);
            let conditions = node.at(&["spec", "webhookConfiguration", "matchConditions"]);
            if !rules.iter().all(is_known) || conditions.is_some() {
                kyverno.unknown.push(name);
                continue;
            }
            let namespace = text(node, &["metadata", "namespace"]).unwrap_or("default");
            let key = [
                "metadata",
                "annotations",
                "pod-policies.kyverno.io/autogen-controllers",
            ];
            kyverno.policies.push(Policy {
                name,
                namespace: (kind == "Policy").then(|| namespace.to_owned()),
                spec: node.get("spec").cloned().unwrap_or_default(),
                controllers: text(node, &key).map(str::to_owned),
                rules: rules
                    .iter()
                    .map(|rule| Rule {
                        name: text(rule, &["name"]).unwrap_or_default().to_owned(),
                        node: rule.clone(),
                        made: Default::default(),
                    })
                    .collect(),
                version,
            });
        }
        kyverno
    }

    /// Whether there are policies whose answer is known.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.policies.is_empty()
    }

    /// The answers of the webhooks that have policies about the object.
    #[must_use]
    pub fn answer(&self, request: &Request) -> Vec<WebhookAnswer> {
        let webhooks = [
            ("validate.kyverno.svc-fail", false),
            ("validate.kyverno.svc-ignore", true),
        ];
        webhooks
            .into_iter()
            .filter_map(|(webhook, ignore)| self.ask(webhook, ignore, request))
            .collect()
    }

    fn ask(&self, webhook: &'static str, ignore: bool, request: &Request) -> Option<WebhookAnswer> {
        let ignores = |policy: &&Policy| text(&policy.spec, &["failurePolicy"]) == Some("Ignore");
        let policies = || {
            self.policies
                .iter()
                .filter(|policy| ignores(policy) == ignore)
        };
        let input = Input::new(request, &request.kind, &request.resource);
        let mut enforced = Vec::new();
        for policy in policies() {
            enforced.extend(policy.answers(true, request, &input));
        }
        let failed = |answer: &&RuleAnswer| answer.status == Status::Fail;
        let failures: Vec<&RuleAnswer> = enforced.iter().filter(failed).collect();
        if !failures.is_empty() {
            return Some(WebhookAnswer {
                webhook,
                message: words::blocked(webhook, request, &failures),
                warnings: Vec::new(),
                rules: enforced,
            });
        }
        let mut warned = Vec::new();
        for policy in policies().filter(|policy| policy.emits_warnings()) {
            warned.extend(policy.answers(false, request, &input));
        }
        // those that are enforced too, where they are not false
        let emitting = |answer: &&RuleAnswer| {
            let mut policies = self.policies.iter();
            policies.any(|policy| policy.name == answer.policy && policy.emits_warnings())
        };
        let told = enforced.iter().filter(emitting).chain(&warned);
        let warnings = told
            .filter(|answer| answer.status == Status::Fail)
            .map(words::warning)
            .collect();
        let rules: Vec<RuleAnswer> = enforced.into_iter().chain(warned).collect();
        (!rules.is_empty()).then_some(WebhookAnswer {
            webhook,
            message: String::new(),
            warnings,
            rules,
        })
    }
}

impl Policy {
    fn emits_warnings(&self) -> bool {
        self.spec.get("emitWarning").and_then(Node::as_bool) == Some(true)
    }

    /// What the rules say that are enforced, or audited, in the namespace of the object.
    fn answers(&self, enforced: bool, request: &Request, input: &Input<'_>) -> Vec<RuleAnswer> {
        let object = request.object.as_ref().or(request.old_object.as_ref());
        let Some(object) = object else {
            return Vec::new();
        };
        if self
            .namespace
            .as_deref()
            .is_some_and(|own| own != request.namespace)
        {
            return Vec::new();
        }
        let acts = |rule: &&Rule| choose::is_enforced(&self.spec, &rule.node, request) == enforced;
        let rules: Vec<&Rule> = self.rules.iter().filter(acts).collect();
        let mut answers = Vec::new();
        for (rule, made) in self.made(&rules, &request.kind.kind) {
            let cell = rule.made.get(made as usize);
            let Some((node, compiled)) = cell.map(|cell| {
                cell.get_or_init(|| {
                    let node = autogen::rule(&rule.node, made);
                    let compiled = compiled(&node, self.version);
                    (node, compiled)
                })
            }) else {
                continue;
            };
            if !choose::matches(node, made, object, request) {
                continue;
            }
            let (status, message) = answer(compiled, input, &rule.name, made);
            answers.push(RuleAnswer {
                policy: self.name.clone(),
                rule: autogen::name(&rule.name, made),
                status,
                message,
            });
            let one = text(&self.spec, &["applyRules"]) == Some("One");
            if one && status != Status::Skip {
                break;
            }
        }
        answers
    }

    /// The rules that Kyverno puts to objects of a kind, with what it makes of them.
    fn made<'r>(&self, rules: &[&'r Rule], kind: &str) -> Vec<(&'r Rule, Made)> {
        let nodes: Vec<&Node> = rules.iter().map(|rule| &rule.node).collect();
        let plain = rules.iter().map(|rule| (*rule, Made::Plain));
        let Some(made) = autogen::made_for(kind, &nodes, self.controllers.as_deref()) else {
            return plain.collect();
        };
        let generated: Vec<(&Rule, Made)> = rules
            .iter()
            .filter(|rule| autogen::applies(&rule.node))
            .map(|rule| (*rule, made))
            .collect();
        if generated.is_empty() {
            return plain.collect();
        }
        plain
            .filter(|(rule, _)| !autogen::is_generated(&rule.name))
            .chain(generated)
            .collect()
    }
}

/// A rule's expressions as those of an admission policy: Kyverno gives them to the API server's code.
fn compiled(rule: &Node, version: KubernetesVersion) -> CompiledPolicy {
    let cel = rule.at(&["validate", "cel"]);
    let part = |name: &str| cel.and_then(|cel| cel.get(name)).cloned();
    let message = text(rule, &["validate", "message"]).unwrap_or_default();
    let validations = part("expressions").map(|node| match node {
        Node::List(items) => Node::List(
            items
                .into_iter()
                .map(|item| with_message(item, message))
                .collect(),
        ),
        other => other,
    });
    let mut spec = Fields::new();
    spec.insert("failurePolicy", Node::string("Fail"));
    for (name, part) in [
        ("matchConditions", rule.get("celPreconditions").cloned()),
        ("variables", part("variables")),
        ("validations", validations),
        ("auditAnnotations", part("auditAnnotations")),
    ] {
        if let Some(part) = part {
            spec.insert(name, part);
        }
    }
    let policy = Node::map([("spec", Node::Map(spec))]);
    compile(AdmissionPolicy::read(&policy).0, version)
}

/// An expression without a message has the rule's.
fn with_message(mut expression: Node, message: &str) -> Node {
    let has = text(&expression, &["message"]).is_some_and(|own| !own.is_empty());
    if !has
        && !message.is_empty()
        && let Some(fields) = expression.as_map_mut()
    {
        fields.insert("message", Node::string(message));
    }
    expression
}

/// What a rule says: the first of its expressions that is not true counts.
fn answer(policy: &CompiledPolicy, input: &Input<'_>, rule: &str, made: Made) -> (Status, String) {
    let decided = decide(policy, input, None);
    if decided.unmatched.is_some() {
        return (Status::Skip, "cel preconditions not met".to_owned());
    }
    let denies = decided
        .decisions
        .iter()
        .find(|decision| decision.admit == Admit::Deny);
    match denies {
        Some(decision) => (Status::Fail, decision.message.clone()),
        None => {
            let name = autogen::name(rule, made);
            (Status::Pass, format!("Validation rule '{name}' passed."))
        }
    }
}
