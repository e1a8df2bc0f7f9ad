//! `/bundles/NAME` and `/bundles/NAME/VERSION`: what is in a bundle and how to install it.

use vapwright_engine::wire::{BundleManifest, BundleSummary, BundledPolicy};
use wasm_bindgen_futures::spawn_local;
use yew::prelude::*;
use yew_router::prelude::*;

use crate::api;
use crate::app::Route;
use crate::components::copy::Copy;

/// Which bundle.
#[derive(Properties, PartialEq)]
pub struct Props {
    /// Its name.
    pub name: String,
    /// Its version; the newest where none is given.
    #[prop_or_default]
    pub version: Option<String>,
}

type Got = Result<(BundleSummary, BundleManifest), String>;

async fn load(name: String, version: Option<String>) -> Got {
    let summary: BundleSummary = api::get(&format!("/api/v1/bundles/{name}")).await?;
    let version = version.unwrap_or_else(|| summary.latest.clone());
    let manifest = api::get(&format!("/api/v1/bundles/{name}/{version}")).await?;
    Ok((summary, manifest))
}

/// A bundle.
#[component]
pub fn BundlePage(props: &Props) -> Html {
    let got = use_state(|| None::<Got>);
    {
        let got = got.clone();
        use_effect_with(
            (props.name.clone(), props.version.clone()),
            move |(name, version)| {
                let (name, version) = (name.clone(), version.clone());
                spawn_local(async move { got.set(Some(load(name, version).await)) });
            },
        );
    }
    html! {
        <main class="document" id="main">
            <p class="crumbs"><Link<Route> to={Route::Bundles}>{ "Bundles" }</Link<Route>></p>
            { match &*got {
                None => html! { <><h1>{ props.name.clone() }</h1><p class="muted">{ "Loading\u{2026}" }</p></> },
                Some(Err(why)) => html! { <><h1>{ props.name.clone() }</h1><p class="failed">{ format!("This bundle cannot be shown: {why}.") }</p></> },
                Some(Ok((summary, manifest))) => show(summary, manifest),
            } }
        </main>
    }
}

fn show(summary: &BundleSummary, manifest: &BundleManifest) -> Html {
    html! {
        <>
            <h1>{ manifest.name.clone() }<span class="tag">{ manifest.version.clone() }</span></h1>
            <p class="lead">{ manifest.description.clone() }</p>
            <dl class="facts wide">
                <div><dt>{ "Digest" }</dt><dd><code>{ manifest.digest.clone() }</code><Copy text={manifest.digest.clone()} small=true label="Copy the digest" /></dd></div>
                <div><dt>{ "Kubernetes" }</dt><dd>{ format!("{} or newer", manifest.kubernetes) }</dd></div>
                <div><dt>{ "Labels" }</dt><dd><code>{ format!("{}/...", manifest.labels.domain) }</code></dd></div>
            </dl>
            { install(manifest) }
            { policies(manifest) }
            { versions(summary, manifest) }
        </>
    }
}

fn install(manifest: &BundleManifest) -> Html {
    let origin = web_sys::window()
        .and_then(|window| window.location().origin().ok())
        .unwrap_or_default();
    let base = format!(
        "{origin}/api/v1/bundles/{}/{}",
        manifest.name, manifest.version
    );
    let domain = &manifest.labels.domain;
    let lines = [
        (
            "kubectl",
            format!("kubectl apply --server-side -f {base}/install.yaml"),
        ),
        (
            "A namespace takes part",
            format!("kubectl label namespace NAME {domain}/profile=restricted"),
        ),
        (
            "Kustomize (kustomization.yaml)",
            format!("resources:\n- {base}/install.yaml"),
        ),
        (
            "Check what was downloaded",
            format!(
                "curl -fsSO {base}/install.yaml && curl -fsS {base}/checksums.txt | sha256sum --check --ignore-missing"
            ),
        ),
    ];
    html! {
        <section>
            <h2>{ "Install" }</h2>
            { for lines.into_iter().map(|(name, line)| html! {
                <div class="command">
                    <h3>{ name }</h3>
                    <div class="command-line"><pre class="code" tabindex="0">{ line.clone() }</pre><Copy text={line} small=true label={format!("Copy: {name}")} /></div>
                </div>
            }) }
            <p class="muted">
                { "Files: " }
                { for ["install.yaml", "manifest.json", "checksums.txt"].iter().map(|file| html! {
                    <><a href={format!("{base}/{file}")}>{ *file }</a>{ " " }</>
                }) }
            </p>
        </section>
    }
}

fn policies(manifest: &BundleManifest) -> Html {
    let profiles = [
        (
            Some("baseline"),
            "Baseline",
            "bound where the profile is baseline or restricted",
        ),
        (
            Some("restricted"),
            "Restricted",
            "bound where the profile is restricted",
        ),
        (None, "To opt in", "bound where a namespace includes them"),
    ];
    let known = |policy: &BundledPolicy, profile: Option<&str>| match (
        policy.profile.as_deref(),
        profile,
    ) {
        (Some(own), Some(profile)) => own == profile,
        (own, None) => !matches!(own, Some("baseline" | "restricted")),
        (None, Some(_)) => false,
    };
    html! {
        <section>
            <h2>{ "Policies " }<span class="count">{ manifest.policies.len() }</span></h2>
            { for profiles.iter().map(|(profile, heading, when)| {
                let policies: Vec<_> = manifest.policies.iter().filter(|policy| known(policy, *profile)).collect();
                html! {
                    if !policies.is_empty() {
                        <h3 class="profile">{ *heading }<span class="muted">{ format!(" {when}") }</span></h3>
                        <ul class="policies">{ for policies.into_iter().map(one) }</ul>
                    }
                }
            }) }
        </section>
    }
}

fn one(policy: &BundledPolicy) -> Html {
    html! {
        <li>
            <details>
                <summary>
                    <span class="policy-title">{ if policy.title.is_empty() { policy.name.clone() } else { policy.title.clone() } }</span>
                    <code class="muted">{ policy.name.clone() }</code>
                    if !policy.severity.is_empty() { <span class={classes!("tag", format!("severity-{}", policy.severity))}>{ policy.severity.clone() }</span> }
                </summary>
                <p>{ policy.description.clone() }</p>
                if !policy.remediation.is_empty() { <p><b>{ "What to change: " }</b>{ policy.remediation.clone() }</p> }
                <p class="muted small-text"><code>{ policy.digest.clone() }</code></p>
            </details>
        </li>
    }
}

fn versions(summary: &BundleSummary, manifest: &BundleManifest) -> Html {
    html! {
        <section>
            <h2>{ "Versions" }</h2>
            <ul class="versions">{ for summary.versions.iter().map(|version| html! {
                <li aria-current={(version.version == manifest.version).then_some("true")}>
                    <Link<Route> to={Route::Version { name: summary.name.clone(), version: version.version.clone() }}>{ version.version.clone() }</Link<Route>>
                    <span class="muted">{ format!("{} policies, Kubernetes {} or newer", version.policies, version.kubernetes) }</span>
                    <code class="muted digest">{ version.digest.clone() }</code>
                </li>
            }) }</ul>
        </section>
    }
}
