//! `vapwright convert`: Kyverno policies in, admission policies out.

use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum};
use serde_json::json;
use vapwright_engine::wire::{
    ConvertAnswer, ConvertCall, FailFast, LabelModel, SourceFile, TestsCall,
};

use crate::cli::exit::Failure;
use crate::cli::{Outcome, account, input, output};

/// What is converted, and how.
#[derive(Debug, Args)]
pub struct Arguments {
    /// Files, folders, or `-` for standard input
    #[arg(required = true)]
    paths: Vec<PathBuf>,
    /// Write a file per policy into this folder instead of all to standard output
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
    /// The form of the policies
    #[arg(long, value_enum, default_value_t = Format::Yaml)]
    format: Format,
    /// Also say on standard error what became of each field
    #[arg(long, value_enum, value_name = "FORM")]
    account: Option<account::Form>,
    /// Also write a Chainsaw suite for each policy into this folder, with the resources of
    /// `good.yaml` and `bad.yaml` beside the policy and the answers that are expected of a cluster
    #[arg(long, value_name = "DIR")]
    tests: Option<PathBuf>,
    #[command(flatten)]
    options: Options,
}

/// How Kyverno policies are converted.
#[derive(Debug, Args)]
pub struct Options {
    /// The profile of policies that do not say theirs: baseline, restricted, or custom (namespaces
    /// opt in)
    #[arg(long)]
    pub profile: Option<String>,
    /// The domain of the labels that bind policies to namespaces
    #[arg(long, value_name = "DOMAIN")]
    domain: Option<String>,
    /// The Kubernetes version, such as 1.34 [default: the newest known]
    #[arg(long, value_name = "VERSION")]
    pub kubernetes: Option<String>,
    /// Also make policies for the workloads that make Pods, so that who sends a Deployment is told at
    /// once [default: no, without a value: warn]
    #[arg(long, value_enum, value_name = "ACTION", num_args = 0..=1, require_equals = true, default_missing_value = "warn")]
    fail_fast: Option<Action>,
}

/// What policies for workloads do.
#[derive(Clone, Copy, Debug, ValueEnum)]
enum Action {
    /// Warn who sends the workload
    Warn,
    /// Refuse the workload
    Deny,
}

impl Options {
    /// Whether there are policies for workloads.
    pub fn fail_fast(&self) -> FailFast {
        match self.fail_fast {
            None => FailFast::No,
            Some(Action::Warn) => FailFast::Warn,
            Some(Action::Deny) => FailFast::Deny,
        }
    }

    /// The labels' domain.
    pub fn labels(&self) -> LabelModel {
        self.domain
            .clone()
            .map_or_else(LabelModel::default, |domain| LabelModel { domain })
    }
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Format {
    Yaml,
    /// A List, which kubectl takes like a file of many documents
    Json,
    /// All that the conversion says, for programs
    Answer,
}

/// The resources that are tried with the policies beside them.
const RESOURCES: [&str; 2] = ["good.yaml", "bad.yaml"];

/// Writes the Chainsaw suites of the policies.
fn write_tests(arguments: &Arguments, folder: &Path) -> Result<(), Failure> {
    for source in input::read_all(&arguments.paths)? {
        let path = PathBuf::from(&source.name);
        let is_resource = path
            .file_name()
            .is_some_and(|name| RESOURCES.iter().any(|resources| name == *resources));
        if is_resource {
            continue;
        }
        let beside = |name: &str| -> Result<Option<SourceFile>, Failure> {
            let path = path.with_file_name(name);
            path.is_file().then(|| input::read(&path)).transpose()
        };
        let [good, bad] = RESOURCES;
        let options = &arguments.options;
        let answer = vapwright_engine::chainsaw_tests(&TestsCall {
            good: beside(good)?,
            bad: beside(bad)?,
            source,
            kubernetes: options.kubernetes.clone(),
            labels: options.labels(),
            profile: options.profile.clone(),
        });
        for file in &answer.files {
            output::write_file(&folder.join(&answer.name), &file.name, &file.text)?;
        }
    }
    Ok(())
}

/// Converts.
pub fn run(arguments: &Arguments) -> Outcome {
    if let Some(folder) = &arguments.tests {
        write_tests(arguments, folder)?;
    }
    let answer = vapwright_engine::convert(&ConvertCall {
        sources: input::read_all(&arguments.paths)?,
        kubernetes: arguments.options.kubernetes.clone(),
        labels: arguments.options.labels(),
        fail_fast: arguments.options.fail_fast(),
        profile: arguments.options.profile.clone(),
    });
    match &arguments.out {
        Some(folder) => {
            for policy in &answer.policies {
                let (name, content) = match arguments.format {
                    Format::Yaml => (format!("{}.yaml", policy.name), policy.yaml.clone()),
                    Format::Json | Format::Answer => {
                        let items = std::iter::once(&policy.policy).chain(&policy.bindings);
                        let name = format!("{}.json", policy.name);
                        (name, output::to_json(&list(items))?)
                    }
                };
                output::write_file(folder, &name, &content)?;
            }
        }
        // who asks for tests has the policies in them
        None if arguments.tests.is_some() => {}
        None => output::print(&all(&answer, arguments.format)?)?,
    }
    if let Some(form) = arguments.account {
        account::write(form, &answer.fields)?;
    }
    let diagnostics = input::leave_out_bystanders(&answer.diagnostics, &arguments.paths);
    Ok(output::report(&diagnostics))
}

fn all(answer: &ConvertAnswer, format: Format) -> Result<String, Failure> {
    match format {
        Format::Yaml => Ok(answer.yaml.clone()),
        Format::Answer => output::to_json(answer),
        Format::Json => {
            let items = answer
                .policies
                .iter()
                .flat_map(|policy| std::iter::once(&policy.policy).chain(&policy.bindings));
            output::to_json(&list(items))
        }
    }
}

fn list<'j>(items: impl Iterator<Item = &'j serde_json::Value>) -> serde_json::Value {
    let items: Vec<_> = items.collect();
    json!({ "apiVersion": "v1", "kind": "List", "items": items })
}
