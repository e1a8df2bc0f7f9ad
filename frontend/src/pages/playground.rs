//! The playground: policies, object, verdict.

use gloo_events::{EventListener, EventListenerOptions};
use wasm_bindgen::JsCast;
use web_sys::HtmlElement;
use yew::prelude::*;

use crate::components::notice::NoticeLine;
use crate::components::object::ObjectPane;
use crate::components::palette::Palette;
use crate::components::policies::PoliciesPane;
use crate::components::share::ShareDialog;
use crate::components::splitter::Splitter;
use crate::components::verdict::VerdictPane;
use crate::components::{sentence, tabs::Tabs};
use crate::desk::{Desk, act, use_desk};
use crate::state::{Action, Notice};
use crate::storage;
use crate::view::{Dialog, Pane};

const PANES: [(Pane, &str); 3] = [
    (Pane::Policies, "Policies"),
    (Pane::Object, "Object"),
    (Pane::Verdict, "Verdict"),
];

/// The playground.
#[component]
pub fn Playground() -> Html {
    let main = use_node_ref();
    let places = use_state(|| [340, 660]);
    let focus = use_state(|| (Pane::Verdict, 0u64));
    let verdict = use_node_ref();
    let desk = use_desk();
    {
        // widths go through the style object: the policy of the page allows no style attributes
        let main = main.clone();
        use_effect_with(*places, move |places| {
            if let Some(main) = main.cast::<HtmlElement>() {
                let [first, second] = *places;
                for (name, share) in [
                    ("--first", first),
                    ("--second", second - first),
                    ("--third", 1000 - second),
                ] {
                    let _ = main.style().set_property(name, &format!("{share}fr"));
                }
            }
        });
    }
    {
        let dispatcher = desk.as_ref().map(|desk| desk.dispatcher());
        let focus = focus.setter();
        let verdict = verdict.clone();
        let count = use_mut_ref(|| 0u64);
        use_effect_with((), move |()| {
            let options = EventListenerOptions {
                passive: false,
                ..EventListenerOptions::run_in_capture_phase()
            };
            let listener = web_sys::window()
                .zip(dispatcher)
                .map(|(window, dispatcher)| {
                    EventListener::new_with_options(&window, "keydown", options, move |event| {
                        let Some(event) = event.dyn_ref::<KeyboardEvent>() else {
                            return;
                        };
                        if (event.ctrl_key() || event.meta_key())
                            && event.key().eq_ignore_ascii_case("k")
                        {
                            event.prevent_default();
                            event.stop_propagation();
                            dispatcher.dispatch(Action::Dialog(Some(Dialog::Palette)));
                        } else if event.alt_key() && !event.ctrl_key() {
                            let pane = match event.code().as_str() {
                                "Digit1" => Pane::Policies,
                                "Digit2" => Pane::Object,
                                "Digit3" => Pane::Verdict,
                                _ => return,
                            };
                            event.prevent_default();
                            dispatcher.dispatch(Action::Pane(pane));
                            *count.borrow_mut() += 1;
                            focus.set((pane, *count.borrow()));
                            if let Some(verdict) = verdict
                                .cast::<HtmlElement>()
                                .filter(|_| pane == Pane::Verdict)
                            {
                                let _ = verdict.focus();
                            }
                        }
                    })
                });
            move || drop(listener)
        });
    }
    {
        let dispatcher = desk.as_ref().map(|desk| desk.dispatcher());
        use_effect_with((), move |()| {
            if let (Some(dispatcher), Some(previous)) = (dispatcher, storage::take_previous()) {
                dispatcher.dispatch(Action::Keep(Notice {
                    text: "The shared example took the place of your work".into(),
                    undo: Some(std::rc::Rc::new(previous)),
                }));
            }
        });
    }
    let Some(desk) = desk else {
        return Html::default();
    };
    let wanted = |pane: Pane| if focus.0 == pane { focus.1 } else { 0 };
    let move_to = {
        let places = places.clone();
        Callback::from(move |next| places.set(next))
    };
    html! {
        <>
            { narrow(&desk) }
            <main class="desk" id="main" ref={main} data-pane={desk.view.pane.id()}>
                <section class="pane pane-policies" id="pane-policies" aria-label="Policies"><PoliciesPane focus={wanted(Pane::Policies)} /></section>
                <Splitter label="Width of the policies" index=0 places={*places} on_move={move_to.clone()} />
                <section class="pane pane-object" id="pane-object" aria-label="Object"><ObjectPane focus={wanted(Pane::Object)} /></section>
                <Splitter label="Width of the object" index=1 places={*places} on_move={move_to} />
                <section class="pane pane-verdict" id="pane-verdict" aria-label="Verdict" tabindex="-1" ref={verdict}><VerdictPane /></section>
            </main>
            <Announcer />
            <NoticeLine />
            { dialog(&desk) }
        </>
    }
}

// On a narrow screen: the sentence, which stays, and tabs for the panes.
fn narrow(desk: &Desk) -> Html {
    let chosen = PANES
        .iter()
        .position(|(pane, _)| *pane == desk.view.pane)
        .unwrap_or(0);
    let choose = act(desk, |index: usize| {
        Action::Pane(PANES.get(index).map_or(Pane::Verdict, |(pane, _)| *pane))
    });
    html! {
        <div class="narrow-only narrow-top">
            { sentence::show(desk) }
            <Tabs label="Panes" names={PANES.map(|(_, name)| AttrValue::from(name)).to_vec()} {chosen}
                controls={format!("pane-{}", desk.view.pane.id())} on_choose={choose} />
        </div>
    }
}

fn dialog(desk: &Desk) -> Html {
    match desk.view.dialog {
        Some(Dialog::Share) => html! { <ShareDialog /> },
        Some(Dialog::Palette) => html! { <Palette key="palette" only_examples=false /> },
        Some(Dialog::Examples) => html! { <Palette key="examples" only_examples=true /> },
        None => Html::default(),
    }
}

/// Tells a screen reader the verdict, once it stands.
#[component]
fn Announcer() -> Html {
    let said = use_state(String::new);
    if let Some(desk) = use_desk() {
        let line = sentence::line(&desk);
        let words = format!("{}: {}", line.word, line.sentence);
        if !desk.outdated() && *said != words {
            said.set(words);
        }
    }
    html! { <div class="hidden" role="status" aria-live="polite">{ (*said).clone() }</div> }
}
