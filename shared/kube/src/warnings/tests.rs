//! What is warned of, as kube-apiserver's own code does.

use vapwright_cel::document::Node;

use super::on_create;
use crate::admit::{Settings, admit};
use crate::kinds::Gvk;
use crate::yaml;

#[test]
fn warnings_are_those_of_the_api_server() {
    let read = yaml::read(include_str!("cases.yaml"));
    assert_eq!(read.problems, Vec::new());
    let cases = read.documents[0].node.as_list().unwrap();
    assert_eq!(cases.len(), 18);
    for case in cases {
        let object = case.get("object").unwrap();
        let admitted = admit(object, &Settings::default()).node;
        let found = on_create(&Gvk::of(object).unwrap(), object, &admitted);
        let expected = case.get("warnings").and_then(Node::as_list).unwrap();
        let expected: Vec<&str> = expected.iter().filter_map(Node::as_str).collect();
        assert_eq!(found, expected, "{object:?}");
    }
}
