//! Answers the cases of `tests/objects` (one JSON object a line in, one a line out) as that Go
//! program does: what the API server makes of an object that is created.

#![allow(missing_docs, clippy::unwrap_used)]

use std::io::{BufRead as _, Write as _};

use serde_json::{Value, json};
use vapwright_cel::document::Node;
use vapwright_kube::admit::{Cluster, Settings, admit};
use vapwright_kube::kinds::Gvk;
use vapwright_kube::refusal::{Refusal, refused, undecodable};
use vapwright_kube::{json, schema, yaml};

fn answer(case: &Value) -> Result<Value, Refusal> {
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

fn main() {
    let mut out = std::io::stdout().lock();
    for line in std::io::stdin().lock().lines() {
        let case: Value = serde_json::from_str(&line.unwrap()).unwrap();
        let id = &case["id"];
        let answer = match answer(&case) {
            Ok(admitted) => json!({"id": id, "status": 201, "admitted": admitted}),
            Err(refusal) => {
                let causes: Vec<_> = refusal
                    .causes
                    .iter()
                    .map(|cause| {
                        json!({"reason": cause.reason, "message": cause.message, "field": cause.field})
                    })
                    .collect();
                json!({"id": id, "status": refusal.status, "message": refusal.message, "causes": causes})
            }
        };
        writeln!(out, "{answer}").unwrap();
    }
}
