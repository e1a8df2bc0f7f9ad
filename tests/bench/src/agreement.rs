//! How many of the API server's recorded answers each Rust engine agrees with.

use std::error::Error;
use std::io::{self, BufRead, BufReader, Write};
use std::process::{Command, Stdio};
use std::thread;

use serde_json::{Value as Json, json};

use crate::cases::{self, Cases, Kind};
use crate::side::Measured;

/// An engine's answers to the recorded expressions and policies.
struct Answers {
    name: String,
    expressions: Vec<Json>,
    policies: Vec<Json>,
}

/// Asks all, and prints a table.
pub fn print(crates: &str, measured: &[Measured]) -> Result<(), Box<dyn Error>> {
    let folder = cases::folder();
    if !folder.is_dir() {
        println!(
            "agreement: not measured, the recorded answers are not at {}",
            folder.display()
        );
        return Ok(());
    }
    let expressions = Cases::read(&folder, "cel-spec")?;
    let policies = Cases::read(&folder, "pod-security-cel")?;
    let ours = |lines: &[String]| lines.iter().map(|line| our_answer(line)).collect();
    let mut all = vec![Answers {
        name: "ours".to_owned(),
        expressions: ours(&expressions.lines),
        policies: ours(&policies.lines),
    }];
    for side in measured {
        if matches!(side.name, "cel" | "cel-core") {
            all.push(Answers {
                name: format!("{} {}", side.name, side.version),
                expressions: ask(crates, side.name, &expressions.lines)?,
                policies: ask(crates, side.name, &policies.lines)?,
            });
        }
    }
    if let Ok(folder) = std::env::var("VAPWRIGHT_BENCH_DIFFERENCES") {
        write_differences(&folder, &expressions, &all)?;
    }
    table(&expressions, &policies, &all);
    Ok(())
}

fn table(expressions: &Cases, policies: &Cases, all: &[Answers]) {
    print!(
        "{:<58}{:>7}",
        "answers as recorded from kube-apiserver 1.36.2", "cases"
    );
    all.iter().for_each(|side| print!("{:>17}", side.name));
    println!();
    let expected = &expressions.expected;
    let counted = |which: &dyn Fn(&Json) -> bool, same: fn(&Json, &Json) -> bool| {
        let count = expected.iter().filter(|expected| which(expected)).count();
        let cells = all.iter().map(|side| {
            let pairs = expected.iter().zip(&side.expressions);
            pairs
                .filter(|(expected, answer)| which(expected) && same(expected, answer))
                .count()
        });
        (count, cells.collect::<Vec<_>>())
    };
    let row = |name: &str, (count, cells): (usize, Vec<usize>)| {
        print!("{name:<58}{count:>7}");
        cells.iter().for_each(|cell| print!("{cell:>17}"));
        println!();
    };
    let of = |wanted: Kind| move |expected: &Json| cases::kind(expected) == wanted;
    row(
        "expressions of CEL's public suites: kind and value",
        counted(&|_| true, cases::same),
    );
    row("  values", counted(&of(Kind::Value), cases::same));
    row(
        "  run-time errors",
        counted(&of(Kind::RuntimeError), cases::same),
    );
    row(
        "  compile errors",
        counted(&of(Kind::CompileError), cases::same),
    );
    row(
        "  any error taken for any other",
        counted(&|_| true, cases::same_but_for_errors),
    );
    let verdicts: usize = policies.expected.iter().map(|e| decisions(e).len()).sum();
    let cells = all.iter().map(|side| {
        let pairs = policies.expected.iter().zip(&side.policies);
        pairs
            .map(|(expected, answer)| same_verdicts(expected, answer))
            .sum()
    });
    row(
        "validations of Kyverno's pod-security policies: verdict",
        (verdicts, cells.collect()),
    );
    let cells = all.iter().map(|side| {
        let answers = side.expressions.iter();
        let panics = answers.filter(|answer| cases::kind(answer) == Kind::Panic);
        panics.count()
    });
    row("expressions that panic", (expected.len(), cells.collect()));
}

fn decisions(answer: &Json) -> Vec<&str> {
    let decisions = answer["decisions"].as_array().into_iter().flatten();
    decisions
        .map(|decision| decision["Evaluation"].as_str().unwrap_or_default())
        .collect()
}

/// How many validations of a policy come to the same. Ours are decisions; a crate's are values.
fn same_verdicts(expected: &Json, answer: &Json) -> usize {
    let verdicts: Vec<&str> = match answer["verdicts"].as_array() {
        Some(values) => values.iter().map(cases::verdict).collect(),
        None => decisions(answer),
    };
    let pairs = decisions(expected).into_iter().zip(verdicts);
    pairs
        .filter(|(expected, verdict)| expected == verdict)
        .count()
}

fn our_answer(line: &str) -> Json {
    let answer = std::panic::catch_unwind(|| vapwright_engine::answer_case(line).line);
    answer
        .ok()
        .and_then(|line| serde_json::from_str(&line).ok())
        .unwrap_or_default()
}

/// The answers of a crate; a case that ends the program has none.
fn ask(program: &str, name: &str, lines: &[String]) -> io::Result<Vec<Json>> {
    let mut answers = Vec::with_capacity(lines.len());
    while let Some(rest) = lines.get(answers.len()..)
        && !rest.is_empty()
    {
        let mut child = Command::new(program)
            .args([name, "answer"])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()?;
        let input = child.stdin.take().ok_or(io::ErrorKind::BrokenPipe)?;
        let output = child.stdout.take().ok_or(io::ErrorKind::BrokenPipe)?;
        thread::scope(|scope| {
            // it ends with the pipe where the program ends before
            scope.spawn(move || {
                let mut input = input;
                rest.iter().try_for_each(|line| writeln!(input, "{line}"))
            });
            for line in BufReader::new(output).lines() {
                answers.push(serde_json::from_str(&line?)?);
            }
            Ok::<_, io::Error>(())
        })?;
        if !child.wait()?.success() && answers.len() < lines.len() {
            answers.push(json!({"ended": true}));
        }
    }
    Ok(answers)
}

/// One line for each expression in which an engine differs, in a file named after it.
fn write_differences(folder: &str, expressions: &Cases, all: &[Answers]) -> io::Result<()> {
    for side in all {
        let mut text = String::new();
        let pairs = expressions.expected.iter().zip(&side.expressions);
        for ((expected, answer), line) in pairs.zip(&expressions.lines) {
            if !cases::same(expected, answer) {
                let case: Json = serde_json::from_str(line)?;
                let difference =
                    json!({"expr": case["expr"], "expected": expected, "answer": answer});
                text.push_str(&format!("{difference}\n"));
            }
        }
        let name = side.name.replace(' ', "-");
        std::fs::write(format!("{folder}/{name}.jsonl"), text)?;
    }
    Ok(())
}
