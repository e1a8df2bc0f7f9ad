//! Macros: calls that the parser replaces, with ids numbered as cel-go's expansion numbers them.

use std::sync::Arc;

use crate::ast::{
    Call, Comprehension, Expr, ExprId, ExprKind, List, Literal, MapEntry, Select, SourceInfo,
    Struct, StructField,
};

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
        set(&mut self.info.offsets, id, self.offset);
        set(&mut self.info.spans, id, None);
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

    /// The accumulator, as a name.
    pub fn accumulator(&mut self) -> Expr {
        let name = self.accumulator_name();
        self.expr(ExprKind::Ident(name))
    }

    /// A map of entries made with [`Expander::entry`].
    pub fn map(&mut self, entries: Vec<MapEntry>) -> Expr {
        self.expr(ExprKind::Map(entries))
    }

    /// An entry of a map.
    pub fn entry(&mut self, key: Expr, value: Expr) -> MapEntry {
        MapEntry {
            id: self.next_id(),
            key,
            value,
            optional: false,
        }
    }

    /// An error about an expression.
    pub fn error(&self, expr: &Expr, message: impl Into<String>) -> MacroError {
        MacroError {
            message: message.into(),
            expr: expr.id,
        }
    }

    /// A copy of an expression, its expressions numbered anew at their old places.
    pub fn copy(&mut self, expr: &Expr) -> Expr {
        let id = self.next_id();
        let (offset, span) = (self.info.offset(expr.id), self.info.span(expr.id));
        set(&mut self.info.offsets, id, offset);
        set(&mut self.info.spans, id, span);
        let kind = match &expr.kind {
            ExprKind::Unspecified => ExprKind::Unspecified,
            ExprKind::Literal(literal) => ExprKind::Literal(literal.clone()),
            ExprKind::Ident(name) => ExprKind::Ident(name.clone()),
            ExprKind::Select(select) => ExprKind::Select(Select {
                operand: Box::new(self.copy(&select.operand)),
                field: select.field.clone(),
                test_only: select.test_only,
            }),
            ExprKind::Call(call) => {
                let args = self.copies(&call.args);
                let target = call.target.as_ref();
                ExprKind::Call(Call {
                    target: target.map(|target| Box::new(self.copy(target))),
                    function: call.function.clone(),
                    args,
                })
            }
            ExprKind::List(list) => ExprKind::List(List {
                elements: self.copies(&list.elements),
                optional: list.optional.clone(),
            }),
            ExprKind::Map(entries) => ExprKind::Map(
                entries
                    .iter()
                    .map(|entry| MapEntry {
                        id: self.next_id(),
                        key: self.copy(&entry.key),
                        value: self.copy(&entry.value),
                        optional: entry.optional,
                    })
                    .collect(),
            ),
            ExprKind::Struct(message) => ExprKind::Struct(Struct {
                type_name: message.type_name.clone(),
                fields: message
                    .fields
                    .iter()
                    .map(|field| StructField {
                        id: self.next_id(),
                        name: field.name.clone(),
                        value: self.copy(&field.value),
                        optional: field.optional,
                    })
                    .collect(),
            }),
            ExprKind::Comprehension(fold) => ExprKind::Comprehension(Box::new(Comprehension {
                range: self.copy(&fold.range),
                iter_var: fold.iter_var.clone(),
                iter_var2: fold.iter_var2.clone(),
                accu_var: fold.accu_var.clone(),
                accu_init: self.copy(&fold.accu_init),
                condition: self.copy(&fold.condition),
                step: self.copy(&fold.step),
                result: self.copy(&fold.result),
            })),
        };
        Expr { id, kind }
    }

    fn copies(&mut self, exprs: &[Expr]) -> Vec<Expr> {
        exprs.iter().map(|expr| self.copy(expr)).collect()
    }
}

/// Sets the entry of an id in a side table.
pub(super) fn set<T>(table: &mut Vec<Option<T>>, id: ExprId, value: Option<T>) {
    let index = id as usize;
    if table.len() <= index {
        table.resize_with(index + 1, || None);
    }
    if let Some(slot) = table.get_mut(index) {
        *slot = value;
    }
}
