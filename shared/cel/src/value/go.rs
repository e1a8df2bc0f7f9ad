//! How Go prints values and names their types: cel-go's errors show both.

use std::fmt::Write as _;

use super::{ListValue, MapValue, Value};
use crate::document::Node;

/// Nesting beyond which a value is not printed.
const MAX_DEPTH: u32 = 100;

/// Text beyond which no more values are printed: what is printed is part of an error.
const MAX_TEXT: usize = 1 << 20;

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
        Value::Object(value) if value.is_json_patch() => "*mutation.JSONPatchVal",
        Value::Object(_) => "*dynamic.ObjectVal",
        Value::Opaque(value) => value.go_type(),
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

/// The Go type of a value's own Go value, as `%T` prints it.
#[must_use]
pub fn go_type(value: &Value<'_>) -> &'static str {
    match value {
        Value::Null => "structpb.NullValue",
        Value::Bool(_) => "bool",
        Value::Int(_) => "int64",
        Value::Uint(_) => "uint64",
        Value::Double(_) => "float64",
        Value::String(_) | Value::Type(_) => "string",
        Value::Bytes(_) => "[]uint8",
        Value::Duration(_) => "time.Duration",
        Value::Timestamp(_) => "time.Time",
        Value::List(ListValue::Borrowed(_)) => "[]interface {}",
        Value::List(ListValue::Shared(_)) => "[]ref.Val",
        Value::Map(MapValue::Shared(_)) => "map[ref.Val]ref.Val",
        Value::Map(MapValue::Borrowed(_)) => "map[string]interface {}",
        Value::Optional(None) => "<nil>",
        Value::Optional(Some(inner)) => go_type(inner),
        Value::Object(value) if !value.is_json_patch() => "map[string]interface {}",
        Value::Object(_) | Value::Opaque(_) => type_name(value),
    }
}

/// A character of a code in Go's `%q` of an integer: single quotes, with escapes for what cannot
/// be printed.
#[must_use]
pub fn quote_rune(code: i64) -> String {
    let char = u32::try_from(code).ok().and_then(char::from_u32);
    let char = char.unwrap_or(char::REPLACEMENT_CHARACTER);
    match char {
        '\'' => "'\\\''".to_owned(),
        '"' => "'\"'".to_owned(),
        other => {
            let quoted = quote(&other.to_string());
            format!("'{}'", quoted.trim_start_matches('"').trim_end_matches('"'))
        }
    }
}

/// The Go type of a value that cannot be a key of a Go map.
#[must_use]
pub fn unhashable(key: &Value<'_>) -> Option<&'static str> {
    match key {
        Value::Bytes(_) => Some(type_name(key)),
        Value::Opaque(value) if value.unhashable() => Some(value.go_type()),
        _ => None,
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
    if depth > MAX_DEPTH || out.len() > MAX_TEXT {
        out.push_str("...");
        return;
    }
    match value {
        // an enumeration without a text of its own
        Value::Null => out.push('0'),
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
            for at in 0..list.len() {
                if out.len() > MAX_TEXT {
                    break;
                }
                if at > 0 {
                    out.push_str(", ");
                }
                match list {
                    // cel-go wraps the elements of a document's list when they are read
                    ListValue::Borrowed(items) => {
                        if let Some(item) = items.get(at) {
                            print_native(out, item, depth + 1);
                        }
                    }
                    ListValue::Shared(items) => {
                        if let Some(item) = items.get(at) {
                            print_to(out, item, depth + 1);
                        }
                    }
                }
            }
            out.push(']');
        }
        Value::Map(map) => {
            out.push('{');
            for (at, (key, item)) in map.iter().enumerate() {
                if out.len() > MAX_TEXT {
                    break;
                }
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
        // Go prints addresses here
        Value::Object(value) => {
            let _ = write!(out, "&{{{}}}", value.type_name());
        }
        Value::Opaque(value) => out.push_str(&value.to_text()),
    }
}

/// A text in Go's `%q`: double quotes, with escapes for what cannot be printed.
#[must_use]
pub fn quote(text: &str) -> String {
    let mut quoted = String::with_capacity(text.len() + 2);
    quoted.push('"');
    for char in text.chars() {
        match char {
            '"' => quoted.push_str("\\\""),
            '\\' => quoted.push_str("\\\\"),
            '\u{7}' => quoted.push_str("\\a"),
            '\u{8}' => quoted.push_str("\\b"),
            '\u{c}' => quoted.push_str("\\f"),
            '\n' => quoted.push_str("\\n"),
            '\r' => quoted.push_str("\\r"),
            '\t' => quoted.push_str("\\t"),
            '\u{b}' => quoted.push_str("\\v"),
            _ if printable(char) => quoted.push(char),
            _ => {
                let code = u32::from(char);
                quoted.push_str(&match code {
                    0..=0x1f | 0x7f => format!("\\x{code:02x}"),
                    0x80..=0xffff => format!("\\u{code:04x}"),
                    _ => format!("\\U{code:08x}"),
                });
            }
        }
    }
    quoted.push('"');
    quoted
}

/// Whether Go prints a character as it is. Rust's debug form has the same set, except that it
/// escapes a combining mark at the start of a text.
fn printable(char: char) -> bool {
    match char {
        ' '..='~' => true,
        _ if char.is_whitespace() => false,
        _ => {
            ['a', char]
                .iter()
                .collect::<String>()
                .escape_debug()
                .count()
                == 2
        }
    }
}

/// What a document holds as `%v` prints it: Go sorts the keys of a map.
fn print_native(out: &mut String, node: &Node, depth: u32) {
    match node {
        Node::List(items) if depth <= MAX_DEPTH => {
            out.push('[');
            for (at, item) in items.iter().enumerate() {
                if at > 0 {
                    out.push(' ');
                }
                print_native(out, item, depth + 1);
            }
            out.push(']');
        }
        Node::Map(fields) if depth <= MAX_DEPTH => {
            let mut entries: Vec<_> = fields.iter().collect();
            entries.sort_unstable_by_key(|(key, _)| *key);
            out.push_str("map[");
            for (at, (key, item)) in entries.into_iter().enumerate() {
                if at > 0 {
                    out.push(' ');
                }
                out.push_str(key);
                out.push(':');
                print_native(out, item, depth + 1);
            }
            out.push(']');
        }
        Node::Null => out.push_str("<nil>"),
        other => print_to(out, &Value::from(other), depth),
    }
}
