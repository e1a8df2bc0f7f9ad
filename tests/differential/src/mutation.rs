//! A whole case of a third kind: a MutatingAdmissionPolicy and an object of a built-in or custom
//! kind.
//!
//! Objects and apply configurations are made from the table of built-in types, JSON patches from the
//! pointers into the object. What is known to differ is not made: a custom object is not given
//! another kind, nor a list without items by an apply configuration.

use std::fmt::Write as _;

use fastrand::Rng;
use serde_json::{Map, Value, json};
use vapwright_kube::schema::{Field, Form, Keys, Kind, Type, built_in};

use crate::random::{for_case, pick, unlikely};

/// Kinds that are met more often than others.
const OFTEN: [&str; 7] = [
    "Pod",
    "Deployment",
    "Service",
    "CronJob",
    "StatefulSet",
    "PersistentVolume",
    "ServiceAccount",
];

/// Case number `index` of a seed: a mutating policy.
pub fn case(seed: u64, index: u64) -> Value {
    let mut rng = for_case(seed, index);
    let rng = &mut rng;
    let target = Target::pick(rng);
    let object = target.object(rng);
    let mutations: Vec<Value> = (0..pick(rng, &[1, 1, 1, 2, 3]))
        .map(|_| {
            if rng.bool() {
                let expression = target.configuration(rng, &object);
                json!({"patchType": "ApplyConfiguration", "applyConfiguration": {"expression": expression}})
            } else {
                let expression = target.patch(rng, &object);
                json!({"patchType": "JSONPatch", "jsonPatch": {"expression": expression}})
            }
        })
        .collect();
    let mut spec = json!({"reinvocationPolicy": "Never", "mutations": mutations});
    if unlikely(rng, 4) {
        spec["failurePolicy"] = json!("Ignore");
    }
    json!({
        "id": index.to_string(),
        "mode": "map",
        "version": format!("1.{}", rng.u32(34..=36)),
        "policy": {"metadata": {"name": "p"}, "spec": spec},
        "object": object,
    })
}

/// What objects are made of.
enum Target {
    BuiltIn(&'static Kind, &'static Type),
    Custom,
}

/// A value, with what it is as an expression.
#[derive(Clone)]
enum Made {
    /// A literal.
    Plain(Value),
    List(Vec<Made>),
    Struct(Vec<(String, Made)>),
    Map(Vec<(String, Made)>),
    /// A part of the object, which is read from it.
    Read(String),
}

impl Target {
    fn pick(rng: &mut Rng) -> Self {
        if unlikely(rng, 8) {
            return Self::Custom;
        }
        let schema = built_in();
        // the modules of the oracle have no types of these groups, and policies see no policies
        let without = [
            "apiextensions.k8s.io",
            "apiregistration.k8s.io",
            "admissionregistration.k8s.io",
            "authentication.k8s.io",
            "authorization.k8s.io",
        ];
        let kinds: Vec<(&Kind, &Type)> = schema
            .kinds
            .iter()
            .filter(|kind| kind.creatable && !without.contains(&&*kind.gvk.group))
            // Pods are bound by a subresource
            .filter(|kind| kind.gvk.kind != "Binding")
            .filter_map(|kind| Some((kind, schema.get(kind.object?)?)))
            .collect();
        let often = rng.bool().then(|| pick(rng, &OFTEN));
        let found = often.and_then(|often| kinds.iter().find(|(kind, _)| kind.gvk.kind == often));
        let (kind, object) = found.copied().unwrap_or_else(|| pick(rng, &kinds));
        Self::BuiltIn(kind, object)
    }

    fn object(&self, rng: &mut Rng) -> Value {
        let mut object = match self {
            Self::Custom => json!({
                "apiVersion": "example.com/v1",
                "kind": "Widget",
                "spec": free(rng, 3, true).json(),
            }),
            Self::BuiltIn(kind, of) => {
                let depth = rng.u32(3..6);
                let mut object = structure(rng, of, depth, false).json();
                object["apiVersion"] = json!(kind.gvk.api_version());
                object["kind"] = json!(kind.gvk.kind);
                object
            }
        };
        let mut metadata = json!({"name": "x", "namespace": "shop"});
        if let Self::BuiltIn(
            Kind {
                namespaced: false, ..
            },
            _,
        ) = self
        {
            metadata = json!({"name": "x"});
        }
        if rng.bool() {
            metadata["labels"] = json!({"a": "1", "b/c": "2"});
        }
        if unlikely(rng, 3) {
            metadata["finalizers"] = json!(["f/a", "f/b"]);
        }
        object["metadata"] = metadata;
        object
    }

    /// The expression of an apply configuration.
    fn configuration(&self, rng: &mut Rng, object: &Value) -> String {
        let mut fields = match self {
            Self::Custom => vec![("spec".to_owned(), free(rng, 3, false))],
            Self::BuiltIn(_, of) => {
                let depth = rng.u32(3..6);
                match structure(rng, of, depth, true) {
                    Made::Struct(fields) => fields,
                    _ => Vec::new(),
                }
            }
        };
        fields.retain(|(name, _)| !matches!(&**name, "metadata" | "apiVersion" | "kind"));
        if unlikely(rng, 3) {
            let text = |text: &str| Made::Plain(json!(text));
            let metadata = match rng.u32(0..4) {
                0 => ("labels", Made::Map(vec![("a".to_owned(), text("9"))])),
                1 => ("finalizers", Made::List(vec![text("f/b"), text("f/c")])),
                2 => (
                    "ownerReferences",
                    Made::List(vec![Made::Struct(Vec::new())]),
                ),
                _ => ("annotations", Made::Map(vec![("b/c".to_owned(), text(""))])),
            };
            let metadata = Made::Struct(vec![(metadata.0.to_owned(), metadata.1)]);
            fields.push(("metadata".to_owned(), metadata));
        }
        let mut made = Made::Struct(fields);
        if unlikely(rng, 6) {
            made.read(rng, object, "object");
        }
        if unlikely(rng, 5) {
            made.damage(rng, matches!(self, Self::Custom));
        }
        made.cel("Object")
    }

    /// The expression of a JSON patch.
    fn patch(&self, rng: &mut Rng, object: &Value) -> String {
        let mut known = Vec::new();
        pointers(object, "", &mut known);
        if matches!(self, Self::Custom) {
            known.retain(|(at, _)| at.starts_with("/spec") || at.starts_with("/metadata/"));
        }
        let operations: Vec<String> = (0..rng.u32(1..4))
            .map(|_| self.operation(rng, &known))
            .collect();
        format!("[{}]", operations.join(", "))
    }

    fn operation(&self, rng: &mut Rng, known: &[(String, Value)]) -> String {
        const OPERATIONS: [&str; 9] = [
            "add", "add", "add", "replace", "replace", "remove", "test", "copy", "move",
        ];
        const STEPS: [&str; 12] = [
            "a", "0", "-", "x", "name", "1", "-1", "9", "labels", "spec", "image", "ports",
        ];
        let (at, value) = known[rng.usize(0..known.len())].clone();
        let path = match rng.u32(0..10) {
            0..3 => format!("{at}/{}", pick(rng, &STEPS)),
            3 if at.matches('/').count() > 1 => {
                let parent = at.rsplit_once('/').map_or("", |(parent, _)| parent);
                format!("{parent}/{}", pick(rng, &STEPS))
            }
            4 | 5 => match self {
                Self::BuiltIn(_, of) => field_pointer(rng, of),
                Self::Custom => at,
            },
            _ => at,
        };
        let operation = pick(rng, &OPERATIONS);
        let mut text = format!("JSONPatch{{op: '{operation}', path: {}", quoted(&path));
        if matches!(operation, "copy" | "move") {
            let (from, _) = &known[rng.usize(0..known.len())];
            let _ = write!(text, ", from: {}", quoted(from));
        } else if operation != "remove" && !unlikely(rng, 40) {
            let value = match rng.u32(0..8) {
                0 | 1 => value,
                2 | 3 => known[rng.usize(0..known.len())].1.clone(),
                _ => any(rng),
            };
            let _ = write!(text, ", value: {}", literal(&value));
        }
        text.push('}');
        text
    }
}

/// All pointers into a value, with what they point to.
fn pointers(value: &Value, at: &str, out: &mut Vec<(String, Value)>) {
    out.push((at.to_owned(), value.clone()));
    match value {
        Value::Object(fields) => {
            for (key, value) in fields {
                let key = key.replace('~', "~0").replace('/', "~1");
                pointers(value, &format!("{at}/{key}"), out);
            }
        }
        Value::Array(items) => {
            for (index, value) in items.iter().enumerate() {
                pointers(value, &format!("{at}/{index}"), out);
            }
        }
        _ => {}
    }
}

/// A pointer to a field that a type has, be it there or not.
fn field_pointer(rng: &mut Rng, of: &Type) -> String {
    let mut of = of;
    let mut path = String::new();
    for _ in 0..rng.u32(2..5) {
        let field = &of.fields[rng.usize(0..of.fields.len())];
        let _ = write!(path, "/{}", field.name);
        let mut form = &field.form;
        if let Form::List(items, _) = form {
            path.push_str(pick(rng, &["/0", "/-", ""]));
            form = items;
        }
        let Form::Struct(id) = form else { break };
        match built_in().get(*id) {
            Some(next) if !next.fields.is_empty() => of = next,
            _ => break,
        }
    }
    path
}

fn any(rng: &mut Rng) -> Value {
    let values = [
        json!(1),
        json!("a"),
        json!(true),
        json!(null),
        json!(1.5),
        json!([]),
        json!({}),
        json!(["a"]),
        json!({"a": "b"}),
        json!([{"name": "n"}]),
        json!({"name": "n"}),
        json!(-1),
        json!("80"),
        json!(2_147_483_648_i64),
        json!(9_007_199_254_740_993_i64),
        json!(1e20),
        json!("2024-01-01T00:00:00Z"),
    ];
    values[rng.usize(0..values.len())].clone()
}

/// A value of a type. `applied`: it is for an apply configuration, so what cannot be merged is rare.
fn structure(rng: &mut Rng, of: &Type, depth: u32, applied: bool) -> Made {
    const KEYS: [&str; 12] = [
        "name",
        "spec",
        "template",
        "containers",
        "containerPort",
        "port",
        "protocol",
        "mountPath",
        "ip",
        "uid",
        "type",
        "metadata",
    ];
    let mut fields = Vec::new();
    let times = if of.fields.len() > 8 { 8 } else { 3 };
    for field in &of.fields {
        if matches!(&*field.name, "apiVersion" | "kind" | "managedFields") {
            continue;
        }
        let wanted = KEYS.contains(&&*field.name);
        if wanted && unlikely(rng, 6) || !wanted && !unlikely(rng, times) {
            continue;
        }
        if applied && is_atomic(field) && !unlikely(rng, 60) {
            continue;
        }
        if depth > 0 {
            let value = value(rng, &field.form, depth - 1, applied);
            fields.push((field.name.clone(), value));
        }
    }
    Made::Struct(fields)
}

fn is_atomic(field: &Field) -> bool {
    let atomic = match &field.form {
        Form::List(_, keys) => *keys == Keys::Atomic,
        Form::Struct(id) => built_in().get(*id).is_some_and(|of| of.atomic),
        _ => false,
    };
    field.atomic.unwrap_or(atomic)
}

fn value(rng: &mut Rng, form: &Form, depth: u32, applied: bool) -> Made {
    let plain = |value: Value| Made::Plain(value);
    match form {
        Form::String => plain(json!(pick(rng, &["a", "b", "c", "TCP", "UDP", ""]))),
        Form::Bool => plain(json!(rng.bool())),
        Form::Int32 | Form::Int64 => plain(json!(pick(rng, &[0, 1, 2, 80]))),
        Form::Double => plain(json!(pick(rng, &[0.5, 1.5]))),
        Form::Bytes => plain(json!(pick(rng, &["YQ==", ""]))),
        Form::Time => plain(json!("2024-01-01T00:00:00Z")),
        Form::MicroTime => plain(json!("2024-01-01T00:00:00.000000Z")),
        Form::IntOrString => plain(pick(rng, &[80, 1]).into()),
        Form::Quantity => plain(json!(pick(rng, &["1", "500m", "1Gi"]))),
        Form::Any => Made::Map(vec![("a".to_owned(), Made::Plain(json!(1)))]),
        Form::Struct(id) => match built_in().get(*id) {
            Some(of) => structure(rng, of, depth, applied),
            None => Made::Struct(Vec::new()),
        },
        Form::List(items, _) => {
            let count = rng.usize(0..3);
            Made::List(
                (0..count)
                    .map(|_| value(rng, items, depth, applied))
                    .collect(),
            )
        }
        Form::Map(values) => {
            let keys = ["a", "b/c", "cpu"];
            let from = rng.usize(0..3);
            let keys = keys[from..].iter().take(rng.usize(0..3));
            Made::Map(
                keys.map(|key| ((*key).to_owned(), value(rng, values, depth, applied)))
                    .collect(),
            )
        }
    }
}

/// A value of a custom object. `empty`: there may be lists without items.
fn free(rng: &mut Rng, depth: u32, empty: bool) -> Made {
    let names = ["size", "tags", "deep", "list", "name", "flag", "none"];
    let mut fields = Vec::new();
    for name in names {
        if rng.bool() {
            continue;
        }
        let least = usize::from(!empty);
        let value = match rng.u32(0..8) {
            0 | 1 if depth > 0 => free(rng, depth - 1, empty),
            2 if depth > 0 => {
                let count = rng.usize(least..3);
                Made::List((0..count).map(|_| free(rng, depth - 1, empty)).collect())
            }
            3 => {
                let count = rng.usize(least..3);
                Made::List(
                    (0..count)
                        .map(|_| Made::Plain(json!(rng.u32(1..4))))
                        .collect(),
                )
            }
            4 => Made::Map(vec![("a".to_owned(), Made::Plain(json!("x")))]),
            5 => Made::Plain(json!(null)),
            6 => Made::Plain(json!(1.5)),
            _ => Made::Plain(pick(rng, &["a", "b"]).into()),
        };
        fields.push((name.to_owned(), value));
    }
    Made::Struct(fields)
}

impl Made {
    fn json(&self) -> Value {
        let object = |fields: &[(String, Self)]| {
            let fields = fields
                .iter()
                .map(|(name, made)| (name.clone(), made.json()));
            Value::Object(fields.collect::<Map<_, _>>())
        };
        match self {
            Self::Plain(value) => value.clone(),
            Self::List(items) => Value::Array(items.iter().map(Self::json).collect()),
            Self::Struct(fields) | Self::Map(fields) => object(fields),
            Self::Read(_) => Value::Null,
        }
    }

    /// As an expression; `path`: the name of its type, where it is a struct.
    fn cel(&self, path: &str) -> String {
        match self {
            Self::Plain(value) => literal(value),
            Self::Read(expression) => expression.clone(),
            Self::List(items) => {
                let items: Vec<String> = items.iter().map(|item| item.cel(path)).collect();
                // an item that was damaged is of another type
                let items: Vec<String> = items.iter().map(|item| format!("dyn({item})")).collect();
                format!("[{}]", items.join(", "))
            }
            Self::Struct(fields) => {
                let fields: Vec<String> = fields
                    .iter()
                    .map(|(name, made)| format!("{name}: {}", made.cel(&format!("{path}.{name}"))))
                    .collect();
                format!("{path}{{{}}}", fields.join(", "))
            }
            Self::Map(entries) => {
                let entries: Vec<String> = entries
                    .iter()
                    .map(|(key, made)| format!("{}: dyn({})", quoted(key), made.cel(path)))
                    .collect();
                format!("{{{}}}", entries.join(", "))
            }
        }
    }

    /// Has a field read from the object, which has it.
    fn read(&mut self, rng: &mut Rng, object: &Value, path: &str) {
        let Self::Struct(fields) = self else { return };
        for (name, made) in fields {
            let Some(value) = object.get(&**name) else {
                continue;
            };
            let path = format!("{path}.{name}");
            if unlikely(rng, 2) {
                *made = Self::Read(path);
                return;
            }
            made.read(rng, value, &path);
        }
    }

    /// Puts something in the place of a part, or adds a field.
    fn damage(&mut self, rng: &mut Rng, custom: bool) {
        match self {
            Self::Struct(fields) if !fields.is_empty() && !unlikely(rng, 4) => {
                let at = rng.usize(0..fields.len());
                return fields[at].1.damage(rng, custom);
            }
            Self::List(items) if !items.is_empty() && !unlikely(rng, 3) => {
                let at = rng.usize(0..items.len());
                return items[at].damage(rng, custom);
            }
            Self::Struct(fields) if rng.bool() => {
                let name = pick(rng, &["unknown", "Name"]).to_owned();
                fields.push((name, Self::Plain(json!("a"))));
                return;
            }
            _ => {}
        }
        *self = match any(rng) {
            Value::Array(items) if custom && items.is_empty() => Self::Plain(json!(1)),
            Value::Array(items) => Self::List(items.into_iter().map(Self::Plain).collect()),
            Value::Object(_) => Self::Struct(Vec::new()),
            value => Self::Plain(value),
        };
    }
}

fn quoted(text: &str) -> String {
    json!(text).to_string()
}

/// A JSON value as a literal of CEL.
fn literal(value: &Value) -> String {
    let each = |value: &Value| format!("dyn({})", literal(value));
    match value {
        Value::Array(items) => {
            let items: Vec<String> = items.iter().map(each).collect();
            format!("[{}]", items.join(", "))
        }
        Value::Object(fields) => {
            let fields: Vec<String> = fields
                .iter()
                .map(|(key, value)| format!("{}: {}", quoted(key), each(value)))
                .collect();
            format!("{{{}}}", fields.join(", "))
        }
        Value::Number(number) if number.is_f64() => format!("double({number})"),
        value => value.to_string(),
    }
}
