//! Tests of state.

use vapwright_engine::wire::{EvaluateAnswer, Position, Verdict};

use super::*;

fn work() -> Work {
    Work {
        policies: vec![File::new("a.yaml", "a"), File::new("b.yaml", "b")],
        object: "o".into(),
        old: "p".into(),
        namespace: "n".into(),
        request: RequestSettings::default(),
        server: ServerSettings::default(),
        show_admitted: false,
        show_outcomes: false,
        kubernetes: "1.36".into(),
        labels: Default::default(),
        profile: None,
        fail_fast: Default::default(),
        title: "".into(),
    }
}

fn after(actions: impl IntoIterator<Item = Action>) -> Rc<State> {
    actions
        .into_iter()
        .fold(Rc::new(State::new(work())), Reducible::reduce)
}

fn answer(revision: u64) -> Answered {
    let answer = EvaluateAnswer {
        verdict: Verdict::Allowed,
        sentence: "fine".into(),
        objects: Vec::new(),
        policies: Vec::new(),
        mutating: Vec::new(),
        namespace: serde_json::Value::Null,
        diagnostics: Vec::new(),
        type_checking: Vec::new(),
    };
    Answered {
        revision,
        answer: Rc::new(answer),
        millis: 1.0,
    }
}

fn place(file: &str) -> Place {
    let at = |utf16| Position {
        line: 1,
        column: utf16 + 1,
        utf16,
    };
    Place {
        file: file.into(),
        start: at(3),
        end: at(5),
        path: String::new(),
    }
}

#[test]
fn an_outdated_answer_is_never_shown() {
    let state = after([
        Action::Edit(Text::Object, "x".into()),
        Action::Answer(answer(1)),
    ]);
    assert!(state.answer.is_none());
    assert_eq!(state.run, Run::Pending);
    let state = state.reduce(Action::Answer(answer(2)));
    assert_eq!(state.shown().map(|answered| answered.revision), Some(2));
    assert_eq!(state.run, Run::Done);
    assert!(!state.outdated());
    let state = state.reduce(Action::Edit(Text::Namespace, "y".into()));
    assert!(
        state.outdated(),
        "the last answer stays, marked as outdated, until the next one comes"
    );
}

#[test]
fn an_edit_that_changes_nothing_is_no_work() {
    for (which, text) in [
        (Text::Object, "o"),
        (Text::Namespace, "n"),
        (Text::Policy("a.yaml".into()), "a"),
    ] {
        assert_eq!(after([Action::Edit(which, text.into())]).revision, 1);
    }
    let state = after([Action::Edit(Text::Policy("b.yaml".into()), "c".into())]);
    assert_eq!((state.revision, &*state.work.policies[1].text), (2, "c"));
}

#[test]
fn a_crash_and_a_stop_hide_the_answer_until_the_next_edit() {
    for end in [Action::Crash(2, "out of stack".into()), Action::Stop] {
        let state = after([
            Action::Answer(answer(1)),
            Action::Edit(Text::Object, "x".into()),
            end,
        ]);
        assert!(state.shown().is_none());
        let state = state.reduce(Action::Again);
        assert_eq!((state.revision, &state.run), (3, &Run::Pending));
    }
    let late = after([
        Action::Edit(Text::Object, "x".into()),
        Action::Crash(1, "old".into()),
    ]);
    assert_eq!(
        late.run,
        Run::Pending,
        "a crash over an older revision is of no interest"
    );
}

#[test]
fn dropped_policies_are_added_and_shown() {
    let opened = Opened {
        files: vec![File::new("c.yaml", "c"), File::new("a.yaml", "x\r\ny")],
        refused: vec!["d.yaml cannot be read".into()],
    };
    let state = after([Action::Open(Text::Policy("".into()), opened)]);
    let names: Vec<_> = state.work.policies.iter().map(|file| &*file.name).collect();
    assert_eq!(names, ["a.yaml", "b.yaml", "c.yaml", "a-2.yaml"]);
    let file = state.file().unwrap();
    assert_eq!((&*file.name, &*file.text), ("a-2.yaml", "x\ny"));
    let notice = state.notice.as_ref().map(|notice| &*notice.text);
    assert_eq!(notice, Some("d.yaml cannot be read"));
}

#[test]
fn dropped_objects_take_the_place_of_the_text() {
    let opened = Opened {
        files: vec![File::new("a.yaml", "a"), File::new("b.yaml", "b")],
        ..Opened::default()
    };
    let state = after([Action::Open(Text::Object, opened)]);
    assert_eq!(&*state.work.object, "a\n---\nb");
    let refused = Opened {
        refused: vec!["a.yaml cannot be read".into()],
        ..Opened::default()
    };
    let state = after([Action::Open(Text::Object, refused)]);
    assert_eq!(*state.work, work(), "nothing is lost");
}

#[test]
fn what_is_removed_or_replaced_can_be_brought_back() {
    let state = after([Action::Remove("a.yaml".into())]);
    assert_eq!(state.work.policies.len(), 1);
    assert_eq!(state.file().map(|file| &*file.name), Some("b.yaml"));
    assert_eq!(*state.reduce(Action::Undo).work, work());

    let other = Rc::new(Work {
        object: "other".into(),
        ..work()
    });
    let state = after([Action::Load(other.clone(), "loaded".into())]);
    assert_eq!((&state.work, state.epoch), (&other, 1));
    let state = state.reduce(Action::Undo);
    assert_eq!(
        (&*state.work, state.epoch, &state.notice),
        (&work(), 2, &None)
    );
}

#[test]
fn a_place_is_shown_in_its_editor() {
    for (file, pane, tab, shown) in [
        (OBJECT, Pane::Object, ObjectTab::Object, "a.yaml"),
        (NAMESPACE, Pane::Object, ObjectTab::Namespace, "a.yaml"),
        ("b.yaml", Pane::Policies, ObjectTab::Object, "b.yaml"),
    ] {
        let state = after([
            Action::PoliciesTab(PoliciesTab::Vap),
            Action::Reveal(place(file)),
        ]);
        assert_eq!((state.view.pane, state.view.object), (pane, tab), "{file}");
        assert_eq!(state.file().map(|file| &*file.name), Some(shown));
        let reveal = state.view.reveal.as_ref().unwrap();
        assert_eq!((&*reveal.file, reveal.from, reveal.to), (file, 3, 5));
    }
    assert_eq!(
        after([Action::Reveal(place("gone.yaml"))]).view.reveal,
        None
    );
}

#[test]
fn the_same_place_can_be_shown_twice() {
    let state = after([Action::Reveal(place(OBJECT)), Action::Reveal(place(OBJECT))]);
    assert_eq!(state.view.reveal.as_ref().unwrap().count, 2);
}
