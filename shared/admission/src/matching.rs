//! Which requests a policy or a binding chooses: `k8s.io/apiserver`'s policy matcher.

use std::sync::Arc;

use vapwright_cel::document::{Fields, Node};
use vapwright_kube::kinds::Gvk;
use vapwright_kube::selector::{Operator, Selector};

use crate::policy::{MatchResources, ResourceRule};
use crate::request::{Request, Resource};

/// What came of matching.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Matching {
    /// The request is chosen, as an object of this kind and resource: an equivalent one where
    /// no rule names the request's own.
    Chosen(Gvk, Resource),
    /// It is not; why, in words.
    NotChosen(String),
}

/// Resources that are stored alike, so that a rule for one also means the other.
const EQUIVALENT: [[(&str, &str, &str, &str); 2]; 2] = [
    [
        ("", "v1", "events", "Event"),
        ("events.k8s.io", "v1", "events", "Event"),
    ],
    [
        (
            "autoscaling",
            "v1",
            "horizontalpodautoscalers",
            "HorizontalPodAutoscaler",
        ),
        (
            "autoscaling",
            "v2",
            "horizontalpodautoscalers",
            "HorizontalPodAutoscaler",
        ),
    ],
];

/// Resources that admission policies never see: those that hold admission's own configuration,
/// and questions that are answered and not stored.
const EXEMPT: [(&str, &str); 12] = [
    (
        "admissionregistration.k8s.io",
        "validatingadmissionpolicies",
    ),
    (
        "admissionregistration.k8s.io",
        "validatingadmissionpolicybindings",
    ),
    ("admissionregistration.k8s.io", "mutatingadmissionpolicies"),
    (
        "admissionregistration.k8s.io",
        "mutatingadmissionpolicybindings",
    ),
    (
        "admissionregistration.k8s.io",
        "validatingwebhookconfigurations",
    ),
    (
        "admissionregistration.k8s.io",
        "mutatingwebhookconfigurations",
    ),
    ("authentication.k8s.io", "selfsubjectreviews"),
    ("authentication.k8s.io", "tokenreviews"),
    ("authorization.k8s.io", "localsubjectaccessreviews"),
    ("authorization.k8s.io", "selfsubjectaccessreviews"),
    ("authorization.k8s.io", "selfsubjectrulesreviews"),
    ("authorization.k8s.io", "subjectaccessreviews"),
];

/// Whether no admission policy sees the request.
#[must_use]
pub fn is_exempt(request: &Request) -> bool {
    EXEMPT.iter().any(|(group, resource)| {
        request.resource.group == *group && request.resource.resource == *resource
    })
}

/// Whether a request is chosen.
#[must_use]
pub fn matches(resources: &MatchResources, request: &Request) -> Matching {
    if let Some(why) = namespace_mismatch(&resources.namespace_selector, request) {
        return Matching::NotChosen(why);
    }
    if let Some(why) = object_mismatch(&resources.object_selector, request) {
        return Matching::NotChosen(why);
    }
    if by_rules(&resources.exclude, resources.equivalent, request).is_some() {
        let why = format!("`excludeResourceRules` exclude {}", describe(request));
        return Matching::NotChosen(why);
    }
    let own = || (request.kind.clone(), request.resource.clone());
    let chosen = match resources.rules.is_empty() {
        true => Some(own()),
        false => by_rules(&resources.rules, resources.equivalent, request),
    };
    match chosen {
        Some((kind, resource)) => Matching::Chosen(kind, resource),
        None => Matching::NotChosen(format!("no resource rule chooses {}", describe(request))),
    }
}

/// `CREATE of pods`, `UPDATE of deployments/scale in apps/v1`
fn describe(request: &Request) -> String {
    let Resource {
        group,
        version,
        resource,
    } = &request.resource;
    let sub = &request.subresource;
    let slash = if sub.is_empty() { "" } else { "/" };
    let group = if group.is_empty() {
        String::new()
    } else {
        format!(" of `{group}/{version}`")
    };
    let operation = request.operation.name();
    format!("{operation} of `{resource}{slash}{sub}`{group}")
}

fn labels(object: &Node) -> Option<&Fields> {
    object.at(&["metadata", "labels"]).and_then(Node::as_map)
}

/// Why the namespace is not chosen; `None` where it is.
fn namespace_mismatch(selector: &Selector, request: &Request) -> Option<String> {
    let about_namespace = request.resource.resource == "namespaces";
    // an object of the cluster that is no namespace is always chosen
    if selector.is_empty() || (request.namespace.is_empty() && !about_namespace) {
        return None;
    }
    let own = about_namespace
        && request.subresource.is_empty()
        && matches!(request.operation.name(), "CREATE" | "UPDATE");
    let namespace = if own {
        request.object.as_ref()
    } else {
        request
            .namespace_object
            .as_ref()
            .or(request.old_object.as_ref())
    };
    let labels = namespace.and_then(labels);
    let unmet = unmet(selector, labels)?;
    let name = &request.namespace;
    Some(format!("namespace `{name}`: {unmet}"))
}

/// Why the object is not chosen; `None` where it is.
fn object_mismatch(selector: &Selector, request: &Request) -> Option<String> {
    if selector.is_empty() {
        return None;
    }
    // an object without metadata, as the options of CONNECT are, has no labels to select by
    let objects = [&request.object, &request.old_object];
    let objects = objects.into_iter().flatten();
    let mut why = None;
    for object in objects.filter(|object| object.get("metadata").is_some()) {
        let unmet = unmet(selector, labels(object))?;
        why.get_or_insert(unmet);
    }
    Some(format!(
        "the object: {}",
        why.unwrap_or_else(|| "there is none to select by labels".to_owned())
    ))
}

/// The first requirement that labels do not meet, in words.
fn unmet(selector: &Selector, labels: Option<&Fields>) -> Option<String> {
    let requirement = selector
        .requirements
        .iter()
        .find(|requirement| !requirement.matches(labels))?;
    let key = &requirement.key;
    let found = labels.and_then(|labels| labels.get(key));
    let found = match found.and_then(Node::as_str) {
        Some(value) => format!("is `{value}`"),
        None => "is not set".to_owned(),
    };
    let values: Vec<String> = requirement
        .values
        .iter()
        .map(|value| format!("`{value}`"))
        .collect();
    let values = values.join(" or ");
    let wanted = match requirement.operator {
        Operator::In => format!("must be {values}"),
        Operator::NotIn => format!("must not be {values}"),
        Operator::Exists => "must be set".to_owned(),
        Operator::DoesNotExist => "must not be set".to_owned(),
    };
    Some(format!("label `{key}` {found}, and {wanted}"))
}

/// The kind and resource as which a rule chooses the request.
fn by_rules(
    rules: &[ResourceRule],
    equivalent: bool,
    request: &Request,
) -> Option<(Gvk, Resource)> {
    let named = |rule: &ResourceRule| {
        rule.names.is_empty() || rule.names.iter().any(|name| **name == *request.name)
    };
    let own = &request.resource;
    if rules
        .iter()
        .any(|rule| rule_matches(rule, request, own) && named(rule))
    {
        return Some((request.kind.clone(), own.clone()));
    }
    if !equivalent || !request.subresource.is_empty() {
        return None;
    }
    let others = equivalents(own).chain(request.others.iter().cloned());
    let others: Vec<(Gvk, Resource)> = others.collect();
    for rule in rules {
        for (kind, resource) in &others {
            if rule_matches(rule, request, resource) && named(rule) {
                return Some((kind.clone(), resource.clone()));
            }
        }
    }
    None
}

fn equivalents(own: &Resource) -> impl Iterator<Item = (Gvk, Resource)> + '_ {
    let is_own = |(group, version, resource, _): &(&str, &str, &str, &str)| {
        own.group == *group && own.version == *version && own.resource == *resource
    };
    EQUIVALENT
        .iter()
        .filter(move |alike| alike.iter().any(is_own))
        .flatten()
        .filter(move |one| !is_own(one))
        .map(|(group, version, resource, kind)| {
            let kind = Gvk {
                group: (*group).to_owned(),
                version: (*version).to_owned(),
                kind: (*kind).to_owned(),
            };
            let resource = Resource::of_kind(&kind, resource);
            (kind, resource)
        })
}

fn any(items: &[Arc<str>], wanted: &str) -> bool {
    items
        .iter()
        .any(|item| matches!(&**item, "*") || **item == *wanted)
}

fn rule_matches(rule: &ResourceRule, request: &Request, resource: &Resource) -> bool {
    let cluster = request.namespace.is_empty() || request.is_namespace();
    let scope = match &*rule.scope {
        "*" | "" => true,
        "Namespaced" => !cluster,
        "Cluster" => cluster,
        _ => false,
    };
    scope
        && any(&rule.operations, request.operation.name())
        && any(&rule.groups, &resource.group)
        && any(&rule.versions, &resource.version)
        && rule.resources.iter().any(|wanted| {
            let (wanted, sub) = wanted.split_once('/').unwrap_or((wanted, ""));
            (wanted == "*" || wanted == resource.resource)
                && (sub == "*" || sub == request.subresource)
        })
}
