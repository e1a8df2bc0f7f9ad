//! Whether a pattern matches: a deterministic automaton whose states are made when a text first
//! leads to them, so that a pattern costs next to nothing before it is used, and a code point one
//! step in a table after that.

use super::ast::{Assertion, index};
use super::class::LAST;
use super::program::{Inst, Pc, Program};
use super::threads::{Side, Threads, holds};

/// Entries of the table that are not the start of a state's row.
const UNKNOWN: u32 = 0;
const DEAD: u32 = 1;
const MATCH: u32 = 2;
/// Rows begin here, so that they can be told from these.
const FIRST_ROW: usize = 3;

/// What the states may take before they are forgotten and made again as needed: entries of the
/// table and threads of states.
const MAX_HELD: usize = 1 << 18;
const MAX_STATES: usize = 1000;

#[derive(Debug)]
pub(super) struct Dfa {
    alphabet: Alphabet,
    states: Vec<State>,
    /// For each state one entry for each class, and one for the end of the text: the start of the
    /// next state's row, or one of the constants.
    table: Vec<u32>,
    /// The start of the first state's row, or one of the constants.
    start: u32,
    /// How much `states` and `table` hold.
    held: usize,
    /// How often the states were forgotten.
    forgotten: u64,
    now: Threads,
    next: Threads,
    /// Room for the threads of a state.
    kept: Vec<Pc>,
}

#[derive(Debug)]
struct State {
    hash: u64,
    threads: Box<[Pc]>,
    /// What stands before, where threads wait for what stands after.
    waiting: Option<Side>,
}

impl Dfa {
    pub(super) fn new(program: &Program) -> Self {
        Self {
            alphabet: Alphabet::new(program),
            states: Vec::new(),
            table: vec![UNKNOWN; FIRST_ROW],
            start: UNKNOWN,
            held: 0,
            forgotten: 0,
            now: Threads::new(program),
            next: Threads::new(program),
            kept: Vec::new(),
        }
    }

    pub(super) fn is_match(&mut self, program: &Program, text: &str) -> bool {
        if self.start == UNKNOWN {
            self.next.clear();
            self.next.add(program, program.start, Side::Edge, None);
            self.start = self.state(program, Side::Edge);
        }
        let mut row = self.start;
        if row <= MATCH {
            return row == MATCH;
        }
        for char in text.chars() {
            let column = self.alphabet.class(u32::from(char));
            row = match self.table.get((row + column) as usize) {
                Some(&next) if next > MATCH => next,
                Some(&MATCH) => return true,
                Some(&DEAD) => return false,
                _ => match self.step(program, row, column) {
                    MATCH => return true,
                    DEAD => return false,
                    next => next,
                },
            };
        }
        let end = self.alphabet.end;
        match self.table.get((row + end) as usize) {
            Some(&UNKNOWN) | None => self.step(program, row, end) == MATCH,
            Some(&next) => next == MATCH,
        }
    }

    /// Where a state goes on with a class.
    fn step(&mut self, program: &Program, row: u32, column: u32) -> u32 {
        let width = self.alphabet.width();
        let Some(state) = self.states.get((row as usize - FIRST_ROW) / width) else {
            return DEAD;
        };
        let sample = self.alphabet.sample(column);
        let after = Side::of(sample);
        self.now.clear();
        for pc in &state.threads {
            let before = state.waiting.unwrap_or(Side::Other);
            self.now.add(program, *pc, before, Some(after));
        }
        let next = match sample {
            _ if self.now.matched => MATCH,
            None => DEAD,
            Some(code) => {
                self.next.clear();
                for pc in self.now.order() {
                    if let Some(next) = program.reads(*pc, code) {
                        self.next.add(program, next, after, None);
                    }
                }
                if !program.anchored {
                    self.next.add(program, program.start, after, None);
                }
                let forgotten = self.forgotten;
                let next = self.state(program, after);
                if self.forgotten != forgotten {
                    // this state is forgotten: there is no place to remember its next one
                    return next;
                }
                next
            }
        };
        if let Some(entry) = self.table.get_mut((row + column) as usize) {
            *entry = next;
        }
        next
    }

    /// The state of the threads in `next`.
    fn state(&mut self, program: &Program, before: Side) -> u32 {
        if self.next.matched {
            return MATCH;
        }
        let goes_on = |pc: &Pc| match program.inst(*pc) {
            Inst::Range(..) | Inst::Set(..) => true,
            Inst::Assertion(assertion, _) => holds(assertion, before, None).is_none(),
            Inst::Match | Inst::Split(..) => false,
        };
        self.kept.clear();
        self.kept
            .extend(self.next.order().iter().copied().filter(goes_on));
        if self.kept.is_empty() && program.anchored {
            return DEAD;
        }
        let waiting = self.next.waiting.then_some(before);
        let seed = waiting.map_or(0, |side| side as u64 + 1);
        let hash = self.kept.iter().fold(seed, mix);
        let known = self.states.iter().position(|state| {
            state.hash == hash && state.waiting == waiting && *state.threads == *self.kept
        });
        let width = self.alphabet.width();
        let place = known.unwrap_or_else(|| {
            if self.held > MAX_HELD || self.states.len() >= MAX_STATES {
                self.states.clear();
                self.table.truncate(FIRST_ROW);
                self.start = UNKNOWN;
                self.held = 0;
                self.forgotten += 1;
            }
            self.held += width + self.kept.len();
            self.states.push(State {
                hash,
                threads: self.kept.as_slice().into(),
                waiting,
            });
            self.table.resize(self.table.len() + width, UNKNOWN);
            self.states.len() - 1
        });
        index(FIRST_ROW + place * width)
    }
}

fn mix(hash: u64, pc: &Pc) -> u64 {
    (hash ^ u64::from(*pc))
        .wrapping_mul(0x9e37_79b9_7f4a_7c15)
        .rotate_left(23)
}

/// The code points in classes that no instruction tells apart.
#[derive(Debug)]
struct Alphabet {
    ascii: [u8; 128],
    /// Where the runs of code points of one class begin, from 0 on.
    starts: Vec<u32>,
    /// Their classes.
    classes: Vec<u32>,
    /// A code point of each class.
    samples: Vec<u32>,
    /// The column of the end of the text.
    end: u32,
}

impl Alphabet {
    fn new(program: &Program) -> Self {
        let sets = distinct(program);
        let mut starts = vec![0];
        for (low, high) in sets.iter().copied().flatten() {
            starts.push(*low);
            if *high < LAST {
                starts.push(high + 1);
            }
        }
        starts.sort_unstable();
        starts.dedup();
        let mut alphabet = Self {
            ascii: [0; 128],
            classes: Vec::with_capacity(starts.len()),
            samples: Vec::new(),
            end: 0,
            starts,
        };
        let members = members(&sets, &alphabet.starts);
        alphabet.classify(members.as_deref());
        alphabet.end = index(alphabet.samples.len());
        for (code, class) in (0..).zip(&mut alphabet.ascii) {
            let run = alphabet.starts.partition_point(|start| *start <= code) - 1;
            let known = alphabet.classes.get(run).copied().unwrap_or_default();
            // runs of ASCII come first, and there are no more of them than code points
            *class = u8::try_from(known).unwrap_or_default();
        }
        alphabet
    }

    /// Gives runs that are in the same sets one class, as far as that is known.
    fn classify(&mut self, members: Option<&[u64]>) {
        /// Among so many classes one that fits is looked for.
        const COMPARED: usize = 256;
        let mut known: Vec<u64> = Vec::new();
        for (run, start) in self.starts.iter().enumerate() {
            let sets = members.and_then(|members| members.get(run));
            let same = sets.and_then(|sets| known.iter().take(COMPARED).position(|k| k == sets));
            let class = same.unwrap_or_else(|| {
                known.extend(sets);
                self.samples.push(*start);
                self.samples.len() - 1
            });
            self.classes.push(index(class));
        }
    }

    fn width(&self) -> usize {
        self.samples.len() + 1
    }

    fn class(&self, code: u32) -> u32 {
        if let Some(class) = self.ascii.get(code as usize) {
            return u32::from(*class);
        }
        let run = self.starts.partition_point(|start| *start <= code);
        self.classes
            .get(run.wrapping_sub(1))
            .copied()
            .unwrap_or_default()
    }

    /// A code point of a class; nothing for the end of the text.
    fn sample(&self, column: u32) -> Option<u32> {
        self.samples.get(column as usize).copied()
    }
}

/// The sets that a program's instructions read, each once as far as that is cheap to tell.
fn distinct(program: &Program) -> Vec<&[(u32, u32)]> {
    const NEWLINE: &[(u32, u32)] = &[(0xa, 0xa)];
    const WORD: &[(u32, u32)] = &[(0x30, 0x39), (0x41, 0x5a), (0x5f, 0x5f), (0x61, 0x7a)];
    /// Among so many sets one that is the same is looked for.
    const COMPARED: usize = 65;
    let mut sets: Vec<&[(u32, u32)]> = Vec::new();
    for inst in program.insts() {
        let set: &[(u32, u32)] = match inst {
            Inst::Range(range, _) => std::slice::from_ref(range),
            Inst::Set(set, _) => program.set(*set).ranges(),
            Inst::Assertion(Assertion::BeginLine | Assertion::EndLine, _) => NEWLINE,
            Inst::Assertion(Assertion::WordBoundary | Assertion::NoWordBoundary, _) => WORD,
            Inst::Assertion(Assertion::BeginText | Assertion::EndText, _)
            | Inst::Match
            | Inst::Split(..) => continue,
        };
        if !sets.iter().take(COMPARED).any(|known| *known == set) {
            sets.push(set);
        }
    }
    sets
}

/// For each run the sets it is in, where they are few enough to be bits.
fn members(sets: &[&[(u32, u32)]], starts: &[u32]) -> Option<Vec<u64>> {
    if sets.len() > 64 {
        return None;
    }
    let mut members = vec![0; starts.len()];
    for (bit, set) in sets.iter().enumerate() {
        for (low, high) in *set {
            let first = starts.partition_point(|start| start < low);
            let after = starts.partition_point(|start| start <= high);
            for sets in members.get_mut(first..after).unwrap_or_default() {
                *sets |= 1_u64 << bit;
            }
        }
    }
    Some(members)
}
