//! Refusals that real API servers answered with, and that their code gives.

use std::collections::BTreeMap;

use serde_json::Value;
use vapwright_cel::document::Node;

use crate::admit::{Settings, admit, records};
use crate::json;
use crate::kinds::Gvk;
use crate::refusal::{Refusal, refused, undecodable};
use crate::{schema, yaml};

/// What becomes of an object that is sent: refused, or created.
fn answer(object: &Value, namespace: &str, privileged: bool) -> Result<Node, Refusal> {
    let text = serde_json::to_string(object).unwrap();
    let document = yaml::read(&text).documents.remove(0);
    let gvk = Gvk::of(&document.node).unwrap();
    if let Some(refusal) = undecodable(&gvk, &schema::check(&document)) {
        return Err(refusal);
    }
    let settings = Settings {
        namespace: namespace.to_owned(),
        privileged,
        ..Settings::default()
    };
    let admitted = admit(&document.node, &settings);
    match refused(&gvk, &admitted, &settings) {
        Some(refusal) => Err(refusal),
        None => Ok(admitted.node),
    }
}

#[test]
fn objects_that_an_api_server_refused() {
    let records = records();
    if records.is_empty() {
        eprintln!("skipped: no recorded objects");
        return;
    }
    let mut counts: BTreeMap<(String, bool), usize> = BTreeMap::new();
    let mut differences: BTreeMap<String, usize> = BTreeMap::new();
    for record in &records {
        let object = &record["input"];
        let namespace = object["metadata"]["namespace"].as_str().unwrap_or("plain");
        // the server that was recorded did not allow privileged containers
        let ours = match answer(object, namespace, false) {
            Ok(_) => (201, String::new()),
            Err(refusal) => (refusal.status, refusal.message),
        };
        let theirs = (
            u16::try_from(record["status"].as_u64().unwrap()).unwrap(),
            record["message"].as_str().unwrap_or_default().to_owned(),
        );
        let kind = object["kind"].as_str().unwrap().to_owned();
        let equal = ours == theirs;
        *counts.entry((kind, equal)).or_default() += 1;
        if !equal {
            *differences
                .entry(format!("{ours:?} is {theirs:?}"))
                .or_default() += 1;
        }
    }
    for (difference, count) in &differences {
        eprintln!("{count} times {difference}");
    }
    eprintln!("{counts:?}");
    assert!(differences.is_empty());
    assert!(json::from_str("{}").is_ok());
}
