//! What is written reads back the same.

use vapwright_cel::document::Node;

use super::node;
use crate::to_yaml;

fn check(text: &str) {
    let whole = Node::map([
        ("value", Node::string(text)),
        (
            "list",
            Node::List(vec![
                Node::string(text),
                Node::map([("deep", Node::List(vec![Node::string(text)]))]),
            ]),
        ),
        (text, Node::Bool(true)),
    ]);
    let yaml = to_yaml([&whole]);
    assert!(node(&yaml) == whole, "{text:?} as\n{yaml}");
}

#[test]
fn texts_read_back_the_same() {
    for text in [
        "plain",
        "with space",
        "colon: inside",
        "ends:",
        "#comment",
        "a #comment",
        "'single'",
        "\"double\"",
        "back\\slash",
        "yes",
        "No",
        "ON",
        "null",
        "~",
        "1",
        "0x1f",
        "1e3",
        "1_000",
        "0o7",
        "12:30:45",
        "2026-11-23",
        ".5",
        ".inf",
        "-",
        "--",
        "---",
        "...",
        "- item",
        "? key",
        "*alias",
        "&anchor",
        "!tag",
        "%directive",
        "@at",
        "`tick",
        "{a}",
        "[a]",
        "a, b",
        "<<",
        "=",
        "y",
        " leading",
        "trailing ",
        "tab\tinside",
        "two\nlines",
        "two\nlines\n",
        "three\n\nlines",
        "  indented\nlines",
        "first\n  indented",
        "first\n\ttabbed",
        "ends in lines\n\n",
        "\n",
        "carriage\r\nreturn",
        "\u{7}bell",
        "next\u{85}line",
        "separator\u{2028}here",
        "\u{feff}mark",
        "größe \u{1f600}",
        "trailing space \nline",
        "long words ".repeat(30).trim_end(),
        &format!(
            "{}: # {}",
            "long words ".repeat(20),
            "and more ".repeat(5).trim_end()
        ),
        &"x".repeat(300),
        &format!("two  spaces {}", "in a long line ".repeat(12).trim_end()),
        &format!("#{}", " hash".repeat(40)),
        &format!("{} # {}", "a".repeat(99), "b".repeat(99)),
    ] {
        check(text);
    }
    check("");
}

#[test]
fn other_values_read_back_the_same() {
    for text in [
        "{}",
        "[]",
        "a: {}",
        "a: []",
        "a: [[1, 2], [], [[3]]]",
        "- - a: 1\n    b: 2\n- {}\n- null\n- true\n- -5\n- 1.5",
        "a: {b: {c: [{d: e, f: [g]}]}}",
    ] {
        let node = node(text);
        let yaml = to_yaml([&node]);
        assert!(super::node(&yaml) == node, "{text} as\n{yaml}");
    }
}
