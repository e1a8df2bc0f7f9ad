//! Compares our answer with Go's, and tells what was found.

use std::collections::BTreeMap;
use std::fmt;
use std::ops::Range;
use std::panic::catch_unwind;

use vapwright_cel::re2::{self, Regex};

use super::Question;
use super::go::Answer;

/// Differences that are shown of each kind.
const EXAMPLES: usize = 10;
/// Characters of a pattern or text that are shown.
const SHOWN: usize = 200;

/// What the comparison found.
#[derive(Default)]
pub struct Report {
    patterns: usize,
    refused: usize,
    matched: usize,
    given_up: usize,
    differences: BTreeMap<&'static str, (usize, Vec<String>)>,
}

/// What we say.
struct Ours {
    found: Vec<Range<usize>>,
    /// Whether the search for all matches ended before them ([`re2::TooMuchWork`]).
    given_up: bool,
    first: Option<Range<usize>>,
    is_match: bool,
}

impl Report {
    /// Compares one answer.
    pub fn compare(&mut self, question: &Question, theirs: &Answer) {
        self.patterns += 1;
        match theirs {
            Err(_) => self.refused += 1,
            Ok(found) if found.is_empty() => {}
            Ok(_) => self.matched += 1,
        }
        let Ok(ours) = catch_unwind(|| answer(question)) else {
            return self.differ("a panic", question, format!("{theirs:?}"), String::new());
        };
        match (theirs, ours) {
            (Err(theirs), Err(ours)) => {
                if *theirs != ours {
                    self.differ("the error", question, theirs.clone(), ours);
                }
            }
            (Err(theirs), Ok(_)) => {
                self.differ(
                    "whether it compiles",
                    question,
                    theirs.clone(),
                    String::new(),
                );
            }
            (Ok(_), Err(ours)) => {
                self.differ("whether it compiles", question, String::new(), ours);
            }
            (Ok(theirs), Ok(ours)) => self.compare_found(question, theirs, &ours),
        }
    }

    fn compare_found(&mut self, question: &Question, theirs: &[Range<usize>], ours: &Ours) {
        self.given_up += usize::from(ours.given_up);
        let same = if ours.given_up {
            theirs.starts_with(&ours.found)
        } else {
            theirs == ours.found
        };
        if !same {
            let (theirs, ours) = (format!("{theirs:?}"), format!("{:?}", ours.found));
            self.differ("all matches", question, theirs, ours);
        }
        if theirs.first() != ours.first.as_ref() {
            let (theirs, ours) = (format!("{:?}", theirs.first()), format!("{:?}", ours.first));
            self.differ("the first match", question, theirs, ours);
        }
        if theirs.is_empty() == ours.is_match {
            let (theirs, ours) = (format!("{theirs:?}"), ours.is_match.to_string());
            self.differ("whether it matches", question, theirs, ours);
        }
    }

    fn differ(&mut self, kind: &'static str, question: &Question, theirs: String, ours: String) {
        let (count, examples) = self.differences.entry(kind).or_default();
        *count += 1;
        if examples.len() < EXAMPLES {
            examples.push(format!(
                "  {}\n    pattern {}\n    text    {}\n    Go      {}\n    ours    {}",
                question.name,
                short(&question.pattern),
                short(&question.text),
                short(&theirs),
                short(&ours)
            ));
        }
    }

    /// Adds what another comparison found.
    pub fn merge(&mut self, other: Self) {
        self.patterns += other.patterns;
        self.refused += other.refused;
        self.matched += other.matched;
        self.given_up += other.given_up;
        for (kind, (count, examples)) in other.differences {
            let (all, shown) = self.differences.entry(kind).or_default();
            *all += count;
            shown.extend(examples);
        }
    }

    /// Leaves out the differences of a known exception.
    pub fn forgive(&mut self) {
        self.differences.clear();
    }

    /// Notes that a known exception is none.
    pub fn outdated(&mut self, name: &str) {
        let (count, examples) = self.differences.entry("a known exception").or_default();
        *count += 1;
        examples.push(format!("  {name}: agrees now"));
    }

    /// Whether nothing differs.
    pub fn agrees(&self) -> bool {
        self.differences.is_empty()
    }
}

fn answer(question: &Question) -> Result<Ours, String> {
    let regex = Regex::new(&question.pattern)?;
    let mut ours = Ours {
        found: Vec::new(),
        given_up: false,
        first: regex.find(&question.text),
        is_match: regex.is_match(&question.text),
    };
    for found in regex.find_iter(&question.text) {
        match found {
            Ok(found) => ours.found.push(found),
            Err(re2::TooMuchWork) => ours.given_up = true,
        }
    }
    Ok(ours)
}

fn short(text: &str) -> String {
    if text.chars().count() <= SHOWN {
        return format!("{text:?}");
    }
    let start: String = text.chars().take(SHOWN).collect();
    format!("{start:?} and {} bytes more", text.len() - start.len())
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            f,
            "{} patterns: {} that Go refuses, {} that match, {} that do not",
            self.patterns,
            self.refused,
            self.matched,
            self.patterns - self.refused - self.matched
        )?;
        if self.given_up > 0 {
            writeln!(
                f,
                "{} ended by the bound on work that only we have; the matches before it are equal",
                self.given_up
            )?;
        }
        if self.agrees() {
            writeln!(f, "no difference")?;
        }
        for (kind, (count, examples)) in &self.differences {
            writeln!(f, "{count} DIFFER in {kind}")?;
            for example in examples.iter().take(EXAMPLES) {
                writeln!(f, "{example}")?;
            }
        }
        Ok(())
    }
}
