//! Files that a person chose or dropped.

use js_sys::Array;
use wasm_bindgen::JsCast;
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::spawn_local;
use yew::Callback;

use crate::host;
use crate::model::File;

/// Files that were read together.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Opened {
    /// Those that could be read, in their order.
    pub files: Vec<File>,
    /// Why others could not.
    pub refused: Vec<String>,
}

/// Reads the files of a `FileList` and tells `opened` of them, once for all.
pub fn read(list: &JsValue, opened: Callback<Opened>) {
    // the list empties when its event is over; the files stay
    let files: JsValue = Array::from(list).into();
    spawn_local(async move {
        if let Ok(read) = host::read_files(&files).await {
            opened.emit(of_array(read.unchecked_ref()));
        }
    });
}

fn of_array(read: &Array) -> Opened {
    let mut opened = Opened::default();
    for entry in read.iter() {
        let entry: &Array = entry.unchecked_ref();
        let text = |index| entry.get(index).as_string();
        match (text(1), text(2)) {
            (Some(content), _) => {
                let name = text(0).unwrap_or_default();
                opened.files.push(File::new(&name, &content));
            }
            (None, why) => opened.refused.extend(why),
        }
    }
    opened
}
