//! Compile errors: what is wrong with an expression, and where, in cel-go's words.

use crate::ast::ExprId;
use crate::source::{Location, Source};

/// Which phase refused the expression.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Phase {
    /// The text is not CEL.
    Syntax,
    /// The text is CEL, but its types, names or overloads do not fit.
    Check,
    /// An AST validator or the making of the program refused it.
    Program,
}

/// One compile error.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Issue {
    /// Where it was found.
    pub phase: Phase,
    /// cel-go's text of the error.
    pub message: String,
    /// Byte offset in the source.
    pub offset: u32,
    /// Line and column as cel-go reports them. It is kept beside the offset because cel-go
    /// reports some errors at places that no offset has (line 0, or past the end).
    pub location: Location,
    /// The expression it is about, 0 where there is none.
    pub expr: ExprId,
}

impl Issue {
    /// The error as cel-go prints it.
    #[must_use]
    pub fn display(&self, source: &Source) -> String {
        source.display_error(self.location, &self.message)
    }
}

/// All errors, sorted by place as cel-go's `common.Errors.ToDisplayString` does, one a line.
#[must_use]
pub fn display_all(issues: &[Issue], source: &Source) -> String {
    let mut sorted: Vec<&Issue> = issues.iter().collect();
    sorted.sort_by_key(|issue| issue.location);
    sorted
        .iter()
        .map(|issue| issue.display(source))
        .collect::<Vec<_>>()
        .join("\n")
}
