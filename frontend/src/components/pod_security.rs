//! Pod Security admission beside the policies, where labels of the namespace ask for it.

use vapwright_engine::wire::{ObjectAnswer, PodSecurityAnswer};
use yew::prelude::*;

use super::icon;
use crate::verdict::{class, word};

/// What it makes of an object and, for a workload, of its Pods.
pub fn show(object: &ObjectAnswer) -> Html {
    let pod = object.pod.as_ref();
    let rows: Vec<(&str, &PodSecurityAnswer)> = [
        (&*object.kind, object.pod_security.as_deref()),
        ("Pod", pod.and_then(|pod| pod.pod_security.as_deref())),
    ]
    .into_iter()
    .filter_map(|(kind, answer)| Some((kind, answer?)))
    .collect();
    if rows.is_empty() {
        return Html::default();
    }
    section(rows)
}

// apart, so that the page can load it when it is needed
#[inline(never)]
fn section(rows: Vec<(&str, &PodSecurityAnswer)>) -> Html {
    html! {
        <section class="group pod-security" key="pod-security">
            <h3 class="group-head">{ "Pod Security admission" }</h3>
            <ul class="rows">{ for rows.into_iter().map(|(kind, answer)| row(kind, answer)) }</ul>
        </section>
    }
}

fn row(kind: &str, answer: &PodSecurityAnswer) -> Html {
    // the level a mode has without a label, which nobody needs to read
    let modes = [
        ("enforce", &answer.enforce),
        ("warn", &answer.warn),
        ("audit", &answer.audit),
    ];
    let modes = modes
        .into_iter()
        .filter(|(_, level)| !level.starts_with("privileged"))
        .map(|(mode, level)| format!("{mode} {level}"))
        .collect::<Vec<_>>()
        .join(", ");
    let audit = answer
        .audit_annotations
        .iter()
        .filter(|entry| entry.key.ends_with("audit-violations"));
    let says = answer
        .warnings
        .iter()
        .map(|text| format!("Warning: {text}"))
        .chain(
            [answer.error.clone()]
                .into_iter()
                .filter(|text| !text.is_empty()),
        )
        .chain(audit.map(|entry| format!("audit log: {}", entry.value)));
    html! {
        <li class={classes!("row", "open", class(answer.verdict))}>
            <div class="row-head">
                <span class="row-icon">{ icon::verdict(answer.verdict) }<span class="hidden">{ word(answer.verdict) }</span></span>
                <span class="row-name">{ modes }</span>
                <span class="tag">{ kind.to_owned() }</span>
            </div>
            { for says.map(|text| html! { <p class="row-message words">{ text }</p> }) }
        </li>
    }
}
