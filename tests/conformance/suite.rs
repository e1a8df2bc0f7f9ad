//! The cases that every host runs, and how an answer is compared with what is expected.

use serde_json::{Value, json};
use vapwright_engine::wire::{BuildCall, ConvertCall, EvaluateCall};

/// A case.
pub struct Case {
    /// The file's path, or what was made.
    pub name: String,
    /// What is asked.
    pub call: Call,
    /// A part of the answer.
    pub expect: Value,
}

/// A call of any action.
pub enum Call {
    Convert(ConvertCall),
    Evaluate(Box<EvaluateCall>),
    Build(BuildCall),
}

impl Call {
    /// The engine's answer.
    pub fn answer(&self) -> Value {
        match self {
            Self::Convert(call) => serde_json::to_value(vapwright_engine::convert(call)),
            Self::Evaluate(call) => serde_json::to_value(vapwright_engine::evaluate(call)),
            Self::Build(call) => serde_json::to_value(vapwright_engine::build_bundle(call)),
        }
        .unwrap()
    }
}

/// Reads the text of a case's file.
pub fn read(name: &str, text: &str) -> Case {
    let read = vapwright_kube::yaml::read(text);
    assert!(read.problems.is_empty(), "{name}: {:?}", read.problems);
    assert_eq!(read.documents.len(), 1, "{name}");
    let mut case = vapwright_kube::json::to_value(&read.documents[0].node);
    let call = case["call"].take();
    let call = match case["action"].as_str() {
        Some("convert") => serde_json::from_value(call).map(Call::Convert),
        Some("evaluate") => serde_json::from_value(call).map(Call::Evaluate),
        Some("build") => serde_json::from_value(call).map(Call::Build),
        other => panic!("{name}: no action `{other:?}`"),
    };
    let expect = case["expect"].take();
    assert!(
        expect.as_object().is_some_and(|map| !map.is_empty()),
        "{name}"
    );
    Case {
        name: name.to_owned(),
        call: call.unwrap_or_else(|error| panic!("{name}: {error}")),
        expect,
    }
}

/// The cases that are too large for a file.
pub fn made() -> Vec<Case> {
    let source = |text: String| json!([{"name": "large.yaml", "text": text}]);
    let convert = |name: &str, text: String, expect: Value| Case {
        name: format!("made: {name}"),
        call: Call::Convert(serde_json::from_value(json!({"sources": source(text)})).unwrap()),
        expect,
    };
    let evaluate = |name: &str, text: String, expect: Value| Case {
        name: format!("made: {name} as an object"),
        call: Call::Evaluate(
            serde_json::from_value(json!({"policies": [], "objects": source(text)})).unwrap(),
        ),
        expect,
    };
    let problem = |line: u32, column: u32| {
        json!({"diagnostics": [{"severity": "error", "place": {
            "file": "large.yaml", "start": {"line": line, "column": column}}}]})
    };
    let lists = format!("a:\n  {}", "[".repeat(10_000));
    let maps = "{a: ".repeat(10_000);
    let json = format!("{}{}", "{\"a\":".repeat(10_000), "1");
    // The limit itself is the engine's choice: what is expected is one error, in the line that
    // nests too deep or, for the maps of a line each, at any line.
    let anywhere = json!({"diagnostics": [{"severity": "error"}]});
    let mut cases = Vec::new();
    for (name, text, expect) in [
        (
            "ten thousand nested lists",
            lists,
            json!({"diagnostics": [
            {"severity": "error", "place": {"start": {"line": 2}}}]}),
        ),
        ("ten thousand nested maps", maps, anywhere.clone()),
        ("ten thousand nested maps of JSON", json, anywhere),
        (
            "five megabytes in a line that never ends",
            format!("a: \"{}", "x".repeat(5_000_000)),
            json!({"diagnostics": [{"severity": "error"}]}),
        ),
        (
            "five megabytes without a kind",
            format!("a: {}", "x".repeat(5_000_000)),
            problem(1, 1),
        ),
    ] {
        cases.push(convert(name, text.clone(), expect.clone()));
        cases.push(evaluate(name, text, expect));
    }
    cases
}

/// What an answer lacks of the expected part.
pub fn check(case: &Case, answer: &Value) -> Option<String> {
    let mut differences = Vec::new();
    compare("answer", &case.expect, answer, &mut differences);
    (!differences.is_empty()).then(|| {
        format!(
            "{}:\n{}\nthe answer: {}",
            case.name,
            differences.join("\n"),
            shortened(answer)
        )
    })
}

fn shortened(answer: &Value) -> String {
    let text = serde_json::to_string_pretty(answer).unwrap();
    text.chars().take(3000).collect()
}

fn compare(path: &str, expect: &Value, answer: &Value, differences: &mut Vec<String>) {
    match (expect, answer) {
        (Value::Object(expected), _)
            if expected.len() == 1 && expected.contains_key("contains") =>
        {
            let part = expected["contains"].as_str().unwrap();
            if !answer.as_str().is_some_and(|text| text.contains(part)) {
                differences.push(format!("{path}: no `{part}` in {answer}"));
            }
        }
        (Value::Object(expected), _) if expected.len() == 1 && expected.contains_key("count") => {
            let count = answer.as_array().map(Vec::len).unwrap_or_default();
            if expected["count"] != json!(count) {
                differences.push(format!("{path}: {count} items, not {}", expected["count"]));
            }
        }
        (Value::Object(expected), _) if expected.len() == 1 && expected.contains_key("has") => {
            let found = answer.as_array().into_iter().flatten().any(|item| {
                let mut differences = Vec::new();
                compare(path, &expected["has"], item, &mut differences);
                differences.is_empty()
            });
            if !found {
                differences.push(format!("{path}: no {} in {answer}", expected["has"]));
            }
        }
        (Value::Object(expected), Value::Object(_)) => {
            for (key, expected) in expected {
                let path = format!("{path}.{key}");
                compare(&path, expected, &answer[key.as_str()], differences);
            }
        }
        (Value::Array(expected), Value::Array(items)) if expected.len() == items.len() => {
            for (index, (expected, item)) in expected.iter().zip(items).enumerate() {
                compare(&format!("{path}[{index}]"), expected, item, differences);
            }
        }
        (expected, answer) if expected == answer => {}
        (expected, answer) => {
            differences.push(format!("{path}: expected {expected}, is {answer}"));
        }
    }
}
