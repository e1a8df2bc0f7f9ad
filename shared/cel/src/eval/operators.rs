//! The operators and functions of the standard library that have steps of their own.

use std::cmp::Ordering;
use std::sync::Arc;

use super::{EvalError, errors};
use crate::types::Type;
use crate::value::{Str, Value, compare, convert};

/// An operator with one argument.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum UnaryOp {
    /// `!a`
    Not,
    /// `-a`
    Negate,
    /// `size(a)`
    Size,
    /// `type(a)`
    Type,
    /// `dyn(a)`
    Dyn,
    /// What `all` and `exists` test their accumulator with: true for an error.
    NotStrictlyFalse,
}

/// An operator with two arguments.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BinaryOp {
    /// `a + b`
    Add,
    /// `a - b`
    Subtract,
    /// `a * b`
    Multiply,
    /// `a / b`
    Divide,
    /// `a % b`
    Modulo,
    /// `a < b`
    Less,
    /// `a <= b`
    LessEquals,
    /// `a > b`
    Greater,
    /// `a >= b`
    GreaterEquals,
    /// `a in b`
    In,
    /// `a.contains(b)`
    Contains,
    /// `a.startsWith(b)`
    StartsWith,
    /// `a.endsWith(b)`
    EndsWith,
    /// `a.matches(b)`
    Matches,
}

impl UnaryOp {
    /// The operator of a function's name.
    pub fn new(function: &str) -> Option<Self> {
        Some(match function {
            "!_" => Self::Not,
            "-_" => Self::Negate,
            "size" => Self::Size,
            "type" => Self::Type,
            "dyn" => Self::Dyn,
            "@not_strictly_false" => Self::NotStrictlyFalse,
            _ => return None,
        })
    }

    fn name(self) -> &'static str {
        match self {
            Self::Not => "!_",
            Self::Negate => "-_",
            Self::Size => "size",
            Self::Type => "type",
            Self::Dyn => "dyn",
            Self::NotStrictlyFalse => "@not_strictly_false",
        }
    }

    /// Applies it.
    ///
    /// # Errors
    /// An overflow, or that there is no such overload.
    pub fn apply<'d>(self, arg: &Value<'d>) -> Result<Value<'d>, EvalError> {
        Ok(match (self, arg) {
            (Self::Not, Value::Bool(value)) => Value::Bool(!value),
            (Self::Not, _) | (Self::Negate, Value::Bool(_)) => {
                return Err(EvalError::no_such_overload());
            }
            (Self::Negate, Value::Int(value)) => {
                Value::Int(value.checked_neg().ok_or_else(errors::int_overflow)?)
            }
            (Self::Negate, Value::Duration(value)) => {
                Value::Duration(value.checked_neg().ok_or_else(errors::int_overflow)?)
            }
            (Self::Negate, Value::Double(value)) => Value::Double(-value),
            (Self::Size, value) if value.size().is_some() => {
                Value::Int(i64::try_from(value.size().unwrap_or(0)).unwrap_or(i64::MAX))
            }
            (Self::Type, value) => Value::Type(Arc::new(value.type_of())),
            (Self::Dyn, value) => value.clone(),
            (Self::NotStrictlyFalse, value) => match value {
                Value::Bool(value) => Value::Bool(*value),
                _ => Value::Bool(true),
            },
            (Self::Negate | Self::Size, _) => return Err(no_overload(self.name(), arg)),
        })
    }
}

impl BinaryOp {
    /// The operator of a function's name.
    pub fn new(function: &str) -> Option<Self> {
        Some(match function {
            "_+_" => Self::Add,
            "_-_" => Self::Subtract,
            "_*_" => Self::Multiply,
            "_/_" => Self::Divide,
            "_%_" => Self::Modulo,
            "_<_" => Self::Less,
            "_<=_" => Self::LessEquals,
            "_>_" => Self::Greater,
            "_>=_" => Self::GreaterEquals,
            "@in" => Self::In,
            "contains" => Self::Contains,
            "startsWith" => Self::StartsWith,
            "endsWith" => Self::EndsWith,
            "matches" => Self::Matches,
            _ => return None,
        })
    }

    fn name(self) -> &'static str {
        match self {
            Self::Add => "_+_",
            Self::Subtract => "_-_",
            Self::Multiply => "_*_",
            Self::Divide => "_/_",
            Self::Modulo => "_%_",
            Self::Less => "_<_",
            Self::LessEquals => "_<=_",
            Self::Greater => "_>_",
            Self::GreaterEquals => "_>=_",
            Self::In => "@in",
            Self::Contains => "contains",
            Self::StartsWith => "startsWith",
            Self::EndsWith => "endsWith",
            Self::Matches => "matches",
        }
    }

    /// Applies it.
    ///
    /// # Errors
    /// An overflow, a division by zero, or that there is no such overload.
    #[inline]
    pub fn apply<'d>(self, left: &Value<'d>, right: &Value<'d>) -> Result<Value<'d>, EvalError> {
        match self {
            Self::Less | Self::LessEquals | Self::Greater | Self::GreaterEquals => {
                self.compare(left, right).map(Value::Bool)
            }
            Self::In => compare::contains(left, right)
                .map(Value::Bool)
                .ok_or_else(EvalError::no_such_overload),
            Self::Contains | Self::StartsWith | Self::EndsWith => self.test_text(left, right),
            Self::Matches => matches(left, right),
            Self::Add => add(left, right),
            Self::Subtract => subtract(left, right),
            Self::Multiply | Self::Divide | Self::Modulo => self.arithmetic(left, right),
        }
    }

    fn compare(self, left: &Value<'_>, right: &Value<'_>) -> Result<bool, EvalError> {
        let comparable = matches!(
            left,
            Value::Bool(_)
                | Value::Bytes(_)
                | Value::Double(_)
                | Value::Duration(_)
                | Value::Int(_)
                | Value::String(_)
                | Value::Timestamp(_)
                | Value::Uint(_)
        );
        if !comparable {
            return Err(no_overload(self.name(), left));
        }
        let order = compare::compare(left, right)?;
        Ok(match self {
            Self::Less => order == Ordering::Less,
            Self::LessEquals => order != Ordering::Greater,
            Self::Greater => order == Ordering::Greater,
            _ => order != Ordering::Less,
        })
    }

    fn test_text<'d>(self, left: &Value<'d>, right: &Value<'d>) -> Result<Value<'d>, EvalError> {
        let (Value::String(text), Value::String(part)) = (left, right) else {
            return Err(EvalError::no_such_overload());
        };
        let (text, part) = (text.as_str(), part.as_str());
        Ok(Value::Bool(match self {
            Self::Contains => text.contains(part),
            Self::StartsWith => text.starts_with(part),
            _ => text.ends_with(part),
        }))
    }

    fn arithmetic<'d>(self, left: &Value<'d>, right: &Value<'d>) -> Result<Value<'d>, EvalError> {
        let by_zero = || match self {
            Self::Modulo => errors::modulus_by_zero(),
            _ => errors::division_by_zero(),
        };
        Ok(match (left, right) {
            (Value::Int(a), Value::Int(b)) => {
                if self != Self::Multiply && *b == 0 {
                    return Err(by_zero());
                }
                let result = match self {
                    Self::Multiply => a.checked_mul(*b),
                    Self::Divide => a.checked_div(*b),
                    _ => a.checked_rem(*b),
                };
                Value::Int(result.ok_or_else(errors::int_overflow)?)
            }
            (Value::Uint(a), Value::Uint(b)) => {
                if self != Self::Multiply && *b == 0 {
                    return Err(by_zero());
                }
                let result = match self {
                    Self::Multiply => a.checked_mul(*b),
                    Self::Divide => a.checked_div(*b),
                    _ => a.checked_rem(*b),
                };
                Value::Uint(result.ok_or_else(errors::uint_overflow)?)
            }
            (Value::Double(a), Value::Double(b)) if self != Self::Modulo => {
                Value::Double(if self == Self::Multiply { a * b } else { a / b })
            }
            (Value::Double(_), _) if self == Self::Modulo => {
                return Err(no_overload(self.name(), left));
            }
            (Value::Int(_) | Value::Uint(_) | Value::Double(_), _) => {
                return Err(EvalError::no_such_overload());
            }
            _ => return Err(no_overload(self.name(), left)),
        })
    }
}

/// What cel-go says where the first argument's type lacks the trait a function needs. Types that
/// take methods are asked for one, and answer in their own words.
#[must_use]
pub fn no_overload(function: &str, left: &Value<'_>) -> EvalError {
    match left {
        Value::String(_) | Value::Duration(_) | Value::Timestamp(_) => {
            EvalError::no_such_overload()
        }
        _ => errors::no_overload_of(function),
    }
}

fn add<'d>(left: &Value<'d>, right: &Value<'d>) -> Result<Value<'d>, EvalError> {
    Ok(match (left, right) {
        (Value::Int(a), Value::Int(b)) => {
            Value::Int(a.checked_add(*b).ok_or_else(errors::int_overflow)?)
        }
        (Value::Uint(a), Value::Uint(b)) => {
            Value::Uint(a.checked_add(*b).ok_or_else(errors::uint_overflow)?)
        }
        (Value::Double(a), Value::Double(b)) => Value::Double(a + b),
        (Value::String(a), Value::String(b)) => {
            let mut text = String::with_capacity(a.len() + b.len());
            text.push_str(a);
            text.push_str(b);
            Value::String(Str::Shared(text.into()))
        }
        (Value::Bytes(a), Value::Bytes(b)) => {
            Value::Bytes(a.iter().chain(b.iter()).copied().collect())
        }
        (Value::List(a), Value::List(b)) => Value::List(a.clone().concat(b)),
        (Value::Duration(a), Value::Duration(b)) => {
            Value::Duration(a.checked_add(*b).ok_or_else(errors::int_overflow)?)
        }
        (Value::Duration(nanos), Value::Timestamp(time))
        | (Value::Timestamp(time), Value::Duration(nanos)) => Value::Timestamp(time.later(*nanos)?),
        (
            Value::Int(_)
            | Value::Uint(_)
            | Value::Double(_)
            | Value::String(_)
            | Value::Bytes(_)
            | Value::List(_)
            | Value::Duration(_)
            | Value::Timestamp(_),
            _,
        ) => return Err(EvalError::no_such_overload()),
        _ => return Err(no_overload("_+_", left)),
    })
}

fn subtract<'d>(left: &Value<'d>, right: &Value<'d>) -> Result<Value<'d>, EvalError> {
    Ok(match (left, right) {
        (Value::Int(a), Value::Int(b)) => {
            Value::Int(a.checked_sub(*b).ok_or_else(errors::int_overflow)?)
        }
        (Value::Uint(a), Value::Uint(b)) => {
            Value::Uint(a.checked_sub(*b).ok_or_else(errors::uint_overflow)?)
        }
        (Value::Double(a), Value::Double(b)) => Value::Double(a - b),
        (Value::Duration(a), Value::Duration(b)) => {
            Value::Duration(a.checked_sub(*b).ok_or_else(errors::int_overflow)?)
        }
        (Value::Timestamp(time), Value::Duration(nanos)) => {
            let nanos = nanos.checked_neg().ok_or_else(errors::int_overflow)?;
            Value::Timestamp(time.later(nanos)?)
        }
        (Value::Timestamp(a), Value::Timestamp(b)) => Value::Duration(a.since(*b)?),
        (
            Value::Int(_)
            | Value::Uint(_)
            | Value::Double(_)
            | Value::Duration(_)
            | Value::Timestamp(_),
            _,
        ) => return Err(EvalError::no_such_overload()),
        _ => return Err(no_overload("_-_", left)),
    })
}

fn matches<'d>(left: &Value<'d>, right: &Value<'d>) -> Result<Value<'d>, EvalError> {
    let Value::String(text) = left else {
        return Err(no_overload("matches", left));
    };
    let Value::String(pattern) = right else {
        return Err(EvalError::no_such_overload());
    };
    let regex = crate::re2::Regex::new(pattern).map_err(EvalError::new)?;
    Ok(Value::Bool(regex.is_match(text)))
}

/// A conversion as a binding: `convert_to(args, &Type::Int)`.
///
/// # Errors
/// What the conversion reports.
pub fn convert_to<'d>(args: &[Value<'d>], target: &Type) -> Result<Value<'d>, EvalError> {
    match args {
        [arg] => convert::convert(arg, target),
        _ => Err(EvalError::no_such_overload()),
    }
}
