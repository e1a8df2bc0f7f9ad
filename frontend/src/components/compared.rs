//! An object under each way to enforce policies, side by side.

use vapwright_engine::wire::{AdmissionOutcome, Enforcer, EvaluateAnswer, ObjectAnswer, Verdict};
use yew::prelude::*;

use super::icon;
use crate::verdict::{class, title, word};

/// What each way would answer to the objects.
// apart, so that the page can load it when it is needed
#[inline(never)]
pub fn show(answer: &EvaluateAnswer) -> Html {
    html! {
        <div class="compared">
            { for answer.objects.iter().filter(|object| !object.outcomes.is_empty()).map(object) }
        </div>
    }
}

fn object(object: &ObjectAnswer) -> Html {
    html! {
        <section>
            <h3>{ title(object) }</h3>
            <dl>{ for object.outcomes.iter().map(|outcome| one(&object.kind, outcome)) }</dl>
        </section>
    }
}

fn one(kind: &str, outcome: &AdmissionOutcome) -> Html {
    let by = match outcome.by {
        Enforcer::PodSecurity => "Pod Security admission",
        Enforcer::Policies => "Admission policies",
        Enforcer::FailFast => "Admission policies, fail fast",
        Enforcer::Kyverno => "Kyverno's webhook",
    };
    html! {
        <>
            <dt>{ by }if !outcome.note.is_empty() { <span class="muted small-text">{ format!(" {}", outcome.note) }</span> }</dt>
            <dd>
                { line(kind, outcome.verdict, &outcome.warnings, &outcome.errors) }
                if let Some(pod) = &outcome.pod { { line("Pod", pod.verdict, &pod.warnings, &pod.errors) } }
            </dd>
        </>
    }
}

fn line(kind: &str, verdict: Verdict, warnings: &[String], errors: &[String]) -> Html {
    let warnings = warnings.iter().map(|text| format!("Warning: {text}"));
    let says: Vec<String> = warnings.chain(errors.iter().cloned()).collect();
    html! {
        <div class={classes!("compared-line", class(verdict))}>
            <span class="row-icon">{ icon::verdict(verdict) }</span>
            <span class="tag">{ kind.to_owned() }</span>
            <span class="compared-word">{ word(verdict) }</span>
            { for says.into_iter().map(|text| html! { <p class="words">{ text }</p> }) }
        </div>
    }
}
