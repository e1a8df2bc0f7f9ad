//! `/bundles`: what can be installed.

use vapwright_engine::wire::{BundleList, BundleSummary};
use wasm_bindgen_futures::spawn_local;
use yew::prelude::*;
use yew_router::prelude::*;

use crate::api;
use crate::app::Route;

/// The catalogue.
#[component]
pub fn BundlesPage() -> Html {
    let list = use_state(|| None::<Result<BundleList, String>>);
    {
        let list = list.clone();
        use_effect_with((), move |()| {
            spawn_local(async move { list.set(Some(api::get("/api/v1/bundles").await)) });
        });
    }
    html! {
        <main class="document" id="main">
            <h1>{ "Bundles" }</h1>
            <p class="lead">{ "A bundle is a set of admission policies with a name and a version. A version never changes once it is published: its digest says what is in it." }</p>
            { match &*list {
                None => html! { <p class="muted">{ "Loading\u{2026}" }</p> },
                Some(Err(why)) => html! { <p class="failed">{ format!("The bundles cannot be listed: {why}.") }</p> },
                Some(Ok(list)) if list.bundles.is_empty() => html! { <p>{ "No bundle is published yet." }</p> },
                Some(Ok(list)) => html! { <ul class="cards">{ for list.bundles.iter().map(card) }</ul> },
            } }
        </main>
    }
}

fn card(bundle: &BundleSummary) -> Html {
    let newest = bundle
        .versions
        .iter()
        .find(|version| version.version == bundle.latest);
    let facts = newest.map(|version| {
        format!(
            "{} policies \u{b7} Kubernetes {} or newer",
            version.policies, version.kubernetes
        )
    });
    html! {
        <li class="card">
            <h2>
                <Link<Route> to={Route::Bundle { name: bundle.name.clone() }}>{ bundle.name.clone() }</Link<Route>>
                <span class="tag">{ bundle.latest.clone() }</span>
            </h2>
            <p>{ bundle.description.clone() }</p>
            <p class="muted small-text">
                { facts.unwrap_or_default() }
                { match bundle.versions.len() { 1 => String::new(), count => format!(" \u{b7} {count} versions") } }
            </p>
        </li>
    }
}
