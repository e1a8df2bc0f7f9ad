//! What kube-apiserver, kubectl and controllers print, to the letter.

use vapwright_cel::types::Type;
use vapwright_cel::version::KubernetesVersion;
use vapwright_kube::kinds::Gvk;

use crate::evaluate::{Row, Verdict};
use crate::mutate::dispatch::Refusal;
use crate::pod_security::Decision;
use crate::request::Request;
use crate::validate;

/// Why an expression does not compile.
#[must_use]
pub fn compilation_failed(issues: &str) -> String {
    format!("compilation failed: {issues}")
}

/// Why no program can be made of an expression.
#[must_use]
pub fn instantiation_failed(message: &str) -> String {
    format!("program instantiation failed: {message}")
}

/// An expression's type is not one that it may have.
#[must_use]
pub fn wrong_type(wanted: &[Type], found: &Type) -> String {
    let wanted: Vec<String> = wanted.iter().map(ToString::to_string).collect();
    match wanted.as_slice() {
        [wanted] => format!("must evaluate to {wanted} but got {found}"),
        _ => format!(
            "must evaluate to one of [{}] but got {found}",
            wanted.join(" ")
        ),
    }
}

/// The budget of a policy's expressions is spent.
pub const OUT_OF_BUDGET: &str =
    "validation failed due to running out of cost budget, no further validation rules will be run";

/// An expression that the cluster stores does not compile.
#[must_use]
pub fn compilation_error(detail: &str) -> String {
    format!("compilation error: {detail}")
}

/// An expression failed.
#[must_use]
pub fn evaluation_failed(expression: &str, error: &str) -> String {
    format!("expression '{expression}' resulted in error: {error}")
}

/// The budget was spent by message expressions.
#[must_use]
pub fn message_failed(error: &str) -> String {
    format!("failed messageExpression: {error}")
}

/// The message where a validation has none.
#[must_use]
pub fn failed_expression(expression: &str) -> String {
    format!("failed expression: {}", expression.trim())
}

/// An audit annotation of a type that it must not have.
#[must_use]
pub fn unsupported_annotation(expression: &str, found: &str) -> String {
    format!(
        "valueExpression '{expression}' resulted in unsupported return type: {found}. Return type must be either string or null."
    )
}

/// Several errors as Go's `errors.NewAggregate` prints them: each text once.
#[must_use]
pub fn aggregate(errors: &[String]) -> String {
    let mut texts: Vec<&str> = Vec::new();
    for error in errors {
        if !texts.contains(&&**error) {
            texts.push(error);
        }
    }
    match texts.as_slice() {
        [single] => (*single).to_owned(),
        _ => format!("[{}]", texts.join(", ")),
    }
}

/// A kind as Go prints it, the core group included: `/v1, Kind=Pod`.
#[must_use]
pub fn go_kind(kind: &Gvk) -> String {
    format!("{}/{}, Kind={}", kind.group, kind.version, kind.kind)
}

/// The type errors of an expression for a kind, in `status.typeChecking`.
#[must_use]
pub fn type_errors(kind: &Gvk, errors: &str) -> String {
    format!("{}: {errors}\n", go_kind(kind))
}

/// A text as Go's `%q` prints it.
pub(crate) fn go_quote(text: &str) -> String {
    use std::fmt::Write as _;
    let mut out = String::from('"');
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            '\x07' => out.push_str("\\a"),
            '\x08' => out.push_str("\\b"),
            '\x0c' => out.push_str("\\f"),
            '\x0b' => out.push_str("\\v"),
            c if u32::from(c) < 0x20 || c == '\x7f' => {
                let _ = write!(out, "\\x{:02x}", u32::from(c));
            }
            c if c.is_control() => {
                let _ = write!(out, "\\u{:04x}", u32::from(c));
            }
            c => out.push(c),
        }
    }
    out.push('"');
    out
}

/// Why a binding's role is not found: `role` or `clusterrole`, and its name.
#[must_use]
pub fn role_not_found(resource: &str, name: &str) -> String {
    format!(
        "{resource}.rbac.authorization.k8s.io {} not found",
        go_quote(name)
    )
}

/// Why a binding's role cannot be looked for.
#[must_use]
pub fn unsupported_role_kind(kind: &str) -> String {
    format!("unsupported role reference kind: {}", go_quote(kind))
}

/// Why the RBAC authorizer has no opinion.
#[must_use]
pub fn rbac(errors: &str) -> String {
    format!("RBAC: {errors}")
}

/// Why the RBAC authorizer allows something: a binding of a role to a subject.
#[must_use]
pub fn rbac_allowed(binding: &str, role: &str, subject: &str) -> String {
    rbac(&format!("allowed by {binding} of {role} to {subject}"))
}

/// A policy's denial.
#[must_use]
pub fn denial(policy: &str, binding: &str, message: &str) -> String {
    if binding.is_empty() {
        return format!("ValidatingAdmissionPolicy '{policy}' denied request: {message}");
    }
    format!(
        "ValidatingAdmissionPolicy '{policy}' with binding '{binding}' denied request: {message}"
    )
}

/// A mutating policy's denial.
#[must_use]
pub fn mutation_denial(policy: &str, binding: Option<&str>, message: &str) -> String {
    match binding {
        Some(binding) => {
            format!("policy '{policy}' with binding '{binding}' denied request: {message}")
        }
        None => format!("policy {} denied request: {message}", go_quote(policy)),
    }
}

/// A match condition stands in the way.
#[must_use]
pub fn condition_unmet(name: &str) -> String {
    if name.is_empty() {
        "the match conditions cost too much".to_owned()
    } else {
        format!("match condition `{name}` is not true")
    }
}

/// A mutation's value is neither a JSON patch nor an apply configuration, which the checker sees to.
#[must_use]
pub fn not_a_patch(found: &str) -> String {
    format!("unsupported return type from ApplyConfiguration expression: {found}")
}

/// A value has no JSON.
#[must_use]
pub fn no_json(why: &str) -> String {
    format!("JSONPath valueExpression evaluated to a type that could not marshal to JSON: {why}")
}

/// A JSON patch cannot be applied.
#[must_use]
pub fn json_patch_failed(why: &str) -> String {
    format!("JSON Patch: {why}")
}

/// An apply configuration cannot be applied.
#[must_use]
pub fn apply_failed(why: &str) -> String {
    format!("error applying patch: {why}")
}

/// The names of the types of an object are not right.
#[must_use]
pub fn type_mismatch(errors: &str) -> String {
    format!("type mismatch: {errors}")
}

/// The name of a type is not the path of the field that the object stands in.
#[must_use]
pub fn wrong_type_name(found: &str, wanted: &str) -> String {
    format!(
        "unexpected type name {}, expected {}, which matches field name path from root Object type",
        go_quote(found),
        go_quote(wanted)
    )
}

/// An apply configuration that Go has no map for.
pub const INVALID_RETURN_TYPE: &str = "invalid return type: *dynamic.ObjectVal";

/// A mutation without an expression of its type.
#[must_use]
pub fn evaluators_missing(policy: &str, wanted: usize, found: usize) -> String {
    format!("expected {wanted} compiled evaluators for policy {policy}, got {found}")
}

/// The API server's own failure.
#[must_use]
pub fn internal_error(why: &str) -> String {
    format!("Internal error occurred: {why}")
}

/// What the API server says where it panics.
pub const PANIC: &str = "This request caused apiserver to panic. Look in the logs for details.";

/// A policy's warning.
#[must_use]
pub fn warning(policy: &str, binding: &str, message: &str) -> String {
    format!(
        "Validation failed for ValidatingAdmissionPolicy '{policy}' with binding '{binding}': {message}"
    )
}

/// A policy whose configuration is wrong.
#[must_use]
pub fn policy_not_configured(error: &str) -> String {
    format!("failed to configure policy: {error}")
}

/// A binding whose configuration is wrong.
#[must_use]
pub fn binding_not_configured(error: &str) -> String {
    format!("failed to configure binding: {error}")
}

/// A policy has no match constraints.
pub const NO_CONSTRAINTS: &str = "policy contained no match constraints, a required field";

/// No parameter was found, and the binding denies then.
pub const NO_PARAMS: &str =
    "no params found for policy binding with `Deny` parameterNotFoundAction";

/// There is no kind that a policy's parameters could be of.
#[must_use]
pub fn unknown_param_kind(kind: &Gvk) -> String {
    format!(
        "failed to find resource referenced by paramKind: '{}'",
        go_kind(kind)
    )
}

/// A binding names parameters in two ways.
pub const PARAM_NAME_AND_SELECTOR: &str =
    "paramRef.name and paramRef.selector are mutually exclusive";

/// A binding does not say which parameters.
pub const NO_PARAM_NAME: &str = "one of name or selector must be provided";

/// No parameter was found, and the binding allows that.
pub const NO_PARAMS_ALLOWED: &str =
    "there are no parameters, and the binding lets the request pass then";

/// Parameters of a namespace for an object of the cluster.
pub const PARAMS_WITHOUT_NAMESPACE: &str =
    "cannot use namespaced paramRef in policy binding that matches cluster-scoped resources";

/// A namespace for parameters of the cluster.
pub const NAMESPACE_OF_CLUSTER_PARAMS: &str =
    "paramRef.namespace must not be provided for a cluster-scoped `paramKind`";

/// The group and resource of a request: `pods`, `deployments.apps`.
#[must_use]
pub fn group_resource(request: &Request) -> String {
    let resource = &request.resource;
    if resource.group.is_empty() {
        resource.resource.clone()
    } else {
        format!("{}.{}", resource.resource, resource.group)
    }
}

/// The API server's error for a denial: `pods "x" is forbidden: ...`.
#[must_use]
pub fn forbidden(request: &Request, denial: &str) -> String {
    let name = object_name(request);
    format!(
        "{} \"{name}\" is forbidden: {denial}",
        group_resource(request)
    )
}

/// The API server's error for fields that it does not take: `Namespace "x" is invalid: ...`.
#[must_use]
pub fn invalid(request: &Request, errors: &[String]) -> String {
    let Gvk { group, kind, .. } = &request.kind;
    let dot = if group.is_empty() { "" } else { "." };
    let name = object_name(request);
    format!(
        "{kind}{dot}{group} \"{name}\" is invalid: {}",
        aggregate(errors)
    )
}

/// The object's name as errors give it.
fn object_name(request: &Request) -> String {
    if !request.name.is_empty() {
        return request.name.clone();
    }
    let field = |name| {
        let object = request.object.as_ref()?;
        let text = object.at(&["metadata", name])?.as_str()?;
        (!text.is_empty()).then(|| text.to_owned())
    };
    field("name")
        .or_else(|| field("generateName"))
        .unwrap_or_else(|| "Unknown".to_owned())
}

/// What `kubectl` prints for a denial with a reason, given the file it read. A denial whose
/// reason is `Invalid` is printed as if it were about a field of no name.
#[must_use]
pub fn kubectl_denied(request: &Request, reason: &str, denial: &str, file: &str) -> String {
    if matches!(reason, "" | "Invalid") {
        let resource = &request.resource.resource;
        let name = object_name(request);
        return format!("The {resource} \"{name}\" is invalid: : {denial}");
    }
    let verb = match request.operation.name() {
        "UPDATE" => "applying patch to",
        "DELETE" => "deleting",
        _ => "creating",
    };
    let source = match file {
        "" | "-" => "STDIN",
        file => file,
    };
    format!(
        "Error from server ({reason}): error when {verb} {source:?}: {}",
        forbidden(request, denial)
    )
}

/// What `kubectl` prints where mutating policies refuse, given the file it read.
#[must_use]
pub fn kubectl_refused(request: &Request, refusal: &Refusal, file: &str) -> String {
    let resource = &request.resource.resource;
    if refusal.reason == "Invalid" {
        let mut causes: Vec<String> = Vec::new();
        for cause in &refusal.causes {
            let cause = format!(": {cause}");
            if !causes.contains(&cause) {
                causes.push(cause);
            }
        }
        let head = format!("The {resource} \"{}\" is invalid: ", object_name(request));
        return match causes.as_slice() {
            [single] => head + single,
            several => several
                .iter()
                .fold(head, |text, cause| text + "\n* " + cause),
        };
    }
    let (verb, http) = match request.operation.name() {
        "UPDATE" => ("applying patch to", "patch"),
        _ => ("creating", "post"),
    };
    let source = match file {
        "" | "-" => "STDIN",
        file => file,
    };
    let (reason, message) = match refusal.panic {
        Some(_) => (
            "InternalError",
            format!(
                "an error on the server ({}) has prevented the request from succeeding ({http} {})",
                go_quote(PANIC),
                group_resource(request)
            ),
        ),
        None => (refusal.reason, refusal.message.clone()),
    };
    format!("Error from server ({reason}): error when {verb} {source:?}: {message}")
}

/// What `kubectl` prints for a warning.
#[must_use]
pub fn kubectl_warning(warning: &str) -> String {
    format!("Warning: {warning}")
}

/// What `kubectl` prints for an object that was accepted: `deployment.apps/echo created`.
#[must_use]
pub fn kubectl_accepted(request: &Request) -> String {
    let kind = request.kind.kind.to_lowercase();
    let group = &request.kind.group;
    let dot = if group.is_empty() { "" } else { "." };
    let done = match request.operation.name() {
        "UPDATE" => "configured",
        "DELETE" => "deleted",
        _ => "created",
    };
    let dry = if request.dry_run {
        " (server dry run)"
    } else {
        ""
    };
    let name = object_name(request);
    format!("{kind}{dot}{group}/{name} {done}{dry}")
}

/// What a controller's event says where its Pod was refused.
#[must_use]
pub fn not_created(error: &str) -> String {
    format!("Error creating: {error}")
}

/// What a StatefulSet's event says where its Pod was refused: with a capital from 1.35 on.
#[must_use]
pub fn ordinal_not_created(
    version: KubernetesVersion,
    pod: &str,
    set: &str,
    error: &str,
) -> String {
    let create = if version >= KubernetesVersion::new(35) {
        "Create"
    } else {
        "create"
    };
    format!("{create} Pod {pod} in StatefulSet {set} failed error: {error}")
}

/// Events of one object as `kubectl get events` prints them, with its heading; empty where there
/// is none.
#[must_use]
pub fn events(reason: &str, object: &str, messages: &[String]) -> String {
    if messages.is_empty() {
        return String::new();
    }
    let reason_width = reason.len().max("REASON".len()) + 3;
    let width = object.len().max("OBJECT".len()) + 3;
    let mut out = format!(
        "LAST SEEN   TYPE      {:reason_width$}{:width$}MESSAGE",
        "REASON", "OBJECT"
    );
    for message in messages {
        out.push_str(&format!(
            "\n0s          Warning   {reason:reason_width$}{object:width$}{message}"
        ));
    }
    out
}

/// So many characters of warnings are sent with a response; where they are more, each is cut.
const WARNINGS: usize = 4 * 1024;
/// To this length.
const WARNING: usize = 256;

/// The warnings of a response that reach the client, of those that were given: each once, none with
/// control characters, and cut where they are long together (the API server's recorder of
/// `k8s.io/apiserver/pkg/endpoints/filters`).
#[must_use]
pub fn sent_warnings<'t>(given: impl IntoIterator<Item = &'t str>) -> Vec<String> {
    let mut ordered: Vec<&str> = Vec::new();
    let mut sent = Vec::new();
    let mut written = 0;
    let mut cutting = false;
    for text in given {
        if text.is_empty() || (cutting && written >= WARNINGS) || ordered.contains(&text) {
            continue;
        }
        ordered.push(text);
        let fits = text.contains(char::is_control) || written + text.chars().count() <= WARNINGS;
        let mut again = std::slice::from_ref(&text);
        if !cutting && !fits {
            cutting = true;
            written = 0;
            sent.clear();
            again = &ordered;
        }
        for text in again.iter().filter(|text| !text.contains(char::is_control)) {
            let most = if cutting { WARNING } else { WARNINGS };
            let text: String = text.chars().take(most).collect();
            written += text.chars().count();
            sent.push(text);
        }
    }
    sent
}

/// What `kubectl` prints for a request: the warnings, the API server's own first, then each denial,
/// or that it was accepted. A real server reports one denial only, Pod Security admission's before a
/// policy's; these are all.
#[must_use]
pub fn kubectl(
    request: &Request,
    own: &[String],
    pod_security: Option<&Decision>,
    rows: &[Row],
    file: &str,
) -> String {
    let warned = rows.iter().filter(|row| row.verdict == Verdict::Warned);
    let beside = pod_security.into_iter().flat_map(|found| &found.warnings);
    let given = own.iter().chain(beside).map(String::as_str);
    let mut lines: Vec<String> = Vec::new();
    for text in sent_warnings(given.chain(warned.map(|row| row.text.as_str()))) {
        let line = kubectl_warning(&text);
        if !lines.contains(&line) {
            lines.push(line);
        }
    }
    let mut denied = Vec::new();
    if let Some(found) = pod_security {
        if let (false, Some(object)) = (found.invalid.is_empty(), &request.object) {
            denied.push(validate::summary(object, &found.invalid));
        }
        let denial = found.denial.as_deref();
        denied.extend(denial.map(|denial| kubectl_denied(request, "Forbidden", denial, file)));
    }
    for row in rows.iter().filter(|row| row.verdict == Verdict::Denied) {
        let line = kubectl_denied(request, &row.reason, &row.text, file);
        // what is wrong with a policy is said once, however many bindings it has
        if !denied.contains(&line) {
            denied.push(line);
        }
    }
    if denied.is_empty() {
        lines.push(kubectl_accepted(request));
    }
    lines.extend(denied);
    lines.join("\n")
}
