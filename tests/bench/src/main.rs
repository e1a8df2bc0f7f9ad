//! Measures the CEL engine beside cel-go in the API server's environment, in one run.
//!
//! `vapwright-bench EXPRESSIONS ORACLE` prints, for each expression, the CPU time of one evaluation
//! and of one compilation on both sides, cost tracking on, and their ratio.

use std::error::Error;
use std::hint::black_box;
use std::process::Command;
use std::time::{Duration, Instant};

use cpu_time::ProcessTime;
use serde_json::Value as Json;
use vapwright_cel::env::Environment;
use vapwright_cel::eval::{Activation, Limits, evaluate};
use vapwright_cel::types::Type;
use vapwright_cel::value::Value;
use vapwright_cel::version::KubernetesVersion;

struct Measured {
    name: String,
    cost: u64,
    evaluate: f64,
    compile: f64,
}

fn main() -> Result<(), Box<dyn Error>> {
    let mut args = std::env::args().skip(1);
    let (Some(file), Some(oracle)) = (args.next(), args.next()) else {
        return Err("usage: vapwright-bench EXPRESSIONS ORACLE".into());
    };
    let ours = ours(&serde_json::from_str(&std::fs::read_to_string(&file)?)?)?;
    let theirs = theirs(&oracle, &file)?;
    println!(
        "CPU time per call in microseconds, cost tracking on; cel-go in kube-apiserver's environment"
    );
    println!(
        "{:<16} {:>9} {:>9} {:>7}   {:>9} {:>9} {:>7}",
        "", "evaluate", "cel-go", "ratio", "compile", "cel-go", "ratio"
    );
    for (a, b) in ours.iter().zip(&theirs) {
        if (&a.name, a.cost) != (&b.name, b.cost) {
            return Err(format!("{}: cost {} here, {} there", a.name, a.cost, b.cost).into());
        }
        println!(
            "{:<16} {:>9.3} {:>9.3} {:>6.1}x   {:>9.2} {:>9.2} {:>6.1}x",
            a.name,
            a.evaluate / 1e3,
            b.evaluate / 1e3,
            b.evaluate / a.evaluate,
            a.compile / 1e3,
            b.compile / 1e3,
            b.compile / a.compile
        );
    }
    Ok(())
}

fn ours(input: &Json) -> Result<Vec<Measured>, Box<dyn Error>> {
    let node = vapwright_kube::json::from_value(&input["object"]);
    let env = Environment::kubernetes(KubernetesVersion::NEWEST).with_variable("object", Type::Dyn);
    let mut activation = Activation::new();
    activation.set(0, Value::from(&node));
    let mut results = Vec::new();
    for expression in input["expressions"].as_array().into_iter().flatten() {
        let text = expression["expr"].as_str().unwrap_or_default();
        let compiled = env.compile(text)?;
        let run = || evaluate(&compiled.program, &activation, Limits::PER_EXPRESSION);
        let first = run();
        match first.result {
            Ok(Value::Bool(true)) => {}
            other => return Err(format!("{text}: {other:?}").into()),
        }
        results.push(Measured {
            name: expression["name"].as_str().unwrap_or_default().to_owned(),
            cost: first.cost,
            evaluate: cpu_time(|| drop(black_box(run()))),
            compile: cpu_time(|| drop(black_box(env.compile(text)))),
        });
    }
    Ok(results)
}

fn theirs(oracle: &str, file: &str) -> Result<Vec<Measured>, Box<dyn Error>> {
    let output = Command::new(oracle).args(["bench", file]).output()?;
    if !output.status.success() {
        return Err(String::from_utf8_lossy(&output.stderr).into_owned().into());
    }
    let answers: Vec<Json> = serde_json::from_slice(&output.stdout)?;
    Ok(answers
        .iter()
        .map(|answer| Measured {
            name: answer["name"].as_str().unwrap_or_default().to_owned(),
            cost: answer["cost"].as_u64().unwrap_or_default(),
            evaluate: answer["evaluate"].as_f64().unwrap_or_default(),
            compile: answer["compile"].as_f64().unwrap_or_default(),
        })
        .collect())
}

/// The least CPU time of one call, in nanoseconds, over five rounds of about 200 ms: as the
/// oracle measures.
fn cpu_time(mut call: impl FnMut()) -> f64 {
    let start = Instant::now();
    let mut iterations = 0_u32;
    while start.elapsed() < Duration::from_millis(50) {
        call();
        iterations += 1;
    }
    iterations *= 4;
    (0..5)
        .map(|_| {
            let before = ProcessTime::now();
            (0..iterations).for_each(|_| call());
            before.elapsed().as_secs_f64() * 1e9 / f64::from(iterations)
        })
        .fold(f64::INFINITY, f64::min)
}
