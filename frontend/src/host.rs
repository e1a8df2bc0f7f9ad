//! What the page's own scripts offer: see `frontend/shell` and `frontend/editor`.

use wasm_bindgen::prelude::*;
use web_sys::{Element, Worker};

#[wasm_bindgen]
extern "C" {
    /// A worker that runs this same program.
    #[wasm_bindgen(js_namespace = vapwright)]
    pub fn spawn() -> Worker;

    /// Reads the files of a `FileList`: [`crate::opened`] knows the form.
    #[wasm_bindgen(js_namespace = vapwright, js_name = readFiles, catch)]
    pub async fn read_files(files: &JsValue) -> Result<JsValue, JsValue>;

    /// Text to what fits behind a `#`.
    #[wasm_bindgen(js_namespace = vapwright, catch)]
    pub async fn pack(text: &str) -> Result<JsValue, JsValue>;

    /// The way back.
    #[wasm_bindgen(js_namespace = vapwright, catch)]
    pub async fn unpack(packed: &str) -> Result<JsValue, JsValue>;

    /// Puts text on the clipboard; tells whether it did.
    #[wasm_bindgen(js_namespace = vapwright)]
    pub async fn copy(text: &str) -> JsValue;

    /// An editor: one view with a state for each file.
    #[wasm_bindgen(js_namespace = vapwright)]
    pub type Editor;

    /// Makes an editor in `host`.
    #[wasm_bindgen(constructor, js_namespace = vapwright)]
    pub fn new(host: &Element, label: &str, callbacks: &js_sys::Object) -> Editor;

    /// Shows a file.
    #[wasm_bindgen(method)]
    pub fn show(this: &Editor, key: &str, text: &str, language: &str, read_only: bool);

    /// Sets the marks of a file, as JSON.
    #[wasm_bindgen(method, js_name = setMarks)]
    pub fn set_marks(this: &Editor, key: &str, json: &str);

    /// Puts the cursor on a place of the shown file.
    #[wasm_bindgen(method)]
    pub fn reveal(this: &Editor, from: u32, to: u32);

    /// Forgets every file and its undo history.
    #[wasm_bindgen(method)]
    pub fn forget(this: &Editor);

    /// Takes the keyboard.
    #[wasm_bindgen(method)]
    pub fn focus(this: &Editor);

    /// Goes away.
    #[wasm_bindgen(method)]
    pub fn destroy(this: &Editor);
}
