//! The command: exit codes, streams and files.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test fails by panicking, in its helpers too"
)]

use std::fs;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::path::PathBuf;
use std::process::Stdio;

use assert_cmd::Command;
use serde_json::Value;

fn vapwright(arguments: &[&str]) -> Command {
    let mut command = Command::cargo_bin("vapwright").unwrap();
    command.args(arguments);
    command
}

/// The data made by a real API server; tests without it say that they are skipped.
fn data() -> Option<PathBuf> {
    let folder = std::env::var_os("VAPWRIGHT_DATA").map_or_else(
        || PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../shared/data"),
        PathBuf::from,
    );
    if folder.is_dir() {
        return Some(folder);
    }
    eprintln!("skipped: no data in {}", folder.display());
    None
}

fn unpacked(path: PathBuf) -> String {
    let mut text = String::new();
    flate2::read::GzDecoder::new(fs::File::open(path).unwrap())
        .read_to_string(&mut text)
        .unwrap();
    text
}

const POLICY: &str = r#"{"apiVersion": "admissionregistration.k8s.io/v1",
    "kind": "ValidatingAdmissionPolicy", "metadata": {"name": "p"},
    "spec": {"matchConstraints": {"resourceRules": [{"apiGroups": [""], "apiVersions": ["v1"],
        "operations": ["CREATE"], "resources": ["configmaps"]}]},
        "validations": [{"expression": "object.metadata.name != 'bad'"}]}}"#;

fn map(name: &str) -> String {
    format!("apiVersion: v1\nkind: ConfigMap\nmetadata: {{name: {name}}}\n")
}

#[test]
fn exit_codes_are_apart() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("policy.json"), POLICY).unwrap();
    let check = |arguments: &[&str], input: &str, expected: i32| {
        let mut command = vapwright(arguments);
        let output = command
            .current_dir(folder.path())
            .write_stdin(input)
            .output()
            .unwrap();
        let stderr = String::from_utf8_lossy(&output.stderr);
        assert_eq!(
            output.status.code(),
            Some(expected),
            "{arguments:?}: {stderr}"
        );
    };
    let admit = ["admit", "-p", "policy.json", "-"];
    check(&admit, &map("good"), 0);
    check(&admit, &map("bad"), 1);
    check(&["admit"], "", 2);
    check(&["nonsense"], "", 2);
    check(&admit, "a: [", 3);
    check(&["admit", "-p", "none.json", "-"], &map("good"), 3);
    check(&["bundle", "build", "none.yaml", "--out", "x"], "", 3);
    // A file stands where the folder should be.
    check(&["convert", "policy.json", "--out", "policy.json"], "", 4);
}

#[test]
fn the_text_says_what_kubectl_would() {
    let folder = tempfile::tempdir().unwrap();
    let policy = folder.path().join("policy.json");
    fs::write(&policy, POLICY).unwrap();
    let output = vapwright(&["admit", "-p", policy.to_str().unwrap(), "-"])
        .write_stdin(map("bad"))
        .output()
        .unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(
        text.starts_with("ConfigMap bad is refused: 1 policy denies\n"),
        "{text}"
    );
    assert!(
        text.contains("The configmaps \"bad\" is invalid: : ValidatingAdmissionPolicy 'p'"),
        "{text}"
    );
}

#[test]
fn the_text_says_what_pod_security_admission_does() {
    let folder = tempfile::tempdir().unwrap();
    let policy = folder.path().join("policy.json");
    fs::write(&policy, POLICY).unwrap();
    let pod = "apiVersion: v1\nkind: Pod\nmetadata: {name: web}\nspec:\n  hostPID: true\n  \
        containers: [{name: web, image: registry.example/web}]\n";
    let admit = |labels: &[&str]| {
        let mut command = vapwright(&["admit", "-p", policy.to_str().unwrap(), "-"]);
        for label in labels {
            command
                .arg("-l")
                .arg(format!("pod-security.kubernetes.io/{label}"));
        }
        let output = command.write_stdin(pod).output().unwrap();
        (
            output.status.code(),
            String::from_utf8(output.stdout).unwrap(),
        )
    };
    let (code, text) = admit(&["enforce=baseline"]);
    assert_eq!(code, Some(1));
    let expected = [
        "Pod web is refused: Pod Security admission denies",
        "  denied by Pod Security admission (enforce=baseline:latest, audit=privileged:latest, warn=baseline:latest)",
        "    pods \"web\" is forbidden: violates PodSecurity \"baseline:latest\": host namespaces (hostPID=true)",
    ];
    let head: Vec<&str> = text.lines().take(3).collect();
    assert_eq!(head, expected, "{text}");
    let (code, text) = admit(&["warn=restricted"]);
    assert_eq!(code, Some(0));
    assert!(
        text.contains("\n    Warning: would violate PodSecurity \"restricted:latest\": host"),
        "{text}"
    );
    let (code, text) = admit(&[]);
    assert_eq!((code, text.contains("Pod Security")), (Some(0), false));
}

#[test]
fn cases_are_answered_in_order_and_bad_lines_do_not_stop_them() {
    let output = vapwright(&["eval"])
        .write_stdin(
            "{\"id\":\"1\",\"mode\":\"cel\",\"expr\":\"1+1\"}\nnonsense\n\n{\"id\":\"2\",\"mode\":\"cel\",\"expr\":\"2+2\"}",
        )
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(3));
    let text = String::from_utf8(output.stdout).unwrap();
    let answers: Vec<Value> = text
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    assert_eq!(answers.len(), 3);
    assert_eq!(
        (&answers[0]["id"], &answers[0]["value"]),
        (&"1".into(), &2.into())
    );
    assert!(answers[1]["error"].is_string());
    assert_eq!(
        (&answers[2]["id"], &answers[2]["value"]),
        (&"2".into(), &4.into())
    );
}

/// Who sends one case and waits gets its answer, though more is to come.
#[test]
fn an_answer_does_not_wait_for_the_next_case() {
    let mut child = std::process::Command::new(env!("CARGO_BIN_EXE_vapwright"))
        .arg("eval")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut input = child.stdin.take().unwrap();
    let mut output = BufReader::new(child.stdout.take().unwrap());
    for number in ["1", "2"] {
        let case = format!("{{\"id\":\"{number}\",\"mode\":\"cel\",\"expr\":\"true\"}}\n");
        input.write_all(case.as_bytes()).unwrap();
        let mut line = String::new();
        output.read_line(&mut line).unwrap();
        assert!(line.contains(&format!("\"id\":\"{number}\"")), "{line}");
    }
    drop(input);
    assert!(child.wait().unwrap().success());
}

#[test]
fn the_recorded_cases_are_answered_as_the_api_server_does() {
    let Some(data) = data() else { return };
    let cases = unpacked(data.join("cases/pod-security-cel.cases.jsonl.gz"));
    let expected = unpacked(data.join("cases/pod-security-cel.expected.jsonl.gz"));
    let output = vapwright(&["eval"]).write_stdin(cases).output().unwrap();
    let answers = String::from_utf8(output.stdout).unwrap();
    assert_eq!(answers.lines().count(), expected.lines().count());
    for (answer, expected) in answers.lines().zip(expected.lines()) {
        let read = |line| serde_json::from_str::<Value>(line).unwrap();
        assert_eq!(read(answer), read(expected));
    }
}

#[test]
fn kyvernos_policies_become_admission_policies_that_compile() {
    let Some(data) = data() else { return };
    let folder = data.join("kyverno-pod-security-cel");
    let mut names = [
        "disallow-capabilities-adding-capabilities",
        "disallow-host-namespaces",
        "disallow-host-path",
        "disallow-host-ports-none",
        "disallow-host-ports-range-host-port-range",
        "disallow-host-process-containers",
        "disallow-privileged-containers",
        "disallow-proc-mount-check-proc-mount",
        "disallow-selinux-type",
        "disallow-selinux-user-role",
        "restrict-seccomp-check-seccomp",
        "restrict-sysctls-check-sysctls",
        "disallow-capabilities-strict-adding-capabilities-strict",
        "disallow-capabilities-strict-require-drop-all",
        "disallow-privilege-escalation",
        "restrict-seccomp-strict-check-seccomp-strict",
        "restrict-volume-types-restricted-volumes",
        // What the naming rule gives for the two others.
        "require-run-as-non-root-user",
        "require-run-as-nonroot-run-as-non-root",
    ];
    names.sort_unstable();
    for version in ["1.30", "1.36"] {
        let version = format!("--kubernetes={version}");
        let output = vapwright(&["convert", "--format=answer", &version])
            .arg(&folder)
            .output()
            .unwrap();
        let stderr = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{stderr}");
        let answer: Value = serde_json::from_slice(&output.stdout).unwrap();
        let mut found: Vec<&str> = answer["policies"]
            .as_array()
            .unwrap()
            .iter()
            .map(|policy| policy["name"].as_str().unwrap())
            .collect();
        found.sort_unstable();
        assert_eq!(found, names, "{version}");
    }
}

/// The sysctls of a namespaced TCP came with 1.32.
#[test]
fn a_bundle_is_built_for_a_version() {
    let folder = tempfile::tempdir().unwrap();
    let manifest = concat!(env!("CARGO_MANIFEST_DIR"), "/../policies/bundle.yaml");
    let build = |name: &str, more: &[&str]| {
        let out = folder.path().join(name);
        let output = vapwright(&["bundle", "build", manifest, "--out"])
            .arg(&out)
            .args(more)
            .output()
            .unwrap();
        assert!(output.status.success(), "{output:?}");
        move |file: &str| fs::read_to_string(out.join(file)).unwrap_or_default()
    };
    let all = build("all", &[]);
    let one = build("one", &["--kubernetes", "1.31"]);
    let minor = |text: &str| text.matches("expression: \"31\"").count();
    assert_eq!(minor(&all("install.yaml")), 0);
    assert!(minor(&all("install-1.31.yaml")) > 0);
    assert_eq!(
        minor(&one("install.yaml")),
        minor(&all("install-1.31.yaml"))
    );
    assert_eq!(one("install-1.31.yaml"), "");
    let out = folder.path().join("x").display().to_string();
    let old = [
        "bundle",
        "build",
        manifest,
        "--out",
        &out,
        "--kubernetes",
        "1.29",
    ];
    assert_eq!(vapwright(&old).output().unwrap().status.code(), Some(3));
}

#[test]
fn a_bundle_is_published_once() {
    let folder = tempfile::tempdir().unwrap();
    let binding = r#"{"apiVersion": "admissionregistration.k8s.io/v1",
        "kind": "ValidatingAdmissionPolicyBinding", "metadata": {"name": "p"},
        "spec": {"policyName": "p", "validationActions": ["Deny"]}}"#;
    let write = |policy: &str| {
        fs::write(folder.path().join("p.json"), format!("{policy}\n{binding}")).unwrap();
    };
    let manifest = "name: one\nversion: 1.0.0\ndescription: d\nprofiles: {custom: [p.json]}\n";
    fs::write(folder.path().join("bundle.yaml"), manifest).unwrap();
    let publish = || {
        let output = vapwright(&["bundle", "publish", "bundle.yaml", "--store", "store"])
            .current_dir(folder.path())
            .output()
            .unwrap();
        let stderr = String::from_utf8_lossy(&output.stderr).into_owned();
        let text = String::from_utf8(output.stdout).unwrap();
        (output.status.code(), text + &stderr)
    };
    write(POLICY);
    let first = publish();
    assert!(first.1.contains("one 1.0.0 is published"), "{}", first.1);
    assert_eq!(first.0, Some(0));
    assert!(publish().1.contains("published already"));
    write(&POLICY.replace("'bad'", "'worse'"));
    let other = publish();
    assert!(other.1.contains("other content"), "{}", other.1);
    assert_eq!(other.0, Some(3));
}

#[test]
fn resources_beside_policies_of_a_folder_are_passed_over_in_silence() {
    let folder = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../policies/baseline/disallow-host-path"
    );
    let run = |path: &str| {
        let output = assert_cmd::Command::cargo_bin("vapwright")
            .unwrap()
            .args(["convert", path])
            .output()
            .unwrap();
        String::from_utf8(output.stderr).unwrap()
    };
    assert_eq!(run(folder), "");
    // named itself, the file is meant
    assert!(run(&format!("{folder}/good.yaml")).contains("not-a-policy"));
}

#[test]
fn a_stored_object_makes_it_an_update() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name).display().to_string();
    let policy = POLICY.replace("CREATE", "UPDATE").replace(
        "object.metadata.name != 'bad'",
        "object.data.a == oldObject.data.a",
    );
    fs::write(path("policy.json"), policy).unwrap();
    let with = |value: &str| format!("{}data: {{a: \"{value}\"}}\n", map("m"));
    fs::write(path("new.yaml"), with("1")).unwrap();
    let admit = |more: &[&str]| {
        let (policies, new) = (path("policy.json"), path("new.yaml"));
        let mut command = vapwright(&["admit", "--policies", &policies, &new]);
        command.args(more).output().unwrap().status.code()
    };
    for (old, expected) in [("1", 0), ("2", 1)] {
        fs::write(path("old.yaml"), with(old)).unwrap();
        assert_eq!(admit(&["--old", &path("old.yaml")]), Some(expected));
    }
    // without it nothing changes, and a creation is not looked at
    assert_eq!(admit(&["--operation", "update"]), Some(0));
    assert_eq!(admit(&[]), Some(0));
}

#[test]
fn mutating_policies_and_their_parameters_change_objects() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name).display().to_string();
    let policy = r#"
apiVersion: admissionregistration.k8s.io/v1
kind: MutatingAdmissionPolicy
metadata: {name: team}
spec:
  paramKind: {apiVersion: v1, kind: ConfigMap}
  matchConstraints:
    resourceRules:
    - {apiGroups: [""], apiVersions: [v1], operations: [CREATE], resources: [configmaps]}
  failurePolicy: Fail
  reinvocationPolicy: Never
  mutations:
  - patchType: JSONPatch
    jsonPatch:
      expression: '[JSONPatch{op: "add", path: "/data", value: {"team": params.data.team}}]'
---
apiVersion: admissionregistration.k8s.io/v1
kind: MutatingAdmissionPolicyBinding
metadata: {name: team}
spec:
  policyName: team
  paramRef: {name: settings, parameterNotFoundAction: Deny}
"#;
    fs::write(path("policy.yaml"), policy).unwrap();
    let settings = format!("{}data: {{team: web}}\n", map("settings"));
    fs::write(path("params.yaml"), settings).unwrap();
    let admit = |more: &[&str]| {
        let policies = path("policy.yaml");
        let mut command = vapwright(&["admit", "--policies", &policies, "-"]);
        let output = command.args(more).write_stdin(map("m")).output().unwrap();
        let text = String::from_utf8(output.stdout).unwrap();
        (output.status.code(), text)
    };

    let (code, text) = admit(&["--params", &path("params.yaml")]);
    assert_eq!(code, Some(0), "{text}");
    let expected = "  changed by team with default/settings\n    add /data: {\"team\":\"web\"}\n";
    assert!(text.contains(expected), "{text}");

    let (code, text) = admit(&[]);
    assert_eq!(code, Some(1), "{text}");
    let expected = "policy 'team' with binding 'team' denied request: failed to configure binding: no params found for policy binding with `Deny` parameterNotFoundAction";
    assert!(text.contains(expected), "{text}");
}

/// A suite for each policy: its files, and the cluster's words in them.
#[test]
fn conversion_writes_chainsaw_suites() {
    let folder = tempfile::tempdir().unwrap();
    let policies = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../policies");
    vapwright(&["convert", "--tests", folder.path().to_str().unwrap()])
        .arg(policies.join("baseline/disallow-host-path/policy.yaml"))
        .assert()
        .success()
        .stdout("");
    let suite = folder.path().join("disallow-host-path");
    for file in ["bad", "good", "namespaces", "policies"] {
        assert!(suite.join(file).with_extension("yaml").is_file(), "{file}");
    }
    let test = fs::read_to_string(suite.join("chainsaw-test.yaml")).unwrap();
    let steps: Vec<&str> = test
        .lines()
        .filter_map(|line| line.strip_prefix("  - name: "))
        .collect();
    let cases = ["bound", "restricted", "opted-out", "unbound"];
    assert_eq!(steps[1..], cases, "{test}");
    assert!(
        test.contains(
            "pods \"bad-host-path\" is forbidden: ValidatingAdmissionPolicy 'disallow-host-path'"
        ),
        "{test}"
    );
}

/// `--show` adds to the text what a person asks for; the answer is the same in JSON and YAML.
#[test]
fn admit_shows_what_is_asked_for() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name).display().to_string();
    let policy = r#"
apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingAdmissionPolicy
metadata: {name: readers}
spec:
  matchConstraints:
    resourceRules:
    - {apiGroups: [""], apiVersions: [v1], operations: [CREATE], resources: [configmaps]}
  validations:
  - expression: |-
      has(object.data) &&
      authorizer.group('').resource('secrets').check('get').allowed()
"#;
    let rbac = r#"
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRole
metadata: {name: reader}
rules:
- {apiGroups: [""], resources: [secrets], verbs: [get]}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRoleBinding
metadata: {name: reader}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: reader}
subjects:
- {apiGroup: rbac.authorization.k8s.io, kind: Group, name: team}
"#;
    fs::write(path("policy.yaml"), policy).unwrap();
    fs::write(path("rbac.yaml"), rbac).unwrap();
    let admit = |object: &str, more: &[&str]| {
        let mut command = vapwright(&["admit", "--policies", &path("policy.yaml"), "-"]);
        let command = command
            .args(["--rbac", &path("rbac.yaml"), "--user", "jo"])
            .args(more);
        let output = command.write_stdin(object.to_owned()).output().unwrap();
        (
            output.status.code(),
            String::from_utf8(output.stdout).unwrap(),
        )
    };
    let with_data = format!("{}data: {{a: b}}\n", map("m"));
    assert_eq!(admit(&with_data, &["--group", "team"]).0, Some(0));
    let (code, text) = admit(&with_data, &["--show", "trace", "--show", "cost"]);
    assert_eq!(code, Some(1), "{text}");
    let traced =
        "      authorizer.group('').resource('secrets').check('get').allowed()\n      ^^^^^^^^^^";
    assert!(text.contains(traced), "{text}");
    assert!(
        text.contains("    spec.validations[0].expression ("),
        "{text}"
    );
    let mut below = text.lines().skip_while(|line| *line != "  cost:");
    let cost = below.nth(1).unwrap();
    // the check alone costs 350,000 (k8s.io/apiserver, pkg/cel/library/cost.go)
    let cost: u64 = cost.split_whitespace().next().unwrap().parse().unwrap();
    assert!((350_000..360_000).contains(&cost), "{cost}");
    let (_, events) = admit(&with_data, &["--show", "events"]);
    assert_eq!(events, "");
    let (_, json) = admit(&with_data, &["--output", "json"]);
    let (_, yaml) = admit(&with_data, &["--output", "yaml"]);
    assert!(json.contains("\"verdict\": \"denied\""), "{json}");
    assert!(
        yaml.starts_with("---\nverdict: denied\n") || yaml.starts_with("verdict: denied\n"),
        "{yaml}"
    );
}
