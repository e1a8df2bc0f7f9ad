//! Kinds of small groups: budgets of disruptions, autoscalers, classes and leases.

use vapwright_cel::document::Node;

use super::errors::{At, Errors, Shown, json_quote};
use super::read::Read;
use super::resources::{self, Of, quantity};
use super::{apps, meta, scheduling, shown, words};

/// `ValidatePodDisruptionBudget`, which leaves metadata to what holds for all kinds.
pub(super) fn disruption_budget(errors: &mut Errors, object: &Node) {
    let root = At::Root;
    let at = root.field("spec");
    let Some(spec) = object.sub("spec") else {
        return;
    };
    if spec.has("minAvailable") && spec.has("maxUnavailable") {
        let detail = "minAvailable and maxUnavailable cannot be both set";
        errors.invalid(&at, Shown::Json(&shown::budget(spec)), detail);
    }
    for key in ["minAvailable", "maxUnavailable"] {
        if spec.has(key) {
            apps::share(errors, &at, spec, key);
        }
    }
    meta::label_selector(errors, &at.field("selector"), spec.sub("selector"));
    let key = "unhealthyPodEvictionPolicy";
    let policies = ["AlwaysAllow", "IfHealthyBudget"];
    errors.one_of(&at.field(key), spec.word(key), &policies);
}

/// `ValidatePriorityClass`
pub(super) fn priority_class(errors: &mut Errors, object: &Node) {
    const HIGHEST: i64 = 1_000_000_000;
    meta::object_meta(errors, object, false, words::subdomain);
    let root = At::Root;
    let name = object.sub("metadata").text("name");
    let value = object.int("value").unwrap_or(0);
    if name.starts_with("system-") {
        let needed = match name {
            "system-node-critical" => Some(2 * HIGHEST + 1000),
            "system-cluster-critical" => Some(2 * HIGHEST),
            _ => None,
        };
        let problem = match needed {
            None => format!("{name} is not a known system priority class"),
            Some(needed) if needed != value => {
                format!("value of {name} PriorityClass must be {needed}")
            }
            Some(_) if object.is("globalDefault") => {
                format!("globalDefault of {name} PriorityClass must be false")
            }
            Some(_) => String::new(),
        };
        if !problem.is_empty() {
            let at = root.field("metadata");
            let detail = format!(
                "priority class names with 'system-' prefix are reserved for system use only. error: {problem}"
            );
            errors.forbidden(&at.field("name"), &detail);
        }
    } else if value > HIGHEST {
        let detail = format!("maximum allowed value of a user defined priority is {HIGHEST}");
        errors.forbidden(&root.field("value"), &detail);
    }
    if let Some(policy) = object.word("preemptionPolicy") {
        let at = root.field("preemptionPolicy");
        errors.needs_one_of(&at, policy, &["PreemptLowerPriority", "Never"]);
    }
}

/// `ValidateStorageClass`
pub(super) fn storage_class(errors: &mut Errors, object: &Node) {
    const PARAMETERS: usize = 512;
    const SIZE: usize = 256 << 10;
    meta::object_meta(errors, object, false, words::subdomain);
    let root = At::Root;
    let at = root.field("provisioner");
    let provisioner = object.text("provisioner");
    if errors.needs(&at, provisioner) {
        let lower = provisioner.to_lowercase();
        errors.invalid_each(&at, &lower, words::qualified(&lower));
    }
    let at = root.field("parameters");
    let parameters = object.pairs("parameters");
    if parameters.len() > PARAMETERS {
        errors.too_long(&at, PARAMETERS);
    } else {
        let mut size = 0;
        for (key, value) in &parameters {
            if key.is_empty() {
                errors.invalid(&at, Shown::Text(""), "field can not be empty.");
            }
            size += key.len() + value.len();
        }
        if size > SIZE {
            errors.too_long(&at, SIZE);
        }
    }
    let policy = object
        .word("reclaimPolicy")
        .filter(|policy| !policy.is_empty());
    errors.one_of(&root.field("reclaimPolicy"), policy, &["Delete", "Retain"]);
    let at = root.field("volumeBindingMode");
    match object.word("volumeBindingMode") {
        None => errors.required(&at, ""),
        mode => errors.one_of(&at, mode, &["Immediate", "WaitForFirstConsumer"]),
    }
    topologies(
        errors,
        &root.field("allowedTopologies"),
        object.list("allowedTopologies"),
    );
}

fn topologies(errors: &mut Errors, at: &At<'_>, terms: &[Node]) {
    let mut seen: Vec<Vec<(&str, Vec<&str>)>> = Vec::new();
    for (index, term) in terms.iter().enumerate() {
        let at = at.index(index);
        let at = at.field("matchLabelExpressions");
        let mut term_keys: Vec<(&str, Vec<&str>)> = Vec::new();
        for (index, one) in term.list("matchLabelExpressions").iter().enumerate() {
            let at = at.index(index);
            let mut values = Vec::new();
            let place = at.field("values");
            let listed = one.texts("values");
            if listed.is_empty() {
                errors.required(&place, "");
            }
            for (index, value) in listed.into_iter().enumerate() {
                if values.contains(&value) {
                    errors.duplicate(&place.index(index), Shown::Text(value));
                } else {
                    values.push(value);
                }
            }
            values.sort_unstable();
            let key = one.text("key");
            let place = at.field("key");
            meta::label_key(errors, &place, key);
            if term_keys.iter().any(|(other, _)| *other == key) {
                errors.duplicate(&place, Shown::Text(key));
                term_keys.retain(|(other, _)| *other != key);
            }
            term_keys.push((key, values));
        }
        term_keys.sort_unstable();
        // upstream's list begins with as many empty terms as there are terms
        let empty = if term_keys.is_empty() { terms.len() } else { 0 };
        let same = seen.iter().filter(|other| **other == term_keys).count();
        for _ in 0..empty + same {
            errors.duplicate(&at, Shown::Text(""));
        }
        seen.push(term_keys);
    }
}

/// `ValidateRuntimeClass`
pub(super) fn runtime_class(errors: &mut Errors, object: &Node) {
    meta::common_meta(errors, object, false, words::subdomain);
    let root = At::Root;
    let at = root.field("handler");
    let handler = object.text("handler");
    if errors.needs(&at, handler) {
        errors.invalid_each(&at, handler, words::label(handler));
    }
    let at = root.field("overhead");
    if let Some(overhead) = object.sub("overhead") {
        resources::overhead(errors, &at, overhead, "podFixed");
    }
    let at = root.field("scheduling");
    let Some(scheduling) = object.sub("scheduling") else {
        return;
    };
    let selector = scheduling.pairs("nodeSelector");
    meta::labels(errors, &at.field("nodeSelector"), &selector);
    let at = at.field("tolerations");
    let tolerations = scheduling.list("tolerations");
    self::scheduling::tolerations(errors, &at, tolerations);
    let key =
        |node: &Node| ["key", "operator", "value", "effect"].map(|key| node.text(key).to_owned());
    for (index, toleration) in tolerations.iter().enumerate() {
        let mut earlier = tolerations.iter().take(index);
        if earlier.any(|other| key(other) == key(toleration)) {
            let value = shown::toleration(toleration);
            errors.duplicate(&at.index(index), Shown::Json(&value));
        }
    }
}

/// `ValidateLease`
pub(super) fn lease(errors: &mut Errors, object: &Node) {
    meta::common_meta(errors, object, true, words::subdomain);
    let root = At::Root;
    let at = root.field("spec");
    let spec = object.sub("spec");
    let key = "leaseDurationSeconds";
    if let Some(seconds) = spec.int(key).filter(|seconds| *seconds <= 0) {
        errors.invalid(
            &at.field(key),
            Shown::Int(seconds),
            "must be greater than 0",
        );
    }
    errors.not_negative(&at.field("leaseTransitions"), spec.int("leaseTransitions"));
    let strategy = spec.word("strategy");
    if let Some(strategy) = strategy {
        let at = at.field("strategy");
        let at = at.field("strategy");
        if strategy.contains('/') {
            for detail in words::qualified(strategy) {
                errors.invalid(&at, Shown::Name(strategy), &detail);
            }
        } else {
            errors.one_of(&at, Some(strategy), &["OldestEmulationVersion"]);
        }
    }
    if !spec.text("preferredHolder").is_empty() && strategy.unwrap_or("").is_empty() {
        let detail = "may only be specified if `strategy` is defined";
        errors.forbidden(&at.field("preferredHolder"), detail);
    }
}

/// `ValidateHorizontalPodAutoscaler`
pub(super) fn autoscaler(errors: &mut Errors, object: &Node) {
    meta::object_meta(errors, object, true, words::subdomain);
    let root = At::Root;
    let at = root.field("spec");
    let spec = object.sub("spec");
    let least = spec.int("minReplicas");
    if let Some(least) = least.filter(|least| *least < 1) {
        let detail = "must be greater than or equal to 1";
        errors.invalid(&at.field("minReplicas"), Shown::Int(least), detail);
    }
    let most = spec.int("maxReplicas").unwrap_or(0);
    let place = at.field("maxReplicas");
    if most == 0 {
        errors.required(&place, "must be set and greater than 0");
    } else if most < 0 {
        errors.invalid(
            &place,
            Shown::Int(most),
            "must be greater than or equal to 1",
        );
    }
    if least.is_some_and(|least| most < least) {
        let detail = "must be greater than or equal to `minReplicas`";
        errors.invalid(&place, Shown::Int(most), detail);
    }
    reference(
        errors,
        &at.field("scaleTargetRef"),
        spec.sub("scaleTargetRef"),
        false,
    );
    let place = at.field("metrics");
    let metrics = spec.list("metrics");
    for (index, metric) in metrics.iter().enumerate() {
        self::metric(errors, &place.index(index), metric);
    }
    // autoscaling/v1 has a field for what v2 has as a metric
    let key = "targetCPUUtilizationPercentage";
    if let Some(share) = spec.int(key).filter(|share| *share < 1) {
        let at = place.index(0);
        let at = at.field("resource");
        let at = at.field("target");
        let at = at.field("averageUtilization");
        errors.invalid(&at, Shown::Int(share), "must be greater than 0");
    }
    let outside = |metric: &Node| matches!(metric.text("type"), "Object" | "External");
    if least == Some(0) && !metrics.iter().any(outside) {
        let detail = "must specify at least one Object or External metric to support scaling to zero replicas";
        errors.forbidden(&place, detail);
    }
    let at = at.field("behavior");
    for key in ["scaleUp", "scaleDown"] {
        if let Some(rules) = spec.sub("behavior").sub(key) {
            scaling_rules(errors, &at.field(key), rules);
        }
    }
}

/// `ValidateCrossVersionObjectReference`
fn reference(errors: &mut Errors, at: &At<'_>, node: Option<&Node>, core: bool) {
    for key in ["kind", "name"] {
        let at = at.field(key);
        let text = node.text(key);
        if errors.needs(&at, text) {
            errors.invalid_each(&at, text, words::path_segment(text));
        }
    }
    let version = node.text("apiVersion");
    let at = at.field("apiVersion");
    let slashes = version.matches('/').count();
    if slashes > 1 {
        let detail = format!("unexpected GroupVersion string: {version}");
        errors.invalid(&at, Shown::Text(version), &detail);
    } else if !core
        && node.text("kind") != "ReplicationController"
        && (slashes == 0 || version.starts_with('/'))
    {
        errors.invalid(
            &at,
            Shown::Text(version),
            "apiVersion must specify API group",
        );
    }
}

fn scaling_rules(errors: &mut Errors, at: &At<'_>, rules: &Node) {
    let key = "stabilizationWindowSeconds";
    if let Some(seconds) = rules.int(key) {
        let at = at.field(key);
        if seconds < 0 {
            errors.invalid(
                &at,
                Shown::Int(seconds),
                "must be greater than or equal to zero",
            );
        } else if seconds > 3600 {
            errors.invalid(
                &at,
                Shown::Int(seconds),
                "must be less than or equal to 3600",
            );
        }
    }
    let key = "selectPolicy";
    errors.one_of(&at.field(key), rules.word(key), &["Disabled", "Max", "Min"]);
    let place = at.field("policies");
    let policies = rules.list("policies");
    if policies.is_empty() {
        errors.required(&place, "must specify at least one Policy");
    }
    for (index, policy) in policies.iter().enumerate() {
        let at = place.index(index);
        errors.one_of(
            &at.field("type"),
            Some(policy.text("type")),
            &["Percent", "Pods"],
        );
        for key in ["value", "periodSeconds"] {
            let value = policy.int(key).unwrap_or(0);
            let at = at.field(key);
            if value <= 0 {
                errors.invalid(&at, Shown::Int(value), "must be greater than zero");
            } else if key == "periodSeconds" && value > 1800 {
                errors.invalid(&at, Shown::Int(value), "must be less than or equal to 1800");
            }
        }
    }
    if let Some(tolerance) = rules.sub("tolerance").and_then(quantity) {
        resources::not_negative(errors, &at.field("tolerance"), &tolerance);
    }
}

/// The sources of metrics: their types and fields, in the order in which they are looked at.
const SOURCES: [(&str, &str); 5] = [
    ("Object", "object"),
    ("External", "external"),
    ("Pods", "pods"),
    ("Resource", "resource"),
    ("ContainerResource", "containerResource"),
];

/// `validateMetricSpec`
fn metric(errors: &mut Errors, at: &At<'_>, metric: &Node) {
    let types = [
        "ContainerResource",
        "External",
        "Object",
        "Pods",
        "Resource",
    ];
    let kind = metric.text("type");
    let place = at.field("type");
    if kind.is_empty() {
        errors.required(&place, "must specify a metric source type");
    }
    errors.one_of(&place, Some(kind), &types);
    let present: Vec<_> = SOURCES.iter().filter(|(_, key)| metric.has(key)).collect();
    if let Some((_, key)) = present.first()
        && let Some(source) = metric.sub(key)
    {
        self::source(errors, &at.field(key), source, key);
    }
    let expected = SOURCES.iter().find(|(source, _)| *source == kind);
    match expected {
        Some((_, key)) if !metric.has(key) => {
            let detail = "must populate information for the given metric source";
            errors.required(&at.field(key), detail);
        }
        Some(_) => {}
        None => errors.one_of(&place, Some(kind), &types),
    }
    if present.len() > 1 {
        for (source, key) in present {
            if *source != kind {
                errors.forbidden(&at.field(key), "must populate the given metric source only");
            }
        }
    }
}

fn source(errors: &mut Errors, at: &At<'_>, source: &Node, kind: &str) {
    let target = source.sub("target");
    let target_at = at.field("target");
    let has = |key: &str| target.has(key);
    let name = source.text("name");
    let name_at = at.field("name");
    match kind {
        "object" | "external" | "pods" => {
            if kind == "object" {
                let described = source.sub("describedObject");
                reference(errors, &at.field("describedObject"), described, true);
            }
            let at = at.field("metric");
            let at = at.field("name");
            let name = source.sub("metric").text("name");
            if name.is_empty() {
                errors.required(&at, "must specify a metric name");
            } else {
                errors.invalid_each(&at, name, words::path_segment(name));
            }
        }
        _ if name.is_empty() => errors.required(&name_at, "must specify a resource name"),
        "containerResource" => resources::name(errors, &name_at, name, Of::Container),
        _ => {}
    }
    if kind == "containerResource" {
        let container = source.text("container");
        let at = at.field("container");
        if container.is_empty() {
            errors.required(&at, "must specify a container");
        } else {
            errors.invalid_each(&at, container, words::label(container));
        }
    }
    metric_target(errors, &target_at, target);
    let mut need = |key: &str, detail: &str| errors.required(&target_at.field(key), detail);
    match kind {
        "object" if !has("value") && !has("averageValue") => {
            need(
                "averageValue",
                "must set either a target value or averageValue",
            );
        }
        "external" if !has("value") && !has("averageValue") => {
            let detail = "must set either a target value for metric or a per-pod target";
            need("averageValue", detail);
        }
        "external" if has("value") && has("averageValue") => {
            let detail = "may not set both a target value for metric and a per-pod target";
            errors.forbidden(&target_at.field("value"), detail);
        }
        "pods" if !has("averageValue") => {
            need(
                "averageValue",
                "must specify a positive target averageValue",
            );
        }
        "resource" | "containerResource" => {
            let (share, value) = (has("averageUtilization"), has("averageValue"));
            if !share && !value {
                let detail = "must set either a target raw value or a target utilization";
                need("averageUtilization", detail);
            } else if share && value {
                let detail = "may not set both a target raw value and a target utilization";
                errors.forbidden(&target_at.field("averageValue"), detail);
            }
        }
        _ => {}
    }
}

fn metric_target(errors: &mut Errors, at: &At<'_>, target: Option<&Node>) {
    let kind = target.text("type");
    let place = at.field("type");
    if kind.is_empty() {
        errors.required(&place, "must specify a metric target type");
    }
    if !matches!(kind, "Utilization" | "Value" | "AverageValue") {
        let detail = "must be either Utilization, Value, or AverageValue";
        errors.invalid(&place, Shown::Name(kind), detail);
    }
    for key in ["value", "averageValue"] {
        let amount = target.sub(key).and_then(quantity);
        if let Some(amount) = amount.filter(|amount| amount.nano() <= 0) {
            let value = json_quote(&amount.canonical());
            errors.invalid(&at.field(key), Shown::Json(&value), "must be positive");
        }
    }
    let key = "averageUtilization";
    if let Some(share) = target.int(key).filter(|share| *share < 1) {
        errors.invalid(&at.field(key), Shown::Int(share), "must be greater than 0");
    }
}
