//! Bundles: what is read, refused, rendered and digested.

use std::fs;
use std::path::{Path as FilePath, PathBuf};

use vapwright_cel::document::Node;
use vapwright_cel::version::KubernetesVersion;
use vapwright_kube::document::Document;
use vapwright_kube::yaml;

use super::*;

const POLICY: &str = "apiVersion: kyverno.io/v1
kind: ClusterPolicy
metadata:
  name: check-it
spec:
  rules:
  - name: it
    match: {any: [{resources: {kinds: [Pod]}}]}
    validate:
      failureAction: Enforce
      cel: {expressions: [{expression: object.spec.x == 1, message: x must be 1}]}
";

const MANIFEST_TEXT: &str = "name: one
version: 1.2.3
description: A set of one
labels: {domain: example.org}
profiles:
  restricted:
  - it.yaml
";

fn documents(text: &str) -> Vec<Document> {
    let read = yaml::read(text);
    assert_eq!(read.problems, Vec::new(), "{text}");
    read.documents
}

fn document(text: &str) -> Document {
    documents(text).remove(0)
}

/// Finds nothing wrong with any policy.
fn no_faults(_: &Node, _: KubernetesVersion) -> Vec<(String, String)> {
    Vec::new()
}

fn built(manifest: &str, files: &[(&str, &str)], compile: &Compile<'_>) -> Build {
    built_for(None, manifest, files, compile)
}

fn built_for(
    kubernetes: Option<KubernetesVersion>,
    manifest: &str,
    files: &[(&str, &str)],
    compile: &Compile<'_>,
) -> Build {
    let document = document(manifest);
    let (read, problems) = read_manifest(&document);
    assert_eq!(problems, Vec::new());
    let texts: Vec<(&str, Vec<Document>)> = files
        .iter()
        .map(|(file, text)| (*file, documents(text)))
        .collect();
    let members: Vec<Member<'_>> = texts
        .iter()
        .map(|(file, documents)| Member { file, documents })
        .collect();
    build(&read.unwrap(), &document, &members, kubernetes, compile)
}

fn bundle(manifest: &str, files: &[(&str, &str)]) -> Bundle {
    let built = built(manifest, files, &no_faults);
    assert_eq!(built.problems, Vec::new());
    built.bundle.unwrap()
}

#[test]
fn manifests_are_read() {
    let (manifest, problems) = read_manifest(&document(MANIFEST_TEXT));
    assert_eq!(problems, Vec::new());
    let manifest = manifest.unwrap();
    assert_eq!(
        (
            &*manifest.name,
            &*manifest.version,
            &*manifest.description,
            &*manifest.domain
        ),
        ("one", "1.2.3", "A set of one", "example.org")
    );
    assert_eq!(manifest.entries.len(), 1);
    assert_eq!(manifest.entries[0].file, "it.yaml");
    assert_eq!(
        manifest.entries[0].place.to_string(),
        "profiles.restricted[0]"
    );
}

#[test]
fn what_is_wrong_with_a_manifest_has_a_place() {
    for (change, code, path) in [
        (("name: one", "name: One Two"), "invalid-value", "name"),
        (("name: one\n", ""), "missing-field", ""),
        (("version: 1.2.3", "version: 1.2"), "wrong-type", "version"),
        (
            ("version: 1.2.3", "version: v1.2.3"),
            "invalid-value",
            "version",
        ),
        (
            ("version: 1.2.3", "version: 1.2.3\nowner: me"),
            "unknown-field",
            "owner",
        ),
        (
            ("domain: example.org", "domain: Example"),
            "invalid-value",
            "labels.domain",
        ),
        (
            ("domain: example.org", "dom: a"),
            "unknown-field",
            "labels.dom",
        ),
        (
            ("restricted:", "strict:"),
            "unknown-profile",
            "profiles.strict",
        ),
        (
            ("- it.yaml", "- ../it.yaml"),
            "invalid-value",
            "profiles.restricted[0]",
        ),
        (
            ("- it.yaml", "- /it.yaml"),
            "invalid-value",
            "profiles.restricted[0]",
        ),
        (
            ("- it.yaml", "- it.yaml\n  - it.yaml"),
            "invalid-value",
            "profiles.restricted[1]",
        ),
        (("- it.yaml", "  a: b"), "wrong-type", "profiles.restricted"),
        (("- it.yaml", "- 1"), "wrong-type", "profiles.restricted[0]"),
        (("  - it.yaml", "    []"), "invalid-value", "profiles"),
    ] {
        let text = MANIFEST_TEXT.replace(change.0, change.1);
        assert_ne!(text, MANIFEST_TEXT);
        let (manifest, problems) = read_manifest(&document(&text));
        assert_eq!(manifest, None, "{text}");
        let found: Vec<(&str, &str)> = problems
            .iter()
            .map(|problem| (problem.code, &*problem.path))
            .collect();
        assert_eq!(found, [(code, path)], "{text}");
        assert!(problems[0].range.is_some());
    }
}

#[test]
fn the_manifest_decides_profile_and_domain() {
    let bundle = bundle(MANIFEST_TEXT, &[("it.yaml", POLICY)]);
    let policy = &bundle.policies[0];
    assert_eq!(policy.name, "check-it");
    let requirements = policy.bindings[0]
        .at(&[
            "spec",
            "matchResources",
            "namespaceSelector",
            "matchExpressions",
        ])
        .unwrap();
    let expected = document(
        "a: [{key: example.org/profile, operator: In, values: [restricted]}, {key: example.org/check-it, operator: NotIn, values: [exclude]}]",
    );
    assert_eq!(Some(requirements), expected.node.get("a"));
}

/// The digest is of what the policies say, not of how they are written.
#[test]
fn digests_change_with_what_is_said_alone() {
    let files = [("it.yaml", POLICY)];
    let one = bundle(MANIFEST_TEXT, &files);
    let spaced = POLICY.replace(
        "metadata:\n  name: check-it\n",
        "metadata: {name:   check-it} # it\n",
    );
    assert_ne!(spaced, POLICY);
    let same = bundle(
        &MANIFEST_TEXT.replace("1.2.3", "1.2.4"),
        &[("it.yaml", &spaced)],
    );
    assert_eq!(one.digest, same.digest);
    assert_eq!(one.policies[0].digest, same.policies[0].digest);
    let other = POLICY.replace("x == 1", "x == 2");
    let other = bundle(MANIFEST_TEXT, &[("it.yaml", &other)]);
    assert_ne!(one.digest, other.digest);
    let elsewhere = bundle(&MANIFEST_TEXT.replace("example.org", "example.com"), &files);
    assert_ne!(one.digest, elsewhere.digest);
}

/// RFC 8785 sorts keys and takes out spaces; for texts and integers that is all.
#[test]
fn the_canonical_form_sorts_keys() {
    let node = document("b: [1, {d: x, c: null}]\na: \"\\\"\\n\"\n").node;
    assert_eq!(
        canonical_json(&node),
        r#"{"a":"\"\n","b":[1,{"c":null,"d":"x"}]}"#
    );
    // The digest of "abc" of FIPS 180-4.
    assert_eq!(
        hex_sha256(b"abc"),
        "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
    );
}

#[test]
fn files_are_rendered() {
    let bundle = bundle(MANIFEST_TEXT, &[("it.yaml", POLICY)]);
    let files = bundle.files();
    let names: Vec<&str> = files.iter().map(|file| file.name.as_str()).collect();
    assert_eq!(names, ["install.yaml", "manifest.json", "checksums.txt"]);

    let install = documents(&files[0].text);
    assert_eq!(install.len(), 2);
    assert_eq!(install[0].node, bundle.policies[0].policy);
    assert_eq!(install[1].node, bundle.policies[0].bindings[0]);
    assert!(
        files[0]
            .text
            .starts_with("# one 1.2.3: A set of one\n# sha256:")
    );

    let manifest: serde_json::Value = serde_json::from_str(&files[1].text).unwrap();
    assert_eq!(manifest["name"], "one");
    assert_eq!(manifest["kubernetes"], "1.30");
    assert_eq!(manifest["labels"]["domain"], "example.org");
    assert_eq!(manifest["policies"][0]["profile"], "restricted");
    assert_eq!(manifest["digest"], bundle.digest.as_str());

    let lines: Vec<String> = files[..2]
        .iter()
        .map(|file| format!("{}  {}", hex_sha256(file.text.as_bytes()), file.name))
        .collect();
    assert_eq!(files[2].text.lines().collect::<Vec<_>>(), lines);
}

/// The policy, with an expression that knows the version.
fn by_version() -> String {
    let variables = "variables: [{name: kubernetesMinor, expression: '36'}], expressions: [{\
        expression: variables.kubernetesMinor < 34 || object.spec.x == 1";
    POLICY.replace("expressions: [{expression: object.spec.x == 1", variables)
}

#[test]
fn what_depends_on_the_version_has_a_file_for_each() {
    let bundle = bundle(MANIFEST_TEXT, &[("it.yaml", &by_version())]);
    let files = bundle.files();
    let names: Vec<&str> = files.iter().map(|file| file.name.as_str()).collect();
    let older = (30..36)
        .rev()
        .map(|minor| format!("install-1.{minor}.yaml"));
    let mut expected = vec!["install.yaml".to_owned(), "manifest.json".to_owned()];
    expected.extend(older);
    expected.push("checksums.txt".to_owned());
    assert_eq!(names, expected);
    for (name, text) in files.iter().map(|file| (file.name.as_str(), &file.text)) {
        let (version, minor) = match name {
            "install.yaml" => ("1.36 and newer", "36"),
            "install-1.30.yaml" => ("1.30", "30"),
            "install-1.35.yaml" => ("1.35", "35"),
            _ => continue,
        };
        assert!(
            text.contains(&format!("\n# for Kubernetes {version}\n")),
            "{text}"
        );
        let policy = documents(text).remove(0).node;
        let variables = policy
            .at(&["spec", "variables"])
            .unwrap()
            .as_list()
            .unwrap();
        let found = variables[0].get("expression").and_then(Node::as_str);
        assert_eq!(found, Some(minor), "{name}");
    }
    let manifest: serde_json::Value = serde_json::from_str(&files[1].text).unwrap();
    let installs = manifest["installs"].as_array().unwrap();
    assert_eq!(installs.len(), 7);
    assert_eq!(installs[0]["kubernetes"], "1.36");
    assert_eq!(installs[0]["file"], "install.yaml");
    assert_eq!(installs[6]["file"], "install-1.30.yaml");
    assert_ne!(installs[0]["digest"], installs[6]["digest"]);
    assert_eq!(files.last().unwrap().text.lines().count(), 8);
}

#[test]
fn a_bundle_for_one_version_has_one_file() {
    let files = [("it.yaml", &*by_version())];
    let version = KubernetesVersion::new(31);
    let one = built_for(Some(version), MANIFEST_TEXT, &files, &no_faults);
    let one = one.bundle.unwrap();
    assert!(one.older.is_empty() && one.installs().is_empty());
    let all = bundle(MANIFEST_TEXT, &files);
    let edition = all
        .older
        .iter()
        .find(|edition| edition.kubernetes == version);
    assert_eq!(one.policies, edition.unwrap().policies);
    assert_eq!(one.digest, edition.unwrap().digest);
    // its functions are of 1.33, so that clusters take it from 1.34
    let compile = |_: &Node, version: KubernetesVersion| match version.minor {
        33.. => Vec::new(),
        _ => vec![("spec".to_owned(), "no".to_owned())],
    };
    let old = built_for(Some(version), MANIFEST_TEXT, &files, &compile);
    assert_eq!(old.bundle, None);
    assert_eq!(old.problems[0].problem.code, "old-kubernetes");
    let all = built(MANIFEST_TEXT, &files, &compile).bundle.unwrap();
    let older = all.older.iter().map(|edition| edition.kubernetes.minor);
    assert_eq!(older.collect::<Vec<_>>(), [35, 34]);
}

#[test]
fn policies_come_in_the_order_of_their_names() {
    let manifest = MANIFEST_TEXT.replace("- it.yaml", "- z.yaml\n  - a.yaml");
    let other = POLICY.replace("name: check-it", "name: always");
    let bundle = bundle(&manifest, &[("a.yaml", POLICY), ("z.yaml", &other)]);
    let names: Vec<&str> = bundle.policies.iter().map(|policy| &*policy.name).collect();
    assert_eq!(names, ["always-it", "check-it"]);
}

/// A cluster takes a new expression where it compiles for the version before its own.
#[test]
fn the_oldest_version_is_one_after_the_first_that_compiles() {
    for (first, expected) in [(28, 30), (29, 30), (30, 31), (34, 35), (36, 37)] {
        let compile = move |_: &Node, version: KubernetesVersion| {
            if version.minor < first {
                vec![("spec.validations[0].expression".to_owned(), "no".to_owned())]
            } else {
                Vec::new()
            }
        };
        let built = built(MANIFEST_TEXT, &[("it.yaml", POLICY)], &compile);
        assert_eq!(built.bundle.unwrap().kubernetes.minor, expected, "{first}");
    }
}

#[test]
fn errors_leave_no_bundle() {
    let compile = |_: &Node, _: KubernetesVersion| {
        vec![(
            "spec.validations[0].expression".to_owned(),
            "compilation failed: no".to_owned(),
        )]
    };
    let cases: [(&str, &Compile<'_>, &str, Option<&str>); 5] = [
        (POLICY, &compile, "cel-check", Some("it.yaml")),
        (
            &POLICY.replace("match:", "mutate: {a: b}\n    match:"),
            &no_faults,
            "not-translatable",
            Some("it.yaml"),
        ),
        (
            "apiVersion: v1\nkind: Pod\n",
            &no_faults,
            "not-a-policy",
            Some("it.yaml"),
        ),
        (
            "apiVersion: admissionregistration.k8s.io/v1\nkind: ValidatingAdmissionPolicy\nmetadata: {name: a}\n",
            &no_faults,
            "no-binding",
            None,
        ),
        (
            "apiVersion: admissionregistration.k8s.io/v1\nkind: ValidatingAdmissionPolicyBinding\nmetadata: {name: a}\nspec: {policyName: b}\n",
            &no_faults,
            "unknown-policy",
            Some("it.yaml"),
        ),
    ];
    for (text, compile, code, file) in cases {
        let built = built(MANIFEST_TEXT, &[("it.yaml", text)], compile);
        assert_eq!(built.bundle, None, "{text}");
        assert_eq!(built.problems[0].problem.code, code, "{text}");
        assert_eq!(built.problems[0].file.as_deref(), file, "{text}");
    }
    let built = built(MANIFEST_TEXT, &[], &no_faults);
    assert_eq!(built.bundle, None);
    assert_eq!(built.problems[0].problem.code, "missing-file");
    assert_eq!(built.problems[0].problem.path, "profiles.restricted[0]");
}

#[test]
fn admission_policies_pass_through() {
    let text = "apiVersion: admissionregistration.k8s.io/v1\nkind: ValidatingAdmissionPolicy\nmetadata: {name: a, annotations: {example.org/title: A}}\nspec: {validations: []}\n---\napiVersion: admissionregistration.k8s.io/v1\nkind: ValidatingAdmissionPolicyBinding\nmetadata: {name: a}\nspec: {policyName: a, validationActions: [Warn]}\n";
    let bundle = bundle(MANIFEST_TEXT, &[("it.yaml", text)]);
    let given = documents(text);
    assert_eq!(bundle.policies[0].policy, given[0].node);
    assert_eq!(bundle.policies[0].bindings, [given[1].node.clone()]);
    assert_eq!(bundle.policies[0].title, "A");
}

/// The bundle that is shipped: every policy folder is in its manifest.
#[test]
fn the_shipped_manifest_names_every_policy() {
    let folder = FilePath::new(env!("CARGO_MANIFEST_DIR")).join("../../policies");
    let text = fs::read_to_string(folder.join("bundle.yaml")).unwrap();
    let (manifest, problems) = read_manifest(&document(&text));
    assert_eq!(problems, Vec::new());
    let mut named: Vec<PathBuf> = Vec::new();
    for entry in manifest.unwrap().entries {
        assert!(
            entry
                .file
                .starts_with(&format!("{}/", entry.profile.as_str()))
        );
        named.push(folder.join(entry.file));
    }
    let mut there = Vec::new();
    for profile in ["baseline", "restricted", "custom"] {
        for entry in fs::read_dir(folder.join(profile)).unwrap() {
            there.push(entry.unwrap().path().join("policy.yaml"));
        }
    }
    named.sort();
    there.sort();
    assert_eq!(named, there);
}
