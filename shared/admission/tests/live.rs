//! Validation and matching against records of a running kube-apiserver 1.36.2.

#![expect(clippy::unwrap_used, reason = "a test may panic")]

mod data;

use serde_json::Value as Json;
use vapwright_admission::matching::{Matching, is_exempt, matches};
use vapwright_admission::policy::{Binding, MatchResources, Policy};
use vapwright_admission::request::{Operation, Request, Resource};
use vapwright_admission::validate;
use vapwright_cel::document::Node;
use vapwright_cel::version::KubernetesVersion;
use vapwright_kube::json::from_value;
use vapwright_kube::kinds::{Gvk, find};

fn text<'j>(json: &'j Json, pointer: &str) -> &'j str {
    let found = json.pointer(pointer).and_then(Json::as_str);
    found.unwrap_or_default()
}

#[test]
fn policies_are_refused_with_the_words_of_the_api_server() {
    let Some(records) = data::lines("live/policy-create.jsonl.gz") else {
        return;
    };
    let mut different = Vec::new();
    for record in &records {
        let causes = record.get("causes").and_then(Json::as_array);
        let expected: Vec<String> = causes
            .into_iter()
            .flatten()
            .map(|cause| {
                let part = |name| text(cause, name);
                format!(
                    "{} {}: {}",
                    part("/reason"),
                    part("/field"),
                    part("/message")
                )
            })
            .collect();
        let node = from_value(record.get("object").unwrap());
        let errors = match text(record, "/object/kind") {
            "ValidatingAdmissionPolicy" => validate::policy(&node, KubernetesVersion::new(36)),
            _ => validate::binding(&node),
        };
        let found: Vec<String> = errors
            .iter()
            .map(|error| format!("{} {error}", error.reason))
            .collect();
        if found != expected {
            let object = record.get("object").unwrap();
            different.push(format!(
                "{object}\n  found    {found:?}\n  expected {expected:?}"
            ));
        }
    }
    println!("{} of {} differ", different.len(), records.len());
    assert!(different.is_empty(), "{}", different.join("\n"));
}

/// A request of the records, in namespaces whose labels are given.
fn request(record: &Json, namespaces: &Json) -> Request {
    let object = record.get("object").filter(|object| object.is_object());
    let old = record.get("oldObject").filter(|object| object.is_object());
    let described = object.or(old).unwrap();
    let (plural, sub) = text(record, "/resource")
        .split_once('/')
        .unwrap_or((text(record, "/resource"), ""));
    let mut kind = Gvk::new(text(described, "/apiVersion"), text(described, "/kind"));
    let resource = Resource::of_kind(&kind, plural);
    if kind.kind.is_empty() {
        kind = Gvk::new("v1", "Pod");
    }
    let namespaced = find(&kind).is_none_or(|kind| kind.namespaced);
    let name = text(described, "/metadata/name").to_owned();
    let namespace = match (namespaced, plural) {
        (true, _) => text(described, "/metadata/namespace").to_owned(),
        (false, "namespaces") => name.clone(),
        (false, _) => String::new(),
    };
    let labels = namespaces.get(&namespace).map(|labels| {
        let namespace = serde_json::json!({ "metadata": { "name": namespace, "labels": labels } });
        from_value(&namespace)
    });
    Request {
        resource,
        kind,
        subresource: sub.to_owned(),
        operation: Operation::of(text(record, "/operation")).unwrap(),
        name,
        namespace,
        object: object.map(from_value),
        old_object: old.map(from_value),
        namespace_object: labels,
        ..Request::default()
    }
}

/// The match resources of a policy and of a binding, as they are read.
fn resources(binding: &Json) -> (MatchResources, Option<MatchResources>) {
    let part = |name: &str| binding.get(name).map_or(Node::Null, from_value);
    let spec = |name: &str, value: Node| Node::map([("spec", Node::map([(name, value)]))]);
    let policy = Policy::read(&spec("matchConstraints", part("matchConstraints"))).0;
    let binding = Binding::read(&spec("matchResources", part("matchResources"))).0;
    (policy.constraints.unwrap(), binding.resources)
}

#[test]
fn rules_choose_the_requests_that_the_api_server_chooses() {
    let Some(records) = data::lines("live/matching.jsonl.gz") else {
        return;
    };
    let (head, records) = records.split_first().unwrap();
    let namespaces = head.get("namespaces").unwrap();
    let bindings = head.get("bindings").and_then(Json::as_object).unwrap();
    for record in records {
        let request = request(record, namespaces);
        let chosen = |resources: &MatchResources| {
            matches!(matches(resources, &request), Matching::Chosen(..))
        };
        let mut found: Vec<&str> = bindings
            .iter()
            .filter(|(_, binding)| {
                let (policy, binding) = resources(binding);
                !is_exempt(&request) && chosen(&policy) && binding.as_ref().is_none_or(chosen)
            })
            .map(|(name, _)| name.as_str())
            .collect();
        found.sort_unstable();
        let warned = record.get("warned").and_then(Json::as_array).unwrap();
        let mut expected: Vec<&str> = warned.iter().filter_map(Json::as_str).collect();
        expected.sort_unstable();
        let (operation, resource) = (text(record, "/operation"), text(record, "/resource"));
        assert_eq!(found, expected, "{operation} {resource} {record}");
    }
}
