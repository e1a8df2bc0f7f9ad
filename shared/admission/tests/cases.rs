//! The case protocol against the answers of a kube-apiserver 1.36.2.

#![expect(clippy::unwrap_used, reason = "a test may panic")]

mod data;

use std::collections::BTreeMap;

use serde_json::{Map, Value as Json};
use vapwright_admission::case::answer_line;

/// An answer without the fields that differ from run to run, and without empty lists, which the
/// protocol leaves out or not.
fn comparable(answer: &Json, unstable: &[Json]) -> Map<String, Json> {
    let mut answer = answer.as_object().cloned().unwrap_or_default();
    answer.retain(|name, value| {
        name != "unstable"
            && !unstable.iter().any(|field| field == name)
            && !(matches!(name.as_str(), "audit" | "decisions")
                && value.as_array().is_none_or(Vec::is_empty))
    });
    // the recording has lost the sign of a zero
    if answer.get("value").and_then(Json::as_f64) == Some(0.0) {
        answer.insert("value".to_owned(), Json::from(0));
    }
    answer
}

/// What an answer is: the first of its fields that says so.
fn class(answer: &Map<String, Json>) -> &'static str {
    ["compileErrors", "error", "value"]
        .into_iter()
        .find(|field| answer.contains_key(*field))
        .unwrap_or("decisions")
}

/// Compares every line but the named ones.
fn check(name: &str, except: &[&str]) {
    let cases = data::lines(&format!("cases/{name}.cases.jsonl.gz"));
    let expected = data::lines(&format!("cases/{name}.expected.jsonl.gz"));
    let (Some(cases), Some(expected)) = (cases, expected) else {
        return;
    };
    assert_eq!(cases.len(), expected.len());
    let mut counts: BTreeMap<&str, (usize, usize)> = BTreeMap::new();
    let mut different = Vec::new();
    for (case, expected) in cases.iter().zip(&expected) {
        let answer: Json = serde_json::from_str(&answer_line(&case.to_string())).unwrap();
        let unstable = expected.get("unstable").and_then(Json::as_array);
        let unstable = unstable.map_or(&[][..], Vec::as_slice);
        let (answer, expected) = (
            comparable(&answer, unstable),
            comparable(expected, unstable),
        );
        let count = counts.entry(class(&expected)).or_default();
        count.1 += 1;
        if answer == expected {
            count.0 += 1;
        } else {
            different.push(format!("{:?}\n  not {:?}", expected, answer));
        }
    }
    for (class, (equal, all)) in &counts {
        println!("{name}: {class}: {equal} of {all} equal");
    }
    different.retain(|line| !except.iter().any(|id| line.contains(id)));
    assert!(different.is_empty(), "{}", different.join("\n"));
}

#[test]
fn pod_security_policies_decide_as_the_api_server() {
    check("pod-security-cel", &[]);
}

#[test]
fn expressions_evaluate_as_in_the_api_server() {
    check("cel-spec", &[]);
}
