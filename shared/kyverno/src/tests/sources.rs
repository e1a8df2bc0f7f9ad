//! Kyverno's own policies and ours: names, profiles, actions, and no field lost.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path as FilePath, PathBuf};

use vapwright_cel::document::Node;
use vapwright_kube::path::Path;

use super::document;
use crate::{Conversion, Converted, Names, Options, Outcome, Profile, convert};

/// The names that issue and architecture give for Kyverno's policies.
const UPSTREAM: [&str; 19] = [
    "disallow-capabilities-adding-capabilities",
    "disallow-capabilities-strict-adding-capabilities-strict",
    "disallow-capabilities-strict-require-drop-all",
    "disallow-host-namespaces",
    "disallow-host-path",
    "disallow-host-ports-none",
    "disallow-host-ports-range-host-port-range",
    "disallow-host-process-containers",
    "disallow-privilege-escalation",
    "disallow-privileged-containers",
    "disallow-proc-mount-check-proc-mount",
    "disallow-selinux-type",
    "disallow-selinux-user-role",
    "require-run-as-non-root-user",
    "require-run-as-nonroot-run-as-non-root",
    "restrict-seccomp-check-seccomp",
    "restrict-seccomp-strict-check-seccomp-strict",
    "restrict-sysctls-check-sysctls",
    "restrict-volume-types-restricted-volumes",
];

const RESTRICTED: [&str; 7] = [
    "disallow-capabilities-strict-adding-capabilities-strict",
    "disallow-capabilities-strict-require-drop-all",
    "disallow-privilege-escalation",
    "require-run-as-non-root-user",
    "require-run-as-nonroot-run-as-non-root",
    "restrict-seccomp-strict-check-seccomp-strict",
    "restrict-volume-types-restricted-volumes",
];

fn workspace() -> PathBuf {
    FilePath::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn data() -> Option<PathBuf> {
    let folder = std::env::var_os("VAPWRIGHT_DATA")
        .map_or_else(|| workspace().join("../shared/data"), PathBuf::from)
        .join("kyverno-pod-security-cel");
    if folder.is_dir() {
        return Some(folder);
    }
    eprintln!("skipped: {} is missing", folder.display());
    None
}

/// The files below a folder with a name that ends so, in order.
fn files(folder: &FilePath, end: &str) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.to_string_lossy().ends_with(end) {
                found.push(path);
            }
        }
    }
    found.sort();
    found
}

/// The conversions of all files, by one set of names.
fn conversions(folder: &FilePath, end: &str) -> Vec<(PathBuf, Node, Conversion)> {
    let mut names = Names::new();
    files(folder, end)
        .into_iter()
        .map(|file| {
            let document = document(&fs::read_to_string(&file).unwrap());
            let options = Options {
                file: Some(file.to_string_lossy().into_owned()),
                ..Options::default()
            };
            let conversion = convert(&document, &options, &mut names);
            (file, document.node, conversion)
        })
        .collect()
}

/// Every scalar, and every empty map or list.
fn leaves(node: &Node, path: Path, found: &mut Vec<Path>) {
    match node {
        Node::Map(fields) if !fields.is_empty() => {
            for (name, child) in fields.iter() {
                leaves(child, path.field(name), found);
            }
        }
        Node::List(items) if !items.is_empty() => {
            for (index, child) in items.iter().enumerate() {
                leaves(child, path.index(index), found);
            }
        }
        _ => found.push(path),
    }
}

fn assert_nothing_lost(file: &FilePath, node: &Node, conversion: &Conversion) {
    let mut all = Vec::new();
    leaves(node, Path::root(), &mut all);
    let recorded: BTreeSet<&Path> = conversion.fields.iter().map(|field| &field.path).collect();
    for leaf in &all {
        let mut path = Some(leaf.clone());
        let mut found = false;
        while let Some(here) = path {
            found |= recorded.contains(&here);
            path = here.parent();
        }
        assert!(found, "{}: nothing is said of `{leaf}`", file.display());
    }
}

/// The message of each validation in a policy, in order.
fn messages(policy: &Converted) -> Vec<&str> {
    let validations = policy.policy.at(&["spec", "validations"]).unwrap();
    validations
        .as_list()
        .unwrap()
        .iter()
        .map(|one| one.get("message").and_then(Node::as_str).unwrap_or(""))
        .collect()
}

#[test]
fn kyvernos_pod_security_policies_convert() {
    let Some(folder) = data() else { return };
    let all = conversions(&folder, ".yaml");
    assert_eq!(all.len(), 17);
    let mut names = Vec::new();
    for (file, node, conversion) in &all {
        assert_eq!(conversion.problems, Vec::new(), "{}", file.display());
        assert_nothing_lost(file, node, conversion);
        let refused = |field: &&crate::FieldOutcome| field.outcome >= Outcome::Approximated;
        let refused: Vec<_> = conversion
            .fields
            .iter()
            .filter(refused)
            .filter(|field| field.outcome != Outcome::Dropped)
            .collect();
        assert!(refused.is_empty(), "{}: {refused:?}", file.display());
        for policy in &conversion.policies {
            names.push(policy.name.as_str());
            let expected = if RESTRICTED.contains(&policy.name.as_str()) {
                Profile::Restricted
            } else {
                Profile::Baseline
            };
            assert_eq!(policy.profile, expected, "{}", policy.name);
            let actions = policy.bindings[0].at(&["spec", "validationActions"]);
            let expected = Node::List(vec![Node::string("Audit"), Node::string("Warn")]);
            assert_eq!(actions, Some(&expected), "{}", policy.name);
            for message in messages(policy) {
                assert!(!message.is_empty() && !message.contains('\n'), "{message}");
            }
        }
    }
    names.sort_unstable();
    assert_eq!(names, UPSTREAM);
}

/// This rule's expression has no message of its own: Kyverno drops the rule's.
#[test]
fn the_rules_message_is_the_default() {
    let Some(folder) = data() else { return };
    let all = conversions(&folder, "disallow-capabilities-strict.yaml");
    let (_, _, conversion) = all.first().unwrap();
    assert_eq!(
        messages(&conversion.policies[0]),
        ["Containers must drop `ALL` capabilities."]
    );
    let origin = &conversion.policies[0].origins["spec.validations[0].message"];
    assert_eq!(origin.to_string(), "spec.rules[0].validate.message");
}

#[test]
fn our_policies_convert() {
    let all = conversions(&workspace().join("policies"), "policy.yaml");
    assert_eq!(all.len(), 21);
    let mut names = BTreeSet::new();
    for (file, node, conversion) in &all {
        assert_eq!(conversion.problems, Vec::new(), "{}", file.display());
        assert_nothing_lost(file, node, conversion);
        let profile = Profile::from_path(&file.to_string_lossy()).unwrap();
        for policy in &conversion.policies {
            assert!(names.insert(policy.name.clone()), "{}", policy.name);
            assert_eq!(policy.profile, profile, "{}", policy.name);
            for (what, value) in [
                ("title", &policy.title),
                ("severity", &policy.severity),
                ("description", &policy.description),
                ("remediation", &policy.remediation),
            ] {
                assert!(value.is_some(), "{}: no {what}", policy.name);
            }
            let actions = policy.bindings[0].at(&["spec", "validationActions"]);
            let deny = Node::List(vec![Node::string("Deny")]);
            assert_eq!(actions, Some(&deny), "{}", policy.name);
            assert!(
                policy.name.len() <= 63,
                "{}: a label cannot hold it",
                policy.name
            );
        }
    }
    // What MediaWiki's namespace names, by architecture.md, is there.
    for name in [
        "restrict-volume-types-restricted-volumes",
        "disallow-host-path",
        "disallow-capabilities-strict-adding-capabilities-strict",
        "disallow-capabilities-adding-capabilities",
        "allow-hostpath-geoip",
        "disallow-capabilities-except-ptrace",
    ] {
        assert!(names.contains(name), "{name}");
    }
}

/// Every label of ours on the example namespaces names a policy that is shipped.
#[test]
fn example_namespaces_name_policies_that_are_there() {
    let names: BTreeSet<String> = conversions(&workspace().join("policies"), "policy.yaml")
        .into_iter()
        .flat_map(|(_, _, conversion)| conversion.policies)
        .map(|policy| policy.name)
        .collect();
    for file in files(&workspace().join("policies/examples"), "namespace.yaml") {
        let namespace = document(&fs::read_to_string(&file).unwrap()).node;
        let labels = namespace.at(&["metadata", "labels"]).unwrap();
        for (key, _) in labels.as_map().unwrap().iter() {
            if let Some(name) = key.strip_prefix("policy.vapwright.dev/") {
                assert!(name == "profile" || names.contains(name), "{key}");
            }
        }
    }
}
