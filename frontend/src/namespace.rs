//! The labels of a Namespace's YAML, read and changed in place.
//!
//! The controls must follow each key as it is typed and must leave the rest of the text, comments
//! among it, as it is: so this works on lines. What it cannot follow (flow style, anchors) it
//! says, and the controls step aside.

/// The labels of a Namespace, in their order, or `None` where the text is not plain enough.
pub fn labels(text: &str) -> Option<Vec<(String, String)>> {
    match find(text) {
        Found::Labels(lines) => Some(
            lines
                .into_iter()
                .map(|label| (label.key, label.value))
                .collect(),
        ),
        Found::NoLabels { .. } | Found::NoMetadata => Some(Vec::new()),
        Found::NotPlain => None,
    }
}

/// The text with the label `key` set to `value`, or without it; `None` where the text is not plain
/// enough to change.
pub fn with_label(text: &str, key: &str, value: Option<&str>) -> Option<String> {
    let lines: Vec<&str> = text.lines().collect();
    let mut out: Vec<String> = lines.iter().map(|line| (*line).to_owned()).collect();
    match find(text) {
        Found::NotPlain => return None,
        Found::Labels(known) => {
            let label = known.iter().find(|label| label.key == key);
            match (label, value) {
                (Some(label), Some(value)) => {
                    let line = out.get_mut(label.line)?;
                    *line = format!(
                        "{}{}: {}{}",
                        " ".repeat(label.indent),
                        key,
                        scalar(value),
                        label.comment
                    );
                }
                (Some(label), None) => {
                    out.remove(label.line);
                    // `labels:` with nothing under it would be null
                    if known.len() == 1 {
                        out.remove(known.first()?.header);
                    }
                }
                (None, Some(value)) => {
                    let last = known.last()?;
                    let line = format!("{}{}: {}", " ".repeat(last.indent), key, scalar(value));
                    out.insert(last.line + 1, line);
                }
                (None, None) => {}
            }
        }
        Found::NoLabels { after, indent } => {
            if let Some(value) = value {
                let pad = " ".repeat(indent);
                out.insert(after, format!("{pad}labels:"));
                out.insert(after + 1, format!("{pad}  {key}: {}", scalar(value)));
            }
        }
        Found::NoMetadata => {
            let value = value?;
            if text.trim().is_empty() {
                out = vec!["apiVersion: v1".into(), "kind: Namespace".into()];
            }
            while out.last().is_some_and(|line| line.trim().is_empty()) {
                out.pop();
            }
            out.push("metadata:".into());
            if text.trim().is_empty() {
                out.push("  name: default".into());
            }
            out.push("  labels:".into());
            out.push(format!("    {key}: {}", scalar(value)));
        }
    }
    let mut text = out.join("\n");
    text.push('\n');
    Some(text)
}

/// The Namespace's name, where the text says it plainly.
pub fn name(text: &str) -> Option<String> {
    let mut inside = false;
    for line in text.lines() {
        let Some(entry) = Entry::of(line) else {
            continue;
        };
        if entry.indent == 0 {
            inside = entry.key == "metadata";
        } else if inside && entry.key == "name" {
            return Some(entry.value);
        }
    }
    None
}

struct Label {
    line: usize,
    header: usize,
    indent: usize,
    key: String,
    value: String,
    comment: String,
}

enum Found {
    Labels(Vec<Label>),
    /// A `metadata` without labels: where a line may be put and how deep.
    NoLabels {
        after: usize,
        indent: usize,
    },
    NoMetadata,
    NotPlain,
}

fn find(text: &str) -> Found {
    let mut metadata: Option<(usize, usize)> = None; // line, depth of its entries
    let mut header: Option<(usize, usize)> = None; // line and depth of `labels:`
    let mut labels: Vec<Label> = Vec::new();
    for (number, line) in text.lines().enumerate() {
        let trimmed = line.trim();
        if trimmed.is_empty() || trimmed.starts_with('#') {
            continue;
        }
        if trimmed == "---" || trimmed == "..." {
            // a second document is not the Namespace
            if metadata.is_some() {
                break;
            }
            continue;
        }
        let Some(entry) = Entry::of(line) else {
            // lists and the like: of no interest unless they stand among the labels
            let depth = line.len() - line.trim_start().len();
            if metadata.is_none() && depth == 0 || header.is_some_and(|(_, own)| depth > own) {
                return Found::NotPlain;
            }
            continue;
        };
        if entry.indent == 0 {
            if metadata.is_some() {
                break;
            }
            if entry.key == "metadata" {
                if !entry.value.is_empty() {
                    return Found::NotPlain;
                }
                metadata = Some((number, 2));
            }
            continue;
        }
        let Some((start, depth)) = metadata.as_mut() else {
            continue;
        };
        if number == *start + 1 || labels.is_empty() && header.is_none() && entry.indent < *depth {
            *depth = entry.indent;
        }
        match header {
            Some((at, own)) if entry.indent > own => {
                if entry.special
                    || labels
                        .first()
                        .is_some_and(|first| first.indent != entry.indent)
                {
                    return Found::NotPlain;
                }
                labels.push(Label {
                    line: number,
                    header: at,
                    indent: entry.indent,
                    key: entry.key,
                    value: entry.value,
                    comment: entry.comment,
                });
            }
            _ if entry.indent == *depth && entry.key == "labels" => {
                if !entry.value.is_empty() {
                    return Found::NotPlain;
                }
                header = Some((number, entry.indent));
            }
            // past the labels: nothing of interest follows
            Some(_) => break,
            None => {}
        }
    }
    match (header, metadata) {
        (Some(_), _) if !labels.is_empty() => Found::Labels(labels),
        // an empty `labels:` is rare enough to be left to the keyboard
        (Some(_), _) => Found::NotPlain,
        (None, Some((line, indent))) => Found::NoLabels {
            after: line + 1,
            indent,
        },
        (None, None) => Found::NoMetadata,
    }
}

/// `key: value # comment` of a line.
struct Entry {
    indent: usize,
    key: String,
    value: String,
    comment: String,
    /// Anchors, aliases, flow collections and block scalars.
    special: bool,
}

impl Entry {
    fn of(line: &str) -> Option<Self> {
        let content = line.trim_start_matches(' ');
        let indent = line.len() - content.len();
        if content.starts_with(['#', '-', '\t', '{', '[', '?', '%']) {
            return None;
        }
        let (key, rest) =
            if let Some(quote) = content.chars().next().filter(|c| matches!(c, '"' | '\'')) {
                let (key, rest) = content.get(1..)?.split_once(quote)?;
                (key, rest.trim_start().strip_prefix(':')?)
            } else if let Some((key, rest)) = content.split_once(": ") {
                (key, rest)
            } else {
                (content.trim_end().strip_suffix(':')?, "")
            };
        let rest = rest.trim();
        let (value, comment) = match rest.chars().next() {
            Some(quote @ ('"' | '\'')) => {
                let (value, rest) = rest.get(1..)?.split_once(quote)?;
                (value, rest.trim())
            }
            Some('#') => ("", rest),
            _ => match rest.find(" #") {
                Some(at) => (rest.get(..at)?.trim_end(), rest.get(at..)?.trim()),
                None => (rest, ""),
            },
        };
        Some(Self {
            indent,
            key: key.trim().to_owned(),
            special: rest.starts_with(['&', '*', '{', '[', '|', '>', '!']),
            value: value.to_owned(),
            comment: if comment.is_empty() {
                String::new()
            } else {
                format!(" {comment}")
            },
        })
    }
}

// Label values are made of letters, digits and `-_.`; those that YAML would read as something
// else need quotes.
fn scalar(value: &str) -> String {
    let word = value.to_ascii_lowercase();
    let plain = value.starts_with(|c: char| c.is_ascii_alphabetic())
        && !matches!(
            word.as_str(),
            "true" | "false" | "yes" | "no" | "on" | "off" | "null" | "y" | "n"
        );
    if plain {
        value.to_owned()
    } else {
        format!("\"{value}\"")
    }
}

#[cfg(test)]
mod tests;
