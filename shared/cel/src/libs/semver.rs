//! Kubernetes' semantic versions: `semver('1.2.3')` and what can be asked of it (Kubernetes 1.33).
//!
//! Read here and not by the crate `semver`, whose errors and order of builds are others than
//! those of `github.com/blang/semver`, which Kubernetes uses.

use std::any::Any;
use std::cmp::Ordering;

use super::support::{
    boolean, go_quote, nominal, opaque, own, text, traversal, unsupported_conversion,
};
use crate::eval::EvalError;
use crate::library::{Binding, Function, Library, Overload};
use crate::types::Type;
use crate::value::{Opaque, Value};

#[cfg(test)]
mod tests;

/// Kubernetes' semver library. Version 1 adds the argument that normalizes.
#[must_use]
pub fn library(version: u32) -> Library {
    Library {
        name: "kubernetes.Semver",
        version,
        functions: vec![
            semver(version),
            is_semver(version),
            is_greater_than(),
            is_less_than(),
            compare_to(),
            major(),
            minor(),
            patch(),
        ],
        ..Library::default()
    }
}

fn semver_type() -> Type {
    Type::object("kubernetes.Semver")
}

/// A value of the type `kubernetes.Semver`.
#[derive(Debug)]
pub struct Semver {
    numbers: [u64; 3],
    prerelease: Vec<Prerelease>,
    build: Vec<String>,
}

/// A part of a prerelease: numbers stand before words.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Prerelease {
    Number(u64),
    Word(String),
}

impl Opaque for Semver {
    fn type_of(&self) -> Type {
        semver_type()
    }

    fn go_type(&self) -> &'static str {
        "cel.Semver"
    }

    fn as_any(&self) -> &dyn Any {
        self
    }

    fn equals(&self, other: &dyn Opaque) -> Result<bool, EvalError> {
        match other.as_any().downcast_ref::<Self>() {
            Some(other) => Ok(self.compare(other).is_eq()),
            None => Err(EvalError::no_such_overload()),
        }
    }

    fn to_text(&self) -> String {
        let [major, minor, patch] = self.numbers;
        let mut text = format!("{major}.{minor}.{patch}");
        for (index, part) in self.prerelease.iter().enumerate() {
            text.push(if index == 0 { '-' } else { '.' });
            match part {
                Prerelease::Number(number) => text.push_str(&number.to_string()),
                Prerelease::Word(word) => text.push_str(word),
            }
        }
        for (index, part) in self.build.iter().enumerate() {
            text.push(if index == 0 { '+' } else { '.' });
            text.push_str(part);
        }
        text
    }

    fn unwrapped(&self) -> Option<String> {
        Some(unsupported_conversion("semver.Version", &self.to_text()))
    }

    fn unhashable(&self) -> bool {
        true
    }
}

fn is_number(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_digit())
}

fn is_word(text: &str) -> bool {
    text.bytes()
        .all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
}

fn has_leading_zero(text: &str) -> bool {
    text.len() > 1 && text.starts_with('0')
}

fn parse_number(text: &str) -> Result<u64, String> {
    text.parse().map_err(|_| {
        let why = if text.is_empty() {
            "invalid syntax"
        } else {
            "value out of range"
        };
        format!("strconv.ParseUint: parsing {}: {why}", go_quote(text))
    })
}

fn read_number(text: &str, lower: &str, upper: &str) -> Result<u64, String> {
    let quoted = go_quote(text);
    if !is_number(text) {
        return Err(format!(
            "Invalid character(s) found in {lower} number {quoted}"
        ));
    }
    if has_leading_zero(text) {
        return Err(format!(
            "{upper} number must not contain leading zeroes {quoted}"
        ));
    }
    parse_number(text)
}

fn read_prerelease(text: &str) -> Result<Prerelease, String> {
    if text.is_empty() {
        return Err("Prerelease is empty".to_owned());
    }
    let quoted = go_quote(text);
    if is_number(text) {
        if has_leading_zero(text) {
            return Err(format!(
                "Numeric PreRelease version must not contain leading zeroes {quoted}"
            ));
        }
        return parse_number(text).map(Prerelease::Number);
    }
    if is_word(text) {
        Ok(Prerelease::Word(text.to_owned()))
    } else {
        Err(format!("Invalid character(s) found in prerelease {quoted}"))
    }
}

fn read_build(text: &str) -> Result<String, String> {
    if text.is_empty() {
        Err("Build meta data is empty".to_owned())
    } else if is_word(text) {
        Ok(text.to_owned())
    } else {
        let quoted = go_quote(text);
        Err(format!(
            "Invalid character(s) found in build meta data {quoted}"
        ))
    }
}

impl Semver {
    fn parse(text: &str) -> Result<Self, String> {
        if text.is_empty() {
            return Err("Version string empty".to_owned());
        }
        let mut parts = text.splitn(3, '.');
        let (Some(major), Some(minor), Some(rest)) = (parts.next(), parts.next(), parts.next())
        else {
            return Err("No Major.Minor.Patch elements found".to_owned());
        };
        let major = read_number(major, "major", "Major")?;
        let minor = read_number(minor, "minor", "Minor")?;
        let (rest, build) = match rest.split_once('+') {
            Some((rest, build)) => (rest, Some(build)),
            None => (rest, None),
        };
        let (patch, prerelease) = match rest.split_once('-') {
            Some((patch, prerelease)) => (patch, Some(prerelease)),
            None => (rest, None),
        };
        let patch = read_number(patch, "patch", "Patch")?;
        let prerelease = prerelease.into_iter().flat_map(|parts| parts.split('.'));
        let prerelease = prerelease.map(read_prerelease).collect::<Result<_, _>>()?;
        let build = build.into_iter().flat_map(|parts| parts.split('.'));
        Ok(Self {
            numbers: [major, minor, patch],
            prerelease,
            build: build.map(read_build).collect::<Result<_, _>>()?,
        })
    }

    /// Reads a version without a `v` before it, numbers without leading zeros, and zeros for a
    /// minor and a patch number that are not there.
    fn parse_normalized(text: &str) -> Result<Self, String> {
        let text = text.strip_prefix('v').unwrap_or(text);
        let mut parts: Vec<String> = text
            .splitn(3, '.')
            .map(|part| {
                let bare = part.trim_start_matches('0');
                if part.len() <= 1 {
                    part.to_owned()
                } else if bare.starts_with(|char: char| char.is_ascii_digit()) {
                    bare.to_owned()
                } else {
                    format!("0{bare}")
                }
            })
            .collect();
        if parts.len() < 3 {
            if parts.last().is_some_and(|last| last.contains(['+', '-'])) {
                return Err("short version cannot contain PreRelease/Build meta data".to_owned());
            }
            parts.resize(3, "0".to_owned());
        }
        Self::parse(&parts.join("."))
    }

    /// The order of versions; builds do not count, and a prerelease stands before its release.
    fn compare(&self, other: &Self) -> Ordering {
        let released = |version: &Self| version.prerelease.is_empty();
        self.numbers
            .cmp(&other.numbers)
            .then_with(|| released(self).cmp(&released(other)))
            .then_with(|| self.prerelease.cmp(&other.prerelease))
    }
}

fn read(args: &[Value<'_>]) -> Result<Result<Semver, String>, EvalError> {
    let text = text(args, 0)?;
    Ok(if args.len() > 1 && boolean(args, 1)? {
        Semver::parse_normalized(text)
    } else {
        Semver::parse(text)
    })
}

/// `semver(string[, bool]) -> kubernetes.Semver` (1.33): `semver('v1.0', true)`: with `true`, a
/// leading `v`, leading zeros and missing numbers are put right.
/// Errors: those of `github.com/blang/semver`, such as `No Major.Minor.Patch elements found`;
/// `short version cannot contain PreRelease/Build meta data`.
#[must_use]
pub fn semver(version: u32) -> Function {
    let binding: Binding = |args| read(args)?.map(own).map_err(EvalError::new);
    let read = |id, params| {
        let overload = Overload::global(id, params, semver_type());
        overload.cost(traversal).bind(binding)
    };
    let function = Function::new("semver").overload(read("string_to_semver", vec![Type::String]));
    if version == 0 {
        return function;
    }
    let params = vec![Type::String, Type::Bool];
    function.overload(read("string_bool_to_semver", params))
}

/// `isSemver(string[, bool]) -> bool` (1.33): `isSemver('v1.0')` is false,
/// `isSemver('v1.0', true)` is true. No errors.
#[must_use]
pub fn is_semver(version: u32) -> Function {
    let binding: Binding = |args| Ok(Value::Bool(read(args)?.is_ok()));
    let ask = |id, params| {
        let overload = Overload::global(id, params, Type::Bool);
        overload.cost(traversal).bind(binding)
    };
    let function = Function::new("isSemver").overload(ask("is_semver_string", vec![Type::String]));
    if version == 0 {
        return function;
    }
    let params = vec![Type::String, Type::Bool];
    function.overload(ask("is_semver_string_bool", params))
}

fn order(args: &[Value<'_>]) -> Result<Ordering, EvalError> {
    Ok(opaque::<Semver>(args, 0)?.compare(opaque(args, 1)?))
}

fn comparison(name: &'static str, id: &'static str, result: Type, binding: Binding) -> Function {
    Function::new(name).overload(
        Overload::member(id, vec![semver_type(), semver_type()], result)
            .cost(nominal)
            .bind(binding),
    )
}

/// `kubernetes.Semver.isGreaterThan(kubernetes.Semver) -> bool` (1.33):
/// `semver('1.2.3').isGreaterThan(semver('1.2.0'))` is true. No errors.
#[must_use]
pub fn is_greater_than() -> Function {
    comparison(
        "isGreaterThan",
        "semver_is_greater_than",
        Type::Bool,
        |args| Ok(Value::Bool(order(args)?.is_gt())),
    )
}

/// `kubernetes.Semver.isLessThan(kubernetes.Semver) -> bool` (1.33):
/// `semver('1.2.3-rc.1').isLessThan(semver('1.2.3'))` is true. No errors.
#[must_use]
pub fn is_less_than() -> Function {
    comparison("isLessThan", "semver_is_less_than", Type::Bool, |args| {
        Ok(Value::Bool(order(args)?.is_lt()))
    })
}

/// `kubernetes.Semver.compareTo(kubernetes.Semver) -> int` (1.33): -1, 0 or 1:
/// `semver('1.2.3').compareTo(semver('1.2.3+build'))` is 0. No errors.
#[must_use]
pub fn compare_to() -> Function {
    comparison("compareTo", "semver_compare_to", Type::Int, |args| {
        Ok(Value::Int(order(args)? as i64))
    })
}

/// Kubernetes takes the numbers for signed ones.
fn number<'d>(args: &[Value<'d>], pick: fn([u64; 3]) -> u64) -> Result<Value<'d>, EvalError> {
    Ok(Value::Int(pick(opaque::<Semver>(args, 0)?.numbers) as i64))
}

fn part(name: &'static str, id: &'static str, binding: Binding) -> Function {
    Function::new(name).overload(
        Overload::member(id, vec![semver_type()], Type::Int)
            .cost(nominal)
            .bind(binding),
    )
}

/// `kubernetes.Semver.major() -> int` (1.33): `semver('1.2.3').major()` is 1. No errors.
#[must_use]
pub fn major() -> Function {
    part("major", "semver_major", |args| {
        number(args, |[major, _, _]| major)
    })
}

/// `kubernetes.Semver.minor() -> int` (1.33): `semver('1.2.3').minor()` is 2. No errors.
#[must_use]
pub fn minor() -> Function {
    part("minor", "semver_minor", |args| {
        number(args, |[_, minor, _]| minor)
    })
}

/// `kubernetes.Semver.patch() -> int` (1.33): `semver('1.2.3').patch()` is 3. No errors.
#[must_use]
pub fn patch() -> Function {
    part("patch", "semver_patch", |args| {
        number(args, |[_, _, patch]| patch)
    })
}
