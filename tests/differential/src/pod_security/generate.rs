//! Requests by chance: fixtures whose Pods are changed, in namespaces with labels by chance.

use fastrand::Rng;
use serde_json::{Value, json};
use vapwright_admission::request::Operation;
use vapwright_cel::version::KubernetesVersion;

use crate::fixtures::Fixture;
use crate::pods;
use crate::random::{for_case, pick, unlikely, word};
use crate::requests::{Case, NAMESPACE, admitted};

/// The kinds with a Pod template: version, kind, resource, and where the template stands.
const WORKLOADS: [(&str, &str, &str, &[&str]); 8] = [
    ("v1", "PodTemplate", "podtemplates", &["template"]),
    (
        "v1",
        "ReplicationController",
        "replicationcontrollers",
        &["spec", "template"],
    ),
    ("apps/v1", "DaemonSet", "daemonsets", &["spec", "template"]),
    (
        "apps/v1",
        "Deployment",
        "deployments",
        &["spec", "template"],
    ),
    (
        "apps/v1",
        "ReplicaSet",
        "replicasets",
        &["spec", "template"],
    ),
    (
        "apps/v1",
        "StatefulSet",
        "statefulsets",
        &["spec", "template"],
    ),
    (
        "batch/v1",
        "CronJob",
        "cronjobs",
        &["spec", "jobTemplate", "spec", "template"],
    ),
    ("batch/v1", "Job", "jobs", &["spec", "template"]),
];

/// A version as a label gives it.
fn version(rng: &mut Rng) -> String {
    match rng.u32(0..12) {
        0..4 => "latest".to_owned(),
        4..9 => format!("v1.{}", rng.u32(28..38)),
        9 | 10 => format!("v1.{}", rng.u32(0..28)),
        _ => pick(
            rng,
            &[
                "1.30",
                "v1",
                "v1.030",
                "",
                "Latest",
                "v2.1",
                "v1.36.0",
                "v1.99999999999999999999",
            ],
        )
        .to_owned(),
    }
}

fn level(rng: &mut Rng) -> &'static str {
    match rng.u32(0..20) {
        0..8 => "restricted",
        8..16 => "baseline",
        16..19 => "privileged",
        _ => pick(rng, &["Baseline", "", "high", "none"]),
    }
}

/// The labels of a namespace.
fn labels(rng: &mut Rng) -> Vec<(String, String)> {
    let mut labels = Vec::new();
    for (mode, often) in [("enforce", 10), ("warn", 2), ("audit", 2)] {
        if !unlikely(rng, often) {
            labels.push((mode.to_owned(), level(rng).to_owned()));
        }
        if rng.bool() {
            labels.push((format!("{mode}-version"), version(rng)));
        }
    }
    if rng.bool() {
        // what most namespaces have: one mode
        labels.truncate(1);
    }
    for (name, _) in &mut labels {
        *name = format!("pod-security.kubernetes.io/{name}");
    }
    labels
}

/// The case of a number.
pub fn case(seed: u64, index: u64, fixtures: &[Fixture]) -> Case {
    let mut rng = for_case(seed, index);
    let fixture = &fixtures[rng.usize(0..fixtures.len())];
    let mut pod = fixture.pod.clone();
    for _ in 0..rng.u32(0..10) {
        pods::change(&mut rng, &mut pod);
    }
    let minors = KubernetesVersion::OLDEST.minor..=KubernetesVersion::NEWEST.minor;
    let mut case = Case {
        name: format!("case {index}"),
        version: KubernetesVersion::new(rng.u16(minors)),
        labels: labels(&mut rng),
        api_version: "v1",
        resource: "pods",
        subresource: "",
        operation: Operation::Create,
        object: Value::Null,
        old: None,
    };
    if unlikely(&mut rng, 3) {
        case.operation = Operation::Update;
    }
    let update = case.operation == Operation::Update;
    match rng.u32(0..10) {
        0 => namespace(&mut rng, &mut case),
        1..4 => workload(&mut rng, &mut case, &pod),
        _ => {
            case.object = admitted(&pod);
            if update {
                let others = "ephemeralcontainers resize status exec binding eviction";
                if rng.bool() {
                    case.subresource = word(&mut rng, others);
                }
                let mut old = pod;
                for _ in 0..rng.u32(0..3) {
                    pods::change_in_place(&mut rng, &mut old);
                }
                case.old = Some(admitted(&old));
            }
        }
    }
    case
}

fn namespace(rng: &mut Rng, case: &mut Case) {
    case.resource = "namespaces";
    case.object = admitted(&case.namespace());
    if case.operation == Operation::Update {
        let old = Case {
            labels: if rng.bool() {
                labels(rng)
            } else {
                case.labels.clone()
            },
            ..case.clone()
        };
        case.old = Some(admitted(&old.namespace()));
    }
    if unlikely(rng, 8) {
        case.subresource = word(rng, "status finalize");
    }
}

fn workload(rng: &mut Rng, case: &mut Case, pod: &Value) {
    let (api_version, kind, resource, path) = pick(rng, &WORKLOADS);
    case.api_version = api_version;
    case.resource = resource;
    let template = json!({
        "metadata": {
            "labels": { "app": "test" },
            "annotations": pod.pointer("/metadata/annotations"),
        },
        "spec": pod.get("spec"),
    });
    let nested = path
        .iter()
        .rev()
        .fold(template, |node, name| json!({ *name: node }));
    let mut object = json!({
        "apiVersion": api_version,
        "kind": kind,
        "metadata": { "name": "test", "namespace": NAMESPACE },
    });
    if let (Some(fields), Value::Object(nested)) = (object.as_object_mut(), nested) {
        fields.extend(nested);
    }
    case.object = admitted(&object);
    if case.operation == Operation::Update {
        case.old = Some(case.object.clone());
    }
    if unlikely(rng, 12) {
        case.subresource = word(rng, "scale status");
    }
}
