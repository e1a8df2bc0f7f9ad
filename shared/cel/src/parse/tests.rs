//! Tests of the parser. Expected values are cel-go's: the tables of its `parser_test.go`, and the
//! answers of a kube-apiserver.

use std::fmt::Write as _;

use super::*;
use crate::ast::{ExprId, Literal};
use crate::issue::display_all;

fn parsed(text: &str) -> (Source, Parsed) {
    let source = Source::new(text);
    let macros = standard_macros::standard();
    let parsed = parse_with(&source, macros.iter().collect(), true);
    (source, parsed)
}

/// A tree with the id of each expression behind it, as `^#id`.
fn dump(expr: &Expr) -> String {
    let mut out = match &expr.kind {
        ExprKind::Unspecified => "?".to_owned(),
        ExprKind::Literal(literal) => match literal {
            Literal::Null => "null".to_owned(),
            Literal::Bool(value) => value.to_string(),
            Literal::Int(value) => value.to_string(),
            Literal::Uint(value) => format!("{value}u"),
            Literal::Double(value) => format!("{value:?}"),
            Literal::String(value) => format!("{value:?}"),
            Literal::Bytes(value) => format!("b{value:?}"),
        },
        ExprKind::Ident(name) => name.to_string(),
        ExprKind::Select(select) => {
            let test = if select.test_only { "~test-only~" } else { "" };
            format!("{}.{}{test}", dump(&select.operand), select.field)
        }
        ExprKind::Call(call) => {
            let target = call.target.as_ref().map(|target| dump(target) + ".");
            let args: Vec<String> = call.args.iter().map(dump).collect();
            let target = target.unwrap_or_default();
            format!("{target}{}({})", call.function, args.join(", "))
        }
        ExprKind::List(list) => {
            let mut out = String::new();
            for (index, element) in list.elements.iter().enumerate() {
                let optional = list.optional.contains(&u32::try_from(index).unwrap());
                let _ = write!(out, "{}{},", if optional { "?" } else { "" }, dump(element));
            }
            format!("[{out}]")
        }
        ExprKind::Map(entries) => {
            let mut out = String::new();
            for entry in entries {
                let optional = if entry.optional { "?" } else { "" };
                let (key, value) = (dump(&entry.key), dump(&entry.value));
                let _ = write!(out, "{optional}{key}:{value}^#{},", entry.id);
            }
            format!("{{{out}}}")
        }
        ExprKind::Struct(message) => {
            let mut out = message.type_name.to_string() + "{";
            for field in &message.fields {
                let optional = if field.optional { "?" } else { "" };
                let value = dump(&field.value);
                let _ = write!(out, "{optional}{}:{value}^#{},", field.name, field.id);
            }
            out + "}"
        }
        ExprKind::Comprehension(fold) => format!(
            "__comprehension__({}, {}, {}, {}, {}, {}, {})",
            fold.iter_var,
            dump(&fold.range),
            fold.accu_var,
            dump(&fold.accu_init),
            dump(&fold.condition),
            dump(&fold.step),
            dump(&fold.result),
        ),
    };
    let _ = write!(out, "^#{}", expr.id);
    out
}

fn check_tree(text: &str, expected: &str) {
    let (source, parsed) = parsed(text);
    assert_eq!(display_all(&parsed.issues, &source), "", "{text}");
    assert_eq!(dump(&parsed.ast.expr), expected, "{text}");
}

/// `expected`: `line:column: message` of each error, in their order.
fn check_errors(text: &str, expected: &[&str]) {
    let (source, parsed) = parsed(text);
    let shown = display_all(&parsed.issues, &source);
    let found: Vec<&str> = shown
        .lines()
        .filter_map(|line| line.strip_prefix("ERROR: <input>:"))
        .collect();
    assert_eq!(found, expected, "{text}");
}

#[test]
fn trees_have_the_ids_of_cel_go() {
    for (text, expected) in [
        ("\"A\"", "\"A\"^#1"),
        ("true", "true^#1"),
        ("0xF", "15^#1"),
        ("42u", "42u^#1"),
        ("-1", "-1^#1"),
        ("4--4", "_-_(4^#1, -4^#3)^#2"),
        ("4--4.1", "_-_(4^#1, -4.1^#3)^#2"),
        ("b\"abc\"", "b[97, 98, 99]^#1"),
        ("23.39", "23.39^#1"),
        ("!a", "!_(a^#2)^#1"),
        ("null", "null^#1"),
        ("a", "a^#1"),
        ("a?b:c", "_?_:_(a^#1, b^#3, c^#4)^#2"),
        ("a || b", "_||_(a^#1, b^#2)^#3"),
        (
            "a || b || c || d || e || f ",
            "_||_(_||_(_||_(a^#1, b^#2)^#3, c^#4)^#5, \
             _||_(_||_(d^#6, e^#8)^#9, f^#10)^#11)^#7",
        ),
        (
            "a && b && c && d && e && f && g",
            "_&&_(_&&_(_&&_(a^#1, b^#2)^#3, _&&_(c^#4, d^#6)^#7)^#5, \
             _&&_(_&&_(e^#8, f^#10)^#11, g^#12)^#13)^#9",
        ),
        ("a + b", "_+_(a^#1, b^#3)^#2"),
        ("a in b", "@in(a^#1, b^#3)^#2"),
        ("-a", "-_(a^#2)^#1"),
        ("--a", "a^#1"),
        ("a.b", "a^#1.b^#2"),
        ("a.b.c", "a^#1.b^#2.c^#3"),
        ("a[b]", "_[_](a^#1, b^#3)^#2"),
        ("foo{ }", "foo{}^#1"),
        ("foo{ a:b }", "foo{a:b^#3^#2,}^#1"),
        ("{a:b, c:d}", "{a^#3:b^#4^#2,c^#6:d^#7^#5,}^#1"),
        ("[a, b]", "[a^#2,b^#3,]^#1"),
        ("(a)", "a^#1"),
        ("a()", "a()^#1"),
        ("a(b, c)", "a(b^#2, c^#3)^#1"),
        ("a.b(c)", "a^#1.b(c^#3)^#2"),
        ("has(m.f)", "m^#2.f~test-only~^#4"),
        ("a.?b[?0]", "_[?_](_?._(a^#1, \"b\"^#2)^#3, 0^#5)^#4"),
        ("[?a, ?b]", "[?a^#2,?b^#3,]^#1"),
        (
            "m.exists(v, f)",
            "__comprehension__(v, m^#1, @result, false^#5, \
             @not_strictly_false(!_(@result^#6)^#7)^#8, _||_(@result^#9, f^#4)^#10, \
             @result^#11)^#12",
        ),
        (
            "m.all(v, f)",
            "__comprehension__(v, m^#1, @result, true^#5, \
             @not_strictly_false(@result^#6)^#7, _&&_(@result^#8, f^#4)^#9, @result^#10)^#11",
        ),
        (
            "m.map(v, p, f)",
            "__comprehension__(v, m^#1, @result, []^#6, true^#7, \
             _?_:_(p^#4, _+_(@result^#8, [f^#5,]^#9)^#10, @result^#11)^#12, @result^#13)^#14",
        ),
        (
            "m.filter(v, p)",
            "__comprehension__(v, m^#1, @result, []^#5, true^#6, \
             _?_:_(p^#4, _+_(@result^#7, [v^#3,]^#8)^#9, @result^#10)^#11, @result^#12)^#13",
        ),
    ] {
        check_tree(text, expected);
    }
}

#[test]
fn literals() {
    for (text, expected) in [
        ("'''x''x'''", "\"x''x\"^#1"),
        ("\"\"\"x\n\"\"\"", "\"x\\n\"^#1"),
        ("r'a\\n'", "\"a\\\\n\"^#1"),
        (
            "'\\a\\b\\f\\n\\r\\t\\v\\'\\\"\\\\\\? \\x41\\u00ff\\101'",
            "\"\\u{7}\\u{8}\\u{c}\\n\\r\\t\\u{b}'\\\"\\\\? Aÿ\\u{41}\"^#1",
        ),
        ("b'\\xff\\377ÿ'", "b[255, 255, 195, 191]^#1"),
        ("1e3", "1000.0^#1"),
        (".5", "0.5^#1"),
        ("-9223372036854775808", "-9223372036854775808^#1"),
        ("a // comment\n + 1", "_+_(a^#1, 1^#3)^#2"),
    ] {
        let expected = expected.replace("\\u{41}", "A");
        check_tree(text, &expected);
    }
}

const TERM: &str = "{'[', '{', '(', '.', '-', '!', 'true', 'false', 'null', NUM_FLOAT, NUM_INT, \
                    NUM_UINT, STRING, BYTES, IDENTIFIER}";

#[test]
fn errors_are_those_of_antlr() {
    for (text, expected) in [
        (
            "*@a | b",
            vec![
                "1:1: Syntax error: extraneous input '*' expecting TERM",
                "1:2: Syntax error: token recognition error at: '@'",
                "1:5: Syntax error: token recognition error at: '| '",
                "1:7: Syntax error: extraneous input 'b' expecting <EOF>",
            ],
        ),
        (
            "{\"a\": 1}.\"a\"",
            vec!["1:10: Syntax error: no viable alternative at input '.\"a\"'"],
        ),
        (
            "self.true == 1",
            vec!["1:6: Syntax error: mismatched input 'true' expecting IDENTIFIER"],
        ),
        (
            "1 + +",
            vec![
                "1:5: Syntax error: mismatched input '+' expecting TERM",
                "1:6: Syntax error: mismatched input '<EOF>' expecting TERM",
            ],
        ),
        (
            "--",
            vec![
                "1:3: Syntax error: no viable alternative at input '-'",
                "1:3: Syntax error: mismatched input '<EOF>' expecting TERM",
            ],
        ),
        (
            "func{{a}}",
            vec![
                "1:6: Syntax error: extraneous input '{' expecting \
             {'}', ',', '?', IDENTIFIER, ESC_IDENTIFIER}",
                "1:8: Syntax error: mismatched input '}' expecting ':'",
                "1:9: Syntax error: extraneous input '}' expecting <EOF>",
            ],
        ),
        (
            "x{?.",
            vec![
                "1:3: unsupported ident kind",
                "1:4: Syntax error: mismatched input '.' expecting {IDENTIFIER, ESC_IDENTIFIER}",
            ],
        ),
        (
            "",
            vec!["1:0: Syntax error: mismatched input '<EOF>' expecting TERM"],
        ),
        ("a.`b.c`", vec!["1:3: unsupported syntax: '`'"]),
        ("break", vec!["1:1: reserved identifier: break"]),
        ("has(a)", vec!["1:5: invalid argument to has() macro"]),
        ("1.all(2, 3)", vec!["1:7: argument must be a simple name"]),
        ("m.map(1, x)", vec!["1:7: argument is not an identifier"]),
        (
            "[].all(__result__, true)",
            vec!["1:8: iteration variable overwrites accumulator variable"],
        ),
        ("1 + 0xFFFFFFFFFFFFFFFFF", vec!["1:5: invalid int literal"]),
        ("18446744073709551616u", vec!["1:1: invalid uint literal"]),
        ("1.99e90000009", vec!["1:1: invalid double literal"]),
        (
            "'\\udead' == '\\ufffd'",
            vec!["1:1: invalid unicode code point"],
        ),
    ] {
        let expected: Vec<String> = expected
            .iter()
            .map(|message| message.replace("TERM", TERM))
            .collect();
        let expected: Vec<&str> = expected.iter().map(String::as_str).collect();
        check_errors(text, &expected);
    }
}

/// Limits are cel-go's, and a text at the limit fits a small stack.
#[test]
fn limits() {
    let nested =
        |count: usize, open: &str, close: &str| open.repeat(count) + "1" + &close.repeat(count);
    let recursion = "-1:0: expression recursion limit exceeded: 250";
    let run = move || {
        for (open, close) in [
            ("(", ")"),
            ("[", "]"),
            ("f(", ")"),
            ("!(", ")"),
            ("{1:", "}"),
        ] {
            check_errors(&nested(249, open, close), &[]);
            check_errors(&nested(250, open, close), &[recursion]);
        }
        check_errors(&("a".to_owned() + &".a".repeat(250)), &[]);
        let visited = "-1:0: max recursion depth exceeded";
        check_errors(&("a".to_owned() + &".a".repeat(251)), &[visited]);
        check_errors(&("1".to_owned() + &"+1".repeat(251)), &[visited]);
        check_errors(&("a".to_owned() + &".a".repeat(40_000)), &[visited]);
        // by the oracle: errors before the limit stay, those behind it are not found
        let deep = nested(200, "[", "]").replace('1', "1 2");
        let extraneous = "1:203: Syntax error: extraneous input '2' expecting {']', ','}";
        check_errors(&deep, &[extraneous]);
        let recognition = "1:1: Syntax error: token recognition error at: '#'";
        check_errors(
            &("#".to_owned() + &nested(250, "[", "]")),
            &[recursion, recognition],
        );
        check_errors(&(nested(250, "[", "]") + "#"), &[recursion]);
        let (_, broken) = parsed(&("a".to_owned() + &".a".repeat(40_000) + ")"));
        assert!(!broken.issues.is_empty());
        let (_, broken) = parsed(&nested(20_000, "[", ""));
        assert!(!broken.issues.is_empty());
        let long = "1 || ".repeat(20_001) + "1";
        let size = "-1:0: expression code point size exceeds limit: size: 100006, limit 100000";
        check_errors(&long, &[size]);
        check_errors(&("1 || ".repeat(19_000) + "1"), &[]);
    };
    // an unoptimised build takes several times the stack of a release build
    let stack = if cfg!(debug_assertions) { 4 } else { 1 } * 600 * 1024;
    let thread = std::thread::Builder::new().stack_size(stack);
    thread.spawn(run).unwrap().join().unwrap();
}

#[test]
fn spans_are_the_text_of_each_part() {
    let text = "(a.b) + [1].all(x, (x) > 2)";
    let (source, parsed) = parsed(text);
    let mut spans: Vec<(ExprId, &str)> = Vec::new();
    for id in 0..40 {
        if let Some(span) = parsed.ast.info.span(id) {
            spans.push((id, source.slice(span)));
        }
    }
    let texts: Vec<&str> = spans.iter().map(|(_, text)| *text).collect();
    let expected = [
        "a",
        "a.b",
        "(a.b) + [1].all(x, (x) > 2)",
        "[1]",
        "1",
        "x",
        "x",
        "(x) > 2",
        "2",
        "[1].all(x, (x) > 2)",
    ];
    assert_eq!(texts, expected);
}

#[test]
fn macro_calls_are_kept() {
    let (_, parsed) = parsed("a.all(x, has(x.y))");
    let calls: Vec<String> = parsed.ast.info.macro_calls.values().map(dump).collect();
    assert_eq!(calls, ["has(x^#5.y^#6)^#0", "a^#1.all(x^#3, ?^#7)^#0"]);
}
