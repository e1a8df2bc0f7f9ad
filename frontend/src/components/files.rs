//! The list of policy files, each with what its policies say.

use std::rc::Rc;

use vapwright_engine::wire::Verdict;
use yew::prelude::*;

use super::icon;
use crate::verdict::word;

/// An entry of the list.
#[derive(Clone, PartialEq)]
pub struct Entry {
    /// The file's or policy's name.
    pub name: Rc<str>,
    /// A word beside it.
    pub tag: Option<Rc<str>>,
    /// The worst that its policies say.
    pub verdict: Option<Verdict>,
}

/// What is listed.
#[derive(Properties, PartialEq)]
pub struct Props {
    /// What the list is of.
    pub label: AttrValue,
    /// The entries.
    pub entries: Vec<Entry>,
    /// The shown one.
    pub shown: Option<Rc<str>>,
    /// Another one was chosen.
    pub on_choose: Callback<Rc<str>>,
    /// An entry is to be taken out.
    #[prop_or_default]
    pub on_remove: Option<Callback<Rc<str>>>,
}

/// The list.
#[component]
pub fn Files(props: &Props) -> Html {
    let entries = props.entries.iter().map(|entry| {
        let name = entry.name.clone();
        let choose = { let (name, call) = (name.clone(), props.on_choose.clone()); move |_| call.emit(name.clone()) };
        let current = (props.shown.as_ref() == Some(&name)).then_some("true");
        let says = entry.verdict.map(word);
        html! {
            <li key={name.to_string()} class="file" aria-current={current}>
                <button type="button" class="file-name" onclick={choose} title={name.to_string()}>
                    <span class={classes!("state", entry.verdict.map(crate::verdict::class))} title={says}>
                        { entry.verdict.map(icon::verdict).unwrap_or_default() }
                        if let Some(says) = says { <span class="hidden">{ says }</span> }
                    </span>
                    <span class="file-text">{ name.to_string() }</span>
                    if let Some(tag) = &entry.tag { <span class="tag">{ tag.to_string() }</span> }
                </button>
                if let Some(remove) = &props.on_remove {
                    <button type="button" class="file-remove" aria-label={format!("Remove {name}")} title="Remove"
                        onclick={ let (name, call) = (name.clone(), remove.clone()); move |_| call.emit(name.clone()) }>
                        { icon::icon("close") }
                    </button>
                }
            </li>
        }
    });
    html! { <ul class="files" aria-label={props.label.clone()}>{ for entries }</ul> }
}
