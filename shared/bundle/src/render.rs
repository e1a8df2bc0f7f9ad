//! The files of a bundle: what is installed, what is in it, and their checksums.

use serde::Serialize;
use vapwright_kube::yaml;
use vapwright_kyverno::Profile;

use crate::build::Bundle;
use crate::digest::hex_sha256;

/// The name of the file that is installed.
pub const INSTALL: &str = "install.yaml";
/// The name of the file that says what is in the bundle.
pub const MANIFEST: &str = "manifest.json";
/// The name of the file with the checksums of the others, as `sha256sum --check` reads them.
pub const CHECKSUMS: &str = "checksums.txt";

/// A file of a bundle.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RenderedFile {
    /// Its name.
    pub name: &'static str,
    /// Its text.
    pub text: String,
}

#[derive(Serialize)]
struct ManifestJson<'b> {
    name: &'b str,
    version: &'b str,
    digest: &'b str,
    description: &'b str,
    labels: Labels<'b>,
    kubernetes: String,
    policies: Vec<PolicyJson<'b>>,
}

#[derive(Serialize)]
struct Labels<'b> {
    domain: &'b str,
}

#[derive(Serialize)]
struct PolicyJson<'b> {
    name: &'b str,
    #[serde(skip_serializing_if = "Option::is_none")]
    profile: Option<&'static str>,
    title: &'b str,
    severity: &'b str,
    description: &'b str,
    remediation: &'b str,
    digest: &'b str,
}

impl Bundle {
    /// The bundle's files: [`INSTALL`], [`MANIFEST`] and [`CHECKSUMS`].
    #[must_use]
    pub fn files(&self) -> Vec<RenderedFile> {
        let mut files = vec![
            RenderedFile {
                name: INSTALL,
                text: self.install_yaml(),
            },
            RenderedFile {
                name: MANIFEST,
                text: self.manifest_json(),
            },
        ];
        let checksums = files
            .iter()
            .map(|file| format!("{}  {}\n", hex_sha256(file.text.as_bytes()), file.name))
            .collect();
        files.push(RenderedFile {
            name: CHECKSUMS,
            text: checksums,
        });
        files
    }

    /// All policies with their bindings, in the order of their names, as one YAML stream.
    #[must_use]
    pub fn install_yaml(&self) -> String {
        let documents = self
            .policies
            .iter()
            .flat_map(|policy| std::iter::once(&policy.policy).chain(&policy.bindings));
        format!(
            "# {} {}: {}\n# {}\n# for Kubernetes {} and newer\n{}",
            self.name,
            self.version,
            self.description,
            self.digest,
            self.kubernetes,
            yaml::write_all(documents)
        )
    }

    /// What is in the bundle, as JSON.
    #[must_use]
    pub fn manifest_json(&self) -> String {
        let json = ManifestJson {
            name: &self.name,
            version: &self.version,
            digest: &self.digest,
            description: &self.description,
            labels: Labels {
                domain: &self.domain,
            },
            kubernetes: self.kubernetes.to_string(),
            policies: self
                .policies
                .iter()
                .map(|policy| PolicyJson {
                    name: &policy.name,
                    profile: (policy.profile != Profile::Custom).then(|| policy.profile.as_str()),
                    title: &policy.title,
                    severity: &policy.severity,
                    description: &policy.description,
                    remediation: &policy.remediation,
                    digest: &policy.digest,
                })
                .collect(),
        };
        // Maps with text keys and no floats: nothing here fails to serialise.
        let mut text = serde_json::to_string_pretty(&json).unwrap_or_default();
        text.push('\n');
        text
    }
}
