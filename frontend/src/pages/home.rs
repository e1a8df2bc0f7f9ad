//! `/`: the playground, or the example that the address carries.

use gloo_events::EventListener;
use yew::prelude::*;

use super::playground::Playground;
use super::shared::SharedPage;
use crate::components::header::Header;
use crate::desk::DeskProvider;
use crate::{examples, share, storage};

fn fragment() -> Option<String> {
    let hash = web_sys::window()?.location().hash().ok()?;
    share::packed(&hash).map(str::to_owned)
}

/// The playground, or the example that the address carries.
#[component]
pub fn Home() -> Html {
    let packed = use_state(fragment);
    {
        let packed = packed.clone();
        use_effect_with((), move |()| {
            let listener = web_sys::window().map(|window| {
                EventListener::new(&window, "hashchange", move |_| packed.set(fragment()))
            });
            move || drop(listener)
        });
    }
    let work = use_memo((), |()| storage::load().unwrap_or_else(examples::first));
    match &*packed {
        Some(packed) => html! { <SharedPage key={packed.clone()} packed={Some(packed.clone())} /> },
        None => html! {
            <DeskProvider work={(*work).clone()} kept=true>
                <Header playground=true />
                <Playground />
            </DeskProvider>
        },
    }
}
