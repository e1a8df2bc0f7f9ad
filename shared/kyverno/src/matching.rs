//! A rule's `match` and `exclude` as match constraints and match conditions.

use vapwright_cel::document::{Fields, Node};
use vapwright_kube::path::Path;

use crate::account::Account;
use crate::conditions::{all_of, any_of, has_wildcard};
use crate::filter::{Filter, Part, ResourceRule, Side, add_rule, is_empty};
use crate::profile::requirement;

/// What chooses the objects of a policy.
#[derive(Clone, Debug, Default)]
pub(crate) struct Matching {
    /// `spec.matchConstraints`
    pub(crate) constraints: Fields,
    /// `spec.matchConditions`: name, expression and where it comes from.
    pub(crate) conditions: Vec<(String, String, Path)>,
    /// Whether a kind is not, or may not be, of objects in namespaces.
    pub(crate) cluster_scoped: bool,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Mode {
    Any,
    All,
}

const RULES: &str = "spec.matchConstraints.resourceRules";

/// Reads `match` and `exclude` of a rule. `namespace` is that of a Policy of one namespace.
pub(crate) fn read(
    account: &mut Account<'_>,
    rule: &Node,
    path: &Path,
    policy: &str,
    namespace: Option<&str>,
) -> Matching {
    let match_path = path.field("match");
    let exclude_path = path.field("exclude");
    let (mode, matched) = filters(account, rule.get("match"), &match_path, Side::Match);
    let (exclude_mode, excluded) =
        filters(account, rule.get("exclude"), &exclude_path, Side::Exclude);
    if matched.is_empty() {
        account.refused(
            &match_path,
            "not-translatable",
            "the rule does not say which kinds it matches",
            "add `match.any[].resources.kinds`",
        );
        return Matching::default();
    }

    let mut result = Matching {
        cluster_scoped: matched.iter().any(|filter| !filter.namespaced()),
        ..Matching::default()
    };
    let exclude_reads_object = excluded
        .iter()
        .any(|filter| !filter.object_conditions(true).is_empty());
    let single = matched.len() == 1;
    let mut native = Vec::new();
    let mut namespace_requirements = Vec::new();
    if let Some(namespace) = namespace {
        namespace_requirements.push(requirement(
            "kubernetes.io/metadata.name",
            "In",
            &[namespace],
        ));
    }

    // Resource rules: of every filter for `any`; of the first for `all`, the others are conditions.
    let mut rules: Vec<ResourceRule> = Vec::new();
    let choosing = if mode == Mode::All { 1 } else { matched.len() };
    for filter in matched.iter().take(choosing) {
        for rule in &filter.rules {
            add_rule(&mut rules, rule.clone());
        }
    }

    let mut match_labels = None;
    if single && let Some(filter) = matched.first() {
        if filter.namespaced() {
            let literal = !filter.namespaces.iter().any(|name| has_wildcard(name));
            let plain = filter
                .namespace_selector
                .as_ref()
                .is_none_or(|node| !wild_selector(node));
            if literal && plain {
                native.extend([Part::Namespaces, Part::NamespaceSelector]);
                if !filter.namespaces.is_empty() {
                    let names: Vec<&str> = filter.namespaces.iter().map(String::as_str).collect();
                    namespace_requirements.push(requirement(
                        "kubernetes.io/metadata.name",
                        "In",
                        &names,
                    ));
                }
                if let Some(node) = &filter.namespace_selector {
                    match_labels = node.get("matchLabels").cloned();
                    if let Some(items) = node.get("matchExpressions").and_then(Node::as_list) {
                        namespace_requirements.extend(items.iter().cloned());
                    }
                }
            }
        }
        if let Some(node) = &filter.selector
            && !exclude_reads_object
            && !wild_selector(node)
        {
            native.push(Part::Selector);
            result.constraints.insert("objectSelector", node.clone());
        }
    }
    if match_labels.is_some() || !namespace_requirements.is_empty() {
        let mut selector = Fields::new();
        if let Some(labels) = match_labels {
            selector.insert("matchLabels", labels);
        }
        if !namespace_requirements.is_empty() {
            selector.insert("matchExpressions", Node::List(namespace_requirements));
        }
        result
            .constraints
            .insert("namespaceSelector", Node::Map(selector));
    }
    result.constraints.insert(
        "resourceRules",
        Node::List(rules.iter().map(ResourceRule::to_node).collect()),
    );

    let (request, object) = residual(mode, &matched, &native);
    // An empty filter excludes nothing.
    let exclude_parts: Vec<String> = excluded
        .iter()
        .map(Filter::condition)
        .filter(|condition| condition != "true")
        .collect();
    let exclude = (!exclude_parts.is_empty()).then(|| match exclude_mode {
        Mode::Any => any_of(&exclude_parts),
        Mode::All => all_of(&exclude_parts),
    });
    let (match_name, exclude_name);
    if object.is_none() && !exclude_reads_object {
        match_name = "match";
        exclude_name = "exclude";
        if let Some(request) = request {
            result.add(match_name, request, &match_path);
        }
        if let Some(exclude) = exclude {
            result.add(exclude_name, format!("!({exclude})"), &exclude_path);
        }
    } else {
        // Kyverno looks at the new object, and at the old one where the new one is not chosen.
        let name = match (request.is_some() || object.is_some(), exclude.is_some()) {
            (true, true) => "match-and-exclude",
            (false, _) => "exclude",
            _ => "match",
        };
        match_name = name;
        exclude_name = name;
        let mut parts = vec!["o != null".to_owned()];
        parts.extend(request);
        parts.extend(object);
        parts.extend(exclude.map(|exclude| format!("!({exclude})")));
        let at = if name == "exclude" {
            &exclude_path
        } else {
            &match_path
        };
        result.add(
            name,
            format!("[object, oldObject].exists(o, {})", all_of(&parts)),
            at,
        );
    }

    let in_rules = mode == Mode::Any || single;
    for (index, filter) in matched.iter().enumerate() {
        for (part, path, note) in &filter.places {
            let became = match part {
                Part::Kinds | Part::Operations if in_rules || index == 0 => RULES.to_owned(),
                Part::Namespaces | Part::NamespaceSelector if native.contains(part) => {
                    "spec.matchConstraints.namespaceSelector".to_owned()
                }
                Part::Selector if native.contains(part) => {
                    "spec.matchConstraints.objectSelector".to_owned()
                }
                _ => format!("spec.matchConditions[{match_name}]"),
            };
            settle(account, path, policy, became, note.as_deref());
        }
    }
    for filter in &excluded {
        for (_, path, note) in &filter.places {
            let became = format!("spec.matchConditions[{exclude_name}]");
            settle(account, path, policy, became, note.as_deref());
        }
    }
    result
}

fn settle(
    account: &mut Account<'_>,
    path: &Path,
    policy: &str,
    became: String,
    note: Option<&str>,
) {
    match note {
        None => account.translated(path, policy, became),
        // What `also` follows is more than the source says, and meant by it.
        Some(note) if note.starts_with("also ") => {
            account.translated_as(path, policy, became, note);
        }
        Some(note) => account.approximated(path, policy, became, note),
    }
}

impl Matching {
    fn add(&mut self, name: &str, expression: String, path: &Path) {
        self.conditions
            .push((name.to_owned(), expression, path.clone()));
    }
}

/// What resource rules and selectors do not say of the filters: of the request, or, where the
/// object is part of it, all of it with the object as `o`.
fn residual(mode: Mode, matched: &[Filter], native: &[Part]) -> (Option<String>, Option<String>) {
    let with_selector = !native.contains(&Part::Selector);
    let namespaces = !native.contains(&Part::Namespaces);
    let nothing_left = |filter: &Filter| {
        filter.request_conditions(false, namespaces).is_empty()
            && filter.object_conditions(with_selector).is_empty()
    };
    let reads_object = matched
        .iter()
        .any(|filter| !filter.object_conditions(with_selector).is_empty());
    let mut parts = Vec::new();
    for (index, filter) in matched.iter().enumerate() {
        let kinds = match mode {
            Mode::Any => matched.len() > 1,
            Mode::All => index > 0,
        };
        let mut conditions = filter.request_conditions(kinds, namespaces);
        conditions.extend(filter.object_conditions(with_selector));
        if !conditions.is_empty() {
            parts.push(all_of(&conditions));
        }
    }
    // Filters of kinds alone are what the resource rules say.
    if mode == Mode::Any && matched.iter().all(nothing_left) {
        return (None, None);
    }
    let whole = match mode {
        _ if parts.is_empty() => None,
        Mode::Any => Some(any_of(&parts)),
        Mode::All => Some(all_of(&parts)),
    };
    if reads_object {
        (None, whole)
    } else {
        (whole, None)
    }
}

fn wild_selector(node: &Node) -> bool {
    node.get("matchLabels")
        .and_then(Node::as_map)
        .is_some_and(|labels| {
            labels
                .iter()
                .any(|(key, value)| has_wildcard(key) || value.as_str().is_some_and(has_wildcard))
        })
}

/// The filters of `match` or `exclude`: under `any`, under `all`, or itself the one filter.
fn filters(
    account: &mut Account<'_>,
    node: Option<&Node>,
    path: &Path,
    side: Side,
) -> (Mode, Vec<Filter>) {
    let Some(node) = node.filter(|node| !is_empty(node)) else {
        return (Mode::Any, Vec::new());
    };
    let Some(fields) = node.as_map() else {
        account.wrong_type(path, "a map");
        return (Mode::Any, Vec::new());
    };
    let list = |name: &str| fields.get(name).filter(|node| !is_empty(node));
    let (mode, name, items) = match (list("any"), list("all")) {
        (Some(_), Some(_)) => {
            account.refused(
                &path.field("all"),
                "not-translatable",
                format!("`{path}` has both `any` and `all`"),
                "keep one of them: Kyverno allows only one",
            );
            return (Mode::Any, Vec::new());
        }
        (Some(items), None) => (Mode::Any, "any", items),
        (None, Some(items)) => (Mode::All, "all", items),
        (None, None) => return (Mode::Any, vec![Filter::read(account, node, path, side)]),
    };
    if let Some((other, _)) = fields.iter().find(|(other, value)| {
        ["resources", "subjects", "roles", "clusterRoles"].contains(&&***other) && !is_empty(value)
    }) {
        account.refused(
            &path.field(other),
            "not-translatable",
            format!("`{path}` has both `{name}` and `{other}`"),
            format!("move `{other}` into an item of `{name}`"),
        );
    }
    let path = path.field(name);
    let Some(items) = items.as_list() else {
        account.wrong_type(&path, "a list");
        return (mode, Vec::new());
    };
    let filters = items
        .iter()
        .enumerate()
        .map(|(index, item)| Filter::read(account, item, &path.index(index), side))
        .collect();
    (mode, filters)
}
