//! Building a bundle from its manifest and the policies it names.

use crate::diagnose::unfinished;
use crate::wire::{BuildAnswer, BuildCall, SourceFile};

/// Builds a bundle: every policy converted and compiled, sorted, rendered and digested.
#[must_use]
pub fn build_bundle(call: &BuildCall) -> BuildAnswer {
    BuildAnswer {
        bundle: None,
        diagnostics: vec![unfinished("bundles cannot be built", &call.manifest)],
    }
}

/// The paths that a manifest names, beside it; none where it cannot be read, which building it
/// says.
#[must_use]
pub fn bundle_paths(_manifest: &SourceFile) -> Vec<String> {
    Vec::new()
}
