//! Golden cases: the oracle's stored answers, natively and in wasm32, version by version.
#![allow(
    clippy::unwrap_used,
    reason = "a test fails by panicking, in its helpers too"
)]

use include_dir::{Dir, include_dir};
use serde_json::{Map, Value, json};

// wasm32 has no files: they are in the test.
static FILES: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/../../tests/golden");

/// Failures that are shown.
const SHOWN: usize = 20;

const VERSIONS: [&str; 7] = ["1.30", "1.31", "1.32", "1.33", "1.34", "1.35", "1.36"];

/// Numbers that JSON writes in two ways (`1e10`, `10000000000`) are the same.
fn same(theirs: &Value, ours: &Value) -> bool {
    match (theirs, ours) {
        (Value::Number(a), Value::Number(b)) => {
            a == b || (a.is_f64() || b.is_f64()) && a.as_f64() == b.as_f64()
        }
        (Value::Array(a), Value::Array(b)) => {
            a.len() == b.len() && a.iter().zip(b).all(|(a, b)| same(a, b))
        }
        (Value::Object(a), Value::Object(b)) => {
            a.len() == b.len()
                && a.iter()
                    .all(|(key, a)| b.get(key).is_some_and(|b| same(a, b)))
        }
        _ => theirs == ours,
    }
}

fn ours(case: &Map<String, Value>) -> Value {
    let line = Value::Object(case.clone()).to_string();
    let line = vapwright_engine::answer_case(&line).line;
    let mut answer: Value = serde_json::from_str(&line).unwrap();
    answer.as_object_mut().unwrap().remove("id");
    answer
}

#[cfg_attr(not(target_arch = "wasm32"), test)]
#[cfg_attr(target_arch = "wasm32", wasm_bindgen_test::wasm_bindgen_test)]
fn every_answer_is_the_oracles() {
    let (mut answers, mut failures) = (0, Vec::new());
    let files = FILES.files().filter(|file| {
        let extension = file.path().extension();
        extension.is_some_and(|extension| extension == "jsonl")
    });
    for file in files {
        let mut shared = Map::new();
        for (number, line) in (1..).zip(file.contents_utf8().unwrap().lines()) {
            let mut own: Map<String, Value> = serde_json::from_str(line).unwrap();
            if let Some(Value::Object(with)) = own.remove("with") {
                shared = with;
                continue;
            }
            let Some(Value::Object(expected)) = own.remove("answers") else {
                failures.push(format!("{}:{number}: no answers", file.path().display()));
                continue;
            };
            let mut case = shared.clone();
            case.append(&mut own);
            let from = case.remove("from").unwrap_or_else(|| json!(VERSIONS[0]));
            let mut wanted = &Value::Null;
            let versions = VERSIONS.iter().skip_while(|version| **version != from);
            for version in versions {
                wanted = expected.get(*version).unwrap_or(wanted);
                case.insert("version".to_owned(), json!(version));
                let ours = ours(&case);
                answers += 1;
                if !same(wanted, &ours) {
                    failures.push(format!(
                        "{}:{number} in {version}: {line:.300}\n  theirs {wanted}\n  ours   {ours}",
                        file.path().display()
                    ));
                }
            }
        }
    }
    assert!(answers > 0, "there is no golden case");
    assert!(
        failures.is_empty(),
        "{} of {answers} answers differ:\n{}",
        failures.len(),
        failures
            .iter()
            .take(SHOWN)
            .cloned()
            .collect::<Vec<_>>()
            .join("\n")
    );
}
