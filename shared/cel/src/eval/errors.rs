//! The texts of run-time errors, as cel-go and Go word them.

use super::EvalError;
use crate::library::Tracked;
use crate::value::{Value, go};

/// What ends an evaluation that costs too much; nothing absorbs it.
pub const COST_LIMIT: &str = "operation cancelled: actual cost limit exceeded";

/// What Go panics with where a cost tracker takes an argument (`None`: one that failed) for what it
/// is not: cel-go answers `internal error: ` and the panic's text.
#[must_use]
pub fn conversion_panic(kind: Tracked, value: Option<&Value<'_>>) -> Option<EvalError> {
    let go_type = value.map_or("*types.Err", go::type_name);
    let text = match (kind, value) {
        (Tracked::List, Some(Value::List(_))) | (Tracked::Int, Some(Value::Int(_))) => return None,
        (Tracked::Int, _) => format!("ref.Val is {go_type}, not types.Int"),
        (Tracked::List, value) => {
            // of the methods of `traits.Lister`, Go names the first in the alphabet that is missing
            let missing = match value {
                Some(
                    Value::Int(_)
                    | Value::Uint(_)
                    | Value::Double(_)
                    | Value::String(_)
                    | Value::Bytes(_)
                    | Value::Duration(_)
                    | Value::Timestamp(_),
                ) => "Contains",
                _ => "Add",
            };
            format!("{go_type} is not traits.Lister: missing method {missing}")
        }
    };
    Some(EvalError::panic(&format!("interface conversion: {text}")))
}

/// `no such key: y`
#[must_use]
pub fn no_such_key(key: &str) -> EvalError {
    EvalError::new(format!("no such key: {key}"))
}

/// `no such attribute(s): object`: a variable without a value.
#[must_use]
pub fn no_such_attribute(name: &str) -> EvalError {
    EvalError::new(format!("no such attribute(s): {name}"))
}

/// `index out of bounds: 3`
#[must_use]
pub fn index_out_of_bounds(index: &str) -> EvalError {
    EvalError::new(format!("index out of bounds: {index}"))
}

/// `unsupported index value 0.1 in list`
#[must_use]
pub fn index_value(index: &str) -> EvalError {
    EvalError::new(format!("unsupported index value {index} in list"))
}

/// `unsupported index type 'string' in list`
#[must_use]
pub fn index_type(name: &str) -> EvalError {
    EvalError::new(format!("unsupported index type '{name}' in list"))
}

/// `invalid qualifier type: types.Bytes`
#[must_use]
pub fn invalid_qualifier(go_type: &str) -> EvalError {
    EvalError::new(format!("invalid qualifier type: {go_type}"))
}

/// `no such overload: _<_`: the function has nothing for the first argument.
#[must_use]
pub fn no_overload_of(function: &str) -> EvalError {
    EvalError::new(format!("no such overload: {function}"))
}

/// `no such overload: int(list)`: none of the function's overloads takes arguments of these types.
#[must_use]
pub fn no_overload_for(function: &str, types: &[&str]) -> EvalError {
    EvalError::new(format!(
        "no such overload: {function}({})",
        types.join(", ")
    ))
}

/// `reference to undefined type: duration`
#[must_use]
pub fn undefined_type(name: &str) -> EvalError {
    EvalError::new(format!("reference to undefined type: {name}"))
}

/// `integer overflow`
#[must_use]
pub fn int_overflow() -> EvalError {
    EvalError::new("integer overflow")
}

/// `unsigned integer overflow`
#[must_use]
pub fn uint_overflow() -> EvalError {
    EvalError::new("unsigned integer overflow")
}

/// `timestamp overflow`
#[must_use]
pub fn timestamp_overflow() -> EvalError {
    EvalError::new("timestamp overflow")
}

/// `division by zero`
#[must_use]
pub fn division_by_zero() -> EvalError {
    EvalError::new("division by zero")
}

/// `modulus by zero`
#[must_use]
pub fn modulus_by_zero() -> EvalError {
    EvalError::new("modulus by zero")
}

/// `NaN values cannot be ordered`
#[must_use]
pub fn nan_order() -> EvalError {
    EvalError::new("NaN values cannot be ordered")
}

/// `type conversion error from 'string' to 'int'`
#[must_use]
pub fn conversion(from: &str, to: &str) -> EvalError {
    EvalError::new(format!("type conversion error from '{from}' to '{to}'"))
}

/// `invalid UTF-8 in bytes, cannot convert to string`
#[must_use]
pub fn invalid_utf8() -> EvalError {
    EvalError::new("invalid UTF-8 in bytes, cannot convert to string")
}

/// Go's `strconv.Atoi` about a malformed zone offset.
#[must_use]
pub fn atoi(text: &str) -> EvalError {
    let digits = text.strip_prefix(['+', '-']).unwrap_or(text);
    let why = if !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit()) {
        "value out of range"
    } else {
        "invalid syntax"
    };
    EvalError::new(format!("strconv.Atoi: parsing {}: {why}", go::quote(text)))
}

/// Go's `time.LoadLocation` about a name that is a path.
#[must_use]
pub fn invalid_zone_name() -> EvalError {
    EvalError::new("time: invalid location name")
}

/// Go's `time.LoadLocation` about a name it does not know.
#[must_use]
pub fn unknown_zone(name: &str) -> EvalError {
    EvalError::new(format!("unknown time zone {name}"))
}

/// `got 'types.Int', expected iterable type`
#[must_use]
pub fn not_iterable(go_type: &str) -> EvalError {
    EvalError::new(format!("got '{go_type}', expected iterable type"))
}

/// `unsupported comprehension range type: types.Int`
#[must_use]
pub fn not_foldable(go_type: &str) -> EvalError {
    EvalError::new(format!("unsupported comprehension range type: {go_type}"))
}

/// An optional list element that is no optional.
#[must_use]
pub fn not_optional_element(value: &str) -> EvalError {
    EvalError::new(format!(
        "cannot initialize optional list element from non-optional value {value}"
    ))
}

/// An optional entry or field that is no optional.
#[must_use]
pub fn not_optional_entry(key: &str, value: &str) -> EvalError {
    EvalError::new(format!(
        "cannot initialize optional entry '{key}' from non-optional value {value}"
    ))
}

/// `insert failed: key 1 already exists`
#[must_use]
pub fn key_exists(key: &str) -> EvalError {
    EvalError::new(format!("insert failed: key {key} already exists"))
}

/// `optional.none() dereference`
#[must_use]
pub fn none_dereference() -> EvalError {
    EvalError::new("optional.none() dereference")
}

/// What a lazy variable's reader gets where the variable's expression failed.
#[must_use]
pub fn variable_fails(name: &str, error: &str) -> EvalError {
    EvalError::new(format!(
        "composited variable \"{name}\" fails to evaluate: {error}"
    ))
}

/// What a lazy variable's reader gets where the variable's expression does not compile.
#[must_use]
pub fn variable_does_not_compile(name: &str, error: &str) -> EvalError {
    EvalError::new(format!(
        "composited variable \"{name}\" fails to compile: {error}"
    ))
}

/// Variables that read each other in too long a chain: our own limit, for the stack's sake.
#[must_use]
pub fn too_deep() -> EvalError {
    EvalError::new("variables read each other in too long a chain")
}

/// Regular expressions that together are too large: our own limit.
#[must_use]
pub fn too_large_patterns() -> EvalError {
    EvalError::new("the regular expressions are too large together")
}

/// A variable whose value nests too deep: our own limit, for the stack's sake.
#[must_use]
pub fn too_deep_value(name: &str) -> EvalError {
    EvalError::new(format!(
        "the value of variable \"{name}\" is nested too deep"
    ))
}

/// A message of a type that has no value of its own here.
#[must_use]
pub fn unsupported_message(text: &str) -> EvalError {
    EvalError::new(format!(
        "unsupported conversion to ref.Val: (*dynamicpb.Message){text}"
    ))
}

/// `unknown type 'kubernetes.AdmissionRequest'`: a type whose values nobody can make.
#[must_use]
pub fn unknown_type(name: &str) -> EvalError {
    EvalError::new(format!("unknown type '{name}'"))
}

/// `no such field 'x'`: a message has no field of this name.
#[must_use]
pub fn no_such_field(name: &str) -> EvalError {
    EvalError::new(format!("no such field '{name}'"))
}

/// A repeated field or a map field whose value is of another kind.
#[must_use]
pub fn unsupported_field(message: &str, field: &str, of: &str) -> EvalError {
    EvalError::new(format!(
        "unsupported field type for {message}.{field}: {of}"
    ))
}

/// What kube-apiserver says where Go panics about a key of a map.
#[must_use]
pub fn unhashable(go_type: &str) -> EvalError {
    EvalError::panic(&format!("runtime error: hash of unhashable type {go_type}"))
}

/// The same where the map is empty, and nothing is hashed.
#[must_use]
pub fn unhashable_in_empty_map(go_type: &str) -> EvalError {
    EvalError::panic(&format!("hash of unhashable type: {go_type}"))
}

/// A field whose value does not fit the field's type.
#[must_use]
pub fn field_conversion(message: &str, field: &str, why: &str) -> EvalError {
    EvalError::new(format!(
        "field type conversion error for {message}.{field} value type: {why}"
    ))
}
