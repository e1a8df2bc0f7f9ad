//! Where Pods may run: tolerations, affinity and topology spread.

use vapwright_cel::document::Node;

use super::errors::{At, Errors, Shown};
use super::read::Read;
use super::{meta, words};

const EFFECTS: [&str; 3] = ["NoSchedule", "PreferNoSchedule", "NoExecute"];
const REQUIRED: &str = "requiredDuringSchedulingIgnoredDuringExecution";
const PREFERRED: &str = "preferredDuringSchedulingIgnoredDuringExecution";

/// `ValidateTolerations`
pub(super) fn tolerations(errors: &mut Errors, at: &At<'_>, tolerations: &[Node]) {
    for (index, toleration) in tolerations.iter().enumerate() {
        let at = at.index(index);
        let (key, operator, value, effect) = (
            toleration.text("key"),
            toleration.text("operator"),
            toleration.text("value"),
            toleration.text("effect"),
        );
        let place = at.field("operator");
        if !key.is_empty() {
            meta::label_key(errors, &at.field("key"), key);
        } else if operator != "Exists" {
            let detail = "operator must be Exists when `key` is empty, which means \"match all values and all keys\"";
            errors.invalid(&place, Shown::Name(operator), detail);
        }
        if toleration.has("tolerationSeconds") && effect != "NoExecute" {
            let detail = "effect must be 'NoExecute' when `tolerationSeconds` is set";
            errors.invalid(&at.field("effect"), Shown::Name(effect), detail);
        }
        match operator {
            "Equal" | "" => {
                let wrong = crate::names::label_value(value);
                if !wrong.is_empty() {
                    errors.invalid(&place, Shown::Text(value), &wrong.join(";"));
                }
            }
            "Exists" if !value.is_empty() => {
                let detail = "value must be empty when `operator` is 'Exists'";
                errors.invalid(&place, Shown::Text(value), detail);
            }
            "Exists" => {}
            // known, but not without a feature gate
            "Lt" | "Gt" => {
                let supported = ["Equal", "Exists", "Lt", "Gt"];
                errors.unsupported(&place, Shown::Name(operator), &supported);
            }
            _ => errors.unsupported(&place, Shown::Name(operator), &["Equal", "Exists"]),
        }
        if !effect.is_empty() {
            errors.one_of(&at.field("effect"), Some(effect), &EFFECTS);
        }
    }
}

/// `validateTopologySpreadConstraints`
pub(super) fn spread(errors: &mut Errors, at: &At<'_>, constraints: &[Node]) {
    for (index, constraint) in constraints.iter().enumerate() {
        let at = at.index(index);
        let positive = |errors: &mut Errors, key: &str, value: i64| {
            if value <= 0 {
                let detail = "must be greater than zero";
                errors.invalid(&at.field(key), Shown::Int(value), detail);
            }
        };
        positive(errors, "maxSkew", constraint.int("maxSkew").unwrap_or(0));
        let key = constraint.text("topologyKey");
        if key.is_empty() {
            errors.required(&at.field("topologyKey"), "can not be empty");
        }
        let when = constraint.text("whenUnsatisfiable");
        let supported = ["DoNotSchedule", "ScheduleAnyway"];
        errors.one_of(&at.field("whenUnsatisfiable"), Some(when), &supported);
        let rest = constraints.get(index + 1..).unwrap_or_default();
        if rest.iter().any(|other| {
            other.text("topologyKey") == key && other.text("whenUnsatisfiable") == when
        }) {
            let value = format!("{{{key}, {when}}}");
            let place = at.field("{topologyKey, whenUnsatisfiable}");
            errors.duplicate(&place, Shown::Text(&value));
        }
        if let Some(domains) = constraint.int("minDomains") {
            positive(errors, "minDomains", domains);
            if when != "DoNotSchedule" {
                let detail = format!(
                    "can only use minDomains if whenUnsatisfiable=DoNotSchedule, not {when}"
                );
                errors.invalid(&at.field("minDomains"), Shown::Int(domains), &detail);
            }
        }
        for key in ["nodeAffinityPolicy", "nodeTaintsPolicy"] {
            errors.one_of(&at.field(key), constraint.word(key), &["Honor", "Ignore"]);
        }
        label_keys(errors, &at, constraint);
        let selector = constraint.sub("labelSelector");
        meta::label_selector(errors, &at.field("labelSelector"), selector);
    }
}

/// `ValidateMatchLabelKeysAndMismatchLabelKeys`
fn label_keys(errors: &mut Errors, at: &At<'_>, node: &Node) {
    let selector = node.sub("labelSelector");
    let [same, other] = ["matchLabelKeys", "mismatchLabelKeys"].map(|name| {
        let keys = node.texts(name);
        let at = at.field(name);
        if !keys.is_empty() && selector.is_none() {
            errors.forbidden(&at, "must not be specified when labelSelector is not set");
        } else {
            for (index, key) in keys.iter().enumerate() {
                meta::label_key(errors, &at.index(index), key);
            }
        }
        keys
    });
    if let Some(selector) = selector {
        let labels = selector.entries("matchLabels").into_iter();
        let mut seen: Vec<&str> = labels.map(|(key, _)| key).collect();
        for expression in selector.list("matchExpressions") {
            let key = expression.text("key");
            if let Some(index) = same.iter().rposition(|other| *other == key)
                && seen.contains(&key)
            {
                // the place is that of the list, with the key's index
                let detail = "exists in both matchLabelKeys and labelSelector";
                errors.invalid(&at.index(index), Shown::Text(key), detail);
            }
            seen.push(key);
        }
    }
    let place = at.field("matchLabelKeys");
    for (index, key) in same.iter().enumerate() {
        if other.contains(key) {
            let detail = "exists in both matchLabelKeys and mismatchLabelKeys";
            errors.invalid(&place.index(index), Shown::Text(key), detail);
        }
    }
}

/// `validateAffinity`
pub(super) fn affinity(errors: &mut Errors, at: &At<'_>, affinity: Option<&Node>) {
    if let Some(node) = affinity.sub("nodeAffinity") {
        let at = at.field("nodeAffinity");
        if let Some(selector) = node.sub(REQUIRED) {
            node_selector(errors, &at.field(REQUIRED), selector);
        }
        let at = at.field(PREFERRED);
        for (index, term) in node.list(PREFERRED).iter().enumerate() {
            let at = at.index(index);
            weight(errors, &at, term);
            if let Some(term) = term.sub("preference") {
                node_term(errors, &at.field("preference"), term, false);
            }
        }
    }
    for kind in ["podAffinity", "podAntiAffinity"] {
        let Some(node) = affinity.sub(kind) else {
            continue;
        };
        let at = at.field(kind);
        let required = at.field(REQUIRED);
        for (index, term) in node.list(REQUIRED).iter().enumerate() {
            pod_term(errors, &required.index(index), Some(term));
        }
        let preferred = at.field(PREFERRED);
        for (index, term) in node.list(PREFERRED).iter().enumerate() {
            let at = preferred.index(index);
            weight(errors, &at, term);
            pod_term(
                errors,
                &at.field("podAffinityTerm"),
                term.sub("podAffinityTerm"),
            );
        }
    }
}

fn weight(errors: &mut Errors, at: &At<'_>, term: &Node) {
    let weight = term.int("weight").unwrap_or(0);
    if !(1..=100).contains(&weight) {
        let detail = "must be in the range 1-100";
        errors.invalid(&at.field("weight"), Shown::Int(weight), detail);
    }
}

/// `validatePodAffinityTerm`
fn pod_term(errors: &mut Errors, at: &At<'_>, term: Option<&Node>) {
    for key in ["labelSelector", "namespaceSelector"] {
        meta::label_selector(errors, &at.field(key), term.sub(key));
    }
    for name in term.texts("namespaces") {
        errors.invalid_each(&at.field("namespace"), name, words::label(name));
    }
    label_keys(errors, at, term.unwrap_or(&Node::Null));
    let key = term.text("topologyKey");
    let at = at.field("topologyKey");
    if key.is_empty() {
        errors.required(&at, "can not be empty");
    }
    meta::label_key(errors, &at, key);
}

/// `ValidateNodeSelector`
pub(super) fn node_selector(errors: &mut Errors, at: &At<'_>, selector: &Node) {
    let at = at.field("nodeSelectorTerms");
    let terms = selector.list("nodeSelectorTerms");
    if terms.is_empty() {
        errors.required(&at, "must have at least one node selector term");
    }
    for (index, term) in terms.iter().enumerate() {
        node_term(errors, &at.index(index), term, true);
    }
}

/// `ValidateNodeSelectorTerm`
fn node_term(errors: &mut Errors, at: &At<'_>, term: &Node, check_values: bool) {
    let expressions = at.field("matchExpressions");
    for (index, requirement) in term.list("matchExpressions").iter().enumerate() {
        let at = expressions.index(index);
        let values = requirement.texts("values");
        let place = at.field("values");
        match requirement.text("operator") {
            "In" | "NotIn" if values.is_empty() => errors.required(
                &place,
                "must be specified when `operator` is 'In' or 'NotIn'",
            ),
            "Exists" | "DoesNotExist" if !values.is_empty() => errors.forbidden(
                &place,
                "may not be specified when `operator` is 'Exists' or 'DoesNotExist'",
            ),
            "Gt" | "Lt" if values.len() != 1 => errors.required(
                &place,
                "must be specified single value when `operator` is 'Lt' or 'Gt'",
            ),
            "In" | "NotIn" | "Exists" | "DoesNotExist" | "Gt" | "Lt" => {}
            other => not_an_operator(errors, &at, other),
        }
        meta::label_key(errors, &at.field("key"), requirement.text("key"));
        if check_values {
            meta::label_values(errors, &place, &values);
        }
    }
    let fields = at.field("matchFields");
    for (index, requirement) in term.list("matchFields").iter().enumerate() {
        let at = fields.index(index);
        let values = requirement.texts("values");
        let place = at.field("values");
        match requirement.text("operator") {
            "In" | "NotIn" if values.len() != 1 => errors.required(
                &place,
                "must be only one value when `operator` is 'In' or 'NotIn' for node field selector",
            ),
            "In" | "NotIn" => {}
            other => not_an_operator(errors, &at, other),
        }
        let key = requirement.text("key");
        if key == "metadata.name" {
            for (index, value) in values.iter().enumerate() {
                errors.invalid_each(&place.index(index), value, words::subdomain(value));
            }
        } else {
            let detail = "not a valid field selector key";
            errors.invalid(&at.field("key"), Shown::Text(key), detail);
        }
    }
}

fn not_an_operator(errors: &mut Errors, at: &At<'_>, operator: &str) {
    let detail = "not a valid selector operator";
    errors.invalid(&at.field("operator"), Shown::Name(operator), detail);
}
