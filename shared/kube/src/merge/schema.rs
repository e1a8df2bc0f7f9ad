//! What the merge knows of a value's type: which scalars, lists and maps it may be, and how those
//! are merged (`k8s.io/kube-openapi/pkg/schemaconv`).

use vapwright_cel::document::Node;

use crate::json;
use crate::kinds::Gvk;
use crate::schema::{Field, Form, Keys, Schema, Type, built_in};

/// The schemas of kinds: those that are built in, and those of CustomResourceDefinitions.
#[derive(Clone, Copy, Debug, Default)]
pub struct Schemas<'s> {
    /// Objects among which definitions are looked for.
    pub objects: &'s [Node],
}

impl<'s> Schemas<'s> {
    /// The type of the objects of a kind. Where nothing is known of it, any value may be anywhere,
    /// and all lists are atomic.
    pub(super) fn of(&self, kind: &Gvk) -> Shape<'s> {
        let schema = built_in();
        if let Some(found) = schema.kind(kind) {
            return match found.object.and_then(|id| schema.get(id)) {
                Some(object) => Shape::Struct(object, None),
                None => Shape::Deduced,
            };
        }
        match self.definition(kind) {
            Some(node) => Shape::Root(node),
            None => Shape::Deduced,
        }
    }

    /// The schema of a kind that a CustomResourceDefinition defines.
    fn definition(&self, kind: &Gvk) -> Option<&'s Node> {
        self.objects.iter().find_map(|object| {
            let text = |path: &[&str]| object.at(path).and_then(Node::as_str);
            let defines = text(&["kind"]) == Some("CustomResourceDefinition")
                && text(&["spec", "group"]) == Some(&kind.group)
                && text(&["spec", "names", "kind"]) == Some(&kind.kind);
            if !defines {
                return None;
            }
            let versions = object.at(&["spec", "versions"])?.as_list()?;
            let version = versions.iter().find(|version| {
                version.get("name").and_then(Node::as_str) == Some(&kind.version)
            })?;
            version.at(&["schema", "openAPIV3Schema"])
        })
    }
}

/// The type of a value.
#[derive(Clone, Copy, Debug)]
pub(super) enum Shape<'s> {
    /// A struct of the built-in kinds, and how its field says that it is merged.
    Struct(&'s Type, Option<bool>),
    /// Any other type of the built-in kinds.
    Form(&'s Form, Option<bool>),
    /// The whole object of a custom kind.
    Root(&'s Node),
    /// A part of one: its schema, and whether unknown fields are kept in it.
    Custom(&'s Node, bool),
    /// The `apiVersion` or `kind` of one.
    Text,
    /// Anything; maps are merged, lists are not.
    Deduced,
    /// Anything, merged as one.
    Untyped,
}

/// Which scalars a value may be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Scalar {
    Numeric,
    String,
    Boolean,
    Untyped,
}

/// What a value may be.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Atom<'s> {
    pub(super) scalar: Option<Scalar>,
    pub(super) list: Option<ListShape<'s>>,
    pub(super) map: Option<MapShape<'s>>,
}

/// A list that a value may be.
#[derive(Clone, Copy, Debug)]
pub(super) enum ListShape<'s> {
    Form(&'s Form, &'s Keys),
    Custom(&'s Node, bool),
    Untyped,
}

/// A map that a value may be.
#[derive(Clone, Copy, Debug)]
pub(super) enum MapShape<'s> {
    Struct(&'s Type, bool),
    Form(&'s Form, bool),
    Root(&'s Node),
    Custom(&'s Node, bool),
    Deduced,
    Untyped,
}

impl<'s> Shape<'s> {
    pub(super) fn atom(&self) -> Atom<'s> {
        let scalar = |scalar| Atom {
            scalar: Some(scalar),
            ..Atom::default()
        };
        let map = |map| Atom {
            map: Some(map),
            ..Atom::default()
        };
        match *self {
            Self::Struct(object, atomic) => {
                map(MapShape::Struct(object, atomic.unwrap_or(object.atomic)))
            }
            Self::Form(form, atomic) => match form {
                Form::String | Form::Bytes => scalar(Scalar::String),
                Form::Bool => scalar(Scalar::Boolean),
                Form::Int32 | Form::Int64 | Form::Double => scalar(Scalar::Numeric),
                Form::Time | Form::MicroTime | Form::IntOrString | Form::Quantity => {
                    scalar(Scalar::Untyped)
                }
                Form::Struct(id) => match built_in().get(*id) {
                    Some(object) => Self::Struct(object, atomic).atom(),
                    None => Self::Untyped.atom(),
                },
                Form::List(items, keys) => Atom {
                    list: Some(ListShape::Form(items, keys)),
                    ..Atom::default()
                },
                Form::Map(values) => map(MapShape::Form(values, atomic.unwrap_or(false))),
                Form::Any => Self::Untyped.atom(),
            },
            Self::Root(node) => map(MapShape::Root(node)),
            Self::Custom(node, kept) => custom_atom(node, kept),
            Self::Text => scalar(Scalar::String),
            Self::Deduced => Atom {
                scalar: Some(Scalar::Untyped),
                list: Some(ListShape::Untyped),
                map: Some(MapShape::Deduced),
            },
            Self::Untyped => Atom {
                scalar: Some(Scalar::Untyped),
                list: Some(ListShape::Untyped),
                map: Some(MapShape::Untyped),
            },
        }
    }
}

fn flag(node: &Node, name: &str) -> bool {
    node.get(name).and_then(Node::as_bool) == Some(true)
}

fn custom_atom(node: &Node, kept: bool) -> Atom<'_> {
    let kept = kept || flag(node, "x-kubernetes-preserve-unknown-fields");
    let text = |name: &str| node.get(name).and_then(Node::as_str).unwrap_or_default();
    let scalar = match text("type") {
        "integer" | "number" => Scalar::Numeric,
        "boolean" => Scalar::Boolean,
        "string" if matches!(text("format"), "" | "byte") => Scalar::String,
        "string" => Scalar::Untyped,
        "object" => {
            return Atom {
                map: Some(MapShape::Custom(node, kept)),
                ..Atom::default()
            };
        }
        "array" => {
            return Atom {
                list: Some(ListShape::Custom(node, kept)),
                ..Atom::default()
            };
        }
        _ => {
            return Atom {
                scalar: Some(Scalar::Untyped),
                list: Some(ListShape::Custom(node, kept)),
                map: Some(MapShape::Custom(node, kept)),
            };
        }
    };
    Atom {
        scalar: Some(scalar),
        ..Atom::default()
    }
}

impl<'s> ListShape<'s> {
    /// Whether its items are told apart, and not the list as a whole.
    pub(super) fn is_associative(&self) -> bool {
        match self {
            Self::Form(_, keys) => **keys != Keys::Atomic,
            Self::Custom(node, _) => {
                let kind = node.get("x-kubernetes-list-type").and_then(Node::as_str);
                matches!(kind, Some("set" | "map"))
            }
            Self::Untyped => false,
        }
    }

    /// The fields of its items that tell them apart; none where the items themselves do.
    pub(super) fn keys(&self) -> Vec<&'s str> {
        match self {
            Self::Form(_, Keys::Fields(keys)) => keys.iter().map(String::as_str).collect(),
            Self::Custom(node, _) => {
                let keys = node.get("x-kubernetes-list-map-keys");
                let keys = keys.and_then(Node::as_list).unwrap_or_default().iter();
                keys.filter_map(Node::as_str).collect()
            }
            _ => Vec::new(),
        }
    }

    pub(super) fn items(&self) -> Shape<'s> {
        match *self {
            Self::Form(items, _) => Shape::Form(items, None),
            Self::Custom(node, kept) => match node.get("items") {
                Some(items) => Shape::Custom(items, kept),
                None => Shape::Untyped,
            },
            Self::Untyped => Shape::Untyped,
        }
    }
}

impl<'s> MapShape<'s> {
    pub(super) fn is_atomic(&self) -> bool {
        match self {
            Self::Struct(_, atomic) | Self::Form(_, atomic) => *atomic,
            Self::Custom(node, _) => {
                node.get("x-kubernetes-map-type").and_then(Node::as_str) == Some("atomic")
            }
            Self::Root(_) | Self::Deduced => false,
            Self::Untyped => true,
        }
    }

    /// The type of a field that is declared.
    pub(super) fn field(&self, name: &str) -> Option<Shape<'s>> {
        match *self {
            Self::Struct(object, _) => object.field(name).map(Field::shape),
            Self::Root(_) if matches!(name, "apiVersion" | "kind") => Some(Shape::Text),
            Self::Root(_) if name == "metadata" => Some(metadata()),
            Self::Root(node) => Self::Custom(node, false).field(name),
            Self::Custom(node, kept) => {
                let kept = kept || flag(node, "x-kubernetes-preserve-unknown-fields");
                let field = node.get("properties")?.get(name)?;
                if flag(node, "x-kubernetes-embedded-resource") && name == "metadata" {
                    return Some(metadata());
                }
                Some(Shape::Custom(field, kept))
            }
            Self::Form(..) | Self::Deduced | Self::Untyped => None,
        }
    }

    /// The type of a field that is not; none where there may be no such field.
    pub(super) fn other_field(&self) -> Option<Shape<'s>> {
        match *self {
            Self::Struct(object, _) => object.fields.is_empty().then_some(Shape::Deduced),
            Self::Form(values, _) => Some(Shape::Form(values, None)),
            Self::Root(node) => {
                let kept = flag(node, "x-kubernetes-preserve-unknown-fields");
                kept.then_some(Shape::Deduced)
            }
            Self::Custom(node, kept) => match node.get("additionalProperties") {
                Some(Node::Bool(allowed)) => allowed.then_some(Shape::Deduced),
                Some(values @ Node::Map(_)) => Some(Shape::Custom(values, kept)),
                _ => {
                    let empty = |fields: &Node| fields.as_map().is_none_or(|map| map.is_empty());
                    let none = node.get("properties").is_none_or(empty);
                    (kept || none).then_some(Shape::Deduced)
                }
            },
            Self::Deduced => Some(Shape::Deduced),
            Self::Untyped => Some(Shape::Untyped),
        }
    }

    /// The default of a field.
    pub(super) fn default(&self, name: &str) -> Option<Node> {
        match *self {
            // the one field that has a zero default though it is left out when it is zero
            Self::Struct(object, _) if object.short_name() == "LocalObjectReference" => {
                object.field(name).map(|_| Node::string(""))
            }
            Self::Struct(object, _) => object.field(name)?.default_value(),
            Self::Root(node) | Self::Custom(node, _) => {
                let field = node.get("properties")?.get(name)?;
                field.get("default").cloned()
            }
            Self::Form(..) | Self::Deduced | Self::Untyped => None,
        }
    }
}

impl Field {
    fn shape(&self) -> Shape<'_> {
        Shape::Form(&self.form, self.atomic)
    }

    /// The default that the OpenAPI document says; a zero value is one where the field is required.
    fn default_value(&self) -> Option<Node> {
        if let Some(default) = &self.default {
            return json::from_str(default).ok();
        }
        if !self.always || self.pointer {
            return None;
        }
        match self.form {
            Form::String => Some(Node::string("")),
            Form::Int32 | Form::Int64 | Form::Double => Some(Node::Int(0)),
            Form::Bool => Some(Node::Bool(false)),
            _ => None,
        }
    }
}

/// The type of `metadata`, which is that of all kinds.
fn metadata() -> Shape<'static> {
    let schema: &'static Schema = built_in();
    let of_pods = schema
        .kind(&Gvk::new("v1", "Pod"))
        .and_then(|kind| schema.get(kind.object?))
        .and_then(|object| object.field("metadata"));
    match of_pods {
        Some(field) => field.shape(),
        None => Shape::Deduced,
    }
}
