//! The files of a bundle: what is installed, what is in it, and their checksums.

use serde::Serialize;
use vapwright_cel::version::KubernetesVersion;
use vapwright_kube::yaml;
use vapwright_kyverno::Profile;

use crate::build::{Bundle, BundledPolicy, documents};
use crate::digest::{digest, hex_sha256};

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
    pub name: String,
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
    #[serde(skip_serializing_if = "Vec::is_empty")]
    installs: Vec<InstallJson<'b>>,
    policies: Vec<PolicyJson<'b>>,
}

#[derive(Serialize)]
struct InstallJson<'b> {
    kubernetes: String,
    file: &'b str,
    digest: &'b str,
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

/// The name of the file that is installed in clusters of an older version.
#[must_use]
pub fn install_for(kubernetes: KubernetesVersion) -> String {
    format!("install-{kubernetes}.yaml")
}

impl Bundle {
    /// The bundle's files: [`INSTALL`], the same for older versions of Kubernetes, [`MANIFEST`] and
    /// [`CHECKSUMS`].
    #[must_use]
    pub fn files(&self) -> Vec<RenderedFile> {
        let file = |name: &str, text| RenderedFile {
            name: name.to_owned(),
            text,
        };
        let mut files = vec![
            file(INSTALL, self.install_yaml()),
            file(MANIFEST, self.manifest_json()),
        ];
        files.extend(self.older.iter().map(|edition| {
            let version = edition.kubernetes;
            let text = self.install(&version.to_string(), &edition.policies);
            file(&install_for(version), text)
        }));
        let checksums = files
            .iter()
            .map(|file| format!("{}  {}\n", hex_sha256(file.text.as_bytes()), file.name))
            .collect();
        files.push(file(CHECKSUMS, checksums));
        files
    }

    /// All policies with their bindings, in the order of their names, as one YAML stream.
    #[must_use]
    pub fn install_yaml(&self) -> String {
        let versions = match self.made_for {
            Some(version) if version < KubernetesVersion::NEWEST => version.to_string(),
            Some(version) => format!("{version} and newer"),
            None => format!("{} and newer", self.kubernetes),
        };
        self.install(&versions, &self.policies)
    }

    fn install(&self, versions: &str, policies: &[BundledPolicy]) -> String {
        format!(
            "# {} {}: {}\n# {}\n# for Kubernetes {versions}\n{}",
            self.name,
            self.version,
            self.description,
            self.digest,
            yaml::write_all(policies.iter().flat_map(documents))
        )
    }

    /// For which version of Kubernetes which file is, with the digest of its policies; none where
    /// one is for all.
    #[must_use]
    pub fn installs(&self) -> Vec<(KubernetesVersion, String, String)> {
        if self.older.is_empty() {
            return Vec::new();
        }
        let newest = KubernetesVersion::NEWEST;
        let digest = digest(self.policies.iter().flat_map(documents));
        let first = (newest, INSTALL.to_owned(), digest);
        let older = self.older.iter().map(|edition| {
            let version = edition.kubernetes;
            (version, install_for(version), edition.digest.clone())
        });
        std::iter::once(first).chain(older).collect()
    }

    /// What is in the bundle, as JSON.
    #[must_use]
    pub fn manifest_json(&self) -> String {
        let installs = self.installs();
        let json = ManifestJson {
            name: &self.name,
            version: &self.version,
            digest: &self.digest,
            description: &self.description,
            labels: Labels {
                domain: &self.domain,
            },
            kubernetes: self.kubernetes.to_string(),
            installs: installs
                .iter()
                .map(|(kubernetes, file, digest)| InstallJson {
                    kubernetes: kubernetes.to_string(),
                    file,
                    digest,
                })
                .collect(),
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
