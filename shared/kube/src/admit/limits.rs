//! The plugin `LimitRanger`: defaults and limits of resources in a namespace.

use vapwright_cel::document::{Fields, Node};

use super::{child, each, set, text};
use crate::quantity::Quantity;
use crate::validate::read::Read as _;
use crate::validate::resources::{Amounts, amount_of, amounts, together};

const ANNOTATION: &str = "kubernetes.io/limit-ranger";
/// What `MilliValue` can hold, in thousandths: beyond it Go compares whole numbers.
const MOST_MILLI: i128 = (i64::MAX / 1000) as i128;

/// Gives containers the requests and limits of a LimitRange that they do not have, and says so
/// in an annotation.
pub(super) fn defaults(pod: &mut Fields, range: &Node) {
    let given = |key: &str| {
        // of several items the last counts
        let mut found = Fields::new();
        let items = range.sub("spec").list("limits").iter();
        for item in items.filter(|item| item.text("type") == "Container") {
            for (name, quantity) in item.entries(key) {
                found.insert(name, quantity.clone());
            }
        }
        found
    };
    let defaults = [
        ("requests", "request", given("defaultRequest")),
        ("limits", "limit", given("default")),
    ];
    let mut said = Vec::new();
    let spec = child(pod, "spec");
    for (containers, what) in [
        ("containers", "container"),
        ("initContainers", "init container"),
    ] {
        for container in each(spec, containers) {
            let name = text(container, "name").to_owned();
            for (key, one, values) in &defaults {
                let missing: Vec<_> = {
                    let own = container.get("resources").and_then(|found| found.get(key));
                    let missing = values
                        .iter()
                        .filter(|(name, _)| own.and_then(|own| own.get(name)).is_none());
                    missing
                        .map(|(name, node)| (name.clone(), node.clone()))
                        .collect()
                };
                if missing.is_empty() {
                    continue;
                }
                let own = child(child(container, "resources"), key);
                let mut names = Vec::new();
                for (name, node) in missing {
                    names.push(name.to_string());
                    set(own, &name, node);
                }
                names.sort_unstable();
                said.push(format!("{} {one} for {what} {name}", names.join(", ")));
            }
        }
    }
    if !said.is_empty() {
        let said = format!("LimitRanger plugin set: {}", said.join("; "));
        let annotations = child(child(pod, "metadata"), "annotations");
        annotations.insert(ANNOTATION, Node::string(said));
    }
}

/// Says which limits a Pod does not keep.
pub(super) fn validate(pod: &Node, range: &Node) -> Result<(), String> {
    let spec = pod.sub("spec");
    let mut errors: Vec<String> = Vec::new();
    for item in range.sub("spec").list("limits") {
        match item.text("type") {
            "Container" => {
                for key in ["containers", "initContainers"] {
                    for container in spec.list(key) {
                        let resources = container.sub("resources");
                        let requests = amounts(resources, "requests");
                        let limits = amounts(resources, "limits");
                        check(item, &requests, &limits, &mut errors);
                    }
                }
            }
            "Pod" => {
                let whole = |kind: &str| {
                    let fields = spec.and_then(Node::as_map);
                    let mut sums = fields.map_or_else(Amounts::new, |spec| together(spec, kind));
                    for (name, quantity) in amounts(spec.sub("resources"), kind) {
                        if matches!(name, "cpu" | "memory") {
                            sums.retain(|(other, _)| *other != name);
                            sums.push((name, quantity));
                        }
                    }
                    sums
                };
                check(item, &whole("requests"), &whole("limits"), &mut errors);
            }
            _ => {}
        }
    }
    let mut texts: Vec<String> = Vec::new();
    for error in errors {
        if !texts.contains(&error) {
            texts.push(error);
        }
    }
    match texts.as_slice() {
        [] => Ok(()),
        [text] => Err(text.clone()),
        _ => Err(format!("[{}]", texts.join(", "))),
    }
}

/// Numbers as Go compares them: in thousandths, where all are small enough.
fn comparable<const N: usize>(quantities: [Option<&Quantity>; N]) -> [i128; N] {
    let scaled = |unit: i128| {
        quantities.map(|quantity| {
            let nano = quantity.map_or(0, Quantity::nano);
            nano.div_euclid(unit) + i128::from(nano.rem_euclid(unit) > 0)
        })
    };
    let whole = scaled(1_000_000_000);
    if whole.iter().all(|value| *value <= MOST_MILLI) {
        scaled(1_000_000)
    } else {
        whole
    }
}

fn check(item: &Node, requests: &Amounts<'_>, limits: &Amounts<'_>, errors: &mut Vec<String>) {
    let kind = item.text("type");
    for (name, bound) in amounts(Some(item), "min") {
        let (request, limit) = (amount_of(requests, name), amount_of(limits, name));
        let [requested, limited, least] = comparable([request, limit, Some(&bound)]);
        let head = format!("minimum {name} usage per {kind} is {}", bound.canonical());
        match (request, limit) {
            (None, _) => errors.push(format!("{head}.  No request is specified")),
            (Some(request), _) if requested < least => {
                errors.push(format!("{head}, but request is {}", request.canonical()));
            }
            (_, Some(limit)) if limited < least => {
                errors.push(format!("{head}, but limit is {}", limit.canonical()));
            }
            _ => {}
        }
    }
    for (name, bound) in amounts(Some(item), "max") {
        let (request, limit) = (amount_of(requests, name), amount_of(limits, name));
        let [requested, limited, most] = comparable([request, limit, Some(&bound)]);
        let head = format!("maximum {name} usage per {kind} is {}", bound.canonical());
        match (request, limit) {
            (_, None) => errors.push(format!("{head}.  No limit is specified")),
            (_, Some(limit)) if limited > most => {
                errors.push(format!("{head}, but limit is {}", limit.canonical()));
            }
            (Some(request), _) if requested > most => {
                errors.push(format!("{head}, but request is {}", request.canonical()));
            }
            _ => {}
        }
    }
    for (name, bound) in amounts(Some(item), "maxLimitRequestRatio") {
        let (request, limit) = (amount_of(requests, name), amount_of(limits, name));
        errors.extend(ratio(kind, name, &bound, request, limit));
    }
}

#[allow(clippy::cast_precision_loss)]
fn ratio(
    kind: &str,
    name: &str,
    bound: &Quantity,
    request: Option<&Quantity>,
    limit: Option<&Quantity>,
) -> Option<String> {
    let [requested, limited, _] = comparable([request, limit, Some(bound)]);
    let head = format!(
        "{name} max limit to request ratio per {kind} is {}",
        bound.canonical()
    );
    if request.is_none() || requested == 0 {
        return Some(format!(
            "{head}, but no request is specified or request is 0"
        ));
    }
    if limit.is_none() || limited == 0 {
        return Some(format!("{head}, but no limit is specified or limit is 0"));
    }
    let observed = limited as f64 / requested as f64;
    let [allowed] = comparable([Some(bound)]);
    (observed * 1000.0 > allowed as f64)
        .then(|| format!("{head}, but provided ratio is {observed:.6}"))
}
