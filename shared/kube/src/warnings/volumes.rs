//! Warnings of volumes: deprecated types, and files in the way of others.

use vapwright_cel::document::Node;
use vapwright_cel::value::go::quote;

use super::{Warnings, has, items, text};
use crate::path::Path;

/// Types that are deprecated or gone, in the order in which they are warned of, with the name that
/// the warning gives the field where that is another.
const DEPRECATED: [(&str, &str, &str); 7] = [
    (
        "photonPersistentDisk",
        "",
        "deprecated in v1.11, non-functional in v1.16+",
    ),
    (
        "gitRepo",
        "",
        "deprecated in v1.11, and disabled by default in v1.33+",
    ),
    (
        "scaleIO",
        "",
        "deprecated in v1.16, non-functional in v1.22+",
    ),
    (
        "flocker",
        "",
        "deprecated in v1.22, non-functional in v1.25+",
    ),
    (
        "storageos",
        "storageOS",
        "deprecated in v1.22, non-functional in v1.25+",
    ),
    (
        "quobyte",
        "",
        "deprecated in v1.22, non-functional in v1.25+",
    ),
    (
        "glusterfs",
        "",
        "deprecated in v1.25, non-functional in v1.26+",
    ),
];
const DEPRECATED_LATER: [(&str, &str); 2] = [
    ("cephfs", "deprecated in v1.28, non-functional in v1.31+"),
    ("rbd", "deprecated in v1.28, non-functional in v1.31+"),
];

/// Sources of projected volumes. Others are behind feature gates that are off, and are dropped.
const SOURCES: [&str; 4] = ["configMap", "secret", "downwardAPI", "serviceAccountToken"];

pub(super) fn check(warnings: &mut Warnings, pod: &Node, at: &Path) {
    for (at, volume) in items(pod, at, &["spec", "volumes"]) {
        for (field, name, text) in DEPRECATED {
            if has(volume, &[field]) {
                let name = if name.is_empty() { field } else { name };
                warnings.add(at.field(name), text);
            }
        }
        let claim = ["ephemeral", "volumeClaimTemplate", "spec"];
        if let Some(spec) = volume.at(&claim) {
            warnings.claim(&at.fields(&claim), spec);
        }
        for (field, text) in DEPRECATED_LATER {
            if has(volume, &[field]) {
                warnings.add(at.field(field), text);
            }
        }
    }
    for (_, volume) in items(pod, at, &["spec", "volumes"]) {
        overlaps(warnings, volume);
    }
}

/// A path of a file in a volume, and what puts it there.
struct File {
    path: String,
    source: String,
}

impl std::fmt::Display for File {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&quote(&self.path))?;
        if self.source.is_empty() {
            return Ok(());
        }
        write!(f, " ({})", self.source)
    }
}

/// The files of a list of `items`.
fn files(holder: &Node, source: &str) -> Vec<File> {
    let all = items(holder, &Path::root(), &["items"]);
    all.map(|(_, item)| file(text(item, &["path"]), source.to_owned()))
        .collect()
}

fn file(path: &str, source: String) -> File {
    File {
        path: path.trim_end_matches('/').to_owned(),
        source,
    }
}

/// Whether a path is another or lies in it.
fn within(path: &str, other: &str) -> bool {
    let rest = path.strip_prefix(other);
    rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

/// Says which files are where an earlier one is.
fn collide(warnings: &mut Warnings, title: &str, seen: &mut Vec<File>, files: Vec<File>) {
    for file in files {
        let meets = |other: &&File| {
            let (a, b) = (&file.path, &other.path);
            !a.is_empty() && !b.is_empty() && (within(a, b) || within(b, a))
        };
        for other in seen.iter().filter(meets) {
            warnings.add(title, format!("overlapping paths: {file} with {other}"));
        }
        seen.push(file);
    }
}

fn overlaps(warnings: &mut Warnings, volume: &Node) {
    let title = |of: &str| format!("volume {} ({of})", quote(text(volume, &["name"])));
    for (field, kind, named) in [
        ("configMap", "ConfigMap", "name"),
        ("secret", "Secret", "secretName"),
        ("downwardAPI", "DownwardAPI", ""),
    ] {
        if let Some(source) = volume.get(field) {
            let title = title(&titled(kind, source, named));
            collide(warnings, &title, &mut Vec::new(), files(source, ""));
        }
    }
    let projection = title("Projected");
    let mut seen = Vec::new();
    for (_, source) in items(volume, &Path::root(), &["projected", "sources"]) {
        if !SOURCES.iter().any(|field| has(source, &[field])) {
            warnings
                .found
                .push(format!("{projection} has no sources provided"));
        } else {
            collide(warnings, &projection, &mut seen, projected(source));
        }
    }
}

/// `ConfigMap "settings"`
fn titled(title: &str, source: &Node, named: &str) -> String {
    if named.is_empty() {
        return title.to_owned();
    }
    format!("{title} {}", quote(text(source, &[named])))
}

/// The files of one source of a projected volume.
fn projected(source: &Node) -> Vec<File> {
    for (field, title, named) in [
        ("configMap", "ConfigMap", "name"),
        ("secret", "Secret", "name"),
        ("downwardAPI", "DownwardAPI", ""),
    ] {
        if let Some(found) = source.get(field).filter(|found| has(found, &["items"])) {
            return files(found, &titled(title, found, named));
        }
    }
    let token = source.get("serviceAccountToken");
    let token = token.map(|token| file(text(token, &["path"]), "ServiceAccountToken".to_owned()));
    token.into_iter().collect()
}
