//! Generates cases, asks the oracle and the engine, and compares the answers.
//!
//! `vapwright-differential ORACLE [PAIRS] [SEED] [FIRST]` generates cases, `vapwright-differential
//! ORACLE --cases FILE` reads them, one a line. Either prints how many answers agree, each known
//! exception with its count and reason, and each class of other differences with examples; it ends
//! with 1 where there are any. A generated case is made from the seed and its number alone: FIRST
//! and 1 pair repeat one.

mod case;
mod compare;
mod damage;
mod document;
mod exceptions;
mod expression;
mod grammar;
mod literals;
mod oracle;
mod random;
mod report;
mod worker;

use std::process::ExitCode;
use std::sync::atomic::AtomicU64;
use std::thread;
use std::time::Instant;

use report::Report;
use serde_json::Value;
use worker::Work;

fn main() -> ExitCode {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let Some(oracle) = args.first() else {
        eprintln!(
            "usage: vapwright-differential ORACLE [PAIRS] [SEED] [FIRST] | ORACLE --cases FILE"
        );
        return ExitCode::from(2);
    };
    let mut cases = None;
    if let [_, option, file] = args.as_slice()
        && option == "--cases"
    {
        match read_cases(file) {
            Ok(read) => cases = Some(read),
            Err(error) => {
                eprintln!("cannot read {file}: {error}");
                return ExitCode::from(2);
            }
        }
    }
    let numbers = if cases.is_some() { &[] } else { &args[..] };
    let number = |at: usize, default: u64| {
        numbers
            .get(at)
            .map_or(Ok(default), |text| text.parse::<u64>())
    };
    let (Ok(pairs), Ok(seed), Ok(first)) = (number(1, 20_000), number(2, 1), number(3, 0)) else {
        eprintln!("PAIRS, SEED and FIRST are numbers");
        return ExitCode::from(2);
    };
    let pairs = cases.as_ref().map_or(pairs, |cases| cases.len() as u64);
    let start = Instant::now();
    let work = Work {
        oracle,
        seed,
        cases: cases.as_deref(),
        next: AtomicU64::new(first),
        end: first + pairs,
    };
    let workers = thread::available_parallelism().map_or(1, usize::from);
    let mut report = Report::default();
    let results: Vec<_> = thread::scope(|scope| {
        let running: Vec<_> = (0..workers).map(|_| scope.spawn(|| work.run())).collect();
        running.into_iter().map(|worker| worker.join()).collect()
    });
    for result in results {
        match result {
            Ok(Ok(found)) => report.merge(found),
            Ok(Err(error)) => {
                eprintln!("cannot ask {oracle}: {error}");
                return ExitCode::from(2);
            }
            Err(_) => return ExitCode::from(2),
        }
    }
    print!("{report}");
    if cases.is_none() {
        print!("seed {seed}, ");
    }
    println!("{:.1} s", start.elapsed().as_secs_f64());
    if report.agrees() {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}

/// The cases of a file; none is an error too.
fn read_cases(file: &str) -> Result<Vec<Value>, String> {
    let text = std::fs::read_to_string(file).map_err(|error| error.to_string())?;
    let cases: Result<Vec<Value>, _> = text.lines().map(serde_json::from_str).collect();
    let cases = cases.map_err(|error| error.to_string())?;
    if cases.is_empty() {
        return Err("it has no case".to_owned());
    }
    Ok(cases)
}
