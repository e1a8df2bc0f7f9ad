//! The Kubernetes version of a call.

use vapwright_cel::version::KubernetesVersion;

use crate::diagnose::diagnostic;
use crate::wire::{Diagnostic, Severity};

/// Reads the version that a call names, the newest where it names none; a text that is no version
/// is a diagnostic, and the newest stands in for it.
pub fn read(text: Option<&str>, diagnostics: &mut Vec<Diagnostic>) -> KubernetesVersion {
    let Some(text) = text.filter(|text| !text.is_empty()) else {
        return KubernetesVersion::NEWEST;
    };
    text.parse().unwrap_or_else(|error| {
        let message = format!("{error}");
        diagnostics.push(diagnostic(
            Severity::Error,
            "unknown-version",
            &message,
            None,
        ));
        KubernetesVersion::NEWEST
    })
}
