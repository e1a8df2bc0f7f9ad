//! Structs as errors show them: the JSON of Go's types.

use std::fmt::Write as _;

use vapwright_cel::document::Node;

use super::errors::json_quote;
use super::read::{Read, entries};
use crate::json;

/// How Go writes a field of an internal type, which has neither tags nor `omitempty`.
#[derive(Clone, Copy)]
enum Field {
    /// A pointer, list or interface: `null` where it is absent.
    Pointer(&'static str),
    /// A text.
    Text(&'static str),
    /// An integer.
    Int(&'static str),
    /// An integer or a percentage.
    IntOrString(&'static str),
    /// A pointer to a struct.
    Struct(&'static str, &'static [Field]),
    /// A list of structs.
    List(&'static str, &'static [Field]),
}

use Field::{Int, IntOrString, List, Pointer, Struct, Text};

const PROFILE: &[Field] = &[Text("Type"), Pointer("LocalhostProfile")];

const SECURITY_CONTEXT: &[Field] = &[
    Struct("Capabilities", &[Pointer("Add"), Pointer("Drop")]),
    Pointer("Privileged"),
    Struct(
        "SELinuxOptions",
        &[Text("User"), Text("Role"), Text("Type"), Text("Level")],
    ),
    Struct(
        "WindowsOptions",
        &[
            Pointer("GMSACredentialSpecName"),
            Pointer("GMSACredentialSpec"),
            Pointer("RunAsUserName"),
            Pointer("HostProcess"),
        ],
    ),
    Pointer("RunAsUser"),
    Pointer("RunAsGroup"),
    Pointer("RunAsNonRoot"),
    Pointer("ReadOnlyRootFilesystem"),
    Pointer("AllowPrivilegeEscalation"),
    Pointer("ProcMount"),
    Struct("SeccompProfile", PROFILE),
    Struct("AppArmorProfile", PROFILE),
];

const RESOURCE_CLAIM: &[Field] = &[
    Text("Name"),
    Pointer("ResourceClaimName"),
    Pointer("ResourceClaimTemplateName"),
];

const ROLLING_UPDATE: &[Field] = &[IntOrString("MaxUnavailable"), IntOrString("MaxSurge")];
const STRATEGY: &[Field] = &[Text("Type"), Struct("RollingUpdate", ROLLING_UPDATE)];
const SET_ROLLING_UPDATE: &[Field] = &[Int("Partition"), Pointer("MaxUnavailable")];
const SET_STRATEGY: &[Field] = &[Text("Type"), Struct("RollingUpdate", SET_ROLLING_UPDATE)];
const SUCCESS_POLICY: &[Field] = &[List(
    "Rules",
    &[Pointer("SucceededIndexes"), Pointer("SucceededCount")],
)];

/// The name in v1's JSON of a field of an internal type.
fn json_name(name: &str) -> String {
    // an abbreviation at the start is in lower case up to its last letter
    let capitals = name.bytes().take_while(u8::is_ascii_uppercase).count();
    let lower = match name {
        "SELinuxOptions" => 2,
        _ if capitals > 1 => capitals - 1,
        _ => 1,
    };
    let name = name.char_indices();
    name.map(|(index, char)| {
        if index < lower {
            char.to_ascii_lowercase()
        } else {
            char
        }
    })
    .collect()
}

const SERVICE_PORT: &[Field] = &[
    Text("Name"),
    Text("Protocol"),
    Pointer("AppProtocol"),
    Int("Port"),
    IntOrString("TargetPort"),
    Int("NodePort"),
];
const TOLERATION: &[Field] = &[
    Text("Key"),
    Text("Operator"),
    Text("Value"),
    Text("Effect"),
    Pointer("TolerationSeconds"),
];
const SCOPES: &[Field] = &[List(
    "MatchExpressions",
    &[Text("ScopeName"), Text("Operator"), Pointer("Values")],
)];

fn write(fields: &[Field], node: &Node) -> String {
    let mut out = String::from("{");
    for field in fields {
        let (Pointer(name)
        | Text(name)
        | Int(name)
        | IntOrString(name)
        | Struct(name, _)
        | List(name, _)) = *field;
        if out.len() > 1 {
            out.push(',');
        }
        let _ = write!(out, "\"{name}\":");
        let key = json_name(name);
        let found = node.sub(&key);
        let text = match (field, found) {
            (Text(_), _) => json_quote(node.text(&key)),
            (Int(_) | IntOrString(_), None) => "0".to_owned(),
            (Struct(_, fields), Some(node)) => write(fields, node),
            (List(_, fields), Some(Node::List(items))) => {
                let items: Vec<_> = items.iter().map(|item| write(fields, item)).collect();
                format!("[{}]", items.join(","))
            }
            (_, Some(node)) => plain(node),
            (_, None) => "null".to_owned(),
        };
        out.push_str(&text);
    }
    out.push('}');
    out
}

/// Plain data as Go's `encoding/json` writes it, the keys of maps in order.
pub(super) fn plain(node: &Node) -> String {
    match node {
        Node::String(text) => json_quote(text),
        Node::List(items) => {
            let items: Vec<_> = items.iter().map(plain).collect();
            format!("[{}]", items.join(","))
        }
        Node::Map(_) => {
            let mut pairs = entries(Some(node));
            pairs.sort_by_key(|(key, _)| *key);
            let pairs: Vec<_> = pairs
                .into_iter()
                .map(|(key, node)| format!("{}:{}", json_quote(key), plain(node)))
                .collect();
            format!("{{{}}}", pairs.join(","))
        }
        other => json::write(other),
    }
}

/// A map or list that may be absent.
pub(super) fn maybe(node: Option<&Node>) -> String {
    node.map_or_else(|| "null".to_owned(), plain)
}

/// A text that is not there.
static EMPTY: std::sync::LazyLock<Node> = std::sync::LazyLock::new(|| Node::string(""));

fn is_empty(node: &Node) -> bool {
    match node {
        Node::List(items) => items.is_empty(),
        Node::Map(fields) => fields.is_empty(),
        _ => false,
    }
}

/// A struct of `meta/v1`, whose fields have tags: those of `keys` that are there, in order.
fn tagged(node: &Node, keys: &[&str]) -> String {
    let parts = keys.iter().filter_map(|key| {
        let value = node.sub(key).filter(|value| !is_empty(value));
        // `omitempty` is on the last of them
        let value = match value {
            Some(value) => value,
            None if *key == "values" => return None,
            None => &EMPTY,
        };
        Some(format!("\"{key}\":{}", plain(value)))
    });
    format!("{{{}}}", parts.collect::<Vec<_>>().join(","))
}

/// A label selector.
pub(super) fn selector(selector: &Node) -> String {
    let mut parts = Vec::new();
    if let Some(labels) = selector
        .sub("matchLabels")
        .filter(|labels| !is_empty(labels))
    {
        parts.push(format!("\"matchLabels\":{}", plain(labels)));
    }
    let expressions = selector.list("matchExpressions");
    if !expressions.is_empty() {
        let expressions: Vec<_> = expressions
            .iter()
            .map(|expression| tagged(expression, &["key", "operator", "values"]))
            .collect();
        parts.push(format!("\"matchExpressions\":[{}]", expressions.join(",")));
    }
    format!("{{{}}}", parts.join(","))
}

/// A reference to an owner.
pub(super) fn owner(owner: &Node) -> String {
    let mut out = String::from("{");
    for key in ["apiVersion", "kind", "name", "uid"] {
        let _ = write!(out, "\"{key}\":{},", json_quote(owner.text(key)));
    }
    for key in ["controller", "blockOwnerDeletion"] {
        if let Some(flag) = owner.flag(key) {
            let _ = write!(out, "\"{key}\":{flag},");
        }
    }
    out.pop();
    out.push('}');
    out
}

pub(super) fn security_context(node: &Node) -> String {
    write(SECURITY_CONTEXT, node)
}

pub(super) fn profile(node: &Node) -> String {
    write(PROFILE, node)
}

pub(super) fn resource_claim(node: &Node) -> String {
    write(RESOURCE_CLAIM, node)
}

pub(super) fn strategy(node: &Node) -> String {
    write(STRATEGY, node)
}

pub(super) fn set_strategy(node: &Node) -> String {
    write(SET_STRATEGY, node)
}

pub(super) fn set_rolling_update(node: &Node) -> String {
    write(SET_ROLLING_UPDATE, node)
}

pub(super) fn success_policy(node: &Node) -> String {
    write(SUCCESS_POLICY, node)
}

pub(super) fn toleration(node: &Node) -> String {
    write(TOLERATION, node)
}

pub(super) fn scope_selector(node: &Node) -> String {
    write(SCOPES, node)
}

/// The port of a Service, of which only protocol and number are told.
pub(super) fn port(protocol: &str, number: i64) -> String {
    let node = Node::map([
        ("protocol", Node::string(protocol)),
        ("port", Node::Int(number)),
    ]);
    write(SERVICE_PORT, &node)
}

/// The specification of a budget of disruptions.
pub(super) fn budget(spec: &Node) -> String {
    format!(
        "{{\"MinAvailable\":{},\"Selector\":{},\"MaxUnavailable\":{},\"UnhealthyPodEvictionPolicy\":{}}}",
        maybe(spec.sub("minAvailable")),
        spec.sub("selector")
            .map_or_else(|| "null".to_owned(), selector),
        maybe(spec.sub("maxUnavailable")),
        maybe(spec.sub("unhealthyPodEvictionPolicy")),
    )
}
