//! Roles and their bindings: `pkg/apis/rbac/validation`.

use vapwright_cel::document::Node;

use super::errors::{At, Errors, Shown};
use super::read::Read;
use super::{meta, shown, words};

const GROUP: &str = "rbac.authorization.k8s.io";

/// A Role, a ClusterRole, or a binding of one.
pub(super) fn object(errors: &mut Errors, kind: &str, object: &Node) {
    let namespaced = !kind.starts_with("Cluster");
    meta::object_meta(errors, object, namespaced, words::path_segment);
    if kind.ends_with("Binding") {
        binding(errors, object, namespaced);
    } else {
        role(errors, object, namespaced);
    }
}

fn role(errors: &mut Errors, object: &Node, namespaced: bool) {
    let root = At::Root;
    let at = root.field("rules");
    for (index, rule) in object.list("rules").iter().enumerate() {
        let at = at.index(index);
        let empty = |key: &str| rule.list(key).is_empty();
        if empty("verbs") {
            errors.required(&at.field("verbs"), "verbs must contain at least one value");
        }
        if !empty("nonResourceURLs") {
            let value = shown::maybe(rule.sub("nonResourceURLs"));
            let mut wrong = |detail: &str| {
                errors.invalid(&at.field("nonResourceURLs"), Shown::Json(&value), detail);
            };
            if namespaced {
                wrong("namespaced rules cannot apply to non-resource URLs");
            }
            if !(empty("apiGroups") && empty("resources") && empty("resourceNames")) {
                wrong("rules cannot apply to both regular resources and non-resource URLs");
            }
            continue;
        }
        if empty("apiGroups") {
            let detail = "resource rules must supply at least one api group";
            errors.required(&at.field("apiGroups"), detail);
        }
        if empty("resources") {
            let detail = "resource rules must supply at least one resource";
            errors.required(&at.field("resources"), detail);
        }
    }
    let Some(aggregation) = object.sub("aggregationRule").filter(|_| !namespaced) else {
        return;
    };
    let at = root.field("aggregationRule");
    let at = at.field("clusterRoleSelectors");
    let selectors = aggregation.list("clusterRoleSelectors");
    if selectors.is_empty() {
        let detail = "at least one clusterRoleSelector required if aggregationRule is non-nil";
        errors.required(&at, detail);
    }
    for (index, selector) in selectors.iter().enumerate() {
        let at = at.index(index);
        meta::label_selector(errors, &at, Some(selector));
        if meta::as_selector(Some(selector)).is_err() {
            errors.invalid(&at, Shown::Json("null"), "invalid label selector.");
        }
    }
}

fn binding(errors: &mut Errors, object: &Node, namespaced: bool) {
    let root = At::Root;
    let at = root.field("roleRef");
    let role = object.sub("roleRef");
    let one_of = |errors: &mut Errors, at: &At<'_>, word: &str, supported: &[&str]| {
        if !supported.contains(&word) {
            errors.unsupported(at, Shown::Text(word), supported);
        }
    };
    one_of(
        errors,
        &at.field("apiGroup"),
        role.text("apiGroup"),
        &[GROUP],
    );
    let kinds: &[&str] = if namespaced {
        &["Role", "ClusterRole"]
    } else {
        &["ClusterRole"]
    };
    one_of(errors, &at.field("kind"), role.text("kind"), kinds);
    let name = role.text("name");
    if errors.needs(&at.field("name"), name) {
        errors.invalid_each(&at.field("name"), name, words::path_segment(name));
    }
    let at = root.field("subjects");
    for (index, subject) in object.list("subjects").iter().enumerate() {
        let at = at.index(index);
        let (name, group) = (subject.text("name"), subject.text("apiGroup"));
        errors.needs(&at.field("name"), name);
        match subject.text("kind") {
            "ServiceAccount" => {
                if !name.is_empty() {
                    errors.invalid_each(&at.field("name"), name, words::subdomain(name));
                }
                one_of(errors, &at.field("apiGroup"), group, &[""]);
                if !namespaced {
                    errors.needs(&at.field("namespace"), subject.text("namespace"));
                }
            }
            "User" | "Group" => one_of(errors, &at.field("apiGroup"), group, &[GROUP]),
            other => {
                let kinds = ["ServiceAccount", "User", "Group"];
                one_of(errors, &at.field("kind"), other, &kinds);
            }
        }
    }
}
