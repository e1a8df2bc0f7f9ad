//! Checked tree to program: names are slots, overloads are chosen, constants are prepared.

use std::sync::Arc;

use crate::ast::ExprId;
use crate::check::CheckedAst;
use crate::env::Environment;
use crate::issue::{Issue, Phase};
use crate::source::{Source, Span};
use crate::types::Type;

mod fold;
mod planner;
pub(crate) mod step;

use planner::Planner;
use step::Step;

/// The name of the object type whose fields are the lazy variables, in the order of
/// [`crate::eval::Activation::set_lazy`]: kube-apiserver's type of `variables`.
pub const VARIABLES_TYPE: &str = "kubernetes.variables";

/// An expression that can be evaluated any number of times.
#[derive(Clone, Debug)]
pub struct Program {
    pub(crate) root: Step,
    /// How many comprehension variables it has.
    pub(crate) frame: usize,
    /// How deep its expressions are nested.
    pub(crate) depth: u32,
    output: Type,
    spans: Arc<[Option<Span>]>,
}

impl Program {
    /// Makes a program: folds constants and compiles constant regular expressions, which may fail.
    ///
    /// # Errors
    /// What cel-go's program creation reports, such as `integer overflow` for
    /// `int(18446744073709551615u)`. kube-apiserver prints only the message.
    pub fn new(checked: &CheckedAst, source: &Source, env: &Environment) -> Result<Self, Issue> {
        let mut planner = Planner::new(checked, env);
        match planner.plan(&checked.ast.expr) {
            Ok(root) => Ok(Self {
                root,
                frame: planner.frame,
                depth: planner.deepest,
                output: checked.output.clone(),
                spans: checked.ast.info.spans.clone().into(),
            }),
            Err(error) => {
                let offset = checked.ast.info.offset(error.expr()).unwrap_or_default();
                Err(Issue {
                    phase: Phase::Program,
                    message: error.message().to_owned(),
                    offset,
                    location: source.location(offset),
                    expr: error.expr(),
                })
            }
        }
    }

    /// The checked type of its result.
    #[must_use]
    pub const fn output_type(&self) -> &Type {
        &self.output
    }

    /// The text of an expression of it; none where it was made by a macro.
    #[must_use]
    pub fn span(&self, expr: ExprId) -> Option<Span> {
        self.spans.get(expr as usize).copied().flatten()
    }
}
