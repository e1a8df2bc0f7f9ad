//! Services: `ValidateServiceCreate`. Addresses and ports that the API server allocates are
//! taken for allocated.

use vapwright_cel::document::Node;

use super::container::port_number;
use super::errors::{At, Errors, Shown};
use super::read::Read;
use super::{meta, probe, shown, words};

const TYPES: [&str; 4] = ["ClusterIP", "ExternalName", "LoadBalancer", "NodePort"];
const RANGES: &str = "service.beta.kubernetes.io/load-balancer-source-ranges";

/// The addresses of a Service: where one is given alone, it is the first of the list.
fn cluster_ips(spec: Option<&Node>) -> Vec<&str> {
    let listed = spec.texts("clusterIPs");
    match spec.text("clusterIP") {
        "" => listed,
        single if listed.is_empty() => vec![single],
        _ => listed,
    }
}

/// `ValidateServiceCreate`
pub(super) fn service(errors: &mut Errors, object: &Node) {
    let root = At::Root;
    let at = root.field("spec");
    let spec = object.sub("spec");
    let kind = spec.text("type");
    let ips = cluster_ips(spec);
    if kind != "ExternalName" {
        // they are looked at before all else, when addresses are allocated
        addresses(errors, &at, spec, &ips);
        if !errors.0.is_empty() {
            return;
        }
    }
    meta::object_meta(errors, object, true, words::label);
    let annotations = object.sub("metadata").sub("annotations");
    {
        const HINTS: &str = "service.kubernetes.io/topology-aware-hints";
        const MODE: &str = "service.kubernetes.io/topology-mode";
        if let (Some(hints), Some(mode)) = (annotations.word(HINTS), annotations.word(MODE))
            && hints != mode
        {
            let at = root.field("metadata");
            let at = at.field("annotations");
            let detail = format!("must match annotations[{HINTS}] when both are specified");
            errors.invalid(&at.key(MODE), Shown::Text(mode), &detail);
        }
    }
    let ports = spec.list("ports");
    let headless = ips == ["None"];
    let ports_at = at.field("ports");
    if ports.is_empty() && !headless && kind != "ExternalName" {
        errors.required(&ports_at, "");
    }
    match kind {
        "LoadBalancer" | "NodePort" if headless => {
            let at = at.field("clusterIPs");
            let detail = format!("may not be set to 'None' for {kind} services");
            errors.invalid(&at.index(0), Shown::Text("None"), &detail);
        }
        "ExternalName" => external_name(errors, &at, spec, &ips),
        _ => {}
    }
    self::ports(errors, &ports_at, ports);
    meta::labels(errors, &at.field("selector"), &spec.pairs("selector"));
    affinity(errors, &at, spec);
    let place = at.field("externalIPs");
    for (index, ip) in spec.texts("externalIPs").into_iter().enumerate() {
        let at = place.index(index);
        match words::ip(ip) {
            Some(detail) => errors.invalid(&at, Shown::Text(ip), detail),
            None => endpoint_ip(errors, &at, ip),
        }
    }
    errors.needs_one_of(&at.field("type"), kind, &TYPES);
    port_pairs(errors, &ports_at, ports, kind);
    source_ranges(errors, &at, spec, kind, annotations);
    let place = at.field("allocateLoadBalancerNodePorts");
    let balances = kind == "LoadBalancer";
    const BALANCER: &str = "may only be used when `type` is 'LoadBalancer'";
    if spec.has("allocateLoadBalancerNodePorts") && !balances {
        errors.forbidden(&place, BALANCER);
    }
    if let Some(class) = spec.word("loadBalancerClass") {
        let at = at.field("loadBalancerClass");
        if balances {
            errors.invalid_each(&at, class, words::qualified(class));
        } else {
            errors.forbidden(&at, BALANCER);
        }
    }
    traffic(errors, &at, spec, kind);
}

fn external_name(errors: &mut Errors, at: &At<'_>, spec: Option<&Node>, ips: &[&str]) {
    let families = !spec.list("ipFamilies").is_empty();
    for (key, set) in [
        ("clusterIPs", !ips.is_empty()),
        ("ipFamilies", families),
        ("ipFamilyPolicy", spec.has("ipFamilyPolicy")),
    ] {
        if set {
            errors.forbidden(&at.field(key), "may not be set for ExternalName services");
        }
    }
    let name = spec.text("externalName");
    let name = name.strip_suffix('.').unwrap_or(name);
    let at = at.field("externalName");
    if errors.needs(&at, name) {
        errors.invalid_each(&at, name, words::subdomain(name));
    }
}

/// `validateServicePort`
fn ports(errors: &mut Errors, at: &At<'_>, ports: &[Node]) {
    let mut names = Vec::new();
    for (index, port) in ports.iter().enumerate() {
        let at = at.index(index);
        let name = port.text("name");
        let place = at.field("name");
        if !name.is_empty() {
            errors.invalid_each(&place, name, words::label(name));
            if names.contains(&name) {
                errors.duplicate(&place, Shown::Text(name));
            }
            names.push(name);
        } else if ports.len() > 1 {
            errors.required(&place, "");
        }
        port_number(errors, &at.field("port"), port.int("port").unwrap_or(0));
        let protocol = port.text("protocol");
        errors.needs_one_of(&at.field("protocol"), protocol, &["SCTP", "TCP", "UDP"]);
        probe::port(errors, &at.field("targetPort"), port.sub("targetPort"));
        if let Some(protocol) = port.word("appProtocol") {
            errors.invalid_each(
                &at.field("appProtocol"),
                protocol,
                words::qualified(protocol),
            );
        }
    }
}

/// Ports that must differ.
fn port_pairs(errors: &mut Errors, at: &At<'_>, ports: &[Node], kind: &str) {
    for (index, port) in ports.iter().enumerate() {
        if kind == "ClusterIP" && port.int("nodePort").unwrap_or(0) != 0 {
            let at = at.index(index);
            let detail = "may not be used when `type` is 'ClusterIP'";
            errors.forbidden(&at.field("nodePort"), detail);
        }
    }
    for key in ["nodePort", "port"] {
        for (index, port) in ports.iter().enumerate() {
            let number = port.int(key).unwrap_or(0);
            let same = |other: &Node| {
                other.int(key).unwrap_or(0) == number
                    && other.text("protocol") == port.text("protocol")
            };
            if !ports.iter().take(index).any(same) {
                continue;
            }
            let at = at.index(index);
            if key == "port" {
                let value = shown::port(port.text("protocol"), number);
                errors.duplicate(&at, Shown::Json(&value));
            } else if number != 0 {
                errors.duplicate(&at.field(key), Shown::Int(number));
            }
        }
    }
}

fn affinity(errors: &mut Errors, at: &At<'_>, spec: Option<&Node>) {
    let affinity = spec.text("sessionAffinity");
    errors.needs_one_of(
        &at.field("sessionAffinity"),
        affinity,
        &["ClientIP", "None"],
    );
    let at = at.field("sessionAffinityConfig");
    let config = spec.sub("sessionAffinityConfig");
    match affinity {
        "None" if config.is_some() => {
            errors.forbidden(&at, "must not be set when session affinity is None");
        }
        "ClientIP" => {
            let at = at.field("clientIP");
            let seconds = config.sub("clientIP").int("timeoutSeconds").unwrap_or(0);
            if !(1..=86_400).contains(&seconds) {
                let detail = "must be greater than 0 and less than 86400";
                errors.invalid(&at.field("timeoutSeconds"), Shown::Int(seconds), detail);
            }
        }
        _ => {}
    }
}

/// `ValidateServiceClusterIPsRelatedFields`
fn addresses(errors: &mut Errors, at: &At<'_>, spec: Option<&Node>, ips: &[&str]) {
    let before = errors.0.len();
    let place = at.field("clusterIPs");
    let list: Vec<_> = ips.iter().map(|ip| super::errors::json_quote(ip)).collect();
    let value = format!("[{}]", list.join(","));
    let value = Shown::Json(&value);
    match (spec.text("clusterIP"), ips.first()) {
        ("", Some(_)) => {
            errors.invalid(
                &place,
                value,
                "must be empty when `clusterIP` is not specified",
            );
        }
        (single, Some(first)) if single != *first => {
            errors.invalid(&place, value, "first value must match `clusterIP`");
        }
        _ => {}
    }
    let families = spec.texts("ipFamilies");
    let families_at = at.field("ipFamilies");
    for (index, family) in families.iter().enumerate() {
        let at = families_at.index(index);
        errors.one_of(&at, Some(family), &["IPv4", "IPv6"]);
        if families.iter().take(index).any(|other| other == family) {
            errors.duplicate(&at, Shown::Name(family));
        }
    }
    let policies = ["PreferDualStack", "RequireDualStack", "SingleStack"];
    errors.one_of(
        &at.field("ipFamilyPolicy"),
        spec.word("ipFamilyPolicy"),
        &policies,
    );
    let mut wrong = false;
    for (index, ip) in ips.iter().enumerate() {
        if index == 0 && *ip == "None" {
            if ips.len() > 1 {
                wrong = true;
                errors.invalid(&place, value, "'None' must be the first and only value");
            }
        } else if let Some(detail) = words::ip(ip) {
            wrong = true;
            errors.invalid(&place.index(index), Shown::Text(ip), detail);
        }
    }
    if ips.len() > 2 {
        errors.invalid(&place, value, "may only hold up to 2 values");
    }
    if wrong {
        return;
    }
    let is_6 = |ip: &&str| ip.contains(':');
    if ips.len() > 1 && !(ips.iter().any(is_6) && ips.iter().any(|ip| !is_6(ip))) {
        errors.invalid(
            &place,
            value,
            "may specify no more than one IP for each IP family",
        );
    }
    let headless = ips == ["None"];
    for (index, (ip, family)) in ips.iter().zip(&families).enumerate().filter(|_| !headless) {
        if matches!((*family, is_6(ip)), ("IPv4", true) | ("IPv6", false)) {
            let detail =
                format!("expected an {family} value as indicated by `ipFamilies[{index}]`");
            errors.invalid(&place.index(index), Shown::Text(ip), &detail);
        }
    }
    if errors.0.len() > before {
        return;
    }
    let single = match spec.word("ipFamilyPolicy") {
        None => !headless || !spec.entries("selector").is_empty(),
        policy => policy == Some("SingleStack"),
    };
    for (list, what) in [(ips.len(), "cluster IPs"), (families.len(), "IP families")] {
        if single && list == 2 {
            let detail = format!(
                "must be 'RequireDualStack' or 'PreferDualStack' when multiple {what} are specified"
            );
            let at = at.field("ipFamilyPolicy");
            errors.invalid(&at, Shown::Name("SingleStack"), &detail);
        }
    }
}

/// `ValidateEndpointIP`
fn endpoint_ip(errors: &mut Errors, at: &At<'_>, text: &str) {
    use std::net::IpAddr;
    let Some(ip) = words::sloppy_ip(text) else {
        return;
    };
    let (local, group) = match ip {
        IpAddr::V4(ip) => (ip.is_link_local(), ip.octets().starts_with(&[224, 0, 0])),
        IpAddr::V6(ip) => {
            let first = ip.segments().first().copied().unwrap_or(0);
            (first & 0xffc0 == 0xfe80, first & 0xff0f == 0xff02)
        }
    };
    let unspecified = format!("may not be unspecified ({text})");
    for (holds, detail) in [
        (ip.is_unspecified(), unspecified.as_str()),
        (
            ip.is_loopback(),
            "may not be in the loopback range (127.0.0.0/8, ::1/128)",
        ),
        (
            local,
            "may not be in the link-local range (169.254.0.0/16, fe80::/10)",
        ),
        (
            group,
            "may not be in the link-local multicast range (224.0.0.0/24, ff02::/10)",
        ),
    ] {
        if holds {
            errors.invalid(at, Shown::Text(text), detail);
        }
    }
}

fn source_ranges(
    errors: &mut Errors,
    at: &At<'_>,
    spec: Option<&Node>,
    kind: &str,
    annotations: Option<&Node>,
) {
    let root = At::Root;
    let meta = root.field("metadata");
    let meta = meta.field("annotations");
    let listed = spec.texts("loadBalancerSourceRanges");
    let annotation = annotations.word(RANGES);
    let (place, ranges): (At<'_>, Vec<&str>) = match annotation {
        // the field is written so
        _ if !listed.is_empty() => (at.field("LoadBalancerSourceRanges"), listed.clone()),
        Some(text) => (meta.key(RANGES), text.trim().split(',').collect()),
        None => return,
    };
    if kind != "LoadBalancer" {
        errors.forbidden(&place, "may only be used when `type` is 'LoadBalancer'");
    }
    for (index, range) in ranges.into_iter().enumerate() {
        let range = range.trim();
        let Some(detail) = words::cidr(range).1 else {
            continue;
        };
        if !listed.is_empty() {
            errors.invalid(&place.index(index), Shown::Text(range), detail);
        } else if annotation.is_some_and(|text| !text.trim().is_empty()) {
            errors.invalid(&place, Shown::Text(range), detail);
        }
    }
}

fn traffic(errors: &mut Errors, at: &At<'_>, spec: Option<&Node>, kind: &str) {
    let external = matches!(kind, "NodePort" | "LoadBalancer")
        || kind == "ClusterIP" && !spec.list("externalIPs").is_empty();
    let policy = spec.text("externalTrafficPolicy");
    let place = at.field("externalTrafficPolicy");
    if external {
        errors.needs_one_of(&place, policy, &["Cluster", "Local"]);
    } else if !policy.is_empty() {
        let detail = "may only be set for externally-accessible services";
        errors.invalid(&place, Shown::Name(policy), detail);
    }
    let port = spec.int("healthCheckNodePort").unwrap_or(0);
    if port != 0 {
        let at = at.field("healthCheckNodePort");
        if kind == "LoadBalancer" && policy == "Local" {
            port_number(errors, &at, port);
        } else {
            let detail = "may only be set when `type` is 'LoadBalancer' and `externalTrafficPolicy` is 'Local'";
            errors.invalid(&at, Shown::Int(port), detail);
        }
    }
    let policy = spec.word("internalTrafficPolicy");
    let place = at.field("internalTrafficPolicy");
    if policy.is_none() && matches!(kind, "NodePort" | "LoadBalancer" | "ClusterIP") {
        errors.required(&place, "");
    }
    errors.one_of(&place, policy, &["Cluster", "Local"]);
    if let Some(distribution) = spec.word("trafficDistribution") {
        let supported = ["PreferClose", "PreferSameZone", "PreferSameNode"];
        if !supported.contains(&distribution) {
            let at = at.field("trafficDistribution");
            errors.unsupported(&at, Shown::Text(distribution), &supported);
        }
    }
}
