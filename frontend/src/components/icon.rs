//! Small pictures, drawn in the colour of the text around them.

use vapwright_engine::wire::Verdict;
use yew::prelude::*;

/// A picture by its name; it says nothing that the words beside it don't say.
pub fn icon(name: &str) -> Html {
    let path = match name {
        "denied" => {
            "M8 1.5a6.5 6.5 0 1 0 0 13 6.5 6.5 0 0 0 0-13zM5.6 5.6l4.8 4.8M10.4 5.6l-4.8 4.8"
        }
        "warned" => "M8 2.2 14.6 13.6H1.4L8 2.2zM8 6.6v3.2M8 11.7v.1",
        "audited" => "M3.5 1.8h6.2l2.8 2.8v9.6h-9V1.8zM5.8 7h4.4M5.8 9.5h4.4M5.8 12h2.6",
        "error" => "M5.2 1.5h5.6l3.7 3.7v5.6l-3.7 3.7H5.2l-3.7-3.7V5.2l3.7-3.7zM8 4.8v4M8 11v.1",
        "allowed" => "M8 1.5a6.5 6.5 0 1 0 0 13 6.5 6.5 0 0 0 0-13zM5 8.2l2.1 2.1L11 6.2",
        "not-matched" => "M8 1.5a6.5 6.5 0 1 0 0 13 6.5 6.5 0 0 0 0-13zM5 8h6",
        "not-bound" => "M8 1.5a6.5 6.5 0 1 0 0 13 6.5 6.5 0 0 0 0-13zM3.6 12.4l8.8-8.8",
        "copy" => "M5.5 5.5h8v8h-8zM10.5 5.5v-3h-8v8h3",
        "check" => "M3 8.4l3.2 3.2L13 4.8",
        "down" => "M4 6.2 8 10.2l4-4",
        "right" => "M6.2 4l4 4-4 4",
        "close" => "M4 4l8 8M12 4l-8 8",
        "plus" => "M8 3v10M3 8h10",
        "share" => {
            "M12 5.2a1.9 1.9 0 1 0 0-3.8 1.9 1.9 0 0 0 0 3.8zM4 9.9a1.9 1.9 0 1 0 0-3.8 1.9 1.9 0 0 0 0 3.8zM12 14.6a1.9 1.9 0 1 0 0-3.8 1.9 1.9 0 0 0 0 3.8zM5.7 7.1l4.6-2.9M5.7 8.9l4.6 2.9"
        }
        "sun" => {
            "M8 5a3 3 0 1 0 0 6 3 3 0 0 0 0-6zM8 1v1.5M8 13.5V15M1 8h1.5M13.5 8H15M3 3l1 1M12 12l1 1M13 3l-1 1M4 12l-1 1"
        }
        "moon" => "M13.5 9.6A6 6 0 0 1 6.4 2.5a6 6 0 1 0 7.1 7.1z",
        "place" => "M2.5 8h8M7.5 4.5 11 8l-3.5 3.5M13.5 3v10",
        "book" => {
            "M2.5 2.5h4A1.5 1.5 0 0 1 8 4v9.5A1.5 1.5 0 0 0 6.5 12h-4zM13.5 2.5h-4A1.5 1.5 0 0 0 8 4v9.5A1.5 1.5 0 0 1 9.5 12h4z"
        }
        "fresh" => "M13 8a5 5 0 1 1-1.6-3.7M13 2v3h-3",
        "open" => "M9 2.5h4.5V7M13.5 2.5 7.5 8.5M11.5 9.5v4h-9v-9h4",
        "search" => "M7 2.5a4.5 4.5 0 1 0 0 9 4.5 4.5 0 0 0 0-9zM10.4 10.4l3.4 3.4",
        _ => "",
    };
    html! {
        <svg class="icon" viewBox="0 0 16 16" aria-hidden="true" focusable="false">
            <path d={path.to_owned()} />
        </svg>
    }
}

/// The picture of a verdict.
pub fn verdict(verdict: Verdict) -> Html {
    icon(crate::verdict::class(verdict))
}
