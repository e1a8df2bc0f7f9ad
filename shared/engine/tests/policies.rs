//! The policies that are shipped, on the good and bad resources beside them, and their bundle.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)]

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use vapwright_admission::compile::{CompiledPolicy, compile};
use vapwright_admission::evaluate::{Verdict, evaluate};
use vapwright_admission::pod_security::{self, Level, LevelVersion, Pod, Version};
use vapwright_admission::policy::{Binding, Policy};
use vapwright_admission::request::{Request, Resource};
use vapwright_admission::workload::created_pod;
use vapwright_cel::document::Node;
use vapwright_cel::version::KubernetesVersion;
use vapwright_engine::wire::{BuildCall, Bundle, SourceFile};
use vapwright_engine::{build_bundle, bundle_paths};
use vapwright_kube::admit::{Settings, admit};
use vapwright_kube::kinds::{Gvk, resource_of};
use vapwright_kube::yaml;
use vapwright_kyverno::{FailFast, Names, Options, convert};

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../policies")
}

fn objects(file: &Path) -> Vec<Node> {
    let read = yaml::read(&fs::read_to_string(file).unwrap());
    assert_eq!(read.problems, Vec::new(), "{}", file.display());
    read.documents
        .into_iter()
        .map(|document| document.node)
        .collect()
}

/// The policies of a file, compiled.
fn policies(file: &Path, version: KubernetesVersion) -> Vec<CompiledPolicy> {
    converted(file, version, FailFast::No)
}

fn converted(file: &Path, version: KubernetesVersion, fail_fast: FailFast) -> Vec<CompiledPolicy> {
    let read = yaml::read(&fs::read_to_string(file).unwrap());
    let mut compiled = Vec::new();
    for document in &read.documents {
        let options = Options {
            kubernetes: version,
            fail_fast,
            ..Options::default()
        };
        let conversion = convert(document, &options, &mut Names::new());
        assert_eq!(conversion.problems, Vec::new(), "{}", file.display());
        for policy in conversion.policies {
            let (policy, problems) = Policy::read(&policy.policy);
            assert_eq!(problems, Vec::new(), "{}", file.display());
            let policy = compile(policy, version);
            let failures: Vec<_> = policy.failures().map(|(_, one)| &one.detail).collect();
            assert!(failures.is_empty(), "{version}: {failures:?}");
            compiled.push(policy);
        }
    }
    compiled
}

fn namespace() -> Node {
    let text = "apiVersion: v1\nkind: Namespace\nmetadata:\n  name: here\n  labels:\n    policy.vapwright.dev/profile: restricted\n";
    yaml::read(text).documents.remove(0).node
}

/// The request that creates the object's Pod.
fn request(object: &Node, seen: impl Fn(&Node) -> Node) -> Request {
    if let Some(created) = created_pod(object) {
        let pod = seen(&created.pod);
        return created.request(pod, namespace());
    }
    let kind = Gvk::new("v1", "Pod");
    assert_eq!(Gvk::of(object).as_ref(), Some(&kind));
    Request {
        resource: Resource::of_kind(&kind, "pods"),
        kind,
        namespace: "here".to_owned(),
        object: Some(seen(object)),
        namespace_object: Some(namespace()),
        ..Request::default()
    }
}

/// What each policy says of a request, and which of them deny.
fn denials(policies: &[CompiledPolicy], request: &Request) -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    for policy in policies {
        let binding = Binding::everywhere(&policy.policy);
        for row in evaluate(policy, &binding, request, &[]) {
            match row.verdict {
                Verdict::Allowed => {}
                Verdict::Denied => {
                    // An expression that fails denies too, but says nothing of the object.
                    assert!(
                        !row.message.contains("resulted in error"),
                        "{}",
                        row.message
                    );
                    names.insert(row.policy.to_string());
                }
                other => panic!("{}: {other:?} {}", row.policy, row.why),
            }
        }
    }
    names
}

/// Every good resource is allowed, every bad one denied, and every policy denies one, by the newest
/// version.
fn check(seen: fn(&Node) -> Node) {
    let mut folders = 0;
    for (folder, policies) in shipped(KubernetesVersion::NEWEST) {
        let at = |object: &Node| {
            let name = object.at(&["metadata", "name"]).and_then(Node::as_str);
            format!("{} {}", folder.display(), name.unwrap_or(""))
        };
        for good in objects(&folder.join("good.yaml")) {
            let denied = denials(&policies, &request(&good, seen));
            assert!(denied.is_empty(), "{}: {denied:?}", at(&good));
        }
        let mut all = BTreeSet::new();
        for bad in objects(&folder.join("bad.yaml")) {
            let denied = denials(&policies, &request(&bad, seen));
            assert!(!denied.is_empty(), "{} is allowed", at(&bad));
            all.extend(denied);
        }
        let names: BTreeSet<String> = policies
            .iter()
            .map(|policy| policy.policy.name.to_string())
            .collect();
        assert_eq!(all, names, "{}", folder.display());
        folders += 1;
    }
    assert_eq!(folders, 21);
}

/// The folders of the shipped policies with what is in them, compiled for a version.
fn shipped(version: KubernetesVersion) -> Vec<(PathBuf, Vec<CompiledPolicy>)> {
    let profiles = ["baseline", "restricted", "custom"].iter();
    let folders = profiles.flat_map(|profile| fs::read_dir(folder().join(profile)).unwrap());
    folders
        .map(|entry| {
            let folder = entry.unwrap().path();
            let policies = policies(&folder.join("policy.yaml"), version);
            (folder, policies)
        })
        .collect()
}

/// In every version each good and bad resource gets, of the policies of a level, the verdict of Pod
/// Security admission.
#[test]
fn every_version_agrees_with_pod_security_admission() {
    let seen = |object: &Node| admit(object, &Settings::default()).node;
    let requests: Vec<Request> = shipped(KubernetesVersion::NEWEST)
        .iter()
        .flat_map(|(folder, _)| ["good.yaml", "bad.yaml"].map(|file| folder.join(file)))
        .flat_map(|file| objects(&file))
        .map(|object| request(&object, seen))
        .collect();
    assert!(requests.len() > 200);
    let mut differ_by_version = BTreeSet::new();
    for version in KubernetesVersion::supported() {
        let shipped = shipped(version);
        let denied_by = |profile: &str, request: &Request| {
            shipped
                .iter()
                .filter(|(folder, _)| folder.parent().unwrap().ends_with(profile))
                .any(|(_, policies)| !denials(policies, request).is_empty())
        };
        for (index, request) in requests.iter().enumerate() {
            let pod = request.object.as_ref().unwrap();
            let baseline = denied_by("baseline", request);
            let restricted = baseline || denied_by("restricted", request);
            for (level, found) in [(Level::Baseline, baseline), (Level::Restricted, restricted)] {
                let wanted = LevelVersion {
                    level,
                    version: Version::Latest,
                };
                let violations = pod_security::evaluate(wanted, version, &Pod::of(pod));
                assert_eq!(found, !violations.is_empty(), "{version} {wanted} {pod:?}");
            }
            differ_by_version.insert((index, baseline, restricted));
        }
    }
    // it matters which version it is
    assert!(differ_by_version.len() > requests.len());
}

/// A workload whose controller would create the Pod.
fn workload(kind: &str, pod: &Node) -> Node {
    let parts = ["labels", "annotations"].into_iter();
    let parts = parts.filter_map(|name| Some((name, pod.at(&["metadata", name])?.clone())));
    let metadata = Node::map(parts);
    let spec = pod.get("spec").unwrap().clone();
    let template = Node::map([("metadata", metadata), ("spec", spec)]);
    let template = Node::map([("template", template)]);
    let (api_version, spec) = match kind {
        "CronJob" => {
            let job = Node::map([("spec", template)]);
            ("batch/v1", Node::map([("jobTemplate", job)]))
        }
        "Job" => ("batch/v1", template),
        "ReplicationController" => ("v1", template),
        _ => ("apps/v1", template),
    };
    Node::map([
        ("apiVersion", Node::string(api_version)),
        ("kind", Node::string(kind)),
        ("metadata", Node::map([("name", Node::string("w"))])),
        ("spec", spec),
    ])
}

/// What the policies for workloads say of a workload is what those for Pods say of its Pods.
#[test]
fn a_workload_is_warned_of_what_its_pods_are_refused_for() {
    let kinds = [
        "DaemonSet",
        "Deployment",
        "Job",
        "StatefulSet",
        "ReplicaSet",
        "ReplicationController",
        "CronJob",
    ];
    let (mut same, mut denied) = (0, 0);
    for (folder, of_pods) in shipped(KubernetesVersion::NEWEST) {
        let file = folder.join("policy.yaml");
        let all = converted(&file, KubernetesVersion::NEWEST, FailFast::Warn);
        assert_eq!(all.len(), 3 * of_pods.len(), "{}", file.display());
        let named = |prefix: &str| -> Vec<CompiledPolicy> {
            let wanted: Vec<String> = of_pods
                .iter()
                .map(|policy| format!("{prefix}{}", policy.policy.name))
                .collect();
            let policies = converted(&file, KubernetesVersion::NEWEST, FailFast::Warn).into_iter();
            policies
                .filter(|policy| wanted.iter().any(|name| **name == *policy.policy.name))
                .collect()
        };
        let (controllers, cron_jobs) = (named("autogen-"), named("autogen-cronjob-"));
        assert_eq!(controllers.len(), of_pods.len());
        assert_eq!(cron_jobs.len(), of_pods.len());
        for pod in ["good.yaml", "bad.yaml"]
            .into_iter()
            .flat_map(|file| objects(&folder.join(file)))
        {
            if pod.get("kind").and_then(Node::as_str) != Some("Pod") {
                continue;
            }
            let expected = denials(&of_pods, &request(&pod, Node::clone));
            denied += expected.len();
            for kind in kinds {
                let (prefix, policies) = match kind {
                    "CronJob" => ("autogen-cronjob-", &cron_jobs),
                    _ => ("autogen-", &controllers),
                };
                let object = workload(kind, &pod);
                let gvk = Gvk::of(&object).unwrap();
                let request = Request {
                    resource: Resource::of_kind(&gvk, &resource_of(&gvk)),
                    kind: gvk,
                    namespace: "here".to_owned(),
                    object: Some(object),
                    namespace_object: Some(namespace()),
                    ..Request::default()
                };
                let found = denials(policies, &request);
                let found: BTreeSet<String> = found
                    .iter()
                    .map(|name| name.strip_prefix(prefix).unwrap().to_owned())
                    .collect();
                assert_eq!(found, expected, "{} {kind} {pod:?}", folder.display());
                same += 1;
            }
        }
    }
    assert!(same > 1_000 && denied > 100, "{same} {denied}");
}

#[test]
fn resources_as_typed_get_what_their_file_says() {
    check(Node::clone);
}

#[test]
fn resources_as_admitted_get_what_their_file_says() {
    check(|object| admit(object, &Settings::default()).node);
}

/// An update that changes nothing that matters is let through, so that a Pod which is already
/// there can be labelled and deleted; Pod Security admission does the same.
#[test]
fn updates_count_where_containers_or_images_change() {
    let file = folder().join("baseline/disallow-host-path/policy.yaml");
    let policies = policies(&file, KubernetesVersion::NEWEST);
    let bad = objects(&folder().join("baseline/disallow-host-path/bad.yaml")).remove(0);
    let verdict = |old: &str, new: &str| {
        let text = |image: &str| {
            let mut pod = bad.clone();
            let containers = format!("- name: app\n  image: {image}\n");
            let containers = yaml::read(&containers).documents.remove(0).node;
            let spec = pod.as_map_mut().and_then(|pod| pod.get_mut("spec"));
            let spec = spec.and_then(Node::as_map_mut).unwrap();
            spec.insert("containers", containers);
            pod
        };
        let mut request = request(&text(new), Node::clone);
        request.operation = vapwright_admission::request::Operation::Update;
        request.old_object = Some(text(old));
        let binding = Binding::everywhere(&policies[0].policy);
        evaluate(&policies[0], &binding, &request, &[])[0].verdict
    };
    assert_eq!(verdict("a:1", "a:1"), Verdict::NotMatched);
    assert_eq!(verdict("a:1", "a:2"), Verdict::Denied);
}

/// The bundle that is shipped: 23 rules of 21 policies, for every supported version.
#[test]
fn the_shipped_bundle_builds() {
    let source = |name: &str| SourceFile {
        name: name.to_owned(),
        text: fs::read_to_string(folder().join(name)).unwrap(),
    };
    let manifest = source("bundle.yaml");
    let sources = bundle_paths(&manifest)
        .iter()
        .map(|path| source(path))
        .collect();
    let mut call = BuildCall {
        manifest,
        sources,
        kubernetes: None,
    };
    let answer = build_bundle(&call);
    assert_eq!(answer.diagnostics, Vec::new());
    let bundle = answer.bundle.unwrap();
    assert_eq!(bundle.manifest.name, "pod-security");
    assert_eq!(bundle.manifest.policies.len(), 23);
    assert_eq!(bundle.manifest.kubernetes, "1.30");
    let install = yaml::read(&bundle.files[0].text);
    assert_eq!(install.problems, Vec::new());
    assert_eq!(install.documents.len(), 46);

    // what is published for a version is what is built for it
    let documents = |bundle: &Bundle, file: &str| {
        let mut files = bundle.files.iter();
        let text = &files.find(|found| found.name == file).unwrap().text;
        let documents = yaml::read(text).documents.into_iter();
        documents.map(|document| document.node).collect::<Vec<_>>()
    };
    assert_eq!(bundle.manifest.installs.len(), 7);
    let mut all = BTreeSet::new();
    for install in &bundle.manifest.installs {
        call.kubernetes = Some(install.kubernetes.clone());
        let answer = build_bundle(&call);
        assert_eq!(answer.diagnostics, Vec::new());
        let one = answer.bundle.unwrap();
        assert_eq!(one.manifest.digest, install.digest);
        assert_eq!(one.manifest.installs, Vec::new());
        assert_eq!(
            documents(&bundle, &install.file),
            documents(&one, "install.yaml")
        );
        all.insert(install.digest.clone());
    }
    assert_eq!(all.len(), 7);
}

/// Kyverno's own policies compile for the oldest and the newest version.
#[test]
fn kyvernos_policies_compile() {
    let data = std::env::var_os("VAPWRIGHT_DATA")
        .map_or_else(|| folder().join("../../shared/data"), PathBuf::from);
    let data = data.join("kyverno-pod-security-cel");
    if !data.is_dir() {
        eprintln!("skipped: {} is missing", data.display());
        return;
    }
    for version in [KubernetesVersion::OLDEST, KubernetesVersion::NEWEST] {
        let mut rules = 0;
        for profile in ["baseline", "restricted"] {
            for entry in fs::read_dir(data.join(profile)).unwrap() {
                for file in fs::read_dir(entry.unwrap().path()).unwrap() {
                    rules += policies(&file.unwrap().path(), version).len();
                }
            }
        }
        assert_eq!(rules, 19);
    }
}
