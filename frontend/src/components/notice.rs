//! A line at the bottom that says what happened, with a way back.

use gloo_timers::callback::Timeout;
use yew::prelude::*;

use super::icon::icon;
use crate::desk::{act, use_desk};
use crate::state::Action;

// Long enough to read and to reach the button.
const STAY: u32 = 9000;

/// What happened.
#[component]
pub fn NoticeLine() -> Html {
    let Some(desk) = use_desk() else {
        return Html::default();
    };
    let notice = desk.notice.clone();
    {
        let dispatcher = desk.dispatcher();
        use_effect_with(notice.clone(), move |notice| {
            let timeout = notice
                .as_ref()
                .map(|_| Timeout::new(STAY, move || dispatcher.dispatch(Action::Dismiss)));
            move || drop(timeout)
        });
    }
    html! {
        <div class="notice-place" role="status">
            if let Some(notice) = notice {
                <div class="notice">
                    <span>{ notice.text.to_string() }</span>
                    if notice.undo.is_some() {
                        <button type="button" class="button" onclick={act(&desk, |_| Action::Undo)}>{ "Bring it back" }</button>
                    }
                    <button type="button" class="button quiet small" aria-label="Dismiss" onclick={act(&desk, |_| Action::Dismiss)}>{ icon("close") }</button>
                </div>
            }
        </div>
    }
}
