//! Chainsaw suites of policies, with the answers that the engine expects of a cluster.

use vapwright_bundle::{Case, Outcome, Suite};
use vapwright_cel::document::Node;
use vapwright_kube::json::from_value;

use crate::convert::convert;
use crate::input::{Input, name};
use crate::wire::{
    ConvertAnswer, ConvertCall, ConvertedPolicy, EvaluateCall, FailFast, ObjectAnswer, SourceFile,
    TestsAnswer, TestsCall, Verdict,
};

/// Makes the Chainsaw suite of a source policy: its resources in namespaces that its profile binds,
/// that opt out or in, and that choose nothing.
#[must_use]
pub fn chainsaw_tests(call: &TestsCall) -> TestsAnswer {
    let ConvertAnswer {
        policies,
        yaml,
        mut diagnostics,
        ..
    } = convert(&ConvertCall {
        sources: vec![call.source.clone()],
        kubernetes: call.kubernetes.clone(),
        labels: call.labels.clone(),
        profile: call.profile.clone(),
        // the suite is about Pods
        fail_fast: FailFast::No,
    });
    let read = |source: &Option<SourceFile>, diagnostics: &mut Vec<_>| -> Vec<Node> {
        let sources = source.iter();
        let inputs = sources.map(|source| Input::read(source, diagnostics));
        let objects = inputs.flat_map(|input| input.objects);
        objects.map(|object| object.document.node).collect()
    };
    let good = read(&call.good, &mut diagnostics);
    let bad = read(&call.bad, &mut diagnostics);
    let mut source = Vec::new();
    let documents = Input::read(&call.source, &mut source).objects;
    let source_name = documents.first().map(|object| name(&object.document.node));
    let source_name = source_name.filter(|name| !name.is_empty());
    if policies.is_empty() {
        return TestsAnswer {
            diagnostics,
            ..TestsAnswer::default()
        };
    }
    let policy_nodes = policies.iter().flat_map(|policy| {
        let documents = std::iter::once(&policy.policy).chain(&policy.bindings);
        documents.map(from_value).collect::<Vec<_>>()
    });
    let mut suite = Suite {
        name: source_name.unwrap_or("policies").to_owned(),
        policies: policy_nodes.collect(),
        good,
        bad,
        cases: Vec::new(),
    };
    let converted = SourceFile {
        name: "policies.yaml".to_owned(),
        text: yaml,
    };
    for (name, about, labels) in namespaces(&policies, &call.labels.domain) {
        let evaluate = |source: &Option<SourceFile>| -> Vec<Outcome> {
            let Some(source) = source else {
                return Vec::new();
            };
            let metadata = serde_json::json!({
                "name": "chainsaw",
                "labels": labels.iter().cloned().collect::<std::collections::BTreeMap<_, _>>(),
            });
            let namespace = serde_json::json!({
                "apiVersion": "v1", "kind": "Namespace", "metadata": metadata,
            });
            let answer = crate::evaluate(&EvaluateCall {
                policies: vec![converted.clone()],
                objects: vec![source.clone()],
                namespace: Some(SourceFile {
                    name: "namespace.json".to_owned(),
                    text: namespace.to_string(),
                }),
                kubernetes: call.kubernetes.clone(),
                ..EvaluateCall::default()
            });
            answer.objects.iter().map(outcome).collect()
        };
        suite.cases.push(Case {
            good: evaluate(&call.good),
            bad: evaluate(&call.bad),
            name,
            about,
            labels,
        });
    }
    let files = suite.files().into_iter().map(|file| SourceFile {
        name: file.name.to_owned(),
        text: file.text,
    });
    TestsAnswer {
        files: files.collect(),
        name: suite.name,
        diagnostics,
    }
}

type Labels = Vec<(String, String)>;

/// The namespaces in which a source's policies are tried: name, what they show, labels.
fn namespaces(policies: &[ConvertedPolicy], domain: &str) -> Vec<(String, String, Labels)> {
    let label = |name: &str, value: &str| (format!("{domain}/{name}"), value.to_owned());
    let each = |value: &str| -> Labels {
        let names = policies.iter().map(|policy| policy.name.as_str());
        names.map(|name| label(name, value)).collect()
    };
    let with = |first: &[(String, String)], rest: Labels| -> Labels {
        first.iter().cloned().chain(rest).collect()
    };
    let mut all = Vec::new();
    let mut add = |name: &str, about: &str, labels: Labels| {
        all.push((name.to_owned(), about.to_owned(), labels));
    };
    let profile = policies.iter().find_map(|policy| policy.profile.as_deref());
    match profile {
        Some(profile) => {
            let own = label("profile", profile);
            add(
                "bound",
                &format!("the profile {profile} binds the policy"),
                vec![own.clone()],
            );
            if profile == "baseline" {
                add(
                    "restricted",
                    "the profile restricted includes baseline",
                    vec![label("profile", "restricted")],
                );
            }
            add(
                "opted-out",
                "the namespace is excluded from the policy",
                with(&[own], each("exclude")),
            );
        }
        None => {
            add(
                "opted-in",
                "the namespace takes part in the policy",
                each("include"),
            );
            add(
                "opted-in-restricted",
                "the same with the profile restricted, whose own policies are not here",
                with(&[label("profile", "restricted")], each("include")),
            );
        }
    }
    add("unbound", "the namespace chooses nothing", Vec::new());
    all
}

/// What a cluster answers to an object.
fn outcome(object: &ObjectAnswer) -> Outcome {
    let denied = object
        .rows
        .iter()
        .filter(|row| row.verdict == Verdict::Denied);
    let mut texts: Vec<String> = Vec::new();
    for row in denied {
        let text = error(object, &row.text);
        if !texts.contains(&text) {
            texts.push(text);
        }
    }
    if !texts.is_empty() {
        return Outcome::Denied(texts);
    }
    let refused = object
        .kubectl
        .lines()
        .any(|line| line.starts_with("The ") || line.starts_with("Error from server"));
    if refused {
        Outcome::Refused
    } else {
        Outcome::Admitted
    }
}

/// The API server's error for a denial.
fn error(object: &ObjectAnswer, denial: &str) -> String {
    let kind = vapwright_kube::kinds::Gvk::new(&object.api_version, &object.kind);
    let resource = vapwright_kube::kinds::resource_of(&kind);
    let group = if kind.group.is_empty() {
        String::new()
    } else {
        format!(".{}", kind.group)
    };
    format!(
        "{resource}{group} \"{}\" is forbidden: {denial}",
        object.name
    )
}
