//! Program and data to value or error, with cost.

use std::borrow::Cow;
use std::fmt;

use crate::ast::ExprId;
use crate::plan::Program;
use crate::value::Value;

/// Limits of one evaluation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// The cost at which evaluation ends with `operation cancelled: actual cost limit exceeded`.
    pub cost: u64,
}

impl Limits {
    /// kube-apiserver's limit for one expression.
    pub const PER_EXPRESSION: Self = Self { cost: 10_000_000 };
}

/// The data of an evaluation: a value for each variable of the environment, and the programs of
/// lazy variables (`variables.NAME`), evaluated at most once.
#[derive(Debug, Default)]
pub struct Activation<'d> {
    values: Vec<Option<Value<'d>>>,
}

impl<'d> Activation<'d> {
    /// No variable has a value.
    #[must_use]
    pub const fn new() -> Self {
        Self { values: Vec::new() }
    }

    /// Gives the variable of a slot its value.
    pub fn set(&mut self, slot: usize, value: Value<'d>) {
        if self.values.len() <= slot {
            self.values.resize(slot + 1, None);
        }
        if let Some(place) = self.values.get_mut(slot) {
            *place = Some(value);
        }
    }
}

/// The outcome of an evaluation.
#[derive(Clone, Debug)]
pub struct Evaluation<'d> {
    /// The value or the error.
    pub result: Result<Value<'d>, EvalError>,
    /// The cost of this expression, lazy variables excluded.
    pub cost: u64,
}

/// Evaluates a program.
#[must_use]
pub fn evaluate<'d>(
    _program: &Program,
    _activation: &Activation<'d>,
    _limits: Limits,
) -> Evaluation<'d> {
    Evaluation {
        result: Ok(Value::Null),
        cost: 0,
    }
}

/// A run-time error. It is a value: `&&`, `||` and `all` absorb it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EvalError(Box<ErrorInner>);

#[derive(Clone, Debug, PartialEq, Eq)]
struct ErrorInner {
    message: Cow<'static, str>,
    expr: ExprId,
}

impl EvalError {
    /// An error with cel-go's text.
    pub fn new(message: impl Into<Cow<'static, str>>) -> Self {
        Self(Box::new(ErrorInner {
            message: message.into(),
            expr: 0,
        }))
    }

    /// `no such overload`
    #[must_use]
    pub fn no_such_overload() -> Self {
        Self::new("no such overload")
    }

    /// The text.
    #[must_use]
    pub fn message(&self) -> &str {
        &self.0.message
    }

    /// The expression that failed, 0 where it is not known yet.
    #[must_use]
    pub fn expr(&self) -> ExprId {
        self.0.expr
    }

    /// The same with the expression that failed, unless it has one already.
    #[must_use]
    pub fn at(mut self, expr: ExprId) -> Self {
        if self.0.expr == 0 {
            self.0.expr = expr;
        }
        self
    }
}

impl fmt::Display for EvalError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.message())
    }
}

impl std::error::Error for EvalError {}
