//! Lists, borrowed from the document or computed.

use std::sync::Arc;

use super::Value;
use crate::document::Node;

/// A list, borrowed from the document or computed.
#[derive(Clone, Debug)]
pub enum ListValue<'d> {
    /// In the document.
    Borrowed(&'d [Node]),
    /// Computed. A vector, so that a comprehension can append in place.
    Shared(Arc<Vec<Value<'d>>>),
}

impl<'d> ListValue<'d> {
    /// How many elements.
    #[must_use]
    pub fn len(&self) -> usize {
        match self {
            Self::Borrowed(items) => items.len(),
            Self::Shared(items) => items.len(),
        }
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The element at an index.
    #[must_use]
    pub fn get(&self, index: usize) -> Option<Value<'d>> {
        match self {
            Self::Borrowed(items) => items.get(index).map(Value::from),
            Self::Shared(items) => items.get(index).cloned(),
        }
    }

    /// The elements in order.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = Value<'d>> + '_ {
        (0..self.len()).map(|index| self.get(index).unwrap_or(Value::Null))
    }

    /// The elements as a vector of their own, to change.
    #[must_use]
    pub fn to_vec(&self) -> Vec<Value<'d>> {
        match self {
            Self::Borrowed(items) => items.iter().map(Value::from).collect(),
            Self::Shared(items) => items.to_vec(),
        }
    }

    /// The elements of both; in place where nobody else holds the first list.
    #[must_use]
    pub fn concat(self, other: &Self) -> Self {
        if self.is_empty() {
            return other.clone();
        }
        if other.is_empty() {
            return self;
        }
        let mut items = match self {
            Self::Shared(items) => Arc::unwrap_or_clone(items),
            Self::Borrowed(_) => self.to_vec(),
        };
        items.reserve(other.len());
        items.extend(other.iter());
        Self::Shared(Arc::new(items))
    }
}
