//! Conversions: cel-go's `ConvertToType`.

use std::sync::Arc;

use super::time::{MAX_SECONDS, MIN_SECONDS, TimestampError};
use super::{Str, Timestamp, Value, duration, number};
use crate::eval::{EvalError, errors};
use crate::types::Type;

/// Converts a value to a type, as the functions `int()`, `string()` and so on do.
///
/// # Errors
/// `type conversion error from 'string' to 'int'`, or an overflow.
pub fn convert<'d>(value: &Value<'d>, target: &Type) -> Result<Value<'d>, EvalError> {
    let converted = match (value, target) {
        (_, Type::Type(_)) => Some(Value::Type(Arc::new(value.type_of()))),
        (_, Type::String) => return to_string(value),
        (Value::String(text), _) => return from_string(text, target),
        (Value::Int(_), Type::Int)
        | (Value::Uint(_), Type::Uint)
        | (Value::Double(_), Type::Double)
        | (Value::Bool(_), Type::Bool)
        | (Value::Bytes(_), Type::Bytes)
        | (Value::Duration(_), Type::Duration)
        | (Value::Timestamp(_), Type::Timestamp) => Some(value.clone()),
        (Value::Int(value), Type::Uint) => Some(Value::Uint(
            u64::try_from(*value).map_err(|_| errors::uint_overflow())?,
        )),
        #[allow(clippy::cast_precision_loss)]
        (Value::Int(value), Type::Double) => Some(Value::Double(*value as f64)),
        (Value::Int(value), Type::Timestamp) => {
            if !(MIN_SECONDS..=MAX_SECONDS).contains(value) {
                return Err(errors::timestamp_overflow());
            }
            Some(Value::Timestamp(Timestamp::new(*value, 0)))
        }
        (Value::Uint(value), Type::Int) => Some(Value::Int(
            i64::try_from(*value).map_err(|_| errors::int_overflow())?,
        )),
        #[allow(clippy::cast_precision_loss)]
        (Value::Uint(value), Type::Double) => Some(Value::Double(*value as f64)),
        (Value::Double(value), Type::Int) => Some(Value::Int(
            number::double_to_int(*value).ok_or_else(errors::int_overflow)?,
        )),
        (Value::Double(value), Type::Uint) => Some(Value::Uint(
            number::double_to_uint(*value).ok_or_else(errors::uint_overflow)?,
        )),
        (Value::Duration(nanos), Type::Int) => Some(Value::Int(*nanos)),
        (Value::Timestamp(time), Type::Int) => Some(Value::Int(time.seconds)),
        _ => None,
    };
    converted.ok_or_else(|| conversion_error(value, target))
}

fn conversion_error(value: &Value<'_>, target: &Type) -> EvalError {
    errors::conversion(&value.type_name(), target.name())
}

fn from_string<'d>(text: &Str<'d>, target: &Type) -> Result<Value<'d>, EvalError> {
    let converted = match target {
        Type::Int => number::parse_int(text).map(Value::Int),
        Type::Uint => number::parse_uint(text).map(Value::Uint),
        Type::Double => number::parse_double(text).map(Value::Double),
        Type::Bool => match text.as_str() {
            "1" | "t" | "T" | "TRUE" | "true" | "True" => Some(Value::Bool(true)),
            "0" | "f" | "F" | "FALSE" | "false" | "False" => Some(Value::Bool(false)),
            _ => None,
        },
        Type::Bytes => Some(Value::Bytes(text.as_bytes().into())),
        Type::Duration => duration::parse(text).map(Value::Duration),
        Type::Timestamp => match Timestamp::parse(text) {
            Ok(time) => Some(Value::Timestamp(time)),
            Err(TimestampError::Range) => return Err(errors::timestamp_overflow()),
            Err(TimestampError::Syntax) => None,
        },
        _ => None,
    };
    converted.ok_or_else(|| errors::conversion("string", target.name()))
}

fn to_string<'d>(value: &Value<'d>) -> Result<Value<'d>, EvalError> {
    Ok(match value {
        Value::String(_) => value.clone(),
        Value::Null => Value::string("null"),
        Value::Bool(value) => Value::string(if *value { "true" } else { "false" }),
        Value::Int(value) => Value::string(value.to_string()),
        Value::Uint(value) => Value::string(value.to_string()),
        Value::Double(value) => Value::string(number::format_g(*value)),
        Value::Bytes(bytes) => {
            Value::string(std::str::from_utf8(bytes).map_err(|_| errors::invalid_utf8())?)
        }
        Value::Duration(nanos) => Value::string(duration::format(*nanos)),
        Value::Timestamp(time) => Value::string(time.format()),
        Value::Type(of) => Value::string(of.name()),
        _ => return Err(conversion_error(value, &Type::String)),
    })
}
