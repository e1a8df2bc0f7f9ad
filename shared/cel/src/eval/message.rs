//! Messages of protobuf's own types, which become plain values.

use std::any::Any;
use std::fmt::Write as _;
use std::sync::Arc;

use base64::Engine as _;

use super::{EvalError, errors};
use crate::types::Type;
use crate::value::{ListValue, MapValue, Opaque, Timestamp, Value, duration};

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
    let Some(short) = type_name.strip_prefix("google.protobuf.") else {
        return Err(errors::unknown_type(type_name));
    };
    let mut set: Vec<(&str, Value<'d>)> = Vec::with_capacity(fields.len());
    for (name, value) in fields {
        set.push((name, convert(type_name, short, name, value)?));
    }
    let last = |name: &str| set.iter().rev().find(|(field, _)| *field == name);
    let or = |name: &str, default: Value<'d>| last(name).map_or(default, |(_, v)| v.clone());
    let int = |name: &str| match or(name, Value::Int(0)) {
        Value::Int(value) => value,
        _ => 0,
    };
    Ok(match short {
        "BoolValue" => or("value", Value::Bool(false)),
        "BytesValue" => or("value", Value::Bytes(Arc::new([]))),
        "DoubleValue" | "FloatValue" => or("value", Value::Double(0.0)),
        "Int32Value" | "Int64Value" => or("value", Value::Int(0)),
        "UInt32Value" | "UInt64Value" => or("value", Value::Uint(0)),
        "StringValue" => or("value", Value::string("")),
        "ListValue" => or("values", Value::list(Vec::new())),
        "Struct" => or("fields", Value::map([])),
        "Value" => set.pop().map_or(Value::Null, |(_, value)| value),
        "Duration" => {
            let (seconds, nanos) = (int("seconds"), int("nanos"));
            let whole = seconds.checked_mul(1_000_000_000);
            let sum = whole.and_then(|whole| whole.checked_add(nanos));
            // Go's conversion stops at the ends of the range
            Value::Duration(sum.unwrap_or(if seconds < 0 { i64::MIN } else { i64::MAX }))
        }
        "Timestamp" => {
            let (seconds, nanos) = (int("seconds"), int("nanos"));
            Value::Timestamp(Timestamp::new(
                seconds.saturating_add(nanos.div_euclid(1_000_000_000)),
                u32::try_from(nanos.rem_euclid(1_000_000_000)).unwrap_or(0),
            ))
        }
        "Empty" => Value::Opaque(Arc::new(Empty)),
        _ => return Err(errors::unsupported_message(&prototext(fields))),
    })
}

/// The value of `google.protobuf.Empty{}`.
#[derive(Debug)]
struct Empty;

impl Opaque for Empty {
    fn type_of(&self) -> Type {
        Type::object("google.protobuf.Empty")
    }

    fn as_any(&self) -> &dyn Any {
        self
    }

    fn equals(&self, _other: &dyn Opaque) -> Result<bool, EvalError> {
        Ok(true)
    }

    fn equals_other_types(&self) -> Result<bool, EvalError> {
        Ok(false)
    }

    fn to_text(&self) -> String {
        String::new()
    }

    fn go_type(&self) -> &'static str {
        "*types.protoObj"
    }

    fn is_zero(&self) -> bool {
        true
    }

    fn select(&self, key: &Value<'_>) -> Option<EvalError> {
        Some(match key {
            Value::String(name) => errors::no_such_field(name),
            _ => EvalError::no_such_overload(),
        })
    }
}

/// The Go type of a message's field.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Native {
    Bool,
    Bytes,
    Double,
    Float,
    Int32,
    Int64,
    Uint32,
    Uint64,
    String,
    Enum,
    Value,
    List,
    Struct,
    /// What a list is converted to element by element where bytes are wanted: nothing fits.
    Byte,
}

impl Native {
    /// As Go's `%v` prints it.
    const fn name(self) -> &'static str {
        match self {
            Self::Bool => "bool",
            Self::Bytes => "[]uint8",
            Self::Double => "float64",
            Self::Float => "float32",
            Self::Int32 => "int32",
            Self::Int64 => "int64",
            Self::Uint32 => "uint32",
            Self::Uint64 => "uint64",
            Self::String => "string",
            Self::Enum => "protoreflect.EnumNumber",
            Self::Value => "*structpb.Value",
            Self::List => "*structpb.ListValue",
            Self::Struct => "*structpb.Struct",
            Self::Byte => "uint8",
        }
    }

    fn of(message: &str, field: &str) -> Option<Self> {
        Some(match (message, field) {
            ("BoolValue", _) | (_, "bool_value") => Self::Bool,
            ("BytesValue", _) | ("Any", "value") => Self::Bytes,
            ("DoubleValue", _) | (_, "number_value") => Self::Double,
            ("FloatValue", _) => Self::Float,
            ("Int32Value", _) | (_, "nanos") => Self::Int32,
            ("Int64Value", _) | (_, "seconds") => Self::Int64,
            ("UInt32Value", _) => Self::Uint32,
            ("UInt64Value", _) => Self::Uint64,
            ("StringValue", _) | (_, "string_value" | "type_url" | "key") => Self::String,
            (_, "null_value") => Self::Enum,
            (_, "list_value") => Self::List,
            (_, "struct_value") => Self::Struct,
            ("Struct.FieldsEntry", _) => Self::Value,
            _ => return None,
        })
    }
}

/// A field's value as the message holds it, and CEL reads it again.
fn convert<'d>(
    message: &str,
    short: &str,
    field: &str,
    value: &Value<'d>,
) -> Result<Value<'d>, EvalError> {
    let converted = match (short, value) {
        ("ListValue", Value::List(_)) => native(value, Native::List, 0),
        ("Struct", Value::Map(_)) => native(value, Native::Struct, 0),
        ("ListValue" | "Struct", _) => {
            let of = value.type_of();
            return Err(errors::unsupported_field(message, field, &of.to_string()));
        }
        _ => match Native::of(short, field) {
            Some(target) => native(value, target, 0),
            None => return Ok(value.clone()),
        },
    };
    converted.map_err(|why| errors::field_conversion(message, field, &why))
}

/// A value as a Go type holds it (cel-go's `ConvertToNative`). In a `google.protobuf.Value`
/// numbers are doubles, and those that would lose digits are texts.
#[allow(clippy::cast_precision_loss, clippy::cast_possible_truncation)]
pub(super) fn native<'d>(
    value: &Value<'d>,
    target: Native,
    depth: u32,
) -> Result<Value<'d>, String> {
    if depth > MAX_DEPTH {
        return Ok(Value::Null);
    }
    let name = target.name();
    let quoted = |from: &str| Err(format!("type conversion error from {from} to '{name}'"));
    match (value, target) {
        (Value::Optional(None), _) => Err("optional.none() dereference".to_owned()),
        (Value::Optional(Some(inner)), _) => native(inner, target, depth + 1),
        (Value::Type(_), _) => Err("type conversion not supported for 'type'".to_owned()),
        (Value::Null | Value::Bool(_) | Value::Double(_) | Value::String(_), Native::Value)
        | (Value::Bool(_), Native::Bool)
        | (Value::Double(_), Native::Double)
        | (Value::String(_), Native::String)
        | (Value::Bytes(_), Native::Bytes)
        | (Value::Int(_), Native::Int64)
        | (Value::Uint(_), Native::Uint64) => Ok(value.clone()),
        (Value::Null, _) => quoted("'null_type'"),
        (Value::Bool(_), _) => quoted("bool"),
        (Value::Double(value), Native::Float) => Ok(Value::Double(f64::from(*value as f32))),
        (Value::Double(_), _) => quoted("Double"),
        (Value::String(_), _) => Err(format!(
            "unsupported native conversion from string to '{name}'"
        )),
        (Value::Int(int), Native::Int32 | Native::Enum) => match i32::try_from(*int) {
            // the only number of the enumeration stands for null
            Ok(_) if target == Native::Enum => Ok(Value::Null),
            Ok(_) => Ok(value.clone()),
            Err(_) => Err("integer overflow".to_owned()),
        },
        (Value::Int(int), Native::Value) if (-SAFE..=SAFE).contains(int) => {
            Ok(Value::Double(*int as f64))
        }
        (Value::Int(int), Native::Value) => Ok(Value::string(int.to_string())),
        (Value::Int(_), _) => Err(format!("unsupported type conversion from 'int' to {name}")),
        (Value::Uint(uint), Native::Uint32) => match u32::try_from(*uint) {
            Ok(_) => Ok(value.clone()),
            Err(_) => Err("unsigned integer overflow".to_owned()),
        },
        (Value::Uint(uint), Native::Value) if *uint <= SAFE.unsigned_abs() => {
            Ok(Value::Double(*uint as f64))
        }
        (Value::Uint(uint), Native::Value) => Ok(Value::string(uint.to_string())),
        (Value::Uint(_), _) => Err(format!("unsupported type conversion from 'uint' to {name}")),
        (Value::Bytes(bytes), Native::Value) => Ok(Value::string(
            base64::engine::general_purpose::STANDARD.encode(bytes),
        )),
        (Value::Bytes(_), _) => quoted("Bytes"),
        (Value::Duration(nanos), Native::Value) => Ok(Value::string(duration::format(*nanos))),
        (Value::Duration(_), _) => quoted("'Duration'"),
        (Value::Timestamp(time), Native::Value) => Ok(Value::string(time.format())),
        (Value::Timestamp(_), _) => quoted("'Timestamp'"),
        (Value::List(list), _) => native_list(list, target, depth),
        (Value::Map(map), _) => native_map(map, target, depth),
        (Value::Object(object), _) if object.is_json_patch() => {
            Err(format!("cannot convert to native type: {name}"))
        }
        (Value::Object(_), _) => Err(format!("unable to convert to {name}")),
        (Value::Opaque(opaque), _) => match opaque.go_type().split_once("cel.") {
            Some((_, kind)) if target == Native::String && kind != "Format" => {
                Ok(Value::string(opaque.to_text()))
            }
            Some((_, kind)) => quoted(&format!("'{kind}'")),
            None if opaque.as_any().is::<Empty>() && target == Native::Value => Ok(Value::map([])),
            None if opaque.as_any().is::<Empty>() => quoted("'*dynamicpb.Message'"),
            None => quoted(&format!("'{}'", opaque.type_of().name())),
        },
    }
}

fn native_list<'d>(list: &ListValue<'d>, target: Native, depth: u32) -> Result<Value<'d>, String> {
    match target {
        Native::Value | Native::List => {
            let items = list
                .iter()
                .map(|item| native(&item, Native::Value, depth + 1));
            Ok(Value::list(items.collect::<Result<_, _>>()?))
        }
        Native::Bytes => {
            list.iter()
                .try_for_each(|item| native(&item, Native::Byte, depth + 1).map(|_| ()))?;
            Ok(Value::Bytes(Arc::new([])))
        }
        _ => Err(format!(
            "type conversion error from list to '{}'",
            target.name()
        )),
    }
}

fn native_map<'d>(map: &MapValue<'d>, target: Native, depth: u32) -> Result<Value<'d>, String> {
    match target {
        Native::Value | Native::Struct => {
            let entries = map.iter().map(|(key, item)| {
                let key = native(&key, Native::String, depth + 1)?;
                Ok((key, native(&item, Native::Value, depth + 1)?))
            });
            Ok(Value::map(entries.collect::<Result<Vec<_>, String>>()?))
        }
        Native::List => match map.iter().next() {
            None => Ok(Value::list(Vec::new())),
            Some((key, _)) => {
                let key = crate::value::go::print(&key);
                let mut chars = key.chars();
                let first = chars.next().into_iter().flat_map(char::to_uppercase);
                let name: String = first.chain(chars).collect();
                Err(format!(
                    "type conversion error, no such field '{name}' in type 'structpb.ListValue'"
                ))
            }
        },
        _ => Err(format!(
            "type conversion error from map to '{}'",
            target.name()
        )),
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
