//! Paths of files in volumes.

use super::errors::{At, Errors, Shown};

/// `validatePathNoBacksteps`
pub(super) fn no_backsteps(errors: &mut Errors, at: &At<'_>, path: &str) {
    if path.split('/').any(|part| part == "..") {
        errors.invalid(at, Shown::Text(path), "must not contain '..'");
    }
}

/// `validateLocalDescendingPath`
pub(super) fn descending(errors: &mut Errors, at: &At<'_>, path: &str) {
    if path.starts_with('/') {
        errors.invalid(at, Shown::Text(path), "must be a relative path");
    }
    no_backsteps(errors, at, path);
}

/// `ValidateLocalNonReservedPath`
pub(super) fn local(errors: &mut Errors, at: &At<'_>, path: &str) {
    descending(errors, at, path);
    if path.starts_with("..") && !path.starts_with("../") {
        errors.invalid(at, Shown::Text(path), "must not start with '..'");
    }
}
