//! Text to program in one step, for those who need nothing in between.

use std::fmt;

use crate::check::{CheckedAst, check};
use crate::env::Environment;
use crate::issue::{Issue, Phase, display_all};
use crate::parse::parse;
use crate::plan::Program;
use crate::source::Source;
use crate::types::Type;

/// An expression that compiled: its text, its checked tree and its program.
#[derive(Clone, Debug)]
pub struct Compiled {
    /// The text.
    pub source: Source,
    /// The tree with its types.
    pub checked: CheckedAst,
    /// What is evaluated.
    pub program: Program,
}

impl Compiled {
    /// The type of the expression.
    #[must_use]
    pub const fn output_type(&self) -> &Type {
        &self.checked.output
    }
}

/// Why an expression does not compile: the errors of the first phase that refused it.
#[derive(Clone, Debug)]
pub struct CompileError {
    /// The text.
    pub source: Source,
    /// The errors, at least one.
    pub issues: Vec<Issue>,
}

impl fmt::Display for CompileError {
    /// As cel-go prints its issues: a block for each error, with its line of the text. Why an
    /// expression cannot be made a program has no place, and is the text alone.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.issues.as_slice() {
            [issue] if issue.phase == Phase::Program => f.write_str(&issue.message),
            issues => f.write_str(&display_all(issues, &self.source)),
        }
    }
}

impl std::error::Error for CompileError {}

impl Environment {
    /// Parses, checks and plans an expression.
    ///
    /// # Errors
    /// The errors of the first phase that refuses the expression.
    pub fn compile(&self, text: &str) -> Result<Compiled, CompileError> {
        let source = Source::new(text);
        let parsed = parse(&source, self);
        if !parsed.issues.is_empty() {
            let issues = parsed.issues;
            return Err(CompileError { source, issues });
        }
        let checked = check(parsed.ast, &source, self);
        if !checked.issues.is_empty() {
            let issues = checked.issues;
            return Err(CompileError { source, issues });
        }
        let checked = checked.checked;
        match Program::new(&checked, &source, self) {
            Ok(program) => Ok(Compiled {
                source,
                checked,
                program,
            }),
            Err(issue) => Err(CompileError {
                source,
                issues: vec![issue],
            }),
        }
    }
}
