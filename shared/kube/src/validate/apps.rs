//! Workloads that keep Pods running: `pkg/apis/apps/validation`, and ReplicationController.

use vapwright_cel::document::Node;

use super::claim;
use super::errors::{At, Errors, Shown, json_quote};
use super::read::Read;
use super::{Options, meta, pod, shown, words};
use crate::names;

/// A workload of `apps`.
pub(super) fn workload(errors: &mut Errors, kind: &str, object: &Node, options: Options) {
    let root = At::Root;
    let at = root.field("spec");
    let empty = Node::map::<&str>([]);
    let spec = object.sub("spec").unwrap_or(&empty);
    let rule: meta::NameRule = match kind {
        "StatefulSet" => words::label,
        "Deployment" | "DaemonSet" | "ReplicaSet" | "ControllerRevision" => words::subdomain,
        _ => return,
    };
    meta::object_meta(errors, object, true, rule);
    match kind {
        "Deployment" => deployment(errors, &at, spec, options),
        "ReplicaSet" => {
            errors.none_negative(&at, spec, &["replicas", "minReadySeconds"]);
            selected_template(errors, &at, spec, "deployment", options);
        }
        "DaemonSet" => daemon_set(errors, &at, spec, options),
        "StatefulSet" => stateful_set(errors, &at, spec, options),
        _ => {
            errors.not_negative(&root.field("revision"), object.int("revision"));
            let data = root.field("data");
            match object.sub("data") {
                None => errors.required(&data, "data is mandatory"),
                Some(Node::Map(_)) => {}
                Some(_) => errors.required(&data, "data must be a valid JSON object"),
            }
        }
    }
}

/// A selector that must say something: of Deployments and the like.
fn needed_selector(errors: &mut Errors, at: &At<'_>, spec: &Node, kind: &str) {
    let at = at.field("selector");
    let Some(selector) = spec.sub("selector") else {
        errors.required(&at, "");
        return;
    };
    meta::label_selector(errors, &at, Some(selector));
    empty_selector(errors, &at, selector, kind);
}

fn empty_selector(errors: &mut Errors, at: &At<'_>, selector: &Node, kind: &str) {
    if meta::says_nothing(selector) {
        let detail = format!("empty selector is invalid for {kind}");
        errors.invalid(at, Shown::Json(&shown::selector(selector)), &detail);
    }
}

/// Whether the labels of a template meet a selector; `None` where the selector cannot be read.
fn selects(spec: &Node) -> Option<bool> {
    let labels = spec.sub("template").sub("metadata").sub("labels");
    let selector = meta::as_selector(spec.sub("selector")).ok()?;
    // a selector that is not there selects nothing
    Some(selector.is_some_and(|selector| selector.matches(labels.and_then(Node::as_map))))
}

pub(super) fn template_mismatch(errors: &mut Errors, at: &At<'_>, spec: &Node) {
    if selects(spec) == Some(false) {
        let labels = spec.sub("template").sub("metadata").sub("labels");
        let at = at.field("template");
        let at = at.field("metadata");
        let detail = "`selector` does not match template `labels`";
        let value = shown::maybe(labels);
        errors.invalid(&at.field("labels"), Shown::Json(&value), detail);
    }
}

/// What Pods that are kept running may not say.
fn always_restarted(errors: &mut Errors, at: &At<'_>, spec: &Node, kind: &str) {
    let at = at.field("template");
    let at = at.field("spec");
    let template = spec.sub("template").sub("spec");
    let policy = template.text("restartPolicy");
    if policy != "Always" {
        errors.unsupported(&at.field("restartPolicy"), Shown::Name(policy), &["Always"]);
    }
    let key = "activeDeadlineSeconds";
    if template.has(key) {
        errors.forbidden(&at.field(key), &format!("{key} in {kind} is not Supported"));
    }
}

/// Selector and template of ReplicaSets and Deployments:
/// `ValidatePodTemplateSpecForReplicaSet`.
fn selected_template(errors: &mut Errors, at: &At<'_>, spec: &Node, kind: &str, options: Options) {
    needed_selector(errors, at, spec, kind);
    let selector = spec.sub("selector");
    match meta::as_selector(selector) {
        Err(()) => {
            let value = selector.map_or_else(String::new, shown::selector);
            let detail = "invalid label selector";
            errors.invalid(&at.field("selector"), Shown::Json(&value), detail);
        }
        Ok(read) => {
            // a selector that is not there selects nothing, an empty one everything
            if read.is_none_or(|read| !read.is_empty()) {
                template_mismatch(errors, at, spec);
            }
            pod::template(
                errors,
                &at.field("template"),
                spec.sub("template"),
                options,
                None,
            );
            always_restarted(errors, at, spec, "ReplicaSet");
        }
    }
}

fn deployment(errors: &mut Errors, at: &At<'_>, spec: &Node, options: Options) {
    errors.none_negative(at, spec, &["replicas"]);
    selected_template(errors, at, spec, "deployment", options);
    deployment_strategy(errors, &at.field("strategy"), spec.sub("strategy"));
    errors.none_negative(at, spec, &["minReadySeconds", "revisionHistoryLimit"]);
    let key = "progressDeadlineSeconds";
    errors.none_negative(at, spec, &[key]);
    let ready = spec.int("minReadySeconds").unwrap_or(0);
    if let Some(deadline) = spec.int(key).filter(|deadline| *deadline <= ready) {
        let detail = "must be greater than minReadySeconds";
        errors.invalid(&at.field(key), Shown::Int(deadline), detail);
    }
}

/// `ValidateDeploymentStrategy`
fn deployment_strategy(errors: &mut Errors, at: &At<'_>, strategy: Option<&Node>) {
    let place = at.field("rollingUpdate");
    let update = strategy.sub("rollingUpdate");
    match (strategy.text("type"), update) {
        ("Recreate", Some(_)) => {
            let detail = "may not be specified when strategy `type` is 'Recreate'";
            errors.forbidden(&place, detail);
        }
        ("Recreate", None) => {}
        ("RollingUpdate", None) => {
            errors.required(&place, "this should be defaulted and never be nil");
        }
        ("RollingUpdate", Some(update)) => {
            let unavailable = count(errors, &place, update, "maxUnavailable");
            let surge = count(errors, &place, update, "maxSurge");
            let at = place.field("maxUnavailable");
            if unavailable.value == 0 && surge.value == 0 {
                let detail = "may not be 0 when `maxSurge` is 0";
                errors.invalid(&at, Shown::Json(&unavailable.shown), detail);
            }
            unavailable.at_most_all(errors, &at);
        }
        _ => {
            let value = shown::strategy(strategy.unwrap_or(&Node::Null));
            let supported = ["Recreate", "RollingUpdate"];
            errors.unsupported(at, Shown::Json(&value), &supported);
        }
    }
}

/// A count of Pods, or a percentage.
struct Count {
    value: i64,
    is_percent: bool,
    shown: String,
}

impl Count {
    /// `IsNotMoreThan100Percent`
    fn at_most_all(&self, errors: &mut Errors, at: &At<'_>) {
        if self.is_percent && self.value > 100 {
            let detail = "must not be greater than 100%";
            errors.invalid(at, Shown::Json(&self.shown), detail);
        }
    }
}

/// A count or percentage that is at most 100%.
pub(super) fn share(errors: &mut Errors, at: &At<'_>, node: &Node, key: &str) {
    count(errors, at, node, key).at_most_all(errors, &at.field(key));
}

/// `ValidatePositiveIntOrPercent`, and the count.
fn count(errors: &mut Errors, at: &At<'_>, node: &Node, key: &str) -> Count {
    let at = at.field(key);
    match node.sub(key) {
        Some(Node::String(text)) => {
            let shown = json_quote(text);
            let percent = words::percent(text);
            if let Err(detail) = &percent {
                errors.invalid(&at, Shown::Json(&shown), detail);
            }
            Count {
                // what is no percentage may be a number all the same
                value: percent
                    .clone()
                    .unwrap_or_else(|_| text.parse().unwrap_or(0)),
                is_percent: percent.is_ok(),
                shown,
            }
        }
        found => {
            let value = found.and_then(Node::as_int).unwrap_or(0);
            errors.not_negative(&at, Some(value));
            Count {
                value,
                is_percent: false,
                shown: value.to_string(),
            }
        }
    }
}

#[inline(never)]
fn daemon_set(errors: &mut Errors, at: &At<'_>, spec: &Node, options: Options) {
    let selector = spec.sub("selector");
    meta::label_selector(errors, &at.field("selector"), selector);
    template_mismatch(errors, at, spec);
    if let Some(selector) = selector {
        empty_selector(errors, &at.field("selector"), selector, "daemonset");
    }
    pod::template(
        errors,
        &at.field("template"),
        spec.sub("template"),
        options,
        None,
    );
    always_restarted(errors, at, spec, "DaemonSet");
    errors.none_negative(at, spec, &["minReadySeconds"]);
    let strategy = spec.sub("updateStrategy");
    let place = at.field("updateStrategy");
    match strategy.text("type") {
        "OnDelete" => {}
        "RollingUpdate" => {
            let place = place.field("rollingUpdate");
            match strategy.sub("rollingUpdate") {
                None => errors.required(&place, ""),
                Some(update) => daemon_update(errors, &place, update),
            }
        }
        _ => {
            let value = shown::strategy(strategy.unwrap_or(&Node::Null));
            let supported = ["RollingUpdate", "OnDelete"];
            errors.unsupported(&place, Shown::Json(&value), &supported);
        }
    }
    errors.none_negative(at, spec, &["revisionHistoryLimit"]);
}

/// `ValidateRollingUpdateDaemonSet`
fn daemon_update(errors: &mut Errors, at: &At<'_>, update: &Node) {
    let unavailable = count(errors, at, update, "maxUnavailable");
    let surge = count(errors, at, update, "maxSurge");
    let (unavailable_at, surge_at) = (at.field("maxUnavailable"), at.field("maxSurge"));
    unavailable.at_most_all(errors, &unavailable_at);
    surge.at_most_all(errors, &surge_at);
    match (unavailable.value != 0, surge.value != 0) {
        (true, true) => {
            let detail = "may not be set when maxUnavailable is non-zero";
            errors.invalid(&surge_at, Shown::Json(&surge.shown), detail);
        }
        (false, false) => errors.required(&unavailable_at, "cannot be 0 when maxSurge is 0"),
        _ => {}
    }
}

#[inline(never)]
fn stateful_set(errors: &mut Errors, at: &At<'_>, spec: &Node, options: Options) {
    let place = at.field("podManagementPolicy");
    match spec.text("podManagementPolicy") {
        "" => errors.required(&place, ""),
        "OrderedReady" | "Parallel" => {}
        other => {
            let detail = "must be 'OrderedReady' or 'Parallel'";
            errors.invalid(&place, Shown::Name(other), detail);
        }
    }
    set_strategy(
        errors,
        &at.field("updateStrategy"),
        spec.sub("updateStrategy"),
    );
    let place = at.field("persistentVolumeClaimRetentionPolicy");
    if let Some(policy) = spec.sub("persistentVolumeClaimRetentionPolicy") {
        for key in ["whenDeleted", "whenScaled"] {
            let supported = ["Retain", "Delete"];
            errors.one_of(&place.field(key), Some(policy.text(key)), &supported);
        }
    }
    let place = at.field("volumeClaimTemplates");
    let claims = spec.list("volumeClaimTemplates");
    for (index, template) in claims.iter().enumerate() {
        let at = place.index(index);
        claim::spec(errors, &at.field("spec"), template.sub("spec"));
    }
    errors.none_negative(at, spec, &["replicas", "minReadySeconds"]);
    if let Some(ordinals) = spec.sub("ordinals") {
        let place = at.field("ordinals");
        errors.not_negative(&place.field("start"), ordinals.int("start"));
    }
    let service = spec.text("serviceName");
    if !service.is_empty() {
        errors.invalid_each(&at.field("serviceName"), service, words::label(service));
    }
    needed_selector(errors, at, spec, "statefulset");
    let selector = spec.sub("selector");
    match meta::as_selector(selector) {
        Err(()) => {
            let value = selector.map_or_else(String::new, shown::selector);
            errors.invalid(&at.field("selector"), Shown::Json(&value), "");
        }
        Ok(read) => {
            // a selector that is not there selects nothing, an empty one everything
            if read.is_none_or(|read| !read.is_empty()) {
                template_mismatch(errors, at, spec);
            }
            set_template(errors, &at.field("template"), spec, options);
        }
    }
    always_restarted(errors, at, spec, "StatefulSet");
}

/// The template of a StatefulSet: its claims are volumes of its Pods, whose host names are made.
fn set_template(errors: &mut Errors, at: &At<'_>, spec: &Node, options: Options) {
    let mut template = spec.sub("template").cloned().unwrap_or_default();
    if let Some(Node::Map(fields)) = template.as_map_mut().and_then(|map| map.get_mut("spec")) {
        fields.remove("hostname");
        fields.remove("subdomain");
    }
    let mut made: Vec<Node> = Vec::new();
    for claim in spec.list("volumeClaimTemplates") {
        let name = Node::string(claim.sub("metadata").text("name"));
        if !made.iter().any(|volume| volume.get("name") == Some(&name)) {
            let source = Node::map([("claimName", name.clone())]);
            made.push(Node::map([
                ("name", name),
                ("persistentVolumeClaim", source),
            ]));
        }
    }
    let own = template.sub("spec").list("volumes").iter();
    let own = own.filter(|volume| {
        !made
            .iter()
            .any(|made| made.text("name") == volume.text("name"))
    });
    let volumes: Vec<&Node> = made.iter().chain(own).collect();
    pod::template(errors, at, Some(&template), options, Some(volumes));
    // once more, as the API server does
    let labels = template.sub("metadata").pairs("labels");
    meta::labels(errors, &at.field("labels"), &labels);
    pod::template_annotations(errors, at, Some(&template));
}

fn set_strategy(errors: &mut Errors, at: &At<'_>, strategy: Option<&Node>) {
    let update = strategy.sub("rollingUpdate");
    let place = at.field("rollingUpdate");
    match (strategy.text("type"), update) {
        ("", _) => errors.required(at, ""),
        ("OnDelete", Some(update)) => {
            let value = shown::set_rolling_update(update);
            let detail = "only allowed for updateStrategy 'RollingUpdate'";
            errors.invalid(&place, Shown::Json(&value), detail);
        }
        // `maxUnavailable` is dropped before: its feature gate is off
        ("RollingUpdate", Some(update)) => {
            errors.none_negative(&place, update, &["partition"]);
        }
        ("OnDelete" | "RollingUpdate", None) => {}
        _ => {
            let value = shown::set_strategy(strategy.unwrap_or(&Node::Null));
            let detail = "must be 'RollingUpdate' or 'OnDelete'";
            errors.invalid(at, Shown::Json(&value), detail);
        }
    }
}

/// `ValidateReplicationController`
#[inline(never)]
pub(super) fn replication_controller(errors: &mut Errors, object: &Node, options: Options) {
    meta::object_meta(errors, object, true, names::subdomain);
    let root = At::Root;
    let at = root.field("spec");
    let empty = Node::map::<&str>([]);
    let spec = object.sub("spec").unwrap_or(&empty);
    errors.none_negative(&at, spec, &["minReadySeconds"]);
    let selector = spec.pairs("selector");
    if selector.is_empty() {
        errors.required(&at.field("selector"), "");
    }
    if spec.has("replicas") {
        errors.none_negative(&at, spec, &["replicas"]);
    } else {
        errors.required(&at.field("replicas"), "");
    }
    let Some(template) = spec.sub("template") else {
        errors.required(&at.field("template"), "");
        return;
    };
    let labels = template.sub("metadata").pairs("labels");
    if selector.iter().any(|pair| !labels.contains(pair)) {
        let at = at.field("template");
        let at = at.field("metadata");
        let value = shown::maybe(template.sub("metadata").sub("labels"));
        let detail = "`selector` does not match template `labels`";
        errors.invalid(&at.field("labels"), Shown::Json(&value), detail);
    }
    pod::template(errors, &at.field("template"), Some(template), options, None);
    always_restarted(errors, &at, spec, "ReplicationController");
}
