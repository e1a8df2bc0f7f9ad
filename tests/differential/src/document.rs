//! Documents: objects, parameters, namespaces and users, realistic and adversarial.

use fastrand::Rng;
use serde_json::{Map, Value, json};

use crate::literals::text;
use crate::random::{pick, unlikely};

/// An object with the fields that the grammar's expressions read.
pub fn object(rng: &mut Rng) -> Value {
    let mut spec = json!({
        "replicas": integer(rng),
        "hostNetwork": rng.bool(),
        "containers": (0..rng.usize(0..4)).map(|_| container(rng)).collect::<Vec<_>>(),
        "numbers": (0..rng.usize(0..5)).map(|_| json!(rng.i64(-3..9))).collect::<Vec<_>>(),
        "doubles": (0..rng.usize(0..4)).map(|_| number(rng)).collect::<Vec<_>>(),
        "names": (0..rng.usize(0..4)).map(|_| json!(text(rng))).collect::<Vec<_>>(),
        "ratio": 0.5,
        "big": number(rng),
        "nothing": null,
        "text": text(rng),
        "odd": "\u{0}\u{7f}\u{85}\u{2028}\u{feff}\u{fffd}\u{10ffff}ﷺ",
        "table": table(rng),
        "mixed": [1, "a", null, 2.5, [1, [2]], {"k": true}, -0.0, i64::MIN],
        "keys": keys(rng),
    });
    if unlikely(rng, 8) {
        spec["deep"] = deep(rng);
    }
    if unlikely(rng, 8) {
        spec["wide"] = wide(rng);
    }
    // a field of another type, or none
    for _ in 0..rng.u32(0..3) {
        let names = [
            "replicas",
            "hostNetwork",
            "containers",
            "numbers",
            "doubles",
            "names",
            "ratio",
            "text",
            "table",
            "keys",
        ];
        let name = pick(rng, &names);
        if rng.bool() {
            spec[name] = any(rng, 3);
        } else if let Some(fields) = spec.as_object_mut() {
            fields.remove(name);
        }
    }
    let mut metadata = json!({
        "name": text(rng),
        "labels": {"app": "web", "a.b/c": text(rng)},
        "creationTimestamp": "2024-02-29T12:30:45Z",
    });
    match rng.u32(0..5) {
        0 => metadata["labels"] = json!({}),
        1 => metadata["labels"] = json!({"a": "1"}),
        2 => metadata["annotations"] = json!({"note": text(rng)}),
        3 => metadata["namespace"] = json!("shop"),
        _ => {}
    }
    let (group, kind) = match rng.u32(0..12) {
        0 => ("apps/v1", "Deployment"),
        1 => ("networking.k8s.io/v1", "Ingress"),
        2 => ("example.com/v1beta1", "Gateway"),
        3 => ("v1", "Namespace"),
        _ => ("v1", "Pod"),
    };
    json!({"apiVersion": group, "kind": kind, "metadata": metadata, "spec": spec})
}

/// What `params` stands for.
pub fn parameters(rng: &mut Rng) -> Value {
    json!({
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": {"name": "limits"},
        "data": {"limit": integer(rng), "text": text(rng), "x": any(rng, 2)},
    })
}

/// A namespace.
pub fn namespace(rng: &mut Rng) -> Value {
    let mut namespace =
        json!({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "shop"}});
    let metadata = &mut namespace["metadata"];
    if rng.bool() {
        metadata["labels"] = json!({"team": text(rng)});
    }
    if unlikely(rng, 3) {
        metadata["creationTimestamp"] = json!("2020-05-17T09:00:00Z");
        metadata["uid"] = json!("0c1d0f3e-0000-4000-8000-000000000001");
        metadata["resourceVersion"] = json!("42");
        metadata["generation"] = json!(7);
    }
    if unlikely(rng, 5) {
        metadata["deletionTimestamp"] = json!("2020-05-17T09:00:00+02:00");
        metadata["deletionGracePeriodSeconds"] = json!(30);
        metadata["finalizers"] = json!(["example.com/a"]);
        metadata["annotations"] = json!({"note": text(rng)});
        metadata["generateName"] = json!("shop-");
        metadata["ownerReferences"] = json!([{
            "apiVersion": "example.com/v1", "kind": "Team", "name": "a", "uid": "7",
        }]);
        metadata["managedFields"] = json!([{
            "manager": "kubectl", "operation": "Apply", "apiVersion": "v1",
            "time": "2020-05-17T09:00:00Z", "fieldsType": "FieldsV1",
            "fieldsV1": {"f:metadata": {"f:labels": {".": {}}}},
        }]);
    }
    if unlikely(rng, 3) {
        namespace["spec"] = json!({"finalizers": ["kubernetes"]});
    }
    if unlikely(rng, 3) {
        namespace["status"] = json!({"phase": "Active"});
    }
    if unlikely(rng, 6) {
        namespace["status"] = json!({"phase": "Terminating", "conditions": [{
            "type": "NamespaceDeletionContentFailure",
            "status": "False",
            "lastTransitionTime": "2020-05-17T09:00:00Z",
            "reason": "ContentDeleted",
            "message": text(rng),
        }]});
    }
    namespace
}

/// A user.
pub fn user(rng: &mut Rng) -> Value {
    let mut user = json!({"name": if rng.bool() { "admin" } else { "alice" }});
    if rng.bool() {
        user["groups"] = json!(["developers", text(rng)]);
    }
    if unlikely(rng, 3) {
        user["uid"] = json!("7");
        user["extra"] = json!({"scopes": ["read", text(rng)]});
    }
    user
}

fn integer(rng: &mut Rng) -> Value {
    match rng.u32(0..10) {
        0 => json!(0),
        1 => json!(-1),
        2 => json!(i64::MAX),
        3 => json!(i64::MIN),
        4 => json!(1_i64 << 53),
        _ => json!(rng.i64(0..9)),
    }
}

/// Numbers that readers take for different kinds.
fn number(rng: &mut Rng) -> Value {
    match rng.u32(0..11) {
        0 => json!(u64::MAX),
        1 => json!(i64::MAX as u64 + 1),
        2 => json!(-0.0),
        3 => json!(1e21),
        4 => json!(1.5e-9),
        5 => json!(f64::MAX),
        6 => json!(5e-324),
        7 => json!(3.0),
        8 => integer(rng),
        _ => json!(f64::from(rng.i32(-9..10)) / 2.0),
    }
}

fn container(rng: &mut Rng) -> Value {
    let mut container = json!({"name": text(rng), "image": pick(rng, &[
        "registry.example/a:1", "nginx", "a@sha256:00", "",
    ])});
    container["securityContext"] = match rng.u32(0..6) {
        0 => json!({}),
        1 => json!({"privileged": true, "capabilities": {"add": ["SYS_PTRACE"], "drop": ["ALL"]}}),
        2 => json!({"privileged": false, "runAsUser": 0}),
        3 => json!(null),
        4 => json!({"capabilities": {"drop": []}}),
        _ => return container,
    };
    if unlikely(rng, 4) {
        container["ports"] = json!([{"containerPort": 80, "protocol": "TCP"}]);
    }
    container
}

fn table(rng: &mut Rng) -> Value {
    match rng.u32(0..4) {
        0 => json!({}),
        1 => json!({"a": 1}),
        2 => json!({"flag": rng.bool()}),
        _ => json!({"a": 1, "b": {"c": []}}),
    }
}

/// Keys that are nearly the same, empty, or no names.
fn keys(rng: &mut Rng) -> Value {
    const KEYS: &[&str] = &[
        "",
        " ",
        "a",
        "A",
        "a ",
        "a.b/c",
        "a-b",
        "a b",
        "é",
        "e\u{301}",
        "k",
        "K",
        "1",
        "01",
        "true",
        "null",
        "__proto__",
        "\u{0}",
        "😀",
        "in",
        "name",
    ];
    let entries = (0..rng.usize(0..4)).map(|_| ((pick(rng, KEYS)).to_owned(), any(rng, 1)));
    Value::Object(
        entries
            .collect::<Vec<_>>()
            .into_iter()
            .collect::<Map<_, _>>(),
    )
}

fn deep(rng: &mut Rng) -> Value {
    let mut value = any(rng, 0);
    for _ in 0..rng.usize(1..90) {
        value = if rng.bool() {
            json!([value])
        } else {
            json!({"a": value})
        };
    }
    value
}

fn wide(rng: &mut Rng) -> Value {
    let count = rng.usize(1..400);
    match rng.u32(0..4) {
        0 => (0..count).map(|_| any(rng, 0)).collect(),
        1 => (0..count).map(|i| json!(i)).collect(),
        2 => (0..count)
            .map(|i| json!({"name": i.to_string(), "on": true}))
            .collect(),
        _ => (0..count).map(|_| json!("same")).collect(),
    }
}

/// Any JSON.
fn any(rng: &mut Rng, depth: u32) -> Value {
    match rng.u32(0..if depth == 0 { 7 } else { 10 }) {
        0 => Value::Null,
        1 => json!(rng.bool()),
        2 => integer(rng),
        3 => number(rng),
        4 => json!("3"),
        5 | 6 => json!(text(rng)),
        7 | 8 => (0..rng.usize(0..4)).map(|_| any(rng, depth - 1)).collect(),
        _ => {
            let fields = (0..rng.usize(0..3)).map(|_| {
                let name = if rng.bool() {
                    "a".to_owned()
                } else {
                    text(rng)
                };
                (name, any(rng, depth - 1))
            });
            Value::Object(fields.collect::<Vec<_>>().into_iter().collect())
        }
    }
}
