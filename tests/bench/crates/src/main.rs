//! Measures other CEL crates on the benchmark's expressions, and asks them recorded cases.
//!
//! `vapwright-bench-crates CRATE bench EXPRESSIONS` prints what the oracle's `bench` prints, but for
//! costs, which these crates do not have. `vapwright-bench-crates CRATE answer` reads cases of the
//! case protocol, one a line, and answers `{"compileErrors"}`, `{"error"}` or `{"value"}`; for a
//! policy `{"verdicts"}`, one of these for each validation. CRATE is `cel` or `cel-core`.

mod answer;
mod measure;
mod protocol;
mod with_cel;
mod with_cel_core;

use std::io;

use serde_json::Value as Json;

/// A crate, set up as near to the API server's environment as it can be.
pub trait Engine: Sized {
    /// The crate's name.
    const NAME: &'static str;
    /// The variables `object` and `variables`.
    type Bound;
    type Program;
    type Value;

    fn new() -> Self;
    /// Brings JSON into the crate's form.
    fn value(json: &Json) -> Self::Value;
    fn bind(&self, object: Self::Value, variables: Self::Value) -> Self::Bound;
    fn compile(&self, text: &str) -> Result<Self::Program, String>;
    fn evaluate(&self, program: &Self::Program, bound: &Self::Bound)
    -> Result<Self::Value, String>;
    /// A value as the case protocol writes it.
    fn protocol(value: &Self::Value) -> Json;
}

/// So deep that no expression of the cases exhausts it.
const STACK: usize = 512 << 20;

fn main() -> Result<(), String> {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let args: Vec<&str> = args.iter().map(String::as_str).collect();
    match args.as_slice() {
        ["cel", rest @ ..] => run::<with_cel::Cel>(rest),
        ["cel-core", rest @ ..] => run::<with_cel_core::CelCore>(rest),
        _ => Err("usage: vapwright-bench-crates cel|cel-core bench FILE|answer".to_owned()),
    }
}

fn run<E: Engine>(args: &[&str]) -> Result<(), String> {
    match args {
        ["bench", file] => {
            let text = std::fs::read_to_string(file).map_err(|error| error.to_string())?;
            println!("{}", measure::measure::<E>(&text, &version(E::NAME))?);
            Ok(())
        }
        // A panic is an answer: a wrong one.
        ["answer"] => {
            std::panic::set_hook(Box::new(|_| {}));
            let asked = std::thread::Builder::new()
                .stack_size(STACK)
                .spawn(|| answer::answer_all::<E>(io::stdin().lock(), io::stdout().lock()));
            let answered = asked.map_err(|error| error.to_string())?.join();
            answered
                .map_err(|_| "a panic".to_owned())?
                .map_err(|error| error.to_string())
        }
        _ => Err("bench FILE, or answer".to_owned()),
    }
}

/// The version that this program was built with.
fn version(name: &str) -> String {
    let lock = include_str!("../Cargo.lock");
    let entry = format!("name = \"{name}\"\nversion = \"");
    let rest = lock.split_once(&entry).map_or("", |(_, rest)| rest);
    rest.split('"').next().unwrap_or_default().to_owned()
}
