//! Reading the sources of a call into objects, each problem at its place.

use vapwright_cel::document::Node;
use vapwright_kube::custom::Definitions;
use vapwright_kube::document::Document;
use vapwright_kube::documents::{Object, expand_lists};
use vapwright_kube::kinds::Gvk;
use vapwright_kube::path::Path;
use vapwright_kube::problem::{Problem, TextRange};
use vapwright_kube::yaml;

use crate::diagnose::of_problem;
use crate::text::Text;
use crate::wire::{Diagnostic, Place, SourceFile};

/// A source that was read.
#[derive(Debug)]
pub struct Input<'t> {
    /// The source's text.
    pub text: Text<'t>,
    /// Its objects, those of lists one by one.
    pub objects: Vec<Object>,
}

impl<'t> Input<'t> {
    /// Reads a source; what is wrong with it goes to the diagnostics. A text without any document
    /// is wrong too: nothing would be said of it otherwise.
    pub fn read(source: &'t SourceFile, diagnostics: &mut Vec<Diagnostic>) -> Self {
        let text = Text::new(source);
        let read = yaml::read(&source.text);
        if read.documents.is_empty() && read.problems.is_empty() {
            let problem = Problem::error(
                "no-document",
                "there is no document here",
                Some(TextRange::default()),
            )
            .help("write a Kubernetes object, as YAML or JSON");
            diagnostics.push(of_problem(&text, &problem));
        }
        diagnostics.extend(
            read.problems
                .iter()
                .map(|problem| of_problem(&text, problem)),
        );
        Self {
            objects: expand_lists(read.documents),
            text,
        }
    }

    /// Reads all sources of a call.
    pub fn read_all(sources: &'t [SourceFile], diagnostics: &mut Vec<Diagnostic>) -> Vec<Self> {
        sources
            .iter()
            .map(|source| Self::read(source, diagnostics))
            .collect()
    }

    /// The place of a path in a document of this source.
    pub fn place(&self, document: &Document, path: &Path) -> Place {
        self.text.place(document.range(path), path.to_string())
    }

    /// A problem of this source as a diagnostic.
    pub fn diagnostic(&self, problem: &Problem) -> Diagnostic {
        of_problem(&self.text, problem)
    }
}

/// `apiVersion`, empty where it is none.
pub fn api_version(node: &Node) -> &str {
    text_at(node, &["apiVersion"])
}

/// `kind`, empty where it is none.
pub fn kind(node: &Node) -> &str {
    text_at(node, &["kind"])
}

/// `metadata.name`, empty where it is none.
pub fn name(node: &Node) -> &str {
    text_at(node, &["metadata", "name"])
}

/// A text below a chain of fields, empty where it is none.
pub fn text_at<'n>(node: &'n Node, path: &[&str]) -> &'n str {
    node.at(path).and_then(Node::as_str).unwrap_or_default()
}

/// Says what the API server's strict decoding finds wrong with a document; gives it back where the
/// document says what kind of object it is.
pub fn check_object(
    input: &Input<'_>,
    document: &Document,
    definitions: &Definitions,
    diagnostics: &mut Vec<Diagnostic>,
) -> Option<Vec<Problem>> {
    let custom = definitions.check(document);
    let problems = custom.unwrap_or_else(|| match served_before(&document.node) {
        Some(node) => vapwright_kube::schema::check(&Document {
            node,
            places: document.places.clone(),
        }),
        None => vapwright_kube::schema::check(document),
    });
    diagnostics.extend(problems.iter().map(|problem| input.diagnostic(problem)));
    Gvk::of(&document.node).map(|_| problems)
}

/// A mutating policy or binding of a version that came before v1, as one of v1: the fields are the
/// same.
fn served_before(node: &Node) -> Option<Node> {
    const KINDS: [&str; 2] = ["MutatingAdmissionPolicy", "MutatingAdmissionPolicyBinding"];
    const V1: &str = "admissionregistration.k8s.io/v1";
    let version = api_version(node).strip_prefix(V1)?;
    if !KINDS.contains(&kind(node)) || !matches!(version, "alpha1" | "beta1") {
        return None;
    }
    let mut node = node.clone();
    node.as_map_mut()?.insert("apiVersion", Node::string(V1));
    Some(node)
}
