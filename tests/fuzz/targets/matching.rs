//! A policy's match constraints and an object, two documents of any text: whether they choose it is
//! twice the same, no rules choose at least as much as some, and what is excluded is not chosen.
#![no_main]

use libfuzzer_sys::{Corpus, fuzz_target};
use vapwright_admission::matching::{Matching, matches};
use vapwright_admission::policy::{MatchResources, Policy};
use vapwright_admission::request::{Operation, Request, Resource};
use vapwright_cel::document::Node;
use vapwright_kube::kinds::{Gvk, resource_of};
use vapwright_kube::yaml;

const OPERATIONS: [Operation; 4] = [
    Operation::Create,
    Operation::Update,
    Operation::Delete,
    Operation::Connect,
];

fuzz_target!(|text: &str| -> Corpus {
    let read = yaml::read(text);
    let [policy, sent, stored @ ..] = read.documents.as_slice() else {
        return Corpus::Reject;
    };
    let Some(resources) = Policy::read(&policy.node).0.constraints else {
        return Corpus::Reject;
    };
    let Some(kind) = Gvk::of(&sent.node) else {
        return Corpus::Reject;
    };
    let stored = stored.first().map(|document| &document.node);
    for operation in OPERATIONS {
        check(&resources, &request(&kind, &sent.node, stored, operation));
    }
    Corpus::Keep
});

fn request(kind: &Gvk, sent: &Node, stored: Option<&Node>, operation: Operation) -> Request {
    let text = |path: &[&str]| {
        let node = sent.at(path).and_then(Node::as_str);
        node.unwrap_or_default().to_owned()
    };
    let (object, old_object) = match operation {
        Operation::Create | Operation::Connect => (Some(sent.clone()), None),
        Operation::Update => (Some(sent.clone()), stored.or(Some(sent)).cloned()),
        Operation::Delete => (None, stored.or(Some(sent)).cloned()),
    };
    Request {
        kind: kind.clone(),
        resource: Resource::of_kind(kind, &resource_of(kind)),
        operation,
        name: text(&["metadata", "name"]),
        namespace: text(&["metadata", "namespace"]),
        object,
        old_object,
        namespace_object: stored.cloned(),
        ..Request::default()
    }
}

fn check(resources: &MatchResources, request: &Request) {
    let matching = matches(resources, request);
    assert_eq!(matches(resources, request), matching);
    let chosen =
        |resources: &MatchResources| matches!(matches(resources, request), Matching::Chosen(..));
    let all = MatchResources {
        rules: Vec::new(),
        ..resources.clone()
    };
    let none = MatchResources {
        exclude: resources.rules.clone(),
        ..resources.clone()
    };
    match matching {
        Matching::Chosen(kind, resource) => {
            assert!(!resource.resource.is_empty() || kind == request.kind);
            assert!(chosen(&all), "{resources:?}");
            assert!(
                resources.rules.is_empty() || !chosen(&none),
                "{resources:?}"
            );
        }
        Matching::NotChosen(why) => assert!(!why.is_empty()),
    }
}
