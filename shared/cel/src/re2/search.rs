//! Where a pattern matches: all threads of its program side by side, each with its beginning
//! (Pike's machine), in time linear in the text.

use std::ops::Range;

use super::program::{Inst, Program};
use super::threads::{Side, Threads};

/// Room for a search, to be used again for the next.
pub(super) struct Search<'r> {
    program: &'r Program,
    now: Threads,
    next: Threads,
    /// Where the threads of `now` and `next` began, in their order.
    starts: Vec<usize>,
    next_starts: Vec<usize>,
    /// How many threads have been looked at, one for each place they came to.
    pub(super) steps: u64,
}

impl<'r> Search<'r> {
    pub(super) fn new(program: &'r Program) -> Self {
        Self {
            program,
            now: Threads::new(program),
            next: Threads::new(program),
            starts: Vec::new(),
            next_starts: Vec::new(),
            steps: 0,
        }
    }

    /// The first match that begins at this place or later.
    pub(super) fn find(&mut self, text: &str, from: usize) -> Option<Range<usize>> {
        let program = self.program;
        let code = |char: Option<char>| char.map(u32::from);
        let mut found = None;
        let mut before = Side::of(code(text.get(..from)?.chars().next_back()));
        let mut at = from;
        let mut rest = text.get(from..)?.chars();
        self.now.clear();
        self.starts.clear();
        loop {
            let char = rest.next();
            let after = Side::of(code(char));
            if found.is_none() && (at == 0 || !program.anchored) {
                self.now.add(program, program.start, before, Some(after));
                self.starts.resize(self.now.order().len(), at);
            }
            if self.now.order().is_empty() {
                return found;
            }
            let threads = u64::try_from(self.now.order().len()).unwrap_or(u64::MAX);
            self.steps = self.steps.saturating_add(threads);
            let following = Side::of(code(rest.clone().next()));
            self.next.clear();
            self.next_starts.clear();
            for (pc, start) in self.now.order().iter().zip(&self.starts) {
                if matches!(program.inst(*pc), Inst::Match) {
                    // what comes later has less priority
                    found = Some(*start..at);
                    break;
                }
                if let Some(code) = code(char)
                    && let Some(next) = program.reads(*pc, code)
                {
                    self.next.add(program, next, after, Some(following));
                    self.next_starts.resize(self.next.order().len(), *start);
                }
            }
            std::mem::swap(&mut self.now, &mut self.next);
            std::mem::swap(&mut self.starts, &mut self.next_starts);
            let Some(char) = char else {
                return found;
            };
            at += char.len_utf8();
            before = after;
        }
    }
}
