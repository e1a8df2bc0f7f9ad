//! Published bundles and shared examples, in a folder or an object store.
//!
//! Everything is written once and never changed: a published version is one object, put only
//! where there is none, so that it is there whole or not at all, and any number of programs can
//! share a store without a lock.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::path::Path as FilePath;
use std::sync::Arc;

use futures::TryStreamExt as _;
use object_store::path::Path;
use object_store::{ObjectStore, ObjectStoreExt as _, PutMode, PutPayload};
use semver::Version;
use serde::Serialize;
use serde::de::DeserializeOwned;
use sha2::{Digest as _, Sha256};
use url::Url;
use vapwright_engine::wire::{Bundle, BundleList, BundleSummary, SharedExample, VersionSummary};

const BUNDLES: &str = "bundles";
const EXAMPLES: &str = "examples";

/// Where bundles and shared examples are kept.
#[derive(Clone, Debug)]
pub struct Store {
    objects: Arc<dyn ObjectStore>,
    prefix: Path,
}

/// Why the store did not do what it was asked to.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The name of the store leads nowhere.
    #[error("`{store}` cannot be used as a store: {reason}")]
    Unusable {
        /// What was given.
        store: String,
        /// Why.
        reason: String,
    },
    /// A name or version that no bundle can have.
    #[error("`{0}` cannot be the name or version of a bundle")]
    BadName(String),
    /// What is kept cannot be read back.
    #[error("`{path}` in the store is damaged: {reason}")]
    Damaged {
        /// Where.
        path: String,
        /// Why.
        reason: String,
    },
    /// The store itself failed.
    #[error("the store failed: {0}")]
    Failed(#[from] object_store::Error),
}

/// What became of a version that was published.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Published {
    /// It is new.
    Created,
    /// The same was there already.
    Unchanged,
    /// The version is there with other content, and stays as it is.
    Conflict,
}

impl Store {
    /// Opens a folder (made if it is not there) or the URL of an object store, such as
    /// `s3://bucket/prefix`, whose credentials are taken from the environment.
    ///
    /// # Errors
    ///
    /// Where the folder cannot be made or this program has no client for the URL.
    pub fn open(store: &str) -> Result<Self, StoreError> {
        let unusable = |reason: String| StoreError::Unusable {
            store: store.to_owned(),
            reason,
        };
        match Url::parse(store) {
            // A scheme of one letter is a drive of Windows.
            Ok(url) if url.scheme().len() > 1 && url.scheme() != "file" => {
                let (objects, prefix) =
                    object_store::parse_url_opts(&url, settings(std::env::vars_os()))
                        .map_err(|error| unusable(explain(&url, &error)))?;
                Ok(Self {
                    objects: Arc::from(objects),
                    prefix,
                })
            }
            Ok(url) if url.scheme() == "file" => {
                let folder = url
                    .to_file_path()
                    .map_err(|()| unusable("it is not a folder of this machine".to_owned()))?;
                Self::folder(&folder).map_err(|error| unusable(error.to_string()))
            }
            _ => Self::folder(FilePath::new(store)).map_err(|error| unusable(error.to_string())),
        }
    }

    fn folder(folder: &FilePath) -> Result<Self, Box<dyn std::error::Error>> {
        std::fs::create_dir_all(folder)?;
        let objects = object_store::local::LocalFileSystem::new_with_prefix(folder)?;
        Ok(Self {
            objects: Arc::new(objects),
            prefix: Path::default(),
        })
    }

    /// A store that is gone with the program.
    #[must_use]
    pub fn in_memory() -> Self {
        Self {
            objects: Arc::new(object_store::memory::InMemory::new()),
            prefix: Path::default(),
        }
    }

    /// Whether the store answers.
    ///
    /// # Errors
    ///
    /// Where it does not.
    pub async fn check(&self) -> Result<(), StoreError> {
        self.objects.list_with_delimiter(Some(&self.prefix)).await?;
        Ok(())
    }

    /// All bundles with their versions.
    ///
    /// # Errors
    ///
    /// Where the store fails.
    pub async fn bundles(&self) -> Result<BundleList, StoreError> {
        let root = self.path([BUNDLES]);
        let objects: Vec<_> = self.objects.list(Some(&root)).try_collect().await?;
        let mut names: BTreeMap<String, ()> = BTreeMap::new();
        for object in objects {
            let Some(mut parts) = object.location.prefix_match(&root) else {
                continue;
            };
            if let (Some(name), Some(_)) = (parts.next(), parts.next()) {
                names.insert(name.as_ref().to_owned(), ());
            }
        }
        let mut bundles = Vec::new();
        for name in names.into_keys() {
            bundles.extend(self.bundle(&name).await?);
        }
        Ok(BundleList { bundles })
    }

    /// A bundle with its versions; `None` where no version is published.
    ///
    /// # Errors
    ///
    /// Where the store fails.
    pub async fn bundle(&self, name: &str) -> Result<Option<BundleSummary>, StoreError> {
        check_name(name)?;
        let root = self.path([BUNDLES, name]);
        let objects: Vec<_> = self.objects.list(Some(&root)).try_collect().await?;
        let mut versions = Vec::new();
        for object in objects {
            let version = object.location.filename();
            let version = version.and_then(|file| file.strip_suffix(".json"));
            let Some(Ok(version)) = version.map(Version::parse) else {
                continue;
            };
            versions.push((version, object.location));
        }
        versions.sort_by(|(a, _), (b, _)| b.cmp(a));
        let latest = versions
            .iter()
            .position(|(version, _)| version.pre.is_empty())
            .unwrap_or(0);

        let mut summary = BundleSummary {
            name: name.to_owned(),
            ..BundleSummary::default()
        };
        for (index, (_, path)) in versions.iter().enumerate() {
            let Some(bundle) = self.read::<Bundle>(path).await? else {
                continue;
            };
            let manifest = bundle.manifest;
            if index == latest {
                summary.latest.clone_from(&manifest.version);
                summary.description = manifest.description;
            }
            summary.versions.push(VersionSummary {
                version: manifest.version,
                digest: manifest.digest,
                kubernetes: manifest.kubernetes,
                policies: u32::try_from(manifest.policies.len()).unwrap_or(u32::MAX),
            });
        }
        Ok((!summary.versions.is_empty()).then_some(summary))
    }

    /// One version of a bundle; `None` where it is not published.
    ///
    /// # Errors
    ///
    /// Where the store fails.
    pub async fn version(&self, name: &str, version: &str) -> Result<Option<Bundle>, StoreError> {
        self.read(&self.version_path(name, version)?).await
    }

    /// Publishes a version, unless there is one of that name already.
    ///
    /// # Errors
    ///
    /// Where the store fails.
    pub async fn publish(&self, bundle: &Bundle) -> Result<Published, StoreError> {
        let manifest = &bundle.manifest;
        let path = self.version_path(&manifest.name, &manifest.version)?;
        if self.create(&path, bundle).await? {
            return Ok(Published::Created);
        }
        let there = self.read::<Bundle>(&path).await?;
        Ok(if there.as_ref() == Some(bundle) {
            Published::Unchanged
        } else {
            Published::Conflict
        })
    }

    /// Keeps an example and gives its id, which is made from the content.
    ///
    /// # Errors
    ///
    /// Where the store fails.
    pub async fn put_example(&self, example: &SharedExample) -> Result<String, StoreError> {
        let content = encode(example)?;
        let id = short_digest(&content);
        let path = self.path([EXAMPLES, &format!("{id}.json")]);
        self.create(&path, example).await?;
        Ok(id)
    }

    /// A kept example.
    ///
    /// # Errors
    ///
    /// Where the store fails.
    pub async fn example(&self, id: &str) -> Result<Option<SharedExample>, StoreError> {
        if id.len() != ID_LENGTH || !id.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
            return Ok(None);
        }
        self.read(&self.path([EXAMPLES, &format!("{id}.json")]))
            .await
    }

    fn path<const N: usize>(&self, parts: [&str; N]) -> Path {
        parts
            .iter()
            .fold(self.prefix.clone(), |path, part| path.join(*part))
    }

    fn version_path(&self, name: &str, version: &str) -> Result<Path, StoreError> {
        check_name(name)?;
        let parsed =
            Version::parse(version).map_err(|_| StoreError::BadName(version.to_owned()))?;
        Ok(self.path([BUNDLES, name, &format!("{parsed}.json")]))
    }

    async fn read<T: DeserializeOwned>(&self, path: &Path) -> Result<Option<T>, StoreError> {
        let content = match self.objects.get(path).await {
            Ok(object) => object.bytes().await?,
            Err(object_store::Error::NotFound { .. }) => return Ok(None),
            Err(error) => return Err(error.into()),
        };
        serde_json::from_slice(&content)
            .map(Some)
            .map_err(|error| StoreError::Damaged {
                path: path.to_string(),
                reason: error.to_string(),
            })
    }

    /// Writes an object where there is none; whether it was written.
    async fn create<T: Serialize>(&self, path: &Path, value: &T) -> Result<bool, StoreError> {
        let payload = PutPayload::from(encode(value)?);
        match self
            .objects
            .put_opts(path, payload, PutMode::Create.into())
            .await
        {
            Ok(_) => Ok(true),
            Err(object_store::Error::AlreadyExists { .. }) => Ok(false),
            Err(error) => Err(error.into()),
        }
    }
}

/// The variables of the environment that set up a client: those that are named for it. Others may
/// have names that a client would take for its settings, such as `TOKEN` or `CONTAINER_NAME`.
fn settings(
    variables: impl IntoIterator<Item = (OsString, OsString)>,
) -> impl Iterator<Item = (String, String)> {
    const PREFIXES: [&str; 3] = ["aws_", "google_", "azure_"];
    // what Azure's hosts give to programs that run there
    const NAMES: [&str; 2] = ["identity_endpoint", "msi_endpoint"];
    variables
        .into_iter()
        // what is not UTF-8 is none of them
        .filter_map(|(key, value)| Some((key.to_str()?.to_lowercase(), value.into_string().ok()?)))
        .filter(|(key, _)| {
            PREFIXES.iter().any(|prefix| key.starts_with(prefix)) || NAMES.contains(&key.as_str())
        })
}

const ID_LENGTH: usize = 24;

/// Ninety-six bits of the digest: short enough for a link, beyond guessing and clashing.
fn short_digest(content: &[u8]) -> String {
    let digest = Sha256::digest(content);
    digest
        .iter()
        .take(ID_LENGTH / 2)
        .map(|byte| format!("{byte:02x}"))
        .collect()
}

fn encode<T: Serialize>(value: &T) -> Result<Vec<u8>, StoreError> {
    serde_json::to_vec(value).map_err(|error| StoreError::Damaged {
        path: "what was to be written".to_owned(),
        reason: error.to_string(),
    })
}

/// Names of bundles are DNS labels, so that they can be names of anything else.
fn check_name(name: &str) -> Result<(), StoreError> {
    let allowed = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    if name.is_empty()
        || name.len() > 63
        || name.starts_with('-')
        || name.ends_with('-')
        || !name.bytes().all(allowed)
    {
        return Err(StoreError::BadName(name.to_owned()));
    }
    Ok(())
}

/// Object stores that this program was built without are the likeliest mistake.
fn explain(url: &Url, error: &object_store::Error) -> String {
    let feature = match url.scheme() {
        "s3" | "s3a" if !cfg!(feature = "s3") => "s3",
        "gs" if !cfg!(feature = "gcs") => "gcs",
        "az" | "azure" | "abfs" | "abfss" if !cfg!(feature = "azure") => "azure",
        _ => return error.to_string(),
    };
    format!("this program was built without it: build with `--features {feature}`")
}

#[cfg(test)]
mod tests;
