//! The data an expression reads: a plain tree, borrowed by every value that comes out of it.

use std::sync::Arc;

/// A JSON-like value. An integer stays an integer (`int64` in Kubernetes).
#[derive(Clone, Debug, PartialEq, Default)]
pub enum Node {
    /// `null`
    #[default]
    Null,
    /// A boolean.
    Bool(bool),
    /// An integer.
    Int(i64),
    /// A number with a fraction or an exponent, or beyond 64 bits.
    Double(f64),
    /// A text.
    String(Arc<str>),
    /// A list.
    List(Vec<Node>),
    /// A map of texts to values.
    Map(Fields),
}

/// The entries of a map, in their order, each key once.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct Fields {
    entries: Vec<(Arc<str>, Node)>,
}

impl Fields {
    /// No entries.
    #[must_use]
    pub const fn new() -> Self {
        Self {
            entries: Vec::new(),
        }
    }

    /// The value of a key. A scan: Kubernetes objects have few keys each, and comparing
    /// lengths first makes it cheaper than hashing.
    #[must_use]
    pub fn get(&self, key: &str) -> Option<&Node> {
        self.entries
            .iter()
            .find(|(name, _)| &**name == key)
            .map(|(_, node)| node)
    }

    /// The value of a key, to change it.
    pub fn get_mut(&mut self, key: &str) -> Option<&mut Node> {
        self.entries
            .iter_mut()
            .find(|(name, _)| &**name == key)
            .map(|(_, node)| node)
    }

    /// Sets a key, in its place if it is there, else at the end; gives back what it replaced.
    pub fn insert(&mut self, key: impl Into<Arc<str>>, node: Node) -> Option<Node> {
        let key = key.into();
        match self.get_mut(&key) {
            Some(slot) => Some(std::mem::replace(slot, node)),
            None => {
                self.entries.push((key, node));
                None
            }
        }
    }

    /// Appends an entry whose key is known to be new.
    pub fn push(&mut self, key: impl Into<Arc<str>>, node: Node) {
        self.entries.push((key.into(), node));
    }

    /// Gives back the memory that is kept for further entries.
    pub fn shrink_to_fit(&mut self) {
        self.entries.shrink_to_fit();
    }

    /// Takes a key out.
    pub fn remove(&mut self, key: &str) -> Option<Node> {
        let index = self.entries.iter().position(|(name, _)| &**name == key)?;
        Some(self.entries.remove(index).1)
    }

    /// The entry at a position.
    #[must_use]
    pub fn entry(&self, index: usize) -> Option<(&Arc<str>, &Node)> {
        self.entries.get(index).map(|(key, node)| (key, node))
    }

    /// All entries in order.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = (&Arc<str>, &Node)> {
        self.entries.iter().map(|(key, node)| (key, node))
    }

    /// All entries in order, values to change.
    pub fn iter_mut(&mut self) -> impl ExactSizeIterator<Item = (&Arc<str>, &mut Node)> {
        self.entries.iter_mut().map(|(key, node)| (&*key, node))
    }

    /// How many entries.
    #[must_use]
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }
}

impl<K: Into<Arc<str>>> FromIterator<(K, Node)> for Fields {
    /// A later entry of the same key replaces an earlier one.
    fn from_iter<T: IntoIterator<Item = (K, Node)>>(entries: T) -> Self {
        let mut fields = Self::new();
        for (key, node) in entries {
            fields.insert(key, node);
        }
        fields
    }
}

impl Node {
    /// A text.
    pub fn string(text: impl Into<Arc<str>>) -> Self {
        Self::String(text.into())
    }

    /// A map of the entries.
    pub fn map<K: Into<Arc<str>>>(entries: impl IntoIterator<Item = (K, Node)>) -> Self {
        Self::Map(entries.into_iter().collect())
    }

    /// The field of a map; `None` for anything else.
    #[must_use]
    pub fn get(&self, key: &str) -> Option<&Node> {
        match self {
            Self::Map(fields) => fields.get(key),
            _ => None,
        }
    }

    /// The value below a chain of fields.
    #[must_use]
    pub fn at<'n>(&'n self, path: &[&str]) -> Option<&'n Node> {
        path.iter().try_fold(self, |node, key| node.get(key))
    }

    /// The text, if it is one.
    #[must_use]
    pub fn as_str(&self) -> Option<&str> {
        match self {
            Self::String(text) => Some(text),
            _ => None,
        }
    }

    /// The items, if it is a list.
    #[must_use]
    pub fn as_list(&self) -> Option<&[Node]> {
        match self {
            Self::List(items) => Some(items),
            _ => None,
        }
    }

    /// The entries, if it is a map.
    #[must_use]
    pub fn as_map(&self) -> Option<&Fields> {
        match self {
            Self::Map(fields) => Some(fields),
            _ => None,
        }
    }

    /// The entries, if it is a map, to change them.
    pub fn as_map_mut(&mut self) -> Option<&mut Fields> {
        match self {
            Self::Map(fields) => Some(fields),
            _ => None,
        }
    }

    /// The boolean, if it is one.
    #[must_use]
    pub fn as_bool(&self) -> Option<bool> {
        match self {
            Self::Bool(value) => Some(*value),
            _ => None,
        }
    }

    /// The integer, if it is one.
    #[must_use]
    pub fn as_int(&self) -> Option<i64> {
        match self {
            Self::Int(value) => Some(*value),
            _ => None,
        }
    }

    /// Whether it is `null`.
    #[must_use]
    pub fn is_null(&self) -> bool {
        matches!(self, Self::Null)
    }
}
