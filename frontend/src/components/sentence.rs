//! The verdict's first line: icon, word and sentence.

use vapwright_engine::wire::Verdict;
use yew::prelude::*;

use super::icon;
use crate::desk::{Desk, act};
use crate::state::{Action, Run};
use crate::verdict::{class, word};

/// What stands at the top of the verdict.
pub struct Line {
    /// The style's name.
    pub class: &'static str,
    /// One word.
    pub word: String,
    /// The sentence.
    pub sentence: String,
}

/// The line for the state of a desk.
pub fn line(desk: &Desk) -> Line {
    match (&desk.run, desk.shown()) {
        (Run::Crashed(message), _) => Line {
            class: "error",
            word: "Evaluator failed".to_owned(),
            sentence: format!("The evaluator broke down and was started anew: {message}"),
        },
        (Run::Stopped, _) => Line {
            class: "not-bound",
            word: "Stopped".to_owned(),
            sentence: "The evaluation was stopped.".to_owned(),
        },
        (_, Some(answered)) => {
            let answer = &answered.answer;
            // nothing was asked, so nothing was answered
            let verdict = answer.verdict;
            Line {
                class: class(verdict),
                word: mark(verdict).to_owned(),
                sentence: sentence(&answer.sentence),
            }
        }
        (_, None) => Line {
            class: "waiting",
            word: "Evaluating".to_owned(),
            sentence: "\u{2026}".to_owned(),
        },
    }
}

fn mark(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::NotBound | Verdict::NotMatched => "Nothing to say",
        other => word(other),
    }
}

/// The engine's sentences start in lower case where they start with a word.
fn sentence(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| {
        first.to_uppercase().chain(letters).collect()
    })
}

/// The verdict's first line.
pub fn show(desk: &Desk) -> Html {
    let line = line(desk);
    let again = matches!(desk.run, Run::Stopped | Run::Crashed(_));
    let picture = if line.class == "waiting" {
        "not-bound"
    } else {
        line.class
    };
    let waiting = desk.run == Run::Pending;
    html! {
        <div class={classes!("sentence", line.class)} aria-busy={waiting.to_string()}>
            <span class="sentence-icon">{ icon::icon(picture) }</span>
            <div class="sentence-text">
                <b class="sentence-word">{ line.word }</b>
                <span class="sentence-words">{ line.sentence }</span>
            </div>
            if again {
                <button type="button" class="button" onclick={act(desk, |_| Action::Again)}>{ "Evaluate again" }</button>
            }
            if waiting {
                <div class="progress">
                    <span class="progress-line" role="progressbar" aria-label="Evaluating"></span>
                    <button type="button" class="button small" onclick={act(desk, |_| Action::Stop)}>{ "Stop" }</button>
                </div>
            }
        </div>
    }
}
