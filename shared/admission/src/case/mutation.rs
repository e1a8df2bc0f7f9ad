//! Modes `map` and `admit`: mutating policies, alone or before validating ones.

use serde_json::{Map, Value as Json, json};

use vapwright_cel::document::Node;
use vapwright_cel::version::KubernetesVersion;
use vapwright_kube::admit::patched::round_trip;
use vapwright_kube::json::{from_value, to_value};

use super::object;
use crate::compile::{self, Role};
use crate::evaluate::{Row, Verdict, evaluate};
use crate::mutate::compile::{CompiledMutatingPolicy, compile};
use crate::mutate::dispatch::{Cluster, Hook, Refusal, mutate};
use crate::mutate::policy::{MutatingBinding, MutatingPolicy};
use crate::policy::{Binding, MatchResources, ParamRef, Policy, ResourceRule};
use crate::request::Request;
use crate::wording;

type Fields = Map<String, Json>;

/// Mode `map`: one mutating policy, whatever it matches, with one binding.
pub(super) fn one(
    case: &Json,
    version: KubernetesVersion,
    mut request: Request,
) -> Result<Fields, String> {
    let node = object(case, "policy").unwrap_or_default();
    let mut policy = MutatingPolicy::read(&node).0;
    policy.constraints = Some(everything());
    let mut binding = MutatingBinding::everywhere(&policy);
    let mut objects = objects(case);
    if let Some(params) = object(case, "params").filter(|_| policy.param_kind.is_some()) {
        let text = |name| {
            let text = params.at(&["metadata", name]).and_then(Node::as_str);
            text.unwrap_or_default()
        };
        binding.param_ref = Some(ParamRef {
            name: text("name").into(),
            namespace: Some(text("namespace").into()),
            selector: None,
            deny_if_missing: true,
        });
        objects.push(round_trip(&params));
    }
    let policy = compile(policy, version);
    let errors = compile_errors(&policy);
    if !errors.is_empty() {
        return Ok(Fields::from_iter([(
            "compileErrors".to_owned(),
            json!(errors),
        )]));
    }
    let hook = Hook {
        policy: &policy,
        bindings: &[binding],
    };
    settle(&mut request);
    Ok(admitted(&[hook], &[], &mut request, &objects))
}

/// Mode `admit`: policies of both kinds and their bindings.
pub(super) fn admission(
    case: &Json,
    version: KubernetesVersion,
    mut request: Request,
) -> Result<Fields, String> {
    let mut mutating = Vec::new();
    let mut mutating_bindings = Vec::new();
    let mut validating = Vec::new();
    let mut validating_bindings = Vec::new();
    for document in case
        .get("policies")
        .and_then(Json::as_array)
        .into_iter()
        .flatten()
    {
        let node = from_value(document);
        match node.get("kind").and_then(Node::as_str).unwrap_or_default() {
            "MutatingAdmissionPolicy" => {
                mutating.push(compile(MutatingPolicy::read(&node).0, version));
            }
            "MutatingAdmissionPolicyBinding" => {
                mutating_bindings.push(MutatingBinding::read(&node).0);
            }
            "ValidatingAdmissionPolicy" => {
                validating.push(compile::compile(Policy::read(&node).0, version));
            }
            "ValidatingAdmissionPolicyBinding" => {
                validating_bindings.push(Binding::read(&node).0);
            }
            other => return Err(format!("no policy: {other}")),
        }
    }
    let bound: Vec<(CompiledMutatingPolicy, Vec<MutatingBinding>)> = mutating
        .into_iter()
        .map(|policy| {
            let bindings = mutating_bindings.iter();
            let bindings = bindings.filter(|binding| binding.policy_name == policy.policy.name);
            let bindings = bindings.cloned().collect();
            (policy, bindings)
        })
        .collect();
    let hooks: Vec<Hook<'_>> = bound
        .iter()
        .filter(|(_, bindings)| !bindings.is_empty())
        .map(|(policy, bindings)| Hook { policy, bindings })
        .collect();
    validating.sort_by_key(|policy| policy.policy.name.clone());
    validating_bindings.sort_by_key(|binding| binding.name.clone());
    let mut pairs = Vec::new();
    for policy in &validating {
        for binding in &validating_bindings {
            if binding.policy_name == policy.policy.name {
                pairs.push((policy, binding));
            }
        }
    }
    settle(&mut request);
    Ok(admitted(&hooks, &pairs, &mut request, &objects(case)))
}

/// The objects of a case as a server stores them, without defaults.
fn objects(case: &Json) -> Vec<Node> {
    let objects = case.get("objects").and_then(Json::as_array);
    let objects = objects.into_iter().flatten();
    objects
        .map(|object| round_trip(&from_value(object)))
        .collect()
}

/// Objects of built-in kinds as their types hold them, and a namespace that is there.
fn settle(request: &mut Request) {
    request.object = request.object.as_ref().map(round_trip);
    request.old_object = request.old_object.as_ref().map(round_trip);
    if request.namespace_object.is_none() && !request.namespace.is_empty() {
        let name = [("name", Node::string(request.namespace.as_str()))];
        request.namespace_object = Some(Node::map([("metadata", Node::map(name))]));
    }
}

fn everything() -> MatchResources {
    let all = || vec!["*".into()];
    MatchResources {
        rules: vec![ResourceRule {
            operations: all(),
            groups: all(),
            versions: all(),
            resources: vec!["*/*".into()],
            scope: "*".into(),
            ..ResourceRule::default()
        }],
        equivalent: true,
        ..MatchResources::default()
    }
}

/// In the order in which the oracle compiles them.
fn compile_errors(policy: &CompiledMutatingPolicy) -> Vec<String> {
    let named = |path: &vapwright_kube::path::Path| {
        let index = policy.variables.iter().position(|v| v.path == *path);
        let variable = index.and_then(|index| policy.policy.variables.get(index));
        variable
            .map(|variable| variable.name.to_string())
            .unwrap_or_default()
    };
    policy
        .failures()
        .map(|(expression, failure)| {
            let what = match expression.role {
                Role::Variable => format!("variable {}", named(&expression.path)),
                Role::MatchCondition => "matchCondition".to_owned(),
                _ => "mutation".to_owned(),
            };
            format!("{what}: {}", failure.detail)
        })
        .collect()
}

fn admitted(
    hooks: &[Hook<'_>],
    validating: &[(&compile::CompiledPolicy, &Binding)],
    request: &mut Request,
    objects: &[Node],
) -> Fields {
    let cluster = Cluster {
        objects,
        settings: None,
    };
    let mut answer = Fields::new();
    let mutated = mutate(hooks, request, cluster);
    if let Some(Refusal {
        panic: Some(text), ..
    }) = mutated.refusal
    {
        answer.insert("panic".to_owned(), json!(text));
        return answer;
    }
    let mut status = mutated.refusal.map(|refusal| {
        json!({
            "code": refusal.code,
            "reason": refusal.reason,
            "message": refusal.message,
            "causes": refusal.causes,
        })
    });
    if status.is_none() {
        let rows = validating
            .iter()
            .flat_map(|(policy, binding)| evaluate(policy, binding, request, objects));
        let rows: Vec<Row> = rows.collect();
        let warned = rows.iter().filter(|row| row.verdict == Verdict::Warned);
        let warnings: Vec<&str> = warned.map(|row| row.text.as_str()).collect();
        if !warnings.is_empty() {
            answer.insert("warnings".to_owned(), json!(warnings));
        }
        let denied = rows.iter().find(|row| row.verdict == Verdict::Denied);
        status = denied.map(|row| {
            let code = match row.reason.as_str() {
                "Forbidden" => 403,
                "Unauthorized" => 401,
                "RequestEntityTooLarge" => 413,
                _ => 422,
            };
            json!({
                "code": code,
                "reason": row.reason,
                "message": wording::forbidden(request, &row.text),
                "causes": [row.text],
            })
        });
    }
    match (status, &request.object) {
        (Some(status), _) => {
            answer.insert("status".to_owned(), status);
        }
        (None, Some(object)) => {
            answer.insert("patched".to_owned(), to_value(object));
        }
        (None, None) => {}
    }
    answer
}
