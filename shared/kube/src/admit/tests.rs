//! Objects as sent and as an API server admitted them.

use std::collections::BTreeMap;
use std::io::Read as _;
use std::path::PathBuf;

use serde_json::Value;
use vapwright_cel::document::Node;

use super::{Settings, admit};
use crate::json;

/// The recorded objects; none where the data is not there.
fn records() -> Vec<Value> {
    let folder = std::env::var_os("VAPWRIGHT_DATA").map_or_else(
        || PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data"),
        PathBuf::from,
    );
    let Ok(bytes) = std::fs::read(folder.join("admitted-objects-1.36.2.jsonl.gz")) else {
        return Vec::new();
    };
    let mut text = String::new();
    flate2::read::GzDecoder::new(bytes.as_slice())
        .read_to_string(&mut text)
        .unwrap();
    text.lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect()
}

/// Where two values differ, first.
fn difference(ours: &Node, theirs: &Node, path: &str) -> Option<String> {
    match (ours, theirs) {
        (Node::Map(left), Node::Map(right)) => {
            for (key, node) in left.iter() {
                let path = format!("{path}.{key}");
                match right.get(key) {
                    Some(other) => {
                        if let Some(found) = difference(node, other, &path) {
                            return Some(found);
                        }
                    }
                    None => return Some(format!("{path} is only ours: {}", json::write(node))),
                }
            }
            right
                .iter()
                .find(|(key, _)| left.get(key).is_none())
                .map(|(key, node)| format!("{path}.{key} is only theirs: {}", json::write(node)))
        }
        (Node::List(left), Node::List(right)) if left.len() == right.len() => left
            .iter()
            .zip(right)
            .enumerate()
            .find_map(|(index, (ours, theirs))| {
                difference(ours, theirs, &format!("{path}[{index}]"))
            }),
        _ if ours == theirs => None,
        _ => Some(format!(
            "{path}: ours {}, theirs {}",
            json::write(ours),
            json::write(theirs)
        )),
    }
}

#[test]
fn objects_that_an_api_server_admitted() {
    let records = records();
    if records.is_empty() {
        eprintln!("skipped: no recorded objects");
        return;
    }
    let mut counts: BTreeMap<String, (usize, usize)> = BTreeMap::new();
    let mut differences: BTreeMap<String, usize> = BTreeMap::new();
    for record in &records {
        if record["status"] != 201 {
            continue;
        }
        let sent = json::from_value(&record["input"]);
        let theirs = json::from_value(&record["admitted"]);
        let ours = admit(&sent, &Settings::default()).node;
        let kind = record["input"]["kind"].as_str().unwrap().to_owned();
        let count = counts.entry(kind.clone()).or_default();
        count.1 += 1;
        match difference(&ours, &theirs, &kind) {
            None => count.0 += 1,
            Some(found) => *differences.entry(found).or_default() += 1,
        }
    }
    for (found, count) in &differences {
        eprintln!("{count} times {found}");
    }
    eprintln!("{counts:?}");
    for (kind, (equal, all)) in counts {
        assert_eq!(equal, all, "{kind}");
    }
}
