//! One filter of a rule's `match` or `exclude`: what it holds and what it says in CEL.

use vapwright_cel::document::Node;
use vapwright_kube::path::Path;

use crate::account::Account;
use crate::conditions::{
    all_of, any_of, entry_matches, has_wildcard, matches_any, quoted, quoted_list, selector,
};
use crate::kinds::{KindPattern, Resolution, Resource, resolve};

/// The labels of the request's namespace, none for an object of the cluster.
const NAMESPACE_LABELS: &str =
    "(namespaceObject == null ? {} : namespaceObject.metadata.?labels.orValue({}))";

/// A resource rule, as an admission policy has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ResourceRule {
    pub(crate) group: String,
    pub(crate) versions: Vec<String>,
    pub(crate) operations: Vec<String>,
    pub(crate) resources: Vec<String>,
    pub(crate) namespaced: bool,
}

/// The parts of a filter that the account names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Part {
    Kinds,
    Operations,
    Namespaces,
    NamespaceSelector,
    Selector,
    Names,
    Annotations,
    Subjects,
}

/// A filter: all that it says must hold.
#[derive(Clone, Debug, Default)]
pub(crate) struct Filter {
    pub(crate) rules: Vec<ResourceRule>,
    pub(crate) operations: Vec<String>,
    pub(crate) namespaces: Vec<String>,
    pub(crate) namespace_selector: Option<Node>,
    pub(crate) selector: Option<Node>,
    names: Vec<String>,
    annotations: Vec<(String, String)>,
    subjects: Vec<String>,
    /// Where the parts stand, and a note on some.
    pub(crate) places: Vec<(Part, Path, Option<String>)>,
}

/// Whether a filter chooses objects for the policy or takes them out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Side {
    Match,
    Exclude,
}

impl Filter {
    /// Reads a filter: `resources`, `subjects`, `roles`, `clusterRoles`.
    pub(crate) fn read(account: &mut Account<'_>, node: &Node, path: &Path, side: Side) -> Self {
        let mut filter = Self::default();
        let refusals = account.refusals();
        let Some(fields) = node.as_map() else {
            account.wrong_type(path, "a map");
            return filter;
        };
        for (name, value) in fields.iter() {
            let path = path.field(name);
            if is_empty(value) {
                account.dropped(&path, "it is empty");
                continue;
            }
            match &**name {
                "resources" => filter.read_resources(account, value, &path, side),
                "subjects" => filter.read_subjects(account, value, &path),
                "roles" | "clusterRoles" => account.refused(
                    &path,
                    "not-translatable",
                    format!("`{name}` cannot be seen by an admission policy"),
                    "choose by `subjects`, whose users, groups and service accounts are part of the request",
                ),
                _ => {}
            }
        }
        if side == Side::Match && filter.rules.is_empty() && account.refusals() == refusals {
            account.refused(
                path,
                "not-translatable",
                format!("`{path}` names no kinds"),
                "an admission policy needs the kinds it is for: add `resources.kinds`",
            );
        }
        filter
    }

    fn read_resources(&mut self, account: &mut Account<'_>, node: &Node, path: &Path, side: Side) {
        let Some(fields) = node.as_map() else {
            account.wrong_type(path, "a map");
            return;
        };
        if let Some(operations) = fields.get("operations").filter(|node| !is_empty(node)) {
            self.read_operations(account, operations, &path.field("operations"));
        }
        for (name, value) in fields.iter() {
            let path = path.field(name);
            if is_empty(value) {
                account.dropped(&path, "it is empty");
                continue;
            }
            match &**name {
                "operations" => {}
                "kinds" => self.read_kinds(account, value, &path, side),
                "name" => {
                    if let Some(name) = text(account, value, &path) {
                        self.names.push(name);
                        self.places.push((Part::Names, path, None));
                    }
                }
                "names" => {
                    self.names.extend(texts(account, value, &path));
                    self.places.push((Part::Names, path, None));
                }
                "namespaces" => {
                    self.namespaces = texts(account, value, &path);
                    self.places.push((Part::Namespaces, path, None));
                }
                "annotations" => {
                    self.read_annotations(account, value, &path);
                    self.places.push((Part::Annotations, path, None));
                }
                "selector" | "namespaceSelector" => {
                    if let Err(message) = selector("labels", value) {
                        account.refused(&path, "invalid-selector", message, "");
                        continue;
                    }
                    if &**name == "selector" {
                        self.selector = Some(value.clone());
                        self.places.push((Part::Selector, path, None));
                    } else {
                        self.namespace_selector = Some(value.clone());
                        self.places.push((Part::NamespaceSelector, path, None));
                    }
                }
                _ => {}
            }
        }
    }

    fn read_operations(&mut self, account: &mut Account<'_>, node: &Node, path: &Path) {
        for operation in texts(account, node, path) {
            if ["CREATE", "UPDATE", "DELETE", "CONNECT"].contains(&operation.as_str()) {
                self.operations.push(operation);
            } else {
                account.refused(
                    path,
                    "invalid-value",
                    format!("there is no operation `{operation}`"),
                    "write `CREATE`, `UPDATE`, `DELETE` or `CONNECT`",
                );
            }
        }
        self.places.push((Part::Operations, path.clone(), None));
    }

    fn read_kinds(&mut self, account: &mut Account<'_>, node: &Node, path: &Path, side: Side) {
        let operations = if self.operations.is_empty() && side == Side::Match {
            vec!["CREATE".to_owned(), "UPDATE".to_owned()]
        } else {
            self.operations.clone()
        };
        for (index, kind) in texts(account, node, path).into_iter().enumerate() {
            let path = path.index(index);
            let Some(pattern) = KindPattern::parse(&kind) else {
                account.refused(
                    &path,
                    "invalid-value",
                    format!("`{kind}` is not a kind"),
                    "write `Kind`, `version/Kind`, `group/version/Kind` or one of these with `/subresource`",
                );
                continue;
            };
            let mut note = None;
            let resources = match resolve(&pattern) {
                Resolution::Known(resources) => {
                    if has_wildcard(&pattern.kind) {
                        note = Some(
                            "of the kinds of Kubernetes itself; custom resources are not chosen"
                                .to_owned(),
                        );
                        account.warn(
                            &path,
                            "kind-pattern",
                            format!(
                                "`{kind}` is read as the kinds of Kubernetes itself that match it"
                            ),
                            "name the custom resources it should also choose",
                        );
                    }
                    resources
                }
                Resolution::Every => vec![Resource {
                    group: pattern.group.clone(),
                    versions: vec![pattern.version.clone()],
                    kind: "*".to_owned(),
                    plural: "*".to_owned(),
                    namespaced: false,
                }],
                Resolution::Guessed(resource) => {
                    note = Some(format!(
                        "Kubernetes itself has no such kind: its resource is taken to be `{}`",
                        resource.plural
                    ));
                    account.warn(
                        &path,
                        "unknown-kind",
                        format!(
                            "Kubernetes itself has no kind `{kind}`: its resource is taken to be `{}`",
                            resource.plural
                        ),
                        "see `kubectl api-resources` for the resource's name",
                    );
                    vec![resource]
                }
                Resolution::Unknown => {
                    account.refused(
                        &path,
                        "unknown-kind",
                        format!("Kubernetes itself has no kind that matches `{kind}`"),
                        "name the kinds, with their group and version",
                    );
                    continue;
                }
            };
            for resource in resources {
                let mut names = vec![if pattern.subresource.is_empty() {
                    resource.plural.clone()
                } else {
                    format!("{}/{}", resource.plural, pattern.subresource)
                }];
                // A debug container is added to a running Pod through this subresource.
                if resource.kind == "Pod"
                    && pattern.subresource.is_empty()
                    && (operations.is_empty()
                        || operations.iter().any(|operation| operation == "UPDATE"))
                {
                    names.push("pods/ephemeralcontainers".to_owned());
                    note = Some("also of debug containers, which are added to a running Pod through `pods/ephemeralcontainers`".to_owned());
                }
                self.add_rule(ResourceRule {
                    group: resource.group,
                    versions: resource.versions,
                    operations: operations.clone(),
                    resources: names,
                    namespaced: resource.namespaced,
                });
            }
            self.places.push((Part::Kinds, path, note));
        }
    }

    fn add_rule(&mut self, rule: ResourceRule) {
        add_rule(&mut self.rules, rule);
    }

    fn read_annotations(&mut self, account: &mut Account<'_>, node: &Node, path: &Path) {
        let Some(fields) = node.as_map() else {
            account.wrong_type(path, "a map of texts");
            return;
        };
        for (key, value) in fields.iter() {
            match value.as_str() {
                Some(value) => self.annotations.push((key.to_string(), value.to_owned())),
                None => account.wrong_type(&path.field(key), "a text"),
            }
        }
    }

    fn read_subjects(&mut self, account: &mut Account<'_>, node: &Node, path: &Path) {
        let Some(items) = node.as_list() else {
            account.wrong_type(path, "a list");
            return;
        };
        for (index, item) in items.iter().enumerate() {
            let path = path.index(index);
            let field = |name: &str| item.get(name).and_then(Node::as_str).unwrap_or_default();
            let (kind, name, namespace) = (field("kind"), field("name"), field("namespace"));
            let user = "request.userInfo.?username.orValue('')";
            let condition = match kind {
                _ if name.is_empty() => None,
                "User" => Some(matches_any(user, &[name])),
                "Group" => {
                    let one = matches_any("g", &[name]);
                    Some(format!(
                        "request.userInfo.?groups.orValue([]).exists(g, {one})"
                    ))
                }
                "ServiceAccount" if !namespace.is_empty() => {
                    let account_name = format!("system:serviceaccount:{namespace}:{name}");
                    Some(matches_any(user, &[&account_name]))
                }
                _ => None,
            };
            match condition {
                Some(condition) => {
                    self.subjects.push(condition);
                    for known in ["kind", "name", "namespace", "apiGroup"] {
                        if item.get(known).is_some() {
                            self.places
                                .push((Part::Subjects, path.field(known), None));
                        }
                    }
                }
                None => account.refused(
                    &path,
                    "invalid-value",
                    "a subject is a `User`, a `Group` or a `ServiceAccount` with a `name`, the last with a `namespace`",
                    "",
                ),
            }
        }
    }

    /// What the filter says of the request rather than of the object; the kinds and operations
    /// among it where they are not in the policy's resource rules.
    pub(crate) fn request_conditions(&self, kinds: bool, namespaces: bool) -> Vec<String> {
        let mut parts = Vec::new();
        if kinds {
            if self.rules.is_empty() {
                if !self.operations.is_empty() {
                    parts.push(format!(
                        "request.operation in {}",
                        quoted_list(self.operations.iter().map(String::as_str))
                    ));
                }
            } else {
                let rules: Vec<String> = self.rules.iter().map(ResourceRule::condition).collect();
                parts.push(any_of(&rules));
            }
        }
        if namespaces {
            if !self.namespaces.is_empty() {
                let names: Vec<&str> = self.namespaces.iter().map(String::as_str).collect();
                parts.push(matches_any("request.?namespace.orValue('')", &names));
            }
            if let Some(node) = &self.namespace_selector
                && let Ok(condition) = selector(NAMESPACE_LABELS, node)
            {
                parts.push(condition);
            }
        }
        if !self.subjects.is_empty() {
            parts.push(any_of(&self.subjects));
        }
        parts
    }

    /// What the filter says of the object, which is named `o`.
    pub(crate) fn object_conditions(&self, with_selector: bool) -> Vec<String> {
        let mut parts = Vec::new();
        if !self.names.is_empty() {
            let names: Vec<&str> = self.names.iter().map(String::as_str).collect();
            // An object whose name is yet to be made has the beginning of it.
            parts.push(matches_any(
                "o.metadata.?name.orValue(o.metadata.?generateName.orValue(''))",
                &names,
            ));
        }
        for (key, value) in &self.annotations {
            parts.push(entry_matches(
                "o.metadata.?annotations.orValue({})",
                key,
                value,
            ));
        }
        if with_selector
            && let Some(node) = &self.selector
            && let Ok(condition) = selector("o.metadata.?labels.orValue({})", node)
        {
            parts.push(condition);
        }
        parts
    }

    /// Whether every kind of the filter is one of objects in namespaces.
    pub(crate) fn namespaced(&self) -> bool {
        self.rules.iter().all(|rule| rule.namespaced)
    }

    /// All that the filter says, of the request and of the object `o`.
    pub(crate) fn condition(&self) -> String {
        let mut parts = self.request_conditions(true, true);
        parts.extend(self.object_conditions(true));
        all_of(&parts)
    }
}

impl ResourceRule {
    fn condition(&self) -> String {
        let mut parts = Vec::new();
        if self.group != "*" {
            parts.push(format!("request.resource.group == {}", quoted(&self.group)));
        }
        if !self.versions.iter().any(|version| version == "*") {
            parts.push(format!(
                "request.resource.version in {}",
                quoted_list(self.versions.iter().map(String::as_str))
            ));
        }
        let resources: Vec<String> = self
            .resources
            .iter()
            .map(|resource| {
                let (resource, subresource) = resource.split_once('/').unwrap_or((resource, ""));
                let mut parts = Vec::new();
                if resource != "*" {
                    parts.push(format!("request.resource.resource == {}", quoted(resource)));
                }
                if subresource != "*" {
                    parts.push(format!(
                        "request.?subResource.orValue('') == {}",
                        quoted(subresource)
                    ));
                }
                all_of(&parts)
            })
            .collect();
        parts.push(any_of(&resources));
        if !self.operations.is_empty() {
            parts.push(format!(
                "request.operation in {}",
                quoted_list(self.operations.iter().map(String::as_str))
            ));
        }
        all_of(&parts)
    }

    /// The rule as `spec.matchConstraints.resourceRules` has it.
    pub(crate) fn to_node(&self) -> Node {
        let list = |items: &[String]| {
            Node::List(
                items
                    .iter()
                    .map(|item| Node::string(item.as_str()))
                    .collect(),
            )
        };
        Node::map([
            ("apiGroups", list(std::slice::from_ref(&self.group))),
            ("apiVersions", list(&self.versions)),
            ("operations", list(&self.operations)),
            ("resources", list(&self.resources)),
        ])
    }
}

/// Adds a rule, its resources to a rule that says the same but for them.
pub(crate) fn add_rule(rules: &mut Vec<ResourceRule>, rule: ResourceRule) {
    let same = rules.iter_mut().find(|other| {
        other.group == rule.group
            && other.versions == rule.versions
            && other.operations == rule.operations
    });
    match same {
        Some(other) => {
            other.namespaced &= rule.namespaced;
            for resource in rule.resources {
                if !other.resources.contains(&resource) {
                    other.resources.push(resource);
                }
            }
        }
        None => rules.push(rule),
    }
}

/// Whether a node says nothing: `null`, an empty map, list or text.
pub(crate) fn is_empty(node: &Node) -> bool {
    match node {
        Node::Null => true,
        Node::Map(fields) => fields.is_empty(),
        Node::List(items) => items.is_empty(),
        Node::String(text) => text.is_empty(),
        _ => false,
    }
}

fn text(account: &mut Account<'_>, node: &Node, path: &Path) -> Option<String> {
    let text = node.as_str().map(str::to_owned);
    if text.is_none() {
        account.wrong_type(path, "a text");
    }
    text
}

fn texts(account: &mut Account<'_>, node: &Node, path: &Path) -> Vec<String> {
    let Some(items) = node.as_list() else {
        account.wrong_type(path, "a list of texts");
        return Vec::new();
    };
    items
        .iter()
        .enumerate()
        .filter_map(|(index, item)| text(account, item, &path.index(index)))
        .collect()
}
