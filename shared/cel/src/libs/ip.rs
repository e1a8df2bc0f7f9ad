//! The library of IP addresses.

use crate::library::Library;

/// The library in a version.
#[must_use]
pub fn library(_version: u32) -> Library {
    Library {
        name: "ip",
        ..Library::default()
    }
}
