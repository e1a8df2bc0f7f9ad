//! A button that copies text.

use gloo_timers::callback::Timeout;
use yew::prelude::*;

use super::icon::icon;
use crate::host;

/// What the button copies.
#[derive(Properties, PartialEq)]
pub struct Props {
    /// The text.
    pub text: AttrValue,
    /// What the button says.
    #[prop_or(AttrValue::Static("Copy"))]
    pub label: AttrValue,
    /// Whether only the picture is shown.
    #[prop_or_default]
    pub small: bool,
}

/// A button that copies text and says that it did.
#[component]
pub fn Copy(props: &Props) -> Html {
    let said = use_state(|| None::<bool>);
    let timeout = use_mut_ref(|| None::<Timeout>);
    let on_click = {
        let (said, timeout, text) = (said.clone(), timeout.clone(), props.text.clone());
        Callback::from(move |_: MouseEvent| {
            let (said, timeout, text) = (said.clone(), timeout.clone(), text.clone());
            wasm_bindgen_futures::spawn_local(async move {
                let done = host::copy(&text).await.as_bool().unwrap_or_default();
                said.set(Some(done));
                *timeout.borrow_mut() = Some(Timeout::new(1600, move || said.set(None)));
            });
        })
    };
    let words = match *said {
        Some(true) => "Copied".into(),
        Some(false) => "Not allowed".into(),
        None => props.label.clone(),
    };
    let label = props.small.then(|| props.label.clone());
    html! {
        <button type="button" class={classes!("button", "quiet", props.small.then_some("small"))} aria-label={label} title={props.label.clone()} onclick={on_click}>
            { icon(if *said == Some(true) { "check" } else { "copy" }) }
            if !props.small { <span aria-live="polite">{ words }</span> }
        </button>
    }
}
