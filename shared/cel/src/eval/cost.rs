//! Costs of calls, as cel-go's and kube-apiserver's cost trackers count them.

use crate::value::Value;

/// What making a list costs.
pub const LIST: u64 = 10;
/// What making a map costs.
pub const MAP: u64 = 30;
/// What making a message costs.
pub const MESSAGE: u64 = 40;
/// What reading a character costs.
pub const STRING_TRAVERSAL: f64 = 0.1;
/// What a character of a regular expression costs.
pub const REGEX_LENGTH: f64 = 0.25;

/// What reading all of something of this size costs, rounded up. The rounding is that of Go's
/// doubles: 30 characters cost 4.
#[must_use]
#[allow(
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss
)]
pub fn traversal(size: u64) -> u64 {
    (size as f64 * STRING_TRAVERSAL).ceil() as u64
}

/// What applying a regular expression costs, by the sizes of text and pattern.
#[must_use]
#[allow(
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss
)]
pub fn regex(text: u64, pattern: u64) -> u64 {
    let text = ((1.0 + text as f64) * STRING_TRAVERSAL).ceil() as u64;
    let pattern = (pattern as f64 * REGEX_LENGTH).ceil() as u64;
    text.saturating_mul(pattern)
}

/// `a == b`, `a != b`: the shorter side is read. Values of libraries cost 1 on the left of `==`.
#[must_use]
pub fn equality(left: &Value<'_>, right: &Value<'_>, negated: bool) -> u64 {
    match left {
        Value::Opaque(_) if !negated => 1,
        Value::Null | Value::Bool(_) | Value::Int(_) => {
            if right.cost_size() == 0 {
                0
            } else {
                1
            }
        }
        _ => traversal(left.cost_size().min(right.cost_size())),
    }
}

fn sizes(args: &[Value<'_>]) -> (u64, u64) {
    let size = |at: usize| args.get(at).map_or(1, Value::cost_size);
    (size(0), size(1))
}

/// Reading the first argument.
#[must_use]
pub fn traverse_first(args: &[Value<'_>], _result: &Value<'_>) -> u64 {
    traversal(sizes(args).0)
}

/// Reading the shorter argument.
#[must_use]
pub fn traverse_shorter(args: &[Value<'_>], _result: &Value<'_>) -> u64 {
    let (left, right) = sizes(args);
    traversal(left.min(right))
}

/// Copying both arguments.
#[must_use]
pub fn traverse_both(args: &[Value<'_>], _result: &Value<'_>) -> u64 {
    let (left, right) = sizes(args);
    traversal(left.saturating_add(right))
}

/// `x in list`: the list's size.
#[must_use]
pub fn size_of_second(args: &[Value<'_>], _result: &Value<'_>) -> u64 {
    sizes(args).1
}

/// `text.contains(part)`
#[must_use]
pub fn search(args: &[Value<'_>], _result: &Value<'_>) -> u64 {
    let (text, part) = sizes(args);
    traversal(text).saturating_mul(traversal(part))
}

/// `text.matches(pattern)`
#[must_use]
pub fn matching(args: &[Value<'_>], _result: &Value<'_>) -> u64 {
    let (text, pattern) = sizes(args);
    regex(text, pattern)
}
