//! The expressions of the benchmark on our engine, native and in wasm32.

use std::error::Error;
use std::hint::black_box;

use serde_json::Value as Json;
use vapwright_cel::document::Node;
use vapwright_cel::env::Environment;
use vapwright_cel::eval::{Activation, Limits, evaluate};
use vapwright_cel::plan::Program;
use vapwright_cel::types::Type;
use vapwright_cel::value::{Value, protocol};
use vapwright_cel::version::KubernetesVersion;

#[cfg(target_arch = "wasm32")]
mod wasm;

/// One expression.
pub struct Expression {
    pub name: String,
    text: String,
    program: Program,
}

/// The expressions of a file like `tests/bench/expressions.json`, and their document.
pub struct Expressions {
    env: Environment,
    json: Json,
    object: Node,
    pub list: Vec<Expression>,
}

impl Expressions {
    /// Reads the file's text and compiles the expressions.
    ///
    /// # Errors
    /// What is wrong with one of them.
    pub fn new(text: &str) -> Result<Self, Box<dyn Error>> {
        let mut input: Json = serde_json::from_str(text)?;
        let json = input["object"].take();
        let env =
            Environment::kubernetes(KubernetesVersion::NEWEST).with_variable("object", Type::Dyn);
        let mut list = Vec::new();
        for expression in input["expressions"].as_array().into_iter().flatten() {
            let of = |field: &str| expression[field].as_str().unwrap_or_default().to_owned();
            let program = env.compile(&of("expr"))?.program;
            list.push(Expression {
                name: of("name"),
                text: of("expr"),
                program,
            });
        }
        Ok(Self {
            object: vapwright_kube::json::from_value(&json),
            env,
            json,
            list,
        })
    }

    fn activation(&self) -> Activation<'_> {
        let mut activation = Activation::new();
        activation.set(0, Value::from(&self.object));
        activation
    }

    /// The value, as JSON, and the cost of an expression.
    ///
    /// # Errors
    /// Its run-time error.
    pub fn answer(&self, expression: &Expression) -> Result<(String, u64), Box<dyn Error>> {
        let activation = self.activation();
        let evaluation = evaluate(&expression.program, &activation, Limits::PER_EXPRESSION);
        let value = evaluation.result.map_err(|error| error.to_string())?;
        let value = protocol::json(&value).ok_or("a value that JSON does not have")?;
        Ok((value, evaluation.cost))
    }

    /// Evaluates an expression so many times, cost tracking on.
    pub fn evaluate(&self, expression: &Expression, times: u32) {
        let activation = self.activation();
        for _ in 0..times {
            let program = black_box(&expression.program);
            drop(black_box(evaluate(
                program,
                &activation,
                Limits::PER_EXPRESSION,
            )));
        }
    }

    /// Parses, checks and plans an expression so many times.
    pub fn compile(&self, expression: &Expression, times: u32) {
        for _ in 0..times {
            drop(black_box(self.env.compile(black_box(&expression.text))));
        }
    }

    /// Brings the document from JSON's form into the engine's so many times.
    pub fn bind(&self, times: u32) {
        for _ in 0..times {
            drop(black_box(vapwright_kube::json::from_value(black_box(
                &self.json,
            ))));
        }
    }
}
