//! What is left of an object once it was decoded into its type, and what its type adds.

use base64::Engine as _;
use vapwright_cel::document::{Fields, Node};

use crate::path::Path;
use crate::quantity::Quantity;
use crate::schema::{Field, Form, Schema, Type};

/// Decodes an object: without fields its type does not have, and without values its type does
/// not tell from absent ones.
pub(super) fn decode(schema: &Schema, object: &Type, node: &Node, left: &mut Left) -> Node {
    let mut decoder = Decoder { schema, left };
    decoder.fields(object, node, &Path::root())
}

/// What decoding leaves out.
#[derive(Debug, Default)]
pub(super) struct Left {
    /// Fields that the type does not have.
    pub unknown: Vec<Path>,
    /// Lists and maps with nothing in them, which Go tells from none until it writes them.
    pub empty: Vec<(Path, Node)>,
}

struct Decoder<'s> {
    schema: &'s Schema,
    left: &'s mut Left,
}

impl Decoder<'_> {
    /// The fields of a struct; recursion goes no deeper than the document does.
    fn fields(&mut self, object: &Type, node: &Node, path: &Path) -> Node {
        let Node::Map(fields) = node else {
            return node.clone();
        };
        let mut out = Fields::new();
        for (name, node) in fields.iter() {
            let path = path.field(name);
            let Some(field) = object.field(name) else {
                self.left.unknown.push(path);
                continue;
            };
            if node.is_null() {
                continue;
            }
            let node = self.value(&field.form, node, &path);
            if !is_absent(field, &node) {
                out.push(name.clone(), node);
            } else if matches!(node, Node::List(_) | Node::Map(_)) {
                self.left.empty.push((path, node));
            }
        }
        Node::Map(out)
    }

    fn value(&mut self, form: &Form, node: &Node, path: &Path) -> Node {
        match (form, node) {
            (Form::Struct(id), Node::Map(_)) => match self.schema.get(*id) {
                Some(object) => self.fields(object, node, path),
                None => node.clone(),
            },
            (Form::List(form, _), Node::List(items)) => {
                let items = items.iter().enumerate().map(|(index, item)| {
                    if item.is_null() {
                        zero(form)
                    } else {
                        self.value(form, item, &path.index(index))
                    }
                });
                Node::List(items.collect())
            }
            (Form::Map(form), Node::Map(fields)) => {
                let rounds = **form == Form::Quantity;
                let fields = fields.iter().map(|(key, node)| {
                    let node = if node.is_null() {
                        zero(form)
                    } else {
                        self.value(form, node, &path.field(key))
                    };
                    // maps of quantities are resource lists
                    let node = if rounds { quantity(&node, true) } else { node };
                    (key.clone(), node)
                });
                Node::Map(fields.collect())
            }
            (Form::Quantity, node) => quantity(node, false),
            // Go reads bytes from a list of numbers, too
            (Form::Bytes, Node::List(items)) => {
                let bytes = items.iter().map(|item| item.as_int().unwrap_or(0));
                let bytes: Vec<u8> = bytes.filter_map(|byte| byte.try_into().ok()).collect();
                Node::string(base64::engine::general_purpose::STANDARD.encode(bytes))
            }
            _ => node.clone(),
        }
    }
}

/// A quantity as it is given back.
fn quantity(node: &Node, round: bool) -> Node {
    let text = match node {
        Node::String(text) => text.trim().to_owned(),
        Node::Int(value) => value.to_string(),
        Node::Double(value) => value.to_string(),
        _ => return node.clone(),
    };
    match Quantity::parse(&text) {
        Ok(quantity) if round => Node::string(quantity.rounded_to_milli().canonical()),
        Ok(quantity) => Node::string(quantity.canonical()),
        Err(_) => node.clone(),
    }
}

/// Whether a value is one that the field's type does not tell from none.
fn is_absent(field: &Field, node: &Node) -> bool {
    if field.pointer {
        return false;
    }
    match node {
        // bytes without one are still bytes
        Node::String(text) => text.is_empty() && !(field.always && field.form == Form::Bytes),
        Node::Bool(value) => !value,
        Node::Int(value) => *value == 0 && field.form != Form::IntOrString,
        Node::Double(value) => *value == 0.0,
        Node::List(items) => items.is_empty() && !field.always,
        Node::Map(fields) => {
            fields.is_empty() && !field.always && matches!(field.form, Form::Map(_))
        }
        Node::Null => true,
    }
}

/// The zero value of a form, as an item of a list.
fn zero(form: &Form) -> Node {
    match form {
        Form::String => Node::string(""),
        Form::Bool => Node::Bool(false),
        Form::Int32 | Form::Int64 | Form::IntOrString => Node::Int(0),
        Form::Double => Node::Double(0.0),
        Form::Quantity => Node::string("0"),
        Form::Struct(_) => Node::Map(Fields::new()),
        Form::Bytes | Form::Time | Form::MicroTime | Form::Any | Form::List(..) | Form::Map(_) => {
            Node::Null
        }
    }
}

/// Adds the fields that are always there.
pub(super) fn fill(schema: &Schema, object: &Type, fields: &mut Fields) {
    for field in &object.fields {
        if field.always && fields.get(&field.name).is_none() {
            // a pointer without a value is null; a quantity is always one
            let node = match &field.form {
                Form::Quantity => zero(&field.form),
                _ if field.pointer => Node::Null,
                form => zero(form),
            };
            fields.push(field.name.as_str(), node);
        }
        if let Some(node) = fields.get_mut(&field.name) {
            fill_value(schema, &field.form, node);
        }
    }
}

fn fill_value(schema: &Schema, form: &Form, node: &mut Node) {
    match (form, node) {
        (Form::Struct(id), Node::Map(fields)) => {
            if let Some(object) = schema.get(*id) {
                fill(schema, object, fields);
            }
        }
        (Form::List(form, _), Node::List(items)) => {
            for item in items {
                fill_value(schema, form, item);
            }
        }
        (Form::Map(form), Node::Map(fields)) => {
            for (_, node) in fields.iter_mut() {
                fill_value(schema, form, node);
            }
        }
        _ => {}
    }
}
