//! cel-go's string functions, in the versions Kubernetes pins: 0 before 1.29, 2 since.

mod format;

use super::support::{
    Outcome, STRING_TRAVERSAL, double_traversal, elements, int, list, list_of_texts, size, text,
    traversal, walk,
};
use crate::eval::EvalError;
use crate::library::{Function, Library, Overload};
use crate::types::Type;
use crate::value::{Value, go, weight};

/// cel-go's strings extension. Version 1 adds `format` and `strings.quote`, version 2 lets `join`
/// take lists of any values, version 3 adds `reverse`.
#[must_use]
pub fn library(version: u32) -> Library {
    let mut functions = vec![
        char_at(),
        index_of(),
        last_index_of(),
        lower_ascii(),
        replace(),
        split(),
        substring(),
        trim(),
        upper_ascii(),
    ];
    if version >= 1 {
        functions.extend([format(), quote()]);
    }
    functions.push(join());
    if version >= 3 {
        functions.push(reverse());
    }
    Library {
        name: "cel.lib.ext.strings",
        version,
        functions,
        ..Library::default()
    }
}

fn out_of_range(index: i64) -> EvalError {
    EvalError::new(format!("index out of range: {index}"))
}

/// An index into characters: 0 to their number.
fn position(index: i64, len: usize) -> Result<usize, EvalError> {
    usize::try_from(index)
        .ok()
        .filter(|index| *index <= len)
        .ok_or_else(|| out_of_range(index))
}

/// `string.charAt(int) -> string` (1.23): `'hello'.charAt(4)` is `'o'`, `'hello'.charAt(5)` is `''`.
/// Error: `index out of range: N`.
#[must_use]
pub fn char_at() -> Function {
    Function::new("charAt").overload(
        Overload::member(
            "string_char_at_int",
            vec![Type::String, Type::Int],
            Type::String,
        )
        .bind(|args| {
            let (text, index) = (text(args, 0)?, int(args, 1)?);
            let at = position(index, text.chars().count())?;
            let char: String = text.chars().skip(at).take(1).collect();
            Ok(Value::string(char))
        }),
    )
}

/// `string.indexOf(string[, int]) -> int` (1.23): `'hello'.indexOf('l')` is 2; -1 where it does
/// not occur. Error: `index out of range: N` for a negative start.
#[must_use]
pub fn index_of() -> Function {
    Function::new("indexOf")
        .overload(
            Overload::member(
                "string_index_of_string",
                vec![Type::String, Type::String],
                Type::Int,
            )
            .cost(walk)
            .bind(|args| find_from(text(args, 0)?, text(args, 1)?, 0)),
        )
        .overload(
            Overload::member(
                "string_index_of_string_int",
                vec![Type::String, Type::String, Type::Int],
                Type::Int,
            )
            .cost(walk)
            .bind(|args| find_from(text(args, 0)?, text(args, 1)?, int(args, 2)?)),
        )
}

fn find_from<'d>(text: &str, part: &str, start: i64) -> Outcome<'d> {
    if part.is_empty() {
        return Ok(Value::Int(start));
    }
    let start = usize::try_from(start).map_err(|_| out_of_range(start))?;
    let found = text
        .char_indices()
        .enumerate()
        .skip(start)
        .find(|(_, (byte, _))| text.get(*byte..).is_some_and(|rest| rest.starts_with(part)))
        .map_or(-1, |(index, _)| index as i64);
    Ok(Value::Int(found))
}

/// `string.lastIndexOf(string[, int]) -> int` (1.23): `'hello'.lastIndexOf('l')` is 3; -1 where
/// it does not occur. Error: `index out of range: N` for a negative start.
#[must_use]
pub fn last_index_of() -> Function {
    Function::new("lastIndexOf")
        .overload(
            Overload::member(
                "string_last_index_of_string",
                vec![Type::String, Type::String],
                Type::Int,
            )
            .cost(walk)
            .bind(|args| {
                let (text, part) = (text(args, 0)?, text(args, 1)?);
                let len = text.chars().count() as i64;
                if part.is_empty() {
                    Ok(Value::Int(len))
                } else if text.len() < part.len() {
                    Ok(Value::Int(-1))
                } else {
                    find_back_from(text, part, len - 1)
                }
            }),
        )
        .overload(
            Overload::member(
                "string_last_index_of_string_int",
                vec![Type::String, Type::String, Type::Int],
                Type::Int,
            )
            .cost(walk)
            .bind(|args| find_back_from(text(args, 0)?, text(args, 1)?, int(args, 2)?)),
        )
}

fn find_back_from<'d>(text: &str, part: &str, start: i64) -> Outcome<'d> {
    if part.is_empty() {
        return Ok(Value::Int(start));
    }
    let start = usize::try_from(start).map_err(|_| out_of_range(start))?;
    if start >= text.chars().count() {
        return Ok(Value::Int(-1));
    }
    let found = text
        .char_indices()
        .enumerate()
        .take(start + 1)
        .filter(|(_, (byte, _))| text.get(*byte..).is_some_and(|rest| rest.starts_with(part)))
        .last()
        .map_or(-1, |(index, _)| index as i64);
    Ok(Value::Int(found))
}

/// `string.lowerAscii() -> string` (1.23): `'TacoCat'.lowerAscii()` is `'tacocat'`. No errors.
#[must_use]
pub fn lower_ascii() -> Function {
    Function::new("lowerAscii").overload(
        Overload::member("string_lower_ascii", vec![Type::String], Type::String)
            .cost(traversal)
            .bind(|args| Ok(Value::string(text(args, 0)?.to_ascii_lowercase()))),
    )
}

/// `string.upperAscii() -> string` (1.23): `'TacoCat'.upperAscii()` is `'TACOCAT'`. No errors.
#[must_use]
pub fn upper_ascii() -> Function {
    Function::new("upperAscii").overload(
        Overload::member("string_upper_ascii", vec![Type::String], Type::String)
            .cost(traversal)
            .bind(|args| Ok(Value::string(text(args, 0)?.to_ascii_uppercase()))),
    )
}

/// `string.replace(string, string[, int]) -> string` (1.23): `'a.b.c'.replace('.', '-', 1)` is
/// `'a-b.c'`; a negative count replaces all. No errors.
#[must_use]
pub fn replace() -> Function {
    let texts = || vec![Type::String, Type::String, Type::String];
    let mut counted = texts();
    counted.push(Type::Int);
    Function::new("replace")
        .overload(
            Overload::member("string_replace_string_string", texts(), Type::String)
                .cost(double_traversal)
                .work(replace_work)
                .bind(|args| {
                    let replaced = text(args, 0)?.replace(text(args, 1)?, text(args, 2)?);
                    Ok(Value::string(replaced))
                }),
        )
        .overload(
            Overload::member("string_replace_string_string_int", counted, Type::String)
                .cost(double_traversal)
                .work(replace_work)
                .bind(|args| {
                    let (old, new) = (text(args, 1)?, text(args, 2)?);
                    let count = usize::try_from(int(args, 3)?).unwrap_or(usize::MAX);
                    Ok(Value::string(text(args, 0)?.replacen(old, new, count)))
                }),
        )
}

/// What comes out may be longer than what goes in, which is all that the cost looks at.
fn replace_work(args: &[Value<'_>]) -> u64 {
    let (Ok(subject), Ok(old), Ok(new)) = (text(args, 0), text(args, 1), text(args, 2)) else {
        return 0;
    };
    let growth = new.len().saturating_sub(old.len());
    if growth == 0 {
        return 0;
    }
    let most = args.get(3).map_or(usize::MAX, |count| match count {
        Value::Int(count) => usize::try_from(*count).unwrap_or(usize::MAX),
        _ => 0,
    });
    let count = subject.matches(old).count().min(most);
    u64::try_from(count.saturating_mul(growth) / 16).unwrap_or(u64::MAX)
}

/// `string.split(string[, int]) -> list(string)` (1.23): `'a,b,c'.split(',', 2)` is
/// `['a', 'b,c']`; a negative count splits everywhere, 0 gives `[]`. No errors.
#[must_use]
pub fn split() -> Function {
    let result = Type::list(Type::String);
    Function::new("split")
        .overload(
            Overload::member(
                "string_split_string",
                vec![Type::String, Type::String],
                result.clone(),
            )
            .cost(double_traversal)
            .bind(|args| Ok(pieces(text(args, 0)?, text(args, 1)?, usize::MAX))),
        )
        .overload(
            Overload::member(
                "string_split_string_int",
                vec![Type::String, Type::String, Type::Int],
                result,
            )
            .cost(double_traversal)
            .bind(|args| {
                let count = usize::try_from(int(args, 2)?).unwrap_or(usize::MAX);
                Ok(pieces(text(args, 0)?, text(args, 1)?, count))
            }),
        )
}

/// As Go's `strings.SplitN`: an empty separator splits between characters.
fn pieces<'d>(text: &str, separator: &str, count: usize) -> Value<'d> {
    if !separator.is_empty() {
        return list_of_texts(text.splitn(count, separator));
    }
    let mut parts = Vec::new();
    let mut rest = text;
    while parts.len() < count {
        let Some(char) = rest.chars().next() else {
            break;
        };
        let end = if parts.len() + 1 == count {
            rest.len()
        } else {
            char.len_utf8()
        };
        let Some((part, after)) = rest.split_at_checked(end) else {
            break;
        };
        parts.push(part);
        rest = after;
    }
    list_of_texts(parts)
}

/// `string.substring(int[, int]) -> string` (1.23): `'tacocat'.substring(0, 4)` is `'taco'`.
/// Errors: `index out of range: N`, `invalid substring range. start: A, end: B`.
#[must_use]
pub fn substring() -> Function {
    Function::new("substring")
        .overload(
            Overload::member(
                "string_substring_int",
                vec![Type::String, Type::Int],
                Type::String,
            )
            .cost(traversal)
            .bind(|args| {
                let text = text(args, 0)?;
                let start = position(int(args, 1)?, text.chars().count())?;
                Ok(Value::string(text.chars().skip(start).collect::<String>()))
            }),
        )
        .overload(
            Overload::member(
                "string_substring_int_int",
                vec![Type::String, Type::Int, Type::Int],
                Type::String,
            )
            .cost(traversal)
            .bind(|args| {
                let (text, start, end) = (text(args, 0)?, int(args, 1)?, int(args, 2)?);
                if start > end {
                    return Err(EvalError::new(format!(
                        "invalid substring range. start: {start}, end: {end}"
                    )));
                }
                let len = text.chars().count();
                let (start, end) = (position(start, len)?, position(end, len)?);
                let part: String = text.chars().skip(start).take(end - start).collect();
                Ok(Value::string(part))
            }),
        )
}

/// `string.trim() -> string` (1.23): `'  trim\n '.trim()` is `'trim'`. No errors.
#[must_use]
pub fn trim() -> Function {
    Function::new("trim").overload(
        Overload::member("string_trim", vec![Type::String], Type::String)
            .cost(traversal)
            .bind(|args| Ok(Value::string(text(args, 0)?.trim()))),
    )
}

/// `string.reverse() -> string`: `'gums'.reverse()` is `'smug'`. No errors. In no Kubernetes
/// version yet: it belongs to version 3 of the library.
#[must_use]
pub fn reverse() -> Function {
    Function::new("reverse").overload(
        Overload::member("string_reverse", vec![Type::String], Type::String).bind(|args| {
            Ok(Value::string(
                text(args, 0)?.chars().rev().collect::<String>(),
            ))
        }),
    )
}

/// `string.format(list(dyn)) -> string` (1.29): `'%s is %d'.format(['x', 1])` is `'x is 1'`.
/// Errors: `index N out of range`, `unexpected end of string`,
/// `could not parse formatting clause: ..`, `error during formatting: ..`.
#[must_use]
pub fn format() -> Function {
    let list_of_any = Type::list(Type::Dyn);
    Function::new("format").overload(
        Overload::member(
            "string_format",
            vec![Type::String, list_of_any],
            Type::String,
        )
        .cost(traversal)
        .variadic()
        .work(weight::arguments)
        .bind(|args| format::format(text(args, 0)?, list(args, 1)?).map(Value::string)),
    )
}

/// `strings.quote(string) -> string` (1.29): `strings.quote('say "hi"')` is `'"say \\"hi\\""'`.
/// No errors.
#[must_use]
pub fn quote() -> Function {
    Function::new("strings.quote").overload(
        Overload::global("strings_quote", vec![Type::String], Type::String)
            .cost(traversal)
            .bind(|args| {
                let text = text(args, 0)?;
                let mut quoted = String::with_capacity(text.len() + 2);
                quoted.push('"');
                for char in text.chars() {
                    match char {
                        '\u{7}' => quoted.push_str("\\a"),
                        '\u{8}' => quoted.push_str("\\b"),
                        '\u{c}' => quoted.push_str("\\f"),
                        '\n' => quoted.push_str("\\n"),
                        '\r' => quoted.push_str("\\r"),
                        '\t' => quoted.push_str("\\t"),
                        '\u{b}' => quoted.push_str("\\v"),
                        '\\' => quoted.push_str("\\\\"),
                        '"' => quoted.push_str("\\\""),
                        other => quoted.push(other),
                    }
                }
                quoted.push('"');
                Ok(Value::string(quoted))
            }),
    )
}

/// `list(string).join([string]) -> string` (1.23): `['a', 'b'].join('-')` is `'a-b'`.
/// Error: `join: invalid input: X`.
#[must_use]
pub fn join() -> Function {
    let texts = Type::list(Type::String);
    Function::new("join")
        .overload(
            Overload::member("list_join", vec![texts.clone()], Type::String)
                .cost(join_cost)
                .work(join_work)
                .bind(|args| joined(args, "")),
        )
        .overload(
            Overload::member("list_join_string", vec![texts, Type::String], Type::String)
                .cost(join_cost)
                .work(join_work)
                .bind(|args| joined(args, text(args, 1)?)),
        )
}

fn joined<'d>(args: &[Value<'d>], separator: &str) -> Outcome<'d> {
    let mut result = String::new();
    for (index, element) in elements(list(args, 0)?).enumerate() {
        if index != 0 {
            result.push_str(separator);
        }
        match &element {
            Value::String(text) => result.push_str(text),
            other => {
                let text = go::print(other);
                return Err(EvalError::new(format!("join: invalid input: {text}")));
            }
        }
    }
    Ok(Value::string(result))
}

/// The same text may stand in the list many times over.
fn join_work(args: &[Value<'_>]) -> u64 {
    let separators = match (args.first(), args.get(1)) {
        (Some(Value::List(list)), Some(Value::String(separator))) => {
            list.len().saturating_mul(separator.len()) / 16
        }
        _ => 0,
    };
    let separators = u64::try_from(separators).unwrap_or(u64::MAX);
    weight::arguments(args).saturating_add(separators)
}

fn join_cost(_args: &[Value<'_>], result: &Value<'_>) -> u64 {
    (size(result) as f64 * 2.0 * STRING_TRAVERSAL).ceil() as u64
}
