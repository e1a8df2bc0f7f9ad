//! What mutating policies make of an object before validating ones see it.

use vapwright_admission::mutate::dispatch::{Cluster, Effect, Hook, Mutated, Turn, mutate};
use vapwright_admission::mutate::policy::MutatingBinding;
use vapwright_admission::request::Request;
use vapwright_admission::wording;
use vapwright_cel::version::KubernetesVersion;
use vapwright_kube::admit::Settings;
use vapwright_kube::json;
use vapwright_kube::json_patch::{Operation, diff};

use super::Context;
use crate::compiled::{MutatingEntry, compile_mutating};
use crate::input::Input;
use crate::policies::Policies;
use crate::wire::{Diagnostic, MutationEffect, MutationRow, PolicyRow, Verdict};

/// A mutating policy of the call with its bindings, compiled.
pub struct Mutating {
    entry: MutatingEntry,
    bindings: Vec<MutatingBinding>,
    /// Whether the call has bindings for it: else it counts as bound everywhere.
    given: bool,
}

/// The mutating policies of a call, compiled, but for those that the version does not have.
pub fn compile(
    loaded: &Policies,
    inputs: &[Input<'_>],
    version: KubernetesVersion,
    diagnostics: &mut Vec<Diagnostic>,
) -> Vec<Mutating> {
    let entries = compile_mutating(&loaded.mutating, inputs, version, diagnostics);
    let bound = entries.into_iter().map(|(policy, entry)| {
        let given = !policy.bindings.is_empty();
        let bindings = if given {
            let bindings = policy.bindings.iter();
            bindings.map(|node| MutatingBinding::read(node).0).collect()
        } else {
            vec![MutatingBinding::everywhere(&entry.policy.policy)]
        };
        Mutating {
            entry,
            bindings,
            given,
        }
    });
    bound.collect()
}

/// What became of an object.
#[derive(Default)]
pub struct Mutations {
    /// For the wire.
    pub rows: Vec<MutationRow>,
    /// Rows of policies that failed.
    pub failures: Vec<PolicyRow>,
    /// Whether the object was changed, and not refused.
    pub changed: bool,
    /// Whether a mutation was applied, be there a change or not.
    pub applied: bool,
    /// Why a plugin of the API server's own forbids the changed object.
    pub forbidden: Option<String>,
    /// What the API server answers where it refuses the request: to kubectl, and to a controller.
    pub refused: Option<(String, Vec<String>)>,
}

impl Context<'_, '_> {
    /// Puts the mutating policies to a request, whose object they change.
    pub fn mutate(&self, request: &mut Request, settings: &Settings, file: &str) -> Mutations {
        if self.mutating.is_empty() {
            return Mutations::default();
        }
        let hooks: Vec<Hook<'_>> = self
            .mutating
            .iter()
            .map(|mutating| Hook {
                policy: &mutating.entry.policy,
                bindings: &mutating.bindings,
            })
            .collect();
        let cluster = Cluster {
            objects: &self.params,
            settings: Some(settings),
        };
        let Mutated {
            turns,
            applied,
            refusal,
            forbidden,
        } = mutate(&hooks, request, cluster);
        let changed = turns.iter().any(|turn| turn.after.is_some());
        Mutations {
            failures: turns.iter().filter_map(|turn| self.failure(turn)).collect(),
            rows: turns.iter().map(|turn| self.row(turn)).collect(),
            changed: changed && refusal.is_none(),
            applied,
            forbidden,
            refused: refusal.map(|refusal| {
                let kubectl = wording::kubectl_refused(request, &refusal, file);
                (kubectl, vec![refusal.message])
            }),
        }
    }

    /// The name of a binding, where the call has one.
    fn binding(&self, turn: &Turn) -> String {
        let mut policies = self.mutating.iter();
        let given = policies
            .any(|mutating| mutating.given && mutating.entry.policy.policy.name == turn.policy);
        if given {
            turn.binding.to_string()
        } else {
            String::new()
        }
    }

    fn row(&self, turn: &Turn) -> MutationRow {
        let patch = match (&turn.before, &turn.after) {
            (Some(before), Some(after)) => diff(before, after),
            _ => Vec::new(),
        };
        MutationRow {
            policy: turn.policy.to_string(),
            binding: self.binding(turn),
            params: turn.params.clone(),
            effect: match turn.effect {
                Effect::NotBound => MutationEffect::NotBound,
                Effect::NotMatched => MutationEffect::NotMatched,
                Effect::Unchanged => MutationEffect::Unchanged,
                Effect::Changed => MutationEffect::Changed,
                Effect::Error => MutationEffect::Error,
                Effect::Denied => MutationEffect::Denied,
            },
            reinvoked: turn.reinvoked,
            patch: patch
                .iter()
                .map(Operation::to_node)
                .map(|node| json::to_value(&node))
                .collect(),
            message: turn.message.clone(),
            why: turn.why.clone(),
            cost: turn.cost,
        }
    }

    /// A policy that failed says so among the others.
    fn failure(&self, turn: &Turn) -> Option<PolicyRow> {
        let verdict = match turn.effect {
            Effect::Error => Verdict::Error,
            Effect::Denied => Verdict::Denied,
            _ => return None,
        };
        let text = match verdict {
            Verdict::Denied if !turn.whole => {
                let binding = (!turn.binding.is_empty()).then_some(&*turn.binding);
                wording::mutation_denial(&turn.policy, binding, &turn.message)
            }
            Verdict::Denied => turn.message.clone(),
            _ => String::new(),
        };
        Some(PolicyRow {
            policy: turn.policy.to_string(),
            binding: self.binding(turn),
            verdict,
            actions: Vec::new(),
            message: turn.message.clone(),
            reason: match verdict {
                Verdict::Denied => turn.reason.to_owned(),
                _ => String::new(),
            },
            text,
            why: String::new(),
            expression: None,
            object_places: Vec::new(),
            cost: turn.cost,
        })
    }
}
