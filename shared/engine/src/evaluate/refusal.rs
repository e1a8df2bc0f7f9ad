//! Objects that the API server refuses by itself, before it asks any policy.

use vapwright_kube::custom::no_matches;
use vapwright_kube::document::Document;
use vapwright_kube::kinds::Gvk;
use vapwright_kube::path::Path;
use vapwright_kube::problem::Problem;
use vapwright_kube::refusal::{Cause, Refusal};

use crate::input::Input;
use crate::wire::{self, Diagnostic, Place};

/// The causes, each text once.
fn causes(refusal: &Refusal) -> Vec<&Cause> {
    let mut causes: Vec<&Cause> = Vec::new();
    for cause in &refusal.causes {
        let same = |other: &&&Cause| other.field == cause.field && other.message == cause.message;
        if !causes.iter().any(|other| same(&other)) {
            causes.push(cause);
        }
    }
    causes
}

/// A refusal for the wire; `place` says where a path of the object leads in what was typed.
pub fn to_wire(refusal: &Refusal, place: impl Fn(&Path) -> Option<Place>) -> wire::Refusal {
    wire::Refusal {
        status: refusal.status,
        reason: refusal.reason().to_owned(),
        message: refusal.message.clone(),
        causes: refusal
            .causes
            .iter()
            .map(|cause| wire::RefusalCause {
                field: cause.field.clone(),
                reason: cause.reason.clone(),
                message: cause.message.clone(),
                place: place(&cause.path),
            })
            .collect(),
    }
}

/// What is to be marked in the source: each cause at its field. What cannot be decoded is
/// reported where it was found.
pub fn diagnostics(input: &Input<'_>, document: &Document, refusal: &Refusal) -> Vec<Diagnostic> {
    if matches!(refusal.status, 400 | 404) {
        return Vec::new();
    }
    let problem = |code, message: String, path: &Path| {
        let problem = Problem::error(code, message, Some(document.range(path))).at_path(path);
        input.diagnostic(&problem)
    };
    if refusal.causes.is_empty() {
        let path = Path::root().fields(&["metadata", "name"]);
        return vec![problem("forbidden-object", refusal.message.clone(), &path)];
    }
    causes(refusal)
        .into_iter()
        .map(|cause| {
            let message = format!("{}: {}", cause.field, cause.message);
            problem("invalid-object", message, &cause.path)
        })
        .collect()
}

/// What `kubectl` prints for a refusal, given the file it read.
pub fn kubectl(
    refusal: &wire::Refusal,
    gvk: &Gvk,
    [name, namespace]: [&str; 2],
    file: &str,
) -> String {
    let source = match file {
        "" | "-" => "STDIN",
        file => file,
    };
    if refusal.status == 404 {
        return format!(
            "error: resource mapping not found for name: {name:?} namespace: {namespace:?} from {source:?}: {}\nensure CRDs are installed first",
            no_matches(gvk)
        );
    }
    if refusal.causes.is_empty() {
        return format!(
            "Error from server ({}): error when creating {source:?}: {}",
            refusal.reason, refusal.message
        );
    }
    let mut lines: Vec<String> = Vec::new();
    for cause in &refusal.causes {
        let line = format!("{}: {}", cause.field, cause.message);
        if !lines.contains(&line) {
            lines.push(line);
        }
    }
    let head = format!("The {} {name:?} is invalid: ", gvk.kind);
    match lines.as_slice() {
        [line] => format!("{head}{line}"),
        _ => format!("{head}\n* {}", lines.join("\n* ")),
    }
}
