//! The library of authorization checks.

use crate::library::Library;

/// The library in a version.
#[must_use]
pub fn library(_version: u32) -> Library {
    Library {
        name: "authorizer",
        ..Library::default()
    }
}
