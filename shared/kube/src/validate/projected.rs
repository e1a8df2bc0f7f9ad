//! Projected volumes and files of the downward API.

use vapwright_cel::document::Node;

use super::container::{field_ref, resource_field_ref};
use super::errors::{At, Errors, Shown};
use super::paths;
use super::read::Read;
use super::volume::{key_to_path, mode};

/// Fields of a Pod that files may show.
const FILE_FIELDS: [&str; 5] = [
    "metadata.annotations",
    "metadata.labels",
    "metadata.name",
    "metadata.namespace",
    "metadata.uid",
];

/// `validateDownwardAPIVolumeFile`
pub(super) fn file(errors: &mut Errors, at: &At<'_>, file: &Node) {
    let path = file.text("path");
    errors.needs(&at.field("path"), path);
    paths::local(errors, &at.field("path"), path);
    match (file.sub("fieldRef"), file.sub("resourceFieldRef")) {
        (Some(field), resource) => {
            field_ref(errors, &at.field("fieldRef"), field, &FILE_FIELDS);
            if resource.is_some() {
                let detail = "fieldRef and resourceFieldRef can not be specified simultaneously";
                errors.invalid(at, Shown::Text("resource"), detail);
            }
        }
        (None, Some(resource)) => {
            resource_field_ref(errors, &at.field("resourceFieldRef"), resource, true);
        }
        (None, None) => errors.required(at, "one of fieldRef and resourceFieldRef is required"),
    }
    mode(errors, at, file, "mode");
}

/// The paths that were taken, and where all errors about them stand.
struct Paths<'a> {
    at: &'a At<'a>,
    taken: Vec<String>,
}

impl Paths<'_> {
    /// Takes a path; `shown` is what the error shows where it is taken already.
    fn take(&mut self, errors: &mut Errors, path: &str, shown: &str) {
        if self.taken.iter().any(|taken| taken == path) {
            errors.invalid(self.at, Shown::Text(shown), "conflicting duplicate paths");
        } else {
            self.taken.push(path.to_owned());
        }
    }
}

/// `validateProjectedVolumeSource`
pub(super) fn volume(errors: &mut Errors, at: &At<'_>, source: &Node) {
    mode(errors, at, source, "defaultMode");
    let mut paths = Paths {
        at,
        taken: Vec::new(),
    };
    let sources = at.field("sources");
    for (index, source) in source.list("sources").iter().enumerate() {
        let place = sources.index(index);
        let mut count = 0;
        for kind in ["secret", "configMap"] {
            let Some(source) = source.sub(kind) else {
                continue;
            };
            count += 1;
            let place = place.field(kind);
            let name = source.text("name");
            errors.needs(&place.field("name"), name);
            let items = place.field("items");
            for (index, item) in source.list("items").iter().enumerate() {
                key_to_path(errors, &items.index(index), item);
                let path = item.text("path");
                if !path.is_empty() {
                    paths.take(errors, path, name);
                }
            }
        }
        if let Some(source) = source.sub("downwardAPI") {
            count += 1;
            let place = place.field("downwardAPI");
            for item in source.list("items") {
                file(errors, &place, item);
                let path = item.text("path");
                if !path.is_empty() {
                    paths.take(errors, path, path);
                }
            }
        }
        if let Some(token) = source.sub("serviceAccountToken") {
            count += 1;
            service_account_token(errors, at, &place.field("serviceAccountToken"), token);
        }
        // sources of certificates are dropped before: their feature gates are off
        if count > 1 {
            let detail = "may not specify more than 1 volume type per source";
            errors.forbidden(&place, detail);
        }
    }
}

fn service_account_token(errors: &mut Errors, volume: &At<'_>, at: &At<'_>, token: &Node) {
    let seconds = token.int("expirationSeconds").unwrap_or(0);
    let detail = if seconds < 600 {
        "may not specify a duration less than 10 minutes"
    } else if seconds > 1 << 32 {
        "may not specify a duration larger than 2^32 seconds"
    } else {
        ""
    };
    if !detail.is_empty() {
        errors.invalid(&at.field("expirationSeconds"), Shown::Int(seconds), detail);
    }
    // its path's errors stand at the volume
    let place = volume.field("path");
    let path = token.text("path");
    if errors.needs(&place, path) {
        paths::local(errors, &place, path);
    }
}
