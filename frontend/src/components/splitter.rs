//! The line between two panes, to be dragged or moved with the arrow keys.

use wasm_bindgen::JsCast;
use web_sys::{Element, HtmlElement};
use yew::prelude::*;

// A pane is never narrower than this share of the desk, in thousandths.
const LEAST: i32 = 160;

/// A line between two panes.
#[derive(Properties, PartialEq)]
pub struct Props {
    /// What it resizes.
    pub label: AttrValue,
    /// Which of the two lines it is, from 0.
    pub index: usize,
    /// Where both lines are, in thousandths of the width.
    pub places: [i32; 2],
    /// They are somewhere else.
    pub on_move: Callback<[i32; 2]>,
}

/// A line between two panes.
#[component]
pub fn Splitter(props: &Props) -> Html {
    let dragging = use_mut_ref(|| false);
    let (index, places) = (props.index, props.places);
    let own = if index == 0 { places[0] } else { places[1] };
    let place = {
        let on_move = props.on_move.clone();
        move |wanted: i32| {
            let [first, second] = places;
            on_move.emit(if index == 0 {
                [wanted.clamp(LEAST, second - LEAST), second]
            } else {
                [first, wanted.clamp(first + LEAST, 1000 - LEAST)]
            });
        }
    };
    let down = {
        let dragging = dragging.clone();
        Callback::from(move |event: PointerEvent| {
            if let Some(line) = event
                .target()
                .and_then(|target| target.dyn_into::<Element>().ok())
            {
                let _ = line.set_pointer_capture(event.pointer_id());
                *dragging.borrow_mut() = true;
                event.prevent_default();
            }
        })
    };
    let moved = {
        let (dragging, place) = (dragging.clone(), place.clone());
        Callback::from(move |event: PointerEvent| {
            if !*dragging.borrow() {
                return;
            }
            let line = event
                .target()
                .and_then(|target| target.dyn_into::<HtmlElement>().ok());
            let Some(desk) = line.and_then(|line| line.parent_element()) else {
                return;
            };
            let all = desk.get_bounding_client_rect();
            if all.width() > 0.0 {
                let share = (f64::from(event.client_x()) - all.left()) / all.width() * 1000.0;
                #[allow(clippy::cast_possible_truncation, reason = "a share of a thousand")]
                place(share as i32);
            }
        })
    };
    let up = Callback::from(move |_: PointerEvent| *dragging.borrow_mut() = false);
    let key = Callback::from(move |event: KeyboardEvent| {
        let step = match event.key().as_str() {
            "ArrowLeft" => -20,
            "ArrowRight" => 20,
            _ => return,
        };
        event.prevent_default();
        place(own + step);
    });
    html! {
        <div class="splitter" role="separator" aria-orientation="vertical" tabindex="0"
            aria-label={props.label.clone()} aria-valuenow={(own / 10).to_string()}
            aria-valuemin="16" aria-valuemax="84"
            onpointerdown={down} onpointermove={moved} onpointerup={up.clone()} onpointercancel={up}
            onkeydown={key}></div>
    }
}
