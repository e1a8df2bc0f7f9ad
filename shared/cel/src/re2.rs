//! Regular expressions as Go has them (RE2's syntax), with Go's errors, places and time linear in
//! the text.
//!
//! A pattern is compiled to a small program, which is cheap. The first search for whether it matches
//! begins a deterministic automaton (`dfa`), which grows with the texts it sees; where it matches
//! is answered by the program itself (`search`). Both read code points: the texts are UTF-8.

use std::ops::Range;
use std::sync::{Arc, Mutex, TryLockError};

mod ast;
mod class;
mod dfa;
mod escape;
mod parse;
mod program;
mod search;
#[cfg(test)]
mod tests;
mod threads;
mod unicode;

/// A compiled pattern; clones share what they have learned.
///
/// ```
/// let regex = vapwright_cel::re2::Regex::new("[a-z]+@([a-z]+)").unwrap();
/// assert!(regex.is_match("mail ann@example or bob@example"));
/// assert_eq!(regex.find("mail ann@example"), Some(5..16));
/// ```
#[derive(Clone, Debug)]
pub struct Regex {
    shared: Arc<Shared>,
}

#[derive(Debug)]
struct Shared {
    program: program::Program,
    /// Made by the first use.
    dfa: Mutex<Option<Box<dfa::Dfa>>>,
}

impl Regex {
    /// Compiles a pattern.
    ///
    /// # Errors
    /// Go's text, such as ``error parsing regexp: missing closing ]: `[a` ``.
    pub fn new(pattern: &str) -> Result<Self, String> {
        let program = program::Program::new(parse::parse(pattern)?);
        Ok(Self {
            shared: Arc::new(Shared {
                program,
                dfa: Mutex::new(None),
            }),
        })
    }

    /// Whether a part of the text matches.
    #[must_use]
    pub fn is_match(&self, text: &str) -> bool {
        let program = &self.shared.program;
        let new = || Box::new(dfa::Dfa::new(program));
        let mut held = match self.shared.dfa.try_lock() {
            Ok(held) => held,
            Err(TryLockError::Poisoned(held)) => held.into_inner(),
            // another thread has it: rather one of our own than to wait
            Err(TryLockError::WouldBlock) => return new().is_match(program, text),
        };
        held.get_or_insert_with(new).is_match(program, text)
    }

    /// The first match, in bytes; of those that begin there the one that Go prefers.
    #[must_use]
    pub fn find(&self, text: &str) -> Option<Range<usize>> {
        search::Search::new(&self.shared.program).find(text, 0)
    }

    /// The matches that do not overlap, in order; no empty one right after another. The text is read
    /// once for all of them, but for what alternatives look ahead: where that comes to much more, as
    /// it does for `.*b|x` and many `x`, there is an error at the end.
    pub fn find_iter<'a>(
        &'a self,
        text: &'a str,
    ) -> impl Iterator<Item = Result<Range<usize>, TooMuchWork>> + 'a {
        let mut search = search::Search::new(&self.shared.program);
        let most = most_steps(text.len(), self.size());
        let mut at = Some(0);
        let mut last_end = None;
        std::iter::from_fn(move || {
            loop {
                let from = at?;
                let found = search.find(text, from);
                if search.steps > most {
                    at = None;
                    return Some(Err(TooMuchWork));
                }
                let Some(found) = found else {
                    at = None;
                    return None;
                };
                let empty = found.end == from;
                at = if empty {
                    let next = text.get(from..).and_then(|rest| rest.chars().next());
                    next.map(|char| from + char.len_utf8())
                } else {
                    Some(found.end)
                };
                let follows = empty && last_end == Some(found.start);
                last_end = Some(found.end);
                if !follows {
                    return Some(Ok(found));
                }
            }
        })
    }

    /// How many instructions it has.
    #[must_use]
    pub fn size(&self) -> u64 {
        u64::try_from(self.shared.program.insts().len()).unwrap_or(u64::MAX)
    }
}

/// How often a text may be read for all matches in it; a short text as often as it has matches.
const PASSES: u64 = 4;
/// How many steps of this module are as much work as looking at a value.
const STEPS_PER_WORK: u64 = 64;
/// So many steps are always allowed.
const FEW_STEPS: u64 = 200_000;

/// Matches that would take longer than a few times reading the text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TooMuchWork;

/// How many steps it takes at most to read a text once.
fn pass(text: usize, size: u64) -> u64 {
    u64::try_from(text).unwrap_or(u64::MAX).saturating_mul(size)
}

/// The work of reading a text for a pattern of a size, in the units of
/// [`crate::value::weight::MAX_WORK`]. Most patterns need much less.
#[must_use]
pub fn search_work(text: usize, size: u64) -> u64 {
    pass(text, size) / STEPS_PER_WORK
}

/// How many steps all matches in a text may take.
fn most_steps(text: usize, size: u64) -> u64 {
    let passes = pass(text.saturating_add(1), size).saturating_mul(PASSES);
    passes.max(FEW_STEPS)
}

/// The same, for all matches in a text.
#[must_use]
pub fn search_all_work(text: usize, size: u64) -> u64 {
    let rescanned = pass(text, size).saturating_mul(u64::try_from(text).unwrap_or(u64::MAX));
    rescanned.min(most_steps(text, size)) / STEPS_PER_WORK
}

/// About how many instructions a pattern becomes; 0 where Go would not compile it.
#[must_use]
pub fn size(pattern: &str) -> u64 {
    parse::parse(pattern).map_or(0, |ast| ast.size)
}

/// The work of compiling a pattern of a size.
#[must_use]
pub const fn compile_work(size: u64) -> u64 {
    50 + size
}

/// Whether Go would compile a pattern.
#[must_use]
pub fn is_valid(pattern: &str) -> bool {
    parse::parse(pattern).is_ok()
}
