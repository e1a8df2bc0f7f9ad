//! Nodes as YAML text, in the style of kubectl.
//!
//! Written here because what must be quoted is decided by how Kubernetes reads YAML: a text
//! stands bare only where `scalar::resolve` gives the same text back. The emitter of `saphyr`
//! goes by lists of words (`y`, `1_000` and `0b1` stay bare), `serde-saphyr` serializes by
//! YAML 1.2 or by its own reading of 1.1.

use vapwright_cel::document::{Fields, Node};

use super::scalar::{self, Scalar};

/// How many columns a level is indented.
const STEP: usize = 2;
/// Longer keys are not seen as such by readers unless a `?` says so.
const LONGEST_KEY: usize = 1000;

/// YAML text of a node: keys in their order, texts of several lines as literal blocks, quotes
/// where a reader would take a text for something else.
#[must_use]
pub fn write(node: &Node) -> String {
    let mut out = String::new();
    match node {
        Node::Map(fields) if !fields.is_empty() => map(&mut out, fields, 0, false),
        Node::List(items) if !items.is_empty() => list(&mut out, items, 0, false),
        scalar => inline(&mut out, scalar, 0),
    }
    out
}

/// YAML text of several documents, separated by `---`.
#[must_use]
pub fn write_all<'n>(nodes: impl IntoIterator<Item = &'n Node>) -> String {
    let texts: Vec<String> = nodes.into_iter().map(write).collect();
    texts.join("---\n")
}

fn indent(out: &mut String, columns: usize) {
    out.extend(std::iter::repeat_n(' ', columns));
}

/// The entries of a map; recursion goes no deeper than documents do.
fn map(out: &mut String, fields: &Fields, column: usize, mut goes_on: bool) {
    for (name, node) in fields.iter() {
        if !goes_on {
            indent(out, column);
        }
        goes_on = false;
        let start = out.len();
        key(out, name);
        if out.len() - start > LONGEST_KEY {
            out.insert_str(start, "? ");
            out.push('\n');
            indent(out, column);
        }
        out.push(':');
        match node {
            Node::Map(fields) if !fields.is_empty() => {
                out.push('\n');
                map(out, fields, column + STEP, false);
            }
            Node::List(items) if !items.is_empty() => {
                out.push('\n');
                list(out, items, column, false);
            }
            scalar => {
                out.push(' ');
                inline(out, scalar, column + STEP);
            }
        }
    }
}

/// The items of a list.
fn list(out: &mut String, items: &[Node], column: usize, mut goes_on: bool) {
    for item in items {
        if !goes_on {
            indent(out, column);
        }
        goes_on = false;
        out.push_str("- ");
        match item {
            Node::Map(fields) if !fields.is_empty() => map(out, fields, column + STEP, true),
            Node::List(items) if !items.is_empty() => list(out, items, column + STEP, true),
            scalar => inline(out, scalar, column + STEP),
        }
    }
}

/// A scalar or an empty map or list, with the end of its line; further lines at a column.
fn inline(out: &mut String, node: &Node, column: usize) {
    match node {
        Node::Null => out.push_str("null"),
        Node::Bool(value) => out.push_str(if *value { "true" } else { "false" }),
        Node::Int(value) => out.push_str(&value.to_string()),
        Node::Double(value) => double(out, *value),
        Node::List(_) => out.push_str("[]"),
        Node::Map(_) => out.push_str("{}"),
        Node::String(text) => {
            if is_block(text) {
                block(out, text, column.max(STEP));
                return;
            }
            key(out, text);
        }
    }
    out.push('\n');
}

fn double(out: &mut String, value: f64) {
    if value.is_nan() {
        out.push_str(".nan");
    } else if value.is_infinite() {
        out.push_str(if value > 0.0 { ".inf" } else { "-.inf" });
    } else if value != 0.0 && !(1e-6..1e21).contains(&value.abs()) {
        // as JSON has it in Kubernetes: with an exponent and its sign
        let text = format!("{value:e}");
        let (digits, exponent) = text.split_once('e').unwrap_or((&text, "0"));
        let sign = if exponent.starts_with('-') { "" } else { "+" };
        out.push_str(digits);
        out.push('e');
        out.push_str(sign);
        out.push_str(exponent);
    } else {
        out.push_str(&value.to_string());
    }
}

/// Whether a character stands for itself in YAML text and is no line break to any reader.
const fn is_plain(character: char) -> bool {
    matches!(character, ' '..='~' | '\u{a0}'..='\u{2027}' | '\u{202a}'..='\u{d7ff}'
        | '\u{e000}'..='\u{fefe}' | '\u{ff00}'..='\u{fffd}' | '\u{10000}'..)
}

/// Whether a text is written as a literal block.
fn is_block(text: &str) -> bool {
    text.contains('\n')
        && !text.starts_with([' ', '\n', '\t'])
        && text
            .chars()
            .all(|character| matches!(character, '\n' | '\t') || is_plain(character))
}

fn block(out: &mut String, text: &str, column: usize) {
    let body = text.trim_end_matches('\n');
    let breaks = text.len() - body.len();
    out.push_str(match breaks {
        0 => "|-\n",
        1 => "|\n",
        _ => "|+\n",
    });
    for line in body.split('\n') {
        if !line.is_empty() {
            indent(out, column);
            out.push_str(line);
        }
        out.push('\n');
    }
    for _ in 1..breaks {
        out.push('\n');
    }
}

/// A text on one line: bare, or in quotes.
fn key(out: &mut String, text: &str) {
    if !text.chars().all(is_plain) {
        double_quoted(out, text);
    } else if is_misread(text) {
        out.push('"');
        out.push_str(&text.replace('\\', "\\\\").replace('"', "\\\""));
        out.push('"');
    } else if is_syntax(text) {
        out.push('\'');
        out.push_str(&text.replace('\'', "''"));
        out.push('\'');
    } else {
        out.push_str(text);
    }
}

fn double_quoted(out: &mut String, text: &str) {
    out.push('"');
    for character in text.chars() {
        match character {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\t' => out.push_str("\\t"),
            '\r' => out.push_str("\\r"),
            character if is_plain(character) => out.push(character),
            character => {
                let code = u32::from(character);
                out.push_str(&match code {
                    0..=0xFF => format!("\\x{code:02x}"),
                    0x100..=0xFFFF => format!("\\u{code:04x}"),
                    _ => format!("\\U{code:08x}"),
                });
            }
        }
    }
    out.push('"');
}

/// Whether a reader of YAML 1.1 takes a bare text for a number, a word or a time.
fn is_misread(text: &str) -> bool {
    if !matches!(scalar::resolve(text, true, None), Ok(Scalar::String)) {
        return true;
    }
    if matches!(text, "<<" | "=") {
        return true;
    }
    // readers other than Kubernetes' take these for numbers of base 60, times, or infinity
    let first = text.bytes().next().unwrap_or_default();
    let numeric =
        |byte: u8| byte.is_ascii_digit() || matches!(byte, b'_' | b':' | b'.' | b'+' | b'-');
    let dated = text.len() >= 8
        && text.bytes().take(4).all(|byte| byte.is_ascii_digit())
        && text.as_bytes().get(4) == Some(&b'-');
    let exponent = text.replace('_', "").parse::<f64>().is_ok();
    (first.is_ascii_digit() || matches!(first, b'+' | b'-' | b'.'))
        && (dated || exponent || text.contains(':') && text.bytes().all(numeric))
}

/// Whether a bare text would be read as something other than one text.
fn is_syntax(text: &str) -> bool {
    let mut characters = text.chars();
    let first = characters.next().unwrap_or(' ');
    let second = characters.next().unwrap_or(' ');
    matches!(
        first,
        ',' | '['
            | ']'
            | '{'
            | '}'
            | '#'
            | '&'
            | '*'
            | '!'
            | '|'
            | '>'
            | '\''
            | '"'
            | '%'
            | '@'
            | '`'
    ) || matches!(first, '-' | '?' | ':') && second == ' '
        || text.starts_with(' ')
        || text.ends_with([' ', ':'])
        || text.contains(": ")
        || text.contains(" #")
        || text.starts_with("---")
        || text.starts_with("...")
}

#[cfg(test)]
mod tests {
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
            spec:\n  containers:\n  - name: c\n    image: nginx:1.2.3\n    args:\n    - --x=1\n    - '- y'\n    - '*'\n    - \"1e3\"\n    - \"\"\n    tty: true\n    ports: []\n  - name: d\n  \
            expression: |\n    object.spec.x == 1 &&\n      true\n  text: |-\n    no end\n\n      x\n  keep: |+\n    a\n\n\n  odd: \" a\\nb\"\n  time: \"12:30\"\n  date: \"2001-01-01\"\n  \
            list:\n  - - 1\n    - 2.5\n  - - []\n  - - a: null\n  colon: 'a: b'\n  '#': 'it''s # here'\n  tab: \"a\\tb\"\n  \"y\": \"y\"\n"
        );
        assert_eq!(read(&write(&node)), node);
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
}
