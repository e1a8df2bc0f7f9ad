//! The libraries, one file each, and which of them a Kubernetes version has.

use crate::library::Library;
use crate::version::KubernetesVersion;

pub mod comprehensions;
pub mod lists;
pub mod optionals;
pub mod sets;
pub mod standard;
pub mod strings;

/// The libraries of a Kubernetes version, in the order in which kube-apiserver adds them
/// (`k8s.io/apiserver/pkg/cel/environment/base.go`).
#[must_use]
pub fn kubernetes(_version: KubernetesVersion) -> Vec<Library> {
    Vec::new()
}
