//! The worker's side: evaluates calls, one at a time.
//!
//! Messages are arrays: `[revision, call]` in; `["ready"]`, `["answer", revision, answer, millis]`
//! and `["panic", message]` out,
//! after `["up"]` from the script that starts it. Call and answer travel as JSON, the wire format.

use js_sys::{Array, JsString};
use wasm_bindgen::prelude::*;
use web_sys::{DedicatedWorkerGlobalScope, MessageEvent};

use vapwright_engine::Session;
use vapwright_engine::wire::EvaluateCall;

use crate::examples;

/// The name of the worker that starts together with the page.
const FIRST: &str = "first evaluator";

// Memory grows in small steps else, each of which the browser takes a millisecond for.
const FIRST_MEMORY: usize = 8 << 20;

/// A call, its answer and the milliseconds it took.
struct Answered {
    call: String,
    answer: String,
    millis: f64,
}

fn answer(session: &mut Session, call: String) -> Option<Answered> {
    // the page serialised it from the same types
    let parsed = serde_json::from_str::<EvaluateCall>(&call).ok()?;
    let start = js_sys::Date::now();
    let answer = session.evaluate(&parsed);
    let millis = js_sys::Date::now() - start;
    Some(Answered {
        call,
        answer: serde_json::to_string(&answer).ok()?,
        millis,
    })
}

/// Answers what a new visitor's page asks first, while that page is still loading: most of a first
/// evaluation is the browser's compiling of what it runs.
fn warm_up(session: &mut Session) -> Option<Answered> {
    let call = serde_json::to_string(&examples::first().call()).ok()?;
    answer(session, call)
}

/// Listens for calls until the page ends the worker.
pub fn run(scope: DedicatedWorkerGlobalScope) {
    let post = scope.clone();
    std::panic::set_hook(Box::new(move |info| {
        let _ = post.post_message(&Array::of2(&"panic".into(), &info.to_string().into()));
    }));
    drop(std::hint::black_box(Vec::<u8>::with_capacity(FIRST_MEMORY)));
    let _ = scope.post_message(&Array::of1(&"ready".into()));
    let mut session = Session::default();
    let mut warm = if scope.name() == FIRST {
        warm_up(&mut session)
    } else {
        None
    };
    let post = scope.clone();
    let listen = Closure::<dyn FnMut(MessageEvent)>::new(move |event: MessageEvent| {
        let message: Array = event.data().unchecked_into();
        let Some(text) = message.get(1).as_string() else {
            return;
        };
        let known = warm.take().filter(|warm| warm.call == text);
        let Some(answered) = known.or_else(|| answer(&mut session, text)) else {
            return;
        };
        let answer = Array::of4(
            &"answer".into(),
            &message.get(0),
            &JsString::from(answered.answer),
            &answered.millis.into(),
        );
        let _ = post.post_message(&answer);
    });
    scope.set_onmessage(Some(listen.as_ref().unchecked_ref()));
    // lives as long as the worker
    listen.forget();
}
