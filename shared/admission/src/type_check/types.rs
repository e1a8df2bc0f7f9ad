//! The types of a kind's fields, as the API server declares them to CEL (`SchemaDeclType` of
//! `k8s.io/apiserver/pkg/cel/common`).

use std::collections::BTreeSet;

use vapwright_cel::document::Node;
use vapwright_cel::openapi::{RESERVED, escape, scalar};
use vapwright_cel::types::{ObjectType, Type};
use vapwright_kube::kinds::{Gvk, find};
use vapwright_kube::schema::{Form, TypeId, built_in};

use crate::custom;
use crate::policy::Policy;

/// The type of a kind, and the object types that it is made of.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Declared {
    pub(super) r#type: Type,
    pub(super) objects: Vec<ObjectType>,
}

impl Declared {
    /// Of a kind of which no fields are known.
    pub(super) fn dynamic() -> Self {
        Self {
            r#type: Type::Dyn,
            objects: Vec::new(),
        }
    }
}

/// The words of a policy's expressions. Fields of other names need no declaration: nothing asks
/// for them.
pub(super) struct Words<'p>(BTreeSet<&'p str>);

impl<'p> Words<'p> {
    pub(super) fn of(policy: &'p Policy) -> Self {
        let variables = policy.variables.iter().map(|variable| &variable.expression);
        let validations = policy.validations.iter();
        let texts =
            variables.chain(validations.flat_map(|one| [&one.expression, &one.message_expression]));
        let no_word = |c: char| !(c.is_ascii_alphanumeric() || c == '_');
        Self(texts.flat_map(|text| text.split(no_word)).collect())
    }

    /// The names by which expressions select a field, of those that they use.
    fn names(&self, field: &str) -> impl Iterator<Item = String> {
        let reserved = RESERVED.contains(&field).then(|| field.to_owned());
        let names = escape(field).into_iter().chain(reserved);
        names.filter(|name| self.0.contains(&**name))
    }
}

/// Declares a kind whose type is called `name`; `None` where the kind is not known.
pub(super) fn declare(
    kind: &Gvk,
    name: &str,
    objects: &[Node],
    words: &Words<'_>,
) -> Option<Declared> {
    let mut types = Types {
        words,
        objects: Vec::new(),
        open: Vec::new(),
    };
    let declared = match find(kind) {
        Some(known) => types.structure(known.object?, name),
        None => {
            let schema = custom::schema(kind, objects)?;
            types.schema(schema, name, true).unwrap_or(Type::Dyn)
        }
    };
    Some(Declared {
        r#type: declared,
        objects: types.objects,
    })
}

/// Collects object types. Each is called by the path that leads to it.
struct Types<'w> {
    words: &'w Words<'w>,
    objects: Vec<ObjectType>,
    /// The structs that are being declared.
    open: Vec<TypeId>,
}

impl Types<'_> {
    /// An object type with fields, of those that any expression may ask for.
    fn object(&mut self, path: &str, fields: impl Iterator<Item = (String, Type)>) -> Type {
        let mut object = ObjectType {
            name: path.into(),
            fields: Vec::new(),
        };
        for (field, declared) in fields {
            let names = self.words.names(&field);
            let named = names.map(|name| (name.into(), declared.clone()));
            object.fields.extend(named);
        }
        self.objects.push(object);
        Type::object(path)
    }

    /// Whether expressions may ask for a field.
    fn wanted(&self, field: &str) -> bool {
        self.words.names(field).next().is_some()
    }

    fn structure(&mut self, id: TypeId, path: &str) -> Type {
        // what contains itself is an object without fields there
        let known = built_in().get(id).filter(|_| !self.open.contains(&id));
        let mut fields = Vec::new();
        if let Some(known) = known {
            self.open.push(id);
            let schemaless = known.short_name() == "JSONSchemaProps";
            for field in &known.fields {
                if !self.wanted(&field.name) {
                    continue;
                }
                let path = format!("{path}.{}", field.name);
                if let Some(declared) = self.form(&field.form, &path, schemaless) {
                    fields.push((field.name.clone(), declared));
                }
            }
            self.open.pop();
        }
        self.object(path, fields.into_iter())
    }

    /// The type of a form; `None` where expressions do not see the field. The fields of
    /// JSONSchemaProps that take anything have no type at all; those of other structs are objects.
    fn form(&mut self, form: &Form, path: &str, schemaless: bool) -> Option<Type> {
        Some(match form {
            Form::String => Type::String,
            Form::Bool => Type::Bool,
            Form::Int32 | Form::Int64 => Type::Int,
            Form::Double => Type::Double,
            Form::Bytes => Type::Bytes,
            Form::Time | Form::MicroTime => Type::Timestamp,
            Form::IntOrString => Type::Dyn,
            // its schema says that it is a text or a number, and so gives it no type
            Form::Quantity => return None,
            Form::Any if schemaless => return None,
            Form::Any => self.object(path, std::iter::empty()),
            Form::Struct(id) => self.structure(*id, path),
            Form::List(items, _) => {
                Type::list(self.form(items, &format!("{path}.@idx"), schemaless)?)
            }
            Form::Map(values) => {
                let values = self.form(values, &format!("{path}.@elem"), schemaless)?;
                Type::map(Type::String, values)
            }
        })
    }

    /// The type of a custom kind's schema. `resource` says that it is a whole object's.
    fn schema(&mut self, schema: &Node, path: &str, resource: bool) -> Option<Type> {
        let flag = |name: &str| schema.get(name).and_then(Node::as_bool) == Some(true);
        if flag("x-kubernetes-int-or-string") {
            return Some(Type::Dyn);
        }
        let resource = resource || flag("x-kubernetes-embedded-resource");
        let text = |name: &str| schema.get(name).and_then(Node::as_str).unwrap_or_default();
        Some(match text("type") {
            "array" => {
                let items = self.schema(schema.get("items")?, &format!("{path}.@idx"), false)?;
                Type::list(items)
            }
            "object" => {
                let additional = schema.get("additionalProperties");
                if let Some(additional @ Node::Map(_)) = additional {
                    let values = self.schema(additional, &format!("{path}.@elem"), false)?;
                    return Some(Type::map(Type::String, values));
                }
                self.properties(schema, path, resource)
            }
            other => return scalar(other, text("format")),
        })
    }

    fn properties(&mut self, schema: &Node, path: &str, resource: bool) -> Type {
        let mut fields = Vec::new();
        if resource {
            fields.push(("apiVersion".to_owned(), Type::String));
            fields.push(("kind".to_owned(), Type::String));
            if let Some(metadata) = object_meta() {
                let declared = self.structure(metadata, &format!("{path}.metadata"));
                fields.push(("metadata".to_owned(), declared));
            }
        }
        let properties = schema.get("properties").and_then(Node::as_map);
        for (name, schema) in properties.into_iter().flat_map(|fields| fields.iter()) {
            let meta = resource && matches!(&**name, "apiVersion" | "kind" | "metadata");
            if meta || !self.wanted(name) {
                continue;
            }
            if let Some(declared) = self.schema(schema, &format!("{path}.{name}"), false) {
                fields.push((name.to_string(), declared));
            }
        }
        self.object(path, fields.into_iter())
    }
}

/// The type of every object's metadata.
fn object_meta() -> Option<TypeId> {
    let pod = find(&Gvk::new("v1", "Pod"))?.object?;
    match built_in().get(pod)?.field("metadata")?.form {
        Form::Struct(id) => Some(id),
        _ => None,
    }
}
