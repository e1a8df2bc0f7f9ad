//! Answers recorded cases: expressions, and the validations of policies.

use std::io::{self, BufRead, Write};
use std::panic::{AssertUnwindSafe, catch_unwind};

use serde_json::{Map, Value as Json, json};

use crate::Engine;

/// One line in, one line out.
pub fn answer_all<E: Engine>(input: impl BufRead, mut output: impl Write) -> io::Result<()> {
    let engine = E::new();
    for line in input.lines() {
        let case: Json = serde_json::from_str(&line?)?;
        let mut answer = if case["mode"] == "cel" {
            answer_expression(&engine, &case)
        } else {
            json!({"verdicts": validations(&engine, &case)})
        };
        answer["id"] = case["id"].clone();
        writeln!(output, "{answer}")?;
    }
    output.flush()
}

/// What becomes of an expression.
enum Outcome<V> {
    Value(V),
    Other(Json),
}

fn run<E: Engine>(engine: &E, text: &str, bound: &E::Bound) -> Outcome<E::Value> {
    let outcome = catch_unwind(AssertUnwindSafe(|| {
        let program = match engine.compile(text) {
            Ok(program) => program,
            Err(error) => return Outcome::Other(json!({"compileErrors": [error]})),
        };
        match engine.evaluate(&program, bound) {
            Ok(value) => Outcome::Value(value),
            Err(error) => Outcome::Other(json!({"error": error})),
        }
    }));
    outcome.unwrap_or_else(|_| Outcome::Other(json!({"panic": true})))
}

fn told<E: Engine>(outcome: &Outcome<E::Value>) -> Json {
    match outcome {
        Outcome::Value(value) => {
            let value = catch_unwind(AssertUnwindSafe(|| E::protocol(value)));
            value.map_or(json!({"panic": true}), |value| json!({"value": value}))
        }
        Outcome::Other(other) => other.clone(),
    }
}

fn answer_expression<E: Engine>(engine: &E, case: &Json) -> Json {
    let bound = engine.bind(E::value(&case["object"]), E::value(&json!({})));
    let text = case["expr"].as_str().unwrap_or_default();
    told::<E>(&run(engine, text, &bound))
}

/// The answers to a policy's validations. Its variables are evaluated first, each with those before;
/// one that fails is not there.
fn validations<E: Engine>(engine: &E, case: &Json) -> Vec<Json> {
    let spec = &case["policy"]["spec"];
    let list = |name: &str| spec[name].as_array().cloned().unwrap_or_default();
    let bind = |variables: &Map<String, Json>| {
        engine.bind(
            E::value(&case["object"]),
            E::value(&Json::Object(variables.clone())),
        )
    };
    let mut variables = Map::new();
    for variable in list("variables") {
        let text = variable["expression"].as_str().unwrap_or_default();
        if let Outcome::Value(value) = run(engine, text, &bind(&variables)) {
            let name = variable["name"].as_str().unwrap_or_default();
            variables.insert(name.to_owned(), E::protocol(&value));
        }
    }
    let bound = bind(&variables);
    list("validations")
        .iter()
        .map(|validation| {
            let text = validation["expression"].as_str().unwrap_or_default();
            told::<E>(&run(engine, text, &bound))
        })
        .collect()
}
