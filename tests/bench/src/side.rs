//! What is measured: our engine in this process, others in programs of their own.

use std::error::Error;
use std::process::Command;
use std::time::{Duration, Instant};

use cpu_time::ProcessTime;
use serde_json::{Value as Json, json};
use vapwright_bench::Expressions;

/// An engine.
pub struct Side {
    name: &'static str,
    how: How,
}

enum How {
    Here(String),
    Program(Command),
}

/// The least CPU times of one call, in nanoseconds.
pub struct Measured {
    pub name: &'static str,
    pub version: String,
    /// From JSON (in the API server: from its typed object) to the engine's own form.
    pub bind: f64,
    pub expressions: Vec<Expression>,
}

/// The same for one expression.
pub struct Expression {
    pub name: String,
    pub value: Json,
    pub cost: Option<u64>,
    pub evaluate: f64,
    pub compile: f64,
}

impl Side {
    pub fn ours(file: &str) -> Self {
        Self {
            name: "ours",
            how: How::Here(file.to_owned()),
        }
    }

    /// A program that prints what it measured.
    pub fn new(name: &'static str, program: Command) -> Self {
        Self {
            name,
            how: How::Program(program),
        }
    }

    pub fn measure(&mut self) -> Result<Measured, Box<dyn Error>> {
        let measured = match &mut self.how {
            How::Here(file) => here(&std::fs::read_to_string(file)?)?,
            How::Program(program) => {
                let output = program.output()?;
                if !output.status.success() {
                    let error = String::from_utf8_lossy(&output.stderr);
                    return Err(format!("{}: {error}", self.name).into());
                }
                serde_json::from_slice(&output.stdout)?
            }
        };
        let list = measured["expressions"].as_array();
        Ok(Measured {
            name: self.name,
            version: measured["version"].as_str().unwrap_or_default().to_owned(),
            bind: time(&measured["bind"]),
            expressions: list.into_iter().flatten().map(expression).collect(),
        })
    }
}

fn expression(answer: &Json) -> Expression {
    Expression {
        name: answer["name"].as_str().unwrap_or_default().to_owned(),
        value: answer["value"].clone(),
        cost: answer["cost"].as_u64(),
        evaluate: time(&answer["evaluate"]),
        compile: time(&answer["compile"]),
    }
}

fn time(answer: &Json) -> f64 {
    answer.as_f64().unwrap_or(f64::NAN)
}

impl Measured {
    /// Takes over what was faster in another pass.
    pub fn least(&mut self, other: &Self) {
        self.bind = self.bind.min(other.bind);
        for (mine, other) in self.expressions.iter_mut().zip(&other.expressions) {
            mine.evaluate = mine.evaluate.min(other.evaluate);
            mine.compile = mine.compile.min(other.compile);
        }
    }
}

/// Whether all sides have the same expressions with the same values, and those that count costs the
/// same costs.
pub fn same_answers(all: &[Measured]) -> Result<(), String> {
    let Some((ours, others)) = all.split_first() else {
        return Ok(());
    };
    for other in others {
        if other.expressions.len() != ours.expressions.len() {
            return Err(format!("{} has other expressions", other.name));
        }
        for (a, b) in ours.expressions.iter().zip(&other.expressions) {
            let same_cost = b.cost.is_none_or(|cost| Some(cost) == a.cost);
            if a.name != b.name || a.value != b.value || !same_cost {
                return Err(format!(
                    "{}: {} with cost {:?} here; {}: {} with cost {:?} in {}",
                    a.name, a.value, a.cost, b.name, b.value, b.cost, other.name
                ));
            }
        }
    }
    Ok(())
}

fn here(text: &str) -> Result<Json, Box<dyn Error>> {
    let input = Expressions::new(text)?;
    let mut list = Vec::new();
    for expression in &input.list {
        let (value, cost) = input.answer(expression)?;
        list.push(json!({
            "name": expression.name,
            "value": serde_json::from_str::<Json>(&value)?,
            "cost": cost,
            "evaluate": cpu_time(|times| input.evaluate(expression, times)),
            "compile": cpu_time(|times| input.compile(expression, times)),
        }));
    }
    Ok(json!({"version": "", "bind": cpu_time(|times| input.bind(times)), "expressions": list}))
}

/// The least CPU time of one call, in nanoseconds, over five rounds of about 100 ms: as the others
/// measure.
fn cpu_time(calls: impl Fn(u32)) -> f64 {
    const STEP: u32 = 16;
    let start = Instant::now();
    let mut iterations = 0_u32;
    while start.elapsed() < Duration::from_millis(50) {
        calls(STEP);
        iterations += STEP;
    }
    iterations *= 2;
    (0..5)
        .map(|_| {
            let before = ProcessTime::now();
            calls(iterations);
            before.elapsed().as_secs_f64() * 1e9 / f64::from(iterations)
        })
        .fold(f64::INFINITY, f64::min)
}
