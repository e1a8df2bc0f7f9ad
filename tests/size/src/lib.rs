//! A module that compiles and evaluates expressions, or, without the feature `engine`, an empty one.

use wasm_bindgen::prelude::wasm_bindgen;

/// Evaluates an expression over a small document: its value and cost, or what is wrong.
#[cfg(feature = "engine")]
#[wasm_bindgen]
#[must_use]
pub fn evaluate(expression: &str) -> String {
    use vapwright_cel::document::Node;
    use vapwright_cel::env::Environment;
    use vapwright_cel::eval::{Activation, Limits, evaluate};
    use vapwright_cel::types::Type;
    use vapwright_cel::value::{Value, protocol};
    use vapwright_cel::version::KubernetesVersion;

    let env = Environment::kubernetes(KubernetesVersion::NEWEST).with_variable("object", Type::Dyn);
    let compiled = match env.compile(expression) {
        Ok(compiled) => compiled,
        Err(error) => return error.to_string(),
    };
    let object = Node::map([("spec", Node::map([("replicas", Node::Int(7))]))]);
    let mut activation = Activation::new();
    activation.set(0, Value::from(&object));
    let evaluation = evaluate(&compiled.program, &activation, Limits::PER_EXPRESSION);
    let text = match evaluation.result {
        Ok(value) => protocol::json(&value).unwrap_or_default(),
        Err(error) => error.to_string(),
    };
    format!("{text} {}", evaluation.cost)
}

/// Gives a text back.
#[cfg(not(feature = "engine"))]
#[wasm_bindgen]
#[must_use]
pub fn evaluate(expression: &str) -> String {
    expression.to_owned()
}
