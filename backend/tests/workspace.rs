//! The workspace keeps its shape: dependencies point one way, pure crates stay pure, files are
//! documented and of a size that can be read.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test fails by panicking, in its helpers too"
)]

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

/// From the bottom up: a crate may depend on those before it. The hosts come last and may
/// depend on the facade alone.
const LAYERS: [&str; 6] = [
    "vapwright-cel",
    "vapwright-kube",
    "vapwright-admission",
    "vapwright-kyverno",
    "vapwright-bundle",
    "vapwright-engine",
];
const HOSTS: [&str; 2] = ["vapwright", "vapwright-web"];

/// Crates that would bring files, network, clock, randomness or threads into shared/.
const IMPURE: [&str; 12] = [
    "tokio",
    "async-std",
    "mio",
    "socket2",
    "reqwest",
    "hyper",
    "rand",
    "getrandom",
    "rayon",
    "tempfile",
    "walkdir",
    "num_cpus",
];

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .parent()
        .unwrap()
        .to_owned()
}

fn metadata() -> Value {
    let output = Command::new(env!("CARGO"))
        .args(["metadata", "--format-version", "1", "--locked", "--offline"])
        .args(["--filter-platform", "wasm32-unknown-unknown"])
        .current_dir(root())
        .output()
        .unwrap();
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    serde_json::from_slice(&output.stdout).unwrap()
}

/// Package name by id, and the names of the normal dependencies of each package.
fn dependencies(metadata: &Value) -> BTreeMap<String, BTreeSet<String>> {
    let packages = metadata["packages"].as_array().unwrap();
    let name: BTreeMap<&str, &str> = packages
        .iter()
        .map(|p| (p["id"].as_str().unwrap(), p["name"].as_str().unwrap()))
        .collect();
    let nodes = metadata["resolve"]["nodes"].as_array().unwrap();
    nodes
        .iter()
        .map(|node| {
            let normal = node["deps"].as_array().unwrap().iter().filter(|dep| {
                dep["dep_kinds"]
                    .as_array()
                    .unwrap()
                    .iter()
                    .any(|kind| kind["kind"].is_null())
            });
            let names = normal
                .map(|dep| name[dep["pkg"].as_str().unwrap()].to_owned())
                .collect();
            (name[node["id"].as_str().unwrap()].to_owned(), names)
        })
        .collect()
}

#[test]
fn dependencies_point_one_way() {
    let graph = dependencies(&metadata());
    let ours: BTreeSet<&str> = LAYERS.iter().chain(&HOSTS).copied().collect();
    for (index, layer) in LAYERS.iter().enumerate() {
        let allowed = &LAYERS[..index];
        for dependency in graph[*layer]
            .iter()
            .filter(|name| ours.contains(name.as_str()))
        {
            assert!(
                allowed.contains(&dependency.as_str()),
                "{layer} depends on {dependency}"
            );
        }
    }
    for host in HOSTS {
        for dependency in graph[host]
            .iter()
            .filter(|name| ours.contains(name.as_str()))
        {
            assert_eq!(
                dependency, "vapwright-engine",
                "{host} depends on {dependency}"
            );
        }
    }
}

#[test]
fn shared_crates_are_pure() {
    let graph = dependencies(&metadata());
    let mut seen = BTreeSet::new();
    let mut open: Vec<(String, String)> = LAYERS
        .iter()
        .map(|layer| ((*layer).to_owned(), (*layer).to_owned()))
        .collect();
    while let Some((name, through)) = open.pop() {
        assert!(
            !IMPURE.contains(&name.as_str()),
            "{through} brings in {name}"
        );
        if seen.insert(name.clone()) {
            open.extend(
                graph[&name]
                    .iter()
                    .map(|dep| (dep.clone(), format!("{through} > {dep}"))),
            );
        }
    }
}

fn rust_files(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        if path.is_dir() && name != "target" && name != "node_modules" {
            rust_files(&path, found);
        } else if name.ends_with(".rs") {
            found.push(path);
        }
    }
}

#[test]
fn every_module_says_what_lives_in_it_and_can_be_read_at_one_sitting() {
    let mut files = Vec::new();
    for folder in ["shared", "backend", "frontend", "tests"] {
        rust_files(&root().join(folder), &mut files);
    }
    assert!(files.len() > 20, "found only {} files", files.len());
    let mut wrong = Vec::new();
    for file in files {
        let text = fs::read_to_string(&file).unwrap();
        if !text.starts_with("//!") {
            wrong.push(format!("{}: does not start with //!", file.display()));
        }
        if text.lines().count() > 1000 {
            wrong.push(format!(
                "{}: {} lines, split it",
                file.display(),
                text.lines().count()
            ));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Where `shared/` may not reach: the host decides about files, time and the network.
#[test]
fn shared_sources_reach_for_no_host() {
    let mut files = Vec::new();
    rust_files(&root().join("shared"), &mut files);
    let banned = [
        "std::fs",
        "std::env::",
        "std::net::Tcp",
        "std::thread",
        "std::process",
        "Instant::now",
        "SystemTime::now",
    ];
    let mut wrong = Vec::new();
    for file in files
        .iter()
        .filter(|file| file.components().any(|part| part.as_os_str() == "src"))
        .filter(|file| !file.components().any(|part| part.as_os_str() == "tests"))
    {
        let text = fs::read_to_string(file).unwrap();
        let code = text.split("#[cfg(test)]").next().unwrap();
        if file.ends_with("tests.rs") || file.components().any(|part| part.as_os_str() == "tests") {
            continue;
        }
        for word in banned.iter().filter(|word| code.contains(**word)) {
            wrong.push(format!("{}: {word}", file.display()));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
