//! The rules for names, labels and texts that named formats check, with Kubernetes' messages.

const DNS1123_LABEL: &str = "[a-z0-9]([-a-z0-9]*[a-z0-9])?";
const LABEL_KEY: &str = "([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]";

fn explained(message: &str, regex: &str, examples: &[&str]) -> String {
    let examples: Vec<String> = examples.iter().map(|it| format!("'{it}', ")).collect();
    let examples = examples.join(" or ");
    format!("{message} (e.g. {examples}regex used for validation is '{regex}')")
}

fn too_long(length: usize, unit: &str) -> String {
    format!("must be no more than {length} {unit}")
}

/// Whether a text is not empty, has only such bytes, and its first and last bytes are of those
/// that may stand at the ends.
fn has_shape(
    text: &str,
    inside: fn(u8) -> bool,
    first: fn(u8) -> bool,
    last: fn(u8) -> bool,
) -> bool {
    let bytes = text.as_bytes();
    bytes.first().is_some_and(|byte| first(*byte))
        && bytes.last().is_some_and(|byte| last(*byte))
        && bytes.iter().all(|byte| inside(*byte))
}

const fn lower(byte: u8) -> bool {
    byte.is_ascii_lowercase()
}

const fn lower_or_digit(byte: u8) -> bool {
    byte.is_ascii_lowercase() || byte.is_ascii_digit()
}

const fn lower_digit_or_dash(byte: u8) -> bool {
    lower_or_digit(byte) || byte == b'-'
}

const fn alphanumeric(byte: u8) -> bool {
    byte.is_ascii_alphanumeric()
}

const fn label_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.')
}

fn is_dns1123_label(text: &str) -> bool {
    has_shape(text, lower_digit_or_dash, lower_or_digit, lower_or_digit)
}

fn is_dns1123_subdomain(text: &str) -> bool {
    text.split('.').all(is_dns1123_label)
}

/// A name that may get a suffix: a dash at its end is taken for a letter, and, as Kubernetes
/// does it, the byte before it with it.
pub(super) fn with_suffix(name: &str) -> String {
    match name.len().checked_sub(2) {
        Some(kept) if name.ends_with('-') => {
            format!("{}a", name.get(..kept).unwrap_or(name))
        }
        _ => name.to_owned(),
    }
}

/// What is wrong with a DNS label of RFC 1123.
pub(super) fn dns1123_label(text: &str) -> Vec<String> {
    let mut errors = Vec::new();
    if text.len() > 63 {
        errors.push(too_long(63, "characters"));
    }
    if !is_dns1123_label(text) {
        errors.push(if is_dns1123_subdomain(text) {
            "must not contain dots".to_owned()
        } else {
            let message = "a lowercase RFC 1123 label must consist of lower case alphanumeric \
                           characters or '-', and must start and end with an alphanumeric character";
            explained(message, DNS1123_LABEL, &["my-name", "123-abc"])
        });
    }
    errors
}

/// What is wrong with a DNS subdomain of RFC 1123.
pub(super) fn dns1123_subdomain(text: &str) -> Vec<String> {
    subdomain(text, "characters")
}

fn subdomain(text: &str, unit: &str) -> Vec<String> {
    let mut errors = Vec::new();
    if text.len() > 253 {
        errors.push(too_long(253, unit));
    }
    if !is_dns1123_subdomain(text) {
        let message = "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric \
                       characters, '-' or '.', and must start and end with an alphanumeric \
                       character";
        let regex = format!(r"{DNS1123_LABEL}(\.{DNS1123_LABEL})*");
        errors.push(explained(message, &regex, &["example.com"]));
    }
    errors
}

/// What is wrong with a DNS label of RFC 1035.
pub(super) fn dns1035_label(text: &str) -> Vec<String> {
    let mut errors = Vec::new();
    if text.len() > 63 {
        errors.push(too_long(63, "characters"));
    }
    if !has_shape(text, lower_digit_or_dash, lower, lower_or_digit) {
        let message = "a DNS-1035 label must consist of lower case alphanumeric characters or \
                       '-', start with an alphabetic character, and end with an alphanumeric \
                       character";
        let regex = "[a-z]([-a-z0-9]*[a-z0-9])?";
        errors.push(explained(message, regex, &["my-name", "abc-123"]));
    }
    errors
}

/// What is wrong with a label's key, `prefix/name`.
pub(super) fn qualified_name(text: &str) -> Vec<String> {
    let message = "must consist of alphanumeric characters, '-', '_' or '.', and must start and \
                   end with an alphanumeric character";
    let rule = || explained(message, LABEL_KEY, &["MyName", "my.name", "123-abc"]);
    let mut errors = Vec::new();
    let name = match text.split_once('/') {
        None => text,
        Some((_, name)) if name.contains('/') => {
            let rule = rule();
            return vec![format!(
                "a valid label key {rule} with an optional DNS subdomain prefix and '/' (e.g. \
                 'example.com/MyName')"
            )];
        }
        Some(("", name)) => {
            errors.push("prefix part must be non-empty".to_owned());
            name
        }
        Some((prefix, name)) => {
            let wrong = subdomain(prefix, "bytes").into_iter();
            errors.extend(wrong.map(|error| format!("prefix part {error}")));
            name
        }
    };
    if name.is_empty() {
        errors.push("name part must be non-empty".to_owned());
    } else if name.len() > 63 {
        errors.push(format!("name part {}", too_long(63, "bytes")));
    }
    if !has_shape(name, label_byte, alphanumeric, alphanumeric) {
        errors.push(format!("name part {}", rule()));
    }
    errors
}

/// What is wrong with a label's value.
pub(super) fn label_value(text: &str) -> Vec<String> {
    let mut errors = Vec::new();
    if text.len() > 63 {
        errors.push(too_long(63, "bytes"));
    }
    if !text.is_empty() && !has_shape(text, label_byte, alphanumeric, alphanumeric) {
        let message = "a valid label must be an empty string or consist of alphanumeric \
                       characters, '-', '_' or '.', and must start and end with an alphanumeric \
                       character";
        let regex = format!("({LABEL_KEY})?");
        errors.push(explained(
            message,
            &regex,
            &["MyValue", "my_value", "12345"],
        ));
    }
    errors
}

/// Whether a text is a UUID, with dashes or without.
pub(super) fn is_uuid(text: &str) -> bool {
    let mut rest = text;
    for (index, len) in [8, 4, 4, 4, 12].into_iter().enumerate() {
        if index > 0 {
            rest = rest.strip_prefix('-').unwrap_or(rest);
        }
        match rest.split_at_checked(len) {
            Some((digits, after)) if digits.bytes().all(|byte| byte.is_ascii_hexdigit()) => {
                rest = after;
            }
            _ => return false,
        }
    }
    rest.is_empty()
}

/// Whether a text is base64 with padding, of at least one byte.
pub(super) fn is_base64(text: &str) -> bool {
    let digits = text
        .strip_suffix("==")
        .or_else(|| text.strip_suffix('='))
        .unwrap_or(text);
    let valid = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/');
    !text.is_empty() && text.len().is_multiple_of(4) && digits.bytes().all(valid)
}

/// The number of a text of so many digits.
fn digits(text: &str, len: usize) -> Option<u32> {
    let valid = text.len() == len && text.bytes().all(|byte| byte.is_ascii_digit());
    valid.then(|| text.parse().ok()).flatten()
}

/// Whether a text is a day, `2006-01-02`.
pub(super) fn is_date(text: &str) -> bool {
    let mut parts = text.split('-');
    let mut next = |len| parts.next().and_then(|part| digits(part, len));
    let (Some(year), Some(month), Some(day)) = (next(4), next(2), next(2)) else {
        return false;
    };
    let leap = year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400));
    let days = match month {
        1 | 3 | 5 | 7 | 8 | 10 | 12 => 31,
        4 | 6 | 9 | 11 => 30,
        2 if leap => 29,
        2 => 28,
        _ => return false,
    };
    parts.next().is_none() && (1..=days).contains(&day)
}

/// Whether a text is a time, `2006-01-02T15:04:05Z`. As kube-openapi reads it: the zone's
/// numbers may be any, any character may stand for the point, and a second `T` ends the text.
pub(super) fn is_datetime(text: &str) -> bool {
    let mut parts = text.split(['T', 't']);
    let (Some(date), Some(time)) = (parts.next(), parts.next()) else {
        return false;
    };
    let Some((clock, rest)) = time.split_at_checked(8) else {
        return false;
    };
    let mut numbers = clock.split(':').map(|part| digits(part, 2));
    let mut next = |most| {
        numbers
            .next()
            .flatten()
            .is_some_and(|number| number <= most)
    };
    is_date(date) && next(23) && next(59) && next(59) && is_fraction_and_zone(rest)
}

fn is_fraction_and_zone(text: &str) -> bool {
    if is_zone(text) {
        return true;
    }
    let mut chars = text.chars();
    chars.next();
    let fraction = chars.as_str();
    let zone = fraction.trim_start_matches(|char: char| char.is_ascii_digit());
    zone.len() < fraction.len() && is_zone(zone)
}

fn is_zone(text: &str) -> bool {
    if matches!(text, "z" | "Z") {
        return true;
    }
    text.strip_prefix(['+', '-'])
        .and_then(|zone| zone.split_once(':'))
        .is_some_and(|(hours, minutes)| digits(hours, 2).is_some() && digits(minutes, 2).is_some())
}
