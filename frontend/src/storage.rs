//! What survives a reload: the work and the theme, in the browser's local storage.

use vapwright_engine::wire::SharedExample;
use web_sys::Storage;

use crate::model::Work;

const WORK: &str = "vapwright.work";
const PREVIOUS: &str = "vapwright.previous";
const THEME: &str = "vapwright.theme";
// Storage holds about 5 MB in all browsers; larger work is not saved rather than half saved.
const LARGEST: usize = 2_000_000;

// Storage may be forbidden; the page works without.
fn storage() -> Option<Storage> {
    web_sys::window()?.local_storage().ok()?
}

fn read(key: &str) -> Option<Work> {
    let text = storage()?.get_item(key).ok()??;
    serde_json::from_str::<SharedExample>(&text)
        .ok()
        .map(Work::from)
}

fn write(key: &str, work: &Work) {
    let Some(storage) = storage() else { return };
    match serde_json::to_string(&work.example()) {
        Ok(text) if text.len() <= LARGEST => {
            let _ = storage.set_item(key, &text);
        }
        _ => {
            let _ = storage.remove_item(key);
        }
    }
}

/// The work as it was left.
pub fn load() -> Option<Work> {
    read(WORK)
}

/// Keeps the work.
pub fn save(work: &Work) {
    write(WORK, work);
}

/// Puts other work in the place of what is kept, which can be brought back once.
pub fn adopt(work: &Work) {
    if let Some(previous) = load() {
        write(PREVIOUS, &previous);
    }
    save(work);
}

/// What `adopt` replaced; asked once.
pub fn take_previous() -> Option<Work> {
    let previous = read(PREVIOUS);
    if let Some(storage) = storage() {
        let _ = storage.remove_item(PREVIOUS);
    }
    previous
}

/// Shows the page light, dark, or as the system wishes, and keeps that.
pub fn set_theme(theme: Option<&str>) {
    let root = web_sys::window()
        .and_then(|window| window.document())
        .and_then(|document| document.document_element());
    if let Some(root) = root {
        let _ = match theme {
            Some(theme) => root.set_attribute("data-theme", theme),
            None => root.remove_attribute("data-theme"),
        };
    }
    if let Some(storage) = storage() {
        let _ = match theme {
            Some(theme) => storage.set_item(THEME, theme),
            None => storage.remove_item(THEME),
        };
    }
}

/// Whether the page is dark now.
pub fn is_dark() -> bool {
    let Some(window) = web_sys::window() else {
        return false;
    };
    let chosen = window
        .document()
        .and_then(|document| document.document_element())
        .and_then(|root| root.get_attribute("data-theme"));
    match chosen.as_deref() {
        Some(theme) => theme == "dark",
        None => window
            .match_media("(prefers-color-scheme: dark)")
            .ok()
            .flatten()
            .is_some_and(|query| query.matches()),
    }
}
