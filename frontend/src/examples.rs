//! What a person can start from: the shipped policies and the resources beside them.

use std::rc::Rc;

use vapwright_engine::wire::{LabelModel, RequestSettings};

use crate::model::{File, Work};

/// All of `policies/`: paths and texts.
const FILES: &[(&str, &str)] = include!(concat!(env!("OUT_DIR"), "/policies.rs"));

const RESTRICTED: &str = "apiVersion: v1
kind: Namespace
metadata:
  name: mw-web
  labels:
    policy.vapwright.dev/profile: restricted
";

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
    /// The GeoIP Deployment in a namespace.
    Deployment { excepted: bool },
    /// A shipped policy and its bad resource.
    Policy { folder: &'static str },
    /// Nothing.
    Empty,
}

/// A policy's folder, such as `baseline/disallow-host-path`.
fn folders() -> impl Iterator<Item = (&'static str, &'static str)> {
    FILES.iter().filter_map(|(path, text)| Some((path.strip_suffix("/policy.yaml")?, *text)))
}

fn text(path: &str) -> Option<&'static str> {
    FILES.iter().find(|(known, _)| *known == path).map(|(_, text)| *text)
}

fn example_file(word: &str) -> &'static str {
    let mut files = FILES.iter().filter(|(path, _)| path.starts_with("examples/"));
    files.find(|(path, _)| path.contains(word)).map_or("", |(_, text)| *text)
}

/// The shipped policies, one file each.
pub fn policies() -> Vec<File> {
    folders()
        .map(|(folder, text)| {
            let name = folder.rsplit('/').next().unwrap_or(folder);
            File::new(&format!("{name}.yaml"), text)
        })
        .collect()
}

/// The examples, the one that says the most first.
pub fn all() -> Vec<Example> {
    let example = |title: &str, sentence: &str, kind| Example { title: title.into(), sentence: sentence.into(), kind };
    let mut all = vec![
        example(
            "GeoIP Deployment, restricted namespace",
            "The Deployment is created, its Pods are refused: they mount a folder of the node.",
            Kind::Deployment { excepted: false },
        ),
        example(
            "MediaWiki namespace with exceptions",
            "The same Deployment where labels lift four policies and add two of the namespace's own.",
            Kind::Deployment { excepted: true },
        ),
    ];
    for (folder, text) in folders() {
        let name = folder.rsplit('/').next().unwrap_or(folder);
        all.push(example(name, title(text).unwrap_or(name), Kind::Policy { folder }));
    }
    all.push(example("Nothing", "Empty editors: bring your own policies and objects.", Kind::Empty));
    all
}

// The policy's title is the sentence.
fn title(policy: &'static str) -> Option<&'static str> {
    let line = policy.lines().find_map(|line| line.trim().strip_prefix("policies.kyverno.io/title:"))?;
    Some(line.trim().trim_matches('"').trim_matches('\''))
}

/// What the page shows the first time.
pub fn first() -> Work {
    all().first().map(Example::work).unwrap_or_else(|| work(Vec::new(), "", ""))
}

fn work(policies: Vec<File>, object: &str, namespace: &str) -> Work {
    Work {
        policies,
        object: object.into(),
        namespace: namespace.into(),
        request: RequestSettings::default(),
        kubernetes: "1.36".into(),
        labels: LabelModel::default(),
        profile: None,
        title: Rc::default(),
    }
}

impl Example {
    /// The work it starts with.
    pub fn work(&self) -> Work {
        match self.kind {
            Kind::Deployment { excepted } => work(
                policies(),
                example_file("geoip"),
                if excepted { example_file("namespace") } else { RESTRICTED },
            ),
            Kind::Policy { folder } => {
                let name = folder.rsplit('/').next().unwrap_or(folder);
                let policy = text(&format!("{folder}/policy.yaml")).unwrap_or_default();
                let bad = text(&format!("{folder}/bad.yaml")).unwrap_or_default();
                let namespace = if folder.starts_with("custom/") {
                    format!("{RESTRICTED}    policy.vapwright.dev/{name}: include\n")
                } else {
                    RESTRICTED.to_owned()
                };
                work(vec![File::new(&format!("{name}.yaml"), policy)], bad, &namespace)
            }
            Kind::Empty => work(Vec::new(), "", ""),
        }
    }
}
