//! Writes the cases that Kyverno itself is to answer (`tests/kyverno`), a line of JSON each.
//!
//! ```text
//! cargo run -p vapwright-kyverno --example kyverno-cases -- CASES.YAML [FOLDER]...
//! ```
//!
//! The file has a case in each document. Beside those, every Pod and workload in the folders is put
//! to all policies of each folder: as if they were enforced, and as if they warned. Objects are given
//! as a webhook sees them, admitted.

use std::error::Error;
use std::fs;
use std::path::{Path, PathBuf};

use vapwright_cel::document::Node;
use vapwright_kube::admit::{Settings, admit};
use vapwright_kube::documents::expand_lists;
use vapwright_kube::{json, yaml};

/// The namespace of objects that give none.
const NAMESPACE: &str = "team";

type Result<T> = std::result::Result<T, Box<dyn Error>>;

fn main() -> Result<()> {
    let mut arguments = std::env::args().skip(1);
    let cases = arguments
        .next()
        .ok_or("usage: kyverno-cases CASES.YAML [FOLDER]...")?;
    for case in documents(Path::new(&cases))? {
        println!("{}", json::write(&with_admitted(case)));
    }
    let mut policies = Vec::new();
    let mut objects = Vec::new();
    for folder in arguments {
        let mut own = Vec::new();
        for file in files(Path::new(&folder))? {
            for (index, node) in documents(&file)?.into_iter().enumerate() {
                match node.get("kind").and_then(Node::as_str) {
                    Some("ClusterPolicy") => own.push(node),
                    Some(
                        "Pod"
                        | "Deployment"
                        | "DaemonSet"
                        | "StatefulSet"
                        | "ReplicaSet"
                        | "ReplicationController"
                        | "Job"
                        | "CronJob",
                    ) => objects.push((format!("{}:{index}", file.display()), admitted(&node))),
                    _ => {}
                }
            }
        }
        if !own.is_empty() {
            policies.push((folder, own));
        }
    }
    for (folder, policies) in &policies {
        let enforced: Vec<Node> = policies
            .iter()
            .map(|policy| acting(policy, "Enforce"))
            .collect();
        let warning: Vec<Node> = policies
            .iter()
            .map(|policy| acting(policy, "Audit"))
            .collect();
        for (at, (file, object)) in objects.iter().enumerate() {
            let case = |what: &str, policies: &[Node]| {
                let id = format!("{file} under {folder}, {what}");
                let case = Node::map([
                    ("id", Node::string(id)),
                    ("policies", Node::List(policies.to_vec())),
                    ("object", object.clone()),
                ]);
                println!("{}", json::write(&case));
            };
            case("enforced", &enforced);
            // the rules are the same: the words of warnings need no more
            if at % 10 == 0 {
                case("warning", &warning);
            }
        }
    }
    Ok(())
}

fn files(folder: &Path) -> Result<Vec<PathBuf>> {
    let mut entries: Vec<PathBuf> = fs::read_dir(folder)?
        .map(|entry| Ok(entry?.path()))
        .collect::<Result<_>>()?;
    entries.sort();
    let mut all = Vec::new();
    for path in entries {
        if path.is_dir() {
            all.extend(files(&path)?);
        } else if path
            .extension()
            .is_some_and(|extension| extension == "yaml")
        {
            all.push(path);
        }
    }
    Ok(all)
}

fn documents(file: &Path) -> Result<Vec<Node>> {
    let read = yaml::read(&fs::read_to_string(file)?);
    let objects = expand_lists(read.documents).into_iter();
    Ok(objects.map(|object| object.document.node).collect())
}

fn admitted(node: &Node) -> Node {
    let namespace = node.at(&["metadata", "namespace"]).and_then(Node::as_str);
    let settings = Settings {
        namespace: namespace.unwrap_or(NAMESPACE).to_owned(),
        ..Settings::default()
    };
    admit(node, &settings).node
}

fn with_admitted(mut case: Node) -> Node {
    for name in ["object", "oldObject"] {
        if let Some(node) = case.as_map_mut().and_then(|fields| fields.get_mut(name)) {
            *node = admitted(node);
        }
    }
    case
}

/// A policy all of whose rules have one action, and which warns of what it audits.
fn acting(policy: &Node, action: &str) -> Node {
    let mut policy = policy.clone();
    let spec = policy
        .as_map_mut()
        .and_then(|fields| fields.get_mut("spec"));
    let Some(spec) = spec.and_then(Node::as_map_mut) else {
        return policy;
    };
    spec.insert("emitWarning", Node::Bool(true));
    spec.remove("validationFailureAction");
    let Some(Node::List(rules)) = spec.get_mut("rules") else {
        return policy;
    };
    for rule in rules {
        let validate = rule
            .as_map_mut()
            .and_then(|fields| fields.get_mut("validate"));
        if let Some(validate) = validate.and_then(Node::as_map_mut) {
            validate.insert("failureAction", Node::string(action));
        }
    }
    policy
}
