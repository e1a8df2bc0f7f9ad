//! Claims of volumes: `ValidatePersistentVolumeClaimSpec`.

use vapwright_cel::document::Node;

use super::errors::{At, Errors, Shown};
use super::read::Read;
use super::{meta, resources, words};

pub(super) const ACCESS_MODES: [&str; 4] = [
    "ReadOnlyMany",
    "ReadWriteMany",
    "ReadWriteOnce",
    "ReadWriteOncePod",
];
pub(super) const VOLUME_MODES: [&str; 2] = ["Block", "Filesystem"];
/// Metadata that the template of a claim may have; the other fields in Go's order.
const TEMPLATE_META: [&str; 13] = [
    "name",
    "generateName",
    "namespace",
    "selfLink",
    "uID",
    "resourceVersion",
    "generation",
    "creationTimestamp",
    "deletionTimestamp",
    "deletionGracePeriodSeconds",
    "ownerReferences",
    "finalizers",
    "managedFields",
];

/// `ValidatePersistentVolumeClaimTemplate`
pub(super) fn template(errors: &mut Errors, at: &At<'_>, template: &Node) {
    let meta = template.sub("metadata");
    let place = at.field("metadata");
    let annotations = meta.pairs("annotations");
    meta::annotations(errors, &place.field("annotations"), &annotations);
    meta::labels(errors, &place.field("labels"), &meta.pairs("labels"));
    for key in TEMPLATE_META {
        let name = if key == "uID" { "uid" } else { key };
        if meta.has(name) {
            errors.forbidden(&place.field(key), "cannot be set");
        }
    }
    spec(errors, &at.field("spec"), template.sub("spec"));
}

/// `ValidatePersistentVolumeClaimSpec`
pub(super) fn spec(errors: &mut Errors, at: &At<'_>, spec: Option<&Node>) {
    let modes = spec.texts("accessModes");
    let place = at.field("accessModes");
    if modes.is_empty() {
        errors.required(&place, "at least 1 access mode is required");
    }
    meta::label_selector(errors, &at.field("selector"), spec.sub("selector"));
    for mode in &modes {
        errors.one_of(&place, Some(mode), &ACCESS_MODES);
    }
    let alone = |mode: &&&str| **mode == "ReadWriteOncePod";
    if modes.iter().any(|mode| alone(&mode))
        && modes
            .iter()
            .any(|mode| !alone(&mode) && ACCESS_MODES.contains(mode))
    {
        let detail = "may not use ReadWriteOncePod with other access modes";
        errors.forbidden(&place, detail);
    }
    let place = at.field("resources");
    let place = place.key("storage");
    let requests = resources::amounts(spec.sub("resources"), "requests");
    match resources::amount_of(&requests, "storage") {
        None => errors.required(&place, ""),
        Some(storage) if storage.nano() <= 0 => {
            let value = storage.canonical();
            errors.invalid(&place, Shown::Text(&value), "must be greater than zero");
        }
        Some(_) => {}
    }
    let class = |errors: &mut Errors, key: &str| {
        let name = spec.text(key);
        if !name.is_empty() {
            errors.invalid_each(&at.field(key), name, words::subdomain(name));
        }
    };
    class(errors, "storageClassName");
    errors.one_of(
        &at.field("volumeMode"),
        spec.word("volumeMode"),
        &VOLUME_MODES,
    );
    data_sources(errors, at, spec);
    class(errors, "volumeAttributesClassName");
}

fn data_sources(errors: &mut Errors, at: &At<'_>, spec: Option<&Node>) {
    for key in ["dataSource", "dataSourceRef"] {
        let Some(source) = spec.sub(key) else {
            continue;
        };
        let at = at.field(key);
        errors.needs(&at.field("name"), source.text("name"));
        let kind = source.text("kind");
        errors.needs(&at.field("kind"), kind);
        let group = source.text("apiGroup");
        if group.is_empty() && kind != "PersistentVolumeClaim" {
            let detail = "must be 'PersistentVolumeClaim' when referencing the default apiGroup";
            errors.invalid(&at, Shown::Text(kind), detail);
        }
        if !group.is_empty() {
            errors.invalid_each(&at.field("apiGroup"), group, words::subdomain(group));
        }
        let namespace = source.text("namespace");
        if key == "dataSourceRef" && !namespace.is_empty() {
            errors.invalid_each(&at.field("namespace"), namespace, words::label(namespace));
        }
    }
    let (Some(source), Some(reference)) = (spec.sub("dataSource"), spec.sub("dataSourceRef"))
    else {
        return;
    };
    let differ = ["apiGroup", "kind", "name"]
        .iter()
        .any(|key| source.sub(key) != reference.sub(key));
    // the value that Go shows here is a path, whose JSON is empty
    if !reference.text("namespace").is_empty() {
        let detail = "may not be specified when dataSourceRef.namespace is specified";
        errors.invalid(at, Shown::Json("{}"), detail);
    } else if differ {
        errors.invalid(at, Shown::Json("{}"), "must match dataSourceRef");
    }
}
