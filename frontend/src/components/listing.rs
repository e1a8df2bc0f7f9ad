//! A text with line numbers, to be read.

use std::rc::Rc;

use yew::prelude::*;

// Longer texts are cut: this is for reading, the playground is for work.
const MOST: usize = 400;

/// What is listed.
#[derive(Properties, PartialEq)]
pub struct Props {
    /// The text.
    pub text: Rc<str>,
    /// The marked lines, from 1: first and last.
    pub marked: Vec<(u32, u32)>,
}

/// A text with line numbers.
#[component]
pub fn Listing(props: &Props) -> Html {
    let lines = props
        .text
        .lines()
        .take(MOST)
        .enumerate()
        .map(|(index, line)| {
            let number = u32::try_from(index + 1).unwrap_or(u32::MAX);
            let marked = props
                .marked
                .iter()
                .any(|(first, last)| (*first..=*last).contains(&number));
            html! {
                <li class={marked.then_some("marked")}><code>{ line.to_owned() }</code></li>
            }
        });
    let more = props.text.lines().count().saturating_sub(MOST);
    html! {
        <>
            <ol class="listing">{ for lines }</ol>
            if more > 0 { <p class="muted">{ format!("and {more} more lines") }</p> }
        </>
    }
}
