//! Problems as diagnostics: with a place, and as a terminal shows them.
//!
//! Drawn here rather than by a crate: lines of any length are cut around the place before they
//! are measured, the header keeps the place in the whole line, and nothing can panic on a range
//! that ends inside a character.

use std::fmt::Write as _;

use unicode_width::UnicodeWidthChar;
use vapwright_kube::problem::{Problem, Severity as ProblemSeverity, TextRange};

use crate::text::Text;
use crate::wire::{Diagnostic, Place, Severity};

/// How many columns of a line are shown before and after the start of a place.
const BEFORE: usize = 40;
const AFTER: usize = 60;
/// What stands where a line is cut.
const CUT: &str = "...";

/// A diagnostic without a place in a text: about the call itself.
#[must_use]
pub fn diagnostic(severity: Severity, code: &str, message: &str, help: Option<&str>) -> Diagnostic {
    let mut rendered = headline(severity, code, message);
    add_help(&mut rendered, help, 1);
    Diagnostic {
        code: code.to_owned(),
        severity,
        message: message.to_owned(),
        place: None,
        help: help.map(str::to_owned),
        rendered,
    }
}

/// A problem of a source.
pub(crate) fn of_problem(text: &Text<'_>, problem: &Problem) -> Diagnostic {
    let severity = match problem.severity {
        ProblemSeverity::Error => Severity::Error,
        ProblemSeverity::Warning => Severity::Warning,
        ProblemSeverity::Note => Severity::Note,
    };
    let range = problem.range.unwrap_or_default();
    let place = text.place(range, problem.path.clone());
    let help = problem.help.as_deref();
    let rendered = render(text, severity, problem, range, &place);
    Diagnostic {
        code: problem.code.to_owned(),
        severity,
        message: problem.message.clone(),
        place: Some(place),
        help: help.map(str::to_owned),
        rendered,
    }
}

fn headline(severity: Severity, code: &str, message: &str) -> String {
    let word = match severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Note => "note",
    };
    let mut text = format!("{word}[{code}]: ");
    for (index, line) in message.lines().enumerate() {
        if index > 0 {
            text.push_str("\n    ");
        }
        text.extend(line.chars().map(visible));
    }
    text.push('\n');
    text
}

fn render(
    text: &Text<'_>,
    severity: Severity,
    problem: &Problem,
    range: TextRange,
    place: &Place,
) -> String {
    let mut rendered = headline(severity, problem.code, &problem.message);
    let number = place.start.line.to_string();
    let width = number.len();
    let _ = writeln!(
        rendered,
        "{:width$}--> {}:{}:{}",
        "",
        text.name(),
        place.start.line,
        place.start.column
    );
    if problem.range.is_some() {
        let (line, mark) = excerpt(text.text(), range);
        let _ = writeln!(rendered, "{:width$} |", "");
        let _ = writeln!(rendered, "{}", format!("{number} | {line}").trim_end());
        let _ = writeln!(rendered, "{:width$} | {mark}", "");
    }
    add_help(&mut rendered, problem.help.as_deref(), width);
    rendered
}

fn add_help(rendered: &mut String, help: Option<&str>, width: usize) {
    for line in help.into_iter().flat_map(str::lines) {
        let _ = writeln!(rendered, "{:width$} = help: {line}", "");
    }
}

/// The line in which a range starts, cut around it, and the marks that go below it.
fn excerpt(text: &str, range: TextRange) -> (String, String) {
    let start = floor(text, range.start as usize);
    let end = floor(text, range.end as usize).max(start);
    let before = text.get(..start).unwrap_or_default();
    let after = text.get(start..).unwrap_or_default();

    let mut line = String::new();
    let mut mark = String::new();
    let mut kept: Vec<char> = Vec::with_capacity(BEFORE + 1);
    for character in before.chars().rev() {
        if matches!(character, '\n' | '\r') || kept.len() > BEFORE {
            break;
        }
        kept.push(character);
    }
    if kept.len() > BEFORE {
        kept.truncate(BEFORE);
        push(&mut line, &mut mark, CUT, ' ');
    }
    for character in kept.into_iter().rev() {
        push_char(&mut line, &mut mark, character, ' ');
    }
    let column = mark.len();
    let mut marked = false;
    for (count, (offset, character)) in after.char_indices().enumerate() {
        if matches!(character, '\n' | '\r') {
            break;
        }
        if count >= AFTER {
            push(&mut line, &mut mark, CUT, ' ');
            break;
        }
        let inside = start + offset < end;
        marked |= inside;
        push_char(
            &mut line,
            &mut mark,
            character,
            if inside { '^' } else { ' ' },
        );
    }
    if !marked {
        // An empty range, or one at the end of a line: one mark where it starts.
        mark = format!("{:column$}^", "");
    }
    (line.trim_end().to_owned(), mark.trim_end().to_owned())
}

fn push(line: &mut String, mark: &mut String, text: &str, marker: char) {
    for character in text.chars() {
        push_char(line, mark, character, marker);
    }
}

fn push_char(line: &mut String, mark: &mut String, character: char, marker: char) {
    if character == '\t' {
        line.push_str("    ");
    } else {
        line.push(visible(character));
    }
    mark.extend(std::iter::repeat_n(marker, columns(character)));
}

fn columns(character: char) -> usize {
    if character == '\t' {
        4
    } else {
        visible(character).width().unwrap_or(0)
    }
}

/// Control and direction characters would let a pasted text rewrite a terminal.
fn visible(character: char) -> char {
    match character {
        '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' => '\u{fffd}',
        other if other.is_control() && other != '\t' => '\u{fffd}',
        other => other,
    }
}

fn floor(text: &str, offset: usize) -> usize {
    let mut offset = offset.min(text.len());
    while !text.is_char_boundary(offset) {
        offset -= 1;
    }
    offset
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::SourceFile;

    fn check(text: &str, marked: &str, expected: &str) {
        let start = text.find(marked).unwrap() as u32;
        let range = TextRange {
            start,
            end: start + marked.len() as u32,
        };
        let source = SourceFile {
            name: "policy.yaml".to_owned(),
            text: text.to_owned(),
        };
        let problem = Problem::error("some-code", "it is `wrong`", Some(range)).help("mend it");
        let rendered = of_problem(&Text::new(&source), &problem).rendered;
        assert_eq!(rendered, expected);
    }

    #[test]
    fn marks_a_place() {
        check(
            "a: 1\nspec: wrong # x\n",
            "wrong",
            "error[some-code]: it is `wrong`
 --> policy.yaml:2:7
  |
2 | spec: wrong # x
  |       ^^^^^
  = help: mend it
",
        );
    }

    #[test]
    fn marks_only_the_first_line_of_a_range() {
        check(
            "a:\n  b: 1\n  c: 2\n",
            "b: 1\n  c",
            "error[some-code]: it is `wrong`
 --> policy.yaml:2:3
  |
2 |   b: 1
  |   ^^^^
  = help: mend it
",
        );
    }

    #[test]
    fn marks_the_end_of_a_line_once() {
        check(
            "a:\r\nb: 1\n",
            "\r\n",
            "error[some-code]: it is `wrong`
 --> policy.yaml:1:3
  |
1 | a:
  |   ^
  = help: mend it
",
        );
    }

    #[test]
    fn wide_characters_and_tabs_keep_the_mark_below() {
        check(
            "日本:\tx",
            "x",
            "error[some-code]: it is `wrong`
 --> policy.yaml:1:5
  |
1 | 日本:    x
  |          ^
  = help: mend it
",
        );
    }

    #[test]
    fn long_lines_are_cut_around_the_place() {
        let text = format!("{}wrong{}", "b".repeat(3_000_000), "a".repeat(3_000_000));
        let shown = format!("...{}wrong{}...", "b".repeat(BEFORE), "a".repeat(AFTER - 5));
        check(
            &text,
            "wrong",
            &format!(
                "error[some-code]: it is `wrong`
 --> policy.yaml:1:3000001
  |
1 | {shown}
  | {}^^^^^
  = help: mend it
",
                " ".repeat(BEFORE + 3)
            ),
        );
    }

    #[test]
    fn control_characters_are_not_sent_to_a_terminal() {
        check(
            "a: \u{1b}[31mred",
            "red",
            "error[some-code]: it is `wrong`
 --> policy.yaml:1:9
  |
1 | a: \u{fffd}[31mred
  |         ^^^
  = help: mend it
",
        );
    }
}
