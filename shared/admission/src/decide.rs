//! What one policy decides about one request: match conditions, validations, messages, audit
//! annotations, budgets and the failure policy.

use std::cell::OnceCell;
use std::sync::Arc;

use vapwright_cel::document::Node;
use vapwright_cel::env::Environment;
use vapwright_cel::eval::{Activation, LazyVariable, Limits, evaluate};
use vapwright_cel::value::Value;
use vapwright_kube::kinds::Gvk;

use crate::authorizer;
use crate::compile::{CompiledPolicy, Expression, set_variables};
use crate::custom::converted;
use crate::policy::{FailurePolicy, MatchCondition};
use crate::request::{Request, Resource};
use crate::wording;

/// A longer message of a message expression is not used.
const MAX_MESSAGE: usize = 5 * 1024;

/// What expressions see of a request.
#[derive(Debug)]
pub struct Input<'r> {
    request: &'r Request,
    /// The object and the old one in the version that the rule names, where it is not their own.
    converted: Option<[Option<Node>; 2]>,
    admission_request: Node,
    namespace: Node,
    whole_namespace: Node,
    authorizer: OnceCell<[(&'static str, Value<'static>); 2]>,
}

impl<'r> Input<'r> {
    /// Prepares a request that a policy's rule chose as an object of this kind and resource.
    #[must_use]
    pub fn new(request: &'r Request, kind: &Gvk, resource: &Resource) -> Self {
        Self {
            request,
            converted: converted(request, kind),
            admission_request: request.admission_request(kind, resource),
            namespace: request.namespace_node(),
            whole_namespace: request.whole_namespace_node(),
            authorizer: OnceCell::new(),
        }
    }

    /// Gives the variables of an environment their values.
    pub(crate) fn activation<'i>(
        &'i self,
        env: &Environment,
        params: Option<&'i Node>,
        sees: Sees,
    ) -> Activation<'i> {
        let mut activation = Activation::new();
        let mut set = |name: &str, value: Value<'i>| {
            if let Some((slot, _)) = env.variable(name) {
                activation.set(slot, value);
            }
        };
        let value = |node: Option<&'i Node>| node.map_or(Value::Null, Value::from);
        let (object, old_object) = match &self.converted {
            Some([object, old]) => (object, old),
            None => (&self.request.object, &self.request.old_object),
        };
        set("object", value(object.as_ref()));
        set("oldObject", value(old_object.as_ref()));
        set("params", value(params));
        set("request", Value::from(&self.admission_request));
        let namespace = match sees.namespace {
            Namespace::Hidden => None,
            Namespace::Declared => Some(&self.namespace),
            Namespace::Whole => Some(&self.whole_namespace),
        };
        set("namespaceObject", value(namespace));
        if sees.authorizer {
            let variables = || authorizer::variables(self.request);
            for (name, value) in self.authorizer.get_or_init(variables) {
                set(name, value.clone());
            }
        }
        activation
    }
}

/// What `namespaceObject` is.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Namespace {
    /// Without a value.
    Hidden,
    /// The fields of its declared type.
    Declared,
    /// Managed fields and owners too.
    Whole,
}

/// Which of the optional variables have values.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Sees {
    pub(crate) namespace: Namespace,
    pub(crate) authorizer: bool,
}

impl Sees {
    pub(crate) const ALL: Self = Self {
        namespace: Namespace::Declared,
        authorizer: true,
    };
}

/// Whether the request may pass.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Admit {
    /// It may.
    Admit,
    /// It may not.
    Deny,
}

/// What an expression came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It was true.
    True,
    /// It was not.
    False,
    /// It failed.
    Error,
}

/// The decision about one validation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Decision {
    /// Whether the request may pass.
    pub admit: Admit,
    /// What the expression came to.
    pub outcome: Outcome,
    /// The message; empty where it was true.
    pub message: String,
    /// The reason; empty where there is none.
    pub reason: Arc<str>,
    /// Which validation it is about; `None` where it is about the policy as a whole.
    pub validation: Option<usize>,
}

/// What becomes of an audit annotation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AuditAction {
    /// It is written.
    Publish,
    /// It is left out: null, empty, or failed under failure policy `Ignore`.
    Exclude,
    /// It failed, which denies the request.
    Error,
}

/// An audit annotation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Audit {
    /// Its key.
    pub key: Arc<str>,
    /// Its value.
    pub value: String,
    /// What becomes of it.
    pub action: AuditAction,
    /// Why it failed.
    pub error: String,
}

/// What a policy decides.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Decided {
    /// The name of the match condition that is false, or that failed under failure policy
    /// `Ignore`: the policy then says nothing.
    pub unmatched: Option<Arc<str>>,
    /// A decision for each validation, in their order; a single one where the policy failed as a
    /// whole.
    pub decisions: Vec<Decision>,
    /// The audit annotations.
    pub audit: Vec<Audit>,
    /// The cost of all expressions that were evaluated.
    pub cost: u64,
}

/// The value of an expression, or why it failed.
pub(crate) type Evaluated<'i> = Result<Value<'i>, String>;

/// Evaluates expressions that share a budget; the error is that it is spent.
pub(crate) struct Group<'g, 'i> {
    pub(crate) activation: &'g Activation<'i>,
    pub(crate) budget: u64,
    pub(crate) cost: u64,
}

impl<'i> Group<'_, 'i> {
    pub(crate) fn evaluate(&mut self, expression: &Expression) -> Result<Evaluated<'i>, String> {
        let compiled = match &expression.compiled {
            Ok(compiled) => compiled,
            Err(failure) => return Ok(Err(wording::compilation_error(&failure.detail))),
        };
        let limits = Limits::PER_EXPRESSION;
        let evaluation = evaluate(&compiled.program, self.activation, limits);
        for cost in [self.activation.take_variable_cost(), evaluation.cost] {
            self.cost += cost;
            self.budget = self
                .budget
                .checked_sub(cost)
                .ok_or_else(|| wording::OUT_OF_BUDGET.to_owned())?;
        }
        Ok(evaluation
            .result
            .map_err(|error| wording::evaluation_failed(expression.text(), error.message())))
    }

    fn all<'e>(
        &mut self,
        expressions: impl IntoIterator<Item = &'e Expression>,
    ) -> Result<Vec<Evaluated<'i>>, String> {
        expressions
            .into_iter()
            .map(|expression| self.evaluate(expression))
            .collect()
    }
}

/// Whether a match condition stands in the way.
pub(crate) enum Conditions {
    /// It does not.
    Met,
    /// The one of this name is not true; no name where they cost too much.
    Unmet(Arc<str>),
    /// They failed.
    Failed(String),
}

/// The match conditions of a policy, and what is to happen where one fails.
pub(crate) struct ConditionSet<'p> {
    pub(crate) env: &'p Environment,
    pub(crate) lazy: &'p Arc<[LazyVariable]>,
    pub(crate) expressions: &'p [Expression],
    pub(crate) named: &'p [MatchCondition],
    pub(crate) failure_policy: FailurePolicy,
}

/// Decides about a request that the policy's constraints and a binding choose.
#[must_use]
pub fn decide(policy: &CompiledPolicy, input: &Input<'_>, params: Option<&Node>) -> Decided {
    let mut decided = Decided::default();
    let conditions = ConditionSet {
        env: &policy.env,
        lazy: &policy.lazy,
        expressions: &policy.conditions,
        named: &policy.policy.match_conditions,
        failure_policy: policy.policy.failure_policy,
    };
    match conditions.evaluate(input, params, &mut decided.cost) {
        Conditions::Met => {}
        Conditions::Unmet(name) => {
            decided.unmatched = Some(name);
            return decided;
        }
        Conditions::Failed(message) => return decided.failed(policy, message),
    }
    let mut activation = input.activation(&policy.env, params, Sees::ALL);
    policy.set_variables(&policy.env, &mut activation);
    let mut group = Group {
        activation: &activation,
        budget: Limits::PER_POLICY.cost,
        cost: 0,
    };
    let results = group.all(&policy.validations);
    decided.cost += group.cost;
    let results = match results {
        Ok(results) => results,
        Err(message) => return decided.failed(policy, message),
    };
    let (messages, cost) = messages(policy, input, params, group.budget);
    decided.cost += cost;
    for (index, result) in results.into_iter().enumerate() {
        let decision = validation(policy, index, result, messages.as_ref());
        decided.decisions.push(decision);
    }
    match audit(policy, input, params, &mut decided.cost) {
        Ok(audit) => decided.audit = audit,
        Err(message) => return decided.failed(policy, message),
    }
    decided
}

impl Decided {
    /// The policy as a whole failed.
    fn failed(mut self, policy: &CompiledPolicy, message: String) -> Self {
        self.decisions = vec![failed(policy, None, message)];
        self
    }
}

/// The decision where something failed.
pub(crate) fn failed(
    policy: &CompiledPolicy,
    validation: Option<usize>,
    message: String,
) -> Decision {
    Decision {
        admit: match policy.policy.failure_policy {
            FailurePolicy::Fail => Admit::Deny,
            FailurePolicy::Ignore => Admit::Admit,
        },
        outcome: Outcome::Error,
        message,
        reason: Arc::default(),
        validation,
    }
}

impl ConditionSet<'_> {
    /// One that is false decides, even where others fail.
    pub(crate) fn evaluate(
        &self,
        input: &Input<'_>,
        params: Option<&Node>,
        cost: &mut u64,
    ) -> Conditions {
        if self.expressions.is_empty() {
            return Conditions::Met;
        }
        // the API server gives match conditions no namespace object
        let sees = Sees {
            namespace: Namespace::Hidden,
            authorizer: true,
        };
        let mut activation = input.activation(self.env, params, sees);
        set_variables(self.lazy, self.env, &mut activation);
        let mut group = Group {
            activation: &activation,
            budget: Limits::MATCH_CONDITIONS.cost,
            cost: 0,
        };
        let results = group.all(self.expressions);
        *cost += group.cost;
        let ignore = self.failure_policy == FailurePolicy::Ignore;
        let results = match results {
            Ok(results) => results,
            Err(_) if ignore => return Conditions::Unmet(Arc::default()),
            Err(message) => return Conditions::Failed(message),
        };
        let mut errors = Vec::new();
        let mut failing = None;
        for (condition, result) in self.named.iter().zip(results) {
            match result {
                Ok(Value::Bool(false)) => return Conditions::Unmet(condition.name.clone()),
                Ok(_) => {}
                Err(error) => {
                    errors.push(error);
                    failing.get_or_insert(&condition.name);
                }
            }
        }
        match failing {
            None => Conditions::Met,
            Some(name) if ignore => Conditions::Unmet(name.clone()),
            Some(_) => Conditions::Failed(wording::aggregate(&errors)),
        }
    }
}

/// The result of each message expression: `Err` where the budget is spent.
type Messages = Result<Vec<Option<String>>, String>;

fn messages(
    policy: &CompiledPolicy,
    input: &Input<'_>,
    params: Option<&Node>,
    budget: u64,
) -> (Messages, u64) {
    let sees = Sees {
        namespace: Namespace::Declared,
        authorizer: false,
    };
    let mut activation = input.activation(&policy.message_env, params, sees);
    policy.set_variables(&policy.message_env, &mut activation);
    let mut group = Group {
        activation: &activation,
        budget,
        cost: 0,
    };
    let messages = policy.messages.iter().map(|expression| {
        let Some(expression) = expression else {
            return Ok(None);
        };
        Ok(match group.evaluate(expression)? {
            Ok(Value::String(text)) => Some(text.trim().to_owned()),
            // to Go, a type is the text of its name
            Ok(Value::Type(of)) => Some(of.name().to_owned()),
            _ => None,
        })
    });
    let messages = messages.collect();
    (messages, group.cost)
}

fn validation(
    policy: &CompiledPolicy,
    index: usize,
    result: Evaluated<'_>,
    messages: Result<&Vec<Option<String>>, &String>,
) -> Decision {
    let messages = match (&result, messages) {
        (Err(message), _) => return failed(policy, Some(index), message.clone()),
        (Ok(_), Err(spent)) => {
            return failed(policy, Some(index), wording::message_failed(spent));
        }
        (Ok(Value::Bool(true)), Ok(_)) => {
            return Decision {
                admit: Admit::Admit,
                outcome: Outcome::True,
                message: String::new(),
                reason: Arc::default(),
                validation: Some(index),
            };
        }
        (Ok(_), Ok(messages)) => messages,
    };
    let Some(validation) = policy.policy.validations.get(index) else {
        return failed(policy, Some(index), String::new());
    };
    let made = messages.get(index).and_then(Option::as_deref);
    let made = made.filter(|text| text.len() <= MAX_MESSAGE && !text.contains('\n'));
    let message = [made.unwrap_or(""), validation.message.trim()]
        .into_iter()
        .find(|text| !text.is_empty())
        .map_or_else(
            || wording::failed_expression(&validation.expression),
            str::to_owned,
        );
    Decision {
        admit: Admit::Deny,
        outcome: Outcome::False,
        message,
        reason: validation
            .reason
            .clone()
            .unwrap_or_else(|| "Invalid".into()),
        validation: Some(index),
    }
}

fn audit(
    policy: &CompiledPolicy,
    input: &Input<'_>,
    params: Option<&Node>,
    cost: &mut u64,
) -> Result<Vec<Audit>, String> {
    if policy.audits.is_empty() {
        return Ok(Vec::new());
    }
    // declared, but the API server gives it no value here
    let sees = Sees {
        namespace: Namespace::Whole,
        authorizer: false,
    };
    let mut activation = input.activation(&policy.env, params, sees);
    policy.set_variables(&policy.env, &mut activation);
    let mut group = Group {
        activation: &activation,
        budget: Limits::PER_POLICY.cost,
        cost: 0,
    };
    let results = group.all(&policy.audits);
    *cost += group.cost;
    let ignore = policy.policy.failure_policy == FailurePolicy::Ignore;
    let mut audit = Vec::new();
    for (annotation, result) in policy.policy.audit_annotations.iter().zip(results?) {
        let (action, value, error) = match result {
            Err(_) if ignore => (AuditAction::Exclude, String::new(), result.err()),
            Err(error) => (AuditAction::Error, String::new(), Some(error)),
            Ok(Value::Null) => (AuditAction::Exclude, String::new(), None),
            Ok(Value::String(text)) => match text.trim() {
                "" => (AuditAction::Exclude, String::new(), None),
                text => (AuditAction::Publish, text.to_owned(), None),
            },
            Ok(value) => {
                let found = value.type_of().to_string();
                let error = wording::unsupported_annotation(&annotation.value_expression, &found);
                (AuditAction::Error, String::new(), Some(error))
            }
        };
        audit.push(Audit {
            key: annotation.key.clone(),
            value,
            action,
            error: error.unwrap_or_default(),
        });
    }
    Ok(audit)
}
