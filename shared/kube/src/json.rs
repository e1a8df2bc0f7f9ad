//! Nodes to and from JSON, numbers as Kubernetes keeps them.

mod read;

use serde_json::{Map, Number, Value};
use vapwright_cel::document::{Fields, Node};

use crate::problem::Problem;

pub(crate) use read::documents;

/// The node of a JSON value: integers that fit stay `int64`, all other numbers are `float64`.
#[must_use]
pub fn from_value(value: &Value) -> Node {
    match value {
        Value::Null => Node::Null,
        Value::Bool(value) => Node::Bool(*value),
        Value::Number(number) => number
            .as_i64()
            .map_or_else(|| Node::Double(number.as_f64().unwrap_or(0.0)), Node::Int),
        Value::String(text) => Node::string(text.as_str()),
        Value::Array(items) => Node::List(items.iter().map(from_value).collect()),
        Value::Object(entries) => {
            let mut fields = Fields::new();
            for (key, value) in entries {
                fields.push(key.as_str(), from_value(value));
            }
            Node::Map(fields)
        }
    }
}

/// The JSON value of a node; what JSON has no number for (infinity) becomes null.
#[must_use]
pub fn to_value(node: &Node) -> Value {
    match node {
        Node::Null => Value::Null,
        Node::Bool(value) => Value::Bool(*value),
        Node::Int(value) => Value::Number((*value).into()),
        Node::Double(value) => Number::from_f64(*value).map_or(Value::Null, Value::Number),
        Node::String(text) => Value::String(text.to_string()),
        Node::List(items) => Value::Array(items.iter().map(to_value).collect()),
        Node::Map(fields) => {
            let mut entries = Map::new();
            for (key, node) in fields.iter() {
                entries.insert(key.to_string(), to_value(node));
            }
            Value::Object(entries)
        }
    }
}

/// Compact JSON text of a node.
#[must_use]
pub fn write(node: &Node) -> String {
    to_value(node).to_string()
}

/// JSON text of a node, indented by two spaces.
#[must_use]
pub fn write_pretty(node: &Node) -> String {
    // writing a value to a string has no way to fail
    serde_json::to_string_pretty(&to_value(node)).unwrap_or_default()
}

/// The node of a JSON text, without places.
///
/// # Errors
///
/// A problem where the text is no JSON or nested too deep.
pub fn from_str(text: &str) -> Result<Node, Problem> {
    serde_json::from_str::<Value>(text)
        .map(|value| from_value(&value))
        .map_err(|error| Problem::error("json-syntax", error.to_string(), None))
}

#[cfg(test)]
mod tests {
    use super::{Node, documents, from_str, write};
    use crate::path::Path;
    use crate::yaml;

    #[test]
    fn numbers_as_kubernetes_keeps_them() {
        // sigs.k8s.io/json: a number that parses as int64 is one, else it is a float64
        let rows = [
            ("1", Node::Int(1)),
            ("-9223372036854775808", Node::Int(i64::MIN)),
            (
                "9223372036854775808",
                Node::Double(9_223_372_036_854_775_808.0),
            ),
            ("1.0", Node::Double(1.0)),
            ("1e3", Node::Double(1000.0)),
        ];
        for (text, expected) in rows {
            assert_eq!(from_str(text), Ok(expected.clone()), "{text}");
            let in_file = &yaml::read(&format!("{{\"a\": {text}}}")).documents[0];
            assert_eq!(in_file.node.get("a"), Some(&expected), "{text}");
        }
    }

    #[test]
    fn files() {
        let text = "{\"a\": \"x\\ud83d\\ude00\\ty\", \"b\": [1, {\"c\": null}]}\n{\"d\": true}";
        let read = yaml::read(text);
        assert_eq!(read.problems, []);
        let written: Vec<_> = read
            .documents
            .iter()
            .map(|found| write(&found.node))
            .collect();
        assert_eq!(
            written,
            ["{\"a\":\"x😀\\ty\",\"b\":[1,{\"c\":null}]}", "{\"d\":true}"]
        );
        let document = &read.documents[0];
        let (_, places) = document.find(&Path::root().field("a")).unwrap();
        let scalar = places.scalar.as_ref().unwrap();
        assert_eq!(scalar.text_offset(0), Some(7));
        // the escapes, and what stands behind them
        assert_eq!(scalar.text_offset(1), Some(8));
        assert_eq!(scalar.text_offset(5), Some(20));
        assert_eq!(scalar.text_offset(6), Some(22));
        let range = document.range(&Path::root().field("b").index(1).field("c"));
        assert_eq!(
            text.get(range.start as usize..range.end as usize),
            Some("\"c\": null")
        );
    }

    #[test]
    fn what_is_no_json_is_left_to_yaml() {
        for text in [
            "",
            "[",
            "{a: 1}",
            "{\"a\":1,}",
            "[01]",
            "[1.]",
            "[\"\n\"]",
            "[\"\\ud83d\"]",
            "[tru]",
            "[1] x",
            "[\"\\x41\"]",
            "[- 1]",
            "[+1]",
            "[1e]",
            "{\"a\" 1}",
            "{1: 2}",
        ] {
            assert!(documents(text).is_none(), "{text}");
        }
        let deep = "[".repeat(100_000);
        assert!(documents(&deep).is_none());
    }

    #[test]
    fn twice_the_same_key() {
        let read = yaml::read("{\"a\": 1,\n \"a\": 2}");
        assert_eq!(write(&read.documents[0].node), "{\"a\":2}");
        assert_eq!(read.problems[0].code, "duplicate-key");
        assert_eq!(read.problems[0].message, "key \"a\" already set in map");
    }
}
