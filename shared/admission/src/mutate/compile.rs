//! The expressions of a mutating policy, compiled in the environments that the API server gives them.

use std::sync::Arc;

use vapwright_cel::env::Environment;
use vapwright_cel::eval::LazyVariable;
use vapwright_cel::version::KubernetesVersion;
use vapwright_kube::path::Path;

use super::policy::{MutatingPolicy, Mutation};
use crate::compile::{
    Composed, Expression, Failure, Role, Stage, compile_conditions, compile_one, declare,
    environment, lazy_variables,
};

/// A mutating policy with its expressions.
#[derive(Clone, Debug)]
pub struct CompiledMutatingPolicy {
    /// The policy.
    pub policy: MutatingPolicy,
    /// `variables.NAME`, in their order.
    pub variables: Vec<Expression>,
    /// Match conditions, in their order.
    pub conditions: Vec<Expression>,
    /// The expression of each mutation that has one of its type.
    pub mutations: Vec<Option<Expression>>,
    /// What conditions see.
    pub(crate) env: Environment,
    /// What mutations see: the types `Object` and `JSONPatch` too.
    pub(crate) mutation_env: Environment,
    /// The variables as the evaluator takes them.
    pub(crate) lazy: Arc<[LazyVariable]>,
}

impl CompiledMutatingPolicy {
    /// All expressions, in the order in which the API server compiles them.
    pub fn expressions(&self) -> impl Iterator<Item = &Expression> {
        self.variables
            .iter()
            .chain(&self.conditions)
            .chain(self.mutations.iter().flatten())
    }

    /// The expressions that do not compile, each with the reason.
    pub fn failures(&self) -> impl Iterator<Item = (&Expression, &Failure)> {
        self.expressions()
            .filter_map(|expression| Some((expression, expression.failure()?)))
    }
}

/// Compiles a policy's expressions as the API server of a version does to apply a policy that it
/// stores.
#[must_use]
pub fn compile(policy: MutatingPolicy, version: KubernetesVersion) -> CompiledMutatingPolicy {
    compile_with(policy, version, Stage::Stored)
}

/// Compiles a policy as the API server of a version does when the policy is created: with the
/// functions of the version before; match conditions see no variables then, and expressions are taken
/// without the spaces around them.
#[must_use]
pub fn compile_new(policy: MutatingPolicy, version: KubernetesVersion) -> CompiledMutatingPolicy {
    compile_with(policy, version.compatibility(), Stage::New)
}

fn compile_with(
    policy: MutatingPolicy,
    version: KubernetesVersion,
    stage: Stage,
) -> CompiledMutatingPolicy {
    let params = policy.param_kind.is_some();
    let mut composed = Composed::new(environment(version, params, false), true);
    let variables = composed.compile(&policy.variables);
    let lazy = lazy_variables(&policy.variables, &composed.fields, &variables);
    let env = composed.env();
    let conditions = match stage {
        Stage::Stored => compile_conditions(&policy.match_conditions, &env, stage),
        Stage::New => {
            let env = environment(version, params, true);
            compile_conditions(&policy.match_conditions, &env, stage)
        }
    };
    composed.env = declare(Environment::kubernetes_mutation(version), params, false);
    let mutation_env = composed.env();
    let mutations = policy.mutations.iter().enumerate();
    let mutations = mutations
        .map(|(index, mutation)| {
            let (role, field, text) = mutation.expression()?;
            let path = Path::root().field("spec").field("mutations").index(index);
            let text = match stage {
                Stage::Stored => text,
                Stage::New => text.trim(),
            };
            let path = path.fields(&[field, "expression"]);
            Some(compile_one(text, &mutation_env, role, path))
        })
        .collect();
    CompiledMutatingPolicy {
        policy,
        variables,
        conditions,
        mutations,
        env,
        mutation_env,
        lazy,
    }
}

impl Mutation {
    /// The expression that is evaluated: what it is for, the field it stands in, and its text.
    fn expression(&self) -> Option<(Role, &'static str, &str)> {
        match &*self.kind {
            "JSONPatch" => {
                let text = self.json_patch.as_deref()?;
                Some((Role::JsonPatch, "jsonPatch", text))
            }
            "ApplyConfiguration" => {
                let text = self.apply_configuration.as_deref()?;
                Some((Role::ApplyConfiguration, "applyConfiguration", text))
            }
            _ => None,
        }
    }
}
