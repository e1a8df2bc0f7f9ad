//! The CPU time of one evaluation, one compilation, and of binding the document.

use std::hint::black_box;
use std::time::{Duration, Instant};

use cpu_time::ProcessTime;
use serde_json::{Value as Json, json};

use crate::Engine;

/// Measures the expressions of a file's text.
pub fn measure<E: Engine>(text: &str, version: &str) -> Result<Json, String> {
    let input: Json = serde_json::from_str(text).map_err(|error| error.to_string())?;
    let engine = E::new();
    let none = || E::value(&json!({}));
    let bound = engine.bind(E::value(&input["object"]), none());
    let mut expressions = Vec::new();
    for expression in input["expressions"].as_array().into_iter().flatten() {
        let text = expression["expr"].as_str().unwrap_or_default();
        let program = engine.compile(text)?;
        let value = engine.evaluate(&program, &bound)?;
        expressions.push(json!({
            "name": expression["name"],
            "value": E::protocol(&value),
            "evaluate": cpu_time(|| drop(black_box(engine.evaluate(&program, &bound)))),
            "compile": cpu_time(|| drop(black_box(engine.compile(text)))),
        }));
    }
    let bind = cpu_time(|| drop(black_box(engine.bind(E::value(&input["object"]), none()))));
    Ok(json!({"version": version, "bind": bind, "expressions": expressions}))
}

/// The least CPU time of one call, in nanoseconds, over five rounds of about 100 ms.
fn cpu_time(mut call: impl FnMut()) -> f64 {
    let start = Instant::now();
    let mut iterations = 0_u32;
    while start.elapsed() < Duration::from_millis(50) {
        call();
        iterations += 1;
    }
    iterations *= 2;
    (0..5)
        .map(|_| {
            let before = ProcessTime::now();
            (0..iterations).for_each(|_| call());
            before.elapsed().as_secs_f64() * 1e9 / f64::from(iterations)
        })
        .fold(f64::INFINITY, f64::min)
}
