//! Messages of protobuf's own types, which become plain values.

use std::fmt::Write as _;
use std::sync::Arc;

use base64::Engine as _;

use super::{EvalError, errors};
use crate::value::{Timestamp, Value, duration};

/// How far an integer can be from zero to be exact in JSON.
const SAFE: i64 = (1 << 53) - 1;
/// Nesting beyond which a value is not converted.
const MAX_DEPTH: u32 = 200;

type Fields<'d> = [(Arc<str>, Value<'d>)];

/// The value of a message of one of protobuf's own types.
///
/// # Errors
/// Where a field's value does not fit its type, or the type has no value of its own.
pub fn make<'d>(type_name: &str, fields: &Fields<'d>) -> Result<Value<'d>, EvalError> {
    let short = type_name
        .strip_prefix("google.protobuf.")
        .unwrap_or(type_name);
    let wrapped = |default: Value<'d>| match field(fields, "value") {
        None | Some(Value::Null) => default,
        Some(value) => value.clone(),
    };
    Ok(match short {
        "BoolValue" => wrapped(Value::Bool(false)),
        "BytesValue" => wrapped(Value::Bytes(Arc::new([]))),
        "DoubleValue" => wrapped(Value::Double(0.0)),
        "FloatValue" => match wrapped(Value::Double(0.0)) {
            #[allow(clippy::cast_possible_truncation)]
            Value::Double(value) => Value::Double(f64::from(value as f32)),
            other => other,
        },
        "Int32Value" => match wrapped(Value::Int(0)) {
            Value::Int(value) if i32::try_from(value).is_err() => {
                return Err(errors::field_conversion(
                    type_name,
                    "value",
                    "integer overflow",
                ));
            }
            other => other,
        },
        "Int64Value" => wrapped(Value::Int(0)),
        "StringValue" => wrapped(Value::string("")),
        "UInt32Value" => match wrapped(Value::Uint(0)) {
            Value::Uint(value) if u32::try_from(value).is_err() => {
                return Err(errors::field_conversion(
                    type_name,
                    "value",
                    "unsigned integer overflow",
                ));
            }
            other => other,
        },
        "UInt64Value" => wrapped(Value::Uint(0)),
        "ListValue" => match field(fields, "values") {
            Some(value) => json_value(value, 0),
            None => Value::list(Vec::new()),
        },
        "Struct" => match field(fields, "fields") {
            Some(value) => json_value(value, 0),
            None => Value::map([]),
        },
        "Value" => match fields.last() {
            Some((_, value)) => json_value(value, 0),
            None => Value::Null,
        },
        "Duration" => {
            let nanos = int(fields, "seconds")
                .checked_mul(1_000_000_000)
                .and_then(|nanos| nanos.checked_add(int(fields, "nanos")));
            // Go's conversion stops at the ends of the range
            Value::Duration(nanos.unwrap_or(if int(fields, "seconds") < 0 {
                i64::MIN
            } else {
                i64::MAX
            }))
        }
        "Timestamp" => {
            let (seconds, nanos) = (int(fields, "seconds"), int(fields, "nanos"));
            Value::Timestamp(Timestamp::new(
                seconds.saturating_add(nanos.div_euclid(1_000_000_000)),
                u32::try_from(nanos.rem_euclid(1_000_000_000)).unwrap_or(0),
            ))
        }
        _ => return Err(errors::unsupported_message(&prototext(fields))),
    })
}

fn field<'f, 'd>(fields: &'f Fields<'d>, name: &str) -> Option<&'f Value<'d>> {
    fields
        .iter()
        .find(|(field, _)| &**field == name)
        .map(|(_, value)| value)
}

fn int(fields: &Fields<'_>, name: &str) -> i64 {
    match field(fields, name) {
        Some(Value::Int(value)) => *value,
        _ => 0,
    }
}

/// A value as `google.protobuf.Value` holds it: numbers are doubles, those that would lose
/// digits are texts.
#[allow(clippy::cast_precision_loss)]
fn json_value<'d>(value: &Value<'d>, depth: u32) -> Value<'d> {
    if depth > MAX_DEPTH {
        return Value::Null;
    }
    match value {
        Value::Int(value) if (-SAFE..=SAFE).contains(value) => Value::Double(*value as f64),
        Value::Int(value) => Value::string(value.to_string()),
        Value::Uint(value) if *value <= SAFE.unsigned_abs() => Value::Double(*value as f64),
        Value::Uint(value) => Value::string(value.to_string()),
        Value::Bytes(bytes) => {
            Value::string(base64::engine::general_purpose::STANDARD.encode(bytes))
        }
        Value::Duration(nanos) => Value::string(duration::format(*nanos)),
        Value::Timestamp(time) => Value::string(time.format()),
        Value::List(list) => Value::list(
            list.iter()
                .map(|item| json_value(&item, depth + 1))
                .collect(),
        ),
        Value::Map(map) => Value::map(map.iter().map(|(key, item)| {
            let key = match key {
                Value::String(_) => key,
                other => Value::string(crate::value::go::print(&other)),
            };
            (key, json_value(&item, depth + 1))
        })),
        other => other.clone(),
    }
}

/// The fields as Go prints a message.
fn prototext(fields: &Fields<'_>) -> String {
    let mut out = String::new();
    for (name, value) in fields {
        let bytes = match value {
            Value::String(text) => text.as_bytes(),
            Value::Bytes(bytes) => bytes,
            _ => continue,
        };
        if bytes.is_empty() {
            continue;
        }
        if !out.is_empty() {
            out.push(' ');
        }
        let _ = write!(out, "{name}:\"");
        for byte in bytes {
            match byte {
                b'"' | b'\\' => {
                    out.push('\\');
                    out.push(char::from(*byte));
                }
                b'\n' => out.push_str("\\n"),
                b'\r' => out.push_str("\\r"),
                b'\t' => out.push_str("\\t"),
                0x20..0x7f => out.push(char::from(*byte)),
                _ => {
                    let _ = write!(out, "\\x{byte:02x}");
                }
            }
        }
        out.push('"');
    }
    out
}
