//! Maps, borrowed from the document or computed.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::{ListValue, Str, Value};
use crate::document::Fields;

/// From this many entries on keys are found by an index.
const INDEXED: usize = 16;

/// A map, borrowed from the document or computed.
#[derive(Clone, Debug)]
pub enum MapValue<'d> {
    /// In the document: keys are texts.
    Borrowed(&'d Fields),
    /// Computed: entries in the order they were made.
    Shared(Arc<Entries<'d>>),
}

/// The entries of a computed map: each key once, in the order of their first insertion.
#[derive(Clone, Debug, Default)]
pub struct Entries<'d> {
    entries: Vec<(Value<'d>, Value<'d>)>,
    index: BTreeMap<Key<'d>, usize>,
}

/// A key that can be ordered: what cel-go compares as a key of a Go map. 1 and 1u are two keys.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Key<'d> {
    Bool(bool),
    Int(i64),
    Uint(u64),
    Double(u64),
    String(Str<'d>),
}

impl<'d> Key<'d> {
    fn new(value: &Value<'d>) -> Option<Self> {
        match value {
            Value::Bool(value) => Some(Self::Bool(*value)),
            Value::Int(value) => Some(Self::Int(*value)),
            Value::Uint(value) => Some(Self::Uint(*value)),
            // 0.0 and -0.0 are one key, NaN is equal to none
            Value::Double(value) if *value == 0.0 => Some(Self::Double(0)),
            Value::Double(value) if !value.is_nan() => Some(Self::Double(value.to_bits())),
            Value::String(text) => Some(Self::String(text.clone())),
            _ => None,
        }
    }
}

fn same_key(a: &Value<'_>, b: &Value<'_>) -> bool {
    match (a, b) {
        (Value::String(a), Value::String(b)) => a == b,
        (Value::Int(a), Value::Int(b)) | (Value::Duration(a), Value::Duration(b)) => a == b,
        (Value::Bool(a), Value::Bool(b)) => a == b,
        (Value::Uint(a), Value::Uint(b)) => a == b,
        (Value::Double(a), Value::Double(b)) => a == b,
        (Value::Null, Value::Null) => true,
        (Value::Timestamp(a), Value::Timestamp(b)) => a == b,
        (Value::Bytes(a), Value::Bytes(b)) => a == b,
        (Value::Type(a), Value::Type(b)) => a.name() == b.name(),
        (Value::Optional(None), Value::Optional(None)) => true,
        // Go compares pointers
        (Value::List(ListValue::Shared(a)), Value::List(ListValue::Shared(b))) => Arc::ptr_eq(a, b),
        (Value::Map(MapValue::Shared(a)), Value::Map(MapValue::Shared(b))) => Arc::ptr_eq(a, b),
        (Value::Optional(Some(a)), Value::Optional(Some(b))) => Arc::ptr_eq(a, b),
        (Value::Object(a), Value::Object(b)) => Arc::ptr_eq(a, b),
        (Value::Opaque(a), Value::Opaque(b)) => {
            Arc::ptr_eq(a, b) || a.hashed_by_value() && a.equals(&**b).unwrap_or(false)
        }
        _ => false,
    }
}

impl<'d> Entries<'d> {
    /// How many.
    #[must_use]
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// The entries in order.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = &(Value<'d>, Value<'d>)> {
        self.entries.iter()
    }

    /// The value of exactly this key: 1u does not find 1.
    #[must_use]
    pub fn get(&self, key: &Value<'d>) -> Option<&Value<'d>> {
        self.position(key)
            .and_then(|at| self.entries.get(at))
            .map(|(_, value)| value)
    }

    /// The value of a key. Numbers of different types find each other, as cel-go's
    /// `refValMapAccessor` has it: a double finds an integer it equals, no number finds a double.
    #[must_use]
    pub fn find(&self, key: &Value<'d>) -> Option<&Value<'d>> {
        if let Some(value) = self.get(key) {
            return Some(value);
        }
        let int = |key| self.get(&Value::Int(key));
        let uint = |key| self.get(&Value::Uint(key));
        match key {
            Value::Double(key) => super::number::lossless_int(*key)
                .and_then(int)
                .or_else(|| super::number::lossless_uint(*key).and_then(uint)),
            Value::Int(key) => u64::try_from(*key).ok().and_then(uint),
            Value::Uint(key) => i64::try_from(*key).ok().and_then(int),
            _ => None,
        }
    }

    /// Sets a key's value; a key that is there keeps its place.
    pub fn insert(&mut self, key: Value<'d>, value: Value<'d>) {
        if let Some(entry) = self.position(&key).and_then(|at| self.entries.get_mut(at)) {
            entry.1 = value;
            return;
        }
        let at = self.entries.len();
        self.entries.push((key, value));
        if at + 1 == INDEXED {
            self.reindex();
        } else if at >= INDEXED
            && let Some(key) = self.entries.get(at).and_then(|(key, _)| Key::new(key))
        {
            self.index.insert(key, at);
        }
    }

    /// Takes a key out.
    pub fn remove(&mut self, key: &Value<'d>) {
        if let Some(at) = self.position(key) {
            self.entries.remove(at);
            self.index.clear();
            if self.entries.len() >= INDEXED {
                self.reindex();
            }
        }
    }

    fn reindex(&mut self) {
        self.index = self
            .entries
            .iter()
            .enumerate()
            .filter_map(|(at, (key, _))| Some((Key::new(key)?, at)))
            .collect();
    }

    fn position(&self, key: &Value<'d>) -> Option<usize> {
        if self.entries.len() >= INDEXED
            && let Some(key) = Key::new(key)
        {
            return self.index.get(&key).copied();
        }
        self.entries.iter().position(|(k, _)| same_key(k, key))
    }
}

impl<'d> FromIterator<(Value<'d>, Value<'d>)> for Entries<'d> {
    fn from_iter<T: IntoIterator<Item = (Value<'d>, Value<'d>)>>(entries: T) -> Self {
        let mut map = Self::default();
        for (key, value) in entries {
            map.insert(key, value);
        }
        map
    }
}

impl<'d> MapValue<'d> {
    /// How many entries.
    #[must_use]
    pub fn len(&self) -> usize {
        match self {
            Self::Borrowed(fields) => fields.len(),
            Self::Shared(entries) => entries.len(),
        }
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The value of a text key.
    #[must_use]
    pub fn find_str(&self, key: &str) -> Option<Value<'d>> {
        match self {
            Self::Borrowed(fields) => fields.get(key).map(Value::from),
            Self::Shared(entries) if entries.len() < INDEXED => entries
                .iter()
                .find(|(k, _)| matches!(k, Value::String(k) if k.as_str() == key))
                .map(|(_, value)| value.clone()),
            Self::Shared(entries) => entries.get(&Value::string(key)).cloned(),
        }
    }

    /// The value of a key. Numbers of different types find each other.
    #[must_use]
    pub fn find(&self, key: &Value<'d>) -> Option<Value<'d>> {
        match self {
            Self::Borrowed(fields) => fields.get(key.as_str()?).map(Value::from),
            Self::Shared(entries) => entries.find(key).cloned(),
        }
    }

    /// The entry at a position.
    #[must_use]
    pub fn entry(&self, index: usize) -> Option<(Value<'d>, Value<'d>)> {
        match self {
            Self::Borrowed(fields) => fields
                .entry(index)
                .map(|(key, node)| (Value::String(Str::Borrowed(key)), Value::from(node))),
            Self::Shared(entries) => entries.entries.get(index).cloned(),
        }
    }

    /// The entries in order.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = (Value<'d>, Value<'d>)> + '_ {
        (0..self.len()).map(|index| self.entry(index).unwrap_or((Value::Null, Value::Null)))
    }
}
