//! Which rules are put to an object (`pkg/engine/utils/match.go`), and what they do in its namespace
//! (`pkg/policycache`).

use vapwright_admission::request::{Request, User};
use vapwright_cel::document::{Fields, Node};
use vapwright_kube::path::Path;
use vapwright_kube::selector::Selector;

use super::{list, text};
use crate::autogen::{CONTROLLERS, Made, kinds};
use crate::kinds::{KindPattern, glob};

/// Whether a rule asks for roles, which Kyverno looks up in the cluster.
pub(super) fn has_roles(rule: &Node) -> bool {
    ["match", "exclude"]
        .iter()
        .filter_map(|block| rule.get(block))
        .any(|block| {
            let filters = ["any", "all"]
                .into_iter()
                .flat_map(|name| list(block, &[name]));
            let mut all = std::iter::once(block).chain(filters);
            all.any(|filter| {
                let has = |name: &&str| !list(filter, &[name]).is_empty();
                ["roles", "clusterRoles"].iter().any(has)
            })
        })
}

fn labels_of_namespace(request: &Request) -> Option<&Fields> {
    let namespace = request.namespace_object.as_ref()?;
    namespace.at(&["metadata", "labels"]).and_then(Node::as_map)
}

/// Whether a rule is enforced in the namespace of a request; otherwise it is audited.
pub(super) fn is_enforced(spec: &Node, rule: &Node, request: &Request) -> bool {
    let enforces =
        |action: Option<&str>| action.is_some_and(|action| action.eq_ignore_ascii_case("enforce"));
    let mut overrides = list(rule, &["validate", "failureActionOverrides"]);
    if overrides.is_empty() {
        overrides = list(spec, &["validationFailureActionOverrides"]);
    }
    let namespaced = request.namespace_object.is_some();
    for one in overrides {
        let namespaces = list(one, &["namespaces"]);
        let selector = one.get("namespaceSelector").filter(|node| !node.is_null());
        let mut patterns = namespaces.iter().filter_map(Node::as_str);
        let chosen = namespaces.is_empty() && selector.is_none()
            || namespaced && patterns.any(|pattern| glob(pattern, &request.namespace))
            || namespaced
                && selector.is_some_and(|selector| {
                    let selector = Selector::read(selector, &Path::root()).0;
                    selector.matches(labels_of_namespace(request))
                });
        if chosen {
            return enforces(text(one, &["action"]));
        }
    }
    let own = text(rule, &["validate", "failureAction"]);
    enforces(own.or_else(|| text(spec, &["validationFailureAction"])))
}

/// Whether a rule, or what is made of it, is about an object.
pub(super) fn matches(rule: &Node, made: Made, object: &Node, request: &Request) -> bool {
    let filter = |filter: &Node| is_chosen(filter, made, object, request);
    let chosen = rule.get("match").is_some_and(|block| {
        let (any, all) = (list(block, &["any"]), list(block, &["all"]));
        match (any, all) {
            ([], []) => filter(block),
            ([], all) => all.iter().all(filter),
            (any, _) => any.iter().any(filter),
        }
    });
    let excluded = rule.get("exclude").is_some_and(|block| {
        let (any, all) = (list(block, &["any"]), list(block, &["all"]));
        match (any, all) {
            ([], []) => filter(block),
            ([], all) => all.iter().all(filter),
            (any, _) => any.iter().any(filter),
        }
    });
    chosen && !excluded
}

/// Whether a filter chooses an object. One that asks for nothing chooses nothing.
fn is_chosen(filter: &Node, made: Made, object: &Node, request: &Request) -> bool {
    let nothing = Node::Null;
    let resources = filter.get("resources").unwrap_or(&nothing);
    let subjects = list(filter, &["subjects"]);
    let empty = resources.as_map().is_none_or(Fields::is_empty);
    if empty && subjects.is_empty() {
        return false;
    }
    let operations = list(resources, &["operations"]);
    let operation = |node: &Node| node.as_str() == Some(request.operation.name());
    let generated = text(object, &["metadata", "generateName"]);
    let name = text(object, &["metadata", "name"]).filter(|name| !name.is_empty());
    let name = name.or(generated).unwrap_or_default();
    let is_namespace = request.kind.kind == "Namespace";
    let namespace = match is_namespace {
        true => name,
        false => text(object, &["metadata", "namespace"]).unwrap_or_default(),
    };
    let globs = |path: &str, value: &str| {
        let patterns = list(resources, &[path]);
        let mut texts = patterns.iter().filter_map(Node::as_str);
        patterns.is_empty() || texts.any(|pattern| glob(pattern, value))
    };
    let of_object = |path: &str| object.at(&["metadata", path]).and_then(Node::as_map);
    let selects = |path: &str, labels: Option<&Fields>| {
        let selector = resources.get(path).filter(|node| !node.is_null());
        selector.is_none_or(|selector| select(selector, labels))
    };
    let own_name = text(resources, &["name"]).filter(|name| !name.is_empty());
    (operations.is_empty() || operations.iter().any(operation))
        && is_of_kind(resources, made, request)
        && own_name.is_none_or(|pattern| glob(pattern, name))
        && globs("names", name)
        && globs("namespaces", namespace)
        && annotated(resources.get("annotations"), of_object("annotations"))
        && selects("selector", of_object("labels"))
        && (resources.get("namespaceSelector").is_none_or(Node::is_null)
            || !is_namespace && selects("namespaceSelector", labels_of_namespace(request)))
        && (subjects.is_empty()
            || subjects
                .iter()
                .any(|subject| is_subject(subject, &request.user)))
}

/// Whether the kinds of a filter, in a rule made for controllers those of controllers, name the
/// object's.
fn is_of_kind(resources: &Node, made: Made, request: &Request) -> bool {
    let kinds = kinds(resources);
    let pods = kinds
        .iter()
        .any(|kind| KindPattern::parse(kind).is_some_and(|kind| kind.kind == "Pod"));
    let fits = |pattern: &KindPattern| {
        let kind = &request.kind;
        let subresource = glob(&pattern.subresource, &request.subresource);
        let ephemeral = request.subresource == "ephemeralcontainers"
            && (&*kind.group, &*kind.version, &*kind.kind) == ("", "v1", "Pod");
        glob(&pattern.group, &kind.group)
            && glob(&pattern.version, &kind.version)
            && glob(&pattern.kind, &kind.kind)
            && (subresource || ephemeral)
    };
    let mut patterns = kinds.iter().filter_map(|kind| KindPattern::parse(kind));
    match made {
        Made::CronJob => fits_text("batch/v1/CronJob", fits),
        Made::Controller if pods => {
            let mut controllers = CONTROLLERS
                .iter()
                .filter(|(kind, _)| *kind == request.kind.kind);
            controllers.any(|(_, pattern)| fits_text(pattern, fits))
        }
        _ => kinds.is_empty() || patterns.any(|pattern| fits(&pattern)),
    }
}

fn fits_text(text: &str, fits: impl Fn(&KindPattern) -> bool) -> bool {
    KindPattern::parse(text).is_some_and(|pattern| fits(&pattern))
}

/// Whether labels meet a selector, in whose `matchLabels` there may be wildcards.
fn select(selector: &Node, labels: Option<&Fields>) -> bool {
    let wanted = selector.get("matchLabels").and_then(Node::as_map);
    let wild = wanted.is_none_or(|wanted| {
        wanted.iter().all(|(key, value)| {
            let value = value.as_str().unwrap_or_default();
            let mut labels = labels.into_iter().flat_map(Fields::iter);
            labels
                .any(|(own, node)| glob(key, own) && glob(value, node.as_str().unwrap_or_default()))
        })
    });
    let mut rest = selector.clone();
    if let Some(fields) = rest.as_map_mut() {
        fields.remove("matchLabels");
    }
    wild && Selector::read(&rest, &Path::root()).0.matches(labels)
}

fn annotated(wanted: Option<&Node>, annotations: Option<&Fields>) -> bool {
    let Some(wanted) = wanted.and_then(Node::as_map) else {
        return true;
    };
    wanted.iter().all(|(key, value)| {
        let value = value.as_str().unwrap_or_default();
        let mut annotations = annotations.into_iter().flat_map(Fields::iter);
        annotations
            .any(|(own, node)| glob(key, own) && glob(value, node.as_str().unwrap_or_default()))
    })
}

fn is_subject(subject: &Node, user: &User) -> bool {
    let part = |name: &str| text(subject, &[name]).unwrap_or_default();
    match part("kind") {
        "ServiceAccount" => {
            let account = format!(
                "system:serviceaccount:{}:{}",
                part("namespace"),
                part("name")
            );
            glob(&account, &user.name)
        }
        "Group" => user.groups.iter().any(|group| glob(part("name"), group)),
        "User" => glob(part("name"), &user.name),
        _ => false,
    }
}
