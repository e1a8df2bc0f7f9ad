//! Values as JSON, by way of `google.protobuf.Value` as Kubernetes' JSON patches have it: numbers are
//! doubles, and integers that would lose digits are texts.

use base64::Engine as _;

use super::message::{Native, native};
use crate::document::{Fields, Node};
use crate::value::{ListValue, MapValue, ObjectValue, Value, go, object};

/// From here on JSON has an exponent.
const LARGE: f64 = 1e21;
/// Nesting beyond which a value is not converted.
const MAX_DEPTH: u32 = 200;

/// Why a value is no JSON.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum JsonError {
    /// In cel-go's words.
    Unsupported(String),
    /// cel-go panics: an object in a list or a map.
    Panic(&'static str),
}

/// The JSON of a value.
///
/// # Errors
/// Where it has none: `type conversion error from 'Quantity' to '*structpb.Value'`.
pub fn to_json(value: &Value<'_>) -> Result<Node, JsonError> {
    match value {
        Value::Optional(Some(inner)) => to_json(inner),
        Value::Object(object) if !object.is_json_patch() => {
            let node = object_node(object, 0).map_err(JsonError::Unsupported)?;
            finite(&node, "*structpb.Struct")?;
            Ok(node)
        }
        value => {
            if let Some(text) = panics(value, 0) {
                return Err(JsonError::Panic(text));
            }
            let value = native(value, Native::Value, 0).map_err(JsonError::Unsupported)?;
            let node = plain_node(&value, 0);
            finite(&node, "*structpb.Value")?;
            Ok(node)
        }
    }
}

/// JSON has no number for what is not finite.
fn finite(node: &Node, go_type: &str) -> Result<(), JsonError> {
    let Some(value) = not_finite(node) else {
        return Ok(());
    };
    Err(JsonError::Unsupported(format!(
        "json: error calling MarshalJSON for type {go_type}: proto: \
         google.protobuf.Value.number_value: invalid {} value",
        crate::value::number::format_g(value)
    )))
}

fn not_finite(node: &Node) -> Option<f64> {
    match node {
        Node::Double(value) if !value.is_finite() => Some(*value),
        Node::List(items) => items.iter().find_map(not_finite),
        Node::Map(fields) => fields.iter().find_map(|(_, node)| not_finite(node)),
        _ => None,
    }
}

/// Where Go cannot put the message that an object is into a list or a map of values.
fn panics(value: &Value<'_>, depth: u32) -> Option<&'static str> {
    if depth > MAX_DEPTH {
        return None;
    }
    let inside = |value: &Value<'_>, text| match value {
        Value::Object(object) if !object.is_json_patch() => Some(text),
        value => panics(value, depth + 1),
    };
    match value {
        Value::Optional(Some(inner)) => panics(inner, depth + 1),
        Value::List(ListValue::Shared(items)) => items.iter().find_map(|item| {
            inside(
                item,
                "reflect.Set: value of type *structpb.Struct is not assignable to type *structpb.Value",
            )
        }),
        Value::Map(MapValue::Shared(entries)) => entries.iter().find_map(|(_, item)| {
            inside(
                item,
                "reflect.Value.SetMapIndex: value of type *structpb.Struct is not assignable to type *structpb.Value",
            )
        }),
        _ => None,
    }
}

/// A double as JSON prints it and Kubernetes reads it again: without a fraction it is an integer.
#[allow(clippy::cast_possible_truncation)]
fn number(value: f64) -> Node {
    // doubles of 2^63 and more are no 64-bit integers
    const LIMIT: f64 = 9_223_372_036_854_775_808.0;
    let whole = value.trunc() == value && value.abs() < LARGE;
    if whole && (-LIMIT..LIMIT).contains(&value) {
        Node::Int(value as i64)
    } else {
        Node::Double(value)
    }
}

/// What a `google.protobuf.Value` holds.
fn plain_node(value: &Value<'_>, depth: u32) -> Node {
    if depth > MAX_DEPTH {
        return Node::Null;
    }
    match value {
        Value::Bool(value) => Node::Bool(*value),
        Value::Double(value) => number(*value),
        Value::String(text) => Node::string(text.as_str()),
        Value::List(list) => Node::List(
            list.iter()
                .map(|item| plain_node(&item, depth + 1))
                .collect(),
        ),
        Value::Map(map) => {
            let mut fields = Fields::new();
            for (key, item) in map.iter() {
                fields.insert(
                    key.as_str().unwrap_or_default(),
                    plain_node(&item, depth + 1),
                );
            }
            Node::Map(fields)
        }
        _ => Node::Null,
    }
}

/// An object as `structpb.NewStruct` has it, whose integers are doubles whatever they lose.
fn object_node(object: &ObjectValue<'_>, depth: u32) -> Result<Node, String> {
    let mut fields = Fields::new();
    for (name, value) in object.fields() {
        let node = field_node(value, depth, true).map_err(|(at, why)| match at {
            At::Field => format!("fail to convert field {}: {why}", go::quote(name)),
            At::Value => why,
        })?;
        fields.insert(name.clone(), node);
    }
    Ok(Node::Map(fields))
}

/// Where an error comes from: the conversion of a field to a Go value, or of that to a message.
enum At {
    Field,
    Value,
}

/// The value of a field; lists and maps that are made in an expression are Go's one level deep.
#[allow(clippy::cast_precision_loss)]
fn field_node(value: &Value<'_>, depth: u32, outer: bool) -> Result<Node, (At, String)> {
    let invalid = |value: &Value<'_>| {
        let go_type = invalid_type(value);
        Err((At::Value, format!("proto: invalid type: {go_type}")))
    };
    if depth > MAX_DEPTH {
        return Ok(Node::Null);
    }
    Ok(match value {
        Value::Bool(value) => Node::Bool(*value),
        Value::Int(value) => number(*value as f64),
        Value::Uint(value) => number(*value as f64),
        Value::Double(value) => number(*value),
        Value::String(text) => Node::string(text.as_str()),
        Value::Type(of) => Node::string(of.name()),
        Value::Bytes(bytes) => {
            Node::string(base64::engine::general_purpose::STANDARD.encode(bytes))
        }
        Value::Optional(None) => Node::Null,
        Value::Optional(Some(inner)) => return field_node(inner, depth + 1, false),
        Value::Object(object) if !object.is_json_patch() => {
            object_node(object, depth + 1).map_err(|why| (At::Value, why))?
        }
        Value::List(ListValue::Borrowed(items)) => {
            Node::List(items.iter().map(|item| doubles(item, depth + 1)).collect())
        }
        Value::Map(MapValue::Borrowed(fields)) => {
            let fields = fields.iter();
            Node::map(fields.map(|(name, node)| (name.clone(), doubles(node, depth + 1))))
        }
        Value::List(ListValue::Shared(items)) if outer => {
            let items = items.iter().map(|item| field_node(item, depth + 1, false));
            Node::List(items.collect::<Result<_, _>>()?)
        }
        Value::Map(MapValue::Shared(entries)) if outer => {
            let mut fields = Fields::new();
            for (key, item) in entries.iter() {
                let Value::String(name) = key else {
                    return Err((At::Field, object::key_error(key)));
                };
                fields.insert(name.as_str(), field_node(item, depth + 1, false)?);
            }
            Node::Map(fields)
        }
        other => return invalid(other),
    })
}

/// What a document holds, with its integers as doubles.
#[allow(clippy::cast_precision_loss)]
fn doubles(node: &Node, depth: u32) -> Node {
    match node {
        Node::Int(value) => number(*value as f64),
        Node::List(items) if depth <= MAX_DEPTH => {
            Node::List(items.iter().map(|item| doubles(item, depth + 1)).collect())
        }
        Node::Map(fields) if depth <= MAX_DEPTH => {
            let fields = fields.iter();
            Node::map(fields.map(|(name, node)| (name.clone(), doubles(node, depth + 1))))
        }
        other => other.clone(),
    }
}

/// The Go type that a message takes no value of.
fn invalid_type(value: &Value<'_>) -> String {
    if let Value::Opaque(opaque) = value
        && let Some(text) = opaque.unwrapped()
        && let Some((_, rest)) = text.split_once('(')
        && let Some((go_type, _)) = rest.split_once(')')
    {
        return go_type.to_owned();
    }
    go::go_type(value).to_owned()
}
