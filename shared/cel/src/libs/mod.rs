//! The libraries, one file each, and which of them a Kubernetes version has.

use crate::library::Library;
use crate::version::KubernetesVersion;

pub mod authorizer;
pub mod cidr;
pub mod comprehensions;
pub mod format;
mod gosort;
pub mod ip;
pub mod kubernetes_lists;
pub mod lists;
pub mod mutation;
mod netip;
pub mod optionals;
pub mod quantity;
pub mod regex;
pub mod semver;
pub mod sets;
pub mod standard;
pub mod strings;
mod support;
pub mod url;

/// The libraries of a Kubernetes version, in the order in which kube-apiserver adds them
/// (`k8s.io/apiserver/pkg/cel/environment/base.go`).
#[must_use]
pub fn kubernetes(version: KubernetesVersion) -> Vec<Library> {
    let since = |minor: u16| version.minor >= minor;
    let mut libraries = vec![
        standard::library(),
        url::library(0),
        regex::library(0),
        kubernetes_lists::library(0),
        // Version 1 has the field and label selectors. They came with 1.31; a 1.36 server that is
        // set to be compatible with 1.30 has them all the same, as their feature gate is on.
        authorizer::library(u32::from(since(31))),
        optionals::library(u32::MAX),
        quantity::library(0),
        strings::library(2),
        sets::library(0),
    ];
    if since(30) {
        libraries.extend([ip::library(0), cidr::library(0)]);
    }
    if since(31) {
        libraries.push(format::library(0));
    }
    if since(32) {
        libraries.push(comprehensions::library(0));
    }
    if since(33) {
        libraries.push(semver::library(1));
    }
    if since(34) {
        libraries.push(lists::library(3));
    }
    libraries
}
