//! What a scalar means: YAML 1.1 as sigs.k8s.io/yaml reads it, then JSON as Kubernetes reads it.

use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use vapwright_cel::document::Node;

/// The prefix of the tags of YAML's own types.
const CORE: &str = "tag:yaml.org,2002:";

/// A resolved scalar, before it becomes JSON: keys are named by their YAML type.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Scalar {
    Null,
    Bool(bool),
    Int(i64),
    /// Beyond `int64`.
    Uint(u64),
    Float(f64),
    String,
    /// A text other than what is written.
    Decoded(String),
}

impl Scalar {
    /// The name of the type as the YAML reader's errors have it.
    const fn tag(&self) -> &'static str {
        match self {
            Self::Null => "!!null",
            Self::Bool(_) => "!!bool",
            Self::Int(_) | Self::Uint(_) => "!!int",
            Self::Float(_) => "!!float",
            Self::String | Self::Decoded(_) => "!!str",
        }
    }

    /// The value it has once written as JSON and read again.
    pub(super) fn node(self, text: &str) -> Result<Node, String> {
        Ok(match self {
            Self::Null => Node::Null,
            Self::Bool(value) => Node::Bool(value),
            Self::Int(value) => Node::Int(value),
            #[allow(clippy::cast_precision_loss)]
            Self::Uint(value) => Node::Double(value as f64),
            Self::Float(value) => through_json(value)?,
            Self::String => Node::string(text),
            Self::Decoded(value) => Node::string(value),
        })
    }

    /// The text it is as a key of a map.
    pub(super) fn key(self, text: &str) -> Result<String, String> {
        Ok(match self {
            Self::String => text.to_owned(),
            Self::Decoded(value) => value,
            Self::Int(value) => value.to_string(),
            Self::Bool(value) => value.to_string(),
            Self::Float(value) => float_key(value),
            Self::Null => return Err("unsupported map key of type: null".into()),
            Self::Uint(value) => {
                return Err(format!("unsupported map key of type: uint64, key: {value}"));
            }
        })
    }
}

/// The key that a value already read is; none for maps, lists and null.
pub(super) fn node_key(node: &Node) -> Option<Arc<str>> {
    match node {
        Node::String(text) => Some(text.clone()),
        Node::Int(value) => Some(value.to_string().into()),
        Node::Bool(value) => Some(value.to_string().into()),
        Node::Double(value) => Some(float_key(*value).into()),
        Node::Null | Node::List(_) | Node::Map(_) => None,
    }
}

/// A float becomes JSON digits, and digits without a point become an integer again.
fn through_json(value: f64) -> Result<Node, String> {
    if value.is_finite() {
        // Display prints the shortest digits, as Go does, and pads with zeros
        let digits = format!("{value}");
        return Ok(digits.parse::<i64>().map_or(Node::Double(value), Node::Int));
    }
    let name = if value.is_nan() {
        "NaN"
    } else if value > 0.0 {
        "+Inf"
    } else {
        "-Inf"
    };
    Err(format!("json: unsupported value: {name}"))
}

/// A float as a key: Go's `FormatFloat(value, 'g', -1, 32)`.
fn float_key(value: f64) -> String {
    #[allow(clippy::cast_possible_truncation)]
    let value = value as f32;
    if value.is_nan() {
        return ".nan".into();
    }
    if value.is_infinite() {
        return if value > 0.0 { ".inf" } else { "-.inf" }.into();
    }
    let scientific = format!("{value:e}");
    let (digits, exponent) = scientific.split_once('e').unwrap_or((&scientific, "0"));
    let exponent: i32 = exponent.parse().unwrap_or(0);
    // %e where the exponent is below -4 or not below 6, which the shortest form takes
    if !(-4..6).contains(&exponent) {
        let sign = if exponent < 0 { '-' } else { '+' };
        return format!("{digits}e{sign}{:02}", exponent.abs());
    }
    format!("{value}")
}

/// The digits of an integer in the radix its prefix gives, as Go's `ParseInt` with base 0 reads
/// them: `0x`, `0o`, `0b`, a leading `0` for octal.
fn radix(digits: &str) -> (&str, u32) {
    let lower = |prefix: &str| {
        digits
            .get(..2)
            .filter(|head| head.eq_ignore_ascii_case(prefix))
            .and_then(|_| digits.get(2..))
    };
    if let Some(rest) = lower("0x") {
        (rest, 16)
    } else if let Some(rest) = lower("0o") {
        (rest, 8)
    } else if let Some(rest) = lower("0b") {
        (rest, 2)
    } else if let Some(rest) = digits.strip_prefix('0').filter(|rest| !rest.is_empty()) {
        (rest, 8)
    } else {
        (digits, 10)
    }
}

/// An integer, signed or beyond `int64`.
fn integer(plain: &str) -> Option<Scalar> {
    let (negative, signed, digits) = match plain.as_bytes().first()? {
        b'-' => (true, true, plain.get(1..)?),
        b'+' => (false, true, plain.get(1..)?),
        _ => (false, false, plain),
    };
    let (digits, radix) = radix(digits);
    // a second sign is none
    if !digits.bytes().next()?.is_ascii_alphanumeric() {
        return None;
    }
    let value = u64::from_str_radix(digits, radix).ok()?;
    if negative {
        0i64.checked_sub_unsigned(value).map(Scalar::Int)
    } else if let Ok(value) = i64::try_from(value) {
        Some(Scalar::Int(value))
    } else {
        (!signed).then_some(Scalar::Uint(value))
    }
}

/// Whether a text is `[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?`.
fn looks_like_float(plain: &str) -> bool {
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    let unsigned = plain.strip_prefix(['-', '+']).unwrap_or(plain);
    let (mantissa, exponent) = match unsigned.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, Some(exponent)),
        None => (unsigned, None),
    };
    let exponent_fits = exponent.is_none_or(|exponent| {
        let exponent = exponent.strip_prefix(['-', '+']).unwrap_or(exponent);
        !exponent.is_empty() && digits(exponent)
    });
    let mantissa_fits = match mantissa.split_once('.') {
        Some(("", fraction)) => !fraction.is_empty() && digits(fraction),
        Some((whole, fraction)) => digits(whole) && digits(fraction),
        None => !mantissa.is_empty() && digits(mantissa),
    };
    exponent_fits && mantissa_fits
}

/// A float of a text that looks like one; out of range it is none.
fn float(plain: &str) -> Option<Scalar> {
    let value: f64 = plain.parse().ok()?;
    value.is_finite().then_some(Scalar::Float(value))
}

/// A float that begins with a point, where `_` may stand between two digits.
fn point_float(text: &str) -> Option<Scalar> {
    let bytes = text.as_bytes();
    let is_digit = |index: Option<usize>| {
        index
            .and_then(|index| bytes.get(index))
            .is_some_and(u8::is_ascii_digit)
    };
    let underscores_fit = bytes.iter().enumerate().all(|(index, byte)| {
        *byte != b'_' || is_digit(index.checked_sub(1)) && is_digit(Some(index + 1))
    });
    let plain = text.replace('_', "");
    (underscores_fit && looks_like_float(&plain))
        .then(|| float(&plain))
        .flatten()
}

/// The meaning of a text without quotes and without a tag.
fn plain_scalar(text: &str) -> Scalar {
    match text {
        "" | "~" | "null" | "Null" | "NULL" => return Scalar::Null,
        "y" | "Y" | "yes" | "Yes" | "YES" | "true" | "True" | "TRUE" | "on" | "On" | "ON" => {
            return Scalar::Bool(true);
        }
        "n" | "N" | "no" | "No" | "NO" | "false" | "False" | "FALSE" | "off" | "Off" | "OFF" => {
            return Scalar::Bool(false);
        }
        ".nan" | ".NaN" | ".NAN" => return Scalar::Float(f64::NAN),
        ".inf" | ".Inf" | ".INF" | "+.inf" | "+.Inf" | "+.INF" => {
            return Scalar::Float(f64::INFINITY);
        }
        "-.inf" | "-.Inf" | "-.INF" => return Scalar::Float(f64::NEG_INFINITY),
        _ => {}
    }
    match text.as_bytes().first() {
        Some(b'.') => point_float(text).unwrap_or(Scalar::String),
        Some(b'0'..=b'9' | b'+' | b'-') => number(text).unwrap_or(Scalar::String),
        _ => Scalar::String,
    }
}

/// A number that begins with a digit or a sign.
fn number(text: &str) -> Option<Scalar> {
    let plain = text.replace('_', "");
    integer(&plain).or_else(|| looks_like_float(&plain).then(|| float(&plain)).flatten())
}

/// The meaning of a scalar: its text, whether it stands without quotes and not as a block, and
/// its tag.
pub(super) fn resolve(text: &str, plain: bool, tag: Option<&str>) -> Result<Scalar, String> {
    let Some(tag) = tag else {
        return Ok(if plain {
            plain_scalar(text)
        } else {
            Scalar::String
        });
    };
    let Some(wanted) = tag.strip_prefix(CORE) else {
        return Ok(Scalar::String);
    };
    let found = match wanted {
        "str" | "timestamp" => return Ok(Scalar::String),
        "binary" => {
            let compact: String = text.split_ascii_whitespace().collect();
            let bytes = STANDARD
                .decode(compact)
                .map_err(|_| "!!binary value contains invalid base64 data".to_owned())?;
            return Ok(Scalar::Decoded(
                String::from_utf8_lossy(&bytes).into_owned(),
            ));
        }
        "bool" | "int" | "float" | "null" => plain_scalar(text),
        _ => return Ok(Scalar::String),
    };
    match (wanted, found) {
        #[allow(clippy::cast_precision_loss)]
        ("float", Scalar::Int(value)) => Ok(Scalar::Float(value as f64)),
        (_, found) if found.tag().strip_prefix("!!") == Some(wanted) => Ok(found),
        (_, found) => Err(format!(
            "cannot decode {} `{text}` as a !!{wanted}",
            found.tag()
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::{Node, resolve};

    #[test]
    fn plain_scalars_as_sigs_yaml_reads_them() {
        // each row was asked of sigs.k8s.io/yaml 1.6
        let int = Node::Int;
        let text = |text: &str| Node::string(text);
        let rows = [
            ("y", Node::Bool(true)),
            ("off", Node::Bool(false)),
            ("~", Node::Null),
            ("08", int(8)),
            ("0o17", int(15)),
            ("0644", int(420)),
            ("1_000", int(1000)),
            ("-0b11", int(-3)),
            ("0x_f", int(15)),
            ("0X1F", int(31)),
            ("0B1", int(1)),
            ("0O7", int(7)),
            ("0b", text("0b")),
            ("1.0", int(1)),
            ("1e20", Node::Double(1e20)),
            ("-0.0", int(0)),
            (
                "18446744073709551615",
                Node::Double(18_446_744_073_709_551_615.0),
            ),
            ("1e18", int(1_000_000_000_000_000_000)),
            ("1.2345678901234567e18", int(1_234_567_890_123_456_800)),
            ("12:30", text("12:30")),
            ("1e400", text("1e400")),
            (".5_0", Node::Double(0.5)),
            (
                "2001-12-14t21:59:43.10-05:00",
                text("2001-12-14t21:59:43.10-05:00"),
            ),
        ];
        for (input, expected) in rows {
            let found = resolve(input, true, None).and_then(|scalar| scalar.node(input));
            assert_eq!(found, Ok(expected), "{input}");
        }
    }
}
