//! Documents made of the fuzzer's bytes, with the fields that expressions read.

use arbitrary::{Result, Unstructured};
use vapwright_cel::document::Node;

/// Depth to which documents nest.
const DEPTH: u32 = 4;
const NAMES: [&str; 16] = [
    "a",
    "b",
    "spec",
    "metadata",
    "name",
    "labels",
    "containers",
    "image",
    "securityContext",
    "privileged",
    "capabilities",
    "add",
    "app",
    "",
    "ünï",
    "a.b-c",
];
const TEXTS: [&str; 12] = [
    "",
    "a",
    "web",
    "ALL",
    "10.0.0.1",
    "1h",
    "2024-02-29T12:30:00Z",
    "500Mi",
    "1.2.3",
    "true",
    "\u{1F600}",
    "[a-z]+(b|c)*$",
];

/// Any value.
///
/// # Errors
/// The bytes are used up.
pub fn any(u: &mut Unstructured<'_>, depth: u32) -> Result<Node> {
    let deepest = if depth == 0 { 6 } else { 8 };
    Ok(match u.int_in_range(0..=deepest)? {
        0 => Node::Null,
        1 => Node::Bool(u.arbitrary()?),
        2 => Node::Int(*u.choose(&[0, 1, -1, 3, i64::MAX, i64::MIN])?),
        3 => Node::Int(u.arbitrary()?),
        4 => {
            let value: f64 = u.arbitrary()?;
            // JSON has no other numbers
            Node::Double(if value.is_finite() { value } else { -0.0 })
        }
        5 => Node::string(*u.choose(&TEXTS)?),
        6 => Node::string(u.arbitrary::<&str>()?),
        7 => {
            let items = (0..u.int_in_range(0..=4)?).map(|_| any(u, depth - 1));
            Node::List(items.collect::<Result<_>>()?)
        }
        _ => {
            let entry = |_| Ok((*u.choose(&NAMES)?, any(u, depth - 1)?));
            let entries: Vec<_> = (0..4).map(entry).collect::<Result<_>>()?;
            Node::map(entries)
        }
    })
}

/// An object as expressions read it, any of its parts replaced by anything.
///
/// # Errors
/// The bytes are used up.
pub fn object(u: &mut Unstructured<'_>) -> Result<Node> {
    if u.ratio(1, 20)? {
        return any(u, DEPTH);
    }
    let mut part = |usual: Node| match u.ratio(1, 4) {
        Ok(true) => any(u, DEPTH),
        Ok(false) => Ok(usual),
        Err(error) => Err(error),
    };
    let texts = |texts: &[&str]| Node::List(texts.iter().map(|text| Node::string(*text)).collect());
    let container = Node::map([
        ("name", Node::string("web")),
        ("image", part(Node::string("registry.example/a:1"))?),
        (
            "securityContext",
            part(Node::map([
                ("privileged", Node::Bool(true)),
                ("capabilities", Node::map([("add", texts(&["SYS_PTRACE"]))])),
            ]))?,
        ),
    ]);
    let second = part(container.clone())?;
    Ok(Node::map([
        ("apiVersion", Node::string("v1")),
        ("kind", Node::string("Pod")),
        (
            "metadata",
            Node::map([
                ("name", part(Node::string("web"))?),
                ("labels", part(Node::map([("app", Node::string("web"))]))?),
            ]),
        ),
        (
            "spec",
            Node::map([
                ("replicas", part(Node::Int(3))?),
                ("hostNetwork", part(Node::Bool(true))?),
                ("containers", part(Node::List(vec![container, second]))?),
                (
                    "numbers",
                    part(Node::List(vec![Node::Int(1), Node::Int(2)]))?,
                ),
                ("names", part(texts(&["a", "b"]))?),
                ("ratio", part(Node::Double(0.5))?),
                ("nothing", Node::Null),
                ("table", part(Node::map([("a", Node::Int(1))]))?),
                (
                    "mixed",
                    part(Node::List(vec![Node::Int(1), Node::string("a")]))?,
                ),
            ]),
        ),
    ]))
}
