//! Objects as kube-apiserver's own code answers them: the stored answers of `tests/objects`, and
//! with `VAPWRIGHT_OBJECTS` (a folder with `cases.jsonl` and `answers.jsonl`) those of generated
//! cases, too.

#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

use std::path::Path;

use serde_json::{Value, json};
use vapwright_cel::document::Node;
use vapwright_kube::admit::{Cluster, Settings, admit};
use vapwright_kube::kinds::Gvk;
use vapwright_kube::refusal::{Refusal, refused, undecodable};
use vapwright_kube::{json, schema, yaml};

fn create(case: &Value) -> Result<Value, Refusal> {
    let text = case["object"].to_string();
    let document = yaml::read(&text).documents.remove(0);
    let gvk = Gvk::of(&document.node).unwrap_or_default();
    if let Some(refusal) = undecodable(&gvk, &schema::check(&document)) {
        return Err(refusal);
    }
    let namespace = case["namespace"].as_str().unwrap_or("default");
    let cluster: Vec<Node> = case["cluster"]
        .as_array()
        .into_iter()
        .flatten()
        .map(json::from_value)
        .collect();
    let mut cluster = Cluster::new(&cluster, namespace);
    cluster.complete = true;
    let settings = Settings {
        namespace: namespace.to_owned(),
        service_account: case["serviceAccount"] == true,
        privileged: case["forbidPrivileged"] != true,
        cluster,
        ..Settings::default()
    };
    let admitted = admit(&document.node, &settings);
    match refused(&gvk, &admitted, &settings) {
        Some(refusal) => Err(refusal),
        None => Ok(json::to_value(&admitted.node)),
    }
}

fn answer(case: &Value) -> Value {
    match create(case) {
        Ok(admitted) => json!({"status": 201, "admitted": admitted}),
        Err(refusal) => {
            let causes = refusal.causes.iter().map(|cause| {
                json!({"reason": cause.reason, "message": cause.message, "field": cause.field})
            });
            let causes: Vec<_> = causes.collect();
            let mut answer = json!({"status": refusal.status, "message": refusal.message});
            if !causes.is_empty() {
                answer["causes"] = causes.into();
            }
            answer
        }
    }
}

/// How two answers compare.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Compared {
    Equal,
    /// What is wrong with the entries of a map is found in a random order.
    OtherOrder,
    Different,
}

/// Takes the times out at which conditions came about.
fn timeless(value: &mut Value) {
    match value {
        Value::Object(fields) => {
            fields.remove("lastTransitionTime");
            fields.values_mut().for_each(timeless);
        }
        Value::Array(items) => items.iter_mut().for_each(timeless),
        _ => {}
    }
}

fn compare(ours: &Value, theirs: &Value) -> Compared {
    let [mut ours, mut theirs] = [ours, theirs].map(Clone::clone);
    timeless(&mut ours);
    timeless(&mut theirs);
    if ours == theirs {
        return Compared::Equal;
    }
    let causes = |answer: &Value| {
        let causes = answer["causes"].as_array().into_iter().flatten();
        let mut causes: Vec<_> = causes.map(Value::to_string).collect();
        causes.sort();
        causes
    };
    let (left, right) = (causes(&ours), causes(&theirs));
    if ours["status"] == theirs["status"] && left.len() > 1 && left == right {
        Compared::OtherOrder
    } else {
        Compared::Different
    }
}

fn tell(case: &Value, ours: &Value, theirs: &Value) {
    eprintln!("{case}\n  ours   {ours}\n  theirs {theirs}");
}

#[test]
fn stored_answers() {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/objects/golden.jsonl");
    let text = std::fs::read_to_string(file).unwrap();
    let (mut count, mut wrong) = (0, 0);
    for line in text.lines() {
        let mut case: Value = serde_json::from_str(line).unwrap();
        let theirs = case["expected"].take();
        let ours = answer(&case);
        count += 1;
        if compare(&ours, &theirs) == Compared::Different {
            wrong += 1;
            tell(&case, &ours, &theirs);
        }
    }
    assert!(count > 500, "only {count} cases");
    assert_eq!(wrong, 0, "of {count} answers");
}

#[test]
fn generated_cases() {
    let Some(folder) = std::env::var_os("VAPWRIGHT_OBJECTS") else {
        return;
    };
    let read = |name: &str| {
        let text = std::fs::read_to_string(Path::new(&folder).join(name)).unwrap();
        let lines = text.lines().map(|line| serde_json::from_str(line).unwrap());
        lines.collect::<Vec<Value>>()
    };
    let (mut equal, mut other_order, mut different) = (0, 0, 0);
    for (case, mut theirs) in read("cases.jsonl").into_iter().zip(read("answers.jsonl")) {
        theirs.as_object_mut().unwrap().remove("id");
        // what the oracle itself could not answer, and a kind whose names are made up
        let unnamed = case["object"]["kind"] == "LimitRange"
            && case["object"]["metadata"]["name"]
                .as_str()
                .is_none_or(str::is_empty);
        if theirs["status"] == 500 || unnamed {
            continue;
        }
        let ours = answer(&case);
        match compare(&ours, &theirs) {
            Compared::Equal => equal += 1,
            Compared::OtherOrder => other_order += 1,
            Compared::Different => {
                different += 1;
                tell(&case, &ours, &theirs);
            }
        }
    }
    println!(
        "{equal} equal, {other_order} but for the order of what is wrong, {different} different"
    );
    assert_eq!(different, 0);
}
