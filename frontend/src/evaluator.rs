//! The page's side of the worker: one call at a time, the newest wins.

use std::cell::RefCell;
use std::rc::Rc;

use gloo_timers::callback::Timeout;
use js_sys::Array;
use wasm_bindgen::prelude::*;
use web_sys::{ErrorEvent, MessageEvent, Worker};
use yew::Callback;

use vapwright_engine::wire::{EvaluateAnswer, EvaluateCall};

use crate::host;
use crate::state::{Action, Answered};

// An evaluation that nobody waits for any more may go on this long before it is cut off: shorter
// would throw away the worker's caches at every key, longer would delay the next answer.
const PATIENCE: u32 = 700;

/// Evaluates in a worker.
#[derive(Clone, Default)]
pub struct Evaluator(Rc<RefCell<Inner>>);

impl PartialEq for Evaluator {
    fn eq(&self, other: &Self) -> bool {
        Rc::ptr_eq(&self.0, &other.0)
    }
}

#[derive(Default)]
struct Inner {
    worker: Option<Hands>,
    ready: bool,
    /// The revision that the worker is busy with.
    busy: Option<u64>,
    next: Option<(u64, String)>,
    listener: Option<Callback<Action>>,
    panic: Option<String>,
    patience: Option<Timeout>,
}

/// A worker and what listens to it.
struct Hands {
    worker: Worker,
    _message: Closure<dyn FnMut(MessageEvent)>,
    _error: Closure<dyn FnMut(ErrorEvent)>,
}

impl Drop for Hands {
    fn drop(&mut self) {
        self.worker.set_onmessage(None);
        self.worker.set_onerror(None);
        self.worker.terminate();
    }
}

impl Evaluator {
    /// Says who gets the answers.
    pub fn listen(&self, listener: Option<Callback<Action>>) {
        self.0.borrow_mut().listener = listener;
    }

    /// Evaluates `call`; whatever waited before is forgotten.
    pub fn submit(&self, revision: u64, call: &EvaluateCall) {
        let Ok(json) = serde_json::to_string(call) else {
            return;
        };
        self.0.borrow_mut().next = Some((revision, json));
        self.send();
    }

    /// Ends what is running.
    pub fn stop(&self) {
        let mut inner = self.0.borrow_mut();
        inner.next = None;
        inner.end();
        drop(inner);
        self.spawn();
    }

    fn send(&self) {
        let mut inner = self.0.borrow_mut();
        if inner.worker.is_none() {
            drop(inner);
            self.spawn();
            return;
        }
        if !inner.ready {
            return;
        }
        if inner.busy.is_some() {
            let this = self.clone();
            let busy = inner.busy;
            if inner.patience.is_none() {
                inner.patience = Some(Timeout::new(PATIENCE, move || this.lose_patience(busy)));
            }
            return;
        }
        let Some((revision, json)) = inner.next.take() else {
            return;
        };
        inner.busy = Some(revision);
        inner.panic = None;
        if let Some(hands) = &inner.worker {
            // a number has room for more revisions than anyone can type
            #[allow(clippy::cast_precision_loss, reason = "revisions stay far below 2^53")]
            let revision = JsValue::from_f64(revision as f64);
            let _ = hands
                .worker
                .post_message(&Array::of2(&revision, &json.into()));
        }
    }

    fn lose_patience(&self, busy: Option<u64>) {
        let mut inner = self.0.borrow_mut();
        inner.patience = None;
        if inner.busy == busy && inner.next.is_some() {
            inner.end();
            drop(inner);
            self.spawn();
        }
    }

    fn spawn(&self) {
        let worker = host::spawn();
        let this = self.clone();
        let message = Closure::<dyn FnMut(MessageEvent)>::new(move |event: MessageEvent| {
            this.hear(&event.data().unchecked_into());
        });
        let this = self.clone();
        let error = Closure::<dyn FnMut(ErrorEvent)>::new(move |event: ErrorEvent| {
            event.prevent_default();
            this.crash(&event.message());
        });
        worker.set_onmessage(Some(message.as_ref().unchecked_ref()));
        worker.set_onerror(Some(error.as_ref().unchecked_ref()));
        let mut inner = self.0.borrow_mut();
        inner.ready = false;
        inner.worker = Some(Hands {
            worker,
            _message: message,
            _error: error,
        });
    }

    fn hear(&self, message: &Array) {
        match message.get(0).as_string().as_deref() {
            Some("ready") => {
                self.0.borrow_mut().ready = true;
                self.send();
            }
            Some("panic") => self.0.borrow_mut().panic = message.get(1).as_string(),
            Some("answer") => {
                let mut inner = self.0.borrow_mut();
                let Some(revision) = inner.busy.take() else {
                    return;
                };
                inner.patience = None;
                let listener = inner.listener.clone();
                drop(inner);
                let answer = message.get(2).as_string().unwrap_or_default();
                if let (Some(listener), Ok(answer)) =
                    (listener, serde_json::from_str::<EvaluateAnswer>(&answer))
                {
                    let millis = message.get(3).as_f64().unwrap_or_default();
                    listener.emit(Action::Answer(Answered {
                        revision,
                        answer: Rc::new(answer),
                        millis,
                    }));
                }
                self.send();
            }
            _ => {}
        }
    }

    fn crash(&self, message: &str) {
        let mut inner = self.0.borrow_mut();
        let started = inner.ready;
        let revision = inner
            .busy
            .or(inner.next.as_ref().map(|(revision, _)| *revision));
        let message = match inner.panic.take() {
            Some(panic) => panic,
            None if !started => "it could not be loaded".to_owned(),
            None if message.contains("call stack") => "it ran out of stack".to_owned(),
            None => message.to_owned(),
        };
        if !started {
            inner.next = None;
        }
        inner.end();
        let listener = inner.listener.clone();
        drop(inner);
        if let (Some(listener), Some(revision)) = (listener, revision) {
            listener.emit(Action::Crash(revision, message.into()));
        }
        // one that never started would not start now either: the next call tries again
        if started {
            self.spawn();
        }
    }
}

impl Inner {
    fn end(&mut self) {
        self.worker = None;
        self.ready = false;
        self.busy = None;
        self.patience = None;
    }
}
