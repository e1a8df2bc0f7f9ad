//! Types and type errors of the public CEL suites, as a real API server answers them.

#![allow(
    clippy::unwrap_used,
    reason = "a test fails by panicking, in its helpers too"
)]

mod common;

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader};
use std::path::PathBuf;

use serde_json::Value;
use vapwright_cel::check::check;
use vapwright_cel::issue::display_all;
use vapwright_cel::parse::parse;
use vapwright_cel::source::Source;
use vapwright_cel::version::KubernetesVersion;

/// Cases whose type, or whole text of type errors, must be equal: all 2,470 but the syntax errors,
/// which the parser's tests count.
const MINIMUM: usize = 2_357;

fn data() -> PathBuf {
    std::env::var_os("VAPWRIGHT_DATA").map_or_else(
        || PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data"),
        PathBuf::from,
    )
}

fn lines(name: &str) -> Option<Vec<Value>> {
    let file = std::fs::File::open(data().join("cases").join(name)).ok()?;
    let lines = BufReader::new(flate2::read::GzDecoder::new(file)).lines();
    Some(
        lines
            .map(|line| serde_json::from_str(&line.unwrap()).unwrap())
            .collect(),
    )
}

#[test]
fn types_and_type_errors_are_the_api_servers() {
    let (Some(cases), Some(expected)) = (
        lines("cel-spec.cases.jsonl.gz"),
        lines("cel-spec.expected.jsonl.gz"),
    ) else {
        println!("skipped: no data");
        return;
    };
    let env = common::environment(KubernetesVersion::new(36));
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for (case, expected) in cases.iter().zip(&expected) {
        let text = case["expr"].as_str().unwrap();
        let source = Source::new(text);
        let parsed = parse(&source, &env);
        if !parsed.issues.is_empty() {
            *counts.entry("syntax error").or_default() += 1;
            continue;
        }
        let checked = check(parsed.ast, &source, &env);
        let wanted = match (&expected["type"], &expected["compileErrors"][0]) {
            (Value::String(t), _) => t.clone(),
            (_, Value::String(text)) => text.clone(),
            other => panic!("{}: neither type nor error: {other:?}", case["id"]),
        };
        let got = if checked.issues.is_empty() {
            checked.checked.output.to_string()
        } else {
            display_all(&checked.issues, &source)
        };
        let (wants_error, has_error) = (wanted.starts_with("ERROR"), got.starts_with("ERROR"));
        let count = match (got == wanted, wants_error, has_error) {
            (true, true, _) => "error equal",
            (true, false, _) => "type equal",
            (false, true, true) => "error text differs",
            (false, false, false) => "type differs",
            (false, true, false) => "error missed",
            (false, false, true) => "error invented",
        };
        *counts.entry(count).or_default() += 1;
        if got != wanted {
            println!(
                "{count}: {}\n  {text}\n  wanted: {wanted}\n  got:    {got}",
                case["id"]
            );
        }
    }
    println!("{counts:?}");
    let equal = counts.get("error equal").unwrap_or(&0) + counts.get("type equal").unwrap_or(&0);
    assert!(equal >= MINIMUM, "{equal} equal: {counts:?}");
}
