//! CEL types, as the checker infers them and as cel-go prints them.

use std::fmt;
use std::sync::Arc;

/// A CEL type.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Type {
    /// Known only when evaluated.
    Dyn,
    /// The type of an expression that has an error.
    Error,
    /// `null_type`
    Null,
    /// `bool`
    Bool,
    /// `int`
    Int,
    /// `uint`
    Uint,
    /// `double`
    Double,
    /// `string`
    String,
    /// `bytes`
    Bytes,
    /// `google.protobuf.Duration`
    Duration,
    /// `google.protobuf.Timestamp`
    Timestamp,
    /// `google.protobuf.Any`
    Any,
    /// A primitive or null: `google.protobuf.BoolValue` is `wrapper(bool)`.
    Wrapper(Arc<Type>),
    /// `list(T)`
    List(Arc<Type>),
    /// `map(K, V)`
    Map(Arc<Type>, Arc<Type>),
    /// `optional_type(T)` and the like: a name with parameters and no fields.
    Opaque(Arc<str>, Arc<[Type]>),
    /// A type with declared fields.
    Object(Arc<str>),
    /// `type(T)`; `type` alone where there is no parameter.
    Type(Option<Arc<Type>>),
    /// A type parameter of an overload, or a fresh variable of the checker.
    Param(Arc<str>),
}

impl Type {
    /// `list(element)`
    #[must_use]
    pub fn list(element: Type) -> Self {
        Self::List(Arc::new(element))
    }

    /// `map(key, value)`
    #[must_use]
    pub fn map(key: Type, value: Type) -> Self {
        Self::Map(Arc::new(key), Arc::new(value))
    }

    /// `optional_type(inner)`
    #[must_use]
    pub fn optional(inner: Type) -> Self {
        Self::Opaque("optional_type".into(), Arc::new([inner]))
    }

    /// A type parameter.
    #[must_use]
    pub fn param(name: &str) -> Self {
        Self::Param(name.into())
    }

    /// A named type without parameters or fields, such as `kubernetes.Quantity`.
    #[must_use]
    pub fn opaque(name: &str) -> Self {
        Self::Opaque(name.into(), Arc::new([]))
    }

    /// A type with declared fields.
    #[must_use]
    pub fn object(name: &str) -> Self {
        Self::Object(name.into())
    }
}

impl fmt::Display for Type {
    /// As cel-go's `checker.FormatCELType` prints it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Dyn => f.write_str("dyn"),
            Self::Error => f.write_str("!error!"),
            Self::Null => f.write_str("null"),
            Self::Bool => f.write_str("bool"),
            Self::Int => f.write_str("int"),
            Self::Uint => f.write_str("uint"),
            Self::Double => f.write_str("double"),
            Self::String => f.write_str("string"),
            Self::Bytes => f.write_str("bytes"),
            Self::Duration => f.write_str("google.protobuf.Duration"),
            Self::Timestamp => f.write_str("google.protobuf.Timestamp"),
            Self::Any => f.write_str("any"),
            Self::Wrapper(inner) => write!(f, "wrapper({inner})"),
            Self::List(element) => write!(f, "list({element})"),
            Self::Map(key, value) => write!(f, "map({key}, {value})"),
            Self::Opaque(name, params) => {
                f.write_str(name)?;
                for (index, param) in params.iter().enumerate() {
                    f.write_str(if index == 0 { "(" } else { ", " })?;
                    write!(f, "{param}")?;
                }
                if params.is_empty() {
                    Ok(())
                } else {
                    f.write_str(")")
                }
            }
            Self::Object(name) => f.write_str(name),
            Self::Type(None) => f.write_str("type"),
            Self::Type(Some(inner)) => write!(f, "type({inner})"),
            Self::Param(name) => f.write_str(name),
        }
    }
}

/// A type with declared fields, such as `kubernetes.AdmissionRequest`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ObjectType {
    /// Its name.
    pub name: Arc<str>,
    /// Its fields, in the order of their declaration.
    pub fields: Vec<(Arc<str>, Type)>,
}

impl ObjectType {
    /// The type of a field.
    #[must_use]
    pub fn field(&self, name: &str) -> Option<&Type> {
        self.fields
            .iter()
            .find(|(field, _)| &**field == name)
            .map(|(_, t)| t)
    }
}
