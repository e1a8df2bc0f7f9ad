//! The object pane: what is sent, the Namespace it is sent to, and the request around it.

use std::rc::Rc;

use yew::prelude::*;

use super::editor::Editor;
use super::namespace::{Chips, Labels};
use super::request::RequestForm;
use super::tabs::Tabs;
use crate::desk::{Desk, act, use_desk};
use crate::marks;
use crate::model::{NAMESPACE, OBJECT, OLD};
use crate::state::{Action, Text};
use crate::view::ObjectTab;

const TABS: [(ObjectTab, &str); 3] = [
    (ObjectTab::Object, "Object"),
    (ObjectTab::Namespace, "Namespace"),
    (ObjectTab::Request, "Request"),
];

/// What the pane needs beside the desk.
#[derive(Properties, PartialEq)]
pub struct Props {
    /// Changes when the pane is to take the keyboard.
    pub focus: u64,
}

/// The object pane.
#[component]
pub fn ObjectPane(props: &Props) -> Html {
    let Some(desk) = use_desk() else {
        return Html::default();
    };
    let tab = desk.view.object;
    let chosen = TABS
        .iter()
        .position(|(other, _)| *other == tab)
        .unwrap_or(0);
    let choose = act(&desk, |index: usize| {
        Action::ObjectTab(TABS.get(index).map_or(ObjectTab::Object, |(tab, _)| *tab))
    });
    html! {
        <>
            <div class="pane-head">
                <h2 class="hidden">{ "Object" }</h2>
                <Tabs label="Object" names={TABS.map(|(_, name)| AttrValue::from(name)).to_vec()} {chosen}
                    controls="object-body" on_choose={choose} />
            </div>
            <div class="pane-body" id="object-body" role="tabpanel">
                if tab == ObjectTab::Request { <RequestForm /> }
                if shows_text(&desk, tab) { { editor(&desk, tab, props.focus) } }
                if tab == ObjectTab::Object { <Chips /> }
                if tab == ObjectTab::Namespace { <Labels /> }
            </div>
        </>
    }
}

// The request has a text where there is an object that it replaces.
fn shows_text(desk: &Desk, tab: ObjectTab) -> bool {
    tab != ObjectTab::Request || desk.work.replaces()
}

// One view for all texts, so that each keeps its undo.
fn editor(desk: &Desk, tab: ObjectTab, focus: u64) -> Html {
    let (file, label, text) = match tab {
        ObjectTab::Namespace => (NAMESPACE, "Namespace", desk.work.namespace.clone()),
        ObjectTab::Request => (OLD, "Stored object", desk.work.old.clone()),
        ObjectTab::Object => (OBJECT, "Object", desk.work.object.clone()),
    };
    let marks = desk
        .shown()
        .map(|answered| marks::of_file(&answered.answer, file))
        .unwrap_or_default();
    let which = |name: &str| match name {
        NAMESPACE => Text::Namespace,
        OLD => Text::Old,
        _ => Text::Object,
    };
    let here = which(file);
    html! {
        <Editor {label} file={Rc::<str>::from(file)} {text} {marks} epoch={desk.epoch}
            reveal={desk.view.reveal.clone()} {focus}
            on_change={act(desk, move |(name, text): (Rc<str>, Rc<str>)| Action::Edit(which(&name), text))}
            on_drop={act(desk, move |opened| Action::Open(here.clone(), opened))}
            on_mark={act(desk, Action::Mark)} />
    }
}
