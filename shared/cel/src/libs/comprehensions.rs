//! Two-variable comprehensions: `all(i, v, ..)`, `transformList`, `transformMap` and their kin (Kubernetes 1.32).
//!
//! Its macros, rewritten when an expression is parsed:
//!
//! - `range.all(i, v, predicate) -> bool` (1.32): `[1, 2].all(i, v, v > i)` is true.
//!   Errors: `argument must be a simple name`, `duplicate variable name: NAME`,
//!   `iteration variable overwrites accumulator variable`.
//! - `range.exists(i, v, predicate) -> bool` (1.32): `{'a': 1}.exists(k, v, v == 1)` is true.
//!   Errors as of `all`.
//! - `range.existsOne(i, v, predicate) -> bool` (1.32), also `exists_one(i, v, predicate)`:
//!   `[1, 2].existsOne(i, v, v == 1)` is true. Errors as of `all`.
//! - `range.transformList(i, v[, filter], transform) -> list(T)` (1.32):
//!   `[1, 2].transformList(i, v, i * v)` is `[0, 2]`. Errors as of `all`.
//! - `range.transformMap(k, v[, filter], transform) -> map(K, T)` (1.32):
//!   `{'a': 1}.transformMap(k, v, v + 1)` is `{'a': 2}`. Errors as of `all`.
//! - `range.transformMapEntry(k, v[, filter], {key: value}) -> map(K, T)` (1.32):
//!   `{'a': 'b'}.transformMapEntry(k, v, {v: k})` is `{'b': 'a'}`.
//!   Errors as of `all`, and `insert failed: key K already exists`.

use std::sync::Arc;

use super::support::{Outcome, arg, entries, equal, map, map_of};
use crate::ast::{Comprehension, Expr, ExprKind, Literal};
use crate::eval::EvalError;
use crate::library::{Function, Library, Overload};
use crate::parse::macros::{Expand, Expander, Macro, MacroError};
use crate::types::Type;
use crate::value::{Value, go};

/// cel-go's two-variable comprehensions; there is one version of them.
#[must_use]
pub fn library(version: u32) -> Library {
    Library {
        name: "cel.lib.ext.comprev2",
        version,
        functions: vec![insert()],
        macros: [
            ("all", 3, all as Expand),
            ("exists", 3, exists),
            ("existsOne", 3, exists_one),
            ("exists_one", 3, exists_one),
            ("transformList", 3, transform_list),
            ("transformList", 4, transform_list),
            ("transformMap", 3, transform_map),
            ("transformMap", 4, transform_map),
            ("transformMapEntry", 3, transform_map_entry),
            ("transformMapEntry", 4, transform_map_entry),
        ]
        .into_iter()
        .map(|(name, args, expand)| Macro {
            name,
            args,
            receiver: true,
            expand,
        })
        .collect(),
        ..Library::default()
    }
}

/// What `transformMap` and `transformMapEntry` expand to (1.32).
/// Error: `insert failed: key K already exists`.
#[must_use]
pub fn insert() -> Function {
    let (key, value) = (Type::param("K"), Type::param("V"));
    let map = Type::map(key.clone(), value.clone());
    Function::new("cel.@mapInsert")
        .overload(
            Overload::global(
                "@mapInsert_map_key_value",
                vec![map.clone(), key, value],
                map.clone(),
            )
            .bind(insert_entry),
        )
        .overload(
            Overload::global("@mapInsert_map_map", vec![map.clone(), map.clone()], map)
                .bind(insert_map),
        )
}

fn insert_entry<'d>(args: &[Value<'d>]) -> Outcome<'d> {
    let mut target = entries(map(args, 0)?);
    add(&mut target, arg(args, 1)?.clone(), arg(args, 2)?.clone())?;
    Ok(map_of(target))
}

fn insert_map<'d>(args: &[Value<'d>]) -> Outcome<'d> {
    let mut target = entries(map(args, 0)?);
    for (key, value) in entries(map(args, 1)?) {
        add(&mut target, key, value)?;
    }
    Ok(map_of(target))
}

fn add<'d>(
    target: &mut Vec<(Value<'d>, Value<'d>)>,
    key: Value<'d>,
    value: Value<'d>,
) -> Result<(), EvalError> {
    if target.iter().any(|(other, _)| equal(other, &key)) {
        let key = go::print(&key);
        return Err(EvalError::new(format!(
            "insert failed: key {key} already exists"
        )));
    }
    target.push((key, value));
    Ok(())
}

/// The parts of a call `range.name(var1, var2[, filter], body)`.
struct Parts<'a> {
    range: Expr,
    var1: &'a Arc<str>,
    var2: &'a Arc<str>,
    filter: Option<&'a Expr>,
    body: &'a Expr,
}

impl<'a> Parts<'a> {
    fn read(target: Option<&Expr>, args: &'a [Expr]) -> Result<Option<Self>, MacroError> {
        let (first, second, filter, body) = match args {
            [first, second, body] => (first, second, None, body),
            [first, second, filter, body] => (first, second, Some(filter), body),
            _ => return Ok(None),
        };
        let Some(target) = target else {
            return Ok(None);
        };
        let var1 = variable(first)?;
        let var2 = variable(second)?;
        if var1 == var2 {
            return Err(MacroError {
                message: format!("duplicate variable name: {var1}"),
                expr: second.id,
            });
        }
        for (name, expr) in [(var1, first), (var2, second)] {
            if matches!(&**name, "@result" | "__result__") {
                return Err(MacroError {
                    message: "iteration variable overwrites accumulator variable".to_owned(),
                    expr: expr.id,
                });
            }
        }
        Ok(Some(Self {
            range: target.clone(),
            var1,
            var2,
            filter,
            body,
        }))
    }

    /// `filter ? step : accumulator` where there is a filter.
    fn filtered(&self, expander: &mut Expander<'_>, step: Expr) -> Expr {
        match self.filter {
            Some(filter) => {
                let unchanged = expander.accumulator();
                expander.call("_?_:_", vec![filter.clone(), step, unchanged])
            }
            None => step,
        }
    }

    /// The fold; its parts have their ids already.
    fn fold(
        self,
        expander: &mut Expander<'_>,
        accu_init: Expr,
        condition: Expr,
        step: Expr,
        result: Expr,
    ) -> Result<Option<Expr>, MacroError> {
        let accu_var = expander.accumulator_name();
        Ok(Some(expander.comprehension(Comprehension {
            range: self.range,
            iter_var: self.var1.clone(),
            iter_var2: Some(self.var2.clone()),
            accu_var,
            accu_init,
            condition,
            step,
            result,
        })))
    }
}

fn variable(expr: &Expr) -> Result<&Arc<str>, MacroError> {
    match &expr.kind {
        ExprKind::Ident(name) => Ok(name),
        _ => Err(MacroError {
            message: "argument must be a simple name".to_owned(),
            expr: expr.id,
        }),
    }
}

fn all(
    expander: &mut Expander<'_>,
    target: Option<&Expr>,
    args: &[Expr],
) -> Result<Option<Expr>, MacroError> {
    let Some(parts) = Parts::read(target, args)? else {
        return Ok(None);
    };
    let init = expander.literal(Literal::Bool(true));
    let so_far = expander.accumulator();
    let condition = expander.call("@not_strictly_false", vec![so_far]);
    let so_far = expander.accumulator();
    let step = expander.call("_&&_", vec![so_far, parts.body.clone()]);
    let result = expander.accumulator();
    parts.fold(expander, init, condition, step, result)
}

fn exists(
    expander: &mut Expander<'_>,
    target: Option<&Expr>,
    args: &[Expr],
) -> Result<Option<Expr>, MacroError> {
    let Some(parts) = Parts::read(target, args)? else {
        return Ok(None);
    };
    let init = expander.literal(Literal::Bool(false));
    let so_far = expander.accumulator();
    let not_found = expander.call("!_", vec![so_far]);
    let condition = expander.call("@not_strictly_false", vec![not_found]);
    let so_far = expander.accumulator();
    let step = expander.call("_||_", vec![so_far, parts.body.clone()]);
    let result = expander.accumulator();
    parts.fold(expander, init, condition, step, result)
}

fn exists_one(
    expander: &mut Expander<'_>,
    target: Option<&Expr>,
    args: &[Expr],
) -> Result<Option<Expr>, MacroError> {
    let Some(parts) = Parts::read(target, args)? else {
        return Ok(None);
    };
    let init = expander.literal(Literal::Int(0));
    let condition = expander.literal(Literal::Bool(true));
    let count = expander.accumulator();
    let one = expander.literal(Literal::Int(1));
    let more = expander.call("_+_", vec![count, one]);
    let unchanged = expander.accumulator();
    let step = expander.call("_?_:_", vec![parts.body.clone(), more, unchanged]);
    let count = expander.accumulator();
    let one = expander.literal(Literal::Int(1));
    let result = expander.call("_==_", vec![count, one]);
    parts.fold(expander, init, condition, step, result)
}

fn transform_list(
    expander: &mut Expander<'_>,
    target: Option<&Expr>,
    args: &[Expr],
) -> Result<Option<Expr>, MacroError> {
    let Some(parts) = Parts::read(target, args)? else {
        return Ok(None);
    };
    let so_far = expander.accumulator();
    let one = expander.list(vec![parts.body.clone()]);
    let step = expander.call("_+_", vec![so_far, one]);
    let step = parts.filtered(expander, step);
    let init = expander.list(Vec::new());
    let condition = expander.literal(Literal::Bool(true));
    let result = expander.accumulator();
    parts.fold(expander, init, condition, step, result)
}

fn transform_map(
    expander: &mut Expander<'_>,
    target: Option<&Expr>,
    args: &[Expr],
) -> Result<Option<Expr>, MacroError> {
    let Some(parts) = Parts::read(target, args)? else {
        return Ok(None);
    };
    let so_far = expander.accumulator();
    let key = expander.ident(parts.var1);
    let step = expander.call("cel.@mapInsert", vec![so_far, key, parts.body.clone()]);
    into_map(expander, parts, step)
}

fn transform_map_entry(
    expander: &mut Expander<'_>,
    target: Option<&Expr>,
    args: &[Expr],
) -> Result<Option<Expr>, MacroError> {
    let Some(parts) = Parts::read(target, args)? else {
        return Ok(None);
    };
    let so_far = expander.accumulator();
    let step = expander.call("cel.@mapInsert", vec![so_far, parts.body.clone()]);
    into_map(expander, parts, step)
}

fn into_map(
    expander: &mut Expander<'_>,
    parts: Parts<'_>,
    step: Expr,
) -> Result<Option<Expr>, MacroError> {
    let step = parts.filtered(expander, step);
    let init = expander.map(Vec::new());
    let condition = expander.literal(Literal::Bool(true));
    let result = expander.accumulator();
    parts.fold(expander, init, condition, step, result)
}
