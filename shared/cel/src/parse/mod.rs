//! Text to syntax tree, with every syntax error found.

mod build;
mod errors;
mod grammar;
mod lexer;
pub mod macros;
mod net;
mod partial;
pub mod print;
mod recover;
pub mod standard_macros;
mod unescape;

use crate::ast::{Ast, Expr, ExprKind};
use crate::env::Environment;
use crate::issue::{Issue, Phase};
use crate::source::{Location, Source};

use build::Builder;
use grammar::Abort;
use macros::Macro;

/// How many code points a text may have: cel-go's default.
const MAX_SIZE: usize = 100_000;

/// The minor version from which on the environment has optional types, and their syntax.
const OPTIONAL_SYNTAX_SINCE: u16 = 28;

/// What the parser made of a text: a tree as far as it could be read, and the errors.
#[derive(Clone, Debug)]
pub struct Parsed {
    /// The tree; meant to be used further only where there are no issues.
    pub ast: Ast,
    /// The syntax errors.
    pub issues: Vec<Issue>,
}

/// Parses an expression with the macros of an environment.
#[must_use]
pub fn parse(source: &Source, env: &Environment) -> Parsed {
    let macros = env.libraries().iter().flat_map(|library| &library.macros);
    let optional_syntax = env.version().minor >= OPTIONAL_SYNTAX_SINCE;
    parse_with(source, macros.collect(), optional_syntax)
}

fn parse_with(source: &Source, macros: Vec<&Macro>, optional_syntax: bool) -> Parsed {
    let size = source.text().chars().count();
    if size > MAX_SIZE {
        return refused(errors::size_limit(size, MAX_SIZE));
    }
    let lexed = lexer::lex(source.text());
    let mut builder = Builder::new(source, macros, optional_syntax);
    match grammar::parse(&lexed.tokens, &mut builder) {
        Ok(expr) if lexed.errors.is_empty() => Parsed {
            ast: Ast {
                expr,
                info: builder.info,
            },
            issues: builder.issues,
        },
        Ok(_) | Err(Abort) => {
            let mut builder = Builder::new(source, builder.macros(), optional_syntax);
            if let Some(node) = recover::recover(&lexed, &mut builder) {
                partial::visit(&node, &mut builder);
            }
            if builder.issues.is_empty() {
                // no tree without a reason
                builder.report(None, errors::VISIT_DEPTH.to_owned());
            }
            Parsed {
                issues: builder.issues,
                ..refused(String::new())
            }
        }
    }
}

/// No tree, and an error that has no place.
fn refused(message: String) -> Parsed {
    Parsed {
        ast: Ast {
            expr: Expr {
                id: 0,
                kind: ExprKind::Unspecified,
            },
            info: crate::ast::SourceInfo::default(),
        },
        issues: vec![Issue {
            phase: Phase::Syntax,
            message,
            offset: 0,
            location: Location::NONE,
            expr: 0,
        }],
    }
}

#[cfg(test)]
mod tests;
