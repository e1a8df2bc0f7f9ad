//! Metadata, labels, annotations and label selectors: `ValidateObjectMeta` and
//! `ValidateLabelSelector`.

use vapwright_cel::document::Node;

use super::errors::{At, Errors, Shown, json_quote};
use super::read::{Read, entries};
use super::{shown, words};
use crate::kinds::Gvk;
use crate::names;
use crate::path::Path;
use crate::selector::Selector;

/// What may be wrong with the name of an object of a kind.
pub(super) type NameRule = fn(&str) -> Vec<String>;

/// The most bytes that annotations have together.
const ANNOTATIONS: usize = 256 << 10;
/// Finalizers that need no domain.
const FINALIZERS: [&str; 3] = ["kubernetes", "orphan", "foregroundDeletion"];

/// `ValidateObjectMeta` of `pkg/apis/core/validation`.
pub(super) fn object_meta(errors: &mut Errors, object: &Node, namespaced: bool, rule: NameRule) {
    // one kind goes by the name that was generated alone
    let by_prefix = object.text("kind") != "ReplicationController";
    meta_of(errors, object, namespaced, rule, by_prefix);
    let meta = object.sub("metadata");
    let at = At::Root;
    let at = at.field("metadata");
    let at = at.field("finalizers");
    for (index, finalizer) in meta.texts("finalizers").into_iter().enumerate() {
        kube_finalizer(errors, &at.index(index), finalizer);
    }
}

/// `validateKubeFinalizerName`
pub(super) fn kube_finalizer(errors: &mut Errors, at: &At<'_>, finalizer: &str) {
    if !finalizer.contains('/') && !FINALIZERS.contains(&finalizer) {
        let detail = "name is neither a standard finalizer name nor is it fully qualified";
        errors.invalid(at, Shown::Text(finalizer), detail);
    }
}

/// `ValidateObjectMeta` of `k8s.io/apimachinery`.
pub(super) fn common_meta(errors: &mut Errors, object: &Node, namespaced: bool, rule: NameRule) {
    meta_of(errors, object, namespaced, rule, true);
}

/// The same; `by_prefix` says whether the rule holds for what a name is generated from, too.
fn meta_of(errors: &mut Errors, object: &Node, namespaced: bool, rule: NameRule, by_prefix: bool) {
    let meta = object.sub("metadata");
    let at = At::Root;
    let at = at.field("metadata");
    // the API server makes up the name of one kind
    let named = object.text("kind") != "LimitRange";
    meta_at(errors, &at, meta, namespaced, rule, [by_prefix, named]);
}

/// The same of metadata at a place; of an embedded resource nobody asks that it is `named`.
pub(super) fn meta_at(
    errors: &mut Errors,
    at: &At<'_>,
    meta: Option<&Node>,
    namespaced: bool,
    rule: NameRule,
    [by_prefix, named]: [bool; 2],
) {
    let generate = meta.text("generateName");
    if !generate.is_empty() && by_prefix {
        let wrong = prefix(generate, rule);
        errors.invalid_each(&at.field("generateName"), generate, wrong);
    }
    let name = meta.text("name");
    if name.is_empty() {
        if named {
            errors.required(&at.field("name"), "name or generateName is required");
        }
    } else {
        errors.invalid_each(&at.field("name"), name, rule(name));
    }
    let namespace = meta.text("namespace");
    let place = at.field("namespace");
    if !namespaced {
        if !namespace.is_empty() {
            errors.forbidden(&place, "not allowed on this type");
        }
    } else if errors.needs(&place, namespace) {
        errors.invalid_each(&place, namespace, words::label(namespace));
    }
    errors.not_negative(&at.field("generation"), meta.int("generation"));
    labels(errors, &at.field("labels"), &meta.pairs("labels"));
    annotations(errors, &at.field("annotations"), &meta.pairs("annotations"));
    owners(errors, &at.field("ownerReferences"), meta);
    finalizers(errors, &at.field("finalizers"), &meta.texts("finalizers"));
}

/// `ValidateObjectMetaAccessorUpdate` of what a person changes.
pub(super) fn changed(errors: &mut Errors, meta: Option<&Node>) {
    let at = At::Root;
    let at = at.field("metadata");
    labels(errors, &at.field("labels"), &meta.pairs("labels"));
    annotations(errors, &at.field("annotations"), &meta.pairs("annotations"));
    owners(errors, &at.field("ownerReferences"), meta);
}

/// What is wrong with a name that something is appended to: a dash at its end is fine.
pub(super) fn prefix(name: &str, rule: NameRule) -> Vec<String> {
    match name.strip_suffix('-') {
        Some(rest) if !rest.is_empty() => {
            // the API server puts a letter in place of the last two
            let mut kept = rest.to_owned();
            kept.pop();
            rule(&(kept + "a"))
        }
        _ => rule(name),
    }
}

fn owners(errors: &mut Errors, at: &At<'_>, meta: Option<&Node>) {
    let mut controller: Option<String> = None;
    // the errors stand at the list, not at its items
    for owner in meta.list("ownerReferences") {
        let (version, kind, name) = (
            owner.text("apiVersion"),
            owner.text("kind"),
            owner.text("name"),
        );
        let gvk = Gvk::new(version, kind);
        let mut filled = |key: &str, text: &str, fits: bool, detail: &str| {
            if !fits {
                errors.invalid(&at.field(key), Shown::Text(text), detail);
            }
        };
        let has_version = !gvk.version.is_empty() && version.matches('/').count() < 2;
        filled(
            "apiVersion",
            version,
            has_version,
            "version must not be empty",
        );
        let empty = "must not be empty";
        filled("kind", kind, !kind.is_empty(), empty);
        filled("name", name, !name.is_empty(), empty);
        let uid = owner.text("uid");
        filled("uid", uid, !uid.is_empty(), empty);
        if version == "v1" && kind == "Event" {
            let value = shown::owner(owner);
            let detail = "/v1, Kind=Event is disallowed from being an owner";
            errors.invalid(at, Shown::Json(&value), detail);
        }
        if owner.is("controller") {
            let current = format!("{kind}/{name}");
            match &controller {
                Some(first) => {
                    let owners: Vec<_> = meta
                        .list("ownerReferences")
                        .iter()
                        .map(shown::owner)
                        .collect();
                    let value = format!("[{}]", owners.join(","));
                    let detail = format!(
                        "Only one reference can have Controller set to true. Found \"true\" in references for {first} and {current}"
                    );
                    errors.invalid(at, Shown::Json(&value), &detail);
                }
                None => controller = Some(current),
            }
        }
    }
}

fn finalizers(errors: &mut Errors, at: &At<'_>, finalizers: &[&str]) {
    for finalizer in finalizers {
        errors.invalid_each(at, finalizer, words::qualified(finalizer));
    }
    let has = |name: &str| finalizers.contains(&name);
    if has("orphan") && has("foregroundDeletion") {
        let value: Vec<_> = finalizers.iter().map(|text| json_quote(text)).collect();
        let value = format!("[{}]", value.join(","));
        let detail = "finalizer orphan and foregroundDeletion cannot be both set";
        errors.invalid(at, Shown::Json(&value), detail);
    }
}

/// `ValidateLabelName`
pub(super) fn label_key(errors: &mut Errors, at: &At<'_>, key: &str) {
    errors.invalid_each(at, key, words::qualified(key));
}

/// `ValidateLabels`
pub(super) fn labels(errors: &mut Errors, at: &At<'_>, labels: &[(&str, &str)]) {
    for (key, value) in labels {
        label_key(errors, at, key);
        errors.invalid_each(at, value, names::label_value(value));
    }
}

/// `ValidateAnnotations`
pub(super) fn annotations(errors: &mut Errors, at: &At<'_>, annotations: &[(&str, &str)]) {
    for (key, _) in annotations {
        errors.invalid_each(at, key, words::qualified(&key.to_lowercase()));
    }
    annotations_size(errors, at, annotations);
}

/// `ValidateAnnotationsSize`
pub(super) fn annotations_size(errors: &mut Errors, at: &At<'_>, annotations: &[(&str, &str)]) {
    let sizes = annotations
        .iter()
        .map(|(key, value)| key.len() + value.len());
    if sizes.sum::<usize>() > ANNOTATIONS {
        errors.too_long(at, ANNOTATIONS);
    }
}

/// `ValidateLabelSelector`
pub(super) fn label_selector(errors: &mut Errors, at: &At<'_>, selector: Option<&Node>) {
    let Some(selector) = selector else { return };
    labels(
        errors,
        &at.field("matchLabels"),
        &selector.pairs("matchLabels"),
    );
    let at = at.field("matchExpressions");
    for (index, expression) in selector.list("matchExpressions").iter().enumerate() {
        let at = at.index(index);
        let values = expression.texts("values");
        let place = at.field("values");
        match expression.text("operator") {
            "In" | "NotIn" if values.is_empty() => errors.required(
                &place,
                "must be specified when `operator` is 'In' or 'NotIn'",
            ),
            "Exists" | "DoesNotExist" if !values.is_empty() => errors.forbidden(
                &place,
                "may not be specified when `operator` is 'Exists' or 'DoesNotExist'",
            ),
            "In" | "NotIn" | "Exists" | "DoesNotExist" => {}
            other => errors.invalid(
                &at.field("operator"),
                Shown::Name(other),
                "not a valid selector operator",
            ),
        }
        label_key(errors, &at.field("key"), expression.text("key"));
        label_values(errors, &place, &values);
    }
}

/// Values of labels in a list.
pub(super) fn label_values(errors: &mut Errors, at: &At<'_>, values: &[&str]) {
    for (index, value) in values.iter().enumerate() {
        errors.invalid_each(&at.index(index), value, names::label_value(value));
    }
}

/// What `LabelSelectorAsSelector` makes of a selector: `Err` where it cannot be read, `None`
/// where it selects nothing.
pub(super) fn as_selector(selector: Option<&Node>) -> Result<Option<Selector>, ()> {
    let Some(node) = selector else {
        return Ok(None);
    };
    let (read, problems) = Selector::read(node, &Path::root());
    if problems.is_empty() {
        Ok(Some(read))
    } else {
        Err(())
    }
}

/// Whether a selector says nothing.
pub(super) fn says_nothing(selector: &Node) -> bool {
    entries(selector.sub("matchLabels")).is_empty() && selector.list("matchExpressions").is_empty()
}
