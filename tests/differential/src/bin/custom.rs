//! Generates custom kinds with objects and updates, as cases for `tests/cluster` to record.
//!
//! `custom KINDS SEED` prints them as JSON, which is YAML: `make custom` has a live API server answer
//! them, and compares.

#[path = "../random.rs"]
#[allow(dead_code, reason = "each program takes what it needs")]
mod random;

use std::process::ExitCode;

use fastrand::Rng;
use random::{for_case, pick, unlikely};
use serde_json::{Map, Value, json};

const TEXTS: [&str; 20] = [
    "",
    "a",
    "b",
    "ab",
    "abc",
    "x",
    "abcdef",
    "ä",
    "10%",
    "5",
    "1h",
    "2024-01-01",
    "2024-01-01T00:00:00Z",
    "10.0.0.1",
    "::1",
    "a.b",
    "A",
    "a/b",
    "aGVsbG8=",
    "v1",
];
const NUMBERS: [f64; 10] = [0.0, 1.0, -1.0, 2.0, 5.0, 100.0, 3e9, 0.5, 1.5, -0.25];
const INTEGERS: [i64; 8] = [0, 1, -1, 2, 5, 10, 100, 3_000_000_000];
const FORMATS: [&str; 12] = [
    "date",
    "date-time",
    "duration",
    "ipv4",
    "ipv6",
    "cidr",
    "hostname",
    "byte",
    "uuid",
    "uri",
    "email",
    "k8s-short-name",
];
const PATTERNS: [&str; 5] = ["^a", "b$", "^[a-z]*$", "[0-9]+", "^$"];
const NAMES: [&str; 6] = ["a", "b", "c", "name", "x.y", "kind"];
/// How many objects a kind has.
const OBJECTS: usize = 60;
/// Every so many kinds have updates, for which the API server must take in another definition.
const UPDATED: u64 = 6;
/// Larger definitions are drawn again.
const LONGEST: usize = 6_000;

fn main() -> ExitCode {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let number = |at: usize| args.get(at).and_then(|text| text.parse::<u64>().ok());
    let (Some(kinds), Some(seed)) = (number(0), number(1)) else {
        eprintln!("usage: custom KINDS SEED");
        return ExitCode::from(2);
    };
    let kinds: Vec<Value> = (0..kinds).map(|index| kind(seed, index)).collect();
    println!("{}", Value::from(kinds));
    ExitCode::SUCCESS
}

fn chance(rng: &mut Rng, percent: u32) -> bool {
    rng.u32(0..100) < percent
}

/// Some of these, at least one.
fn some<T: Copy>(rng: &mut Rng, from: &[T]) -> Vec<T> {
    let mut from = from.to_vec();
    rng.shuffle(&mut from);
    from.truncate(rng.usize(1..=from.len().min(3)));
    from
}

fn kind(seed: u64, index: u64) -> Value {
    let mut rng = for_case(seed, index);
    let schema = loop {
        let mut schema = json!({"type": "object", "properties": {
            "spec": schema(&mut rng, 1), "data": schema(&mut rng, 1),
        }});
        finish(&mut rng, &mut schema, true);
        if schema.to_string().len() < LONGEST {
            break schema;
        }
    };
    let letter = |number: u64| char::from(b'a' + u8::try_from(number % 26).unwrap_or(0));
    let name = format!("Gen{}{}", letter(index), letter(index / 26));
    let mut kind = json!({"kind": name, "schema": schema});
    if index.is_multiple_of(UPDATED) {
        let updates = (0..OBJECTS).map(|_| {
            let old = object(&mut rng, &schema);
            let mut new = old.clone();
            for _ in 0..rng.usize(0..3) {
                change(&mut rng, &mut new, 0);
            }
            json!({"old": old, "new": new})
        });
        kind["updates"] = updates.collect();
        kind["earlier"] = json!({"x-kubernetes-preserve-unknown-fields": true});
        kind["objects"] = json!([]);
    } else {
        let objects = (0..OBJECTS).map(|_| object(&mut rng, &schema));
        kind["objects"] = objects.collect();
    }
    kind
}

/// A structural schema.
fn schema(rng: &mut Rng, depth: u32) -> Value {
    let deep = depth > 3;
    let kinds: &[&str] = match deep {
        true => &["string", "integer", "number", "boolean", "either"],
        false => &[
            "string", "string", "integer", "number", "boolean", "either", "any", "array", "array",
            "object", "object", "object",
        ],
    };
    let mut schema = match pick(rng, kinds) {
        "either" => json!({"x-kubernetes-int-or-string": true}),
        "any" => json!({"x-kubernetes-preserve-unknown-fields": true}),
        "array" => array(rng, depth),
        "object" if chance(rng, 25) => {
            json!({"type": "object", "additionalProperties": self::schema(rng, depth + 1)})
        }
        "object" => {
            let names = some(rng, &NAMES);
            let fields = names
                .iter()
                .map(|name| ((*name).to_owned(), self::schema(rng, depth + 1)));
            let mut object = json!({"type": "object", "properties": fields.collect::<Map<_, _>>()});
            if chance(rng, 30) {
                object["required"] = json!([names[0]]);
            }
            if chance(rng, 15) {
                object["x-kubernetes-preserve-unknown-fields"] = json!(true);
            }
            object
        }
        name => json!({"type": name}),
    };
    if chance(rng, 20) {
        schema["nullable"] = json!(true);
    }
    let base = schema.clone();
    values(rng, &mut schema, &base);
    if base["type"].is_string() || base.get("x-kubernetes-int-or-string").is_some() {
        alternatives(rng, &mut schema, &base, 0);
    }
    schema
}

fn array(rng: &mut Rng, depth: u32) -> Value {
    let mut items = schema(rng, depth + 1);
    let mut array = json!({"type": "array"});
    let plain = items["nullable"] != true;
    if plain && matches!(items["type"].as_str(), Some("string" | "integer")) && chance(rng, 40) {
        array["x-kubernetes-list-type"] = json!("set");
    }
    if plain && items["properties"].is_object() && chance(rng, 60) {
        let key = |(_, schema): &(&String, &Value)| {
            let kind = schema["type"].as_str().unwrap_or_default();
            schema["nullable"] != true && matches!(kind, "string" | "integer" | "boolean")
        };
        let properties = items["properties"].as_object().into_iter().flatten();
        let keys: Vec<String> = properties
            .filter(key)
            .map(|(name, _)| name.clone())
            .collect();
        if !keys.is_empty() {
            array["x-kubernetes-list-type"] = json!("map");
            array["x-kubernetes-list-map-keys"] = json!(keys);
            items["required"] = json!(keys);
        }
    }
    array["items"] = items;
    array
}

/// What values must be, by the type of a schema.
fn values(rng: &mut Rng, schema: &mut Value, base: &Value) {
    let either = base.get("x-kubernetes-int-or-string").is_some();
    let name = match base["type"].as_str() {
        _ if either => pick(rng, &["string", "integer"]),
        Some(name) => ["string", "integer", "number", "array", "object"]
            .into_iter()
            .find(|known| *known == name)
            .unwrap_or("boolean"),
        None => return,
    };
    match name {
        "string" => {
            if chance(rng, 20) {
                schema["minLength"] = json!(rng.u32(0..4));
            }
            if chance(rng, 20) {
                schema["maxLength"] = json!(rng.u32(1..6));
            }
            if chance(rng, 20) {
                schema["pattern"] = json!(pick(rng, &PATTERNS));
            }
            if chance(rng, 20) && !either {
                schema["format"] = json!(pick(rng, &FORMATS));
            }
            if chance(rng, 20) {
                schema["enum"] = json!(some(rng, &TEXTS));
            }
        }
        "integer" | "number" => {
            for (bound, exclusive) in [
                ("minimum", "exclusiveMinimum"),
                ("maximum", "exclusiveMaximum"),
            ] {
                if chance(rng, 25) {
                    schema[bound] = json!(pick(rng, &NUMBERS));
                    if chance(rng, 40) {
                        schema[exclusive] = json!(true);
                    }
                }
            }
            if chance(rng, 15) {
                schema["multipleOf"] = json!(pick(rng, &[2.0, 5.0, 0.5, 0.1]));
            }
            if chance(rng, 15) {
                schema["enum"] = json!(some(rng, &[0, 1, 2, 5, 10]));
            }
            if chance(rng, 30) && schema["type"] == name {
                let formats = if name == "integer" {
                    ["int32", "int64"]
                } else {
                    ["float", "double"]
                };
                schema["format"] = json!(pick(rng, &formats));
            }
        }
        "array" | "object" => {
            let [least, most] = match name {
                "array" => ["minItems", "maxItems"],
                _ => ["minProperties", "maxProperties"],
            };
            if chance(rng, 20) {
                schema[least] = json!(rng.u32(0..3));
            }
            if chance(rng, 20) {
                schema[most] = json!(rng.u32(0..4));
            }
        }
        _ => {}
    }
}

/// `anyOf` and the like, of what a schema describes.
fn alternatives(rng: &mut Rng, schema: &mut Value, base: &Value, depth: u32) {
    if depth > 2 {
        return;
    }
    for key in ["anyOf", "oneOf", "allOf"] {
        if chance(rng, 12) {
            let count = rng.usize(1..4);
            schema[key] = (0..count).map(|_| nested(rng, base, depth + 1)).collect();
        }
    }
    if chance(rng, 8) {
        schema["not"] = nested(rng, base, depth + 1);
    }
}

/// A part of an alternative, which has no structure of its own.
fn nested(rng: &mut Rng, base: &Value, depth: u32) -> Value {
    let mut schema = json!({});
    values(rng, &mut schema, base);
    if let Some(properties) = base["properties"].as_object() {
        let names: Vec<&String> = properties.keys().collect();
        if chance(rng, 60) {
            schema["required"] = json!(some(rng, &names));
        }
        let mut fields = Map::new();
        for (name, base) in properties {
            if depth < 3 && chance(rng, 40) {
                fields.insert(name.clone(), nested(rng, base, depth + 1));
            }
        }
        if !fields.is_empty() {
            schema["properties"] = Value::Object(fields);
        }
    }
    if base["items"].is_object() && depth < 3 && chance(rng, 40) {
        schema["items"] = nested(rng, &base["items"], depth + 1);
    }
    alternatives(rng, &mut schema, base, depth);
    schema
}

/// Gives a schema defaults where any value is fine, and rules; `told` says whether its values are told
/// apart from those of an object that is replaced.
fn finish(rng: &mut Rng, schema: &mut Value, told: bool) {
    let free = ["type", "nullable"];
    let fields = schema.as_object().map_or(0, Map::len);
    let bare = fields
        == free
            .iter()
            .filter(|key| schema.get(**key).is_some())
            .count();
    if bare && chance(rng, 40) {
        let default = match schema["type"].as_str() {
            Some("string") => json!("d"),
            Some("integer") => json!(3),
            Some("boolean") => json!(true),
            _ => Value::Null,
        };
        if !default.is_null() {
            schema["default"] = default;
        }
    }
    if schema["type"] == "integer" && chance(rng, 30) {
        let rules = if told { 3 } else { 2 };
        let rule = pick(rng, &["self < 5", "self != 2", "self >= oldSelf"][..rules]);
        schema["x-kubernetes-validations"] = json!([{"rule": rule}]);
    }
    if let Some(properties) = schema.get_mut("properties").and_then(Value::as_object_mut) {
        for property in properties.values_mut() {
            finish(rng, property, told);
        }
    }
    if let Some(values) = schema.get_mut("additionalProperties") {
        finish(rng, values, told);
        limit(schema, "maxProperties");
    }
    let map = schema["x-kubernetes-list-type"] == "map";
    if let Some(items) = schema.get_mut("items") {
        finish(rng, items, told && map);
        limit(schema, "maxItems");
    }
    // a key with a default is none of a list's
    if map && let Some(keys) = schema["x-kubernetes-list-map-keys"].as_array().cloned() {
        for key in keys.iter().filter_map(Value::as_str) {
            if let Some(key) = schema["items"]["properties"][key].as_object_mut() {
                key.remove("default");
            }
        }
    }
}

/// What has no limit makes rules too expensive.
fn limit(schema: &mut Value, key: &str) {
    if schema.get(key).is_none() {
        schema[key] = json!(4);
    }
}

fn scalar(rng: &mut Rng) -> Value {
    match rng.u32(0..5) {
        0 | 1 => json!(pick(rng, &TEXTS)),
        2 => json!(pick(rng, &NUMBERS)),
        3 => json!(pick(rng, &INTEGERS)),
        _ => pick(rng, &[Value::Null, json!(true), json!(false)].each_ref()).clone(),
    }
}

fn anything(rng: &mut Rng, depth: u32) -> Value {
    match rng.u32(0..10) {
        0 if depth < 3 => (0..rng.usize(0..4))
            .map(|_| anything(rng, depth + 1))
            .collect(),
        1 if depth < 3 => {
            let fields = some(rng, &NAMES).into_iter();
            let fields = fields.map(|name| (name.to_owned(), anything(rng, depth + 1)));
            Value::Object(fields.collect())
        }
        _ => scalar(rng),
    }
}

/// A value that mostly is what a schema wants.
fn fitting(rng: &mut Rng, schema: &Value, depth: u32) -> Value {
    if chance(rng, 8) {
        return anything(rng, depth);
    }
    if let Some(values) = schema["enum"].as_array()
        && chance(rng, 70)
    {
        return values[rng.usize(0..values.len())].clone();
    }
    match schema["type"].as_str() {
        Some("string") => json!(pick(rng, &TEXTS)),
        Some("integer") => json!(pick(rng, &INTEGERS)),
        Some("number") => json!(pick(rng, &NUMBERS)),
        Some("boolean") => json!(rng.bool()),
        Some("array") => (0..rng.usize(0..4))
            .map(|_| fitting(rng, &schema["items"], depth + 1))
            .collect(),
        Some("object") => {
            let mut fields = Map::new();
            if schema["additionalProperties"].is_object() {
                for name in some(rng, &["a", "k", "x/y"]) {
                    let value = fitting(rng, &schema["additionalProperties"], depth + 1);
                    fields.insert(name.to_owned(), value);
                }
            }
            for (name, schema) in schema["properties"].as_object().into_iter().flatten() {
                if chance(rng, 70) {
                    fields.insert(name.clone(), fitting(rng, schema, depth + 1));
                }
            }
            if unlikely(rng, 16) {
                fields.insert(pick(rng, &["zz", "q.r"]).to_owned(), anything(rng, depth));
            }
            Value::Object(fields)
        }
        _ if schema.get("x-kubernetes-int-or-string").is_some() && rng.bool() => {
            json!(pick(rng, &INTEGERS))
        }
        _ => anything(rng, depth),
    }
}

fn object(rng: &mut Rng, schema: &Value) -> Value {
    let mut fields = Map::new();
    for (name, schema) in schema["properties"].as_object().into_iter().flatten() {
        if chance(rng, 80) {
            fields.insert(name.clone(), fitting(rng, schema, 1));
        }
    }
    Value::Object(fields)
}

/// Changes something in an object.
fn change(rng: &mut Rng, node: &mut Value, depth: u32) {
    match node {
        Value::Object(fields) if !fields.is_empty() => {
            let names: Vec<String> = fields.keys().cloned().collect();
            let name = &names[rng.usize(0..names.len())];
            match rng.u32(0..6) {
                0 if depth > 0 => drop(fields.remove(name)),
                1 if depth > 0 => drop(fields.insert(name.clone(), scalar(rng))),
                _ => change(rng, &mut fields[name], depth + 1),
            }
        }
        Value::Array(items) if !items.is_empty() => {
            let index = rng.usize(0..items.len());
            match rng.u32(0..6) {
                0 => drop(items.remove(index)),
                1 => items.push(items[index].clone()),
                2 => rng.shuffle(items),
                _ => change(rng, &mut items[index], depth + 1),
            }
        }
        other if depth > 0 => *other = scalar(rng),
        _ => {}
    }
}
