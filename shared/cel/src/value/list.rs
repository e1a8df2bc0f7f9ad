//! Lists, borrowed from the document or computed.

use std::sync::Arc;

use super::{Entries, Value, go};
use crate::document::Node;

/// A list, borrowed from the document or computed.
#[derive(Clone, Debug)]
pub enum ListValue<'d> {
    /// In the document.
    Borrowed(&'d [Node]),
    /// Computed. A vector, so that a comprehension can append in place.
    Shared(Arc<Items<'d>>),
}

/// The elements of a computed list.
#[derive(Clone, Debug, Default)]
pub struct Items<'d> {
    values: Vec<Value<'d>>,
    keys: ListKeys,
}

/// By what the elements of a list are told apart: `x-kubernetes-list-type`. Where it is not by their
/// place, `==` does not look at the order, and `+` adds what is not there.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum ListKeys {
    /// By their place.
    #[default]
    Atomic,
    /// By themselves.
    Set,
    /// By these fields.
    Fields(Arc<[Arc<str>]>),
}

impl<'d> std::ops::Deref for Items<'d> {
    type Target = Vec<Value<'d>>;

    #[inline]
    fn deref(&self) -> &Self::Target {
        &self.values
    }
}

impl ListKeys {
    /// What an element is told apart by; `None` where it has no keys, as no map has.
    fn key<'d>(&self, value: &Value<'d>) -> Option<Value<'d>> {
        let Self::Fields(keys) = self else {
            return Some(value.clone());
        };
        let Value::Map(map) = value else { return None };
        match &**keys {
            [key] => Some(map.find_str(key).unwrap_or(Value::Null)),
            keys => {
                let parts = keys
                    .iter()
                    .map(|key| map.find_str(key).map(|value| go::print(&value)));
                let parts: Vec<String> = parts.map(Option::unwrap_or_default).collect();
                Some(Value::string(parts.join("\0")))
            }
        }
    }

    /// The places of elements by what they are told apart by; the last of the same counts.
    fn index<'d>(&self, values: impl Iterator<Item = Value<'d>>) -> Entries<'d> {
        let mut index = Entries::default();
        for (value, place) in values.zip(0..) {
            if let Some(key) = self.key(&value) {
                index.insert(key, Value::Int(place));
            }
        }
        index
    }

    /// The place of the element that an index has for another.
    fn place<'d>(&self, index: &Entries<'d>, value: &Value<'d>) -> Option<usize> {
        match index.get(&self.key(value)?) {
            Some(Value::Int(place)) => usize::try_from(*place).ok(),
            _ => None,
        }
    }
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
            Self::Shared(items) => items.values.clone(),
        }
    }

    /// A list that is computed.
    #[must_use]
    pub fn new(values: Vec<Value<'d>>, keys: ListKeys) -> Self {
        Self::Shared(Arc::new(Items { values, keys }))
    }

    /// By what its elements are told apart.
    #[must_use]
    pub fn keys(&self) -> &ListKeys {
        match self {
            Self::Borrowed(_) => &ListKeys::Atomic,
            Self::Shared(items) => &items.keys,
        }
    }

    /// The elements that are the same to this list as those of another, in their order; `None` where
    /// it has none for one of them.
    #[must_use]
    pub fn counterparts(&self, other: &Self) -> Option<Self> {
        let keys = self.keys();
        let index = keys.index(self.iter());
        let found = other
            .iter()
            .map(|value| self.get(keys.place(&index, &value)?));
        let values = found.collect::<Option<Vec<_>>>()?;
        Some(Self::new(values, ListKeys::Atomic))
    }

    /// The elements of both; in place where nobody else holds the first list.
    #[must_use]
    pub fn concat(self, other: &Self) -> Self {
        let keyed = *self.keys() != ListKeys::Atomic;
        if self.is_empty() && !keyed {
            return other.clone();
        }
        if other.is_empty() {
            return self;
        }
        let mut items = match self {
            Self::Shared(items) => Arc::unwrap_or_clone(items),
            Self::Borrowed(_) => Items {
                values: self.to_vec(),
                keys: ListKeys::Atomic,
            },
        };
        items.values.reserve(other.len());
        if !keyed {
            items.values.extend(other.iter());
            return Self::Shared(Arc::new(items));
        }
        let Items { values, keys } = &mut items;
        let mut index = keys.index(values.iter().cloned());
        for value in other.iter() {
            let known = keys.place(&index, &value);
            match known.and_then(|place| values.get_mut(place)) {
                Some(known) => *known = value,
                None => {
                    if let (Some(key), Ok(place)) = (keys.key(&value), values.len().try_into()) {
                        index.insert(key, Value::Int(place));
                    }
                    values.push(value);
                }
            }
        }
        Self::Shared(Arc::new(items))
    }
}
