//! Program and data to value or error, with cost.

use std::borrow::Cow;
use std::fmt;

use crate::ast::ExprId;
use crate::plan::Program;
use crate::plan::step::Step;
use crate::value::Value;

mod activation;
mod attribute;
mod comprehension;
mod construct;
pub mod cost;
pub mod errors;
pub mod explain;
pub mod json;
mod machine;
mod message;
mod observe;
pub mod operators;
pub mod trace;
mod variables;

pub use activation::{Activation, LazyVariable};
pub(crate) use variables::unescape;

/// Limits of one evaluation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Beyond this cost an evaluation ends with `operation cancelled: actual cost limit
    /// exceeded`. Each lazy variable that is read has this limit for itself.
    pub cost: u64,
}

impl Limits {
    /// kube-apiserver's limit for one expression (`PerCallLimit`).
    pub const PER_EXPRESSION: Self = Self { cost: 1_000_000 };
    /// kube-apiserver's budget for all validations, messages and audit annotations of a policy
    /// under one binding (`RuntimeCELCostBudget`).
    pub const PER_POLICY: Self = Self { cost: 10_000_000 };
    /// kube-apiserver's budget for all match conditions of a policy
    /// (`RuntimeCELCostBudgetMatchConditions`).
    pub const MATCH_CONDITIONS: Self = Self { cost: 2_500_000 };
}

/// The outcome of an evaluation.
#[derive(Clone, Debug)]
pub struct Evaluation<'d> {
    /// The value or the error.
    pub result: Result<Value<'d>, EvalError>,
    /// The cost of this expression, lazy variables excluded: those add theirs to
    /// [`Activation::take_variable_cost`].
    pub cost: u64,
}

/// Evaluates a program.
#[must_use]
pub fn evaluate<'d>(
    program: &Program,
    activation: &Activation<'d>,
    limits: Limits,
) -> Evaluation<'d> {
    machine::run(program, activation, limits, 0, &mut observe::Silent)
}

/// The value of a step that reads no variable.
pub(crate) fn evaluate_constant(step: &Step) -> Result<Value<'static>, EvalError> {
    machine::run_step(
        step,
        0,
        &Activation::new(),
        Limits { cost: u64::MAX },
        0,
        &mut observe::Silent,
    )
    .result
}

/// A run-time error. It is a value: `&&`, `||` and `all` absorb it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EvalError(Box<ErrorInner>);

#[derive(Clone, Debug, PartialEq, Eq)]
struct ErrorInner {
    message: Cow<'static, str>,
    expr: ExprId,
    cancelled: bool,
}

impl EvalError {
    /// An error with cel-go's text.
    pub fn new(message: impl Into<Cow<'static, str>>) -> Self {
        Self(Box::new(ErrorInner {
            message: message.into(),
            expr: 0,
            cancelled: false,
        }))
    }

    /// `no such overload`
    #[must_use]
    pub fn no_such_overload() -> Self {
        Self::new("no such overload")
    }

    /// The cost limit is exceeded: nothing absorbs this.
    #[must_use]
    pub fn cancelled() -> Self {
        Self::ending(errors::COST_LIMIT)
    }

    /// What kube-apiserver answers where Go panics with this text: nothing absorbs it either.
    #[must_use]
    pub fn panic(text: &str) -> Self {
        Self::ending(format!("internal error: {text}"))
    }

    fn ending(message: impl Into<Cow<'static, str>>) -> Self {
        Self(Box::new(ErrorInner {
            message: message.into(),
            expr: 0,
            cancelled: true,
        }))
    }

    /// Whether the evaluation ended with it: because of its cost, or where Go would panic.
    #[must_use]
    pub fn is_cancelled(&self) -> bool {
        self.0.cancelled
    }

    /// Whether Go would panic there.
    #[must_use]
    pub fn is_panic(&self) -> bool {
        self.0.cancelled && self.message() != errors::COST_LIMIT
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
