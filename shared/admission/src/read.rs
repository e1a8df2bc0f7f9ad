//! Reads the fields of a document, and says which of them the API server would refuse.

use std::sync::Arc;

use vapwright_cel::document::Node;
use vapwright_kube::path::Path;
use vapwright_kube::problem::Problem;

/// Collects problems while reading.
#[derive(Debug, Default)]
pub(crate) struct Reader {
    pub(crate) problems: Vec<Problem>,
}

/// What a node is, for a person.
fn name_of(node: &Node) -> &'static str {
    match node {
        Node::Null => "null",
        Node::Bool(_) => "a boolean",
        Node::Int(_) | Node::Double(_) => "a number",
        Node::String(_) => "a text",
        Node::List(_) => "a list",
        Node::Map(_) => "a map",
    }
}

impl Reader {
    fn wrong(&mut self, path: &Path, wanted: &str, node: &Node) {
        let message = format!("`{path}` must be {wanted}, not {}", name_of(node));
        self.problems
            .push(Problem::error("wrong-type", message, None).at_path(path));
    }

    /// Reports the fields of a map that are not among the known ones.
    pub(crate) fn known(&mut self, node: &Node, path: &Path, known: &[&str]) {
        match node {
            Node::Map(fields) => {
                for (name, _) in fields.iter() {
                    if !known.contains(&&**name) {
                        let path = path.field(name);
                        let message = format!("unknown field \"{path}\"");
                        let problem = Problem::error("unknown-field", message, None);
                        self.problems.push(problem.at_path(&path));
                    }
                }
            }
            Node::Null => {}
            other => self.wrong(path, "a map", other),
        }
    }

    /// The text of a field; empty where there is none.
    pub(crate) fn text(&mut self, node: &Node, path: &Path, name: &str) -> Arc<str> {
        self.optional_text(node, path, name).unwrap_or_default()
    }

    /// The text of a field, if it is there.
    pub(crate) fn optional_text(
        &mut self,
        node: &Node,
        path: &Path,
        name: &str,
    ) -> Option<Arc<str>> {
        match node.get(name) {
            Some(Node::String(text)) => Some(text.clone()),
            None | Some(Node::Null) => None,
            Some(other) => {
                self.wrong(&path.field(name), "a text", other);
                None
            }
        }
    }

    /// The items of a field, each with its path; none where the field is absent.
    pub(crate) fn items<'n>(
        &mut self,
        node: &'n Node,
        path: &Path,
        name: &str,
    ) -> Vec<(Path, &'n Node)> {
        let path = path.field(name);
        match node.get(name) {
            Some(Node::List(items)) => items
                .iter()
                .enumerate()
                .map(|(index, item)| (path.index(index), item))
                .collect(),
            None | Some(Node::Null) => Vec::new(),
            Some(other) => {
                self.wrong(&path, "a list", other);
                Vec::new()
            }
        }
    }

    /// The texts of a list.
    pub(crate) fn texts(&mut self, node: &Node, path: &Path, name: &str) -> Vec<Arc<str>> {
        let items = self.items(node, path, name);
        let mut texts = Vec::new();
        for (path, item) in items {
            match item {
                Node::String(text) => texts.push(text.clone()),
                other => self.wrong(&path, "a text", other),
            }
        }
        texts
    }

    /// A field that is a map, if it is there.
    pub(crate) fn map<'n>(
        &mut self,
        node: &'n Node,
        path: &Path,
        name: &str,
    ) -> Option<(Path, &'n Node)> {
        let path = path.field(name);
        match node.get(name) {
            Some(found @ Node::Map(_)) => Some((path, found)),
            None | Some(Node::Null) => None,
            Some(other) => {
                self.wrong(&path, "a map", other);
                None
            }
        }
    }
}
