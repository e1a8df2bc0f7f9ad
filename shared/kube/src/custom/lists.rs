//! Lists that are sets or maps: no entry comes twice.

use vapwright_cel::document::Node;

use super::raise;
use super::schema::{Additional, Schema};
use super::values::{json, shown};
use crate::validate::{At, ErrorKind, FieldError};

/// `ValidateListSetsAndMaps`
pub(super) fn validate(
    errors: &mut Vec<FieldError>,
    schema: Option<Schema<'_>>,
    node: &Node,
    at: &At<'_>,
) {
    let Some(schema) = schema else { return };
    match node {
        Node::Map(fields) => {
            if let Additional::Schema(schema) = schema.additional() {
                for (name, value) in fields.iter() {
                    validate(errors, Some(schema), value, &at.key(name));
                }
            }
            for (name, value) in fields.iter() {
                validate(errors, schema.property(name), value, &at.field(name));
            }
        }
        Node::List(items) => {
            match schema.text("x-kubernetes-list-type") {
                "set" => repeats(errors, items, at, shown),
                "map" => map(errors, schema, items, at),
                _ => {}
            }
            if let Some(schema) = schema.schema("items") {
                for (index, item) in items.iter().enumerate() {
                    validate(errors, Some(schema), item, &at.index(index));
                }
            }
        }
        _ => {}
    }
}

/// An error for each item that is there before, once.
fn repeats(
    errors: &mut Vec<FieldError>,
    items: &[Node],
    at: &At<'_>,
    show: impl Fn(&Node) -> String,
) {
    // by their JSON, which is faster than to compare each with each
    let mut seen = std::collections::BTreeMap::new();
    for (index, item) in items.iter().enumerate() {
        let count: &mut usize = seen.entry(json(item)).or_default();
        *count += 1;
        if *count == 2 {
            raise(
                errors,
                ErrorKind::Duplicate,
                &at.index(index),
                Some(&show(item)),
                "",
            );
        }
    }
}

fn map(errors: &mut Vec<FieldError>, schema: Schema<'_>, items: &[Node], at: &At<'_>) {
    let other = |item: &&Node| !matches!(item, Node::Map(_) | Node::Null);
    if let Some(index) = items.iter().position(|item| other(&item)) {
        let value = items.get(index).map(shown);
        let detail = "must be an object for an array of list-type map";
        raise(
            errors,
            ErrorKind::Invalid,
            &at.index(index),
            value.as_deref(),
            detail,
        );
        return;
    }
    let keys = items.iter().map(|item| {
        let keys = schema.texts("x-kubernetes-list-map-keys");
        Node::map(keys.filter_map(|key| Some((key, item.get(key)?.clone()))))
    });
    repeats(errors, &keys.collect::<Vec<_>>(), at, json);
}
