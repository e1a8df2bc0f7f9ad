//! Compile errors: what is wrong with an expression, and where, in cel-go's words.

use crate::ast::ExprId;
use crate::source::{Location, Source};

/// Which phase refused the expression.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Phase {
    /// The text is not CEL.
    Syntax,
    /// The text is CEL, but its types, names or overloads do not fit, or an AST validator
    /// refused it.
    Check,
    /// It cannot be made a program: what cel-go reports without a place.
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

/// How many errors cel-go keeps and prints.
const MAX_ERRORS: usize = 100;

/// All errors, sorted by place as cel-go's `common.Errors.ToDisplayString` does, one a line;
/// past a hundred only their number.
#[must_use]
pub fn display_all(issues: &[Issue], source: &Source) -> String {
    let mut sorted: Vec<&Issue> = issues.iter().take(MAX_ERRORS).collect();
    sorted.sort_by_key(|issue| issue.location);
    let mut lines: Vec<String> = sorted.iter().map(|issue| issue.display(source)).collect();
    if issues.len() > MAX_ERRORS {
        let truncated = issues.len() - MAX_ERRORS;
        lines.push(format!("{truncated} more errors were truncated"));
    }
    lines.join("\n")
}
