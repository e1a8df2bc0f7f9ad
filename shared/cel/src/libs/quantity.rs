//! The library of resource quantities.

use crate::library::Library;

/// The library in a version.
#[must_use]
pub fn library(_version: u32) -> Library {
    Library {
        name: "quantity",
        ..Library::default()
    }
}
