//! How long the typical expressions of `tests/bench/expressions.json` take, in nanoseconds: the
//! least of many short rounds. `cargo run --release -p vapwright-cel --example timing`

use std::error::Error;
use std::hint::black_box;
use std::time::{Duration, Instant};

use serde_json::Value as Json;
use vapwright_cel::document::Node;
use vapwright_cel::env::Environment;
use vapwright_cel::eval::{Activation, Limits, evaluate};
use vapwright_cel::types::Type;
use vapwright_cel::value::{Value, protocol};
use vapwright_cel::version::KubernetesVersion;

fn main() -> Result<(), Box<dyn Error>> {
    let path = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../../tests/bench/expressions.json"
    );
    let input: Json = serde_json::from_str(&std::fs::read_to_string(path)?)?;
    let object = input.get("object").map(node).unwrap_or_default();
    let env = Environment::kubernetes(KubernetesVersion::NEWEST).with_variable("object", Type::Dyn);
    let expressions = input.get("expressions").and_then(Json::as_array);
    for expression in expressions.into_iter().flatten() {
        let text = |name| expression.get(name).and_then(Json::as_str).unwrap_or("");
        let compiled = env.compile(text("expr"))?;
        let mut activation = Activation::new();
        activation.set(0, Value::from(&object));
        let run = || evaluate(&compiled.program, &activation, Limits::PER_EXPRESSION);
        let evaluation = run();
        let value = match &evaluation.result {
            Ok(value) => protocol::json(value).unwrap_or_default(),
            Err(error) => error.to_string(),
        };
        let evaluating = least(|| {
            black_box(run());
        });
        let compiling = least(|| {
            black_box(env.compile(text("expr")).is_ok());
        });
        println!(
            "{:<14} {value} cost {:>3}  evaluate {evaluating:>7.0} ns  compile {compiling:>7.0} ns",
            text("name"),
            evaluation.cost
        );
    }
    Ok(())
}

/// The least time of one call, in nanoseconds.
fn least(mut call: impl FnMut()) -> f64 {
    let mut least = f64::INFINITY;
    let start = Instant::now();
    while start.elapsed() < Duration::from_millis(500) {
        let round = Instant::now();
        for _ in 0..200 {
            call();
        }
        least = least.min(round.elapsed().as_secs_f64() * 1e9 / 200.0);
    }
    least
}

fn node(json: &Json) -> Node {
    match json {
        Json::Null => Node::Null,
        Json::Bool(value) => Node::Bool(*value),
        Json::Number(number) => number.as_i64().map_or_else(
            || Node::Double(number.as_f64().unwrap_or_default()),
            Node::Int,
        ),
        Json::String(text) => Node::string(text.as_str()),
        Json::Array(items) => Node::List(items.iter().map(node).collect()),
        Json::Object(fields) => Node::map(fields.iter().map(|(k, v)| (k.as_str(), node(v)))),
    }
}
