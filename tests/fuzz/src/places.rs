//! Places of problems and expressions: inside of the text, at the bounds of characters.

use vapwright_cel::ast::SourceInfo;
use vapwright_cel::issue::{Issue, display_all};
use vapwright_cel::source::{Location, Source};

/// Errors stand in the text, and can be shown.
pub fn check_issues(issues: &[Issue], source: &Source) {
    let text = source.text();
    let lines = text.split('\n').count();
    for issue in issues {
        assert!(text.is_char_boundary(issue.offset as usize), "{issue:?}");
        assert!(!issue.message.is_empty(), "{issue:?}");
        if issue.location != Location::NONE {
            // cel-go has errors one line past the end: the end of a text that ends in a line feed
            assert!((issue.location.line as usize) <= lines + 1, "{issue:?}");
            assert!(
                (issue.location.column as usize) <= text.chars().count() + 1,
                "{issue:?}"
            );
        }
    }
    let shown = display_all(issues, source);
    assert_eq!(shown.is_empty(), issues.is_empty());
}

/// Expressions stand in the text.
pub fn check_info(info: &SourceInfo, source: &Source) {
    let text = source.text();
    for offset in info.offsets.iter().flatten() {
        assert!(text.is_char_boundary(*offset as usize), "offset {offset}");
    }
    for span in info.spans.iter().flatten() {
        let range = span.start as usize..span.end as usize;
        assert!(text.get(range).is_some(), "span {span:?}");
    }
}
