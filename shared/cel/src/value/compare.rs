//! Equality, order and membership, across number types as cel-go has them.

use std::cmp::Ordering;

use super::number::{compare_double_int, compare_double_uint, compare_doubles, compare_int_uint};
use super::{ListKeys, ListValue, MapValue, Value};
use crate::document::Node;
use crate::eval::{EvalError, errors};

/// `a == b`. Values of different types are unequal, but for numbers.
///
/// # Errors
/// `no such overload` where a library's value is compared with something else.
#[inline]
pub fn equal(a: &Value<'_>, b: &Value<'_>) -> Result<bool, EvalError> {
    Ok(match (a, b) {
        (Value::String(a), Value::String(b)) => a.as_str() == b.as_str(),
        (Value::Bool(a), Value::Bool(b)) => a == b,
        (Value::Int(a), Value::Int(b)) | (Value::Duration(a), Value::Duration(b)) => a == b,
        _ => {
            let mut unbounded = u64::MAX;
            return equal_slow(a, b, &mut unbounded, MAX_DEPTH);
        }
    })
}

/// How deep values are compared. Where they come from they are kept less deep.
const MAX_DEPTH: u32 = 2_000;

/// `a == b`, looking at no more values than the budget has; takes those it looks at from it.
///
/// # Errors
/// As [`equal`]'s, and that the evaluation is cancelled where the budget does not suffice.
#[inline]
pub fn equal_within(a: &Value<'_>, b: &Value<'_>, budget: &mut u64) -> Result<bool, EvalError> {
    Ok(match (a, b) {
        (Value::String(a), Value::String(b)) => a.as_str() == b.as_str(),
        (Value::Bool(a), Value::Bool(b)) => a == b,
        (Value::Int(a), Value::Int(b)) | (Value::Duration(a), Value::Duration(b)) => a == b,
        _ => return equal_slow(a, b, budget, MAX_DEPTH),
    })
}

/// One level inside of what is compared.
fn equal_inside(
    a: &Value<'_>,
    b: &Value<'_>,
    budget: &mut u64,
    depth: u32,
) -> Result<bool, EvalError> {
    match (budget.checked_sub(1), depth.checked_sub(1)) {
        (Some(left), Some(depth)) => {
            *budget = left;
            equal_slow(a, b, budget, depth)
        }
        _ => Err(EvalError::cancelled()),
    }
}

#[inline(never)]
fn equal_slow(
    a: &Value<'_>,
    b: &Value<'_>,
    budget: &mut u64,
    depth: u32,
) -> Result<bool, EvalError> {
    Ok(match (a, b) {
        (Value::String(a), Value::String(b)) => a.as_str() == b.as_str(),
        (Value::Bool(a), Value::Bool(b)) => a == b,
        (Value::Int(a), Value::Int(b)) | (Value::Duration(a), Value::Duration(b)) => a == b,
        (Value::Null, Value::Null) => true,
        (Value::Null, _) | (_, Value::Null) => false,
        (Value::Uint(a), Value::Uint(b)) => a == b,
        (Value::Double(_) | Value::Int(_) | Value::Uint(_), _) => {
            compare_numbers(a, b).is_some_and(Ordering::is_eq)
        }
        (Value::Bytes(a), Value::Bytes(b)) => a == b,
        (Value::Timestamp(a), Value::Timestamp(b)) => a == b,
        (Value::Type(a), Value::Type(b)) => a.name() == b.name(),
        (Value::List(a), Value::List(b)) => return equal_lists(a, b, budget, depth),
        (Value::Map(a), Value::Map(b)) => return equal_maps(a, b, budget, depth),
        (Value::Optional(a), Value::Optional(b)) => match (a, b) {
            (None, None) => true,
            (Some(a), Some(b)) => return equal_inside(a, b, budget, depth),
            _ => false,
        },
        (Value::Object(a), Value::Object(b)) => return a.equals(b),
        (Value::Opaque(a), Value::Opaque(b)) if a.type_of() == b.type_of() => {
            return a.equals(&**b);
        }
        (Value::Opaque(a), _) => return a.equals_other_types(),
        _ => false,
    })
}

/// Compares numbers of any types; `None` where one is not a number or is NaN.
fn compare_numbers(a: &Value<'_>, b: &Value<'_>) -> Option<Ordering> {
    Some(match (a, b) {
        (Value::Double(n), _) | (_, Value::Double(n)) if n.is_nan() => return None,
        (Value::Int(a), Value::Int(b)) => a.cmp(b),
        (Value::Uint(a), Value::Uint(b)) => a.cmp(b),
        (Value::Double(a), Value::Double(b)) => compare_doubles(*a, *b),
        (Value::Double(a), Value::Int(b)) => compare_double_int(*a, *b),
        (Value::Int(a), Value::Double(b)) => compare_double_int(*b, *a).reverse(),
        (Value::Double(a), Value::Uint(b)) => compare_double_uint(*a, *b),
        (Value::Uint(a), Value::Double(b)) => compare_double_uint(*b, *a).reverse(),
        (Value::Int(a), Value::Uint(b)) => compare_int_uint(*a, *b),
        (Value::Uint(a), Value::Int(b)) => compare_int_uint(*b, *a).reverse(),
        _ => return None,
    })
}

/// Whether two parts differ: cel-go counts those that cannot be compared as equal.
fn differ(a: &Value<'_>, b: &Value<'_>, budget: &mut u64, depth: u32) -> Result<bool, EvalError> {
    match equal_inside(a, b, budget, depth) {
        Ok(equal) => Ok(!equal),
        Err(error) if error.is_cancelled() => Err(error),
        Err(_) => Ok(false),
    }
}

fn equal_lists(
    a: &ListValue<'_>,
    b: &ListValue<'_>,
    budget: &mut u64,
    depth: u32,
) -> Result<bool, EvalError> {
    if a.len() != b.len() {
        return Ok(false);
    }
    let sorted = (*a.keys() != ListKeys::Atomic).then(|| a.counterparts(b));
    let a = match &sorted {
        Some(None) => return Ok(false),
        Some(Some(sorted)) => sorted,
        None => a,
    };
    for (a, b) in a.iter().zip(b.iter()) {
        if differ(&a, &b, budget, depth)? {
            return Ok(false);
        }
    }
    Ok(true)
}

fn equal_maps(
    a: &MapValue<'_>,
    b: &MapValue<'_>,
    budget: &mut u64,
    depth: u32,
) -> Result<bool, EvalError> {
    if a.len() != b.len() {
        return Ok(false);
    }
    for (key, value) in a.iter() {
        let Some(other) = b.find(&key) else {
            return Ok(false);
        };
        if differ(&value, &other, budget, depth)? {
            return Ok(false);
        }
    }
    Ok(true)
}

/// The order of two values of ordered types.
///
/// # Errors
/// `no such overload` for types that have no order, `NaN values cannot be ordered`.
pub fn compare(a: &Value<'_>, b: &Value<'_>) -> Result<Ordering, EvalError> {
    Ok(match (a, b) {
        (Value::Int(a), Value::Int(b)) | (Value::Duration(a), Value::Duration(b)) => a.cmp(b),
        (Value::String(a), Value::String(b)) => a.as_str().cmp(b.as_str()),
        (Value::Bool(a), Value::Bool(b)) => a.cmp(b),
        (Value::Bytes(a), Value::Bytes(b)) => a.cmp(b),
        (Value::Timestamp(a), Value::Timestamp(b)) => a.cmp(b),
        (
            Value::Double(_) | Value::Int(_) | Value::Uint(_),
            Value::Double(_) | Value::Int(_) | Value::Uint(_),
        ) => return compare_numbers(a, b).ok_or_else(errors::nan_order),
        (Value::Double(a), _) if a.is_nan() => return Err(errors::nan_order()),
        _ => return Err(EvalError::no_such_overload()),
    })
}

/// Whether an element is in a list, or a key in a map; `None` where the second is neither.
#[must_use]
pub fn contains(element: &Value<'_>, container: &Value<'_>) -> Option<bool> {
    match container {
        Value::List(ListValue::Borrowed(items)) => {
            Some(items.iter().any(|item| equal_to_node(element, item)))
        }
        Value::List(ListValue::Shared(items)) => Some(
            items
                .iter()
                .any(|item| equal(element, item).is_ok_and(|equal| equal)),
        ),
        Value::Map(map) => Some(map.find(element).is_some()),
        _ => None,
    }
}

#[inline]
fn equal_to_node(value: &Value<'_>, node: &Node) -> bool {
    match (value, node) {
        (Value::String(a), Node::String(b)) => a.as_str() == &**b,
        (Value::String(_), _) => false,
        _ => equal(value, &Value::from(node)).is_ok_and(|equal| equal),
    }
}
