//! Pods and templates of Pods: `ValidatePodCreate`, `ValidatePodTemplateSpec` and
//! `ValidatePodSpec`.

use vapwright_cel::document::Node;

use super::container::{Pod, image_is_trimmed};
use super::errors::{At, Errors, Shown, json_quote};
use super::read::Read;
use super::{Options, each_container, meta, resources, scheduling, security, shown, volume, words};

const MIRROR: &str = "kubernetes.io/config.mirror";
const TOLERATIONS: &str = "scheduler.alpha.kubernetes.io/tolerations";
const DELETION_COST: &str = "controller.kubernetes.io/pod-deletion-cost";

/// `ValidatePodCreate`
pub(super) fn pod(errors: &mut Errors, pod: &Node, options: Options) {
    meta::object_meta(errors, pod, true, words::subdomain);
    let root = At::Root;
    let meta = pod.sub("metadata");
    let annotations = meta.pairs("annotations");
    let spec = pod.sub("spec");
    let at = root.field("metadata");
    specific_annotations(errors, &at.field("annotations"), &annotations, spec);
    let at = root.field("spec");
    let empty = Node::map::<&str>([]);
    let spec = spec.unwrap_or(&empty);
    pod_spec(
        errors,
        &at,
        spec,
        meta,
        options,
        spec.list("volumes").iter(),
    );
    if spec.text("serviceAccountName").is_empty() {
        no_tokens(errors, &at, spec);
    }
    for key in ["containers", "initContainers"] {
        let at = at.field(key);
        for (index, container) in spec.list(key).iter().enumerate() {
            image_is_trimmed(errors, &at.index(index), container);
        }
    }
    if !spec.list("ephemeralContainers").is_empty() {
        errors.forbidden(&at.field("ephemeralContainers"), "cannot be set on create");
    }
    if !spec.text("nodeName").is_empty() && !spec.list("schedulingGates").is_empty() {
        let detail = "cannot be set until all schedulingGates have been cleared";
        errors.forbidden(&at.field("nodeName"), detail);
    }
    security::annotations_match(errors, &at, &annotations, Some(spec));
}

/// Tokens of a service account that the Pod does not name.
fn no_tokens(errors: &mut Errors, at: &At<'_>, spec: &Node) {
    let at = at.field("volumes");
    for (index, volume) in spec.list("volumes").iter().enumerate() {
        let at = at.index(index);
        let at = at.field("projected");
        let at = at.field("sources");
        let sources = volume.sub("projected").list("sources").iter();
        for (index, source) in sources.enumerate() {
            if source.has("serviceAccountToken") {
                let at = at.index(index);
                let detail = "must not be specified when serviceAccountName is not set";
                errors.forbidden(&at.field("serviceAccountToken"), detail);
            }
        }
    }
}

/// `ValidatePodTemplateSpec`; `volumes` are those of the specification, and of the claims that a
/// StatefulSet makes.
pub(super) fn template<'n>(
    errors: &mut Errors,
    at: &At<'_>,
    template: Option<&'n Node>,
    options: Options,
    volumes: Option<Vec<&'n Node>>,
) {
    let meta = template.sub("metadata");
    let annotations = meta.pairs("annotations");
    let empty = Node::map::<&str>([]);
    let found = template.sub("spec");
    let spec = found.unwrap_or(&empty);
    meta::labels(errors, &at.field("labels"), &meta.pairs("labels"));
    template_annotations(errors, at, template);
    let place = at.field("spec");
    let volumes = volumes.unwrap_or_else(|| found.list("volumes").iter().collect());
    pod_spec(errors, &place, spec, None, options, volumes.into_iter());
    security::annotations_match(errors, &place, &annotations, Some(spec));
    if !spec.list("ephemeralContainers").is_empty() {
        let detail = "ephemeral containers not allowed in pod template";
        errors.forbidden(&place.field("ephemeralContainers"), detail);
    }
}

/// The annotations of a template.
pub(super) fn template_annotations(errors: &mut Errors, at: &At<'_>, template: Option<&Node>) {
    let annotations = template.sub("metadata").pairs("annotations");
    let at = at.field("annotations");
    meta::annotations(errors, &at, &annotations);
    specific_annotations(errors, &at, &annotations, template.sub("spec"));
}

/// `ValidatePodSpecificAnnotations`
fn specific_annotations(
    errors: &mut Errors,
    at: &At<'_>,
    annotations: &[(&str, &str)],
    spec: Option<&Node>,
) {
    let find = |key: &str| {
        let found = annotations.iter().find(|(other, _)| *other == key);
        found.map(|(_, value)| *value)
    };
    if let Some(value) = find(MIRROR)
        && spec.text("nodeName").is_empty()
    {
        let detail = "must set spec.nodeName if mirror pod annotation is set";
        errors.invalid(&at.key(MIRROR), Shown::Text(value), detail);
    }
    if let Some(value) = find(TOLERATIONS)
        && let Ok(node) = crate::json::from_str(value)
        && let Some(tolerations) = node.as_list()
    {
        scheduling::tolerations(errors, &at.field(TOLERATIONS), tolerations);
    }
    if let Some(value) = find(DELETION_COST) {
        let first = value.as_bytes().first().copied();
        let starts = value == "0" || first.is_some_and(|byte| matches!(byte, b'-' | b'1'..=b'9'));
        if !starts || value.parse::<i32>().is_err() {
            let detail = "must be a 32bit integer";
            errors.invalid(&at.key(DELETION_COST), Shown::Text(value), detail);
        }
    }
    security::annotations(errors, at, annotations, spec);
}

/// A word that must be one of some; where it is not, the first that are supported are named in
/// Go's order.
fn words_of_spec(errors: &mut Errors, at: &At<'_>, spec: &Node, key: &str, supported: &[&str]) {
    errors.needs_one_of(&at.field(key), spec.text(key), supported);
}

/// `ValidatePodSpec`; `meta` is the Pod's own, for templates there is none.
fn pod_spec<'n>(
    errors: &mut Errors,
    at: &At<'_>,
    spec: &'n Node,
    meta: Option<&Node>,
    options: Options,
    volumes: impl Iterator<Item = &'n Node>,
) {
    let volumes: Vec<_> = volumes.collect();
    let name = meta.text("name");
    let volumes = volume::volumes(errors, &at.field("volumes"), &volumes, name, options);
    let claims = spec.list("resourceClaims");
    let names = claims.iter().map(|claim| claim.text("name"));
    let claim_names: Vec<&str> = names.filter(|name| !name.is_empty()).collect();
    let mirror = meta.sub("annotations").has(MIRROR);
    resource_claims(errors, &at.field("resourceClaims"), claims, mirror);
    let pod = Pod {
        spec,
        volumes,
        claims: claim_names,
        host_users: spec.flag("hostUsers") != Some(false),
        options,
    };
    pod.containers(errors, &at.field("containers"));
    pod.init_containers(errors, &at.field("initContainers"));
    pod.ephemeral_containers(errors, &at.field("ephemeralContainers"));
    resources::of_pod(errors, at, spec, &pod.claims);
    if spec.is("hostNetwork") {
        host_network(errors, &at.field("containers"), spec, options);
    }
    let restart = ["Always", "OnFailure", "Never"];
    words_of_spec(errors, at, spec, "restartPolicy", &restart);
    let dns = ["ClusterFirstWithHostNet", "ClusterFirst", "Default", "None"];
    words_of_spec(errors, at, spec, "dnsPolicy", &dns);
    meta::labels(
        errors,
        &at.field("nodeSelector"),
        &spec.pairs("nodeSelector"),
    );
    security::pod(errors, &at.field("securityContext"), spec);
    scheduling::affinity(errors, &at.field("affinity"), spec.sub("affinity"));
    dns_config(errors, &at.field("dnsConfig"), spec);
    gates(errors, at, spec);
    let constraints = spec.list("topologySpreadConstraints");
    scheduling::spread(errors, &at.field("topologySpreadConstraints"), constraints);
    security::host_process(errors, at, spec, options);
    security::host_users(errors, at, spec);
    host_name(errors, &at.field("hostnameOverride"), spec);
    names_of_spec(
        errors,
        at,
        spec,
        &["serviceAccountName", "nodeName"],
        words::subdomain,
    );
    let key = "activeDeadlineSeconds";
    let most = i64::from(i32::MAX);
    if let Some(seconds) = spec
        .int(key)
        .filter(|seconds| !(1..=most).contains(seconds))
    {
        errors.invalid(
            &at.field(key),
            Shown::Int(seconds),
            &words::between(1, most),
        );
    }
    names_of_spec(errors, at, spec, &["hostname", "subdomain"], words::label);
    scheduling::tolerations(errors, &at.field("tolerations"), spec.list("tolerations"));
    host_aliases(errors, &at.field("hostAliases"), spec);
    names_of_spec(errors, at, spec, &["priorityClassName"], words::subdomain);
    if let Some(class) = spec.word("runtimeClassName") {
        errors.invalid_each(
            &at.field("runtimeClassName"),
            class,
            words::subdomain(class),
        );
    }
    if let Some(policy) = spec.word("preemptionPolicy") {
        let at = at.field("preemptionPolicy");
        errors.needs_one_of(&at, policy, &["PreemptLowerPriority", "Never"]);
    }
    resources::overhead(errors, &at.field("overhead"), spec, "overhead");
    security::os(errors, at, spec);
    file_keys(errors, at, spec);
}

/// Names, where they are there.
fn names_of_spec(
    errors: &mut Errors,
    at: &At<'_>,
    spec: &Node,
    keys: &[&str],
    rule: meta::NameRule,
) {
    for key in keys {
        let name = spec.text(key);
        if !name.is_empty() {
            errors.invalid_each(&at.field(key), name, rule(name));
        }
    }
}

/// `validatePodResourceClaims`
fn resource_claims(errors: &mut Errors, at: &At<'_>, claims: &[Node], mirror: bool) {
    let mut seen = Vec::new();
    for (index, claim) in claims.iter().enumerate() {
        if mirror {
            // the place is one without a name
            let root = At::Root;
            errors.forbidden(
                &root.field("[]"),
                "static pods do not support resource claims",
            );
            continue;
        }
        let at = at.index(index);
        let place = at.field("name");
        let name = claim.text("name");
        if errors.needs(&place, name) {
            if seen.contains(&name) {
                errors.duplicate(&place, Shown::Text(name));
            } else {
                errors.invalid_each(&place, name, words::label(name));
                seen.push(name);
            }
        }
        let keys = ["resourceClaimName", "resourceClaimTemplateName"];
        let detail = match keys.map(|key| claim.has(key)) {
            [true, true] => {
                "at most one of `resourceClaimName` or `resourceClaimTemplateName` may be specified"
            }
            [false, false] => {
                "must specify one of: `resourceClaimName`, `resourceClaimTemplateName`"
            }
            _ => "",
        };
        if !detail.is_empty() {
            let value = shown::resource_claim(claim);
            errors.invalid(&at, Shown::Json(&value), detail);
        }
        for key in keys {
            if let Some(name) = claim.word(key) {
                errors.invalid_each(&at.field(key), name, words::subdomain(name));
            }
        }
    }
}

/// `validatePodHostNetworkDeps`
fn host_network(errors: &mut Errors, at: &At<'_>, spec: &Node, options: Options) {
    for (index, container) in spec.list("containers").iter().enumerate() {
        let at = at.index(index);
        let at = at.field("ports");
        for (index, port) in container.list("ports").iter().enumerate() {
            let host = port.int("hostPort").unwrap_or(0);
            let own = port.int("containerPort").unwrap_or(0);
            if (options.pod || host != 0) && host != own {
                let at = at.index(index);
                let detail = "must match `containerPort` when `hostNetwork` is true";
                errors.invalid(&at.field("hostPort"), Shown::Int(host), detail);
            }
        }
    }
}

/// `validatePodDNSConfig`
fn dns_config(errors: &mut Errors, at: &At<'_>, spec: &Node) {
    let config = spec.sub("dnsConfig");
    let servers = config.texts("nameservers");
    let (servers_at, searches_at) = (at.field("nameservers"), at.field("searches"));
    if spec.text("dnsPolicy") == "None" {
        if config.is_none() {
            errors.required(at, "must provide `dnsConfig` when `dnsPolicy` is None");
            return;
        }
        if servers.is_empty() {
            let detail = "must provide at least one DNS nameserver when `dnsPolicy` is None";
            errors.required(&servers_at, detail);
            return;
        }
    }
    let json = |texts: &[&str]| {
        let texts: Vec<_> = texts.iter().map(|text| json_quote(text)).collect();
        format!("[{}]", texts.join(","))
    };
    if servers.len() > 3 {
        let detail = "must not have more than 3 nameservers";
        errors.invalid(&servers_at, Shown::Json(&json(&servers)), detail);
    }
    for (index, server) in servers.iter().enumerate() {
        if let Some(detail) = words::ip(server) {
            errors.invalid(&servers_at.index(index), Shown::Text(server), detail);
        }
    }
    let searches = config.texts("searches");
    if searches.len() > 32 {
        let detail = "must not have more than 32 search paths";
        errors.invalid(&searches_at, Shown::Json(&json(&searches)), detail);
    }
    if searches.join(" ").len() > 2048 {
        let detail =
            "must not have more than 2048 characters (including spaces) in the search list";
        errors.invalid(&searches_at, Shown::Json(&json(&searches)), detail);
    }
    for (index, search) in searches.iter().enumerate() {
        if *search != "." {
            let search = search.strip_suffix('.').unwrap_or(search);
            let wrong = words::subdomain_with_underscore(search);
            errors.invalid_each(&searches_at.index(index), search, wrong);
        }
    }
    let at = at.field("options");
    for (index, option) in config.list("options").iter().enumerate() {
        if option.text("name").is_empty() {
            errors.required(&at.index(index), "must not be empty");
        }
    }
}

/// `validateReadinessGates` and `validateSchedulingGates`
fn gates(errors: &mut Errors, at: &At<'_>, spec: &Node) {
    let place = at.field("readinessGates");
    for (index, gate) in spec.list("readinessGates").iter().enumerate() {
        let at = place.index(index);
        let kind = gate.text("conditionType");
        errors.invalid_each(&at.field("conditionType"), kind, words::qualified(kind));
    }
    let place = at.field("schedulingGates");
    let mut seen = Vec::new();
    for (index, gate) in spec.list("schedulingGates").iter().enumerate() {
        let at = place.index(index);
        let name = gate.text("name");
        errors.invalid_each(&at, name, words::qualified(name));
        if seen.contains(&name) {
            errors.duplicate(&at, Shown::Text(name));
        }
        seen.push(name);
    }
}

/// `validatePodHostName`
fn host_name(errors: &mut Errors, at: &At<'_>, spec: &Node) {
    let Some(name) = spec.word("hostnameOverride") else {
        return;
    };
    for key in ["setHostnameAsFQDN", "hostNetwork"] {
        if spec.is(key) {
            errors.forbidden(at, &format!("may not be specified when {key} is true"));
        }
    }
    if name.len() > 64 {
        errors.too_long(at, 64);
    }
    errors.invalid_each(at, name, words::subdomain(name));
}

/// `ValidateHostAliases`
fn host_aliases(errors: &mut Errors, at: &At<'_>, spec: &Node) {
    for (index, alias) in spec.list("hostAliases").iter().enumerate() {
        let at = at.index(index);
        let ip = alias.text("ip");
        if let Some(detail) = words::ip(ip) {
            errors.invalid(&at.field("ip"), Shown::Text(ip), detail);
        }
        let at = at.field("hostnames");
        for (index, name) in alias.texts("hostnames").into_iter().enumerate() {
            errors.invalid_each(&at.index(index), name, words::subdomain(name));
        }
    }
}

/// `validateFileKeyRefVolumes`
fn file_keys(errors: &mut Errors, at: &At<'_>, spec: &Node) {
    each_container(Some(spec), at, |container, at| {
        let at = at.field("env");
        for (index, variable) in container.list("env").iter().enumerate() {
            let Some(file) = variable.sub("valueFrom").sub("fileKeyRef") else {
                continue;
            };
            let at = at.index(index);
            let at = at.field("valueFrom");
            let at = at.field("fileKeyRef");
            let at = at.field("volumeName");
            let name = file.text("volumeName");
            // of several volumes of one name it is the last
            let volumes = spec.list("volumes").iter();
            match volumes.rev().find(|volume| volume.text("name") == name) {
                None => errors.not_found(&at, name, ""),
                Some(volume) if !volume.has("emptyDir") => {
                    let detail = "referenced volume must be of type emptyDir";
                    errors.invalid(&at, Shown::Text(name), detail);
                }
                Some(_) => {}
            }
        }
    });
}
