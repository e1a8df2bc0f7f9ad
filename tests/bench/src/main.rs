//! Measures the CEL engine, native and in wasm32, beside cel-go and other crates, in one run.
//!
//! `vapwright-bench EXPRESSIONS ORACLE CRATES WASM` (see `scripts/bench.sh`) prints the CPU time of
//! one evaluation and of one compilation of each expression on all sides, and how many recorded
//! answers of kube-apiserver each Rust engine agrees with. It ends with 1 where values or costs of
//! the expressions differ.

mod agreement;
mod cases;
mod side;
mod table;

use std::error::Error;
use std::process::Command;

use side::{Measured, Side};

/// How often all sides are measured, one after the other: a moment in which the machine is busy
/// then does not fall on one side alone.
const PASSES: usize = 3;

fn main() -> Result<(), Box<dyn Error>> {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let [file, oracle, crates, wasm] = args.as_slice() else {
        return Err("usage: vapwright-bench EXPRESSIONS ORACLE CRATES WASM".into());
    };
    let program = |program: &str, args: &[&str]| {
        let mut command = Command::new(program);
        command.args(args).arg(file);
        command
    };
    let node = |build: &str| {
        let script = concat!(env!("CARGO_MANIFEST_DIR"), "/wasm.mjs");
        program("node", &[script, &format!("{wasm}/{build}")])
    };
    let mut sides = [
        Side::ours(file),
        Side::new("cel-go", program(oracle, &["bench"])),
        Side::new("wasm32 speed", node("speed")),
        Side::new("wasm32 size", node("size")),
        Side::new("cel", program(crates, &["cel", "bench"])),
        Side::new("cel-core", program(crates, &["cel-core", "bench"])),
    ];
    let mut all: Vec<Measured> = Vec::new();
    for pass in 1..=PASSES {
        eprintln!("measuring, pass {pass} of {PASSES}");
        for (at, side) in sides.iter_mut().enumerate() {
            let measured = side.measure()?;
            match all.get_mut(at) {
                Some(before) => before.least(&measured),
                None => all.push(measured),
            }
        }
    }
    side::same_answers(&all)?;
    table::print(&all);
    println!();
    agreement::print(crates, &all)
}
