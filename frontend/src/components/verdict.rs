//! The verdict pane.

use std::rc::Rc;

use vapwright_engine::wire::{Diagnostic, EvaluateAnswer, Severity, Verdict};
use yew::prelude::*;

use super::icon::icon;
use super::output::Outputs;
use super::{mutations, pod_security, row, sentence};
use crate::desk::{Desk, act, use_desk};
use crate::state::Action;
use crate::verdict::{GROUPS, class, groups, heading, title};

/// The verdict pane.
#[component]
pub fn VerdictPane() -> Html {
    let Some(desk) = use_desk() else {
        return Html::default();
    };
    let list = use_node_ref();
    {
        let list = list.clone();
        use_effect_with(desk.view.scroll, move |scroll| {
            let open = list
                .cast::<web_sys::Element>()
                .filter(|_| *scroll > 0)
                .and_then(|list| list.query_selector("[data-open=true]").ok().flatten());
            if let Some(open) = open {
                let options = web_sys::ScrollIntoViewOptions::new();
                options.set_block(web_sys::ScrollLogicalPosition::Nearest);
                open.scroll_into_view_with_scroll_into_view_options(&options);
            }
        });
    }
    let stale = desk.outdated();
    html! {
        <>
            <div class="pane-head verdict-head">
                <h2>{ "Verdict" }</h2>
                <span class="space"></span>
                { circumstances(&desk) }
            </div>
            { sentence::show(&desk) }
            <div class={classes!("pane-scroll", stale.then_some("stale"))} ref={list}>
                if let Some(answered) = desk.shown() { { content(&desk, &answered.answer) } }
            </div>
            <Outputs />
        </>
    }
}

fn circumstances(desk: &Desk) -> Html {
    let Some(answered) = desk.shown() else {
        return Html::default();
    };
    let name = answered
        .answer
        .namespace
        .pointer("/metadata/name")
        .and_then(|name| name.as_str());
    let time = if answered.millis < 1.0 {
        "<1 ms".to_owned()
    } else {
        format!("{:.0} ms", answered.millis)
    };
    html! {
        <span class="muted small-text">
            if let Some(name) = name { { format!("{name} \u{b7} ") } }
            { format!("Kubernetes {} \u{b7} {time}", desk.work.kubernetes) }
        </span>
    }
}

/// Problems, then a section for each object.
pub fn content(desk: &Desk, answer: &EvaluateAnswer) -> Html {
    let open = desk.open_row();
    let several = answer.objects.len() > 1;
    html! {
        <>
            { problems(desk, &answer.diagnostics) }
            { for answer.objects.iter().enumerate().map(|(index, object)| html! {
                <section class="object" aria-label={title(object)}>
                    if several {
                        <h3 class={classes!("object-head", class(object.verdict))}>
                            { super::icon::verdict(object.verdict) }{ title(object) }
                            <span class="muted">{ object.sentence.clone() }</span>
                        </h3>
                    }
                    { for groups(answer, index).into_iter().map(|(verdict, rows)| {
                        let kind = object.pod.is_some().then_some(&*object.kind);
                        group(desk, index, verdict, &rows, kind, open.as_ref())
                    }) }
                    { mutations::show(object) }
                    { pod_security::show(object) }
                </section>
            }) }
        </>
    }
}

fn group(
    desk: &Desk,
    object: usize,
    verdict: Verdict,
    rows: &[crate::verdict::Row<'_>],
    kind: Option<&str>,
    open: Option<&Rc<str>>,
) -> Html {
    let name = class(verdict);
    // what says nothing is closed until asked for
    let usual = crate::verdict::speaks(verdict);
    let shown = usual != desk.view.groups.contains(name);
    debug_assert!(GROUPS.contains(&verdict));
    html! {
        <section class={classes!("group", name)} key={name}>
            <h3>
                <button type="button" class="group-head" aria-expanded={shown.to_string()} onclick={act(desk, move |_| Action::Group(name))}>
                    <span class="group-turn">{ icon("right") }</span>
                    <span class="group-name">{ heading(verdict) }</span>
                    <span class="count">{ rows.len() }</span>
                </button>
            </h3>
            if shown { <ul class="rows">{ for rows.iter().map(|one| row::show(desk, object, one, kind, open)) }</ul> }
        </section>
    }
}

fn problems(desk: &Desk, problems: &[Diagnostic]) -> Html {
    if problems.is_empty() {
        return Html::default();
    }
    html! {
        <section class="problems" aria-label="Problems">
            <h3>{ "Problems " }<span class="count">{ problems.len() }</span></h3>
            <ul>{ for problems.iter().take(50).map(|problem| one_problem(desk, problem)) }</ul>
            if problems.len() > 50 { <p class="muted">{ format!("and {} more", problems.len() - 50) }</p> }
        </section>
    }
}

fn one_problem(desk: &Desk, problem: &Diagnostic) -> Html {
    let (class, word) = match problem.severity {
        Severity::Error => ("error", "error"),
        Severity::Warning => ("warned", "warning"),
        Severity::Note => ("not-bound", "note"),
    };
    html! {
        <li class={classes!("problem", class)}>
            <span class="problem-word">{ icon(class) }{ word }</span>
            <span class="problem-text">{ problem.message.clone() }
                if let Some(help) = &problem.help { <span class="muted">{ format!(" {help}") }</span> }
            </span>
            if let Some(place) = problem.place.clone() {
                <button type="button" class="link place" onclick={ let place = place.clone(); act(desk, move |_| Action::Reveal(place.clone())) }>
                    <code>{ format!("{}:{}:{}", place.file, place.start.line, place.start.column) }</code>
                </button>
            }
        </li>
    }
}
