//! A document of a YAML or JSON file: its data and the place of every node.

use vapwright_cel::document::Node;

use crate::path::{Path, Segment};
use crate::problem::TextRange;

/// One document of a file.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Document {
    /// The data.
    pub node: Node,
    /// The places, a tree of the same shape.
    pub places: Places,
}

/// The places of a node and of what is below it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Places {
    /// The node's own text.
    pub range: TextRange,
    /// The key in front of it, where it is a field.
    pub key: Option<TextRange>,
    /// The content of a scalar as it stands in the text, where byte offsets of the value can be
    /// mapped to the text: where it starts, line by line. Empty for maps and lists.
    pub scalar: Option<ScalarText>,
    /// Of a map's entries or a list's items, in the order of the node's own.
    pub children: Vec<Places>,
}

/// How the characters of a scalar's value lie in the file's text.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ScalarText {
    first: (u32, u32),
    /// Most texts lie in their file in one piece, and need no memory of their own.
    rest: Box<[(u32, u32)]>,
}

impl ScalarText {
    /// From pairs of (offset in the value, offset in the text), both in bytes and rising: from a pair
    /// on, value and text run in step up to the next pair. None where there are no pairs.
    #[must_use]
    pub fn new(anchors: &[(u32, u32)]) -> Option<Self> {
        let (first, rest) = anchors.split_first()?;
        Some(Self {
            first: *first,
            rest: rest.into(),
        })
    }

    /// The offset in the text of an offset in the value.
    #[must_use]
    pub fn text_offset(&self, value_offset: u32) -> Option<u32> {
        let after = self
            .rest
            .partition_point(|(value, _)| *value <= value_offset);
        let last = after.checked_sub(1).and_then(|index| self.rest.get(index));
        let (value, text) = last.unwrap_or(&self.first);
        Some(text + value_offset.checked_sub(*value)?)
    }
}

impl Document {
    /// The node and the places at a path.
    #[must_use]
    pub fn find(&self, path: &Path) -> Option<(&Node, &Places)> {
        path.0
            .iter()
            .try_fold((&self.node, &self.places), |(node, places), segment| {
                let index = match (segment, node) {
                    (Segment::Field(name), Node::Map(fields)) => {
                        fields.iter().position(|(key, _)| key == name)?
                    }
                    (Segment::Index(index), Node::List(_)) => *index,
                    _ => return None,
                };
                let child = match node {
                    Node::Map(fields) => fields.entry(index)?.1,
                    Node::List(items) => items.get(index)?,
                    _ => return None,
                };
                Some((child, places.children.get(index)?))
            })
    }

    /// The range to mark for a path: of the node, with its key; where the path leads nowhere, of
    /// the deepest node on the way that is there.
    #[must_use]
    pub fn range(&self, path: &Path) -> TextRange {
        let mut path = path.clone();
        loop {
            if let Some((_, places)) = self.find(&path) {
                let start = places.key.map_or(places.range.start, |key| key.start);
                return TextRange {
                    start,
                    end: places.range.end,
                };
            }
            match path.parent() {
                Some(parent) => path = parent,
                None => return self.places.range,
            }
        }
    }
}
