//! The shipped bundle, built for each version.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use vapwright_admission::compile::{CompiledPolicy, compile};
use vapwright_admission::evaluate::{Verdict, evaluate};
use vapwright_admission::policy::{Binding, Policy};
use vapwright_admission::request::Request;
use vapwright_cel::document::Node;
use vapwright_cel::version::KubernetesVersion;
use vapwright_engine::wire::{BuildCall, SourceFile};
use vapwright_engine::{build_bundle, bundle_paths};
use vapwright_kube::json::from_value;
use vapwright_kube::yaml;

use crate::requests::Case;

/// The label by which namespaces choose a profile.
const PROFILE: &str = "policy.vapwright.dev/profile";
/// The labels of Pod Security admission that say the same.
const ENFORCE: &str = "pod-security.kubernetes.io/enforce";
const VERSION: &str = "pod-security.kubernetes.io/enforce-version";

/// What a bundle says of a request.
#[derive(Debug, Default)]
pub struct Judged {
    /// The policies that refuse it.
    pub denied: Vec<String>,
    /// The policies whose expressions fail: no answer at all.
    pub failed: Vec<String>,
}

/// The policies of a bundle with their bindings, by the version they are for.
pub struct Bundles(BTreeMap<u16, Vec<(CompiledPolicy, Binding)>>);

impl Bundles {
    /// Builds the bundle of a folder for each version, as `vapwright bundle build --kubernetes`.
    pub fn build(folder: &str) -> Result<Self, Box<dyn std::error::Error>> {
        let read = |name: &str| -> std::io::Result<SourceFile> {
            Ok(SourceFile {
                name: name.to_owned(),
                text: fs::read_to_string(Path::new(folder).join(name))?,
            })
        };
        let manifest = read("bundle.yaml")?;
        let paths = bundle_paths(&manifest);
        let sources: Result<Vec<SourceFile>, _> = paths.iter().map(|path| read(path)).collect();
        let mut call = BuildCall {
            manifest,
            sources: sources?,
            kubernetes: None,
        };
        let mut bundles = BTreeMap::new();
        for version in KubernetesVersion::supported() {
            call.kubernetes = Some(version.to_string());
            let answer = build_bundle(&call);
            let Some(bundle) = answer.bundle else {
                let problems = answer.diagnostics.iter();
                let problems: Vec<&str> = problems.map(|one| one.message.as_str()).collect();
                return Err(format!("no bundle for {version}: {problems:?}").into());
            };
            let install = bundle.files.iter().find(|file| file.name == "install.yaml");
            let install = install.ok_or("the bundle has no install.yaml")?;
            bundles.insert(version.minor, policies(&install.text, version)?);
        }
        Ok(Self(bundles))
    }

    /// What the bundle says of a request, in a namespace of the profile that it names for Pod
    /// Security admission; `None` where the bundle cannot say the same, as it judges Pods alone, and
    /// for versions from 1.30.
    pub fn judge(&self, case: &Case) -> Option<Judged> {
        let label = |key: &str| {
            let mut labels = case.labels.iter();
            let found = labels.find(|(name, _)| name == key);
            found.map(|(_, value)| value.as_str())
        };
        let profile = label(ENFORCE).filter(|level| matches!(*level, "baseline" | "restricted"))?;
        if case.resource != "pods" || !matches!(case.subresource, "" | "ephemeralcontainers") {
            return None;
        }
        let newest = KubernetesVersion::NEWEST;
        let minor = match label(VERSION).unwrap_or("latest") {
            "latest" => case.version.minor,
            given => given.strip_prefix("v1.")?.parse::<u16>().ok()?,
        };
        let policies = self
            .0
            .get(&minor.min(case.version.minor).min(newest.minor))?;
        let mut namespace = case.namespace();
        namespace["metadata"]["labels"] = serde_json::json!({ PROFILE: profile });
        let request = Request {
            namespace_object: Some(from_value(&namespace)),
            ..case.request()
        };
        let mut judged = Judged::default();
        for (policy, binding) in policies {
            for row in evaluate(policy, binding, &request, &[]) {
                let failed = row.message.contains("resulted in error");
                match row.verdict {
                    Verdict::Denied if !failed => judged.denied.push(row.policy.to_string()),
                    Verdict::Denied | Verdict::Error => {
                        judged
                            .failed
                            .push(format!("{}: {}", row.policy, row.message));
                    }
                    _ => {}
                }
            }
        }
        Some(judged)
    }
}

fn policies(
    install: &str,
    version: KubernetesVersion,
) -> Result<Vec<(CompiledPolicy, Binding)>, String> {
    let read = yaml::read(install);
    let nodes: Vec<Node> = read.documents.into_iter().map(|one| one.node).collect();
    let text = |node: &Node, path: &[&str]| {
        let text = node.at(path).and_then(Node::as_str);
        text.unwrap_or_default().to_owned()
    };
    let (bindings, policies): (Vec<_>, Vec<_>) = nodes
        .iter()
        .partition(|node| text(node, &["kind"]) == "ValidatingAdmissionPolicyBinding");
    let mut result = Vec::new();
    for node in policies {
        let name = text(node, &["metadata", "name"]);
        // the functions of the version before: what a cluster of this one takes
        let policy = compile(Policy::read(node).0, version.compatibility());
        if let Some((_, failure)) = policy.failures().next() {
            return Err(format!("{name} for {version}: {}", failure.detail));
        }
        let binding = bindings
            .iter()
            .find(|binding| text(binding, &["spec", "policyName"]) == name)
            .ok_or_else(|| format!("{name} has no binding"))?;
        result.push((policy, Binding::read(binding).0));
    }
    Ok(result)
}
