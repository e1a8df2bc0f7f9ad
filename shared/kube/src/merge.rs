//! Apply configurations, merged into objects as `sigs.k8s.io/structured-merge-diff` does for the API
//! server: lists by their keys, atomic parts refused, in its words.

mod given;
mod schema;
mod validate;
mod walk;

use vapwright_cel::document::Node;

pub use given::{Given, Other};
pub use schema::Schemas;
use schema::Shape;

use crate::kinds::Gvk;
use crate::schema::built_in;

/// Merges an apply configuration into an object of a kind.
///
/// # Errors
/// `failed to convert patch object to typed object: .spec.foo: field not declared in schema` and the
/// like.
pub fn apply(
    schemas: &Schemas<'_>,
    kind: &Gvk,
    object: &Node,
    patch: &Given,
) -> Result<Node, String> {
    let shape = schemas.of(kind);
    let errors = validate::check(&shape, patch, false);
    if !errors.is_empty() {
        let errors = validate::join(&errors);
        return Err(format!(
            "failed to convert patch object to typed object: {errors}"
        ));
    }
    let atomics = validate::atomics(&shape, patch);
    if !atomics.is_empty() {
        let atomics = atomics.join(", ");
        return Err(format!(
            "invalid ApplyConfiguration: may not mutate atomic arrays, maps or structs: {atomics}"
        ));
    }
    let object = Given::of(object);
    let errors = validate::check(&shape, &object, true);
    if !errors.is_empty() {
        let errors = validate::join(&errors);
        return Err(format!(
            "failed to convert original object to typed object: {errors}"
        ));
    }
    let merged = walk::merge(&shape, &object, patch)
        .map_err(|errors| format!("failed to merge patch: {}", validate::join(&errors)))?;
    match merged {
        Some(merged @ Given::Map(_)) => {
            // in an object of a custom kind expressions still see a list
            let no_list = match built_in().kind(kind) {
                Some(_) => Node::Null,
                None => Node::List(Vec::new()),
            };
            Ok(merged.into_node(&no_list))
        }
        other => Err(format!(
            "failed to convert typed object to object: failed to convert value to unstructured for type {}",
            other.as_ref().map_or("<nil>", Given::go_type)
        )),
    }
}

/// How deep values are looked into: documents are not deeper.
const MAX_DEPTH: u32 = 300;

/// Where a value is, as errors print it.
type Prefix = String;

/// An error and the place it is about.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Error {
    path: Prefix,
    message: String,
}

impl Error {
    fn new(message: String) -> Vec<Self> {
        vec![Self {
            path: String::new(),
            message,
        }]
    }
}

fn prefixed(mut errors: Vec<Error>, prefix: &str) -> Vec<Error> {
    for error in &mut errors {
        error.path.insert_str(0, prefix);
    }
    errors
}

/// What tells an item of a list from the others: its place as errors print it.
fn element_of(shape: &schema::ListShape<'_>, item: &Given) -> Result<String, String> {
    let keys: Vec<&str> = shape.keys();
    if keys.is_empty() {
        return match item {
            Given::Map(_) => {
                Err("associative list without keys has an element that's a map type".to_owned())
            }
            Given::List(_) | Given::NoList => {
                Err("not supported: associative list with lists as elements".to_owned())
            }
            Given::Null => Err(
                "associative list without keys has an element that's an explicit null".to_owned(),
            ),
            value => Ok(format!("[={}]", value.key_text())),
        };
    }
    let fields = match item {
        Given::Map(fields) => fields,
        Given::Null => {
            return Err("associative list with keys may not have a null element".to_owned());
        }
        _ => {
            return Err("associative list with keys may not have non-map elements".to_owned());
        }
    };
    let mut found: Vec<(&str, String)> = Vec::new();
    for key in &keys {
        let value = fields.iter().find(|(name, _)| **name == **key);
        let text = match value {
            Some((_, value)) => Some(value.key_text()),
            None => default_of(&shape.items(), key)?,
        };
        found.extend(text.map(|text| (*key, text)));
    }
    if found.is_empty() {
        let quoted: Vec<String> = keys
            .iter()
            .map(|key| vapwright_cel::value::go::quote(key))
            .collect();
        return Err(format!(
            "associative list with keys has an element that omits all key fields [{}] (and doesn't have default values for any key fields)",
            quoted.join(" ")
        ));
    }
    found.sort_unstable();
    let found: Vec<String> = found
        .into_iter()
        .map(|(key, text)| format!("{key}={text}"))
        .collect();
    Ok(format!("[{}]", found.join(",")))
}

/// The default of a key of a list's items.
fn default_of(items: &Shape<'_>, key: &str) -> Result<Option<String>, String> {
    let Some(map) = items.atom().map else {
        return Err(format!(
            "couldn't find default value for {key}: associative list may not have non-map types"
        ));
    };
    Ok(map
        .default(key)
        .map(|default| Given::of(&default).key_text()))
}

#[cfg(test)]
mod tests;
