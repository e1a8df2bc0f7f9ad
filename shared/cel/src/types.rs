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
    /// A type parameter of a declaration: `T`.
    Param(Arc<str>),
    /// A type variable of the checker, `_var0`: a type not known yet.
    Var(u32),
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

    /// `type(inner)`
    #[must_use]
    pub fn type_of(inner: Type) -> Self {
        Self::Type(Some(Arc::new(inner)))
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

/// The two ways in which cel-go prints a type.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Style {
    /// As `cel.Type.String()`: the type of an expression.
    Declared,
    /// As `checker.FormatCELType`: in the checker's errors.
    Checker,
}

impl fmt::Display for Type {
    /// As cel-go's `cel.Type.String()` prints it, which says what type an expression has.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.write(f, Style::Declared)
    }
}

/// A type as cel-go's type errors print it: see [`Type::in_error`].
#[derive(Clone, Copy, Debug)]
pub struct InError<'t>(&'t Type);

impl fmt::Display for InError<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.write(f, Style::Checker)
    }
}

impl Type {
    /// Prints as `checker.FormatCELType` does, in other words than `Display` for some types:
    /// `timestamp`, not `google.protobuf.Timestamp`.
    #[must_use]
    pub const fn in_error(&self) -> InError<'_> {
        InError(self)
    }

    /// The name at run time, without parameters: what `type(x)` prints.
    #[must_use]
    pub fn name(&self) -> &str {
        match self {
            Self::Dyn => "dyn",
            Self::Error => "error",
            Self::Null => "null_type",
            Self::Bool => "bool",
            Self::Int => "int",
            Self::Uint => "uint",
            Self::Double => "double",
            Self::String => "string",
            Self::Bytes => "bytes",
            Self::Duration => "google.protobuf.Duration",
            Self::Timestamp => "google.protobuf.Timestamp",
            Self::Any => "google.protobuf.Any",
            Self::Wrapper(inner) => inner.name(),
            Self::List(_) => "list",
            Self::Map(..) => "map",
            Self::Opaque(name, _) | Self::Object(name) | Self::Param(name) => name,
            Self::Type(_) => "type",
            Self::Var(_) => "_var",
        }
    }

    fn write(&self, f: &mut fmt::Formatter<'_>, style: Style) -> fmt::Result {
        let in_error = style == Style::Checker;
        match self {
            Self::Error if in_error => f.write_str("!error!"),
            Self::Null if in_error => f.write_str("null"),
            Self::Duration if in_error => f.write_str("duration"),
            Self::Timestamp if in_error => f.write_str("timestamp"),
            Self::Any if in_error => f.write_str("any"),
            Self::Wrapper(inner) => write!(f, "wrapper({})", inner.name()),
            Self::List(element) => write_params(f, "list", &[element], style),
            Self::Map(key, value) => write_params(f, "map", &[key, value], style),
            Self::Opaque(name, params) => {
                write_params(f, name, &params.iter().collect::<Vec<_>>(), style)
            }
            Self::Type(Some(inner)) => write_params(f, "type", &[inner], style),
            Self::Param(name) if in_error => f.write_str(name),
            Self::Param(name) => write!(f, "<{name}>"),
            Self::Var(number) if in_error => write!(f, "_var{number}"),
            Self::Var(number) => write!(f, "<_var{number}>"),
            _ => f.write_str(self.name()),
        }
    }
}

fn write_params(
    f: &mut fmt::Formatter<'_>,
    name: &str,
    params: &[&Type],
    style: Style,
) -> fmt::Result {
    f.write_str(name)?;
    for (index, param) in params.iter().enumerate() {
        f.write_str(if index == 0 { "(" } else { ", " })?;
        param.write(f, style)?;
    }
    f.write_str(if params.is_empty() { "" } else { ")" })
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
