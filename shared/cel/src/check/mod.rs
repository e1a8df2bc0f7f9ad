//! Syntax tree to types and overloads, in side tables by expression id.

use std::sync::Arc;

use crate::ast::{Ast, ExprId, SourceInfo};
use crate::env::Environment;
use crate::issue::{Issue, Phase};
use crate::source::Source;
use crate::types::Type;

mod checker;
mod errors;
mod format_literal;
mod names;
mod unify;
mod validate;
mod wellknown;

use checker::Checker;

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

/// How deep trees may nest. What the parser lets pass is lower (250 levels of text, each of at
/// most five levels of a macro's expansion); a tree that was made otherwise must not exhaust the
/// stack.
const MAX_DEPTH: usize = 1_500;

/// How many parts a type may have. cel-go has no limit and takes exponential time and memory
/// where a chain of macros doubles its type at each step.
const MAX_TYPE_SIZE: usize = 1 << 16;

/// How deep a type may nest. An expression alone comes to less; but a variable of a policy may add
/// its own depth to that of the variable it reads, up to more than a stack holds.
const MAX_TYPE_DEPTH: usize = 600;

/// Checks a tree and, where it has no errors, runs the AST validators over it.
#[must_use]
pub fn check(ast: Ast, source: &Source, env: &Environment) -> Checked {
    let Ast { mut expr, info } = ast;
    let mut checker = Checker::new(env, source, &info);
    checker.check(&mut expr);
    let Checker {
        mut types,
        references,
        mut issues,
        unifier,
        ..
    } = checker;
    for t in types.iter_mut().flatten() {
        *t = unifier.substitute_free_with_dyn(t);
    }
    let root = types.get(expr.id as usize).and_then(Option::as_ref);
    let output = root.cloned().unwrap_or(Type::Error);
    let checked = CheckedAst {
        ast: Ast { expr, info },
        types,
        references,
        output,
    };
    if issues.is_empty() {
        issues = validate::validate(&checked, source, env);
    }
    Checked { checked, issues }
}

/// An error at the place of an expression.
fn report(phase: Phase, source: &Source, info: &SourceInfo, id: ExprId, message: String) -> Issue {
    let offset = info.offset(id).unwrap_or_default();
    Issue {
        phase,
        message,
        offset,
        location: source.location(offset),
        expr: id,
    }
}
