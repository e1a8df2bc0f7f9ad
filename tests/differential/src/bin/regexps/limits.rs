//! Patterns of growing size, count and depth: the first that Go refuses must be the first that we
//! refuse, with the same error.

use std::fmt;
use std::io;

use vapwright_cel::re2;

use super::Question;
use super::compare::Report;
use super::go;

/// How a pattern grows with a number.
#[derive(Clone, Copy)]
enum Shape {
    /// The first and last part so many times around the middle.
    Nested(&'static str, &'static str, &'static str),
    /// The number stands for `N`.
    Count(&'static str),
    /// The part so many times.
    Times(&'static str),
    /// The part so many times in parentheses, after a letter.
    InGroup(&'static str),
    /// The part so many times, as alternatives.
    Alternatives(&'static str),
    /// The same, and each begins with its number.
    Numbered(&'static str),
    /// The part so many times after words that nearly fill a program.
    AfterWords(&'static str),
}

use Shape::{AfterWords, Alternatives, Count, InGroup, Nested, Numbered, Times};

impl Shape {
    fn pattern(self, number: usize) -> String {
        match self {
            Nested(open, inside, close) => {
                format!("{}{inside}{}", open.repeat(number), close.repeat(number))
            }
            Count(pattern) => pattern.replace('N', &number.to_string()),
            Times(part) => part.repeat(number),
            InGroup(part) => format!("(x{})", part.repeat(number)),
            Alternatives(part) => vec![part; number].join("|"),
            Numbered(part) => {
                let parts: Vec<_> = (0..number).map(|n| format!("{n:04}{part}")).collect();
                parts.join("|")
            }
            AfterWords(part) => format!("{}{}", WORDS.repeat(1_677), part.repeat(number)),
        }
    }

    /// The largest number that is tried.
    fn most(self) -> usize {
        match self {
            Nested(..) | Count(_) => 1_100,
            // 1292 ends of ranges each: the limit is at 26,000
            Times(part) | Alternatives(part) if part.contains(r"\p") && !part.contains('{') => {
                30_000
            }
            Times(_) | InGroup(_) | Alternatives(_) | Numbered(_) | AfterWords(_) => 4_000,
        }
    }
}

impl fmt::Display for Shape {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Nested(open, inside, close) => write!(f, "{inside} within {open} {close}"),
            Count(pattern) => f.write_str(pattern),
            Times(part) => write!(f, "{part} often"),
            InGroup(part) => write!(f, "{part} often in a group"),
            Alternatives(part) => write!(f, "{part} as alternatives"),
            Numbered(part) => write!(f, "{part} as alternatives with numbers"),
            AfterWords(part) => write!(f, "{part} often after {WORDS}"),
        }
    }
}

const WORDS: &str = "(?:ab){1000}";

/// Depth of nesting (1,000), counts (1,000, and 1,000 copies of the innermost part), size of the
/// program (3,355,443 instructions) and of the classes (33,554,432 ends of ranges).
const SHAPES: &[Shape] = &[
    Nested("(", "a", ")"),
    Nested("(", "ab", ")"),
    Nested("(", "", ")"),
    Nested("(", "[ab]", ")"),
    Nested("(b", "a", ")"),
    Nested("(", "a", ")b"),
    Nested("(bc", "a", ")de"),
    Nested("(?P<n>", "a", ")"),
    Nested("(?:", "a", ")*"),
    Nested("(", "a", ")*"),
    Nested("(bc", "a", ")*de"),
    Nested("(?:(?:", "a", ")?)*"),
    Nested("(?:(?:", "a", ")*?)*"),
    Nested("(?:b", "a", ")+"),
    Nested("(?:", "a", "){1}"),
    Nested("(?:", "a", "){0,}"),
    Nested("(?:b|", "cd", ")"),
    Nested("(bc|", "cd", ")"),
    Nested("(?:|", "cd", ")"),
    Nested("(?:|q", "d", ")"),
    Nested("(?:xy|q", "cd", ")"),
    Nested("(?:xy|", "cd", "|zz)"),
    Nested("(abx|ab", "d", ")"),
    Nested("(?:^", "a", "$)"),
    Nested("(?i:", "a", ")"),
    Nested("(?i:b", "a", ")"),
    Nested("(?i:k[ab]", "a", ")"),
    Count("aN"),
    Count("a{N}"),
    Count("a{N,}"),
    Count("a{0,N}"),
    Count("(?:a{30}){N}"),
    Count("(a{7}){N}"),
    Count("(?:a{7,}){N}"),
    Count("(?:a{7}){N,}"),
    Count("(?:a{3,7}){N}"),
    Count("(?:a{0,10}){0,N}"),
    Count("(?:(?:a{10}b){10}c){N}"),
    Count("(?:a{0}){N}"),
    Count("(?:a{1}){N}"),
    Count("(?:a{20}b{40}){N}"),
    Count("(?:a{20}|b{40}){N}"),
    Count("(?:(?:a{20})*){N}"),
    Count("(?:x(a{20})y){N}"),
    Count("(?:a{N}){1}"),
    Count("(?:a{N}){0}"),
    Count("(?:(?:a{500}){2}b{N}){0,1}"),
    Times(WORDS),
    Times("[ab]{1000}"),
    Times("(a){1000}"),
    Times("(abc){0,1000}"),
    Times("(?:ab){1000,}"),
    Times("(?:abc){500,1000}"),
    Times("(?:a*){1000}"),
    Times("(?:a+b){1000}"),
    Times("(?:a?b){1000}"),
    Times("(?:ab|cd){1000}"),
    Times("(?:a|b|c){1000}"),
    Times("(?:ab|){1000}"),
    Times("(?:){1000}"),
    Times("(){1000}"),
    Times(r"(?:\b^){1000}"),
    Times(".{1000}"),
    Times("(?i:k){1000}"),
    Times("(?i:ab){1000}"),
    Times(r"\pL{1000}"),
    Times(r"\pL"),
    Times(r"[^\pL]"),
    Times(r"(\pL)"),
    Times(r"(?:\pL)"),
    Times(r"\pL*"),
    Times(r"(?:\pLx)"),
    Alternatives(WORDS),
    Alternatives(r"\pL"),
    InGroup(WORDS),
    AfterWords("(c)"),
    AfterWords("c?"),
];

const JOINED: &str = "Go measures a pattern after it has joined alternatives that begin alike: \
    abx|acy becomes a(?:bx|cy); we do not join them";
const STALE: &str = "Go goes on with the size that it noted of a letter when more letters have \
    made it a word";

/// Where Go's first refused number is known to be another, and why.
const EXCEPTIONS: &[(Shape, &str)] = &[
    (Nested("(abx|ac", "d", ")"), JOINED),
    (Times("(?:abx|acy){1000}"), JOINED),
    (Numbered(WORDS), JOINED),
    (AfterWords("c"), STALE),
];

/// Compares all of them: the first number that we refuse, and the one before.
pub fn compare(oracle: &str) -> io::Result<Report> {
    let mut report = Report::default();
    for shape in SHAPES {
        let (first, found) = compare_shape(oracle, *shape)?;
        println!(
            "{shape}: {first}{}",
            if found.agrees() { "" } else { ", DIFFERS" }
        );
        report.merge(found);
    }
    for (shape, reason) in EXCEPTIONS {
        let (first, mut found) = compare_shape(oracle, *shape)?;
        println!("{shape}: {first}, known to differ: {reason}");
        if found.agrees() {
            found.outdated(&shape.to_string());
        } else {
            found.forgive();
        }
        report.merge(found);
    }
    Ok(report)
}

fn compare_shape(oracle: &str, shape: Shape) -> io::Result<(String, Report)> {
    let first = first_refused(shape);
    let last = first.min(shape.most());
    let questions: Vec<Question> = (first.saturating_sub(1)..=last)
        .map(|number| Question {
            name: format!("{shape}, {number}"),
            pattern: shape.pattern(number),
            text: "abcdab".to_owned(),
        })
        .collect();
    let answers = go::ask(oracle, &questions)?;
    let mut report = Report::default();
    for (question, answer) in questions.iter().zip(&answers) {
        report.compare(question, answer);
    }
    let first = if first > last {
        format!("none up to {last} is refused")
    } else {
        format!("{first} is refused")
    };
    Ok((first, report))
}

/// The first number that we refuse, where the larger ones are refused too; one more than the most
/// where none is.
fn first_refused(shape: Shape) -> usize {
    let (mut low, mut high) = (0, shape.most() + 1);
    while low < high {
        let middle = low.midpoint(high);
        if re2::is_valid(&shape.pattern(middle)) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    low
}
