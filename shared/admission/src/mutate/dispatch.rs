//! All mutating policies on one request: their order, their second turn, and what comes of errors
//! (`k8s.io/apiserver/pkg/admission/plugin/policy/mutating/dispatcher.go`).

use std::collections::BTreeSet;
use std::sync::Arc;

use vapwright_cel::document::Node;
use vapwright_kube::admit::{Settings, patched, run_plugins};
use vapwright_kube::kinds::{Gvk, find};
use vapwright_kube::merge::{self, Schemas};

use super::compile::CompiledMutatingPolicy;
use super::patch::{Failure, Patch, apply_json, evaluate};
use super::policy::MutatingBinding;
use crate::decide::{ConditionSet, Conditions, Input};
use crate::matching::{Matching, is_exempt, matches};
use crate::params;
use crate::policy::FailurePolicy;
use crate::request::{Operation, Request, Resource};
use crate::wording;

/// A policy with its bindings.
#[derive(Clone, Copy, Debug)]
pub struct Hook<'h> {
    /// The policy.
    pub policy: &'h CompiledMutatingPolicy,
    /// Its bindings.
    pub bindings: &'h [MutatingBinding],
}

/// What else there is in the cluster.
#[derive(Clone, Copy, Debug, Default)]
pub struct Cluster<'c> {
    /// Objects as they are stored, among which parameters, and the definitions of custom kinds, are
    /// looked for.
    pub objects: &'c [Node],
    /// How the API server is set; `None`: it has no defaults and no plugins of its own.
    pub settings: Option<&'c Settings>,
}

/// What a policy, through a binding, makes of an object.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Effect {
    /// The binding does not choose the namespace or the object.
    NotBound,
    /// The policy's match constraints or conditions do not choose the object.
    NotMatched,
    /// It is as it should be already.
    #[default]
    Unchanged,
    /// It was changed.
    Changed,
    /// The policy cannot be applied, and its failure policy ignores that.
    Error,
    /// The request is refused.
    Denied,
}

/// One turn of a policy, through a binding and with a parameter.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Turn {
    /// The policy's name.
    pub policy: Arc<str>,
    /// The binding's name; empty where the policy itself is not configured right.
    pub binding: Arc<str>,
    /// The parameter: `NAMESPACE/NAME` or `NAME`; empty where there is none.
    pub params: String,
    /// Whether it is the second turn.
    pub reinvoked: bool,
    /// What it made.
    pub effect: Effect,
    /// Why it did nothing, in words.
    pub why: String,
    /// What failed; empty where nothing did.
    pub message: String,
    /// `Invalid`, `Forbidden` or `InternalError` where the request is refused for it.
    pub reason: &'static str,
    /// Whether the message is the whole answer of the API server, which fails itself.
    pub whole: bool,
    /// The object before it, where it was changed.
    pub before: Option<Node>,
    /// The object after it, where it was changed.
    pub after: Option<Node>,
    /// The cost of its expressions.
    pub cost: u64,
}

/// Why the API server refuses a request.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Refusal {
    /// The HTTP status.
    pub code: u16,
    /// `Invalid`, `Forbidden`, `InternalError`; empty where it panics.
    pub reason: &'static str,
    /// What it says.
    pub message: String,
    /// What each policy says.
    pub causes: Vec<String>,
    /// The text of the panic, where it panics.
    pub panic: Option<&'static str>,
}

/// What became of a request's object.
#[derive(Clone, Debug, Default)]
pub struct Mutated {
    /// The turns, in their order.
    pub turns: Vec<Turn>,
    /// Whether a mutation was applied, be there a change or not: the object was read again then.
    pub applied: bool,
    /// Why the request is refused, if it is.
    pub refusal: Option<Refusal>,
    /// Why one of the API server's own plugins forbids the object that policies have changed.
    pub forbidden: Option<String>,
}

/// Puts policies to a request, whose object they change. Policies and bindings take turns in the order
/// of their names; a real API server's order is that of Go's maps.
#[must_use]
pub fn mutate(hooks: &[Hook<'_>], request: &mut Request, cluster: Cluster<'_>) -> Mutated {
    let mut mutated = Mutated::default();
    // what is deleted has no body
    if hooks.is_empty() || request.operation == Operation::Delete || is_exempt(request) {
        return mutated;
    }
    let mut hooks: Vec<Hook<'_>> = hooks.to_vec();
    hooks.sort_by_key(|hook| hook.policy.policy.name.clone());
    let mut chain = Chain {
        hooks,
        cluster,
        turns: Vec::new(),
        earlier: BTreeSet::new(),
        again: BTreeSet::new(),
        last: None,
        reinvoked: false,
        wanted: false,
    };
    let mut outcome = chain.round(request);
    if outcome.is_ok() && chain.wanted {
        chain.reinvoked = true;
        if let (Some(object), Some(settings)) = (&mut request.object, cluster.settings) {
            // what an update may change is not checked
            let checked = request.operation == Operation::Create;
            mutated.forbidden = run_plugins(object, settings).err().filter(|_| checked);
        }
        if mutated.forbidden.is_none() {
            outcome = chain.round(request);
        }
    }
    mutated.applied = chain.wanted;
    mutated.turns = chain.turns;
    mutated.refusal = outcome.err();
    mutated
}

/// A policy, a binding and a parameter, by their names.
type Key = (Arc<str>, Arc<str>, String);

struct Chain<'h> {
    hooks: Vec<Hook<'h>>,
    cluster: Cluster<'h>,
    turns: Vec<Turn>,
    /// Policies that had their turn and ask for another where something else changes the object.
    earlier: BTreeSet<Key>,
    /// Those that get one.
    again: BTreeSet<Key>,
    /// The object as the policies left it.
    last: Option<Node>,
    reinvoked: bool,
    /// Whether there is to be a second round.
    wanted: bool,
}

/// A policy that has its turn.
struct Invocation<'h> {
    policy: &'h CompiledMutatingPolicy,
    binding: &'h MutatingBinding,
    kind: Gvk,
    resource: Resource,
    params: Option<&'h Node>,
}

/// What a policy says where it failed.
struct PolicyError {
    failure_policy: FailurePolicy,
    text: String,
    invalid: bool,
}

impl<'h> Chain<'h> {
    fn round(&mut self, request: &mut Request) -> Result<(), Refusal> {
        let mut errors = Vec::new();
        let invocations = self.invocations(request, &mut errors);
        if !invocations.is_empty() {
            let outcome = self.invoke(&invocations, request, &mut errors);
            self.last.clone_from(&request.object);
            outcome?;
        }
        let refusing: Vec<PolicyError> = errors
            .into_iter()
            .filter(|error| error.failure_policy == FailurePolicy::Fail)
            .collect();
        let Some(first) = refusing.first() else {
            return Ok(());
        };
        Err(Refusal {
            code: 403,
            reason: if first.invalid {
                "Invalid"
            } else {
                "Forbidden"
            },
            message: first.text.clone(),
            causes: refusing.iter().map(|error| error.text.clone()).collect(),
            panic: None,
        })
    }

    /// Which policies have a turn, with which bindings and parameters.
    fn invocations(
        &mut self,
        request: &Request,
        errors: &mut Vec<PolicyError>,
    ) -> Vec<Invocation<'h>> {
        let mut invocations = Vec::new();
        for hook in self.hooks.clone() {
            let policy = hook.policy;
            let constraints = policy.policy.constraints.as_ref();
            let chosen = constraints.map(|constraints| matches(constraints, request));
            let (kind, resource) = match chosen {
                None => {
                    let why = wording::policy_not_configured(wording::NO_CONSTRAINTS);
                    self.not_configured(policy, None, why, errors);
                    continue;
                }
                Some(Matching::NotChosen(why)) => {
                    for binding in hook.bindings {
                        self.idle(policy, binding, Effect::NotMatched, &why);
                    }
                    continue;
                }
                Some(Matching::Chosen(kind, resource)) => (kind, resource),
            };
            let objects = self.cluster.objects;
            let param_kind = match params::resolve(policy.policy.param_kind.as_ref(), objects) {
                Ok(kind) => kind,
                Err(why) => {
                    let why = wording::policy_not_configured(&why);
                    self.not_configured(policy, None, why, errors);
                    continue;
                }
            };
            let mut bindings: Vec<&MutatingBinding> = hook.bindings.iter().collect();
            bindings.sort_by_key(|binding| &binding.name);
            for binding in bindings {
                if let Some(resources) = &binding.resources
                    && let Matching::NotChosen(why) = matches(resources, request)
                {
                    self.idle(policy, binding, Effect::NotBound, &why);
                    continue;
                }
                let reference = binding.param_ref.as_ref();
                let namespace = &request.namespace;
                let found = params::collect(param_kind.as_ref(), reference, namespace, objects);
                match found {
                    Err(why) => {
                        let why = wording::binding_not_configured(why);
                        self.not_configured(policy, Some(binding), why, errors);
                    }
                    Ok(found) if found.is_empty() => {
                        let why =
                            "there are no parameters, and the binding lets the request pass then";
                        let turn = self.turn(policy, Some(binding), Effect::Unchanged);
                        let why = why.to_owned();
                        self.turns.push(Turn { why, ..turn });
                    }
                    Ok(found) => invocations.extend(found.into_iter().map(|params| Invocation {
                        policy,
                        binding,
                        kind: kind.clone(),
                        resource: resource.clone(),
                        params,
                    })),
                }
            }
        }
        invocations
    }

    fn invoke(
        &mut self,
        invocations: &[Invocation<'h>],
        request: &mut Request,
        errors: &mut Vec<PolicyError>,
    ) -> Result<(), Refusal> {
        if self.reinvoked && self.last != request.object {
            self.ask_again();
        }
        // whether a mutation could be applied, be there a change or not
        let mut applied = false;
        for invocation in invocations {
            let policy = invocation.policy;
            let wanted = policy.policy.mutations.len();
            let found = policy.mutations.iter().flatten().count();
            if wanted != found {
                let why = wording::evaluators_missing(&policy.policy.name, wanted, found);
                return Err(internal(&why));
            }
            let (params, name) = Self::params(invocation);
            let params = params.as_ref();
            let mut turn = self.turn(policy, Some(invocation.binding), Effect::Unchanged);
            turn.params = name;
            let conditions = ConditionSet {
                env: &policy.env,
                lazy: &policy.lazy,
                expressions: &policy.conditions,
                named: &policy.policy.match_conditions,
                failure_policy: policy.policy.failure_policy,
            };
            let input = Input::new(request, &invocation.kind, &invocation.resource);
            match conditions.evaluate(&input, params, &mut turn.cost) {
                Conditions::Met => {}
                Conditions::Unmet(name) => {
                    let why = wording::condition_unmet(&name);
                    self.idle(policy, invocation.binding, Effect::NotMatched, &why);
                    continue;
                }
                Conditions::Failed(why) => {
                    fail(policy, &mut turn, why, errors);
                    self.turns.push(turn);
                    continue;
                }
            }
            let key = (
                turn.policy.clone(),
                turn.binding.clone(),
                turn.params.clone(),
            );
            if self.reinvoked && !self.again.contains(&key) {
                continue;
            }
            let outcome = self.patch(invocation, params, request, &mut turn, errors);
            let changed = turn.after.is_some();
            self.turns.push(turn);
            applied |= outcome?;
            if changed {
                self.ask_again();
            }
            if policy.policy.reinvoked {
                self.earlier.insert(key);
            }
        }
        if applied {
            self.ask_again();
            self.wanted = true;
        }
        Ok(())
    }

    /// Applies a policy's mutations; whether one of them could be applied.
    fn patch(
        &self,
        invocation: &Invocation<'_>,
        params: Option<&Node>,
        request: &mut Request,
        turn: &mut Turn,
        errors: &mut Vec<PolicyError>,
    ) -> Result<bool, Refusal> {
        let policy = invocation.policy;
        let mut applied = false;
        let before = request.object.clone();
        for expression in policy.mutations.iter().flatten() {
            let Some(object) = &request.object else {
                continue;
            };
            let input = Input::new(request, &invocation.kind, &invocation.resource);
            let patched = evaluate(policy, expression, &input, params, &mut turn.cost)
                .and_then(|patch| self.apply(patch, object, &invocation.kind));
            match patched {
                Ok(patched) => {
                    request.object = Some(patched);
                    applied = true;
                }
                Err(Failure::Policy(why)) => fail(policy, turn, why, errors),
                Err(Failure::Internal(why)) => {
                    turn.effect = Effect::Denied;
                    turn.message = wording::internal_error(&why);
                    turn.reason = "InternalError";
                    turn.whole = true;
                    return Err(internal(&why));
                }
                Err(Failure::Panic(text)) => {
                    turn.effect = Effect::Denied;
                    turn.message = wording::PANIC.to_owned();
                    turn.reason = "InternalError";
                    turn.whole = true;
                    return Err(Refusal {
                        code: 500,
                        message: wording::PANIC.to_owned(),
                        panic: Some(text),
                        ..Refusal::default()
                    });
                }
            }
        }
        if let (Some(before), Some(after)) = (before, &request.object)
            && !same(&before, after)
        {
            if turn.effect == Effect::Unchanged {
                turn.effect = Effect::Changed;
            }
            turn.before = Some(before);
            turn.after = Some(after.clone());
        }
        Ok(applied)
    }

    fn apply(&self, patch: Patch, object: &Node, kind: &Gvk) -> Result<Node, Failure> {
        let mut patched = match patch {
            Patch::Json(operations) => {
                let patched = apply_json(object, &operations)?;
                patched::read_json(&patched, kind).map_err(Failure::Internal)?
            }
            Patch::Apply(given) => {
                let schemas = Schemas {
                    objects: self.cluster.objects,
                };
                let own = kind_of(object);
                let given = given.of_kind(&own);
                let merged = merge::apply(&schemas, &own, object, &given)
                    .map_err(|why| Failure::Policy(wording::apply_failed(&why)))?;
                patched::read_merged(&merged, &own).map_err(Failure::Policy)?
            }
        };
        if let Some(settings) = self.cluster.settings {
            patched::set_defaults(&mut patched);
            settings.definitions.set_defaults(&mut patched);
        }
        Ok(patched)
    }

    /// The parameter as expressions see it, and its name: the API server does not say the kind of
    /// parameters of built-in kinds.
    fn params(invocation: &Invocation<'_>) -> (Option<Node>, String) {
        let Some(params) = invocation.params else {
            return (None, String::new());
        };
        let text = |name| {
            let text = params.at(&["metadata", name]).and_then(Node::as_str);
            text.unwrap_or_default()
        };
        let name = match text("namespace") {
            "" => text("name").to_owned(),
            namespace => format!("{namespace}/{}", text("name")),
        };
        let built_in = Gvk::of(params).is_some_and(|gvk| find(&gvk).is_some());
        let mut params = params.clone();
        if built_in && let Some(fields) = params.as_map_mut() {
            fields.remove("apiVersion");
            fields.remove("kind");
        }
        (Some(params), name)
    }

    /// Gives the policies that ask for it another turn.
    fn ask_again(&mut self) {
        self.again.append(&mut self.earlier);
    }

    fn turn(
        &self,
        policy: &CompiledMutatingPolicy,
        binding: Option<&MutatingBinding>,
        effect: Effect,
    ) -> Turn {
        Turn {
            policy: policy.policy.name.clone(),
            binding: binding
                .map(|binding| binding.name.clone())
                .unwrap_or_default(),
            reinvoked: self.reinvoked,
            effect,
            ..Turn::default()
        }
    }

    /// A policy that has no turn, and why; of the second round it need not be said.
    fn idle(
        &mut self,
        policy: &CompiledMutatingPolicy,
        binding: &MutatingBinding,
        effect: Effect,
        why: &str,
    ) {
        if !self.reinvoked {
            let turn = self.turn(policy, Some(binding), effect);
            let why = why.to_owned();
            self.turns.push(Turn { why, ..turn });
        }
    }

    fn not_configured(
        &mut self,
        policy: &CompiledMutatingPolicy,
        binding: Option<&MutatingBinding>,
        why: String,
        errors: &mut Vec<PolicyError>,
    ) {
        let mut turn = self.turn(policy, binding, Effect::Unchanged);
        fail_with(policy, &mut turn, binding.is_some(), why, false, errors);
        // of the second round it need not be said again
        if !self.reinvoked {
            self.turns.push(turn);
        }
    }
}

/// An error of a policy's turn.
fn fail(
    policy: &CompiledMutatingPolicy,
    turn: &mut Turn,
    why: String,
    errors: &mut Vec<PolicyError>,
) {
    fail_with(policy, turn, true, why, true, errors);
}

fn fail_with(
    policy: &CompiledMutatingPolicy,
    turn: &mut Turn,
    bound: bool,
    why: String,
    invalid: bool,
    errors: &mut Vec<PolicyError>,
) {
    let failure_policy = policy.policy.failure_policy;
    let binding = bound.then_some(&*turn.binding);
    let text = wording::mutation_denial(&turn.policy, binding, &why);
    turn.effect = match failure_policy {
        FailurePolicy::Fail => Effect::Denied,
        FailurePolicy::Ignore => Effect::Error,
    };
    if turn.message.is_empty() {
        turn.message = why;
        turn.reason = reason(invalid);
    }
    errors.push(PolicyError {
        failure_policy,
        text,
        invalid,
    });
}

/// What is wrong with a policy's configuration is `Forbidden`, what fails in it is `Invalid`.
const fn reason(invalid: bool) -> &'static str {
    if invalid { "Invalid" } else { "Forbidden" }
}

fn internal(why: &str) -> Refusal {
    Refusal {
        code: 500,
        reason: "InternalError",
        message: wording::internal_error(why),
        causes: vec![why.to_owned()],
        panic: None,
    }
}

/// The kind that an object says to be of, be it none.
fn kind_of(object: &Node) -> Gvk {
    let text = |key| object.get(key).and_then(Node::as_str).unwrap_or_default();
    Gvk::new(text("apiVersion"), text("kind"))
}

/// Whether two values are the same, whatever the order of their keys.
fn same(a: &Node, b: &Node) -> bool {
    match (a, b) {
        (Node::Map(a), Node::Map(b)) => {
            a.len() == b.len()
                && a.iter()
                    .all(|(key, a)| b.get(key).is_some_and(|b| same(a, b)))
        }
        (Node::List(a), Node::List(b)) => {
            a.len() == b.len() && a.iter().zip(b).all(|(a, b)| same(a, b))
        }
        _ => a == b,
    }
}
