//! What the API server makes of a custom object when it decodes it: unknown fields and nulls are
//! dropped, metadata is read as ObjectMeta, defaults are set.

use vapwright_cel::document::{Fields, Node};

use super::schema::{Additional, Schema, is_meta};
use super::values::shown;
use crate::admit::normal_metadata;
use crate::document::Document;
use crate::path::{Path, Segment};
use crate::problem::Problem;
use crate::schema::{check_metadata, is_wrong, nearest};

/// Decodes an object but for its defaults; says which fields were unknown.
pub(super) fn decode(schema: Schema<'_>, object: &mut Node) -> Vec<Path> {
    let mut unknown = Vec::new();
    if let Some(metadata) = object
        .as_map_mut()
        .and_then(|fields| fields.get_mut("metadata"))
    {
        normal_metadata(metadata);
    }
    prune(
        Some(schema),
        [true, false],
        object,
        &Path::root(),
        &mut unknown,
    );
    drop_nulls(Some(schema), object);
    coerce(schema, object);
    unknown
}

/// What strict decoding finds wrong with an object.
pub(super) fn check(schema: Schema<'_>, document: &Document) -> Vec<Problem> {
    let metadata = Path::root().field("metadata");
    let mut problems = check_metadata(document, &metadata);
    if problems.iter().any(is_wrong) {
        return problems;
    }
    let mut object = document.node.clone();
    let mut unknown = Vec::new();
    prune(
        Some(schema),
        [true, false],
        &mut object,
        &Path::root(),
        &mut unknown,
    );
    let mut unknown: Vec<(String, Path)> = unknown
        .into_iter()
        .map(|path| (dotted(&path), path))
        .collect();
    unknown.sort();
    problems.extend(unknown.into_iter().map(|(written, path)| {
        let message = format!("strict decoding error: unknown field \"{written}\"");
        let range = document
            .find(&path)
            .map(|(_, places)| places.key.unwrap_or(places.range));
        let range = range.unwrap_or_else(|| document.range(&path));
        let problem = Problem::error("unknown-field", message, Some(range)).at_path(&path);
        match near(schema, &path) {
            Some(name) => problem.help(format!("did you mean `{name}`?")),
            None => problem,
        }
    }));
    check_embedded(schema, &object, document, &Path::root(), &mut problems);
    problems
}

/// The field that the schema has where a path leads to one that it does not have.
fn near<'s>(schema: Schema<'s>, path: &Path) -> Option<&'s str> {
    let (last, above) = path.0.split_last()?;
    let Segment::Field(name) = last else {
        return None;
    };
    let mut above = above.iter();
    let holder = above.try_fold(schema, |schema, segment| match segment {
        Segment::Field(name) => schema.field(name),
        Segment::Index(_) => schema.schema("items"),
    })?;
    let names = holder.properties()?.iter();
    nearest(name, names.map(|(name, _)| &**name))
}

/// A path as strict decoding prints it.
fn dotted(path: &Path) -> String {
    let mut written = String::new();
    for segment in &path.0 {
        match segment {
            Segment::Index(index) => written.push_str(&format!("[{index}]")),
            Segment::Field(name) => {
                if !written.is_empty() {
                    written.push('.');
                }
                written.push_str(name);
            }
        }
    }
    written
}

/// Neither a whole object nor preserved.
const PLAIN: [bool; 2] = [false, false];

/// Drops fields that the schema does not name. `resource` says that the object is a whole one,
/// whatever the schema says, and `preserves` the same of what it preserves.
fn prune(
    schema: Option<Schema<'_>>,
    [resource, preserves]: [bool; 2],
    node: &mut Node,
    path: &Path,
    unknown: &mut Vec<Path>,
) {
    let preserves = preserves || schema.is_some_and(Schema::preserves);
    match node {
        Node::Map(fields) => {
            let resource = resource || schema.is_some_and(Schema::embedded);
            let mut gone = Vec::new();
            for (name, value) in fields.iter_mut() {
                if resource && is_meta(name) {
                    continue;
                }
                let path = path.field(name);
                let known = schema.map_or(Additional::Unsaid, |schema| {
                    schema
                        .property(name)
                        .map_or(schema.additional(), Additional::Schema)
                });
                match known {
                    Additional::Schema(schema) => prune(Some(schema), PLAIN, value, &path, unknown),
                    // what stands below has no schema
                    Additional::Allowed(_) => prune(None, PLAIN, value, &path, unknown),
                    Additional::Unsaid if preserves => {}
                    Additional::Unsaid => {
                        unknown.push(path);
                        gone.push(name.clone());
                    }
                }
            }
            for name in gone {
                fields.remove(&name);
            }
        }
        Node::List(items) => {
            let schema = schema.and_then(|schema| schema.schema("items"));
            if preserves && schema.is_none() {
                return;
            }
            for (index, item) in items.iter_mut().enumerate() {
                let flags = [false, preserves];
                prune(schema, flags, item, &path.index(index), unknown);
            }
        }
        _ => {}
    }
}

/// Drops nulls that stand for nothing: of fields that are not nullable and have no default.
fn drop_nulls(schema: Option<Schema<'_>>, node: &mut Node) {
    match node {
        Node::Map(fields) => {
            let mut gone = Vec::new();
            for (name, value) in fields.iter_mut() {
                let schema = schema.and_then(|schema| schema.field(name));
                let drops =
                    schema.is_some_and(|schema| !schema.nullable() && schema.default().is_none());
                if value.is_null() && drops {
                    gone.push(name.clone());
                } else {
                    drop_nulls(schema, value);
                }
            }
            for name in gone {
                fields.remove(&name);
            }
        }
        Node::List(items) => {
            let schema = schema.and_then(|schema| schema.schema("items"));
            for item in items {
                drop_nulls(schema, item);
            }
        }
        _ => {}
    }
}

/// Sets the defaults of a schema.
pub(super) fn set_defaults(schema: Option<Schema<'_>>, node: &mut Node) {
    let Some(schema) = schema else { return };
    let replaced = |schema: Schema<'_>, value: &mut Node| {
        if value.is_null() && !schema.nullable() {
            *value = schema.default().cloned().unwrap_or_default();
        }
    };
    match node {
        Node::Map(fields) => {
            for (name, property) in schema.properties().into_iter().flat_map(Fields::iter) {
                let property = Schema(property);
                let Some(default) = property.default() else {
                    continue;
                };
                let there = fields.get(name);
                if there.is_none_or(|value| value.is_null() && !property.nullable()) {
                    fields.insert(name.clone(), default.clone());
                }
            }
            for (name, value) in fields.iter_mut() {
                if let Some(property) = schema.property(name) {
                    set_defaults(Some(property), value);
                } else if let Additional::Schema(schema) = schema.additional() {
                    replaced(schema, value);
                    set_defaults(Some(schema), value);
                }
            }
        }
        Node::List(items) => {
            let Some(schema) = schema.schema("items") else {
                return;
            };
            for item in items {
                replaced(schema, item);
                set_defaults(Some(schema), item);
            }
        }
        _ => {}
    }
}

/// Reads the metadata of embedded resources as ObjectMeta.
fn coerce(schema: Schema<'_>, node: &mut Node) {
    match node {
        Node::Map(fields) => {
            if schema.embedded()
                && let Some(metadata) = fields.get_mut("metadata")
            {
                normal_metadata(metadata);
            }
            for (name, value) in fields.iter_mut() {
                if let Some(schema) = schema.field(name) {
                    coerce(schema, value);
                }
            }
        }
        Node::List(items) => {
            if let Some(schema) = schema.schema("items") {
                items.iter_mut().for_each(|item| coerce(schema, item));
            }
        }
        _ => {}
    }
}

/// What is wrong with the metadata, kinds and versions of embedded resources.
fn check_embedded(
    schema: Schema<'_>,
    node: &Node,
    document: &Document,
    path: &Path,
    problems: &mut Vec<Problem>,
) {
    match node {
        Node::Map(fields) => {
            for (name, value) in fields.iter() {
                let path = path.field(name);
                let wrong = |detail: &str| {
                    let message = format!("{path}: Invalid value: {}: {detail}", shown(value));
                    Problem::error("wrong-type", message, Some(document.range(&path)))
                        .at_path(&path)
                };
                match &**name {
                    "apiVersion" | "kind" if schema.embedded() && value.as_str().is_none() => {
                        problems.push(wrong("must be a string"));
                    }
                    "metadata" if schema.embedded() => {
                        let found = check_metadata(document, &path);
                        match found.iter().find(|problem| is_wrong(problem)) {
                            Some(problem) => problems.push(wrong(&problem.message)),
                            None => problems.extend(found),
                        }
                    }
                    _ => {}
                }
                if let Some(schema) = schema.field(name) {
                    check_embedded(schema, value, document, &path, problems);
                }
            }
        }
        Node::List(items) => {
            if let Some(schema) = schema.schema("items") {
                for (index, item) in items.iter().enumerate() {
                    check_embedded(schema, item, document, &path.index(index), problems);
                }
            }
        }
        _ => {}
    }
}
