//! As whom containers run.

use vapwright_cel::document::Node;

use super::{Found, Setters, containers, names};
use crate::pod_security::pod::Pod;

pub(super) fn non_root(pod: &Pod<'_>) -> Found {
    let set = |node: &Node| {
        let field = node.at(&["securityContext", "runAsNonRoot"]);
        field.and_then(Node::as_bool)
    };
    let reason = "runAsNonRoot != true";
    if let Some(setters) = Setters::of(pod, |node| set(node) == Some(false)).text() {
        let detail = format!("{setters} must not set securityContext.runAsNonRoot=false");
        return Some((reason, detail));
    }
    let without = names(pod, |container| {
        set(pod.spec()).is_none() && set(container).is_none()
    });
    (!without.is_empty()).then(|| {
        let detail = format!(
            "pod or {} must set securityContext.runAsNonRoot=true",
            containers(&without)
        );
        (reason, detail)
    })
}

pub(super) fn non_root_1_35(pod: &Pod<'_>) -> Found {
    non_root(pod).filter(|_| !pod.has_user_namespace())
}

pub(super) fn user(pod: &Pod<'_>) -> Found {
    let is_root = |node: &Node| {
        let user = node.at(&["securityContext", "runAsUser"]);
        user.and_then(Node::as_int) == Some(0)
    };
    let setters = Setters::of(pod, is_root).text()?;
    Some(("runAsUser=0", format!("{setters} must not set runAsUser=0")))
}

pub(super) fn user_1_35(pod: &Pod<'_>) -> Found {
    user(pod).filter(|_| !pod.has_user_namespace())
}
