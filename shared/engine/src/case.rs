//! The case protocol: one JSON object a line in, one a line out.

use serde_json::json;

/// The answer to one line of the case protocol.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CaseAnswer {
    /// One line of JSON, without its line break.
    pub line: String,
    /// Whether the line was a case: a line that is not is answered with `id` and `error`.
    pub understood: bool,
}

/// What is kept between cases: policies that an earlier case compiled.
#[derive(Debug, Default)]
pub struct Cases {}

/// Answers one line of the case protocol.
#[must_use]
pub fn answer_case(line: &str) -> CaseAnswer {
    Cases::default().answer(line)
}

impl Cases {
    /// Answers one line of the case protocol.
    pub fn answer(&mut self, line: &str) -> CaseAnswer {
        answer(line)
    }
}

fn answer(line: &str) -> CaseAnswer {
    let id = serde_json::from_str::<serde_json::Value>(line)
        .ok()
        .and_then(|case| case.get("id").cloned());
    CaseAnswer {
        line: json!({ "id": id, "error": "cases cannot be answered yet" }).to_string(),
        understood: false,
    }
}
