//! Nodes as YAML text, in the style of kubectl.
//!
//! Written here because what must be quoted is decided by how Kubernetes reads YAML: a text
//! stands bare only where `scalar::resolve` gives the same text back. The emitter of `saphyr`
//! goes by lists of words (`y`, `1_000` and `0b1` stay bare), `serde-saphyr` serializes by
//! YAML 1.2 or by its own reading of 1.1.

use vapwright_cel::document::{Fields, Node};

use super::scalar::{self, Scalar};

/// How many columns a level is indented.
const STEP: usize = 2;
/// Longer keys are not seen as such by readers unless a `?` says so.
const LONGEST_KEY: usize = 1000;
/// Texts up to this length stay in one line, and so long are the lines of longer ones.
const FOLD_AT: usize = 100;

/// YAML text of a node: keys in their order, texts of several lines as literal blocks, long ones
/// folded, quotes where a reader would take a text for something else.
#[must_use]
pub fn write(node: &Node) -> String {
    let mut out = String::new();
    match node {
        Node::Map(fields) if !fields.is_empty() => map(&mut out, fields, 0, false),
        Node::List(items) if !items.is_empty() => list(&mut out, items, 0, false),
        scalar => inline(&mut out, scalar, 0),
    }
    out
}

/// YAML text of several documents, each begun by `---`.
#[must_use]
pub fn write_all<'n>(nodes: impl IntoIterator<Item = &'n Node>) -> String {
    nodes.into_iter().fold(String::new(), |mut out, node| {
        out.push_str("---\n");
        out.push_str(&write(node));
        out
    })
}

fn indent(out: &mut String, columns: usize) {
    out.extend(std::iter::repeat_n(' ', columns));
}

/// The entries of a map; recursion goes no deeper than documents do.
fn map(out: &mut String, fields: &Fields, column: usize, mut goes_on: bool) {
    for (name, node) in fields.iter() {
        if !goes_on {
            indent(out, column);
        }
        goes_on = false;
        let start = out.len();
        line(out, name);
        if out.len() - start > LONGEST_KEY {
            out.insert_str(start, "? ");
            out.push('\n');
            indent(out, column);
        }
        out.push(':');
        match node {
            Node::Map(fields) if !fields.is_empty() => {
                out.push('\n');
                map(out, fields, column + STEP, false);
            }
            Node::List(items) if !items.is_empty() => {
                out.push('\n');
                list(out, items, column, false);
            }
            scalar => {
                out.push(' ');
                inline(out, scalar, column + STEP);
            }
        }
    }
}

/// The items of a list.
fn list(out: &mut String, items: &[Node], column: usize, mut goes_on: bool) {
    for item in items {
        if !goes_on {
            indent(out, column);
        }
        goes_on = false;
        out.push_str("- ");
        match item {
            Node::Map(fields) if !fields.is_empty() => map(out, fields, column + STEP, true),
            Node::List(items) if !items.is_empty() => list(out, items, column + STEP, true),
            scalar => inline(out, scalar, column + STEP),
        }
    }
}

/// A scalar or an empty map or list, with the end of its line; further lines at a column.
fn inline(out: &mut String, node: &Node, column: usize) {
    match node {
        Node::Null => out.push_str("null"),
        Node::Bool(value) => out.push_str(if *value { "true" } else { "false" }),
        Node::Int(value) => out.push_str(&value.to_string()),
        Node::Double(value) => double(out, *value),
        Node::List(_) => out.push_str("[]"),
        Node::Map(_) => out.push_str("{}"),
        Node::String(text) => {
            if is_block(text) {
                block(out, text, column.max(STEP));
                return;
            }
            match folded(text) {
                Some(lines) => fold(out, &lines, column.max(STEP)),
                None => line(out, text),
            }
        }
    }
    out.push('\n');
}

fn double(out: &mut String, value: f64) {
    if value.is_nan() {
        out.push_str(".nan");
    } else if value.is_infinite() {
        out.push_str(if value > 0.0 { ".inf" } else { "-.inf" });
    } else if value != 0.0 && !(1e-6..1e21).contains(&value.abs()) {
        // as JSON has it in Kubernetes: with an exponent and its sign
        let text = format!("{value:e}");
        let (digits, exponent) = text.split_once('e').unwrap_or((&text, "0"));
        let sign = if exponent.starts_with('-') { "" } else { "+" };
        out.push_str(digits);
        out.push('e');
        out.push_str(sign);
        out.push_str(exponent);
    } else {
        out.push_str(&value.to_string());
    }
}

/// Whether a character stands for itself in YAML text and is no line break to any reader.
const fn is_plain(character: char) -> bool {
    matches!(character, ' '..='~' | '\u{a0}'..='\u{2027}' | '\u{202a}'..='\u{d7ff}'
        | '\u{e000}'..='\u{fefe}' | '\u{ff00}'..='\u{fffd}' | '\u{10000}'..)
}

/// Whether a text is written as a literal block: one whose lines an editor leaves alone.
fn is_block(text: &str) -> bool {
    text.contains('\n')
        && !text.starts_with([' ', '\n', '\t'])
        && text.lines().all(|line| !line.ends_with([' ', '\t']))
        && text
            .chars()
            .all(|character| matches!(character, '\n' | '\t') || is_plain(character))
}

fn block(out: &mut String, text: &str, column: usize) {
    let body = text.trim_end_matches('\n');
    let breaks = text.len() - body.len();
    out.push_str(match breaks {
        0 => "|-\n",
        1 => "|\n",
        _ => "|+\n",
    });
    for line in body.split('\n') {
        if !line.is_empty() {
            indent(out, column);
            out.push_str(line);
        }
        out.push('\n');
    }
    for _ in 1..breaks {
        out.push('\n');
    }
}

/// A long text as lines that a folded block gives back to the letter.
fn folded(text: &str) -> Option<Vec<String>> {
    if text.len() <= FOLD_AT
        || text.contains("  ")
        || text.starts_with(' ')
        || text.ends_with(' ')
        || !text.chars().all(is_plain)
    {
        return None;
    }
    let mut lines: Vec<String> = Vec::new();
    for word in text.split(' ') {
        match lines.last_mut() {
            Some(line) if line.len() + word.len() < FOLD_AT => {
                line.push(' ');
                line.push_str(word);
            }
            _ => lines.push(word.to_owned()),
        }
    }
    (lines.len() > 1).then_some(lines)
}

fn fold(out: &mut String, lines: &[String], column: usize) {
    out.push_str(">-");
    for line in lines {
        out.push('\n');
        indent(out, column);
        out.push_str(line);
    }
}

/// A text on one line: bare, or in quotes.
fn line(out: &mut String, text: &str) {
    if is_bare(text) && !is_misread(text) {
        out.push_str(text);
    } else {
        quoted(out, text);
    }
}

fn quoted(out: &mut String, text: &str) {
    out.push('"');
    for character in text.chars() {
        match character {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\t' => out.push_str("\\t"),
            '\r' => out.push_str("\\r"),
            character if is_plain(character) => out.push(character),
            character => {
                let code = u32::from(character);
                out.push_str(&match code {
                    0..=0xFFFF => format!("\\u{code:04x}"),
                    _ => format!("\\U{code:08x}"),
                });
            }
        }
    }
    out.push('"');
}

/// Whether a reader of YAML 1.1 takes a bare text for a word or a number, in any spelling.
fn is_misread(text: &str) -> bool {
    let resolved = scalar::resolve(&text.to_ascii_lowercase(), true, None);
    !matches!(resolved, Ok(Scalar::String))
}

/// Whether a text has no part in YAML's syntax, and is not like the numbers of base 60, the times
/// and the merge key of readers other than Kubernetes': it begins with a letter or what begins a
/// path, and holds nothing that is rare in such texts.
fn is_bare(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_alphabetic() || matches!(c, '/' | '_'))
        && !text.ends_with([' ', ':'])
        && !text.contains(": ")
        && !text.contains("--")
        && text
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || " -_./()=,;+<>$^~:".contains(c))
}

#[cfg(test)]
mod tests;
