//! How much work a value is to whoever reads all of it: a value that is made of another many times
//! over is small in memory, and endless to compare or print.

use super::{ListValue, MapValue, Value};
use crate::document::Node;

/// How many values one evaluation may read or make without their being charged for. Costs do not
/// bound this: `a + a` of lists costs 1 whatever their size, and `a == b` what the surface of the
/// lists has, so that forty short steps double a list beyond all memory, in cel-go too. What the
/// cost limit allows of what costs by the element is less.
pub const MAX_WORK: u64 = 2_000_000;
/// No value is weighed beyond this.
const LIMIT: u64 = MAX_WORK + 1;
/// So many bytes of text are as much work as a value.
const TEXT: usize = 16;
/// A number may be three hundred digits when it is printed.
const DOUBLE: u64 = 16;

/// What there is to read in a value, a part that stands in several places counted in each.
#[must_use]
pub fn weight(value: &Value<'_>) -> u64 {
    let mut total = 0;
    weigh(value, LIMIT, 0, &mut total);
    total
}

/// What there is to read in the arguments of a call.
#[must_use]
pub fn arguments(args: &[Value<'_>]) -> u64 {
    let mut total = 0;
    for arg in args {
        weigh(arg, LIMIT, 0, &mut total);
    }
    total
}

/// What there is to read where every element of the first argument is compared with every element
/// of the last, which may be the same.
#[must_use]
pub fn pairs(args: &[Value<'_>]) -> u64 {
    let len = |value: &Value<'_>| match value {
        Value::List(list) => u64::try_from(list.len()).unwrap_or(u64::MAX),
        _ => 1,
    };
    match (args.first(), args.last()) {
        (Some(first), Some(last)) => {
            let of_first = weight(first).saturating_mul(len(last).max(1));
            let of_last = weight(last).saturating_mul(len(first).max(1));
            of_first.max(of_last)
        }
        _ => 0,
    }
}

/// What a value that a call has made takes, its parts not counted: they were there.
#[must_use]
pub fn own(value: &Value<'_>) -> u64 {
    let size = match value {
        Value::String(super::Str::Shared(text)) => text.len() / TEXT,
        Value::Bytes(bytes) => bytes.len() / TEXT,
        Value::List(ListValue::Shared(items)) => items.len(),
        Value::Map(MapValue::Shared(entries)) => entries.len(),
        Value::Object(object) => object.fields().len(),
        _ => 0,
    };
    u64::try_from(size).unwrap_or(u64::MAX)
}

/// Whether lists, maps and optionals are nested deeper than a depth. Each part is looked at in one
/// of its places.
#[must_use]
pub fn is_deeper(value: &Value<'_>, depth: u32) -> bool {
    let mut seen = std::collections::BTreeMap::new();
    deeper(value, depth, &mut seen)
}

/// `seen`: by the address of a part, how much depth was left where it was looked at.
fn deeper(value: &Value<'_>, left: u32, seen: &mut std::collections::BTreeMap<usize, u32>) -> bool {
    let address = match value {
        Value::List(ListValue::Shared(items)) => std::sync::Arc::as_ptr(items) as usize,
        Value::Map(MapValue::Shared(entries)) => std::sync::Arc::as_ptr(entries) as usize,
        Value::Optional(Some(inner)) => std::sync::Arc::as_ptr(inner) as usize,
        Value::Object(object) => std::sync::Arc::as_ptr(object) as usize,
        // what is in a document is bounded, and anything else has no parts
        _ => return false,
    };
    let Some(left) = left.checked_sub(1) else {
        return true;
    };
    if seen.get(&address).is_some_and(|before| *before <= left) {
        return false;
    }
    seen.insert(address, left);
    match value {
        Value::List(ListValue::Shared(items)) => items.iter().any(|i| deeper(i, left, seen)),
        Value::Map(MapValue::Shared(entries)) => {
            entries.iter().any(|(_, value)| deeper(value, left, seen))
        }
        Value::Optional(Some(inner)) => deeper(inner, left, seen),
        Value::Object(object) => {
            let mut fields = object.fields().iter();
            fields.any(|(_, value)| deeper(value, left, seen))
        }
        _ => false,
    }
}

/// How deep values are weighed; [`is_deeper`] keeps them less deep.
const MAX_DEPTH: u32 = 2_000;

fn text(len: usize) -> u64 {
    u64::try_from(len / TEXT)
        .unwrap_or(u64::MAX)
        .saturating_add(1)
}

/// Adds to the total, up to the limit.
fn weigh(value: &Value<'_>, limit: u64, depth: u32, total: &mut u64) {
    if *total >= limit {
        return;
    }
    if depth > MAX_DEPTH {
        *total = limit;
        return;
    }
    *total += match value {
        Value::String(value) => text(value.len()),
        Value::Bytes(bytes) => text(bytes.len()),
        Value::Double(_) => DOUBLE,
        _ => 1,
    };
    match value {
        Value::List(ListValue::Borrowed(items)) => {
            items.iter().for_each(|item| weigh_node(item, total));
        }
        Value::List(ListValue::Shared(items)) => {
            for item in items.iter() {
                weigh(item, limit, depth + 1, total);
                if *total >= limit {
                    return;
                }
            }
        }
        Value::Map(MapValue::Borrowed(fields)) => {
            for (key, value) in fields.iter() {
                *total += text(key.len());
                weigh_node(value, total);
            }
        }
        Value::Map(MapValue::Shared(entries)) => {
            for (key, value) in entries.iter() {
                weigh(key, limit, depth + 1, total);
                weigh(value, limit, depth + 1, total);
                if *total >= limit {
                    return;
                }
            }
        }
        Value::Optional(Some(inner)) => weigh(inner, limit, depth + 1, total),
        Value::Object(object) => {
            for (_, value) in object.fields() {
                weigh(value, limit, depth + 1, total);
                if *total >= limit {
                    return;
                }
            }
        }
        _ => {}
    }
}

/// The nesting of documents is bounded where they are read.
fn weigh_node(node: &Node, total: &mut u64) {
    *total += match node {
        Node::String(value) => text(value.len()),
        Node::Double(_) => DOUBLE,
        _ => 1,
    };
    match node {
        Node::List(items) => items.iter().for_each(|item| weigh_node(item, total)),
        Node::Map(fields) => {
            for (key, value) in fields.iter() {
                *total += text(key.len());
                weigh_node(value, total);
            }
        }
        _ => {}
    }
}
