//! `vapwright admit`: what a cluster would do with objects.

mod text;

use std::path::PathBuf;

use clap::{Args, ValueEnum};
use serde_json::{Map, Value, json};
use vapwright_engine::wire::{
    Diagnostic, EvaluateCall, RequestSettings, ServerSettings, SourceFile, Verdict,
};

use crate::cli::convert::Options;
use crate::cli::exit::{Exit, Failure};
use crate::cli::{Outcome, input, output};

/// What is sent, to which namespace, under which policies.
#[derive(Debug, Args)]
pub struct Arguments {
    /// The objects: files, folders, or `-` for standard input
    #[arg(required = true, value_name = "OBJECTS")]
    objects: Vec<PathBuf>,
    /// Kyverno policies, validating and mutating admission policies and their bindings, and the Roles that decide what they ask of
    /// `authorizer`: files or folders; can be repeated
    #[arg(long, short, required = true, value_name = "PATH")]
    policies: Vec<PathBuf>,
    /// Objects that are there already: parameters of policies, and CustomResourceDefinitions; files
    /// or folders; can be repeated
    #[arg(long, value_name = "PATH")]
    params: Vec<PathBuf>,
    /// Roles, ClusterRoles and their bindings, which say what `authorizer` allows; files or folders; can
    /// be repeated. They may also stand among the policies or the objects
    #[arg(long, value_name = "PATH")]
    rbac: Vec<PathBuf>,
    /// A file with the Namespace object
    #[arg(long, value_name = "FILE", conflicts_with_all = ["namespace_label", "namespace_name"])]
    namespace: Option<PathBuf>,
    /// A label of the namespace, such as `policy.vapwright.dev/profile=restricted`; can be repeated
    #[arg(long, short = 'l', value_name = "KEY=VALUE", value_parser = label)]
    namespace_label: Vec<(String, String)>,
    /// The namespace's name [default: the one that the objects give]
    #[arg(long, value_name = "NAME")]
    namespace_name: Option<String>,
    /// The operation: CREATE, UPDATE, DELETE or CONNECT [default: CREATE, with --old UPDATE]
    #[arg(long)]
    operation: Option<String>,
    /// The objects as they are stored, for UPDATE and DELETE: each is found by kind, namespace and
    /// name [default: as they are sent]; files or folders; can be repeated
    #[arg(long, value_name = "PATH")]
    old: Vec<PathBuf>,
    /// Who asks [default: kubernetes-admin, who may do everything]
    #[arg(long = "as", visible_alias = "user", value_name = "USER")]
    user: Option<String>,
    /// A group of who asks; can be repeated
    #[arg(long = "as-group", visible_alias = "group", value_name = "GROUP")]
    groups: Vec<String>,
    /// Ask for a dry run
    #[arg(long)]
    dry_run: bool,
    /// The API server's plugin `ServiceAccount` is off: Pods get no account and no token
    #[arg(long)]
    no_service_account: bool,
    /// The API server does not let containers be privileged
    #[arg(long)]
    no_privileged: bool,
    /// What to show beside the verdicts; can be repeated
    #[arg(long, value_enum, value_name = "WHAT")]
    show: Vec<Show>,
    /// The form of the answer
    #[arg(long, short, value_enum, default_value_t = Format::Text)]
    output: Format,
    #[command(flatten)]
    options: Options,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Format {
    /// For people
    Text,
    /// The whole answer
    Json,
    /// The same in YAML
    Yaml,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Show {
    /// The objects as policies see them, in YAML
    Admitted,
    /// What Pod Security admission, the admission policies, these with others that fail fast, and
    /// Kyverno would each make of the objects
    Outcomes,
    /// The expressions that were false or failed, with the parts that were false marked
    Trace,
    /// What the expressions of each policy cost, of a budget of 10,000,000
    Cost,
    /// Only the events, which are part of the text in any case
    Events,
}

/// Asks the engine.
pub fn run(arguments: &Arguments) -> Outcome {
    let mut params = input::read_all(&arguments.params)?;
    params.extend(input::read_all(&arguments.rbac)?);
    let call = EvaluateCall {
        policies: input::read_all(&arguments.policies)?,
        objects: input::read_all(&arguments.objects)?,
        params,
        old_objects: input::read_all(&arguments.old)?,
        namespace: namespace(arguments)?,
        kubernetes: arguments.options.kubernetes.clone(),
        request: RequestSettings {
            operation: operation(arguments),
            user: arguments.user.clone(),
            groups: arguments.groups.clone(),
            dry_run: arguments.dry_run,
        },
        server: ServerSettings {
            service_account: !arguments.no_service_account,
            allow_privileged: !arguments.no_privileged,
        },
        show_admitted: arguments.show.contains(&Show::Admitted),
        show_outcomes: arguments.show.contains(&Show::Outcomes),
        labels: arguments.options.labels(),
        profile: arguments.options.profile.clone(),
        fail_fast: arguments.options.fail_fast(),
    };
    let progress = output::progress("asking what the cluster would do");
    let answer = vapwright_engine::evaluate(&call);
    progress.finish_and_clear();
    let shows = |what| arguments.show.contains(&what);
    let shown = text::Shown {
        trace: shows(Show::Trace),
        cost: shows(Show::Cost),
        only_events: shows(Show::Events),
    };
    output::print(&match arguments.output {
        Format::Text => text::render(&answer, shown),
        Format::Json => output::to_json(&answer)?,
        Format::Yaml => {
            let answer = serde_json::to_value(&answer).map_err(Failure::other)?;
            vapwright_engine::to_yaml(&answer)
        }
    })?;
    // An input that could not be read may hide a denial, so it counts first.
    let diagnostics = input::leave_out_bystanders(&answer.diagnostics, &arguments.policies);
    // That the cluster refuses an object is its answer: nothing was wrong with the reading.
    let (refusals, problems): (Vec<_>, Vec<_>) = diagnostics.into_iter().partition(is_refusal);
    output::report(&refusals);
    let verdict = answer.verdict;
    // the program ends here: an answer about thousands of objects need not be taken apart
    std::mem::forget(answer);
    Ok(match output::report(&problems) {
        Exit::Done if verdict == Verdict::Denied => Exit::Denied,
        exit => exit,
    })
}

/// Whether it says where the object is that the API server refuses by itself.
fn is_refusal(diagnostic: &Diagnostic) -> bool {
    matches!(&*diagnostic.code, "invalid-object" | "forbidden-object")
}

fn operation(arguments: &Arguments) -> Option<String> {
    let given = arguments.operation.as_deref().map(str::to_uppercase);
    given.or_else(|| (!arguments.old.is_empty()).then(|| "UPDATE".to_owned()))
}

fn namespace(arguments: &Arguments) -> Result<Option<SourceFile>, Failure> {
    if let Some(path) = &arguments.namespace {
        return input::read(path).map(Some);
    }
    if arguments.namespace_label.is_empty() && arguments.namespace_name.is_none() {
        return Ok(None);
    }
    let labels: Map<String, Value> = arguments
        .namespace_label
        .iter()
        .map(|(key, value)| (key.clone(), Value::String(value.clone())))
        .collect();
    let mut metadata = json!({ "labels": labels });
    if let (Some(name), Some(metadata)) = (&arguments.namespace_name, metadata.as_object_mut()) {
        metadata.insert("name".to_owned(), json!(name));
    }
    let namespace = json!({ "apiVersion": "v1", "kind": "Namespace", "metadata": metadata });
    Ok(Some(SourceFile {
        name: "--namespace-label".to_owned(),
        text: namespace.to_string(),
    }))
}

fn label(text: &str) -> Result<(String, String), String> {
    let (key, value) = text
        .split_once('=')
        .ok_or_else(|| "write it as KEY=VALUE".to_owned())?;
    Ok((key.to_owned(), value.to_owned()))
}
