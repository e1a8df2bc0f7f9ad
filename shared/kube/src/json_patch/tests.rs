//! Patches that are made, applied.

use proptest::prelude::*;
use vapwright_cel::document::Node;

use super::{apply, diff};

fn any_node() -> impl Strategy<Value = Node> {
    let leaf = prop_oneof![
        any::<bool>().prop_map(Node::Bool),
        (0i64..4).prop_map(Node::Int),
        "[a-c/~]{0,2}".prop_map(Node::string),
    ];
    leaf.prop_recursive(4, 40, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Node::List),
            prop::collection::btree_map("[a-c/~0-1]{0,3}", inner, 0..4)
                .prop_map(|fields| Node::map(fields.into_iter())),
        ]
    })
}

/// With all keys in order.
fn sorted(node: &Node) -> Node {
    match node {
        Node::Map(fields) => {
            let mut entries: Vec<_> = fields.iter().collect();
            entries.sort_by_key(|(key, _)| *key);
            Node::map(
                entries
                    .into_iter()
                    .map(|(key, node)| (key.clone(), sorted(node))),
            )
        }
        Node::List(items) => Node::List(items.iter().map(sorted).collect()),
        other => other.clone(),
    }
}

proptest! {
    #[test]
    fn a_patch_of_two_documents_makes_one_of_the_other(
        before in prop::collection::btree_map("[a-c]{1,2}", any_node(), 0..4),
        after in prop::collection::btree_map("[a-c]{1,2}", any_node(), 0..4),
    ) {
        let (before, after) = (Node::map(before), Node::map(after));
        let patched = apply(&before, &diff(&before, &after)).unwrap();
        prop_assert_eq!(sorted(&patched), sorted(&after));
        prop_assert!(diff(&before, &before).is_empty());
    }
}
