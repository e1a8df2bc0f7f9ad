//! The library of cel-go's lists library.

use crate::library::Library;

/// The library in a version.
#[must_use]
pub fn library(_version: u32) -> Library {
    Library {
        name: "lists",
        ..Library::default()
    }
}
