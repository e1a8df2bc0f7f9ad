//! The palette: examples, policies and commands, found by typing.

use std::rc::Rc;

use web_sys::{HtmlDialogElement, HtmlElement, HtmlInputElement};
use yew::prelude::*;

use super::icon::icon;
use crate::desk::{Desk, act, use_desk};
use crate::examples;
use crate::state::Action;
use crate::view::{Dialog, Pane};

/// What can be chosen.
#[derive(Clone, PartialEq)]
enum Choice {
    Example(examples::Example),
    File(Rc<str>),
    Go(Pane),
    Share,
    Afresh,
}

#[derive(Clone, PartialEq)]
struct Item {
    title: String,
    sentence: String,
    choice: Choice,
}

fn items(desk: &Desk, only_examples: bool) -> Vec<(&'static str, Vec<Item>)> {
    let item = |title: &str, sentence: &str, choice| Item {
        title: title.into(),
        sentence: sentence.into(),
        choice,
    };
    let examples = examples::all()
        .into_iter()
        .map(|example| Item {
            title: example.title.clone(),
            sentence: example.sentence.clone(),
            choice: Choice::Example(example),
        })
        .collect();
    let mut all = vec![("Examples", examples)];
    if !only_examples {
        let files = desk.work.policies.iter();
        all.push((
            "Policies here",
            files
                .map(|file| item(&file.name, "", Choice::File(file.name.clone())))
                .collect(),
        ));
    }
    all.push((
        "Commands",
        vec![item(
            "Start afresh",
            "Back to what a first visitor sees.",
            Choice::Afresh,
        )],
    ));
    if let Some((_, commands)) = all.last_mut().filter(|_| !only_examples) {
        commands.extend([
            item("Share", "Make a link of all this.", Choice::Share),
            item("Go to the policies", "Alt+1", Choice::Go(Pane::Policies)),
            item("Go to the object", "Alt+2", Choice::Go(Pane::Object)),
            item("Go to the verdict", "Alt+3", Choice::Go(Pane::Verdict)),
        ]);
    }
    all
}

fn choose(desk: &Desk, choice: &Choice) {
    desk.dispatch(Action::Dialog(None));
    match choice {
        Choice::Example(example) => {
            let said = format!("Example: {}", example.title);
            desk.dispatch(Action::Load(Rc::new(example.work()), said.into()));
        }
        Choice::Afresh => desk.dispatch(Action::Load(
            Rc::new(examples::first()),
            "Started afresh".into(),
        )),
        Choice::File(name) => {
            desk.dispatch(Action::File(name.clone()));
            desk.dispatch(Action::Pane(Pane::Policies));
        }
        Choice::Go(pane) => desk.dispatch(Action::Pane(*pane)),
        Choice::Share => desk.dispatch(Action::Dialog(Some(Dialog::Share))),
    }
}

/// What the palette shows.
#[derive(Properties, PartialEq)]
pub struct Props {
    /// Whether only examples are offered.
    pub only_examples: bool,
}

/// The palette.
#[component]
pub fn Palette(props: &Props) -> Html {
    let dialog = use_node_ref();
    {
        let dialog = dialog.clone();
        use_effect_with((), move |()| {
            if let Some(dialog) = dialog.cast::<HtmlDialogElement>() {
                let _ = dialog.show_modal();
            }
        });
    }
    let list = use_node_ref();
    let query = use_state(String::new);
    let at = use_state(|| 0usize);
    {
        let list = list.clone();
        use_effect_with(*at, move |_| {
            let chosen = list
                .cast::<HtmlElement>()
                .and_then(|list| list.query_selector("[aria-selected=true]").ok().flatten());
            if let Some(chosen) = chosen {
                let options = web_sys::ScrollIntoViewOptions::new();
                options.set_block(web_sys::ScrollLogicalPosition::Nearest);
                chosen.scroll_into_view_with_scroll_into_view_options(&options);
            }
        });
    }
    let Some(desk) = use_desk() else {
        return Html::default();
    };
    let words: Vec<String> = query
        .to_lowercase()
        .split_whitespace()
        .map(str::to_owned)
        .collect();
    let fits = |item: &Item| {
        let text = format!("{} {}", item.title, item.sentence).to_lowercase();
        words.iter().all(|word| text.contains(word))
    };
    let mut groups = items(&desk, props.only_examples);
    for (_, items) in &mut groups {
        items.retain(|item| fits(item));
    }
    let flat: Vec<Item> = groups.iter().flat_map(|(_, items)| items.clone()).collect();
    let chosen = (*at).min(flat.len().saturating_sub(1));

    let on_input = {
        let (query, at) = (query.clone(), at.clone());
        Callback::from(move |event: InputEvent| {
            query.set(event.target_unchecked_into::<HtmlInputElement>().value());
            at.set(0);
        })
    };
    let on_key = {
        let (desk, flat, at) = (desk.clone(), flat.clone(), at.clone());
        Callback::from(move |event: KeyboardEvent| {
            match event.key().as_str() {
                "ArrowDown" => at.set((chosen + 1).min(flat.len().saturating_sub(1))),
                "ArrowUp" => at.set(chosen.saturating_sub(1)),
                "Enter" => {
                    if let Some(item) = flat.get(chosen) {
                        choose(&desk, &item.choice);
                    }
                }
                _ => return,
            }
            event.prevent_default();
        })
    };
    let mut number = 0;
    html! {
        <dialog ref={dialog} class="dialog palette" aria-label={if props.only_examples { "Examples" } else { "Palette" }} onclose={act(&desk, |_| Action::Dialog(None))}>
            <input type="search" class="palette-query" role="combobox" aria-expanded="true" aria-controls="palette-list" autofocus=true
                aria-activedescendant={format!("palette-{chosen}")} aria-label="Search" autocomplete="off" spellcheck="false"
                placeholder={if props.only_examples { "Search examples" } else { "Search examples, policies, commands" }}
                value={(*query).clone()} oninput={on_input} onkeydown={on_key} />
            <div class="palette-list" id="palette-list" role="listbox" aria-label="Choices" ref={list}>
                { for groups.iter().filter(|(_, items)| !items.is_empty()).map(|(name, items)| html! {
                    <div role="group" aria-label={*name}>
                        <div class="palette-group" aria-hidden="true">{ *name }</div>
                        { for items.iter().map(|item| {
                            let index = number;
                            number += 1;
                            one(&desk, item, index, index == chosen)
                        }) }
                    </div>
                }) }
                if flat.is_empty() { <p class="muted palette-none">{ "Nothing of this name." }</p> }
            </div>
        </dialog>
    }
}

fn one(desk: &Desk, item: &Item, index: usize, on: bool) -> Html {
    let picture = match item.choice {
        Choice::Example(_) => "book",
        Choice::File(_) | Choice::Go(_) => "right",
        Choice::Share => "share",
        Choice::Afresh => "fresh",
    };
    let (desk, choice) = (desk.clone(), item.choice.clone());
    html! {
        <div class="palette-item" role="option" id={format!("palette-{index}")} aria-selected={on.to_string()}
            onclick={Callback::from(move |_| choose(&desk, &choice))}>
            { icon(picture) }
            <span class="palette-title">{ item.title.clone() }</span>
            <span class="palette-sentence">{ item.sentence.clone() }</span>
        </div>
    }
}
