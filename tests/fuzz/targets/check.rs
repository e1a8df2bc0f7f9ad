//! Typed and ill-typed expressions are checked: to a type, or to errors that stand in the text.
//! The same text, printed from its tree, has the same type.
#![no_main]

use libfuzzer_sys::{Corpus, fuzz_target};
use vapwright_cel::check::{Checked, check};
use vapwright_cel::env::Environment;
use vapwright_cel::parse::parse;
use vapwright_cel::parse::print::print;
use vapwright_cel::plan::Program;
use vapwright_cel::source::Source;
use vapwright_fuzz::input::Input;
use vapwright_fuzz::{environments, places};

fuzz_target!(|bytes: &[u8]| -> Corpus {
    let Ok(input) = Input::read(bytes) else {
        return Corpus::Reject;
    };
    let source = Source::new(&input.text);
    for env in environments() {
        let Some((checked, printed)) = checked(&source, env) else {
            continue;
        };
        places::check_issues(&checked.issues, &source);
        places::check_info(&checked.checked.ast.info, &source);
        if checked.issues.is_empty()
            && let Ok(program) = Program::new(&checked.checked, &source, env)
        {
            assert_eq!(program.output_type(), &checked.checked.output);
        }
        let again = Source::new(&printed);
        let Some((again, _)) = self::checked(&again, env) else {
            continue;
        };
        assert_eq!(checked.checked.output, again.checked.output, "{printed}");
        let count = [&checked, &again].map(|checked| checked.issues.len());
        assert_eq!(count[0], count[1], "{printed}: {:?}", again.issues);
    }
    Corpus::Keep
});

/// A text that parses, checked, and the text of its tree.
fn checked(source: &Source, env: &Environment) -> Option<(Checked, String)> {
    let parsed = parse(source, env);
    if !parsed.issues.is_empty() {
        places::check_issues(&parsed.issues, source);
        return None;
    }
    let printed = print(&parsed.ast).expect("what was parsed has a text");
    Some((check(parsed.ast, source, env), printed))
}
