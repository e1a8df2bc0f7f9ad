//! The account of a conversion: what became of each field of a source.

use std::collections::BTreeSet;
use std::ops::Bound;

use vapwright_cel::document::Node;
use vapwright_kube::document::Document;
use vapwright_kube::path::Path;
use vapwright_kube::problem::Problem;

/// What can become of a field.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Outcome {
    /// Says the same in the result.
    Translated,
    /// Says nearly the same: the note says what differs.
    Approximated,
    /// Has no meaning for an admission policy: the note says why.
    Dropped,
    /// Cannot be said by an admission policy: there is a problem.
    Refused,
}

/// What became of one field of a source, or of a field and all below it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FieldOutcome {
    /// The field.
    pub path: Path,
    /// What became of it.
    pub outcome: Outcome,
    /// The policy it went into.
    pub policy: Option<String>,
    /// The path in the policy, such as `spec.validations[0].expression`; a path in a binding
    /// begins with `binding.`.
    pub became: Option<String>,
    /// How or why, where it is not plain.
    pub note: Option<String>,
}

/// Below this depth a source is not looked at but refused as a whole: no policy is so deep, and
/// the walk recurses.
const MAX_DEPTH: usize = 64;

/// Gathers the outcomes of a source's fields, and the problems.
pub(crate) struct Account<'d> {
    pub(crate) document: &'d Document,
    pub(crate) fields: Vec<FieldOutcome>,
    pub(crate) problems: Vec<Problem>,
    recorded: BTreeSet<Path>,
    refusals: usize,
}

impl<'d> Account<'d> {
    pub(crate) fn new(document: &'d Document) -> Self {
        Self {
            document,
            fields: Vec::new(),
            problems: Vec::new(),
            recorded: BTreeSet::new(),
            refusals: 0,
        }
    }

    /// How many fields were refused so far.
    pub(crate) fn refusals(&self) -> usize {
        self.refusals
    }

    fn record(
        &mut self,
        path: &Path,
        outcome: Outcome,
        policy: Option<&str>,
        became: Option<String>,
        note: Option<String>,
    ) {
        self.recorded.insert(path.clone());
        let field = FieldOutcome {
            path: path.clone(),
            outcome,
            policy: policy.map(str::to_owned),
            became,
            note,
        };
        // A field of the whole source is looked at once for every rule.
        if !self.fields.contains(&field) {
            self.fields.push(field);
        }
    }

    pub(crate) fn translated(&mut self, path: &Path, policy: &str, became: impl Into<String>) {
        self.record(
            path,
            Outcome::Translated,
            Some(policy),
            Some(became.into()),
            None,
        );
    }

    /// Says the same in the result, in a way that is worth a word.
    pub(crate) fn translated_as(
        &mut self,
        path: &Path,
        policy: &str,
        became: impl Into<String>,
        note: impl Into<String>,
    ) {
        self.record(
            path,
            Outcome::Translated,
            Some(policy),
            Some(became.into()),
            Some(note.into()),
        );
    }

    pub(crate) fn approximated(
        &mut self,
        path: &Path,
        policy: &str,
        became: impl Into<String>,
        note: impl Into<String>,
    ) {
        self.record(
            path,
            Outcome::Approximated,
            Some(policy),
            Some(became.into()),
            Some(note.into()),
        );
    }

    pub(crate) fn dropped(&mut self, path: &Path, note: impl Into<String>) {
        self.record(path, Outcome::Dropped, None, None, Some(note.into()));
    }

    /// Refuses a field, with a problem at its place.
    pub(crate) fn refused(
        &mut self,
        path: &Path,
        code: &'static str,
        message: impl Into<String>,
        help: impl Into<String>,
    ) {
        let message = message.into();
        if self
            .fields
            .iter()
            .any(|field| field.path == *path && field.outcome == Outcome::Refused)
        {
            return;
        }
        self.refusals += 1;
        self.record(path, Outcome::Refused, None, None, Some(message.clone()));
        let mut problem =
            Problem::error(code, message, Some(self.document.range(path))).at_path(path);
        let help = help.into();
        if !help.is_empty() {
            problem = problem.help(help);
        }
        self.problems.push(problem);
    }

    /// Refuses a field for what it holds.
    pub(crate) fn wrong_type(&mut self, path: &Path, wanted: &str) {
        self.refused(
            path,
            "wrong-type",
            format!("`{path}` must be {wanted}"),
            String::new(),
        );
    }

    /// A warning at a field.
    pub(crate) fn warn(
        &mut self,
        path: &Path,
        code: &'static str,
        message: impl Into<String>,
        help: &str,
    ) {
        let problem = Problem::warning(code, message, Some(self.document.range(path)))
            .at_path(path)
            .help(help);
        if !self.problems.contains(&problem) {
            self.problems.push(problem);
        }
    }

    /// Refuses every field at or below a path that nothing has been said about.
    pub(crate) fn refuse_the_rest(&mut self, path: &Path) {
        if let Some((node, _)) = self.document.find(path) {
            self.sweep(node, path, 0);
        }
    }

    fn sweep(&mut self, node: &Node, path: &Path, depth: usize) {
        if self.recorded.contains(path) {
            return;
        }
        let below = self
            .recorded
            .range((Bound::Excluded(path), Bound::Unbounded))
            .next()
            .is_some_and(|next| next.0.starts_with(&path.0));
        let empty = match node {
            Node::Map(fields) => fields.is_empty(),
            Node::List(items) => items.is_empty(),
            _ => true,
        };
        if below && !empty && depth < MAX_DEPTH {
            match node {
                Node::Map(fields) => {
                    for (name, child) in fields.iter() {
                        self.sweep(child, &path.field(name), depth + 1);
                    }
                }
                Node::List(items) => {
                    for (index, child) in items.iter().enumerate() {
                        self.sweep(child, &path.index(index), depth + 1);
                    }
                }
                _ => {}
            }
        } else if matches!(node, Node::Null)
            || (empty
                && !matches!(
                    node,
                    Node::String(_) | Node::Bool(_) | Node::Int(_) | Node::Double(_)
                ))
        {
            self.dropped(path, "it is empty");
        } else {
            self.refused(
                path,
                "unknown-field",
                format!("unknown field `{path}`"),
                "take it out, or mend its name: Kyverno does not know it here either",
            );
        }
    }
}
