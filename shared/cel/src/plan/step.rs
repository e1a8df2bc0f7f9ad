//! The steps of a program: a tree that is evaluated by matching.

use std::fmt;
use std::sync::Arc;

use crate::ast::ExprId;
use crate::eval::EvalError;
use crate::eval::operators::{BinaryOp, UnaryOp};
use crate::library::{Binding, Cost, PreparedBinding, Tracked, Work};
use crate::types::Type;
use crate::value::Value;

/// One step. Those with much data are boxed, to keep the others small.
#[derive(Clone, Debug)]
pub enum Step {
    /// A constant, folded ones included. Costs nothing.
    Constant(ExprId, Value<'static>),
    /// A constant list or map that cannot be made: fails whenever it is read.
    Failed(ExprId, EvalError),
    /// A variable or a value, with the fields and indices that are selected from it.
    Attribute(Box<Attribute>),
    /// `a && b`
    And(ExprId, Box<[Step]>),
    /// `a || b`
    Or(ExprId, Box<[Step]>),
    /// `a == b`, `a != b`
    Equality(Box<Equality>),
    /// An operator or function of the standard library with one argument.
    Unary(Box<Unary>),
    /// An operator or function of the standard library with two arguments.
    Binary(Box<Binary>),
    /// `x in ['a', 'b']` of a constant list.
    Membership(Box<Membership>),
    /// `x.matches('...')` of a constant pattern.
    Matches(Box<Matches>),
    /// A call of any other function.
    Call(Box<Call>),
    /// `a.or(b)`, `a.orValue(b)` of optionals.
    Fallback(Box<Fallback>),
    /// `[a, ?b]`
    List(Box<ListLiteral>),
    /// `{k: v, ?k: v}`
    Map(Box<MapLiteral>),
    /// `google.protobuf.Value{...}`
    Message(Box<MessageLiteral>),
    /// A comprehension.
    Fold(Box<Fold>),
}

impl Step {
    /// The expression whose value the step gives. That of an attribute is its last selection.
    pub fn id(&self) -> ExprId {
        match self {
            Self::Constant(id, _) | Self::Failed(id, _) | Self::And(id, _) | Self::Or(id, _) => *id,
            Self::Attribute(step) => step.id,
            Self::Equality(step) => step.id,
            Self::Unary(step) => step.id,
            Self::Binary(step) => step.id,
            Self::Membership(step) => step.id,
            Self::Matches(step) => step.id,
            Self::Call(step) => step.id,
            Self::Fallback(step) => step.id,
            Self::List(step) => step.id,
            Self::Map(step) => step.id,
            Self::Message(step) => step.id,
            Self::Fold(step) => step.id,
        }
    }

    /// The constant, if it is one.
    pub fn constant(&self) -> Option<&Value<'static>> {
        match self {
            Self::Constant(_, value) => Some(value),
            _ => None,
        }
    }
}

/// A root and what is selected from it, as one step: so cel-go counts its cost.
#[derive(Clone, Debug)]
pub struct Attribute {
    /// The last selection, or the root's own.
    pub id: ExprId,
    /// Where it starts.
    pub root: Root,
    /// What is selected, in order.
    pub qualifiers: Vec<Qualifier>,
    /// The last selection is a presence test, `has()`.
    pub test: bool,
}

impl Attribute {
    /// What cel-go adds to the cost of the selections: a conditional has no cost of its own.
    pub const fn own_cost(&self) -> u64 {
        !matches!(self.root, Root::Conditional(_)) as u64
    }
}

/// Where an attribute starts.
#[derive(Clone, Debug)]
pub enum Root {
    /// A variable of the environment.
    Variable(Arc<str>, usize),
    /// A comprehension's variable, by its place in the frame.
    Local(usize),
    /// A lazy variable, by its position; the selection from `variables` is the root.
    Lazy(ExprId, usize),
    /// `variables.?NAME`
    LazyOptional(ExprId, usize),
    /// A computed value.
    Step(Box<Step>),
    /// `condition ? a : b`
    Conditional(Box<Conditional>),
}

/// `condition ? a : b`
#[derive(Clone, Debug)]
pub struct Conditional {
    /// The expression.
    pub id: ExprId,
    /// Which of the two.
    pub condition: Step,
    /// Where it is true.
    pub truthy: Step,
    /// Where it is false.
    pub falsy: Step,
}

/// One selection of a field or an index.
#[derive(Clone, Debug)]
pub struct Qualifier {
    /// The selection's expression.
    pub id: ExprId,
    /// What is selected.
    pub key: Key,
    /// `.?field`, `[?index]`
    pub optional: bool,
}

/// What is selected.
#[derive(Clone, Debug)]
pub enum Key {
    /// A text key.
    Field(Arc<str>),
    /// A field of an object of a mutation whose type is known.
    Typed(Arc<str>),
    /// Another constant.
    Constant(Value<'static>),
    /// A computed index.
    Step(Step),
}

/// `a == b`, `a != b`
#[derive(Clone, Debug)]
pub struct Equality {
    /// The expression.
    pub id: ExprId,
    /// `!=`
    pub negated: bool,
    /// The left side.
    pub left: Step,
    /// The right side.
    pub right: Step,
}

/// An operator with one argument.
#[derive(Clone, Debug)]
pub struct Unary {
    /// The expression.
    pub id: ExprId,
    /// Which.
    pub op: UnaryOp,
    /// The argument.
    pub arg: Step,
}

/// An operator with two arguments.
#[derive(Clone, Debug)]
pub struct Binary {
    /// The expression.
    pub id: ExprId,
    /// Which.
    pub op: BinaryOp,
    /// What it costs.
    pub cost: CallCost,
    /// The left side.
    pub left: Step,
    /// The right side.
    pub right: Step,
}

/// What a call costs.
#[derive(Clone, Copy)]
pub enum CallCost {
    /// 1
    One,
    /// By arguments and result.
    Function(Cost),
}

impl fmt::Debug for CallCost {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::One => "One",
            Self::Function(_) => "Function",
        })
    }
}

/// `x in ['a', 'b']` of a constant list: no call, costs nothing.
#[derive(Clone, Debug)]
pub struct Membership {
    /// The expression.
    pub id: ExprId,
    /// What is looked for.
    pub arg: Step,
    /// The texts, sorted.
    pub texts: Box<[Arc<str>]>,
    /// The other constants.
    pub others: Box<[Value<'static>]>,
}

/// `x.matches('...')` of a constant pattern.
#[derive(Clone, Debug)]
pub struct Matches {
    /// The expression.
    pub id: ExprId,
    /// The text.
    pub subject: Step,
    /// The pattern, compiled.
    pub regex: crate::re2::Regex,
    /// The pattern, which costs depend on.
    pub pattern: Value<'static>,
    /// What it costs.
    pub cost: CallCost,
}

/// A call of a library's function.
#[derive(Clone)]
pub struct Call {
    /// The expression.
    pub id: ExprId,
    /// The function's name.
    pub function: Arc<str>,
    /// The arguments, the receiver first.
    pub args: Box<[Step]>,
    /// The overloads that may fit, in order.
    pub overloads: Box<[Candidate]>,
    /// Whether the second of two arguments is read although the first failed.
    pub reads_all: bool,
    /// What it does, where constant arguments were prepared.
    pub prepared: Option<PreparedBinding>,
}

/// An overload that may fit.
#[derive(Clone, Debug)]
pub struct Candidate {
    /// Its parameters, which choose it at run time.
    pub params: Box<[Type]>,
    /// What it does.
    pub binding: Option<Binding>,
    /// What it costs.
    pub cost: CallCost,
    /// What cel-go's cost tracker takes for granted of an argument.
    pub tracked: Option<(usize, Tracked)>,
    /// How much work it is, where the cost does not say.
    pub work: Option<Work>,
}

impl fmt::Debug for Call {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Call")
            .field("id", &self.id)
            .field("function", &self.function)
            .field("args", &self.args)
            .finish_non_exhaustive()
    }
}

/// `a.or(b)`, `a.orValue(b)`
#[derive(Clone, Debug)]
pub struct Fallback {
    /// The expression.
    pub id: ExprId,
    /// `orValue`: gives the value, not the optional.
    pub value: bool,
    /// The optional.
    pub left: Step,
    /// What is taken where the optional is none.
    pub right: Step,
}

/// A list literal.
#[derive(Clone, Debug)]
pub struct ListLiteral {
    /// The expression.
    pub id: ExprId,
    /// The elements, and whether each is optional.
    pub elements: Box<[(Step, bool)]>,
}

/// A map literal.
#[derive(Clone, Debug)]
pub struct MapLiteral {
    /// The expression.
    pub id: ExprId,
    /// The entries: key, value, and whether it is optional.
    pub entries: Box<[(Step, Step, bool)]>,
}

/// A message literal.
#[derive(Clone, Debug)]
pub struct MessageLiteral {
    /// The expression.
    pub id: ExprId,
    /// The type's name.
    pub type_name: Arc<str>,
    /// The fields: name, value, and whether it is optional.
    pub fields: Box<[(Arc<str>, Step, bool)]>,
}

/// A comprehension.
#[derive(Clone, Debug)]
pub struct Fold {
    /// The expression.
    pub id: ExprId,
    /// What is iterated.
    pub range: Step,
    /// The place of the variable: element or key; index where there are two variables.
    pub iter: usize,
    /// The place of the second variable: element or value.
    pub iter2: Option<usize>,
    /// What is done.
    pub body: FoldBody,
}

/// What a comprehension does: the macros' own shapes, whose costs are counted as those of what
/// they expand to, and any other.
#[derive(Clone, Debug)]
pub enum FoldBody {
    /// `all(x, predicate)`
    All(Step),
    /// `exists(x, predicate)`
    Exists(Step),
    /// `exists_one(x, predicate)`
    ExistsOne(Step),
    /// `map(x, transform)`, `map(x, predicate, transform)`, `filter(x, predicate)`
    Collect {
        /// The predicate.
        filter: Option<Step>,
        /// The transform.
        transform: Step,
    },
    /// `transformMap(k, v, transform)`, `transformMapEntry(k, v, transform)`
    Insert {
        /// The predicate.
        filter: Option<Step>,
        /// The key; none where the value is a map of entries.
        key: Option<Step>,
        /// The value.
        value: Step,
    },
    /// Any other.
    General(Box<General>),
}

/// A comprehension of no special shape.
#[derive(Clone, Debug)]
pub struct General {
    /// The accumulator's place.
    pub accumulator: usize,
    /// Its first value, computed when it is first read.
    pub init: Step,
    /// Ends the loop when false.
    pub condition: Step,
    /// The accumulator's next value.
    pub step: Step,
    /// The value of the whole.
    pub result: Step,
}
