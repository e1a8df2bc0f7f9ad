//! What the API server warns of when a Pod or a workload is created: deprecated and doubtful parts
//! (`WarningsOnCreate` of its strategies), as of Kubernetes 1.36.
//!
//! Warnings of unknown fields, of admission and of other kinds are not here.

mod pod;
mod volumes;

use vapwright_cel::document::Node;

use crate::kinds::Gvk;
use crate::names;
use crate::path::Path;
use crate::quantity::Quantity;

/// The numbers from which an Indexed Job may lose track of its Pods.
const COMPLETIONS: i64 = 100_000;
const PARALLELISM: i64 = 10_000;

/// What was found, in order.
#[derive(Debug, Default)]
struct Warnings {
    found: Vec<String>,
}

impl Warnings {
    fn add(&mut self, at: impl std::fmt::Display, text: impl std::fmt::Display) {
        self.found.push(format!("{at}: {text}"));
    }

    /// A size of bytes that is no whole number.
    fn fractional(&mut self, at: &Path, list: Option<&Node>, name: &str) {
        let text = list.and_then(|list| list.get(name)).and_then(Node::as_str);
        let Some(Ok(size)) = text.map(Quantity::parse) else {
            return;
        };
        // rounded up to a thousandth, as the API server looks at it
        let milli = -(-size.nano()).div_euclid(1_000_000);
        if milli % 1_000 != 0 {
            let text = format!(
                "fractional byte value \"{}\" is invalid, must be an integer",
                size.canonical()
            );
            self.add(key(at, name), text);
        }
    }

    /// The sizes of a PersistentVolumeClaim's specification.
    fn claim(&mut self, at: &Path, spec: &Node) {
        for list in ["requests", "limits"] {
            let found = spec.at(&["resources", list]);
            self.fractional(&at.fields(&["resources", list]), found, "storage");
        }
    }

    /// A name that Pods get, and with it their host names.
    fn name(&mut self, object: &Node, used: &str) {
        let name = object.at(&["metadata", "name"]).and_then(Node::as_str);
        let errors = names::label_name(name.unwrap_or_default());
        if errors.is_empty() {
            return;
        }
        // this validation counts in characters
        let errors = errors.join(" ").replace(" bytes", " characters");
        let text = format!(
            "this is used in {used}, which can result in surprising behavior; a DNS label is recommended: [{errors}]"
        );
        self.add("metadata.name", text);
    }
}

/// The path of an entry of a map.
fn key(at: &Path, key: &str) -> String {
    format!("{at}[{key}]")
}

/// The text below a chain of fields; empty where there is none.
fn text<'n>(node: &'n Node, path: &[&str]) -> &'n str {
    node.at(path).and_then(Node::as_str).unwrap_or_default()
}

/// The items below a chain of fields, with their paths.
fn items<'n>(
    node: &'n Node,
    at: &Path,
    path: &[&str],
) -> impl Iterator<Item = (Path, &'n Node)> + use<'n> {
    let at = at.fields(path);
    let items = node.at(path).and_then(Node::as_list).unwrap_or_default();
    let items = items.iter().enumerate();
    items.map(move |(index, item)| (at.index(index), item))
}

/// Whether a field is there.
fn has(node: &Node, path: &[&str]) -> bool {
    node.at(path).is_some_and(|node| !node.is_null())
}

/// What is warned of when an object of a kind is created, given as it was sent and as the API
/// server admits it.
#[must_use]
pub fn on_create(gvk: &Gvk, sent: &Node, admitted: &Node) -> Vec<String> {
    const NAMES: &str = "Pod names and hostnames";
    let mut warnings = Warnings::default();
    let root = Path::root();
    let template = root.fields(&["spec", "template"]);
    let below = |path: &[&str]| admitted.at(path).unwrap_or(&Node::Null);
    match (gvk.group.as_str(), gvk.kind.as_str()) {
        ("", "Pod") => {
            pod::app_armor(&mut warnings, sent);
            warnings.name(admitted, "the Pod's hostname");
            pod::check(&mut warnings, admitted, &root);
        }
        ("", "PodTemplate") => {
            pod::check(&mut warnings, below(&["template"]), &root.field("template"));
        }
        ("apps", "DaemonSet") => {
            pod::check(&mut warnings, below(&["spec", "template"]), &template);
        }
        ("apps", "StatefulSet") => {
            pod::check(&mut warnings, below(&["spec", "template"]), &template);
            for (at, claim) in items(admitted, &root, &["spec", "volumeClaimTemplates"]) {
                warnings.claim(&at, claim.get("spec").unwrap_or(&Node::Null));
            }
            let limit = admitted.at(&["spec", "revisionHistoryLimit"]);
            if limit.and_then(Node::as_int).is_some_and(|limit| limit < 0) {
                let text = "a negative value retains all historical revisions; a value >= 0 is recommended";
                warnings.add("spec.revisionHistoryLimit", text);
            }
        }
        ("", "ReplicationController") | ("apps", "Deployment" | "ReplicaSet") => {
            warnings.name(admitted, NAMES);
            pod::check(&mut warnings, below(&["spec", "template"]), &template);
        }
        ("batch", "Job") => {
            warnings.name(admitted, NAMES);
            job(&mut warnings, below(&["spec"]), &root.field("spec"));
        }
        ("batch", "CronJob") => {
            warnings.name(admitted, NAMES);
            let path = ["spec", "jobTemplate", "spec"];
            job(&mut warnings, below(&path), &root.fields(&path));
        }
        _ => {}
    }
    warnings.found
}

fn job(warnings: &mut Warnings, spec: &Node, at: &Path) {
    let more = |field: &str, than: i64| {
        let number = spec.get(field).and_then(Node::as_int);
        number.is_some_and(|number| number > than)
    };
    let indexed = text(spec, &["completionMode"]) == "Indexed";
    if indexed && more("completions", COMPLETIONS) && more("parallelism", PARALLELISM) {
        let text = "In Indexed Jobs with a number of completions higher than 10^5 and a parallelism higher than 10^4, Kubernetes might not be able to track completedIndexes when a big number of indexes fail";
        warnings.add(at, text);
    }
    let template = spec.get("template").unwrap_or(&Node::Null);
    pod::check(warnings, template, &at.field("template"));
}

#[cfg(test)]
mod tests;
