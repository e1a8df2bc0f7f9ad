//! Macros: calls that the parser replaces, with ids numbered as cel-go's expansion numbers them.

use std::sync::Arc;

use crate::ast::{Call, Comprehension, Expr, ExprId, ExprKind, List, Literal, Select, SourceInfo};

/// A macro of a library.
#[derive(Clone, Copy, Debug)]
pub struct Macro {
    /// The name it is called by.
    pub name: &'static str,
    /// How many arguments it takes.
    pub args: usize,
    /// Called as a method (`list.all(...)`), not as a function (`has(...)`).
    pub receiver: bool,
    /// Replaces the call.
    pub expand: Expand,
}

/// Replaces a call, given its receiver and arguments. `Ok(None)`: it is no macro call after all.
pub type Expand = fn(&mut Expander<'_>, Option<&Expr>, &[Expr]) -> Result<Option<Expr>, MacroError>;

/// Why a macro cannot expand.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MacroError {
    /// cel-go's text.
    pub message: String,
    /// The expression it is about.
    pub expr: ExprId,
}

/// Makes new expressions with new ids for a macro, as cel-go's `exprHelper` does. What is made
/// stands at the place of the macro call.
#[derive(Debug)]
pub struct Expander<'p> {
    next_id: &'p mut ExprId,
    info: &'p mut SourceInfo,
    offset: Option<u32>,
}

impl<'p> Expander<'p> {
    /// An expander whose expressions stand at `offset`, numbered from `next_id` on.
    pub fn new(next_id: &'p mut ExprId, info: &'p mut SourceInfo, offset: Option<u32>) -> Self {
        Self {
            next_id,
            info,
            offset,
        }
    }

    /// A new id at the place of the macro call.
    pub fn next_id(&mut self) -> ExprId {
        let id = *self.next_id;
        *self.next_id += 1;
        let index = id as usize;
        if self.info.offsets.len() <= index {
            self.info.offsets.resize(index + 1, None);
            self.info.spans.resize(index + 1, None);
        }
        if let Some(slot) = self.info.offsets.get_mut(index) {
            *slot = self.offset;
        }
        id
    }

    /// A new expression.
    pub fn expr(&mut self, kind: ExprKind) -> Expr {
        Expr {
            id: self.next_id(),
            kind,
        }
    }

    /// A literal.
    pub fn literal(&mut self, literal: Literal) -> Expr {
        self.expr(ExprKind::Literal(literal))
    }

    /// A name.
    pub fn ident(&mut self, name: &str) -> Expr {
        self.expr(ExprKind::Ident(name.into()))
    }

    /// A function or operator call.
    pub fn call(&mut self, function: &str, args: Vec<Expr>) -> Expr {
        self.expr(ExprKind::Call(Call {
            target: None,
            function: function.into(),
            args,
        }))
    }

    /// A method call.
    pub fn method(&mut self, function: &str, target: Expr, args: Vec<Expr>) -> Expr {
        let target = Some(Box::new(target));
        self.expr(ExprKind::Call(Call {
            target,
            function: function.into(),
            args,
        }))
    }

    /// A field selection.
    pub fn select(&mut self, operand: Expr, field: &str) -> Expr {
        let operand = Box::new(operand);
        self.expr(ExprKind::Select(Select {
            operand,
            field: field.into(),
            test_only: false,
        }))
    }

    /// A presence test.
    pub fn presence_test(&mut self, operand: Expr, field: &str) -> Expr {
        let operand = Box::new(operand);
        self.expr(ExprKind::Select(Select {
            operand,
            field: field.into(),
            test_only: true,
        }))
    }

    /// A list.
    pub fn list(&mut self, elements: Vec<Expr>) -> Expr {
        self.expr(ExprKind::List(List {
            elements,
            optional: Vec::new(),
        }))
    }

    /// A comprehension.
    pub fn comprehension(&mut self, comprehension: Comprehension) -> Expr {
        self.expr(ExprKind::Comprehension(Box::new(comprehension)))
    }

    /// The name of the accumulator, `@result`.
    #[must_use]
    pub fn accumulator_name(&self) -> Arc<str> {
        "@result".into()
    }

    /// A copy of an expression, its expressions numbered anew at their old places.
    pub fn copy(&mut self, expr: &Expr) -> Expr {
        // The parser's owner completes this with cel-go's `Copy`.
        expr.clone()
    }
}
