//! Match resources: rules, selectors and the match policy.

use vapwright_cel::document::Node;
use vapwright_kube::path::Path;
use vapwright_kube::selector::Selector;

use super::{Errors, items, text};

/// What may be an operation of a rule, in the order in which the API server names them.
const OPERATIONS: [&str; 5] = ["*", "CONNECT", "CREATE", "DELETE", "UPDATE"];

pub(super) fn validate(errors: &mut Errors, node: &Node, path: &Path) {
    match text(node, "matchPolicy") {
        "" | "Equivalent" | "Exact" => {}
        other => {
            let path = path.field("matchPolicy");
            errors.not_supported(&path, other, &["Equivalent", "Exact"]);
        }
    }
    for name in ["namespaceSelector", "objectSelector"] {
        if let Some(node) = node.get(name) {
            selector(errors, node, &path.field(name));
        }
    }
    for name in ["resourceRules", "excludeResourceRules"] {
        for (index, item) in items(node, name).iter().enumerate() {
            rule(errors, item, &path.field(name).index(index));
        }
    }
}

/// A label selector: its problems are worded by the reader of selectors.
pub(super) fn selector(errors: &mut Errors, node: &Node, path: &Path) {
    for problem in Selector::read(node, path).1 {
        let Some((at, message)) = problem.message.split_once(": ") else {
            continue;
        };
        let reason = match message {
            message if message.starts_with("Required") => "FieldValueRequired",
            message if message.starts_with("Forbidden") => "FieldValueForbidden",
            _ => "FieldValueInvalid",
        };
        errors.found.push(super::FieldError {
            path: under(path, at),
            reason,
            message: message.to_owned(),
        });
    }
}

/// The path that a text names, which begins with a known one.
fn under(path: &Path, named: &str) -> Path {
    let mut path = path.clone();
    let rest = named.strip_prefix(&path.to_string()).unwrap_or_default();
    for part in rest.split('.').filter(|part| !part.is_empty()) {
        let (name, index) = part.split_once('[').unwrap_or((part, ""));
        path = path.field(name);
        if let Ok(index) = index.trim_end_matches(']').parse() {
            path = path.index(index);
        }
    }
    path
}

fn rule(errors: &mut Errors, node: &Node, path: &Path) {
    let names = path.field("resourceNames");
    let mut seen: Vec<&str> = Vec::new();
    for (index, name) in items(node, "resourceNames").iter().enumerate() {
        let name = name.as_str().unwrap_or_default();
        errors.names(&names.index(index), name, path_segment(name));
        if seen.contains(&name) {
            errors.duplicate(&names.index(index), name);
        }
        seen.push(name);
    }
    one_or_wildcard(errors, node, path, "operations", "other operations");
    let operations = path.field("operations");
    for (index, operation) in items(node, "operations").iter().enumerate() {
        let operation = operation.as_str().unwrap_or_default();
        if !OPERATIONS.contains(&operation) {
            errors.not_supported(&operations.index(index), operation, &OPERATIONS);
        }
    }
    one_or_wildcard(errors, node, path, "apiGroups", "other API groups");
    one_or_wildcard(errors, node, path, "apiVersions", "other API versions");
    for (index, version) in items(node, "apiVersions").iter().enumerate() {
        if version.as_str() == Some("") {
            errors.required(&path.field("apiVersions").index(index), "");
        }
    }
    resources(errors, node, &path.field("resources"));
    match text(node, "scope") {
        "" | "*" | "Cluster" | "Namespaced" => {}
        other => {
            let path = path.field("scope");
            errors.not_supported(&path, other, &["*", "Cluster", "Namespaced"]);
        }
    }
}

/// What is wrong with a name that stands in a URL's path.
pub(super) fn path_segment(name: &str) -> Vec<String> {
    let mut details = Vec::new();
    if matches!(name, "." | "..") {
        details.push(format!("may not be '{name}'"));
    }
    for part in ["/", "%"] {
        if name.contains(part) {
            details.push(format!("may not contain '{part}'"));
        }
    }
    details
}

fn one_or_wildcard(errors: &mut Errors, node: &Node, path: &Path, name: &str, others: &str) {
    let all = items(node, name);
    let path = path.field(name);
    if all.is_empty() {
        errors.required(&path, "");
    } else if all.len() > 1 && all.iter().any(|item| item.as_str() == Some("*")) {
        let detail = format!("if '*' is present, must not specify {others}");
        errors.invalid(&path, &Node::List(all.to_vec()), &detail);
    }
}

fn resources(errors: &mut Errors, node: &Node, path: &Path) {
    let all = items(node, "resources");
    if all.is_empty() {
        errors.required(path, "");
    }
    // `pods/*` and `*/status` make others superfluous
    let mut with_all_subresources: Vec<&str> = Vec::new();
    let mut of_all_resources: Vec<&str> = Vec::new();
    let (mut any_of_all, mut any, mut without_sub) = (false, false, false);
    for (index, item) in all.iter().enumerate() {
        let full = item.as_str().unwrap_or_default();
        let at = path.index(index);
        match full {
            "" => {
                errors.required(&at, "");
                continue;
            }
            "*/*" => any_of_all = true,
            "*" => any = true,
            _ => {}
        }
        let Some((resource, sub)) = full.split_once('/') else {
            without_sub = full != "*";
            continue;
        };
        if with_all_subresources.contains(&resource) {
            let detail = format!("if '{resource}/*' is present, must not specify {full}");
            errors.invalid_text(&at, full, &detail);
        }
        if of_all_resources.contains(&sub) {
            let detail = format!("if '*/{sub}' is present, must not specify {full}");
            errors.invalid_text(&at, full, &detail);
        }
        if sub == "*" {
            with_all_subresources.push(resource);
        }
        if resource == "*" {
            of_all_resources.push(sub);
        }
    }
    let list = || Node::List(all.to_vec());
    if all.len() > 1 && any_of_all {
        let detail = "if '*/*' is present, must not specify other resources";
        errors.invalid(path, &list(), detail);
    }
    if any && without_sub {
        let detail = "if '*' is present, must not specify other resources without subresources";
        errors.invalid(path, &list(), detail);
    }
}
