//! The case protocol: a case a line in, its answer a line out, as the oracle gives it.

mod mutation;

use serde_json::{Map, Value as Json, json};

use vapwright_cel::check::check;
use vapwright_cel::document::{Fields, Node};
use vapwright_cel::eval::{Limits, evaluate};
use vapwright_cel::issue::display_all;
use vapwright_cel::parse::parse;
use vapwright_cel::plan::Program;
use vapwright_cel::source::Source;
use vapwright_cel::value::protocol;
use vapwright_cel::version::KubernetesVersion;
use vapwright_kube::json::from_value;
use vapwright_kube::kinds::Gvk;

use crate::compile::{CompiledPolicy, Role, compile, environment};
use crate::decide::{Admit, AuditAction, Decided, Input, Outcome, Sees, decide};
use crate::policy::Policy;
use crate::request::{Operation, Request, Resource, Rights, User};

/// Answers a line; a line that is no case is answered with its `id`, if it has one, and an
/// `error`.
#[must_use]
pub fn answer_line(line: &str) -> String {
    let case = match serde_json::from_str::<Json>(line) {
        Ok(case) => case,
        Err(error) => return json!({ "id": "", "error": error.to_string() }).to_string(),
    };
    let answer = answer_case(&case).unwrap_or_else(|error| Answer {
        fields: Map::from_iter([("error".to_owned(), Json::String(error))]),
        value: None,
    });
    let mut fields = answer.fields;
    fields.insert("id".to_owned(), Json::String(text(&case, "id").to_owned()));
    let mut line = Json::Object(fields).to_string();
    if let Some(value) = answer.value {
        // kept as it was printed: reading it would round its numbers
        line.pop();
        line.push_str(",\"value\":");
        line.push_str(&value);
        line.push('}');
    }
    line
}

/// The fields of an answer, and the JSON of the value that it has in mode `cel`.
#[derive(Default)]
struct Answer {
    fields: Map<String, Json>,
    value: Option<String>,
}

impl Answer {
    const fn of(fields: Map<String, Json>) -> Self {
        Self {
            fields,
            value: None,
        }
    }
}

fn text<'c>(case: &'c Json, name: &str) -> &'c str {
    case.get(name).and_then(Json::as_str).unwrap_or_default()
}

fn object(case: &Json, name: &str) -> Option<Node> {
    let value = case.get(name).filter(|value| value.is_object())?;
    Some(from_value(value))
}

fn answer_case(case: &Json) -> Result<Answer, String> {
    let version: KubernetesVersion = match text(case, "version") {
        "" => KubernetesVersion::NEWEST,
        version => version.parse().map_err(|error| format!("{error}"))?,
    };
    let request = request(case)?;
    let params = object(case, "params");
    match text(case, "mode") {
        "cel" => Ok(expression(
            text(case, "expr"),
            version,
            &request,
            params.as_ref(),
        )),
        "" | "vap" => {
            let policy = object(case, "policy").unwrap_or_default();
            let compiled = compile(Policy::read(&policy).0, version);
            Ok(Answer::of(decisions(&compiled, &request, params.as_ref())))
        }
        "map" => mutation::one(case, version, request).map(Answer::of),
        "admit" => mutation::admission(case, version, request).map(Answer::of),
        other => Err(format!("there is no mode `{other}`")),
    }
}

/// The plural as the case protocol makes it where a case does not say.
fn plural(kind: &str) -> String {
    let lower = kind.to_lowercase();
    if ["ss", "x", "ch"].iter().any(|end| lower.ends_with(end)) {
        format!("{lower}es")
    } else if lower.ends_with('s') {
        lower
    } else if let Some(stem) = lower.strip_suffix('y') {
        format!("{stem}ies")
    } else {
        format!("{lower}s")
    }
}

fn request(case: &Json) -> Result<Request, String> {
    let new = object(case, "object");
    let old = object(case, "oldObject");
    let described = new.as_ref().or(old.as_ref()).cloned().unwrap_or_default();
    let field = |node: &Node, path: &[&str]| {
        let text = node.at(path).and_then(Node::as_str);
        text.unwrap_or_default().to_owned()
    };
    let kind = Gvk::new(
        &field(&described, &["apiVersion"]),
        &field(&described, &["kind"]),
    );
    let resource = match text(case, "resource") {
        "" => plural(&kind.kind),
        resource => resource.to_owned(),
    };
    let namespace_object = object(case, "namespace");
    let namespace = match &namespace_object {
        Some(namespace) => field(namespace, &["metadata", "name"]),
        None => field(&described, &["metadata", "namespace"]),
    };
    let operation = match text(case, "operation") {
        "" => Operation::Create,
        name => Operation::of(name).ok_or_else(|| format!("there is no operation `{name}`"))?,
    };
    let user = case.get("user").cloned().unwrap_or_default();
    let texts = |value: Option<&Json>| -> Vec<String> {
        let items = value.and_then(Json::as_array).into_iter().flatten();
        items
            .filter_map(|item| item.as_str().map(str::to_owned))
            .collect()
    };
    let extra = user.get("extra").and_then(Json::as_object);
    Ok(Request {
        resource: Resource::of_kind(&kind, &resource),
        kind,
        subresource: text(case, "subresource").to_owned(),
        operation,
        name: field(&described, &["metadata", "name"]),
        namespace,
        object: new,
        old_object: old,
        namespace_object,
        user: User {
            name: text(&user, "name").to_owned(),
            uid: text(&user, "uid").to_owned(),
            groups: texts(user.get("groups")),
            extra: extra
                .into_iter()
                .flatten()
                .map(|(key, values)| (key.clone(), texts(Some(values))))
                .collect(),
        },
        rights: Rights::Admin,
        dry_run: case.get("dryRun").and_then(Json::as_bool).unwrap_or(false),
        // The protocol's requests come from no handler, which would say what kind of options.
        options: Fields::new(),
        others: Vec::new(),
    })
}

/// Mode `cel`: an expression as a policy with parameters sees it, without variables.
fn expression(
    text: &str,
    version: KubernetesVersion,
    request: &Request,
    params: Option<&Node>,
) -> Answer {
    let env = environment(version, true, true);
    let source = Source::new(text);
    let mut answer = Answer::default();
    let fields = &mut answer.fields;
    let mut refused = |message: String| {
        fields.insert("compileErrors".to_owned(), json!([message]));
    };
    let parsed = parse(&source, &env);
    if !parsed.issues.is_empty() {
        refused(display_all(&parsed.issues, &source));
        return answer;
    }
    let checked = check(parsed.ast, &source, &env);
    if !checked.issues.is_empty() {
        refused(display_all(&checked.issues, &source));
        return answer;
    }
    let checked = checked.checked;
    let program = match Program::new(&checked, &source, &env) {
        Ok(program) => program,
        Err(issue) => {
            refused(format!("program: {}", issue.message));
            fields.insert("type".to_owned(), json!(checked.output.to_string()));
            return answer;
        }
    };
    fields.insert("type".to_owned(), json!(checked.output.to_string()));
    let input = Input::new(request, &request.kind, &request.resource);
    let activation = input.activation(&env, params, Sees::ALL);
    let evaluation = evaluate(&program, &activation, Limits::PER_EXPRESSION);
    fields.insert("cost".to_owned(), json!(evaluation.cost));
    match evaluation.result {
        Ok(value) => match protocol::json(&value) {
            Some(json) => answer.value = Some(json),
            None => {
                fields.insert("error".to_owned(), json!("the value is too large to print"));
            }
        },
        Err(error) => {
            fields.insert("error".to_owned(), json!(error.message()));
        }
    }
    answer
}

fn decisions(
    policy: &CompiledPolicy,
    request: &Request,
    params: Option<&Node>,
) -> Map<String, Json> {
    let mut answer = Map::new();
    let errors = compile_errors(policy);
    if !errors.is_empty() {
        answer.insert("compileErrors".to_owned(), json!(errors));
        return answer;
    }
    let input = Input::new(request, &request.kind, &request.resource);
    let decided = decide(policy, &input, params);
    answer.insert("decisions".to_owned(), decisions_json(&decided));
    if !decided.audit.is_empty() {
        answer.insert("audit".to_owned(), audit_json(&decided));
    }
    answer
}

/// In the order in which the oracle compiles them.
fn compile_errors(policy: &CompiledPolicy) -> Vec<String> {
    let roles = [
        Role::Variable,
        Role::MatchCondition,
        Role::Validation,
        Role::Audit,
        Role::Message,
    ];
    let mut errors = Vec::new();
    for role in roles {
        for (expression, failure) in policy.failures().filter(|(e, _)| e.role == role) {
            let name = match role {
                Role::Variable => {
                    let index = policy
                        .variables
                        .iter()
                        .position(|variable| variable.path == expression.path);
                    let variable = index.and_then(|index| policy.policy.variables.get(index));
                    format!(
                        "variable {}",
                        variable.map_or("", |variable| &variable.name)
                    )
                }
                Role::MatchCondition => "matchCondition".to_owned(),
                Role::Validation => "validation".to_owned(),
                Role::Message => "messageExpression".to_owned(),
                Role::Audit => "auditAnnotation".to_owned(),
                Role::JsonPatch | Role::ApplyConfiguration => "mutation".to_owned(),
            };
            errors.push(format!("{name}: {}", failure.detail));
        }
    }
    errors
}

fn decisions_json(decided: &Decided) -> Json {
    let decisions = decided.decisions.iter().map(|decision| {
        let action = match decision.admit {
            Admit::Admit => "admit",
            Admit::Deny => "deny",
        };
        let evaluation = match decision.outcome {
            Outcome::True => "admit",
            Outcome::False => "deny",
            Outcome::Error => "error",
        };
        json!({
            "Action": action,
            "Evaluation": evaluation,
            "Message": decision.message,
            "Reason": &*decision.reason,
        })
    });
    decisions.collect()
}

fn audit_json(decided: &Decided) -> Json {
    let audit = decided.audit.iter().map(|audit| {
        let action = match audit.action {
            AuditAction::Publish => "publish",
            AuditAction::Exclude => "exclude",
            AuditAction::Error => "error",
        };
        json!({
            "key": &*audit.key,
            "value": audit.value,
            "action": action,
            "error": audit.error,
        })
    });
    audit.collect()
}
