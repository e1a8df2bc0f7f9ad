//! Resources that are embedded in custom objects: kind, version and metadata.

use vapwright_cel::document::Node;

use super::schema::{Additional, Schema};
use crate::validate::{At, Errors, Shown, embedded_meta, label_1035};

/// `objectmeta.Validate`
pub(super) fn validate(errors: &mut Errors, schema: Schema<'_>, object: &Node) {
    walk(errors, schema, object, &At::Root);
}

fn walk(errors: &mut Errors, schema: Schema<'_>, node: &Node, at: &At<'_>) {
    match node {
        Node::Map(fields) => {
            if schema.embedded() {
                resource(errors, node, at);
            }
            for (name, value) in fields.iter() {
                if let Some(schema) = schema.property(name) {
                    walk(errors, schema, value, &at.field(name));
                } else if let Additional::Schema(schema) = schema.additional() {
                    walk(errors, schema, value, &at.key(name));
                }
            }
        }
        Node::List(items) => {
            if let Some(schema) = schema.schema("items") {
                for (index, item) in items.iter().enumerate() {
                    walk(errors, schema, item, &at.index(index));
                }
            }
        }
        _ => {}
    }
}

fn resource(errors: &mut Errors, node: &Node, at: &At<'_>) {
    let text = |key: &str| node.get(key).map(|node| node.as_str().unwrap_or_default());
    for key in ["apiVersion", "kind"] {
        if text(key).is_none() {
            errors.required(&at.field(key), "");
        }
    }
    for key in ["apiVersion", "kind"] {
        let Some(text) = text(key) else { continue };
        let detail = match key {
            _ if text.is_empty() => "must not be empty".to_owned(),
            "apiVersion" if text.matches('/').count() > 1 => {
                format!("unexpected GroupVersion string: {text}")
            }
            "kind" => match label_1035(&text.to_lowercase()).as_slice() {
                [] => continue,
                wrong => {
                    let wrong = wrong.join(",");
                    format!("may have mixed case, but should otherwise match: {wrong}")
                }
            },
            _ => continue,
        };
        errors.invalid(&at.field(key), Shown::Text(text), &detail);
    }
    if let Some(metadata) = node.get("metadata") {
        embedded_meta(errors, &at.field("metadata"), metadata);
    }
}
