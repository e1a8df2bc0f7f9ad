//! Volumes.

use vapwright_cel::document::Node;

use super::{Found, counted, plural, quoted, sorted, uses};
use crate::pod_security::pod::{Pod, at, items, name};

/// Types that the cluster provides.
const ALLOWED: [&str; 9] = [
    "configMap",
    "csi",
    "downwardAPI",
    "emptyDir",
    "ephemeral",
    "image",
    "persistentVolumeClaim",
    "projected",
    "secret",
];

/// Other types, by the fields that choose them.
const FORBIDDEN: [&str; 21] = [
    "hostPath",
    "gcePersistentDisk",
    "awsElasticBlockStore",
    "gitRepo",
    "nfs",
    "iscsi",
    "glusterfs",
    "rbd",
    "flexVolume",
    "cinder",
    "cephfs",
    "flocker",
    "fc",
    "azureFile",
    "vsphereVolume",
    "quobyte",
    "azureDisk",
    "photonPersistentDisk",
    "portworxVolume",
    "scaleIO",
    "storageos",
];

fn has(volume: &Node, field: &str) -> bool {
    at(volume, &[field]).is_some()
}

pub(super) fn host_path(pod: &Pod<'_>) -> Found {
    let found: Vec<&str> = items(pod.spec(), &["volumes"])
        .iter()
        .filter(|volume| has(volume, "hostPath"))
        .map(name)
        .collect();
    (!found.is_empty()).then(|| ("hostPath volumes", counted("volume", &found)))
}

pub(super) fn restricted(pod: &Pod<'_>) -> Found {
    let bad = || {
        let volumes = items(pod.spec(), &["volumes"]).iter();
        volumes.filter(|volume| !ALLOWED.iter().any(|field| has(volume, field)))
    };
    let found: Vec<&str> = bad().map(name).collect();
    let kind = |volume: &Node| {
        let mut fields = FORBIDDEN.iter();
        let found = fields.find(|field| has(volume, field));
        found.copied().unwrap_or("unknown")
    };
    let types = sorted(bad().map(kind));
    (!found.is_empty()).then(|| {
        let detail = format!(
            "{} {} restricted volume type{} {}",
            counted("volume", &found),
            uses(found.len()),
            plural(types.len()),
            quoted(&types)
        );
        ("restricted volume types", detail)
    })
}
