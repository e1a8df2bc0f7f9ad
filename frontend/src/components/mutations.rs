//! What mutating policies made of an object, before the validating ones saw it.

use vapwright_engine::wire::{MutationEffect, MutationRow, ObjectAnswer};
use yew::prelude::*;

use super::icon::icon;

/// The policies that changed an object, its Pod, or did not get to.
pub fn show(object: &ObjectAnswer) -> Html {
    let pods = object.pod.iter().flat_map(|pod| &pod.mutations);
    let rows: Vec<(&str, &MutationRow)> = object
        .mutations
        .iter()
        .map(|row| (&*object.kind, row))
        .chain(pods.map(|row| ("Pod", row)))
        .collect();
    if rows.is_empty() {
        return Html::default();
    }
    section(rows)
}

// apart, so that the page can load it when it is needed
#[inline(never)]
fn section(rows: Vec<(&str, &MutationRow)>) -> Html {
    html! {
        <section class="group mutations" key="mutations">
            <h3 class="group-head">{ "Mutating policies" }<span class="count">{ rows.len() }</span></h3>
            <ul class="rows">{ for rows.into_iter().map(|(kind, row)| one(kind, row)) }</ul>
        </section>
    }
}

fn one(kind: &str, row: &MutationRow) -> Html {
    let (class, word) = match row.effect {
        MutationEffect::Changed => ("warned", "changes it"),
        MutationEffect::Unchanged => ("allowed", "leaves it as it is"),
        MutationEffect::NotBound => ("not-bound", "is not bound"),
        MutationEffect::NotMatched => ("not-matched", "does not match"),
        MutationEffect::Error => ("error", "fails"),
        MutationEffect::Denied => ("denied", "denies"),
    };
    let again = if row.reinvoked {
        ", in a second turn"
    } else {
        ""
    };
    let says = [&row.message, &row.why];
    let speaks = !row.patch.is_empty() || says.iter().any(|text| !text.is_empty());
    html! {
        <li class={classes!("row", speaks.then_some("open"), class)}>
            <div class="row-head">
                <span class="row-icon">{ icon(class) }</span>
                <span class="row-name">{ row.policy.clone() }</span>
                <span class="muted small-text">{ word }{ again }</span>
                <span class="tag">{ kind.to_owned() }</span>
            </div>
            if !row.params.is_empty() { <p class="row-message muted">{ format!("with {}", row.params) }</p> }
            { for says.into_iter().filter(|text| !text.is_empty()).map(|text| html! { <p class="row-message words">{ text.clone() }</p> }) }
            if !row.patch.is_empty() {
                <ul class="patch">{ for row.patch.iter().map(operation) }</ul>
            }
        </li>
    }
}

/// An operation of a JSON patch: `add /data: {"team":"web"}`.
fn operation(operation: &serde_json::Value) -> Html {
    let text = |key| operation[key].as_str().unwrap_or_default();
    let value = operation.get("value").map(|value| format!(": {value}"));
    html! {
        <li><code>{ text("op") }{ " " }{ text("path") }{ value.unwrap_or_default() }</code></li>
    }
}
