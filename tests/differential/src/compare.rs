//! Two answers to one case: the same, or in what they differ.

use serde_json::Value;

/// In what an answer differs from the oracle's.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Difference {
    /// One is a compile error, a run-time error or a value, and the other is not.
    Kind,
    /// The type of the expression.
    Type,
    /// The value.
    Value,
    /// The cost.
    Cost,
    /// Compile errors at other places, or another number of them.
    CompilePlaces,
    /// The words of a compile error.
    CompileText,
    /// The words of a run-time error.
    ErrorText,
    /// What a policy decides, and its messages.
    Decisions,
    /// A policy's audit annotations.
    Audit,
    /// What becomes of an object that is patched.
    Patched,
    /// The words of a refusal.
    Refusal,
}

impl Difference {
    /// As the report names it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Kind => "kind",
            Self::Type => "type",
            Self::Value => "value",
            Self::Cost => "cost",
            Self::CompilePlaces => "places of compile errors",
            Self::CompileText => "text of a compile error",
            Self::ErrorText => "text of a run-time error",
            Self::Decisions => "decisions",
            Self::Audit => "audit annotations",
            Self::Patched => "the patched object",
            Self::Refusal => "the text of a refusal",
        }
    }
}

/// The gravest difference of an answer from the oracle's.
pub fn difference(theirs: &Value, ours: &Value) -> Option<Difference> {
    if kind(theirs) != kind(ours) {
        return Some(Difference::Kind);
    }
    let differs = |field: &str| !same(&theirs[field], &ours[field]);
    if differs("type") {
        Some(Difference::Type)
    } else if differs("value") {
        Some(Difference::Value)
    } else if differs("cost") {
        Some(Difference::Cost)
    } else if places(theirs) != places(ours) {
        Some(Difference::CompilePlaces)
    } else if differs("compileErrors") {
        Some(Difference::CompileText)
    } else if differs("error") {
        Some(Difference::ErrorText)
    } else if differs("decisions") {
        Some(Difference::Decisions)
    } else if differs("audit") {
        Some(Difference::Audit)
    } else if differs("patched") {
        Some(Difference::Patched)
    } else if differs("status") {
        Some(Difference::Refusal)
    } else {
        None
    }
}

/// What sort of answer it is.
pub fn kind(answer: &Value) -> &'static str {
    if answer.get("panic").is_some() {
        "panic"
    } else if answer.get("compileErrors").is_some() {
        "compile error"
    } else if answer.get("decisions").is_some() {
        "decisions"
    } else if answer.get("error").is_some() {
        "run-time error"
    } else if answer.get("value").is_some() {
        "value"
    } else if answer.get("patched").is_some() {
        "patched object"
    } else if answer.get("status").is_some() {
        "refusal"
    } else {
        "nothing"
    }
}

/// Numbers that JSON writes in two ways (`1e10`, `10000000000.0`) are the same.
fn same(theirs: &Value, ours: &Value) -> bool {
    match (theirs, ours) {
        (Value::Number(a), Value::Number(b)) => {
            let bits = |number: &serde_json::Number| number.as_f64().map(f64::to_bits);
            if a.is_f64() || b.is_f64() {
                bits(a) == bits(b)
            } else {
                a == b
            }
        }
        (Value::Array(a), Value::Array(b)) => {
            a.len() == b.len() && a.iter().zip(b).all(|(a, b)| same(a, b))
        }
        (Value::Object(a), Value::Object(b)) => {
            a.len() == b.len()
                && a.iter()
                    .all(|(key, a)| b.get(key).is_some_and(|b| same(a, b)))
        }
        _ => theirs == ours,
    }
}

/// Whether two answers are the same when the elements of lists, and the characters of an error's
/// text, are put in order.
pub fn same_but_for_order(theirs: &Value, ours: &Value) -> bool {
    difference(&ordered(theirs), &ordered(ours)).is_none()
}

fn ordered(answer: &Value) -> Value {
    let mut answer = answer.clone();
    if let Some(value) = answer.get_mut("value") {
        order(value);
    }
    if let Some(error) = answer.get_mut("error") {
        order_text(error);
    }
    if let Some(status) = answer.get_mut("status") {
        order_text(&mut status["message"]);
        let causes = status.get_mut("causes").and_then(Value::as_array_mut);
        causes.into_iter().flatten().for_each(order_text);
    }
    let texts = [
        ("decisions", "Message"),
        ("audit", "value"),
        ("audit", "error"),
    ];
    for (list, field) in texts {
        let items = answer.get_mut(list).and_then(Value::as_array_mut);
        for item in items.into_iter().flatten() {
            order_text(&mut item[field]);
        }
    }
    answer
}

fn order_text(text: &mut Value) {
    if let Value::String(text) = text {
        let mut chars: Vec<char> = text.chars().collect();
        chars.sort_unstable();
        *text = chars.into_iter().collect();
    }
}

fn order(value: &mut Value) {
    match value {
        Value::Array(items) => {
            items.iter_mut().for_each(order);
            items.sort_by_key(Value::to_string);
        }
        Value::Object(fields) => {
            fields.values_mut().for_each(order);
            fields.sort_keys();
        }
        _ => {}
    }
}

/// The places of all compile errors: what stands before each message.
fn places(answer: &Value) -> Vec<&str> {
    let texts = answer["compileErrors"].as_array().into_iter().flatten();
    let lines = texts.filter_map(Value::as_str).flat_map(str::lines);
    // a policy's errors begin with what the expression is for
    let place = |line: &'_ str| -> Option<usize> {
        let start = line.find("ERROR: <input>:")? + 15;
        let rest = line.get(start..)?;
        Some(start + rest.split_once(": ")?.0.len())
    };
    lines.filter_map(|line| line.get(..place(line)?)).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::{Difference, difference};

    #[test]
    fn the_gravest_difference_counts() {
        let value = |value: Value, cost: u64| json!({"type": "dyn", "value": value, "cost": cost});
        let refused = |text: &str| json!({"compileErrors": [text]});
        for (theirs, ours, found) in [
            (
                value(json!(1e10), 1),
                value(json!(10_000_000_000_i64), 1),
                None,
            ),
            (
                value(json!([{"a": 1}]), 1),
                value(json!([{"a": 1.0}]), 1),
                None,
            ),
            (
                value(json!(1), 1),
                value(json!(2), 2),
                Some(Difference::Value),
            ),
            (
                value(json!(1), 1),
                value(json!(1), 2),
                Some(Difference::Cost),
            ),
            (
                value(json!(0.0), 1),
                value(json!(-0.0), 1),
                Some(Difference::Value),
            ),
            (
                value(json!(null), 1),
                json!({"type": "dyn", "cost": 1}),
                Some(Difference::Kind),
            ),
            (
                refused("ERROR: <input>:1:2: a\n | x\n | .^"),
                refused("ERROR: <input>:1:2: b\n | x\n | .^"),
                Some(Difference::CompileText),
            ),
            (
                refused("ERROR: <input>:1:2: a\n | x\n | .^"),
                refused("ERROR: <input>:1:3: a\n | x\n | ..^"),
                Some(Difference::CompilePlaces),
            ),
            (
                json!({"type": "int", "error": "a", "cost": 1}),
                json!({"type": "int", "error": "b", "cost": 1}),
                Some(Difference::ErrorText),
            ),
        ] {
            assert_eq!(difference(&theirs, &ours), found, "{theirs} {ours}");
        }
    }
}
