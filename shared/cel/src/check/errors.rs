//! What the checker says, in cel-go's words.

use crate::types::Type;

pub(super) fn undeclared_reference(name: &str) -> String {
    // Kubernetes sets no container
    format!("undeclared reference to '{name}' (in container '')")
}

pub(super) fn no_matching_overload(function: &str, args: &[Type], member: bool) -> String {
    let mut signature = String::new();
    let mut args = args.iter();
    if member && let Some(target) = args.next() {
        signature.push_str(&target.in_error().to_string());
        signature.push('.');
    }
    let args: Vec<_> = args.map(|arg| arg.in_error().to_string()).collect();
    format!(
        "found no matching overload for '{function}' applied to '{signature}({})'",
        args.join(", ")
    )
}

pub(super) fn type_mismatch(expected: &Type, found: &Type) -> String {
    format!(
        "expected type '{}' but found '{}'",
        expected.in_error(),
        found.in_error()
    )
}

pub(super) fn field_type_mismatch(field: &str, expected: &Type, found: &Type) -> String {
    format!(
        "expected type of field '{field}' is '{}' but provided type is '{}'",
        expected.in_error(),
        found.in_error()
    )
}

pub(super) fn undefined_field(field: &str) -> String {
    format!("undefined field '{field}'")
}

pub(super) fn unexpected_failed_resolution(type_name: &str) -> String {
    format!("unexpected failed resolution of '{type_name}'")
}

pub(super) fn no_field_selection(t: &Type) -> String {
    format!("type '{}' does not support field selection", t.in_error())
}

pub(super) fn not_a_comprehension_range(t: &Type) -> String {
    format!(
        "expression of type '{}' cannot be range of a comprehension (must be list, map, or dynamic)",
        t.in_error()
    )
}

pub(super) fn not_an_optional_field_selection(what: &str) -> String {
    format!("unsupported optional field selection: {what}")
}

pub(super) fn not_a_type(name: &str) -> String {
    format!("'{name}' is not a type")
}

pub(super) fn not_a_message_type(name: &str) -> String {
    format!("'{name}' is not a message type")
}

pub(super) fn unexpected_ast_type() -> String {
    "unexpected unspecified type: Expr".to_owned()
}

/// Ours: cel-go's parser refuses such an expression before its checker sees it.
pub(super) const TOO_DEEP: &str = "the expression is nested too deeply to be checked";

/// Ours: cel-go would not come to an end.
pub(super) const TOO_LARGE: &str = "the type of the expression has too many parts";

pub(super) fn invalid_argument(function: &str) -> String {
    format!("invalid {function} argument")
}

pub(super) fn too_many_format_arguments(expected: usize, found: usize) -> String {
    format!("too many arguments supplied to string.format (expected {expected}, got {found})")
}

pub(super) const FORMAT_ENDS: &str = "unexpected end of string";

pub(super) const FORMAT_STRING: &str = "string clause can only be used on strings, bools, bytes, ints, doubles, maps, lists, types, durations, and timestamps";
pub(super) const FORMAT_DECIMAL: &str = "decimal clause can only be used on integers";
pub(super) const FORMAT_FIXED: &str = "fixed-point clause can only be used on doubles";
pub(super) const FORMAT_SCIENTIFIC: &str = "scientific clause can only be used on doubles";
pub(super) const FORMAT_BINARY: &str = "only integers and bools can be formatted as binary";
pub(super) const FORMAT_HEX: &str =
    "only integers, byte buffers, and strings can be formatted as hex";
pub(super) const FORMAT_OCTAL: &str = "octal clause can only be used on integers";

pub(super) fn format_index_out_of_range(index: usize) -> String {
    format!("index {index} out of range")
}

pub(super) fn format_misfit(what: &str, t: &Type) -> String {
    format!("error during formatting: {what}, was given {}", t.name())
}

pub(super) fn format_unknown_clause(clause: char) -> String {
    format!("could not parse formatting clause: unrecognized formatting clause \"{clause}\"")
}

pub(super) fn format_precision_without_end() -> String {
    "could not parse formatting clause: error while parsing precision: could not find end of precision specifier".to_owned()
}

pub(super) fn format_precision_invalid(digits: &str) -> String {
    // strconv.Atoi's words
    let why = if digits.is_empty() {
        "invalid syntax"
    } else {
        "value out of range"
    };
    format!(
        "could not parse formatting clause: error while parsing precision: error while converting precision to integer: strconv.Atoi: parsing \"{digits}\": {why}"
    )
}
