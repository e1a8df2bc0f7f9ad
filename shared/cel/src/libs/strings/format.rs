//! `string.format`: the clauses `%s`, `%d`, `%f`, `%e`, `%b`, `%x`, `%X`, `%o` as cel-go's strings 1 to 3 print them.

use crate::eval::EvalError;
use crate::libs::support::{elements, entries, get, go_quote, len};
use crate::value::{ListValue, Value, duration, number::format_g};

/// How many digits follow the point where the clause does not say.
const DEFAULT_PRECISION: usize = 6;

/// How deep lists and maps may nest in what is printed.
const MAX_DEPTH: usize = 100;

/// The longest text that is printed, in bytes: an argument may be 64 KiB wide by a few letters.
const MAX_TEXT: usize = 16 << 20;

/// A clause of a format.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Clause {
    Text,
    Decimal,
    Fixed(usize),
    Scientific(usize),
    Binary,
    Hex { upper: bool },
    Octal,
}

impl Clause {
    /// cel-go's text for an argument of a type that the clause cannot print.
    fn refusal(self, type_name: &str) -> String {
        let rule = match self {
            Self::Text => {
                "string clause can only be used on strings, bools, bytes, ints, doubles, maps, \
                 lists, types, durations, and timestamps"
            }
            Self::Decimal => "decimal clause can only be used on integers",
            Self::Fixed(_) => "fixed-point clause can only be used on doubles",
            Self::Scientific(_) => "scientific clause can only be used on doubles",
            Self::Binary => "only integers and bools can be formatted as binary",
            Self::Hex { .. } => "only integers, byte buffers, and strings can be formatted as hex",
            Self::Octal => "octal clause can only be used on integers",
        };
        format!("{rule}, was given {type_name}")
    }
}

/// What a format is made of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Piece<'f> {
    /// Printed as it is.
    Verbatim(&'f str),
    /// Prints the next argument.
    Clause(Clause),
}

/// Splits a format into pieces. `count` is the number of arguments: cel-go asks for a clause's
/// argument before it reads the clause. Stops at the first error.
fn pieces<'f>(
    format: &'f str,
    count: usize,
    mut each: impl FnMut(Piece<'f>) -> Result<(), String>,
) -> Result<(), String> {
    let mut rest = format;
    let mut used = 0;
    while let Some((before, after)) = rest.split_once('%') {
        each(Piece::Verbatim(before))?;
        if let Some(after) = after.strip_prefix('%') {
            each(Piece::Verbatim("%"))?;
            rest = after;
            continue;
        }
        if used >= count {
            return Err(format!("index {used} out of range"));
        }
        if after.is_empty() {
            return Err("unexpected end of string".to_owned());
        }
        let (clause, after) =
            clause(after).map_err(|why| format!("could not parse formatting clause: {why}"))?;
        each(Piece::Clause(clause)).map_err(|why| format!("error during formatting: {why}"))?;
        used += 1;
        rest = after;
    }
    each(Piece::Verbatim(rest))
}

/// Reads a clause without its `%`; gives it and what follows.
fn clause(text: &str) -> Result<(Clause, &str), String> {
    let (precision, rest) = match text.strip_prefix('.') {
        Some(after) => {
            let (precision, rest) =
                precision(after).map_err(|why| format!("error while parsing precision: {why}"))?;
            (Some(precision), rest)
        }
        None => (None, text),
    };
    let precision = precision.unwrap_or(DEFAULT_PRECISION);
    let letter = rest.as_bytes().first().copied().unwrap_or_default();
    let clause = match letter {
        b's' => Clause::Text,
        b'd' => Clause::Decimal,
        b'f' => Clause::Fixed(precision),
        b'e' => Clause::Scientific(precision),
        b'b' => Clause::Binary,
        b'x' => Clause::Hex { upper: false },
        b'X' => Clause::Hex { upper: true },
        b'o' => Clause::Octal,
        // cel-go prints the byte as if it were a character.
        other => {
            let letter = char::from(other);
            return Err(format!("unrecognized formatting clause \"{letter}\""));
        }
    };
    Ok((clause, rest.get(1..).unwrap_or_default()))
}

fn precision(text: &str) -> Result<(usize, &str), String> {
    let end = text
        .find(|char: char| !char.is_ascii_digit())
        .ok_or("could not find end of precision specifier")?;
    let (digits, rest) = text.split_at_checked(end).unwrap_or_default();
    let why = match digits.parse::<i64>() {
        Ok(value) => return Ok((usize::try_from(value).unwrap_or_default(), rest)),
        Err(_) if digits.is_empty() => "invalid syntax",
        Err(_) => "value out of range",
    };
    let digits = go_quote(digits);
    Err(format!(
        "error while converting precision to integer: strconv.Atoi: parsing {digits}: {why}"
    ))
}

/// Prints a format with its arguments.
pub(super) fn format(format: &str, args: &ListValue<'_>) -> Result<String, EvalError> {
    let mut text = String::new();
    let mut next = 0;
    pieces(format, len(args), |piece| {
        match piece {
            Piece::Verbatim(part) => text.push_str(part),
            Piece::Clause(clause) => {
                let value = get(args, next).unwrap_or(Value::Null);
                next += 1;
                text.push_str(&print(clause, &value)?);
                if text.len() > MAX_TEXT {
                    return Err(String::new());
                }
            }
        }
        Ok(())
    })
    .map_err(|why| {
        if text.len() > MAX_TEXT {
            EvalError::cancelled()
        } else {
            EvalError::new(why)
        }
    })?;
    Ok(text)
}

fn print(clause: Clause, value: &Value<'_>) -> Result<String, String> {
    Ok(match (clause, value) {
        (Clause::Text, value) => top_level(value)?,
        (Clause::Decimal, Value::Int(value)) => value.to_string(),
        (Clause::Decimal, Value::Uint(value)) => value.to_string(),
        (Clause::Fixed(precision), value) => fixed(number(clause, value)?, precision),
        (Clause::Scientific(width), value) => scientific(number(clause, value)?, width),
        (Clause::Binary, Value::Bool(value)) => u8::from(*value).to_string(),
        (Clause::Binary, Value::Int(value)) => signed(*value, |size| format!("{size:b}")),
        (Clause::Binary, Value::Uint(value)) => format!("{value:b}"),
        (Clause::Octal, Value::Int(value)) => signed(*value, |size| format!("{size:o}")),
        (Clause::Octal, Value::Uint(value)) => format!("{value:o}"),
        (Clause::Hex { upper }, value) => {
            let hex = match value {
                Value::Int(value) => signed(*value, |size| format!("{size:x}")),
                Value::Uint(value) => format!("{value:x}"),
                Value::String(text) => hex(text.as_bytes()),
                Value::Bytes(bytes) => hex(bytes),
                other => return Err(clause.refusal(&other.type_name())),
            };
            if upper { hex.to_uppercase() } else { hex }
        }
        (clause, other) => return Err(clause.refusal(&other.type_name())),
    })
}

/// Go prints a negative number as a minus and its size in every base.
fn signed(value: i64, print: impl Fn(u64) -> String) -> String {
    let size = print(value.unsigned_abs());
    if value < 0 { format!("-{size}") } else { size }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn number(clause: Clause, value: &Value<'_>) -> Result<f64, String> {
    match value {
        Value::Double(value) => Ok(*value),
        Value::String(text) => match text.as_str() {
            "NaN" => Ok(f64::NAN),
            "Infinity" => Ok(f64::INFINITY),
            "-Infinity" => Ok(f64::NEG_INFINITY),
            _ => Err(clause.refusal("string")),
        },
        other => Err(clause.refusal(&other.type_name())),
    }
}

/// A number that is none, in the way of the locale `en_US`.
fn special(value: f64) -> Option<&'static str> {
    if value.is_nan() {
        Some("NaN")
    } else if value.is_infinite() {
        Some(if value > 0.0 { "∞" } else { "-∞" })
    } else {
        None
    }
}

/// `%f` in the locale `en_US`: thousands are grouped, zero has no sign. Go's printer keeps the
/// precision in eight bits.
fn fixed(value: f64, precision: usize) -> String {
    if let Some(text) = special(value) {
        return text.to_owned();
    }
    let precision = precision % 256;
    let value = if value == 0.0 { 0.0 } else { value };
    let plain = format!("{value:.precision$}");
    let (integer, fraction) = match plain.split_once('.') {
        Some((integer, fraction)) => (integer, Some(fraction)),
        None => (plain.as_str(), None),
    };
    let (sign, digits) = match integer.strip_prefix('-') {
        Some(digits) => ("-", digits),
        None => ("", integer),
    };
    let mut text = sign.to_owned();
    for (index, digit) in digits.chars().enumerate() {
        if index != 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    if let Some(fraction) = fraction {
        text.push('.');
        text.push_str(fraction);
    }
    text
}

/// `%e` in the locale `en_US`. cel-go gives the precision as the width: there are always six
/// digits after the point. Go's printer keeps the width in sixteen bits.
fn scientific(value: f64, width: usize) -> String {
    let width = width % 65_536;
    let value = if value == 0.0 { 0.0 } else { value };
    let text = match special(value) {
        Some(text) => text.to_owned(),
        None => {
            let plain = format!("{value:.DEFAULT_PRECISION$e}");
            let (mantissa, exponent) = plain.split_once('e').unwrap_or((&plain, "0"));
            let (sign, digits) = match exponent.strip_prefix('-') {
                Some(digits) => ("⁻", digits),
                None => ("", exponent),
            };
            let digits: String = format!("{digits:0>2}").chars().map(superscript).collect();
            format!("{mantissa}×10{sign}{digits}")
        }
    };
    format!("{text:>width$}")
}

const fn superscript(digit: char) -> char {
    match digit {
        '0' => '⁰',
        '1' => '¹',
        '2' => '²',
        '3' => '³',
        '4' => '⁴',
        '5' => '⁵',
        '6' => '⁶',
        '7' => '⁷',
        '8' => '⁸',
        _ => '⁹',
    }
}

/// What `%s` prints: as CEL's `string()`, and lists and maps as literals.
fn top_level(value: &Value<'_>) -> Result<String, String> {
    Ok(match value {
        Value::List(_) | Value::Map(_) => nested(value, MAX_DEPTH)?,
        Value::Double(value) => format_g(*value),
        Value::Duration(nanos) => duration::format(*nanos),
        Value::Timestamp(time) => time.format(),
        Value::Optional(_) | Value::Object(_) | Value::Opaque(_) => {
            return Err(Clause::Text.refusal(&value.type_name()));
        }
        other => scalar(other)?,
    })
}

/// What prints alike alone and inside a list, but for quotes.
fn scalar(value: &Value<'_>) -> Result<String, String> {
    Ok(match value {
        Value::Null => "null".to_owned(),
        Value::Bool(value) => value.to_string(),
        Value::Int(value) => value.to_string(),
        Value::Uint(value) => value.to_string(),
        Value::String(text) => text.as_str().to_owned(),
        Value::Bytes(bytes) => match std::str::from_utf8(bytes) {
            Ok(text) => text.to_owned(),
            Err(_) => {
                return Err(
                    "could not convert argument \"invalid UTF-8 in bytes, cannot convert to \
                     string\" to string"
                        .to_owned(),
                );
            }
        },
        Value::Type(of) => of.name().to_owned(),
        other => return Err(format!("no formatting function for {}", other.type_name())),
    })
}

/// A value inside a list or a map, as a CEL literal.
fn nested(value: &Value<'_>, depth: usize) -> Result<String, String> {
    let Some(depth) = depth.checked_sub(1) else {
        return Err("lists and maps are nested too deeply".to_owned());
    };
    Ok(match value {
        Value::String(text) => go_quote(text),
        Value::Bytes(_) => format!("b{}", go_quote(&scalar(value)?)),
        Value::Double(value) if value.is_finite() => format!("{value:.DEFAULT_PRECISION$}"),
        Value::Double(value) => go_quote(&format_g(*value)),
        Value::Duration(nanos) => format!("duration({})", go_quote(&duration::format(*nanos))),
        Value::Timestamp(time) => format!("timestamp({})", go_quote(&time.format())),
        Value::List(list) => {
            let items: Result<Vec<String>, String> =
                elements(list).map(|item| nested(&item, depth)).collect();
            format!("[{}]", items?.join(", "))
        }
        Value::Map(map) => {
            let mut items = Vec::new();
            for (key, value) in entries(map) {
                let key = match &key {
                    Value::String(_) | Value::Bool(_) | Value::Int(_) | Value::Uint(_) => {
                        nested(&key, depth)?
                    }
                    other => {
                        let name = other.type_name();
                        return Err(format!("no formatting function for map key of type {name}"));
                    }
                };
                items.push((key, nested(&value, depth)?));
            }
            // cel-go sorts by the printed keys.
            items.sort_by(|(left, _), (right, _)| left.cmp(right));
            let items: Vec<String> = items
                .into_iter()
                .map(|(key, value)| format!("{key}:{value}"))
                .collect();
            format!("{{{}}}", items.join(", "))
        }
        other => scalar(other)?,
    })
}
