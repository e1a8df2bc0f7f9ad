//! Custom objects as a live API server answered them: `tests/cluster` recorded its answers, and
//! `make record` asks it anew.

#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

use std::path::Path;

use serde_json::{Value, json};
use vapwright_cel::version::KubernetesVersion;
use vapwright_kube::admit::{Settings, admit};
use vapwright_kube::custom::Definitions;
use vapwright_kube::kinds::Gvk;
use vapwright_kube::refusal::{Refusal, refused, refused_update, undecodable};
use vapwright_kube::{json, yaml};

/// What became of an object, and the warnings.
type Taken = (u16, Value, Vec<String>);

/// What becomes of an object that is created, or replaces an old one.
fn take(
    object: &Value,
    old: &Value,
    definitions: &Definitions,
) -> Result<Taken, (Refusal, Vec<String>)> {
    let document = yaml::read(&object.to_string()).documents.remove(0);
    let gvk = Gvk::of(&document.node).unwrap();
    let problems = definitions.check(&document).unwrap();
    if let Some(refusal) = undecodable(&gvk, &problems) {
        return Err((refusal, Vec::new()));
    }
    let settings = Settings {
        definitions: definitions.clone(),
        ..Settings::default()
    };
    if !old.is_null() {
        let old = definitions
            .stored(&json::from_value(old), &settings)
            .unwrap();
        let mut new = definitions.stored(&document.node, &settings).unwrap();
        assert!(definitions.update(&mut new, &old));
        let (refusal, mut warnings) = refused_update(&gvk, &new, &old, &settings);
        warnings.sort();
        return match refusal {
            Some(refusal) => Err((refusal, warnings)),
            None => Ok((200, json::to_value(&new), warnings)),
        };
    }
    let admitted = admit(&document.node, &settings);
    assert_eq!(admitted.dropped, Vec::new(), "strict decoding says so");
    match refused(&gvk, &admitted, &settings) {
        Some(refusal) => Err((refusal, Vec::new())),
        None => {
            let mut warnings = definitions.warnings(&gvk, &admitted.node);
            warnings.sort();
            Ok((201, json::to_value(&admitted.node), warnings))
        }
    }
}

/// The answer in the form in which it was recorded.
fn answer(object: &Value, old: &Value, definitions: &Definitions) -> Value {
    match take(object, old, definitions) {
        Ok((status, admitted, warnings)) if warnings.is_empty() => {
            json!({"status": status, "admitted": admitted})
        }
        Ok((status, admitted, warnings)) => {
            json!({"status": status, "admitted": admitted, "warnings": warnings})
        }
        Err((refusal, warnings)) => {
            let causes = refusal.causes.iter().map(|cause| {
                json!({"reason": cause.reason, "message": cause.message, "field": cause.field})
            });
            let causes: Vec<_> = causes.collect();
            let mut answer = json!({"status": refusal.status, "message": refusal.message});
            if !causes.is_empty() {
                answer["causes"] = causes.into();
            }
            if !warnings.is_empty() {
                answer["warnings"] = warnings.into();
            }
            answer
        }
    }
}

/// The answer without the order of its causes: the API server finds those of several fields in the
/// random order of Go's maps.
fn unordered(answer: &Value) -> Value {
    let mut answer = answer.clone();
    if let Some(causes) = answer["causes"].as_array_mut()
        && causes.len() > 1
    {
        causes.sort_by_key(Value::to_string);
        answer["message"] = Value::Null;
    }
    answer
}

/// Compares with the answers of a file; how many there are.
fn compare(file: &Path) -> usize {
    let text = std::fs::read_to_string(file).unwrap();
    let mut definitions = Definitions::default();
    let (mut count, mut reordered, mut wrong) = (0, 0, 0);
    for line in text.lines() {
        let mut theirs: Value = serde_json::from_str(line).unwrap();
        if let Some(definition) = theirs.get("definition") {
            let node = json::from_value(definition);
            definitions = Definitions::read([&node].into_iter(), KubernetesVersion::new(36));
            continue;
        }
        let mut object = theirs["object"].take();
        let old = theirs["old"].take();
        let fields = theirs.as_object_mut().unwrap();
        fields.remove("object");
        fields.remove("old");
        // the recorder sends it with an update, and forgets it in the answers
        let metadata = object["metadata"].as_object_mut();
        metadata.map(|fields| fields.remove("resourceVersion"));
        let ours = answer(&object, &old, &definitions);
        count += 1;
        if ours == theirs {
            continue;
        }
        if unordered(&ours) == unordered(&theirs) {
            reordered += 1;
            continue;
        }
        wrong += 1;
        eprintln!("{object} {old}\n  ours   {ours}\n  theirs {theirs}");
    }
    println!("{count} objects, {reordered} with causes in another order");
    assert_eq!(wrong, 0, "of {count} answers");
    count
}

#[test]
fn custom_objects_are_answered_as_by_the_live_server() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/cluster/recorded");
    let count = compare(&folder.join("custom.jsonl"));
    assert!(count > 300, "only {count} objects");
}

/// Answers to other cases, recorded into the file that `VAPWRIGHT_CUSTOM` names.
#[test]
fn other_custom_objects() {
    if let Some(file) = std::env::var_os("VAPWRIGHT_CUSTOM") {
        compare(Path::new(&file));
    }
}

/// Puts something else into a place of a schema that a number chooses.
fn damage(node: &mut Value, number: &mut usize) {
    let others = [
        json!(null),
        json!(true),
        json!(-1),
        json!("object"),
        json!("["),
        json!([{"rule": "self.a"}]),
        json!({"type": "array", "nullable": true}),
    ];
    let size = match node {
        Value::Object(fields) => fields.len(),
        Value::Array(items) => items.len(),
        _ => 0,
    };
    let place = *number % (size + 1);
    *number /= size + 1;
    match node {
        Value::Object(fields) if place < size => {
            damage(fields.values_mut().nth(place).unwrap(), number)
        }
        Value::Array(items) if place < size => damage(&mut items[place], number),
        other => *other = others[*number % others.len()].clone(),
    }
}

/// A definition that no API server would take may be typed: whatever is said, nothing panics.
#[test]
fn damaged_definitions_do_no_harm() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/cluster/recorded");
    let text = std::fs::read_to_string(folder.join("custom.jsonl")).unwrap();
    let lines: Vec<Value> = text
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    let mut definition = Value::Null;
    let mut number: usize = 1;
    let mut refused = 0;
    for line in &lines {
        if let Some(found) = line.get("definition") {
            definition = found.clone();
            continue;
        }
        for _ in 0..8 {
            number = number
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1_442_695_040_888_963_407);
            let mut damaged = definition.clone();
            damage(
                &mut damaged["spec"]["versions"][0]["schema"],
                &mut (number >> 8),
            );
            let node = json::from_value(&damaged);
            let definitions = Definitions::read([&node].into_iter(), KubernetesVersion::new(36));
            let document = yaml::read(&line["object"].to_string()).documents.remove(0);
            if definitions.check(&document).is_some() {
                let said = std::panic::catch_unwind(|| {
                    answer(&line["object"], &line["old"], &definitions)
                });
                refused +=
                    usize::from(said.unwrap_or_else(|_| panic!("{damaged}"))["status"] != 201);
            }
        }
    }
    assert!(refused > 1_000, "only {refused}");
}
