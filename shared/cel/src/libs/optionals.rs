//! Optional values: `optional.of`, `optional.none`, `?.`, `[?]`, `orValue` and their kin (Kubernetes 1.28).
//!
//! Its macros, rewritten when an expression is parsed:
//!
//! - `optional_type(T).optMap(v, U) -> optional_type(U)` (1.28):
//!   `object.?spec.optMap(s, s.replicas)`.
//!   Error: `optMap() variable name must be a simple identifier`.
//! - `optional_type(T).optFlatMap(v, optional_type(U)) -> optional_type(U)` (1.28):
//!   `object.?spec.optFlatMap(s, s.?replicas)`.
//!   Error: `optFlatMap() variable name must be a simple identifier`.

use std::sync::Arc;

use super::support::{self, Outcome, elements, list, list_of, none, optional, some};
use crate::ast::{Comprehension, Expr, ExprKind, Literal};
use crate::eval::EvalError;
use crate::library::{Constant, Function, Library, Overload};
use crate::parse::macros::{Expander, Macro, MacroError};
use crate::types::Type;
use crate::value::{Value, go};

/// The name of the variable of a comprehension that never iterates.
pub(super) const UNUSED_VARIABLE: &str = "#unused";

/// cel-go's optional library. Version 1 adds `optFlatMap`; version 2 adds `first`, `last`,
/// `optional.unwrap` and `unwrapOpt`. Kubernetes does not pin it: all of it.
#[must_use]
pub fn library(version: u32) -> Library {
    let mut functions = vec![
        of(),
        of_non_zero_value(),
        none_function(),
        value(),
        has_value(),
        or(),
        or_value(),
        select(),
        index_optional(),
        index(),
    ];
    let mut macros = vec![Macro {
        name: "optMap",
        args: 2,
        receiver: true,
        expand: opt_map,
    }];
    if version >= 1 {
        macros.push(Macro {
            name: "optFlatMap",
            args: 2,
            receiver: true,
            expand: opt_flat_map,
        });
    }
    if version >= 2 {
        functions.extend([last(), first(), unwrap_function(), unwrap_method()]);
    }
    let optional_type = Arc::new(Type::opaque("optional_type"));
    Library {
        name: "cel.lib.optional",
        version,
        functions,
        macros,
        open_types: Vec::new(),
        objects: Vec::new(),
        constants: vec![Constant {
            name: "optional_type",
            r#type: Type::Type(Some(optional_type.clone())),
            value: Value::Type(optional_type),
        }],
    }
}

fn v() -> Type {
    Type::param("V")
}

fn optional_v() -> Type {
    Type::optional(v())
}

fn map_kv() -> Type {
    Type::map(Type::param("K"), v())
}

/// `optional.of(T) -> optional_type(T)` (1.28): `optional.of(1).hasValue()` is true. No errors.
#[must_use]
pub fn of() -> Function {
    Function::new("optional.of").overload(
        Overload::global("optional_of", vec![v()], optional_v())
            .bind(|args| Ok(some(support::arg(args, 0)?.clone()))),
    )
}

/// `optional.ofNonZeroValue(T) -> optional_type(T)` (1.28): none for `null`, `false`, 0, empty
/// texts, lists and maps: `optional.ofNonZeroValue('') == optional.none()`. No errors.
#[must_use]
pub fn of_non_zero_value() -> Function {
    Function::new("optional.ofNonZeroValue").overload(
        Overload::global("optional_ofNonZeroValue", vec![v()], optional_v()).bind(|args| {
            let value = support::arg(args, 0)?;
            Ok(if value.is_zero() {
                none()
            } else {
                some(value.clone())
            })
        }),
    )
}

/// `optional.none() -> optional_type(T)` (1.28): `optional.none().hasValue()` is false. No errors.
#[must_use]
pub fn none_function() -> Function {
    Function::new("optional.none")
        .overload(Overload::global("optional_none", Vec::new(), optional_v()).bind(|_| Ok(none())))
}

/// `optional_type(T).value() -> T` (1.28): `optional.of(1).value()` is 1.
/// Error: `optional.none() dereference`.
#[must_use]
pub fn value() -> Function {
    Function::new("value").overload(
        Overload::member("optional_value", vec![optional_v()], v()).bind(|args| {
            optional(args, 0)?
                .cloned()
                .ok_or_else(|| EvalError::new("optional.none() dereference"))
        }),
    )
}

/// `optional_type(T).hasValue() -> bool` (1.28): `object.?spec.hasValue()`. No errors.
#[must_use]
pub fn has_value() -> Function {
    Function::new("hasValue").overload(
        Overload::member("optional_hasValue", vec![optional_v()], Type::Bool)
            .bind(|args| Ok(Value::Bool(optional(args, 0)?.is_some()))),
    )
}

/// `optional_type(T).or(optional_type(T)) -> optional_type(T)` (1.28):
/// `object.?a.or(object.?b)`. The argument is evaluated only where the receiver is none. No errors.
#[must_use]
pub fn or() -> Function {
    Function::new("or").overload(Overload::member(
        "optional_or_optional",
        vec![optional_v(), optional_v()],
        optional_v(),
    ))
}

/// `optional_type(T).orValue(T) -> T` (1.28): `object.?spec.?replicas.orValue(1)`. The argument
/// is evaluated only where the receiver is none. No errors.
#[must_use]
pub fn or_value() -> Function {
    Function::new("orValue").overload(Overload::member(
        "optional_orValue_value",
        vec![optional_v(), v()],
        v(),
    ))
}

/// `dyn.?field -> optional_type(V)` (1.28): `object.?spec.hasValue()`.
/// Error: `no such overload` where the operand has no fields.
#[must_use]
pub fn select() -> Function {
    Function::new("_?._").overload(Overload::global(
        "select_optional_field",
        vec![Type::Dyn, Type::String],
        optional_v(),
    ))
}

/// `operand[?index]` (1.28): `[1, 2][?5] == optional.none()`.
/// Error: `no such overload` where the operand has no elements.
#[must_use]
pub fn index_optional() -> Function {
    let lists = || Type::list(v());
    Function::new("_[?_]")
        .overload(Overload::global(
            "list_optindex_optional_int",
            vec![lists(), Type::Int],
            optional_v(),
        ))
        .overload(Overload::global(
            "optional_list_optindex_optional_int",
            vec![Type::optional(lists()), Type::Int],
            optional_v(),
        ))
        .overload(Overload::global(
            "map_optindex_optional_value",
            vec![map_kv(), Type::param("K")],
            optional_v(),
        ))
        .overload(Overload::global(
            "optional_map_optindex_optional_value",
            vec![Type::optional(map_kv()), Type::param("K")],
            optional_v(),
        ))
}

/// `optional[index]` (1.28): an index into what an optional holds gives an optional.
#[must_use]
pub fn index() -> Function {
    Function::new("_[_]")
        .overload(Overload::global(
            "optional_list_index_int",
            vec![Type::optional(Type::list(v())), Type::Int],
            optional_v(),
        ))
        .overload(Overload::global(
            "optional_map_index_value",
            vec![Type::optional(map_kv()), Type::param("K")],
            optional_v(),
        ))
}

/// `list(T).last() -> optional_type(T)` (1.28): `[1, 2].last().value()` is 2. No errors.
#[must_use]
pub fn last() -> Function {
    Function::new("last").overload(
        Overload::member("list_last", vec![Type::list(v())], optional_v())
            .bind(|args| Ok(elements(list(args, 0)?).next_back().map_or_else(none, some))),
    )
}

/// `list(T).first() -> optional_type(T)` (1.28): `[1, 2].first().value()` is 1. No errors.
#[must_use]
pub fn first() -> Function {
    Function::new("first").overload(
        Overload::member("list_first", vec![Type::list(v())], optional_v())
            .bind(|args| Ok(elements(list(args, 0)?).next().map_or_else(none, some))),
    )
}

/// `optional.unwrap(list(optional_type(T))) -> list(T)` (1.28):
/// `optional.unwrap([optional.of(1), optional.none()])` is `[1]`.
/// Error: `value X is not optional`.
#[must_use]
pub fn unwrap_function() -> Function {
    let optionals = Type::list(optional_v());
    Function::new("optional.unwrap").overload(
        Overload::global("optional_unwrap", vec![optionals], Type::list(v())).bind(unwrap),
    )
}

/// `list(optional_type(T)).unwrapOpt() -> list(T)` (1.28):
/// `[optional.of(1), optional.none()].unwrapOpt()` is `[1]`. Error: `value X is not optional`.
#[must_use]
pub fn unwrap_method() -> Function {
    let optionals = Type::list(optional_v());
    Function::new("unwrapOpt").overload(
        Overload::member("optional_unwrapOpt", vec![optionals], Type::list(v())).bind(unwrap),
    )
}

fn unwrap<'d>(args: &[Value<'d>]) -> Outcome<'d> {
    let mut values = Vec::new();
    for element in elements(list(args, 0)?) {
        match element {
            Value::Optional(Some(value)) => values.push(Value::clone(&value)),
            Value::Optional(None) => {}
            other => {
                let text = go::print(&other);
                return Err(EvalError::new(format!("value {text} is not optional")));
            }
        }
    }
    Ok(list_of(values))
}

fn opt_map(
    expander: &mut Expander<'_>,
    target: Option<&Expr>,
    args: &[Expr],
) -> Result<Option<Expr>, MacroError> {
    expand(expander, target, args, "optMap", true)
}

fn opt_flat_map(
    expander: &mut Expander<'_>,
    target: Option<&Expr>,
    args: &[Expr],
) -> Result<Option<Expr>, MacroError> {
    expand(expander, target, args, "optFlatMap", false)
}

/// `target.hasValue() ? [optional.of](bind(variable, target.value(), body)) : optional.none()`.
fn expand(
    expander: &mut Expander<'_>,
    target: Option<&Expr>,
    args: &[Expr],
    name: &str,
    wrap: bool,
) -> Result<Option<Expr>, MacroError> {
    let (Some(target), [variable, body]) = (target, args) else {
        return Ok(None);
    };
    let ExprKind::Ident(variable_name) = &variable.kind else {
        return Err(MacroError {
            message: format!("{name}() variable name must be a simple identifier"),
            expr: variable.id,
        });
    };
    let present = expander.method("hasValue", target.clone(), Vec::new());
    let range = expander.list(Vec::new());
    let copy = expander.copy(target);
    let accu_init = expander.method("value", copy, Vec::new());
    let condition = expander.literal(Literal::Bool(false));
    let step = expander.ident(variable_name);
    let mut mapped = expander.comprehension(Comprehension {
        range,
        iter_var: UNUSED_VARIABLE.into(),
        iter_var2: None,
        accu_var: variable_name.clone(),
        accu_init,
        condition,
        step,
        result: body.clone(),
    });
    if wrap {
        mapped = expander.call("optional.of", vec![mapped]);
    }
    let absent = expander.call("optional.none", Vec::new());
    let args = vec![present, mapped, absent];
    Ok(Some(expander.call("_?_:_", args)))
}
