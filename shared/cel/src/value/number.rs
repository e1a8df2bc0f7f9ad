//! Numbers: conversions, comparisons and texts as Go's.

use std::cmp::Ordering;

/// 2^63 and 2^64 as doubles: the first that `i64` and `u64` cannot hold.
const TWO_63: f64 = 9_223_372_036_854_775_808.0;
const TWO_64: f64 = 18_446_744_073_709_551_616.0;

/// An integer by cutting the fraction off; `None` where cel-go reports an overflow, which it
/// does for the smallest integer too.
#[must_use]
#[allow(clippy::cast_possible_truncation)]
pub fn double_to_int(value: f64) -> Option<i64> {
    (value > -TWO_63 && value < TWO_63).then_some(value as i64)
}

/// An unsigned integer by cutting the fraction off.
#[must_use]
#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
pub fn double_to_uint(value: f64) -> Option<u64> {
    (0.0..TWO_64).contains(&value).then_some(value as u64)
}

/// The integer that a double equals.
#[must_use]
#[allow(clippy::cast_precision_loss, clippy::float_cmp)]
pub fn lossless_int(value: f64) -> Option<i64> {
    double_to_int(value).filter(|int| *int as f64 == value)
}

/// The unsigned integer that a double equals.
#[must_use]
#[allow(clippy::cast_precision_loss, clippy::float_cmp)]
pub fn lossless_uint(value: f64) -> Option<u64> {
    double_to_uint(value).filter(|uint| *uint as f64 == value)
}

/// Compares doubles; what cannot be ordered counts as equal, as in Go's `compareDouble`.
#[must_use]
pub fn compare_doubles(a: f64, b: f64) -> Ordering {
    a.partial_cmp(&b).unwrap_or(Ordering::Equal)
}

/// Compares a double with an integer.
#[must_use]
#[allow(clippy::cast_precision_loss)]
pub fn compare_double_int(a: f64, b: i64) -> Ordering {
    if a < -TWO_63 {
        Ordering::Less
    } else if a > TWO_63 {
        Ordering::Greater
    } else {
        compare_doubles(a, b as f64)
    }
}

/// Compares a double with an unsigned integer.
#[must_use]
#[allow(clippy::cast_precision_loss)]
pub fn compare_double_uint(a: f64, b: u64) -> Ordering {
    if a < 0.0 {
        Ordering::Less
    } else if a > TWO_64 {
        Ordering::Greater
    } else {
        compare_doubles(a, b as f64)
    }
}

/// Compares an integer with an unsigned integer.
#[must_use]
pub fn compare_int_uint(a: i64, b: u64) -> Ordering {
    u64::try_from(a).map_or(Ordering::Less, |a| a.cmp(&b))
}

/// A double as Go's `%g` and `%v` print it: the shortest digits, with an exponent from 1e+06
/// on and below 1e-04.
#[must_use]
pub fn format_g(value: f64) -> String {
    if value.is_nan() {
        return "NaN".to_owned();
    }
    if value.is_infinite() {
        return if value > 0.0 { "+Inf" } else { "-Inf" }.to_owned();
    }
    if value == 0.0 {
        return if value.is_sign_negative() { "-0" } else { "0" }.to_owned();
    }
    let scientific = format!("{value:e}");
    let Some((digits, exponent)) = scientific.split_once('e') else {
        return scientific;
    };
    let exponent: i32 = exponent.parse().unwrap_or(0);
    if (-4..6).contains(&exponent) {
        return value.to_string();
    }
    let sign = if exponent < 0 { '-' } else { '+' };
    format!("{digits}e{sign}{:02}", exponent.abs())
}

/// A double as Go's JSON encoder prints it.
#[must_use]
pub fn format_json(value: f64) -> String {
    let size = value.abs();
    if size != 0.0 && !(1e-6..1e21).contains(&size) {
        let scientific = format!("{value:e}");
        return match scientific.split_once('e') {
            Some((digits, exponent)) if !exponent.starts_with('-') => {
                format!("{digits}e+{exponent}")
            }
            _ => scientific,
        };
    }
    value.to_string()
}

/// Reads a double as Go's `strconv.ParseFloat` does: `None` for what it refuses, and for what is
/// out of range.
#[must_use]
pub fn parse_double(text: &str) -> Option<f64> {
    let (negative, rest) = match text.as_bytes().first()? {
        b'-' => (true, text.get(1..)?),
        b'+' => (false, text.get(1..)?),
        _ => (false, text),
    };
    let lower = rest.to_ascii_lowercase();
    if lower == "inf" || lower == "infinity" {
        return Some(if negative {
            f64::NEG_INFINITY
        } else {
            f64::INFINITY
        });
    }
    if lower == "nan" {
        // Go takes no sign before NaN
        return (rest.len() == text.len()).then_some(f64::NAN);
    }
    let digits = without_underscores(&lower)?;
    let value = match digits.strip_prefix("0x") {
        Some(hex) => parse_hex_double(hex)?,
        None => parse_decimal(&digits)?,
    };
    (value.is_finite()).then_some(if negative { -value } else { value })
}

fn parse_decimal(text: &str) -> Option<f64> {
    let plain = |c: char| c.is_ascii_digit() || matches!(c, '.' | 'e' | '+' | '-');
    if !text.chars().all(plain) || !text.contains(|c: char| c.is_ascii_digit()) {
        return None;
    }
    if text.starts_with(['+', '-', 'e']) {
        return None;
    }
    text.parse().ok()
}

/// A hexadecimal double: Go wants the `p` exponent.
fn parse_hex_double(text: &str) -> Option<f64> {
    let (mantissa, exponent) = text.split_once('p')?;
    let exponent_digits = exponent.strip_prefix(['+', '-']).unwrap_or(exponent);
    if exponent_digits.is_empty() || !exponent_digits.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    if whole.is_empty() && fraction.is_empty() {
        return None;
    }
    // beyond 60 bits further digits do not change the double but for ties
    let mut value: u64 = 0;
    let mut shift: i64 = 0;
    for (digits, weight) in [(whole, 0), (fraction, -4)] {
        for digit in digits.chars() {
            let digit = u64::from(digit.to_digit(16)?);
            if value >> 60 == 0 {
                value = value << 4 | digit;
                shift += weight;
            } else {
                value |= u64::from(digit != 0);
                shift += 4 + weight;
            }
        }
    }
    let exponent: i64 = exponent.parse().unwrap_or(if exponent.starts_with('-') {
        -100_000
    } else {
        100_000
    });
    Some(scale(value, exponent.saturating_add(shift)))
}

/// `value * 2^exponent`, rounded once.
#[allow(clippy::cast_precision_loss)]
fn scale(value: u64, exponent: i64) -> f64 {
    let mut result = value as f64;
    let mut left = exponent.clamp(-2200, 2200);
    while left != 0 {
        let step = left.clamp(-1000, 1000);
        result *= 2f64.powi(i32::try_from(step).unwrap_or(0));
        left -= step;
    }
    result
}

/// Go takes underscores between digits.
fn without_underscores(text: &str) -> Option<String> {
    if !text.contains('_') {
        return Some(text.to_owned());
    }
    let hex = text.starts_with("0x");
    let is_digit = |c: char| c.is_ascii_digit() || hex && c.is_ascii_hexdigit();
    let chars: Vec<char> = text.chars().collect();
    for (at, _) in chars.iter().enumerate().filter(|(_, c)| **c == '_') {
        let before = at.checked_sub(1).and_then(|at| chars.get(at));
        let after = chars.get(at + 1);
        let prefix = hex && at == 2;
        if !(prefix || before.copied().is_some_and(is_digit))
            || !after.copied().is_some_and(is_digit)
        {
            return None;
        }
    }
    Some(text.replace('_', ""))
}

/// Reads an integer as Go's `strconv.ParseInt(text, 10, 64)` does.
#[must_use]
pub fn parse_int(text: &str) -> Option<i64> {
    // Rust's parser takes the same texts: an optional sign, digits
    text.parse().ok()
}

/// Reads an unsigned integer as Go's `strconv.ParseUint(text, 10, 64)` does: without a sign.
#[must_use]
pub fn parse_uint(text: &str) -> Option<u64> {
    if text.starts_with('+') {
        return None;
    }
    text.parse().ok()
}
