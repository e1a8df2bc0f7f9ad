//! A whole case: an expression, a version, and a request.

use fastrand::Rng;
use serde_json::{Value, json};

use crate::damage::{damage, respaced, stretched};
use crate::random::{for_case, pick, unlikely};
use crate::{calls, document, expression};

/// Case number `index` of a seed: an expression.
pub fn case(seed: u64, index: u64) -> Value {
    let mut rng = for_case(seed, index);
    let rng = &mut rng;
    let minor = minor(rng);
    let mut case = request(rng, index, minor);
    case["mode"] = json!("cel");
    case["expr"] = json!(text(rng, minor));
    if rng.bool() {
        case["params"] = document::parameters(rng);
    }
    case
}

/// A version: the newest, or any.
pub fn minor(rng: &mut Rng) -> u32 {
    if rng.bool() { 36 } else { rng.u32(30..=36) }
}

/// A case without what is asked: version, user, objects, operation.
pub fn request(rng: &mut Rng, index: u64, minor: u32) -> Value {
    let mut case = json!({
        "id": index.to_string(),
        "version": format!("1.{minor}"),
        "user": document::user(rng),
    });
    match rng.u32(0..8) {
        0 => case["operation"] = json!("DELETE"),
        1 | 2 => {
            case["operation"] = json!("UPDATE");
            case["object"] = document::object(rng);
            if unlikely(rng, 3) {
                case["subresource"] = json!(pick(rng, &["status", "scale", "ephemeralcontainers"]));
            }
        }
        3 => {
            case["operation"] = json!("CONNECT");
            case["subresource"] = json!("exec");
            case["object"] = document::object(rng);
        }
        _ => case["object"] = document::object(rng),
    }
    if let Some("DELETE" | "UPDATE") = case["operation"].as_str() {
        case["oldObject"] = document::object(rng);
    }
    // what belongs to the cluster has no namespace object
    if !unlikely(rng, 6) {
        case["namespace"] = document::namespace(rng);
    }
    if unlikely(rng, 6) {
        case["dryRun"] = json!(true);
    }
    if unlikely(rng, 10) {
        case["resource"] = json!(pick(rng, &["pods", "deployments", "ingresses"]));
    }
    case
}

/// An expression, whole or broken.
pub fn text(rng: &mut Rng, minor: u32) -> String {
    let text = match rng.u32(0..4) {
        0 => calls::used_call(rng, minor),
        _ => expression::expression(rng, minor),
    };
    match rng.u32(0..200) {
        0..20 => damage(rng, &text),
        20..28 => respaced(rng, &text),
        28 => {
            let text = respaced(rng, &text);
            damage(rng, &text)
        }
        29 | 30 => stretched(rng, &text),
        31 => {
            let text = damage(rng, &text);
            stretched(rng, &text)
        }
        _ => text,
    }
}
