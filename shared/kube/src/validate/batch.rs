//! Workloads that end: `pkg/apis/batch/validation`.

use vapwright_cel::document::Node;
use vapwright_cel::value::go::quote;

use super::errors::{At, Errors, Shown};
use super::read::Read;
use super::{Options, apps, cron, meta, pod, shown, words};

/// Limits of indexed Jobs.
const MOST: i64 = 100_000;
const MOST_WHERE_MANY: i64 = 10_000;
const ACTIONS: [&str; 4] = ["Count", "FailIndex", "FailJob", "Ignore"];
const OPERATORS: [&str; 2] = ["In", "NotIn"];
const STATUSES: [&str; 3] = ["False", "True", "Unknown"];

/// `ValidateJob`
#[inline(never)]
pub(super) fn job(errors: &mut Errors, object: &Node, options: Options) {
    meta::object_meta(errors, object, true, words::subdomain);
    let root = At::Root;
    let at = root.field("spec");
    let empty = Node::map::<&str>([]);
    let spec = object.sub("spec").unwrap_or(&empty);
    let selector = spec.sub("selector");
    let name = object.sub("metadata").text("name");
    if !spec.is("manualSelector") && selector.is_some() {
        generated_selector(errors, &at, object, spec);
    }
    job_spec(errors, &at, spec, options);
    match selector {
        None => errors.required(&at.field("selector"), ""),
        Some(_) => meta::label_selector(errors, &at.field("selector"), selector),
    }
    apps::template_mismatch(errors, &at, spec);
    let completions = spec.int("completions").unwrap_or(0);
    if spec.text("completionMode") == "Indexed" && completions > 0 {
        let host = format!("{name}-{}", completions - 1);
        if !words::label(&host).is_empty() {
            let at = root.field("metadata");
            let detail = format!("will not able to create pod with invalid DNS label: {host}");
            errors.invalid(&at.field("name"), Shown::Text(name), &detail);
        }
    }
}

/// `validateGeneratedSelector`
fn generated_selector(errors: &mut Errors, at: &At<'_>, object: &Node, spec: &Node) {
    let meta = object.sub("metadata");
    let labels = spec.sub("template").sub("metadata").sub("labels");
    let expected = [
        ("controller-uid", meta.text("uid")),
        ("job-name", meta.text("name")),
        ("batch.kubernetes.io/controller-uid", meta.text("uid")),
        ("batch.kubernetes.io/job-name", meta.text("name")),
    ];
    {
        let at = at.field("template");
        let at = at.field("metadata");
        let at = at.field("labels");
        for (key, value) in expected {
            let detail = format!("must be '{value}'");
            match labels.word(key) {
                None => errors.required(&at.key(key), &detail),
                Some(found) if found != value => {
                    let shown = shown::maybe(labels);
                    errors.invalid(&at.key(key), Shown::Json(&shown), &detail);
                }
                Some(_) => {}
            }
        }
    }
    let expected = Node::map(expected.map(|(key, value)| (key, Node::string(value))));
    if let Ok(Some(selector)) = meta::as_selector(spec.sub("selector"))
        && !selector.matches(expected.as_map())
    {
        let value = spec
            .sub("selector")
            .map_or_else(String::new, shown::selector);
        let detail = "`selector` not auto-generated";
        errors.invalid(&at.field("selector"), Shown::Json(&value), detail);
    }
}

/// `validateJobSpec`
fn job_spec(errors: &mut Errors, at: &At<'_>, spec: &Node, options: Options) {
    errors.none_negative(
        at,
        spec,
        &[
            "parallelism",
            "completions",
            "activeDeadlineSeconds",
            "backoffLimit",
            "ttlSecondsAfterFinished",
            "backoffLimitPerIndex",
            "maxFailedIndexes",
        ],
    );
    let per_index = spec.int("backoffLimitPerIndex");
    if spec.has("maxFailedIndexes") && per_index.is_none() {
        let detail = "when maxFailedIndexes is specified";
        errors.required(&at.field("backoffLimitPerIndex"), detail);
    }
    if let Some(manager) = spec.word("managedBy") {
        domain_prefixed_path(errors, &at.field("managedBy"), manager);
        if manager.len() > 63 {
            errors.too_long(&at.field("managedBy"), 63);
        }
    }
    let mode = spec.word("completionMode");
    let modes = ["NonIndexed", "Indexed"];
    errors.one_of(&at.field("completionMode"), mode, &modes);
    match mode {
        Some("Indexed") => indexed(errors, at, spec),
        Some("NonIndexed") | None => {
            for key in ["backoffLimitPerIndex", "maxFailedIndexes"] {
                if let Some(value) = spec.int(key) {
                    let detail = "requires indexed completion mode";
                    errors.invalid(&at.field(key), Shown::Int(value), detail);
                }
            }
        }
        Some(_) => {}
    }
    if let Some(policy) = spec.sub("podFailurePolicy") {
        let at = at.field("podFailurePolicy");
        failure_policy(errors, &at.field("rules"), spec, policy);
    }
    if let Some(policy) = spec.sub("successPolicy") {
        let at = at.field("successPolicy");
        if mode == Some("Indexed") {
            success_policy(errors, &at.field("rules"), spec, policy);
        } else {
            let value = shown::success_policy(policy);
            let detail = "requires indexed completion mode";
            errors.invalid(&at, Shown::Json(&value), detail);
        }
    }
    let replacements: &[&str] = if spec.has("podFailurePolicy") {
        &["Failed"]
    } else {
        &["Failed", "TerminatingOrFailed"]
    };
    let replacement = spec.word("podReplacementPolicy");
    errors.one_of(&at.field("podReplacementPolicy"), replacement, replacements);
    pod::template(
        errors,
        &at.field("template"),
        spec.sub("template"),
        options,
        None,
    );
    let at = at.field("template");
    let at = at.field("spec");
    let at = at.field("restartPolicy");
    match spec.sub("template").sub("spec").text("restartPolicy") {
        "Always" | "" => errors.required(&at, "valid values: \"OnFailure\", \"Never\""),
        "Never" => {}
        "OnFailure" if spec.has("podFailurePolicy") => {
            let detail = "only \"Never\" is supported when podFailurePolicy is specified";
            errors.invalid(&at, Shown::Name("OnFailure"), detail);
        }
        other => errors.one_of(&at, Some(other), &["OnFailure", "Never"]),
    }
}

/// What holds for Jobs whose Pods have indices.
fn indexed(errors: &mut Errors, at: &At<'_>, spec: &Node) {
    let completions = spec.int("completions");
    let parallelism = spec.int("parallelism");
    let failed = spec.int("maxFailedIndexes");
    if completions.is_none() {
        errors.required(&at.field("completions"), "when completion mode is Indexed");
    }
    let mut most = |key: &str, value: Option<i64>, most: i64, detail: &str| {
        if let Some(value) = value.filter(|value| *value > most) {
            let detail = format!("must be less than or equal to {detail}");
            errors.invalid(&at.field(key), Shown::Int(value), &detail);
        }
    };
    let mode = format!("{MOST} when completion mode is Indexed");
    most("parallelism", parallelism, MOST, &mode);
    if let Some(completions) = completions {
        most("maxFailedIndexes", failed, completions, "completions");
    }
    most("maxFailedIndexes", failed, MOST, &MOST.to_string());
    if completions.is_none_or(|count| count <= MOST) || !spec.has("backoffLimitPerIndex") {
        return;
    }
    let many = format!(
        "{MOST_WHERE_MANY} when completions are above {MOST} and used with backoff limit per index"
    );
    if failed.is_none() {
        let detail = format!("must be specified when completions is above {MOST}");
        errors.required(&at.field("maxFailedIndexes"), &detail);
    }
    let mut most = |key: &str, value: Option<i64>| {
        if let Some(value) = value.filter(|value| *value > MOST_WHERE_MANY) {
            let detail = format!("must be less than or equal to {many}");
            errors.invalid(&at.field(key), Shown::Int(value), &detail);
        }
    };
    most("parallelism", parallelism);
    most("maxFailedIndexes", failed);
}

/// A word that must be there: the error lists those that are supported.
fn listed(errors: &mut Errors, at: &At<'_>, word: &str, supported: &[&str]) {
    if word.is_empty() {
        let values: Vec<_> = supported.iter().map(|word| quote(word)).collect();
        errors.required(at, &format!("valid values: [{}]", values.join(" ")));
    } else {
        errors.one_of(at, Some(word), supported);
    }
}

/// `validatePodFailurePolicy`
fn failure_policy(errors: &mut Errors, at: &At<'_>, spec: &Node, policy: &Node) {
    let rules = policy.list("rules");
    if rules.len() > 20 {
        errors.too_many(at, rules.len(), 20);
    }
    let template = spec.sub("template").sub("spec");
    let containers: Vec<&str> = ["containers", "initContainers"]
        .iter()
        .flat_map(|key| template.list(key))
        .map(|container| container.text("name"))
        .collect();
    for (index, rule) in rules.iter().enumerate() {
        let at = at.index(index);
        let action = rule.text("action");
        listed(errors, &at.field("action"), action, &ACTIONS);
        if action == "FailIndex" && !spec.has("backoffLimitPerIndex") {
            let detail = "requires the backoffLimitPerIndex to be set";
            errors.invalid(&at.field("action"), Shown::Name(action), detail);
        }
        let codes = rule.sub("onExitCodes");
        let conditions = rule.list("onPodConditions");
        if let Some(codes) = codes {
            exit_codes(errors, &at.field("onExitCodes"), codes, &containers);
        }
        let place = at.field("onPodConditions");
        if conditions.len() > 20 {
            errors.too_many(&place, conditions.len(), 20);
        }
        for (index, condition) in conditions.iter().enumerate() {
            let at = place.index(index);
            let kind = condition.text("type");
            errors.invalid_each(&at.field("type"), kind, words::qualified(kind));
            listed(
                errors,
                &at.field("status"),
                condition.text("status"),
                &STATUSES,
            );
        }
        let detail = match (codes, conditions) {
            (Some(_), [_, ..]) => {
                "specifying both OnExitCodes and OnPodConditions is not supported"
            }
            (None, []) => "specifying one of OnExitCodes and OnPodConditions is required",
            _ => continue,
        };
        errors.invalid(&at, Shown::Omitted, detail);
    }
}

fn exit_codes(errors: &mut Errors, at: &At<'_>, codes: &Node, containers: &[&str]) {
    let operator = codes.text("operator");
    listed(errors, &at.field("operator"), operator, &OPERATORS);
    if let Some(name) = codes
        .word("containerName")
        .filter(|name| !containers.contains(name))
    {
        let detail = "must be one of the container or initContainer names in the pod template";
        errors.invalid(&at.field("containerName"), Shown::Text(name), detail);
    }
    let at = at.field("values");
    let values: Vec<i64> = codes
        .list("values")
        .iter()
        .filter_map(Node::as_int)
        .collect();
    let shown = shown::maybe(codes.sub("values"));
    if values.is_empty() {
        errors.invalid(&at, Shown::Json(&shown), "at least one value is required");
    } else if values.len() > 255 {
        errors.too_many(&at, values.len(), 255);
    }
    for (index, value) in values.iter().enumerate() {
        let at = at.index(index);
        if operator == "In" && *value == 0 {
            errors.invalid(&at, Shown::Int(0), "must not be 0 for the In operator");
        }
        if values.iter().take(index).any(|other| other == value) {
            errors.duplicate(&at, Shown::Int(*value));
        }
    }
    if !values.is_sorted() {
        errors.invalid(&at, Shown::Json(&shown), "must be ordered");
    }
}

/// `validateSuccessPolicy`
fn success_policy(errors: &mut Errors, at: &At<'_>, spec: &Node, policy: &Node) {
    let rules = policy.list("rules");
    if rules.is_empty() {
        let detail = "at least one rules must be specified when the successPolicy is specified";
        errors.required(at, detail);
    }
    if rules.len() > 20 {
        errors.too_many(at, rules.len(), 20);
    }
    let completions = spec.int("completions").unwrap_or(0);
    for (index, rule) in rules.iter().enumerate() {
        let at = at.index(index);
        let (indexes, count) = (rule.word("succeededIndexes"), rule.int("succeededCount"));
        if indexes.is_none() && count.is_none() {
            let detail = "at least one of succeededCount or succeededIndexes must be specified";
            errors.required(&at, detail);
        }
        let mut total = 0;
        if let Some(indexes) = indexes {
            let at = at.field("succeededIndexes");
            if indexes.len() > 64 << 10 {
                errors.too_long(&at, 64 << 10);
            }
            match count_indexes(indexes, completions) {
                Ok(count) => total = count,
                Err(detail) => {
                    let detail = format!("error parsing succeededIndexes: {detail}");
                    errors.invalid(&at, Shown::Text(indexes), &detail);
                }
            }
        }
        let at = at.field("succeededCount");
        errors.not_negative(&at, count);
        let Some(count) = count else { continue };
        let mut most = |most: i64, what: &str| {
            if count > most {
                let detail = format!("must be less than or equal to {most} (the number of {what})");
                errors.invalid(&at, Shown::Int(count), &detail);
            }
        };
        most(completions, "specified completions");
        if indexes.is_some() {
            most(total, "indexes in the specified succeededIndexes field");
        }
    }
}

/// `validateIndexesFormat`: how many indices `1,3-5` names.
fn count_indexes(text: &str, completions: i64) -> Result<i64, String> {
    let mut last: Option<i64> = None;
    let mut total = 0;
    if text.is_empty() {
        return Ok(0);
    }
    for interval in text.split(',') {
        let parts: Vec<&str> = interval.split('-').collect();
        if parts.len() > 2 {
            return Err(format!(
                "the fragment {} violates the requirement that an index interval can have at most two parts separated by '-'",
                quote(interval)
            ));
        }
        let mut bounds = Vec::new();
        for part in parts {
            let quoted = quote(part);
            let index: i64 = part
                .parse()
                .map_err(|_| format!("cannot convert string to integer for index: {quoted}"))?;
            if index >= completions {
                return Err(format!("too large index: {quoted}"));
            }
            bounds.push(index);
        }
        let first = bounds.first().copied().unwrap_or(0);
        let end = bounds.last().copied().unwrap_or(0);
        let unordered = |previous: i64, current: i64| {
            format!("non-increasing order, previous: {previous}, current: {current}")
        };
        if bounds.len() > 1 && first >= end {
            return Err(unordered(first, end));
        }
        if let Some(last) = last.filter(|last| *last >= first) {
            return Err(unordered(last, first));
        }
        total += end - first + 1;
        last = Some(end);
    }
    Ok(total)
}

/// `IsDomainPrefixedPath`
pub(super) fn domain_prefixed_path(errors: &mut Errors, at: &At<'_>, text: &str) {
    if !errors.needs(at, text) {
        return;
    }
    let Some((domain, path)) = text
        .split_once('/')
        .filter(|(domain, path)| !domain.is_empty() && !path.is_empty())
    else {
        let detail = "must be a domain-prefixed path (such as \"acme.io/foo\")";
        errors.invalid(at, Shown::Text(text), detail);
        return;
    };
    errors.invalid_each(at, domain, words::subdomain(domain));
    let fits = |byte: u8| byte.is_ascii_alphanumeric() || b"/-._~%!$&'()*+,;=:".contains(&byte);
    if !path.bytes().all(fits) {
        let detail =
            "Invalid path (regex used for validation is '[A-Za-z0-9/\\-._~%!$&'()*+,;=:]+')";
        errors.invalid(at, Shown::Text(path), detail);
    }
}

/// `ValidateCronJobCreate`
#[inline(never)]
pub(super) fn cron_job(errors: &mut Errors, object: &Node, options: Options) {
    meta::object_meta(errors, object, true, words::subdomain);
    let root = At::Root;
    let at = root.field("spec");
    let empty = Node::map::<&str>([]);
    let spec = object.sub("spec").unwrap_or(&empty);
    let schedule = spec.text("schedule");
    let place = at.field("schedule");
    if errors.needs(&place, schedule) {
        if let Err(detail) = cron::check(schedule) {
            errors.invalid(&place, Shown::Text(schedule), &detail);
        }
        if schedule.contains("TZ") {
            let detail = "cannot use TZ or CRON_TZ in schedule, use timeZone field instead";
            errors.invalid(&place, Shown::Text(schedule), detail);
        }
    }
    errors.none_negative(&at, spec, &["startingDeadlineSeconds"]);
    if let Some(zone) = spec.word("timeZone") {
        time_zone(errors, &at.field("timeZone"), zone);
    }
    let policies = ["Allow", "Forbid", "Replace"];
    let policy = spec.text("concurrencyPolicy");
    errors.needs_one_of(&at.field("concurrencyPolicy"), policy, &policies);
    {
        let at = at.field("jobTemplate");
        let at = at.field("spec");
        let job = spec.sub("jobTemplate").sub("spec").unwrap_or(&empty);
        job_spec(errors, &at, job, options);
        if let Some(selector) = job.sub("selector") {
            let value = shown::selector(selector);
            let detail = "`selector` will be auto-generated";
            errors.invalid(&at.field("selector"), Shown::Json(&value), detail);
        }
        if job.is("manualSelector") {
            let at = at.field("manualSelector");
            errors.unsupported(&at, Shown::Bool(true), &["nil", "false"]);
        }
    }
    errors.none_negative(
        &at,
        spec,
        &["successfulJobsHistoryLimit", "failedJobsHistoryLimit"],
    );
    let name = object.sub("metadata").text("name");
    if name.len() > 52 {
        let at = root.field("metadata");
        let detail = "must be no more than 52 characters";
        errors.invalid(&at.field("name"), Shown::Text(name), detail);
    }
}

/// `validateTimeZone`
fn time_zone(errors: &mut Errors, at: &At<'_>, zone: &str) {
    let part = |part: &str| {
        let fits =
            |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b'_' | b'+');
        (1..=14).contains(&part.len())
            && part.bytes().all(fits)
            && !part.starts_with('-')
            && !matches!(part, "." | "..")
    };
    if zone.is_empty() {
        let detail = "timeZone must be nil or non-empty string";
        errors.invalid(at, Shown::Name(zone), detail);
        return;
    }
    let unknown = format!("unknown time zone {zone}");
    if !zone.split('/').all(part) {
        errors.invalid(at, Shown::Name(zone), &unknown);
        return;
    }
    if zone.eq_ignore_ascii_case("Local") {
        let detail =
            "timeZone must be an explicit time zone as defined in https://www.iana.org/time-zones";
        errors.invalid(at, Shown::Name(zone), detail);
    }
    let known = matches!(zone, "UTC" | "Local")
        || vapwright_cel::value::time::is_zone(zone).unwrap_or(true);
    if !known {
        errors.invalid(at, Shown::Name(zone), &unknown);
    }
}
