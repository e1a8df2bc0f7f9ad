//! The request around the objects: operation, user, groups.

use vapwright_engine::wire::{RequestSettings, ServerSettings};
use web_sys::{HtmlInputElement, HtmlSelectElement};
use yew::prelude::*;

use crate::desk::{Desk, use_desk};
use crate::state::Action;

const OPERATIONS: [&str; 4] = ["CREATE", "UPDATE", "DELETE", "CONNECT"];

fn change<T: AsRef<web_sys::EventTarget> + wasm_bindgen::JsCast>(
    desk: &Desk,
    set: impl Fn(&mut RequestSettings, T) + 'static,
) -> Callback<Event> {
    let desk = desk.clone();
    Callback::from(move |event: Event| {
        let mut request = desk.work.request.clone();
        set(&mut request, event.target_unchecked_into::<T>());
        desk.dispatch(Action::Request(request));
    })
}

fn server(desk: &Desk, set: impl Fn(&mut ServerSettings, bool) + 'static) -> Callback<Event> {
    let desk = desk.clone();
    Callback::from(move |event: Event| {
        let mut server = desk.work.server.clone();
        let input = event.target_unchecked_into::<HtmlInputElement>();
        set(&mut server, input.checked());
        desk.dispatch(Action::Server(server));
    })
}

fn some(text: String) -> Option<String> {
    let text = text.trim();
    (!text.is_empty()).then(|| text.to_owned())
}

/// The request's settings.
#[component]
pub fn RequestForm() -> Html {
    let Some(desk) = use_desk() else {
        return Html::default();
    };
    let request = &desk.work.request;
    let operation = request
        .operation
        .clone()
        .unwrap_or_else(|| "CREATE".to_owned());
    let on_operation = change(&desk, |request, select: HtmlSelectElement| {
        request.operation = Some(select.value()).filter(|operation| operation != "CREATE");
    });
    let on_user = change(&desk, |request, input: HtmlInputElement| {
        request.user = some(input.value())
    });
    let on_groups = change(&desk, |request, input: HtmlInputElement| {
        request.groups = input
            .value()
            .split(',')
            .filter_map(|group| some(group.to_owned()))
            .collect();
    });
    let on_dry_run = change(&desk, |request, input: HtmlInputElement| {
        request.dry_run = input.checked()
    });
    let settings = &desk.work.server;
    let on_account = server(&desk, |server, on| server.service_account = on);
    let on_privileged = server(&desk, |server, on| server.allow_privileged = on);
    html! {
        <form class="request" onsubmit={|event: SubmitEvent| event.prevent_default()}>
            <label>
                <span>{ "Operation" }</span>
                <select onchange={on_operation}>
                    { for OPERATIONS.iter().map(|name| html! {
                        <option value={*name} selected={*name == operation}>{ *name }</option>
                    }) }
                </select>
            </label>
            <label>
                <span>{ "User" }</span>
                <input type="text" value={request.user.clone()} placeholder="kubernetes-admin" autocomplete="off" spellcheck="false" onchange={on_user} />
                <small class="muted">{ "what policies read as request.userInfo.username; what authorizer allows them is decided by the Roles and bindings among the policies and objects" }</small>
            </label>
            <label>
                <span>{ "Groups" }</span>
                <input type="text" value={request.groups.join(", ")} placeholder="system:authenticated" autocomplete="off" spellcheck="false" onchange={on_groups} />
                <small class="muted">{ "separated by commas" }</small>
            </label>
            if desk.work.replaces() {
                <p class="muted">{ "Below: the object as it is stored, which policies read as oldObject. Where it is empty, it is stored as it is sent." }</p>
            }
            <label class="check">
                <input type="checkbox" checked={request.dry_run} onchange={on_dry_run} />
                <span>{ "Dry run" }</span>
            </label>
            <fieldset>
                <legend>{ "API server" }</legend>
                <label class="check">
                    <input type="checkbox" checked={settings.service_account} onchange={on_account} />
                    <span>{ "gives Pods a service account and its token" }</span>
                </label>
                <label class="check">
                    <input type="checkbox" checked={settings.allow_privileged} onchange={on_privileged} />
                    <span>{ "lets containers be privileged" }</span>
                </label>
            </fieldset>
        </form>
    }
}
