//! MutatingAdmissionPolicies and their bindings, as the API server stores them: with defaults.

use std::sync::Arc;

use vapwright_cel::document::Node;
use vapwright_kube::path::Path;
use vapwright_kube::problem::Problem;

use crate::policy::{
    FailurePolicy, MatchCondition, MatchResources, OBJECT, ParamKind, ParamRef, Variable, name,
};
use crate::read::Reader;

/// A MutatingAdmissionPolicy.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct MutatingPolicy {
    /// Its name.
    pub name: Arc<str>,
    /// The kind of its parameters, if it has any.
    pub param_kind: Option<ParamKind>,
    /// Which requests it looks at; `None` is an error of its configuration.
    pub constraints: Option<MatchResources>,
    /// Conditions on the request, all of which must be true.
    pub match_conditions: Vec<MatchCondition>,
    /// `variables.NAME`, in their order.
    pub variables: Vec<Variable>,
    /// What it changes, in this order.
    pub mutations: Vec<Mutation>,
    /// What happens when it cannot be applied.
    pub failure_policy: FailurePolicy,
    /// Whether it is applied once more where something else has changed the object after it:
    /// `IfNeeded`, not `Never`.
    pub reinvoked: bool,
}

/// A change of the object.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Mutation {
    /// `ApplyConfiguration` or `JSONPatch`; what else there may be is nothing that can be applied.
    pub kind: Arc<str>,
    /// The expression of an apply configuration.
    pub apply_configuration: Option<Arc<str>>,
    /// The expression of a JSON patch.
    pub json_patch: Option<Arc<str>>,
}

/// A MutatingAdmissionPolicyBinding.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct MutatingBinding {
    /// Its name.
    pub name: Arc<str>,
    /// The policy it binds.
    pub policy_name: Arc<str>,
    /// Which parameters, if the policy has any.
    pub param_ref: Option<ParamRef>,
    /// Which requests; `None`: all that the policy looks at.
    pub resources: Option<MatchResources>,
}

impl MutatingPolicy {
    /// Reads a policy, with the API's defaults. Problems are those of its form (wrong types,
    /// unknown fields); whether the API server would accept it says [`crate::validate`].
    #[must_use]
    pub fn read(node: &Node) -> (Self, Vec<Problem>) {
        let mut reader = Reader::default();
        let root = Path::root();
        reader.known(node, &root, &OBJECT);
        let mut policy = Self {
            name: name(node),
            ..Self::default()
        };
        if let Some((path, spec)) = reader.map(node, &root, "spec") {
            policy.read_spec(&mut reader, spec, &path);
        }
        (policy, reader.problems)
    }

    fn read_spec(&mut self, reader: &mut Reader, spec: &Node, path: &Path) {
        let known = [
            "paramKind",
            "matchConstraints",
            "variables",
            "mutations",
            "failurePolicy",
            "matchConditions",
            "reinvocationPolicy",
        ];
        reader.known(spec, path, &known);
        self.param_kind = ParamKind::read(reader, spec, path);
        if let Some((path, node)) = reader.map(spec, path, "matchConstraints") {
            self.constraints = Some(MatchResources::read(reader, node, &path));
        }
        self.failure_policy = FailurePolicy::read(reader, spec, path);
        self.match_conditions = MatchCondition::read(reader, spec, path);
        self.variables = Variable::read(reader, spec, path);
        self.reinvoked = &*reader.text(spec, path, "reinvocationPolicy") == "IfNeeded";
        for (path, item) in reader.items(spec, path, "mutations") {
            self.mutations.push(Mutation::read(reader, item, &path));
        }
    }
}

impl Mutation {
    fn read(reader: &mut Reader, node: &Node, path: &Path) -> Self {
        reader.known(
            node,
            path,
            &["patchType", "applyConfiguration", "jsonPatch"],
        );
        let mut expression = |name: &str| {
            let (path, node) = reader.map(node, path, name)?;
            reader.known(node, &path, &["expression"]);
            Some(reader.text(node, &path, "expression"))
        };
        Self {
            apply_configuration: expression("applyConfiguration"),
            json_patch: expression("jsonPatch"),
            kind: reader.text(node, path, "patchType"),
        }
    }
}

impl MutatingBinding {
    /// Reads a binding, with the API's defaults.
    #[must_use]
    pub fn read(node: &Node) -> (Self, Vec<Problem>) {
        let mut reader = Reader::default();
        let root = Path::root();
        reader.known(node, &root, &OBJECT);
        let mut binding = Self {
            name: name(node),
            ..Self::default()
        };
        if let Some((path, spec)) = reader.map(node, &root, "spec") {
            let reader = &mut reader;
            reader.known(spec, &path, &["policyName", "paramRef", "matchResources"]);
            binding.policy_name = reader.text(spec, &path, "policyName");
            binding.param_ref = ParamRef::read(reader, spec, &path);
            if let Some((path, node)) = reader.map(spec, &path, "matchResources") {
                binding.resources = Some(MatchResources::read(reader, node, &path));
            }
        }
        (binding, reader.problems)
    }

    /// A binding of a policy's own name that binds it everywhere.
    #[must_use]
    pub fn everywhere(policy: &MutatingPolicy) -> Self {
        Self {
            name: policy.name.clone(),
            policy_name: policy.name.clone(),
            ..Self::default()
        }
    }
}
