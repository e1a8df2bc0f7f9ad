//! Values of an object and of the one that it replaces: what does not change is not held against
//! an update (`CorrelatedObject` of `k8s.io/apiserver/pkg/cel/common`).

use vapwright_cel::document::Node;

use super::schema::Schema;
use super::values::json;

/// A value and the one that it replaces.
#[derive(Clone, Copy)]
pub(super) struct Pair<'n, 's> {
    pub new: &'n Node,
    pub old: &'n Node,
    pub schema: Schema<'s>,
}

impl Pair<'_, '_> {
    /// The values of a field, where both have it and the schema does.
    pub fn field(self, name: &str) -> Option<Self> {
        Some(Self {
            new: self.new.get(name)?,
            old: self.old.get(name)?,
            schema: self.schema.field(name)?,
        })
    }

    /// The values of an item: only the items of lists that are maps are told apart.
    pub fn item(self, index: usize) -> Option<Self> {
        let new = self.new.as_list()?.get(index)?;
        let old = counterpart(self.schema, self.old.as_list()?, new)?;
        Some(Self {
            new,
            old,
            schema: self.schema.schema("items")?,
        })
    }

    /// Whether nothing has changed.
    pub fn is_equal(self) -> bool {
        match (self.new, self.old) {
            (Node::List(new), Node::List(old)) => {
                if new.len() != old.len() {
                    return false;
                }
                if self.schema.text("x-kubernetes-list-type") != "map" {
                    return json(self.new) == json(self.old);
                }
                (0..new.len()).all(|index| self.item(index).is_some_and(Self::is_equal))
            }
            (Node::Map(new), Node::Map(old)) => {
                let mut names = new.iter().map(|(name, _)| name);
                new.len() == old.len()
                    && names.all(|name| self.field(name).is_some_and(Self::is_equal))
            }
            (new, old) => new == old,
        }
    }
}

/// The item of a list that is a map with the same keys as another.
pub(super) fn counterpart<'n>(schema: Schema<'_>, old: &'n [Node], new: &Node) -> Option<&'n Node> {
    if schema.text("x-kubernetes-list-type") != "map" {
        return None;
    }
    let keys: Vec<&str> = schema.texts("x-kubernetes-list-map-keys").collect();
    let same = |item: &Node, key: &str| {
        let (old, new) = (item.get(key), new.get(key));
        let scalar = !matches!(new, None | Some(Node::Null | Node::List(_) | Node::Map(_)));
        scalar && old == new
    };
    let mut old = old.iter().filter(|_| !keys.is_empty());
    old.find(|item| keys.iter().all(|key| same(item, key)))
}
