//! Broken and stretched texts: what somebody types by mistake, and what is near a limit.

use fastrand::Rng;

use crate::literals::text;
use crate::random::{pick, unlikely};

/// Changes a text in a few places: most results are no CEL any more.
pub fn damage(rng: &mut Rng, expr: &str) -> String {
    let mut tokens = tokens(expr);
    for _ in 0..1 + rng.u32(0..4) / 2 {
        if tokens.is_empty() {
            break;
        }
        let at = rng.usize(0..tokens.len());
        let other = rng.usize(0..tokens.len());
        match rng.u32(0..13) {
            0..3 => {
                tokens.remove(at);
            }
            3 => tokens.insert(at, tokens[at].clone()),
            4 => tokens.swap(at, other),
            5 => tokens[at] = tokens[other].clone(),
            6 => tokens.truncate(at),
            7 => {
                tokens.drain(..at);
            }
            8 => tokens[at] = cut(rng, &tokens[at]),
            9 | 10 => tokens.insert(at, (pick(rng, SYMBOLS)).to_owned()),
            11 => tokens.insert(at, pick(rng, STRAY).to_owned()),
            _ => tokens.insert(at, text(rng)),
        }
    }
    tokens.concat()
}

/// Other line breaks, blanks and comments between the tokens: places move, values stay.
pub fn respaced(rng: &mut Rng, expr: &str) -> String {
    const BLANKS: &[&str] = &[
        "\n",
        "\r\n",
        "\t",
        "  ",
        " // c'omment\n",
        "\n// ü😀\n",
        "\u{c}",
        "\r",
    ];
    let mut text = String::new();
    for token in tokens(expr) {
        if unlikely(rng, 5) {
            text.push_str(pick(rng, BLANKS));
        }
        text.push_str(&token);
    }
    text
}

/// An expression at a limit: deep, long, or both.
pub fn stretched(rng: &mut Rng, inner: &str) -> String {
    let near = |rng: &mut Rng, limit: usize| limit - 3 + rng.usize(0..6);
    let around = |open: &str, close: &str, times: usize| {
        format!("{}{inner}{}", open.repeat(times), close.repeat(times))
    };
    match rng.u32(0..19) {
        0 => around("(", ")", near(rng, 250)),
        1 => around("[", "]", near(rng, 125)),
        2 => around("(", ")", rng.usize(2..80)),
        3 => around("{'a': ", "}", near(rng, 125)),
        4 => around("!", "", rng.usize(1..400)),
        5 => around("-", "", rng.usize(1..400)),
        6 => around("dyn(", ")", near(rng, 125)),
        7 => around("true ? 1 : ", "", near(rng, 125)),
        8 => around("", ".a", rng.usize(1..400)),
        9 => around("", "[0]", rng.usize(1..400)),
        10 => around("1 + ", "", rng.usize(1..400)),
        11 => around("true && ", "", rng.usize(1..400)),
        12 => around("false || ", "", rng.usize(1..400)),
        13 => format!("[{}{inner}]", "1, ".repeat(rng.usize(1..600))),
        14 => around("[1].map(x, ", ")", rng.usize(1..14)),
        15 => around(
            "[[1], [2]].all(x, x.exists(y, y == 1 || ",
            "))",
            rng.usize(1..5),
        ),
        16 => around("(", "", rng.usize(1..60)),
        17 => {
            let blanks = near(rng, 100_000).saturating_sub(inner.chars().count());
            format!("{inner}{}", " ".repeat(blanks))
        }
        _ => {
            let size = near(rng, 1_024);
            format!("'{}' + {inner}", "ü".repeat(size))
        }
    }
}

const SYMBOLS: &[&str] = &[
    "(",
    ")",
    "[",
    "]",
    "{",
    "}",
    ".",
    ",",
    "?",
    ":",
    "+",
    "-",
    "*",
    "/",
    "%",
    "!",
    "==",
    "!=",
    "<",
    "<=",
    ">",
    ">=",
    "&&",
    "||",
    "in",
    "?.",
    ".?",
    "[?",
    "=",
    "&",
    "|",
    "'",
    "\"",
    "'''",
    "`",
    "r'",
    "b\"",
    "1",
    "1u",
    "0x",
    "1.",
    ".5",
    "1e",
    "x",
    "null",
    "true",
    "as",
    "if",
    "for",
    "loop",
    "return",
    "namespace",
    "_",
    "__result__",
    "@result",
    "has",
    "has(",
    ".all(",
    "\\",
    "//",
    " ",
    "\n",
    "{}",
    "[]",
    "()",
    "a.b{",
];

const STRAY: &[&str] = &[
    "#",
    "$",
    "@",
    "~",
    "^",
    ";",
    "é",
    "ü",
    "😀",
    "\u{0}",
    "\u{1}",
    "\u{7f}",
    "\u{80}",
    "\u{85}",
    "\u{a0}",
    "\u{ad}",
    "\u{2028}",
    "\u{200b}",
    "\u{3000}",
    "\u{feff}",
    "\u{fffd}",
    "\u{10ffff}",
    "\r",
    "\t",
    "\u{b}",
    "\u{c}",
    "\u{1b}",
    "ﬁ",
    "²",
    "٣",
    "＋",
    "“",
    "”",
    "–",
    "×",
    "≤",
    "…",
];

/// A part of a token.
fn cut(rng: &mut Rng, token: &str) -> String {
    let chars: Vec<char> = token.chars().collect();
    if chars.is_empty() {
        return String::new();
    }
    let from = rng.usize(0..chars.len());
    if rng.bool() {
        chars[from..].iter().collect()
    } else {
        chars[..from].iter().collect()
    }
}

/// Splits a text into names, numbers, texts, blanks and single signs, roughly as CEL does.
fn tokens(expr: &str) -> Vec<String> {
    let mut tokens = Vec::new();
    let mut chars = expr.chars().peekable();
    while let Some(first) = chars.next() {
        let mut token = String::from(first);
        if first.is_alphanumeric() || first == '_' {
            while let Some(next) = chars.next_if(|c| c.is_alphanumeric() || *c == '_') {
                token.push(next);
            }
        } else if first == '\'' || first == '"' {
            while let Some(next) = chars.next() {
                token.push(next);
                match next {
                    '\\' => token.extend(chars.next()),
                    _ if next == first => break,
                    _ => {}
                }
            }
        } else if matches!(first, '=' | '!' | '<' | '>' | '&' | '|')
            && let Some(next) = chars.next_if(|c| matches!(c, '=' | '&' | '|'))
        {
            token.push(next);
        }
        tokens.push(token);
    }
    tokens
}
