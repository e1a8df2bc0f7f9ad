//! An expression with its false parts marked.

use vapwright_engine::wire::FailedExpression;
use yew::prelude::*;

use crate::verdict::pieces;

/// The expression.
#[derive(Properties, PartialEq)]
pub struct Props {
    /// What was false or failed.
    pub expression: FailedExpression,
}

/// An expression with its false parts marked.
#[component]
pub fn Expression(props: &Props) -> Html {
    let text = dedent(&props.expression.text);
    let parts = if text == props.expression.text {
        &*props.expression.false_parts
    } else {
        &[]
    };
    let shown = if parts.is_empty() {
        &text
    } else {
        &props.expression.text
    };
    html! {
        <pre class="code expression" tabindex="0" aria-label="expression"><code>
            { for pieces(shown, parts).into_iter().map(|piece| if piece.marked {
                html! { <mark title="this part was false">{ piece.text.to_string() }</mark> }
            } else {
                html! { { piece.text.to_string() } }
            }) }
        </code></pre>
    }
}

fn dedent(text: &str) -> String {
    text.trim_end().to_owned()
}
