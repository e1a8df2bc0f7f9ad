//! Probes, handlers and lifecycle of containers.

use vapwright_cel::document::Node;

use super::container::port_number;
use super::errors::{At, Errors, Shown};
use super::read::Read;
use super::words;

/// `validateLifecycle`, `validateLivenessProbe`, `validateReadinessProbe` and
/// `validateStartupProbe`
pub(super) fn lifecycle_and_probes(
    errors: &mut Errors,
    at: &At<'_>,
    container: &Node,
    spec: &Node,
) {
    let grace = spec.int("terminationGracePeriodSeconds");
    if let Some(lifecycle) = container.sub("lifecycle") {
        let at = at.field("lifecycle");
        for key in ["postStart", "preStop"] {
            if let Some(node) = lifecycle.sub(key) {
                handler(errors, &at.field(key), node, grace);
            }
        }
    }
    for key in ["livenessProbe", "readinessProbe", "startupProbe"] {
        let Some(node) = container.sub(key) else {
            continue;
        };
        let at = at.field(key);
        probe(errors, &at, node);
        if key == "readinessProbe" {
            if let Some(seconds) = node.int("terminationGracePeriodSeconds") {
                let detail = "must not be set for readinessProbes";
                let at = at.field("terminationGracePeriodSeconds");
                errors.invalid(&at, Shown::Int(seconds), detail);
            }
        } else if let Some(count) = node.int("successThreshold").filter(|count| *count != 1) {
            let at = at.field("successThreshold");
            errors.invalid(&at, Shown::Int(count), "must be 1");
        }
    }
}

/// `validateProbe`
fn probe(errors: &mut Errors, at: &At<'_>, probe: &Node) {
    handler(errors, at, probe, None);
    errors.none_negative(
        at,
        probe,
        &[
            "initialDelaySeconds",
            "timeoutSeconds",
            "periodSeconds",
            "successThreshold",
            "failureThreshold",
        ],
    );
    let key = "terminationGracePeriodSeconds";
    if let Some(seconds) = probe.int(key).filter(|seconds| *seconds <= 0) {
        let detail = "must be greater than 0";
        errors.invalid(&at.field(key), Shown::Int(seconds), detail);
    }
}

/// `validateHandler`
fn handler(errors: &mut Errors, at: &At<'_>, node: &Node, grace: Option<i64>) {
    let mut count = 0;
    for kind in ["exec", "httpGet", "tcpSocket", "grpc", "sleep"] {
        let Some(action) = node.sub(kind) else {
            continue;
        };
        let at = at.field(kind);
        count += 1;
        if count > 1 {
            errors.forbidden(&at, "may not specify more than 1 handler type");
            continue;
        }
        match kind {
            "exec" => {
                if action.list("command").is_empty() {
                    errors.required(&at.field("command"), "");
                }
            }
            "httpGet" => http_get(errors, &at, action),
            "sleep" => {
                let seconds = action.int("seconds").unwrap_or(0);
                if let Some(grace) = grace.filter(|grace| !(0..=*grace).contains(&seconds)) {
                    let detail = format!(
                        "must be non-negative and less than terminationGracePeriodSeconds ({grace})"
                    );
                    errors.invalid(&at, Shown::Int(seconds), &detail);
                }
            }
            _ => port(errors, &at.field("port"), action.sub("port")),
        }
    }
    if count == 0 {
        errors.required(at, "must specify a handler type");
    }
}

/// `validateHTTPGetAction`
fn http_get(errors: &mut Errors, at: &At<'_>, action: &Node) {
    errors.needs(&at.field("path"), action.text("path"));
    port(errors, &at.field("port"), action.sub("port"));
    let scheme = action.text("scheme");
    errors.one_of(&at.field("scheme"), Some(scheme), &["HTTP", "HTTPS"]);
    for header in action.list("httpHeaders") {
        let name = header.text("name");
        errors.invalid_each(&at.field("httpHeaders"), name, words::header_name(name));
    }
}

/// `ValidatePortNumOrName`
pub(super) fn port(errors: &mut Errors, at: &At<'_>, port: Option<&Node>) {
    match port {
        Some(Node::String(name)) => errors.invalid_each(at, name, words::port_name(name)),
        Some(Node::Int(number)) => port_number(errors, at, *number),
        _ => port_number(errors, at, 0),
    }
}
