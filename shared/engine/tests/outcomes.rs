//! The outcomes side by side are what each way to enforce policies says by itself.

#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

use std::io::Read as _;
use std::path::PathBuf;

use flate2::read::GzDecoder;
use serde_json::{Value, json};
use vapwright_engine::evaluate;
use vapwright_engine::wire::{
    AdmissionOutcome, Enforcer, EvaluateCall, ObjectAnswer, SourceFile, Verdict,
};

fn file(name: &str, content: &Value) -> SourceFile {
    SourceFile {
        name: name.to_owned(),
        text: content.to_string(),
    }
}

fn answer(policies: &[Value], object: &Value, profile: &str) -> ObjectAnswer {
    let labels = json!({ "policy.vapwright.dev/profile": profile });
    let namespace = json!({
        "apiVersion": "v1", "kind": "Namespace", "metadata": { "name": "team", "labels": labels },
    });
    let policies = policies.iter().enumerate();
    let answer = evaluate(&EvaluateCall {
        policies: policies
            .map(|(index, policy)| file(&format!("{index}.json"), policy))
            .collect(),
        objects: vec![file("object.json", object)],
        namespace: Some(file("namespace.json", &namespace)),
        show_outcomes: true,
        ..EvaluateCall::default()
    });
    answer.objects[0].clone()
}

fn by(outcomes: &[AdmissionOutcome], by: Enforcer) -> Option<&AdmissionOutcome> {
    outcomes.iter().find(|outcome| outcome.by == by)
}

/// Kyverno's own answers to the golden cases, through a whole call.
#[test]
fn kyverno_blocks_as_kyverno_does() {
    let golden = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../../tests/kyverno/golden.jsonl"
    );
    let mut blocked = 0;
    for line in std::fs::read_to_string(golden).unwrap().lines() {
        let case: Value = serde_json::from_str(line).unwrap();
        let id = case["id"].as_str().unwrap();
        // the whole call has no labels and users of these
        if !id.ends_with(", enforced") {
            continue;
        }
        let expected = &case["expected"]["validate.kyverno.svc-fail"]["message"];
        let answer = answer(
            case["policies"].as_array().unwrap(),
            &case["object"],
            "baseline",
        );
        // what the API server itself refuses never comes to a webhook
        if answer.refused.is_some() {
            continue;
        }
        let outcomes = answer.outcomes;
        let kyverno = by(&outcomes, Enforcer::Kyverno).unwrap();
        match expected.as_str() {
            Some(message) => {
                blocked += 1;
                assert_eq!(kyverno.errors, [message], "{id}");
                assert_eq!(kyverno.verdict, Verdict::Denied, "{id}");
                assert_eq!(kyverno.pod, None, "{id}");
            }
            None => assert_eq!(kyverno.errors, Vec::<String>::new(), "{id}"),
        }
    }
    assert!(blocked > 10, "{blocked}");
}

/// Where admission policies let a Deployment pass and refuse its Pods, those that fail fast warn of it
/// too, and Kyverno refuses it.
#[test]
fn a_deployment_is_told_four_things() {
    let policy = include_str!("../../../policies/baseline/disallow-host-path/policy.yaml");
    let object = json!({
        "apiVersion": "apps/v1", "kind": "Deployment", "metadata": { "name": "d" },
        "spec": {
            "selector": { "matchLabels": { "app": "d" } },
            "template": {
                "metadata": { "labels": { "app": "d" } },
                "spec": {
                    "containers": [{ "name": "c", "image": "i" }],
                    "volumes": [{ "name": "v", "hostPath": { "path": "/" } }],
                },
            },
        },
    });
    let namespace = "{metadata: {labels: {policy.vapwright.dev/profile: baseline}}, apiVersion: v1, kind: Namespace}";
    let text = |name: &str, text: &str| SourceFile {
        name: name.to_owned(),
        text: text.to_owned(),
    };
    let answer = evaluate(&EvaluateCall {
        policies: vec![text("policy.yaml", policy)],
        objects: vec![file("object.json", &object)],
        namespace: Some(text("namespace.yaml", namespace)),
        show_outcomes: true,
        ..EvaluateCall::default()
    });
    let outcomes = &answer.objects[0].outcomes;
    let verdicts: Vec<(Verdict, Option<Verdict>)> = outcomes
        .iter()
        .map(|outcome| (outcome.verdict, outcome.pod.as_ref().map(|pod| pod.verdict)))
        .collect();
    assert_eq!(
        verdicts,
        [
            (Verdict::Warned, Some(Verdict::Denied)),
            (Verdict::NotMatched, Some(Verdict::Denied)),
            (Verdict::Warned, Some(Verdict::Denied)),
            (Verdict::Denied, None),
        ]
    );
    let message = "HostPath volumes are not allowed: no volume in spec.volumes may have hostPath.";
    assert_eq!(
        outcomes[2].warnings,
        [format!(
            "Validation failed for ValidatingAdmissionPolicy 'autogen-disallow-host-path' with binding 'autogen-disallow-host-path': {message}"
        )]
    );
    assert_eq!(
        outcomes[0].note,
        "as if the namespace had the label `pod-security.kubernetes.io/enforce: baseline`"
    );
    // nothing that was asked for otherwise changes
    assert_eq!(answer.objects[0].pod_security, None);
}

/// A workload is warned as a live API server warned where the namespace enforces the level.
#[test]
fn pod_security_warns_as_recorded() {
    let data = std::env::var_os("VAPWRIGHT_DATA").map_or_else(
        || PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/data")),
        PathBuf::from,
    );
    let Ok(records) = std::fs::File::open(data.join("live/pod-security-warnings.jsonl.gz")) else {
        assert!(
            std::env::var_os("VAPWRIGHT_DATA_REQUIRED").is_none(),
            "no data"
        );
        println!("skipped: there are no recorded answers");
        return;
    };
    let mut text = String::new();
    GzDecoder::new(records).read_to_string(&mut text).unwrap();
    let mut compared = 0;
    for line in text.lines() {
        let record: Value = serde_json::from_str(line).unwrap();
        let level = record["level"].as_str().unwrap();
        let newest = record["version"].as_str().unwrap() == "latest";
        if !newest || level == "privileged" || record["object"]["kind"] == "Pod" {
            continue;
        }
        let mut object = record["object"].clone();
        object["metadata"]["namespace"] = json!("team");
        let outcomes = answer(&[], &object, level).outcomes;
        let expected: Vec<&str> = record["warnings"]
            .as_array()
            .unwrap()
            .iter()
            .map(|warning| warning.as_str().unwrap())
            .collect();
        let found = by(&outcomes, Enforcer::PodSecurity).unwrap();
        // the API server adds warnings of its own
        let own = |warning: &&&str| warning.contains("PodSecurity");
        let expected: Vec<&&str> = expected.iter().filter(own).collect();
        assert_eq!(
            found
                .warnings
                .iter()
                .map(String::as_str)
                .collect::<Vec<_>>(),
            expected.into_iter().copied().collect::<Vec<_>>(),
            "{object}"
        );
        compared += 1;
    }
    assert!(compared > 50, "{compared}");
}
