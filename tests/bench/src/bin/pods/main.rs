//! Measures `vapwright admit` on ten thousand Pods under the restricted policies, beside Kyverno's
//! `kyverno apply`.
//!
//! `vapwright-bench-pods VAPWRIGHT FOLDER [KYVERNO PODS]` (see `scripts/bench.sh`) writes the Pods
//! into the folder, runs both on one core, Kyverno on as many of the Pods as it is given time for,
//! and prints CPU time and peak memory of the whole programs: from the file to the verdicts on
//! standard output. It ends with 1 where the two refuse different Pods.

mod generate;
mod run;

use std::collections::BTreeSet;
use std::error::Error;
use std::path::Path;

use run::Run;

const PODS: usize = 10_000;
/// What `vapwright admit` is to reach.
const MOST_SECONDS: f64 = 2.0;
const MOST_MEGABYTES: f64 = 500.0;
/// How often ours is run on all Pods: what counts is the median.
const PASSES: usize = 5;
/// The profiles that a namespace of the restricted profile gets.
const PROFILES: [&str; 2] = ["policies/baseline", "policies/restricted"];

fn main() -> Result<(), Box<dyn Error>> {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let (vapwright, folder, kyverno) = match args.as_slice() {
        [first, program @ ..] if first == run::MEASURE => return run::measure(program),
        [vapwright, folder] => (vapwright, folder, None),
        [vapwright, folder, kyverno, pods] => {
            (vapwright, folder, Some((kyverno, pods.parse::<usize>()?)))
        }
        _ => return Err("usage: vapwright-bench-pods VAPWRIGHT FOLDER [KYVERNO PODS]".into()),
    };
    let file = Path::new(folder).join("pods.yaml");
    let text = generate::file(PODS);
    std::fs::create_dir_all(folder)?;
    std::fs::write(&file, &text)?;
    let file = file.display().to_string();
    let policies = policies()?;
    println!(
        "{PODS} Pods, {:.1} MB of YAML, under {} policies of the restricted profile, on one core",
        text.len() as f64 / 1e6,
        policies.len()
    );

    let settings = [
        "--namespace-name=team".to_owned(),
        "--namespace-label=policy.vapwright.dev/profile=restricted".to_owned(),
    ];
    let given = policies.iter().map(|policy| format!("--policies={policy}"));
    let admit = |file: &str| {
        let start = ["admit".to_owned(), file.to_owned()].into_iter();
        start
            .chain(settings.clone())
            .chain(given.clone())
            .collect::<Vec<_>>()
    };
    let mut ours = Vec::new();
    for _ in 0..PASSES {
        ours.push(Run::of(vapwright, &admit(&file))?);
    }
    ours.sort_by(|a, b| a.seconds.total_cmp(&b.seconds));
    let ours = ours.swap_remove(PASSES / 2);
    row("vapwright admit", PODS, &ours, denied(&ours.output).len());
    let mut same = true;
    aim("seconds", ours.seconds, MOST_SECONDS);
    aim("MB", ours.megabytes, MOST_MEGABYTES);

    if let Some((kyverno, pods)) = kyverno {
        let file = Path::new(folder)
            .join("pods-kyverno.yaml")
            .display()
            .to_string();
        std::fs::write(&file, generate::file(pods))?;
        let ours = Run::of(vapwright, &admit(&file))?;
        let mut arguments = vec!["apply".to_owned()];
        arguments.extend(policies.iter().cloned());
        arguments.push(format!("--resource={file}"));
        let theirs = Run::of(kyverno, &arguments)?;
        let (denied, failed) = (denied(&ours.output), failed(&theirs.output));
        row("vapwright admit", pods, &ours, denied.len());
        row("kyverno apply", pods, &theirs, failed.len());
        println!(
            "vapwright takes 1/{:.0} of the time and 1/{:.0} of the memory",
            theirs.seconds / ours.seconds,
            theirs.megabytes / ours.megabytes
        );
        let differ: Vec<_> = denied.symmetric_difference(&failed).take(5).collect();
        if differ.is_empty() {
            println!("both refuse the same Pods");
        } else {
            same = false;
            println!("they differ on {differ:?}");
        }
    }
    if same {
        Ok(())
    } else {
        Err("the two refuse different Pods".into())
    }
}

/// The policies' files. A Kyverno policy that is not of the profile is not what the namespace gets.
fn policies() -> Result<Vec<String>, Box<dyn Error>> {
    let mut files = Vec::new();
    for profile in PROFILES {
        for entry in std::fs::read_dir(profile)? {
            files.push(entry?.path().join("policy.yaml").display().to_string());
        }
    }
    files.sort();
    Ok(files)
}

/// The Pods that a text of `vapwright admit` says are refused.
fn denied(output: &str) -> BTreeSet<&str> {
    let sentences = output.lines().filter_map(|line| line.strip_prefix("Pod "));
    let refused = sentences.filter_map(|line| line.split_once(" is refused"));
    refused.map(|(name, _)| name).collect()
}

/// The Pods that a text of `kyverno apply` says a policy failed for.
fn failed(output: &str) -> BTreeSet<&str> {
    let lines = output.lines().filter_map(|line| line.split_once("/Pod/"));
    let failed = lines.filter_map(|(_, rest)| rest.split_once(" failed"));
    failed.map(|(name, _)| name).collect()
}

fn row(name: &str, pods: usize, run: &Run, refused: usize) {
    println!(
        "{name:<16} {pods:>6} Pods {:>8.2} s {:>6.0} MB   {refused} refused",
        run.seconds, run.megabytes
    );
}

fn aim(unit: &str, value: f64, most: f64) {
    let reached = value < most;
    let word = if reached { "reached" } else { "MISSED" };
    println!("{word}: less than {most} {unit}: {value:.2}");
}
