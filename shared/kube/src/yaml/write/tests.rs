//! Tests of the writer.

use proptest::prelude::*;

use super::{Node, write, write_all};
use crate::{json, yaml};

fn read(text: &str) -> Node {
    let read = yaml::read(text);
    assert_eq!(read.problems, [], "{text}");
    assert!(read.documents.len() <= 1, "{text}");
    let document = read.documents.into_iter().next();
    document.map(|document| document.node).unwrap_or_default()
}

#[test]
fn style() {
    let node = json::from_str(
        r##"{"apiVersion":"v1","kind":"Pod","metadata":{"name":"a","labels":{},"annotations":{"a/b":"true","n":"0644"}},
        "spec":{"containers":[{"name":"c","image":"nginx:1.2.3","args":["--x=1","- y","*","1e3",""],"tty":true,"ports":[]},{"name":"d"}],
        "expression":"object.spec.x == 1 &&\n  true\n","text":"no end\n\n  x","keep":"a\n\n\n","odd":" a\nb","time":"12:30","date":"2001-01-01",
        "list":[[1,2.5],[[]],[{"a":null}]],"colon":"a: b","#":"it's # here","tab":"a\tb","y":"y"}}"##,
    )
    .unwrap();
    assert_eq!(
        write(&node),
        "apiVersion: v1\nkind: Pod\nmetadata:\n  name: a\n  labels: {}\n  annotations:\n    a/b: \"true\"\n    \"n\": \"0644\"\n\
        spec:\n  containers:\n  - name: c\n    image: nginx:1.2.3\n    args:\n    - \"--x=1\"\n    - \"- y\"\n    - \"*\"\n    - \"1e3\"\n    - \"\"\n    tty: true\n    ports: []\n  - name: d\n  \
        expression: |\n    object.spec.x == 1 &&\n      true\n  text: |-\n    no end\n\n      x\n  keep: |+\n    a\n\n\n  odd: \" a\\nb\"\n  time: \"12:30\"\n  date: \"2001-01-01\"\n  \
        list:\n  - - 1\n    - 2.5\n  - - []\n  - - a: null\n  colon: \"a: b\"\n  \"#\": \"it's # here\"\n  tab: \"a\\tb\"\n  \"y\": \"y\"\n"
    );
    assert_eq!(read(&write(&node)), node);
}

#[test]
fn long_texts_are_folded() {
    let long = "word ".repeat(30);
    let node = Node::map([("a", Node::List(vec![Node::string(long.trim_end())]))]);
    let twenty = "word ".repeat(20);
    let ten = "word ".repeat(10);
    assert_eq!(
        write(&node),
        format!("a:\n- >-\n  {}\n  {}\n", twenty.trim_end(), ten.trim_end())
    );
}

#[test]
fn what_a_reader_of_yaml_1_1_takes_for_something_else_is_quoted() {
    // the words and patterns of https://yaml.org/type/
    for text in [
        "y",
        "Y",
        "yes",
        "YES",
        "n",
        "No",
        "on",
        "Off",
        "true",
        "False",
        "~",
        "null",
        "Null",
        "",
        "<<",
        "=",
        "0",
        "-1",
        "+1",
        "1_000",
        "0b1010",
        "02472256",
        "0x_0A",
        "190:20:30",
        "1e3",
        "6.8523015e+5",
        "190:20:30.15",
        ".5",
        "-.inf",
        "+.INF",
        ".NaN",
        "2002-12-14",
        "2001-12-14t21:59:43.10-05:00",
        "2001-12-14 21:59:43.10 -5",
    ] {
        assert_eq!(write(&Node::string(text)), format!("\"{text}\"\n"));
        let key = Node::map([(text, Node::Null)]);
        assert_eq!(write(&key), format!("\"{text}\": null\n"));
    }
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

/// A text as a value, in lists and as a key.
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
    let yaml = write(&whole);
    assert!(read(&yaml) == whole, "{text:?} as\n{yaml}");
}

#[test]
fn streams() {
    let nodes = [
        json::from_str(r#"{"a":"x\n\n"}"#).unwrap(),
        json::from_str(r#"["---"]"#).unwrap(),
    ];
    let read = yaml::read(&write_all(&nodes));
    let found: Vec<_> = read.documents.into_iter().map(|found| found.node).collect();
    assert_eq!(found, nodes);
}

fn texts() -> impl Strategy<Value = String> {
    prop_oneof![
        any::<String>(),
        "[ -~]{0,12}",
        "[-+.0-9_:eExob]{0,8}",
        "[ \\n\\ta#:|'\"-]{0,12}",
        prop::sample::select(vec![
            "yes", "No", "~", "null", "<<", "on", ".inf", "---", "...", "=", "y"
        ])
        .prop_map(str::to_owned),
        prop::collection::vec("[ -~]{0,8}", 0..5).prop_map(|lines| lines.join("\n")),
    ]
}

fn nodes() -> impl Strategy<Value = Node> {
    let leaf = prop_oneof![
        Just(Node::Null),
        any::<bool>().prop_map(Node::Bool),
        any::<i64>().prop_map(Node::Int),
        // a whole number that fits reads as an integer again, as it does in Kubernetes
        any::<f64>()
            .prop_filter("no whole number", |value| value.is_finite()
                && value.to_string().parse::<i64>().is_err())
            .prop_map(Node::Double),
        texts().prop_map(Node::string),
    ];
    leaf.prop_recursive(5, 64, 6, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..6).prop_map(Node::List),
            prop::collection::vec((texts(), inner), 0..6).prop_map(Node::map),
        ]
    })
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, cases: 2000, ..ProptestConfig::default() })]

    #[test]
    fn what_is_written_reads_back(node in nodes()) {
        let text = write(&node);
        prop_assert_eq!(read(&text), node, "{}", text);
    }
}
