//! Expressions and documents from a seed.

use fastrand::Rng;
use serde_json::{Value, json};

use crate::grammar::{ALL, RULES, Rule, Ty, leaves};

/// Depth to which expressions nest.
const DEPTH: u32 = 4;
/// One place in so many gets a part of another type.
const ILL_TYPED: u32 = 40;

/// An expression of any type.
pub fn expression(rng: &mut Rng) -> String {
    let ty = *pick(rng, &ALL);
    let depth = rng.u32(0..=DEPTH);
    let mut text = part(rng, ty, depth);
    if rng.u32(0..200) == 0 {
        damage(rng, &mut text);
    }
    text
}

fn part(rng: &mut Rng, ty: Ty, depth: u32) -> String {
    let ty = if rng.u32(0..ILL_TYPED) == 0 {
        *pick(rng, &ALL)
    } else {
        ty
    };
    let rules: Vec<&Rule> = RULES.iter().filter(|rule| rule.0 == ty).collect();
    if depth == 0 || rules.is_empty() || rng.u32(0..5) == 0 {
        return (*pick(rng, leaves(ty))).to_owned();
    }
    let Rule(_, template, parts) = pick(rng, &rules);
    let mut text = (*template).to_owned();
    for (index, ty) in parts.iter().enumerate() {
        let inner = part(rng, *ty, depth - 1);
        text = text.replacen(&format!("${index}"), &wrap(&inner), 1);
    }
    text
}

/// Operators inside an expression need parentheses; names, literals and calls do not.
fn wrap(inner: &str) -> String {
    if inner.contains(' ') || inner.starts_with(['-', '!']) {
        format!("({inner})")
    } else {
        inner.to_owned()
    }
}

/// Takes a character out or puts one in: most such texts are no CEL any more.
fn damage(rng: &mut Rng, text: &mut String) {
    let places: Vec<usize> = text.char_indices().map(|(index, _)| index).collect();
    let at = *pick(rng, &places);
    if rng.bool() {
        text.remove(at);
    } else {
        text.insert(
            at,
            *pick(
                rng,
                &['(', ')', '[', ']', '.', ',', '?', '#', '+', '\'', '1', 'x'],
            ),
        );
    }
}

/// A document, realistic or adversarial.
pub fn document(rng: &mut Rng) -> Value {
    let names = [
        "web",
        "",
        "ünï",
        "a.b-c",
        "\u{1F600}",
        "x".repeat(300).leak(),
    ];
    let name = *pick(rng, &names);
    let security = [
        json!({}),
        json!({"privileged": true, "capabilities": {"add": ["SYS_PTRACE"], "drop": ["ALL"]}}),
        json!({"privileged": false, "runAsUser": 0}),
        json!(null),
    ];
    let container = |rng: &mut Rng| {
        let mut container = json!({"name": *pick(rng, &names), "image": "registry.example/a:1"});
        if rng.bool() {
            container["securityContext"] = pick(rng, &security).clone();
        }
        container
    };
    let containers: Vec<Value> = (0..rng.usize(0..4)).map(|_| container(rng)).collect();
    let replicas = [
        json!(3),
        json!(0),
        json!(-1),
        json!(i64::MAX),
        json!(i64::MIN),
        json!("3"),
        json!(2.5),
        json!(null),
    ];
    let mixed = json!([1, "a", null, 2.5, [1, [2]], {"k": true}, -0.0, i64::MIN]);
    json!({
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": name, "labels": {"app": "web", "a": "1"}},
        "spec": {
            "replicas": pick(rng, &replicas),
            "hostNetwork": rng.bool(),
            "containers": containers,
            "numbers": [rng.i64(-3..4), 2, 3],
            "names": ["a", name],
            "ratio": 0.5,
            "nothing": null,
            "table": {"a": 1, "b": {"c": []}},
            "mixed": mixed,
        }
    })
}

fn pick<'a, T>(rng: &mut Rng, from: &'a [T]) -> &'a T
where
    T: 'a,
{
    &from[rng.usize(0..from.len())]
}
