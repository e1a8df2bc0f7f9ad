//! What a library is: a name, a version, and the functions, macros, types and constants it brings.

use std::sync::Arc;

use crate::eval::EvalError;
use crate::parse::macros::Macro;
use crate::types::{ObjectType, Type};
use crate::value::Value;

/// A library as a value: environments are lists of these.
#[derive(Clone, Debug, Default)]
pub struct Library {
    /// Its name, such as `kubernetes.quantity`.
    pub name: &'static str,
    /// Its version, where it has several.
    pub version: u32,
    /// Functions, in the order of their declaration.
    pub functions: Vec<Function>,
    /// Macros.
    pub macros: Vec<Macro>,
    /// Types with declared fields.
    pub objects: Vec<ObjectType>,
    /// Types that have more fields than are declared.
    pub open_types: Vec<OpenType>,
    /// Names with a type and a value: type names such as `int`.
    pub constants: Vec<Constant>,
}

/// A type that has fields of any name.
#[derive(Clone, Debug)]
pub struct OpenType {
    /// Its name.
    pub name: &'static str,
    /// Whether the name with more words behind it, after dots, names such a type too.
    pub nested: bool,
    /// The type of a field that is not declared.
    pub field: Type,
}

impl OpenType {
    /// Whether a name is one of this type's.
    #[must_use]
    pub fn is(&self, name: &str) -> bool {
        name.strip_prefix(self.name)
            .is_some_and(|rest| rest.is_empty() || self.nested && rest.starts_with('.'))
    }
}

/// A name that stands for a value.
#[derive(Clone, Debug)]
pub struct Constant {
    /// The name.
    pub name: &'static str,
    /// Its type.
    pub r#type: Type,
    /// Its value.
    pub value: Value<'static>,
}

/// A function: a name with overloads.
#[derive(Clone, Debug)]
pub struct Function {
    /// The name, an operator's in cel-go's spelling.
    pub name: &'static str,
    /// Its overloads, in the order of their declaration (the order in which cel-go tries them).
    pub overloads: Vec<Overload>,
}

/// One signature of a function and what it does.
#[derive(Clone, Debug)]
pub struct Overload {
    /// cel-go's id, such as `add_int64`.
    pub id: &'static str,
    /// Whether the first parameter is a receiver.
    pub member: bool,
    /// The parameters, the receiver first.
    pub params: Vec<Type>,
    /// The result.
    pub result: Type,
    /// What it does. `None`: the planner has a step of its own for it (`_&&_`, `_[_]`, ...).
    pub binding: Option<Binding>,
    /// Its cost at run time from arguments and result; 1 where there is none.
    pub cost: Option<Cost>,
    /// Its cost where only evaluation chooses the overload, if it is another then: cel-go and
    /// kube-apiserver know some costs by the overload's id, which such calls do not have.
    pub unresolved_cost: Option<Cost>,
    /// How much work a call is, where its cost does not say: what it reads beyond the surface of
    /// its arguments.
    pub work: Option<Work>,
    /// cel-go calls the binding whatever the types of the arguments are.
    pub unguarded: bool,
    /// cel-go has one binding for all overloads of the function: it reads all arguments first.
    pub singleton: bool,
    /// cel-go's binding takes any number of arguments: it reads none after one that failed.
    pub variadic: bool,
    /// What cel-go's cost tracker takes for granted of the argument of this index: Go panics where
    /// it is something else.
    pub tracked: Option<(usize, Tracked)>,
    /// cel-go's operand trait check is off: the binding also takes errors (non-strict functions).
    pub non_strict: bool,
    /// Makes a faster binding, or a compile error, from arguments that are constant.
    pub prepare: Option<Prepare>,
}

/// What a cost tracker takes an argument for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tracked {
    /// Go's `traits.Lister`.
    List,
    /// Go's `types.Int`.
    Int,
}

/// What a function does, given its arguments, the receiver first. A binding is called for any
/// arguments whose number fits: those of other types are answered with [`EvalError::no_such_overload`].
pub type Binding = for<'d> fn(&[Value<'d>]) -> Result<Value<'d>, EvalError>;

/// The cost of a call, given its arguments and its result.
pub type Cost = for<'a, 'd> fn(&'a [Value<'d>], &'a Value<'d>) -> u64;

/// The work of a call, given its arguments: about the number of values it reads.
pub type Work = for<'a, 'd> fn(&'a [Value<'d>]) -> u64;

/// Prepares a call whose constant arguments are known (`None` stands for one that is not):
/// compiles a regular expression, say. `Ok(None)`: nothing to prepare.
pub type Prepare = fn(&[Option<&Value<'static>>]) -> Result<Option<PreparedBinding>, EvalError>;

/// A binding that owns what was prepared for it.
pub type PreparedBinding =
    Arc<dyn for<'d> Fn(&[Value<'d>]) -> Result<Value<'d>, EvalError> + Send + Sync>;

impl Function {
    /// A function without overloads yet.
    #[must_use]
    pub const fn new(name: &'static str) -> Self {
        Self {
            name,
            overloads: Vec::new(),
        }
    }

    /// Adds an overload.
    #[must_use]
    pub fn overload(mut self, overload: Overload) -> Self {
        self.overloads.push(overload);
        self
    }
}

impl Overload {
    /// A function's overload that the planner evaluates itself, until [`Overload::bind`].
    #[must_use]
    pub fn global(id: &'static str, params: Vec<Type>, result: Type) -> Self {
        Self {
            id,
            member: false,
            params,
            result,
            binding: None,
            cost: None,
            unresolved_cost: None,
            work: None,
            unguarded: false,
            singleton: false,
            variadic: false,
            tracked: None,
            non_strict: false,
            prepare: None,
        }
    }

    /// A method's overload: the first parameter is the receiver.
    #[must_use]
    pub fn member(id: &'static str, params: Vec<Type>, result: Type) -> Self {
        Self {
            member: true,
            ..Self::global(id, params, result)
        }
    }

    /// Sets what it does.
    #[must_use]
    pub fn bind(mut self, binding: Binding) -> Self {
        self.binding = Some(binding);
        self
    }

    /// Sets its cost.
    #[must_use]
    pub fn cost(mut self, cost: Cost) -> Self {
        self.cost = Some(cost);
        self
    }

    /// Sets its cost where only evaluation chooses the overload.
    #[must_use]
    pub fn unresolved_cost(mut self, cost: Cost) -> Self {
        self.unresolved_cost = Some(cost);
        self
    }

    /// Sets how much work it is.
    #[must_use]
    pub fn work(mut self, work: Work) -> Self {
        self.work = Some(work);
        self
    }

    /// Has the binding called whatever the types of the arguments are.
    #[must_use]
    pub fn unguarded(mut self) -> Self {
        self.unguarded = true;
        self
    }

    /// Makes it one of a function that has one binding for all its overloads.
    #[must_use]
    pub fn singleton(mut self) -> Self {
        self.unguarded = true;
        self.singleton = true;
        self
    }

    /// Has no argument read after one that failed.
    #[must_use]
    pub fn variadic(mut self) -> Self {
        self.variadic = true;
        self
    }

    /// Sets what the cost tracker takes for granted of an argument.
    #[must_use]
    pub fn tracked(mut self, argument: usize, kind: Tracked) -> Self {
        self.tracked = Some((argument, kind));
        self
    }

    /// Sets how constant arguments are prepared.
    #[must_use]
    pub fn prepare(mut self, prepare: Prepare) -> Self {
        self.prepare = Some(prepare);
        self
    }
}
