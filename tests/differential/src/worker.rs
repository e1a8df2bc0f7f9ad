//! One of several workers: takes batches of cases, has an oracle of its own.

use std::io;
use std::panic;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;

use serde::Deserialize as _;
use serde_json::{Value, json};

use crate::compare::{difference, same_but_for_order};
use crate::exceptions::{ORDER, Pair, UNREAD, VARIES, exception};
use crate::oracle::Oracle;
use crate::report::Report;

/// Cases that are sent to the oracle at a time.
const BATCH: u64 = 250;
/// How often the oracle is asked again whether its answer is the only one.
const AGAIN: usize = 64;

/// Stack of a worker, in bytes: answers nest as deep as values do.
const STACK: usize = 256 << 20;

/// What all workers share.
pub struct Work<'w> {
    /// The oracle's program.
    pub oracle: &'w str,
    /// Makes case number so of a seed.
    pub make: fn(u64, u64) -> Value,
    /// What all cases are made from.
    pub seed: u64,
    /// The cases, where they are not generated.
    pub cases: Option<&'w [Value]>,
    /// The first case that nobody has taken.
    pub next: AtomicU64,
    /// The case after the last.
    pub end: u64,
}

impl Work<'_> {
    /// All cases, by as many workers as there are processors.
    pub fn all(&self) -> io::Result<Report> {
        // whether it answers at all: later it may die of a case
        let probe = json!({"id": "0", "mode": "cel", "expr": "1"}).to_string();
        Oracle::start(self.oracle)?.ask(&[probe], || ())?;
        let workers = thread::available_parallelism().map_or(1, usize::from);
        let results: io::Result<Vec<_>> = thread::scope(|scope| {
            let start = || {
                let worker = thread::Builder::new().stack_size(STACK);
                worker.spawn_scoped(scope, || self.run())
            };
            let running: io::Result<Vec<_>> = (0..workers).map(|_| start()).collect();
            let failed = |_| Err(io::Error::other("a worker panicked"));
            let joined = running?.into_iter();
            Ok(joined
                .map(|worker| worker.join().unwrap_or_else(failed))
                .collect())
        });
        let mut report = Report::default();
        for found in results? {
            report.merge(found?);
        }
        Ok(report)
    }

    /// Takes batches until there are none.
    fn run(&self) -> io::Result<Report> {
        let mut oracle = Oracle::start(self.oracle)?;
        let mut report = Report::default();
        loop {
            let first = self.next.fetch_add(BATCH, Ordering::Relaxed);
            if first >= self.end {
                return Ok(report);
            }
            let cases: Vec<Value> = (first..self.end.min(first + BATCH))
                .map(|index| self.case(index))
                .collect();
            let lines: Vec<String> = cases.iter().map(Value::to_string).collect();
            let ours = || lines.iter().map(|line| answer(line)).collect();
            let (theirs, ours): (_, Vec<Value>) = match oracle.ask(&lines, ours) {
                Ok((theirs, ours)) => (theirs, ours),
                Err(_) => {
                    let theirs = self.one_by_one(&mut oracle, &lines)?;
                    (theirs, lines.iter().map(|line| answer(line)).collect())
                }
            };
            for (at, case) in cases.iter().enumerate() {
                let index = first + at as u64;
                self.compare(
                    &mut report,
                    &mut oracle,
                    index,
                    case,
                    &read(&theirs[at]),
                    &ours[at],
                )?;
            }
        }
    }

    fn case(&self, index: u64) -> Value {
        match self.cases {
            Some(cases) => usize::try_from(index)
                .ok()
                .and_then(|index| cases.get(index))
                .cloned()
                .unwrap_or_default(),
            None => (self.make)(self.seed, index),
        }
    }

    /// After the oracle has died: which case it was, and the other cases' answers.
    fn one_by_one(&self, oracle: &mut Oracle, lines: &[String]) -> io::Result<Vec<String>> {
        *oracle = Oracle::start(self.oracle)?;
        lines
            .iter()
            .map(|line| match oracle.ask(std::slice::from_ref(line), || ()) {
                Ok((mut answers, ())) => Ok(answers.remove(0)),
                Err(error) => {
                    *oracle = Oracle::start(self.oracle)?;
                    Ok(json!({"panic": error.to_string()}).to_string())
                }
            })
            .collect()
    }

    fn compare(
        &self,
        report: &mut Report,
        oracle: &mut Oracle,
        index: u64,
        case: &Value,
        theirs: &Value,
        ours: &Value,
    ) -> io::Result<()> {
        report.count(theirs);
        if theirs.is_null() || ours.is_null() {
            // two answers that were not read would seem to be the same
            report.except(UNREAD);
            return Ok(());
        }
        let Some(found) = difference(theirs, ours) else {
            report.equal();
            return Ok(());
        };
        let pair = Pair {
            version: case["version"].as_str().unwrap_or_default(),
            asked: match case["expr"].as_str() {
                Some(expr) => expr.to_owned(),
                None => case["policy"].to_string(),
            },
            theirs,
            ours,
        };
        if let Some(exception) = exception(&pair) {
            report.except(exception.name);
            return Ok(());
        }
        let mut again = Vec::new();
        match oracle.ask(&vec![case.to_string(); AGAIN], || ()) {
            Ok((answers, ())) => again.extend(answers.iter().map(|answer| read(answer))),
            // it dies of the case
            Err(_) => *oracle = Oracle::start(self.oracle)?,
        }
        if again
            .iter()
            .any(|theirs| difference(theirs, ours).is_none())
        {
            report.except(VARIES);
            return Ok(());
        }
        let varies = again
            .iter()
            .any(|other| difference(theirs, other).is_some());
        if varies && again.iter().any(|theirs| same_but_for_order(theirs, ours)) {
            report.except(ORDER);
            return Ok(());
        }
        report.differ(found, index, || {
            let strip = |answer: &Value| {
                let mut answer = answer.clone();
                answer.as_object_mut().map(|fields| fields.remove("id"));
                answer.to_string()
            };
            format!(
                "  case {index}, version {}: {}\n    theirs {}\n    ours   {}",
                case["version"],
                match &case["expr"] {
                    Value::Null => case,
                    expr => expr,
                },
                strip(theirs),
                strip(ours)
            )
        });
        Ok(())
    }
}

fn read(text: &str) -> Value {
    let mut reader = serde_json::Deserializer::from_str(text);
    // values may nest deeper than its limit; a worker's stack is large
    reader.disable_recursion_limit();
    Value::deserialize(&mut reader).unwrap_or(Value::Null)
}

/// The engine's answer; a panic is one too.
fn answer(line: &str) -> Value {
    match panic::catch_unwind(|| vapwright_engine::answer_case(line).line) {
        Ok(answer) => read(&answer),
        Err(_) => json!({"panic": "the engine"}),
    }
}
