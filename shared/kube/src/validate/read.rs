//! Reading an object that was admitted: fields by name, absent ones as Go's zero values.

use vapwright_cel::document::{Fields, Node};

/// Fields of an object that was admitted.
pub(crate) trait Read<'n>: Sized {
    /// The field, where it is there.
    fn sub(self, key: &str) -> Option<&'n Node>;

    /// The text of a field; empty where it is absent.
    fn text(self, key: &str) -> &'n str {
        self.word(key).unwrap_or("")
    }

    /// The text of a field that is a pointer.
    fn word(self, key: &str) -> Option<&'n str> {
        self.sub(key)?.as_str()
    }

    /// The integer of a field.
    fn int(self, key: &str) -> Option<i64> {
        self.sub(key)?.as_int()
    }

    /// The boolean of a field.
    fn flag(self, key: &str) -> Option<bool> {
        self.sub(key)?.as_bool()
    }

    /// Whether a field is true.
    fn is(self, key: &str) -> bool {
        self.flag(key) == Some(true)
    }

    /// The items of a field.
    fn list(self, key: &str) -> &'n [Node] {
        self.sub(key).and_then(Node::as_list).unwrap_or_default()
    }

    /// The texts in the list of a field.
    fn texts(self, key: &str) -> Vec<&'n str> {
        let items = self.list(key).iter();
        items.map(|item| item.as_str().unwrap_or("")).collect()
    }

    /// The entries of a field that is a map.
    fn entries(self, key: &str) -> Vec<(&'n str, &'n Node)> {
        entries(self.sub(key))
    }

    /// The entries of a field that is a map of texts.
    fn pairs(self, key: &str) -> Vec<(&'n str, &'n str)> {
        let entries = self.entries(key).into_iter();
        entries
            .map(|(key, node)| (key, node.as_str().unwrap_or("")))
            .collect()
    }

    /// Whether a field is there.
    fn has(self, key: &str) -> bool {
        self.sub(key).is_some()
    }
}

/// The entries of a map.
pub(crate) fn entries(node: Option<&Node>) -> Vec<(&str, &Node)> {
    let fields = node.and_then(Node::as_map).into_iter();
    let fields = fields.flat_map(Fields::iter);
    fields.map(|(key, node)| (&**key, node)).collect()
}

impl<'n> Read<'n> for &'n Node {
    fn sub(self, key: &str) -> Option<&'n Node> {
        self.get(key).filter(|node| !node.is_null())
    }
}

impl<'n> Read<'n> for &'n Fields {
    fn sub(self, key: &str) -> Option<&'n Node> {
        self.get(key).filter(|node| !node.is_null())
    }
}

impl<'n> Read<'n> for Option<&'n Node> {
    fn sub(self, key: &str) -> Option<&'n Node> {
        self?.sub(key)
    }
}
