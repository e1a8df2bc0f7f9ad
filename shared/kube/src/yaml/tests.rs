//! What `read` makes of texts, and where it says things stand.

#![allow(clippy::string_slice)]

use std::fmt::Write as _;

use vapwright_cel::document::Node;

use super::{MAX_DEPTH, Read, read};
use crate::document::Places;
use crate::path::Path;

/// JSON-like text of a node.
fn show(node: &Node) -> String {
    match node {
        Node::Null => "null".into(),
        Node::Bool(value) => value.to_string(),
        Node::Int(value) => value.to_string(),
        Node::Double(value) => format!("{value:?}"),
        Node::String(text) => format!("{text:?}"),
        Node::List(items) => {
            let items: Vec<_> = items.iter().map(show).collect();
            format!("[{}]", items.join(","))
        }
        Node::Map(fields) => {
            let fields: Vec<_> = fields
                .iter()
                .map(|(key, node)| format!("{key:?}:{}", show(node)))
                .collect();
            format!("{{{}}}", fields.join(","))
        }
    }
}

fn show_read(text: &str, read: &Read) -> String {
    let mut out = String::new();
    for document in &read.documents {
        writeln!(out, "{}", show(&document.node)).unwrap();
    }
    for problem in &read.problems {
        let at = problem.range.map_or(0, |range| range.start as usize);
        let line = text[..at].matches('\n').count() + 1;
        let column = text[..at].rsplit('\n').next().unwrap().chars().count() + 1;
        writeln!(out, "{} {line}:{column}: {}", problem.code, problem.message).unwrap();
    }
    out
}

#[track_caller]
fn check(text: &str, expected: &str) {
    let read = read(text);
    assert_eq!(show_read(text, &read).trim_end(), expected, "{text}");
    for document in &read.documents {
        check_places(text, &document.node, &document.places);
    }
}

/// Every place lies in the text, has the node's shape, and its anchors lead to the characters.
#[track_caller]
fn check_places(text: &str, node: &Node, places: &Places) {
    let slice = |range: crate::problem::TextRange| &text[range.start as usize..range.end as usize];
    let _ = slice(places.range);
    if let Some(key) = places.key {
        let _ = slice(key);
    }
    let children = match node {
        Node::List(items) => items.iter().collect(),
        Node::Map(fields) => fields.iter().map(|(_, node)| node).collect(),
        _ => Vec::new(),
    };
    assert_eq!(children.len(), places.children.len(), "{node:?}");
    for (node, places) in children.into_iter().zip(&places.children) {
        check_places(text, node, places);
    }
    let Some(scalar) = &places.scalar else {
        return;
    };
    let Node::String(value) = node else { return };
    for (offset, character) in value.char_indices() {
        let at = scalar.text_offset(offset as u32).unwrap() as usize;
        let there = text[at..].chars().next();
        let fits = match (character, there) {
            (value, Some(there)) if value == there => true,
            (' ' | '\n', Some('\n' | '\r')) => true,
            (_, Some('\\')) => true,
            _ => false,
        };
        assert!(
            fits,
            "{character:?} of {value:?} at {at}: {there:?} in {text:?}"
        );
    }
}

#[test]
fn values() {
    // asked of sigs.k8s.io/yaml 1.6
    check("a: 1\n<<: {a: 2, b: 3}\n", r#"{"a":2,"b":3}"#);
    check("<<: {a: 2, b: 3}\na: 1\n", r#"{"a":1,"b":3}"#);
    check("<<: [{a: 1},{a: 2,c: 3}]\nd: 1\n", r#"{"a":1,"c":3,"d":1}"#);
    check("y: y\nn: no\n", r#"{"true":true,"false":false}"#);
    check(
        "1.5: a\n2000000.5: b\n0x10: c\ntrue: d\n2001-01-01: e\n",
        r#"{"1.5":"a","2.0000005e+06":"b","16":"c","true":"d","2001-01-01":"e"}"#,
    );
    check("a: |\n  x", r#"{"a":"x"}"#);
    check("a: |+\n  x\n\n\nb: 1", r#"{"a":"x\n\n\n","b":1}"#);
    check("a: >\n  x\n  y", r#"{"a":"x y"}"#);
    check(
        "a: !foo 5\nb: ! 5\nc: !!str 5\nd: !!int \"5\"\ne: !!float 5\n",
        r#"{"a":"5","b":"5","c":"5","d":5,"e":5}"#,
    );
    check("a: !!binary aGVsbG8=\n", r#"{"a":"hello"}"#);
    check("a: 'x\n\n  y'\n", r#"{"a":"x\ny"}"#);
    check("a: <<\n", r#"{"a":"<<"}"#);
    check("\"<<\": {a: 1}\n", r#"{"<<":{"a":1}}"#);
    check("a: {b}\n", r#"{"a":{"b":null}}"#);
    check("[a: b]\n", r#"[{"a":"b"}]"#);
    check("a: &x\nb: *x\n", r#"{"a":null,"b":null}"#);
    check("a: &x [1]\nb: &x 2\nc: *x\n", r#"{"a":[1],"b":2,"c":2}"#);
    check(
        "a: |\n\n\n  x\n   y\n\n  z\n",
        r#"{"a":"\n\nx\n y\n\nz\n"}"#,
    );
}

#[test]
fn broken_texts() {
    check(
        "a: 1\na: 2\n",
        "{\"a\":2}\nduplicate-key 2:1: key \"a\" already set in map",
    );
    check(
        "x: 1\n---\na: b: c\n---\nz: 2\n",
        "{\"x\":1}\n{\"z\":2}\nyaml-syntax 3:5: mapping values are not allowed in this context",
    );
    check(
        "? [a]\n: b\n",
        "yaml-key 1:3: a map or list cannot be a key",
    );
    check("a: .inf\n", "yaml-value 1:4: json: unsupported value: +Inf");
    check(
        "a: !!int abc\n",
        "yaml-value 1:10: cannot decode !!str `abc` as a !!int",
    );
    check(
        "<<: 5\n",
        "yaml-value 1:1: map merge requires map or sequence of maps as the value",
    );
    check(
        "a: 1\n---\nb: \u{1}\n---\nc: 1\n",
        "{\"a\":1}\n{\"c\":1}\nyaml-syntax 3:4: control characters are not allowed",
    );
    check("", "");
    check("# only a comment\n---\n# another\n---\n...\n", "");
}

#[test]
fn bounds() {
    let deep = MAX_DEPTH + 1;
    for (open, close) in [("[", "]"), ("{a: ", "}"), ("- ", ""), ("? ", "")] {
        for depth in [deep, 10_000, 300_000] {
            let text = open.repeat(depth) + "x" + &close.repeat(depth);
            let read = read(&text);
            assert_eq!(read.documents.len(), 0);
            let [problem] = &read.problems[..] else {
                panic!("{:?}", read.problems)
            };
            let code = if open == "? " {
                "yaml-key"
            } else {
                "yaml-too-deep"
            };
            assert_eq!(problem.code, code, "{depth} of {open}: {problem:?}");
            assert!(problem.range.is_some());
        }
    }
    let fits = "[".repeat(MAX_DEPTH) + &"]".repeat(MAX_DEPTH);
    assert_eq!(read(&fits).documents.len(), 1);

    let mut bomb = String::from("a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n");
    for level in 1..20 {
        let aliases = vec![format!("*a{}", level - 1); 10].join(", ");
        writeln!(bomb, "a{level}: &a{level} [{aliases}]").unwrap();
    }
    assert_eq!(read(&bomb).problems[0].code, "yaml-too-large");

    let long = format!(
        "a: &a {}\nb: [{}]\n",
        "x".repeat(100_000),
        "*a, ".repeat(1000)
    );
    assert_eq!(read(&long).problems[0].code, "yaml-too-large");

    let many = "---\na: 1\n".repeat(50_001);
    let read_many = read(&many);
    assert_eq!(read_many.documents.len(), 50_000);
    assert_eq!(read_many.problems[0].code, "yaml-too-large");

    assert_eq!(
        read(&" ".repeat(40_000_001)).problems[0].code,
        "yaml-too-large"
    );

    // every document broken: no end of problems is given
    assert!(read(&"---\na: b: c\n".repeat(1000)).problems.len() <= 20);
}

#[test]
fn places_of_fields() {
    let text = "ä: 😀\nspec:\n  containers:\n  - name: 'it''s'\n    image: &i nginx # c\n  - {name: \"b\", image: *i}\n  empty:\nend: 1\n";
    let document = &read(text).documents[0];
    let slice = |path: &[&str]| {
        let mut at = Path::root();
        for step in path {
            at = step
                .parse()
                .map_or_else(|_| at.field(step), |index| at.index(index));
        }
        let range = document.range(&at);
        &text[range.start as usize..range.end as usize]
    };
    assert_eq!(slice(&["ä"]), "ä: 😀");
    assert_eq!(slice(&["spec", "containers", "0", "name"]), "name: 'it''s'");
    assert_eq!(
        slice(&["spec", "containers", "0", "image"]),
        "image: &i nginx"
    );
    assert_eq!(
        slice(&["spec", "containers", "1"]),
        "{name: \"b\", image: *i}"
    );
    assert_eq!(slice(&["spec", "containers", "1", "image"]), "image: *i");
    assert_eq!(
        slice(&["spec", "containers"]),
        "containers:\n  - name: 'it''s'\n    image: &i nginx # c\n  - {name: \"b\", image: *i}"
    );
    assert_eq!(slice(&["spec", "empty"]), "empty:");
    assert_eq!(slice(&["end"]), "end: 1");
}

#[test]
fn characters_of_scalars() {
    // `check` itself looks every character up in the text
    for text in [
        "a: >-\n  object.spec.x\n    == 1 &&\n\n\n  true\n  || ä\n\nb: |\n   x\n    y\n\n\n   z\n",
        "a: one two\n  three\n\n  four   five # c\n",
        "a: \"one \\u00e4 two\\\n   three\\tx\n\n   four\\\\\"\n",
        "a: 'it''s\n  folded   here\n\n\n  end'\n",
        "- >2\n    two more\n  x\n- |1-\n  y\n",
        "a: &x >\r\n  b\r\n  c\r\nd: !!str |\r\n  e\r\n",
        "a: # comment | here\n  |\n  text\nb: >+\n  k\n\nc: |-\n  last",
        "\"key | >\": |\n  v\n\n# c\n",
        "a: >\n\n  x\n\n  # not a comment\n y: 1\n",
        "> \n folded\n root\n",
        "--- |\n%literal\nroot\n",
    ] {
        let read = read(text);
        for document in &read.documents {
            check_places(text, &document.node, &document.places);
            assert_anchored(text, &document.node, &document.places);
        }
    }
}

/// Every text with characters has anchors.
fn assert_anchored(text: &str, node: &Node, places: &Places) {
    match node {
        Node::String(value) if !value.is_empty() => {
            assert!(places.scalar.is_some(), "{value:?} in {text:?}");
        }
        Node::List(items) => {
            for (node, places) in items.iter().zip(&places.children) {
                assert_anchored(text, node, places);
            }
        }
        Node::Map(fields) => {
            for ((_, node), places) in fields.iter().zip(&places.children) {
                assert_anchored(text, node, places);
            }
        }
        _ => {}
    }
}

mod never_panics {
    use proptest::prelude::*;

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn on_any_text(text in any::<String>()) {
            let _ = super::read(&text);
        }

        #[test]
        fn on_yaml_like_text(
            text in proptest::collection::vec(
                prop::sample::select(vec![
                    "a", "b: ", "- ", "? ", ": ", "\n", "\n  ", "\n    ", " ", "|", ">", "-", "+", "2",
                    "'", "\"", "\\", "[", "]", "{", "}", ",", "&x ", "*x", "!t ", "!!str ", "<<", "#",
                    "---\n", "...\n", "ä", "\t", "\r\n", "%YAML 1.1\n", "😀", "\u{feff}",
                ]),
                0..40,
            )
        ) {
            let text = text.concat();
            for document in super::read(&text).documents {
                super::check_places(&text, &document.node, &document.places);
            }
        }
    }
}

/// `sigs.k8s.io/json` takes a number with an exponent for a float; what writes it, in Go too, writes
/// digits that YAML reads as an integer.
#[test]
fn a_whole_float_of_json_is_written_as_its_digits() {
    let read = read(r#"{"a": [7e3, 7000.0, 7000]}"#);
    let node = &read.documents[0].node;
    let items = [Node::Double(7e3), Node::Double(7e3), Node::Int(7000)];
    assert_eq!(node.get("a"), Some(&Node::List(items.to_vec())));
    assert_eq!(super::write(node), "a:\n- 7000\n- 7000\n- 7000\n");
}
