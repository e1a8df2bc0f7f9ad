//! The instructions that a program is at, all at once, and what is known of the place in the text.

use super::ast::Assertion;
use super::program::{Inst, Pc, Program};

/// What stands on one side of a place in the text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Side {
    /// Nothing: the text begins or ends.
    Edge,
    Newline,
    /// A letter, digit or underscore of ASCII.
    Word,
    Other,
}

impl Side {
    pub(super) fn of(code: Option<u32>) -> Self {
        match code.map(char::from_u32) {
            None => Self::Edge,
            Some(Some('\n')) => Self::Newline,
            Some(Some('0'..='9' | 'A'..='Z' | 'a'..='z' | '_')) => Self::Word,
            Some(_) => Self::Other,
        }
    }
}

/// Whether an assertion is true; `None` where that depends on an unknown next character.
pub(super) fn holds(assertion: Assertion, before: Side, after: Option<Side>) -> Option<bool> {
    let boundary = |after: Side| (before == Side::Word) != (after == Side::Word);
    Some(match assertion {
        Assertion::BeginText => before == Side::Edge,
        Assertion::BeginLine => matches!(before, Side::Edge | Side::Newline),
        Assertion::EndText => after? == Side::Edge,
        Assertion::EndLine => matches!(after?, Side::Edge | Side::Newline),
        Assertion::WordBoundary => boundary(after?),
        Assertion::NoWordBoundary => !boundary(after?),
    })
}

/// A set of instructions in the order of their priority.
#[derive(Debug)]
pub(super) struct Threads {
    order: Vec<Pc>,
    /// Where in `order` an instruction stands, if it does.
    place: Vec<u32>,
    stack: Vec<Pc>,
    /// Whether one of them is [`Inst::Match`].
    pub(super) matched: bool,
    /// Whether one of them waits for the next character to be known.
    pub(super) waiting: bool,
}

impl Threads {
    pub(super) fn new(program: &Program) -> Self {
        Self {
            order: Vec::new(),
            place: vec![0; program.insts().len()],
            stack: Vec::new(),
            matched: false,
            waiting: false,
        }
    }

    pub(super) fn clear(&mut self) {
        self.order.clear();
        self.matched = false;
        self.waiting = false;
    }

    pub(super) fn order(&self) -> &[Pc] {
        &self.order
    }

    fn insert(&mut self, pc: Pc) -> bool {
        let Some(place) = self.place.get_mut(pc as usize) else {
            return false;
        };
        if self.order.get(*place as usize) == Some(&pc) {
            return false;
        }
        *place = super::ast::index(self.order.len());
        self.order.push(pc);
        true
    }

    /// Adds an instruction and those it leads to without reading.
    pub(super) fn add(&mut self, program: &Program, pc: Pc, before: Side, after: Option<Side>) {
        self.stack.push(pc);
        while let Some(pc) = self.stack.pop() {
            if !self.insert(pc) {
                continue;
            }
            match program.inst(pc) {
                Inst::Match => self.matched = true,
                Inst::Range(..) | Inst::Set(..) => {}
                Inst::Assertion(assertion, next) => match holds(assertion, before, after) {
                    Some(true) => self.stack.push(next),
                    Some(false) => {}
                    None => self.waiting = true,
                },
                Inst::Split(first, second) => {
                    self.stack.push(second);
                    self.stack.push(first);
                }
            }
        }
    }
}
