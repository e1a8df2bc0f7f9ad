//! The texts of syntax errors, as cel-go and ANTLR print them.

use super::lexer::{KINDS, TokenKind};
use super::net::{Tokens, bit};

pub(super) const INVALID_CODE_POINT: &str = "invalid unicode code point";
pub(super) const CANNOT_UNESCAPE: &str = "unable to unescape string";
pub(super) const TRAILING_BACKSLASH: &str =
    "unable to unescape string, found '\\' as last character";
pub(super) const INVALID_INT: &str = "invalid int literal";
pub(super) const INVALID_UINT: &str = "invalid uint literal";
pub(super) const INVALID_DOUBLE: &str = "invalid double literal";
pub(super) const UNSUPPORTED_ESCAPED_IDENTIFIER: &str = "unsupported syntax: '`'";
pub(super) const UNSUPPORTED_IDENTIFIER: &str = "unsupported ident kind";
pub(super) const UNSUPPORTED_OPTIONAL_SELECT: &str = "unsupported syntax '.?'";
pub(super) const UNSUPPORTED_OPTIONAL_INDEX: &str = "unsupported syntax '[?'";
pub(super) const UNSUPPORTED_OPTIONAL: &str = "unsupported syntax '?'";
pub(super) const VISIT_DEPTH: &str = "max recursion depth exceeded";
pub(super) const NOT_A_SIMPLE_NAME: &str = "argument must be a simple name";
pub(super) const NOT_AN_IDENTIFIER: &str = "argument is not an identifier";
pub(super) const OVERWRITES_ACCUMULATOR: &str =
    "iteration variable overwrites accumulator variable";
pub(super) const INVALID_HAS: &str = "invalid argument to has() macro";

pub(super) fn reserved_identifier(name: &str) -> String {
    format!("reserved identifier: {name}")
}

pub(super) fn recursion_limit(limit: u32) -> String {
    format!("expression recursion limit exceeded: {limit}")
}

pub(super) fn size_limit(size: usize, limit: usize) -> String {
    format!("expression code point size exceeds limit: size: {size}, limit {limit}")
}

/// Our own: cel-go has no such limit.
pub(super) fn too_many_expressions(limit: u32) -> String {
    format!("macros make more than {limit} expressions of the text")
}

pub(super) fn syntax(message: &str) -> String {
    format!("Syntax error: {message}")
}

pub(super) fn token_recognition(text: &str) -> String {
    format!("token recognition error at: '{text}'")
}

pub(super) fn too_many(limit: usize) -> String {
    format!("More than {limit} syntax errors")
}

pub(super) fn recovery_limit(limit: u32) -> String {
    format!("error recovery attempt limit exceeded: {limit}")
}

pub(super) fn lookahead_limit(limit: u32) -> String {
    format!("error recovery token lookahead limit exceeded: {limit}")
}

pub(super) fn missing(expected: Tokens, found: &str) -> String {
    format!("missing {} at {found}", set(expected))
}

pub(super) fn mismatched(found: &str, expected: Tokens) -> String {
    format!("mismatched input {found} expecting {}", set(expected))
}

pub(super) fn extraneous(found: &str, expected: Tokens) -> String {
    format!("extraneous input {found} expecting {}", set(expected))
}

/// cel-go words the use of a literal's keyword as a name in its own way: whatever single character
/// stands before it.
pub(super) fn no_viable_alternative(input: &str) -> String {
    let mut after = input.chars();
    after.next();
    let keyword = after.as_str();
    if matches!(keyword, "true" | "false" | "null") {
        return format!("mismatched input '{keyword}' expecting IDENTIFIER");
    }
    format!("no viable alternative at input {}", quote(input))
}

/// A token's text as ANTLR shows it.
pub(super) fn quote(text: &str) -> String {
    let text = text.replace('\t', "\\t");
    format!("'{}'", text.replace('\n', "\\n").replace('\r', "\\r"))
}

/// A set of tokens as ANTLR shows it.
fn set(tokens: Tokens) -> String {
    let names: Vec<&str> = KINDS
        .into_iter()
        .filter(|kind| tokens & bit(*kind) != 0)
        .map(name)
        .collect();
    match names.as_slice() {
        [single] => (*single).to_owned(),
        [] => "{}".to_owned(),
        _ => format!("{{{}}}", names.join(", ")),
    }
}

/// The name of a token as ANTLR shows it.
const fn name(kind: TokenKind) -> &'static str {
    match kind {
        TokenKind::Eof => "<EOF>",
        TokenKind::Equals => "'=='",
        TokenKind::NotEquals => "'!='",
        TokenKind::In => "'in'",
        TokenKind::Less => "'<'",
        TokenKind::LessEquals => "'<='",
        TokenKind::GreaterEquals => "'>='",
        TokenKind::Greater => "'>'",
        TokenKind::LogicalAnd => "'&&'",
        TokenKind::LogicalOr => "'||'",
        TokenKind::LeftBracket => "'['",
        TokenKind::RightBracket => "']'",
        TokenKind::LeftBrace => "'{'",
        TokenKind::RightBrace => "'}'",
        TokenKind::LeftParen => "'('",
        TokenKind::RightParen => "')'",
        TokenKind::Dot => "'.'",
        TokenKind::Comma => "','",
        TokenKind::Minus => "'-'",
        TokenKind::Exclam => "'!'",
        TokenKind::QuestionMark => "'?'",
        TokenKind::Colon => "':'",
        TokenKind::Plus => "'+'",
        TokenKind::Star => "'*'",
        TokenKind::Slash => "'/'",
        TokenKind::Percent => "'%'",
        TokenKind::True => "'true'",
        TokenKind::False => "'false'",
        TokenKind::Null => "'null'",
        TokenKind::Float => "NUM_FLOAT",
        TokenKind::Int => "NUM_INT",
        TokenKind::Uint => "NUM_UINT",
        TokenKind::String => "STRING",
        TokenKind::Bytes => "BYTES",
        TokenKind::Identifier => "IDENTIFIER",
        TokenKind::EscapedIdentifier => "ESC_IDENTIFIER",
    }
}
