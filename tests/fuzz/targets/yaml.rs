//! Any text is read as YAML: places are in the text, and what was read is written and read again.
#![no_main]

use libfuzzer_sys::fuzz_target;
use vapwright_cel::document::Node;
use vapwright_kube::document::Places;
use vapwright_kube::problem::TextRange;
use vapwright_kube::yaml;

fuzz_target!(|text: &str| {
    let read = yaml::read(text);
    for problem in &read.problems {
        if let Some(range) = problem.range {
            // the end of a text is a place too
            assert!(
                range.start <= range.end && range.start as usize <= text.len(),
                "{problem:?}"
            );
        }
    }
    for document in &read.documents {
        check(&document.node, &document.places, text);
        let written = yaml::write(&document.node);
        let again = yaml::read(&written);
        assert_eq!(again.problems, [], "{written}");
        match again.documents.as_slice() {
            [again] => assert!(
                again.node == in_yaml(&document.node),
                "{written}\n{:?}",
                document.node
            ),
            [] => assert!(document.node.is_null(), "{written}"),
            more => panic!("{} documents in {written}", more.len()),
        }
    }
});

/// A value as YAML can say it. A text that begins as JSON is read as JSON, where `7e3` is a float; in YAML
/// every float goes through JSON's digits, and a whole one comes out an integer.
fn in_yaml(node: &Node) -> Node {
    match node {
        Node::Double(value) => {
            let digits = value.to_string();
            digits.parse().map_or(Node::Double(*value), Node::Int)
        }
        Node::List(items) => Node::List(items.iter().map(in_yaml).collect()),
        Node::Map(fields) => Node::map(
            fields
                .iter()
                .map(|(key, node)| (key.clone(), in_yaml(node))),
        ),
        other => other.clone(),
    }
}

fn in_text(range: TextRange, text: &str) {
    let bytes = range.start as usize..range.end as usize;
    assert!(text.get(bytes).is_some(), "{range:?}");
}

fn check(node: &Node, places: &Places, text: &str) {
    in_text(places.range, text);
    if let Some(key) = places.key {
        in_text(key, text);
    }
    let children: Vec<&Node> = match node {
        Node::Map(fields) => fields.iter().map(|(_, child)| child).collect(),
        Node::List(items) => items.iter().collect(),
        _ => Vec::new(),
    };
    assert_eq!(children.len(), places.children.len());
    for (child, places) in children.into_iter().zip(&places.children) {
        check(child, places, text);
    }
}
