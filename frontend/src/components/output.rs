//! What a terminal would show, to copy: kubectl, events, YAML, cost.

use vapwright_engine::wire::EvaluateAnswer;
use yew::prelude::*;

use super::compared;
use super::copy::Copy;
use super::tabs::Tabs;
use crate::desk::{act, use_desk};
use crate::state::Action;
use crate::verdict::rows;
use crate::view::Output;

const TABS: [(Output, &str); 6] = [
    (Output::Kubectl, "kubectl"),
    (Output::Events, "events"),
    (Output::Admitted, "admitted"),
    (Output::Compared, "compared"),
    (Output::Yaml, "YAML"),
    (Output::Cost, "cost"),
];
// The API server's budget for the validations of one policy on one object.
const BUDGET: u64 = 10_000_000;

/// What kubectl prints for all objects.
pub fn kubectl(answer: &EvaluateAnswer) -> String {
    join(answer.objects.iter().map(|object| &*object.kubectl))
}

/// What `kubectl get events` prints afterwards.
pub fn events(answer: &EvaluateAnswer) -> String {
    join(answer.objects.iter().map(|object| &*object.events))
}

fn join<'a>(texts: impl Iterator<Item = &'a str>) -> String {
    texts
        .map(str::trim_end)
        .filter(|text| !text.is_empty())
        .collect::<Vec<_>>()
        .join("\n")
}

/// The objects as policies see them, each with the Pod that its controller would create.
fn admitted(answer: &EvaluateAnswer) -> String {
    let each = answer.objects.iter().flat_map(|object| {
        let pod = object.pod.as_ref().and_then(|pod| pod.admitted.as_deref());
        object.admitted.as_deref().into_iter().chain(pod)
    });
    each.map(str::trim_end).collect::<Vec<_>>().join("\n---\n")
}

fn yaml(answer: &EvaluateAnswer) -> String {
    answer
        .policies
        .iter()
        .map(|policy| policy.yaml.trim_end())
        .collect::<Vec<_>>()
        .join("\n---\n")
}

/// The texts under the verdict.
#[component]
pub fn Outputs() -> Html {
    let Some(desk) = use_desk() else {
        return Html::default();
    };
    let Some(answered) = desk.shown() else {
        return Html::default();
    };
    let answer = &answered.answer;
    let tab = desk.view.output;
    let chosen = TABS
        .iter()
        .position(|(other, _)| *other == tab)
        .unwrap_or(0);
    let choose = act(&desk, |index: usize| {
        Action::Output(TABS.get(index).map_or(Output::Kubectl, |(tab, _)| *tab))
    });
    let text = match tab {
        Output::Kubectl => kubectl(answer),
        Output::Events => events(answer),
        Output::Admitted => admitted(answer),
        Output::Yaml => yaml(answer),
        Output::Cost | Output::Compared => String::new(),
    };
    let empty = match tab {
        Output::Kubectl => "Nothing is sent.",
        Output::Events => "There is no event.",
        Output::Admitted => "No object can be read.",
        Output::Yaml => "There is no policy.",
        Output::Cost | Output::Compared => "",
    };
    html! {
        <section class={classes!("outputs", desk.outdated().then_some("stale"))} aria-label="To copy">
            <div class="pane-head">
                <Tabs label="To copy" names={TABS.map(|(_, name)| AttrValue::from(name)).to_vec()} {chosen}
                    controls="output" on_choose={choose} />
                <span class="space"></span>
                if !text.is_empty() { <Copy text={text.clone()} small={true} /> }
            </div>
            <div id="output" class="output" role="tabpanel" tabindex="0" aria-label={TABS.get(chosen).map_or("", |(_, name)| name)}>
                if tab == Output::Cost { { cost(answer) } }
                else if tab == Output::Compared { { compared::show(answer) } }
                else if text.is_empty() { <p class="muted">{ empty }</p> }
                else { <pre class="code">{ text }</pre> }
            </div>
        </section>
    }
}

fn cost(answer: &EvaluateAnswer) -> Html {
    let mut costs: Vec<(String, u64)> = Vec::new();
    for (_, row) in rows(answer) {
        if row.row.cost == 0 {
            continue;
        }
        match costs
            .iter_mut()
            .find(|(policy, _)| *policy == row.row.policy)
        {
            Some((_, cost)) => *cost = (*cost).max(row.row.cost),
            None => costs.push((row.row.policy.clone(), row.row.cost)),
        }
    }
    if costs.is_empty() {
        return html! { <p class="muted">{ "No expression was evaluated." }</p> };
    }
    costs.sort_by_key(|(_, cost)| std::cmp::Reverse(*cost));
    let most = costs.first().map_or(1, |(_, cost)| *cost);
    html! {
        <table class="cost">
            <thead><tr><th scope="col">{ "policy" }</th><th scope="col">{ "cost" }</th><th scope="col"><span class="hidden">{ "compared" }</span></th></tr></thead>
            <tbody>{ for costs.iter().map(|(policy, cost)| html! {
                <tr>
                    <th scope="row">{ policy.clone() }</th>
                    <td>{ cost.to_string() }</td>
                    <td><meter min="0" max={most.to_string()} value={cost.to_string()} title={format!("of a budget of {BUDGET}")}></meter></td>
                </tr>
            }) }</tbody>
        </table>
    }
}
