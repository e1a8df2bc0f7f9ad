//! The documentation of the CEL functions is complete, and its tables tell the truth.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test may fail anywhere"
)]

use std::fs;
use std::path::Path;

use vapwright_cel::env::Environment;
use vapwright_cel::eval::{Activation, Limits, evaluate};
use vapwright_cel::libs;
use vapwright_cel::value::protocol;
use vapwright_cel::version::KubernetesVersion;

const REFERENCE: &str = include_str!("../src/libs/standard/reference.md");

/// Name, example and value of each row of the reference's tables.
fn rows() -> Vec<[String; 3]> {
    let rows = REFERENCE.lines().filter(|line| line.starts_with("| `"));
    rows.map(|line| {
        // a bar inside of a cell is escaped
        let line = line.replace("\\|", "\u{0}");
        let cells: Vec<String> = line
            .split('|')
            .map(|cell| cell.trim().trim_matches('`').replace('\u{0}', "|"))
            .collect();
        let [name, .., example, value] = &cells[1..cells.len() - 1] else {
            panic!("{line}");
        };
        [name.clone(), example.clone(), value.clone()]
    })
    .collect()
}

#[test]
fn every_standard_function_and_macro_has_a_row() {
    let named: Vec<String> = rows().into_iter().map(|[name, ..]| name).collect();
    let library = libs::standard::library();
    let functions = library.functions.iter().map(|function| function.name);
    let macros = library.macros.iter().map(|r#macro| r#macro.name);
    for name in functions.chain(macros) {
        // what macros become, which nobody writes
        if !name.starts_with("@not") {
            assert!(named.iter().any(|row| row == name), "`{name}` has no row");
        }
    }
}

#[test]
fn every_example_has_its_value() {
    let env = Environment::kubernetes(KubernetesVersion::new(36));
    for [_, example, expected] in rows() {
        let compiled = env.compile(&example).unwrap();
        let activation = Activation::new();
        let value = evaluate(&compiled.program, &activation, Limits::PER_EXPRESSION).result;
        let found: serde_json::Value =
            serde_json::from_str(&protocol::json(&value.unwrap()).unwrap()).unwrap();
        let expected: serde_json::Value = serde_json::from_str(&expected).unwrap();
        assert_eq!(found, expected, "{example}");
    }
}

/// The source of a folder's files.
fn sources(folder: &Path, into: &mut String) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            sources(&path, into);
        } else {
            into.push_str(&fs::read_to_string(path).unwrap());
        }
    }
}

#[test]
fn every_other_function_and_macro_is_documented_with_its_signature() {
    let mut source = String::new();
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/libs");
    sources(&folder, &mut source);
    let documented: Vec<&str> = source
        .lines()
        .map(str::trim_start)
        .filter(|line| line.starts_with("//! ") || line.starts_with("/// "))
        .collect();
    let mut missing = Vec::new();
    for library in libs::kubernetes(KubernetesVersion::NEWEST) {
        let functions = library.functions.iter().map(|function| function.name);
        let macros = library.macros.iter().map(|r#macro| r#macro.name);
        if library.name == "stdlib" {
            continue;
        }
        for name in functions.chain(macros) {
            let written = match name {
                "_?._" => ".?".to_owned(),
                "_[?_]" => "[?".to_owned(),
                "_[_]" => "[".to_owned(),
                // what macros become, which nobody writes
                _ if name.starts_with("cel.@") => continue,
                _ => format!("{name}("),
            };
            if !documented.iter().any(|line| line.contains(&written)) {
                missing.push(format!("{}: {name}", library.name));
            }
        }
    }
    assert!(missing.is_empty(), "documented nowhere: {missing:?}");
}
