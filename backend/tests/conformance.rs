//! The suite through the command and through the router: the same answers as the engine's own.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test fails by panicking, in its helpers too"
)]

#[path = "../../tests/conformance/suite.rs"]
mod suite;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Output;

use assert_cmd::Command;
use axum::body::Body;
use axum::http::Request;
use http_body_util::BodyExt as _;
use serde_json::Value;
use suite::{Call, Case};
use tower::ServiceExt as _;
use vapwright::server::{AppState, Settings, router};
use vapwright::store::Store;
use vapwright_engine::wire::{BuildCall, ConvertCall, EvaluateCall, SourceFile, Verdict};

fn cases() -> Vec<Case> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/conformance");
    let mut cases = suite::made();
    for folder in fs::read_dir(root).unwrap() {
        let folder = folder.unwrap().path();
        if folder.is_dir() {
            for file in fs::read_dir(folder).unwrap() {
                let file = file.unwrap().path();
                let text = fs::read_to_string(&file).unwrap();
                cases.push(suite::read(&file.display().to_string(), &text));
            }
        }
    }
    cases
}

fn same(case: &Case, host: &str, answer: &Value) {
    if let Some(lacks) = suite::check(case, answer) {
        panic!("{host}: {lacks}");
    }
    let engine = case.call.answer();
    assert!(
        *answer == engine,
        "{}: {host} answers otherwise than the engine:\n{answer}\n{engine}",
        case.name
    );
}

#[tokio::test]
async fn the_router_answers_as_the_engine_does() {
    let router = router(AppState::new(Store::in_memory(), Settings::default()));
    for case in cases() {
        let (path, body) = match &case.call {
            Call::Convert(call) => ("/api/v1/convert", serde_json::to_vec(call)),
            Call::Evaluate(call) => ("/api/v1/evaluate", serde_json::to_vec(call)),
            Call::Build(_) => continue,
        };
        let request = Request::post(path)
            .header("content-type", "application/json")
            .body(Body::from(body.unwrap()))
            .unwrap();
        let response = router.clone().oneshot(request).await.unwrap();
        assert_eq!(response.status(), 200, "{}", case.name);
        let body = response.into_body().collect().await.unwrap().to_bytes();
        same(&case, "the router", &serde_json::from_slice(&body).unwrap());
    }
}

#[test]
fn the_command_answers_as_the_engine_does() {
    for case in cases() {
        let folder = tempfile::tempdir().unwrap();
        let mut command = Command::cargo_bin("vapwright").unwrap();
        command.current_dir(folder.path());
        match &case.call {
            Call::Convert(call) => convert(&case, call, folder.path(), command),
            Call::Evaluate(call) => evaluate(&case, call, folder.path(), command),
            Call::Build(call) => build(&case, call, folder.path(), command),
        }
    }
}

/// Writes the sources under their names.
fn write(folder: &Path, sources: &[SourceFile]) {
    for source in sources {
        let path = folder.join(&source.name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, &source.text).unwrap();
    }
}

fn option(command: &mut Command, name: &str, value: Option<&String>) {
    if let Some(value) = value {
        command.arg(format!("--{name}={value}"));
    }
}

/// The exit code that an answer's diagnostics ask for.
fn expected_exit(answer: &Value) -> i32 {
    let diagnostics = answer["diagnostics"].as_array().unwrap();
    let wrong = |d: &Value| d["severity"] == "error" && !is_refusal(d);
    if diagnostics.iter().any(wrong) { 3 } else { 0 }
}

/// Whether the API server itself refuses an object: an answer like any other.
fn is_refusal(diagnostic: &Value) -> bool {
    let code = diagnostic["code"].as_str().unwrap();
    matches!(code, "invalid-object" | "forbidden-object")
}

/// Standard error is the diagnostics as the answer has them, one after the other, refusals first.
fn check_exit(case: &Case, output: &Output, answer: &Value, expected: i32) {
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert_eq!(
        output.status.code(),
        Some(expected),
        "{}: {stderr}",
        case.name
    );
    let mut diagnostics = answer["diagnostics"].as_array().unwrap().clone();
    diagnostics.sort_by_key(|diagnostic| !is_refusal(diagnostic));
    let rendered: String = diagnostics
        .iter()
        .map(|diagnostic| format!("{}\n", diagnostic["rendered"].as_str().unwrap()))
        .collect();
    assert_eq!(stderr, rendered, "{}", case.name);
}

fn convert(case: &Case, call: &ConvertCall, folder: &Path, mut command: Command) {
    write(folder, &call.sources);
    command.args(["convert", "--format=answer"]);
    option(&mut command, "kubernetes", call.kubernetes.as_ref());
    option(&mut command, "profile", call.profile.as_ref());
    option(&mut command, "domain", Some(&call.labels.domain));
    if let Some(action) = serde_json::to_value(call).unwrap()["failFast"].as_str() {
        command.arg(format!("--fail-fast={action}"));
    }
    command.args(call.sources.iter().map(|source| &source.name));
    let output = command.output().unwrap();
    let answer = serde_json::from_slice(&output.stdout).unwrap();
    same(case, "the command", &answer);
    check_exit(case, &output, &answer, expected_exit(&answer));
}

fn evaluate(case: &Case, call: &EvaluateCall, folder: &Path, mut command: Command) {
    if call.policies.is_empty() {
        // The command line asks for policies.
        return;
    }
    write(folder, &call.policies);
    write(folder, &call.objects);
    write(folder, &call.old_objects);
    write(folder, &call.params);
    command.args(["admit", "--output=json"]);
    for params in &call.params {
        command.arg(format!("--params={}", params.name));
    }
    for old in &call.old_objects {
        command.arg(format!("--old={}", old.name));
    }
    for policies in &call.policies {
        command.arg(format!("--policies={}", policies.name));
    }
    if let Some(namespace) = &call.namespace {
        write(folder, std::slice::from_ref(namespace));
        command.arg(format!("--namespace={}", namespace.name));
    }
    option(&mut command, "kubernetes", call.kubernetes.as_ref());
    option(&mut command, "profile", call.profile.as_ref());
    option(&mut command, "domain", Some(&call.labels.domain));
    option(&mut command, "operation", call.request.operation.as_ref());
    option(&mut command, "as", call.request.user.as_ref());
    for group in &call.request.groups {
        option(&mut command, "as-group", Some(group));
    }
    if let Some(action) = serde_json::to_value(call).unwrap()["failFast"].as_str() {
        command.arg(format!("--fail-fast={action}"));
    }
    if call.request.dry_run {
        command.arg("--dry-run");
    }
    for (flag, given) in [
        ("--show=admitted", call.show_admitted),
        ("--show=outcomes", call.show_outcomes),
        ("--no-service-account", !call.server.service_account),
        ("--no-privileged", !call.server.allow_privileged),
    ] {
        if given {
            command.arg(flag);
        }
    }
    command.args(call.objects.iter().map(|source| &source.name));
    let output = command.output().unwrap();
    let answer: Value = serde_json::from_slice(&output.stdout).unwrap();
    same(case, "the command", &answer);
    let denied = answer["verdict"] == serde_json::to_value(Verdict::Denied).unwrap();
    let exit = match expected_exit(&answer) {
        0 if denied => 1,
        exit => exit,
    };
    check_exit(case, &output, &answer, exit);
}

fn build(case: &Case, call: &BuildCall, folder: &Path, mut command: Command) {
    write(folder, std::slice::from_ref(&call.manifest));
    write(folder, &call.sources);
    command.args(["bundle", "build", &call.manifest.name, "--out=out"]);
    let output = command.output().unwrap();
    let answer = case.call.answer();
    check_exit(case, &output, &answer, expected_exit(&answer));
    let files = answer["bundle"]["files"].as_array().cloned();
    let mut written: Vec<PathBuf> = fs::read_dir(folder.join("out"))
        .map(|entries| entries.map(|entry| entry.unwrap().path()).collect())
        .unwrap_or_default();
    written.sort();
    assert_eq!(
        written.len(),
        files.as_ref().map_or(0, Vec::len),
        "{}",
        case.name
    );
    for file in files.unwrap_or_default() {
        let path = folder.join("out").join(file["name"].as_str().unwrap());
        assert_eq!(
            fs::read_to_string(path).unwrap(),
            file["text"],
            "{}",
            case.name
        );
    }
}
