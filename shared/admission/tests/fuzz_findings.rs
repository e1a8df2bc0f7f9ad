//! Inputs that the fuzz targets found, or that were made by hand for the same reason.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test fails by panicking, in its helpers too"
)]

use serde_json::{Value, json};
use vapwright_admission::case::answer_line;

/// Variables that each nest what the one before holds: their types, their values and their
/// evaluation overflowed the stack.
#[test]
fn variables_that_nest_have_an_answer() {
    // an unoptimised build takes several times the stack of a release build
    let thread = std::thread::Builder::new().stack_size(8 << 20);
    thread.spawn(nested_variables).unwrap().join().unwrap();
}

fn nested_variables() {
    for (count, depth) in [(90, 240), (90, 30), (3, 150)] {
        let (open, close) = ("[".repeat(depth), "]".repeat(depth));
        let mut variables = vec![json!({"name": "v0", "expression": "1"})];
        for at in 1..count {
            let expression = format!("{open}variables.v{}{close}", at - 1);
            variables.push(json!({"name": format!("v{at}"), "expression": expression}));
        }
        let expression = format!("variables.v{0} == variables.v{0}", count - 1);
        let line = json!({
            "id": "deep",
            "policy": {
                "metadata": {"name": "deep"},
                "spec": {"variables": variables, "validations": [{"expression": expression}]},
            },
            "object": {"apiVersion": "v1", "kind": "Pod"},
        });
        let answer: Value = serde_json::from_str(&answer_line(&line.to_string())).unwrap();
        if count == 3 {
            assert_eq!(answer["decisions"][0]["Action"], "admit", "{answer}");
        } else {
            let error = answer["compileErrors"][0].as_str().unwrap();
            assert!(error.contains("has too many parts"), "{error}");
        }
    }
}
