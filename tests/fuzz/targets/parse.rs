//! Any text is parsed: to a tree, or to errors that stand in the text.
#![no_main]

use libfuzzer_sys::fuzz_target;
use vapwright_cel::parse::parse;
use vapwright_cel::source::Source;
use vapwright_fuzz::{environments, places};

/// Macros are replaced up to 200,000 expressions, and one may double them.
const MAX_EXPRESSIONS: usize = 400_100;

fuzz_target!(|text: &str| {
    let source = Source::new(text);
    for env in environments() {
        let parsed = parse(&source, env);
        places::check_issues(&parsed.issues, &source);
        places::check_info(&parsed.ast.info, &source);
        assert!(parsed.ast.info.offsets.len() <= MAX_EXPRESSIONS);
    }
});
