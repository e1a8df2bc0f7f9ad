//! How Go prints values and names their types: cel-go's errors show both.

use std::fmt::Write as _;

use super::{ListValue, MapValue, Value};

/// Nesting beyond which a value is not printed.
const MAX_DEPTH: u32 = 100;

/// The Go type of a value's representation, as `%T` prints it.
#[must_use]
pub fn type_name(value: &Value<'_>) -> &'static str {
    match value {
        Value::Null => "types.Null",
        Value::Bool(_) => "types.Bool",
        Value::Int(_) => "types.Int",
        Value::Uint(_) => "types.Uint",
        Value::Double(_) => "types.Double",
        Value::String(_) => "types.String",
        Value::Bytes(_) => "types.Bytes",
        Value::List(_) => "*types.baseList",
        Value::Map(_) => "*types.baseMap",
        Value::Duration(_) => "types.Duration",
        Value::Timestamp(_) => "types.Timestamp",
        Value::Type(_) => "*types.Type",
        Value::Optional(_) => "*types.Optional",
        Value::Opaque(_) => "ref.Val",
    }
}

/// The Go type of what a document holds, as `%T` prints it: cel-go reads it without wrapping.
#[must_use]
pub fn native_type_name(value: &Value<'_>) -> &'static str {
    match value {
        Value::Null => "<nil>",
        Value::List(ListValue::Borrowed(_)) => "[]interface {}",
        Value::Map(MapValue::Borrowed(_)) => "map[string]interface {}",
        _ => type_name(value),
    }
}

/// A value as `%v` prints it.
#[must_use]
pub fn print(value: &Value<'_>) -> String {
    let mut out = String::new();
    print_to(&mut out, value, 0);
    out
}

fn print_to(out: &mut String, value: &Value<'_>, depth: u32) {
    if depth > MAX_DEPTH {
        out.push_str("...");
        return;
    }
    match value {
        Value::Null => out.push_str("NULL_VALUE"),
        Value::Bool(value) => out.push_str(if *value { "true" } else { "false" }),
        Value::Int(value) => {
            let _ = write!(out, "{value}");
        }
        Value::Uint(value) => {
            let _ = write!(out, "{value}");
        }
        Value::Double(value) => out.push_str(&super::number::format_g(*value)),
        Value::String(text) => out.push_str(text),
        Value::Bytes(bytes) => {
            out.push('[');
            for (at, byte) in bytes.iter().enumerate() {
                let _ = write!(out, "{}{byte}", if at == 0 { "" } else { " " });
            }
            out.push(']');
        }
        Value::List(list) => {
            out.push('[');
            for (at, item) in list.iter().enumerate() {
                if at > 0 {
                    out.push_str(", ");
                }
                print_to(out, &item, depth + 1);
            }
            out.push(']');
        }
        Value::Map(map) => {
            out.push('{');
            for (at, (key, item)) in map.iter().enumerate() {
                if at > 0 {
                    out.push_str(", ");
                }
                print_to(out, &key, depth + 1);
                out.push_str(": ");
                print_to(out, &item, depth + 1);
            }
            out.push('}');
        }
        Value::Duration(nanos) => out.push_str(&super::duration::format_go(*nanos)),
        Value::Timestamp(time) => out.push_str(&time.format_go()),
        Value::Type(of) => out.push_str(of.name()),
        Value::Optional(None) => out.push_str("optional.none()"),
        Value::Optional(Some(inner)) => {
            out.push_str("optional(");
            print_to(out, inner, depth + 1);
            out.push(')');
        }
        Value::Opaque(value) => out.push_str(&value.to_text()),
    }
}
