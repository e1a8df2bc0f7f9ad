//! Kubernetes' resource quantities: `quantity('1.5Gi')` and what can be done with it (Kubernetes 1.28).
//!
//! Exception: Kubernetes changes a shared long quantity (`1Pi`, `1.5Gi`) in place when it adds to
//! it, and lengthens a short one when it compares it with a long one. Here values stay as they are.

mod amount;
mod decimal;

#[cfg(test)]
mod tests;

use std::any::Any;
use std::cmp::Ordering;

use self::amount::{Amount, NUMERIC};
use super::support::{Outcome, nominal, opaque, own, text, traversal, unsupported_conversion};
use crate::eval::EvalError;
use crate::library::{Binding, Function, Library, Overload};
use crate::types::Type;
use crate::value::{Opaque, Value};

/// Kubernetes' quantity library; there is one version of it.
#[must_use]
pub fn library(version: u32) -> Library {
    Library {
        name: "kubernetes.quantity",
        version,
        functions: vec![
            quantity(),
            is_quantity(),
            sign(),
            is_greater_than(),
            is_less_than(),
            compare_to(),
            as_approximate_float(),
            as_integer(),
            is_integer(),
            add(),
            sub(),
        ],
        ..Library::default()
    }
}

fn quantity_type() -> Type {
    Type::object("kubernetes.Quantity")
}

/// A value of the type `kubernetes.Quantity`.
#[derive(Debug)]
pub struct Quantity {
    amount: Amount,
    /// Made by `add` or `sub`. Kubernetes gives these as pointers, which its equality does not
    /// know on the right of `==`.
    computed: bool,
}

impl Opaque for Quantity {
    fn type_of(&self) -> Type {
        quantity_type()
    }

    fn as_any(&self) -> &dyn Any {
        self
    }

    fn equals(&self, other: &dyn Opaque) -> Result<bool, EvalError> {
        match other.as_any().downcast_ref::<Self>() {
            Some(other) if !other.computed => Ok(self.amount.compare(&other.amount).is_eq()),
            _ => Err(EvalError::no_such_overload()),
        }
    }

    fn to_text(&self) -> String {
        self.amount.text()
    }

    fn go_type(&self) -> &'static str {
        if self.computed {
            "*cel.Quantity"
        } else {
            "cel.Quantity"
        }
    }

    fn unwrapped(&self) -> Option<String> {
        Some(unsupported_conversion(
            "*resource.Quantity",
            &self.to_text(),
        ))
    }
}

fn amount<'a>(args: &'a [Value<'_>], index: usize) -> Result<&'a Amount, EvalError> {
    opaque::<Quantity>(args, index).map(|quantity| &quantity.amount)
}

fn method(id: &'static str, params: &[Type], result: Type, binding: Binding) -> Overload {
    let mut all = vec![quantity_type()];
    all.extend_from_slice(params);
    Overload::member(id, all, result)
        .cost(nominal)
        .bind(binding)
}

/// `quantity(string) -> kubernetes.Quantity` (1.28): `quantity('1.5Gi')`.
/// Errors: `quantities must match the regular expression '..'`,
/// `unable to parse numeric part of quantity`, `unable to parse quantity's suffix`.
#[must_use]
pub fn quantity() -> Function {
    Function::new("quantity").overload(
        Overload::global("string_to_quantity", vec![Type::String], quantity_type())
            .cost(traversal)
            .bind(|args| {
                let amount = Amount::parse(text(args, 0)?).map_err(EvalError::new)?;
                Ok(own(Quantity {
                    amount,
                    computed: false,
                }))
            }),
    )
}

/// `isQuantity(string) -> bool` (1.28): `isQuantity('200K')` is false. No errors.
#[must_use]
pub fn is_quantity() -> Function {
    Function::new("isQuantity").overload(
        Overload::global("is_quantity_string", vec![Type::String], Type::Bool)
            .cost(traversal)
            .bind(|args| Ok(Value::Bool(Amount::parse(text(args, 0)?).is_ok()))),
    )
}

/// `sign(kubernetes.Quantity) -> int` (1.28), declared as a function, not as a method:
/// `sign(quantity('-1'))` is -1. No errors.
#[must_use]
pub fn sign() -> Function {
    Function::new("sign").overload(
        Overload::global("quantity_sign", vec![quantity_type()], Type::Int)
            .cost(nominal)
            .bind(|args| Ok(Value::Int(amount(args, 0)?.sign()))),
    )
}

fn order(args: &[Value<'_>]) -> Result<Ordering, EvalError> {
    Ok(amount(args, 0)?.compare(amount(args, 1)?))
}

/// `kubernetes.Quantity.isGreaterThan(kubernetes.Quantity) -> bool` (1.28):
/// `quantity('1Gi').isGreaterThan(quantity('1Mi'))` is true. No errors.
#[must_use]
pub fn is_greater_than() -> Function {
    let params = [quantity_type()];
    Function::new("isGreaterThan").overload(method(
        "quantity_is_greater_than",
        &params,
        Type::Bool,
        |args| Ok(Value::Bool(order(args)?.is_gt())),
    ))
}

/// `kubernetes.Quantity.isLessThan(kubernetes.Quantity) -> bool` (1.28):
/// `quantity('1M').isLessThan(quantity('1Mi'))` is true. No errors.
#[must_use]
pub fn is_less_than() -> Function {
    let params = [quantity_type()];
    Function::new("isLessThan").overload(method(
        "quantity_is_less_than",
        &params,
        Type::Bool,
        |args| Ok(Value::Bool(order(args)?.is_lt())),
    ))
}

/// `kubernetes.Quantity.compareTo(kubernetes.Quantity) -> int` (1.28): -1, 0 or 1:
/// `quantity('200M').compareTo(quantity('0.2G'))` is 0. No errors.
#[must_use]
pub fn compare_to() -> Function {
    let params = [quantity_type()];
    Function::new("compareTo").overload(method("quantity_compare_to", &params, Type::Int, |args| {
        Ok(Value::Int(order(args)? as i64))
    }))
}

/// `kubernetes.Quantity.asApproximateFloat() -> double` (1.28):
/// `quantity('50k').asApproximateFloat()` is 50000.0. No errors.
#[must_use]
pub fn as_approximate_float() -> Function {
    Function::new("asApproximateFloat").overload(method(
        "quantity_get_float",
        &[],
        Type::Double,
        |args| Ok(Value::Double(amount(args, 0)?.as_float())),
    ))
}

/// `kubernetes.Quantity.asInteger() -> int` (1.28): `quantity('50k').asInteger()` is 50000.
/// Error: `cannot convert value to integer`.
#[must_use]
pub fn as_integer() -> Function {
    Function::new("asInteger").overload(method("quantity_get_int", &[], Type::Int, |args| {
        amount(args, 0)?
            .as_int()
            .map(Value::Int)
            .ok_or_else(|| EvalError::new("cannot convert value to integer"))
    }))
}

/// `kubernetes.Quantity.isInteger() -> bool` (1.28): whether `asInteger` succeeds. It does not
/// for quantities Kubernetes keeps in long form, such as `1Pi`. No errors.
#[must_use]
pub fn is_integer() -> Function {
    Function::new("isInteger").overload(method("quantity_is_integer", &[], Type::Bool, |args| {
        Ok(Value::Bool(amount(args, 0)?.as_int().is_some()))
    }))
}

fn computed<'d>(amount: Option<Amount>) -> Outcome<'d> {
    let amount = amount.ok_or_else(|| EvalError::new(NUMERIC))?;
    Ok(own(Quantity {
        amount,
        computed: true,
    }))
}

/// `kubernetes.Quantity.add(kubernetes.Quantity or int) -> kubernetes.Quantity` (1.28):
/// `quantity('50k').add(20) == quantity('50020')`. No errors.
#[must_use]
pub fn add() -> Function {
    Function::new("add")
        .overload(method(
            "quantity_add",
            &[quantity_type()],
            quantity_type(),
            |args| computed(amount(args, 0)?.add(amount(args, 1)?)),
        ))
        .overload(method(
            "quantity_add_int",
            &[Type::Int],
            quantity_type(),
            |args| {
                let other = Amount::integer(super::support::int(args, 1)?);
                computed(amount(args, 0)?.add(&other))
            },
        ))
}

/// `kubernetes.Quantity.sub(kubernetes.Quantity or int) -> kubernetes.Quantity` (1.28):
/// `quantity('50k').sub(20000) == quantity('30k')`. No errors.
#[must_use]
pub fn sub() -> Function {
    Function::new("sub")
        .overload(method(
            "quantity_sub",
            &[quantity_type()],
            quantity_type(),
            |args| computed(amount(args, 0)?.sub(amount(args, 1)?)),
        ))
        .overload(method(
            "quantity_sub_int",
            &[Type::Int],
            quantity_type(),
            |args| {
                let other = Amount::integer(super::support::int(args, 1)?);
                computed(amount(args, 0)?.sub(&other))
            },
        ))
}
