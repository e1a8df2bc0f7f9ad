//! Whether a value is of its type, and which of its parts are atomic.

use std::collections::BTreeSet;

use super::given::Given;
use super::schema::{Atom, ListShape, MapShape, Scalar, Shape};
use super::{Error, MAX_DEPTH, element_of, prefixed};

/// Several errors as Go prints them.
pub(super) fn join(errors: &[Error]) -> String {
    let shown = |error: &Error| match &*error.path {
        "" => error.message.clone(),
        path => format!("{path}: {}", error.message),
    };
    match errors {
        [single] => shown(single),
        several => {
            let mut out = "errors:".to_owned();
            for error in several {
                out.push_str("\n  ");
                out.push_str(&shown(error));
            }
            out
        }
    }
}

/// Which of the types that a value may have it has; all of them where it has none.
pub(super) fn deduce<'s>(atom: Atom<'s>, value: Option<&Given>) -> Atom<'s> {
    match value {
        Some(value) if value.is_scalar() && atom.scalar.is_some() => Atom {
            scalar: atom.scalar,
            ..Atom::default()
        },
        Some(Given::List(_) | Given::NoList) if atom.list.is_some() => Atom {
            list: atom.list,
            ..Atom::default()
        },
        Some(Given::Map(_)) if atom.map.is_some() => Atom {
            map: atom.map,
            ..Atom::default()
        },
        _ => atom,
    }
}

/// What is wrong with a value of a type. `duplicates`: whether two items of a list may be alike.
pub(super) fn check(shape: &Shape<'_>, value: &Given, duplicates: bool) -> Vec<Error> {
    check_at(shape, value, duplicates, 0)
}

fn check_at(shape: &Shape<'_>, value: &Given, duplicates: bool, depth: u32) -> Vec<Error> {
    if depth > MAX_DEPTH {
        return Error::new("nested too deeply".to_owned());
    }
    let atom = deduce(shape.atom(), Some(value));
    if let Some(map) = atom.map {
        return match value {
            Given::Null => Vec::new(),
            Given::Map(fields) => check_fields(&map, fields, duplicates, depth),
            other => Error::new(format!("expected map, got &{{{}}}", other.plain())),
        };
    }
    if let Some(scalar) = atom.scalar {
        return check_scalar(scalar, Some(value), "");
    }
    match (atom.list, value) {
        (_, Given::Null) | (None, _) | (Some(_), Given::NoList) => Vec::new(),
        (Some(list), Given::List(items)) => check_items(&list, items, duplicates, depth),
        (Some(_), other) => Error::new(format!("expected list, got &{{{}}}", other.plain())),
    }
}

pub(super) fn check_scalar(scalar: Scalar, value: Option<&Given>, prefix: &str) -> Vec<Error> {
    let Some(value) = value.filter(|value| **value != Given::Null) else {
        return Vec::new();
    };
    let fits = match scalar {
        Scalar::Numeric => matches!(value, Given::Int(_) | Given::Double(_)),
        Scalar::String => matches!(value, Given::String(_)),
        Scalar::Boolean => matches!(value, Given::Bool(_)),
        Scalar::Untyped => value.is_scalar(),
    };
    if fits {
        return Vec::new();
    }
    Error::new(match scalar {
        Scalar::Numeric => format!(
            "{prefix}expected numeric (int or float), got {}",
            value.go_type()
        ),
        Scalar::String => format!(
            "{prefix}expected string, got &value.valueUnstructured{{Value:{}}}",
            value.sharp()
        ),
        Scalar::Boolean => format!("{prefix}expected boolean, got &{{{}}}", value.plain()),
        Scalar::Untyped => format!("{prefix}expected any scalar, got &{{{}}}", value.plain()),
    })
}

fn check_fields(
    map: &MapShape<'_>,
    fields: &[(std::sync::Arc<str>, Given)],
    duplicates: bool,
    depth: u32,
) -> Vec<Error> {
    let mut errors = Vec::new();
    for (name, value) in fields {
        let prefix = format!(".{name}");
        let Some(shape) = map.field(name).or_else(|| map.other_field()) else {
            let error = Error::new("field not declared in schema".to_owned());
            errors.extend(prefixed(error, &prefix));
            // Go stops here
            return errors;
        };
        let found = check_at(&shape, value, duplicates, depth + 1);
        errors.extend(prefixed(found, &prefix));
    }
    errors
}

fn check_items(list: &ListShape<'_>, items: &[Given], duplicates: bool, depth: u32) -> Vec<Error> {
    let mut errors = Vec::new();
    let mut seen = BTreeSet::new();
    let shape = list.items();
    for (index, item) in items.iter().enumerate() {
        let element = if list.is_associative() {
            match element_of(list, item) {
                Ok(element) => element,
                Err(why) => {
                    errors.extend(Error::new(format!("element {index}: {why}")));
                    return errors;
                }
            }
        } else {
            format!("[{index}]")
        };
        let found = check_at(&shape, item, duplicates, depth + 1);
        if !seen.insert(element.clone()) && !duplicates {
            errors.extend(Error::new(format!("duplicate entries for key {element}")));
        }
        errors.extend(prefixed(found, &element));
    }
    errors
}

/// The places of all atomic lists, maps and structs in a value.
pub(super) fn atomics(shape: &Shape<'_>, value: &Given) -> Vec<String> {
    let mut found = Vec::new();
    find_atomics(shape, value, "", &mut found, 0);
    found
}

fn find_atomics(shape: &Shape<'_>, value: &Given, path: &str, found: &mut Vec<String>, depth: u32) {
    if depth > MAX_DEPTH {
        return;
    }
    let atom = shape.atom();
    match value {
        Given::Map(fields) => {
            let Some(map) = atom.map else { return };
            if map.is_atomic() {
                found.push(path.to_owned());
            }
            for (name, value) in fields {
                if let Some(shape) = map.field(name) {
                    find_atomics(&shape, value, &format!("{path}.{name}"), found, depth + 1);
                }
            }
        }
        Given::List(items) => {
            let Some(list) = atom.list else { return };
            if !list.is_associative() {
                found.push(path.to_owned());
            }
            let shape = list.items();
            for (index, item) in items.iter().enumerate() {
                find_atomics(&shape, item, &format!("{path}[{index}]"), found, depth + 1);
            }
        }
        Given::NoList if atom.list.is_some_and(|list| !list.is_associative()) => {
            found.push(path.to_owned());
        }
        _ => {}
    }
}
