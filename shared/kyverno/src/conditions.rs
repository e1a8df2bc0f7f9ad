//! Conditions in CEL: what selectors, names and subjects of a Kyverno filter say.

use std::fmt::Write as _;

use vapwright_cel::document::Node;

/// A text as a CEL literal.
pub(crate) fn quoted(text: &str) -> String {
    let mut literal = String::with_capacity(text.len() + 2);
    literal.push('\'');
    for character in text.chars() {
        match character {
            '\'' => literal.push_str("\\'"),
            '\\' => literal.push_str("\\\\"),
            '\n' => literal.push_str("\\n"),
            '\r' => literal.push_str("\\r"),
            '\t' => literal.push_str("\\t"),
            control if control.is_control() => {
                // Writing to a string cannot fail.
                let _ = write!(literal, "\\u{:04x}", u32::from(control));
            }
            plain => literal.push(plain),
        }
    }
    literal.push('\'');
    literal
}

/// A list of texts as a CEL literal.
pub(crate) fn quoted_list<'t>(texts: impl IntoIterator<Item = &'t str>) -> String {
    let items: Vec<String> = texts.into_iter().map(quoted).collect();
    format!("[{}]", items.join(", "))
}

/// Whether a text is a pattern rather than itself.
pub(crate) fn has_wildcard(text: &str) -> bool {
    text.contains(['*', '?'])
}

/// Whether `subject`, an expression of a text, is one of the texts or matches one of the patterns
/// (`*` is any text, `?` any character).
pub(crate) fn matches_any(subject: &str, patterns: &[&str]) -> String {
    let (patterns, texts): (Vec<&str>, Vec<&str>) =
        patterns.iter().partition(|pattern| has_wildcard(pattern));
    let mut parts: Vec<String> = Vec::new();
    match texts.as_slice() {
        [] => {}
        [text] => parts.push(format!("{subject} == {}", quoted(text))),
        texts => parts.push(format!(
            "{subject} in {}",
            quoted_list(texts.iter().copied())
        )),
    }
    parts.extend(
        patterns
            .iter()
            .map(|pattern| matches_pattern(subject, pattern)),
    );
    any_of(&parts)
}

fn matches_pattern(subject: &str, pattern: &str) -> String {
    let stars_only = !pattern.contains('?');
    if stars_only && pattern.chars().all(|character| character == '*') {
        return "true".to_owned();
    }
    if let Some(head) = pattern.strip_suffix('*')
        && !has_wildcard(head)
    {
        return format!("{subject}.startsWith({})", quoted(head));
    }
    if let Some(tail) = pattern.strip_prefix('*')
        && !has_wildcard(tail)
    {
        return format!("{subject}.endsWith({})", quoted(tail));
    }
    let mut regex = String::from("(?s)^");
    for character in pattern.chars() {
        match character {
            '*' => regex.push_str(".*"),
            '?' => regex.push('.'),
            special if "\\.+()|[]{}^$".contains(special) => {
                regex.push('\\');
                regex.push(special);
            }
            plain => regex.push(plain),
        }
    }
    regex.push('$');
    format!("{subject}.matches({})", quoted(&regex))
}

/// All of the conditions.
pub(crate) fn all_of(parts: &[String]) -> String {
    join(parts, " && ", "true")
}

/// Any of the conditions.
pub(crate) fn any_of(parts: &[String]) -> String {
    join(parts, " || ", "false")
}

fn join(parts: &[String], operator: &str, none: &str) -> String {
    match parts {
        [] => none.to_owned(),
        [part] => part.clone(),
        parts => {
            let wrapped: Vec<String> = parts.iter().map(|part| wrapped(part)).collect();
            wrapped.join(operator)
        }
    }
}

/// The condition in parentheses, where it needs them to be a part of a larger one.
fn wrapped(part: &str) -> String {
    if has_operator(part) {
        format!("({part})")
    } else {
        part.to_owned()
    }
}

/// Whether `&&` or `||` stands outside of parentheses, brackets and texts.
fn has_operator(part: &str) -> bool {
    let mut depth = 0_usize;
    let mut in_text = false;
    let mut escaped = false;
    let mut previous = ' ';
    for character in part.chars() {
        match character {
            _ if escaped => escaped = false,
            '\\' if in_text => escaped = true,
            '\'' => in_text = !in_text,
            _ if in_text => {}
            '(' | '[' | '{' => depth += 1,
            ')' | ']' | '}' => depth = depth.saturating_sub(1),
            '&' | '|' if depth == 0 && previous == character => return true,
            _ => {}
        }
        previous = character;
    }
    false
}

/// What a label selector says of `labels`, an expression of an optional map; or the path below the
/// selector of what cannot be said, and why.
pub(crate) fn selector(labels: &str, selector: &Node) -> Result<String, String> {
    let mut parts = Vec::new();
    let Some(fields) = selector.as_map() else {
        return Err("a label selector must be a map".to_owned());
    };
    for (name, node) in fields.iter() {
        match &**name {
            "matchLabels" => {
                let pairs = node.as_map().ok_or("`matchLabels` must be a map")?;
                for (key, value) in pairs.iter() {
                    let value = value.as_str().ok_or("a label's value must be a text")?;
                    parts.push(entry_matches(labels, key, value));
                }
            }
            "matchExpressions" => {
                let items = node.as_list().ok_or("`matchExpressions` must be a list")?;
                for item in items {
                    parts.push(label_requirement(labels, item)?);
                }
            }
            other => return Err(format!("a label selector has no field `{other}`")),
        }
    }
    Ok(all_of(&parts))
}

/// Whether a map has an entry whose key and value match the patterns.
pub(crate) fn entry_matches(map: &str, key: &str, value: &str) -> String {
    if has_wildcard(key) {
        let key_matches = matches_pattern("k", key);
        let value_matches = matches_any(&format!("{map}[k]"), &[value]);
        return format!("{map}.exists(k, {key_matches} && ({value_matches}))");
    }
    let key = quoted(key);
    if has_wildcard(value) {
        let value_matches = matches_any(&format!("{map}[{key}]"), &[value]);
        return format!("({key} in {map} && {value_matches})");
    }
    format!("{map}[?{key}] == optional.of({})", quoted(value))
}

fn label_requirement(labels: &str, item: &Node) -> Result<String, String> {
    let key = item
        .get("key")
        .and_then(Node::as_str)
        .ok_or("a requirement needs a `key`")?;
    let operator = item
        .get("operator")
        .and_then(Node::as_str)
        .ok_or("a requirement needs an `operator`")?;
    let values: Vec<&str> = item
        .get("values")
        .and_then(Node::as_list)
        .unwrap_or(&[])
        .iter()
        .filter_map(Node::as_str)
        .collect();
    let literal = quoted(key);
    let list = quoted_list(values.iter().copied());
    match operator {
        "In" if !values.is_empty() => Ok(format!(
            "({literal} in {labels} && {labels}[{literal}] in {list})"
        )),
        "NotIn" if !values.is_empty() => Ok(format!(
            "!({literal} in {labels} && {labels}[{literal}] in {list})"
        )),
        "Exists" if values.is_empty() => Ok(format!("{literal} in {labels}")),
        "DoesNotExist" if values.is_empty() => Ok(format!("!({literal} in {labels})")),
        _ => Err(format!(
            "`{operator}` with {} values is no requirement",
            values.len()
        )),
    }
}
