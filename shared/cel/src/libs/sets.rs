//! The library of cel-go's sets library.

use crate::library::Library;

/// The library in a version.
#[must_use]
pub fn library(_version: u32) -> Library {
    Library {
        name: "sets",
        ..Library::default()
    }
}
