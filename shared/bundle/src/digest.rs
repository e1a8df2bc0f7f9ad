//! Digests of documents, over a form that spacing and the order of keys do not change.

use std::fmt::Write as _;

use sha2::{Digest as _, Sha256};
use vapwright_cel::document::Node;
use vapwright_kube::json;

/// Below this depth maps keep their order: no policy is so deep, and the walk recurses.
const MAX_DEPTH: usize = 128;

/// A node as JSON without spaces, the keys of every map in the order of their bytes.
#[must_use]
pub fn canonical_json(node: &Node) -> String {
    json::write(&sorted(node, 0))
}

fn sorted(node: &Node, depth: usize) -> Node {
    if depth > MAX_DEPTH {
        return node.clone();
    }
    match node {
        Node::Map(fields) => {
            let mut entries: Vec<_> = fields.iter().collect();
            entries.sort_by_key(|(key, _)| *key);
            Node::map(
                entries
                    .into_iter()
                    .map(|(key, value)| (key.clone(), sorted(value, depth + 1))),
            )
        }
        Node::List(items) => Node::List(items.iter().map(|item| sorted(item, depth + 1)).collect()),
        other => other.clone(),
    }
}

/// `sha256:...` of documents: of their canonical forms, each in a line.
#[must_use]
pub fn digest<'n>(documents: impl IntoIterator<Item = &'n Node>) -> String {
    let mut text = String::new();
    for document in documents {
        text.push_str(&canonical_json(document));
        text.push('\n');
    }
    format!("sha256:{}", hex_sha256(text.as_bytes()))
}

/// The SHA-256 of bytes in hexadecimal digits.
#[must_use]
pub fn hex_sha256(bytes: &[u8]) -> String {
    let mut digits = String::with_capacity(64);
    for byte in Sha256::digest(bytes) {
        // Writing to a string cannot fail.
        let _ = write!(digits, "{byte:02x}");
    }
    digits
}
