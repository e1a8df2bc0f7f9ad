//! Resource requirements: names and quantities of requests and limits.

use vapwright_cel::document::{Fields, Node};

use super::errors::{At, Errors, Shown, json_quote};
use super::read::Read;
use super::words;
use crate::quantity::Quantity;

/// Names that need no domain: the first three those of containers, the rest those of quotas
/// and objects.
const CONTAINER: [&str; 3] = ["cpu", "memory", "ephemeral-storage"];
const COUNTED: [&str; 9] = [
    "pods",
    "resourcequotas",
    "services",
    "replicationcontrollers",
    "secrets",
    "configmaps",
    "persistentvolumeclaims",
    "services.nodeports",
    "services.loadbalancers",
];
const OF_QUOTAS: [&str; 7] = [
    "requests.cpu",
    "requests.memory",
    "requests.ephemeral-storage",
    "limits.cpu",
    "limits.memory",
    "limits.ephemeral-storage",
    "requests.storage",
];
/// The prefix of the quotas' names for what is requested.
const REQUESTS: &str = "requests.";

/// Whose resources are named.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Of {
    /// Of anything: `validateResourceName`.
    Anything,
    /// Of a container: `validateContainerResourceName`.
    Container,
    /// Of a whole Pod: `validatePodResourceName`.
    Pod,
    /// Of a quota: `ValidateResourceQuotaResourceName`.
    Quota,
}

pub(crate) fn is_huge_page(name: &str) -> bool {
    name.starts_with("hugepages-")
}

fn is_standard(name: &str) -> bool {
    name == "storage" || is_quota(name)
}

pub(super) fn is_quota(name: &str) -> bool {
    CONTAINER.contains(&name)
        || COUNTED.contains(&name)
        || OF_QUOTAS.contains(&name)
        || is_huge_page(name.strip_prefix(REQUESTS).unwrap_or(name))
}

fn is_native(name: &str) -> bool {
    !name.contains('/') || name.contains("kubernetes.io/")
}

fn is_extended(name: &str) -> bool {
    !is_native(name)
        && !name.starts_with(REQUESTS)
        && words::qualified(&format!("{REQUESTS}{name}")).is_empty()
}

/// What is wrong with the name of a resource.
pub(super) fn name(errors: &mut Errors, at: &At<'_>, name: &str, of: Of) {
    let before = errors.0.len();
    let mut wrong = |detail: &str| errors.invalid(at, Shown::Name(name), detail);
    for detail in words::qualified(name) {
        wrong(&detail);
    }
    let plain = !name.contains('/');
    let wrong_form = !words::qualified(name).is_empty();
    if !wrong_form && plain && !is_standard(name) {
        wrong("must be a standard resource type or fully qualified");
    }
    match of {
        Of::Container if plain && !CONTAINER.contains(&name) && !is_huge_page(name) => {
            wrong("must be a standard resource for containers");
        }
        Of::Container if !is_native(name) && !is_extended(name) => {
            wrong("doesn't follow extended resource name standard");
        }
        Of::Quota if plain && !is_quota(name) => {
            wrong("must be a standard resource for quota");
        }
        Of::Pod
            if errors.0.len() == before
                && !matches!(name, "cpu" | "memory")
                && !is_huge_page(name) =>
        {
            errors.unsupported(at, Shown::Name(name), &["cpu", "hugepages-", "memory"]);
        }
        _ => {}
    }
}

/// A quantity of an object that was admitted.
pub(super) fn quantity(node: &Node) -> Option<Quantity> {
    match node {
        Node::String(text) => Quantity::parse(text).ok(),
        Node::Int(value) => Quantity::parse(&value.to_string()).ok(),
        _ => None,
    }
}

/// `ValidateResourceQuantityValue`
pub(super) fn amount(errors: &mut Errors, at: &At<'_>, name: &str, quantity: &Quantity) {
    not_negative(errors, at, quantity);
    let counted = COUNTED.contains(&name) || is_extended(name);
    if counted && quantity.nano() % 1_000_000_000 != 0 {
        let value = json_quote(&quantity.canonical());
        errors.invalid(at, Shown::Json(&value), "must be an integer");
    }
}

/// `ValidateNonnegativeQuantity`
pub(super) fn not_negative(errors: &mut Errors, at: &At<'_>, quantity: &Quantity) {
    if quantity.nano() < 0 {
        let value = quantity.canonical();
        let detail = "must be greater than or equal to 0";
        errors.invalid(at, Shown::Text(&value), detail);
    }
}

/// A resource list.
pub(crate) type Amounts<'n> = Vec<(&'n str, Quantity)>;

/// The resource list of a field.
pub(crate) fn amounts<'n>(node: Option<&'n Node>, key: &str) -> Amounts<'n> {
    let entries = super::read::entries(node.and_then(|node| node.sub(key)));
    let entries = entries.into_iter();
    entries
        .filter_map(|(name, node)| Some((name, quantity(node)?)))
        .collect()
}

pub(crate) fn amount_of<'a>(amounts: &'a Amounts<'_>, name: &str) -> Option<&'a Quantity> {
    let found = amounts.iter().find(|(other, _)| *other == name);
    found.map(|(_, quantity)| quantity)
}

/// `validateResourceQuantityHugePageValue`
fn huge_page(errors: &mut Errors, at: &At<'_>, name: &str, quantity: &Quantity) {
    let size = name.strip_prefix("hugepages-").unwrap_or_default();
    let size = Quantity::parse(size).ok().map_or(0, |size| size.nano());
    let whole = 1_000_000_000;
    // Go rounds the quantity up to a whole number before it divides
    let value =
        quantity.nano().div_euclid(whole) + i128::from(quantity.nano().rem_euclid(whole) > 0);
    if size <= 0 || size % whole != 0 || value % (size / whole) != 0 {
        let text = quantity.canonical();
        let detail = format!("{text} is not positive integer multiple of {name}");
        errors.invalid(at, Shown::Text(&text), &detail);
    }
}

/// `validateResourceRequirements`
pub(super) fn requirements(
    errors: &mut Errors,
    at: &At<'_>,
    node: Option<&Node>,
    claims: &[&str],
    of: Of,
) {
    let limits = amounts(node, "limits");
    let requests = amounts(node, "requests");
    let (limits_at, requests_at) = (at.field("limits"), at.field("requests"));
    for (name, quantity) in &limits {
        one(errors, &limits_at.key(name), name, quantity, of);
    }
    for (name, quantity) in &requests {
        let at = requests_at.key(name);
        self::name(errors, &at, name, of);
        amount(errors, &at, name, quantity);
        let overcommit = is_native(name) && !is_huge_page(name);
        match amount_of(&limits, name) {
            Some(limit) => {
                let detail = if quantity.nano() != limit.nano() && !overcommit {
                    "must be equal to"
                } else if quantity.nano() > limit.nano() {
                    "must be less than or equal to"
                } else {
                    ""
                };
                if !detail.is_empty() {
                    let detail = format!("{detail} {name} limit of {}", limit.canonical());
                    errors.invalid(&requests_at, Shown::Text(&quantity.canonical()), &detail);
                }
            }
            None if !overcommit => {
                let detail = "Limit must be set for non overcommitable resources";
                errors.required(&limits_at, detail);
            }
            None => {}
        }
        if is_huge_page(name) {
            huge_page(errors, &at, name, quantity);
        }
    }
    let mut all = limits.iter().chain(&requests);
    let computes = all
        .clone()
        .any(|(name, _)| matches!(*name, "cpu" | "memory"));
    if !computes && all.any(|(name, _)| is_huge_page(name)) {
        errors.forbidden(at, "HugePages require cpu or memory");
    }
    claim_names(errors, &at.field("claims"), node, claims);
}

fn one(errors: &mut Errors, at: &At<'_>, name: &str, quantity: &Quantity, of: Of) {
    self::name(errors, at, name, of);
    amount(errors, at, name, quantity);
    if is_huge_page(name) {
        huge_page(errors, at, name, quantity);
    }
}

/// `validateOverhead`
pub(super) fn overhead(errors: &mut Errors, at: &At<'_>, node: &Node, key: &str) {
    let overhead = amounts(Some(node), key);
    let at = at.field("limits");
    for (name, quantity) in &overhead {
        one(errors, &at.key(name), name, quantity, Of::Container);
    }
    let has = |wanted: fn(&str) -> bool| overhead.iter().any(|(name, _)| wanted(name));
    if has(is_huge_page) && !has(|name| matches!(name, "cpu" | "memory")) {
        let At::Field(above, _) = at else { return };
        errors.forbidden(above, "HugePages require cpu or memory");
    }
}

/// `validateResourceClaimNames`
fn claim_names(errors: &mut Errors, at: &At<'_>, node: Option<&Node>, of_pod: &[&str]) {
    let mut names: Vec<String> = Vec::new();
    for (index, claim) in node.list("claims").iter().enumerate() {
        let at = at.index(index);
        let name = claim.text("name");
        if !errors.needs(&at, name) {
            continue;
        }
        if names.iter().any(|other| other == name) {
            errors.duplicate(&at, Shown::Text(name));
        } else {
            let request = claim.text("request");
            let mut key = name.to_owned();
            if !request.is_empty() {
                errors.invalid_each(&at.field("request"), request, words::label(request));
                key = format!("{name}/{request}");
            }
            if names.contains(&key) {
                errors.duplicate(&at, Shown::Text(&key));
            } else if request.is_empty() {
                for other in &names {
                    if other.split_once('/').is_some_and(|(head, _)| head == name) {
                        errors.duplicate(&at, Shown::Text(name));
                    }
                }
            }
            if !names.contains(&key) {
                names.push(key);
            }
        }
        if !of_pod.contains(&name) {
            let known = if of_pod.is_empty() {
                " which is empty".to_owned()
            } else {
                let mut sorted = of_pod.to_vec();
                sorted.sort_unstable();
                sorted.dedup();
                format!(": {}", sorted.join(", "))
            };
            let detail = format!("must be one of the names in pod.spec.resourceClaims{known}");
            errors.not_found(&at, name, &detail);
        }
    }
}

/// `validatePodResources`: resources of a whole Pod.
pub(super) fn of_pod(errors: &mut Errors, at: &At<'_>, spec: &Node, claims: &[&str]) {
    let Some(resources) = spec.sub("resources") else {
        return;
    };
    let at = at.field("resources");
    if spec.sub("os").text("name") == "windows" {
        errors.forbidden(&at, "may not be set for a windows pod");
        return;
    }
    if resources.has("claims") {
        let detail = "claims may not be set for Resources at pod-level";
        errors.forbidden(&at.field("claims"), detail);
    }
    requirements(errors, &at, Some(resources), claims, Of::Pod);
    let own_requests = amounts(Some(resources), "requests");
    let requests_at = at.field("requests");
    let fields = spec.as_map();
    let sums = |kind: &str| fields.map_or_else(Amounts::new, |spec| together(spec, kind));
    for (name, sum) in sums("requests") {
        if let Some(own) = amount_of(&own_requests, name)
            && sum.nano() > own.nano()
        {
            let detail = format!(
                "must be greater than or equal to aggregate container requests of {}",
                sum.canonical()
            );
            errors.invalid(
                &requests_at.key(name),
                Shown::Text(&own.canonical()),
                &detail,
            );
        }
    }
    let own_limits = amounts(Some(resources), "limits");
    let limits_at = at.field("limits");
    for (name, sum) in sums("limits") {
        if let Some(own) = amount_of(&own_limits, name)
            && is_huge_page(name)
            && sum.nano() > own.nano()
        {
            let detail = format!(
                "must be greater than or equal to aggregate container limits of {}",
                sum.canonical()
            );
            errors.invalid(&limits_at.key(name), Shown::Text(&own.canonical()), &detail);
        }
    }
    let containers = at.field("containers");
    for (index, container) in spec.list("containers").iter().enumerate() {
        let at = containers.index(index);
        for (name, limit) in amounts(container.sub("resources"), "limits") {
            if let Some(own) = amount_of(&own_limits, name)
                && limit.nano() > own.nano()
            {
                let at = at.key(name);
                let detail = format!(
                    "must be less than or equal to pod limits of {}",
                    own.canonical()
                );
                errors.invalid(
                    &at.field("limits"),
                    Shown::Text(&limit.canonical()),
                    &detail,
                );
            }
        }
    }
}

fn add<'n>(sums: &mut Amounts<'n>, more: &Amounts<'n>) {
    for (name, quantity) in more {
        match sums.iter_mut().find(|(other, _)| other == name) {
            Some((_, sum)) => *sum = sum.with_nano(sum.nano() + quantity.nano()),
            None => sums.push((name, quantity.clone())),
        }
    }
}

/// What the containers of a Pod need together: `AggregateContainerRequests` and
/// `AggregateContainerLimits`. Init containers run before the others, but for those that go on.
pub(crate) fn together<'n>(spec: &'n Fields, kind: &str) -> Amounts<'n> {
    let mut sums = Amounts::new();
    for container in spec.list("containers") {
        add(&mut sums, &amounts(container.sub("resources"), kind));
    }
    let (mut lasting, mut most) = (Amounts::new(), Amounts::new());
    for container in spec.list("initContainers") {
        let mut own = amounts(container.sub("resources"), kind);
        if container.text("restartPolicy") == "Always" {
            add(&mut sums, &own);
            add(&mut lasting, &own);
            own = lasting.clone();
        } else {
            add(&mut own, &lasting);
        }
        raise(&mut most, own);
    }
    raise(&mut sums, most);
    sums
}

fn raise<'n>(sums: &mut Amounts<'n>, more: Amounts<'n>) {
    for (name, quantity) in more {
        match sums.iter_mut().find(|(other, _)| *other == name) {
            Some((_, sum)) if sum.nano() < quantity.nano() => *sum = quantity,
            Some(_) => {}
            None => sums.push((name, quantity)),
        }
    }
}
