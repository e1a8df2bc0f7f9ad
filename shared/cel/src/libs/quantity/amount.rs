//! Quantities as `k8s.io/apimachinery/pkg/api/resource` reads, keeps, adds and prints them.

use std::cmp::Ordering;

use super::decimal::{Decimal, MAX_DIGITS};

/// The text of a quantity that does not look like one.
pub(super) const FORMAT_WRONG: &str = "quantities must match the regular expression \
     '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'";
/// The text of a quantity whose number cannot be read.
pub(super) const NUMERIC: &str = "unable to parse numeric part of quantity";
/// The text of a quantity whose suffix is unknown.
pub(super) const SUFFIX: &str = "unable to parse quantity's suffix";

/// How a quantity is printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Format {
    /// `12e6`
    DecimalExponent,
    /// `12Mi`
    BinarySi,
    /// `12M`
    DecimalSi,
}

/// The number: small ones in one word. Only those count as integers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Number {
    /// `value * 10^scale`
    Small {
        /// The digits.
        value: i64,
        /// The power of ten.
        scale: i32,
    },
    /// Of any length.
    Big(Decimal),
}

/// A quantity.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Amount {
    number: Number,
    format: Format,
    /// The text it was read from, where that is how it prints.
    text: Option<String>,
}

const SUFFIXES: [(&str, i32); 10] = [
    ("n", -9),
    ("u", -6),
    ("m", -3),
    ("", 0),
    ("k", 3),
    ("M", 6),
    ("G", 9),
    ("T", 12),
    ("P", 15),
    ("E", 18),
];
const BINARY_SUFFIXES: [(&str, i32); 6] = [
    ("Ki", 10),
    ("Mi", 20),
    ("Gi", 30),
    ("Ti", 40),
    ("Pi", 50),
    ("Ei", 60),
];

/// A quantity's text in parts.
#[derive(Default)]
struct Parts<'t> {
    negative: bool,
    /// Digits before the point, without leading zeros; `0` where there are none.
    integer: &'t str,
    /// Digits after the point.
    fraction: &'t str,
    suffix: &'t str,
    /// There is no digit at all.
    blank: bool,
}

fn split_while(text: &str, keep: impl Fn(u8) -> bool) -> (&str, &str) {
    let end = text.bytes().take_while(|byte| keep(*byte)).count();
    text.split_at_checked(end).unwrap_or((text, ""))
}

fn split(text: &str) -> Result<Parts<'_>, &'static str> {
    let mut parts = Parts {
        integer: "0",
        negative: text.starts_with('-'),
        ..Parts::default()
    };
    let digits = text.strip_prefix(['-', '+']).unwrap_or(text);
    let digits = digits.trim_start_matches('0');
    let (integer, mut rest) = split_while(digits, |byte| byte.is_ascii_digit());
    if !integer.is_empty() {
        parts.integer = integer;
    }
    if let Some(after) = rest.strip_prefix('.') {
        (parts.fraction, rest) = split_while(after, |byte| byte.is_ascii_digit());
    }
    let number = text.len() - rest.len();
    parts.blank = !text.bytes().take(number).any(|byte| byte.is_ascii_digit());
    parts.suffix = rest;
    let (_, rest) = split_while(rest, |byte| b"eEinumkKMGTP".contains(&byte));
    let rest = rest.strip_prefix(['-', '+']).unwrap_or(rest);
    if rest.bytes().all(|byte| byte.is_ascii_digit()) {
        Ok(parts)
    } else {
        Err(FORMAT_WRONG)
    }
}

/// The power of ten or two that a suffix stands for.
fn interpret(suffix: &str) -> Result<(i32, Format), &'static str> {
    if let Some((_, exponent)) = SUFFIXES.iter().find(|(name, _)| *name == suffix) {
        return Ok((*exponent, Format::DecimalSi));
    }
    if let Some((_, exponent)) = BINARY_SUFFIXES.iter().find(|(name, _)| *name == suffix) {
        return Ok((*exponent, Format::BinarySi));
    }
    let exponent = suffix.strip_prefix(['e', 'E']).ok_or(SUFFIX)?;
    let exponent: i64 = exponent.parse().map_err(|_| SUFFIX)?;
    // Kubernetes keeps the low 32 bits.
    Ok((exponent as i32, Format::DecimalExponent))
}

impl Amount {
    /// Reads a quantity.
    pub(super) fn parse(text: &str) -> Result<Self, &'static str> {
        if text.is_empty() {
            return Err(FORMAT_WRONG);
        }
        let small = |value, scale, format, keep: bool| Self {
            number: Number::Small { value, scale },
            format,
            text: keep.then(|| text.to_owned()),
        };
        if text == "0" {
            return Ok(small(0, 0, Format::DecimalSi, true));
        }
        let parts = split(text)?;
        let (exponent, format) = interpret(parts.suffix)?;
        let (integer, fraction) = (parts.integer, parts.fraction);
        let len = (integer.len() + fraction.len()) as i64;
        // How many decimal digits are still free in one word.
        let (free, mut scale, factor) = match format {
            Format::DecimalExponent | Format::DecimalSi => (18 - len, exponent, 1),
            Format::BinarySi if fraction.is_empty() => {
                let taken = i64::from(exponent) * 3 / 10;
                (14 - integer.len() as i64 - taken, 0, 1 << exponent)
            }
            Format::BinarySi => (-1, 0, 1),
        };
        if free >= 0 {
            scale = scale.wrapping_sub(fraction.len() as i32);
            if scale >= -9 {
                let digits = format!("{integer}{fraction}");
                let value: i64 = digits.parse().map_err(|_| NUMERIC)?;
                if let Some(result) = value.checked_mul(factor) {
                    let canonical = match format {
                        Format::BinarySi => exponent % 10 == 0 && value & 7 != 0,
                        Format::DecimalExponent | Format::DecimalSi => {
                            scale % 3 == 0 && !digits.ends_with("000") && !digits.starts_with('0')
                        }
                    };
                    let result = if parts.negative { -result } else { result };
                    return Ok(small(result, scale, format, canonical));
                }
            }
        }
        Self::big(&parts, exponent, format)
    }

    /// A quantity with more digits or finer parts than one word has.
    fn big(parts: &Parts<'_>, exponent: i32, mut format: Format) -> Result<Self, &'static str> {
        if parts.blank {
            return Err(NUMERIC);
        }
        let digits = parts.integer.bytes().chain(parts.fraction.bytes());
        let digits = digits.map(|digit| digit - b'0');
        let places = parts.fraction.len() as i32;
        let mut size = match format {
            Format::BinarySi => Decimal::new(false, digits, -places).times(1 << exponent),
            _ => Decimal::new(false, digits, exponent.wrapping_sub(places)),
        };
        if size.len() > MAX_DIGITS {
            return Err(NUMERIC);
        }
        // Whatever is asked for is at least one billionth.
        if !size.is_zero() {
            (size, _) = size.rounded(-9).ok_or(NUMERIC)?;
        }
        if format == Format::BinarySi {
            let most = Decimal::from_int(i64::MAX, 0);
            if size.compare(&most).is_gt() {
                size = most;
            }
            if size.compare(&Decimal::from_int(1, 0)).is_lt() && !size.is_zero() {
                format = Format::DecimalSi;
            }
        }
        Ok(Self {
            number: Number::Big(if parts.negative { size.negated() } else { size }),
            format,
            text: None,
        })
    }

    /// An integer, as an operand of `add` and `sub`.
    pub(super) const fn integer(value: i64) -> Self {
        Self {
            number: Number::Small { value, scale: 0 },
            format: Format::DecimalExponent,
            text: None,
        }
    }

    fn decimal(&self) -> Decimal {
        match &self.number {
            Number::Small { value, scale } => Decimal::from_int(*value, *scale),
            Number::Big(decimal) => decimal.clone(),
        }
    }

    /// -1, 0 or 1.
    pub(super) const fn sign(&self) -> i64 {
        match &self.number {
            Number::Small { value, .. } => value.signum(),
            Number::Big(decimal) => decimal.sign(),
        }
    }

    /// Its order beside another.
    pub(super) fn compare(&self, other: &Self) -> Ordering {
        self.decimal().compare(&other.decimal())
    }

    /// The integer, if it is kept in one word and has no fraction.
    pub(super) fn as_int(&self) -> Option<i64> {
        match &self.number {
            Number::Small { value, scale } => shifted(*value, u32::try_from(*scale).ok()?),
            Number::Big(_) => None,
        }
    }

    /// The nearest double, or what Kubernetes takes for it.
    pub(super) fn as_float(&self) -> f64 {
        let (base, exponent) = match &self.number {
            Number::Small { value, scale } => (*value as f64, *scale),
            Number::Big(decimal) => (
                decimal.digits_text().parse().unwrap_or(f64::NAN),
                decimal.exponent,
            ),
        };
        if exponent == 0 {
            base
        } else {
            base * power_of_ten(exponent)
        }
    }

    /// The sum; `None` where it has too many digits.
    pub(super) fn add(&self, other: &Self) -> Option<Self> {
        let format = if self.sign() == 0 {
            other.format
        } else {
            self.format
        };
        let number = match (&self.number, &other.number) {
            (
                Number::Small { value, scale },
                Number::Small {
                    value: other_value,
                    scale: other_scale,
                },
            ) => add_small((*value, *scale), (*other_value, *other_scale)),
            _ => None,
        };
        let number = match number {
            Some((value, scale)) => Number::Small { value, scale },
            None => Number::Big(self.decimal().add(&other.decimal())?),
        };
        Some(Self {
            number,
            format,
            text: None,
        })
    }

    /// The difference; `None` where it has too many digits.
    pub(super) fn sub(&self, other: &Self) -> Option<Self> {
        // Kubernetes negates the word, which leaves the smallest as it is; where the sum does not
        // fit one word it subtracts anew.
        if let (Number::Small { .. }, Number::Small { value, scale }) =
            (&self.number, &other.number)
        {
            let negated = Self {
                number: Number::Small {
                    value: value.wrapping_neg(),
                    scale: *scale,
                },
                format: other.format,
                text: None,
            };
            let sum = self.add(&negated)?;
            if matches!(sum.number, Number::Small { .. }) {
                return Some(sum);
            }
        }
        self.add(&Self {
            number: Number::Big(other.decimal().negated()),
            format: other.format,
            text: None,
        })
    }

    /// As Kubernetes prints it.
    pub(super) fn text(&self) -> String {
        if let Some(text) = &self.text {
            return text.clone();
        }
        if self.sign() == 0 {
            return "0".to_owned();
        }
        let decimal = self.decimal();
        let limit = Decimal::from_int(1024, 0);
        let tiny = decimal.compare(&limit).is_lt() && decimal.compare(&limit.negated()).is_gt();
        if self.format == Format::BinarySi
            && !tiny
            && let Some((mut integer, true)) = decimal.rounded(0)
        {
            let mut power = 0;
            while let Some(divided) = integer.divided_by_1024() {
                integer = divided;
                power += 10;
            }
            let suffix = BINARY_SUFFIXES.iter().find(|(_, of)| *of == power);
            let suffix = suffix.map_or("", |(name, _)| name);
            return format!("{}{suffix}", integer.digits_text());
        }
        let mut number = decimal.reduced();
        while number.exponent % 3 != 0 {
            number = number.widened();
        }
        let (digits, exponent) = (number.digits_text(), number.exponent);
        match self.format {
            Format::DecimalExponent if exponent == 0 => digits,
            Format::DecimalExponent => format!("{digits}e{exponent}"),
            Format::DecimalSi | Format::BinarySi => {
                let suffix = SUFFIXES.iter().find(|(_, of)| *of == exponent);
                format!("{digits}{}", suffix.map_or("", |(name, _)| name))
            }
        }
    }
}

/// `value * 10^scale` in one word.
fn shifted(value: i64, scale: u32) -> Option<i64> {
    if value == 0 {
        return Some(0);
    }
    value.checked_mul(10_i64.checked_pow(scale)?)
}

fn add_small(left: (i64, i32), right: (i64, i32)) -> Option<(i64, i32)> {
    let ((left, left_scale), (right, right_scale)) = (left, right);
    if right == 0 {
        return Some((left, left_scale));
    }
    if left == 0 {
        return Some((right, right_scale));
    }
    let scale = left_scale.min(right_scale);
    let lift = |value, from: i32| shifted(value, u32::try_from(from.checked_sub(scale)?).ok()?);
    let sum = lift(left, left_scale)?.checked_add(lift(right, right_scale)?)?;
    Some((sum, scale))
}

/// Go's `math.Pow10`, which multiplies two powers it knows.
fn power_of_ten(exponent: i32) -> f64 {
    let known = |exponent: i32| -> f64 { format!("1e{exponent}").parse().unwrap_or(f64::NAN) };
    match exponent {
        0..=308 => known(exponent / 32 * 32) * known(exponent % 32),
        -323..=-1 => known(exponent / 32 * 32) / known(-exponent % 32),
        309.. => f64::INFINITY,
        _ => 0.0,
    }
}
