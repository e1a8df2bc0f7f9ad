//! Makes the expressions of a tree with cel-go's ids, replaces macro calls, and collects the
//! errors of a text whose syntax is right.

use std::sync::Arc;

use super::errors;
use super::macros::{Expander, Macro, set};
use super::unescape;
use crate::ast::{
    Call, Expr, ExprId, ExprKind, List, Literal, MapEntry, Select, SourceInfo, Struct, StructField,
};
use crate::issue::{Issue, Phase};
use crate::source::{Location, Source, Span};

/// Names that the language keeps for itself.
const RESERVED: [&str; 17] = [
    "as",
    "break",
    "const",
    "continue",
    "else",
    "for",
    "function",
    "if",
    "import",
    "let",
    "loop",
    "package",
    "namespace",
    "return",
    "var",
    "void",
    "while",
];

/// From so many expressions on no macro is replaced any more. No text that is read has so many
/// of its own; but `optMap` copies what it is called on, so that a chain of it doubles with each
/// link. cel-go has no such limit, and runs out of memory.
const MAX_EXPRESSIONS: ExprId = 200_000;

/// Makes expressions.
pub(super) struct Builder<'p> {
    pub(super) source: &'p Source,
    pub(super) issues: Vec<Issue>,
    pub(super) info: SourceInfo,
    pub(super) optional_syntax: bool,
    macros: Vec<&'p Macro>,
    next_id: ExprId,
}

impl<'p> Builder<'p> {
    pub(super) fn new(source: &'p Source, macros: Vec<&'p Macro>, optional_syntax: bool) -> Self {
        Self {
            source,
            issues: Vec::new(),
            info: SourceInfo::default(),
            optional_syntax,
            macros,
            next_id: 1,
        }
    }

    /// The macros it replaces calls by.
    pub(super) fn macros(self) -> Vec<&'p Macro> {
        self.macros
    }

    /// A new id at a place.
    pub(super) fn id(&mut self, offset: Option<u32>) -> ExprId {
        let id = self.next_id;
        self.next_id += 1;
        set(&mut self.info.offsets, id, offset);
        set(&mut self.info.spans, id, None);
        id
    }

    fn delete_id(&mut self, id: ExprId) {
        set(&mut self.info.offsets, id, None);
        set(&mut self.info.spans, id, None);
        if id + 1 == self.next_id {
            self.next_id = id;
        }
    }

    pub(super) fn set_offset(&mut self, id: ExprId, offset: u32) {
        set(&mut self.info.offsets, id, Some(offset));
    }

    fn expr(&mut self, id: ExprId, span: Span, kind: ExprKind) -> Expr {
        set(&mut self.info.spans, id, Some(span));
        Expr { id, kind }
    }

    /// Reports an error at a place; the expression stands where the text was meant to be one.
    pub(super) fn error(&mut self, offset: Option<u32>, message: impl Into<String>) -> Expr {
        let expr = self.unspecified(offset);
        self.issues.push(Issue {
            phase: Phase::Syntax,
            message: message.into(),
            offset: offset.unwrap_or(0),
            location: offset.map_or(Location::NONE, |offset| self.source.location(offset)),
            expr: expr.id,
        });
        expr
    }

    /// Reports an error that is about no expression.
    pub(super) fn report(&mut self, offset: Option<u32>, message: String) {
        self.issues.push(Issue {
            phase: Phase::Syntax,
            message,
            offset: offset.unwrap_or(0),
            location: offset.map_or(Location::NONE, |offset| self.source.location(offset)),
            expr: 0,
        });
    }

    pub(super) fn unspecified(&mut self, offset: Option<u32>) -> Expr {
        Expr {
            id: self.id(offset),
            kind: ExprKind::Unspecified,
        }
    }

    pub(super) fn literal(&mut self, span: Span, literal: Literal) -> Expr {
        let id = self.id(Some(span.start));
        self.expr(id, span, ExprKind::Literal(literal))
    }

    /// An integer; `negative` if a minus stands before the digits.
    pub(super) fn int(&mut self, span: Span, digits: Span, negative: bool) -> Expr {
        let text = self.source.slice(digits);
        let sign = if negative { "-" } else { "" };
        let value = match text.strip_prefix("0x") {
            Some(hex) => i64::from_str_radix(&format!("{sign}{hex}"), 16),
            None => format!("{sign}{text}").parse(),
        };
        match value {
            Ok(value) => self.literal(span, Literal::Int(value)),
            Err(_) => self.error(Some(span.start), errors::INVALID_INT),
        }
    }

    pub(super) fn uint(&mut self, span: Span) -> Expr {
        let text = self.source.slice(span).trim_end_matches(['u', 'U']);
        let value = match text.strip_prefix("0x") {
            Some(hex) => u64::from_str_radix(hex, 16),
            None => text.parse(),
        };
        match value {
            Ok(value) => self.literal(span, Literal::Uint(value)),
            Err(_) => self.error(Some(span.start), errors::INVALID_UINT),
        }
    }

    pub(super) fn double(&mut self, span: Span, digits: Span, negative: bool) -> Expr {
        match self.source.slice(digits).parse::<f64>() {
            Ok(value) if value.is_finite() => {
                let value = if negative { -value } else { value };
                self.literal(span, Literal::Double(value))
            }
            _ => self.error(Some(span.start), errors::INVALID_DOUBLE),
        }
    }

    pub(super) fn string(&mut self, span: Span) -> Expr {
        let text = self.source.slice(span);
        let value = match unescape::string(text) {
            Ok(value) => value.into(),
            Err(message) => {
                self.error(Some(span.start), message);
                text.into()
            }
        };
        self.literal(span, Literal::String(value))
    }

    pub(super) fn bytes(&mut self, span: Span) -> Expr {
        let text = self.source.slice(Span::new(span.start + 1, span.end));
        let value = match unescape::bytes(text) {
            Ok(value) => value.into(),
            Err(message) => {
                self.error(Some(span.start), message);
                text.as_bytes().into()
            }
        };
        self.literal(span, Literal::Bytes(value))
    }

    /// A name; `name` is the place of the identifier, `span` includes a leading dot.
    pub(super) fn ident(&mut self, span: Span, name: Span) -> Expr {
        if let Err(reserved) = self.check_reserved(span, name) {
            return reserved;
        }
        let text = self.dotted(span, name);
        let id = self.id(Some(name.start));
        self.expr(id, span, ExprKind::Ident(text))
    }

    /// An error in place of a name that is reserved.
    pub(super) fn check_reserved(&mut self, span: Span, name: Span) -> Result<(), Expr> {
        let text = self.source.slice(name);
        if RESERVED.contains(&text) {
            return Err(self.error(Some(span.start), errors::reserved_identifier(text)));
        }
        Ok(())
    }

    /// A name with its leading dot, if it has one.
    pub(super) fn dotted(&self, span: Span, name: Span) -> Arc<str> {
        let text = self.source.slice(name);
        if span.start < name.start {
            format!(".{text}").into()
        } else {
            text.into()
        }
    }

    /// The name of a field, which may be written in backticks.
    pub(super) fn field(&mut self, name: Span, error_at: u32) -> Arc<str> {
        let text = self.source.slice(name);
        if text.starts_with('`') {
            self.error(Some(error_at), errors::UNSUPPORTED_ESCAPED_IDENTIFIER);
            return "".into();
        }
        text.into()
    }

    pub(super) fn select(&mut self, dot: u32, span: Span, operand: Expr, field: Arc<str>) -> Expr {
        let id = self.id(Some(dot));
        let operand = Box::new(operand);
        self.expr(
            id,
            span,
            ExprKind::Select(Select {
                operand,
                field,
                test_only: false,
            }),
        )
    }

    /// `operand.?field`
    pub(super) fn optional_select(
        &mut self,
        dot: u32,
        span: Span,
        operand: Expr,
        name: (Span, Arc<str>),
    ) -> Expr {
        if !self.optional_syntax {
            return self.error(Some(dot), errors::UNSUPPORTED_OPTIONAL_SELECT);
        }
        let (name_span, name) = name;
        let field = self.literal(name_span, Literal::String(name));
        let id = self.id(Some(dot));
        self.function(id, span, "_?._", vec![operand, field])
    }

    fn function(&mut self, id: ExprId, span: Span, function: &str, args: Vec<Expr>) -> Expr {
        self.expr(
            id,
            span,
            ExprKind::Call(Call {
                target: None,
                function: function.into(),
                args,
            }),
        )
    }

    /// A call, or what the macro of its name and arguments replaces it by.
    pub(super) fn call(
        &mut self,
        id: ExprId,
        span: Span,
        function: Arc<str>,
        target: Option<Expr>,
        args: Vec<Expr>,
    ) -> Expr {
        if let Some(expanded) = self.expand(id, span, &function, target.as_ref(), &args) {
            return expanded;
        }
        let target = target.map(Box::new);
        self.expr(
            id,
            span,
            ExprKind::Call(Call {
                target,
                function,
                args,
            }),
        )
    }

    fn expand(
        &mut self,
        id: ExprId,
        span: Span,
        function: &str,
        target: Option<&Expr>,
        args: &[Expr],
    ) -> Option<Expr> {
        // a macro of a later library replaces one of the same name and arguments
        let found = self.macros.iter().rev().find(|candidate| {
            candidate.name == function
                && candidate.args == args.len()
                && candidate.receiver == target.is_some()
        })?;
        if self.next_id > MAX_EXPRESSIONS {
            let offset = self.info.offset(id);
            self.delete_id(id);
            return Some(self.error(offset, errors::too_many_expressions(MAX_EXPRESSIONS)));
        }
        let expand = found.expand;
        let offset = self.info.offset(id);
        let mut expander = Expander::new(&mut self.next_id, &mut self.info, offset);
        match expand(&mut expander, target, args) {
            Ok(None) => None,
            Ok(Some(expanded)) => {
                let call = Expr {
                    id: 0,
                    kind: ExprKind::Call(Call {
                        target: target.map(|target| Box::new(self.macro_call_arg(target))),
                        function: function.into(),
                        args: args.iter().map(|arg| self.macro_call_arg(arg)).collect(),
                    }),
                };
                self.info.macro_calls.insert(expanded.id, call);
                set(&mut self.info.spans, expanded.id, Some(span));
                self.delete_id(id);
                Some(expanded)
            }
            Err(error) => {
                let offset = self.info.offset(error.expr);
                self.delete_id(id);
                let expr = self.error(offset, error.message);
                if offset.is_none()
                    && let Some(issue) = self.issues.last_mut()
                {
                    issue.location = Location::UNREAD;
                }
                Some(expr)
            }
        }
    }

    /// The argument of a macro call, macro calls in it replaced by references to theirs.
    fn macro_call_arg(&self, expr: &Expr) -> Expr {
        if self.info.macro_calls.contains_key(&expr.id) {
            return Expr {
                id: expr.id,
                kind: ExprKind::Unspecified,
            };
        }
        let all = |exprs: &[Expr]| exprs.iter().map(|expr| self.macro_call_arg(expr)).collect();
        let kind = match &expr.kind {
            ExprKind::Call(call) => ExprKind::Call(Call {
                target: call
                    .target
                    .as_ref()
                    .map(|target| Box::new(self.macro_call_arg(target))),
                function: call.function.clone(),
                args: all(&call.args),
            }),
            ExprKind::List(list) => ExprKind::List(List {
                elements: all(&list.elements),
                optional: list.optional.clone(),
            }),
            ExprKind::Select(select) => ExprKind::Select(Select {
                operand: Box::new(self.macro_call_arg(&select.operand)),
                field: select.field.clone(),
                test_only: select.test_only,
            }),
            ExprKind::Map(entries) => {
                let entry = |entry: &MapEntry| MapEntry {
                    id: entry.id,
                    key: self.macro_call_arg(&entry.key),
                    value: self.macro_call_arg(&entry.value),
                    optional: entry.optional,
                };
                ExprKind::Map(entries.iter().map(entry).collect())
            }
            ExprKind::Struct(message) => {
                let field = |field: &StructField| StructField {
                    id: field.id,
                    name: field.name.clone(),
                    value: self.macro_call_arg(&field.value),
                    optional: field.optional,
                };
                ExprKind::Struct(Struct {
                    type_name: message.type_name.clone(),
                    fields: message.fields.iter().map(field).collect(),
                })
            }
            // what macros made of calls is referred to, so that this is no argument
            ExprKind::Comprehension(_) => ExprKind::Unspecified,
            ExprKind::Unspecified | ExprKind::Literal(_) | ExprKind::Ident(_) => expr.kind.clone(),
        };
        Expr { id: expr.id, kind }
    }

    pub(super) fn list(&mut self, id: ExprId, span: Span, list: List) -> Expr {
        self.expr(id, span, ExprKind::List(list))
    }

    pub(super) fn map(&mut self, id: ExprId, span: Span, entries: Vec<MapEntry>) -> Expr {
        self.expr(id, span, ExprKind::Map(entries))
    }

    pub(super) fn message(
        &mut self,
        id: ExprId,
        span: Span,
        type_name: Arc<str>,
        fields: Vec<StructField>,
    ) -> Expr {
        self.expr(id, span, ExprKind::Struct(Struct { type_name, fields }))
    }

    /// `&&` or `||` of several terms, as a balanced tree.
    pub(super) fn logic(&mut self, function: &str, mut terms: Vec<Term>, ops: &[ExprId]) -> Term {
        if ops.is_empty() {
            return terms.pop().unwrap_or_else(|| Term {
                span: Span::default(),
                expr: Expr {
                    id: 0,
                    kind: ExprKind::Unspecified,
                },
            });
        }
        let function: Arc<str> = function.into();
        let mut terms = terms.into_iter();
        self.balanced(&function, &mut terms, ops)
    }

    /// The tree over the next `ops.len() + 1` terms.
    fn balanced(
        &mut self,
        function: &Arc<str>,
        terms: &mut std::vec::IntoIter<Term>,
        ops: &[ExprId],
    ) -> Term {
        let mut side = |builder: &mut Self, ops: &[ExprId]| match ops {
            [] => terms.next(),
            _ => Some(builder.balanced(function, terms, ops)),
        };
        let (left_ops, rest) = ops.split_at(ops.len() / 2);
        let (op, right_ops) = match rest {
            [op, right @ ..] => (*op, right),
            [] => (0, rest),
        };
        let sides: Vec<Term> = [side(self, left_ops), side(self, right_ops)]
            .into_iter()
            .flatten()
            .collect();
        let span = sides
            .iter()
            .map(|term| term.span)
            .reduce(Span::union)
            .unwrap_or_default();
        let args = sides.into_iter().map(|term| term.expr).collect();
        Term {
            span,
            expr: self.function(op, span, function, args),
        }
    }
}

/// A part of an expression and its text, parentheses around it included.
pub(super) struct Term {
    pub(super) span: Span,
    pub(super) expr: Expr,
}
