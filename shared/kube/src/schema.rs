//! The kinds of a Kubernetes version with their resources and fields.
//!
//! The table of the version that is built in was made by `examples/generate-schema.rs` from a
//! cluster's OpenAPI v3 documents and the Go types of the same version.

mod check;
pub(crate) mod time;

use std::sync::LazyLock;

pub(crate) use check::{base64_error, check_metadata, is_wrong, nearest};
pub use check::{check, check_with};

use crate::kinds::Gvk;

/// The table that is built in.
const BUILT_IN: &str = include_str!("schema/1.36.2.txt");

/// The kinds and types of one Kubernetes version.
#[derive(Clone, Debug, Default)]
pub struct Schema {
    /// The Kubernetes version, such as `1.36.2`.
    pub version: String,
    /// The kinds.
    pub kinds: Vec<Kind>,
    types: Vec<Type>,
}

/// A kind, and the resource it is sent to.
#[derive(Clone, Debug)]
pub struct Kind {
    /// Group, version and kind.
    pub gvk: Gvk,
    /// The plural resource; empty for kinds that only subresources take.
    pub resource: String,
    /// Whether its objects are in namespaces.
    pub namespaced: bool,
    /// Whether its objects can be created.
    pub creatable: bool,
    /// Its subresources.
    pub subresources: Vec<Subresource>,
    /// The type of its objects.
    pub object: Option<TypeId>,
}

/// A subresource, and the kind that is sent to it.
#[derive(Clone, Debug)]
pub struct Subresource {
    /// Its name, such as `scale`.
    pub name: String,
    /// The kind it takes.
    pub gvk: Gvk,
}

/// Which struct type of a schema.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TypeId(u32);

/// A struct type.
#[derive(Clone, Debug)]
pub struct Type {
    /// The name Go has for it: `v1.Container`.
    pub name: String,
    /// The fields, by name in ascending order.
    pub fields: Vec<Field>,
    /// Whether its values are merged as one, not field by field.
    pub atomic: bool,
}

/// A field of a struct type.
#[derive(Clone, Debug)]
pub struct Field {
    /// The name in JSON.
    pub name: String,
    /// The type of its values.
    pub form: Form,
    /// Whether its map or struct is merged as one, not field by field, where that is said of the
    /// field and not of the type.
    pub atomic: Option<bool>,
    /// Whether it may be absent and present with a zero value alike.
    pub pointer: bool,
    /// Whether it is always there once the API server has decoded the object.
    pub always: bool,
    /// The value it has where none is given, as JSON.
    pub default: Option<String>,
    /// The embedded struct it comes from, which error texts show.
    pub embedded: Option<String>,
    /// The name of its Go type (that of its items, for a list) where it has one of its own.
    pub named: Option<String>,
}

/// The type of a value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Form {
    /// A text.
    String,
    /// A boolean.
    Bool,
    /// An integer of 32 bits.
    Int32,
    /// An integer of 64 bits.
    Int64,
    /// A number.
    Double,
    /// Bytes, in base64.
    Bytes,
    /// A time, in seconds.
    Time,
    /// A time, in microseconds.
    MicroTime,
    /// An integer or a text.
    IntOrString,
    /// A quantity, such as `100Mi`.
    Quantity,
    /// Anything.
    Any,
    /// A struct.
    Struct(TypeId),
    /// A list.
    List(Box<Form>, Keys),
    /// A map from texts.
    Map(Box<Form>),
}

/// How the items of a list are told apart when changes are merged.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Keys {
    /// They are not: the list is one value.
    Atomic,
    /// By the items themselves.
    Set,
    /// By these fields of the items.
    Fields(Vec<String>),
}

impl Type {
    /// The field of a name.
    #[must_use]
    pub fn field(&self, name: &str) -> Option<&Field> {
        let index = self
            .fields
            .binary_search_by(|field| field.name.as_str().cmp(name))
            .ok()?;
        self.fields.get(index)
    }

    /// The name without the package: `Container`.
    #[must_use]
    pub fn short_name(&self) -> &str {
        self.name.rsplit('.').next().unwrap_or_default()
    }

    /// The Go package that it is in: `v1`.
    fn package(&self) -> &str {
        self.name.split('.').next().unwrap_or_default()
    }
}

/// The type of every object's metadata.
pub(crate) fn object_meta(schema: &Schema) -> Option<&Type> {
    let pod = schema.kind(&Gvk::new("v1", "Pod"))?.object?;
    match schema.get(pod)?.field("metadata")?.form {
        Form::Struct(id) => schema.get(id),
        _ => None,
    }
}

/// The schema that is built in.
#[must_use]
pub fn built_in() -> &'static Schema {
    static SCHEMA: LazyLock<Schema> = LazyLock::new(|| Schema::parse(BUILT_IN).unwrap_or_default());
    &SCHEMA
}

impl Schema {
    /// Reads a table that the generator made; `None` where it is none.
    #[must_use]
    pub fn parse(table: &str) -> Option<Self> {
        let mut schema = Self::default();
        for line in table.lines() {
            let (head, rest) = line.split_once(' ')?;
            match head {
                "version" if schema.types.is_empty() => schema.version = rest.to_owned(),
                "kind" if schema.types.is_empty() => schema.kinds.push(Kind::parse(rest)?),
                // a field may be called `type` too, but its form has no point before a colon
                "type" if rest.contains('.') && !rest.contains(':') => schema.types.push(Type {
                    name: rest.trim_end_matches('~').to_owned(),
                    fields: Vec::new(),
                    atomic: rest.ends_with('~'),
                }),
                _ => {
                    let field = Field::parse(head, rest)?;
                    schema.types.last_mut()?.fields.push(field);
                }
            }
        }
        Some(schema)
    }

    /// A struct type.
    #[must_use]
    pub fn get(&self, id: TypeId) -> Option<&Type> {
        self.types.get(id.0 as usize)
    }

    /// The kind of a group, version and name.
    #[must_use]
    pub fn kind(&self, gvk: &Gvk) -> Option<&Kind> {
        self.kinds.iter().find(|kind| kind.gvk == *gvk)
    }

    /// The kind of a resource.
    #[must_use]
    pub fn resource(&self, group: &str, version: &str, resource: &str) -> Option<&Kind> {
        self.kinds.iter().find(|kind| {
            kind.resource == resource && kind.gvk.group == group && kind.gvk.version == version
        })
    }

    /// Whether any kind is of a group.
    #[must_use]
    pub fn has_group(&self, group: &str) -> bool {
        self.kinds.iter().any(|kind| kind.gvk.group == group)
    }
}

impl Kind {
    /// `GROUP/VERSION/KIND RESOURCE SCOPE TYPE SUBRESOURCES`
    fn parse(line: &str) -> Option<Self> {
        let mut words = line.split(' ');
        let gvk = Gvk::of_path(words.next()?)?;
        let resource = words.next()?;
        let scope = words.next()?;
        let object = words.next()?.parse().ok().map(TypeId);
        let subresources = words
            .next()?
            .split(',')
            .filter(|name| !name.is_empty())
            .map(|name| match name.split_once('=') {
                Some((name, of)) => Some(Subresource {
                    name: name.to_owned(),
                    gvk: Gvk::of_path(of)?,
                }),
                None => Some(Subresource {
                    name: name.to_owned(),
                    gvk: gvk.clone(),
                }),
            })
            .collect::<Option<_>>()?;
        Some(Self {
            resource: resource.trim_start_matches('-').to_owned(),
            namespaced: scope.starts_with('N'),
            creatable: scope.ends_with('c'),
            subresources,
            object,
            gvk,
        })
    }
}

impl Field {
    /// `FORM`, then `~` atomic or `%` not, `?` pointer, `!` always there, `=JSON` default, `^EMBEDDED`, `:NAMED`.
    fn parse(name: &str, line: &str) -> Option<Self> {
        let (form, mut rest) = Form::parse(line)?;
        let atomic = match rest.bytes().next() {
            Some(b'~') => Some(true),
            Some(b'%') => Some(false),
            _ => None,
        };
        rest = rest.strip_prefix(['~', '%']).unwrap_or(rest);
        let pointer = rest.starts_with('?');
        rest = rest.strip_prefix('?').unwrap_or(rest);
        let always = rest.starts_with('!');
        rest = rest.strip_prefix('!').unwrap_or(rest);
        let mut default = None;
        if let Some(json) = rest.strip_prefix('=') {
            // a default is a number, a word or a text without quotes inside
            let end = match json.strip_prefix('"') {
                Some(text) => text.find('"')? + 2,
                None => json.find(['^', ':']).unwrap_or(json.len()),
            };
            default = Some(json.get(..end)?.to_owned());
            rest = json.get(end..)?;
        }
        let (rest, named) = match rest.split_once(':') {
            Some((rest, named)) => (rest, Some(named.to_owned())),
            None => (rest, None),
        };
        Some(Self {
            name: name.to_owned(),
            form,
            atomic,
            pointer,
            always,
            default,
            embedded: rest.strip_prefix('^').map(str::to_owned),
            named,
        })
    }
}

impl Form {
    /// A form, and what stands behind it.
    fn parse(text: &str) -> Option<(Self, &str)> {
        let rest = text.get(1..)?;
        Some(match text.as_bytes().first()? {
            b's' => (Self::String, rest),
            b'b' => (Self::Bool, rest),
            b'i' => (Self::Int32, rest),
            b'l' => (Self::Int64, rest),
            b'd' => (Self::Double, rest),
            b'y' => (Self::Bytes, rest),
            b't' => (Self::Time, rest),
            b'u' => (Self::MicroTime, rest),
            b'x' => (Self::IntOrString, rest),
            b'q' => (Self::Quantity, rest),
            b'j' => (Self::Any, rest),
            b'{' => {
                let (values, rest) = Self::parse(rest)?;
                (Self::Map(values.into()), rest)
            }
            b'[' => {
                let (keys, rest) = match rest.strip_prefix('(') {
                    Some(keys) => {
                        let (keys, rest) = keys.split_once(')')?;
                        let fields: Vec<_> = keys.split(',').map(str::to_owned).collect();
                        let keys = if keys.is_empty() {
                            Keys::Set
                        } else {
                            Keys::Fields(fields)
                        };
                        (keys, rest)
                    }
                    None => (Keys::Atomic, rest),
                };
                let (items, rest) = Self::parse(rest)?;
                (Self::List(items.into(), keys), rest)
            }
            _ => {
                let end = text
                    .find(|character: char| !character.is_ascii_digit())
                    .unwrap_or(text.len());
                let (number, rest) = text.split_at_checked(end)?;
                (Self::Struct(TypeId(number.parse().ok()?)), rest)
            }
        })
    }
}

#[cfg(test)]
mod tests;
