//! Durations: read and printed as Go's `time.Duration` and as CEL's `string()`.

use std::fmt::Write as _;

const SECOND: i64 = 1_000_000_000;
/// 2^63: how far Go's parser counts before it refuses.
const LIMIT: u64 = 1 << 63;

/// Reads what Go's `time.ParseDuration` reads: `-1.5h`, `2h45m`, `0`.
#[must_use]
pub fn parse(text: &str) -> Option<i64> {
    let (negative, mut rest) = match text.as_bytes().first()? {
        b'-' => (true, text.get(1..)?),
        b'+' => (false, text.get(1..)?),
        _ => (false, text),
    };
    if rest == "0" {
        return Some(0);
    }
    if rest.is_empty() {
        return None;
    }
    let mut total: u64 = 0;
    while !rest.is_empty() {
        let (term, after) = parse_term(rest)?;
        rest = after;
        total = total.checked_add(term).filter(|total| *total <= LIMIT)?;
    }
    if negative {
        return Some(0i64.wrapping_sub_unsigned(total));
    }
    i64::try_from(total).ok()
}

/// One number with its unit, in nanoseconds, and what comes after.
#[allow(
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss
)]
fn parse_term(text: &str) -> Option<(u64, &str)> {
    let (whole, rest) = split_digits(text);
    let (fraction, rest) = match rest.strip_prefix('.') {
        Some(rest) => split_digits(rest),
        None => ("", rest),
    };
    if whole.is_empty() && fraction.is_empty() {
        return None;
    }
    let mut value: u64 = 0;
    for digit in whole.bytes() {
        value = value
            .checked_mul(10)?
            .checked_add(u64::from(digit - b'0'))
            .filter(|value| *value <= LIMIT)?;
    }
    let unit_end = rest
        .find(|c: char| c == '.' || c.is_ascii_digit())
        .unwrap_or(rest.len());
    let (unit, rest) = rest.split_at_checked(unit_end)?;
    let unit = unit_nanos(unit)?;
    value = value.checked_mul(unit).filter(|value| *value <= LIMIT)?;
    let (digits, scale) = fraction_value(fraction);
    if digits > 0 {
        value += (digits as f64 * (unit as f64 / scale)) as u64;
        if value > LIMIT {
            return None;
        }
    }
    Some((value, rest))
}

/// The digits of a fraction as an integer with its scale; digits too many are left out.
fn fraction_value(digits: &str) -> (u64, f64) {
    let (mut value, mut scale) = (0u64, 1f64);
    for digit in digits.bytes() {
        let next = value
            .checked_mul(10)
            .and_then(|value| value.checked_add(u64::from(digit - b'0')))
            .filter(|value| *value <= LIMIT);
        let Some(next) = next else { break };
        value = next;
        scale *= 10.0;
    }
    (value, scale)
}

fn split_digits(text: &str) -> (&str, &str) {
    let end = text
        .find(|c: char| !c.is_ascii_digit())
        .unwrap_or(text.len());
    text.split_at_checked(end).unwrap_or((text, ""))
}

fn unit_nanos(unit: &str) -> Option<u64> {
    Some(match unit {
        "ns" => 1,
        "us" | "\u{b5}s" | "\u{3bc}s" => 1_000,
        "ms" => 1_000_000,
        "s" => 1_000_000_000,
        "m" => 60_000_000_000,
        "h" => 3_600_000_000_000,
        _ => return None,
    })
}

/// The seconds as a double, as Go's `Duration.Seconds` computes them.
#[must_use]
#[allow(clippy::cast_precision_loss)]
pub fn seconds(nanos: i64) -> f64 {
    (nanos / SECOND) as f64 + (nanos % SECOND) as f64 / 1e9
}

/// As CEL's `string()` prints it: seconds, `1.5s`.
#[must_use]
pub fn format(nanos: i64) -> String {
    let seconds = seconds(nanos);
    if seconds == 0.0 {
        // Go has no negative zero here: an integer was divided
        return "0s".to_owned();
    }
    format!("{seconds}s")
}

/// As Go's `Duration.String` prints it: `1h2m3.5s`.
#[must_use]
pub fn format_go(nanos: i64) -> String {
    if nanos == 0 {
        return "0s".to_owned();
    }
    let mut out = String::new();
    if nanos < 0 {
        out.push('-');
    }
    let size = nanos.unsigned_abs();
    let second = SECOND.unsigned_abs();
    if size < second {
        let (unit, digits, name) = match size {
            0..1_000 => (1, 0, "ns"),
            1_000..1_000_000 => (1_000, 3, "\u{b5}s"),
            _ => (1_000_000, 6, "ms"),
        };
        push_fraction(&mut out, size / unit, size % unit, digits);
        out.push_str(name);
        return out;
    }
    let (seconds, fraction) = (size / second, size % second);
    let (minutes, hours) = (seconds / 60 % 60, seconds / 3600);
    if hours > 0 {
        let _ = write!(out, "{hours}h");
    }
    if seconds >= 60 {
        let _ = write!(out, "{minutes}m");
    }
    push_fraction(&mut out, seconds % 60, fraction, 9);
    out.push('s');
    out
}

fn push_fraction(out: &mut String, whole: u64, fraction: u64, digits: usize) {
    let _ = write!(out, "{whole}");
    if fraction > 0 {
        let text = format!("{fraction:0digits$}");
        let _ = write!(out, ".{}", text.trim_end_matches('0'));
    }
}
