//! What the compact table says of merging, beside the OpenAPI documents it was made of.

use std::collections::BTreeSet;
use std::io::Read as _;
use std::path::PathBuf;

use serde_json::{Map, Value};

use super::schema::{Scalar, Schemas, Shape};
use crate::kinds::Gvk;

/// The schemas of a cluster's OpenAPI documents; none where the data is not there.
fn schemas() -> Map<String, Value> {
    let folder = std::env::var_os("VAPWRIGHT_DATA").map_or_else(
        || PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data"),
        PathBuf::from,
    );
    let mut all = Map::new();
    let Ok(entries) = std::fs::read_dir(folder.join("openapi-v3-1.36.2")) else {
        return all;
    };
    for entry in entries {
        let path = entry.unwrap().path();
        if path.extension().is_none_or(|extension| extension != "gz") {
            continue;
        }
        let mut text = String::new();
        let bytes = std::fs::read(&path).unwrap();
        flate2::read::GzDecoder::new(bytes.as_slice())
            .read_to_string(&mut text)
            .unwrap();
        let document: Value = serde_json::from_str(&text).unwrap();
        let found = document
            .get("schemas")
            .or_else(|| document.pointer("/components/schemas"));
        for (name, schema) in found.and_then(Value::as_object).unwrap() {
            all.insert(name.clone(), schema.clone());
        }
    }
    all
}

fn text<'v>(schema: &'v Value, name: &str) -> &'v str {
    schema.get(name).and_then(Value::as_str).unwrap_or_default()
}

fn reference(schema: &Value) -> Option<&str> {
    let own = schema.get("$ref").and_then(Value::as_str);
    let first = || schema.pointer("/allOf/0/$ref").and_then(Value::as_str);
    own.or_else(first)?.rsplit('/').next()
}

struct Comparison<'v> {
    schemas: &'v Map<String, Value>,
    seen: BTreeSet<&'v str>,
    values: usize,
    differences: Vec<String>,
}

impl<'v> Comparison<'v> {
    fn expect<T: PartialEq + std::fmt::Debug>(&mut self, at: &str, what: &str, theirs: T, ours: T) {
        self.values += 1;
        if theirs != ours {
            self.differences
                .push(format!("{at}: {what}: theirs {theirs:?}, ours {ours:?}"));
        }
    }

    /// As `ToSchemaFromOpenAPI` converts a schema.
    fn value(&mut self, at: &str, shape: &Shape<'_>, schema: &'v Value) {
        let own_type = text(schema, "x-kubernetes-map-type");
        let (name, schema) = match reference(schema) {
            Some(name) => (name, self.schemas.get(name).unwrap()),
            None => ("", schema),
        };
        let atom = shape.atom();
        let short = name.rsplit('.').next().unwrap_or_default();
        let scalar = match (short, text(schema, "type")) {
            // of anything, and not looked into
            (
                "RawExtension"
                | "FieldsV1"
                | "JSON"
                | "JSONSchemaPropsOrArray"
                | "JSONSchemaPropsOrBool"
                | "JSONSchemaPropsOrStringArray"
                | "Patch"
                | "CustomResourceSubresourceStatus",
                _,
            ) => return,
            ("Quantity" | "IntOrString" | "Time" | "MicroTime", _) => Some(Scalar::Untyped),
            (_, "integer" | "number") => Some(Scalar::Numeric),
            (_, "boolean") => Some(Scalar::Boolean),
            (_, "string") if matches!(text(schema, "format"), "" | "byte") => Some(Scalar::String),
            (_, "string") => Some(Scalar::Untyped),
            _ => None,
        };
        self.expect(at, "scalar", scalar, atom.scalar);
        match text(schema, "type") {
            "object" => {
                let Some(map) = atom.map else {
                    self.differences.push(format!("{at}: is a map"));
                    return;
                };
                let relation = match own_type {
                    "" => text(schema, "x-kubernetes-map-type"),
                    own => own,
                };
                self.expect(at, "atomic", relation == "atomic", map.is_atomic());
                if !name.is_empty() && !self.seen.insert(name) {
                    return;
                }
                if let Some(values) = schema.get("additionalProperties") {
                    let shape = map.other_field().unwrap();
                    self.value(&format!("{at}.*"), &shape, values);
                }
                for (field, schema) in schema
                    .get("properties")
                    .and_then(Value::as_object)
                    .into_iter()
                    .flatten()
                {
                    let at = format!("{at}.{field}");
                    match map.field(field) {
                        Some(shape) => self.value(&at, &shape, schema),
                        None => self.differences.push(format!("{at}: is not ours")),
                    }
                }
            }
            "array" => {
                let Some(list) = atom.list else {
                    self.differences.push(format!("{at}: is a list"));
                    return;
                };
                let kind = text(schema, "x-kubernetes-list-type");
                self.expect(
                    at,
                    "list type",
                    matches!(kind, "set" | "map"),
                    list.is_associative(),
                );
                let keys = schema
                    .get("x-kubernetes-list-map-keys")
                    .and_then(Value::as_array);
                let keys: Vec<&str> = keys
                    .into_iter()
                    .flatten()
                    .filter_map(Value::as_str)
                    .collect();
                self.expect(at, "keys", keys.clone(), list.keys());
                let items = schema.get("items").unwrap();
                let of_items = reference(items).map(|name| self.schemas.get(name).unwrap());
                for key in keys {
                    let theirs = of_items
                        .unwrap()
                        .pointer(&format!("/properties/{key}/default"));
                    let ours = list.items().atom().map.unwrap().default(key);
                    let ours = ours.map(|node| crate::json::to_value(&node));
                    self.expect(&format!("{at}[{key}]"), "default", theirs.cloned(), ours);
                }
                self.value(&format!("{at}[]"), &list.items(), items);
            }
            _ => {}
        }
    }
}

#[test]
fn the_table_merges_as_the_openapi_documents_say() {
    let schemas = schemas();
    if schemas.is_empty() {
        assert!(
            std::env::var_os("VAPWRIGHT_DATA_REQUIRED").is_none(),
            "the recorded data is missing"
        );
        eprintln!("skipped: the recorded data is not there");
        return;
    }
    let mut comparison = Comparison {
        schemas: &schemas,
        seen: BTreeSet::new(),
        values: 0,
        differences: Vec::new(),
    };
    for (name, schema) in &schemas {
        let kinds = schema
            .get("x-kubernetes-group-version-kind")
            .and_then(Value::as_array);
        for kind in kinds.into_iter().flatten() {
            let gvk = Gvk {
                group: text(kind, "group").to_owned(),
                version: text(kind, "version").to_owned(),
                kind: text(kind, "kind").to_owned(),
            };
            // options and events of watches are of every group
            let known = crate::kinds::find(&gvk).is_some_and(|kind| !kind.resource.is_empty());
            if known && comparison.seen.insert(name) {
                comparison.seen.remove(name.as_str());
                let shape = Schemas::default().of(&gvk);
                comparison.value(&gvk.kind, &shape, schema);
                comparison.seen.insert(name);
            }
        }
    }
    let Comparison {
        values,
        differences,
        ..
    } = comparison;
    assert!(values > 3000, "only {values} facts were compared");
    assert!(
        differences.is_empty(),
        "{} of {values} facts differ:\n{}",
        differences.len(),
        differences.join("\n")
    );
}
