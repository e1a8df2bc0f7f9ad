//! Any text is taken for Kyverno policies: what is made of it can be read, and every place is in
//! the text.
#![no_main]

use libfuzzer_sys::fuzz_target;
use vapwright_engine::convert;
use vapwright_engine::wire::{ConvertCall, FailFast, SourceFile};
use vapwright_kube::yaml;

fuzz_target!(|text: &str| {
    let call = ConvertCall {
        sources: vec![SourceFile {
            name: "policy.yaml".to_owned(),
            text: text.to_owned(),
        }],
        kubernetes: None,
        labels: Default::default(),
        profile: Some("baseline".to_owned()),
        fail_fast: FailFast::Warn,
    };
    let answer = convert(&call);
    let read = yaml::read(&answer.yaml);
    assert_eq!(read.problems, [], "{}", answer.yaml);
    assert!(read.documents.len() >= answer.policies.len());
    assert_eq!(convert(&call), answer);
});
