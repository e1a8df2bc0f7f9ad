//! What a person can start from: the shipped policies and the resources beside them.

use std::rc::Rc;

use vapwright_engine::wire::{LabelModel, RequestSettings, ServerSettings};

use crate::model::{File, Work};
use crate::namespace;

/// All of `policies/`: paths and texts.
const FILES: &[(&str, &str)] = include!(concat!(env!("OUT_DIR"), "/policies.rs"));

/// Something to start from.
#[derive(Clone, Debug, PartialEq)]
pub struct Example {
    /// A few words.
    pub title: String,
    /// What it shows, in one sentence.
    pub sentence: String,
    kind: Kind,
}

#[derive(Clone, Debug, PartialEq)]
enum Kind {
    /// A workload of `examples/` and its namespace.
    Workload {
        object: &'static str,
        namespace: &'static str,
    },
    /// A shipped policy and its bad resource.
    Policy { folder: &'static str },
    /// Nothing.
    Empty,
}

/// A policy's folder, such as `baseline/disallow-host-path`.
fn folders() -> impl Iterator<Item = (&'static str, &'static str)> {
    FILES
        .iter()
        .filter_map(|(path, text)| Some((path.strip_suffix("/policy.yaml")?, *text)))
}

fn last(folder: &str) -> &str {
    folder.rsplit('/').next().unwrap_or(folder)
}

fn text(path: &str) -> Option<&'static str> {
    FILES
        .iter()
        .find(|(known, _)| *known == path)
        .map(|(_, text)| *text)
}

// A namespace of the profile `restricted`, without exceptions.
const RESTRICTED: &str = "examples/echo-namespace.yaml";

/// The shipped policies, one file each.
pub fn policies() -> Vec<File> {
    let mut files: Vec<_> = folders().collect();
    // what a namespace opts in to comes after the profiles
    files.sort_by_key(|(folder, _)| folder.starts_with("custom/"));
    let files = files.into_iter();
    files
        .map(|(folder, text)| File::new(&format!("{}.yaml", last(folder)), text))
        .collect()
}

/// The examples, the one that says the most first.
pub fn all() -> Vec<Example> {
    let example = |title: &str, sentence: &str, kind| Example {
        title: title.into(),
        sentence: sentence.into(),
        kind,
    };
    let workload = |object, namespace| Kind::Workload { object, namespace };
    let mut all = vec![
        example(
            "GeoIP Deployment, restricted namespace",
            "The Deployment is created, but its Pods are refused: they mount a folder of the node.",
            workload("examples/echo.yaml", RESTRICTED),
        ),
        example(
            "MediaWiki namespace with exceptions",
            "Labels lift four policies and include two exceptions: GeoIP folders and SYS_PTRACE.",
            workload(
                "examples/mediawiki.yaml",
                "examples/mediawiki-namespace.yaml",
            ),
        ),
        example(
            "MediaWiki without its exceptions",
            "The same Deployment where no label lifts anything.",
            workload("examples/mediawiki.yaml", RESTRICTED),
        ),
        example(
            "Pod Security admission beside the policies",
            "A namespace with the labels of both: what warns, what refuses, and in which words.",
            workload("examples/echo.yaml", "examples/migrating-namespace.yaml"),
        ),
    ];
    for (folder, text) in folders() {
        let name = last(folder);
        all.push(example(
            name,
            title(text).unwrap_or(name),
            Kind::Policy { folder },
        ));
    }
    all.push(example(
        "Nothing",
        "Empty editors: bring your own policies and objects.",
        Kind::Empty,
    ));
    all
}

// The policy's title is the sentence.
fn title(policy: &'static str) -> Option<&'static str> {
    let line = policy
        .lines()
        .find_map(|line| line.trim().strip_prefix("policies.kyverno.io/title:"))?;
    Some(line.trim().trim_matches('"').trim_matches('\''))
}

/// What the page shows the first time.
pub fn first() -> Work {
    all()
        .first()
        .map(Example::work)
        .unwrap_or_else(|| work(Vec::new(), "", ""))
}

fn work(policies: Vec<File>, object: &str, namespace: &str) -> Work {
    Work {
        policies,
        object: object.into(),
        old: Rc::default(),
        namespace: namespace.into(),
        request: RequestSettings::default(),
        server: ServerSettings::default(),
        show_admitted: false,
        show_outcomes: false,
        kubernetes: "1.36".into(),
        labels: LabelModel::default(),
        profile: None,
        fail_fast: Default::default(),
        title: Rc::default(),
    }
}

impl Example {
    /// The work it starts with.
    pub fn work(&self) -> Work {
        match self.kind {
            Kind::Workload { object, namespace } => {
                let (object, namespace) = (
                    text(object).unwrap_or_default(),
                    text(namespace).unwrap_or_default(),
                );
                // the object says its namespace only where it is the one it is tried in
                let elsewhere =
                    namespace::name(namespace).map(|name| format!("  namespace: {name}\n"));
                let object = object
                    .split_inclusive('\n')
                    .filter(|line| {
                        !line.starts_with("  namespace: ") || elsewhere.as_deref() == Some(*line)
                    })
                    .collect::<String>();
                work(policies(), &object, namespace)
            }
            Kind::Policy { folder } => {
                let name = last(folder);
                let policy = text(&format!("{folder}/policy.yaml")).unwrap_or_default();
                let bad = text(&format!("{folder}/bad.yaml")).unwrap_or_default();
                let mut namespace = text(RESTRICTED).unwrap_or_default().to_owned();
                if folder.starts_with("custom/") {
                    let label = format!("{}/{name}", LabelModel::default().domain);
                    namespace = namespace::with_label(&namespace, &label, Some("include"))
                        .unwrap_or(namespace);
                }
                work(
                    vec![File::new(&format!("{name}.yaml"), policy)],
                    bad,
                    &namespace,
                )
            }
            Kind::Empty => work(Vec::new(), "", ""),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_example_is_whole() {
        let all = all();
        assert!(
            all.len() > 20,
            "a workload or two, each shipped policy, and nothing"
        );
        for example in &all {
            let work = example.work();
            assert!(!example.title.is_empty() && !example.sentence.is_empty());
            let empty = example.kind == Kind::Empty;
            assert_eq!(work.policies.is_empty(), empty, "{}", example.title);
            assert_eq!(work.object.is_empty(), empty, "{}", example.title);
            assert_eq!(work.namespace.is_empty(), empty, "{}", example.title);
            for file in &work.policies {
                assert!(file.text.contains("kind: ClusterPolicy"), "{}", file.name);
            }
        }
    }

    #[test]
    fn a_policy_to_opt_in_to_is_included() {
        let custom = all()
            .into_iter()
            .find(|example| example.title == "allow-hostpath-geoip")
            .unwrap();
        let labels = namespace::labels(&custom.work().namespace).unwrap();
        let label = (
            "policy.vapwright.dev/allow-hostpath-geoip".to_owned(),
            "include".to_owned(),
        );
        assert!(labels.contains(&label), "{labels:?}");
    }
}
