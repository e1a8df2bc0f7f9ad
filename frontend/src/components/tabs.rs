//! Tabs: one of several, chosen by mouse or arrow keys.

use wasm_bindgen::JsCast;
use web_sys::HtmlElement;
use yew::prelude::*;

/// What tabs are made of.
#[derive(Properties, PartialEq)]
pub struct Props {
    /// What the tabs choose.
    pub label: AttrValue,
    /// Their words.
    pub names: Vec<AttrValue>,
    /// The chosen one.
    pub chosen: usize,
    /// The id of what they control.
    pub controls: AttrValue,
    /// Another one was chosen.
    pub on_choose: Callback<usize>,
}

/// A row of tabs.
#[component]
pub fn Tabs(props: &Props) -> Html {
    let count = props.names.len();
    let on_key = {
        let (chosen, choose) = (props.chosen, props.on_choose.clone());
        Callback::from(move |event: KeyboardEvent| {
            let next = match event.key().as_str() {
                "ArrowRight" => (chosen + 1) % count,
                "ArrowLeft" => (chosen + count - 1) % count,
                "Home" => 0,
                "End" => count - 1,
                _ => return,
            };
            event.prevent_default();
            choose.emit(next);
            let list = event
                .current_target()
                .and_then(|target| target.dyn_into::<HtmlElement>().ok());
            let tab = list.and_then(|list| list.children().item(u32::try_from(next).unwrap_or(0)));
            if let Some(tab) = tab.and_then(|tab| tab.dyn_into::<HtmlElement>().ok()) {
                let _ = tab.focus();
            }
        })
    };
    let tabs = props.names.iter().enumerate().map(|(index, name)| {
        let on = index == props.chosen;
        let choose = props.on_choose.clone();
        html! {
            <button type="button" role="tab" class="tab" aria-selected={on.to_string()}
                aria-controls={props.controls.clone()} tabindex={if on { "0" } else { "-1" }}
                onclick={move |_| choose.emit(index)}>{ name.clone() }</button>
        }
    });
    html! {
        <div class="tabs" role="tablist" aria-label={props.label.clone()} onkeydown={on_key}>{ for tabs }</div>
    }
}
