//! Kubernetes' list functions: `isSorted`, `sum`, `min`, `max`, `indexOf`, `lastIndexOf` (Kubernetes 1.23).

use std::cmp::Ordering;

use super::support::{Outcome, arg, comparable, elements, equal, list, walk};
use crate::eval::{EvalError, errors};
use crate::library::{Binding, Function, Library, Overload};
use crate::types::Type;
use crate::value::{Value, compare::compare, weight};

/// Kubernetes' lists library; version 0 up to 1.36.
#[must_use]
pub fn library(version: u32) -> Library {
    Library {
        name: "kubernetes.lists",
        version,
        functions: vec![
            is_sorted(),
            sum(),
            max(),
            min(),
            index_of(),
            last_index_of(),
        ],
        ..Library::default()
    }
}

/// The types whose values have an order, in the order Kubernetes declares them.
const COMPARABLE: [Type; 8] = [
    Type::Int,
    Type::Uint,
    Type::Double,
    Type::Bool,
    Type::Duration,
    Type::Timestamp,
    Type::String,
    Type::Bytes,
];

/// The ids of a function's overloads, one for each type of [`COMPARABLE`].
macro_rules! ids {
    ($suffix:literal) => {
        [
            concat!("list_int_", $suffix),
            concat!("list_uint_", $suffix),
            concat!("list_double_", $suffix),
            concat!("list_bool_", $suffix),
            concat!("list_duration_", $suffix),
            concat!("list_timestamp_", $suffix),
            concat!("list_string_", $suffix),
            concat!("list_bytes_", $suffix),
        ]
    };
    ($name:literal of itself) => {
        [
            concat!("list_int_", $name, "_int"),
            concat!("list_uint_", $name, "_uint"),
            concat!("list_double_", $name, "_double"),
            concat!("list_bool_", $name, "_bool"),
            concat!("list_duration_", $name, "_duration"),
            concat!("list_timestamp_", $name, "_timestamp"),
            concat!("list_string_", $name, "_string"),
            concat!("list_bytes_", $name, "_bytes"),
        ]
    };
}

/// A function with an overload for a list of each comparable type.
fn of_comparables(
    name: &'static str,
    ids: [&'static str; 8],
    result: fn(Type) -> Type,
    binding: Binding,
) -> Function {
    let mut function = Function::new(name);
    for (id, of) in ids.into_iter().zip(COMPARABLE) {
        let overload = Overload::member(id, vec![Type::list(of.clone())], result(of));
        function = function.overload(overload.cost(walk).bind(binding));
    }
    function
}

/// `list(T).isSorted() -> bool` (1.23): `[1, 2, 3].isSorted()` is true.
/// Error: `no such overload` for elements without an order.
#[must_use]
pub fn is_sorted() -> Function {
    of_comparables(
        "isSorted",
        ids!("is_sorted_bool"),
        |_| Type::Bool,
        |args| {
            let mut previous: Option<Value<'_>> = None;
            for element in elements(list(args, 0)?) {
                if !comparable(&element) {
                    return Err(EvalError::no_such_overload());
                }
                if let Some(previous) = &previous
                    && compare(previous, &element) == Ok(Ordering::Greater)
                {
                    return Ok(Value::Bool(false));
                }
                previous = Some(element);
            }
            Ok(Value::Bool(true))
        },
    )
}

/// `list(T).max() -> T` (1.23): `[1, 3, 2].max()` is 3.
/// Errors: `max called on empty list`, `no such overload` for elements without an order.
#[must_use]
pub fn max() -> Function {
    of_comparables(
        "max",
        ids!("max" of itself),
        |of| of,
        |args| {
            extreme(args, Ordering::Less)?.ok_or_else(|| EvalError::new("max called on empty list"))
        },
    )
}

/// `list(T).min() -> T` (1.23): `[1, 3, 2].min()` is 1.
/// Errors: `min called on empty list`, `no such overload` for elements without an order.
#[must_use]
pub fn min() -> Function {
    of_comparables(
        "min",
        ids!("min" of itself),
        |of| of,
        |args| {
            extreme(args, Ordering::Greater)?
                .ok_or_else(|| EvalError::new("min called on empty list"))
        },
    )
}

/// The element that stands before (`Greater`) or after (`Less`) the others. Elements that cannot
/// be compared with it are passed over.
fn extreme<'d>(args: &[Value<'d>], replace_on: Ordering) -> Result<Option<Value<'d>>, EvalError> {
    let mut best: Option<Value<'d>> = None;
    for element in elements(list(args, 0)?) {
        if !comparable(&element) {
            return Err(EvalError::no_such_overload());
        }
        match &best {
            Some(best) if compare(best, &element) != Ok(replace_on) => {}
            _ => best = Some(element),
        }
    }
    Ok(best)
}

/// `list(T).sum() -> T` (1.23): `[1, 3].sum()` is 4; of an empty list 0.
/// Errors: `integer overflow`, `no such overload` for elements that do not add.
#[must_use]
pub fn sum() -> Function {
    fn overload(id: &'static str, of: Type, binding: Binding) -> Overload {
        Overload::member(id, vec![Type::list(of.clone())], of)
            .cost(walk)
            .bind(binding)
    }
    Function::new("sum")
        .overload(overload("list_int_sum_int", Type::Int, |args| {
            total(args, Value::Int(0))
        }))
        .overload(overload("list_uint_sum_uint", Type::Uint, |args| {
            total(args, Value::Uint(0))
        }))
        .overload(overload("list_double_sum_double", Type::Double, |args| {
            total(args, Value::Double(0.0))
        }))
        .overload(overload(
            "list_duration_sum_duration",
            Type::Duration,
            |args| total(args, Value::Duration(0)),
        ))
}

fn total<'d>(args: &[Value<'d>], zero: Value<'d>) -> Outcome<'d> {
    elements(list(args, 0)?).try_fold(zero, |total, element| add(&total, &element))
}

fn add<'d>(total: &Value<'d>, element: &Value<'d>) -> Outcome<'d> {
    match (total, element) {
        (Value::Int(total), Value::Int(element)) => total.checked_add(*element).map(Value::Int),
        (Value::Uint(total), Value::Uint(element)) => {
            let sum = total.checked_add(*element).map(Value::Uint);
            return sum.ok_or_else(errors::uint_overflow);
        }
        (Value::Double(total), Value::Double(element)) => Some(Value::Double(total + element)),
        (Value::Duration(total), Value::Duration(element)) => {
            total.checked_add(*element).map(Value::Duration)
        }
        _ => return Err(EvalError::no_such_overload()),
    }
    .ok_or_else(errors::int_overflow)
}

/// `list(T).indexOf(T) -> int` (1.23): `[1, 2, 2].indexOf(2)` is 1; -1 where it is not there.
/// No errors.
#[must_use]
pub fn index_of() -> Function {
    let item = Type::param("A");
    Function::new("indexOf").overload(
        Overload::member(
            "list_a_index_of_int",
            vec![Type::list(item.clone()), item],
            Type::Int,
        )
        .cost(walk)
        .work(weight::pairs)
        .bind(|args| {
            let item = arg(args, 1)?;
            let index = elements(list(args, 0)?).position(|element| equal(&element, item));
            Ok(Value::Int(index.map_or(-1, |index| index as i64)))
        }),
    )
}

/// `list(T).lastIndexOf(T) -> int` (1.23): `[1, 2, 2].lastIndexOf(2)` is 2; -1 where it is not
/// there. No errors.
#[must_use]
pub fn last_index_of() -> Function {
    let item = Type::param("A");
    Function::new("lastIndexOf").overload(
        Overload::member(
            "list_a_last_index_of_int",
            vec![Type::list(item.clone()), item],
            Type::Int,
        )
        .cost(walk)
        .work(weight::pairs)
        .bind(|args| {
            let item = arg(args, 1)?;
            let index = elements(list(args, 0)?).rposition(|element| equal(&element, item));
            Ok(Value::Int(index.map_or(-1, |index| index as i64)))
        }),
    )
}
