//! Kyverno's answers are what Kyverno's own packages answered (`tests/kyverno`).

#![allow(clippy::expect_used, clippy::indexing_slicing)]

use std::path::Path;

use vapwright_admission::request::{Operation, Request, Resource, User};
use vapwright_cel::document::Node;
use vapwright_cel::version::KubernetesVersion;
use vapwright_kube::kinds::{Gvk, resource_of};
use vapwright_kube::yaml;
use vapwright_kyverno::webhook::Kyverno;

fn text<'n>(node: &'n Node, path: &[&str]) -> &'n str {
    node.at(path).and_then(Node::as_str).unwrap_or_default()
}

fn texts(node: Option<&Node>) -> Vec<String> {
    let items = node.and_then(Node::as_list).unwrap_or_default();
    items
        .iter()
        .filter_map(Node::as_str)
        .map(str::to_owned)
        .collect()
}

fn request(case: &Node) -> Request {
    let object = case.get("object").filter(|node| !node.is_null()).cloned();
    let old_object = case
        .get("oldObject")
        .filter(|node| !node.is_null())
        .cloned();
    let any = object.as_ref().or(old_object.as_ref()).expect("an object");
    let kind = Gvk::of(any).expect("a kind");
    let namespace = text(any, &["metadata", "namespace"]).to_owned();
    let labels = case.get("labels").filter(|node| !node.is_null()).cloned();
    let metadata = Node::map([
        ("name", Node::string(namespace.as_str())),
        ("labels", labels.unwrap_or_else(|| Node::map::<&str>([]))),
    ]);
    Request {
        resource: Resource::of_kind(&kind, &resource_of(&kind)),
        kind,
        operation: Operation::of(text(case, &["operation"])).unwrap_or_default(),
        name: text(any, &["metadata", "name"]).to_owned(),
        namespace_object: (!namespace.is_empty()).then(|| Node::map([("metadata", metadata)])),
        namespace,
        object,
        old_object,
        user: User {
            name: text(case, &["user", "username"]).to_owned(),
            groups: texts(case.at(&["user", "groups"])),
            ..User::default()
        },
        ..Request::default()
    }
}

type Said = (String, String, Vec<String>, Vec<[String; 4]>);

/// What Kyverno said: a webhook without a rule says nothing.
fn expected(case: &Node) -> Vec<Said> {
    let webhooks = case
        .get("expected")
        .and_then(Node::as_map)
        .expect("answers");
    let said = webhooks.iter().map(|(webhook, said)| {
        let rules = said
            .get("rules")
            .and_then(Node::as_list)
            .unwrap_or_default();
        let mut rules: Vec<[String; 4]> = rules
            .iter()
            .map(|rule| {
                ["policy", "name", "status", "message"].map(|part| text(rule, &[part]).to_owned())
            })
            .collect();
        // policies are asked in the order of a map of Go's
        rules.sort();
        let mut warnings = texts(said.get("warnings"));
        warnings.sort();
        (
            webhook.to_string(),
            text(said, &["message"]).to_owned(),
            warnings,
            rules,
        )
    });
    said.filter(|said| !said.3.is_empty()).collect()
}

fn ours(case: &Node) -> Vec<Said> {
    let policies = case
        .get("policies")
        .and_then(Node::as_list)
        .expect("policies");
    let kyverno = Kyverno::new(policies, KubernetesVersion::NEWEST);
    assert!(kyverno.unknown.is_empty(), "{:?}", kyverno.unknown);
    let said = kyverno.answer(&request(case)).into_iter().map(|answer| {
        let mut rules: Vec<[String; 4]> = answer
            .rules
            .into_iter()
            .map(|rule| {
                [
                    rule.policy,
                    rule.rule,
                    rule.status.name().to_owned(),
                    rule.message,
                ]
            })
            .collect();
        rules.sort();
        let mut warnings = answer.warnings;
        warnings.sort();
        (answer.webhook.to_owned(), answer.message, warnings, rules)
    });
    said.collect()
}

/// How many cases, rules' answers and refusals a file has, all equal.
fn compare(file: &Path) -> [usize; 3] {
    let text_of = std::fs::read_to_string(file).expect("answers");
    let mut counts = [0; 3];
    let mut differ = Vec::new();
    for line in text_of.lines() {
        let case = &yaml::read(line).documents[0].node;
        let (expected, ours) = (expected(case), ours(case));
        counts[0] += 1;
        counts[1] += expected.iter().map(|said| said.3.len()).sum::<usize>();
        counts[2] += expected.iter().filter(|said| !said.1.is_empty()).count();
        if expected != ours {
            differ.push(format!(
                "{}\nkyverno: {expected:#?}\nours: {ours:#?}",
                text(case, &["id"])
            ));
        }
    }
    let first: Vec<&String> = differ.iter().take(5).collect();
    for one in &first {
        println!("{one}");
    }
    assert!(
        differ.is_empty(),
        "{} of {} differ",
        differ.len(),
        counts[0]
    );
    counts
}

#[test]
fn golden_cases_are_answered_as_by_kyverno() {
    let file = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../../tests/kyverno/golden.jsonl"
    );
    let [cases, rules, refusals] = compare(Path::new(file));
    assert!(
        cases >= 40 && rules >= 40 && refusals >= 20,
        "{cases} {rules} {refusals}"
    );
}

/// `make kyverno` has Kyverno answer the cases of all policies and resources, and names the file.
#[test]
fn all_policies_and_resources_are_answered_as_by_kyverno() {
    let Ok(file) = std::env::var("VAPWRIGHT_KYVERNO_ANSWERS") else {
        println!("skipped: `make kyverno` asks Kyverno");
        return;
    };
    let [cases, rules, refusals] = compare(Path::new(&file));
    println!("{cases} requests, {rules} answers of rules, {refusals} refusals: all equal");
}
