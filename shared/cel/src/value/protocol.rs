//! Values as the JSON of the case protocol.

use std::fmt::Write as _;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::{Value, duration, number};

/// Nesting beyond which a value prints as null.
const MAX_DEPTH: u32 = 200;

/// The longest text of a value, in bytes.
const MAX_TEXT: usize = 4 << 20;

/// The JSON text of a value: bytes are base64, a double that JSON has no number for is a text, an
/// optional is `{"optional": value}`, a library's value is `{"TYPE": text}`. `None` where it
/// is longer than a reader should be given: a value may hold another many times over.
#[must_use]
pub fn json(value: &Value<'_>) -> Option<String> {
    let mut out = String::new();
    write_json(&mut out, value, 0);
    (out.len() <= MAX_TEXT).then_some(out)
}

fn write_json(out: &mut String, value: &Value<'_>, depth: u32) {
    if depth > MAX_DEPTH || out.len() > MAX_TEXT {
        out.push_str("null");
        return;
    }
    match value {
        Value::Null => out.push_str("null"),
        Value::Bool(value) => out.push_str(if *value { "true" } else { "false" }),
        Value::Int(value) => {
            let _ = write!(out, "{value}");
        }
        Value::Uint(value) => {
            let _ = write!(out, "{value}");
        }
        Value::Double(value) if value.is_finite() => out.push_str(&number::format_json(*value)),
        Value::Double(value) => write_text(out, &number::format_g(*value)),
        Value::String(text) => write_text(out, text),
        Value::Bytes(bytes) => write_text(out, &STANDARD.encode(bytes)),
        Value::List(list) => {
            out.push('[');
            for (at, item) in list.iter().enumerate() {
                if out.len() > MAX_TEXT {
                    break;
                }
                if at > 0 {
                    out.push(',');
                }
                write_json(out, &item, depth + 1);
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
                    out.push(',');
                }
                write_text(out, &key_text(&key));
                out.push(':');
                write_json(out, &item, depth + 1);
            }
            out.push('}');
        }
        Value::Duration(nanos) => write_text(out, &duration::format(*nanos)),
        Value::Timestamp(time) => write_text(out, &time.format()),
        Value::Type(of) => write_text(out, of.name()),
        Value::Optional(inner) => {
            out.push_str("{\"optional\":");
            write_json(out, inner.as_deref().unwrap_or(&Value::Null), depth + 1);
            out.push('}');
        }
        Value::Object(value) => {
            out.push('{');
            for (at, (name, item)) in value.fields().iter().enumerate() {
                if out.len() > MAX_TEXT {
                    break;
                }
                if at > 0 {
                    out.push(',');
                }
                write_text(out, name);
                out.push(':');
                write_json(out, item, depth + 1);
            }
            out.push('}');
        }
        Value::Opaque(value) => {
            out.push('{');
            write_text(out, value.type_of().name());
            out.push(':');
            write_text(out, &value.to_text());
            out.push('}');
        }
    }
}

/// A map's key as a text: `?` where CEL's `string()` has none for it.
fn key_text(key: &Value<'_>) -> String {
    match super::convert::convert(key, &crate::types::Type::String) {
        Ok(Value::String(text)) => text.to_string(),
        _ => match key {
            // Kubernetes' only values that have one, though CEL's function has no overload for them
            Value::Opaque(value) if matches!(value.type_of().name(), "net.IP" | "net.CIDR") => {
                value.to_text()
            }
            _ => "?".to_owned(),
        },
    }
}

fn write_text(out: &mut String, text: &str) {
    out.push('"');
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            c if u32::from(c) < 0x20 => {
                let _ = write!(out, "\\u{:04x}", u32::from(c));
            }
            c => out.push(c),
        }
    }
    out.push('"');
}
