//! Values, errors and costs of the public CEL suites, as a real API server answers them.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test may fail anywhere"
)]

mod common;

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader};
use std::path::PathBuf;

use serde_json::{Value as Json, json};
use vapwright_cel::document::Node;
use vapwright_cel::eval::{Activation, Limits, evaluate};
use vapwright_cel::issue::Phase;
use vapwright_cel::value::{Value, protocol};
use vapwright_cel::version::KubernetesVersion;

/// How many of the 2,470 answers must be equal, what is `unstable` left out.
const MINIMUM: usize = 2470;

fn lines(name: &str) -> Option<Vec<Json>> {
    let data = std::env::var_os("VAPWRIGHT_DATA").map_or_else(
        || PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data"),
        PathBuf::from,
    );
    let file = std::fs::File::open(data.join("cases").join(name)).ok()?;
    let lines = BufReader::new(flate2::read::GzDecoder::new(file)).lines();
    Some(
        lines
            .map(|line| serde_json::from_str(&line.unwrap()).unwrap())
            .collect(),
    )
}

fn node(json: &Json) -> Node {
    match json {
        Json::Null => Node::Null,
        Json::Bool(value) => Node::Bool(*value),
        Json::Number(number) => number
            .as_i64()
            .map_or_else(|| Node::Double(number.as_f64().unwrap()), Node::Int),
        Json::String(text) => Node::string(text.as_str()),
        Json::Array(items) => Node::List(items.iter().map(node).collect()),
        Json::Object(fields) => Node::map(fields.iter().map(|(k, v)| (k.as_str(), node(v)))),
    }
}

fn answer(env: &vapwright_cel::env::Environment, case: &Json) -> Json {
    let compiled = match env.compile(case["expr"].as_str().unwrap()) {
        Ok(compiled) => compiled,
        Err(error) => {
            let text = match error.issues.first() {
                Some(issue) if issue.phase == Phase::Program => {
                    format!("program: {}", issue.message)
                }
                _ => error.to_string(),
            };
            return json!({"compileErrors": [text]});
        }
    };
    let object = node(&case["object"]);
    let mut activation = Activation::new();
    activation.set(0, Value::from(&object));
    activation.set(1, Value::Null);
    let evaluation = evaluate(&compiled.program, &activation, Limits::PER_EXPRESSION);
    let mut answer = json!({
        "type": compiled.output_type().to_string(),
        "cost": evaluation.cost,
    });
    match &evaluation.result {
        Ok(value) => {
            answer["value"] = serde_json::from_str(&protocol::json(value).unwrap()).unwrap();
        }
        Err(error) => answer["error"] = json!(error.message()),
    }
    answer
}

/// Numbers of JSON are equal where their values are: 1 and 1.0.
fn equal(a: &Json, b: &Json) -> bool {
    match (a, b) {
        (Json::Number(a), Json::Number(b)) => a == b || a.as_f64() == b.as_f64(),
        (Json::Array(a), Json::Array(b)) => {
            a.len() == b.len() && a.iter().zip(b).all(|(a, b)| equal(a, b))
        }
        (Json::Object(a), Json::Object(b)) => {
            a.len() == b.len() && a.iter().all(|(k, a)| b.get(k).is_some_and(|b| equal(a, b)))
        }
        _ => a == b,
    }
}

#[test]
fn answers_are_the_api_servers() {
    let (Some(cases), Some(expected)) = (
        lines("cel-spec.cases.jsonl.gz"),
        lines("cel-spec.expected.jsonl.gz"),
    ) else {
        println!("skipped: no data");
        return;
    };
    let env = common::environment(KubernetesVersion::new(36));
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for (case, expected) in cases.iter().zip(&expected) {
        let answer = answer(&env, case);
        let unstable = |field: &str| {
            let fields = expected["unstable"].as_array();
            fields.is_some_and(|fields| fields.iter().any(|name| name == field))
        };
        let differs = ["compileErrors", "value", "error", "cost"]
            .into_iter()
            .find(|field| !unstable(field) && !equal(&answer[field], &expected[field]));
        *counts.entry(differs.unwrap_or("equal")).or_default() += 1;
        if let Some(field) = differs {
            println!("{field} differs: {}\n  {}", case["id"], case["expr"]);
            println!("  wanted: {expected}\n  got:    {answer}");
        }
    }
    println!("{counts:?}");
    let equal = counts.get("equal").copied().unwrap_or_default();
    assert!(equal >= MINIMUM, "{equal} equal: {counts:?}");
}
