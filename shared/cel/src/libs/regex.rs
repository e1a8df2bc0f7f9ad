//! Kubernetes' regular expression functions: `find` and `findAll` (Kubernetes 1.23).

use std::sync::Arc;

use crate::re2::{self, Regex};

use super::support::{
    Outcome, REGEX_LENGTH, STRING_TRAVERSAL, arg_size, int, list_of_texts, scaled, text,
};
use crate::eval::EvalError;
use crate::library::{Function, Library, Overload, PreparedBinding};
use crate::types::Type;
use crate::value::Value;

/// Kubernetes' regex library; there is one version of it.
#[must_use]
pub fn library(version: u32) -> Library {
    Library {
        name: "kubernetes.regex",
        version,
        functions: vec![find(), find_all()],
        ..Library::default()
    }
}

fn search_cost(args: &[Value<'_>], _result: &Value<'_>) -> u64 {
    let text = ((1.0 + arg_size(args, 0) as f64) * STRING_TRAVERSAL).ceil() as u64;
    text.saturating_mul(scaled(arg_size(args, 1), REGEX_LENGTH))
}

/// Counted as if the pattern was compiled for the call, which a constant is not.
fn find_work(args: &[Value<'_>]) -> u64 {
    work(args, re2::search_work)
}

fn find_all_work(args: &[Value<'_>]) -> u64 {
    work(args, re2::search_all_work)
}

fn work(args: &[Value<'_>], search: fn(usize, u64) -> u64) -> u64 {
    let (Some(Value::String(text)), Some(Value::String(pattern))) = (args.first(), args.get(1))
    else {
        return 0;
    };
    let size = re2::size(pattern);
    re2::compile_work(size).saturating_add(search(text.len(), size))
}

/// Compiles a pattern that is known only when the expression is evaluated.
fn compile(pattern: &str) -> Result<Regex, EvalError> {
    crate::re2::Regex::new(pattern).map_err(|why| EvalError::new(format!("Illegal regex: {why}")))
}

/// The constant pattern of a call, compiled.
fn prepared(args: &[Option<&Value<'static>>]) -> Result<Option<Regex>, EvalError> {
    match args.get(1) {
        Some(Some(Value::String(pattern))) => crate::re2::Regex::new(pattern)
            .map(Some)
            .map_err(EvalError::new),
        _ => Ok(None),
    }
}

/// `string.find(string) -> string` (1.23): `'abc 123'.find('[0-9]+')` is `'123'`; `''` where
/// nothing matches. Errors: `Illegal regex: error parsing regexp: ..`; of a literal pattern the
/// same without `Illegal regex: ` when the program is made.
#[must_use]
pub fn find() -> Function {
    Function::new("find").overload(
        Overload::member(
            "string_find_string",
            vec![Type::String, Type::String],
            Type::String,
        )
        .cost(search_cost)
        .work(find_work)
        .bind(|args| first(&compile(text(args, 1)?)?, text(args, 0)?))
        .prepare(|args| {
            Ok(prepared(args)?.map(|pattern| -> PreparedBinding {
                Arc::new(move |args| first(&pattern, native_text(args)?))
            }))
        }),
    )
}

fn first<'d>(pattern: &Regex, text: &str) -> Outcome<'d> {
    Ok(Value::string(
        pattern
            .find(text)
            .and_then(|found| text.get(found))
            .unwrap_or_default(),
    ))
}

/// `string.findAll(string[, int]) -> list(string)` (1.23): `'1 2 3'.findAll('[0-9]', 2)` is
/// `['1', '2']`; a negative limit is none. Errors as of `find`.
#[must_use]
pub fn find_all() -> Function {
    let result = Type::list(Type::String);
    Function::new("findAll")
        .overload(
            Overload::member(
                "string_find_all_string",
                vec![Type::String, Type::String],
                result.clone(),
            )
            .cost(search_cost)
            .work(find_all_work)
            .bind(|args| all(&compile(text(args, 1)?)?, args))
            .prepare(|args| prepare_all(prepared(args)?)),
        )
        .overload(
            Overload::member(
                "string_find_all_string_int",
                vec![Type::String, Type::String, Type::Int],
                result,
            )
            .cost(search_cost)
            .work(find_all_work)
            .bind(|args| all(&compile(text(args, 1)?)?, args))
            .prepare(|args| prepare_all(prepared(args)?)),
        )
}

/// The first argument where its Go value is a string: a type's is its name. The optimized calls
/// look at no more than that; others are called with strings only.
fn native_text<'a>(args: &'a [Value<'_>]) -> Result<&'a str, EvalError> {
    match args.first() {
        Some(Value::Type(of)) => Ok(of.name()),
        _ => text(args, 0),
    }
}

fn prepare_all(pattern: Option<Regex>) -> Result<Option<PreparedBinding>, EvalError> {
    Ok(pattern.map(|pattern| -> PreparedBinding { Arc::new(move |args| all(&pattern, args)) }))
}

fn all<'d>(pattern: &Regex, args: &[Value<'d>]) -> Outcome<'d> {
    let limit = if args.len() > 2 { int(args, 2)? } else { -1 };
    let limit = usize::try_from(limit).unwrap_or(usize::MAX);
    let text = native_text(args)?;
    let mut all = Vec::new();
    for found in pattern.find_iter(text).take(limit) {
        let found = found.map_err(|re2::TooMuchWork| EvalError::cancelled())?;
        all.push(text.get(found).unwrap_or_default());
    }
    Ok(list_of_texts(all))
}
