//! The rules that Kyverno makes for controllers of Pods out of rules for Pods (`pkg/autogen/v1`).

use vapwright_cel::document::Node;

use crate::kinds::KindPattern;
use crate::webhook::{list, text};

/// What a rule is put to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Made {
    /// What it says itself.
    Plain = 0,
    /// Workloads with a template of a Pod.
    Controller = 1,
    /// CronJobs, whose template is further down.
    CronJob = 2,
}

/// The workloads, with their versions; a CronJob is another case.
pub(crate) const CONTROLLERS: [(&str, &str); 6] = [
    ("DaemonSet", "apps/v1/DaemonSet"),
    ("Deployment", "apps/v1/Deployment"),
    ("Job", "batch/v1/Job"),
    ("StatefulSet", "apps/v1/StatefulSet"),
    ("ReplicaSet", "apps/v1/ReplicaSet"),
    ("ReplicationController", "v1/ReplicationController"),
];
const CRON_JOB: &str = "CronJob";
/// Longer names are cut.
const LONGEST_NAME: usize = 63;

/// What is made of rules for objects of a kind; none where Kyverno makes nothing.
pub(crate) fn made_for(kind: &str, rules: &[&Node], controllers: Option<&str>) -> Option<Made> {
    let made = match kind {
        CRON_JOB => Made::CronJob,
        kind if CONTROLLERS.iter().any(|(known, _)| *known == kind) => Made::Controller,
        _ => return None,
    };
    let chosen = controllers.is_none_or(|listed| listed.split(',').any(|listed| listed == kind));
    (chosen && is_supported(rules)).then_some(made)
}

/// Whether all rules are about Pods alone, by nothing that only Pods have.
fn is_supported(rules: &[&Node]) -> bool {
    let mut needed = false;
    for rule in rules {
        if rule.get("generate").is_some() {
            return false;
        }
        for resources in ["match", "exclude"]
            .iter()
            .flat_map(|block| descriptions(rule, block))
        {
            let narrow = ["name", "names", "selector", "annotations"];
            let narrows = |name: &&str| resources.get(name).is_some_and(|node| !is_nothing(node));
            let kinds = kinds(resources);
            if narrow.iter().any(narrows) || kinds.len() > 1 && has_pod(&kinds) {
                return false;
            }
            let known = |kind: &&str| {
                let mut controllers = CONTROLLERS.iter();
                controllers.any(|(known, _)| known == kind) || ["Pod", CRON_JOB].contains(kind)
            };
            needed |= kinds.iter().any(known);
        }
    }
    needed
}

fn is_nothing(node: &Node) -> bool {
    match node {
        Node::Null => true,
        Node::String(text) => text.is_empty(),
        Node::List(items) => items.is_empty(),
        _ => false,
    }
}

/// The `resources` of a block: its own, and those of its filters.
pub(crate) fn descriptions<'n>(rule: &'n Node, block: &str) -> Vec<&'n Node> {
    let Some(block) = rule.get(block) else {
        return Vec::new();
    };
    let filters = ["any", "all"]
        .into_iter()
        .flat_map(|name| list(block, &[name]));
    std::iter::once(block)
        .chain(filters)
        .filter_map(|filter| filter.get("resources"))
        .collect()
}

pub(crate) fn kinds(resources: &Node) -> Vec<&str> {
    let kinds = list(resources, &["kinds"]).iter();
    kinds.filter_map(Node::as_str).collect()
}

fn has_pod(kinds: &[&str]) -> bool {
    let is_pod = |kind: &&str| KindPattern::parse(kind).is_some_and(|kind| kind.kind == "Pod");
    kinds.iter().any(is_pod)
}

/// Whether a rule for Pods is one of which others are made.
pub(crate) fn applies(rule: &Node) -> bool {
    let all = |block: &str| -> Vec<&str> {
        descriptions(rule, block)
            .into_iter()
            .flat_map(kinds)
            .collect()
    };
    let (matched, excluded) = (all("match"), all("exclude"));
    !is_generated(text(rule, &["name"]).unwrap_or_default())
        && has_pod(&matched)
        && (excluded.is_empty() || has_pod(&excluded))
}

pub(crate) fn is_generated(name: &str) -> bool {
    name.starts_with("autogen-")
}

/// The name of what is made of a rule.
pub(crate) fn name(rule: &str, made: Made) -> String {
    let prefix = match made {
        Made::Plain => return rule.to_owned(),
        Made::Controller => "autogen-",
        Made::CronJob => "autogen-cronjob-",
    };
    let name = format!("{prefix}{rule}");
    let cut = name
        .char_indices()
        .take_while(|(at, c)| at + c.len_utf8() <= LONGEST_NAME);
    cut.map(|(_, character)| character).collect()
}

/// What is made of a rule. Kyverno replaces bytes, messages included; kinds are left to whoever
/// matches.
pub(crate) fn rule(rule: &Node, made: Made) -> Node {
    let below = match made {
        Made::Plain => return rule.clone(),
        Made::Controller => "spec.template",
        Made::CronJob => "spec.jobTemplate.spec.template",
    };
    replaced(rule, below)
}

fn replaced(node: &Node, below: &str) -> Node {
    match node {
        Node::String(text) => {
            let mut text = text.to_string();
            for part in [
                "object.spec",
                "oldObject.spec",
                "object.metadata",
                "oldObject.metadata",
            ] {
                if let Some((object, field)) = part.split_once('.') {
                    text = text.replace(part, &format!("{object}.{below}.{field}"));
                }
            }
            Node::string(text)
        }
        Node::List(items) => Node::List(items.iter().map(|item| replaced(item, below)).collect()),
        Node::Map(fields) => Node::map(
            fields
                .iter()
                .map(|(key, node)| (key.clone(), replaced(node, below))),
        ),
        other => other.clone(),
    }
}
