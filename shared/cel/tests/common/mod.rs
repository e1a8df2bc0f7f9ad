//! What the tests of this crate share.

use vapwright_cel::env::Environment;
use vapwright_cel::types::{ObjectType, Type};
use vapwright_cel::version::KubernetesVersion;

/// What an expression of a policy with params sees: the API server's variables and types.
pub fn environment(version: KubernetesVersion) -> Environment {
    use Type::{Bool, Dyn, Int, String, Timestamp};
    let o = |name: &str, fields: Vec<(&str, Type)>| ObjectType {
        name: name.into(),
        fields: fields.into_iter().map(|(n, t)| (n.into(), t)).collect(),
    };
    let ls = Type::list(String);
    let ms = Type::map(String, String);
    Environment::kubernetes(version)
        .with_object_type(o(
            "kubernetes.GroupVersionKind",
            vec![("group", String), ("version", String), ("kind", String)],
        ))
        .with_object_type(o(
            "kubernetes.GroupVersionResource",
            vec![("group", String), ("version", String), ("resource", String)],
        ))
        .with_object_type(o(
            "kubernetes.UserInfo",
            vec![
                ("username", String),
                ("uid", String),
                ("groups", ls.clone()),
                ("extra", Type::map(String, ls.clone())),
            ],
        ))
        .with_object_type(o(
            "kubernetes.AdmissionRequest",
            vec![
                ("kind", Type::object("kubernetes.GroupVersionKind")),
                ("resource", Type::object("kubernetes.GroupVersionResource")),
                ("subResource", String),
                ("requestKind", Type::object("kubernetes.GroupVersionKind")),
                (
                    "requestResource",
                    Type::object("kubernetes.GroupVersionResource"),
                ),
                ("requestSubResource", String),
                ("name", String),
                ("namespace", String),
                ("operation", String),
                ("userInfo", Type::object("kubernetes.UserInfo")),
                ("dryRun", Bool),
                ("options", Dyn),
            ],
        ))
        .with_object_type(o(
            "kubernetes.NamespaceSpec",
            vec![("finalizers", ls.clone())],
        ))
        .with_object_type(o(
            "kubernetes.NamespaceCondition",
            vec![
                ("status", String),
                ("type", String),
                ("lastTransitionTime", Timestamp),
                ("message", String),
                ("reason", String),
            ],
        ))
        .with_object_type(o(
            "kubernetes.NamespaceStatus",
            vec![
                (
                    "conditions",
                    Type::list(Type::object("kubernetes.NamespaceCondition")),
                ),
                ("phase", String),
            ],
        ))
        .with_object_type(o(
            "kubernetes.NamespaceMetadata",
            vec![
                ("name", String),
                ("generateName", String),
                ("namespace", String),
                ("labels", ms.clone()),
                ("annotations", ms.clone()),
                ("UID", String),
                ("creationTimestamp", Timestamp),
                ("deletionGracePeriodSeconds", Int),
                ("deletionTimestamp", Timestamp),
                ("generation", Int),
                ("resourceVersion", String),
                ("finalizers", ls.clone()),
            ],
        ))
        .with_object_type(o(
            "kubernetes.Namespace",
            vec![
                ("metadata", Type::object("kubernetes.NamespaceMetadata")),
                ("spec", Type::object("kubernetes.NamespaceSpec")),
                ("status", Type::object("kubernetes.NamespaceStatus")),
            ],
        ))
        .with_variable("object", Dyn)
        .with_variable("oldObject", Dyn)
        .with_variable("params", Dyn)
        .with_variable("namespaceObject", Type::object("kubernetes.Namespace"))
        .with_variable("request", Type::object("kubernetes.AdmissionRequest"))
        .with_variable(
            "authorizer",
            Type::object("kubernetes.authorization.Authorizer"),
        )
        .with_variable(
            "authorizer.requestResource",
            Type::object("kubernetes.authorization.ResourceCheck"),
        )
}
