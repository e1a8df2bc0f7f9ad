//! Objects that Pods use and namespaces hold: ConfigMaps, Secrets, claims, limits and quotas.

use base64::Engine as _;
use vapwright_cel::document::Node;

use super::errors::{At, Errors, Shown, json_quote};
use super::read::Read;
use super::resources::{self, Amounts, Of, amount_of, amounts};
use super::{claim, meta, shown, words};

/// The most bytes that the values of a ConfigMap or Secret have together.
const DATA: usize = 1 << 20;

/// Objects of the core group that hold no Pods.
pub(super) fn object(errors: &mut Errors, kind: &str, object: &Node) {
    let namespaced = !matches!(kind, "Namespace" | "PersistentVolume" | "Node");
    let rule = if kind == "Namespace" {
        words::label
    } else {
        words::subdomain
    };
    meta::object_meta(errors, object, namespaced, rule);
    match kind {
        "ConfigMap" => config_map(errors, object),
        "Secret" => secret(errors, object),
        "Namespace" => namespace(errors, object),
        "PersistentVolumeClaim" => {
            let root = At::Root;
            claim::spec(errors, &root.field("spec"), object.sub("spec"));
        }
        "LimitRange" => limit_range(errors, object),
        "ResourceQuota" => quota(errors, object),
        _ => {}
    }
}

/// The length of bytes in base64.
fn decoded(text: &str) -> Vec<u8> {
    let engine = base64::engine::general_purpose::STANDARD;
    engine.decode(text).unwrap_or_default()
}

fn config_map(errors: &mut Errors, object: &Node) {
    let root = At::Root;
    let mut size = 0;
    let binary = object.sub("binaryData");
    for (list, other) in [("data", binary), ("binaryData", None)] {
        let at = root.field(list);
        for (key, value) in object.pairs(list) {
            let at = at.key(key);
            errors.invalid_each(&at, key, words::config_key(key));
            if other.has(key) {
                let detail = "duplicate of key present in binaryData";
                errors.invalid(&at, Shown::Text(key), detail);
            }
            size += if list == "data" {
                value.len()
            } else {
                decoded(value).len()
            };
        }
    }
    if size > DATA {
        // a place without a name
        errors.too_long(&root.field("[]"), DATA);
    }
}

fn secret(errors: &mut Errors, object: &Node) {
    let root = At::Root;
    let at = root.field("data");
    let data = object.sub("data");
    let mut size = 0;
    for (key, value) in object.pairs("data") {
        errors.invalid_each(&at.key(key), key, words::config_key(key));
        size += decoded(value).len();
    }
    if size > DATA {
        errors.too_long(&at, DATA);
    }
    let has = |key: &str| data.and_then(|data| data.get(key)).is_some();
    match object.text("type") {
        "kubernetes.io/service-account-token" => {
            const NAME: &str = "kubernetes.io/service-account.name";
            let meta = object.sub("metadata");
            if meta.sub("annotations").text(NAME).is_empty() {
                let at = root.field("metadata");
                let at = at.field("annotations");
                errors.required(&at.key(NAME), "");
            }
        }
        kind @ ("kubernetes.io/dockercfg" | "kubernetes.io/dockerconfigjson") => {
            let key = match kind {
                "kubernetes.io/dockercfg" => ".dockercfg",
                _ => ".dockerconfigjson",
            };
            let at = at.key(key);
            if !has(key) {
                errors.required(&at, "");
            } else if let Some(detail) = json_error(&decoded(data.text(key))) {
                errors.invalid(&at, Shown::Text("<secret contents redacted>"), &detail);
            }
        }
        "kubernetes.io/basic-auth" if !has("username") && !has("password") => {
            errors.required(&at.key("username"), "");
            errors.required(&at.key("password"), "");
        }
        "kubernetes.io/ssh-auth" if data.text("ssh-privatekey").is_empty() => {
            errors.required(&at.key("ssh-privatekey"), "");
        }
        "kubernetes.io/tls" => {
            for key in ["tls.crt", "tls.key"] {
                if !has(key) {
                    errors.required(&at.key(key), "");
                }
            }
        }
        _ => {}
    }
}

/// What Go says of bytes that are no JSON object.
fn json_error(bytes: &[u8]) -> Option<String> {
    let text = std::str::from_utf8(bytes).unwrap_or("\u{fffd}");
    if text.trim().is_empty() {
        return Some("unexpected end of JSON input".to_owned());
    }
    let kind = match crate::json::from_str(text) {
        Ok(Node::Map(_) | Node::Null) => return None,
        Ok(Node::List(_)) => "array",
        Ok(Node::String(_)) => "string",
        Ok(Node::Bool(_)) => "bool",
        Ok(Node::Int(_) | Node::Double(_)) => "number",
        Err(_) => {
            let first = text.trim_start().chars().next().unwrap_or(' ');
            return Some(format!(
                "invalid character '{first}' looking for beginning of value"
            ));
        }
    };
    Some(format!(
        "json: cannot unmarshal {kind} into Go value of type map[string]interface {{}}"
    ))
}

fn namespace(errors: &mut Errors, object: &Node) {
    let root = At::Root;
    let at = root.field("spec");
    let at = at.field("finalizers");
    for finalizer in object.sub("spec").texts("finalizers") {
        errors.invalid_each(&at, finalizer, words::qualified(finalizer));
        meta::kube_finalizer(errors, &at, finalizer);
    }
}

/// `ValidateLimitRange`
fn limit_range(errors: &mut Errors, object: &Node) {
    let root = At::Root;
    let at = root.field("spec");
    let at = at.field("limits");
    let mut kinds = Vec::new();
    for (index, item) in object.sub("spec").list("limits").iter().enumerate() {
        let at = at.index(index);
        let kind = item.text("type");
        let place = at.field("type");
        let wrong = words::qualified(kind);
        let standard = ["Pod", "Container", "PersistentVolumeClaim"];
        if wrong.is_empty() && !kind.contains('/') && !standard.contains(&kind) {
            let detail = "must be a standard limit type or fully qualified";
            errors.invalid(&place, Shown::Name(kind), detail);
        }
        for detail in wrong {
            errors.invalid(&place, Shown::Name(kind), &detail);
        }
        if kinds.contains(&kind) {
            errors.duplicate(&place, Shown::Name(kind));
        }
        kinds.push(kind);
        limits(errors, &at, item, kind);
    }
}

fn limits(errors: &mut Errors, at: &At<'_>, item: &Node, kind: &str) {
    let of = match kind {
        "Pod" | "Container" => Of::Container,
        _ => Of::Anything,
    };
    let mut keys: Vec<&str> = Vec::new();
    let mut read = |errors: &mut Errors, list: &str| {
        let found = amounts(Some(item), list);
        let at = at.field(list);
        for (name, _) in &found {
            resources::name(errors, &at.key(name), name, of);
            if !keys.contains(name) {
                keys.push(name);
            }
        }
        found
    };
    let max = read(errors, "max");
    let min = read(errors, "min");
    let (mut default, mut request) = (Amounts::new(), Amounts::new());
    if kind == "Pod" {
        for list in ["default", "defaultRequest"] {
            if !amounts(Some(item), list).is_empty() {
                errors.forbidden(&at.field(list), "may not be specified when `type` is 'Pod'");
            }
        }
    } else {
        default = read(errors, "default");
        request = read(errors, "defaultRequest");
    }
    let stored = |list| amount_of(list, "storage").is_some();
    if kind == "PersistentVolumeClaim" && !stored(&min) && !stored(&max) {
        let detail =
            "either minimum or maximum storage value is required, but neither was provided";
        errors.required(&at.field("limits"), detail);
    }
    let ratio = read(errors, "maxLimitRequestRatio");
    let lists = Lists {
        max,
        min,
        default,
        request,
        ratio,
    };
    for key in keys {
        lists.compare(errors, at, key);
    }
}

/// The lists of an item of a LimitRange.
struct Lists<'n> {
    max: Amounts<'n>,
    min: Amounts<'n>,
    default: Amounts<'n>,
    request: Amounts<'n>,
    ratio: Amounts<'n>,
}

impl Lists<'_> {
    #[allow(clippy::cast_precision_loss)]
    fn compare(&self, errors: &mut Errors, at: &At<'_>, key: &str) {
        let find = |list| amount_of(list, key);
        let (min, max) = (find(&self.min), find(&self.max));
        let (default, request) = (find(&self.default), find(&self.request));
        // a pair that must be in order, the field that the error stands at, the value it shows,
        // and its words
        for (low, high, list, shows_low, low_words, high_words) in [
            (min, max, "min", true, "min value", "max value"),
            (
                min,
                request,
                "defaultRequest",
                false,
                "min value",
                "default request value",
            ),
            (
                request,
                max,
                "defaultRequest",
                true,
                "default request value",
                "max value",
            ),
            (
                request,
                default,
                "defaultRequest",
                true,
                "default request value",
                "default limit value",
            ),
            (min, default, "default", true, "min value", "default value"),
            (default, max, "default", false, "default value", "max value"),
        ] {
            let (Some(low), Some(high)) = (low, high) else {
                continue;
            };
            if low.nano() > high.nano() {
                let (low, high) = (low.canonical(), high.canonical());
                let value = json_quote(if shows_low { &low } else { &high });
                let detail = format!("{low_words} {low} is greater than {high_words} {high}");
                let at = at.field(list);
                errors.invalid(&at.key(key), Shown::Json(&value), &detail);
            }
        }
        if let Some(ratio) = find(&self.ratio) {
            let place = at.field("maxLimitRequestRatio");
            let place = place.key(key);
            let text = ratio.canonical();
            let value = json_quote(&text);
            if ratio.nano() < 1_000_000_000 {
                let detail = format!("ratio {text} is less than 1");
                errors.invalid(&place, Shown::Json(&value), &detail);
            }
            if let (Some(min), Some(max)) = (min, max) {
                let most = max.nano() as f64 / min.nano() as f64;
                if ratio.nano() as f64 / 1e9 > most {
                    let detail = format!("ratio {text} is greater than max/min = {most:.6}");
                    errors.invalid(&place, Shown::Json(&value), &detail);
                }
            }
        }
        let overcommit = !key.contains('/') && !resources::is_huge_page(key);
        if let (Some(default), Some(request)) = (default, request)
            && !overcommit
            && default.nano() != request.nano()
        {
            let (default, request) = (default.canonical(), request.canonical());
            let value = json_quote(&request);
            let detail = format!(
                "default value {default} must equal to defaultRequest value {request} in {key}"
            );
            let at = at.field("defaultRequest");
            errors.invalid(&at.key(key), Shown::Json(&value), &detail);
        }
    }
}

const POD_SCOPES: [&str; 6] = [
    "Terminating",
    "NotTerminating",
    "NotBestEffort",
    "PriorityClass",
    "CrossNamespacePodAffinity",
    "BestEffort",
];

/// `IsResourceQuotaScopeValidForResource`, and whether the scope is one.
fn scope_fits(scope: &str, resource: &str) -> bool {
    let computes = matches!(
        resource,
        "cpu" | "memory" | "limits.cpu" | "limits.memory" | "requests.cpu" | "requests.memory"
    );
    match scope {
        "BestEffort" => resource == "pods",
        "VolumeAttributesClass" => {
            matches!(resource, "persistentvolumeclaims" | "requests.storage")
        }
        scope if POD_SCOPES.contains(&scope) => resource == "pods" || computes,
        _ => true,
    }
}

/// `ValidateResourceQuota`
fn quota(errors: &mut Errors, object: &Node) {
    let root = At::Root;
    let at = root.field("spec");
    let spec = object.sub("spec");
    let hard = amounts(spec, "hard");
    let place = at.field("hard");
    for (name, quantity) in &hard {
        let at = place.key(name);
        resources::name(errors, &at, name, Of::Quota);
        resources::amount(errors, &at, name, quantity);
    }
    let mut names: Vec<&str> = hard.iter().map(|(name, _)| *name).collect();
    names.sort_unstable();
    names.retain(|name| resources::is_quota(name));
    let known = |scope: &str| POD_SCOPES.contains(&scope) || scope == "VolumeAttributesClass";
    let scopes = spec.texts("scopes");
    let value = shown::maybe(spec.sub("scopes"));
    let place = at.field("scopes");
    let unfit = |scope: &str| names.iter().filter(|name| !scope_fits(scope, name)).count();
    let conflicts = |errors: &mut Errors, at: &At<'_>, scopes: &[&str]| {
        for pair in [
            ["BestEffort", "NotBestEffort"],
            ["Terminating", "NotTerminating"],
        ] {
            if pair.iter().all(|scope| scopes.contains(scope)) {
                errors.invalid(at, Shown::Json(&value), "conflicting scopes");
            }
        }
    };
    for scope in &scopes {
        if !known(scope) {
            errors.invalid(&place, Shown::Json(&value), "unsupported scope");
        }
        for _ in 0..unfit(scope) {
            let detail = "unsupported scope applied to resource";
            errors.invalid(&place, Shown::Json(&value), detail);
        }
    }
    conflicts(errors, &place, &scopes);
    let Some(selector) = spec.sub("scopeSelector") else {
        return;
    };
    let place = at.field("scopeSelector");
    let place = place.field("matchExpressions");
    let mut scopes = Vec::new();
    for expression in selector.list("matchExpressions") {
        let scope = expression.text("scopeName");
        let operator = expression.text("operator");
        let values = expression.texts("values");
        if !known(scope) {
            errors.invalid(
                &place.field("scopeName"),
                Shown::Name(scope),
                "unsupported scope",
            );
        }
        for _ in 0..unfit(scope) {
            let value = shown::scope_selector(selector);
            let detail = "unsupported scope applied to resource";
            errors.invalid(&place, Shown::Json(&value), detail);
        }
        if POD_SCOPES.contains(&scope) && scope != "PriorityClass" && operator != "Exists" {
            let detail = "must be 'Exists' when scope is any of ResourceQuotaScopeTerminating, ResourceQuotaScopeNotTerminating, ResourceQuotaScopeBestEffort, ResourceQuotaScopeNotBestEffort or ResourceQuotaScopeCrossNamespacePodAffinity";
            errors.invalid(&place.field("operator"), Shown::Name(operator), detail);
        }
        let values_at = place.field("values");
        match operator {
            "In" | "NotIn" if values.is_empty() => {
                let detail = "must be at least one value when `operator` is 'In' or 'NotIn' for scope selector";
                errors.required(&values_at, detail);
            }
            "Exists" | "DoesNotExist" if !values.is_empty() => {
                let value = shown::maybe(expression.sub("values"));
                let detail = "must be no value when `operator` is 'Exist' or 'DoesNotExist' for scope selector";
                errors.invalid(&values_at, Shown::Json(&value), detail);
            }
            "In" | "NotIn" | "Exists" | "DoesNotExist" => {}
            other => {
                let detail = "not a valid selector operator";
                errors.invalid(&place.field("operator"), Shown::Name(other), detail);
            }
        }
        scopes.push(scope);
    }
    conflicts(errors, &place, &scopes);
}
