//! Values of custom objects: as errors show them, and as expressions read them.

use std::sync::{Arc, LazyLock};

use base64::Engine as _;
use vapwright_cel::document::Node;
use vapwright_cel::openapi::escape;
use vapwright_cel::value::broken::Broken;
use vapwright_cel::value::go::quote;
use vapwright_cel::value::number::format_g;
use vapwright_cel::value::{ListKeys, ListValue, Timestamp, Value};

use super::formats;
use super::schema::{Additional, Schema};
use crate::schema::base64_error;

/// A value as field errors show it.
pub(super) fn shown(node: &Node) -> String {
    match node {
        Node::String(text) => quote(text),
        Node::Double(value) => format_g(*value),
        other => json(other),
    }
}

/// A value as Go's `encoding/json` writes it.
pub(super) fn json(node: &Node) -> String {
    crate::validate::plain(node)
}

/// The Go type of a decoded value, as `%T` prints it.
pub(super) fn go_type(node: &Node) -> &'static str {
    match node {
        Node::Null => "<nil>",
        Node::Bool(_) => "bool",
        Node::Int(_) => "int64",
        Node::Double(_) => "float64",
        Node::String(_) => "string",
        Node::List(_) => "[]interface {}",
        Node::Map(_) => "map[string]interface {}",
    }
}

/// A decoded value as Go's `%v` prints it.
pub(super) fn go_print(node: &Node) -> String {
    match node {
        Node::Null => "<nil>".to_owned(),
        Node::List(items) => {
            let items: Vec<String> = items.iter().map(go_print).collect();
            format!("[{}]", items.join(" "))
        }
        Node::Map(fields) => {
            let fields = fields.iter();
            let mut fields: Vec<_> = fields
                .map(|(name, value)| (name, format!("{name}:{}", go_print(value))))
                .collect();
            fields.sort();
            let fields: Vec<String> = fields.into_iter().map(|(_, text)| text).collect();
            format!("map[{}]", fields.join(" "))
        }
        Node::String(text) => text.to_string(),
        other => shown(other),
    }
}

/// What rules see of a resource's metadata.
static METADATA: LazyLock<Node> = LazyLock::new(|| {
    let text = Node::map([("type", Node::string("string"))]);
    Node::map([
        ("type", Node::string("object")),
        (
            "properties",
            Node::map([("name", text.clone()), ("generateName", text)]),
        ),
    ])
});
/// What rules see of its kind and version.
static TEXT: LazyLock<Node> = LazyLock::new(|| Node::map([("type", Node::string("string"))]));

/// The fields that rules see of an object: those of its schema, and of a whole resource kind,
/// version and name, unless the schema names all of these itself.
pub(super) fn fields(schema: Schema<'_>, resource: bool) -> Vec<(&str, Schema<'_>)> {
    let own = schema.properties().into_iter().flat_map(|fields| {
        let fields = fields.iter();
        fields.map(|(name, node)| (&**name, Schema(node)))
    });
    if !resource {
        return own.collect();
    }
    let is = |path: &[&str], wanted: &str| {
        let mut found = Some(schema);
        for name in path {
            found = found.and_then(|schema| schema.property(name));
        }
        found.is_some_and(|schema| schema.r#type() == wanted)
    };
    let complete = is(&["kind"], "string")
        && is(&["apiVersion"], "string")
        && is(&["metadata"], "object")
        && is(&["metadata", "name"], "string")
        && is(&["metadata", "generateName"], "string");
    if complete {
        return own.collect();
    }
    let mut fields: Vec<_> = own
        .filter(|(name, _)| !super::schema::is_meta(name))
        .collect();
    fields.push(("kind", Schema(&TEXT)));
    fields.push(("apiVersion", Schema(&TEXT)));
    fields.push(("metadata", Schema(&METADATA)));
    fields
}

/// An error in the place of a value.
fn broken<'d>(message: String) -> Value<'d> {
    Value::Opaque(Arc::new(Broken::new(message)))
}

/// A value as the rules of its schema read it: `UnstructuredToVal`. `resource` says that it is a
/// whole one, whatever the schema says.
pub(super) fn value<'d>(node: &'d Node, schema: Schema<'_>, resource: bool) -> Value<'d> {
    let expected = |what: &str| broken(format!("invalid data, expected {what}"));
    let typed = |what: &str| expected(&format!("{what}, got {}", go_type(node)));
    if node.is_null() {
        return match schema.nullable() {
            true => Value::Null,
            false => broken("invalid data, got null for schema with nullable=false".to_owned()),
        };
    }
    if schema.int_or_string() {
        return match node {
            Node::String(_) | Node::Int(_) => Value::from(node),
            _ => expected("XIntOrString value to be either a string or integer"),
        };
    }
    match (schema.r#type(), node) {
        ("object", Node::Map(_)) => object(node, schema, resource),
        ("object", _) => expected("a map for the provided schema with type=object"),
        ("array", Node::List(items)) => match schema.schema("items") {
            Some(of_items) => {
                let items = items.iter().map(|item| value(item, of_items, false));
                Value::List(ListValue::new(items.collect(), keys(schema)))
            }
            None => broken("invalid array type, expected Items with a non-empty Schema".to_owned()),
        },
        ("array", _) => expected("an array for the provided schema with type=array"),
        ("string", Node::String(text)) => string(node, text, schema.text("format")),
        ("string", _) => typed("string"),
        #[expect(clippy::cast_precision_loss, reason = "as Go does")]
        ("number", Node::Int(number)) => Value::Double(*number as f64),
        ("number", Node::Double(number)) => Value::Double(*number),
        ("number", _) => typed("float"),
        ("integer", Node::Int(_)) | ("boolean", Node::Bool(_)) => Value::from(node),
        ("integer", _) => typed("int"),
        ("boolean", _) => typed("bool"),
        // nothing but equality can be asked of it
        _ => Value::from(node),
    }
}

/// By what the elements of a list are told apart.
fn keys(schema: Schema<'_>) -> ListKeys {
    match schema.text("x-kubernetes-list-type") {
        "set" => ListKeys::Set,
        "map" => {
            let keys = schema.texts("x-kubernetes-list-map-keys");
            ListKeys::Fields(keys.map(Into::into).collect())
        }
        _ => ListKeys::Atomic,
    }
}

fn object<'d>(node: &'d Node, schema: Schema<'_>, resource: bool) -> Value<'d> {
    let Node::Map(entries) = node else {
        return Value::Null;
    };
    let resource = resource || schema.embedded();
    let known = fields(schema, resource);
    let entries = entries.iter().map(|(name, node)| {
        if !known.is_empty() {
            let found = known.iter().find(|(known, _)| *known == &**name);
            return match found {
                // null is as good as absent, but that it counts where objects are compared
                _ if node.is_null() => (Value::string(format!("\0{name}")), Value::Null),
                Some((_, schema)) => {
                    let name = escape(name).unwrap_or_else(|| name.to_string());
                    (Value::string(name), value(node, *schema, false))
                }
                None => (Value::string(name.clone()), Value::from(node)),
            };
        }
        (
            Value::string(name.clone()),
            match schema.additional() {
                Additional::Schema(schema) => value(node, schema, false),
                _ => Value::from(node),
            },
        )
    });
    Value::map(entries)
}

fn string<'d>(node: &'d Node, text: &str, format: &str) -> Value<'d> {
    let timestamp = |text: &str| Timestamp::parse(text).ok().map(Value::Timestamp);
    match format {
        "duration" => match formats::duration(text) {
            Some(nanos) => Value::Duration(nanos),
            None => broken(format!(
                "Invalid duration {text}: unable to parse {text} as duration"
            )),
        },
        "date" => timestamp(&format!("{text}T00:00:00Z"))
            .unwrap_or_else(|| broken(format!("Invalid date formatted string {text}"))),
        "date-time" => timestamp(text)
            .or_else(|| timestamp(&format!("{text}Z")))
            .unwrap_or_else(|| broken(format!("Invalid date-time formatted string {text}"))),
        "byte" => {
            // the alphabet of values is the one of URLs, that of valid texts is not
            let standard = text.replace('-', "+").replace('_', "/");
            let why = text.find(['+', '/']).or_else(|| base64_error(&standard));
            let engine = base64::engine::general_purpose::URL_SAFE;
            match (why, engine.decode(text)) {
                (None, Ok(bytes)) => Value::Bytes(bytes.into()),
                (why, _) => broken(format!(
                    "Invalid byte formatted string {text}: illegal base64 data at input byte {}",
                    why.unwrap_or_default()
                )),
            }
        }
        _ => Value::from(node),
    }
}
