//! The spec of a policy.

use vapwright_cel::document::Node;
use vapwright_kube::names;
use vapwright_kube::path::Path;

use super::{Errors, items, resources, text};
use crate::compile::{CompiledPolicy, Expression};

/// How many match conditions and audit annotations a policy may have.
const MAX_CONDITIONS: usize = 64;
const MAX_AUDIT_ANNOTATIONS: usize = 20;
/// How long the expression of an audit annotation may be.
const MAX_AUDIT_EXPRESSION: usize = 5 * 1024;

/// Words that CEL keeps for itself.
const RESERVED: [&str; 21] = [
    "true",
    "false",
    "null",
    "in",
    "as",
    "break",
    "const",
    "continue",
    "else",
    "for",
    "function",
    "if",
    "import",
    "let",
    "loop",
    "package",
    "namespace",
    "return",
    "var",
    "void",
    "while",
];

pub(super) fn validate(errors: &mut Errors, spec: &Node, policy: &CompiledPolicy) {
    let path = Path::root().field("spec");
    failure_policy_and_params(errors, spec, &path);
    constraints(errors, spec, &path);
    conditions(
        errors,
        spec,
        &path.field("matchConditions"),
        &policy.conditions,
    );
    variables(errors, spec, &path.field("variables"), &policy.variables);
    if policy.validations.is_empty() && policy.audits.is_empty() {
        let detail = "validations or auditAnnotations must contain at least one item";
        errors.required(&path.field("validations"), detail);
        errors.required(&path.field("auditAnnotations"), detail);
        return;
    }
    validations(errors, spec, &path.field("validations"), policy);
    audits(errors, spec, &path.field("auditAnnotations"), policy);
}

pub(super) fn failure_policy_and_params(errors: &mut Errors, spec: &Node, path: &Path) {
    match text(spec, "failurePolicy") {
        "" | "Fail" | "Ignore" => {}
        other => {
            let path = path.field("failurePolicy");
            errors.not_supported(&path, other, &["Fail", "Ignore"]);
        }
    }
    if let Some(kind @ Node::Map(_)) = spec.get("paramKind") {
        param_kind(errors, kind, &path.field("paramKind"));
    }
}

pub(super) fn constraints(errors: &mut Errors, spec: &Node, path: &Path) {
    let constraints = path.field("matchConstraints");
    match spec.get("matchConstraints") {
        Some(node @ Node::Map(_)) => {
            resources::validate(errors, node, &constraints);
            if items(node, "resourceRules").is_empty() {
                errors.required(&constraints.field("resourceRules"), "");
            }
        }
        _ => errors.required(&constraints, ""),
    }
}

/// Why an expression does not compile.
pub(super) fn expression(errors: &mut Errors, expression: Option<&Expression>) {
    if let Some(expression) = expression
        && let Some(failure) = expression.failure()
    {
        let (path, detail) = (&expression.path, &failure.detail);
        if failure.is_internal() {
            errors.push(path, "InternalError", "Internal error", detail);
        } else {
            errors.invalid_text(path, expression.text(), detail);
        }
    }
}

fn param_kind(errors: &mut Errors, node: &Node, path: &Path) {
    let at = path.field("apiVersion");
    let version = text(node, "apiVersion");
    if version.is_empty() {
        errors.required(&at, "");
    } else if version.matches('/').count() > 1 {
        let detail = format!("unexpected GroupVersion string: {version}");
        errors.invalid_text(&at, version, &detail);
    } else {
        let (group, short) = version.split_once('/').unwrap_or(("", version));
        let wrong = names::subdomain(group);
        if !group.is_empty() && !wrong.is_empty() {
            errors.invalid_text(&at, group, &wrong.join(","));
        }
        if short.is_empty() {
            errors.invalid_text(&at, version, "version must be specified");
        } else {
            let wrong = dns_1035(short);
            if !wrong.is_empty() {
                errors.invalid_text(&at, short, &wrong.join(","));
            }
        }
    }
    let at = path.field("kind");
    let kind = text(node, "kind");
    if kind.is_empty() {
        errors.required(&at, "");
    } else {
        let wrong = dns_1035(&kind.to_lowercase());
        if !wrong.is_empty() {
            let detail = format!(
                "may have mixed case, but should otherwise match: {}",
                wrong.join(",")
            );
            errors.invalid_text(&at, kind, &detail);
        }
    }
}

/// What is wrong with a DNS label that must not begin with a digit.
fn dns_1035(name: &str) -> Vec<String> {
    let mut details = Vec::new();
    if name.len() > 63 {
        details.push("must be no more than 63 bytes".to_owned());
    }
    let inside = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    let fits = name.bytes().all(inside)
        && name.starts_with(|c: char| c.is_ascii_lowercase())
        && !name.ends_with('-');
    if !fits {
        details.push("a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an alphabetic character, and end with an alphanumeric character (e.g. 'my-name',  or 'abc-123', regex used for validation is '[a-z]([-a-z0-9]*[a-z0-9])?')".to_owned());
    }
    details
}

pub(super) fn conditions(
    errors: &mut Errors,
    spec: &Node,
    path: &Path,
    expressions: &[Expression],
) {
    let all = items(spec, "matchConditions");
    if all.len() > MAX_CONDITIONS {
        let head = format!("Too many: {}", all.len());
        let detail = format!("must have at most {MAX_CONDITIONS} items");
        errors.push(path, "FieldValueTooMany", &head, &detail);
    }
    let mut seen: Vec<&str> = Vec::new();
    for (index, item) in all.iter().enumerate() {
        let at = path.index(index);
        if text(item, "expression").trim().is_empty() {
            errors.required(&at.field("expression"), "");
        } else {
            expression(errors, expressions.get(index));
        }
        let name = text(item, "name");
        let at = at.field("name");
        if name.is_empty() {
            errors.required(&at, "");
            continue;
        }
        errors.names(&at, name, names::label_key(name));
        if seen.contains(&name) {
            errors.duplicate(&at, name);
        }
        seen.push(name);
    }
}

pub(super) fn variables(errors: &mut Errors, spec: &Node, path: &Path, expressions: &[Expression]) {
    for (index, item) in items(spec, "variables").iter().enumerate() {
        let at = path.index(index);
        let name = text(item, "name");
        if name.trim().is_empty() {
            errors.required(&at.field("name"), "name is not specified");
        } else if !is_identifier(name) {
            errors.invalid_text(&at.field("name"), name, "must be a valid CEL identifier");
        }
        if text(item, "expression").trim().is_empty() {
            errors.required(&at.field("expression"), "expression is not specified");
        } else {
            expression(errors, expressions.get(index));
        }
    }
}

fn is_identifier(name: &str) -> bool {
    let word = |c: char| c.is_ascii_alphanumeric() || c == '_';
    name.chars().all(word)
        && !name.starts_with(|c: char| c.is_ascii_digit())
        && !RESERVED.contains(&name)
}

fn validations(errors: &mut Errors, spec: &Node, path: &Path, policy: &CompiledPolicy) {
    for (index, item) in items(spec, "validations").iter().enumerate() {
        let at = path.index(index);
        if text(item, "expression").trim().is_empty() {
            errors.required(&at.field("expression"), "expression is not specified");
        } else {
            expression(errors, policy.validations.get(index));
        }
        let made = text(item, "messageExpression");
        if !made.is_empty() && made.trim().is_empty() {
            let at = at.field("messageExpression");
            errors.invalid_text(&at, made, "must be non-empty if specified");
        } else {
            let message = policy.messages.get(index);
            expression(errors, message.and_then(Option::as_ref));
        }
        let message = text(item, "message");
        let field = at.field("message");
        if !message.is_empty() && message.trim().is_empty() {
            errors.invalid_text(&field, message, "message must be non-empty if specified");
        } else if message.trim().contains(['\n', '\r']) {
            errors.invalid_text(&field, message, "must not contain line breaks");
        }
        if let Some(reason) = item.get("reason").and_then(Node::as_str) {
            let supported = ["Forbidden", "Invalid", "RequestEntityTooLarge"];
            if !supported.contains(&reason) {
                errors.not_supported(&at.field("reason"), reason, &supported);
            }
        }
    }
}

fn audits(errors: &mut Errors, spec: &Node, path: &Path, policy: &CompiledPolicy) {
    let all = items(spec, "auditAnnotations");
    if all.len() > MAX_AUDIT_ANNOTATIONS {
        let detail = format!("must not have more than {MAX_AUDIT_ANNOTATIONS} auditAnnotations");
        errors.invalid(path, &Node::List(all.to_vec()), &detail);
    }
    let mut seen: Vec<&str> = Vec::new();
    for (index, item) in all.iter().enumerate() {
        let at = path.index(index);
        let key = text(item, "key");
        let field = at.field("key");
        if policy.policy.name.is_empty() {
            errors.invalid_text(&field, key, "requires metadata.name be non-empty");
        } else {
            let full = format!("{}/{key}", policy.policy.name);
            errors.names(&field, &full, names::label_key(&full));
        }
        let value = text(item, "valueExpression").trim();
        let field_value = at.field("valueExpression");
        if value.is_empty() {
            errors.required(&field_value, "valueExpression is not specified");
        } else if value.len() > MAX_AUDIT_EXPRESSION {
            let detail = format!("must not exceed {MAX_AUDIT_EXPRESSION} bytes in length");
            errors.required(&field_value, &detail);
        } else {
            expression(errors, policy.audits.get(index));
        }
        if seen.contains(&key) {
            errors.duplicate(&field, key);
        }
        seen.push(key);
    }
}
