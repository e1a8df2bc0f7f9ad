//! Whether the API server would accept a policy or a binding, and what it says where not: its
//! validation of `admissionregistration.k8s.io`.

mod binding;
mod mutating;
mod resources;
mod spec;

use std::fmt;

use vapwright_cel::document::Node;
use vapwright_cel::version::KubernetesVersion;
use vapwright_kube::json;
use vapwright_kube::path::Path;

use crate::compile::{CompiledPolicy, compile_new};
use crate::mutate::{self, compile::CompiledMutatingPolicy};
use crate::policy::Policy;
use crate::wording::go_quote;

/// An error about a field, as the API server gives it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FieldError {
    /// The field.
    pub path: Path,
    /// `FieldValueInvalid`, `FieldValueRequired`, ...
    pub reason: &'static str,
    /// `Invalid value: "x": why`
    pub message: String,
}

impl fmt::Display for FieldError {
    /// `spec.validations[0].expression: Invalid value: "1": must evaluate to bool but got int`
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.path, self.message)
    }
}

/// Collects errors.
#[derive(Debug, Default)]
pub(crate) struct Errors {
    pub(crate) found: Vec<FieldError>,
}

impl Errors {
    fn push(&mut self, path: &Path, reason: &'static str, head: &str, detail: &str) {
        let colon = if detail.is_empty() { "" } else { ": " };
        self.found.push(FieldError {
            path: path.clone(),
            reason,
            message: format!("{head}{colon}{detail}"),
        });
    }

    fn required(&mut self, path: &Path, detail: &str) {
        self.push(path, "FieldValueRequired", "Required value", detail);
    }

    /// `value` is printed as the API server prints it: a text quoted, a list as JSON.
    fn invalid(&mut self, path: &Path, value: &Node, detail: &str) {
        let head = format!("Invalid value: {}", shown(value));
        self.push(path, "FieldValueInvalid", &head, detail);
    }

    pub(crate) fn invalid_text(&mut self, path: &Path, value: &str, detail: &str) {
        self.invalid(path, &Node::string(value), detail);
    }

    fn not_supported(&mut self, path: &Path, value: &str, supported: &[&str]) {
        let supported: Vec<String> = supported.iter().map(|text| go_quote(text)).collect();
        let detail = format!("supported values: {}", supported.join(", "));
        let head = format!("Unsupported value: {}", go_quote(value));
        self.push(path, "FieldValueNotSupported", &head, &detail);
    }

    fn duplicate(&mut self, path: &Path, value: &str) {
        let head = format!("Duplicate value: {}", go_quote(value));
        self.push(path, "FieldValueDuplicate", &head, "");
    }

    fn forbidden(&mut self, path: &Path, detail: &str) {
        self.push(path, "FieldValueForbidden", "Forbidden", detail);
    }

    /// What is wrong with a name, in the API server's order.
    fn names(&mut self, path: &Path, value: &str, details: Vec<String>) {
        for detail in details {
            self.invalid_text(path, value, &detail);
        }
    }
}

/// A value as Go's `field.Error` prints it.
fn shown(value: &Node) -> String {
    match value {
        Node::String(text) => go_quote(text),
        other => json::write(other),
    }
}

/// What the API server of a version finds wrong with a policy that is created, besides its form.
#[must_use]
pub fn policy(node: &Node, version: KubernetesVersion) -> Vec<FieldError> {
    compiled_policy(node, &compile_new(Policy::read(node).0, version))
}

/// The same for a policy that [`compile_new`] has compiled.
#[must_use]
pub fn compiled_policy(node: &Node, compiled: &CompiledPolicy) -> Vec<FieldError> {
    let mut errors = Errors::default();
    metadata(&mut errors, node);
    spec::validate(
        &mut errors,
        node.get("spec").unwrap_or(&Node::Null),
        compiled,
    );
    errors.found
}

/// What the API server finds wrong with a binding that is created, besides its form.
#[must_use]
pub fn binding(node: &Node) -> Vec<FieldError> {
    let mut errors = Errors::default();
    metadata(&mut errors, node);
    binding::validate(&mut errors, node.get("spec").unwrap_or(&Node::Null));
    errors.found
}

/// What the API server of a version finds wrong with a mutating policy that is created, besides its
/// form.
#[must_use]
pub fn mutating_policy(node: &Node, version: KubernetesVersion) -> Vec<FieldError> {
    let policy = mutate::policy::MutatingPolicy::read(node).0;
    compiled_mutating_policy(node, &mutate::compile::compile_new(policy, version))
}

/// The same for a policy that [`mutate::compile::compile_new`] has compiled.
#[must_use]
pub fn compiled_mutating_policy(node: &Node, compiled: &CompiledMutatingPolicy) -> Vec<FieldError> {
    let mut errors = Errors::default();
    metadata(&mut errors, node);
    let spec = node.get("spec").unwrap_or(&Node::Null);
    mutating::validate_policy(&mut errors, spec, compiled);
    errors.found
}

/// What the API server finds wrong with a mutating policy's binding that is created, besides its form.
#[must_use]
pub fn mutating_binding(node: &Node) -> Vec<FieldError> {
    let mut errors = Errors::default();
    metadata(&mut errors, node);
    let spec = node.get("spec").unwrap_or(&Node::Null);
    let version = text(node, "apiVersion");
    mutating::validate_binding(&mut errors, spec, version.ends_with("/v1alpha1"));
    errors.found
}

/// The line that `kubectl` prints for a refused policy or binding.
#[must_use]
pub fn summary(node: &Node, errors: &[FieldError]) -> String {
    let text = |path: &[&str]| node.at(path).and_then(Node::as_str).unwrap_or_default();
    let (kind, name) = (text(&["kind"]), text(&["metadata", "name"]));
    let errors: Vec<String> = errors.iter().map(ToString::to_string).collect();
    match errors.as_slice() {
        [] => String::new(),
        [single] => format!("The {kind} {} is invalid: {single}", go_quote(name)),
        several => {
            let lines: Vec<String> = several.iter().map(|error| format!("* {error}")).collect();
            format!(
                "The {kind} {} is invalid: \n{}",
                go_quote(name),
                lines.join("\n")
            )
        }
    }
}

fn metadata(errors: &mut Errors, node: &Node) {
    let path = Path::root().fields(&["metadata", "name"]);
    match node.at(&["metadata", "name"]).and_then(Node::as_str) {
        Some(name) if !name.is_empty() => {
            errors.names(&path, name, vapwright_kube::names::subdomain(name));
        }
        _ if node.at(&["metadata", "generateName"]).is_some() => {}
        _ => errors.required(&path, "name or generateName is required"),
    }
}

fn text<'n>(node: &'n Node, name: &str) -> &'n str {
    node.get(name).and_then(Node::as_str).unwrap_or_default()
}

fn items<'n>(node: &'n Node, name: &str) -> &'n [Node] {
    node.get(name).and_then(Node::as_list).unwrap_or_default()
}
