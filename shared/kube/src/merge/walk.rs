//! The merge itself: what the second value has takes the place of what the first has.

use std::collections::{BTreeMap, BTreeSet};

use super::given::Given;
use super::schema::{Atom, ListShape, MapShape, Scalar, Shape};
use super::validate::{check_scalar, deduce};
use super::{Error, MAX_DEPTH, element_of, prefixed};

/// Merges two values of a type; none where nothing is left.
pub(super) fn merge(
    shape: &Shape<'_>,
    left: &Given,
    right: &Given,
) -> Result<Option<Given>, Vec<Error>> {
    let (out, errors) = Walk { depth: 0 }.merge(shape, Some(left), Some(right));
    if errors.is_empty() {
        Ok(out)
    } else {
        Err(errors)
    }
}

/// What is left of two values, and what is wrong.
type Merged = (Option<Given>, Vec<Error>);

struct Walk {
    depth: u32,
}

impl Walk {
    fn merge(&mut self, shape: &Shape<'_>, left: Option<&Given>, right: Option<&Given>) -> Merged {
        if self.depth > MAX_DEPTH {
            return (None, Error::new("nested too deeply".to_owned()));
        }
        self.depth += 1;
        let atom = shape.atom();
        let of_left = deduce(atom, left);
        let of_right = deduce(atom, right);
        let merged = if right.is_none() {
            self.of_atom(of_left, left, right)
        } else if left.is_none() || same_kind(&of_left, &of_right) {
            self.of_atom(of_right, left, right)
        } else {
            let (_, mut errors) = self.of_atom(of_left, left, right);
            let (out, more) = self.of_atom(of_right, left, right);
            errors.extend(more);
            (out, errors)
        };
        self.depth -= 1;
        merged
    }

    fn of_atom(&mut self, atom: Atom<'_>, left: Option<&Given>, right: Option<&Given>) -> Merged {
        match atom {
            Atom { map: Some(map), .. } => self.maps(&map, left, right),
            Atom {
                scalar: Some(scalar),
                ..
            } => scalars(scalar, left, right),
            Atom {
                list: Some(list), ..
            } => self.lists(&list, left, right),
            Atom { .. } => (None, Vec::new()),
        }
    }

    fn maps(&mut self, map: &MapShape<'_>, left: Option<&Given>, right: Option<&Given>) -> Merged {
        let (of_left, of_right) = (fields(left), fields(right));
        if map.is_atomic() || of_left.is_empty() && of_right.is_empty() {
            return keep_right(left, right);
        }
        let mut out = Vec::new();
        let mut errors = Vec::new();
        let own = of_left.iter().map(|(name, value)| {
            let other = of_right.iter().find(|(other, _)| other == name);
            (name, Some(value), other.map(|(_, value)| value))
        });
        let new = of_right
            .iter()
            .filter(|(name, _)| !of_left.iter().any(|(other, _)| other == name))
            .map(|(name, value)| (name, None, Some(value)));
        for (name, left, right) in own.chain(new) {
            let shape = map.field(name).or_else(|| map.other_field());
            let shape = shape.unwrap_or(Shape::Deduced);
            let (value, found) = self.merge(&shape, left, right);
            errors.extend(prefixed(found, &format!(".{name}")));
            out.extend(value.map(|value| (name.clone(), value)));
        }
        ((!out.is_empty()).then_some(Given::Map(out)), errors)
    }

    fn lists(
        &mut self,
        list: &ListShape<'_>,
        left: Option<&Given>,
        right: Option<&Given>,
    ) -> Merged {
        let (of_left, of_right) = (items(left), items(right));
        if !list.is_associative() || of_left.is_empty() && of_right.is_empty() {
            return keep_right(left, right);
        }
        let right = Indexed::new(list, of_right, false);
        let left = Indexed::new(list, of_left, true);
        let (left, right) = match (left, right) {
            (Ok(left), Ok(right)) => (left, right),
            (left, right) => {
                let mut errors = right.err().unwrap_or_default();
                errors.extend(left.err().unwrap_or_default());
                return (None, errors);
            }
        };
        let out = self.items(list, &left, &right);
        ((!out.is_empty()).then_some(Given::List(out)), Vec::new())
    }

    /// The items of both lists: in the order of the first, where the second agrees with it.
    fn items(
        &mut self,
        list: &ListShape<'_>,
        left: &Indexed<'_>,
        right: &Indexed<'_>,
    ) -> Vec<Given> {
        let shape = list.items();
        let mut shared = right.keys.iter().filter(|key| left.has(key));
        let mut next_shared = shared.next();
        let mut merged = BTreeSet::new();
        let mut out = Vec::new();
        let (mut l, mut r) = (0, 0);
        loop {
            let (in_left, in_right) = (left.keys.get(l), right.keys.get(r));
            match (in_left, in_right) {
                (None, None) => return out,
                (Some(key), Some(other)) if key == other => {
                    merged.insert(key);
                    out.extend(self.merge(&shape, left.item(key), right.item(key)).0);
                    l += 1;
                    r += 1;
                    next_shared = shared.next();
                    continue;
                }
                // shared, but not the one that is next
                (Some(key), Some(_))
                    if right.has(key) && next_shared.is_some_and(|next| next != key) =>
                {
                    l += 1;
                    continue;
                }
                _ => {}
            }
            if let Some(key) = in_left {
                if !right.has(key) {
                    out.extend(self.merge(&shape, left.items.get(l), None).0);
                    l += 1;
                    continue;
                }
                if merged.contains(key) {
                    l += 1;
                }
            }
            if let Some(key) = in_right {
                merged.insert(key);
                out.extend(self.merge(&shape, left.item(key), right.item(key)).0);
                r += 1;
                if next_shared == Some(key) {
                    next_shared = shared.next();
                }
            }
        }
    }
}

/// The items of a list by what tells them apart.
struct Indexed<'g> {
    items: &'g [Given],
    keys: Vec<String>,
    /// The item of a key; of one that several items have, none of them.
    found: BTreeMap<String, &'g Given>,
}

impl<'g> Indexed<'g> {
    fn new(list: &ListShape<'_>, items: &'g [Given], duplicates: bool) -> Result<Self, Vec<Error>> {
        let mut errors = Vec::new();
        let mut keys = Vec::with_capacity(items.len());
        let mut found: BTreeMap<String, &Given> = BTreeMap::new();
        for (index, item) in items.iter().enumerate() {
            match element_of(list, item) {
                Err(why) => errors.extend(Error::new(format!("element {index}: {why}"))),
                Ok(key) if found.contains_key(&key) => {
                    if !duplicates {
                        let why = format!("duplicate entries for key {key}");
                        errors.extend(Error::new(why));
                        continue;
                    }
                    found.insert(key.clone(), &Given::Null);
                    keys.push(key);
                }
                Ok(key) => {
                    found.insert(key.clone(), item);
                    keys.push(key);
                }
            }
        }
        if errors.is_empty() {
            Ok(Self { items, keys, found })
        } else {
            Err(errors)
        }
    }

    fn has(&self, key: &str) -> bool {
        self.found.contains_key(key)
    }

    fn item(&self, key: &str) -> Option<&'g Given> {
        self.found.get(key).copied()
    }
}

fn scalars(scalar: Scalar, left: Option<&Given>, right: Option<&Given>) -> Merged {
    let of_left = check_scalar(scalar, left, "lhs: ");
    let of_right = check_scalar(scalar, right, "rhs: ");
    if !of_left.is_empty() && !of_right.is_empty() {
        return (None, of_left.into_iter().chain(of_right).collect());
    }
    keep_right(left, right)
}

fn keep_right(left: Option<&Given>, right: Option<&Given>) -> Merged {
    (right.or(left).cloned(), Vec::new())
}

const fn same_kind(left: &Atom<'_>, right: &Atom<'_>) -> bool {
    left.scalar.is_some() == right.scalar.is_some()
        && left.list.is_some() == right.list.is_some()
        && left.map.is_some() == right.map.is_some()
}

fn fields(value: Option<&Given>) -> &[(std::sync::Arc<str>, Given)] {
    match value {
        Some(Given::Map(fields)) => fields,
        _ => &[],
    }
}

fn items(value: Option<&Given>) -> &[Given] {
    match value {
        Some(Given::List(items)) => items,
        _ => &[],
    }
}
