//! A shared example: what the cluster says, top to bottom, for a person who knows no tool.

use std::rc::Rc;

use vapwright_engine::wire::{EvaluateAnswer, SharedExample, Verdict};
use wasm_bindgen_futures::spawn_local;
use yew::prelude::*;

use crate::components::copy::Copy;
use crate::components::expression::Expression;
use crate::components::header::Header;
use crate::components::icon::{self, icon};
use crate::components::listing::Listing;
use crate::components::{output, sentence};
use crate::desk::{Desk, DeskProvider, use_desk};
use crate::model::{OBJECT, Work};
use crate::verdict::{Row, class, rows, speaks, word};
use crate::{api, share, storage};

/// Where the example comes from.
#[derive(Properties, PartialEq)]
pub struct Props {
    /// Its id in the service's store.
    #[prop_or_default]
    pub id: Option<String>,
    /// What the address carries.
    #[prop_or_default]
    pub packed: Option<String>,
}

/// A shared example.
#[component]
pub fn SharedPage(props: &Props) -> Html {
    let work = use_state(|| None::<Result<Work, String>>);
    {
        let work = work.clone();
        use_effect_with(
            (props.id.clone(), props.packed.clone()),
            move |(id, packed)| {
                let (id, packed) = (id.clone(), packed.clone());
                spawn_local(async move {
                    let got = match (id, packed) {
                        (_, Some(packed)) => share::unpack(&packed)
                            .await
                            .ok_or_else(|| "the link is damaged: it may have been cut".to_owned()),
                        (Some(id), None) => {
                            api::get::<SharedExample>(&format!("/api/v1/examples/{id}"))
                                .await
                                .map(Work::from)
                        }
                        (None, None) => Err("there is nothing here".to_owned()),
                    };
                    work.set(Some(got));
                });
            },
        );
    }
    match &*work {
        None => {
            html! { <><Header /><main class="document" id="main"><p class="muted">{ "Loading\u{2026}" }</p></main></> }
        }
        Some(Err(why)) => html! {
            <>
                <Header />
                <main class="document" id="main">
                    <h1>{ "This example cannot be shown" }</h1>
                    <p>{ format!("It did not arrive: {why}.") }</p>
                    <p><a href="/">{ "To the playground" }</a></p>
                </main>
            </>
        },
        Some(Ok(work)) => html! {
            <DeskProvider work={work.clone()}>
                <Header />
                <Report />
            </DeskProvider>
        },
    }
}

#[component]
fn Report() -> Html {
    let Some(desk) = use_desk() else {
        return Html::default();
    };
    let open = {
        let work = desk.work.clone();
        Callback::from(move |_: MouseEvent| {
            storage::adopt(&work);
            // a whole navigation: the playground starts from what is kept
            if let Some(window) = web_sys::window() {
                let _ = window.location().set_href("/");
            }
        })
    };
    let line = sentence::line(&desk);
    html! {
        <main class="document report" id="main">
            <div class="report-head">
                if !desk.work.title.is_empty() { <p class="report-title">{ desk.work.title.to_string() }</p> }
                <div class={classes!("report-verdict", line.class)}>
                    { icon(line.class) }<b>{ line.word }</b>
                </div>
                <h1>{ line.sentence }</h1>
                <p class="muted">{ circumstances(&desk) }</p>
                <button type="button" class="button accent" onclick={open}>{ icon("open") }{ "Open in the playground" }</button>
            </div>
            if let Some(answered) = desk.shown() { { report(&desk, &answered.answer) } }
        </main>
    }
}

fn circumstances(desk: &Desk) -> String {
    let namespace = desk.shown().and_then(|answered| {
        Some(
            answered
                .answer
                .namespace
                .pointer("/metadata/name")?
                .as_str()?
                .to_owned(),
        )
    });
    let count = desk.work.policies.len();
    let policies = if count == 1 {
        "one policy file".to_owned()
    } else {
        format!("{count} policy files")
    };
    match namespace {
        Some(name) => format!(
            "In the namespace {name}, on Kubernetes {}, under {policies}.",
            desk.work.kubernetes
        ),
        None => format!("On Kubernetes {}, under {policies}.", desk.work.kubernetes),
    }
}

fn report(desk: &Desk, answer: &Rc<EvaluateAnswer>) -> Html {
    let all = rows(answer);
    let telling: Vec<&Row<'_>> = all
        .iter()
        .map(|(_, row)| row)
        .filter(|row| speaks(row.row.verdict))
        .collect();
    let lines: Vec<(u32, u32)> = telling
        .iter()
        .flat_map(|row| &row.row.object_places)
        .filter(|place| place.file == OBJECT)
        .map(|place| {
            (
                place.start.line,
                if place.end.column <= 1 {
                    place.end.line.saturating_sub(1)
                } else {
                    place.end.line
                },
            )
        })
        .collect();
    html! {
        <>
            if !answer.diagnostics.is_empty() {
                <section>
                    <h2>{ "Problems" }</h2>
                    <pre class="code">{ answer.diagnostics.iter().map(|problem| problem.rendered.trim_end()).collect::<Vec<_>>().join("\n\n") }</pre>
                </section>
            }
            { text("What the cluster answers", "kubectl apply", output::kubectl(answer)) }
            { text("What the events say", "kubectl get events", output::events(answer)) }
            if !telling.is_empty() {
                <section>
                    <h2>{ "Why" }</h2>
                    { for telling.iter().map(|row| reason(answer, row)) }
                </section>
            }
            <section>
                <h2>{ "What was sent" }</h2>
                <Listing text={desk.work.object.clone()} marked={lines} />
            </section>
            if !desk.work.call().old_objects.is_empty() {
                <section>
                    <h2>{ "What was stored" }</h2>
                    <Listing text={desk.work.old.clone()} marked={Vec::<(u32, u32)>::new()} />
                </section>
            }
            if !desk.work.namespace.trim().is_empty() {
                <section>
                    <h2>{ "The namespace" }</h2>
                    <Listing text={desk.work.namespace.clone()} marked={Vec::<(u32, u32)>::new()} />
                </section>
            }
            { others(&all) }
        </>
    }
}

fn text(heading: &str, command: &str, text: String) -> Html {
    if text.is_empty() {
        return Html::default();
    }
    html! {
        <section>
            <div class="section-head"><h2>{ heading.to_owned() }</h2><span class="space"></span><Copy text={text.clone()} /></div>
            <pre class="code"><span class="prompt">{ format!("$ {command}\n") }</span>{ text }</pre>
        </section>
    }
}

fn reason(answer: &EvaluateAnswer, row: &Row<'_>) -> Html {
    let of = row.row;
    let policy = answer
        .policies
        .iter()
        .find(|policy| policy.name == of.policy);
    let title = policy.and_then(|policy| policy.title.clone());
    html! {
        <article class={classes!("reason", class(of.verdict))}>
            <h3>{ icon::verdict(of.verdict) }{ title.unwrap_or_else(|| of.policy.clone()) }<span class="tag">{ word(of.verdict) }</span></h3>
            <p class="reason-message">{ of.message.clone() }</p>
            if let Some(description) = policy.and_then(|policy| policy.description.clone()) { <p>{ description }</p> }
            if let Some(expression) = &of.expression { <Expression expression={expression.clone()} /> }
            if let Some(remedy) = policy.and_then(|policy| policy.remediation.clone()) {
                <p><b>{ "What to change: " }</b>{ remedy }</p>
            }
            <p class="muted small-text">{ format!("Policy {}, binding {}", of.policy, of.binding) }</p>
        </article>
    }
}

fn others(all: &[(usize, Row<'_>)]) -> Html {
    let group = |verdict: Verdict, words: &str| {
        let mut names: Vec<&str> = all
            .iter()
            .filter(|(_, row)| row.row.verdict == verdict)
            .map(|(_, row)| &*row.row.policy)
            .collect();
        names.dedup();
        html! {
            if !names.is_empty() {
                <p class="others"><b>{ format!("{words} ({}): ", names.len()) }</b>{ names.join(", ") }</p>
            }
        }
    };
    html! {
        <section>
            <h2>{ "The other policies" }</h2>
            { group(Verdict::Allowed, "Nothing against it") }
            { group(Verdict::NotMatched, "Not about such an object") }
            { group(Verdict::NotBound, "Not bound to this namespace") }
        </section>
    }
}
