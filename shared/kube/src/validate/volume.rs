//! Volumes of Pods and their sources.

use vapwright_cel::document::Node;

use super::errors::{At, Errors, Shown};
use super::read::Read;
use super::{Options, claim, paths, projected, resources, words};

const MODE_ERROR: &str = "must be a number between 0 and 0777 (octal), both inclusive";

/// The sources of volumes, in the order in which they are looked at, each with the name that
/// its errors stand under.
const SOURCES: [(&str, &str); 30] = [
    ("emptyDir", ""),
    ("hostPath", ""),
    ("gitRepo", ""),
    ("gcePersistentDisk", "persistentDisk"),
    ("awsElasticBlockStore", ""),
    ("secret", ""),
    ("nfs", ""),
    ("iscsi", ""),
    ("glusterfs", ""),
    ("flocker", ""),
    ("persistentVolumeClaim", ""),
    ("rbd", ""),
    ("cinder", ""),
    ("cephfs", ""),
    ("quobyte", ""),
    ("downwardAPI", ""),
    ("fc", ""),
    ("flexVolume", ""),
    ("configMap", ""),
    ("azureFile", ""),
    ("vsphereVolume", ""),
    ("photonPersistentDisk", ""),
    ("portworxVolume", ""),
    ("azureDisk", ""),
    ("storageos", ""),
    ("projected", ""),
    ("scaleIO", ""),
    ("csi", ""),
    ("ephemeral", ""),
    ("image", ""),
];

/// Texts that a source must have, in order, where that is all there is to say.
const NEEDED: [(&str, &[&str]); 12] = [
    ("glusterfs", &["endpoints", "path"]),
    ("persistentVolumeClaim", &["claimName"]),
    ("cinder", &["volumeID"]),
    ("azureFile", &["secretName", "shareName"]),
    ("vsphereVolume", &["volumePath"]),
    ("photonPersistentDisk", &["pdID"]),
    ("portworxVolume", &["volumeID"]),
    ("scaleIO", &["gateway", "system", "volumeName"]),
    ("gitRepo", &["repository"]),
    ("gcePersistentDisk", &["pdName"]),
    ("awsElasticBlockStore", &["volumeID"]),
    ("nfs", &["server", "path"]),
];

/// `ValidateVolumes`: gives back the volumes without an error. `pod` is the Pod's name; empty
/// for templates.
pub(super) fn volumes<'n>(
    errors: &mut Errors,
    at: &At<'_>,
    volumes: &[&'n Node],
    pod: &str,
    options: Options,
) -> Vec<&'n Node> {
    let claims: Vec<String> = volumes
        .iter()
        .filter(|volume| !pod.is_empty() && volume.has("ephemeral"))
        .map(|volume| format!("{pod}-{}", volume.text("name")))
        .collect();
    let mut good: Vec<&Node> = Vec::new();
    for (index, volume) in volumes.iter().enumerate() {
        let at = at.index(index);
        let before = errors.0.len();
        source(errors, &at, volume, pod, options);
        let name = volume.text("name");
        let place = at.field("name");
        if errors.needs(&place, name) {
            errors.invalid_each(&place, name, words::label(name));
        }
        if good.iter().any(|other| other.text("name") == name) {
            errors.duplicate(&place, Shown::Text(name));
        }
        if errors.0.len() == before {
            good.push(volume);
        }
        let claim = volume.sub("persistentVolumeClaim").text("claimName");
        if volume.has("persistentVolumeClaim") && claims.iter().any(|made| made == claim) {
            let at = at.field("persistentVolumeClaim");
            let detail = "must not reference a PVC that gets created for an ephemeral volume";
            errors.invalid(&at.field("claimName"), Shown::Text(claim), detail);
        }
    }
    good
}

/// `validateVolumeSource`
fn source(errors: &mut Errors, at: &At<'_>, volume: &Node, pod: &str, options: Options) {
    let mut count = 0;
    let name = volume.text("name");
    for (kind, written) in SOURCES {
        let Some(source) = volume.sub(kind) else {
            continue;
        };
        if count > 0 {
            // two names are misspelt in this text only
            let kind = match kind {
                "cephfs" => "cephFS",
                "downwardAPI" => "downwarAPI",
                other => other,
            };
            errors.forbidden(&at.field(kind), "may not specify more than 1 volume type");
        } else {
            count += 1;
            let written = if written.is_empty() { kind } else { written };
            one(errors, &at.field(written), kind, source, options);
            let claim = format!("{pod}-{name}");
            if kind == "ephemeral" && !pod.is_empty() && !name.is_empty() {
                for detail in words::subdomain(&claim) {
                    let detail = format!("PVC name \"{claim}\": {detail}");
                    errors.invalid(&at.field("name"), Shown::Text(name), &detail);
                }
            }
        }
        let portal = source.text("targetPortal");
        if kind == "iscsi" && source.has("initiatorName") && name.len() + portal.len() + 1 > 64 {
            let detail = "Total length of <volume name>:<iscsi.targetPortal> must be under 64 characters if iscsi.initiatorName is specified.";
            errors.invalid(&at.field("name"), Shown::Text(name), detail);
        }
    }
    if count == 0 {
        errors.required(at, "must specify a volume type");
    }
}

fn one(errors: &mut Errors, at: &At<'_>, kind: &str, source: &Node, options: Options) {
    let needed = NEEDED.iter().find(|(name, _)| *name == kind);
    for key in needed.map_or(&[] as &[&str], |(_, keys)| keys) {
        errors.needs(&at.field(key), source.text(key));
    }
    match kind {
        "emptyDir" => {
            let limit = source.sub("sizeLimit").and_then(resources::quantity);
            if limit.is_some_and(|limit| limit.nano() < 0) {
                let detail = "SizeLimit field must be a valid resource quantity";
                errors.forbidden(&at.field("sizeLimit"), detail);
            }
        }
        "hostPath" => host_path(errors, at, source),
        "gitRepo" => {
            paths::descending(errors, &at.field("directory"), source.text("directory"));
        }
        "gcePersistentDisk" | "awsElasticBlockStore" => {
            in_range(errors, at, source, "partition", 1);
        }
        "secret" => {
            errors.needs(&at.field("secretName"), source.text("secretName"));
            mode(errors, at, source, "defaultMode");
            items(errors, at, source);
        }
        "configMap" => {
            errors.needs(&at.field("name"), source.text("name"));
            mode(errors, at, source, "defaultMode");
            items(errors, at, source);
        }
        "nfs" if !source.text("path").starts_with('/') => {
            let path = source.text("path");
            let detail = "must be an absolute path";
            errors.invalid(&at.field("path"), Shown::Text(path), detail);
        }
        "iscsi" => iscsi(errors, at, source, true),
        "flocker" => flocker(errors, at, source),
        "rbd" => {
            if source.list("monitors").is_empty() {
                errors.required(&at.field("monitors"), "");
            }
            errors.needs(&at.field("image"), source.text("image"));
        }
        "cephfs" if source.list("monitors").is_empty() => {
            errors.required(&at.field("monitors"), "");
        }
        "cinder" => secret_name(errors, at, source),
        "quobyte" => quobyte(errors, at, source),
        "downwardAPI" => {
            mode(errors, at, source, "defaultMode");
            for file in source.list("items") {
                projected::file(errors, at, file);
            }
        }
        "fc" => fibre_channel(errors, at, source),
        "flexVolume" => flex(errors, at, source),
        "azureDisk" => azure_disk(errors, at, source),
        "storageos" => {
            let name = source.text("volumeName");
            let place = at.field("volumeName");
            if errors.needs(&place, name) {
                errors.invalid_each(&place, name, words::label(name));
            }
            let namespace = source.text("volumeNamespace");
            if !namespace.is_empty() {
                let wrong = words::label(namespace);
                errors.invalid_each(&at.field("volumeNamespace"), namespace, wrong);
            }
            secret_name(errors, at, source);
        }
        "projected" => projected::volume(errors, at, source),
        "csi" => {
            csi_driver(errors, &at.field("driver"), source.text("driver"));
            if let Some(secret) = source.sub("nodePublishSecretRef") {
                let name = secret.text("name");
                let place = at.field("nodePublishSecretRef");
                if errors.needs(&place.field("name"), name) {
                    errors.invalid_each(&at.field("name"), name, words::subdomain(name));
                }
            }
        }
        "ephemeral" => {
            let at = at.field("volumeClaimTemplate");
            match source.sub("volumeClaimTemplate") {
                Some(template) => claim::template(errors, &at, template),
                None => errors.required(&at, ""),
            }
        }
        "image" => {
            if options.pod {
                errors.needs(&at.field("reference"), source.text("reference"));
            }
            pull_policy(errors, &at.field("pullPolicy"), source.text("pullPolicy"));
        }
        _ => {}
    }
}

pub(super) fn host_path(errors: &mut Errors, at: &At<'_>, source: &Node) {
    let path = source.text("path");
    if !errors.needs(&at.field("path"), path) {
        return;
    }
    paths::no_backsteps(errors, &at.field("path"), path);
    errors.one_of(
        &at.field("type"),
        source.word("type"),
        &[
            "",
            "BlockDevice",
            "CharDevice",
            "Directory",
            "DirectoryOrCreate",
            "File",
            "FileOrCreate",
            "Socket",
        ],
    );
}

/// `validatePullPolicy`
pub(super) fn pull_policy(errors: &mut Errors, at: &At<'_>, policy: &str) {
    errors.needs_one_of(at, policy, &["Always", "IfNotPresent", "Never"]);
}

/// A file's mode.
pub(super) fn mode(errors: &mut Errors, at: &At<'_>, node: &Node, key: &str) {
    if let Some(mode) = node.int(key).filter(|mode| !(0..=0o777).contains(mode)) {
        errors.invalid(&at.field(key), Shown::Int(mode), MODE_ERROR);
    }
}

fn items(errors: &mut Errors, at: &At<'_>, source: &Node) {
    let at = at.field("items");
    for (index, item) in source.list("items").iter().enumerate() {
        key_to_path(errors, &at.index(index), item);
    }
}

/// `validateKeyToPath`
pub(super) fn key_to_path(errors: &mut Errors, at: &At<'_>, item: &Node) {
    errors.needs(&at.field("key"), item.text("key"));
    let path = item.text("path");
    errors.needs(&at.field("path"), path);
    paths::local(errors, &at.field("path"), path);
    mode(errors, at, item, "mode");
}

/// A number of a disk: 0 to 255, although the error may say from 1.
fn in_range(errors: &mut Errors, at: &At<'_>, source: &Node, key: &str, low: i64) {
    if let Some(value) = source.int(key).filter(|value| !(0..=255).contains(value)) {
        errors.invalid(&at.field(key), Shown::Int(value), &words::between(low, 255));
    }
}

fn secret_name(errors: &mut Errors, at: &At<'_>, source: &Node) {
    if let Some(secret) = source.sub("secretRef") {
        let at = at.field("secretRef");
        errors.needs(&at.field("name"), secret.text("name"));
    }
}

/// Whether an iSCSI name is one: `iqn.2001-04.com.example:storage`, `eui.` and 16, `naa.` and 32
/// letters or digits.
fn is_iscsi_name(name: &str) -> bool {
    let counted = |rest: &str, count: usize| {
        // the fourth character is any
        let rest = rest
            .char_indices()
            .nth(1)
            .and_then(|(at, _)| rest.get(at..));
        rest.is_some_and(|rest| {
            rest.len() == count && rest.bytes().all(|byte| byte.is_ascii_alphanumeric())
        })
    };
    if let Some(rest) = name.strip_prefix("eui") {
        return counted(rest, 16);
    }
    if let Some(rest) = name.strip_prefix("naa") {
        return counted(rest, 32);
    }
    // unlike the others it need not stand at the start
    name.match_indices("iqn.").any(|(start, _)| {
        let rest = name.get(start + 4..).unwrap_or_default();
        let mut chars = rest.chars();
        let date = "dddd-dd."
            .chars()
            .all(|wanted| match (wanted, chars.next()) {
                ('d', Some(found)) => found.is_ascii_digit(),
                (wanted, found) => found == Some(wanted),
            });
        let Some((authority, unique)) = chars.as_str().split_once(':') else {
            return false;
        };
        let of_domain = |char: char| char.is_ascii_alphanumeric() || matches!(char, '-' | '.');
        let stops = |char: char| ",;*&$|".contains(char) || char.is_ascii_whitespace();
        date && !authority.is_empty()
            && authority.chars().all(of_domain)
            && !unique.is_empty()
            && !unique.contains(stops)
    })
}

fn iscsi_name(errors: &mut Errors, at: &At<'_>, name: &str, of_pod: bool) {
    let known = ["iqn", "eui", "naa"]
        .iter()
        .any(|prefix| name.starts_with(prefix));
    let detail = match (known, of_pod) {
        (false, true) => "must be valid format starting with iqn, eui, or naa",
        (false, false) => "must be valid format",
        (true, _) if !is_iscsi_name(name) => "must be valid format",
        _ => return,
    };
    errors.invalid(at, Shown::Text(name), detail);
}

/// `validateISCSIVolumeSource` and, for volumes of the cluster,
/// `validateISCSIPersistentVolumeSource`
pub(super) fn iscsi(errors: &mut Errors, at: &At<'_>, source: &Node, of_pod: bool) {
    errors.needs(&at.field("targetPortal"), source.text("targetPortal"));
    let name = source.text("iqn");
    if errors.needs(&at.field("iqn"), name) {
        iscsi_name(errors, &at.field("iqn"), name, of_pod);
    }
    in_range(errors, at, source, "lun", 0);
    let authenticates = source.is("chapAuthDiscovery") || source.is("chapAuthSession");
    if authenticates && !source.has("secretRef") {
        errors.required(&at.field("secretRef"), "");
    }
    if !of_pod {
        secret_name(errors, at, source);
    }
    if let Some(name) = source.word("initiatorName") {
        iscsi_name(errors, &at.field("initiatorname"), name, of_pod);
    }
}

fn flocker(errors: &mut Errors, at: &At<'_>, source: &Node) {
    let (name, uuid) = (source.text("datasetName"), source.text("datasetUUID"));
    match (name, uuid) {
        ("", "") => errors.required(at, "one of datasetName and datasetUUID is required"),
        ("", _) | (_, "") => {}
        _ => {
            let detail = "datasetName and datasetUUID can not be specified simultaneously";
            errors.invalid(at, Shown::Text("resource"), detail);
        }
    }
    if name.contains('/') {
        let detail = "must not contain '/'";
        errors.invalid(&at.field("datasetName"), Shown::Text(name), detail);
    }
}

/// Whether Go's `net.SplitHostPort` reads a text.
fn is_host_port(text: &str) -> bool {
    let Some((host, port)) = text.rsplit_once(':') else {
        return false;
    };
    let brackets = |text: &str| text.contains(['[', ']']);
    match host.strip_prefix('[') {
        Some(host) => host
            .strip_suffix(']')
            .is_some_and(|host| !brackets(host) && !brackets(port)),
        None => !host.contains(':') && !brackets(host) && !brackets(port),
    }
}

fn quobyte(errors: &mut Errors, at: &At<'_>, source: &Node) {
    let registry = source.text("registry");
    let detail = "must be a host:port pair or multiple pairs separated by commas";
    if registry.is_empty() {
        errors.required(&at.field("registry"), detail);
    } else if source.text("tenant").len() >= 65 {
        let detail = "must be a UUID and may not exceed a length of 64 characters";
        errors.required(&at.field("tenant"), detail);
    } else {
        for _ in registry.split(',').filter(|pair| !is_host_port(pair)) {
            errors.invalid(&at.field("registry"), Shown::Text(registry), detail);
        }
    }
    errors.needs(&at.field("volume"), source.text("volume"));
}

fn fibre_channel(errors: &mut Errors, at: &At<'_>, source: &Node) {
    let (names, ids) = (source.sub("targetWWNs"), source.list("wwids"));
    let named = !source.list("targetWWNs").is_empty();
    let place = at.field("targetWWNs");
    if !named && ids.is_empty() {
        let detail = "must specify either targetWWNs or wwids, but not both";
        errors.required(&place, detail);
    }
    if named && !ids.is_empty() {
        let value = super::shown::maybe(names);
        let detail = "targetWWNs and wwids can not be specified simultaneously";
        errors.invalid(&place, Shown::Json(&value), detail);
    }
    if named && !source.has("lun") {
        errors.required(
            &at.field("lun"),
            "lun is required if targetWWNs is specified",
        );
    } else if named {
        in_range(errors, at, source, "lun", 0);
    }
}

pub(super) fn flex(errors: &mut Errors, at: &At<'_>, source: &Node) {
    errors.needs(&at.field("driver"), source.text("driver"));
    let at = at.field("options");
    for (key, _) in source.entries("options") {
        let domain = key.split('/').next().unwrap_or_default().to_lowercase();
        let domain = format!(".{domain}");
        if domain.ends_with(".kubernetes.io") || domain.ends_with(".k8s.io") {
            let detail = "kubernetes.io and k8s.io namespaces are reserved";
            errors.invalid(&at.key(key), Shown::Text(key), detail);
        }
    }
}

pub(super) fn azure_disk(errors: &mut Errors, at: &At<'_>, source: &Node) {
    const MANAGED: &str = "/subscriptions/{sub-id}/resourcegroups/{group-name}/providers/microsoft.compute/disks/{disk-id}";
    const BLOB: &str =
        "https://{account-name}.blob.core.windows.net/{container-name}/{disk-name}.vhd";
    let place = at.field("diskURI");
    let uri = source.text("diskURI");
    errors.needs(&at.field("diskName"), source.text("diskName"));
    errors.needs(&place, uri);
    let modes = ["None", "ReadOnly", "ReadWrite"];
    errors.one_of(&at.field("cachingMode"), source.word("cachingMode"), &modes);
    let kinds = ["Dedicated", "Managed", "Shared"];
    errors.one_of(&at.field("kind"), source.word("kind"), &kinds);
    match source.word("kind") {
        Some("Managed") if !uri.starts_with("/subscriptions/") => {
            errors.unsupported(&place, Shown::Text(uri), &[MANAGED]);
        }
        Some("Managed") | None => {}
        Some(_) if !uri.starts_with("https://") => {
            errors.unsupported(&place, Shown::Text(uri), &[BLOB]);
        }
        Some(_) => {}
    }
}

/// `ValidateCSIDriverName`
pub(super) fn csi_driver(errors: &mut Errors, at: &At<'_>, driver: &str) {
    if !errors.needs(at, driver) {
        return;
    }
    if driver.len() > 63 {
        errors.too_long(at, 63);
    }
    errors.invalid_each(at, driver, words::subdomain(&driver.to_lowercase()));
}
