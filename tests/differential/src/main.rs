//! Generates cases, asks the oracle and the engine, and compares the answers.
//!
//! `vapwright-differential ORACLE [PAIRS] [SEED]` prints how many answers agree and each class of
//! difference with examples; it ends with 1 where any answer differs.

mod compare;
mod generate;
mod grammar;

use std::io::Write;
use std::process::{Command, ExitCode, Stdio};

use serde_json::{Value, json};

/// Cases that are sent to the oracle at a time.
const BATCH: usize = 2_000;

fn main() -> ExitCode {
    let mut args = std::env::args().skip(1);
    let Some(oracle) = args.next() else {
        eprintln!("usage: vapwright-differential ORACLE [PAIRS] [SEED]");
        return ExitCode::from(2);
    };
    let pairs: usize = args
        .next()
        .and_then(|text| text.parse().ok())
        .unwrap_or(20_000);
    let seed: u64 = args.next().and_then(|text| text.parse().ok()).unwrap_or(1);
    let mut rng = fastrand::Rng::with_seed(seed);
    let mut report = compare::Report::default();
    let mut done = 0;
    while done < pairs {
        let cases: Vec<Value> = (done..pairs.min(done + BATCH))
            .map(|index| case(&mut rng, index))
            .collect();
        done += cases.len();
        let lines: Vec<String> = cases.iter().map(Value::to_string).collect();
        match ask(&oracle, &lines) {
            Ok(theirs) => {
                for ((case, line), theirs) in cases.iter().zip(&lines).zip(theirs) {
                    let ours = vapwright_engine::answer_case(line).line;
                    report.compare(case, &theirs, &ours);
                }
            }
            Err(error) => {
                eprintln!("cannot ask {oracle}: {error}");
                return ExitCode::from(2);
            }
        }
    }
    print!("{report}");
    if report.agrees() {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}

fn case(rng: &mut fastrand::Rng, index: usize) -> Value {
    json!({
        "id": index.to_string(),
        "mode": "cel",
        "version": format!("1.{}", rng.u32(30..=36)),
        "expr": generate::expression(rng),
        "object": generate::document(rng),
        "namespace": {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "shop"}},
        "user": {"name": if rng.bool() { "admin" } else { "alice" }, "groups": ["developers"]},
    })
}

fn ask(oracle: &str, lines: &[String]) -> std::io::Result<Vec<String>> {
    let mut child = Command::new(oracle)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()?;
    let mut input = child.stdin.take().ok_or(std::io::ErrorKind::BrokenPipe)?;
    let text = lines.join("\n");
    // The oracle answers while it reads: both pipes must be served at once.
    let writer = std::thread::spawn(move || input.write_all(text.as_bytes()));
    let output = child.wait_with_output()?;
    writer
        .join()
        .map_err(|_| std::io::ErrorKind::BrokenPipe)??;
    let answers: Vec<String> = String::from_utf8_lossy(&output.stdout)
        .lines()
        .map(str::to_owned)
        .collect();
    if answers.len() == lines.len() {
        Ok(answers)
    } else {
        Err(std::io::Error::other(format!(
            "{} answers to {} cases",
            answers.len(),
            lines.len()
        )))
    }
}
