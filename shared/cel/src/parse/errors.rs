//! The texts of syntax errors, as cel-go and ANTLR print them.

pub(super) const INVALID_CODE_POINT: &str = "invalid unicode code point";
pub(super) const CANNOT_UNESCAPE: &str = "unable to unescape string";
pub(super) const TRAILING_BACKSLASH: &str =
    "unable to unescape string, found '\\' as last character";
pub(super) const INVALID_INT: &str = "invalid int literal";
pub(super) const INVALID_UINT: &str = "invalid uint literal";
pub(super) const INVALID_DOUBLE: &str = "invalid double literal";
pub(super) const UNSUPPORTED_ESCAPED_IDENTIFIER: &str = "unsupported syntax: '`'";
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

pub(super) fn syntax(message: &str) -> String {
    format!("Syntax error: {message}")
}

pub(super) fn token_recognition(text: &str) -> String {
    format!("token recognition error at: '{text}'")
}
