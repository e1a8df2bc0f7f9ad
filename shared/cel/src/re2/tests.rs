//! Patterns whose errors were read off Go's regexp package.

use super::compile;

#[track_caller]
fn refuses(pattern: &str, expected: &str) {
    let found = compile(pattern).map(|_| ()).unwrap_err();
    assert_eq!(
        found,
        format!("error parsing regexp: {expected}"),
        "{pattern}"
    );
}

#[test]
fn errors_are_gos() {
    refuses("(", "missing closing ): `(`");
    refuses("abc)", "unexpected ): `abc)`");
    refuses("[", "missing closing ]: `[`");
    refuses("x[a", "missing closing ]: `[a`");
    refuses("a**", "invalid nested repetition operator: `**`");
    refuses("a?+*", "invalid nested repetition operator: `?+`");
    refuses("*a", "missing argument to repetition operator: `*`");
    refuses(r"a\C", r"invalid escape sequence: `\C`");
    refuses(r"\8", r"invalid escape sequence: `\8`");
    refuses("(?=a)", "invalid or unsupported Perl syntax: `(?=`");
    refuses("(?z)", "invalid or unsupported Perl syntax: `(?z`");
    refuses("a(?i", "invalid or unsupported Perl syntax: `(?i`");
    refuses("[z-a]", "invalid character class range: `z-a`");
    refuses("[[:foo:]]", "invalid character class range: `[:foo:]`");
    refuses(r"\pX", r"invalid character class range: `\pX`");
    refuses(r"\p{Grek}", r"invalid character class range: `\p{Grek}`");
    refuses("a{1001}", "invalid repeat count: `{1001}`");
    refuses(r"\p", r"invalid character class range: `\p`");
    refuses("(a{500}){3}", "invalid repeat count: `{3}`");
    refuses("a{99999999999}", "invalid repeat count: `{99999999999}`");
    refuses("(?i-)a", "invalid or unsupported Perl syntax: `(?i-)`");
    refuses("(?P=n)", "invalid or unsupported Perl syntax: `(?P`");
    refuses(r"\x{110000}", r"invalid escape sequence: `\x{110000`");
    refuses("(*)", "missing argument to repetition operator: `*`");
    refuses("a|*", "missing argument to repetition operator: `*`");
    refuses("(?P<é>a)", "invalid named capture: `(?P<é>`");
    refuses(r"\é", r"invalid escape sequence: `\é`");
    refuses("a{2,1}", "invalid repeat count: `{2,1}`");
    refuses("abc\\", "trailing backslash at end of expression: ``");
    refuses("(?P<n", "invalid named capture: `(?P<n`");
    refuses(r"[a-\d]", r"invalid escape sequence: `\d`");
}

#[track_caller]
fn finds(pattern: &str, text: &str, expected: &[&str]) {
    let compiled = compile(pattern).unwrap();
    let found: Vec<&str> = compiled.find_iter(text).map(|m| m.as_str()).collect();
    assert_eq!(found, expected, "{pattern} in {text}");
}

#[test]
fn matches_are_gos() {
    finds("[0-9]*", "123 abc 456", &["123", "", "", "", "", "456"]);
    finds("a*", "abaa", &["a", "aa"]);
    finds("", "é ", &["", "", ""]);
    finds(r"\d", "a1\u{661}", &["1"]);
    finds(r"\w", "éa", &["a"]);
    finds(r"\b", "é", &[]);
    finds(r"\B", "é", &["", ""]);
    finds("(?i)é", "aÉ", &["É"]);
    finds("(?i)\u{212a}", "k", &["k"]);
    finds("(a|ab)(c|bcd)?", "ab", &["a"]);
    finds("(?P<n>a)(?P<n>b)", "ab", &["ab"]);
    finds("a{,2}", "a{,2}", &["a{,2}"]);
    finds("(?U)a+", "aa", &["a", "a"]);
    finds("(?-i:a)(?i)b", "aB", &["aB"]);
    finds(r"\Qa.b\E+", "a.bb", &["a.bb"]);
    finds(r"[\]a-]+", "]-a", &["]-a"]);
    finds(r"[^\d]", "1a", &["a"]);
    finds(r"\p{Greek}\pN", "α1", &["α1"]);
    finds(r"\x41\x{42}\103", "ABC", &["ABC"]);
    finds(".", "\na", &["a"]);
    finds("(?s).", "\n", &["\n"]);
    finds("(?m)^b$", "a\nb\nc", &["b"]);
    finds("a(?i)*", "aa", &["aa"]);
    finds("^*a", "abc", &["a"]);
}
