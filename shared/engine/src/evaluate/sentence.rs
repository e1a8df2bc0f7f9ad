//! What becomes of objects, in a sentence each.

use std::collections::BTreeSet;

use vapwright_admission::request::Operation;

use crate::wire::{ObjectAnswer, PodSecurityAnswer, PolicyRow, Refusal, Verdict};

/// What was done, and what is said of Pods.
const fn done(operation: Operation) -> &'static str {
    match operation {
        Operation::Create => "created",
        Operation::Update => "updated",
        Operation::Delete => "deleted",
        Operation::Connect => "connected to",
    }
}

/// What is said of an object, or of an object and its Pods.
pub struct Said<'a> {
    refused: Option<&'a Refusal>,
    rows: Vec<&'a PolicyRow>,
    pod_security: Vec<Verdict>,
}

impl<'a> Said<'a> {
    /// By the API server itself, by policies, and by Pod Security admission.
    pub fn of(
        refused: Option<&'a Refusal>,
        rows: &'a [PolicyRow],
        pod_security: Option<&PodSecurityAnswer>,
    ) -> Self {
        Self {
            refused,
            rows: rows.iter().collect(),
            pod_security: pod_security.iter().map(|found| found.verdict).collect(),
        }
    }

    fn and(&self, other: &Self) -> Self {
        Self {
            refused: self.refused.or(other.refused),
            rows: [&*self.rows, &other.rows].concat(),
            pod_security: [&*self.pod_security, &other.pod_security].concat(),
        }
    }

    fn denies(&self) -> bool {
        let verdicts = self.rows.iter().map(|row| row.verdict);
        let mut verdicts = verdicts.chain(self.pod_security.iter().copied());
        self.refused.is_some() || verdicts.any(|verdict| verdict == Verdict::Denied)
    }

    /// `2 policies deny`, `1 policy warns`, `Pod Security admission and 1 policy deny`
    fn by(&self, verdict: Verdict, one: &str, many: &str) -> Option<String> {
        let rows = self.rows.iter().filter(|row| row.verdict == verdict);
        let names: BTreeSet<&str> = rows.map(|row| row.policy.as_str()).collect();
        let policies = match names.len() {
            1 => "1 policy".to_owned(),
            count => format!("{count} policies"),
        };
        let beside = self.pod_security.contains(&verdict);
        match (beside, names.len()) {
            (false, 0) => None,
            (false, 1) => Some(format!("{policies} {one}")),
            (false, _) => Some(format!("{policies} {many}")),
            (true, 0) => Some(format!("Pod Security admission {one}")),
            (true, _) => Some(format!("Pod Security admission and {policies} {many}")),
        }
    }

    /// Why an object is refused or not simply accepted.
    fn reasons(&self) -> String {
        if let Some(refused) = self.refused {
            return refusal(refused).to_owned();
        }
        let said: Vec<String> = [
            self.by(Verdict::Denied, "denies", "deny"),
            self.by(Verdict::Warned, "warns", "warn"),
            self.by(Verdict::Audited, "audits", "audit"),
            self.by(
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
}

/// Why the API server refuses an object by itself.
fn refusal(refused: &Refusal) -> &'static str {
    match refused.status {
        400 => ": the API server cannot read it",
        403 => ": an admission plugin forbids it",
        404 => ": the API server does not serve this version",
        _ => ": the API server finds it invalid",
    }
}

/// The sentence of an object without Pods, or with a workload's.
pub fn of_object(
    kind: &str,
    name: &str,
    operation: Operation,
    said: &Said<'_>,
    of_pods: Option<&Said<'_>>,
) -> String {
    let subject = if name.is_empty() {
        kind.to_owned()
    } else {
        format!("{kind} {name}")
    };
    let why = said.reasons();
    if said.denies() {
        return format!("{subject} is refused{why}");
    }
    let done = done(operation);
    match of_pods {
        Some(pods) if pods.denies() => {
            let why = if why.is_empty() {
                String::new()
            } else {
                format!(" ({})", why.trim_start_matches(": "))
            };
            format!(
                "{subject} is {done}{why}, its Pods are refused{}",
                pods.reasons()
            )
        }
        Some(pods) => {
            let reasons = said.and(pods).reasons();
            format!("{subject} is {done}, and so are its Pods{reasons}")
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
