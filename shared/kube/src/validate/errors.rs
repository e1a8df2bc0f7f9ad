//! Field errors in the API server's words: `spec.containers: Required value`.

use std::fmt::Write as _;

use vapwright_cel::document::Node;
use vapwright_cel::value::go::quote;

use super::read::Read;
use crate::path::Path;

/// What kind of error a field has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ErrorKind {
    /// `FieldValueRequired`
    Required,
    /// `FieldValueInvalid`
    Invalid,
    /// `FieldValueTypeInvalid`
    TypeInvalid,
    /// `FieldValueNotSupported`
    NotSupported,
    /// `FieldValueDuplicate`
    Duplicate,
    /// `FieldValueForbidden`
    Forbidden,
    /// `FieldValueNotFound`
    NotFound,
    /// `FieldValueTooLong`
    TooLong,
    /// `FieldValueTooMany`
    TooMany,
}

impl ErrorKind {
    /// What the API server calls it in a status's causes, without `FieldValue`.
    const fn short_reason(self) -> &'static str {
        match self {
            Self::Required => "Required",
            Self::Invalid => "Invalid",
            Self::TypeInvalid => "TypeInvalid",
            Self::NotSupported => "NotSupported",
            Self::Duplicate => "Duplicate",
            Self::Forbidden => "Forbidden",
            Self::NotFound => "NotFound",
            Self::TooLong => "TooLong",
            Self::TooMany => "TooMany",
        }
    }

    /// What the API server calls it in a status's causes.
    #[must_use]
    pub fn reason(self) -> String {
        format!("FieldValue{}", self.short_reason())
    }

    const fn text(self) -> &'static str {
        match self {
            Self::Required => "Required value",
            Self::Invalid | Self::TypeInvalid => "Invalid value",
            Self::NotSupported => "Unsupported value",
            Self::Duplicate => "Duplicate value",
            Self::Forbidden => "Forbidden",
            Self::NotFound => "Not found",
            Self::TooLong => "Too long",
            Self::TooMany => "Too many",
        }
    }
}

/// An error of a field.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FieldError {
    /// What kind of error it is.
    pub kind: ErrorKind,
    /// The field as the API server prints it, which is not always where it stands.
    pub field: String,
    /// Where the field stands in the object, as far as the printed field leads there.
    pub path: Path,
    /// The text without the field.
    pub body: String,
}

/// A value that an error shows.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Shown<'v> {
    /// A Go string, as `%q` prints it.
    Text(&'v str),
    /// A Go string of a named type or behind a pointer, as `encoding/json` prints it.
    Name(&'v str),
    /// An integer.
    Int(i64),
    /// A boolean.
    Bool(bool),
    /// JSON, as it is.
    Json(&'v str),
    /// No value.
    Omitted,
}

/// Where a field stands: a chain that leads up to the object.
#[derive(Clone, Copy, Debug)]
pub(crate) enum At<'a> {
    /// The object.
    Root,
    /// A field below.
    Field(&'a At<'a>, &'a str),
    /// An item below.
    Index(&'a At<'a>, usize),
    /// A key of a map below.
    Key(&'a At<'a>, &'a str),
}

impl At<'_> {
    pub fn field<'b>(&'b self, name: &'b str) -> At<'b> {
        At::Field(self, name)
    }

    pub fn index(&self, index: usize) -> At<'_> {
        At::Index(self, index)
    }

    pub fn key<'b>(&'b self, key: &'b str) -> At<'b> {
        At::Key(self, key)
    }

    /// The place as the API server prints it, and as a path.
    pub fn print(&self, out: &mut String, path: Path) -> Path {
        match self {
            At::Root => path,
            At::Field(above, name) => {
                let path = above.print(out, path);
                if !out.is_empty() {
                    out.push('.');
                }
                out.push_str(name);
                path.field(name)
            }
            At::Index(above, index) => {
                let path = above.print(out, path);
                let _ = write!(out, "[{index}]");
                path.index(*index)
            }
            At::Key(above, key) => {
                let path = above.print(out, path);
                let _ = write!(out, "[{key}]");
                path.field(key)
            }
        }
    }
}

/// The errors that were found, in the API server's order.
#[derive(Debug, Default)]
pub(crate) struct Errors(pub Vec<FieldError>);

impl Errors {
    pub fn push(&mut self, kind: ErrorKind, at: &At<'_>, value: Shown<'_>, detail: &str) {
        let mut field = String::new();
        let path = at.print(&mut field, Path::root());
        let mut body = kind.text().to_owned();
        let value = match value {
            Shown::Text(text) => Some(quote(text)),
            Shown::Name(text) => Some(json_quote(text)),
            Shown::Int(value) => Some(value.to_string()),
            Shown::Bool(value) => Some(value.to_string()),
            Shown::Json(json) => Some(json.to_owned()),
            Shown::Omitted => None,
        };
        for part in value
            .as_deref()
            .into_iter()
            .chain((!detail.is_empty()).then_some(detail))
        {
            body.push_str(": ");
            body.push_str(part);
        }
        self.0.push(FieldError {
            kind,
            field,
            path,
            body,
        });
    }

    pub fn required(&mut self, at: &At<'_>, detail: &str) {
        self.push(ErrorKind::Required, at, Shown::Omitted, detail);
    }

    /// A text that must not be empty; whether it is not.
    pub fn needs(&mut self, at: &At<'_>, text: &str) -> bool {
        if text.is_empty() {
            self.required(at, "");
        }
        !text.is_empty()
    }

    pub fn forbidden(&mut self, at: &At<'_>, detail: &str) {
        self.push(ErrorKind::Forbidden, at, Shown::Omitted, detail);
    }

    pub fn invalid(&mut self, at: &At<'_>, value: Shown<'_>, detail: &str) {
        self.push(ErrorKind::Invalid, at, value, detail);
    }

    /// One error for each thing that is wrong with a text.
    pub fn invalid_each(&mut self, at: &At<'_>, text: &str, details: Vec<String>) {
        for detail in details {
            self.invalid(at, Shown::Text(text), &detail);
        }
    }

    pub fn duplicate(&mut self, at: &At<'_>, value: Shown<'_>) {
        self.push(ErrorKind::Duplicate, at, value, "");
    }

    pub fn not_found(&mut self, at: &At<'_>, value: &str, detail: &str) {
        self.push(ErrorKind::NotFound, at, Shown::Text(value), detail);
    }

    pub fn unsupported(&mut self, at: &At<'_>, value: Shown<'_>, supported: &[&str]) {
        let supported: Vec<_> = supported.iter().map(|text| quote(text)).collect();
        let detail = format!("supported values: {}", supported.join(", "));
        self.push(ErrorKind::NotSupported, at, value, &detail);
    }

    /// A word that must be one of some; an absent one is fine.
    pub fn one_of(&mut self, at: &At<'_>, word: Option<&str>, supported: &[&str]) {
        if let Some(word) = word
            && !supported.contains(&word)
        {
            self.unsupported(at, Shown::Name(word), supported);
        }
    }

    /// A word that must be there, and one of some.
    pub fn needs_one_of(&mut self, at: &At<'_>, word: &str, supported: &[&str]) {
        if self.needs(at, word) {
            self.one_of(at, Some(word), supported);
        }
    }

    /// `ValidateNonnegativeField`
    pub fn not_negative(&mut self, at: &At<'_>, value: Option<i64>) {
        if let Some(value) = value.filter(|value| *value < 0) {
            self.invalid(at, Shown::Int(value), "must be greater than or equal to 0");
        }
    }

    /// `ValidateNonnegativeField` of several fields.
    pub fn none_negative(&mut self, at: &At<'_>, node: &Node, keys: &[&str]) {
        for key in keys {
            self.not_negative(&at.field(key), node.int(key));
        }
    }

    pub fn too_long(&mut self, at: &At<'_>, most: usize) {
        let detail = format!("may not be more than {most} bytes");
        self.push(ErrorKind::TooLong, at, Shown::Omitted, &detail);
    }

    pub fn too_many(&mut self, at: &At<'_>, count: usize, most: usize) {
        let count = i64::try_from(count).unwrap_or(i64::MAX);
        let detail = format!("must have at most {most} items");
        self.push(ErrorKind::TooMany, at, Shown::Int(count), &detail);
    }
}

/// A text as Go's `encoding/json` writes it, which spares HTML.
pub(crate) fn json_quote(text: &str) -> String {
    let mut quoted = String::with_capacity(text.len() + 2);
    quoted.push('"');
    for char in text.chars() {
        match char {
            '"' | '\\' => {
                quoted.push('\\');
                quoted.push(char);
            }
            '\n' => quoted.push_str("\\n"),
            '\r' => quoted.push_str("\\r"),
            '\t' => quoted.push_str("\\t"),
            '\u{8}' => quoted.push_str("\\b"),
            '\u{c}' => quoted.push_str("\\f"),
            '<' | '>' | '&' | '\u{2028}' | '\u{2029}' | '\0'..='\u{1f}' => {
                let _ = write!(quoted, "\\u{:04x}", u32::from(char));
            }
            _ => quoted.push(char),
        }
    }
    quoted.push('"');
    quoted
}
