//! Labels, requests that are looked at, and versions; expected values follow the rules of
//! `k8s.io/pod-security-admission`, against which `make pod-security` compares all of it.

use serde_json::{Value as Json, json};
use vapwright_cel::version::KubernetesVersion;
use vapwright_kube::json::from_value;
use vapwright_kube::kinds::Gvk;

use super::checks::evaluate;
use super::{Decision, Level, LevelVersion, Pod, Version, decide, policy_of};
use crate::request::{Operation, Request, Resource};

const SERVER: KubernetesVersion = KubernetesVersion::new(36);

fn namespace(labels: &[(&str, &str)]) -> Json {
    let labels: serde_json::Map<String, Json> = labels
        .iter()
        .map(|(name, value)| {
            let name = format!("pod-security.kubernetes.io/{name}");
            (name, Json::from(*value))
        })
        .collect();
    json!({ "kind": "Namespace", "metadata": { "name": "team", "labels": labels } })
}

fn request(api_version: &str, plural: &str, object: &Json, labels: &[(&str, &str)]) -> Request {
    let kind = Gvk::new(api_version, object["kind"].as_str().unwrap_or_default());
    Request {
        resource: Resource::of_kind(&kind, plural),
        kind,
        name: "web".to_owned(),
        namespace: "team".to_owned(),
        object: Some(from_value(object)),
        namespace_object: Some(from_value(&namespace(labels))),
        ..Request::default()
    }
}

fn pod(image: &str) -> Json {
    json!({
        "kind": "Pod",
        "metadata": { "name": "web" },
        "spec": { "hostPID": true, "containers": [{ "name": "web", "image": image }] },
    })
}

const HOST: &str = "host namespaces (hostPID=true)";

#[test]
fn labels_choose_levels_and_versions() {
    for (labels, expected) in [
        (
            &[][..],
            [
                "privileged:latest",
                "privileged:latest",
                "privileged:latest",
            ],
        ),
        (
            &[("enforce", "baseline")],
            ["baseline:latest", "privileged:latest", "baseline:latest"],
        ),
        (
            &[("enforce", "baseline"), ("enforce-version", "v1.30")],
            ["baseline:v1.30", "privileged:latest", "baseline:v1.30"],
        ),
        (
            &[
                ("enforce", "baseline"),
                ("enforce-version", "v1.30"),
                ("warn-version", "v1.0"),
            ],
            ["baseline:v1.30", "privileged:latest", "baseline:v1.0"],
        ),
        (
            &[
                ("enforce", "restricted"),
                ("warn", "privileged"),
                ("audit", "baseline"),
            ],
            ["restricted:latest", "baseline:latest", "privileged:latest"],
        ),
        (
            &[("enforce", "Baseline"), ("audit", "x"), ("warn", "")],
            [
                "restricted:latest",
                "privileged:latest",
                "privileged:latest",
            ],
        ),
        (
            &[("enforce", "baseline"), ("enforce-version", "v1.030")],
            ["baseline:latest", "privileged:latest", "baseline:latest"],
        ),
    ] {
        let (policy, _) = policy_of(&from_value(&namespace(labels)));
        let found = [policy.enforce, policy.audit, policy.warn].map(|mode| mode.to_string());
        assert_eq!(found, expected, "{labels:?}");
    }
}

#[test]
fn a_namespace_with_unreadable_labels_is_refused() {
    let object = namespace(&[("enforce", "high"), ("warn-version", "1.30")]);
    let mut sent = request("v1", "namespaces", &object, &[]);
    let error = "Namespace \"web\" is invalid: [\
        metadata.labels[pod-security.kubernetes.io/enforce]: Invalid value: \"high\": \
        must be one of privileged, baseline, restricted, \
        metadata.labels[pod-security.kubernetes.io/warn-version]: Invalid value: \"1.30\": \
        must be \"latest\" or \"v1.x\"]";
    let found = decide(&sent, SERVER).unwrap_or_default();
    assert_eq!(found.error(&sent).as_deref(), Some(error));
    // one that is there already may stay as it is
    sent.operation = Operation::Update;
    sent.old_object = sent.object.clone();
    assert_eq!(decide(&sent, SERVER), Some(Decision::default()));
    sent.old_object = Some(from_value(&namespace(&[("enforce", "high")])));
    assert!(decide(&sent, SERVER).is_some_and(|found| found.error(&sent).is_some()));
}

#[test]
fn a_pod_is_refused_and_a_workload_warned_of() {
    let labels = [("enforce", "baseline"), ("audit", "baseline")];
    let sent = request("v1", "pods", &pod("a"), &labels);
    let found = decide(&sent, SERVER).unwrap_or_default();
    let text =
        format!("pods \"web\" is forbidden: violates PodSecurity \"baseline:latest\": {HOST}");
    assert_eq!(found.error(&sent), Some(text));
    assert_eq!(found.warnings, Vec::<String>::new());
    let would = format!("would violate PodSecurity \"baseline:latest\": {HOST}");
    let prefix = |name: &str| format!("pod-security.kubernetes.io/{name}");
    let audit = [
        (prefix("enforce-policy"), "baseline:latest".to_owned()),
        (prefix("audit-violations"), would.clone()),
    ];
    assert_eq!(found.audit, audit);

    let deployment = json!({ "kind": "Deployment", "spec": { "template": pod("a") } });
    let sent = request("apps/v1", "deployments", &deployment, &labels);
    let found = decide(&sent, SERVER).unwrap_or_default();
    assert_eq!(found.error(&sent), None);
    assert_eq!(found.warnings, std::slice::from_ref(&would));
    assert_eq!(found.audit, [(prefix("audit-violations"), would)]);
}

#[test]
fn only_some_requests_are_judged() {
    let labels = [("enforce", "baseline")];
    let mut sent = request("v1", "pods", &pod("a"), &labels);
    sent.operation = Operation::Delete;
    assert_eq!(decide(&sent, SERVER), None);
    sent.operation = Operation::Update;
    let judged =
        |sent: &Request| decide(sent, SERVER).is_some_and(|found| found.error(sent).is_some());
    sent.old_object = Some(from_value(&pod("a")));
    assert!(!judged(&sent), "no image changes");
    sent.old_object = Some(from_value(&pod("b")));
    assert!(judged(&sent), "an image changes");
    sent.subresource = "ephemeralcontainers".to_owned();
    assert!(judged(&sent), "so it does here");
    sent.subresource = "status".to_owned();
    assert_eq!(decide(&sent, SERVER), None);
    let service = request("v1", "services", &json!({ "kind": "Service" }), &labels);
    assert_eq!(decide(&service, SERVER), None);
}

#[test]
fn a_version_beyond_the_cluster_is_the_clusters() {
    let node = from_value(&json!({ "spec": { "containers": [{
        "name": "web",
        "livenessProbe": { "tcpSocket": { "host": "10.0.0.1" } },
    }] } }));
    let found = |server, version| {
        let level = Level::Baseline;
        let wanted = LevelVersion { level, version };
        evaluate(wanted, KubernetesVersion::new(server), &Pod::of(&node)).len()
    };
    // the check came with 1.34
    assert_eq!(found(36, Version::Latest), 1);
    assert_eq!(found(36, Version::Minor(34)), 1);
    assert_eq!(found(36, Version::Minor(33)), 0);
    assert_eq!(found(33, Version::Latest), 0);
    assert_eq!(found(33, Version::Minor(36)), 0);
}
