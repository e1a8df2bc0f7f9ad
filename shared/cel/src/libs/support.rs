//! What the libraries share: reading arguments, making results, cel-go's sizes and cost factors.

use std::sync::Arc;

use crate::document::Node;
use crate::eval::EvalError;
use crate::value::{ListValue, MapValue, Opaque, Str, Value, compare};

pub(super) use crate::value::go::quote as go_quote;

/// What a binding gives back.
pub(super) type Outcome<'d> = Result<Value<'d>, EvalError>;

/// cel-go's cost of one character of a text that is traversed.
pub(super) const STRING_TRAVERSAL: f64 = 0.1;
/// cel-go's cost of one character of a regular expression.
pub(super) const REGEX_LENGTH: f64 = 0.25;
/// cel-go's cost of making a list.
pub(super) const LIST_CREATE: u64 = 10;
/// cel-go's cost of making a message.
pub(super) const STRUCT_CREATE: u64 = 40;

/// The argument at an index.
pub(super) fn arg<'a, 'd>(args: &'a [Value<'d>], index: usize) -> Result<&'a Value<'d>, EvalError> {
    args.get(index).ok_or_else(EvalError::no_such_overload)
}

/// The text at an index.
pub(super) fn text<'a>(args: &'a [Value<'_>], index: usize) -> Result<&'a str, EvalError> {
    match arg(args, index)? {
        Value::String(text) => Ok(text.as_str()),
        _ => Err(EvalError::no_such_overload()),
    }
}

/// The integer at an index.
pub(super) fn int(args: &[Value<'_>], index: usize) -> Result<i64, EvalError> {
    match arg(args, index)? {
        Value::Int(value) => Ok(*value),
        _ => Err(EvalError::no_such_overload()),
    }
}

/// The boolean at an index.
pub(super) fn boolean(args: &[Value<'_>], index: usize) -> Result<bool, EvalError> {
    match arg(args, index)? {
        Value::Bool(value) => Ok(*value),
        _ => Err(EvalError::no_such_overload()),
    }
}

/// The list at an index.
pub(super) fn list<'a, 'd>(
    args: &'a [Value<'d>],
    index: usize,
) -> Result<&'a ListValue<'d>, EvalError> {
    match arg(args, index)? {
        Value::List(list) => Ok(list),
        _ => Err(EvalError::no_such_overload()),
    }
}

/// The map at an index.
pub(super) fn map<'a, 'd>(
    args: &'a [Value<'d>],
    index: usize,
) -> Result<&'a MapValue<'d>, EvalError> {
    match arg(args, index)? {
        Value::Map(map) => Ok(map),
        _ => Err(EvalError::no_such_overload()),
    }
}

/// The optional at an index.
pub(super) fn optional<'a, 'd>(
    args: &'a [Value<'d>],
    index: usize,
) -> Result<Option<&'a Value<'d>>, EvalError> {
    match arg(args, index)? {
        Value::Optional(inner) => Ok(inner.as_deref()),
        _ => Err(EvalError::no_such_overload()),
    }
}

/// A library's own value at an index.
pub(super) fn opaque<'a, T: 'static>(
    args: &'a [Value<'_>],
    index: usize,
) -> Result<&'a T, EvalError> {
    match arg(args, index)? {
        Value::Opaque(value) => value
            .as_any()
            .downcast_ref()
            .ok_or_else(EvalError::no_such_overload),
        _ => Err(EvalError::no_such_overload()),
    }
}

/// How many elements a list has.
pub(super) fn len(list: &ListValue<'_>) -> usize {
    match list {
        ListValue::Borrowed(nodes) => nodes.len(),
        ListValue::Shared(values) => values.len(),
    }
}

/// The element of a list at an index.
pub(super) fn get<'d>(list: &ListValue<'d>, index: usize) -> Option<Value<'d>> {
    match list {
        ListValue::Borrowed(nodes) => nodes.get(index).map(Value::from),
        ListValue::Shared(values) => values.get(index).cloned(),
    }
}

/// The elements of a list.
pub(super) fn elements<'a, 'd>(
    list: &'a ListValue<'d>,
) -> impl DoubleEndedIterator<Item = Value<'d>> + ExactSizeIterator + use<'a, 'd> {
    let (nodes, values): (&'d [Node], &'a [Value<'d>]) = match list {
        ListValue::Borrowed(nodes) => (nodes, &[]),
        ListValue::Shared(values) => (&[], values),
    };
    Elements {
        nodes: nodes.iter(),
        values: values.iter(),
    }
}

/// Either kind of list, walked from both ends: one of the two is empty.
struct Elements<'a, 'd> {
    nodes: std::slice::Iter<'d, Node>,
    values: std::slice::Iter<'a, Value<'d>>,
}

impl<'d> Iterator for Elements<'_, 'd> {
    type Item = Value<'d>;

    fn next(&mut self) -> Option<Value<'d>> {
        match self.nodes.next() {
            Some(node) => Some(Value::from(node)),
            None => self.values.next().cloned(),
        }
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        let len = self.nodes.len() + self.values.len();
        (len, Some(len))
    }
}

impl DoubleEndedIterator for Elements<'_, '_> {
    fn next_back(&mut self) -> Option<Self::Item> {
        match self.nodes.next_back() {
            Some(node) => Some(Value::from(node)),
            None => self.values.next_back().cloned(),
        }
    }
}

impl ExactSizeIterator for Elements<'_, '_> {}

/// The entries of a map.
pub(super) fn entries<'d>(map: &MapValue<'d>) -> Vec<(Value<'d>, Value<'d>)> {
    match map {
        MapValue::Borrowed(fields) => fields
            .iter()
            .map(|(key, node)| (Value::String(Str::Borrowed(key)), Value::from(node)))
            .collect(),
        MapValue::Shared(entries) => entries.iter().cloned().collect(),
    }
}

/// A list of computed values.
pub(super) fn list_of(values: Vec<Value<'_>>) -> Value<'_> {
    Value::list(values)
}

/// A list of texts.
pub(super) fn list_of_texts<'d, T: Into<Arc<str>>>(
    texts: impl IntoIterator<Item = T>,
) -> Value<'d> {
    list_of(texts.into_iter().map(Value::string).collect::<Vec<_>>())
}

/// A map of computed entries.
pub(super) fn map_of<'d>(entries: impl IntoIterator<Item = (Value<'d>, Value<'d>)>) -> Value<'d> {
    Value::map(entries)
}

/// `optional.of(value)`
pub(super) fn some(value: Value<'_>) -> Value<'_> {
    Value::Optional(Some(Arc::new(value)))
}

/// `optional.none()`
pub(super) const fn none<'d>() -> Value<'d> {
    Value::Optional(None)
}

/// A library's own value.
pub(super) fn own<'d>(value: impl Opaque) -> Value<'d> {
    Value::Opaque(Arc::new(value))
}

/// Whether two values are equal; an error counts as unequal, as cel-go's `x.Equal(y) == true`.
pub(super) fn equal(left: &Value<'_>, right: &Value<'_>) -> bool {
    compare::equal(left, right).unwrap_or(false)
}

/// Whether values of this kind have an order.
pub(super) const fn comparable(value: &Value<'_>) -> bool {
    matches!(
        value,
        Value::Bool(_)
            | Value::Int(_)
            | Value::Uint(_)
            | Value::Double(_)
            | Value::String(_)
            | Value::Bytes(_)
            | Value::Duration(_)
            | Value::Timestamp(_)
    )
}

/// The size by which cel-go's libraries charge: 1 for what has no size, optionals included.
pub(super) fn size(value: &Value<'_>) -> u64 {
    let size = match value {
        Value::String(text) => text.chars().count(),
        Value::Bytes(bytes) => bytes.len(),
        Value::List(list) => len(list),
        Value::Map(MapValue::Borrowed(fields)) => fields.len(),
        Value::Map(MapValue::Shared(entries)) => entries.len(),
        Value::Opaque(value) => return value.size(),
        _ => 1,
    };
    size as u64
}

/// The size of the argument at an index.
pub(super) fn arg_size(args: &[Value<'_>], index: usize) -> u64 {
    args.get(index).map_or(1, size)
}

/// `ceil(size * factor)`, as cel-go computes it in floating point.
pub(super) fn scaled(size: u64, factor: f64) -> u64 {
    (size as f64 * factor).ceil() as u64
}

/// A traversal of the first argument.
pub(super) fn traversal(args: &[Value<'_>], _result: &Value<'_>) -> u64 {
    scaled(arg_size(args, 0), STRING_TRAVERSAL)
}

/// A walk through the whole first argument, whatever it is.
pub(super) fn walk(args: &[Value<'_>], _result: &Value<'_>) -> u64 {
    args.first().map_or(0, depth_first)
}

/// The cost of a walk through a value: a tenth of the bytes of each text, 1 for each number.
/// Documents bound how deep values nest.
fn depth_first(value: &Value<'_>) -> u64 {
    match value {
        Value::String(text) => (text.len() as f64 * STRING_TRAVERSAL) as u64,
        Value::Bytes(bytes) => (bytes.len() as f64 * STRING_TRAVERSAL) as u64,
        Value::List(list) => elements(list).map(|element| depth_first(&element)).sum(),
        Value::Map(map) => entries(map)
            .iter()
            .map(|(key, value)| depth_first(key) + depth_first(value))
            .sum(),
        _ => 1,
    }
}

/// A traversal of the first argument and the making of a result of its size.
pub(super) fn double_traversal(args: &[Value<'_>], _result: &Value<'_>) -> u64 {
    (arg_size(args, 0) as f64 * 2.0 * STRING_TRAVERSAL).ceil() as u64
}

/// cel-go's text where it can make no value of a Go value.
pub(super) fn unsupported_conversion(go_type: &str, text: &str) -> String {
    format!("unsupported conversion to ref.Val: ({go_type}){text}")
}

/// The cost of calls that do next to nothing.
pub(super) const fn nominal(_args: &[Value<'_>], _result: &Value<'_>) -> u64 {
    1
}
