//! What of the state is shown: tabs, files, open rows, dialogs.

use std::collections::BTreeSet;
use std::rc::Rc;

use crate::verdict::Row;

/// What is shown.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct View {
    /// The tab of the policies pane.
    pub policies: PoliciesTab,
    /// The policy file that is shown.
    pub file: Option<Rc<str>>,
    /// The admission policy that is shown.
    pub vap: Option<Rc<str>>,
    /// The tab of the object pane.
    pub object: ObjectTab,
    /// The text under the verdict.
    pub output: Output,
    /// The pane that a narrow screen shows and that was last gone to.
    pub pane: Pane,
    /// The open row as a person chose it; none chosen means the first that says no.
    pub row: Option<Option<Rc<str>>>,
    /// Counts the wishes to bring the open row into view.
    pub scroll: u64,
    /// The groups that are not in their usual state.
    pub groups: BTreeSet<&'static str>,
    /// The open dialog.
    pub dialog: Option<Dialog>,
    /// The place to put the cursor on.
    pub reveal: Option<Reveal>,
}

/// The tabs of the policies pane.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub enum PoliciesTab {
    /// What was typed.
    #[default]
    Kyverno,
    /// The admission policies it became.
    Vap,
}

/// The tabs of the object pane.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub enum ObjectTab {
    /// The objects.
    #[default]
    Object,
    /// The Namespace.
    Namespace,
    /// The request.
    Request,
}

/// The texts under the verdict.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub enum Output {
    /// What `kubectl apply` prints.
    #[default]
    Kubectl,
    /// What `kubectl get events` prints.
    Events,
    /// The objects as policies see them.
    Admitted,
    /// What other ways to enforce policies would answer.
    Compared,
    /// The admission policies.
    Yaml,
    /// What the expressions cost.
    Cost,
}

/// The panes.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub enum Pane {
    /// The policies.
    Policies,
    /// Object, Namespace, request.
    Object,
    /// The verdict.
    #[default]
    Verdict,
}

impl Pane {
    /// Its name in ids and styles.
    pub fn id(self) -> &'static str {
        match self {
            Self::Policies => "policies",
            Self::Object => "object",
            Self::Verdict => "verdict",
        }
    }
}

/// The dialogs.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Dialog {
    /// Share.
    Share,
    /// Examples, policies and commands.
    Palette,
    /// Only the examples.
    Examples,
}

/// A place to put the cursor on.
#[derive(Clone, Debug, PartialEq)]
pub struct Reveal {
    /// Counts, so that the same place can be shown twice.
    pub count: u64,
    /// The file's name.
    pub file: Rc<str>,
    /// From 0, in UTF-16 code units.
    pub from: u32,
    /// One past the last.
    pub to: u32,
}

/// What tells a row from the others, also in the next answer.
pub fn row_key(object: usize, row: &Row<'_>) -> Rc<str> {
    let path = row
        .row
        .expression
        .as_ref()
        .map_or("", |expression| &*expression.path);
    format!(
        "{object}/{}/{}/{}/{path}",
        row.pod, row.row.policy, row.row.binding
    )
    .into()
}
