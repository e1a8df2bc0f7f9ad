//! The syntax tree: expressions with ids that are numbered as cel-go numbers them.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::source::Span;

/// The id of an expression, from 1; 0 is no expression. Ids and macro expansions are
/// cel-go's, so that costs and error places agree.
pub type ExprId = u32;

/// An expression.
#[derive(Clone, Debug, PartialEq)]
pub struct Expr {
    /// Its id, unique in its tree.
    pub id: ExprId,
    /// What it is.
    pub kind: ExprKind,
}

/// What an expression is.
#[derive(Clone, Debug, PartialEq)]
pub enum ExprKind {
    /// Stands where the text could not be read.
    Unspecified,
    /// A literal.
    Literal(Literal),
    /// A name, with a leading dot where the text has one.
    Ident(Arc<str>),
    /// `operand.field`, or `has(operand.field)`.
    Select(Select),
    /// A function, an operator (by cel-go's names: `_+_`, `_?_:_`, `_[_]`, `_?._`, ...) or a method.
    Call(Call),
    /// `[a, ?b]`.
    List(List),
    /// `{k: v, ?k: v}`.
    Map(Vec<MapEntry>),
    /// `Type{field: value}`.
    Struct(Struct),
    /// What macros such as `all` expand to.
    Comprehension(Box<Comprehension>),
}

/// A literal value.
#[derive(Clone, Debug, PartialEq)]
pub enum Literal {
    /// `null`
    Null,
    /// `true`, `false`
    Bool(bool),
    /// `1`, `-0x1`
    Int(i64),
    /// `1u`
    Uint(u64),
    /// `1.0`
    Double(f64),
    /// `'a'`
    String(Arc<str>),
    /// `b'a'`
    Bytes(Arc<[u8]>),
}

/// A field selection or a presence test.
#[derive(Clone, Debug, PartialEq)]
pub struct Select {
    /// What is selected from.
    pub operand: Box<Expr>,
    /// The field's name.
    pub field: Arc<str>,
    /// Made by `has()`: asks whether the field is there.
    pub test_only: bool,
}

/// A call.
#[derive(Clone, Debug, PartialEq)]
pub struct Call {
    /// The receiver of a method call.
    pub target: Option<Box<Expr>>,
    /// The function's name, an operator's in cel-go's spelling.
    pub function: Arc<str>,
    /// The arguments, without the receiver.
    pub args: Vec<Expr>,
}

/// A list literal.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct List {
    /// Its elements.
    pub elements: Vec<Expr>,
    /// Indices of the elements written with `?`.
    pub optional: Vec<u32>,
}

/// An entry of a map literal.
#[derive(Clone, Debug, PartialEq)]
pub struct MapEntry {
    /// The entry's own id.
    pub id: ExprId,
    /// The key.
    pub key: Expr,
    /// The value.
    pub value: Expr,
    /// Written with `?`.
    pub optional: bool,
}

/// A message literal.
#[derive(Clone, Debug, PartialEq)]
pub struct Struct {
    /// The type's name.
    pub type_name: Arc<str>,
    /// Its fields.
    pub fields: Vec<StructField>,
}

/// A field of a message literal.
#[derive(Clone, Debug, PartialEq)]
pub struct StructField {
    /// The field's own id.
    pub id: ExprId,
    /// The field's name.
    pub name: Arc<str>,
    /// The value.
    pub value: Expr,
    /// Written with `?`.
    pub optional: bool,
}

/// A fold over a list or a map.
#[derive(Clone, Debug, PartialEq)]
pub struct Comprehension {
    /// What is iterated.
    pub range: Expr,
    /// The element of a list, the key of a map; with `iter_var2` a list's index.
    pub iter_var: Arc<str>,
    /// The second variable of a two-variable comprehension: element or value.
    pub iter_var2: Option<Arc<str>>,
    /// The accumulator's name: `@result`, as cel-go names it.
    pub accu_var: Arc<str>,
    /// The accumulator's first value.
    pub accu_init: Expr,
    /// The loop ends when this is false.
    pub condition: Expr,
    /// The accumulator's next value.
    pub step: Expr,
    /// The value of the whole.
    pub result: Expr,
}

/// Where the expressions of a tree stand in the text, and which calls were macros.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct SourceInfo {
    /// By id: the byte offset that cel-go reports for the expression (an operator's own place,
    /// a selection's dot, a call's parenthesis), `None` where it has none.
    pub offsets: Vec<Option<u32>>,
    /// By id: the whole text of the expression, `None` where it was made by a macro.
    pub spans: Vec<Option<Span>>,
    /// By the id of the expansion: the macro call as it was written.
    pub macro_calls: BTreeMap<ExprId, Expr>,
}

impl SourceInfo {
    /// The byte offset cel-go reports for an expression.
    #[must_use]
    pub fn offset(&self, id: ExprId) -> Option<u32> {
        self.offsets.get(id as usize).copied().flatten()
    }

    /// The text of an expression.
    #[must_use]
    pub fn span(&self, id: ExprId) -> Option<Span> {
        self.spans.get(id as usize).copied().flatten()
    }
}

/// A parsed expression.
#[derive(Clone, Debug, PartialEq)]
pub struct Ast {
    /// The root.
    pub expr: Expr,
    /// Places and macros.
    pub info: SourceInfo,
}
