//! The policies pane: what was typed, and the admission policies it became.

use std::rc::Rc;

use vapwright_engine::wire::FailFast;
use web_sys::{HtmlInputElement, HtmlSelectElement};
use yew::prelude::*;

use super::copy::Copy;
use super::editor::Editor;
use super::files::{Entry, Files};
use super::icon::icon;
use super::tabs::Tabs;
use crate::desk::{Desk, act, use_desk};
use crate::marks;
use crate::model::File;
use crate::opened::{self, Opened};
use crate::state::{Action, Text};
use crate::verdict::{of_file, rows};
use crate::view::PoliciesTab;

const NEW: &str = "apiVersion: kyverno.io/v1
kind: ClusterPolicy
metadata:
  name: my-policy
spec:
  validationFailureAction: Enforce
  rules:
  - name: my-rule
    match:
      any:
      - resources:
          kinds:
          - Pod
    validate:
      cel:
        expressions:
        - expression: object.metadata.name.startsWith('my-')
          message: names start with my-
";

/// What the pane needs beside the desk.
#[derive(Properties, PartialEq)]
pub struct Props {
    /// Changes when the pane is to take the keyboard.
    pub focus: u64,
}

/// The policies pane.
#[component]
pub fn PoliciesPane(props: &Props) -> Html {
    let Some(desk) = use_desk() else {
        return Html::default();
    };
    let vap = desk.view.policies == PoliciesTab::Vap;
    let choose = act(&desk, |index| {
        Action::PoliciesTab(if index == 0 {
            PoliciesTab::Kyverno
        } else {
            PoliciesTab::Vap
        })
    });
    let count = desk
        .answer
        .as_ref()
        .map_or(0, |answered| answered.answer.policies.len());
    html! {
        <>
            <div class="pane-head">
                <h2 class="hidden">{ "Policies" }</h2>
                <Tabs label="Policies" names={vec!["Policies".into(), AttrValue::from(format!("Generated VAPs {count}"))]}
                    chosen={usize::from(vap)} controls="policies-body" on_choose={choose} />
                <span class="space"></span>
                if vap { { fail_fast(&desk) } } else { { add(&desk) } }
            </div>
            <div class="pane-body" id="policies-body" role="tabpanel">
                if vap { { generated(&desk) } } else { { typed(&desk, props.focus) } }
            </div>
        </>
    }
}

/// What policies for workloads do, beside those for Pods.
const FAIL_FAST: [(FailFast, &str); 3] = [
    (FailFast::No, "left to their Pods"),
    (FailFast::Warn, "warned of at once"),
    (FailFast::Deny, "denied at once"),
];

fn fail_fast(desk: &Desk) -> Html {
    let chosen = desk.work.fail_fast;
    let choose = {
        let desk = desk.clone();
        Callback::from(move |event: Event| {
            let index = event
                .target_unchecked_into::<HtmlSelectElement>()
                .selected_index();
            let index = usize::try_from(index).unwrap_or_default();
            if let Some((fail_fast, _)) = FAIL_FAST.get(index) {
                desk.dispatch(Action::FailFast(*fail_fast));
            }
        })
    };
    html! {
        <label class="field fail-fast" title="Kyverno policies for Pods bring others for Deployments and the like">
            <span class="small-text">{ "Workloads" }</span>
            <select onchange={choose}>
                { for FAIL_FAST.iter().map(|(value, name)| html! {
                    <option selected={*value == chosen}>{ *name }</option>
                }) }
            </select>
        </label>
    }
}

fn opened(opened: Opened) -> Action {
    Action::Open(Text::Policy("".into()), opened)
}

fn add(desk: &Desk) -> Html {
    let new = act(desk, |_: MouseEvent| {
        opened(Opened {
            files: vec![File::new("my-policy.yaml", NEW)],
            ..Opened::default()
        })
    });
    let read = act(desk, opened);
    let open = Callback::from(move |event: Event| {
        let input = event.target_unchecked_into::<HtmlInputElement>();
        // through the generic interface: it saves the bindings of FileList
        if let Ok(files) = js_sys::Reflect::get(&input, &"files".into()) {
            opened::read(&files, read.clone());
        }
        input.set_value("");
    });
    html! {
        <>
            <label class="button quiet small" title="Open policy files">
                { icon("open") }<span class="hidden">{ "Open policy files" }</span>
                <input class="hidden" type="file" multiple=true accept=".yaml,.yml,.json" onchange={open} />
            </label>
            <button type="button" class="button quiet small" title="New policy" aria-label="New policy" onclick={new}>{ icon("plus") }</button>
        </>
    }
}

fn typed(desk: &Desk, focus: u64) -> Html {
    let answer = desk.shown().map(|answered| answered.answer.clone());
    let entries: Vec<Entry> = desk
        .work
        .policies
        .iter()
        .map(|file| Entry {
            name: file.name.clone(),
            tag: None,
            verdict: answer
                .as_ref()
                .and_then(|answer| of_file(answer, &file.name)),
        })
        .collect();
    let Some(file) = desk.file() else {
        return html! {
            <div class="empty">
                <p>{ "No policies yet." }</p>
                <p>{ "Start from an example, open files, or write a new one with +." }</p>
            </div>
        };
    };
    let marks = answer
        .map(|answer| marks::of_file(&answer, &file.name))
        .unwrap_or_default();
    html! {
        <>
            <Files label="Policy files" {entries} shown={file.name.clone()} on_choose={act(desk, Action::File)}
                on_remove={act(desk, Action::Remove)} />
            <Editor label={format!("Policy {}", file.name)} file={file.name.clone()} text={file.text.clone()} {marks}
                epoch={desk.epoch} reveal={desk.view.reveal.clone()} {focus}
                on_change={act(desk, |(name, text): (Rc<str>, Rc<str>)| Action::Edit(Text::Policy(name), text))}
                on_drop={act(desk, opened)} on_mark={act(desk, Action::Mark)} />
        </>
    }
}

fn generated(desk: &Desk) -> Html {
    let Some(answered) = desk.answer.clone() else {
        return Html::default();
    };
    let answer = answered.answer;
    if answer.policies.is_empty() {
        return html! { <div class="empty"><p>{ "No policy could be converted." }</p></div> };
    }
    let file = desk.file().map(|file| file.name.clone());
    let of_file_shown = |policy: &&vapwright_engine::wire::ConvertedPolicy| {
        policy.source.as_ref().map(|place| &*place.file) == file.as_deref()
    };
    let chosen = desk.view.vap.as_deref();
    let shown = answer
        .policies
        .iter()
        .find(|policy| Some(&*policy.name) == chosen)
        .or_else(|| answer.policies.iter().find(of_file_shown))
        .or(answer.policies.first());
    let rows = rows(&answer);
    let entries: Vec<Entry> = answer
        .policies
        .iter()
        .map(|policy| Entry {
            name: policy.name.as_str().into(),
            tag: policy.profile.as_deref().map(Rc::from),
            verdict: rows
                .iter()
                .filter(|(_, row)| row.row.policy == policy.name)
                .map(|(_, row)| row.row.verdict)
                .max(),
        })
        .collect();
    let Some(policy) = shown else {
        return Html::default();
    };
    let name: Rc<str> = policy.name.as_str().into();
    html! {
        <>
            <Files label="Generated policies" {entries} shown={name.clone()} on_choose={act(desk, Action::Vap)} />
            <div class="strip">
                <span class="muted">{ "ValidatingAdmissionPolicy and binding, read only" }</span>
                <span class="space"></span>
                if let Some(place) = policy.source.clone() {
                    <button type="button" class="button quiet small" onclick={act(desk, move |_| Action::Reveal(place.clone()))}>
                        { icon("place") }{ "Source" }
                    </button>
                }
                <Copy text={policy.yaml.clone()} />
            </div>
            <Editor label={format!("Generated policy {name}")} file={Rc::from(format!("vap/{name}"))}
                text={Rc::from(&*policy.yaml)} read_only=true epoch={desk.epoch} />
        </>
    }
}
