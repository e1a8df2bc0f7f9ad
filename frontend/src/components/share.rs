//! The dialog that makes a link.

use vapwright_engine::wire::ExampleCreated;
use wasm_bindgen_futures::spawn_local;
use web_sys::{HtmlDialogElement, HtmlInputElement};
use yew::prelude::*;

use super::copy::Copy;
use super::icon::icon;
use crate::desk::{act, use_desk};
use crate::state::Action;
use crate::{api, share};

// Chat and mail programs cut longer links.
const LONG: usize = 8000;

/// The dialog that makes a link.
#[component]
pub fn ShareDialog() -> Html {
    let dialog = use_node_ref();
    {
        let dialog = dialog.clone();
        use_effect_with((), move |()| {
            if let Some(dialog) = dialog.cast::<HtmlDialogElement>() {
                let _ = dialog.show_modal();
            }
        });
    }
    let desk = use_desk();
    let choice = use_state(|| share::Choice {
        blank: true,
        speaking: false,
    });
    let title = use_state(|| {
        desk.as_ref()
            .map(|desk| desk.work.title.to_string())
            .unwrap_or_default()
    });
    let link = use_state(|| None::<String>);
    let short = use_state(|| None::<Result<String, String>>);
    let asked = use_mut_ref(|| 0u32);

    let suspects = desk
        .as_ref()
        .map(|desk| share::suspects(&desk.work))
        .unwrap_or_default();
    let shared = desk.as_ref().map(|desk| {
        let answer = desk
            .shown()
            .filter(|_| !desk.outdated())
            .map(|answered| answered.answer.clone());
        let mut work = share::reduced(&desk.work, answer.as_deref(), *choice);
        work.title = title.trim().into();
        work
    });
    {
        let (link, short) = (link.clone(), short.clone());
        use_effect_with(shared.clone(), move |shared| {
            *asked.borrow_mut() += 1;
            let mine = *asked.borrow();
            short.set(None);
            if let Some(shared) = shared.clone() {
                spawn_local(async move {
                    let made = share::fragment(&shared).await;
                    if *asked.borrow() == mine {
                        link.set(made.map(|fragment| format!("{}/{fragment}", origin())));
                    }
                });
            }
        });
    }
    let (Some(desk), Some(shared)) = (desk, shared) else {
        return Html::default();
    };

    let close = act(&desk, |_: MouseEvent| Action::Dialog(None));
    let check = |set: fn(&mut share::Choice, bool)| {
        let choice = choice.clone();
        Callback::from(move |event: Event| {
            let mut next = *choice;
            set(
                &mut next,
                event.target_unchecked_into::<HtmlInputElement>().checked(),
            );
            choice.set(next);
        })
    };
    let on_title = {
        let title = title.clone();
        Callback::from(move |event: InputEvent| {
            title.set(event.target_unchecked_into::<HtmlInputElement>().value())
        })
    };
    let shorten = {
        let (short, shared) = (short.clone(), shared.clone());
        Callback::from(move |_: MouseEvent| {
            let (short, shared) = (short.clone(), shared.clone());
            spawn_local(async move {
                let body = serde_json::to_string(&shared.example()).unwrap_or_default();
                let kept = api::post::<ExampleCreated>("/api/v1/examples", &body).await;
                short.set(Some(kept.map(|kept| format!("{}{}", origin(), kept.path))));
            });
        })
    };
    let length = link.as_ref().map_or(0, String::len);
    let total = desk.work.policies.len();
    html! {
        <dialog ref={dialog} class="dialog" aria-labelledby="share-title" onclose={act(&desk, |_| Action::Dialog(None))}>
            <div class="dialog-head">
                <h2 id="share-title">{ "Share" }</h2>
                <button type="button" class="button quiet small" aria-label="Close" onclick={close}>{ icon("close") }</button>
            </div>
            <p>{ format!(
                "The link holds {}, the object, the Namespace and the request. It carries them behind the #, which browsers do not send: only who has the link can read them.",
                if shared.policies.len() == 1 { "one policy".to_owned() } else { format!("{} policies", shared.policies.len()) },
            ) }</p>
            <label class="stack"><span>{ "Title" }</span>
                <input type="text" value={(*title).clone()} placeholder="What is this about?" oninput={on_title} />
            </label>
            if total > 1 {
                <label class="check"><input type="checkbox" checked={choice.speaking} onchange={check(|choice, on| choice.speaking = on)} />
                    <span>{ "Only the policies that have something to say" }</span>
                </label>
            }
            if !suspects.is_empty() {
                <div class="warning" role="note">
                    <p><b>{ icon("warned") }{ if suspects.len() == 1 { "A value looks like a secret".to_owned() } else { format!("{} values look like secrets", suspects.len()) } }</b></p>
                    <ul>{ for suspects.iter().take(6).map(|(file, secret)| html! { <li>{ format!("{} ({file}, line {})", secret.what, secret.line) }</li> }) }</ul>
                    if suspects.len() > 6 { <p class="muted">{ format!("and {} more", suspects.len() - 6) }</p> }
                    <label class="check"><input type="checkbox" checked={choice.blank} onchange={check(|choice, on| choice.blank = on)} />
                        <span>{ "Make them empty in the link" }</span>
                    </label>
                </div>
            }
            <div class="link-line">
                <input type="text" readonly=true aria-label="Link" value={(*link).clone()} onfocus={select_all} />
                if let Some(link) = &*link { <Copy text={link.clone()} label="Copy link" /> }
            </div>
            <p class="muted">{ format!("{length} characters") }
                if length > LONG { { ": some programs cut links of this length" } }
            </p>
            <div class="dialog-foot">
                if let Some(Ok(short)) = &*short {
                    <div class="link-line">
                        <input type="text" readonly=true aria-label="Short link" value={short.clone()} onfocus={select_all} />
                        <Copy text={short.clone()} label="Copy short link" />
                    </div>
                } else {
                    <button type="button" class="button" onclick={shorten}>{ "Make a short link" }</button>
                    <span class="muted">{ match &*short {
                        Some(Err(why)) => format!("No short link: {why}."),
                        _ => "The server then keeps a copy of all this.".to_owned(),
                    } }</span>
                }
            </div>
        </dialog>
    }
}

fn origin() -> String {
    web_sys::window()
        .and_then(|window| window.location().origin().ok())
        .unwrap_or_default()
}

fn select_all(event: FocusEvent) {
    event.target_unchecked_into::<HtmlInputElement>().select();
}
