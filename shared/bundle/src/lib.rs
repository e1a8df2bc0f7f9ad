//! A named, versioned set of admission policies: manifest, digest, rendering.

mod build;
mod chainsaw;
mod digest;
mod manifest;
mod render;

pub use build::{Build, Bundle, BundledPolicy, Compile, Edition, Member, SourceProblem, build};
pub use chainsaw::{CHAINSAW_TEST, Case, Outcome, Suite};
pub use digest::{canonical_json, digest, hex_sha256};
pub use manifest::{Entry, Manifest, read_manifest};
pub use render::{CHECKSUMS, INSTALL, MANIFEST, RenderedFile, install_for};

#[cfg(test)]
mod tests;
