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
    let (digits, exponent) = shortest(value);
    if (-4..6).contains(&exponent) {
        return plain(&digits, exponent);
    }
    let sign = if exponent < 0 { '-' } else { '+' };
    format!("{digits}e{sign}{:02}", exponent.abs())
}

/// The shortest digits, in scientific notation, that are read as this double again: of two that are
/// as near to it the one with the even last digit, as Go has it. Rust takes the higher one.
fn shortest(value: f64) -> (String, i32) {
    const FRACTION: u32 = f64::MANTISSA_DIGITS - 1;
    let mut digits = format!("{value:e}");
    let at = digits.find('e').unwrap_or(digits.len());
    let exponent = digits.split_off(at);
    let exponent: i32 = exponent.trim_start_matches('e').parse().unwrap_or(0);
    let bits = value.abs().to_bits();
    // value = mantissa * 2^power
    let (mantissa, power) = match (bits >> FRACTION) as i32 {
        0 => (bits, f64::MIN_EXP - f64::MANTISSA_DIGITS as i32),
        biased => (
            bits & ((1 << FRACTION) - 1) | (1 << FRACTION),
            biased + f64::MIN_EXP - 1 - f64::MANTISSA_DIGITS as i32,
        ),
    };
    // so many decimals has the exact number, the last of them a 5
    let exact = -power - mantissa.trailing_zeros() as i32;
    let decimals = digits
        .split_once('.')
        .map_or(0, |(_, rest)| rest.len() as i32)
        - exponent;
    let last = digits.pop();
    let lower = match last {
        Some('3') => '2',
        Some('5') => '4',
        Some('7') => '6',
        Some('9') => '8',
        _ => '0',
    };
    if decimals + 1 == exact && lower != '0' {
        let even = format!("{digits}{lower}");
        if format!("{even}e{exponent}").parse() == Ok(value) {
            return (even, exponent);
        }
    }
    digits.extend(last);
    (digits, exponent)
}

/// Digits in scientific notation, without the exponent.
fn plain(scientific: &str, exponent: i32) -> String {
    let (sign, scientific) = match scientific.strip_prefix('-') {
        Some(rest) => ("-", rest),
        None => ("", scientific),
    };
    let digits = scientific.replace('.', "");
    let zeros = |count: i32| "0".repeat(usize::try_from(count).unwrap_or(0));
    if exponent < 0 {
        return format!("{sign}0.{}{digits}", zeros(-exponent - 1));
    }
    let whole = usize::try_from(exponent).unwrap_or(0) + 1;
    match digits.split_at_checked(whole) {
        Some((whole, "")) => format!("{sign}{whole}"),
        Some((whole, rest)) => format!("{sign}{whole}.{rest}"),
        None => format!(
            "{sign}{digits}{}",
            zeros(exponent + 1 - digits.len() as i32)
        ),
    }
}

/// A double as Go's JSON encoder prints it.
#[must_use]
pub fn format_json(value: f64) -> String {
    if value == 0.0 {
        return if value.is_sign_negative() { "-0" } else { "0" }.to_owned();
    }
    let (digits, exponent) = shortest(value);
    match exponent {
        -6..21 => plain(&digits, exponent),
        21.. => format!("{digits}e+{exponent}"),
        _ => format!("{digits}e{exponent}"),
    }
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

#[cfg(test)]
mod tests {
    use super::{format_g, format_json};

    // what Go's `strconv.FormatFloat(x, 'g', -1, 64)` and `json.Marshal(x)` print
    #[test]
    #[expect(
        clippy::excessive_precision,
        reason = "the two shorter ones are as far from it"
    )]
    fn of_two_shortest_numbers_the_even_one_is_printed() {
        for (value, g, json) in [
            (
                9_317_165_076_887.562_5,
                "9.317165076887562e+12",
                "9317165076887.562",
            ),
            (
                -9_317_165_076_887.562_5,
                "-9.317165076887562e+12",
                "-9317165076887.562",
            ),
            (5e-324, "5e-324", "5e-324"),
            (0.5, "0.5", "0.5"),
            (123_456.75, "123456.75", "123456.75"),
            (1e-6, "1e-06", "0.000001"),
            (9.5e-7, "9.5e-07", "9.5e-7"),
            (0.000_25, "0.00025", "0.00025"),
            (1e20, "1e+20", "100000000000000000000"),
            (1.5e21, "1.5e+21", "1.5e+21"),
            (-0.0, "-0", "-0"),
            (
                f64::MAX,
                "1.7976931348623157e+308",
                "1.7976931348623157e+308",
            ),
        ] {
            assert_eq!(format_g(value), g);
            assert_eq!(format_json(value), json);
        }
    }
}
