//! The Namespace's labels as controls, in step with its YAML.

use vapwright_engine::wire::ConvertedPolicy;
use web_sys::{HtmlInputElement, HtmlSelectElement};
use yew::prelude::*;

use super::icon::icon;
use crate::desk::{Desk, act, use_desk};
use crate::namespace::{labels, name, with_label};
use crate::state::{Action, Text};

const PROFILES: [&str; 2] = ["baseline", "restricted"];

/// The labels that choose policies.
pub struct Choice {
    domain: String,
    /// `baseline`, `restricted`, something else, or empty.
    profile: String,
    /// The policies with `exclude` or `include`.
    set: Vec<(String, String)>,
    /// The policies that a profile binds, and those that a namespace opts in to.
    known: (Vec<String>, Vec<String>),
}

impl Choice {
    /// Reads the desk's; `None` where the YAML is not plain enough to follow.
    pub fn of(desk: &Desk) -> Option<Self> {
        let domain = desk.work.labels.domain.clone();
        let mut choice = Self {
            profile: String::new(),
            set: Vec::new(),
            known: (Vec::new(), Vec::new()),
            domain,
        };
        for (key, value) in labels(&desk.work.namespace)? {
            match key
                .strip_prefix(&*choice.domain)
                .and_then(|key| key.strip_prefix('/'))
            {
                Some("profile") => choice.profile = value,
                Some(policy) => choice.set.push((policy.to_owned(), value)),
                None => {}
            }
        }
        let policies = desk.answer.as_ref().map(|answered| answered.answer.clone());
        for policy in policies.iter().flat_map(|answer| &answer.policies) {
            if follows_labels(policy, &choice.domain) {
                let list = if policy.profile.is_some() {
                    &mut choice.known.0
                } else {
                    &mut choice.known.1
                };
                list.push(policy.name.clone());
            }
        }
        Some(choice)
    }

    /// Whether a label of ours moves this policy.
    pub fn knows(&self, policy: &str) -> bool {
        [&self.known.0, &self.known.1]
            .into_iter()
            .flatten()
            .any(|name| name == policy)
    }

    /// What the label of a policy says.
    pub fn says(&self, policy: &str) -> Option<&str> {
        self.set
            .iter()
            .find(|(name, _)| name == policy)
            .map(|(_, value)| &**value)
    }
}

// A binding that a person wrote may know nothing of our labels.
fn follows_labels(policy: &ConvertedPolicy, domain: &str) -> bool {
    let label = format!("{domain}/{}", policy.name);
    policy
        .bindings
        .iter()
        .any(|binding| binding.to_string().contains(&label))
}

/// The action that sets or removes the label of a policy or of the profile.
pub fn set(desk: &Desk, key: &str, value: Option<&str>) -> Action {
    let key = format!("{}/{key}", desk.work.labels.domain);
    match with_label(
        &desk.work.namespace,
        &key,
        value.filter(|value| !value.is_empty()),
    ) {
        Some(text) => Action::Edit(Text::Namespace, text.into()),
        None => Action::Say("the Namespace's YAML is not plain enough to be changed here".into()),
    }
}

fn setter(desk: &Desk, key: String) -> Callback<Option<String>> {
    let desk = desk.clone();
    Callback::from(move |value: Option<String>| desk.dispatch(set(&desk, &key, value.as_deref())))
}

fn profile(desk: &Desk, choice: &Choice) -> Html {
    let setter = setter(desk, "profile".to_owned());
    let change = Callback::from(move |event: Event| {
        setter.emit(Some(
            event.target_unchecked_into::<HtmlSelectElement>().value(),
        ));
    });
    let current = &*choice.profile;
    let strange = !current.is_empty() && !PROFILES.contains(&current);
    html! {
        <label class="field">
            <span>{ "Profile" }</span>
            <select aria-label="Profile" onchange={change}>
                <option value="" selected={current.is_empty()}>{ "none" }</option>
                { for PROFILES.iter().map(|name| html! {
                    <option value={*name} selected={*name == current}>{ *name }</option>
                }) }
                if strange { <option value={current.to_owned()} selected=true>{ current.to_owned() }</option> }
            </select>
        </label>
    }
}

fn not_plain() -> Html {
    html! {
        <div class="labels">
            <p class="muted">{ "The Namespace's YAML is written in a way these controls cannot follow: change the labels in the text." }</p>
        </div>
    }
}

/// The labels in short: profile, and a chip for each exception.
#[component]
pub fn Chips() -> Html {
    let Some(desk) = use_desk() else {
        return Html::default();
    };
    let Some(choice) = Choice::of(&desk) else {
        return not_plain();
    };
    let name = name(&desk.work.namespace).unwrap_or_else(|| "default".to_owned());
    let group = |value: &'static str, policies: &[String]| {
        let chips = choice.set.iter().filter(|(_, is)| is == value).map(|(policy, _)| {
            let remove = setter(&desk, policy.clone());
            html! {
                <span class="chip" key={policy.clone()}>
                    { policy.clone() }
                    <button type="button" aria-label={format!("No longer {value} {policy}")} onclick={move |_| remove.emit(None)}>{ icon("close") }</button>
                </span>
            }
        });
        let add = {
            let desk = desk.clone();
            Callback::from(move |event: Event| {
                let select = event.target_unchecked_into::<HtmlSelectElement>();
                let policy = select.value();
                select.set_value("");
                desk.dispatch(set(&desk, &policy, Some(value)));
            })
        };
        html! {
            <div class="chips" role="group" aria-label={value}>
                <span class="chips-name">{ value }</span>
                { for chips }
                <select class="chip-add" aria-label={format!("{value} a policy")} onchange={add}>
                    <option value="" selected=true>{ "+ policy" }</option>
                    { for policies.iter().filter(|policy| choice.says(policy) != Some(value)).map(|policy| html! {
                        <option value={policy.clone()}>{ policy.clone() }</option>
                    }) }
                </select>
            </div>
        }
    };
    html! {
        <section class="labels" aria-label="Namespace">
            <div class="labels-head">
                <button type="button" class="link" onclick={act(&desk, |_| Action::ObjectTab(crate::view::ObjectTab::Namespace))}>
                    { "Namespace " }<b>{ name }</b>
                </button>
                <span class="space"></span>
                { profile(&desk, &choice) }
            </div>
            { group("exclude", &choice.known.0) }
            { group("include", &choice.known.1) }
        </section>
    }
}

/// The labels at length: a checkbox for each policy.
#[component]
pub fn Labels() -> Html {
    let Some(desk) = use_desk() else {
        return Html::default();
    };
    let Some(choice) = Choice::of(&desk) else {
        return not_plain();
    };
    let list = |value: &'static str, hint: &str, policies: &[String]| {
        if policies.is_empty() {
            return Html::default();
        }
        let boxes = policies.iter().map(|policy| {
            let setter = setter(&desk, policy.clone());
            let change = Callback::from(move |event: Event| {
                let on = event.target_unchecked_into::<HtmlInputElement>().checked();
                setter.emit(on.then(|| value.to_owned()));
            });
            html! {
                <label class="check" key={policy.clone()}>
                    <input type="checkbox" checked={choice.says(policy) == Some(value)} onchange={change} />
                    <span>{ policy.clone() }</span>
                </label>
            }
        });
        html! {
            <fieldset>
                <legend>{ value }<span class="muted">{ format!(" {hint}") }</span></legend>
                { for boxes }
            </fieldset>
        }
    };
    html! {
        <section class="labels long" aria-label="Namespace labels">
            <div class="labels-head">{ profile(&desk, &choice) }</div>
            { list("exclude", "lifts a policy of the profile", &choice.known.0) }
            { list("include", "adds a policy of the namespace's own", &choice.known.1) }
        </section>
    }
}
