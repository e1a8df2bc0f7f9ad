//! A line of the case protocol, or what looks like one, has one line of JSON for an answer, with
//! its id; twice the same.
#![no_main]

use arbitrary::{Result, Unstructured};
use libfuzzer_sys::{Corpus, fuzz_target};
use serde_json::{Value as Json, json};
use vapwright_engine::answer_case;
use vapwright_fuzz::{document, expression};
use vapwright_kube::json::to_value;

fuzz_target!(|bytes: &[u8]| -> Corpus {
    // a line of JSON begins with a brace; what does not is what a case is made of
    let line = match bytes.first() {
        Some(b'\0'..=b'\x1f') => match made(bytes) {
            Ok(case) => case.to_string(),
            Err(_) => return Corpus::Reject,
        },
        _ => match str::from_utf8(bytes) {
            Ok(line) => line.to_owned(),
            Err(_) => return Corpus::Reject,
        },
    };
    let answer = answer_case(&line);
    assert!(!answer.line.contains('\n'), "{}", answer.line);
    let read: Json = serde_json::from_str(&answer.line).expect("the answer is JSON");
    let fields = read.as_object().expect("the answer is an object");
    let id = serde_json::from_str::<Json>(&line).unwrap_or_default();
    let id = id.get("id").and_then(Json::as_str).unwrap_or_default();
    assert_eq!(fields.get("id").and_then(Json::as_str), Some(id));
    let known = ["compileErrors", "decisions", "cost", "error"];
    let count = known
        .iter()
        .filter(|name| fields.contains_key(**name))
        .count();
    assert!(count >= 1, "{}", answer.line);
    if !answer.understood {
        assert!(fields.contains_key("error"), "{}", answer.line);
    }
    assert_eq!(answer_case(&line), answer);
    Corpus::Keep
});

/// A case of mode `cel`, or a policy of several expressions.
fn made(bytes: &[u8]) -> Result<Json> {
    let mut u = Unstructured::new(bytes.get(1..).unwrap_or_default());
    let u = &mut u;
    let mut case = json!({
        "id": u.arbitrary::<char>()?.to_string(),
        "operation": u.choose(&["CREATE", "UPDATE", "DELETE", "CONNECT", ""])?,
        "object": to_value(&document::object(u)?),
        "version": *u.choose(&["1.36", "1.30", "1.33", ""])?,
    });
    if u.arbitrary()? {
        case["params"] = to_value(&document::object(u)?);
    }
    if u.arbitrary()? {
        case["oldObject"] = to_value(&document::object(u)?);
    }
    if u.arbitrary()? {
        case["mode"] = json!("cel");
        case["expr"] = json!(expression::expression(u)?);
        return Ok(case);
    }
    let mut variables = Vec::new();
    for at in 0..u.int_in_range(0..=2)? {
        let read = match at {
            0 => String::new(),
            _ => format!("variables.v{} == ", at - 1),
        };
        let expression = read + &expression::expression(u)?;
        variables.push(json!({"name": format!("v{at}"), "expression": expression}));
    }
    let mut validations = Vec::new();
    for _ in 0..u.int_in_range(1..=2)? {
        let expression = expression::expression(u)?;
        validations.push(json!({
            // most expressions are no booleans
            "expression": if u.arbitrary()? { expression } else { format!("({expression}) == variables.v0") },
            "messageExpression": expression::expression(u)?,
        }));
    }
    let mut spec = json!({
        "failurePolicy": u.choose(&["Fail", "Ignore"])?,
        "paramKind": {"apiVersion": "v1", "kind": "ConfigMap"},
        "validations": validations,
        "variables": variables,
    });
    if u.arbitrary()? {
        let expression = expression::expression(u)?;
        spec["matchConditions"] = json!([{"name": "m", "expression": expression}]);
    }
    if u.arbitrary()? {
        let expression = expression::expression(u)?;
        spec["auditAnnotations"] = json!([{"key": "k", "valueExpression": expression}]);
    }
    case["policy"] = json!({"metadata": {"name": "p"}, "spec": spec});
    Ok(case)
}
