//! An answer as a person reads it.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use serde_json::Value;
use vapwright_engine::wire::{
    AdmissionOutcome, Enforcer, EvaluateAnswer, FailedExpression, MutationRow, ObjectAnswer,
    PodSecurityAnswer, PolicyRow, Verdict,
};

/// What is shown beside the usual, or in its place.
#[derive(Clone, Copy)]
pub struct Shown {
    /// The expressions that were false.
    pub trace: bool,
    /// What expressions cost.
    pub cost: bool,
    /// Nothing but the events.
    pub only_events: bool,
}

/// Sentences first, then what says no, then what kubectl and the events would show.
pub fn render(answer: &EvaluateAnswer, shown: Shown) -> String {
    let mut text = String::new();
    if shown.only_events {
        for object in &answer.objects {
            for line in object.events.lines() {
                let _ = writeln!(text, "{line}");
            }
        }
        return text;
    }
    for (index, object) in answer.objects.iter().enumerate() {
        if index > 0 {
            text.push('\n');
        }
        render_object(&mut text, object, shown);
    }
    if answer.objects.len() != 1 {
        if !answer.objects.is_empty() {
            text.push('\n');
        }
        let _ = writeln!(text, "{}", answer.sentence);
    }
    text
}

fn render_object(text: &mut String, object: &ObjectAnswer, shown: Shown) {
    let _ = writeln!(text, "{}", object.sentence);
    let pod = object.pod.as_deref();
    for row in &object.mutations {
        render_mutation(text, row, "");
    }
    for row in pod.iter().flat_map(|pod| &pod.mutations) {
        render_mutation(text, row, "Pod: ");
    }
    if let Some(beside) = &object.pod_security {
        render_pod_security(text, beside, "");
    }
    for row in &object.rows {
        render_row(text, row, "", shown.trace);
    }
    if let Some(beside) = pod.and_then(|pod| pod.pod_security.as_deref()) {
        render_pod_security(text, beside, "Pod: ");
    }
    for row in pod.iter().flat_map(|pod| &pod.rows) {
        render_row(text, row, "Pod: ", shown.trace);
    }
    let mut quiet: BTreeMap<&str, usize> = BTreeMap::new();
    let rows = object
        .rows
        .iter()
        .chain(pod.iter().flat_map(|pod| &pod.rows));
    for row in rows.filter(|row| is_quiet(row)) {
        *quiet.entry(word(row.verdict)).or_default() += 1;
    }
    if !quiet.is_empty() {
        let counts: Vec<String> = quiet
            .iter()
            .map(|(word, count)| format!("{word} by {count}"))
            .collect();
        let _ = writeln!(text, "  {}", counts.join(", "));
    }
    if shown.cost {
        render_cost(text, object);
    }
    render_outcomes(text, object);
    let admitted = object.admitted.clone().unwrap_or_default();
    let pod_admitted = pod.and_then(|pod| pod.admitted.clone()).unwrap_or_default();
    for (title, output) in [
        ("kubectl", &object.kubectl),
        ("events", &object.events),
        ("admitted", &admitted),
        ("admitted Pod", &pod_admitted),
    ] {
        if !output.is_empty() {
            let _ = writeln!(text, "  {title}:");
            for line in output.lines() {
                let _ = writeln!(text, "    {line}");
            }
        }
    }
}

/// What each way to enforce policies would make of an object: a line each, and below it its words.
fn render_outcomes(text: &mut String, object: &ObjectAnswer) {
    if object.outcomes.is_empty() {
        return;
    }
    let _ = writeln!(text, "  outcomes:");
    for outcome in &object.outcomes {
        let AdmissionOutcome { by, pod, note, .. } = outcome;
        let by = match by {
            Enforcer::PodSecurity => "Pod Security admission",
            Enforcer::Policies => "admission policies",
            Enforcer::FailFast => "admission policies, fail fast",
            Enforcer::Kyverno => "Kyverno",
        };
        let pods = match pod {
            Some(pod) => format!(", Pods {}", word(pod.verdict)),
            None => String::new(),
        };
        let verdict = word(outcome.verdict);
        let _ = writeln!(text, "    {by:<29}  {} {verdict}{pods}", object.kind);
        if !note.is_empty() {
            let _ = writeln!(text, "      ({note})");
        }
        let own = outcome.errors.iter().chain(&outcome.warnings);
        let of_pods = pod
            .iter()
            .flat_map(|pod| pod.errors.iter().chain(&pod.warnings));
        for line in own.chain(of_pods).flat_map(|words| words.lines()) {
            let _ = writeln!(text, "      {line}");
        }
    }
}

/// A policy that changed the object, with each change on a line.
fn render_mutation(text: &mut String, row: &MutationRow, of: &str) {
    // those that fail have rows of their own
    if row.patch.is_empty() {
        return;
    }
    let again = if row.reinvoked { ", again" } else { "" };
    let params = match row.params.as_str() {
        "" => String::new(),
        params => format!(" with {params}"),
    };
    let _ = writeln!(text, "  {of}changed by {}{params}{again}", row.policy);
    for operation in &row.patch {
        let part = |name: &str| {
            operation
                .get(name)
                .and_then(Value::as_str)
                .unwrap_or_default()
        };
        let value = match operation.get("value") {
            Some(value) => format!(": {value}"),
            None => String::new(),
        };
        let _ = writeln!(text, "    {} {}{value}", part("op"), part("path"));
    }
}

fn is_quiet(row: &PolicyRow) -> bool {
    matches!(
        row.verdict,
        Verdict::NotBound | Verdict::NotMatched | Verdict::Allowed
    )
}

fn render_row(text: &mut String, row: &PolicyRow, of: &str, trace: bool) {
    if is_quiet(row) {
        return;
    }
    let _ = writeln!(text, "  {of}{} by {}", word(row.verdict), row.policy);
    for line in row.message.lines() {
        let _ = writeln!(text, "    {line}");
    }
    for place in &row.object_places {
        let _ = writeln!(
            text,
            "    at {}:{}:{}: {}",
            place.file, place.start.line, place.start.column, place.path
        );
    }
    if let Some(expression) = row.expression.as_ref().filter(|_| trace) {
        render_expression(text, expression);
    }
}

/// An expression, and below each line of it marks under what was false.
fn render_expression(text: &mut String, expression: &FailedExpression) {
    let place = expression.place.as_ref();
    let place = place.map(|place| {
        let start = &place.start;
        format!(" ({}:{}:{})", place.file, start.line, start.column)
    });
    let _ = writeln!(text, "    {}{}", expression.path, place.unwrap_or_default());
    // in UTF-16 code units, as places are
    let mut at = 0_u32;
    for line in expression.text.split_inclusive('\n') {
        let shown = line.trim_end_matches(['\n', '\r']);
        let mut marks = String::new();
        for character in shown.chars() {
            let mut parts = expression.false_parts.iter();
            let is_false = parts.any(|(start, end)| (*start..*end).contains(&at));
            marks.push(if is_false { '^' } else { ' ' });
            at += u32::try_from(character.len_utf16()).unwrap_or_default();
        }
        let rest = line.get(shown.len()..).unwrap_or_default();
        at += u32::try_from(rest.len()).unwrap_or_default();
        let _ = writeln!(text, "      {shown}");
        if marks.contains('^') {
            let _ = writeln!(text, "      {}", marks.trim_end());
        }
    }
}

/// The cost of each policy that was evaluated, the dearest first.
fn render_cost(text: &mut String, object: &ObjectAnswer) {
    let pod = object.pod.as_deref();
    let rows = object
        .rows
        .iter()
        .chain(pod.iter().flat_map(|pod| &pod.rows));
    let mut costs: BTreeMap<&str, u64> = BTreeMap::new();
    for row in rows.filter(|row| row.cost > 0) {
        let cost = costs.entry(&row.policy).or_default();
        *cost = row.cost.max(*cost);
    }
    let mut costs: Vec<(&str, u64)> = costs.into_iter().collect();
    costs.sort_by_key(|(_, cost)| std::cmp::Reverse(*cost));
    if !costs.is_empty() {
        let _ = writeln!(text, "  cost:");
    }
    for (policy, cost) in costs {
        let _ = writeln!(text, "    {cost:>10} {policy}");
    }
}

/// Pod Security admission says something of all that it looks at: it was asked to by labels.
fn render_pod_security(text: &mut String, beside: &PodSecurityAnswer, of: &str) {
    let _ = writeln!(
        text,
        "  {of}{} by Pod Security admission (enforce={}, audit={}, warn={})",
        word(beside.verdict),
        beside.enforce,
        beside.audit,
        beside.warn
    );
    let error = std::iter::once(&beside.error).filter(|error| !error.is_empty());
    for line in error.chain(&beside.warnings) {
        let _ = writeln!(text, "    {line}");
    }
    // what is enforced is noted each time, and is said above
    let noted = beside.audit_annotations.iter();
    for note in noted.filter(|note| !note.key.ends_with("/enforce-policy")) {
        let _ = writeln!(text, "    {}: {}", note.key, note.value);
    }
}

const fn word(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::NotBound => "not bound",
        Verdict::NotMatched => "not matched",
        Verdict::Allowed => "allowed",
        Verdict::Audited => "audited",
        Verdict::Warned => "warned",
        Verdict::Error => "error",
        Verdict::Denied => "denied",
    }
}
