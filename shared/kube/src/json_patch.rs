//! JSON patches (RFC 6902) as `gopkg.in/evanphx/json-patch.v4` applies them for the API server: in
//! its words, and with its liberties (a missing key may be replaced, indices may be negative).

use std::fmt;
use std::sync::Arc;

use vapwright_cel::document::{Fields, Node};
use vapwright_cel::value::go::quote;

use crate::json;

/// How much all copies of a patch may add, in bytes of JSON (`JSONPatchMaxCopyBytes`).
const MAX_COPY: usize = 3 * 1024 * 1024;

/// One operation of a patch.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Operation {
    /// `add`, `remove`, `replace`, `move`, `copy` or `test`.
    pub op: Arc<str>,
    /// Where.
    pub path: Arc<str>,
    /// From where; empty where there is none.
    pub from: Arc<str>,
    /// The value; none where it was left out.
    pub value: Option<Node>,
}

/// Why a patch was not applied.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PatchError {
    /// A test failed, which is no error to the API server: the object stays as it is.
    Test,
    /// In the words of the Go package.
    Failed(String),
    /// The Go package panics.
    Panic(&'static str),
}

impl fmt::Display for PatchError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Test => f.write_str("test failed"),
            Self::Failed(text) => f.write_str(text),
            Self::Panic(text) => f.write_str(text),
        }
    }
}

type Outcome<T = ()> = Result<T, PatchError>;

fn failed<T>(text: String) -> Outcome<T> {
    Err(PatchError::Failed(text))
}

const MISSING: &str = "missing value";
const NIL_MAP: &str = "assignment to entry in nil map";
const NIL_POINTER: &str = "runtime error: invalid memory address or nil pointer dereference";

/// Applies a patch to a document.
///
/// # Errors
/// `add operation does not apply: doc is missing path: "/a/b": missing value` and the like.
pub fn apply(document: &Node, operations: &[Operation]) -> Result<Node, PatchError> {
    let mut root = Tree::of(document);
    let mut copied = 0;
    for operation in operations {
        apply_one(&mut root, operation, &mut copied)?;
    }
    Ok(root.into_node())
}

/// The operations that make one document of another.
#[must_use]
pub fn diff(before: &Node, after: &Node) -> Vec<Operation> {
    let mut operations = Vec::new();
    diff_at(before, after, "", &mut operations);
    operations
}

fn operation(op: &str, path: String, value: Option<&Node>) -> Operation {
    Operation {
        op: op.into(),
        path: path.into(),
        from: Arc::default(),
        value: value.cloned(),
    }
}

fn diff_at(before: &Node, after: &Node, path: &str, out: &mut Vec<Operation>) {
    match (before, after) {
        (Node::Map(old), Node::Map(new)) => {
            for (key, before) in old.iter() {
                let path = format!("{path}/{}", encode(key));
                match new.get(key) {
                    Some(after) => diff_at(before, after, &path, out),
                    None => out.push(operation("remove", path, None)),
                }
            }
            for (key, after) in new.iter().filter(|(key, _)| old.get(key).is_none()) {
                let path = format!("{path}/{}", encode(key));
                out.push(operation("add", path, Some(after)));
            }
        }
        (Node::List(old), Node::List(new)) => diff_items(old, new, path, out),
        _ if before == after => {}
        _ => out.push(operation("replace", path.to_owned(), Some(after))),
    }
}

/// What lists have in common at both ends stays.
fn diff_items(old: &[Node], new: &[Node], path: &str, out: &mut Vec<Operation>) {
    let same = |(a, b): &(&Node, &Node)| diff(a, b).is_empty();
    let head = old.iter().zip(new).take_while(same).count();
    let rest = old.len().min(new.len()) - head;
    let ends = old.iter().rev().zip(new.iter().rev());
    let tail = ends.take(rest).take_while(same).count();
    let (old_end, new_end) = (old.len() - tail, new.len() - tail);
    let middle = |items: &[Node], end: usize| -> Vec<Node> {
        items.get(head..end).unwrap_or_default().to_vec()
    };
    let (old, new) = (middle(old, old_end), middle(new, new_end));
    let shared = old.len().min(new.len());
    for (at, (before, after)) in old.iter().zip(&new).enumerate() {
        diff_at(before, after, &format!("{path}/{}", head + at), out);
    }
    for at in (shared..old.len()).rev() {
        out.push(operation("remove", format!("{path}/{}", head + at), None));
    }
    for (at, item) in new.iter().enumerate().skip(shared) {
        out.push(operation(
            "add",
            format!("{path}/{}", head + at),
            Some(item),
        ));
    }
}

/// A key as it stands in a path.
fn encode(key: &str) -> String {
    key.replace('~', "~0").replace('/', "~1")
}

impl Operation {
    /// The operation as an object: `{"op": "add", "path": "/a", "value": 1}`.
    #[must_use]
    pub fn to_node(&self) -> Node {
        let mut fields = Fields::new();
        fields.push("op", Node::String(self.op.clone()));
        fields.push("path", Node::String(self.path.clone()));
        if !self.from.is_empty() {
            fields.push("from", Node::String(self.from.clone()));
        }
        if let Some(value) = &self.value {
            fields.push("value", value.clone());
        }
        Node::Map(fields)
    }
}

/// A document as the Go package holds it: what is null in what it has parsed is nowhere, while the
/// value of an operation may be a null, which turns into an empty object when it is looked into.
#[derive(Clone, Debug, PartialEq)]
enum Tree {
    Nil,
    Null,
    NilDoc,
    Leaf(Node),
    Doc(Vec<(Arc<str>, Tree)>),
    Ary(Vec<Tree>),
}

impl Tree {
    fn of(node: &Node) -> Self {
        match node {
            Node::Null => Self::Nil,
            Node::Map(fields) => {
                let fields = fields.iter();
                Self::Doc(
                    fields
                        .map(|(key, node)| (key.clone(), Self::of(node)))
                        .collect(),
                )
            }
            Node::List(items) => Self::Ary(items.iter().map(Self::of).collect()),
            other => Self::Leaf(other.clone()),
        }
    }

    /// The value of an operation.
    fn of_value(value: Option<&Node>) -> Self {
        match value {
            Some(Node::Null) => Self::Null,
            Some(node) => Self::of(node),
            None => Self::Nil,
        }
    }

    fn into_node(self) -> Node {
        match self {
            Self::Nil | Self::Null | Self::NilDoc => Node::Null,
            Self::Leaf(node) => node,
            Self::Doc(fields) => {
                let mut out = Fields::new();
                for (key, tree) in fields {
                    out.push(key, tree.into_node());
                }
                Node::Map(out)
            }
            Self::Ary(items) => Node::List(items.into_iter().map(Self::into_node).collect()),
        }
    }

    /// The value of a key or index; none where a document does not have it.
    fn get(&self, key: &str) -> Result<Option<&Self>, Failure> {
        match self {
            Self::Ary(items) => {
                let at = index(key, items.len(), 0)?;
                let out_of_range = || Failure(invalid_index(i64::try_from(at).unwrap_or_default()));
                items.get(at).map(Some).ok_or_else(out_of_range)
            }
            Self::Doc(fields) => Ok(fields.iter().find(|(k, _)| **k == *key).map(|(_, t)| t)),
            _ => Ok(None),
        }
    }

    fn add(&mut self, key: &str, value: Self) -> Outcome<Result<(), Failure>> {
        match self {
            Self::Ary(items) if key == "-" => items.push(value),
            Self::Ary(items) => {
                let at = match index(key, items.len(), 1) {
                    Ok(at) if at > items.len() => {
                        let at = i64::try_from(at).unwrap_or_default();
                        return Ok(Err(Failure(invalid_index(at))));
                    }
                    Ok(at) => at,
                    Err(Failure(why)) if atoi(key).is_err() => {
                        return Ok(Err(Failure(format!(
                            "value was not a proper array index: '{key}': {why}"
                        ))));
                    }
                    Err(why) => return Ok(Err(why)),
                };
                items.insert(at, value);
            }
            _ => self.set_key(key, value)?,
        }
        Ok(Ok(()))
    }

    fn set(&mut self, key: &str, value: Self) -> Outcome<Result<(), Failure>> {
        if let Self::Ary(items) = self {
            return Ok(match index(key, items.len(), 0) {
                Ok(at) => match items.get_mut(at) {
                    Some(slot) => {
                        *slot = value;
                        Ok(())
                    }
                    None => return Err(PatchError::Panic("runtime error: index out of range")),
                },
                Err(why) => Err(why),
            });
        }
        self.set_key(key, value).map(Ok)
    }

    fn set_key(&mut self, key: &str, value: Self) -> Outcome {
        let Self::Doc(fields) = self else {
            return Err(PatchError::Panic(NIL_MAP));
        };
        match fields.iter_mut().find(|(k, _)| **k == *key) {
            Some((_, slot)) => *slot = value,
            None => fields.push((key.into(), value)),
        }
        Ok(())
    }

    fn remove(&mut self, key: &str) -> Result<Self, Failure> {
        match self {
            Self::Ary(items) => {
                let at = index(key, items.len(), 0)?;
                if at >= items.len() {
                    let at = i64::try_from(at).unwrap_or_default();
                    return Err(Failure(invalid_index(at)));
                }
                Ok(items.remove(at))
            }
            Self::Doc(fields) => match fields.iter().position(|(k, _)| **k == *key) {
                Some(at) => Ok(fields.remove(at).1),
                None => Err(nonexistent(key)),
            },
            _ => Err(nonexistent(key)),
        }
    }

    /// Equality as the Go package has it: a null equals an empty object or list.
    fn equals(&self, other: &Self) -> Outcome<bool> {
        Ok(match (self, other) {
            (Self::Nil, _) | (_, Self::Nil) => return Err(PatchError::Panic(NIL_POINTER)),
            (Self::Leaf(a), Self::Leaf(b)) => a == b,
            (Self::Null | Self::NilDoc, Self::Null | Self::NilDoc) => true,
            (Self::Null | Self::NilDoc, Self::Doc(fields))
            | (Self::Doc(fields), Self::Null | Self::NilDoc) => fields.is_empty(),
            (Self::Ary(items), Self::Null | Self::NilDoc) => items.is_empty(),
            (Self::Doc(a), Self::Doc(b)) => {
                if a.len() != b.len() {
                    return Ok(false);
                }
                for (key, a) in a {
                    let equal = match (a, b.iter().find(|(k, _)| k == key)) {
                        (Self::Nil, Some((_, Self::Nil))) => true,
                        (Self::Nil, _) | (_, Some((_, Self::Nil)) | None) => false,
                        (a, Some((_, b))) => a.equals(b)?,
                    };
                    if !equal {
                        return Ok(false);
                    }
                }
                true
            }
            (Self::Ary(a), Self::Ary(b)) => {
                if a.len() != b.len() {
                    return Ok(false);
                }
                for (a, b) in a.iter().zip(b) {
                    if !a.equals(b)? {
                        return Ok(false);
                    }
                }
                true
            }
            _ => false,
        })
    }

    /// How many bytes its JSON has.
    fn size(&self) -> usize {
        json::write(&self.clone().into_node()).len()
    }
}

/// An error of a container, to which the operation adds where it was.
struct Failure(String);

fn nonexistent(key: &str) -> Failure {
    Failure(format!(
        "Unable to remove nonexistent key: {key}: {MISSING}"
    ))
}

fn invalid_index(at: i64) -> String {
    format!("Unable to access invalid index: {at}: invalid index referenced")
}

/// Go's `strconv.Atoi`.
fn atoi(text: &str) -> Result<i64, Failure> {
    let digits = text.strip_prefix(['+', '-']).unwrap_or(text);
    let fits = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
    let why = if fits {
        match text.strip_prefix('+').unwrap_or(text).parse() {
            Ok(value) => return Ok(value),
            Err(_) => "value out of range",
        }
    } else {
        "invalid syntax"
    };
    Err(Failure(format!(
        "strconv.Atoi: parsing {}: {why}",
        quote(text)
    )))
}

/// An index into a list of a length, which may grow by some; a negative one counts from the end.
fn index(key: &str, len: usize, grows: usize) -> Result<usize, Failure> {
    let at = atoi(key)?;
    let len = i64::try_from(len + grows).unwrap_or(i64::MAX);
    let found = if at < 0 { at + len } else { at };
    usize::try_from(found).map_err(|_| Failure(invalid_index(at)))
}

/// The container that a path ends in, and the last key.
fn find<'t>(root: &'t mut Tree, path: &str) -> Option<(&'t mut Tree, String)> {
    let mut parts: Vec<&str> = path.split('/').collect();
    if parts.len() < 2 {
        return None;
    }
    let last = decode(parts.pop().unwrap_or_default());
    let mut at = root;
    for part in parts.into_iter().skip(1) {
        let part = decode(part);
        at = match at {
            Tree::Doc(fields) => fields
                .iter_mut()
                .find(|(key, _)| **key == *part)
                .map(|(_, t)| t)?,
            Tree::Ary(items) => {
                let at = index(&part, items.len(), 0).ok()?;
                items.get_mut(at)?
            }
            _ => return None,
        };
        match at {
            Tree::Doc(_) | Tree::Ary(_) | Tree::NilDoc => {}
            Tree::Null => *at = Tree::NilDoc,
            Tree::Nil | Tree::Leaf(_) => return None,
        }
    }
    Some((at, last))
}

/// A key of a path: `~1` is a slash, `~0` a tilde.
fn decode(key: &str) -> String {
    let mut out = String::with_capacity(key.len());
    let mut rest = key;
    while let Some(at) = rest.find('~') {
        let (before, tail) = rest.split_at(at);
        out.push_str(before);
        let (char, skip) = match tail.as_bytes().get(1) {
            Some(b'1') => ('/', 2),
            Some(b'0') => ('~', 2),
            _ => ('~', 1),
        };
        out.push(char);
        rest = tail.get(skip..).unwrap_or_default();
    }
    out.push_str(rest);
    out
}

/// Why a text cannot be read again: the API server puts it into the patch as Go quotes texts, which
/// has escapes that JSON does not have.
fn unreadable(text: &str) -> Option<String> {
    let quoted = quote(text);
    let mut chars = quoted.chars();
    while let Some(char) = chars.next() {
        if char == '\\' {
            match chars.next() {
                Some(escape @ ('a' | 'v' | 'x' | 'U')) => {
                    return Some(format!(
                        "invalid character '{escape}' in string escape code"
                    ));
                }
                _ => continue,
            }
        }
    }
    None
}

fn apply_one(root: &mut Tree, operation: &Operation, copied: &mut usize) -> Outcome {
    let op = &*operation.op;
    if unreadable(op).is_some() {
        return failed("Unexpected kind: unknown".to_owned());
    }
    match op {
        "add" => add(root, operation),
        "remove" => remove(root, operation),
        "replace" => replace(root, operation),
        "move" => move_value(root, operation),
        "test" => test(root, operation),
        "copy" => copy(root, operation, copied),
        _ => failed(format!("Unexpected kind: {op}")),
    }
}

fn add(root: &mut Tree, operation: &Operation) -> Outcome {
    let path = &operation.path;
    if unreadable(path).is_some() {
        return failed(format!("add operation failed to decode path: {MISSING}"));
    }
    let Some((container, key)) = find(root, path) else {
        return failed(format!(
            "add operation does not apply: doc is missing path: \"{path}\": {MISSING}"
        ));
    };
    match container.add(&key, Tree::of_value(operation.value.as_ref()))? {
        Ok(()) => Ok(()),
        Err(Failure(why)) => failed(format!("error in add for path: '{path}': {why}")),
    }
}

fn remove(root: &mut Tree, operation: &Operation) -> Outcome {
    let path = &operation.path;
    if unreadable(path).is_some() {
        return failed(format!("remove operation failed to decode path: {MISSING}"));
    }
    let Some((container, key)) = find(root, path) else {
        return failed(format!(
            "remove operation does not apply: doc is missing path: \"{path}\": {MISSING}"
        ));
    };
    match container.remove(&key) {
        Ok(_) => Ok(()),
        Err(Failure(why)) => failed(format!("error in remove for path: '{path}': {why}")),
    }
}

fn replace(root: &mut Tree, operation: &Operation) -> Outcome {
    let path = &operation.path;
    if let Some(why) = unreadable(path) {
        return failed(format!("replace operation failed to decode path: {why}"));
    }
    if path.is_empty() {
        *root = match Tree::of_value(operation.value.as_ref()) {
            Tree::Nil => return Err(PatchError::Panic(NIL_POINTER)),
            Tree::Leaf(_) => {
                return failed(
                    "replace operation value must be object or array: %!w(<nil>)".to_owned(),
                );
            }
            Tree::Null => Tree::NilDoc,
            tree => tree,
        };
        return Ok(());
    }
    let Some((container, key)) = find(root, path) else {
        return failed(format!(
            "replace operation does not apply: doc is missing path: {path}: {MISSING}"
        ));
    };
    if container.get(&key).is_err() {
        return failed(format!(
            "replace operation does not apply: doc is missing key: {path}: {MISSING}"
        ));
    }
    match container.set(&key, Tree::of_value(operation.value.as_ref()))? {
        Ok(()) => Ok(()),
        Err(Failure(why)) => failed(format!("error in remove for path: '{path}': {why}")),
    }
}

/// The `from` of an operation.
fn from<'o>(operation: &'o Operation, what: &str) -> Outcome<&'o str> {
    if operation.from.is_empty() {
        return failed(format!(
            "{what} operation failed to decode from: operation, missing from field: {MISSING}"
        ));
    }
    match unreadable(&operation.from) {
        Some(why) => failed(format!("{what} operation failed to decode from: {why}")),
        None => Ok(&operation.from),
    }
}

fn move_value(root: &mut Tree, operation: &Operation) -> Outcome {
    let from = from(operation, "move")?;
    let Some((container, key)) = find(root, from) else {
        return failed(format!(
            "move operation does not apply: doc is missing from path: {from}: {MISSING}"
        ));
    };
    let value = match container.get(&key).map(|_| ()) {
        Ok(()) => container.remove(&key),
        Err(why) => Err(why),
    };
    let value = match value {
        Ok(value) => value,
        Err(Failure(why)) => return failed(format!("error in move for path: '{key}': {why}")),
    };
    let path = &operation.path;
    if let Some(why) = unreadable(path) {
        return failed(format!("move operation failed to decode path: {why}"));
    }
    let Some((container, key)) = find(root, path) else {
        return failed(format!(
            "move operation does not apply: doc is missing destination path: {path}: {MISSING}"
        ));
    };
    match container.add(&key, value)? {
        Ok(()) => Ok(()),
        Err(Failure(why)) => failed(format!("error in move for path: '{path}': {why}")),
    }
}

fn test(root: &mut Tree, operation: &Operation) -> Outcome {
    let path = &operation.path;
    if let Some(why) = unreadable(path) {
        return failed(format!("test operation failed to decode path: {why}"));
    }
    let value = Tree::of_value(operation.value.as_ref());
    let equal = if path.is_empty() {
        root.equals(&value)?
    } else {
        let Some((container, key)) = find(root, path) else {
            return failed(format!(
                "test operation does not apply: is missing path: {path}: {MISSING}"
            ));
        };
        match container.get(&key) {
            Err(Failure(why)) => {
                return failed(format!("error in test for path: '{path}': {why}"));
            }
            Ok(None | Some(Tree::Nil)) => value == Tree::Nil,
            Ok(Some(_)) if value == Tree::Nil => false,
            Ok(Some(found)) => found.equals(&value)?,
        }
    };
    if equal { Ok(()) } else { Err(PatchError::Test) }
}

fn copy(root: &mut Tree, operation: &Operation, copied: &mut usize) -> Outcome {
    let from = from(operation, "copy")?;
    let Some((container, key)) = find(root, from) else {
        return failed(format!(
            "copy operation does not apply: doc is missing from path: {from}: {MISSING}"
        ));
    };
    let value = match container.get(&key) {
        Ok(value) => value.cloned().unwrap_or(Tree::Nil),
        Err(Failure(why)) => return failed(format!("error in copy for from: '{from}': {why}")),
    };
    let path = &operation.path;
    if unreadable(path).is_some() {
        return failed(format!("copy operation failed to decode path: {MISSING}"));
    }
    let Some((container, key)) = find(root, path) else {
        return failed(format!(
            "copy operation does not apply: doc is missing destination path: {path}: {MISSING}"
        ));
    };
    // a copy is parsed anew: what is null in it is nowhere, a null itself is one
    let value = match value {
        Tree::Nil => Tree::Nil,
        value => {
            *copied = copied.saturating_add(value.size());
            Tree::of_value(Some(&value.into_node()))
        }
    };
    if *copied > MAX_COPY {
        return failed(format!(
            "Unable to complete the copy, the accumulated size increase of copy is {copied}, \
             exceeding the limit {MAX_COPY}"
        ));
    }
    match container.add(&key, value)? {
        Ok(()) => Ok(()),
        Err(Failure(why)) => failed(format!("error while adding value during copy: {why}")),
    }
}

#[cfg(test)]
mod tests;
