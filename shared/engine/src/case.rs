//! The case protocol: one JSON object a line in, one a line out.

use serde_json::Value as Json;

/// The answer to one line of the case protocol.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CaseAnswer {
    /// One line of JSON, without its line break.
    pub line: String,
    /// Whether the line was a case: a line that is not is answered with `id` and `error`.
    pub understood: bool,
}

/// Answers one line of the case protocol.
#[must_use]
pub fn answer_case(line: &str) -> CaseAnswer {
    let line = vapwright_admission::case::answer_line(line);
    let understood = !is_refusal(&line);
    CaseAnswer { line, understood }
}

/// Whether an answer says that its line was no case. A run-time error of an expression has its
/// type beside it.
fn is_refusal(answer: &str) -> bool {
    if !answer.contains("\"error\":") {
        return false;
    }
    serde_json::from_str::<Json>(answer).is_ok_and(|answer| {
        answer.get("error").is_some_and(Json::is_string) && answer.get("type").is_none()
    })
}

#[cfg(test)]
mod tests {
    use super::answer_case;

    #[test]
    fn what_is_no_case_is_answered_with_an_error() {
        for (line, understood, part) in [
            (
                r#"{"id":"a","mode":"cel","expr":"1 + 1"}"#,
                true,
                r#""value":2"#,
            ),
            (
                r#"{"id":"b","mode":"cel","expr":"1 / 0"}"#,
                true,
                r#""error":"division by zero""#,
            ),
            (r#"{"id":"c","mode":"other"}"#, false, r#""id":"c""#),
            ("{", false, r#""error":"#),
        ] {
            let answer = answer_case(line);
            assert_eq!(answer.understood, understood, "{line}: {}", answer.line);
            assert!(answer.line.contains(part), "{line}: {}", answer.line);
        }
    }
}
