//! The library of semantic versions.

use crate::library::Library;

/// The library in a version.
#[must_use]
pub fn library(_version: u32) -> Library {
    Library {
        name: "semver",
        ..Library::default()
    }
}
