//! Kubernetes' URLs: `url('https://example.com/path')` and what can be asked of it (Kubernetes 1.23).

mod parse;

use std::any::Any;

use self::parse::Url;
use super::support::{
    list_of_texts, map_of, nominal, opaque, own, text, traversal, unsupported_conversion,
};
use crate::eval::EvalError;
use crate::library::{Binding, Function, Library, Overload};
use crate::types::Type;
use crate::value::{Opaque, Value};

/// Kubernetes' URL library; there is one version of it.
#[must_use]
pub fn library(version: u32) -> Library {
    Library {
        name: "kubernetes.urls",
        version,
        functions: vec![
            url(),
            get_scheme(),
            get_host(),
            get_hostname(),
            get_port(),
            get_escaped_path(),
            get_query(),
            is_url(),
        ],
        ..Library::default()
    }
}

fn url_type() -> Type {
    Type::object("kubernetes.URL")
}

/// A value of the type `kubernetes.URL`.
#[derive(Debug)]
pub struct UrlValue(Url);

impl Opaque for UrlValue {
    fn type_of(&self) -> Type {
        url_type()
    }

    fn go_type(&self) -> &'static str {
        "cel.URL"
    }

    fn as_any(&self) -> &dyn Any {
        self
    }

    fn equals(&self, other: &dyn Opaque) -> Result<bool, EvalError> {
        match other.as_any().downcast_ref::<Self>() {
            Some(other) => Ok(self.to_text() == other.to_text()),
            None => Err(EvalError::no_such_overload()),
        }
    }

    fn to_text(&self) -> String {
        self.0.text()
    }

    fn unwrapped(&self) -> Option<String> {
        Some(unsupported_conversion("*url.URL", &self.to_text()))
    }
}

/// Go's reason why a text is no URL that a request may ask for.
pub(super) fn refusal(text: &str) -> Option<String> {
    parse::parse_request(text).err()
}

/// `url(string) -> kubernetes.URL` (1.23): `url('https://example.com:80/')`. It must be absolute
/// or start with `/`. Error: `URL parse error during conversion from string: parse "X": ..`.
#[must_use]
pub fn url() -> Function {
    Function::new("url").overload(
        Overload::global("string_to_url", vec![Type::String], url_type())
            .cost(traversal)
            .bind(|args| {
                let text = text(args, 0)?;
                // The first reading takes a fragment for a part of the path: it only refuses.
                parse::parse_request(text)
                    .and_then(|_| parse::parse_reference(text))
                    .map(|url| own(UrlValue(url)))
                    .map_err(|why| {
                        EvalError::new(format!(
                            "URL parse error during conversion from string: {why}"
                        ))
                    })
            }),
    )
}

/// `isURL(string) -> bool` (1.23): `isURL('../path')` is false. No errors.
#[must_use]
pub fn is_url() -> Function {
    Function::new("isURL").overload(
        Overload::global("is_url_string", vec![Type::String], Type::Bool)
            .bind(|args| Ok(Value::Bool(refusal(text(args, 0)?).is_none()))),
    )
}

fn part(name: &'static str, id: &'static str, result: Type, binding: Binding) -> Function {
    Function::new(name).overload(
        Overload::member(id, vec![url_type()], result)
            .cost(nominal)
            .bind(binding),
    )
}

fn receiver<'a>(args: &'a [Value<'_>]) -> Result<&'a Url, EvalError> {
    opaque::<UrlValue>(args, 0).map(|value| &value.0)
}

/// `kubernetes.URL.getScheme() -> string` (1.23): `url('https://h/').getScheme()` is `'https'`.
/// No errors.
#[must_use]
pub fn get_scheme() -> Function {
    part("getScheme", "url_get_scheme", Type::String, |args| {
        Ok(Value::string(receiver(args)?.scheme.as_str()))
    })
}

/// `kubernetes.URL.getHost() -> string` (1.23): with the port: `url('https://h:80/').getHost()`
/// is `'h:80'`. No errors.
#[must_use]
pub fn get_host() -> Function {
    part("getHost", "url_get_host", Type::String, |args| {
        Ok(Value::string(String::from_utf8_lossy(
            &receiver(args)?.host,
        )))
    })
}

/// `kubernetes.URL.getHostname() -> string` (1.23): without port and brackets:
/// `url('https://[::1]:80/').getHostname()` is `'::1'`. No errors.
#[must_use]
pub fn get_hostname() -> Function {
    part("getHostname", "url_get_hostname", Type::String, |args| {
        Ok(Value::string(receiver(args)?.host_and_port().0))
    })
}

/// `kubernetes.URL.getPort() -> string` (1.23): `url('https://h:80/').getPort()` is `'80'`.
/// No errors.
#[must_use]
pub fn get_port() -> Function {
    part("getPort", "url_get_port", Type::String, |args| {
        Ok(Value::string(receiver(args)?.host_and_port().1))
    })
}

/// `kubernetes.URL.getEscapedPath() -> string` (1.23): `url('https://h/a b').getEscapedPath()`
/// is `'/a%20b'`. No errors.
#[must_use]
pub fn get_escaped_path() -> Function {
    part(
        "getEscapedPath",
        "url_get_escaped_path",
        Type::String,
        |args| Ok(Value::string(receiver(args)?.escaped_path())),
    )
}

/// `kubernetes.URL.getQuery() -> map(string, list(string))` (1.23):
/// `url('https://h/?a=1&a=2').getQuery()` is `{'a': ['1', '2']}`. No errors.
#[must_use]
pub fn get_query() -> Function {
    let result = Type::map(Type::String, Type::list(Type::String));
    part("getQuery", "url_get_query", result, |args| {
        let parameters = receiver(args)?.parameters().into_iter();
        let entries: Vec<_> = parameters
            .map(|(key, values)| (Value::string(key), list_of_texts(values)))
            .collect();
        Ok(map_of(entries))
    })
}
