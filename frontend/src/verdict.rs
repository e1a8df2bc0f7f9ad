//! The answer as it is shown: rows in groups, the worst first.

use std::rc::Rc;

use vapwright_engine::wire::{EvaluateAnswer, ObjectAnswer, PolicyRow, Verdict};

/// The groups, the worst first.
pub const GROUPS: [Verdict; 7] = [
    Verdict::Denied,
    Verdict::Warned,
    Verdict::Audited,
    Verdict::Error,
    Verdict::Allowed,
    Verdict::NotMatched,
    Verdict::NotBound,
];

/// One word for a verdict.
pub fn word(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Denied => "Denied",
        Verdict::Warned => "Warned",
        Verdict::Audited => "Audited",
        Verdict::Error => "Error",
        Verdict::Allowed => "Allowed",
        Verdict::NotMatched => "Not matched",
        Verdict::NotBound => "Not bound",
    }
}

/// A group's heading.
pub fn heading(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Error => "Errors",
        other => word(other),
    }
}

/// The name that styles and marks use.
pub fn class(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Denied => "denied",
        Verdict::Warned => "warned",
        Verdict::Audited => "audited",
        Verdict::Error => "error",
        Verdict::Allowed => "allowed",
        Verdict::NotMatched => "not-matched",
        Verdict::NotBound => "not-bound",
    }
}

/// Whether the verdict says no in some way.
pub fn speaks(verdict: Verdict) -> bool {
    matches!(
        verdict,
        Verdict::Denied | Verdict::Warned | Verdict::Audited | Verdict::Error
    )
}

/// Which row of an answer: the number that marks in the editors carry.
pub type RowId = u32;

/// A row of the verdict.
#[derive(Clone, Copy)]
pub struct Row<'a> {
    /// Its number in the answer.
    pub id: RowId,
    /// Whether it is about the Pod that a workload would create.
    pub pod: bool,
    /// What the policy says.
    pub row: &'a PolicyRow,
}

/// All rows of an answer, each with its object's index.
///
/// A workload is asked about twice, itself and its Pod. A policy that says nothing of the workload
/// but something of the Pod is shown once.
pub fn rows(answer: &EvaluateAnswer) -> Vec<(usize, Row<'_>)> {
    let mut id = 0;
    let mut all = Vec::new();
    for (index, object) in answer.objects.iter().enumerate() {
        let pod: &[PolicyRow] = object.pod.as_ref().map_or(&[], |pod| &pod.rows);
        for row in &object.rows {
            id += 1;
            let silent = matches!(row.verdict, Verdict::NotMatched | Verdict::NotBound);
            if silent
                && pod
                    .iter()
                    .any(|other| other.policy == row.policy && other.binding == row.binding)
            {
                continue;
            }
            all.push((
                index,
                Row {
                    id,
                    pod: false,
                    row,
                },
            ));
        }
        for row in pod {
            id += 1;
            all.push((index, Row { id, pod: true, row }));
        }
    }
    all
}

/// The rows of one object in groups, without the empty ones.
pub fn groups(answer: &EvaluateAnswer, object: usize) -> Vec<(Verdict, Vec<Row<'_>>)> {
    let rows = rows(answer);
    GROUPS
        .into_iter()
        .map(|verdict| {
            let of = rows
                .iter()
                .filter(|(index, row)| *index == object && row.row.verdict == verdict);
            (verdict, of.map(|(_, row)| *row).collect::<Vec<_>>())
        })
        .filter(|(_, rows)| !rows.is_empty())
        .collect()
}

/// The worst that a policy file's policies say.
pub fn of_file(answer: &EvaluateAnswer, file: &str) -> Option<Verdict> {
    let mine: Vec<&str> = answer
        .policies
        .iter()
        .filter(|policy| {
            policy
                .source
                .as_ref()
                .is_some_and(|place| place.file == file)
        })
        .map(|policy| &*policy.name)
        .collect();
    rows(answer)
        .iter()
        .filter(|(_, row)| mine.contains(&&*row.row.policy))
        .map(|(_, row)| row.row.verdict)
        .max_by_key(|verdict| GROUPS.iter().rev().position(|other| other == verdict))
}

/// `Deployment echo`
pub fn title(object: &ObjectAnswer) -> String {
    if object.name.is_empty() {
        object.kind.clone()
    } else {
        format!("{} {}", object.kind, object.name)
    }
}

/// A piece of an expression and whether it was false.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Piece {
    /// The text.
    pub text: Rc<str>,
    /// Whether it is a part that was false.
    pub marked: bool,
}

/// An expression cut into pieces at the borders of its false parts, which count in UTF-16.
pub fn pieces(text: &str, parts: &[(u32, u32)]) -> Vec<Piece> {
    let mut pieces: Vec<(String, bool)> = Vec::new();
    let mut at = 0u32;
    for character in text.chars() {
        let marked = parts
            .iter()
            .any(|(start, end)| (*start..*end).contains(&at));
        match pieces.last_mut() {
            Some((piece, was)) if *was == marked => piece.push(character),
            _ => pieces.push((character.to_string(), marked)),
        }
        at += u32::try_from(character.len_utf16()).unwrap_or(1);
    }
    pieces
        .into_iter()
        .map(|(text, marked)| Piece {
            text: text.into(),
            marked,
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, parts: &[(u32, u32)], expected: &[(&str, bool)]) {
        let got = pieces(text, parts);
        let got: Vec<_> = got
            .iter()
            .map(|piece| (&*piece.text, piece.marked))
            .collect();
        assert_eq!(got, expected, "{text}");
    }

    #[test]
    fn false_parts_are_cut_out() {
        check("a && b", &[(5, 6)], &[("a && ", false), ("b", true)]);
        check("a && b", &[], &[("a && b", false)]);
        check("a && b", &[(0, 6), (5, 6)], &[("a && b", true)]);
        check(
            "'\u{1F600}' == x",
            &[(8, 9)],
            &[("'\u{1F600}' == ", false), ("x", true)],
        );
        check("a", &[(5, 9)], &[("a", false)]);
    }
}
