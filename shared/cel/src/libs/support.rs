//! What the libraries share: reading arguments, making results, cel-go's sizes and cost factors.

use std::cmp::Ordering;
use std::sync::Arc;

use crate::document::Node;
use crate::eval::EvalError;
use crate::value::{ListValue, MapValue, Opaque, Str, Timestamp, Value};

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
    equality(left, right).unwrap_or(false)
}

/// Whether two values are equal, or why that cannot be said.
fn equality(left: &Value<'_>, right: &Value<'_>) -> Result<bool, EvalError> {
    Ok(match (left, right) {
        (Value::Null, Value::Null) => true,
        (Value::Bool(left), Value::Bool(right)) => left == right,
        (Value::String(left), Value::String(right)) => left.as_str() == right.as_str(),
        (Value::Bytes(left), Value::Bytes(right)) => left == right,
        (Value::List(left), Value::List(right)) => {
            len(left) == len(right)
                && elements(left)
                    .zip(elements(right))
                    .all(|(l, r)| equal(&l, &r))
        }
        (Value::Opaque(left), Value::Opaque(right)) => left.equals(&**right)?,
        (left, right) => compare(left, right)? == Ordering::Equal,
    })
}

/// The order of two values of comparable types.
///
/// # Errors
/// `no such overload` where the types cannot be compared.
pub(super) fn compare(left: &Value<'_>, right: &Value<'_>) -> Result<Ordering, EvalError> {
    let nan = || EvalError::new("NaN values cannot be ordered");
    Ok(match (left, right) {
        (Value::Bool(left), Value::Bool(right)) => left.cmp(right),
        (Value::Int(left), Value::Int(right)) => left.cmp(right),
        (Value::Uint(left), Value::Uint(right)) => left.cmp(right),
        (Value::Double(left), Value::Double(right)) => left.partial_cmp(right).ok_or_else(nan)?,
        (Value::String(left), Value::String(right)) => left.as_str().cmp(right.as_str()),
        (Value::Bytes(left), Value::Bytes(right)) => left.cmp(right),
        (Value::Duration(left), Value::Duration(right)) => left.cmp(right),
        (Value::Timestamp(left), Value::Timestamp(right)) => left.cmp(right),
        _ => return Err(EvalError::no_such_overload()),
    })
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

/// A traversal of the first argument and the making of a result of its size.
pub(super) fn double_traversal(args: &[Value<'_>], _result: &Value<'_>) -> u64 {
    (arg_size(args, 0) as f64 * 2.0 * STRING_TRAVERSAL).ceil() as u64
}

/// The name of a value's type at run time, without parameters.
pub(super) fn type_name(value: &Value<'_>) -> String {
    match value {
        Value::Null => "null_type".to_owned(),
        Value::Bool(_) => "bool".to_owned(),
        Value::Int(_) => "int".to_owned(),
        Value::Uint(_) => "uint".to_owned(),
        Value::Double(_) => "double".to_owned(),
        Value::String(_) => "string".to_owned(),
        Value::Bytes(_) => "bytes".to_owned(),
        Value::List(_) => "list".to_owned(),
        Value::Map(_) => "map".to_owned(),
        Value::Duration(_) => "google.protobuf.Duration".to_owned(),
        Value::Timestamp(_) => "google.protobuf.Timestamp".to_owned(),
        Value::Type(_) => "type".to_owned(),
        Value::Optional(_) => "optional_type".to_owned(),
        Value::Opaque(value) => value.type_of().to_string(),
    }
}

/// A value as Go's `%v` prints it inside error texts.
pub(super) fn go_text(value: &Value<'_>) -> String {
    match value {
        // cel-go's null is Go's number 0 of an enumeration.
        Value::Null => "0".to_owned(),
        Value::Bool(value) => value.to_string(),
        Value::Int(value) => value.to_string(),
        Value::Uint(value) => value.to_string(),
        Value::Double(value) => go_float(*value),
        Value::String(text) => text.as_str().to_owned(),
        Value::Bytes(bytes) => {
            let bytes: Vec<String> = bytes.iter().map(u8::to_string).collect();
            format!("[{}]", bytes.join(" "))
        }
        Value::List(list) => {
            let items: Vec<String> = elements(list).map(|item| go_text(&item)).collect();
            format!("[{}]", items.join(", "))
        }
        Value::Map(map) => {
            let items: Vec<String> = entries(map)
                .iter()
                .map(|(key, value)| format!("{}: {}", go_text(key), go_text(value)))
                .collect();
            format!("{{{}}}", items.join(", "))
        }
        Value::Duration(nanos) => go_duration(*nanos),
        Value::Timestamp(time) => timestamp_text(*time)
            .replace('T', " ")
            .replace('Z', " +0000 UTC"),
        Value::Type(of) => of.to_string(),
        Value::Optional(Some(value)) => format!("optional({})", go_text(value)),
        Value::Optional(None) => "optional.none()".to_owned(),
        Value::Opaque(value) => value.to_text(),
    }
}

/// A double as Go's `strconv.FormatFloat(value, 'g', -1, 64)` prints it.
pub(super) fn go_float(value: f64) -> String {
    if value.is_nan() {
        return "NaN".to_owned();
    }
    if value.is_infinite() {
        return if value > 0.0 { "+Inf" } else { "-Inf" }.to_owned();
    }
    let scientific = format!("{value:e}");
    let Some((mantissa, exponent)) = scientific.split_once('e') else {
        return scientific;
    };
    let exponent: i32 = exponent.parse().unwrap_or(0);
    if (-4..6).contains(&exponent) {
        return value.to_string();
    }
    let sign = if exponent < 0 { '-' } else { '+' };
    format!("{mantissa}e{sign}{:02}", exponent.abs())
}

/// A duration as Go prints it: `1h30m0s`, `1.5s`, `250ms`, `0s`.
fn go_duration(nanos: i64) -> String {
    let sign = if nanos < 0 { "-" } else { "" };
    let size = nanos.unsigned_abs();
    let (unit, name) = match size {
        0 => return "0s".to_owned(),
        1..1_000 => (1, "ns"),
        1_000..1_000_000 => (1_000, "µs"),
        1_000_000..1_000_000_000 => (1_000_000, "ms"),
        _ => (1_000_000_000, "s"),
    };
    let mut whole = size / unit;
    let mut text = sign.to_owned();
    if name == "s" && whole >= 60 {
        let (hours, minutes) = (whole / 3600, whole / 60 % 60);
        if hours != 0 {
            text.push_str(&format!("{hours}h"));
        }
        text.push_str(&format!("{minutes}m"));
        whole %= 60;
    }
    text.push_str(&whole.to_string());
    let width = unit.ilog10() as usize;
    let fraction = format!("{:0width$}", size % unit);
    let fraction = fraction.trim_end_matches('0');
    if !fraction.is_empty() {
        text.push('.');
        text.push_str(fraction);
    }
    text.push_str(name);
    text
}

/// A duration as CEL's `string()` gives it.
pub(super) fn duration_text(nanos: i64) -> String {
    const SECOND: i64 = 1_000_000_000;
    let seconds = (nanos / SECOND) as f64 + (nanos % SECOND) as f64 / 1e9;
    format!("{seconds}s")
}

/// A timestamp as CEL's `string()` gives it.
pub(super) fn timestamp_text(time: Timestamp) -> String {
    let days = time.seconds.div_euclid(86_400);
    let second = time.seconds.rem_euclid(86_400);
    let (year, month, day) = civil(days);
    let mut text = format!(
        "{year:04}-{month:02}-{day:02}T{:02}:{:02}:{:02}",
        second / 3600,
        second / 60 % 60,
        second % 60
    );
    if time.nanos != 0 {
        let nanos = format!("{:09}", time.nanos);
        text.push('.');
        text.push_str(nanos.trim_end_matches('0'));
    }
    text.push('Z');
    text
}

/// Year, month and day of a day counted from 1970-01-01, by the usual 400-year eras.
const fn civil(days: i64) -> (i64, i64, i64) {
    let days = days + 719_468;
    let era = days.div_euclid(146_097);
    let of_era = days.rem_euclid(146_097);
    let year = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year + year / 4 - year / 100);
    let shifted = (5 * of_year + 2) / 153;
    let day = of_year - (153 * shifted + 2) / 5 + 1;
    let month = if shifted < 10 {
        shifted + 3
    } else {
        shifted - 9
    };
    (year + era * 400 + (month <= 2) as i64, month, day)
}

/// A text in Go's `%q`: double quotes, with escapes for what cannot be printed.
pub(super) fn go_quote(text: &str) -> String {
    let mut quoted = String::with_capacity(text.len() + 2);
    quoted.push('"');
    for char in text.chars() {
        match char {
            '"' => quoted.push_str("\\\""),
            '\\' => quoted.push_str("\\\\"),
            '\u{7}' => quoted.push_str("\\a"),
            '\u{8}' => quoted.push_str("\\b"),
            '\u{c}' => quoted.push_str("\\f"),
            '\n' => quoted.push_str("\\n"),
            '\r' => quoted.push_str("\\r"),
            '\t' => quoted.push_str("\\t"),
            '\u{b}' => quoted.push_str("\\v"),
            _ if printable(char) => quoted.push(char),
            _ => {
                let code = u32::from(char);
                quoted.push_str(&match code {
                    0..=0x1f | 0x7f => format!("\\x{code:02x}"),
                    0x80..=0xffff => format!("\\u{code:04x}"),
                    _ => format!("\\U{code:08x}"),
                });
            }
        }
    }
    quoted.push('"');
    quoted
}

/// Whether Go prints a character as it is. Rust's debug form has the same set, except that it
/// escapes a combining mark at the start of a text.
fn printable(char: char) -> bool {
    match char {
        ' '..='~' => true,
        _ if char.is_whitespace() => false,
        _ => {
            ['a', char]
                .iter()
                .collect::<String>()
                .escape_debug()
                .count()
                == 2
        }
    }
}

/// The cost of calls that do next to nothing.
pub(super) const fn nominal(_args: &[Value<'_>], _result: &Value<'_>) -> u64 {
    1
}
