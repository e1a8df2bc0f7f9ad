//! The playground's state and everything that can happen to it.

use std::rc::Rc;

use vapwright_engine::wire::{EvaluateAnswer, FailFast, Place, RequestSettings, ServerSettings};
use yew::Reducible;

use crate::model::{File, NAMESPACE, OBJECT, OLD, Work, join};
use crate::opened::Opened;
use crate::verdict::{RowId, rows, speaks};
use crate::view::{Dialog, ObjectTab, Output, Pane, PoliciesTab, Reveal, View};

/// How the evaluation of what is on the screen stands.
#[derive(Clone, Debug, PartialEq)]
pub enum Run {
    /// Typed, not yet answered.
    Pending,
    /// Answered.
    Done,
    /// A person stopped it.
    Stopped,
    /// The evaluator broke down.
    Crashed(Rc<str>),
}

/// An answer and what it answers.
#[derive(Clone)]
pub struct Answered {
    /// The revision of the work it answers.
    pub revision: u64,
    /// The answer.
    pub answer: Rc<EvaluateAnswer>,
    /// How long it took, in milliseconds.
    pub millis: f64,
}

impl PartialEq for Answered {
    // answers are large, and a new one is a new allocation
    fn eq(&self, other: &Self) -> bool {
        self.revision == other.revision && Rc::ptr_eq(&self.answer, &other.answer)
    }
}

/// A line that says what happened, with a way back.
#[derive(Clone, Debug, PartialEq)]
pub struct Notice {
    /// What happened.
    pub text: Rc<str>,
    /// The work to go back to.
    pub undo: Option<Rc<Work>>,
}

/// The playground's state.
#[derive(Clone, PartialEq)]
pub struct State {
    /// What is evaluated.
    pub work: Rc<Work>,
    /// Counts the changes of `work`.
    pub revision: u64,
    /// Counts how often `work` was replaced as a whole: the editors then forget their undo.
    pub epoch: u64,
    /// How the evaluation stands.
    pub run: Run,
    /// The newest answer; it may be older than `work`.
    pub answer: Option<Answered>,
    /// What happened.
    pub notice: Option<Notice>,
    /// What is shown.
    pub view: View,
}

/// A text of the work.
#[derive(Clone, Debug, PartialEq)]
pub enum Text {
    /// The policy file of this name.
    Policy(Rc<str>),
    /// The objects.
    Object,
    /// The objects as they are stored.
    Old,
    /// The Namespace.
    Namespace,
}

/// What can happen.
pub enum Action {
    /// A text was changed, by typing or by a control.
    Edit(Text, Rc<str>),
    /// Files were dropped on an editor or added: policies beside those that are there, else in
    /// place of the text.
    Open(Text, Opened),
    /// A policy file is taken out.
    Remove(Rc<str>),
    /// Other work takes the place of this one.
    Load(Rc<Work>, Rc<str>),
    /// Go back to what the notice keeps.
    Undo,
    /// Say something.
    Say(Rc<str>),
    /// Say something that has a way back.
    Keep(Notice),
    /// Take the notice away.
    Dismiss,
    /// Another Kubernetes version.
    Kubernetes(Rc<str>),
    /// Another request.
    Request(RequestSettings),
    /// Another API server.
    Server(ServerSettings),
    /// Another way with workloads.
    FailFast(FailFast),
    /// An answer arrived.
    Answer(Answered),
    /// The evaluator broke down over this revision.
    Crash(u64, Rc<str>),
    /// Evaluate again what was stopped or broke down.
    Again,
    /// A person stopped the evaluation.
    Stop,
    /// Show a place in its editor.
    Reveal(Place),
    /// A mark in an editor was clicked.
    Mark(RowId),
    /// Open or close a row.
    Toggle(Rc<str>),
    /// Open or close a group.
    Group(&'static str),
    /// Show another tab, file or dialog.
    PoliciesTab(PoliciesTab),
    /// Show this policy file.
    File(Rc<str>),
    /// Show this admission policy.
    Vap(Rc<str>),
    /// Show another tab of the object pane.
    ObjectTab(ObjectTab),
    /// Show another text under the verdict.
    Output(Output),
    /// Go to a pane.
    Pane(Pane),
    /// Open a dialog or close the open one.
    Dialog(Option<Dialog>),
}

impl State {
    /// A fresh state with this work.
    pub fn new(work: Work) -> Self {
        let view = View {
            file: work.policies.first().map(|file| file.name.clone()),
            ..View::default()
        };
        Self {
            work: Rc::new(work),
            revision: 1,
            epoch: 0,
            run: Run::Pending,
            answer: None,
            notice: None,
            view,
        }
    }

    /// The answer to what is on the screen, or the last one while its successor is on its way.
    pub fn shown(&self) -> Option<&Answered> {
        match self.run {
            Run::Pending | Run::Done => self.answer.as_ref(),
            Run::Stopped | Run::Crashed(_) => None,
        }
    }

    /// Whether the shown answer is older than what is on the screen.
    pub fn outdated(&self) -> bool {
        self.answer
            .as_ref()
            .is_none_or(|answer| answer.revision != self.revision)
    }

    /// The policy file that is shown.
    pub fn file(&self) -> Option<&File> {
        let name = self.view.file.as_deref();
        self.work
            .policies
            .iter()
            .find(|file| Some(&*file.name) == name)
            .or(self.work.policies.first())
    }

    fn change(&mut self, change: impl FnOnce(&mut Work)) {
        change(Rc::make_mut(&mut self.work));
        self.revision += 1;
        self.run = Run::Pending;
    }

    fn edit(&mut self, which: &Text, text: Rc<str>) {
        let work = &self.work;
        let same = match which {
            Text::Object => work.object == text,
            Text::Old => work.old == text,
            Text::Namespace => work.namespace == text,
            Text::Policy(name) => work
                .policies
                .iter()
                .any(|file| file.name == *name && file.text == text),
        };
        if same {
            return;
        }
        self.change(|work| match which {
            Text::Object => work.object = text,
            Text::Old => work.old = text,
            Text::Namespace => work.namespace = text,
            Text::Policy(name) => {
                if let Some(file) = work.policies.iter_mut().find(|file| file.name == *name) {
                    file.text = text;
                }
            }
        });
    }

    fn open(&mut self, which: &Text, opened: Opened) {
        let Opened { files, refused } = opened;
        if !refused.is_empty() {
            let text = refused.join("; ").into();
            self.notice = Some(Notice { text, undo: None });
        }
        if files.is_empty() {
            return;
        }
        if !matches!(which, Text::Policy(_)) {
            self.edit(which, join(files.iter().map(|file| &*file.text)));
            return;
        }
        for file in files {
            let name: Rc<str> = self.work.free_name(&file.name).into();
            self.view.file = Some(name.clone());
            self.view.policies = PoliciesTab::Kyverno;
            let text = file.text;
            self.change(|work| work.policies.push(File { name, text }));
        }
    }

    fn replace(&mut self, work: Rc<Work>) {
        self.view.file = work.policies.first().map(|file| file.name.clone());
        self.view.vap = None;
        self.view.row = None;
        self.view.policies = PoliciesTab::Kyverno;
        self.view.object = ObjectTab::Object;
        self.work = work;
        self.revision += 1;
        self.epoch += 1;
        self.run = Run::Pending;
    }

    fn reveal(&mut self, place: &Place) {
        let file: Rc<str> = place.file.as_str().into();
        self.view.pane = match &*file {
            OBJECT => {
                self.view.object = ObjectTab::Object;
                Pane::Object
            }
            OLD => {
                self.view.object = ObjectTab::Request;
                Pane::Object
            }
            NAMESPACE => {
                self.view.object = ObjectTab::Namespace;
                Pane::Object
            }
            _ => {
                if !self.work.policies.iter().any(|policy| policy.name == file) {
                    return;
                }
                self.view.policies = PoliciesTab::Kyverno;
                self.view.file = Some(file.clone());
                Pane::Policies
            }
        };
        let count = self.view.reveal.as_ref().map_or(0, |reveal| reveal.count) + 1;
        self.view.reveal = Some(Reveal {
            count,
            file,
            from: place.start.utf16,
            to: place.end.utf16,
        });
    }

    fn mark(&mut self, id: RowId) {
        let Some(answered) = self.answer.clone() else {
            return;
        };
        let rows = rows(&answered.answer);
        let Some((object, row)) = rows.iter().find(|(_, row)| row.id == id) else {
            return;
        };
        self.view.row = Some(Some(crate::view::row_key(*object, row)));
        self.view.pane = Pane::Verdict;
        self.view.scroll += 1;
    }
}

impl Reducible for State {
    type Action = Action;

    fn reduce(self: Rc<Self>, action: Action) -> Rc<Self> {
        let mut next = (*self).clone();
        match action {
            Action::Edit(which, text) => next.edit(&which, text),
            Action::Open(which, opened) => next.open(&which, opened),
            Action::Remove(name) => {
                let before = next.work.clone();
                let at = before
                    .policies
                    .iter()
                    .position(|file| file.name == name)
                    .unwrap_or(0);
                next.change(|work| work.policies.retain(|file| file.name != name));
                let near = next.work.policies.get(at).or(next.work.policies.last());
                next.view.file = near.map(|file| file.name.clone());
                next.notice = Some(Notice {
                    text: format!("{name} removed").into(),
                    undo: Some(before),
                });
            }
            Action::Load(work, text) => {
                let undo = (next.work != work).then(|| next.work.clone());
                next.replace(work);
                next.notice = Some(Notice { text, undo });
            }
            Action::Undo => {
                if let Some(work) = next.notice.take().and_then(|notice| notice.undo) {
                    next.replace(work);
                }
            }
            Action::Say(text) => next.notice = Some(Notice { text, undo: None }),
            Action::Keep(notice) => next.notice = Some(notice),
            Action::Dismiss => next.notice = None,
            Action::Kubernetes(version) => next.change(|work| work.kubernetes = version),
            Action::Request(request) => next.change(|work| work.request = request),
            Action::Server(server) => next.change(|work| work.server = server),
            Action::FailFast(fail_fast) => next.change(|work| work.fail_fast = fail_fast),
            Action::Answer(answer) => {
                // what answers an older revision is never shown
                if answer.revision == next.revision {
                    next.answer = Some(answer);
                    next.run = Run::Done;
                }
            }
            Action::Crash(revision, message) => {
                if revision == next.revision {
                    next.run = Run::Crashed(message);
                }
            }
            Action::Stop => next.run = Run::Stopped,
            Action::Again => {
                next.revision += 1;
                next.run = Run::Pending;
            }
            Action::Reveal(place) => next.reveal(&place),
            Action::Mark(id) => next.mark(id),
            Action::Toggle(key) => {
                let open = next.open_row();
                next.view.row = Some((open.as_ref() != Some(&key)).then_some(key));
            }
            Action::Group(name) => {
                if !next.view.groups.remove(name) {
                    next.view.groups.insert(name);
                }
            }
            Action::PoliciesTab(tab) => next.view.policies = tab,
            Action::File(name) => {
                next.view.policies = PoliciesTab::Kyverno;
                next.view.file = Some(name);
            }
            Action::Vap(name) => next.view.vap = Some(name),
            Action::ObjectTab(tab) => next.view.object = tab,
            Action::Output(output) => {
                next.view.output = output;
                if output == Output::Admitted && !next.work.show_admitted {
                    next.change(|work| work.show_admitted = true);
                }
                if output == Output::Compared && !next.work.show_outcomes {
                    next.change(|work| work.show_outcomes = true);
                }
            }
            Action::Pane(pane) => next.view.pane = pane,
            Action::Dialog(dialog) => next.view.dialog = dialog,
        }
        Rc::new(next)
    }
}

impl State {
    /// The row that is open: the one a person chose, or the first that says no.
    pub fn open_row(&self) -> Option<Rc<str>> {
        match &self.view.row {
            Some(chosen) => chosen.clone(),
            None => {
                let answer = self.answer.as_ref()?;
                let rows = rows(&answer.answer);
                let worst = rows
                    .iter()
                    .filter(|(_, row)| speaks(row.row.verdict))
                    .max_by_key(|(object, row)| {
                        (
                            std::cmp::Reverse(*object),
                            row.row.verdict,
                            std::cmp::Reverse(row.id),
                        )
                    });
                worst.map(|(object, row)| crate::view::row_key(*object, row))
            }
        }
    }
}

#[cfg(test)]
mod tests;
