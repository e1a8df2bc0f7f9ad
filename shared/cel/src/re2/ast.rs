//! A pattern as it was read: nodes by index, so that no depth of nesting can exhaust the stack
//! when it is dropped.

use super::class::Set;

/// What must be true of a place in the text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Assertion {
    BeginText,
    EndText,
    BeginLine,
    EndLine,
    WordBoundary,
    NoWordBoundary,
}

/// The index of a node.
pub(super) type NodeId = u32;

#[derive(Clone, Copy, Debug)]
pub(super) enum Node {
    /// The empty text.
    Empty,
    /// A code point of a range.
    Range(u32, u32),
    /// A code point of a set, by its index.
    Set(u32),
    Assertion(Assertion),
    Repeat {
        of: NodeId,
        /// Whether what is repeated matches the empty text.
        nullable: bool,
        min: u32,
        /// `None`: any number.
        max: Option<u32>,
        lazy: bool,
    },
    /// One after the other: a range of `children`.
    Concat(u32, u32),
    /// The first that fits: a range of `children`.
    Alternate(u32, u32),
}

/// A pattern.
#[derive(Debug, Default)]
pub(super) struct Ast {
    pub(super) nodes: Vec<Node>,
    pub(super) children: Vec<NodeId>,
    pub(super) sets: Vec<Set>,
    pub(super) root: NodeId,
    /// Whether it matches at the beginning of the text alone.
    pub(super) anchored: bool,
    /// How many instructions Go estimates for it.
    pub(super) size: u64,
}

impl Ast {
    pub(super) fn node(&self, id: NodeId) -> Node {
        self.nodes.get(id as usize).copied().unwrap_or(Node::Empty)
    }

    pub(super) fn children(&self, start: u32, end: u32) -> &[NodeId] {
        self.children
            .get(start as usize..end as usize)
            .unwrap_or_default()
    }

    pub(super) fn push(&mut self, node: Node) -> NodeId {
        self.nodes.push(node);
        index(self.nodes.len() - 1)
    }
}

/// Patterns are far shorter than this can count.
pub(super) fn index(length: usize) -> u32 {
    u32::try_from(length).unwrap_or(u32::MAX)
}
