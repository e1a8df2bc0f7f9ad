//! The service as the page asks it: JSON over fetch, same origin.

use serde::de::DeserializeOwned;
use vapwright_engine::wire::ErrorAnswer;
use wasm_bindgen::JsCast;
use wasm_bindgen_futures::JsFuture;
use web_sys::{RequestInit, Response};

/// Reads a resource.
pub async fn get<T: DeserializeOwned>(path: &str) -> Result<T, String> {
    send(path, &RequestInit::new()).await
}

/// Sends a document and reads the answer.
pub async fn post<T: DeserializeOwned>(path: &str, body: &str) -> Result<T, String> {
    let init = RequestInit::new();
    init.set_method("POST");
    init.set_body(&body.into());
    let headers = web_sys::Headers::new().map_err(|_| "this browser cannot ask the server")?;
    let _ = headers.set("content-type", "application/json");
    init.set_headers(&headers);
    send(path, &init).await
}

async fn send<T: DeserializeOwned>(path: &str, init: &RequestInit) -> Result<T, String> {
    let window = web_sys::window().ok_or("there is no window")?;
    let answer = JsFuture::from(window.fetch_with_str_and_init(path, init))
        .await
        .map_err(|_| "the server cannot be reached")?;
    let answer: Response = answer
        .dyn_into()
        .map_err(|_| "the server cannot be reached")?;
    let status = answer.status();
    let text = match answer.text() {
        Ok(text) => JsFuture::from(text)
            .await
            .ok()
            .and_then(|text| text.as_string()),
        Err(_) => None,
    };
    let text = text.ok_or("the server's answer broke off")?;
    if !answer.ok() {
        let said = serde_json::from_str::<ErrorAnswer>(&text).map(|answer| answer.error.message);
        return Err(said.unwrap_or_else(|_| format!("the server answered {status}")));
    }
    serde_json::from_str(&text).map_err(|_| "the server's answer is not understood".to_owned())
}
