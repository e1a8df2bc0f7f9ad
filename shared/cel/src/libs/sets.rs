//! cel-go's set functions on lists: `sets.contains`, `sets.equivalent`, `sets.intersects` (Kubernetes 1.29).

use super::support::{arg_size, elements, equal, list};
use crate::library::{Binding, Cost, Function, Library, Overload};
use crate::types::Type;
use crate::value::{ListValue, Value, weight};

/// cel-go's sets extension; there is one version of it.
#[must_use]
pub fn library(version: u32) -> Library {
    Library {
        name: "cel.lib.ext.sets",
        version,
        functions: vec![contains(), equivalent(), intersects()],
        ..Library::default()
    }
}

fn function(name: &'static str, id: &'static str, cost: Cost, binding: Binding) -> Function {
    let lists = Type::list(Type::param("T"));
    Function::new(name).overload(
        Overload::global(id, vec![lists.clone(), lists], Type::Bool)
            .cost(cost)
            .work(weight::pairs)
            .bind(binding),
    )
}

/// `sets.contains(list(T), list(T)) -> bool` (1.29): whether the first has every element of the
/// second: `sets.contains([1, 2], [2])` is true. No errors.
#[must_use]
pub fn contains() -> Function {
    let cost: Cost = |args, _| pairs(args, 1.0);
    function("sets.contains", "list_sets_contains_list", cost, |args| {
        Ok(Value::Bool(has_all(list(args, 0)?, list(args, 1)?)))
    })
}

/// `sets.equivalent(list(T), list(T)) -> bool` (1.29): whether each has every element of the
/// other: `sets.equivalent([1, 1], [1])` is true. No errors.
#[must_use]
pub fn equivalent() -> Function {
    let cost: Cost = |args, _| pairs(args, 2.0);
    function(
        "sets.equivalent",
        "list_sets_equivalent_list",
        cost,
        |args| {
            let (left, right) = (list(args, 0)?, list(args, 1)?);
            Ok(Value::Bool(has_all(left, right) && has_all(right, left)))
        },
    )
}

/// `sets.intersects(list(T), list(T)) -> bool` (1.29): whether they share an element:
/// `sets.intersects([1, 2], [2, 3])` is true. No errors.
#[must_use]
pub fn intersects() -> Function {
    let cost: Cost = |args, _| pairs(args, 1.0);
    function(
        "sets.intersects",
        "list_sets_intersects_list",
        cost,
        |args| {
            let (left, right) = (list(args, 0)?, list(args, 1)?);
            Ok(Value::Bool(
                elements(left).any(|element| has(right, &element)),
            ))
        },
    )
}

fn has(list: &ListValue<'_>, value: &Value<'_>) -> bool {
    elements(list).any(|element| equal(value, &element))
}

fn has_all(list: &ListValue<'_>, wanted: &ListValue<'_>) -> bool {
    elements(wanted).all(|value| has(list, &value))
}

/// cel-go charges every pair of elements, whether they are compared or not.
fn pairs(args: &[Value<'_>], factor: f64) -> u64 {
    let pairs = arg_size(args, 0).saturating_mul(arg_size(args, 1));
    1 + (pairs as f64 * factor) as u64
}
