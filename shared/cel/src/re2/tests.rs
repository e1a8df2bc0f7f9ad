//! Patterns whose errors were read off Go's regexp package.

use super::Regex;

#[track_caller]
fn refuses(pattern: &str, expected: &str) {
    let found = Regex::new(pattern).map(|_| ()).unwrap_err();
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
    let compiled = Regex::new(pattern).unwrap();
    let found: Vec<&str> = compiled
        .find_iter(text)
        .filter_map(|found| text.get(found.unwrap()))
        .collect();
    assert_eq!(found, expected, "{pattern} in {text}");
    assert_eq!(
        compiled.is_match(text),
        !expected.is_empty(),
        "{pattern} in {text}"
    );
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

/// Answers of Go 1.26's regexp package.
#[test]
fn limits_are_gos() {
    let nested = |depth: usize| format!("{}a{}", "(".repeat(depth), ")".repeat(depth));
    assert!(Regex::new(&nested(999)).is_ok());
    let deep = nested(1000);
    refuses(&deep, &format!("expression nests too deeply: `{deep}`"));
    let large = "(?:ab){1000}".repeat(1700);
    refuses(&large, &format!("expression too large: `{large}`"));
    refuses("(a{30}){34}", "invalid repeat count: `{34}`");
}

#[test]
fn names_of_classes_are_gos() {
    finds(r"\p{uppercase letter}", "aÉ", &["É"]);
    finds(r"(?i)\p{Lu}", "aé1", &["a", "é"]);
    finds(r"(?i)\P{Lu}", "aé1", &["1"]);
    finds(r"\p{Lc}", "aǅ1", &["a", "ǅ"]);
    finds(r"\p{Cn}", "a\u{378}", &["\u{378}"]);
    finds(r"\P{Assigned}", "a\u{378}", &["\u{378}"]);
    finds(r"[[:^word:]\pN]+", "a-½b", &["-½"]);
    finds(r"(?i)[k]", "K\u{212a}", &["K", "\u{212a}"]);
    finds(r"(?i)ǆ", "Ǆǅǆ", &["Ǆ", "ǅ", "ǆ"]);
    // Go looks for the name without its underscores, which no script of several words has
    refuses(
        r"\p{Old_Italic}",
        r"invalid character class range: `\p{Old_Italic}`",
    );
    refuses(r"\p{~}", r"invalid character class range: `\p{~}`");
}

/// A backtracking matcher would take longer than the universe.
#[test]
fn time_is_linear() {
    let text = "a".repeat(20_000);
    for pattern in ["(a*)*b", "(a|aa)+$b", "(?:a?){30}b", "(.*)(.*)(.*)(.*)b"] {
        let regex = Regex::new(pattern).unwrap();
        assert!(!regex.is_match(&text), "{pattern}");
        assert_eq!(regex.find(&text), None, "{pattern}");
    }
}

/// Reading the table of Unicode for each of these would take minutes.
#[test]
fn classes_are_read_once() {
    for class in [r"\p{C}", r"\PL", r"(?i)\p{Lu}", r"[\pL\pN-]", "(?i)é"] {
        assert!(Regex::new(&class.repeat(3_000)).is_ok(), "{class}");
        assert!((0..3_000).all(|_| super::is_valid(class)), "{class}");
    }
}

/// More states than are held at once: the automaton forgets them and goes on.
#[test]
fn states_are_forgotten_and_made_again() {
    // which of the last twelve characters were an `a`: 4096 states
    let regex = Regex::new("a.{11}c").unwrap();
    let mut seed = 1_u32;
    let mut text = String::new();
    for _ in 0..20_000 {
        seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        text.push(if seed >> 31 == 0 { 'a' } else { 'b' });
    }
    assert!(!regex.is_match(&text));
    assert!(regex.is_match(&format!("{text}aaaaaaaaaaaaac")));
    assert!(!regex.is_match(&format!("{text}abbbbbbbbbbbbc")));
}

#[test]
fn threads_share_a_pattern() {
    let regex = Regex::new("^[a-z]+(-[a-z0-9]+)*$").unwrap();
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                for round in 0..2_000 {
                    assert!(regex.is_match(&format!("web-{round}")));
                    assert!(!regex.is_match(&format!("web-{round}-")));
                }
            });
        }
    });
}
