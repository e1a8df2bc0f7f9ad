//! Mutating policies, and the parameters of both sorts of policies, before validation.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test fails by panicking, in its helpers too"
)]

use serde_json::{Map, Value, json};
use vapwright_engine::evaluate;
use vapwright_engine::wire::{
    EvaluateAnswer, EvaluateCall, MutationEffect, ObjectAnswer, ServerSettings, SourceFile, Verdict,
};
use vapwright_kube::admit::{Settings, admit};
use vapwright_kube::json::{from_value, to_value};

/// What a control plane of Kubernetes 1.36.2 answered, asked as a cluster administrator, dry run: the
/// policies and parameters that it had, the object that was sent, and the object or the refusal that
/// came back, without what differs each time.
const RECORDS: &str = include_str!("data/mutating-live.jsonl");

const NAMESPACE: &str =
    "apiVersion: v1\nkind: Namespace\nmetadata:\n  name: shop\n  labels: {team: a}\n";

fn file(name: &str, text: impl Into<String>) -> SourceFile {
    SourceFile {
        name: name.to_owned(),
        text: text.into(),
    }
}

fn list(items: Option<&Value>) -> SourceFile {
    let list = json!({"apiVersion": "v1", "kind": "List", "items": items.unwrap_or(&json!([]))});
    file("list.json", list.to_string())
}

fn only(answer: EvaluateAnswer) -> ObjectAnswer {
    let mut objects = answer.objects;
    assert_eq!(objects.len(), 1);
    objects.remove(0)
}

fn text<'j>(json: &'j Value, name: &str) -> &'j str {
    json[name].as_str().unwrap_or_default()
}

/// What is wrong with the answer to a record; nothing if it is the server's.
fn difference(record: &Value) -> Option<String> {
    let object = &record["object"];
    let answer = only(evaluate(&EvaluateCall {
        policies: vec![list(record.get("policies"))],
        params: vec![list(record.get("params"))],
        objects: vec![file("object.json", object.to_string())],
        namespace: Some(file("namespace.yaml", NAMESPACE)),
        // the server that was recorded had no such plugin
        server: ServerSettings {
            service_account: false,
            ..ServerSettings::default()
        },
        ..EvaluateCall::default()
    }));
    if let Some(admitted) = record.get("admitted") {
        if answer.verdict == Verdict::Denied {
            return Some(answer.kubectl);
        }
        let unchanged = || to_value(&admit(&from_value(object), &Settings::default()).node);
        let ours = answer.patched.unwrap_or_else(unchanged);
        return (ours != *admitted).then(|| ours.to_string());
    }
    let denied = answer
        .rows
        .iter()
        .find(|row| row.verdict == Verdict::Denied);
    let Some(row) = denied else {
        return Some(format!("{:?}", answer.verdict));
    };
    let message = text(record, "message");
    let whole = message.ends_with(&row.text) && row.reason == text(record, "reason");
    // kubectl prints the causes of what is invalid, and the message of anything else
    let causes = record.get("causes").and_then(Value::as_array);
    let printed = match causes {
        Some(causes) if text(record, "reason") == "Invalid" => text(&causes[0], "message"),
        _ => message,
    };
    (!whole || !answer.kubectl.contains(printed))
        .then(|| format!("{} {}\n{}", row.reason, row.text, answer.kubectl))
}

#[test]
fn an_object_becomes_what_the_api_server_makes_of_it() {
    let records: Vec<Value> = RECORDS
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    assert_eq!(records.len(), 23);
    let different: Vec<String> = records
        .iter()
        .filter_map(|record| {
            let found = difference(record)?;
            let wanted = record.get("admitted").unwrap_or(&record["message"]);
            let name = text(record, "name");
            Some(format!("{name}\n  found    {found}\n  expected {wanted}"))
        })
        .collect();
    assert!(different.is_empty(), "{}", different.join("\n"));
}

const LABEL: &str = r#"
apiVersion: admissionregistration.k8s.io/v1
kind: MutatingAdmissionPolicy
metadata: {name: label}
spec:
  matchConstraints:
    resourceRules:
    - {apiGroups: [""], apiVersions: [v1], operations: [CREATE], resources: [pods]}
  failurePolicy: Fail
  reinvocationPolicy: Never
  mutations:
  - patchType: JSONPatch
    jsonPatch:
      expression: '[JSONPatch{op: "add", path: "/metadata/labels/team", value: "a"}]'
"#;

const TEAM: &str = r#"
apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingAdmissionPolicy
metadata: {name: team}
spec:
  matchConstraints:
    resourceRules:
    - {apiGroups: [""], apiVersions: [v1], operations: [CREATE], resources: [pods]}
  validations:
  - expression: "object.metadata.?labels.?team.orValue('') == 'a'"
"#;

fn deployment(labels: &str) -> String {
    format!(
        "apiVersion: apps/v1\nkind: Deployment\nmetadata: {{name: web}}\nspec:\n  selector: {{matchLabels: {{app: web}}}}\n  template:\n    metadata: {{labels: {labels}}}\n    spec: {{containers: [{{name: a, image: a}}]}}\n"
    )
}

fn call(policies: &[&str], object: &str) -> EvaluateCall {
    EvaluateCall {
        policies: policies
            .iter()
            .map(|text| file("policies.yaml", *text))
            .collect(),
        objects: vec![file("object.yaml", object)],
        ..EvaluateCall::default()
    }
}

#[test]
fn the_pods_of_a_workload_are_changed_too() {
    let object = deployment("{app: web}");
    let without = only(evaluate(&call(&[TEAM], &object)));
    assert_eq!(without.pod.unwrap().verdict, Verdict::Denied);

    let with = only(evaluate(&call(&[TEAM, LABEL], &object)));
    assert!(
        with.mutations
            .iter()
            .all(|row| row.effect == MutationEffect::NotMatched)
    );
    assert_eq!(with.patched, None);
    let pod = with.pod.unwrap();
    assert_eq!(pod.verdict, Verdict::Allowed);
    let row = &pod.mutations[0];
    assert_eq!(
        (row.effect, row.policy.as_str()),
        (MutationEffect::Changed, "label")
    );
    let patch = json!([{"op": "add", "path": "/metadata/labels/team", "value": "a"}]);
    assert_eq!(Value::Array(row.patch.clone()), patch);
}

/// The API server answers the ReplicaSet's controller 403, with the text of the policy's error.
#[test]
fn a_mutation_that_fails_refuses_the_pods_of_a_workload() {
    let broken = LABEL.replace("\"add\"", "\"remove\"");
    let answer = only(evaluate(&call(&[TEAM, &broken], &deployment("{app: web}"))));
    let pod = answer.pod.unwrap();
    assert_eq!(pod.verdict, Verdict::Denied);
    assert_eq!(pod.mutations[0].effect, MutationEffect::Denied);
    // the validating policies are not asked
    let policies: Vec<&str> = pod.rows.iter().map(|row| row.policy.as_str()).collect();
    assert_eq!(policies, ["label"]);
    let text = "policy 'label' with binding 'label' denied request: JSON Patch: error in remove for path: '/metadata/labels/team': Unable to remove nonexistent key: team: missing value";
    assert!(answer.events.contains(text), "{}", answer.events);
}

#[test]
fn a_policy_is_applied_in_the_versions_that_serve_it() {
    let pod = "apiVersion: v1\nkind: Pod\nmetadata: {name: p, labels: {app: web}}\nspec: {containers: [{name: a, image: a}]}\n";
    for (api, since) in [("v1alpha1", 32), ("v1beta1", 34), ("v1", 36)] {
        let group = format!("admissionregistration.k8s.io/{api}");
        let policy = LABEL.replace("admissionregistration.k8s.io/v1", &group);
        for minor in 30..=36 {
            let answer = evaluate(&EvaluateCall {
                kubernetes: Some(format!("1.{minor}")),
                ..call(&[&policy], pod)
            });
            let applied = minor >= since;
            let said = answer
                .diagnostics
                .iter()
                .any(|one| one.code == "unknown-kind");
            assert_eq!(said, !applied, "{api} 1.{minor} {:?}", answer.diagnostics);
            assert_eq!(only(answer).patched.is_some(), applied, "{api} 1.{minor}");
        }
    }
}

/// The words are the oracle's.
#[test]
fn what_the_api_server_refuses_of_a_policy_is_said_at_its_place() {
    let policy = LABEL.replace("op: \"add\"", "ops: \"add\"");
    let answer = evaluate(&call(&[&policy], &deployment("{app: web}")));
    let messages: Map<String, Value> = answer
        .diagnostics
        .iter()
        .map(|one| {
            let place = one.place.as_ref().unwrap();
            let at = format!("{}:{}", place.path, place.start.line);
            (at, json!([one.code, one.message]))
        })
        .collect();
    let expected = json!({
        "spec.mutations[0].jsonPatch.expression:14": [
            "cel-check",
            "expected type of field 'ops' is '' but provided type is 'string'",
        ],
    });
    assert_eq!(Value::Object(messages), expected);
}

/// A policy that is converted with others is handed on as it is.
#[test]
fn mutating_policies_are_passed_through() {
    let binding = "apiVersion: admissionregistration.k8s.io/v1\nkind: MutatingAdmissionPolicyBinding\nmetadata: {name: label}\nspec: {policyName: label}\n";
    let answer = vapwright_engine::convert(&vapwright_engine::wire::ConvertCall {
        sources: vec![file("policy.yaml", format!("{LABEL}---\n{binding}"))],
        ..Default::default()
    });
    assert_eq!(answer.diagnostics, Vec::new());
    assert!(
        answer.yaml.contains("kind: MutatingAdmissionPolicy\n"),
        "{}",
        answer.yaml
    );
    assert!(
        answer
            .yaml
            .contains("kind: MutatingAdmissionPolicyBinding\n")
    );
    assert_eq!(answer.policies.len(), 1);
}
