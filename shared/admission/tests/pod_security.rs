//! Pod Security admission against the warnings of a running kube-apiserver 1.36.2.

#![expect(clippy::unwrap_used, reason = "a test may panic")]

mod data;

use serde_json::{Value as Json, json};
use vapwright_admission::pod_security::decide;
use vapwright_admission::request::{Operation, Request, Resource};
use vapwright_cel::version::KubernetesVersion;
use vapwright_kube::admit::{Settings, admit};
use vapwright_kube::json::from_value;
use vapwright_kube::kinds::{Gvk, resource_of};
use vapwright_kube::warnings::on_create;

fn text<'j>(json: &'j Json, pointer: &str) -> &'j str {
    let found = json.pointer(pointer).and_then(Json::as_str);
    found.unwrap_or_default()
}

/// The request that creates the object of a record in a namespace that warns as the record says,
/// and what the API server warns of by itself.
fn request(record: &Json) -> (Request, Vec<String>) {
    let object = record.get("object").unwrap();
    let kind = Gvk::new(text(object, "/apiVersion"), text(object, "/kind"));
    let namespace = text(object, "/metadata/namespace").to_owned();
    let settings = Settings {
        namespace: namespace.clone(),
        ..Settings::default()
    };
    let labels = json!({ "metadata": { "name": namespace, "labels": {
        "pod-security.kubernetes.io/warn": record.get("level"),
        "pod-security.kubernetes.io/warn-version": record.get("version"),
    } } });
    let sent = from_value(object);
    let admitted = admit(&sent, &settings);
    let unknown = admitted.dropped.iter();
    let mut warnings: Vec<String> = unknown
        .map(|path| format!("unknown field \"{path}\""))
        .collect();
    warnings.extend(on_create(&kind, &sent, &admitted.node));
    let request = Request {
        resource: Resource::of_kind(&kind, &resource_of(&kind)),
        kind,
        operation: Operation::Create,
        name: text(object, "/metadata/name").to_owned(),
        namespace,
        object: Some(admitted.node),
        namespace_object: Some(from_value(&labels)),
        ..Request::default()
    };
    (request, warnings)
}

#[test]
fn warns_with_the_words_of_the_api_server() {
    let Some(records) = data::lines("live/pod-security-warnings.jsonl.gz") else {
        return;
    };
    let mut different = Vec::new();
    let mut warned = [0, 0];
    for record in &records {
        let warnings = record.get("warnings").and_then(Json::as_array).unwrap();
        let expected: Vec<&str> = warnings.iter().filter_map(Json::as_str).collect();
        let (of_pod_security, others): (Vec<&str>, Vec<&str>) = expected
            .iter()
            .partition(|warning| warning.starts_with("would violate PodSecurity "));
        warned[0] += usize::from(!of_pod_security.is_empty());
        warned[1] += usize::from(!others.is_empty());
        let (request, mut found) = request(record);
        let decision = decide(&request, KubernetesVersion::new(36)).unwrap();
        let same = decision.warnings == of_pod_security && decision.denial.is_none();
        found.extend(decision.warnings);
        if !same || found != expected {
            let object = record.get("object").unwrap();
            different.push(format!(
                "{object}\n  found    {found:?}\n  expected {expected:?}"
            ));
        }
    }
    println!("{} of {} differ", different.len(), records.len());
    assert!(different.is_empty(), "{}", different.join("\n"));
    assert_eq!((records.len(), warned), (1_252, [792, 100]));
}
