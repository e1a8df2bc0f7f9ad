//! Kubernetes' named formats: `format.dns1123Label().validate('name')` (Kubernetes 1.31).
//!
//! Each has a constructor without arguments, of type `kubernetes.NamedFormat`; none has errors:
//!
//! - `format.dns1123Label()`: a DNS label: lower case letters, digits and `-`, at most 63
//! - `format.dns1123Subdomain()`: DNS labels with dots between them, at most 253 characters
//! - `format.dns1035Label()`: a DNS label that begins with a letter
//! - `format.qualifiedName()`: the key of a label or annotation: `[prefix/]name`
//! - `format.dns1123LabelPrefix()`: what `generateName` may be for such a label: it may end with `-`
//! - `format.dns1123SubdomainPrefix()`: the same for a subdomain
//! - `format.dns1035LabelPrefix()`: the same for a label that begins with a letter
//! - `format.labelValue()`: the value of a label: at most 63 characters
//! - `format.uri()`: an absolute URI or path, as `isURL` has it
//! - `format.uuid()`: a UUID, with or without `-`
//! - `format.byte()`: base64, or nothing
//! - `format.date()`: a date of RFC 3339, `2026-11-24`
//! - `format.datetime()`: a date and time of RFC 3339, `2026-11-24T20:00:00Z`

mod names;

use std::any::Any;

use super::support::{
    REGEX_LENGTH, STRING_TRAVERSAL, arg_size, list_of_texts, nominal, none, opaque, own, scaled,
    some, text,
};
use crate::eval::EvalError;
use crate::library::{Binding, Function, Library, Overload};
use crate::types::Type;
use crate::value::{Opaque, Value};

/// Kubernetes' format library; there is one version of it.
#[must_use]
pub fn library(version: u32) -> Library {
    let mut functions = vec![validate(), named()];
    functions.extend(CONSTRUCTORS.iter().map(|(name, binding)| {
        Function::new(name)
            .overload(Overload::global(name, Vec::new(), format_type()).bind(*binding))
    }));
    Library {
        name: "kubernetes.format",
        version,
        functions,
        ..Library::default()
    }
}

fn format_type() -> Type {
    Type::object("kubernetes.NamedFormat")
}

/// A named format.
struct Format {
    /// The name it is called by, such as `dns1123Label`.
    key: &'static str,
    /// Says what is wrong with a text.
    validate: fn(&str) -> Vec<String>,
    /// The length of a regular expression that would do the same, for costs.
    regex_size: u64,
}

/// Whether a text is of a format that is called by its name; no text is of one that is not there.
#[must_use]
pub fn holds(name: &str, text: &str) -> bool {
    let found = FORMATS.iter().find(|format| format.key == name);
    found.is_some_and(|format| (format.validate)(text).is_empty())
}

fn unless(valid: bool, message: &str) -> Vec<String> {
    if valid {
        Vec::new()
    } else {
        vec![message.to_owned()]
    }
}

/// kube-openapi's patterns, by whose lengths costs are counted.
const UUID_PATTERN: &str = "(?i)^[0-9a-f]{8}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{12}$";
const DATETIME_PATTERN: &str =
    "^([0-9]{2}):([0-9]{2}):([0-9]{2})(.[0-9]+)?(z|([+-][0-9]{2}:[0-9]{2}))$";

const FORMATS: [Format; 13] = [
    Format {
        key: "dns1123Label",
        validate: names::dns1123_label,
        regex_size: 30,
    },
    Format {
        key: "dns1123Subdomain",
        validate: names::dns1123_subdomain,
        regex_size: 60,
    },
    Format {
        key: "dns1035Label",
        validate: names::dns1035_label,
        regex_size: 30,
    },
    Format {
        key: "qualifiedName",
        validate: names::qualified_name,
        regex_size: 60,
    },
    Format {
        key: "dns1123LabelPrefix",
        validate: |text| names::dns1123_label(&names::with_suffix(text)),
        regex_size: 30,
    },
    Format {
        key: "dns1123SubdomainPrefix",
        validate: |text| names::dns1123_subdomain(&names::with_suffix(text)),
        regex_size: 60,
    },
    Format {
        key: "dns1035LabelPrefix",
        validate: |text| names::dns1035_label(&names::with_suffix(text)),
        regex_size: 30,
    },
    Format {
        key: "labelValue",
        validate: names::label_value,
        regex_size: 40,
    },
    Format {
        key: "uri",
        validate: |text| super::url::refusal(text).into_iter().collect(),
        regex_size: 1103,
    },
    Format {
        key: "uuid",
        validate: |text| unless(names::is_uuid(text), "does not match the UUID format"),
        regex_size: UUID_PATTERN.len() as u64,
    },
    Format {
        key: "byte",
        validate: |text| unless(names::is_base64(text), "invalid base64"),
        regex_size: 84,
    },
    Format {
        key: "date",
        validate: |text| unless(names::is_date(text), "invalid date"),
        regex_size: DATETIME_PATTERN.len() as u64,
    },
    Format {
        key: "datetime",
        validate: |text| unless(names::is_datetime(text), "invalid datetime"),
        regex_size: DATETIME_PATTERN.len() as u64,
    },
];

const CONSTRUCTORS: [(&str, Binding); 13] = [
    ("format.dns1123Label", |_| find("dns1123Label")),
    ("format.dns1123Subdomain", |_| find("dns1123Subdomain")),
    ("format.dns1035Label", |_| find("dns1035Label")),
    ("format.qualifiedName", |_| find("qualifiedName")),
    ("format.dns1123LabelPrefix", |_| find("dns1123LabelPrefix")),
    ("format.dns1123SubdomainPrefix", |_| {
        find("dns1123SubdomainPrefix")
    }),
    ("format.dns1035LabelPrefix", |_| find("dns1035LabelPrefix")),
    ("format.labelValue", |_| find("labelValue")),
    ("format.uri", |_| find("uri")),
    ("format.uuid", |_| find("uuid")),
    ("format.byte", |_| find("byte")),
    ("format.date", |_| find("date")),
    ("format.datetime", |_| find("datetime")),
];

/// A value of the type `kubernetes.NamedFormat`, by its place in the table of formats.
#[derive(Debug)]
pub struct NamedFormat(usize);

impl NamedFormat {
    fn format(&self) -> Option<&'static Format> {
        FORMATS.get(self.0)
    }
}

impl Opaque for NamedFormat {
    fn type_of(&self) -> Type {
        format_type()
    }

    fn go_type(&self) -> &'static str {
        "cel.Format"
    }

    fn as_any(&self) -> &dyn Any {
        self
    }

    fn equals(&self, other: &dyn Opaque) -> Result<bool, EvalError> {
        match other.as_any().downcast_ref::<Self>() {
            Some(other) => Ok(self.0 == other.0),
            None => Err(EvalError::no_such_overload()),
        }
    }

    fn to_text(&self) -> String {
        // Formats have no text; the protocol says so.
        "no text".to_owned()
    }

    fn unhashable(&self) -> bool {
        true
    }
}

fn place(key: &str) -> Option<usize> {
    FORMATS.iter().position(|format| format.key == key)
}

fn find<'d>(key: &str) -> Result<Value<'d>, EvalError> {
    place(key)
        .map(|place| own(NamedFormat(place)))
        .ok_or_else(EvalError::no_such_overload)
}

/// `format.named(string) -> optional_type(kubernetes.NamedFormat)` (1.31):
/// `format.named('uuid').hasValue()` is true; none for an unknown name. No errors.
#[must_use]
pub fn named() -> Function {
    Function::new("format.named").overload(
        Overload::global(
            "format-named",
            vec![Type::String],
            Type::optional(format_type()),
        )
        .cost(nominal)
        .bind(|args| {
            let place = place(text(args, 0)?);
            Ok(place.map_or_else(none, |place| some(own(NamedFormat(place)))))
        }),
    )
}

fn validate_cost(args: &[Value<'_>], _result: &Value<'_>) -> u64 {
    let Some(format) = opaque::<NamedFormat>(args, 0)
        .ok()
        .and_then(NamedFormat::format)
    else {
        return 1;
    };
    let text = ((1.0 + arg_size(args, 1) as f64) * STRING_TRAVERSAL).ceil() as u64;
    text.saturating_mul(scaled(format.regex_size, REGEX_LENGTH))
}

/// `kubernetes.NamedFormat.validate(string) -> optional_type(list(string))` (1.31): what is
/// wrong, none where nothing is: `format.uuid().validate('x').value()` is
/// `['does not match the UUID format']`. No errors.
#[must_use]
pub fn validate() -> Function {
    Function::new("validate").overload(
        Overload::member(
            "format-validate",
            vec![format_type(), Type::String],
            Type::optional(Type::list(Type::String)),
        )
        .cost(validate_cost)
        .bind(|args| {
            let format = opaque::<NamedFormat>(args, 0)?.format();
            let format = format.ok_or_else(EvalError::no_such_overload)?;
            let wrong = (format.validate)(text(args, 1)?);
            Ok(if wrong.is_empty() {
                none()
            } else {
                some(list_of_texts(wrong))
            })
        }),
    )
}

/// Whether a text may name a service account.
pub(super) fn is_subdomain(text: &str) -> bool {
    names::dns1123_subdomain(text).is_empty()
}

/// Whether a text may name a namespace.
pub(super) fn is_label(text: &str) -> bool {
    names::dns1123_label(text).is_empty()
}
