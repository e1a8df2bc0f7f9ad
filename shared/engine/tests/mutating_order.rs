//! Mutating policies among what else the API server asks of an object: its own plugins before them,
//! and again after a change; then validation, its warnings and Pod Security admission.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test fails by panicking, in its helpers too"
)]

use vapwright_engine::evaluate;
use vapwright_engine::wire::{EvaluateCall, MutationEffect, ObjectAnswer, SourceFile, Verdict};

fn file(name: &str, text: impl Into<String>) -> SourceFile {
    SourceFile {
        name: name.to_owned(),
        text: text.into(),
    }
}

/// A policy that sets a field of Pods to a CEL value.
fn setting(path: &str, value: &str) -> String {
    format!(
        r#"apiVersion: admissionregistration.k8s.io/v1
kind: MutatingAdmissionPolicy
metadata: {{name: set}}
spec:
  matchConstraints:
    resourceRules:
    - {{apiGroups: [""], apiVersions: [v1], operations: [CREATE], resources: [pods]}}
  failurePolicy: Fail
  reinvocationPolicy: Never
  mutations:
  - patchType: JSONPatch
    jsonPatch:
      expression: '[JSONPatch{{op: "add", path: "{path}", value: {value}}}]'
"#
    )
}

fn pod(spec: &str) -> String {
    format!(
        "apiVersion: v1\nkind: Pod\nmetadata: {{name: p, namespace: shop}}\nspec: {{containers: [{{name: a, image: a}}]{spec}}}\n"
    )
}

fn answer(policy: &str, object: &str, labels: &str) -> ObjectAnswer {
    let namespace =
        format!("apiVersion: v1\nkind: Namespace\nmetadata: {{name: shop, labels: {labels}}}\n");
    let answer = evaluate(&EvaluateCall {
        policies: vec![file("policy.yaml", policy)],
        objects: vec![file("pod.yaml", object)],
        namespace: Some(file("namespace.yaml", namespace)),
        ..EvaluateCall::default()
    });
    let mut objects = answer.objects;
    assert_eq!(objects.len(), 1);
    objects.remove(0)
}

const INVALID: &str = "spec.restartPolicy: Unsupported value: \"Sometimes\": supported values: \"Always\", \"OnFailure\", \"Never\"";

#[test]
fn a_changed_object_is_validated() {
    let policy = setting("/spec/restartPolicy", r#""Sometimes""#);
    let found = answer(&policy, &pod(""), "{}");
    assert_eq!(found.verdict, Verdict::Denied);
    assert_eq!(found.mutations[0].effect, MutationEffect::Changed);
    assert_eq!(found.refused.unwrap().status, 422);
    assert_eq!(
        found.kubectl,
        format!("The Pod \"p\" is invalid: {INVALID}")
    );
}

#[test]
fn an_invalid_object_that_a_policy_mends_is_created() {
    let object = pod(", restartPolicy: Sometimes");
    let never = setting("/spec/restartPolicy", r#""Never""#);
    assert_eq!(answer(&never, &object, "{}").verdict, Verdict::Allowed);
    let other = setting("/spec/hostname", r#""h""#);
    let found = answer(&other, &object, "{}");
    assert_eq!(
        found.kubectl,
        format!("The Pod \"p\" is invalid: {INVALID}")
    );
}

const FORBIDDEN: &str = "pods \"p\" is forbidden: the integer value of priority (5) must not be provided in pod spec; priority admission controller computed 0 from the given PriorityClass name";

#[test]
fn plugins_come_before_policies_and_again_after_a_change() {
    // the policy would take the field away, but is not asked
    let policy = setting("/spec/priority", "0");
    let found = answer(&policy, &pod(", priority: 5"), "{}");
    assert_eq!(found.refused.unwrap().message, FORBIDDEN);
    assert_eq!(found.mutations, Vec::new());

    let policy = setting("/spec/priority", "5");
    let found = answer(&policy, &pod(""), "{}");
    assert_eq!(found.refused.unwrap().message, FORBIDDEN);
    assert_eq!(found.mutations[0].effect, MutationEffect::Changed);
    assert_eq!(found.verdict, Verdict::Denied);
}

#[test]
fn pod_security_admission_sees_the_changed_object() {
    let labels = "{pod-security.kubernetes.io/enforce: baseline}";
    let host = setting("/spec/hostNetwork", "true");
    let found = answer(&host, &pod(""), labels);
    assert_eq!(found.verdict, Verdict::Denied);
    let error = "pods \"p\" is forbidden: violates PodSecurity \"baseline:latest\": host namespaces (hostNetwork=true)";
    assert_eq!(found.pod_security.unwrap().error, error);

    let own = setting("/spec/hostNetwork", "false");
    let found = answer(&own, &pod(", hostNetwork: true"), labels);
    assert_eq!(found.verdict, Verdict::Allowed);
    assert_eq!(found.kubectl, "pod/p created");
}

#[test]
fn the_api_server_warns_of_the_changed_object() {
    let policy = setting(
        "/spec/nodeSelector",
        r#"{"beta.kubernetes.io/os": "linux"}"#,
    );
    let found = answer(&policy, &pod(""), "{}");
    let warning = "Warning: spec.nodeSelector[beta.kubernetes.io/os]: deprecated since v1.14; use \"kubernetes.io/os\" instead";
    assert_eq!(found.kubectl, format!("{warning}\npod/p created"));
}

#[test]
fn a_changed_pod_of_a_workload_is_validated() {
    let policy = setting("/spec/restartPolicy", r#""Sometimes""#);
    let object = "apiVersion: batch/v1\nkind: Job\nmetadata: {name: j, namespace: shop}\nspec:\n  template:\n    spec: {restartPolicy: Never, containers: [{name: a, image: a}]}\n";
    let found = answer(&policy, object, "{}");
    assert_eq!(found.refused, None);
    let pod = found.pod.unwrap();
    assert_eq!(pod.refused.unwrap().status, 422);
    assert_eq!(pod.verdict, Verdict::Denied);
    assert!(found.events.contains(&format!("is invalid: {INVALID}")));
}
