//! Generates cases, asks the oracle and the engine, and compares the answers.
//!
//! `vapwright-differential ORACLE [PAIRS] [SEED] [FIRST]` generates expressions, with `--policies`
//! in front whole policies, with `--mutations` mutating ones; `vapwright-differential ORACLE --cases FILE` reads cases, one a line.
//! Each prints how many answers agree, each known exception with its count and reason, and each
//! class of other differences with examples; it ends with 1 where there are any. A generated case
//! is made from the seed and its number alone: FIRST and 1 pair repeat one.
//! `vapwright-differential --coverage [PAIRS] [SEED]` prints which functions the generated
//! expressions reach, `vapwright-differential --print [--policies|--mutations] [PAIRS] [SEED] [FIRST]` the cases.

mod calls;
mod case;
mod compare;
mod coverage;
mod damage;
mod document;
mod exceptions;
mod expression;
mod grammar;
mod literals;
mod mutation;
mod oracle;
mod policy;
mod random;
mod report;
mod worker;

use std::process::ExitCode;
use std::sync::atomic::AtomicU64;
use std::time::Instant;

use serde_json::Value;
use worker::Work;

const USAGE: &str =
    "usage: vapwright-differential [--policies|--mutations] ORACLE [PAIRS] [SEED] [FIRST]
       vapwright-differential ORACLE --cases FILE
       vapwright-differential --coverage [PAIRS] [SEED] [FIRST]
       vapwright-differential --print [--policies|--mutations] [PAIRS] [SEED] [FIRST]";

fn main() -> ExitCode {
    let mut args: Vec<String> = std::env::args().skip(1).collect();
    let mut option = |name: &str| {
        let at = args.iter().position(|arg| arg == name);
        at.map(|at| args.remove(at)).is_some()
    };
    let make = if option("--policies") {
        policy::case
    } else if option("--mutations") {
        mutation::case
    } else {
        case::case
    };
    let (covers, prints) = (option("--coverage"), option("--print"));
    let reads = option("--cases");
    let mut args = args.into_iter();
    let oracle = if covers || prints { None } else { args.next() };
    let Some(oracle) = oracle.or_else(|| (covers || prints).then(String::new)) else {
        eprintln!("{USAGE}");
        return ExitCode::from(2);
    };
    let mut cases = None;
    if reads {
        let file = args.next().unwrap_or_default();
        match read_cases(&file) {
            Ok(read) => cases = Some(read),
            Err(error) => {
                eprintln!("cannot read {file}: {error}");
                return ExitCode::from(2);
            }
        }
    }
    let mut number = |default: u64| args.next().map_or(Ok(default), |text| text.parse::<u64>());
    let (Ok(pairs), Ok(seed), Ok(first), None) =
        (number(20_000), number(1), number(0), args.next())
    else {
        eprintln!("{USAGE}");
        return ExitCode::from(2);
    };
    if covers {
        print!("{}", coverage::coverage(first..first + pairs, seed));
        return ExitCode::SUCCESS;
    }
    if prints {
        for index in first..first + pairs {
            println!("{}", make(seed, index));
        }
        return ExitCode::SUCCESS;
    }
    let pairs = cases.as_ref().map_or(pairs, |cases| cases.len() as u64);
    let start = Instant::now();
    let work = Work {
        oracle: &oracle,
        make,
        seed,
        cases: cases.as_deref(),
        next: AtomicU64::new(first),
        end: first + pairs,
    };
    let report = match work.all() {
        Ok(report) => report,
        Err(error) => {
            eprintln!("cannot ask {oracle}: {error}");
            return ExitCode::from(2);
        }
    };
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
