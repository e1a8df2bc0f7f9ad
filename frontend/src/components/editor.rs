//! CodeMirror as a component.

use std::rc::Rc;

use js_sys::{Object, Reflect};
use wasm_bindgen::prelude::*;
use web_sys::Element;
use yew::prelude::*;

use crate::host;
use crate::marks::Mark;
use crate::opened::{self, Opened};
use crate::verdict::RowId;
use crate::view::Reveal;

/// What an editor shows and tells.
#[derive(Properties, PartialEq)]
pub struct Props {
    /// What a screen reader calls it.
    pub label: AttrValue,
    /// The file that is shown.
    pub file: Rc<str>,
    /// Its text.
    pub text: Rc<str>,
    /// Whether it can be changed.
    #[prop_or_default]
    pub read_only: bool,
    /// The marks of the file.
    #[prop_or_default]
    pub marks: Vec<Mark>,
    /// Changes when undo is to be forgotten.
    #[prop_or_default]
    pub epoch: u64,
    /// A place to put the cursor on.
    #[prop_or_default]
    pub reveal: Option<Reveal>,
    /// Changes when the editor is to take the keyboard.
    #[prop_or_default]
    pub focus: u64,
    /// A file's text was changed.
    #[prop_or_default]
    pub on_change: Callback<(Rc<str>, Rc<str>)>,
    /// Files were dropped.
    #[prop_or_default]
    pub on_drop: Callback<Opened>,
    /// A mark in the margin was clicked.
    #[prop_or_default]
    pub on_mark: Callback<RowId>,
}

/// The view and the closures that it calls.
struct Mounted {
    editor: host::Editor,
    _closures: Vec<Closure<dyn FnMut(JsValue, JsValue)>>,
}

impl Drop for Mounted {
    fn drop(&mut self) {
        self.editor.destroy();
    }
}

/// The newest callbacks: the view is made once and calls what is current.
#[derive(Clone, Default)]
struct Calls {
    change: Callback<(Rc<str>, Rc<str>)>,
    drop: Callback<Opened>,
    mark: Callback<RowId>,
}

/// An editor.
#[component]
pub fn Editor(props: &Props) -> Html {
    let host = use_node_ref();
    let mounted = use_mut_ref(|| None::<Mounted>);
    let calls = use_mut_ref(Calls::default);
    // what the view holds, so that a text that came from it is not sent back
    let held = use_mut_ref(|| (Rc::<str>::from(""), Rc::<str>::from("")));
    *calls.borrow_mut() = Calls {
        change: props.on_change.clone(),
        drop: props.on_drop.clone(),
        mark: props.on_mark.clone(),
    };

    {
        let (host, mounted, calls, held) =
            (host.clone(), mounted.clone(), calls.clone(), held.clone());
        let label = props.label.clone();
        use_effect_with((), move |()| {
            if let Some(element) = host.cast::<Element>() {
                let change = calls.clone();
                let drop = calls.clone();
                let mark = calls;
                let closures = [
                    (
                        "change",
                        closure(move |key, text| {
                            let (key, text): (Rc<str>, Rc<str>) =
                                (string(&key).into(), string(&text).into());
                            *held.borrow_mut() = (key.clone(), text.clone());
                            let call = change.borrow().change.clone();
                            call.emit((key, text));
                        }),
                    ),
                    (
                        "drop",
                        closure(move |files, _| {
                            opened::read(&files, drop.borrow().drop.clone());
                        }),
                    ),
                    (
                        "mark",
                        closure(move |row, _| {
                            let call = mark.borrow().mark.clone();
                            #[allow(
                                clippy::cast_possible_truncation,
                                clippy::cast_sign_loss,
                                reason = "it is a row's number"
                            )]
                            call.emit(row.as_f64().unwrap_or_default() as RowId);
                        }),
                    ),
                ];
                let callbacks = Object::new();
                for (name, closure) in &closures {
                    let _ = Reflect::set(&callbacks, &(*name).into(), closure.as_ref());
                }
                let editor = host::Editor::new(&element, &label, &callbacks);
                let closures = closures.into_iter().map(|(_, closure)| closure).collect();
                *mounted.borrow_mut() = Some(Mounted {
                    editor,
                    _closures: closures,
                });
            }
            move || drop(mounted.borrow_mut().take())
        });
    }
    {
        let (mounted, held) = (mounted.clone(), held);
        let read_only = props.read_only;
        let last = use_mut_ref(|| 0u64);
        use_effect_with(
            (props.epoch, props.file.clone(), props.text.clone()),
            move |(epoch, file, text)| {
                if let Some(mounted) = mounted.borrow().as_ref() {
                    if std::mem::replace(&mut *last.borrow_mut(), *epoch) != *epoch {
                        mounted.editor.forget();
                        *held.borrow_mut() = Default::default();
                    }
                    let same = {
                        let held = held.borrow();
                        held.0 == *file && Rc::ptr_eq(&held.1, text)
                    };
                    if !same {
                        *held.borrow_mut() = (file.clone(), text.clone());
                        mounted.editor.show(file, text, "yaml", read_only);
                    }
                }
            },
        );
    }
    {
        let mounted = mounted.clone();
        use_effect_with(
            (props.epoch, props.file.clone(), props.marks.clone()),
            move |(_, file, marks)| {
                if let Some(mounted) = mounted.borrow().as_ref() {
                    let json = serde_json::to_string(marks).unwrap_or_default();
                    mounted.editor.set_marks(file, &json);
                }
            },
        );
    }
    {
        let mounted = mounted.clone();
        let reveal = props
            .reveal
            .clone()
            .filter(|reveal| reveal.file == props.file);
        use_effect_with(reveal, move |reveal| {
            if let (Some(mounted), Some(reveal)) = (mounted.borrow().as_ref(), reveal) {
                mounted.editor.reveal(reveal.from, reveal.to);
            }
        });
    }
    use_effect_with(props.focus, move |focus| {
        if let Some(mounted) = mounted.borrow().as_ref().filter(|_| *focus > 0) {
            mounted.editor.focus();
        }
    });

    html! { <div class="editor" ref={host}></div> }
}

fn closure(call: impl FnMut(JsValue, JsValue) + 'static) -> Closure<dyn FnMut(JsValue, JsValue)> {
    Closure::new(call)
}

fn string(value: &JsValue) -> String {
    value.as_string().unwrap_or_default()
}
