//! A request under one policy and one of its bindings: what is said of it, and why.

use std::cell::OnceCell;
use std::sync::Arc;

use vapwright_cel::document::Node;
use vapwright_cel::source::Span;
use vapwright_kube::path::Path;

use crate::compile::{CompiledPolicy, Expression};
use crate::decide::{Admit, AuditAction, Decided, Decision, Input, Outcome, decide};
use crate::explain::{Explanation, explain};
use crate::matching::{Matching, is_exempt, matches};
use crate::params;
use crate::policy::{Action, Binding, FailurePolicy};
use crate::request::Request;
use crate::wording;

/// What a policy, through a binding, says of an object.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Verdict {
    /// The binding does not choose the namespace or the object.
    NotBound,
    /// The policy's match constraints or conditions do not choose the object.
    NotMatched,
    /// All expressions are true.
    #[default]
    Allowed,
    /// False, and the binding audits.
    Audited,
    /// False, and the binding warns.
    Warned,
    /// The policy cannot be evaluated, and its failure policy ignores that.
    Error,
    /// False, or failed under failure policy `Fail`, and the binding denies.
    Denied,
}

/// What one policy, through one binding, says of one object: a row for each expression that is
/// not true, or one row.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Row {
    /// The policy's name.
    pub policy: Arc<str>,
    /// The binding's name.
    pub binding: Arc<str>,
    /// What it says.
    pub verdict: Verdict,
    /// What the binding does where an expression is not true.
    pub actions: Vec<Action>,
    /// The message; empty where allowed.
    pub message: String,
    /// The whole line as kube-apiserver words it: the denial, or the warning.
    pub text: String,
    /// `Invalid`, `Forbidden`, ...; empty where allowed.
    pub reason: String,
    /// Why it is not bound or not matched, in words.
    pub why: String,
    /// The expression that was false or failed.
    pub expression: Option<FailedExpression>,
    /// The places in the object that made it so, the most telling first.
    pub object_paths: Vec<Path>,
    /// The cost of the policy's expressions for this object.
    pub cost: u64,
}

/// An expression that was false or failed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FailedExpression {
    /// The whole expression.
    pub text: String,
    /// Where it stands in the policy.
    pub path: Path,
    /// The parts of the text that were false, in bytes.
    pub false_parts: Vec<Span>,
}

/// A request on its way to many policies: what they all see of it is made once.
#[derive(Debug)]
pub struct Prepared<'r> {
    request: &'r Request,
    input: OnceCell<Input<'r>>,
}

impl<'r> Prepared<'r> {
    /// Of a request.
    #[must_use]
    pub const fn new(request: &'r Request) -> Self {
        Self {
            request,
            input: OnceCell::new(),
        }
    }

    /// What is seen where rules choose the object as one of its own kind and resource.
    fn input(&self) -> &Input<'r> {
        let request = self.request;
        self.input
            .get_or_init(|| Input::new(request, &request.kind, &request.resource))
    }
}

/// Says what a policy, through a binding, says of a request. `objects` are those among which
/// parameters are looked for.
#[must_use]
pub fn evaluate(
    policy: &CompiledPolicy,
    binding: &Binding,
    request: &Request,
    objects: &[Node],
) -> Vec<Row> {
    evaluate_prepared(policy, binding, &Prepared::new(request), objects)
}

/// The same for a request that further policies are asked about.
#[must_use]
pub fn evaluate_prepared(
    policy: &CompiledPolicy,
    binding: &Binding,
    prepared: &Prepared<'_>,
    objects: &[Node],
) -> Vec<Row> {
    let request = prepared.request;
    let rows = Rows {
        policy,
        binding,
        request,
    };
    if is_exempt(request) {
        let why = format!(
            "admission policies do not see `{}`",
            wording::group_resource(request)
        );
        return vec![rows.not_chosen(Verdict::NotMatched, why)];
    }
    let Some(constraints) = &policy.policy.constraints else {
        let error = wording::policy_not_configured(wording::NO_CONSTRAINTS);
        return vec![rows.not_configured("", error)];
    };
    let (kind, resource) = match matches(constraints, request) {
        Matching::Chosen(kind, resource) => (kind, resource),
        Matching::NotChosen(why) => return vec![rows.not_chosen(Verdict::NotMatched, why)],
    };
    let param_kind = match params::resolve(policy.policy.param_kind.as_ref(), objects) {
        Ok(kind) => kind,
        Err(error) => {
            let error = wording::policy_not_configured(&error);
            return vec![rows.not_configured("", error)];
        }
    };
    if let Some(resources) = &binding.resources
        && let Matching::NotChosen(why) = matches(resources, request)
    {
        return vec![rows.not_chosen(Verdict::NotBound, why)];
    }
    let reference = binding.param_ref.as_ref();
    let params = params::collect(param_kind.as_ref(), reference, &request.namespace, objects);
    let params = match params {
        Ok(params) => params,
        Err(error) => {
            let error = wording::binding_not_configured(error);
            return vec![rows.not_configured(&binding.name, error)];
        }
    };
    if params.is_empty() {
        let why = wording::NO_PARAMS_ALLOWED.to_owned();
        return vec![rows.not_chosen(Verdict::Allowed, why)];
    }
    let other;
    let input = if kind == request.kind && resource == request.resource {
        prepared.input()
    } else {
        other = Input::new(request, &kind, &resource);
        &other
    };
    let mut all: Vec<Row> = Vec::new();
    for params in params {
        let decided = decide(policy, input, params);
        all.extend(rows.of(&decided, input, params));
    }
    // several parameters: what they all say need not be said for each
    if all.iter().any(|row| row.verdict > Verdict::Allowed) {
        all.retain(|row| row.verdict > Verdict::Allowed);
    } else {
        all.truncate(1);
    }
    all
}

/// Makes rows.
struct Rows<'r> {
    policy: &'r CompiledPolicy,
    binding: &'r Binding,
    request: &'r Request,
}

impl Rows<'_> {
    fn row(&self, verdict: Verdict) -> Row {
        Row {
            policy: self.policy.policy.name.clone(),
            binding: self.binding.name.clone(),
            actions: self.binding.actions.clone(),
            verdict,
            ..Row::default()
        }
    }

    fn not_chosen(&self, verdict: Verdict, why: String) -> Row {
        Row {
            why,
            ..self.row(verdict)
        }
    }

    /// An error of the policy's or the binding's configuration denies whatever the actions.
    fn not_configured(&self, binding: &str, error: String) -> Row {
        if self.policy.policy.failure_policy == FailurePolicy::Ignore {
            return Row {
                message: error,
                ..self.row(Verdict::Error)
            };
        }
        Row {
            text: wording::denial(&self.policy.policy.name, binding, &error),
            message: error,
            reason: "Invalid".to_owned(),
            ..self.row(Verdict::Denied)
        }
    }

    fn of(&self, decided: &Decided, input: &Input<'_>, params: Option<&Node>) -> Vec<Row> {
        if let Some(name) = &decided.unmatched {
            let why = wording::condition_unmet(name);
            return vec![Row {
                cost: decided.cost,
                ..self.not_chosen(Verdict::NotMatched, why)
            }];
        }
        let mut rows: Vec<Row> = decided
            .decisions
            .iter()
            .filter(|decision| decision.outcome != Outcome::True)
            .map(|decision| self.failed(decision, input, params))
            .collect();
        for audit in &decided.audit {
            if audit.action == AuditAction::Error {
                rows.push(self.not_audited(&audit.error));
            }
        }
        if rows.is_empty() {
            rows.push(self.row(Verdict::Allowed));
        }
        for row in &mut rows {
            row.cost = decided.cost;
        }
        rows
    }

    /// An audit annotation that fails denies whatever the actions.
    fn not_audited(&self, error: &str) -> Row {
        let Row {
            policy, binding, ..
        } = self.row(Verdict::Denied);
        Row {
            message: error.to_owned(),
            text: wording::denial(&policy, &binding, error),
            reason: "Invalid".to_owned(),
            ..self.row(Verdict::Denied)
        }
    }

    fn failed(&self, decision: &Decision, input: &Input<'_>, params: Option<&Node>) -> Row {
        let verdict = match decision.admit {
            Admit::Admit => Verdict::Error,
            Admit::Deny => self.action_verdict(),
        };
        let (name, binding) = (&self.policy.policy.name, &self.binding.name);
        let text = match verdict {
            Verdict::Denied => wording::denial(name, binding, &decision.message),
            Verdict::Warned => wording::warning(name, binding, &decision.message),
            _ => String::new(),
        };
        let reason = match &*decision.reason {
            "" if verdict != Verdict::Error => "Invalid",
            reason => reason,
        };
        let expression = self.expression(decision);
        let explanation = match expression {
            Some((index, _)) => explain(self.policy, index, input, params, self.request),
            None => Explanation::default(),
        };
        Row {
            message: decision.message.clone(),
            text,
            reason: reason.to_owned(),
            expression: expression.map(|(_, expression)| FailedExpression {
                text: expression.text().to_owned(),
                path: expression.path.clone(),
                false_parts: explanation.false_parts,
            }),
            object_paths: explanation.object_paths,
            ..self.row(verdict)
        }
    }

    fn expression(&self, decision: &Decision) -> Option<(usize, &Expression)> {
        let index = decision.validation?;
        Some((index, self.policy.validations.get(index)?))
    }

    fn action_verdict(&self) -> Verdict {
        let acts = |action| self.binding.actions.contains(&action);
        if acts(Action::Deny) {
            Verdict::Denied
        } else if acts(Action::Warn) {
            Verdict::Warned
        } else if acts(Action::Audit) {
            Verdict::Audited
        } else {
            Verdict::Allowed
        }
    }
}
