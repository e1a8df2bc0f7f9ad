//! Security contexts of Pods and containers, seccomp, AppArmor and Windows.

use vapwright_cel::document::Node;

use super::errors::{At, Errors, Shown};
use super::paths::descending;
use super::read::Read;
use super::{Options, each_container, shown, words};

const SECCOMP_POD: &str = "seccomp.security.alpha.kubernetes.io/pod";
const SECCOMP_CONTAINER: &str = "container.seccomp.security.alpha.kubernetes.io/";
const APP_ARMOR: &str = "container.apparmor.security.beta.kubernetes.io/";
const PROFILES: [&str; 3] = ["Localhost", "RuntimeDefault", "Unconfined"];
const LAST_ID: i64 = i32::MAX as i64;

/// Identities of users and groups.
fn ids(errors: &mut Errors, at: &At<'_>, node: &Node, keys: &[&str]) {
    for key in keys {
        if let Some(id) = node.int(key) {
            self::id(errors, &at.field(key), id);
        }
    }
}

fn id(errors: &mut Errors, at: &At<'_>, id: i64) {
    if !(0..=LAST_ID).contains(&id) {
        errors.invalid(at, Shown::Int(id), &words::between(0, LAST_ID));
    }
}

/// `ValidateSecurityContext`
pub(super) fn container(
    errors: &mut Errors,
    at: &At<'_>,
    context: &Node,
    host_users: bool,
    options: Options,
) {
    if context.is("privileged") && !options.privileged {
        errors.forbidden(&at.field("privileged"), "disallowed by cluster policy");
    }
    ids(errors, at, context, &["runAsUser", "runAsGroup"]);
    if let Some(mount) = context.word("procMount") {
        let place = at.field("procMount");
        errors.one_of(&place, Some(mount), &["Default", "Unmasked"]);
        if host_users && mount == "Unmasked" {
            let detail = "`hostUsers` must be false to use `Unmasked`";
            errors.invalid(&place, Shown::Name(mount), detail);
        }
    }
    seccomp(
        errors,
        &at.field("seccompProfile"),
        context.sub("seccompProfile"),
    );
    if context.flag("allowPrivilegeEscalation") == Some(false) {
        let mut contradicts = |what: &str| {
            let detail = format!("cannot set `allowPrivilegeEscalation` to false and {what}");
            errors.invalid(at, Shown::Json(&shown::security_context(context)), &detail);
        };
        if context.is("privileged") {
            contradicts("`privileged` to true");
        }
        for capability in context.sub("capabilities").texts("add") {
            if capability == "CAP_SYS_ADMIN" {
                contradicts("`capabilities.Add` CAP_SYS_ADMIN");
            }
        }
    }
    windows_options(
        errors,
        &at.field("windowsOptions"),
        context.sub("windowsOptions"),
    );
    app_armor(
        errors,
        &at.field("appArmorProfile"),
        context.sub("appArmorProfile"),
    );
}

/// `validatePodSpecSecurityContext`
pub(super) fn pod(errors: &mut Errors, at: &At<'_>, spec: &Node) {
    let Some(context) = spec.sub("securityContext") else {
        return;
    };
    ids(errors, at, context, &["fsGroup", "runAsUser", "runAsGroup"]);
    let groups = at.field("supplementalGroups");
    for (index, group) in context.list("supplementalGroups").iter().enumerate() {
        id(errors, &groups.index(index), group.as_int().unwrap_or(0));
    }
    if spec.is("shareProcessNamespace") && spec.is("hostPID") {
        let detail = "ShareProcessNamespace and HostPID cannot both be enabled";
        errors.invalid(
            &at.field("shareProcessNamespace"),
            Shown::Bool(true),
            detail,
        );
    }
    sysctls(errors, &at.field("sysctls"), spec, context);
    let mut one_of = |key: &str, supported: &[&str]| {
        errors.one_of(&at.field(key), context.word(key), supported);
    };
    one_of("fsGroupChangePolicy", &["Always", "OnRootMismatch"]);
    seccomp(
        errors,
        &at.field("seccompProfile"),
        context.sub("seccompProfile"),
    );
    windows_options(
        errors,
        &at.field("windowsOptions"),
        context.sub("windowsOptions"),
    );
    app_armor(
        errors,
        &at.field("appArmorProfile"),
        context.sub("appArmorProfile"),
    );
    let mut one_of = |key: &str, supported: &[&str]| {
        errors.one_of(&at.field(key), context.word(key), supported);
    };
    one_of("supplementalGroupsPolicy", &["Merge", "Strict"]);
    // the other, `MountOption`, is behind a feature gate
    one_of("seLinuxChangePolicy", &["Recursive"]);
}

/// What `[a-z0-9]([-_a-z0-9]*[a-z0-9])?`, joined by dots or slashes, matches.
fn is_sysctl(name: &str) -> bool {
    let end = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
    name.len() <= 253
        && name
            .split(['.', '/'])
            .all(|part| crate::names::is_word(part, end, |byte| matches!(byte, b'-' | b'_')))
}

/// `NormalizeName`: slashes for dots where the first separator is a slash.
fn normalized(name: &str) -> String {
    match name.find(['.', '/']) {
        Some(first) if name.get(first..).is_some_and(|rest| rest.starts_with('/')) => name
            .chars()
            .map(|char| match char {
                '/' => '.',
                '.' => '/',
                other => other,
            })
            .collect(),
        _ => name.to_owned(),
    }
}

fn sysctls(errors: &mut Errors, at: &At<'_>, spec: &Node, context: &Node) {
    let mut seen = Vec::new();
    for (index, sysctl) in context.list("sysctls").iter().enumerate() {
        let at = at.index(index);
        let at = at.field("name");
        let name = sysctl.text("name");
        if name.is_empty() {
            errors.required(&at, "");
        } else if !is_sysctl(name) {
            let detail = "must have at most 253 characters and match regex ^([a-z0-9]([-_a-z0-9]*[a-z0-9])?[\\./])*[a-z0-9]([-_a-z0-9]*[a-z0-9])?$";
            errors.invalid(&at, Shown::Text(name), detail);
        } else if seen.contains(&name) {
            errors.duplicate(&at, Shown::Text(name));
        }
        let normal = normalized(name);
        let known = normal.split('*').next().unwrap_or_default();
        let of_network = known.starts_with("net.");
        let of_ipc = known.starts_with("fs.mqueue.")
            || matches!(
                known.strip_prefix("kernel.").unwrap_or_default(),
                "sem"
                    | "shmall"
                    | "shmmax"
                    | "shmmni"
                    | "shm_rmid_forced"
                    | "shm"
                    | "msgmax"
                    | "msgmnb"
                    | "msgmni"
                    | "msg"
            );
        for (of, key) in [(of_network, "hostNetwork"), (of_ipc, "hostIPC")] {
            if of && spec.is(key) {
                let detail = format!("may not be specified when '{key}' is true");
                errors.invalid(&at, Shown::Text(name), &detail);
            }
        }
        seen.push(name);
    }
}

/// `validateSeccompProfileField`
fn seccomp(errors: &mut Errors, at: &At<'_>, profile: Option<&Node>) {
    let Some(profile) = profile else { return };
    let kind = profile.text("type");
    match kind {
        "" => errors.required(
            &at.field("type"),
            "type is required when seccompProfile is set",
        ),
        _ => errors.one_of(&at.field("type"), Some(kind), &PROFILES),
    }
    let place = at.field("localhostProfile");
    match (kind, profile.word("localhostProfile")) {
        ("Localhost", None) => {
            errors.required(&place, "must be set when seccomp type is Localhost");
        }
        ("Localhost", Some(path)) => descending(errors, &place, path),
        (_, Some(_)) => {
            let detail = "can only be set when seccomp type is Localhost";
            errors.invalid(&place, Shown::Json(&shown::profile(profile)), detail);
        }
        _ => {}
    }
}

/// `ValidateAppArmorProfileField`
fn app_armor(errors: &mut Errors, at: &At<'_>, profile: Option<&Node>) {
    let Some(profile) = profile else { return };
    let place = at.field("localhostProfile");
    let local = profile.word("localhostProfile");
    match (profile.text("type"), local) {
        ("Localhost", None | Some("")) => {
            errors.required(&place, "must be set when AppArmor type is Localhost");
        }
        ("Localhost", Some(local)) => {
            if local.trim() != local {
                let detail = "must not be padded with whitespace";
                errors.invalid(&place, Shown::Text(local), detail);
            }
            if local.len() > 4095 {
                errors.too_long(&place, 4095);
            }
        }
        ("RuntimeDefault" | "Unconfined", Some(local)) => {
            let detail = "can only be set when AppArmor type is Localhost";
            errors.invalid(&place, Shown::Name(local), detail);
        }
        ("RuntimeDefault" | "Unconfined", None) => {}
        ("", _) => errors.required(
            &at.field("type"),
            "type is required when appArmorProfile is set",
        ),
        (kind, _) => errors.one_of(&at.field("type"), Some(kind), &PROFILES),
    }
}

/// `ValidateSeccompPodAnnotations` and `ValidateAppArmorPodAnnotations`
pub(super) fn annotations(
    errors: &mut Errors,
    at: &At<'_>,
    annotations: &[(&str, &str)],
    spec: Option<&Node>,
) {
    let of_pod = annotations.iter().filter(|(key, _)| *key == SECCOMP_POD);
    let of_containers = annotations
        .iter()
        .filter(|(key, _)| key.starts_with(SECCOMP_CONTAINER));
    for (key, profile) in of_pod.chain(of_containers) {
        let at = at.field(key);
        match *profile {
            "runtime/default" | "docker/default" | "unconfined" => {}
            _ => match profile.strip_prefix("localhost/") {
                Some(path) => descending(errors, &at, path),
                None => {
                    let detail = "must be a valid seccomp profile";
                    errors.invalid(&at, Shown::Text(profile), detail);
                }
            },
        }
    }
    for (key, profile) in annotations {
        let Some(container) = key.strip_prefix(APP_ARMOR) else {
            continue;
        };
        let at = at.key(key);
        let mut found = false;
        each_container(spec, &At::Root, |node, _| {
            found |= node.text("name") == container
        });
        if !found {
            errors.invalid(&at, Shown::Text(container), "container not found");
        }
        let known = matches!(*profile, "" | "runtime/default" | "unconfined");
        if !known && !profile.starts_with("localhost/") {
            let quoted = vapwright_cel::value::go::quote(profile);
            let detail = format!("invalid AppArmor profile name: {quoted}");
            errors.invalid(&at, Shown::Text(profile), &detail);
        }
    }
}

/// `validateSeccompAnnotationsAndFields` and `validateAppArmorAnnotationsAndFieldsMatchOnCreate`
pub(super) fn annotations_match(
    errors: &mut Errors,
    at: &At<'_>,
    annotations: &[(&str, &str)],
    spec: Option<&Node>,
) {
    let annotation = |key: &str| {
        let found = annotations.iter().find(|(other, _)| *other == key);
        found.map(|(_, value)| *value)
    };
    let context = spec.sub("securityContext");
    if let Some(profile) = context.sub("seccompProfile") {
        let at = at.field("securityContext");
        let at = at.field("seccompProfile");
        profiles_match(errors, &at, "seccomp", annotation(SECCOMP_POD), profile);
    }
    each_container(spec, at, |container, at| {
        let Some(profile) = container.sub("securityContext").sub("seccompProfile") else {
            return;
        };
        let at = at.field("securityContext");
        let at = at.field("seccompProfile");
        let key = format!("{SECCOMP_CONTAINER}{}", container.text("name"));
        profiles_match(errors, &at, "seccomp", annotation(&key), profile);
    });
    if spec.sub("os").text("name") == "windows" {
        return;
    }
    each_container(spec, at, |container, at| {
        let own = container.sub("securityContext").sub("appArmorProfile");
        let Some(profile) = own.or_else(|| context.sub("appArmorProfile")) else {
            return;
        };
        let at = at.field("securityContext");
        let at = at.field("appArmorProfile");
        let key = format!("{APP_ARMOR}{}", container.text("name"));
        profiles_match(errors, &at, "apparmor", annotation(&key), profile);
    });
}

fn profiles_match(
    errors: &mut Errors,
    at: &At<'_>,
    what: &str,
    annotation: Option<&str>,
    profile: &Node,
) {
    let Some(annotation) = annotation else { return };
    let differs = match profile.text("type") {
        "Unconfined" => annotation != "unconfined",
        "RuntimeDefault" => {
            annotation != "runtime/default" && (what != "seccomp" || annotation != "docker/default")
        }
        "Localhost" => match annotation.strip_prefix("localhost/") {
            Some(path) => {
                if profile.word("localhostProfile") != Some(path) {
                    let detail = format!("{what} profile in annotation and field must match");
                    errors.forbidden(&at.field("localhostProfile"), &detail);
                }
                false
            }
            None => true,
        },
        _ => false,
    };
    if differs {
        let detail = format!("{what} type in annotation and field must match");
        errors.forbidden(&at.field("type"), &detail);
    }
}

/// `validateWindowsSecurityContextOptions`
fn windows_options(errors: &mut Errors, at: &At<'_>, options: Option<&Node>) {
    if let Some(name) = options.word("gmsaCredentialSpecName") {
        for detail in words::subdomain(name) {
            errors.invalid(
                &at.field("gmsaCredentialSpecName"),
                Shown::Name(name),
                &detail,
            );
        }
    }
    if let Some(spec) = options.word("gmsaCredentialSpec") {
        let detail = match spec.len() {
            0 => "gmsaCredentialSpec cannot be an empty string",
            1..=65_536 => "",
            _ => "gmsaCredentialSpec size must be under 64 KiB",
        };
        if !detail.is_empty() {
            errors.invalid(&at.field("gmsaCredentialSpec"), Shown::Name(spec), detail);
        }
    }
    if let Some(name) = options.word("runAsUserName") {
        for detail in windows_user(name) {
            let detail = format!("runAsUserName{detail}");
            errors.invalid(&at.field("runAsUserName"), Shown::Name(name), &detail);
        }
    }
}

/// What is wrong with `DOMAIN\USER`.
fn windows_user(name: &str) -> Vec<&'static str> {
    if name.is_empty() {
        return vec![" cannot be an empty string"];
    }
    if name.bytes().any(|byte| byte.is_ascii_control()) {
        return vec![" cannot contain control characters"];
    }
    if name.matches('\\').count() > 1 {
        return vec![" cannot contain more than one backslash"];
    }
    let (domain, user) = match name.split_once('\\') {
        Some((domain, user)) => (Some(domain), user),
        None => (None, name),
    };
    let mut wrong = Vec::new();
    if let Some(domain) = domain {
        if domain.len() >= 256 {
            wrong.push("'s Domain length must be under 256 characters");
        }
        let net_bios = (1..=15).contains(&domain.chars().count())
            && !domain.starts_with('.')
            && !domain.contains(['\\', '/', ':', '*', '?', '"', '<', '>', '|']);
        let dns = domain.split('.').all(|part| {
            let fits = |byte: u8| byte.is_ascii_alphanumeric();
            part.len() <= 63 && crate::names::is_word(part, fits, |byte| byte == b'-')
        });
        if !net_bios && !dns {
            wrong.push("'s Domain doesn't match the NetBios nor the DNS format");
        }
    }
    if user.is_empty() {
        wrong.push("'s User cannot be empty");
    } else if user.len() > 104 {
        wrong.push("'s User length must not be longer than 104 characters");
    }
    if !user.is_empty() && user.chars().all(|char| matches!(char, '.' | ' ')) {
        wrong.push("'s User cannot contain only periods or spaces");
    }
    if user.contains([
        '"', '/', '\\', ':', ';', '|', '=', ',', '+', '*', '?', '<', '>', '@', '[', ']',
    ]) {
        wrong.push("'s User cannot contain the following characters: \"/\\:;|=,+*?<>@[]");
    }
    wrong
}

/// `validateWindowsHostProcessPod`
pub(super) fn host_process(errors: &mut Errors, at: &At<'_>, spec: &Node, options: Options) {
    let of = |context: Option<&Node>| context.sub("windowsOptions").flag("hostProcess");
    let of_pod = of(spec.sub("securityContext"));
    let (mut all, mut host) = (0, 0);
    each_container(Some(spec), at, |container, at| {
        all += 1;
        let own = of(container.sub("securityContext"));
        if let (Some(pod), Some(own)) = (of_pod, own)
            && pod != own
        {
            let at = at.field("securityContext");
            let at = at.field("windowsOptions");
            let detail =
                format!("pod hostProcess value must be identical if both are specified, was {pod}");
            errors.invalid(&at.field("hostProcess"), Shown::Bool(own), &detail);
        }
        if own.or(of_pod) == Some(true) {
            host += 1;
        }
    });
    if host == 0 {
        return;
    }
    if host != all {
        let detail = "If pod contains any hostProcess containers then all containers must be HostProcess containers";
        errors.invalid(at, Shown::Text(""), detail);
    }
    if !spec.is("hostNetwork") {
        let detail = "hostNetwork must be true if pod contains any hostProcess containers";
        errors.invalid(&at.field("hostNetwork"), Shown::Bool(false), detail);
    }
    if !options.privileged {
        errors.forbidden(
            at,
            "hostProcess containers are disallowed by cluster policy",
        );
    }
}

/// `validateOS`, `validateLinux` and `validateWindows`
pub(super) fn os(errors: &mut Errors, at: &At<'_>, spec: &Node) {
    let Some(os) = spec.sub("os") else { return };
    let place = at.field("os");
    match os.text("name") {
        "" => errors.required(&place.field("name"), ""),
        "linux" => linux(errors, at, spec),
        "windows" => windows(errors, at, spec),
        other => errors.unsupported(&place, Shown::Name(other), &["linux", "windows"]),
    }
}

fn linux(errors: &mut Errors, at: &At<'_>, spec: &Node) {
    let mut check = |holder: &Node, at: &At<'_>| {
        if holder.sub("securityContext").has("windowsOptions") {
            let at = at.field("securityContext");
            let detail = "windows options cannot be set for a linux pod";
            errors.forbidden(&at.field("windowsOptions"), detail);
        }
    };
    check(spec, at);
    each_container(Some(spec), at, check);
}

/// Fields that a Pod for Windows may not have: of its specification (those of the security
/// context after a point), and of the security contexts of its containers.
const NOT_FOR_WINDOWS: [&str; 15] = [
    ".appArmorProfile",
    ".seLinuxOptions",
    "hostUsers",
    "hostPID",
    "hostIPC",
    ".seccompProfile",
    ".fsGroup",
    ".fsGroupChangePolicy",
    ".sysctls",
    "shareProcessNamespace",
    ".runAsUser",
    ".runAsGroup",
    ".supplementalGroups",
    ".supplementalGroupsPolicy",
    ".seLinuxChangePolicy",
];
const NOT_FOR_WINDOWS_CONTAINERS: [&str; 10] = [
    "appArmorProfile",
    "seLinuxOptions",
    "seccompProfile",
    "capabilities",
    "readOnlyRootFilesystem",
    "privileged",
    "allowPrivilegeEscalation",
    "procMount",
    "runAsUser",
    "runAsGroup",
];

fn windows(errors: &mut Errors, at: &At<'_>, spec: &Node) {
    const DETAIL: &str = "cannot be set for a windows pod";
    let context = spec.sub("securityContext");
    let context_at = at.field("securityContext");
    for key in NOT_FOR_WINDOWS {
        let (holder, at, key) = match key.strip_prefix('.') {
            Some(key) => (context, &context_at, key),
            None => (Some(spec), at, key),
        };
        let set = holder.has(key) && (key != "sysctls" || !holder.list(key).is_empty());
        if set {
            errors.forbidden(&at.field(key), DETAIL);
        }
    }
    each_container(Some(spec), at, |container, at| {
        let context = container.sub("securityContext");
        let at = at.field("securityContext");
        for key in NOT_FOR_WINDOWS_CONTAINERS {
            if context.has(key) {
                errors.forbidden(&at.field(key), DETAIL);
            }
        }
    });
}

/// `validateHostUsers`
pub(super) fn host_users(errors: &mut Errors, at: &At<'_>, spec: &Node) {
    const DETAIL: &str = "when `hostUsers` is false";
    if spec.flag("hostUsers") != Some(false) {
        return;
    }
    // the last two are written so
    for (key, written) in [
        ("hostNetwork", "hostNetwork"),
        ("hostPID", "HostPID"),
        ("hostIPC", "HostIPC"),
    ] {
        if spec.is(key) {
            errors.forbidden(&at.field(written), DETAIL);
        }
    }
    each_container(Some(spec), at, |container, at| {
        if !container.list("volumeDevices").is_empty() {
            errors.forbidden(&at.field("volumeDevices"), DETAIL);
        }
    });
}
