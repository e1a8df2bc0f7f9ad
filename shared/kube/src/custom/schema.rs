//! A structural schema, read where it stands in its definition.

use vapwright_cel::document::{Fields, Node};

/// A schema.
#[derive(Clone, Copy, Debug)]
pub(super) struct Schema<'s>(pub &'s Node);

/// What a schema says of fields that it does not name.
#[derive(Clone, Copy, Debug)]
pub(super) enum Additional<'s> {
    /// Nothing.
    Unsaid,
    /// `true` or `false`.
    Allowed(bool),
    /// Their schema.
    Schema(Schema<'s>),
}

/// The fields that every resource has, which schemas need not name.
pub(super) fn is_meta(name: &str) -> bool {
    matches!(name, "apiVersion" | "kind" | "metadata")
}

impl<'s> Schema<'s> {
    fn get(self, key: &str) -> Option<&'s Node> {
        self.0.get(key).filter(|node| !node.is_null())
    }

    /// Whether a flag is set.
    pub fn is(self, key: &str) -> bool {
        self.get(key).and_then(Node::as_bool) == Some(true)
    }

    /// The text of a key; empty where it is absent.
    pub fn text(self, key: &str) -> &'s str {
        self.get(key).and_then(Node::as_str).unwrap_or_default()
    }

    pub fn r#type(self) -> &'s str {
        self.text("type")
    }

    /// The number of a key.
    pub fn number(self, key: &str) -> Option<f64> {
        match self.get(key)? {
            #[expect(clippy::cast_precision_loss, reason = "Go keeps it as a float64")]
            Node::Int(value) => Some(*value as f64),
            Node::Double(value) => Some(*value),
            _ => None,
        }
    }

    /// The integer of a key.
    pub fn int(self, key: &str) -> Option<i64> {
        self.get(key)?.as_int()
    }

    /// The items of a key.
    pub fn list(self, key: &str) -> &'s [Node] {
        self.get(key).and_then(Node::as_list).unwrap_or_default()
    }

    /// The texts of a key.
    pub fn texts(self, key: &str) -> impl Iterator<Item = &'s str> {
        self.list(key).iter().filter_map(Node::as_str)
    }

    /// The schemas of a key: `allOf` and the like.
    pub fn schemas(self, key: &str) -> impl ExactSizeIterator<Item = Schema<'s>> {
        self.list(key).iter().map(Schema)
    }

    /// The schema of a key: `items`, `not`.
    pub fn schema(self, key: &str) -> Option<Self> {
        self.get(key).map(Schema)
    }

    /// The schemas of fields, where there are any.
    pub fn properties(self) -> Option<&'s Fields> {
        let properties = self.get("properties").and_then(Node::as_map);
        properties.filter(|fields| !fields.is_empty())
    }

    /// The schema of a field that is named.
    pub fn property(self, name: &str) -> Option<Self> {
        self.properties()?.get(name).map(Schema)
    }

    pub fn additional(self) -> Additional<'s> {
        match self.get("additionalProperties") {
            Some(Node::Bool(allowed)) => Additional::Allowed(*allowed),
            Some(schema) => Additional::Schema(Schema(schema)),
            None => Additional::Unsaid,
        }
    }

    /// The schema of a field, named or not.
    pub fn field(self, name: &str) -> Option<Self> {
        self.property(name).or(match self.additional() {
            Additional::Schema(schema) => Some(schema),
            _ => None,
        })
    }

    pub fn default(self) -> Option<&'s Node> {
        self.get("default")
    }

    pub fn nullable(self) -> bool {
        self.is("nullable")
    }

    pub fn int_or_string(self) -> bool {
        self.is("x-kubernetes-int-or-string")
    }

    pub fn preserves(self) -> bool {
        self.is("x-kubernetes-preserve-unknown-fields")
    }

    /// Whether its objects are whole resources.
    pub fn embedded(self) -> bool {
        self.is("x-kubernetes-embedded-resource")
    }
}
