//! What becomes of objects, in a sentence each.

use std::collections::BTreeSet;

use vapwright_admission::request::Operation;

use crate::wire::{ObjectAnswer, PolicyRow, Refusal, Verdict};

/// What was done, and what is said of Pods.
const fn done(operation: Operation) -> &'static str {
    match operation {
        Operation::Create => "created",
        Operation::Update => "updated",
        Operation::Delete => "deleted",
        Operation::Connect => "connected to",
    }
}

/// `2 policies deny`, `1 policy warns`
fn policies(rows: &[PolicyRow], verdict: Verdict, one: &str, many: &str) -> Option<String> {
    let names: BTreeSet<&str> = rows
        .iter()
        .filter(|row| row.verdict == verdict)
        .map(|row| row.policy.as_str())
        .collect();
    match names.len() {
        0 => None,
        1 => Some(format!("1 policy {one}")),
        count => Some(format!("{count} policies {many}")),
    }
}

/// Why an object is refused or not simply accepted.
fn reasons(rows: &[PolicyRow]) -> String {
    let said: Vec<String> = [
        policies(rows, Verdict::Denied, "denies", "deny"),
        policies(rows, Verdict::Warned, "warns", "warn"),
        policies(rows, Verdict::Audited, "audits", "audit"),
        policies(
            rows,
            Verdict::Error,
            "fails and is ignored",
            "fail and are ignored",
        ),
    ]
    .into_iter()
    .flatten()
    .collect();
    if said.is_empty() {
        String::new()
    } else {
        format!(": {}", said.join(", "))
    }
}

/// Why the API server refuses an object by itself.
fn refusal(refused: &Refusal) -> &'static str {
    match refused.status {
        400 => ": the API server cannot read it",
        403 => ": an admission plugin forbids it",
        _ => ": the API server finds it invalid",
    }
}

/// What is said of an object or of Pods: why the API server refuses them by itself, and what
/// policies say.
type Said<'s> = (Option<&'s Refusal>, &'s [PolicyRow]);

/// The sentence of an object without Pods, or with a workload's.
pub fn of_object(
    kind: &str,
    name: &str,
    operation: Operation,
    (refused, rows): Said<'_>,
    pods: Option<Said<'_>>,
) -> String {
    let subject = if name.is_empty() {
        kind.to_owned()
    } else {
        format!("{kind} {name}")
    };
    let denied = |rows: &[PolicyRow]| rows.iter().any(|row| row.verdict == Verdict::Denied);
    if let Some(refused) = refused {
        return format!("{subject} is refused{}", refusal(refused));
    }
    let why = reasons(rows);
    if denied(rows) {
        return format!("{subject} is refused{why}");
    }
    let done = done(operation);
    match pods {
        Some((refused, pods)) if denied(pods) || refused.is_some() => {
            let why = if why.is_empty() {
                String::new()
            } else {
                format!(" ({})", why.trim_start_matches(": "))
            };
            format!(
                "{subject} is {done}{why}, its Pods are refused{}",
                refused.map_or_else(|| reasons(pods), |refused| refusal(refused).to_owned())
            )
        }
        Some((_, pods)) => {
            let all: Vec<PolicyRow> = rows.iter().chain(pods).cloned().collect();
            format!("{subject} is {done}, and so are its Pods{}", reasons(&all))
        }
        None => format!("{subject} is {done}{why}"),
    }
}

/// The sentence of all objects of a call.
pub fn of_all(objects: &[ObjectAnswer]) -> String {
    match objects {
        [] => "there is no object to evaluate".to_owned(),
        [one] => one.sentence.clone(),
        several => {
            let count = several.len();
            let refused = several
                .iter()
                .filter(|object| object.verdict == Verdict::Denied)
                .count();
            match refused {
                0 => format!("all {count} objects are accepted"),
                _ if refused == count => format!("all {count} objects are refused, or their Pods"),
                1 => format!("1 of {count} objects is refused, or its Pods"),
                _ => format!("{refused} of {count} objects are refused, or their Pods"),
            }
        }
    }
}
