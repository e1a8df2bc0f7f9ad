//! Every library function, with the answers of `k8s.io/apiserver` 1.36.2 (by `tests/oracle`).

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test may end here"
)]

mod common;

use std::sync::Arc;

use serde_json::{Value as Json, json};
use vapwright_cel::document::Node;
use vapwright_cel::eval::{Activation, Limits, evaluate};
use vapwright_cel::issue::Phase;
use vapwright_cel::libs::authorizer::{AllowUser, User, authorizer_value};
use vapwright_cel::value::{Value, protocol};
use vapwright_cel::version::KubernetesVersion;

/// One row a line: an expression, its type, value or error, and its cost.
const ROWS: &str = include_str!("data/libraries.jsonl");

/// What the rows' expressions see as `object`.
fn object() -> Node {
    Node::map([
        ("s", Node::string("abc")),
        ("n", Node::Int(3)),
        ("l", Node::List(vec![Node::string("a"), Node::string("b")])),
        ("m", Node::map([("k", Node::Int(1))])),
        ("d", Node::Double(1.5)),
    ])
}

fn answer(env: &vapwright_cel::env::Environment, expr: &str) -> Json {
    let compiled = match env.compile(expr) {
        Ok(compiled) => compiled,
        Err(error) => {
            let text = match error.issues.first() {
                Some(issue) if issue.phase == Phase::Program => {
                    format!("program: {}", issue.message)
                }
                _ => error.to_string(),
            };
            return json!({"expr": expr, "compileErrors": [text]});
        }
    };
    let object = object();
    let slot = |name: &str| {
        let variables = env.variables();
        variables
            .iter()
            .position(|variable| &*variable.name == name)
    };
    let mut activation = Activation::new();
    activation.set(slot("object").unwrap(), Value::from(&object));
    if let Some(slot) = slot("authorizer") {
        let user = User {
            name: "admin".to_owned(),
            ..User::default()
        };
        let decides = Arc::new(AllowUser("admin".to_owned()));
        activation.set(slot, authorizer_value(user, decides));
    }
    let evaluation = evaluate(&compiled.program, &activation, Limits::PER_EXPRESSION);
    let mut answer = json!({
        "expr": expr,
        "type": compiled.output_type().to_string(),
        "cost": evaluation.cost,
    });
    match &evaluation.result {
        Ok(value) => answer["value"] = serde_json::from_str(&protocol::json(value)).unwrap(),
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
    let env = common::environment(KubernetesVersion::new(36));
    let mut wrong = Vec::new();
    for line in ROWS.lines() {
        let expected: Json = serde_json::from_str(line).unwrap();
        let found = answer(&env, expected["expr"].as_str().unwrap());
        if !equal(&found, &expected) {
            wrong.push(format!("wanted {expected}\nfound  {found}"));
        }
    }
    assert!(wrong.is_empty(), "{}\n{}", wrong.join("\n"), wrong.len());
}
