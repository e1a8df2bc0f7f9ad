//! CEL values: what comes out of a document borrows it, what is computed is shared.

use std::any::Any;
use std::fmt;
use std::sync::Arc;

use crate::document::{Fields, Node};
use crate::eval::EvalError;
use crate::types::Type;

/// A CEL value over a document that lives for `'d`.
#[derive(Clone, Debug)]
pub enum Value<'d> {
    /// `null`
    Null,
    /// A boolean.
    Bool(bool),
    /// A 64-bit integer.
    Int(i64),
    /// An unsigned 64-bit integer.
    Uint(u64),
    /// A double.
    Double(f64),
    /// A text.
    String(Str<'d>),
    /// Bytes.
    Bytes(Arc<[u8]>),
    /// A list.
    List(ListValue<'d>),
    /// A map.
    Map(MapValue<'d>),
    /// A span of time, in nanoseconds.
    Duration(i64),
    /// A point in time.
    Timestamp(Timestamp),
    /// A type as a value.
    Type(Arc<Type>),
    /// `optional.none()` and `optional.of(x)`.
    Optional(Option<Arc<Value<'d>>>),
    /// A value of a library's own type: a quantity, a URL, an authorizer.
    Opaque(Arc<dyn Opaque>),
}

/// A text, borrowed from the document or computed.
#[derive(Clone, Debug)]
pub enum Str<'d> {
    /// In the document.
    Borrowed(&'d str),
    /// Computed, or a literal.
    Shared(Arc<str>),
}

impl Str<'_> {
    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        match self {
            Self::Borrowed(text) => text,
            Self::Shared(text) => text,
        }
    }
}

impl std::ops::Deref for Str<'_> {
    type Target = str;

    fn deref(&self) -> &str {
        self.as_str()
    }
}

/// A list, borrowed from the document or computed.
#[derive(Clone, Debug)]
pub enum ListValue<'d> {
    /// In the document.
    Borrowed(&'d [Node]),
    /// Computed.
    Shared(Arc<[Value<'d>]>),
}

/// A map, borrowed from the document or computed.
#[derive(Clone, Debug)]
pub enum MapValue<'d> {
    /// In the document: keys are texts.
    Borrowed(&'d Fields),
    /// Computed: entries in the order they were made.
    Shared(Arc<[(Value<'d>, Value<'d>)]>),
}

/// A point in time: seconds and nanoseconds since 1970-01-01T00:00:00Z.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Timestamp {
    /// Seconds, negative before 1970.
    pub seconds: i64,
    /// 0 to 999,999,999, added to the seconds.
    pub nanos: u32,
}

/// A value of a library's own type.
pub trait Opaque: Any + fmt::Debug + Send + Sync {
    /// Its type.
    fn type_of(&self) -> Type;
    /// The value itself, to be downcast by its library.
    fn as_any(&self) -> &dyn Any;
    /// Equality with a value of the same type; an error where the type has none.
    ///
    /// # Errors
    /// `no such overload` where values of the type cannot be compared.
    fn equals(&self, other: &dyn Opaque) -> Result<bool, EvalError>;
    /// The text the case protocol prints for it.
    fn to_text(&self) -> String;
    /// The size by which costs are counted (but `==` of such values always costs 1).
    fn size(&self) -> u64 {
        1
    }
}

impl<'d> From<&'d Node> for Value<'d> {
    fn from(node: &'d Node) -> Self {
        match node {
            Node::Null => Self::Null,
            Node::Bool(value) => Self::Bool(*value),
            Node::Int(value) => Self::Int(*value),
            Node::Double(value) => Self::Double(*value),
            Node::String(text) => Self::String(Str::Borrowed(text)),
            Node::List(items) => Self::List(ListValue::Borrowed(items)),
            Node::Map(fields) => Self::Map(MapValue::Borrowed(fields)),
        }
    }
}

impl Value<'_> {
    /// A text that is computed.
    #[must_use]
    pub fn string(text: impl Into<Arc<str>>) -> Self {
        Self::String(Str::Shared(text.into()))
    }
}
