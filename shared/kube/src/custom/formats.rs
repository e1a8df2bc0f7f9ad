//! Formats of texts: `k8s.io/kube-openapi/pkg/validation/strfmt`.

use std::net::{IpAddr, Ipv6Addr};

use vapwright_cel::libs::format;
use vapwright_cel::re2::Regex;
use vapwright_cel::value::duration as span;

/// Formats that are regular expressions and no more.
const PATTERNS: [(&str, &str); 7] = [
    (
        "uuid3",
        "(?i)^[0-9a-f]{8}-?[0-9a-f]{4}-?3[0-9a-f]{3}-?[0-9a-f]{4}-?[0-9a-f]{12}$",
    ),
    (
        "uuid4",
        "(?i)^[0-9a-f]{8}-?[0-9a-f]{4}-?4[0-9a-f]{3}-?[89ab][0-9a-f]{3}-?[0-9a-f]{12}$",
    ),
    (
        "uuid5",
        "(?i)^[0-9a-f]{8}-?[0-9a-f]{4}-?5[0-9a-f]{3}-?[89ab][0-9a-f]{3}-?[0-9a-f]{12}$",
    ),
    ("bsonobjectid", "^[0-9a-fA-F]{24}$"),
    ("hexcolor", "^#?([0-9a-fA-F]{3}|[0-9a-fA-F]{6})$"),
    (
        "rgbcolor",
        r"^rgb\(\s*(0|[1-9]\d?|1\d\d?|2[0-4]\d|25[0-5])\s*,\s*(0|[1-9]\d?|1\d\d?|2[0-4]\d|25[0-5])\s*,\s*(0|[1-9]\d?|1\d\d?|2[0-4]\d|25[0-5])\s*\)$",
    ),
    ("ssn", r"^\d{3}[- ]\d{2}[- ]\d{4}$"),
];
const HOSTNAME: &str = r"^([a-zA-Z0-9\p{S}\p{L}]((-?[a-zA-Z0-9\p{S}\p{L}]{0,62})?)|([a-zA-Z0-9\p{S}\p{L}](([a-zA-Z0-9-\p{S}\p{L}]{0,61}[a-zA-Z0-9\p{S}\p{L}])?)(\.)){1,}([a-zA-Z\p{L}]){2,63})$";
const CREDIT_CARD: &str = r"^(?:4[0-9]{12}(?:[0-9]{3})?|5[1-5][0-9]{14}|6(?:011|5[0-9][0-9])[0-9]{12}|3[47][0-9]{13}|3(?:0[0-5]|[68][0-9])[0-9]{11}|(?:2131|1800|35\d{3})\d{11})$";
type Rule = fn(&str) -> bool;

/// Formats with rules of their own.
const OTHERS: [(&str, Rule); 19] = [
    ("uri", |text| format::holds("uri", text)),
    ("uuid", |text| format::holds("uuid", text)),
    ("byte", |text| format::holds("byte", text)),
    ("date", |text| format::holds("date", text)),
    ("datetime", |text| format::holds("datetime", text)),
    ("duration", |text| duration(text).is_some()),
    ("password", |_| true),
    ("email", is_email),
    ("hostname", |text| {
        text.len() <= 255 && text.split('.').all(|part| part.len() <= 63) && matches(HOSTNAME, text)
    }),
    ("ipv4", |text| text.contains('.') && ip(text).is_some()),
    ("ipv6", |text| {
        text.contains(':') && text.parse::<Ipv6Addr>().is_ok()
    }),
    ("cidr", is_cidr),
    ("mac", is_mac),
    ("isbn", |text| is_isbn10(text) || is_isbn13(text)),
    ("isbn10", is_isbn10),
    ("isbn13", is_isbn13),
    ("creditcard", is_credit_card),
    ("k8sshortname", |text| {
        text.len() <= 63 && is_short_name(text)
    }),
    ("k8slongname", |text| {
        text.len() <= 253 && text.split('.').all(is_short_name)
    }),
];

fn normal(format: &str) -> String {
    format.replace('-', "")
}

/// Whether a format counts; others say nothing.
pub(super) fn is_known(format: &str) -> bool {
    let name = normal(format);
    PATTERNS.iter().any(|(known, _)| *known == name)
        || OTHERS.iter().any(|(known, _)| *known == name)
}

/// Whether a text is of a format; `None` where the format is none of texts.
pub(super) fn fits(format: &str, text: &str) -> Option<bool> {
    if format.is_empty() {
        return None;
    }
    let name = normal(format);
    let pattern = PATTERNS.iter().find(|(known, _)| *known == name);
    if let Some((_, pattern)) = pattern {
        return Some(matches(pattern, text));
    }
    let other = OTHERS.iter().find(|(known, _)| *known == name);
    other.map(|(_, fits)| fits(text))
}

fn matches(pattern: &str, text: &str) -> bool {
    Regex::new(pattern).is_ok_and(|regex| regex.is_match(text))
}

fn is_short_name(text: &str) -> bool {
    matches("^[a-z0-9]([-a-z0-9]*[a-z0-9])?$", text)
}

/// An address as Go's older parser takes it, which lets numbers begin with zeros.
fn ip(text: &str) -> Option<IpAddr> {
    if text.contains(':') {
        return text.parse().ok();
    }
    let trimmed = text.split('.').map(|part| {
        let digits = part.trim_start_matches('0');
        if digits.is_empty() && !part.is_empty() {
            "0"
        } else {
            digits
        }
    });
    trimmed.collect::<Vec<_>>().join(".").parse().ok()
}

fn is_cidr(text: &str) -> bool {
    let Some((address, length)) = text.split_once('/') else {
        return false;
    };
    let most = match ip(address) {
        Some(IpAddr::V4(_)) => 32,
        Some(IpAddr::V6(_)) => 128,
        None => return false,
    };
    let digits = length.bytes().all(|byte| byte.is_ascii_digit());
    digits && length.parse::<u32>().is_ok_and(|length| length <= most)
}

fn is_mac(text: &str) -> bool {
    let hex =
        |part: &str, len| part.len() == len && part.bytes().all(|byte| byte.is_ascii_hexdigit());
    [(':', 2), ('-', 2), ('.', 4)]
        .into_iter()
        .any(|(mark, len)| {
            let count = text.split(mark).count() * len / 2;
            matches!(count, 6 | 8 | 20) && text.split(mark).all(|part| hex(part, len))
        })
}

/// The text without white space and hyphens.
fn squeezed(text: &str) -> String {
    let kept = |c: &char| !matches!(c, '-' | '\t' | '\n' | '\u{c}' | '\r' | ' ');
    text.chars().filter(kept).collect()
}

fn digits(text: &str) -> impl DoubleEndedIterator<Item = u32> {
    text.bytes()
        .map(|byte| u32::from(byte.saturating_sub(b'0')))
}

fn is_isbn10(text: &str) -> bool {
    let text = squeezed(text);
    let sum: u32 = text
        .bytes()
        .zip(1..)
        .map(|(byte, at)| {
            at * if byte == b'X' {
                10
            } else {
                u32::from(byte.saturating_sub(b'0'))
            }
        })
        .sum();
    matches("^(?:[0-9]{9}X|[0-9]{10})$", &text) && sum.is_multiple_of(11)
}

fn is_isbn13(text: &str) -> bool {
    let text = squeezed(text);
    let sum: u32 = digits(&text)
        .zip([1, 3].into_iter().cycle())
        .map(|(one, by)| one * by)
        .sum();
    matches("^[0-9]{13}$", &text) && sum.is_multiple_of(10)
}

fn is_credit_card(text: &str) -> bool {
    let text = squeezed(text);
    let sum: u32 = digits(&text)
        .rev()
        .zip([1, 2].into_iter().cycle())
        .map(|(one, by)| one * by - if one * by > 9 { 9 } else { 0 })
        .sum();
    matches(CREDIT_CARD, &text) && sum.is_multiple_of(10)
}

/// An address that `net/mail.ParseAddress` takes: plain, or in angle brackets behind a name.
fn is_email(text: &str) -> bool {
    let text = text.trim_matches([' ', '\t']);
    let bare = match text.split_once('<') {
        Some((name, rest)) => {
            let atoms = name
                .split([' ', '\t', '.'])
                .all(|part| part.chars().all(is_atom));
            let name = name.trim();
            let quoted = name.len() > 1 && name.starts_with('"') && name.ends_with('"');
            match rest.strip_suffix('>') {
                Some(rest) if atoms || quoted => rest,
                _ => return false,
            }
        }
        None => text,
    };
    let Some((local, domain)) = bare.rsplit_once('@') else {
        return false;
    };
    let atoms = |text: &str| {
        text.split('.')
            .all(|part| !part.is_empty() && part.chars().all(is_atom))
    };
    let quoted = local.len() > 1 && local.starts_with('"') && local.ends_with('"');
    let literal = domain
        .strip_prefix('[')
        .and_then(|rest| rest.strip_suffix(']'));
    let literal = literal.is_some_and(|address| address.parse::<IpAddr>().is_ok());
    (atoms(local) || quoted) && (atoms(domain) || literal)
}

fn is_atom(char: char) -> bool {
    char.is_ascii_alphanumeric() || !char.is_ascii() || "!#$%&'*+-/=?^_`{|}~".contains(char)
}

/// A duration as strfmt reads it, in nanoseconds: as Go does, or as many numbers with units in
/// words as there are in the text.
pub(super) fn duration(text: &str) -> Option<i64> {
    /// Nanoseconds, and the names of the unit; the last is the beginning of others.
    const UNITS: [(i64, &[&str]); 8] = [
        (1, &["ns", "nano"]),
        (1_000, &["us", "µs", "micro"]),
        (1_000_000, &["ms", "milli"]),
        (1_000_000_000, &["s", "sec"]),
        (60_000_000_000, &["m", "min"]),
        (3_600_000_000_000, &["h", "hr", "hour"]),
        (86_400_000_000_000, &["d", "day"]),
        (604_800_000_000_000, &["w", "wk", "week"]),
    ];
    if let Some(nanos) = span::parse(text) {
        return Some(nanos);
    }
    let regex = Regex::new(r"\d+\s*[A-Za-zµ]+").ok()?;
    let mut total = None;
    for found in regex.find_iter(text) {
        let found = text.get(found.ok()?)?;
        let end = found.find(|c: char| !c.is_ascii_digit())?;
        let (number, unit) = found.split_at_checked(end)?;
        let number: i64 = number.parse().ok()?;
        let unit = unit.trim_start().to_lowercase();
        for (nanos, names) in UNITS {
            for (index, name) in names.iter().enumerate() {
                let last = index + 1 == names.len();
                if unit == *name || last && unit.starts_with(name) {
                    let span = number.wrapping_mul(nanos);
                    total = Some(total.unwrap_or(0i64).wrapping_add(span));
                }
            }
        }
    }
    total
}
