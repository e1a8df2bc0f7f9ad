//! Compares Pod Security admission, and the shipped bundle, with `k8s.io/pod-security-admission`.
//!
//! `pod-security ORACLE POLICIES [REQUESTS] [SEED] [FIRST]`: first the module's own fixtures, of
//! both levels and every supported version, as Pods and as Deployments; then generated requests.
//! Every decision with its texts must be the module's, and the bundle of the version must refuse
//! what it refuses. It prints how many agree and each difference, and ends with 1 where there are
//! any.

mod bundle;
mod exceptions;
mod fixtures;
mod generate;
#[path = "../oracle.rs"]
mod oracle;
mod pods;
#[path = "../random.rs"]
mod random;
mod requests;

use std::collections::BTreeMap;
use std::process::ExitCode;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;
use std::time::Instant;

use bundle::Bundles;
use oracle::Oracle;
use requests::{Case, decided};
use serde_json::Value;
use vapwright_cel::version::KubernetesVersion;

/// Requests that are sent to the oracle at a time.
const BATCH: u64 = 200;
/// Differences that are shown.
const SHOWN: usize = 20;

/// What was found.
#[derive(Default)]
struct Report {
    decisions: usize,
    refused: usize,
    warned: usize,
    bundles: usize,
    bundles_refused: usize,
    exceptions: BTreeMap<&'static str, usize>,
    differences: Vec<String>,
}

impl Report {
    fn merge(&mut self, other: Self) {
        self.decisions += other.decisions;
        self.refused += other.refused;
        self.warned += other.warned;
        self.bundles += other.bundles;
        self.bundles_refused += other.bundles_refused;
        for (name, count) in other.exceptions {
            *self.exceptions.entry(name).or_default() += count;
        }
        self.differences.extend(other.differences);
    }

    /// Asks everyone about requests, and compares.
    fn compare(
        &mut self,
        oracle: &mut Oracle,
        bundles: &Bundles,
        cases: &[Case],
    ) -> std::io::Result<()> {
        let lines: Vec<String> = cases.iter().map(Case::line).collect();
        let ours = || cases.iter().map(decided).collect::<Vec<Value>>();
        let (theirs, ours) = oracle.ask(&lines, ours)?;
        for ((case, theirs), ours) in cases.iter().zip(theirs).zip(ours) {
            let mut theirs: Value = serde_json::from_str(&theirs)?;
            theirs.as_object_mut().map(|answer| answer.remove("id"));
            self.decisions += 1;
            self.refused += usize::from(ours.get("denied").is_some());
            self.warned += usize::from(ours.pointer("/warnings/0").is_some());
            if ours != theirs {
                self.differences.push(format!(
                    "{}: decision\n  theirs {theirs}\n  ours   {ours}",
                    case.describe()
                ));
            }
            let Some(judged) = bundles.judge(case) else {
                continue;
            };
            self.bundles += 1;
            self.bundles_refused += usize::from(!judged.denied.is_empty());
            let refused = theirs.get("denied").is_some();
            if judged.failed.is_empty() && judged.denied.is_empty() != refused {
                continue;
            }
            match exceptions::of(case) {
                Some(name) => *self.exceptions.entry(name).or_default() += 1,
                None => self.differences.push(format!(
                    "{}: bundle\n  theirs {theirs}\n  bundle {judged:?}",
                    case.describe()
                )),
            }
        }
        Ok(())
    }

    fn print(&self, what: &str) {
        println!(
            "{what}: {} decisions ({} refused, {} warned), {} by the bundle ({} refused), {} differ",
            self.decisions,
            self.refused,
            self.warned,
            self.bundles,
            self.bundles_refused,
            self.differences.len()
        );
        for (name, count) in &self.exceptions {
            println!("{count} of the bundle differ by a known exception: {name}");
        }
        for difference in self.differences.iter().take(SHOWN) {
            println!("{difference}");
        }
    }
}

fn main() -> ExitCode {
    match run() {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("pod-security: {error}");
            ExitCode::from(2)
        }
    }
}

fn run() -> Result<bool, Box<dyn std::error::Error>> {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let [oracle, policies, numbers @ ..] = args.as_slice() else {
        return Err("usage: pod-security ORACLE POLICIES [REQUESTS] [SEED] [FIRST]".into());
    };
    let number = |at: usize, default: u64| {
        let given = numbers.get(at);
        given.map_or(Ok(default), |text| text.parse::<u64>())
    };
    let (count, seed, first) = (number(0, 20_000)?, number(1, 1)?, number(2, 0)?);
    let start = Instant::now();
    let bundles = Bundles::build(policies)?;

    let mut found = Report::default();
    let mut asked = Oracle::start(oracle)?;
    let mut all = Vec::new();
    for version in KubernetesVersion::supported() {
        for level in ["baseline", "restricted"] {
            let fixtures = fixtures::read(oracle, version, level)?;
            let wrong = fixtures::check(&fixtures, version, &bundles);
            let passes = fixtures.iter().filter(|fixture| fixture.passes).count();
            println!(
                "{version} {level}: {passes} that must pass and {} that must fail, {} wrong",
                fixtures.len() - passes,
                wrong.len()
            );
            found.differences.extend(wrong);
            let cases = fixtures::cases(&fixtures, version);
            found.compare(&mut asked, &bundles, &cases)?;
            all.extend(fixtures);
        }
    }
    found.print("fixtures");

    let next = AtomicU64::new(first);
    let end = first + count;
    let work = || -> std::io::Result<Report> {
        let mut oracle = Oracle::start(oracle)?;
        let mut report = Report::default();
        loop {
            let from = next.fetch_add(BATCH, Ordering::Relaxed);
            if from >= end {
                return Ok(report);
            }
            let cases: Vec<Case> = (from..end.min(from + BATCH))
                .map(|index| generate::case(seed, index, &all))
                .collect();
            report.compare(&mut oracle, &bundles, &cases)?;
        }
    };
    let workers = thread::available_parallelism().map_or(1, usize::from);
    let mut generated = Report::default();
    let results: Vec<_> = thread::scope(|scope| {
        let running: Vec<_> = (0..workers).map(|_| scope.spawn(work)).collect();
        running.into_iter().map(|worker| worker.join()).collect()
    });
    for result in results {
        generated.merge(result.map_err(|_| "a worker panicked")??);
    }
    generated.print("generated");
    println!("seed {seed}, {:.1} s", start.elapsed().as_secs_f64());
    Ok(found.differences.is_empty() && generated.differences.is_empty())
}
