//! Objects that a mutating policy has changed, as the API server reads them again.

use vapwright_cel::document::{Fields, Node};
use vapwright_cel::value::go::quote;
use vapwright_cel::value::number::format_g;

use super::{decode, defaults, typed, workloads};
use crate::document::{Document, Places};
use crate::json;
use crate::kinds::Gvk;
use crate::quantity::Quantity;
use crate::schema::time;
use crate::schema::{Form, Schema, Type, base64_error, built_in, check_with};

/// The scheme of the API server, as its errors name it.
const SCHEME: &str = "pkg/api/legacyscheme/scheme.go:30";

/// An object as its type holds it, without defaults; objects of unknown kinds as they are.
#[must_use]
pub fn round_trip(node: &Node) -> Node {
    round_trip_with(built_in(), node)
}

fn round_trip_with(schema: &Schema, node: &Node) -> Node {
    let Some((_, object)) = typed(schema, node) else {
        return node.clone();
    };
    let mut node = decode::decode(schema, object, node, &mut decode::Left::default());
    if let Node::Map(fields) = &mut node {
        decode::fill(schema, object, fields);
    }
    node
}

/// Sets the defaults of an object's type.
pub fn set_defaults(node: &mut Node) {
    let schema = built_in();
    if let Some((kind, object)) = typed(schema, node)
        && let Node::Map(fields) = node
    {
        workloads::defaults(&kind.gvk, fields);
        defaults::defaults(schema, object, fields);
        decode::fill(schema, object, fields);
    }
}

/// Reads an object that a JSON patch made, strictly, into the type of the object that was patched.
///
/// # Errors
/// `strict decoding error: unknown field "spec.foo"` and the like.
pub fn read_json(patched: &Node, before: &Gvk) -> Result<Node, String> {
    let schema = built_in();
    let patched = sorted(patched);
    let kind = interpret(&patched)?;
    if schema.kind(before).is_none() {
        if kind.kind.is_empty() {
            return Err(missing_kind(&patched));
        }
        return Ok(patched);
    }
    let mut fields = match patched {
        Node::Map(fields) => fields,
        _ => Fields::new(),
    };
    // what the text does not say, the type says
    let kind = with_defaults(kind, before);
    fields.insert("apiVersion", Node::string(kind.api_version()));
    fields.insert("kind", Node::string(kind.kind.as_str()));
    let node = Node::Map(fields);
    if schema.kind(&kind).is_none() {
        return Err(format!(
            "no kind {} is registered for version {} in scheme \"{SCHEME}\"",
            quote(&kind.kind),
            quote(&kind.api_version())
        ));
    }
    let places = places(&node);
    let document = Document { node, places };
    let problems = check_with(schema, &document);
    if let Some(problem) = problems.iter().find(|problem| problem.code == "wrong-type") {
        return Err(problem.message.clone());
    }
    const STRICT: &str = "strict decoding error: ";
    let unknown: Vec<&str> = problems
        .iter()
        .filter_map(|problem| problem.message.strip_prefix(STRICT))
        .collect();
    if !unknown.is_empty() {
        return Err(format!("{STRICT}{}", unknown.join(", ")));
    }
    Ok(round_trip_with(schema, &document.node))
}

/// Reads an object that the merge of an apply configuration made into its type: what is unknown was
/// refused before, and an integer that is too large for its field is cut.
///
/// # Errors
/// `unable to convert unstructured object to /v1, Kind=Pod: cannot convert float64 to int32` and the
/// like.
pub fn read_merged(merged: &Node, kind: &Gvk) -> Result<Node, String> {
    let schema = built_in();
    let Some((_, object)) = typed(schema, merged) else {
        return Ok(merged.clone());
    };
    let converted = convert_fields(schema, object, merged).map_err(|why| {
        let Gvk {
            group,
            version,
            kind,
        } = kind;
        format!("unable to convert unstructured object to {group}/{version}, Kind={kind}: {why}")
    })?;
    Ok(round_trip_with(schema, &converted))
}

fn convert_fields(schema: &Schema, object: &Type, node: &Node) -> Result<Node, String> {
    let Node::Map(fields) = node else {
        return Ok(node.clone());
    };
    let mut out = Fields::new();
    for (name, node) in fields.iter() {
        let node = match object.field(name) {
            Some(field) => convert(schema, &field.form, node)?,
            None => node.clone(),
        };
        out.push(name.clone(), node);
    }
    Ok(Node::Map(out))
}

/// A value as the Go field of its form takes it.
#[allow(clippy::cast_possible_truncation)]
fn convert(schema: &Schema, form: &Form, node: &Node) -> Result<Node, String> {
    Ok(match (form, node) {
        (_, Node::Null) => Node::Null,
        (Form::Int32, Node::Int(value)) => Node::Int(i64::from(*value as i32)),
        (Form::Int32 | Form::Int64, Node::Double(value)) => {
            let bits = if *form == Form::Int32 { 32 } else { 64 };
            if value.trunc() != *value {
                return Err(format!("cannot convert float64 to int{bits}"));
            }
            convert(schema, form, &Node::Int(to_int(*value)))?
        }
        (Form::Time | Form::MicroTime, Node::String(text)) => {
            match time::error(text, *form == Form::MicroTime) {
                Some(error) => return Err(error),
                None => node.clone(),
            }
        }
        (Form::Time | Form::MicroTime, other) => return Err(not_a(other, "string")),
        (Form::IntOrString, Node::Int(value)) => match i32::try_from(*value) {
            Ok(_) => node.clone(),
            Err(_) => return Err(not_a_number(&value.to_string())),
        },
        (Form::IntOrString, Node::Double(value)) => {
            return Err(not_a_number(&format_g(*value)));
        }
        (Form::IntOrString, Node::Bool(_)) => return Err(not_a(node, "int32")),
        (Form::Quantity, node) => {
            let text = match node {
                Node::String(text) => text.to_string(),
                other => json::write(other),
            };
            match Quantity::parse(text.trim()) {
                Ok(_) => node.clone(),
                Err(why) => return Err(why.to_owned()),
            }
        }
        (Form::Bytes, Node::String(text)) => match base64_error(text) {
            Some(offset) => {
                return Err(format!(
                    "error decoding from json: illegal base64 data at input byte {offset}"
                ));
            }
            None => node.clone(),
        },
        (Form::Struct(id), node) => match schema.get(*id) {
            Some(object) => convert_fields(schema, object, node)?,
            None => node.clone(),
        },
        (Form::List(form, _), Node::List(items)) => {
            let items = items.iter().map(|item| convert(schema, form, item));
            Node::List(items.collect::<Result<_, _>>()?)
        }
        (Form::Map(form), Node::Map(fields)) => {
            let mut out = Fields::new();
            for (name, node) in fields.iter() {
                out.push(name.clone(), convert(schema, form, node)?);
            }
            Node::Map(out)
        }
        (_, other) => other.clone(),
    })
}

/// An integer as Go makes one of a double on the processors that servers have: what is too large or
/// too small becomes the least.
#[allow(clippy::cast_possible_truncation)]
fn to_int(value: f64) -> i64 {
    const LIMIT: f64 = 9_223_372_036_854_775_808.0;
    if (-LIMIT..LIMIT).contains(&value) {
        value as i64
    } else {
        i64::MIN
    }
}

fn not_a(node: &Node, go_type: &str) -> String {
    let found = json_type(node);
    format!("json: cannot unmarshal {found} into Go value of type {go_type}")
}

fn not_a_number(text: &str) -> String {
    format!("json: cannot unmarshal number {text} into Go value of type int32")
}

/// The kind that a JSON text says it is of.
fn interpret(node: &Node) -> Result<Gvk, String> {
    const PARSE: &str = "couldn't get version/kind; json parse error: json: cannot unmarshal";
    let fields = match node {
        Node::Map(fields) => fields,
        Node::Null => return Ok(Gvk::default()),
        other => {
            return Err(format!(
                "{PARSE} {} into Go value of type struct {{ APIVersion string \
                 \"json:\\\"apiVersion,omitempty\\\"\"; Kind string \
                 \"json:\\\"kind,omitempty\\\"\" }}",
                json_type(other)
            ));
        }
    };
    let text = |name: &str| match fields.get(name) {
        Some(Node::String(text)) => Ok(text.to_string()),
        None | Some(Node::Null) => Ok(String::new()),
        Some(other) => Err(format!(
            "{PARSE} {} into Go struct field .{name} of type string",
            json_type(other)
        )),
    };
    Ok(Gvk::new(&text("apiVersion")?, &text("kind")?))
}

/// A JSON value's type, as Go's errors name it.
const fn json_type(node: &Node) -> &'static str {
    match node {
        Node::Null => "null",
        Node::Bool(_) => "bool",
        Node::Int(_) | Node::Double(_) => "number",
        Node::String(_) => "string",
        Node::List(_) => "array",
        Node::Map(_) => "object",
    }
}

fn with_defaults(kind: Gvk, before: &Gvk) -> Gvk {
    let mut kind = kind;
    if kind.kind.is_empty() {
        kind.kind.clone_from(&before.kind);
    }
    if kind.version.is_empty() && kind.group.is_empty() {
        kind.group.clone_from(&before.group);
        kind.version.clone_from(&before.version);
    }
    if kind.version.is_empty() && kind.group == before.group {
        kind.version.clone_from(&before.version);
    }
    kind
}

fn missing_kind(node: &Node) -> String {
    format!("Object 'Kind' is missing in '{}'", json::write(node))
}

/// With the keys of all maps in ascending order, as Go writes them.
fn sorted(node: &Node) -> Node {
    match node {
        Node::Map(fields) => {
            let mut entries: Vec<_> = fields.iter().collect();
            entries.sort_unstable_by_key(|(key, _)| *key);
            Node::map(
                entries
                    .into_iter()
                    .map(|(key, node)| (key.clone(), sorted(node))),
            )
        }
        Node::List(items) => Node::List(items.iter().map(sorted).collect()),
        other => other.clone(),
    }
}

/// Places of a document that nobody wrote.
fn places(node: &Node) -> Places {
    let children = match node {
        Node::Map(fields) => fields.iter().map(|(_, node)| places(node)).collect(),
        Node::List(items) => items.iter().map(places).collect(),
        _ => Vec::new(),
    };
    Places {
        children,
        ..Places::default()
    }
}
