//! Tests of namespace.

use super::*;

const NS: &str = "apiVersion: v1\nkind: Namespace\nmetadata:\n  name: mw-web\n  # who pays\n  labels:\n    team: web # ours\n    d/profile: restricted\nspec: {}\n";

fn read(text: &str, expected: Option<&[(&str, &str)]>) {
    let got = labels(text);
    let got: Option<Vec<(&str, &str)>> = got
        .as_ref()
        .map(|all| all.iter().map(|(key, value)| (&**key, &**value)).collect());
    assert_eq!(got.as_deref(), expected, "{text}");
}

fn write(text: &str, key: &str, value: Option<&str>, expected: Option<&str>) {
    assert_eq!(with_label(text, key, value).as_deref(), expected, "{text}");
}

#[test]
fn labels_are_read() {
    read(NS, Some(&[("team", "web"), ("d/profile", "restricted")]));
    read("", Some(&[]));
    read("kind: Namespace\nmetadata:\n  name: a\n", Some(&[]));
    read(
        "metadata:\n    labels:\n        \"a/b\": 'c'\n    name: a\n",
        Some(&[("a/b", "c")]),
    );
    read(
        "---\nmetadata:\n  labels:\n    a: b\n---\nmetadata:\n  labels:\n    c: d\n",
        Some(&[("a", "b")]),
    );
    read(
        "metadata:\n  annotations:\n    labels: no\n  labels:\n    a: b\n",
        Some(&[("a", "b")]),
    );
    read(
        "metadata:\n  labels:\n    a: b\n  annotations:\n    c: d\n",
        Some(&[("a", "b")]),
    );
}

#[test]
fn what_is_not_plain_is_left_alone() {
    read("metadata: {labels: {a: b}}\n", None);
    read("metadata:\n  labels: {a: b}\n", None);
    read("metadata:\n  labels: &l\n    a: b\n", None);
    read("metadata:\n  labels:\n    <<: *l\n", None);
    read("{\"metadata\": {}}", None);
    write("metadata: {labels: {a: b}}\n", "a", Some("c"), None);
}

#[test]
fn labels_are_changed_in_place() {
    write(
        NS,
        "team",
        Some("api"),
        Some(&NS.replace("web # ours", "api # ours")),
    );
    write(
        NS,
        "team",
        None,
        Some(&NS.replace("    team: web # ours\n", "")),
    );
    write(
        NS,
        "d/p",
        Some("exclude"),
        Some(&NS.replace("restricted\n", "restricted\n    d/p: exclude\n")),
    );
    write(NS, "d/p", None, Some(NS));
    write(
        NS,
        "team",
        Some("1"),
        Some(&NS.replace("web # ours", "\"1\" # ours")),
    );
    write(
        NS,
        "team",
        Some("on"),
        Some(&NS.replace("web # ours", "\"on\" # ours")),
    );
}

#[test]
fn labels_are_added_where_there_are_none() {
    write(
        "kind: Namespace\nmetadata:\n  name: a\n",
        "k",
        Some("v"),
        Some("kind: Namespace\nmetadata:\n  labels:\n    k: v\n  name: a\n"),
    );
    write(
        "",
        "k",
        Some("v"),
        Some("apiVersion: v1\nkind: Namespace\nmetadata:\n  name: default\n  labels:\n    k: v\n"),
    );
    write(
        "kind: Namespace\n",
        "k",
        Some("v"),
        Some("kind: Namespace\nmetadata:\n  labels:\n    k: v\n"),
    );
}

#[test]
fn the_last_label_takes_the_header_with_it() {
    write(
        "metadata:\n  name: a\n  labels:\n    k: v\n",
        "k",
        None,
        Some("metadata:\n  name: a\n"),
    );
}

#[test]
fn setting_and_removing_is_nothing_done() {
    for text in [NS, "metadata:\n  name: a\n"] {
        let set = with_label(text, "d/new", Some("include")).unwrap();
        assert_eq!(
            labels(&set).unwrap().last().unwrap(),
            &("d/new".to_owned(), "include".to_owned())
        );
        assert_eq!(with_label(&set, "d/new", None).unwrap(), text);
    }
}

#[test]
fn the_name_is_read() {
    assert_eq!(name(NS).as_deref(), Some("mw-web"));
    assert_eq!(name("kind: Namespace\n"), None);
}
