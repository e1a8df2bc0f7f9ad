//! Tests of the printer. The texts of the first table are what cel-go v0.27's `Unparse` gives;
//! those of the second are ours, where cel-go's text is another tree's.

use super::*;
use crate::ast::Expr;
use crate::env::Environment;
use crate::parse::{Parsed, parse};
use crate::source::Source;
use crate::version::KubernetesVersion;

fn parsed(text: &str) -> Parsed {
    let env = Environment::kubernetes(KubernetesVersion::NEWEST);
    let parsed = parse(&Source::new(text), &env);
    assert!(parsed.issues.is_empty(), "{text}: {:?}", parsed.issues);
    parsed
}

/// The tree in Rust's debug form, with every id taken out.
fn shape(expr: &Expr) -> String {
    let debug = format!("{expr:?}");
    let mut out = String::new();
    let mut rest = debug.as_str();
    while let Some((before, after)) = rest.split_once(" id: ") {
        out.push_str(before);
        rest = after.trim_start_matches(|c: char| c.is_ascii_digit());
    }
    out + rest
}

fn check(text: &str, expected: &str) {
    let before = parsed(text).ast;
    let printed = print(&before).unwrap();
    assert_eq!(printed, expected, "{text}");
    let after = parsed(&printed).ast;
    assert_eq!(shape(&before.expr), shape(&after.expr), "{text}");
    assert_eq!(print(&after).as_deref(), Ok(expected), "{text}");
}

#[test]
fn texts_are_those_of_cel_go() {
    for (text, expected) in [
        // precedence: parentheses only where they count
        ("a+b-c", "a + b - c"),
        ("a - (b + c)", "a - (b + c)"),
        ("(a * b) + c", "a * b + c"),
        ("a * (b + c) / d", "a * (b + c) / d"),
        ("a / (b % c)", "a / (b % c)"),
        ("(a && b) || c", "a && b || c"),
        ("a && (b || !c)", "a && (b || !c)"),
        ("a == (b < c)", "a == (b < c)"),
        ("(a == b) != c", "a == b != c"),
        ("a in (b in c)", "a in (b in c)"),
        ("a && b && c && d && e", "a && b && c && d && e"),
        ("(a && b) && (c && d)", "a && b && c && d"),
        // a conditional's parts, and calls behind a sign, from two arguments on
        ("a ? b : c ? d : e", "a ? b : (c ? d : e)"),
        ("a || b ? c : d + 1", "(a || b) ? c : (d + 1)"),
        ("f(a, b) ? g(c) : h()", "(f(a, b)) ? g(c) : h()"),
        ("!f(a, b)", "!(f(a, b))"),
        ("!f(a)", "!f(a)"),
        ("-a[0]", "-(a[0])"),
        ("-a.b", "-a.b"),
        ("(a ? b : c).d[1]", "(a ? b : c).d[1]"),
        ("(a + b).size()", "(a + b).size()"),
        ("f(a, b).c", "f(a, b).c"),
        ("a[b][?c].?d", "a[b][?c].?d"),
        (".a.b(.c(d))", ".a.b(.c(d))"),
        ("!!a", "a"),
        // literals
        ("'it\\'s' + r'\\d'", r#""it's" + "\\d""#),
        (r#"'"\n\t\x00é日'"#, r#""\"\n\t\x00é日""#),
        ("'\\u200b\\U0001F600\\u00a0'", "\"\\u200b😀\\u00a0\""),
        ("b'a\\xff'", r#"b"\141\377""#),
        ("[1.50, .5, 1e3, 1.5e9]", "[1.5, 0.5, 1000.0, 1.5e+09]"),
        ("0x1F + -1 - 3u", "31 + -1 - 3u"),
        ("-9223372036854775808", "-9223372036854775808"),
        ("null == true", "null == true"),
        // what is made
        ("[ ?a, b, ]", "[?a, b]"),
        ("{'a':1,?b:c?d:e}", r#"{"a": 1, ?b: c ? d : e}"#),
        (".a.B{?c:1,d:E{}}", ".a.B{?c: 1, d: E{}}"),
        // macros, as they were called
        ("has(a.b)", "has(a.b)"),
        ("a.all(x,has(x.y)&&x.z>1)", "a.all(x, has(x.y) && x.z > 1)"),
        (
            "[[1],[2]].map(x, x.filter(y,y>1)).exists(z,z==[])",
            "[[1], [2]].map(x, x.filter(y, y > 1)).exists(z, z == [])",
        ),
        (
            "{'a': has(b.c)}.map(k, [has(k.d)], {k: has(k.e)})",
            r#"{"a": has(b.c)}.map(k, [has(k.d)], {k: has(k.e)})"#,
        ),
        ("a.exists_one(x, x) ? 1 : 2", "a.exists_one(x, x) ? 1 : 2"),
        ("(a ? b : c).all(x, x)", "(a ? b : c).all(x, x)"),
    ] {
        check(text, expected);
    }
}

/// cel-go prints what stands behind each; it is another tree, or none.
#[test]
fn trees_that_the_text_of_cel_go_loses() {
    for (text, expected, lost) in [
        ("!(!a)", "!(!a)", "!!a"),
        ("-(-a)", "-(-a)", "--a"),
        ("-(!a)", "-(!a)", "-!a"),
        ("-(1)", "-(1)", "-1"),
        ("-(-1)", "-(-1)", "--1"),
        ("-(1.5.f())", "-(1.5.f())", "-1.5.f()"),
        ("-(1.all(x, x))", "-(1.all(x, x))", "-1.all(x, x)"),
        ("(-a).b", "(-a).b", "-a.b"),
        ("(!a)[0]", "(!a)[0]", "!a[0]"),
        ("(-a).?b", "(-a).?b", "-a.?b"),
        ("(!a).f(b, c)", "(!a).f(b, c)", "!a.f(b, c)"),
        ("a && (b && c)", "a && (b && c)", "a && b && c"),
        (
            "((a || b) || c) || d",
            "(a || b || c) || d",
            "a || b || c || d",
        ),
        ("1e6 + 1e-05", "1e+06 + 1e-05", "1e+06.0 + 1e-05.0"),
        ("1e300", "1e+300", "1e+300.0"),
    ] {
        check(text, expected);
        let env = Environment::kubernetes(KubernetesVersion::NEWEST);
        let other = parse(&Source::new(lost), &env);
        let is_lost =
            !other.issues.is_empty() || shape(&other.ast.expr) != shape(&parsed(text).ast.expr);
        assert!(is_lost, "{lost}");
    }
}

#[test]
fn what_has_no_text() {
    let unread = parse(
        &Source::new("1 +"),
        &Environment::kubernetes(KubernetesVersion::NEWEST),
    );
    let error = print(&unread.ast).unwrap_err();
    assert_eq!(error.to_string(), "unsupported expression");
    let mut fold = parsed("a.all(x, x)").ast;
    fold.info.macro_calls.clear();
    assert!(print(&fold).is_err());
    // a call that refers to itself has no end
    let mut endless = parsed("[a.all(x, has(x.y))]").ast;
    let calls = &mut endless.info.macro_calls;
    let outer = calls.keys().max().copied().unwrap();
    let again = Expr {
        id: outer,
        kind: crate::ast::ExprKind::Unspecified,
    };
    if let ExprKind::Call(call) = &mut calls.get_mut(&outer).unwrap().kind {
        call.args = vec![again];
    }
    assert!(print(&endless).is_err());
}

/// Trees that no text of this environment has, but cel-go's printer knows.
#[test]
fn names_that_need_backticks() {
    for (field, expected) in [
        ("b-c", "a.`b-c`"),
        ("in", "a.`in`"),
        ("true", "a.`true`"),
        ("_b1", "a._b1"),
        ("1b", "a.`1b`"),
    ] {
        let mut ast = parsed("a.b").ast;
        if let ExprKind::Select(select) = &mut ast.expr.kind {
            select.field = field.into();
        }
        assert_eq!(print(&ast).as_deref(), Ok(expected));
    }
}
