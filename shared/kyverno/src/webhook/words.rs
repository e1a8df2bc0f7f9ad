//! The words of Kyverno's webhook (`pkg/webhooks/utils`), and the YAML that is in them.

use std::cmp::Ordering;
use std::collections::BTreeMap;

use vapwright_admission::request::Request;
use vapwright_cel::document::Node;
use vapwright_kube::yaml;

use super::{RuleAnswer, text};

/// What the API server answers where rules are false.
pub(super) fn blocked(webhook: &str, request: &Request, failures: &[&RuleAnswer]) -> String {
    let object = request.object.as_ref().or(request.old_object.as_ref());
    let part = |path: &[&str]| {
        let found = object.and_then(|object| text(object, path));
        found.unwrap_or_default()
    };
    let mut policies: BTreeMap<Natural<'_>, BTreeMap<Natural<'_>, &str>> = BTreeMap::new();
    for failure in failures {
        let rules = policies.entry(Natural(&failure.policy)).or_default();
        rules.insert(Natural(&failure.rule), &failure.message);
    }
    let mut list = String::new();
    for (policy, rules) in policies {
        list.push_str(&format!("{}:\n", key(policy.0)));
        for (rule, message) in rules {
            list.push_str(&format!("  {}: {}\n", key(rule.0), scalar(message)));
        }
    }
    format!(
        "admission webhook \"{webhook}\" denied the request: \n\nresource {}/{}/{} was blocked due to the following policies \n\n{list}",
        part(&["kind"]),
        part(&["metadata", "namespace"]),
        part(&["metadata", "name"]),
    )
}

/// What is warned of a rule.
pub(super) fn warning(answer: &RuleAnswer) -> String {
    format!(
        "policy {}.{}: {}",
        answer.policy, answer.rule, answer.message
    )
}

/// A key as the Go library sorts it: numbers in it by their value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Natural<'t>(&'t str);

impl PartialOrd for Natural<'_> {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Natural<'_> {
    fn cmp(&self, other: &Self) -> Ordering {
        let (left, right): (Vec<char>, Vec<char>) =
            (self.0.chars().collect(), other.0.chars().collect());
        let pairs = left.iter().zip(&right);
        let Some(at) = pairs.clone().position(|(left, right)| left != right) else {
            return left.len().cmp(&right.len());
        };
        let (Some(l), Some(r)) = (left.get(at), right.get(at)) else {
            return Ordering::Equal;
        };
        let in_number = at
            .checked_sub(1)
            .and_then(|before| left.get(before))
            .is_some_and(char::is_ascii_digit);
        match (l.is_alphabetic(), r.is_alphabetic()) {
            (true, true) => l.cmp(r),
            (left, right) if left || right => match if in_number { left } else { right } {
                true => Ordering::Less,
                false => Ordering::Greater,
            },
            _ => {
                // zeros in a number count
                let before = left.get(..at).unwrap_or_default().iter().rev();
                let mut before = before.take_while(|c| c.is_ascii_digit());
                let first = [l, r].contains(&&'0') && before.any(|c| *c != '0');
                let number = |text: &[char]| number(text, at, u64::from(first));
                number(&left).cmp(&number(&right)).then(l.cmp(r))
            }
        }
    }
}

/// The number that starts at a place, and its length.
fn number(text: &[char], at: usize, first: u64) -> (u64, usize) {
    let digits = text.get(at..).unwrap_or_default().iter();
    let digits: Vec<u64> = digits
        .map_while(|c| c.to_digit(10))
        .map(u64::from)
        .collect();
    let add = |value: u64, digit: &u64| value.wrapping_mul(10).wrapping_add(*digit);
    (digits.iter().fold(first, add), digits.len())
}

/// Whether the library reads a bare text as a text: no number, no time, no word of YAML 1.1.
fn is_text(text: &str) -> bool {
    if is_sexagesimal(text) || is_date(text) {
        return false;
    }
    let read = yaml::read(&format!("a: {text}"));
    let mut documents = read.documents.iter();
    documents.any(|document| document.node.get("a").and_then(Node::as_str) == Some(text))
}

/// `12:30`, a number of base 60 to readers of YAML 1.1.
fn is_sexagesimal(text: &str) -> bool {
    let text = text.strip_prefix(['-', '+']).unwrap_or(text);
    let whole = text.split_once('.').map_or(text, |(whole, _)| whole);
    let mut parts = whole.split(':');
    let digits = |part: &str| !part.is_empty() && part.bytes().all(|c| c.is_ascii_digit());
    let first = parts.next().unwrap_or_default().replace('_', "");
    let rest: Vec<&str> = parts.collect();
    let sixty = |part: &&str| digits(part) && part.parse::<u8>().is_ok_and(|n| n < 60);
    digits(&first) && !rest.is_empty() && rest.iter().all(sixty)
}

/// `2006-1-2`, and what else begins so and looks like a time.
fn is_date(text: &str) -> bool {
    let date = text.split(['T', 't', ' ']).next().unwrap_or_default();
    let parts: Vec<&str> = date.split('-').collect();
    let number = |part: &&str| !part.is_empty() && part.bytes().all(|c| c.is_ascii_digit());
    let time = |c: char| c.is_ascii_digit() || "-:. +TtZ".contains(c);
    parts.len() == 3
        && parts.iter().all(number)
        && parts.first().is_some_and(|year| year.len() == 4)
        && text.chars().all(time)
}

fn key(text: &str) -> String {
    match text.contains('\n') {
        true => quoted(text),
        false => scalar(text),
    }
}

/// A text as yaml.v3 writes it at the second level of a map: bare, in quotes, or as a block.
fn scalar(text: &str) -> String {
    let form = Form::of(text);
    if text.contains('\n') {
        return if form.block {
            block(text)
        } else {
            quoted(text)
        };
    }
    if form.plain && (text.is_empty() || is_text(text)) && !text.is_empty() {
        return text.to_owned();
    }
    // a text that would be read as something else is in double quotes, one that YAML's signs forbid
    // to stand bare in single ones
    if form.single && !form.plain {
        return format!("'{}'", text.replace('\'', "''"));
    }
    quoted(text)
}

/// How a text may be written (`yaml_emitter_analyze_scalar`).
struct Form {
    plain: bool,
    single: bool,
    block: bool,
}

impl Form {
    fn of(text: &str) -> Self {
        let characters: Vec<char> = text.chars().collect();
        let at = |index: usize| characters.get(index).copied();
        let blank = |c: Option<char>| matches!(c, None | Some(' ' | '\t' | '\n' | '\r'));
        let mut indicators = text.starts_with("---") || text.starts_with("...");
        for (index, character) in characters.iter().enumerate() {
            let before = index == 0 || blank(at(index - 1));
            let after = blank(at(index + 1));
            indicators |= match character {
                '#' => before,
                ':' => after,
                '?' | '-' => index == 0 && after,
                ',' | '[' | ']' | '{' | '}' | '&' | '*' | '!' | '|' | '>' | '\'' | '"' | '%'
                | '@' | '`' => index == 0,
                _ => false,
            };
        }
        let breaks = text.contains(['\n', '\r', '\u{85}', '\u{2028}', '\u{2029}']);
        let special = characters.iter().any(|c| *c != '\t' && !is_printable(*c));
        let tabs = text.contains('\t');
        let break_space = text.contains("\n ");
        let space_break = text.contains(" \n");
        let edge = |c: Option<char>| matches!(c, Some(' ' | '\n' | '\r'));
        let edges = edge(at(0)) || edge(characters.last().copied());
        Self {
            plain: !(indicators || breaks || special || tabs || edges),
            single: !(break_space || space_break || tabs || special),
            block: !(text.ends_with(' ') || space_break || special),
        }
    }
}

/// What the library takes for printable: no characters beyond the basic plane.
const fn is_printable(character: char) -> bool {
    matches!(character, '\n' | ' '..='~' | '\u{a0}'..='\u{d7ff}' | '\u{e000}'..='\u{fefe}'
        | '\u{ff00}'..='\u{fffd}')
}

/// A literal block, whose lines are indented below the second level.
fn block(text: &str) -> String {
    let hint = if text.starts_with([' ', '\n']) {
        "2"
    } else {
        ""
    };
    let chomp = match (text.ends_with('\n'), text.ends_with("\n\n") || text == "\n") {
        (false, _) => "-",
        (true, true) => "+",
        (true, false) => "",
    };
    let mut out = format!("|{hint}{chomp}");
    for line in text.strip_suffix('\n').unwrap_or(text).split('\n') {
        out.push('\n');
        if !line.is_empty() {
            out.push_str("    ");
            out.push_str(line);
        }
    }
    out
}

fn quoted(text: &str) -> String {
    let mut out = String::from("\"");
    for character in text.chars() {
        let code = u32::from(character);
        match character {
            '"' | '\\' => out.extend(['\\', character]),
            '\n' => out.push_str("\\n"),
            '\t' => out.push_str("\\t"),
            '\r' => out.push_str("\\r"),
            '\u{85}' => out.push_str("\\N"),
            '\u{2028}' => out.push_str("\\L"),
            '\u{2029}' => out.push_str("\\P"),
            character if is_printable(character) => out.push(character),
            _ if code <= 0xff => out.push_str(&format!("\\x{code:02X}")),
            _ if code <= 0xffff => out.push_str(&format!("\\u{code:04X}")),
            _ => out.push_str(&format!("\\U{code:08X}")),
        }
    }
    out.push('"');
    out
}
