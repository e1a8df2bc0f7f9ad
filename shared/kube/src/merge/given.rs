//! Values of apply configurations: JSON, and what Go has in its place.

use std::fmt::Write as _;
use std::sync::Arc;

use vapwright_cel::document::{Fields, Node};
use vapwright_cel::value::go::quote;
use vapwright_cel::value::number::format_g;

use crate::kinds::Gvk;

/// A value as the Go type `any` holds it.
#[derive(Clone, Debug, PartialEq)]
pub enum Given {
    /// `nil`
    Null,
    /// `bool`
    Bool(bool),
    /// `int64`
    Int(i64),
    /// `float64`
    Double(f64),
    /// `string`
    String(Arc<str>),
    /// `[]interface {}`
    List(Vec<Given>),
    /// `[]interface {}(nil)`, a list that is null in JSON: what a list without items in an apply
    /// configuration becomes.
    NoList,
    /// `map[string]interface {}`
    Map(Vec<(Arc<str>, Given)>),
    /// Something that no object holds.
    Other(Other),
}

/// A value that no object holds, as Go prints it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Other {
    /// Its type: `uint64`.
    pub go_type: &'static str,
    /// As `%v` prints it.
    pub plain: String,
    /// As `%#v` prints it.
    pub sharp: String,
}

impl Given {
    /// A part of a document.
    #[must_use]
    pub fn of(node: &Node) -> Self {
        match node {
            Node::Null => Self::Null,
            Node::Bool(value) => Self::Bool(*value),
            Node::Int(value) => Self::Int(*value),
            Node::Double(value) => Self::Double(*value),
            Node::String(text) => Self::String(text.clone()),
            Node::List(items) => Self::List(items.iter().map(Self::of).collect()),
            Node::Map(fields) => {
                let fields = fields.iter();
                Self::Map(
                    fields
                        .map(|(key, node)| (key.clone(), Self::of(node)))
                        .collect(),
                )
            }
        }
    }

    /// The same as an object of a kind.
    #[must_use]
    pub fn of_kind(mut self, kind: &Gvk) -> Self {
        if let Self::Map(fields) = &mut self {
            fields.retain(|(name, _)| !matches!(&**name, "apiVersion" | "kind"));
            let text = |text: &str| Self::String(text.into());
            fields.push(("apiVersion".into(), text(&kind.api_version())));
            fields.push(("kind".into(), text(&kind.kind)));
        }
        self
    }

    /// A part of a document; what no object holds becomes null. `no_list`: what a list that is null
    /// becomes.
    #[must_use]
    pub fn into_node(self, no_list: &Node) -> Node {
        match self {
            Self::Null | Self::Other(_) => Node::Null,
            Self::NoList => no_list.clone(),
            Self::Bool(value) => Node::Bool(value),
            Self::Int(value) => Node::Int(value),
            Self::Double(value) => Node::Double(value),
            Self::String(text) => Node::String(text),
            Self::List(items) => {
                let items = items.into_iter();
                Node::List(items.map(|item| item.into_node(no_list)).collect())
            }
            Self::Map(fields) => {
                let mut out = Fields::new();
                for (key, value) in fields {
                    out.insert(key, value.into_node(no_list));
                }
                Node::Map(out)
            }
        }
    }

    /// Its Go type, as `%T` prints it.
    #[must_use]
    pub const fn go_type(&self) -> &'static str {
        match self {
            Self::Null => "<nil>",
            Self::Bool(_) => "bool",
            Self::Int(_) => "int64",
            Self::Double(_) => "float64",
            Self::String(_) => "string",
            Self::List(_) | Self::NoList => "[]interface {}",
            Self::Map(_) => "map[string]interface {}",
            Self::Other(other) => other.go_type,
        }
    }

    /// As `%v` prints it.
    pub(super) fn plain(&self) -> String {
        let mut out = String::new();
        self.print(&mut out, false);
        out
    }

    /// As `%#v` prints it.
    #[must_use]
    pub fn sharp(&self) -> String {
        let mut out = String::new();
        self.print(&mut out, true);
        out
    }

    fn print(&self, out: &mut String, sharp: bool) {
        match self {
            Self::Null => out.push_str(if sharp { "interface {}(nil)" } else { "<nil>" }),
            Self::Bool(value) => {
                let _ = write!(out, "{value}");
            }
            Self::Int(value) => {
                let _ = write!(out, "{value}");
            }
            Self::Double(value) => out.push_str(&format_g(*value)),
            Self::String(text) if sharp => out.push_str(&quote(text)),
            Self::String(text) => out.push_str(text),
            Self::List(items) => {
                out.push_str(if sharp { "[]interface {}{" } else { "[" });
                for (at, item) in items.iter().enumerate() {
                    if at > 0 {
                        out.push_str(if sharp { ", " } else { " " });
                    }
                    item.print(out, sharp);
                }
                out.push(if sharp { '}' } else { ']' });
            }
            Self::NoList => out.push_str(if sharp { "[]interface {}(nil)" } else { "[]" }),
            Self::Map(fields) => {
                let mut fields: Vec<_> = fields.iter().collect();
                fields.sort_unstable_by_key(|(key, _)| key);
                out.push_str(if sharp {
                    "map[string]interface {}{"
                } else {
                    "map["
                });
                for (at, (key, value)) in fields.into_iter().enumerate() {
                    if at > 0 {
                        out.push_str(if sharp { ", " } else { " " });
                    }
                    out.push_str(&if sharp { quote(key) } else { key.to_string() });
                    out.push(':');
                    value.print(out, sharp);
                }
                out.push(if sharp { '}' } else { ']' });
            }
            Self::Other(other) if sharp => out.push_str(&other.sharp),
            Self::Other(other) => out.push_str(&other.plain),
        }
    }

    /// As a key of a list is printed (`value.ToString`).
    pub(super) fn key_text(&self) -> String {
        match self {
            Self::Null => "null".to_owned(),
            Self::String(text) => quote(text),
            Self::List(items) => {
                let items: Vec<String> = items.iter().map(Self::key_text).collect();
                format!("[{}]", items.join(","))
            }
            Self::NoList => "[]".to_owned(),
            Self::Map(fields) => fields
                .iter()
                .map(|(key, value)| format!("{key}={}", value.key_text()))
                .collect(),
            Self::Other(_) => "{{undefined}}".to_owned(),
            other => other.plain(),
        }
    }

    pub(super) const fn is_scalar(&self) -> bool {
        matches!(
            self,
            Self::Bool(_) | Self::Int(_) | Self::Double(_) | Self::String(_)
        )
    }
}
