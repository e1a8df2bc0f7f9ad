//! The objects of the documents of a text: lists (`kind: List`, `PodList`) give their items.

use vapwright_cel::document::{Fields, Node};

use crate::document::{Document, Places};
use crate::path::{Path, Segment};

/// How deep lists of lists are opened.
const MAX_LISTS: usize = 8;

/// An object of a text.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Object {
    /// The object with its places in the text.
    pub document: Document,
    /// Which of the text's documents holds it, from 0.
    pub index: usize,
    /// Its path in that document: empty, or `items[0]`.
    pub path: Path,
}

/// Whether a document is a list of objects, as `kubectl` sees it.
fn is_list(node: &Node) -> bool {
    node.get("kind")
        .and_then(Node::as_str)
        .is_some_and(|kind| kind.ends_with("List"))
        && node
            .get("items")
            .is_some_and(|items| items.as_list().is_some())
}

/// The items of a list, each with its places. An item of a typed list (`PodList`) that has
/// neither kind nor version has those that the list's name says.
fn items(list: Document) -> Vec<Document> {
    let kind = list
        .node
        .get("kind")
        .and_then(Node::as_str)
        .and_then(|kind| kind.strip_suffix("List"))
        .filter(|kind| !kind.is_empty())
        .map(Node::string);
    let version = list.node.get("apiVersion").cloned();
    let Node::Map(fields) = list.node else {
        return Vec::new();
    };
    let position = fields.iter().position(|(key, _)| &**key == "items");
    let mut found = Vec::new();
    let places = position.and_then(|position| list.places.children.into_iter().nth(position));
    let node = position.and_then(|position| fields.entry(position).map(|(_, node)| node.clone()));
    if let (Some(Node::List(nodes)), Some(places)) = (node, places) {
        for (mut node, mut places) in nodes.into_iter().zip(places.children) {
            if let (Node::Map(fields), Some(kind)) = (&mut node, &kind)
                && fields.get("kind").is_none()
                && fields.get("apiVersion").is_none()
            {
                let mut named = Fields::new();
                let mut named_places = Vec::new();
                let start = crate::problem::TextRange {
                    start: places.range.start,
                    end: places.range.start,
                };
                for (key, value) in [
                    ("apiVersion", version.clone()),
                    ("kind", Some(kind.clone())),
                ] {
                    if let Some(value) = value {
                        named.push(key, value);
                        named_places.push(Places {
                            range: start,
                            ..Places::default()
                        });
                    }
                }
                for (key, value) in fields.iter() {
                    named.push(key.clone(), value.clone());
                }
                named_places.append(&mut places.children);
                *fields = named;
                places.children = named_places;
            }
            found.push(Document { node, places });
        }
    }
    found
}

/// The objects of documents, in order: those of lists in place of the list.
#[must_use]
pub fn expand_lists(documents: Vec<Document>) -> Vec<Object> {
    let mut objects = Vec::new();
    for (index, document) in documents.into_iter().enumerate() {
        let mut open = vec![(document, Path::root())];
        while let Some((document, path)) = open.pop() {
            let depth = path
                .0
                .iter()
                .filter(|segment| matches!(segment, Segment::Index(_)))
                .count();
            if depth < MAX_LISTS && is_list(&document.node) {
                let found = items(document);
                let found = found.into_iter().enumerate().rev();
                open.extend(found.map(|(at, item)| (item, path.field("items").index(at))));
            } else {
                objects.push(Object {
                    document,
                    index,
                    path,
                });
            }
        }
    }
    objects
}

#[cfg(test)]
mod tests {
    use super::expand_lists;
    use crate::{json, yaml};

    #[test]
    fn lists_give_their_items() {
        let text = "kind: A\n---\nkind: List\napiVersion: v1\nitems:\n- {kind: B, x: 1}\n- kind: List\n  items: [{kind: C}]\n---\nkind: PodList\napiVersion: v1\nitems: [{metadata: {name: p}}]\n---\nkind: List\nitems: {}\n";
        let objects = expand_lists(yaml::read(text).documents);
        let shown: Vec<_> = objects
            .iter()
            .map(|object| {
                let range = object.document.places.range;
                let text = text.get(range.start as usize..range.end as usize).unwrap();
                let json = json::write(&object.document.node);
                format!("{} {} {json} <- {text}", object.index, object.path)
            })
            .collect();
        assert_eq!(
            shown,
            [
                "0  {\"kind\":\"A\"} <- kind: A",
                "1 items[0] {\"kind\":\"B\",\"x\":1} <- {kind: B, x: 1}",
                "1 items[1].items[0] {\"kind\":\"C\"} <- {kind: C}",
                "2 items[0] {\"apiVersion\":\"v1\",\"kind\":\"Pod\",\"metadata\":{\"name\":\"p\"}} <- {metadata: {name: p}}",
                "3  {\"kind\":\"List\",\"items\":{}} <- kind: List\nitems: {}",
            ]
        );
        for object in &objects {
            let fields = object.document.node.as_map().unwrap();
            assert_eq!(fields.len(), object.document.places.children.len());
        }
    }
}
