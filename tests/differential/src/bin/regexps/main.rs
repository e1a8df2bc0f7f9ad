//! Compares regular expressions with Go's on generated patterns and texts.
//!
//! `regexps ORACLE PATTERNS SEED [FIRST]` generates patterns, valid and invalid, each with a text;
//! `regexps ORACLE limits 0` takes patterns of growing size, count and depth, around the first that
//! is refused. Either asks the oracle (`regexp`), compares errors to the letter and the places of all
//! matches, prints what it found, and ends with 1 where there are differences. A generated pattern
//! is made from the seed and its number alone: FIRST and 1 pattern repeat one.

mod compare;
mod draft;
mod go;
mod limits;
#[path = "../../random.rs"]
mod random;

use std::io;
use std::process::ExitCode;

use compare::Report;

/// A pattern, and a text to look for it in.
pub struct Question {
    /// What is said of it in a report.
    pub name: String,
    pub pattern: String,
    pub text: String,
}

/// Patterns that one run of the oracle answers.
const BATCH: u64 = 4_000;

fn main() -> ExitCode {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let number =
        |at: usize, default: u64| args.get(at).map_or(Ok(default), |text| text.parse::<u64>());
    let (Some(oracle), Some(what), Ok(seed), Ok(first)) =
        (args.first(), args.get(1), number(2, 1), number(3, 0))
    else {
        eprintln!("usage: regexps ORACLE PATTERNS SEED [FIRST] | ORACLE limits 0");
        return ExitCode::from(2);
    };
    // A panic is a difference and is reported as one.
    std::panic::set_hook(Box::new(|_| {}));
    let report = match what.parse() {
        Ok(count) => generated(oracle, count, seed, first),
        Err(_) if what == "limits" => limits::compare(oracle),
        Err(_) => {
            eprintln!("PATTERNS is a number, or `limits`");
            return ExitCode::from(2);
        }
    };
    match report {
        Ok(report) => {
            print!("{report}");
            if report.agrees() {
                ExitCode::SUCCESS
            } else {
                ExitCode::FAILURE
            }
        }
        Err(error) => {
            eprintln!("cannot ask {oracle}: {error}");
            ExitCode::from(2)
        }
    }
}

fn generated(oracle: &str, count: u64, seed: u64, first: u64) -> io::Result<Report> {
    let mut report = Report::default();
    let end = first + count;
    let mut next = first;
    while next < end {
        let batch = next..end.min(next + BATCH);
        next = batch.end;
        let questions: Vec<Question> = batch
            .map(|index| {
                let (pattern, text) = draft::pattern_and_text(&mut random::for_case(seed, index));
                Question {
                    name: format!("pattern {index} of seed {seed}"),
                    pattern,
                    text,
                }
            })
            .collect();
        let answers = go::ask(oracle, &questions)?;
        for (question, answer) in questions.iter().zip(&answers) {
            report.compare(question, answer);
        }
    }
    Ok(report)
}
