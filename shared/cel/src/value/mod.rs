//! CEL values: what comes out of a document borrows it, what is computed is shared.

use std::any::Any;
use std::fmt;
use std::sync::Arc;

use crate::document::Node;
use crate::eval::EvalError;
use crate::types::Type;

pub mod broken;
pub mod compare;
pub mod convert;
pub mod duration;
pub mod go;
pub mod list;
pub mod map;
pub mod number;
pub mod object;
pub mod protocol;
pub mod time;
pub mod weight;

pub use list::{ListKeys, ListValue};
pub use map::{Entries, MapValue};
pub use object::ObjectValue;

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
    /// `Object{...}`, `JSONPatch{...}`: a value of a type of mutations.
    Object(Arc<ObjectValue<'d>>),
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
    #[inline]
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

    #[inline]
    fn deref(&self) -> &str {
        self.as_str()
    }
}

/// A point in time: seconds and nanoseconds since 1970-01-01T00:00:00Z. Two timestamps are
/// equal where they are the same point in time, whatever zone they are printed in.
#[derive(Clone, Copy, Debug)]
pub struct Timestamp {
    /// Seconds, negative before 1970.
    pub seconds: i64,
    /// 0 to 999,999,999, added to the seconds.
    pub nanos: u32,
    /// Seconds east of UTC of the zone it was written in, in which `string()` prints it.
    pub offset: i32,
}

/// A value of a library's own type.
pub trait Opaque: Any + fmt::Debug + Send + Sync {
    /// Its type.
    fn type_of(&self) -> Type;
    /// Its Go type, as `%T` prints it.
    fn go_type(&self) -> &'static str;
    /// The value itself, to be downcast by its library.
    fn as_any(&self) -> &dyn Any;
    /// Equality with a value of the same type; an error where the type has none.
    ///
    /// # Errors
    /// `no such overload` where values of the type cannot be compared.
    fn equals(&self, other: &dyn Opaque) -> Result<bool, EvalError>;
    /// The text the case protocol prints for it.
    fn to_text(&self) -> String;
    /// Equality with a value of another type.
    ///
    /// # Errors
    /// `no such overload`, as Kubernetes' types have it.
    fn equals_other_types(&self) -> Result<bool, EvalError> {
        Err(EvalError::no_such_overload())
    }
    /// Why a field or an index of it cannot be selected, where that is not for want of a key.
    fn select(&self, _key: &Value<'_>) -> Option<EvalError> {
        None
    }
    /// cel-go's error where it cannot make a value of this one's Go value again.
    fn unwrapped(&self) -> Option<String> {
        None
    }
    /// The error that it stands for, if it is no value but an error.
    fn error(&self) -> Option<EvalError> {
        None
    }
    /// Whether `optional.ofNonZeroValue` makes nothing of it.
    fn is_zero(&self) -> bool {
        false
    }
    /// Whether a map of Go's finds it by its value: others are found by the place in memory.
    fn hashed_by_value(&self) -> bool {
        false
    }
    /// Whether Go refuses it as a key of a map.
    fn unhashable(&self) -> bool {
        false
    }
    /// The size by which costs are counted (but `==` of such values always costs 1).
    fn size(&self) -> u64 {
        1
    }
}

impl<'d> From<&'d Node> for Value<'d> {
    #[inline]
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

impl<'d> Value<'d> {
    /// A text that is computed.
    #[must_use]
    pub fn string(text: impl Into<Arc<str>>) -> Self {
        Self::String(Str::Shared(text.into()))
    }

    /// A list that is computed.
    #[must_use]
    pub fn list(items: Vec<Value<'d>>) -> Self {
        Self::List(ListValue::new(items, ListKeys::Atomic))
    }

    /// A map that is computed; of two entries with the same key the later one stays.
    #[must_use]
    pub fn map(entries: impl IntoIterator<Item = (Value<'d>, Value<'d>)>) -> Self {
        Self::Map(MapValue::Shared(Arc::new(entries.into_iter().collect())))
    }

    /// `optional.of(value)`
    #[must_use]
    pub fn optional(value: Value<'d>) -> Self {
        Self::Optional(Some(Arc::new(value)))
    }

    /// Its type at run time; that of a list or map has `dyn` parameters.
    #[must_use]
    pub fn type_of(&self) -> Type {
        match self {
            Self::Null => Type::Null,
            Self::Bool(_) => Type::Bool,
            Self::Int(_) => Type::Int,
            Self::Uint(_) => Type::Uint,
            Self::Double(_) => Type::Double,
            Self::String(_) => Type::String,
            Self::Bytes(_) => Type::Bytes,
            Self::List(_) => Type::list(Type::Dyn),
            Self::Map(_) => Type::map(Type::Dyn, Type::Dyn),
            Self::Duration(_) => Type::Duration,
            Self::Timestamp(_) => Type::Timestamp,
            Self::Type(_) => Type::Type(None),
            Self::Optional(_) => Type::opaque("optional_type"),
            Self::Object(value) => Type::object(value.type_name()),
            Self::Opaque(value) => value.type_of(),
        }
    }

    /// The name of its type at run time, such as `null_type`.
    #[must_use]
    pub fn type_name(&self) -> std::borrow::Cow<'static, str> {
        match self {
            Self::Null => "null_type".into(),
            Self::Bool(_) => "bool".into(),
            Self::Int(_) => "int".into(),
            Self::Uint(_) => "uint".into(),
            Self::Double(_) => "double".into(),
            Self::String(_) => "string".into(),
            Self::Bytes(_) => "bytes".into(),
            Self::List(_) => "list".into(),
            Self::Map(_) => "map".into(),
            Self::Duration(_) => "google.protobuf.Duration".into(),
            Self::Timestamp(_) => "google.protobuf.Timestamp".into(),
            Self::Type(_) => "type".into(),
            Self::Optional(_) => "optional_type".into(),
            Self::Object(value) => value.type_name().to_owned().into(),
            Self::Opaque(value) => value.type_of().name().to_owned().into(),
        }
    }

    /// Whether a parameter of a declared type takes this value (cel-go's
    /// `IsAssignableRuntimeType`): of a list or map it looks at the first element only.
    #[must_use]
    pub fn is_assignable_to(&self, declared: &Type) -> bool {
        match (declared, self) {
            (Type::Dyn | Type::Any | Type::Param(_) | Type::Var(_), _)
            | (Type::Wrapper(_) | Type::Null, Self::Null)
            | (Type::Bool, Self::Bool(_))
            | (Type::Int, Self::Int(_))
            | (Type::Uint, Self::Uint(_))
            | (Type::Double, Self::Double(_))
            | (Type::String, Self::String(_))
            | (Type::Bytes, Self::Bytes(_))
            | (Type::Duration, Self::Duration(_))
            | (Type::Timestamp, Self::Timestamp(_))
            | (Type::Type(_), Self::Type(_)) => true,
            (Type::Wrapper(inner), _) => self.is_assignable_to(inner),
            (Type::List(element), Self::List(list)) => list
                .get(0)
                .is_none_or(|first| first.is_assignable_to(element)),
            (Type::Map(key, value), Self::Map(map)) => map
                .iter()
                .next()
                .is_none_or(|(k, v)| k.is_assignable_to(key) && v.is_assignable_to(value)),
            (Type::Opaque(name, _), Self::Optional(_)) => &**name == "optional_type",
            (Type::Object(name), Self::Object(value)) => value.type_name() == &**name,
            (Type::Opaque(name, _) | Type::Object(name), Self::Opaque(value)) => {
                value.type_of().name() == &**name
            }
            _ => false,
        }
    }

    /// What cel-go's cost tracker takes as its size: characters, bytes, elements, entries; 1 for
    /// what has no size.
    #[must_use]
    pub fn cost_size(&self) -> u64 {
        match self {
            Self::Optional(Some(inner)) => inner.cost_size(),
            Self::Opaque(value) => value.size(),
            _ => self.size().unwrap_or(1),
        }
    }

    /// The size, of what has one.
    #[must_use]
    pub fn size(&self) -> Option<u64> {
        match self {
            Self::String(text) => Some(char_count(text)),
            Self::Bytes(bytes) => Some(bytes.len() as u64),
            Self::List(list) => Some(list.len() as u64),
            Self::Map(map) => Some(map.len() as u64),
            _ => None,
        }
    }

    /// The text, if it is one.
    #[must_use]
    pub fn as_str(&self) -> Option<&str> {
        match self {
            Self::String(text) => Some(text),
            _ => None,
        }
    }

    /// Whether it is cel-go's zero value of its type: `optional.ofNonZeroValue` makes none of it.
    #[must_use]
    pub fn is_zero(&self) -> bool {
        match self {
            Self::Null => true,
            Self::Bool(value) => !value,
            Self::Int(value) | Self::Duration(value) => *value == 0,
            Self::Uint(value) => *value == 0,
            Self::Double(value) => *value == 0.0,
            Self::String(text) => text.is_empty(),
            Self::Bytes(bytes) => bytes.is_empty(),
            Self::List(list) => list.is_empty(),
            Self::Map(map) => map.is_empty(),
            // Go's zero time is the first second of year 1
            Self::Timestamp(time) => time.seconds == time::MIN_SECONDS && time.nanos == 0,
            Self::Object(value) => !value.is_json_patch() && value.fields().is_empty(),
            Self::Opaque(value) => value.is_zero(),
            Self::Type(_) | Self::Optional(_) => false,
        }
    }
}

/// How many characters; a text is mostly ASCII, which is counted by its bytes.
#[inline]
fn char_count(text: &str) -> u64 {
    if text.is_ascii() {
        text.len() as u64
    } else {
        text.chars().count() as u64
    }
}

/// Whether text before text, as Go's `strings.Compare` orders: by bytes.
impl PartialEq for Str<'_> {
    fn eq(&self, other: &Self) -> bool {
        self.as_str() == other.as_str()
    }
}

impl Eq for Str<'_> {}

impl PartialOrd for Str<'_> {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Str<'_> {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.as_str().cmp(other.as_str())
    }
}
