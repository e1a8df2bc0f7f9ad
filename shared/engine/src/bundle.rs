//! Building a bundle from its manifest and the policies it names.

use vapwright_admission::compile::compile;
use vapwright_admission::policy::Policy;
use vapwright_bundle::{Build, Bundle as Built, INSTALL, Manifest, Member, build, read_manifest};
use vapwright_cel::document::Node;
use vapwright_cel::version::KubernetesVersion;
use vapwright_kube::document::Document;
use vapwright_kube::problem::Problem;
use vapwright_kube::yaml;
use vapwright_kyverno::Profile;

use crate::diagnose::{diagnostic, of_problem};
use crate::input::Input;
use crate::text::Text;
use crate::version;
use crate::wire::{
    BuildAnswer, BuildCall, Bundle, BundleInstall, BundleManifest, BundledPolicy, Diagnostic,
    LabelModel, Severity, SourceFile,
};

/// Builds a bundle: every policy converted and compiled, sorted, rendered and digested.
#[must_use]
pub fn build_bundle(call: &BuildCall) -> BuildAnswer {
    let mut diagnostics = Vec::new();
    let bundle = manifest(&call.manifest, &mut diagnostics)
        .and_then(|(manifest, document)| built(call, &manifest, &document, &mut diagnostics));
    let broken = diagnostics
        .iter()
        .any(|diagnostic| diagnostic.severity == Severity::Error);
    BuildAnswer {
        bundle: bundle.filter(|_| !broken).as_ref().map(to_wire),
        diagnostics,
    }
}

/// The paths that a manifest names, beside it; none where it cannot be read, which building it
/// says.
#[must_use]
pub fn bundle_paths(source: &SourceFile) -> Vec<String> {
    manifest(source, &mut Vec::new())
        .map(|(manifest, _)| manifest.entries)
        .unwrap_or_default()
        .into_iter()
        .map(|entry| entry.file)
        .collect()
}

/// The file of a bundle that is installed in clusters of a version, such as `1.32`, `v1.32.4`.
///
/// # Errors
/// Why there is none, in words.
pub fn install_file<'m>(manifest: &'m BundleManifest, kubernetes: &str) -> Result<&'m str, String> {
    let version: KubernetesVersion = kubernetes.parse().map_err(|error| format!("{error}"))?;
    let parse = |text: &str| text.parse::<KubernetesVersion>().ok();
    if parse(&manifest.kubernetes).is_none_or(|oldest| version < oldest) {
        return Err(format!(
            "{} {} needs Kubernetes {} or newer",
            manifest.name, manifest.version, manifest.kubernetes
        ));
    }
    let mut installs = manifest.installs.iter();
    let found = installs.find(|install| parse(&install.kubernetes) == Some(version));
    // one file is for all where none is for this one
    Ok(found.map_or(INSTALL, |install| &install.file))
}

fn manifest(
    source: &SourceFile,
    diagnostics: &mut Vec<Diagnostic>,
) -> Option<(Manifest, Document)> {
    let text = Text::new(source);
    let mut read = yaml::read(&source.text);
    let mut problems = std::mem::take(&mut read.problems);
    let mut documents = read.documents.into_iter();
    let first = documents.next();
    match &first {
        None if problems.is_empty() => problems.push(
            Problem::error("no-document", "the manifest is empty", None)
                .help("write `name`, `version`, `description`, `labels` and `profiles`"),
        ),
        _ => {}
    }
    if let Some(second) = documents.next() {
        problems.push(Problem::error(
            "several-documents",
            "a bundle manifest is one document",
            Some(second.places.range),
        ));
    }
    let unreadable = !problems.is_empty() && first.is_none();
    diagnostics.extend(problems.iter().map(|problem| of_problem(&text, problem)));
    let document = first.filter(|_| !unreadable)?;
    let (manifest, problems) = read_manifest(&document);
    diagnostics.extend(problems.iter().map(|problem| of_problem(&text, problem)));
    Some((manifest?, document))
}

fn built(
    call: &BuildCall,
    manifest: &Manifest,
    document: &Document,
    diagnostics: &mut Vec<Diagnostic>,
) -> Option<Built> {
    let wanted: Vec<&SourceFile> = call
        .sources
        .iter()
        .filter(|source| {
            manifest
                .entries
                .iter()
                .any(|entry| entry.file == source.name)
        })
        .collect();
    let inputs: Vec<Input<'_>> = wanted
        .iter()
        .map(|source| Input::read(source, diagnostics))
        .collect();
    let documents: Vec<Vec<Document>> = inputs
        .iter()
        .map(|input| {
            input
                .objects
                .iter()
                .map(|object| object.document.clone())
                .collect()
        })
        .collect();
    let members: Vec<Member<'_>> = wanted
        .iter()
        .zip(&documents)
        .map(|(source, documents)| Member {
            file: &source.name,
            documents,
        })
        .collect();
    let kubernetes = call.kubernetes.as_deref();
    let kubernetes = kubernetes.map(|version| version::read(Some(version), diagnostics));
    let Build { bundle, problems } = build(manifest, document, &members, kubernetes, &failures);
    let manifest_text = Text::new(&call.manifest);
    for found in problems {
        let input = found.file.as_deref().and_then(|file| {
            let index = wanted.iter().position(|source| source.name == file)?;
            inputs.get(index)
        });
        diagnostics.push(match (input, found.problem.range) {
            (Some(input), _) => input.diagnostic(&found.problem),
            (None, Some(_)) => of_problem(&manifest_text, &found.problem),
            (None, None) => diagnostic(
                severity(&found.problem),
                found.problem.code,
                &found.problem.message,
                found.problem.help.as_deref(),
            ),
        });
    }
    bundle
}

fn severity(problem: &Problem) -> Severity {
    match problem.severity {
        vapwright_kube::problem::Severity::Error => Severity::Error,
        vapwright_kube::problem::Severity::Warning => Severity::Warning,
        vapwright_kube::problem::Severity::Note => Severity::Note,
    }
}

/// What is wrong with a policy's expressions, in the API server's words.
fn failures(policy: &Node, version: KubernetesVersion) -> Vec<(String, String)> {
    let (policy, _) = Policy::read(policy);
    compile(policy, version)
        .failures()
        .map(|(expression, failure)| (expression.path.to_string(), failure.detail.clone()))
        .collect()
}

fn to_wire(built: &Built) -> Bundle {
    let policies = built
        .policies
        .iter()
        .map(|policy| BundledPolicy {
            name: policy.name.clone(),
            profile: (policy.profile != Profile::Custom)
                .then(|| policy.profile.as_str().to_owned()),
            title: policy.title.clone(),
            severity: policy.severity.clone(),
            description: policy.description.clone(),
            remediation: policy.remediation.clone(),
            digest: policy.digest.clone(),
        })
        .collect();
    Bundle {
        manifest: BundleManifest {
            name: built.name.clone(),
            version: built.version.clone(),
            digest: built.digest.clone(),
            description: built.description.clone(),
            labels: LabelModel {
                domain: built.domain.clone(),
            },
            kubernetes: built.kubernetes.to_string(),
            installs: built
                .installs()
                .into_iter()
                .map(|(kubernetes, file, digest)| BundleInstall {
                    kubernetes: kubernetes.to_string(),
                    file,
                    digest,
                })
                .collect(),
            policies,
        },
        files: built
            .files()
            .into_iter()
            .map(|file| SourceFile {
                name: file.name,
                text: file.text,
            })
            .collect(),
    }
}
