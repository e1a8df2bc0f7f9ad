//! A policy's line in the verdict, and what it opens to.

use std::rc::Rc;

use vapwright_engine::wire::{ConvertedPolicy, Place, Verdict};
use yew::prelude::*;

use super::copy::Copy;
use super::expression::Expression;
use super::icon;
use super::namespace::{Choice, set};
use crate::desk::{Desk, act};
use crate::state::Action;
use crate::verdict::{Row, class, word};
use crate::view::row_key;

/// A line; `kind` is the object's kind, shown where a workload and its Pod are both asked about.
pub fn show(
    desk: &Desk,
    object: usize,
    row: &Row<'_>,
    kind: Option<&str>,
    open: Option<&Rc<str>>,
) -> Html {
    let key = row_key(object, row);
    let is_open = open == Some(&key);
    let toggle = {
        let key = key.clone();
        act(desk, move |_| Action::Toggle(key.clone()))
    };
    let policy = desk.answer.as_ref().and_then(|answered| {
        answered
            .answer
            .policies
            .iter()
            .find(|policy| policy.name == row.row.policy)
    });
    let of = kind
        .map(|kind| if row.pod { "Pod" } else { kind })
        .map(str::to_owned);
    let says = [&row.row.message, &row.row.why]
        .into_iter()
        .find(|text| !text.is_empty());
    html! {
        <li class={classes!("row", class(row.row.verdict), is_open.then_some("open"))} key={key.to_string()} data-open={is_open.to_string()}>
            <button type="button" class="row-head" aria-expanded={is_open.to_string()} onclick={toggle}>
                <span class="row-icon">{ icon::verdict(row.row.verdict) }<span class="hidden">{ word(row.row.verdict) }</span></span>
                <span class="row-name">{ row.row.policy.clone() }</span>
                if let Some(of) = of { <span class="tag">{ of }</span> }
                { for row.row.actions.iter().filter(|_| crate::verdict::speaks(row.row.verdict)).map(|action| html! { <span class="tag action">{ action.clone() }</span> }) }
                <span class="row-turn">{ icon::icon("right") }</span>
            </button>
            if let Some(says) = says { <p class="row-message">{ says.clone() }</p> }
            { places(desk, &row.row.object_places) }
            if is_open { { inside(desk, row, policy) } }
        </li>
    }
}

// A path without one, such as the whole document, is named by its line.
fn place_name(place: &Place) -> String {
    if place.path.is_empty() {
        format!("line {}", place.start.line)
    } else {
        place.path.clone()
    }
}

fn link(desk: &Desk, place: &Place, words: String) -> Html {
    let title = format!("{}:{}:{}", place.file, place.start.line, place.start.column);
    let place = place.clone();
    html! {
        <button type="button" class="link place" {title} onclick={act(desk, move |_| Action::Reveal(place.clone()))}>
            { icon::icon("place") }<code>{ words }</code>
        </button>
    }
}

// Of a place and what it lies in, the place itself says enough.
fn telling(places: &[Place]) -> Vec<&Place> {
    let mut kept: Vec<&Place> = Vec::new();
    for place in places {
        let around = |other: &&Place| {
            other.file == place.file && other.start >= place.start && other.end <= place.end
        };
        if !kept.iter().any(around) {
            kept.push(place);
        }
    }
    kept
}

fn places(desk: &Desk, places: &[Place]) -> Html {
    let places = telling(places);
    if places.is_empty() {
        return Html::default();
    }
    html! {
        <div class="row-places">
            { for places.iter().take(4).map(|place| link(desk, place, place_name(place))) }
            if places.len() > 4 { <span class="muted">{ format!("and {} more", places.len() - 4) }</span> }
        </div>
    }
}

fn inside(desk: &Desk, row: &Row<'_>, policy: Option<&ConvertedPolicy>) -> Html {
    let of = row.row;
    html! {
        <div class="row-body">
            if let Some(description) = policy.and_then(|policy| policy.description.clone()) {
                <p class="row-why">{ description }</p>
            }
            if let Some(expression) = &of.expression {
                <div class="row-part">
                    <div class="row-part-head">
                        <h4>{ if of.verdict == Verdict::Error { "Failed" } else { "False" } }</h4>
                        if let Some(place) = &expression.place { { link(desk, place, expression.path.clone()) } }
                        else { <code class="muted">{ expression.path.clone() }</code> }
                    </div>
                    <Expression expression={expression.clone()} />
                </div>
            }
            if let Some(remedy) = policy.and_then(|policy| policy.remediation.clone()).filter(|_| crate::verdict::speaks(of.verdict)) {
                <div class="row-part">
                    <h4>{ "What to change" }</h4>
                    <p>{ remedy }</p>
                </div>
            }
            if !of.text.is_empty() {
                <div class="row-part">
                    <div class="row-part-head"><h4>{ "The API server's words" }</h4><Copy text={of.text.clone()} small=true label="Copy the API server's words" /></div>
                    <p class="words">{ of.text.clone() }</p>
                </div>
            }
            { facts(row) }
            { lift(desk, row, policy) }
        </div>
    }
}

fn facts(row: &Row<'_>) -> Html {
    let of = row.row;
    let fact = |name: &'static str, value: String| {
        html! { if !value.is_empty() { <div><dt>{ name }</dt><dd>{ value }</dd></div> } }
    };
    html! {
        <dl class="facts">
            { fact("Binding", of.binding.clone()) }
            { fact("Actions", of.actions.join(", ")) }
            { fact("Reason", of.reason.clone()) }
            { fact("Cost", if of.cost == 0 { String::new() } else { of.cost.to_string() }) }
        </dl>
    }
}

// The label that takes the policy out of the namespace, or brings it in.
fn lift(desk: &Desk, row: &Row<'_>, policy: Option<&ConvertedPolicy>) -> Html {
    let Some(choice) = Choice::of(desk) else {
        return Html::default();
    };
    let Some(policy) = policy.filter(|policy| choice.knows(&policy.name)) else {
        return Html::default();
    };
    let (words, value) = match (
        row.row.verdict,
        policy.profile.is_some(),
        choice.says(&policy.name),
    ) {
        (Verdict::NotBound, true, Some("exclude")) => ("No longer exclude it", None),
        (Verdict::NotBound, false, _) => ("Include it in this namespace", Some("include")),
        (Verdict::NotBound, true, _) => return Html::default(),
        (_, true, _) => ("Exclude it in this namespace", Some("exclude")),
        (_, false, _) => ("No longer include it", None),
    };
    let (desk, name) = (desk.clone(), policy.name.clone());
    html! {
        <div>
            <button type="button" class="button small" onclick={Callback::from(move |_| desk.dispatch(set(&desk, &name, value)))}>{ words }</button>
        </div>
    }
}
