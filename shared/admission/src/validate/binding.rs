//! The spec of a binding.

use vapwright_cel::document::Node;
use vapwright_kube::names;
use vapwright_kube::path::Path;

use super::{Errors, items, resources, text};

pub(super) fn validate(errors: &mut Errors, spec: &Node) {
    let path = Path::root().field("spec");
    reference(errors, spec, &path, false);
    actions(errors, spec, &path.field("validationActions"));
}

/// The policy, the parameters and the resources of a binding of any kind. `alpha`: whether it is of
/// `v1alpha1`, which has a default for missing parameters.
pub(super) fn reference(errors: &mut Errors, spec: &Node, path: &Path, alpha: bool) {
    let at = path.field("policyName");
    match text(spec, "policyName") {
        "" => errors.required(&at, ""),
        name => errors.names(&at, name, names::subdomain(name)),
    }
    if let Some(reference @ Node::Map(_)) = spec.get("paramRef") {
        param_ref(errors, reference, &path.field("paramRef"), alpha);
    }
    if let Some(node @ Node::Map(_)) = spec.get("matchResources") {
        resources::validate(errors, node, &path.field("matchResources"));
    }
}

fn param_ref(errors: &mut Errors, node: &Node, path: &Path, alpha: bool) {
    const EXCLUSIVE: &str = "name and selector are mutually exclusive";
    let name = text(node, "name");
    let selector = node.get("selector").filter(|node| !node.is_null());
    if !name.is_empty() {
        let at = path.field("name");
        errors.names(&at, name, resources::path_segment(name));
        if selector.is_some() {
            errors.forbidden(&at, EXCLUSIVE);
        }
    }
    if let Some(selector) = selector {
        let at = path.field("selector");
        resources::selector(errors, selector, &at);
        if !name.is_empty() {
            errors.forbidden(&at, EXCLUSIVE);
        }
    }
    if name.is_empty() && selector.is_none() {
        errors.required(path, "one of name or selector must be specified");
    }
    let at = path.field("parameterNotFoundAction");
    match text(node, "parameterNotFoundAction") {
        "" if alpha => {}
        "" => errors.required(&at, ""),
        "Deny" | "Allow" => {}
        other => errors.not_supported(&at, other, &["Deny", "Allow"]),
    }
}

fn actions(errors: &mut Errors, spec: &Node, path: &Path) {
    let all = items(spec, "validationActions");
    if all.is_empty() {
        errors.required(path, "at least one validation action is required");
    }
    let mut seen: Vec<&str> = Vec::new();
    for (index, action) in all.iter().enumerate() {
        let action = action.as_str().unwrap_or_default();
        if !matches!(action, "Deny" | "Warn" | "Audit") {
            errors.not_supported(&path.index(index), action, &["Audit", "Deny", "Warn"]);
        }
        if seen.contains(&action) {
            errors.duplicate(&path.index(index), action);
        }
        seen.push(action);
    }
    if seen.contains(&"Deny") && seen.contains(&"Warn") {
        let detail = "must not contain both Deny and Warn (repeating the same validation failure information in the API response and headers serves no purpose)";
        errors.invalid(path, &Node::List(all.to_vec()), detail);
    }
}
