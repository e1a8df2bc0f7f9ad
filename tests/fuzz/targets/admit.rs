//! Any text is read as objects and sent: they are checked, decoded, given defaults, validated and
//! warned of. Twice the same, and defaults of what has defaults change nothing.
#![no_main]

use libfuzzer_sys::fuzz_target;
use vapwright_kube::admit::patched::set_defaults;
use vapwright_kube::admit::{Settings, admit};
use vapwright_kube::document::Document;
use vapwright_kube::kinds::Gvk;
use vapwright_kube::refusal::{refused, undecodable};
use vapwright_kube::schema::check;
use vapwright_kube::warnings::on_create;
use vapwright_kube::yaml;

fuzz_target!(|text: &str| {
    for document in &yaml::read(text).documents {
        send(document, text);
    }
});

fn send(document: &Document, text: &str) {
    let node = &document.node;
    let Some(kind) = Gvk::of(node) else { return };
    let problems = check(document);
    for problem in &problems {
        if let Some(range) = problem.range {
            let bytes = range.start as usize..range.end as usize;
            assert!(text.get(bytes).is_some(), "{problem:?}");
        }
    }
    if undecodable(&kind, &problems).is_some() {
        return;
    }
    let settings = Settings::default();
    let admitted = admit(node, &settings);
    assert_eq!(admit(node, &settings), admitted);
    let refusal = refused(&kind, &admitted, &settings);
    if let Some(refusal) = &refusal {
        assert!(matches!(refusal.status, 403 | 422), "{refusal:?}");
        assert!(!refusal.message.is_empty());
    }
    let _ = on_create(&kind, node, &admitted.node);
    let mut once = admitted.node.clone();
    set_defaults(&mut once);
    let mut twice = once.clone();
    set_defaults(&mut twice);
    assert!(
        once == twice,
        "{}\n{}",
        yaml::write(&once),
        yaml::write(&twice)
    );
}
