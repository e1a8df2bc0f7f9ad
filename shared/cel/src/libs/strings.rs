//! The library of cel-go's strings library.

use crate::library::Library;

/// The library in a version.
#[must_use]
pub fn library(_version: u32) -> Library {
    Library {
        name: "strings",
        ..Library::default()
    }
}
