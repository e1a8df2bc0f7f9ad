//! What the editors show at places of their texts.

use serde::Serialize;
use vapwright_engine::wire::{EvaluateAnswer, Place, Severity, Verdict};

use crate::verdict::{RowId, class, rows, speaks};

/// A mark in an editor.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Mark {
    /// From 0, in UTF-16 code units.
    from: u32,
    /// One past the last.
    to: u32,
    /// `error`, `warning`, `note`, or a verdict's class.
    kind: &'static str,
    /// What hovering says.
    message: String,
    /// The verdict's row it leads to; a problem has none.
    #[serde(skip_serializing_if = "Option::is_none")]
    row: Option<RowId>,
}

impl Mark {
    fn new(place: &Place, kind: &'static str, message: String, row: Option<RowId>) -> Self {
        Self {
            from: place.start.utf16,
            to: place.end.utf16,
            kind,
            message,
            row,
        }
    }
}

/// The marks of the file with this name.
pub fn of_file(answer: &EvaluateAnswer, file: &str) -> Vec<Mark> {
    let mut marks: Vec<Mark> = Vec::new();
    for diagnostic in &answer.diagnostics {
        let Some(place) = diagnostic.place.as_ref().filter(|place| place.file == file) else {
            continue;
        };
        let kind = match diagnostic.severity {
            Severity::Error => "error",
            Severity::Warning => "warning",
            Severity::Note => "note",
        };
        let message = match &diagnostic.help {
            Some(help) => format!("{}\n{help}", diagnostic.message),
            None => diagnostic.message.clone(),
        };
        marks.push(Mark::new(place, kind, message, None));
    }
    for (_, row) in rows(answer)
        .iter()
        .filter(|(_, row)| speaks(row.row.verdict))
    {
        let kind = class(row.row.verdict);
        let says = format!("{}: {}", row.row.policy, row.row.message);
        for place in row
            .row
            .object_places
            .iter()
            .filter(|place| place.file == file)
        {
            marks.push(Mark::new(place, kind, says.clone(), Some(row.id)));
        }
        let Some(expression) = &row.row.expression else {
            continue;
        };
        if let Some(place) = expression.place.as_ref().filter(|place| place.file == file) {
            let says = match row.row.verdict {
                Verdict::Error => row.row.message.clone(),
                _ => "this expression is false for the object".to_owned(),
            };
            marks.push(Mark::new(place, kind, says, Some(row.id)));
        }
    }
    marks.sort_by_key(|mark| (mark.from, mark.to));
    marks.dedup();
    marks
}
