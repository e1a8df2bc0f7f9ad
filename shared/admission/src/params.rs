//! The objects that a binding names as a policy's parameters: `CollectParams` of the API server's
//! policy dispatcher.

use vapwright_cel::document::Node;
use vapwright_kube::kinds::{Gvk, find};

use crate::custom::versions;
use crate::policy::{ParamKind, ParamRef};
use crate::wording;

/// The kind of a policy's parameters, as the cluster has it.
#[derive(Clone, Debug)]
pub(crate) struct Resolved {
    gvk: Gvk,
    namespaced: bool,
}

/// Looks for the kind of a policy's parameters, if it has any.
///
/// # Errors
/// That there is no such kind: the policy is not configured right.
pub(crate) fn resolve(
    kind: Option<&ParamKind>,
    objects: &[Node],
) -> Result<Option<Resolved>, String> {
    let Some(kind) = kind else {
        return Ok(None);
    };
    let gvk = Gvk::new(&kind.api_version, &kind.kind);
    match is_namespaced(&gvk, objects) {
        Some(namespaced) => Ok(Some(Resolved { gvk, namespaced })),
        None => Err(wording::unknown_param_kind(&gvk)),
    }
}

/// The parameters of a binding, for an object in a namespace; one that is `None` where the policy or
/// the binding has none. `objects` are those among which they are looked for.
///
/// # Errors
/// That the binding is not configured right, or that there are none and it denies then.
pub(crate) fn collect<'o>(
    kind: Option<&Resolved>,
    reference: Option<&ParamRef>,
    namespace: &str,
    objects: &'o [Node],
) -> Result<Vec<Option<&'o Node>>, &'static str> {
    let (Some(kind), Some(reference)) = (kind, reference) else {
        return Ok(vec![None]);
    };
    let found = choose(kind, reference, namespace, objects)?;
    if found.is_empty() && reference.deny_if_missing {
        return Err(wording::NO_PARAMS);
    }
    Ok(found.into_iter().map(Some).collect())
}

/// Whether the objects of a kind are in namespaces; `None` where there is no such kind. A custom kind
/// is known by its definition, or by its objects.
fn is_namespaced(gvk: &Gvk, objects: &[Node]) -> Option<bool> {
    if let Some(known) = find(gvk) {
        return Some(known.namespaced);
    }
    let text = |node: &Node, path: &[&str]| {
        let text = node.at(path).and_then(Node::as_str);
        text.unwrap_or_default().to_owned()
    };
    let mut namespaced = None;
    for object in objects {
        let Some(of) = Gvk::of(object) else { continue };
        if of == *gvk {
            let inside = !text(object, &["metadata", "namespace"]).is_empty();
            namespaced = Some(namespaced.unwrap_or(false) || inside);
        }
        if versions(object).any(|(defined, _)| defined == *gvk) {
            return Some(text(object, &["spec", "scope"]) == "Namespaced");
        }
    }
    namespaced
}

fn choose<'o>(
    kind: &Resolved,
    reference: &ParamRef,
    namespace: &str,
    objects: &'o [Node],
) -> Result<Vec<&'o Node>, &'static str> {
    let Resolved { gvk, namespaced } = kind;
    let namespaced = *namespaced;
    let given = reference.namespace.as_deref().unwrap_or_default();
    let namespace = match (namespaced, given) {
        (true, "") if namespace.is_empty() => return Err(wording::PARAMS_WITHOUT_NAMESPACE),
        (true, "") => namespace,
        (true, given) => given,
        (false, "") => "",
        (false, _) => return Err(wording::NAMESPACE_OF_CLUSTER_PARAMS),
    };
    let field = |object: &'o Node, name: &str| {
        let text = object.at(&["metadata", name]).and_then(Node::as_str);
        text.unwrap_or_default()
    };
    let mut chosen: Vec<&Node> = Vec::new();
    match (&*reference.name, &reference.selector) {
        ("", None) => return Err(wording::NO_PARAM_NAME),
        (name, Some(_)) if !name.is_empty() => return Err(wording::PARAM_NAME_AND_SELECTOR),
        _ => {}
    }
    for object in objects {
        if Gvk::of(object).as_ref() != Some(gvk) {
            continue;
        }
        // an object that was written without a namespace is sent to `default`
        let own = match field(object, "namespace") {
            "" if namespaced => "default",
            own if namespaced => own,
            _ => "",
        };
        let by_name = || field(object, "name") == &*reference.name;
        let fits = own == namespace
            && match &reference.selector {
                Some(selector) => selector.matches_object(object),
                None => by_name(),
            };
        if !fits {
            continue;
        }
        // of two objects of one name the later replaces the earlier
        let name = field(object, "name");
        match chosen.iter_mut().find(|other| field(other, "name") == name) {
            Some(slot) => *slot = object,
            None => chosen.push(object),
        }
    }
    chosen.sort_by_key(|object| field(object, "name"));
    Ok(chosen)
}
