//! Mutating policies and their bindings.

use vapwright_cel::document::Node;
use vapwright_kube::path::Path;

use super::{Errors, binding, items, spec, text};
use crate::compile::Expression;
use crate::mutate::compile::CompiledMutatingPolicy;

/// What can be changed: what is deleted has no body.
const OPERATIONS: [&str; 4] = ["*", "CONNECT", "CREATE", "UPDATE"];

pub(super) fn validate_policy(errors: &mut Errors, node: &Node, policy: &CompiledMutatingPolicy) {
    let path = Path::root().field("spec");
    spec::failure_policy_and_params(errors, node, &path);
    spec::constraints(errors, node, &path);
    operations(errors, node, &path, "matchConstraints");
    let at = path.field("matchConditions");
    spec::conditions(errors, node, &at, &policy.conditions);
    spec::variables(errors, node, &path.field("variables"), &policy.variables);
    let mutations = items(node, "mutations");
    if mutations.is_empty() {
        let detail = "mutations must contain at least one item";
        errors.required(&path.field("mutations"), detail);
    }
    for (index, item) in mutations.iter().enumerate() {
        let at = path.field("mutations").index(index);
        let expression = policy.mutations.get(index).and_then(Option::as_ref);
        mutation(errors, item, &at, expression);
    }
    let at = path.field("reinvocationPolicy");
    match text(node, "reinvocationPolicy") {
        "" => errors.required(&at, ""),
        "Never" | "IfNeeded" => {}
        other => errors.not_supported(&at, other, &["IfNeeded", "Never"]),
    }
}

pub(super) fn validate_binding(errors: &mut Errors, node: &Node, alpha: bool) {
    let path = Path::root().field("spec");
    binding::reference(errors, node, &path, alpha);
    operations(errors, node, &path, "matchResources");
}

/// The API server names neither the rule nor the place of an operation here.
fn operations(errors: &mut Errors, node: &Node, path: &Path, name: &str) {
    let Some(resources) = node.get(name) else {
        return;
    };
    let at = path.fields(&[name, "resourceRules", "operations"]);
    for rule in items(resources, "resourceRules") {
        for operation in items(rule, "operations") {
            let operation = operation.as_str().unwrap_or_default();
            if !OPERATIONS.contains(&operation) {
                errors.not_supported(&at, operation, &OPERATIONS);
            }
        }
    }
}

fn mutation(errors: &mut Errors, node: &Node, path: &Path, expression: Option<&Expression>) {
    let (own, other) = match text(node, "patchType") {
        "" => return errors.required(&path.field("patchType"), ""),
        "JSONPatch" => ("jsonPatch", "applyConfiguration"),
        "ApplyConfiguration" => ("applyConfiguration", "jsonPatch"),
        kind => {
            let supported = ["ApplyConfiguration", "JSONPatch"];
            return errors.not_supported(&path.field("patchType"), kind, &supported);
        }
    };
    let kind = text(node, "patchType");
    match node.get(own) {
        Some(patch @ Node::Map(_)) => {
            if text(patch, "expression").trim().is_empty() {
                errors.required(&path.fields(&[own, "expression"]), "");
            } else {
                spec::expression(errors, expression);
            }
        }
        _ => {
            let detail = format!("must be specified when patchType is {kind}");
            errors.required(&path.field(own), &detail);
        }
    }
    if let Some(Node::Map(_)) = node.get(other) {
        let detail = format!("must not be specified when patchType is {kind}");
        errors.invalid_text(&path.field(other), &format!("{{{other}}}"), &detail);
    }
}
