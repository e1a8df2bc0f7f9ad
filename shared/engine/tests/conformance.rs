//! The suite in the engine itself, natively and in wasm32.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test fails by panicking, in its helpers too"
)]

#[path = "../../../tests/conformance/suite.rs"]
mod suite;

use include_dir::{Dir, include_dir};

// wasm32 has no files: they are in the test.
static CASES: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/../../tests/conformance");

fn files<'d>(folder: &'d Dir<'d>, found: &mut Vec<suite::Case>) {
    for file in folder.files() {
        let name = file.path().to_string_lossy();
        if name.ends_with(".yaml") {
            found.push(suite::read(&name, file.contents_utf8().unwrap()));
        }
    }
    for folder in folder.dirs() {
        files(folder, found);
    }
}

#[cfg_attr(not(target_arch = "wasm32"), test)]
#[cfg_attr(target_arch = "wasm32", wasm_bindgen_test::wasm_bindgen_test)]
fn every_case_of_the_suite() {
    let mut cases = suite::made();
    let made = cases.len();
    files(&CASES, &mut cases);
    assert!(cases.len() > made, "no case was found");
    let mut failures = Vec::new();
    for case in &cases {
        failures.extend(suite::check(case, &case.call.answer()));
    }
    assert!(
        failures.is_empty(),
        "{} of {} cases fail:\n\n{}",
        failures.len(),
        cases.len(),
        failures.join("\n\n")
    );
}
