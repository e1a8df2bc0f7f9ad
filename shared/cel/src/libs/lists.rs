//! cel-go's list functions: `slice`, `flatten`, `range`, `distinct`, `sort`, `sortBy`, `reverse` (Kubernetes 1.34).
//!
//! One of them is a macro, rewritten when an expression is parsed:
//!
//! - `list(T).sortBy(name, key) -> list(T)` (1.34): `[{'n': 2}, {'n': 1}].sortBy(e, e.n)`.
//!   Errors: `sortBy can only be applied to a list, identifier, comprehension, call or select
//!   expression`, those of `map` and of sorting.

use std::cmp::Ordering;

use super::gosort;
use super::optionals::UNUSED_VARIABLE;
use super::support::{
    LIST_CREATE, Outcome, arg, arg_size, comparable, elements, equal, get, int, len, list, list_of,
    size,
};
use crate::ast::{Comprehension, Expr, ExprKind, Literal};
use crate::eval::{EvalError, errors};
use crate::library::{Function, Library, Overload, Tracked};
use crate::parse::macros::{Expander, Macro, MacroError};
use crate::parse::standard_macros;
use crate::types::Type;
use crate::value::{ListValue, Value, compare::compare, weight};

/// The most elements `lists.range` makes. cel-go has no bound but memory; each element costs 1, and
/// no expression may cost so much.
const MAX_RANGE: i64 = 1_000_000;

/// How deep `flatten` goes into nested lists.
const MAX_DEPTH: i64 = 1_000;

/// cel-go's lists extension. Version 1 adds `flatten`, version 2 the rest but `slice`, version 3
/// their costs.
#[must_use]
pub fn library(version: u32) -> Library {
    let mut functions = vec![slice()];
    let mut macros = Vec::new();
    if version >= 1 {
        functions.push(flatten());
    }
    if version >= 2 {
        functions.extend([sort(), sort_by_keys(), range(), reverse(), distinct()]);
        macros.push(Macro {
            name: "sortBy",
            args: 2,
            receiver: true,
            expand: sort_by,
        });
    }
    if version < 3 {
        for overload in functions.iter_mut().flat_map(|f| &mut f.overloads) {
            overload.cost = None;
        }
    }
    Library {
        name: "cel.lib.ext.lists",
        version,
        functions,
        macros,
        ..Library::default()
    }
}

fn list_t() -> Type {
    Type::list(Type::param("T"))
}

/// The call, the new list and what `size` times `factor` comes to.
fn allocating(factor: f64, size: u64) -> u64 {
    // Go converts a negative product to a number that wraps around.
    let product = size as f64 * factor;
    let product = if product < 0.0 {
        product as i64 as u64
    } else {
        product as u64
    };
    product.wrapping_add(1 + LIST_CREATE)
}

fn output_cost(_args: &[Value<'_>], result: &Value<'_>) -> u64 {
    allocating(1.0, size(result))
}

fn flatten_cost(args: &[Value<'_>], _result: &Value<'_>) -> u64 {
    let depth = match args.get(1) {
        Some(Value::Int(depth)) => *depth as f64,
        _ => 1.0,
    };
    allocating(depth, arg_size(args, 0))
}

fn compare_cost(args: &[Value<'_>], _result: &Value<'_>) -> u64 {
    pairs_cost(args.first())
}

fn compare_keys_cost(args: &[Value<'_>], _result: &Value<'_>) -> u64 {
    pairs_cost(args.get(1))
}

/// Every element against every other.
fn pairs_cost(value: Option<&Value<'_>>) -> u64 {
    let Some(Value::List(list)) = value else {
        return allocating(2.0, 0);
    };
    let factor = match get(list, 0) {
        Some(Value::String(_) | Value::Bytes(_)) => 2.1,
        _ => 2.0,
    };
    let size = len(list) as u64;
    allocating(factor, size.saturating_mul(size))
}

/// `list(T).slice(int, int) -> list(T)` (1.34): `[1, 2, 3].slice(1, 3)` is `[2, 3]`.
/// Errors: `cannot slice(A, B), negative indexes not supported`,
/// `cannot slice(A, B), start index must be less than or equal to end index`,
/// `cannot slice(A, B), list is length N`.
#[must_use]
pub fn slice() -> Function {
    Function::new("slice").overload(
        Overload::member("list_slice", vec![list_t(), Type::Int, Type::Int], list_t())
            .cost(output_cost)
            .bind(|args| {
                let (list, start, end) = (list(args, 0)?, int(args, 1)?, int(args, 2)?);
                let refuse =
                    |why: &str| EvalError::new(format!("cannot slice({start}, {end}), {why}"));
                let (Ok(first), Ok(last)) = (usize::try_from(start), usize::try_from(end)) else {
                    return Err(refuse("negative indexes not supported"));
                };
                if first > last {
                    return Err(refuse(
                        "start index must be less than or equal to end index",
                    ));
                }
                if len(list) < last {
                    return Err(refuse(&format!("list is length {}", len(list))));
                }
                let part: Vec<_> = elements(list).skip(first).take(last - first).collect();
                Ok(list_of(part))
            }),
    )
}

/// `list(list(T)).flatten([int]) -> list(T)` (1.34): `[[1], [2, 3]].flatten()` is `[1, 2, 3]`;
/// elements that are no lists stay. Error: `level must be non-negative`.
#[must_use]
pub fn flatten() -> Function {
    let list_of_any = || Type::list(Type::Dyn);
    Function::new("flatten")
        .overload(
            Overload::member("list_flatten", vec![Type::list(list_t())], list_t())
                .cost(flatten_cost)
                .unguarded()
                .bind(|args| match arg(args, 0)? {
                    Value::List(list) => flattened(list, 1),
                    other => Err(EvalError::new(format!(
                        "no such overload: {}.flatten()",
                        go_type_text(other)
                    ))),
                }),
        )
        .overload(
            Overload::member(
                "list_flatten_int",
                vec![list_of_any(), Type::Int],
                list_of_any(),
            )
            .cost(flatten_cost)
            .tracked(1, Tracked::Int)
            .unguarded()
            .bind(|args| match (arg(args, 0)?, arg(args, 1)?) {
                (Value::List(list), Value::Int(depth)) => flattened(list, *depth),
                (other, depth) => Err(EvalError::new(format!(
                    "no such overload: {}.flatten({})",
                    go_type_text(other),
                    go_type_text(depth)
                ))),
            }),
        )
}

/// A value's type as Go prints it with `%v`: a map's has its parts.
fn go_type_text(value: &Value<'_>) -> String {
    match value {
        Value::Map(_) => "map(dyn, dyn)".to_owned(),
        other => other.type_name().into_owned(),
    }
}

fn flattened<'d>(list: &ListValue<'d>, depth: i64) -> Outcome<'d> {
    if depth < 0 {
        return Err(EvalError::new("level must be non-negative"));
    }
    let mut flat = Vec::new();
    flatten_into(&mut flat, list, depth.min(MAX_DEPTH));
    Ok(list_of(flat))
}

fn flatten_into<'d>(flat: &mut Vec<Value<'d>>, list: &ListValue<'d>, depth: i64) {
    for element in elements(list) {
        match &element {
            Value::List(inner) if depth > 0 => flatten_into(flat, inner, depth - 1),
            _ => flat.push(element),
        }
    }
}

/// `list(T).sort() -> list(T)` (1.34): `[3, 1, 2].sort()` is `[1, 2, 3]`.
/// Errors: `list elements must be comparable`, `list elements must have the same type`.
#[must_use]
pub fn sort() -> Function {
    const IDS: [(&str, Type); 8] = [
        ("list_int_sort", Type::Int),
        ("list_uint_sort", Type::Uint),
        ("list_double_sort", Type::Double),
        ("list_bool_sort", Type::Bool),
        ("list_google.protobuf.Duration_sort", Type::Duration),
        ("list_google.protobuf.Timestamp_sort", Type::Timestamp),
        ("list_string_sort", Type::String),
        ("list_bytes_sort", Type::Bytes),
    ];
    let mut function = Function::new("sort");
    for (id, of) in IDS {
        let list_type = Type::list(of);
        function = function.overload(
            Overload::member(id, vec![list_type.clone()], list_type)
                .cost(compare_cost)
                .tracked(0, Tracked::List)
                .singleton()
                .bind(|args| match args.first() {
                    Some(Value::List(list)) => sorted(list, list),
                    _ => Err(no_list(args, "sort")),
                }),
        );
    }
    function
}

/// What a function that has one binding for lists answers to something else.
fn no_list(args: &[Value<'_>], function: &str) -> EvalError {
    match args.first() {
        // these have Go's `traits.Receiver`, and answer for themselves
        Some(Value::String(_) | Value::Duration(_) | Value::Timestamp(_)) => {
            EvalError::no_such_overload()
        }
        _ => errors::no_overload_of(function),
    }
}

/// What `sortBy` expands to (1.34): sorts a list by the order of another one.
/// Errors: `list elements must be comparable`, `list elements must have the same type`,
/// `@sortByAssociatedKeys() expected a list of the same size as the associated keys list, but got
/// N and M elements respectively`.
#[must_use]
pub fn sort_by_keys() -> Function {
    const IDS: [(&str, Type); 8] = [
        ("list_int_sortByAssociatedKeys", Type::Int),
        ("list_uint_sortByAssociatedKeys", Type::Uint),
        ("list_double_sortByAssociatedKeys", Type::Double),
        ("list_bool_sortByAssociatedKeys", Type::Bool),
        (
            "list_google.protobuf.Duration_sortByAssociatedKeys",
            Type::Duration,
        ),
        (
            "list_google.protobuf.Timestamp_sortByAssociatedKeys",
            Type::Timestamp,
        ),
        ("list_string_sortByAssociatedKeys", Type::String),
        ("list_bytes_sortByAssociatedKeys", Type::Bytes),
    ];
    let mut function = Function::new("@sortByAssociatedKeys");
    for (id, of) in IDS {
        function = function.overload(
            Overload::member(id, vec![list_t(), Type::list(of)], list_t())
                .cost(compare_keys_cost)
                .tracked(1, Tracked::List)
                .singleton()
                .bind(|args| match (args.first(), args.get(1)) {
                    (Some(Value::List(list)), Some(Value::List(keys))) => sorted(list, keys),
                    _ => Err(no_list(args, "@sortByAssociatedKeys")),
                }),
        );
    }
    function
}

fn sorted<'d>(list: &ListValue<'d>, keys: &ListValue<'d>) -> Outcome<'d> {
    let (size, keys_size) = (len(list), len(keys));
    if size != keys_size {
        return Err(EvalError::new(format!(
            "@sortByAssociatedKeys() expected a list of the same size as the associated keys \
             list, but got {size} and {keys_size} elements respectively"
        )));
    }
    let Some(first) = get(keys, 0) else {
        return Ok(list_of(Vec::new()));
    };
    if !comparable(&first) {
        return Err(EvalError::new("list elements must be comparable"));
    }
    let kind = std::mem::discriminant(&first);
    if elements(keys).any(|key| std::mem::discriminant(&key) != kind) {
        return Err(EvalError::new("list elements must have the same type"));
    }
    let mut pairs: Vec<_> = elements(keys).zip(elements(list)).collect();
    gosort::sort(&mut pairs, |left, right| less(&left.0, &right.0));
    let values: Vec<_> = pairs.into_iter().map(|(_, value)| value).collect();
    Ok(list_of(values))
}

fn less(left: &Value<'_>, right: &Value<'_>) -> bool {
    compare(left, right) == Ok(Ordering::Less)
}

/// `lists.range(int) -> list(int)` (1.34): `lists.range(3)` is `[0, 1, 2]`. No errors.
#[must_use]
pub fn range() -> Function {
    Function::new("lists.range").overload(
        Overload::global("lists_range", vec![Type::Int], Type::list(Type::Int))
            .cost(output_cost)
            .bind(|args| {
                let end = int(args, 0)?;
                if end > MAX_RANGE {
                    return Err(EvalError::cancelled());
                }
                Ok(list_of((0..end).map(Value::Int).collect::<Vec<_>>()))
            }),
    )
}

/// `list(T).reverse() -> list(T)` (1.34): `[1, 2].reverse()` is `[2, 1]`. No errors.
#[must_use]
pub fn reverse() -> Function {
    Function::new("reverse").overload(
        Overload::member("list_reverse", vec![list_t()], list_t())
            .cost(output_cost)
            .bind(|args| Ok(list_of(elements(list(args, 0)?).rev().collect::<Vec<_>>()))),
    )
}

/// `list(T).distinct() -> list(T)` (1.34): `[1, 2, 2].distinct()` is `[1, 2]`. No errors.
#[must_use]
pub fn distinct() -> Function {
    Function::new("distinct").overload(
        Overload::member("list_distinct", vec![list_t()], list_t())
            .cost(compare_cost)
            .tracked(0, Tracked::List)
            .work(weight::pairs)
            .bind(|args| {
                let mut unique: Vec<Value<'_>> = Vec::new();
                for element in elements(list(args, 0)?) {
                    if !unique.iter().any(|other| equal(&element, other)) {
                        unique.push(element);
                    }
                }
                Ok(list_of(unique))
            }),
    )
}

fn sort_by(
    expander: &mut Expander<'_>,
    target: Option<&Expr>,
    args: &[Expr],
) -> Result<Option<Expr>, MacroError> {
    const INPUT: &str = "@__sortBy_input__";
    let Some(target) = target else {
        return Ok(None);
    };
    let input = expander.ident(INPUT);
    if !matches!(
        target.kind,
        ExprKind::List(_)
            | ExprKind::Select(_)
            | ExprKind::Ident(_)
            | ExprKind::Comprehension(_)
            | ExprKind::Call(_)
    ) {
        return Err(expander.error(
            target,
            "sortBy can only be applied to a list, identifier, comprehension, call or select \
             expression",
        ));
    }
    let range = expander.copy(&input);
    let Some(keys) = standard_macros::map(expander, Some(&range), args)? else {
        return Ok(None);
    };
    let receiver = expander.copy(&input);
    let result = expander.method("@sortByAssociatedKeys", receiver, vec![keys]);
    let range = expander.list(Vec::new());
    let condition = expander.literal(Literal::Bool(false));
    Ok(Some(expander.comprehension(Comprehension {
        range,
        iter_var: UNUSED_VARIABLE.into(),
        iter_var2: None,
        accu_var: INPUT.into(),
        accu_init: target.clone(),
        condition,
        step: input,
        result,
    })))
}
