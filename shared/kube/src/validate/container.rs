//! Containers: ports, environment, mounts, devices, and what holds for all lists of them.

use vapwright_cel::document::Node;

use super::errors::{At, Errors, Shown};
use super::read::Read;
use super::resources::{self, Of};
use super::volume::pull_policy;
use super::{Options, paths, probe, security, words};

/// What the containers of a Pod share.
pub(super) struct Pod<'n> {
    /// The Pod's specification.
    pub spec: &'n Node,
    /// The volumes that have no error.
    pub volumes: Vec<&'n Node>,
    /// The names of the claims of resources.
    pub claims: Vec<&'n str>,
    /// Whether the Pod uses the users of its host.
    pub host_users: bool,
    pub options: Options,
}

const PROTOCOLS: [&str; 3] = ["SCTP", "TCP", "UDP"];
const RESTART_POLICIES: [&str; 3] = ["Always", "Never", "OnFailure"];
/// Fields of a Pod that variables may show.
const ENV_FIELDS: [&str; 9] = [
    "metadata.name",
    "metadata.namespace",
    "metadata.uid",
    "spec.nodeName",
    "spec.serviceAccountName",
    "status.hostIP",
    "status.hostIPs",
    "status.podIP",
    "status.podIPs",
];
/// Fields of a Pod that have a label in the API: `ConvertDownwardAPIFieldLabel`.
const LABELLED_FIELDS: [&str; 15] = [
    "metadata.annotations",
    "metadata.labels",
    "metadata.name",
    "metadata.namespace",
    "metadata.uid",
    "spec.nodeName",
    "spec.restartPolicy",
    "spec.serviceAccountName",
    "spec.schedulerName",
    "status.phase",
    "status.hostIP",
    "status.hostIPs",
    "status.podIP",
    "status.podIPs",
    "spec.host",
];
const RESOURCES: [&str; 6] = [
    "limits.cpu",
    "limits.ephemeral-storage",
    "limits.memory",
    "requests.cpu",
    "requests.ephemeral-storage",
    "requests.memory",
];
const SIZES: [&str; 13] = [
    "1", "1k", "1M", "1G", "1T", "1P", "1E", "1Ki", "1Mi", "1Gi", "1Ti", "1Pi", "1Ei",
];

impl Pod<'_> {
    fn volume(&self, name: &str) -> Option<&Node> {
        let mut found = self.volumes.iter();
        found.find(|volume| volume.text("name") == name).copied()
    }

    /// `validateContainerCommon`
    fn common(&self, errors: &mut Errors, at: &At<'_>, container: &Node) {
        let name = container.text("name");
        if errors.needs(&at.field("name"), name) {
            errors.invalid_each(&at.field("name"), name, words::label(name));
        }
        errors.needs(&at.field("image"), container.text("image"));
        errors.needs_one_of(
            &at.field("terminationMessagePolicy"),
            container.text("terminationMessagePolicy"),
            &["File", "FallbackToLogsOnError"],
        );
        ports(errors, &at.field("ports"), container.list("ports"));
        env(errors, &at.field("env"), container.list("env"));
        env_from(errors, &at.field("envFrom"), container.list("envFrom"));
        self.mounts(errors, &at.field("volumeMounts"), container);
        self.devices(errors, &at.field("volumeDevices"), container);
        let policy = container.text("imagePullPolicy");
        pull_policy(errors, &at.field("imagePullPolicy"), policy);
        resources::requirements(
            errors,
            &at.field("resources"),
            container.sub("resources"),
            &self.claims,
            Of::Container,
        );
        self.resize_policy(errors, &at.field("resizePolicy"), container);
        if let Some(context) = container.sub("securityContext") {
            let at = at.field("securityContext");
            security::container(errors, &at, context, self.host_users, self.options);
        }
    }

    /// `validateContainers`
    pub fn containers(&self, errors: &mut Errors, at: &At<'_>) {
        let containers = self.spec.list("containers");
        if containers.is_empty() {
            errors.required(at, "");
            return;
        }
        let mut names = Vec::new();
        for (index, container) in containers.iter().enumerate() {
            let at = at.index(index);
            self.common(errors, &at, container);
            let name = container.text("name");
            if names.contains(&name) {
                errors.duplicate(&at.field("name"), Shown::Text(name));
            }
            names.push(name);
            probe::lifecycle_and_probes(errors, &at, container, self.spec);
            restart_policy(errors, &at, container, false);
        }
        host_ports(errors, at, containers);
    }

    /// `validateInitContainers`
    pub fn init_containers(&self, errors: &mut Errors, at: &At<'_>) {
        let others = self.spec.list("containers").iter();
        let mut names: Vec<&str> = others.map(|container| container.text("name")).collect();
        for (index, container) in self.spec.list("initContainers").iter().enumerate() {
            let list = at;
            let at = at.index(index);
            self.common(errors, &at, container);
            restart_policy(errors, &at, container, true);
            let name = container.text("name");
            if names.contains(&name) {
                errors.duplicate(&at.field("name"), Shown::Text(name));
            } else if !name.is_empty() {
                names.push(name);
            }
            // as if the container were the first of all
            host_ports(errors, list, std::slice::from_ref(container));
            let stays = container.text("restartPolicy") == "Always";
            if stays {
                probe::lifecycle_and_probes(errors, &at, container, self.spec);
                continue;
            }
            for key in [
                "lifecycle",
                "livenessProbe",
                "readinessProbe",
                "startupProbe",
            ] {
                if container.has(key) {
                    let detail = "may not be set for init containers without restartPolicy=Always";
                    errors.forbidden(&at.field(key), detail);
                }
            }
            let at = at.field("resizePolicy");
            for (index, policy) in container.list("resizePolicy").iter().enumerate() {
                if policy.text("restartPolicy") == "RestartContainer" {
                    let at = at.index(index);
                    let detail =
                        "must not be set to 'RestartContainer' for non-sidecar initContainers";
                    let value = Shown::Name("RestartContainer");
                    errors.invalid(&at.field("restartPolicy"), value, detail);
                }
            }
        }
    }

    /// `validateEphemeralContainers`
    pub fn ephemeral_containers(&self, errors: &mut Errors, at: &At<'_>) {
        const DETAIL: &str = "cannot be set for an Ephemeral Container";
        let others = ["containers", "initContainers"];
        let others = others.iter().flat_map(|key| self.spec.list(key));
        let mut names: Vec<&str> = others.map(|container| container.text("name")).collect();
        let count = names.len();
        for (index, container) in self.spec.list("ephemeralContainers").iter().enumerate() {
            let at = at.index(index);
            self.common(errors, &at, container);
            image_is_trimmed(errors, &at, container);
            let name = container.text("name");
            if names.contains(&name) {
                errors.duplicate(&at.field("name"), Shown::Text(name));
            } else {
                names.push(name);
            }
            let target = container.text("targetContainerName");
            if !target.is_empty() && !names.iter().take(count).any(|name| *name == target) {
                errors.not_found(&at.field("targetContainerName"), target, "");
            }
            for key in [
                "ports",
                "resources",
                "resizePolicy",
                "restartPolicy",
                "restartPolicyRules",
                "livenessProbe",
                "readinessProbe",
                "startupProbe",
                "lifecycle",
            ] {
                let empty = |node: &Node| node.as_map().is_some_and(|fields| fields.is_empty());
                let set = container
                    .sub(key)
                    .filter(|node| key != "resources" || !empty(node));
                if set.is_some() {
                    errors.forbidden(&at.field(key), DETAIL);
                }
            }
            let at = at.field("volumeMounts");
            for (index, mount) in container.list("volumeMounts").iter().enumerate() {
                let at = at.index(index);
                for key in ["subPath", "subPathExpr"] {
                    if !mount.text(key).is_empty() {
                        errors.forbidden(&at.field(key), DETAIL);
                    }
                }
            }
        }
    }

    /// `ValidateVolumeMounts`
    fn mounts(&self, errors: &mut Errors, at: &At<'_>, container: &Node) {
        let devices = container.list("volumeDevices");
        let mut taken: Vec<&str> = Vec::new();
        for (index, mount) in container.list("volumeMounts").iter().enumerate() {
            let list = at;
            let at = at.index(index);
            let (name, path) = (mount.text("name"), mount.text("mountPath"));
            let (name_at, path_at) = (at.field("name"), at.field("mountPath"));
            errors.needs(&name_at, name);
            if self.volume(name).is_none() {
                errors.not_found(&name_at, name, "");
            }
            errors.needs(&path_at, path);
            if taken.contains(&path) {
                errors.invalid(&path_at, Shown::Text(path), "must be unique");
            }
            taken.push(path);
            if devices.iter().any(|device| device.text("name") == name) {
                let detail = "must not already exist in volumeDevices";
                errors.invalid(&name_at, Shown::Text(name), detail);
            }
            if device_paths(devices).contains(&path) {
                let detail = "must not already exist as a path in volumeDevices";
                errors.invalid(&path_at, Shown::Text(path), detail);
            }
            // from here on errors stand at the list
            let (sub, expression) = (mount.text("subPath"), mount.text("subPathExpr"));
            if !sub.is_empty() {
                paths::descending(errors, &list.field("subPath"), sub);
            }
            if !expression.is_empty() {
                if !sub.is_empty() {
                    let detail = "subPathExpr and subPath are mutually exclusive";
                    errors.invalid(&at.field("subPathExpr"), Shown::Text(expression), detail);
                }
                paths::descending(errors, &list.field("subPathExpr"), expression);
            }
            if let Some(propagation) = mount.word("mountPropagation") {
                let at = list.field("mountPropagation");
                let supported = ["Bidirectional", "HostToContainer", "None"];
                errors.one_of(&at, Some(propagation), &supported);
                let privileged = container.sub("securityContext").is("privileged");
                if propagation == "Bidirectional" && !privileged {
                    let detail = "Bidirectional mount propagation is available only to privileged containers";
                    errors.forbidden(&at, detail);
                }
            }
            recursive_read_only(errors, &list.field("recursiveReadOnly"), mount);
        }
    }

    /// `ValidateVolumeDevices`
    fn devices(&self, errors: &mut Errors, at: &At<'_>, container: &Node) {
        let mounts = container.list("volumeMounts");
        let (mut names, mut taken): (Vec<&str>, Vec<&str>) = (Vec::new(), Vec::new());
        for (index, device) in container.list("volumeDevices").iter().enumerate() {
            let at = at.index(index);
            let (name, path) = (device.text("name"), device.text("devicePath"));
            let (name_at, path_at) = (at.field("name"), at.field("devicePath"));
            errors.needs(&name_at, name);
            if names.contains(&name) {
                errors.invalid(&name_at, Shown::Text(name), "must be unique");
            }
            match self.volume(name) {
                None => errors.not_found(&name_at, name, ""),
                Some(volume)
                    if !volume.has("persistentVolumeClaim") && !volume.has("ephemeral") =>
                {
                    let detail = "can only use volume source type of PersistentVolumeClaim or Ephemeral for block mode";
                    errors.invalid(&name_at, Shown::Text(name), detail);
                }
                Some(_) => {}
            }
            errors.needs(&path_at, path);
            if taken.contains(&path) {
                errors.invalid(&path_at, Shown::Text(path), "must be unique");
            }
            if path.split('/').any(|part| part == "..") {
                let detail = "can not contain backsteps ('..')";
                errors.invalid(&path_at, Shown::Text(path), detail);
            } else {
                taken.push(path);
            }
            if mounts.iter().any(|mount| mount.text("name") == name) {
                let detail = "must not already exist in volumeMounts";
                errors.invalid(&name_at, Shown::Text(name), detail);
            }
            if last_paths(mounts, "mountPath").contains(&path) {
                let detail = "must not already exist as a path in volumeMounts";
                errors.invalid(&path_at, Shown::Text(path), detail);
            }
            if !name.is_empty() {
                names.push(name);
            }
        }
    }

    /// `validateResizePolicy`
    fn resize_policy(&self, errors: &mut Errors, at: &At<'_>, container: &Node) {
        let mut seen = Vec::new();
        for (index, policy) in container.list("resizePolicy").iter().enumerate() {
            let (resource, restart) = (policy.text("resourceName"), policy.text("restartPolicy"));
            if seen.contains(&resource) {
                errors.duplicate(&at.index(index), Shown::Name(resource));
            }
            seen.push(resource);
            // these errors stand at the list
            errors.needs_one_of(at, resource, &["cpu", "memory"]);
            errors.needs_one_of(at, restart, &["NotRequired", "RestartContainer"]);
            if self.spec.text("restartPolicy") == "Never" && restart != "NotRequired" {
                let detail = "must be 'NotRequired' when pod `restartPolicy` is 'Never'";
                errors.invalid(at, Shown::Name(restart), detail);
            }
        }
    }
}

fn device_paths(devices: &[Node]) -> Vec<&str> {
    last_paths(devices, "devicePath")
}

/// The paths of mounts or devices: of several of one name, that of the last.
fn last_paths<'n>(items: &'n [Node], key: &str) -> Vec<&'n str> {
    let mut found: Vec<(&str, &str)> = Vec::new();
    for item in items {
        let name = item.text("name");
        found.retain(|(other, _)| *other != name);
        found.push((name, item.text(key)));
    }
    found.into_iter().map(|(_, path)| path).collect()
}

/// `validateContainerOnlyForPod`
pub(super) fn image_is_trimmed(errors: &mut Errors, at: &At<'_>, container: &Node) {
    let image = container.text("image");
    if image.trim().len() != image.len() {
        let detail = "must not have leading or trailing whitespace";
        errors.invalid(&at.field("image"), Shown::Text(image), detail);
    }
}

/// `validateContainerRestartPolicy` and `validateInitContainerRestartPolicy`
fn restart_policy(errors: &mut Errors, at: &At<'_>, container: &Node, init: bool) {
    let policy = container.word("restartPolicy");
    let rules = container.list("restartPolicyRules");
    if policy.is_none() && !rules.is_empty() {
        let detail = "must specify restartPolicy when restart rules are used";
        errors.required(&at.field("restartPolicy"), detail);
        if init {
            return;
        }
    }
    errors.one_of(&at.field("restartPolicy"), policy, &RESTART_POLICIES);
    let at = at.field("restartPolicyRules");
    if rules.len() > 20 {
        errors.too_many(&at, rules.len(), 20);
    }
    for (index, rule) in rules.iter().enumerate() {
        let at = at.index(index);
        let actions = ["Restart", "RestartAllContainers"];
        errors.one_of(&at.field("action"), Some(rule.text("action")), &actions);
        let at = at.field("exitCodes");
        let Some(codes) = rule.sub("exitCodes") else {
            errors.required(&at, "must be specified");
            continue;
        };
        let operators = ["In", "NotIn"];
        errors.one_of(
            &at.field("operator"),
            Some(codes.text("operator")),
            &operators,
        );
        let count = codes.list("values").len();
        if count > 255 {
            errors.too_many(&at.field("values"), count, 255);
        }
    }
}

/// `checkHostPortConflicts`
fn host_ports(errors: &mut Errors, at: &At<'_>, containers: &[Node]) {
    let mut taken: Vec<String> = Vec::new();
    for (index, container) in containers.iter().enumerate() {
        let at = at.index(index);
        let at = at.field("ports");
        for (index, port) in container.list("ports").iter().enumerate() {
            let Some(number) = port.int("hostPort").filter(|number| *number != 0) else {
                continue;
            };
            let key = format!("{}/{}/{number}", port.text("protocol"), port.text("hostIP"));
            if taken.contains(&key) {
                let at = at.index(index);
                errors.duplicate(&at.field("hostPort"), Shown::Text(&key));
            } else {
                taken.push(key);
            }
        }
    }
}

/// `validateContainerPorts`
fn ports(errors: &mut Errors, at: &At<'_>, ports: &[Node]) {
    let mut names = Vec::new();
    for (index, port) in ports.iter().enumerate() {
        let at = at.index(index);
        let name = port.text("name");
        if !name.is_empty() {
            let wrong = words::port_name(name);
            if !wrong.is_empty() {
                errors.invalid_each(&at.field("name"), name, wrong);
            } else if names.contains(&name) {
                errors.duplicate(&at.field("name"), Shown::Text(name));
            } else {
                names.push(name);
            }
        }
        for key in ["containerPort", "hostPort"] {
            match port.int(key).unwrap_or(0) {
                0 if key == "containerPort" => errors.required(&at.field(key), ""),
                0 => {}
                number => port_number(errors, &at.field(key), number),
            }
        }
        errors.needs_one_of(&at.field("protocol"), port.text("protocol"), &PROTOCOLS);
    }
}

pub(super) fn port_number(errors: &mut Errors, at: &At<'_>, number: i64) {
    if let Some(detail) = words::port_number(number) {
        errors.invalid(at, Shown::Int(number), &detail);
    }
}

/// `ValidateEnv`
fn env(errors: &mut Errors, at: &At<'_>, variables: &[Node]) {
    for (index, variable) in variables.iter().enumerate() {
        let at = at.index(index);
        let name = variable.text("name");
        if errors.needs(&at.field("name"), name) {
            errors.invalid_each(&at.field("name"), name, words::env_name(name));
        }
        if let Some(source) = variable.sub("valueFrom") {
            let valued = !variable.text("value").is_empty();
            value_from(errors, &at.field("valueFrom"), source, valued);
        }
    }
}

/// `validateEnvVarValueFrom`
fn value_from(errors: &mut Errors, at: &At<'_>, source: &Node, valued: bool) {
    let mut count = 0;
    for kind in [
        "fieldRef",
        "resourceFieldRef",
        "configMapKeyRef",
        "secretKeyRef",
        "fileKeyRef",
    ] {
        let Some(node) = source.sub(kind) else {
            continue;
        };
        count += 1;
        let at = at.field(kind);
        match kind {
            "fieldRef" => field_ref(errors, &at, node, &ENV_FIELDS),
            "resourceFieldRef" => resource_field_ref(errors, &at, node, false),
            "fileKeyRef" => file_key(errors, &at, node),
            _ => {
                let name = node.text("name");
                errors.invalid_each(&at.field("name"), name, words::subdomain(name));
                let key = node.text("key");
                if errors.needs(&at.field("key"), key) {
                    errors.invalid_each(&at.field("key"), key, words::config_key(key));
                }
            }
        }
    }
    let detail = match count {
        0 => {
            "must specify one of: `fieldRef`, `resourceFieldRef`, `configMapKeyRef`, `secretKeyRef` or `fileKeyRef`"
        }
        _ if valued => "may not be specified when `value` is not empty",
        1 => return,
        _ => "may not have more than one field specified at a time",
    };
    errors.invalid(at, Shown::Text(""), detail);
}

/// `validateFileKeySelector`
fn file_key(errors: &mut Errors, at: &At<'_>, node: &Node) {
    let key = node.text("key");
    if errors.needs(&at.field("key"), key) {
        errors.invalid_each(&at.field("key"), key, words::env_name(key));
    }
    let volume = node.text("volumeName");
    if errors.needs(&at.field("volumeName"), volume) {
        errors.invalid_each(&at.field("volumeName"), volume, words::label(volume));
    }
    let path = node.text("path");
    if errors.needs(&at.field("path"), path) {
        paths::no_backsteps(errors, &at.field("path"), path);
    }
}

/// `ValidateEnvFrom`
fn env_from(errors: &mut Errors, at: &At<'_>, sources: &[Node]) {
    for (index, source) in sources.iter().enumerate() {
        let list = at;
        let at = at.index(index);
        let prefix = source.text("prefix");
        if !prefix.is_empty() {
            errors.invalid_each(&at.field("prefix"), prefix, words::env_name(prefix));
        }
        let mut count = 0;
        for kind in ["configMapRef", "secretRef"] {
            let Some(node) = source.sub(kind) else {
                continue;
            };
            count += 1;
            let at = at.field(kind);
            let name = node.text("name");
            if errors.needs(&at.field("name"), name) {
                let wrong = super::meta::prefix(name, words::subdomain);
                errors.invalid_each(&at.field("name"), name, wrong);
            }
        }
        let detail = match count {
            0 => "must specify one of: `configMapRef` or `secretRef`",
            1 => continue,
            _ => "may not have more than one field specified at a time",
        };
        errors.invalid(list, Shown::Text(""), detail);
    }
}

/// `validateObjectFieldSelector`
pub(super) fn field_ref(errors: &mut Errors, at: &At<'_>, node: &Node, fields: &[&str]) {
    let version = node.text("apiVersion");
    let path = node.text("fieldPath");
    let place = at.field("fieldPath");
    if !errors.needs(&at.field("apiVersion"), version) || !errors.needs(&place, path) {
        return;
    }
    let subscripted = path
        .strip_suffix("']")
        .and_then(|rest| rest.split_once("['"))
        .filter(|(field, _)| !field.is_empty());
    let problem = if version != "v1" {
        format!("unsupported pod version: {version}")
    } else {
        match subscripted {
            Some(("metadata.annotations" | "metadata.labels", _)) => String::new(),
            Some(_) => format!("field label does not support subscript: {path}"),
            None if LABELLED_FIELDS.contains(&path) => String::new(),
            None => format!("field label not supported: {path}"),
        }
    };
    if !problem.is_empty() {
        let detail = format!("error converting fieldPath: {problem}");
        errors.invalid(&place, Shown::Text(path), &detail);
        return;
    }
    match subscripted {
        Some(("metadata.annotations", key)) => {
            let key = key.to_lowercase();
            errors.invalid_each(at, &key, words::qualified(&key));
        }
        Some((_, key)) => errors.invalid_each(at, key, words::qualified(key)),
        None => {
            let path = if path == "spec.host" {
                "spec.nodeName"
            } else {
                path
            };
            if !fields.contains(&path) {
                errors.unsupported(&place, Shown::Text(path), fields);
            }
        }
    }
}

/// `validateContainerResourceFieldSelector`
pub(super) fn resource_field_ref(errors: &mut Errors, at: &At<'_>, node: &Node, of_file: bool) {
    let resource = node.text("resource");
    let huge = ["requests.", "limits."].iter().any(|prefix| {
        resource
            .strip_prefix(prefix)
            .is_some_and(resources::is_huge_page)
    });
    if of_file && node.text("containerName").is_empty() {
        errors.required(&at.field("containerName"), "");
    } else if errors.needs(&at.field("resource"), resource)
        && !RESOURCES.contains(&resource)
        && !huge
    {
        errors.unsupported(&at.field("resource"), Shown::Text(resource), &RESOURCES);
    }
    let divisor = node.sub("divisor").and_then(resources::quantity);
    let Some(divisor) = divisor.filter(|divisor| divisor.nano() != 0) else {
        return;
    };
    let divisor = divisor.canonical();
    let what = resource.split_once('.').map_or("", |(_, what)| what);
    let what = match what {
        _ if huge => "the hugepages",
        _ if !RESOURCES.contains(&resource) => return,
        "ephemeral-storage" => "the local ephemeral storage",
        "cpu" => "the cpu",
        _ => "the memory",
    };
    let (fits, supported) = if what == "the cpu" {
        (
            matches!(divisor.as_str(), "1m" | "1"),
            "1m and 1".to_owned(),
        )
    } else {
        (SIZES.contains(&divisor.as_str()), SIZES.join(", "))
    };
    if !fits {
        let detail =
            format!("only divisor's values {supported} are supported with {what} resource");
        errors.invalid(&at.field("divisor"), Shown::Text(resource), &detail);
    }
}

/// `validateMountRecursiveReadOnly`
fn recursive_read_only(errors: &mut Errors, at: &At<'_>, mount: &Node) {
    match mount.word("recursiveReadOnly") {
        None | Some("Disabled") => {}
        Some("Enabled" | "IfPossible") => {
            if !mount.is("readOnly") {
                errors.forbidden(at, "may only be specified when readOnly is true");
            }
            if mount
                .word("mountPropagation")
                .is_some_and(|word| word != "None")
            {
                let detail = "may only be specified when mountPropagation is None or not specified";
                errors.forbidden(at, detail);
            }
        }
        other => errors.one_of(at, other, &["Disabled", "Enabled", "IfPossible"]),
    }
}
