//! What a text was parsed to, printed and parsed again, is the same tree.
#![no_main]

use libfuzzer_sys::fuzz_target;
use vapwright_cel::parse::parse;
use vapwright_cel::parse::print::print;
use vapwright_cel::source::Source;
use vapwright_fuzz::{environments, tree};

fuzz_target!(|text: &str| {
    for env in environments() {
        let parsed = parse(&Source::new(text), env);
        if !parsed.issues.is_empty() {
            continue;
        }
        let printed = print(&parsed.ast).unwrap_or_else(|error| panic!("{text:?}: {error}"));
        let again = parse(&Source::new(&printed), env);
        if again
            .issues
            .iter()
            .any(|issue| tree::is_limit(&issue.message))
        {
            // octal bytes and parentheses make a text longer, and nest it deeper
            continue;
        }
        assert!(again.issues.is_empty(), "{printed}: {:?}", again.issues);
        tree::assert_same(&parsed.ast.expr, &again.ast.expr, &printed);
        assert_eq!(print(&again.ast).as_ref(), Ok(&printed));
    }
});
