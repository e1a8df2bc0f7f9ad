//! The bar at the top.

use web_sys::HtmlSelectElement;
use yew::prelude::*;
use yew_router::prelude::*;

use super::icon::icon;
use crate::app::Route;
use crate::desk::{Desk, act, use_desk};
use crate::model::KUBERNETES;
use crate::state::Action;
use crate::storage;
use crate::view::Dialog;

/// What the bar offers beside the rooms.
#[derive(Properties, PartialEq)]
pub struct Props {
    /// Whether it is the playground's, with examples, version and sharing.
    #[prop_or_default]
    pub playground: bool,
}

/// The bar at the top.
#[component]
pub fn Header(props: &Props) -> Html {
    let desk = use_desk().filter(|_| props.playground);
    let route = use_route::<Route>();
    let here = |playground: bool| {
        let on = match route {
            Some(Route::Home | Route::Shared { .. }) => playground,
            Some(Route::Missing) | None => false,
            _ => !playground,
        };
        on.then_some("page")
    };
    html! {
        <header class="bar">
            <a class="skip" href="#main">{ "Skip to the content" }</a>
            <Link<Route> to={Route::Home} classes="mark">{ logo() }{ "vapwright" }</Link<Route>>
            <nav class="rooms" aria-label="Rooms">
                <span aria-current={here(true)}><Link<Route> to={Route::Home}>{ "Playground" }</Link<Route>></span>
                <span aria-current={here(false)}><Link<Route> to={Route::Bundles}>{ "Bundles" }</Link<Route>></span>
            </nav>
            <span class="space"></span>
            if let Some(desk) = &desk { { tools(desk) } }
            <Theme />
        </header>
    }
}

fn logo() -> Html {
    html! {
        <svg class="logo" viewBox="0 0 32 32" aria-hidden="true" focusable="false">
            <rect width="32" height="32" rx="7" />
            <path d="M8 9l8 15 8-15" />
        </svg>
    }
}

fn tools(desk: &Desk) -> Html {
    let version = act(desk, |event: Event| {
        Action::Kubernetes(
            event
                .target_unchecked_into::<HtmlSelectElement>()
                .value()
                .into(),
        )
    });
    html! {
        <>
            <button type="button" class="button" aria-haspopup="dialog" onclick={act(desk, |_| Action::Dialog(Some(Dialog::Examples)))}>
                { icon("book") }<span class="wide-only">{ "Examples" }</span>
            </button>
            <button type="button" class="button wide-only" aria-haspopup="dialog" title="Ctrl+K"
                aria-label="Search examples, policies and commands" aria-keyshortcuts="Control+K"
                onclick={act(desk, |_| Action::Dialog(Some(Dialog::Palette)))}>
                { icon("search") }<kbd>{ "Ctrl K" }</kbd>
            </button>
            <label class="field">
                <span class="wide-only">{ "Kubernetes" }</span>
                <select aria-label="Kubernetes version" onchange={version}>
                    { for KUBERNETES.iter().map(|version| html! {
                        <option value={*version} selected={*version == &*desk.work.kubernetes}>{ *version }</option>
                    }) }
                </select>
            </label>
            <button type="button" class="button accent" aria-haspopup="dialog" onclick={act(desk, |_| Action::Dialog(Some(Dialog::Share)))}>
                { icon("share") }<span class="wide-only">{ "Share" }</span>
            </button>
        </>
    }
}

/// Light or dark.
#[component]
fn Theme() -> Html {
    let dark = use_state(storage::is_dark);
    let toggle = {
        let dark = dark.clone();
        Callback::from(move |_: MouseEvent| {
            let next = !storage::is_dark();
            storage::set_theme(Some(if next { "dark" } else { "light" }));
            dark.set(next);
        })
    };
    let words = if *dark { "Light theme" } else { "Dark theme" };
    html! {
        <button type="button" class="button quiet" aria-label={words} title={words} onclick={toggle}>
            { icon(if *dark { "sun" } else { "moon" }) }
        </button>
    }
}
