//! `vapwright bundle`: building and publishing bundles.

use std::path::{Path, PathBuf};

use clap::{Args, Subcommand};
use vapwright_engine::wire::{BuildCall, Bundle};

use crate::cli::exit::{Exit, Failure};
use crate::cli::{Outcome, input, output};
use crate::store::{Published, Store};

/// What is done with a bundle.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Build a bundle from its manifest into a folder of files
    Build(Build),
    /// Build a bundle and publish it in a store
    Publish(Publish),
}

/// Building.
#[derive(Debug, Args)]
pub struct Build {
    /// The bundle's manifest
    #[arg(default_value = "bundle.yaml")]
    manifest: PathBuf,
    /// The folder that the files are written into
    #[arg(long, value_name = "DIR", required_unless_present = "publish")]
    out: Option<PathBuf>,
    /// Also publish it: a folder, or the URL of an object store
    #[arg(long, value_name = "STORE")]
    publish: Option<String>,
    /// The version of the only clusters that it is for, 1.30 to 1.36 [default: a file for each, where
    /// the policies differ]
    #[arg(long, value_name = "VERSION", conflicts_with = "publish")]
    kubernetes: Option<String>,
}

/// Publishing.
#[derive(Debug, Args)]
pub struct Publish {
    /// The bundle's manifest
    #[arg(default_value = "bundle.yaml")]
    manifest: PathBuf,
    /// A folder, or the URL of an object store
    #[arg(long, env = "VAPWRIGHT_STORE", default_value = "store")]
    store: String,
}

/// Builds or publishes.
pub fn run(command: &Command) -> Outcome {
    let (manifest, kubernetes, out, store) = match command {
        Command::Build(build) => (
            &build.manifest,
            build.kubernetes.clone(),
            build.out.as_deref(),
            build.publish.as_deref(),
        ),
        Command::Publish(publish) => (&publish.manifest, None, None, Some(publish.store.as_str())),
    };
    let Some(bundle) = build(manifest, kubernetes)? else {
        return Ok(Exit::BadInput);
    };
    if let Some(folder) = out {
        for file in &bundle.files {
            output::write_file(folder, &file.name, &file.text)?;
        }
    }
    if let Some(store) = store {
        let store = Store::open(store).map_err(Failure::other)?;
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .map_err(Failure::other)?;
        let published = runtime
            .block_on(store.publish(&bundle))
            .map_err(Failure::other)?;
        output::print(&format!("{}\n", sentence(&bundle, published)))?;
        if published == Published::Conflict {
            return Ok(Exit::BadInput);
        }
    }
    Ok(Exit::Done)
}

/// Builds the bundle of a manifest, for one version of Kubernetes or all, and says on standard error
/// what is wrong with it.
pub fn build(manifest: &Path, kubernetes: Option<String>) -> Result<Option<Bundle>, Failure> {
    let folder = manifest.parent().unwrap_or(Path::new(""));
    let source = input::read(manifest)?;
    let mut call = BuildCall {
        sources: Vec::new(),
        manifest: source,
        kubernetes,
    };
    for path in vapwright_engine::bundle_paths(&call.manifest) {
        let mut sources = input::read_all(&[folder.join(&path)])?;
        for source in &mut sources {
            // Places are shown by the path from here; the engine looks for the path beside the
            // manifest.
            let relative = Path::new(&source.name).strip_prefix(folder);
            if let Ok(relative) = relative {
                source.name = relative.display().to_string();
            }
        }
        call.sources.append(&mut sources);
    }
    let answer = vapwright_engine::build_bundle(&call);
    output::report(&answer.diagnostics);
    Ok(answer.bundle)
}

/// What became of a bundle that was to be published.
pub fn sentence(bundle: &Bundle, published: Published) -> String {
    let manifest = &bundle.manifest;
    let name = format!("{} {}", manifest.name, manifest.version);
    match published {
        Published::Created => format!("{name} is published: {}", manifest.digest),
        Published::Unchanged => format!("{name} was published already: {}", manifest.digest),
        Published::Conflict => format!(
            "{name} is published with other content and stays as it is: give the manifest a new version"
        ),
    }
}
