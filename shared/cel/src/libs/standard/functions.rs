//! What the standard library's functions do, by overload id.

use std::sync::Arc;

use crate::eval::operators::{BinaryOp, UnaryOp, convert_to};
use crate::eval::{EvalError, cost as costs};
use crate::library::{Binding, Cost, Prepare};
use crate::types::Type;
use crate::value::time::Civil;
use crate::value::{Value, compare, duration};

/// What an overload does; `None` where the planner has a step of its own for it.
#[must_use]
pub fn binding(overload: &str) -> Option<Binding> {
    conversion(overload)
        .or_else(|| operator(overload))
        .or_else(|| time(overload))
}

fn unary<'d>(op: UnaryOp, args: &[Value<'d>]) -> Result<Value<'d>, EvalError> {
    match args {
        [arg] => op.apply(arg),
        _ => Err(EvalError::no_such_overload()),
    }
}

fn binary<'d>(op: BinaryOp, args: &[Value<'d>]) -> Result<Value<'d>, EvalError> {
    match args {
        [left, right] => op.apply(left, right),
        _ => Err(EvalError::no_such_overload()),
    }
}

fn conversion(overload: &str) -> Option<Binding> {
    Some(match overload {
        "string_to_bool" | "bool_to_bool" => |args| convert_to(args, &Type::Bool),
        "bytes_to_bytes" | "string_to_bytes" => |args| convert_to(args, &Type::Bytes),
        "double_to_double" | "int64_to_double" | "string_to_double" | "uint64_to_double" => {
            |args| convert_to(args, &Type::Double)
        }
        "duration_to_duration" | "int64_to_duration" | "string_to_duration" => {
            |args| convert_to(args, &Type::Duration)
        }
        "int64_to_int64" | "double_to_int64" | "duration_to_int64" | "string_to_int64"
        | "timestamp_to_int64" | "uint64_to_int64" => |args| convert_to(args, &Type::Int),
        "string_to_string"
        | "bool_to_string"
        | "bytes_to_string"
        | "double_to_string"
        | "duration_to_string"
        | "int64_to_string"
        | "timestamp_to_string"
        | "uint64_to_string" => |args| convert_to(args, &Type::String),
        "timestamp_to_timestamp" | "int64_to_timestamp" | "string_to_timestamp" => {
            |args| convert_to(args, &Type::Timestamp)
        }
        "uint64_to_uint64" | "double_to_uint64" | "int64_to_uint64" | "string_to_uint64" => {
            |args| convert_to(args, &Type::Uint)
        }
        _ => return None,
    })
}

/// Whether an overload is one of an operator that has a step of its own.
pub(crate) fn is_operator(overload: &str) -> bool {
    operator(overload).is_some()
}

fn operator(overload: &str) -> Option<Binding> {
    let (operation, _) = overload.split_once('_').unwrap_or((overload, ""));
    Some(match overload {
        "logical_not" => |args| unary(UnaryOp::Not, args),
        "not_strictly_false" => |args| unary(UnaryOp::NotStrictlyFalse, args),
        "type" => |args| unary(UnaryOp::Type, args),
        "to_dyn" => |args| unary(UnaryOp::Dyn, args),
        "equals" => |args| equality(args, false),
        "not_equals" => |args| equality(args, true),
        "in_list" | "in_map" => |args| binary(BinaryOp::In, args),
        "contains_string" => |args| binary(BinaryOp::Contains, args),
        "starts_with_string" => |args| binary(BinaryOp::StartsWith, args),
        "ends_with_string" => |args| binary(BinaryOp::EndsWith, args),
        "matches" | "matches_string" => |args| binary(BinaryOp::Matches, args),
        "size_bytes" | "bytes_size" | "size_list" | "list_size" | "size_map" | "map_size"
        | "size_string" | "string_size" => |args| unary(UnaryOp::Size, args),
        _ if overload.starts_with("less_equals_") => |args| binary(BinaryOp::LessEquals, args),
        _ if overload.starts_with("greater_equals_") => {
            |args| binary(BinaryOp::GreaterEquals, args)
        }
        _ => match operation {
            "add" => |args| binary(BinaryOp::Add, args),
            "subtract" => |args| binary(BinaryOp::Subtract, args),
            "multiply" => |args| binary(BinaryOp::Multiply, args),
            "divide" => |args| binary(BinaryOp::Divide, args),
            "modulo" => |args| binary(BinaryOp::Modulo, args),
            "negate" => |args| unary(UnaryOp::Negate, args),
            "less" => |args| binary(BinaryOp::Less, args),
            "greater" => |args| binary(BinaryOp::Greater, args),
            _ => return None,
        },
    })
}

fn equality<'d>(args: &[Value<'d>], negated: bool) -> Result<Value<'d>, EvalError> {
    match args {
        [left, right] => Ok(Value::Bool(compare::equal(left, right)? != negated)),
        _ => Err(EvalError::no_such_overload()),
    }
}

/// A part of a timestamp, in UTC or in the time zone of the second argument.
fn part<'d>(args: &[Value<'d>], get: fn(Civil) -> i64) -> Result<Value<'d>, EvalError> {
    match args {
        [Value::Timestamp(time)] => Ok(Value::Int(get(time.in_zone("UTC")?))),
        [Value::Timestamp(time), Value::String(zone)] => Ok(Value::Int(get(time.in_zone(zone)?))),
        _ => Err(EvalError::no_such_overload()),
    }
}

/// A duration in a unit, cut.
fn whole<'d>(args: &[Value<'d>], unit: f64) -> Result<Value<'d>, EvalError> {
    match args {
        #[allow(clippy::cast_possible_truncation)]
        [Value::Duration(nanos)] => Ok(Value::Int((duration::seconds(*nanos) / unit) as i64)),
        _ => Err(EvalError::no_such_overload()),
    }
}

fn time(overload: &str) -> Option<Binding> {
    let plain = overload
        .strip_suffix("_with_tz")
        .or_else(|| overload.strip_suffix("_tz"))
        .unwrap_or(overload);
    Some(match plain {
        "timestamp_to_year" => |args| part(args, |time| time.year),
        "timestamp_to_month" => |args| part(args, |time| time.month - 1),
        "timestamp_to_day_of_year" => |args| part(args, |time| time.day_of_year),
        "timestamp_to_day_of_month" => |args| part(args, |time| time.day - 1),
        "timestamp_to_day_of_month_1_based" => |args| part(args, |time| time.day),
        "timestamp_to_day_of_week" => |args| part(args, |time| time.day_of_week),
        "timestamp_to_hours" => |args| part(args, |time| time.hour),
        "timestamp_to_minutes" => |args| part(args, |time| time.minute),
        "timestamp_to_seconds" => |args| part(args, |time| time.second),
        "timestamp_to_milliseconds" => |args| part(args, |time| i64::from(time.nanos / 1_000_000)),
        "duration_to_hours" => |args| whole(args, 3600.0),
        "duration_to_minutes" => |args| whole(args, 60.0),
        "duration_to_seconds" => |args| whole(args, 1.0),
        "duration_to_milliseconds" => |args| match args {
            [Value::Duration(nanos)] => Ok(Value::Int(nanos / 1_000_000)),
            _ => Err(EvalError::no_such_overload()),
        },
        _ => return None,
    })
}

/// What a call of an overload costs; `None` where that is 1.
#[must_use]
pub fn cost(overload: &str) -> Option<Cost> {
    let cost = match overload {
        "starts_with_string" | "ends_with_string" | "string_to_bytes" | "bytes_to_string" => {
            costs::traverse_first as Cost
        }
        "in_list" => costs::size_of_second as Cost,
        "less_string"
        | "greater_string"
        | "less_equals_string"
        | "greater_equals_string"
        | "less_bytes"
        | "greater_bytes"
        | "less_equals_bytes"
        | "greater_equals_bytes" => costs::traverse_shorter as Cost,
        "add_string" | "add_bytes" => costs::traverse_both as Cost,
        "matches_string" => costs::matching as Cost,
        "contains_string" => costs::search as Cost,
        _ => return None,
    };
    Some(cost)
}

/// How an overload's constant arguments are prepared; `None` where they are not.
#[must_use]
pub fn prepare(overload: &str) -> Option<Prepare> {
    match overload {
        "matches" | "matches_string" => Some(prepare_matches),
        _ => None,
    }
}

fn prepare_matches(
    args: &[Option<&Value<'static>>],
) -> Result<Option<crate::library::PreparedBinding>, EvalError> {
    let [_, Some(Value::String(pattern))] = args else {
        return Ok(None);
    };
    let regex = crate::re2::Regex::new(pattern).map_err(EvalError::new)?;
    Ok(Some(Arc::new(move |args| match args {
        [Value::String(text), _] => Ok(Value::Bool(regex.is_match(text))),
        _ => Err(EvalError::no_such_overload()),
    })))
}
