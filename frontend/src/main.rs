//! The vapwright page: a Yew playground that evaluates in the browser.
//!
//! One program for both ends: in the page it draws, in a worker it evaluates.

mod api;
mod app;
mod components;
mod desk;
mod evaluator;
mod examples;
mod host;
mod marks;
mod model;
mod namespace;
mod opened;
mod pages;
mod secrets;
mod share;
mod state;
mod storage;
mod verdict;
mod view;
mod worker;

use wasm_bindgen::JsCast;
use web_sys::DedicatedWorkerGlobalScope;

fn main() {
    match js_sys::global().dyn_into::<DedicatedWorkerGlobalScope>() {
        Ok(scope) => worker::run(scope),
        Err(_) => app::mount(),
    }
}
