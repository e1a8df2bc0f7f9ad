//! The creation of mutating policies and their bindings, as kube-apiserver 1.36.2 answered it.
//!
//! The records are of a control plane that was built of the module `k8s.io/kubernetes` 1.36.2 and
//! served all versions of the API, asked as a cluster administrator, dry run: an object as it was sent,
//! the status, and the causes where it was refused.

use serde_json::Value as Json;
use vapwright_admission::validate;
use vapwright_cel::version::KubernetesVersion;
use vapwright_kube::json::from_value;

const RECORDS: &str = include_str!("data/mutating-create.jsonl");

fn text<'j>(json: &'j Json, pointer: &str) -> &'j str {
    let found = json.pointer(pointer).and_then(Json::as_str);
    found.unwrap_or_default()
}

#[test]
fn policies_are_refused_with_the_words_of_the_api_server() {
    let mut different = Vec::new();
    let mut refused = 0;
    for line in RECORDS.lines() {
        let record: Json = serde_json::from_str(line).unwrap();
        let causes = record.get("causes").and_then(Json::as_array);
        let expected: Vec<String> = causes
            .into_iter()
            .flatten()
            .map(|cause| {
                let part = |name| text(cause, name);
                let (reason, field, message) = (part("/reason"), part("/field"), part("/message"));
                format!("{reason} {field}: {message}")
            })
            .collect();
        refused += usize::from(!expected.is_empty());
        let node = from_value(record.get("object").unwrap());
        let version = KubernetesVersion::new(36);
        let errors = match text(&record, "/object/kind") {
            "MutatingAdmissionPolicy" => validate::mutating_policy(&node, version),
            "MutatingAdmissionPolicyBinding" => validate::mutating_binding(&node),
            "ValidatingAdmissionPolicy" => validate::policy(&node, version),
            other => panic!("{other}"),
        };
        let found: Vec<String> = errors
            .iter()
            .map(|error| format!("{} {error}", error.reason))
            .collect();
        // the words of a refusal are those of its causes, in kubectl's form
        if found != expected {
            let object = record.get("object").unwrap();
            different.push(format!(
                "{object}\n  found    {found:?}\n  expected {expected:?}"
            ));
        }
    }
    assert!(refused >= 70, "only {refused} records are refusals");
    assert!(
        different.is_empty(),
        "{} differ:\n{}",
        different.len(),
        different.join("\n")
    );
}
