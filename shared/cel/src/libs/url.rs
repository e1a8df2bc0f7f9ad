//! The library of URLs.

use crate::library::Library;

/// The library in a version.
#[must_use]
pub fn library(_version: u32) -> Library {
    Library {
        name: "url",
        ..Library::default()
    }
}
