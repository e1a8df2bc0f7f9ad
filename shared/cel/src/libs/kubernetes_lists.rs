//! The library of Kubernetes' own lists library: `isSorted`, `sum`, `min`, `max`, `indexOf`, `lastIndexOf`.

use crate::library::Library;

/// The library in a version.
#[must_use]
pub fn library(_version: u32) -> Library {
    Library {
        name: "kubernetes_lists",
        ..Library::default()
    }
}
