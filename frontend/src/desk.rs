//! A desk: a state, its evaluation, and what the components below need of both.

use gloo_timers::callback::Timeout;
use yew::prelude::*;

use crate::evaluator::Evaluator;
use crate::model::Work;
use crate::state::{Action, Run, State};
use crate::storage;

/// The state and how to change it.
pub type Desk = UseReducerHandle<State>;

// Long enough not to evaluate between the letters of a word, short enough not to be noticed.
const DEBOUNCE: u32 = 100;

/// What a desk is made of.
#[derive(Properties, PartialEq)]
pub struct Props {
    /// What lies on it at first.
    pub work: Work,
    /// Whether it is kept over a reload.
    #[prop_or_default]
    pub kept: bool,
    /// What sits at it.
    pub children: Children,
}

/// Provides a [`Desk`] to what is below it.
#[component]
pub fn DeskProvider(props: &Props) -> Html {
    let evaluator = use_context::<Evaluator>().unwrap_or_default();
    let work = props.work.clone();
    let desk = use_reducer(move || State::new(work));

    {
        let dispatcher = desk.dispatcher();
        use_effect_with(evaluator.clone(), move |evaluator| {
            evaluator.listen(Some(Callback::from(move |action| {
                dispatcher.dispatch(action)
            })));
            let evaluator = evaluator.clone();
            move || evaluator.listen(None)
        });
    }
    {
        let evaluator = evaluator.clone();
        let work = desk.work.clone();
        let kept = props.kept;
        use_effect_with(desk.revision, move |revision| {
            let revision = *revision;
            let wait = if revision == 1 { 0 } else { DEBOUNCE };
            let timeout = Timeout::new(wait, move || {
                evaluator.submit(revision, &work.call());
                // what was only looked at is not kept
                if kept && revision > 1 {
                    storage::save(&work);
                }
            });
            move || drop(timeout)
        });
    }
    use_effect_with(desk.run == Run::Stopped, move |stopped| {
        if *stopped {
            evaluator.stop();
        }
    });

    html! {
        <ContextProvider<Desk> context={desk}>{ props.children.clone() }</ContextProvider<Desk>>
    }
}

/// The desk above this component.
#[hook]
pub fn use_desk() -> Option<Desk> {
    use_context::<Desk>()
}

/// A callback that makes an action of what it is given.
pub fn act<T: 'static>(desk: &Desk, make: impl Fn(T) -> Action + 'static) -> Callback<T> {
    let dispatcher = desk.dispatcher();
    Callback::from(move |given| dispatcher.dispatch(make(given)))
}
