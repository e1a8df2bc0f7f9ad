//! A request, as it is put to the oracle and to this project.

use serde_json::{Value, json};
use vapwright_admission::pod_security::decide;
use vapwright_admission::request::{Operation, Request, Resource};
use vapwright_cel::version::KubernetesVersion;
use vapwright_kube::admit::{Settings, admit};
use vapwright_kube::json::{from_value, to_value};
use vapwright_kube::kinds::Gvk;

/// The namespace of all requests.
pub const NAMESPACE: &str = "team";

/// A request to a cluster of a version. Objects are as the API server admits them.
#[derive(Clone, Debug)]
pub struct Case {
    /// What it is called in reports.
    pub name: String,
    pub version: KubernetesVersion,
    /// The labels of the namespace.
    pub labels: Vec<(String, String)>,
    pub api_version: &'static str,
    pub resource: &'static str,
    pub subresource: &'static str,
    pub operation: Operation,
    pub object: Value,
    pub old: Option<Value>,
}

/// An object as the API server has it after admission.
pub fn admitted(object: &Value) -> Value {
    let settings = Settings {
        namespace: NAMESPACE.to_owned(),
        ..Settings::default()
    };
    to_value(&admit(&from_value(object), &settings).node)
}

impl Case {
    /// The Namespace.
    pub fn namespace(&self) -> Value {
        let labels: serde_json::Map<String, Value> = self
            .labels
            .iter()
            .map(|(key, value)| (key.clone(), json!(value)))
            .collect();
        let metadata = json!({ "name": NAMESPACE, "labels": labels });
        json!({ "apiVersion": "v1", "kind": "Namespace", "metadata": metadata })
    }

    /// The line for the oracle.
    pub fn line(&self) -> String {
        json!({
            "id": self.name,
            "mode": "pod-security",
            "version": self.version.to_string(),
            "namespace": self.namespace(),
            "resource": self.resource,
            "subresource": self.subresource,
            "operation": self.operation.name(),
            "object": self.object,
            "oldObject": self.old,
        })
        .to_string()
    }

    /// The request for this project.
    pub fn request(&self) -> Request {
        let kind = self.object.get("kind").and_then(Value::as_str);
        let kind = Gvk::new(self.api_version, kind.unwrap_or_default());
        let name = self.object.pointer("/metadata/name");
        Request {
            resource: Resource::of_kind(&kind, self.resource),
            kind,
            subresource: self.subresource.to_owned(),
            operation: self.operation,
            name: name.and_then(Value::as_str).unwrap_or_default().to_owned(),
            namespace: NAMESPACE.to_owned(),
            object: Some(from_value(&self.object)),
            old_object: self.old.as_ref().map(from_value),
            namespace_object: (self.resource != "namespaces")
                .then(|| from_value(&self.namespace())),
            ..Request::default()
        }
    }

    /// For a person who looks for the reason of a difference.
    pub fn describe(&self) -> String {
        format!(
            "{} on {}, {} {} {:?}\n  object {}\n  old    {}",
            self.name,
            self.version,
            self.operation.name(),
            self.resource.to_owned() + "/" + self.subresource,
            self.labels,
            self.object,
            self.old.as_ref().unwrap_or(&Value::Null)
        )
    }
}

/// This project's answer in the oracle's form.
pub fn decided(case: &Case) -> Value {
    let request = case.request();
    let decision = decide(&request, case.version).unwrap_or_default();
    let audit: serde_json::Map<String, Value> = decision
        .audit
        .iter()
        .map(|(key, value)| (key.clone(), json!(value)))
        .collect();
    let warnings = match decision.warnings.as_slice() {
        [] => Value::Null,
        warnings => json!(warnings),
    };
    let mut answer = json!({ "warnings": warnings, "audit": audit });
    if let (Some(error), Some(fields)) = (decision.error(&request), answer.as_object_mut()) {
        fields.insert("denied".to_owned(), json!(error));
    }
    answer
}
