//! What can watch an evaluation. The one that watches nothing costs nothing.

use crate::ast::ExprId;
use crate::document::Node;
use crate::value::Value;

use super::EvalError;

/// Sees the value of every expression.
pub trait Observer<'d> {
    /// An expression has a value or an error.
    fn result(&mut self, id: ExprId, result: &Result<Value<'d>, EvalError>);
    /// A selection came to this node of a document.
    fn node(&mut self, id: ExprId, node: &'d Node);
    /// A comprehension goes to its next element.
    fn enter_iteration(&mut self, id: ExprId, index: usize, element: Option<&'d Node>);
    /// A lazy variable is evaluated.
    fn enter_variable(&mut self, index: usize);
    /// The iteration or the lazy variable is done.
    fn leave(&mut self);
}

/// Watches nothing.
#[derive(Debug)]
pub struct Silent;

impl<'d> Observer<'d> for Silent {
    #[inline(always)]
    fn result(&mut self, _id: ExprId, _result: &Result<Value<'d>, EvalError>) {}
    #[inline(always)]
    fn node(&mut self, _id: ExprId, _node: &'d Node) {}
    #[inline(always)]
    fn enter_iteration(&mut self, _id: ExprId, _index: usize, _element: Option<&'d Node>) {}
    #[inline(always)]
    fn enter_variable(&mut self, _index: usize) {}
    #[inline(always)]
    fn leave(&mut self) {}
}
