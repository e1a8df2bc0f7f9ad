//! Where the bundle may differ from Pod Security admission.
//!
//! `restricted` binds the policies of `baseline` too, while some of its checks take the place of a
//! baseline check and are laxer than it for Pods that no API server takes.

use serde_json::Value;

use crate::requests::Case;

/// Why a difference is none that anybody can see; `None` where it is one.
pub fn of(case: &Case) -> Option<&'static str> {
    let spec = case.object.get("spec")?;
    let windows = spec.pointer("/os/name").and_then(Value::as_str) == Some("windows");
    if windows && holds(spec, &["seccompProfile", "capabilities"]) {
        return Some("the API server takes no Windows Pod with seccompProfile or capabilities");
    }
    let volumes = spec.get("volumes").and_then(Value::as_array);
    let several = |volume: &Value| volume.as_object().is_some_and(|fields| fields.len() > 2);
    if volumes.is_some_and(|volumes| volumes.iter().any(several)) {
        return Some("the API server takes no volume of two types");
    }
    None
}

/// Whether a field of such a name is somewhere below.
fn holds(node: &Value, names: &[&str]) -> bool {
    match node {
        Value::Object(fields) => fields
            .iter()
            .any(|(name, node)| names.contains(&name.as_str()) || holds(node, names)),
        Value::Array(items) => items.iter().any(|node| holds(node, names)),
        _ => false,
    }
}
