//! NetworkPolicies, Ingresses and their classes: `pkg/apis/networking/validation`.

use vapwright_cel::document::Node;

use super::container::port_number;
use super::errors::{At, Errors, Shown};
use super::read::Read;
use super::{batch, meta, shown, words};

/// An object of `networking.k8s.io`.
pub(super) fn object(errors: &mut Errors, kind: &str, object: &Node) {
    let namespaced = kind != "IngressClass";
    if !matches!(kind, "NetworkPolicy" | "Ingress" | "IngressClass") {
        return;
    }
    meta::object_meta(errors, object, namespaced, words::subdomain);
    let root = At::Root;
    let at = root.field("spec");
    let spec = object.sub("spec");
    match kind {
        "NetworkPolicy" => network_policy(errors, &at, spec),
        "Ingress" => {
            ingress(errors, &at, spec);
            const CLASS: &str = "kubernetes.io/ingress.class";
            let annotation = object.sub("metadata").sub("annotations").word(CLASS);
            if let (Some(annotation), Some(class)) = (annotation, spec.word("ingressClassName"))
                && annotation != class
            {
                let at = root.field("annotations");
                let detail = "must match `ingressClassName` when both are specified";
                errors.invalid(&at.field(CLASS), Shown::Text(annotation), detail);
            }
        }
        _ => ingress_class(errors, &at, spec),
    }
}

fn network_policy(errors: &mut Errors, at: &At<'_>, spec: Option<&Node>) {
    meta::label_selector(errors, &at.field("podSelector"), spec.sub("podSelector"));
    for (list, peers) in [("ingress", "from"), ("egress", "to")] {
        let at = at.field(list);
        for (index, rule) in spec.list(list).iter().enumerate() {
            let at = at.index(index);
            let ports = at.field("ports");
            for (index, port) in rule.list("ports").iter().enumerate() {
                policy_port(errors, &ports.index(index), port);
            }
            let at = at.field(peers);
            for (index, peer) in rule.list(peers).iter().enumerate() {
                policy_peer(errors, &at.index(index), peer);
            }
        }
    }
    let types = spec.texts("policyTypes");
    let at = at.field("policyTypes");
    if types.len() > 2 {
        let value = shown::maybe(spec.sub("policyTypes"));
        let detail = "may not specify more than two policyTypes";
        errors.invalid(&at, Shown::Json(&value), detail);
        return;
    }
    for (index, kind) in types.iter().enumerate() {
        errors.one_of(&at.index(index), Some(kind), &["Ingress", "Egress"]);
    }
}

fn policy_port(errors: &mut Errors, at: &At<'_>, port: &Node) {
    let protocols = ["TCP", "UDP", "SCTP"];
    errors.one_of(&at.field("protocol"), port.word("protocol"), &protocols);
    let (end, end_at) = (port.int("endPort"), at.field("endPort"));
    match port.sub("port") {
        Some(Node::Int(number)) => {
            port_number(errors, &at.field("port"), *number);
            if let Some(end) = end {
                if end < *number {
                    let detail = "must be greater than or equal to `port`";
                    errors.invalid(&end_at, Shown::Int(*number), detail);
                }
                port_number(errors, &end_at, end);
            }
        }
        Some(Node::String(name)) => {
            if let Some(end) = end {
                let detail = "may not be specified when `port` is non-numeric";
                errors.invalid(&end_at, Shown::Int(end), detail);
            }
            errors.invalid_each(&at.field("port"), name, words::port_name(name));
        }
        _ => {
            if let Some(end) = end {
                let detail = "may not be specified when `port` is not specified";
                errors.invalid(&end_at, Shown::Int(end), detail);
            }
        }
    }
}

fn policy_peer(errors: &mut Errors, at: &At<'_>, peer: &Node) {
    let mut count = 0;
    for key in ["podSelector", "namespaceSelector"] {
        if let Some(selector) = peer.sub(key) {
            count += 1;
            meta::label_selector(errors, &at.field(key), Some(selector));
        }
    }
    if let Some(block) = peer.sub("ipBlock") {
        count += 1;
        ip_block(errors, &at.field("ipBlock"), block);
    }
    if count == 0 {
        errors.required(at, "must specify a peer");
    } else if count > 1 && peer.has("ipBlock") {
        errors.forbidden(at, "may not specify both ipBlock and another peer");
    }
}

fn ip_block(errors: &mut Errors, at: &At<'_>, block: &Node) {
    let place = at.field("cidr");
    let text = block.text("cidr");
    if !errors.needs(&place, text) {
        return;
    }
    let (cidr, wrong) = words::cidr(text);
    if let Some(detail) = wrong {
        errors.invalid(&place, Shown::Text(text), detail);
    }
    let Some(cidr) = cidr else { return };
    let at = at.field("except");
    for (index, text) in block.texts("except").into_iter().enumerate() {
        let at = at.index(index);
        let (except, wrong) = words::cidr(text);
        if let Some(detail) = wrong {
            errors.invalid(&at, Shown::Text(text), detail);
        }
        if except.is_some_and(|except| !cidr.holds(except)) {
            let detail = "must be a strict subset of `cidr`";
            errors.invalid(&at, Shown::Text(text), detail);
        }
    }
}

/// What is wrong with a host, which may start with a wildcard.
fn host(text: &str) -> Vec<String> {
    if text.contains('*') {
        words::wildcard_subdomain(text)
    } else {
        words::subdomain(text)
    }
}

/// `ValidateIngressSpec`
fn ingress(errors: &mut Errors, at: &At<'_>, spec: Option<&Node>) {
    let rules = spec.list("rules");
    let backend = spec.sub("defaultBackend");
    if rules.is_empty() && backend.is_none() {
        let value = shown::maybe(spec.sub("rules"));
        let detail = "either `defaultBackend` or `rules` must be specified";
        errors.invalid(at, Shown::Json(&value), detail);
    }
    if let Some(backend) = backend {
        ingress_backend(errors, &at.field("defaultBackend"), Some(backend));
    }
    let rules_at = at.field("rules");
    for (index, rule) in rules.iter().enumerate() {
        let at = rules_at.index(index);
        let name = rule.text("host");
        if !name.is_empty() {
            let at = at.field("host");
            if words::sloppy_ip(name).is_some() {
                let detail = "must be a DNS name, not an IP address";
                errors.invalid(&at, Shown::Text(name), detail);
            }
            errors.invalid_each(&at, name, host(name));
        }
        let Some(http) = rule.sub("http") else {
            continue;
        };
        let at = at.field("http");
        let at = at.field("paths");
        let paths = http.list("paths");
        if paths.is_empty() {
            errors.required(&at, "");
        }
        for (index, path) in paths.iter().enumerate() {
            ingress_path(errors, &at.index(index), path);
        }
    }
    let tls_at = at.field("tls");
    for (index, tls) in spec.list("tls").iter().enumerate() {
        let at = tls_at.index(index);
        let hosts = at.field("hosts");
        for (index, name) in tls.texts("hosts").into_iter().enumerate() {
            errors.invalid_each(&hosts.index(index), name, host(name));
        }
        let secret = tls.text("secretName");
        if !secret.is_empty() {
            errors.invalid_each(&at.field("secretName"), secret, words::subdomain(secret));
        }
    }
    if let Some(class) = spec.word("ingressClassName") {
        errors.invalid_each(
            &at.field("ingressClassName"),
            class,
            words::subdomain(class),
        );
    }
}

fn ingress_path(errors: &mut Errors, at: &At<'_>, node: &Node) {
    let path = node.text("path");
    let place = at.field("path");
    let absolute = path.starts_with('/');
    let relative = "must be an absolute path";
    match node.word("pathType") {
        None => {
            errors.required(&at.field("pathType"), "pathType must be specified");
            return;
        }
        Some("Exact" | "Prefix") => {
            if !absolute {
                errors.invalid(&place, Shown::Text(path), relative);
            }
            for part in ["//", "/./", "/../", "%2f", "%2F"] {
                if path.contains(part) {
                    let detail = format!("must not contain '{part}'");
                    errors.invalid(&place, Shown::Text(path), &detail);
                }
            }
            for end in ["/..", "/."] {
                if path.ends_with(end) {
                    let detail = format!("cannot end with '{end}'");
                    errors.invalid(&place, Shown::Text(path), &detail);
                }
            }
        }
        Some("ImplementationSpecific") => {
            if !path.is_empty() && !absolute {
                errors.invalid(&place, Shown::Text(path), relative);
            }
        }
        other => {
            let supported = ["Exact", "ImplementationSpecific", "Prefix"];
            errors.one_of(&at.field("pathType"), other, &supported);
        }
    }
    ingress_backend(errors, &at.field("backend"), node.sub("backend"));
}

fn ingress_backend(errors: &mut Errors, at: &At<'_>, backend: Option<&Node>) {
    let none = Shown::Text("");
    match (backend.sub("resource"), backend.sub("service")) {
        (Some(_), Some(_)) => {
            errors.invalid(at, none, "cannot set both resource and service backends");
        }
        (Some(resource), None) => typed_reference(errors, &at.field("resource"), resource),
        (None, Some(service)) => {
            let place = at.field("service");
            let name = service.text("name");
            if errors.needs(&place.field("name"), name) {
                errors.invalid_each(&place.field("name"), name, words::label(name));
            }
            let port = service.sub("port");
            let place = place.field("port");
            match (port.text("name"), port.int("number").unwrap_or(0)) {
                ("", 0) => errors.required(at, "port name or number is required"),
                ("", number) => port_number(errors, &place.field("number"), number),
                (name, 0) => {
                    errors.invalid_each(&place.field("name"), name, words::port_name(name));
                }
                _ => errors.invalid(at, none, "cannot set both port name & port number"),
            }
        }
        (None, None) => errors.invalid(at, none, "resource or service backend is required"),
    }
}

/// A reference to an object of any kind.
fn typed_reference(errors: &mut Errors, at: &At<'_>, node: &Node) {
    if let Some(group) = node.word("apiGroup") {
        errors.invalid_each(&at.field("apiGroup"), group, words::subdomain(group));
    }
    for key in ["kind", "name"] {
        let text = node.text(key);
        if errors.needs(&at.field(key), text) {
            errors.invalid_each(&at.field(key), text, words::path_segment(text));
        }
    }
}

fn ingress_class(errors: &mut Errors, at: &At<'_>, spec: Option<&Node>) {
    let controller = spec.text("controller");
    let place = at.field("controller");
    if controller.len() > 250 {
        errors.too_long(&place, 250);
    }
    batch::domain_prefixed_path(errors, &place, controller);
    let Some(parameters) = spec.sub("parameters") else {
        return;
    };
    let at = at.field("parameters");
    typed_reference(errors, &at, parameters);
    let namespace = parameters.word("namespace");
    let place = at.field("namespace");
    match (parameters.word("scope"), namespace) {
        (Some("Namespace"), None) => {
            errors.required(&place, "`parameters.scope` is set to 'Namespace'");
        }
        (Some("Namespace"), Some(namespace)) => {
            errors.invalid_each(&place, namespace, words::label(namespace));
        }
        (Some("Cluster"), Some(_)) => {
            errors.forbidden(&place, "`parameters.scope` is set to 'Cluster'");
        }
        (Some("Cluster"), None) => {}
        (None, _) => errors.required(&at.field("scope"), ""),
        (Some(other), _) => {
            errors.unsupported(
                &at.field("scope"),
                Shown::Text(other),
                &["Cluster", "Namespace"],
            );
        }
    }
}
