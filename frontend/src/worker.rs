//! The worker's side: evaluates calls, one at a time.
//!
//! Messages are arrays: `[revision, call]` in; `["ready"]`, `["answer", revision, answer, millis]`
//! and `["panic", message]` out. Call and answer travel as JSON, the wire format.

use js_sys::{Array, JsString};
use wasm_bindgen::prelude::*;
use web_sys::{DedicatedWorkerGlobalScope, MessageEvent};

use vapwright_engine::Session;
use vapwright_engine::wire::EvaluateCall;

/// Listens for calls until the page ends the worker.
pub fn run(scope: DedicatedWorkerGlobalScope) {
    let post = scope.clone();
    std::panic::set_hook(Box::new(move |info| {
        let _ = post.post_message(&Array::of2(&"panic".into(), &info.to_string().into()));
    }));
    let post = scope.clone();
    let mut session = Session::default();
    let listen = Closure::<dyn FnMut(MessageEvent)>::new(move |event: MessageEvent| {
        let message: Array = event.data().unchecked_into();
        let Some(text) = message.get(1).as_string() else {
            return;
        };
        // the page serialised it from the same types
        let Ok(call) = serde_json::from_str::<EvaluateCall>(&text) else {
            return;
        };
        let start = js_sys::Date::now();
        let answer = session.evaluate(&call);
        let millis = js_sys::Date::now() - start;
        let Ok(json) = serde_json::to_string(&answer) else {
            return;
        };
        let answer = Array::of4(
            &"answer".into(),
            &message.get(0),
            &JsString::from(json),
            &millis.into(),
        );
        let _ = post.post_message(&answer);
    });
    scope.set_onmessage(Some(listen.as_ref().unchecked_ref()));
    // lives as long as the worker
    listen.forget();
    let _ = scope.post_message(&Array::of1(&"ready".into()));
}
