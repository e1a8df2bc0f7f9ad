//! Documents as YAML that every parser reads the same, in a stable form.

use std::fmt::Write as _;

use vapwright_cel::document::Node;

/// Nodes below this depth are written in one line: the writer recurses.
const MAX_DEPTH: usize = 64;
/// Texts up to this length stay in one line.
const FOLD_AT: usize = 100;

/// The documents as one YAML stream, each begun by `---`.
#[must_use]
pub fn to_yaml<'n>(documents: impl IntoIterator<Item = &'n Node>) -> String {
    let mut out = String::new();
    for document in documents {
        out.push_str("---\n");
        write_node(&mut out, document, 0);
    }
    out
}

fn pad(out: &mut String, indent: usize) {
    for _ in 0..indent {
        out.push_str("  ");
    }
}

fn write_node(out: &mut String, node: &Node, indent: usize) {
    match node {
        Node::Map(fields) if !fields.is_empty() && indent < MAX_DEPTH => {
            for (key, value) in fields.iter() {
                pad(out, indent);
                write_entry(out, key, value, indent);
            }
        }
        Node::List(items) if !items.is_empty() && indent < MAX_DEPTH => {
            for item in items {
                pad(out, indent);
                out.push_str("- ");
                write_item(out, item, indent);
            }
        }
        other => {
            pad(out, indent);
            write_inline(out, other, indent);
        }
    }
}

fn write_entry(out: &mut String, key: &str, value: &Node, indent: usize) {
    out.push_str(&scalar(key));
    out.push(':');
    if is_block(value, indent) {
        out.push('\n');
        // Lists stand at the column of their key, as `kubectl` writes them.
        let below = if matches!(value, Node::List(_)) {
            indent
        } else {
            indent + 1
        };
        write_node(out, value, below);
    } else {
        out.push(' ');
        write_inline(out, value, indent + 1);
    }
}

fn write_item(out: &mut String, item: &Node, indent: usize) {
    match item {
        Node::Map(fields) if is_block(item, indent) => {
            for (index, (key, value)) in fields.iter().enumerate() {
                if index > 0 {
                    pad(out, indent + 1);
                }
                write_entry(out, key, value, indent + 1);
            }
        }
        Node::List(items) if is_block(item, indent) => {
            for (index, item) in items.iter().enumerate() {
                if index > 0 {
                    pad(out, indent + 1);
                }
                out.push_str("- ");
                write_item(out, item, indent + 1);
            }
        }
        other => write_inline(out, other, indent + 1),
    }
}

fn is_block(node: &Node, indent: usize) -> bool {
    let filled = match node {
        Node::Map(fields) => !fields.is_empty(),
        Node::List(items) => !items.is_empty(),
        _ => false,
    };
    filled && indent < MAX_DEPTH
}

fn write_inline(out: &mut String, node: &Node, indent: usize) {
    match node {
        Node::String(text) => write_text(out, text, indent),
        other => out.push_str(&json(other)),
    }
    out.push('\n');
}

/// A text in one line, quoted where it needs to be; as a literal block where it has lines; folded
/// where it is long.
fn write_text(out: &mut String, text: &str, indent: usize) {
    if let Some(body) = literal_body(text) {
        let chomping = if text.ends_with('\n') { "" } else { "-" };
        let _ = write!(out, "|{chomping}");
        for line in body.split('\n') {
            out.push('\n');
            if !line.is_empty() {
                pad(out, indent);
                out.push_str(line);
            }
        }
    } else if let Some(lines) = folded(text) {
        out.push_str(">-");
        for line in lines {
            out.push('\n');
            pad(out, indent);
            out.push_str(&line);
        }
    } else {
        out.push_str(&scalar(text));
    }
}

/// The lines of a text that a literal block gives back to the letter.
fn literal_body(text: &str) -> Option<&str> {
    let body = text.strip_suffix('\n').unwrap_or(text);
    let plain = body.contains('\n')
        && !body.ends_with('\n')
        && !body.starts_with([' ', '\n', '\t'])
        && body.split('\n').all(|line| !line.ends_with([' ', '\t']))
        && body.chars().all(is_printable);
    plain.then_some(body)
}

/// A long line as several that a folded block gives back to the letter.
fn folded(text: &str) -> Option<Vec<String>> {
    if text.len() <= FOLD_AT
        || text.contains(['\n', '\t'])
        || text.contains("  ")
        || text.starts_with(' ')
        || text.ends_with(' ')
        || !text.chars().all(is_printable)
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

fn is_printable(character: char) -> bool {
    character == '\n'
        || (!character.is_control()
            && !matches!(
                character,
                '\u{85}' | '\u{2028}' | '\u{2029}' | '\u{feff}' | '\u{fffe}' | '\u{ffff}'
            ))
}

/// A text as a plain scalar where every parser takes it for a text, else in double quotes.
fn scalar(text: &str) -> String {
    let plain_start = text.starts_with(|c: char| c.is_ascii_alphabetic() || c == '/' || c == '_');
    let plain = plain_start
        && !text.ends_with([' ', ':'])
        && text
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || " -_./()=,;+<>$^~".contains(c) || c == ':')
        && !text.contains(": ")
        && !text.contains("--")
        && !AMBIGUOUS.contains(&text.to_ascii_lowercase().as_str());
    if plain { text.to_owned() } else { quoted(text) }
}

/// Plain texts that a YAML 1.1 parser may take for something else.
const AMBIGUOUS: [&str; 11] = [
    "y", "n", "yes", "no", "on", "off", "true", "false", "null", "nan", "inf",
];

/// A text in double quotes, with the escapes that YAML and JSON share.
fn quoted(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    out.push('"');
    for character in text.chars() {
        match character {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            other if is_printable(other) => out.push(other),
            other => {
                let mut units = [0; 2];
                for unit in other.encode_utf16(&mut units) {
                    let _ = write!(out, "\\u{unit:04x}");
                }
            }
        }
    }
    out.push('"');
    out
}

/// A node as JSON in one line, with every map's keys in their order: also its canonical form, where
/// the order is settled.
pub(crate) fn json(node: &Node) -> String {
    let mut out = String::new();
    write_json(&mut out, node, 0);
    out
}

fn write_json(out: &mut String, node: &Node, depth: usize) {
    match node {
        // Deeper than the API server reads: nothing of a policy is there.
        _ if depth > 512 => out.push_str("null"),
        Node::Null => out.push_str("null"),
        Node::Bool(value) => {
            let _ = write!(out, "{value}");
        }
        Node::Int(value) => {
            let _ = write!(out, "{value}");
        }
        Node::Double(value) if value.is_finite() => {
            let _ = write!(out, "{value:?}");
        }
        Node::Double(_) => out.push_str("null"),
        Node::String(text) => out.push_str(&quoted(text)),
        Node::List(items) => {
            out.push('[');
            for (index, item) in items.iter().enumerate() {
                if index > 0 {
                    out.push(',');
                }
                write_json(out, item, depth + 1);
            }
            out.push(']');
        }
        Node::Map(fields) => {
            out.push('{');
            for (index, (key, value)) in fields.iter().enumerate() {
                if index > 0 {
                    out.push(',');
                }
                out.push_str(&quoted(key));
                out.push(':');
                write_json(out, value, depth + 1);
            }
            out.push('}');
        }
    }
}
