//! A pattern as instructions: a nondeterministic automaton over code points, as Go compiles it.

use super::ast::{Assertion, Ast, Node, NodeId, index};
use super::class::Set;

/// The index of an instruction.
pub(super) type Pc = u32;

#[derive(Clone, Copy, Debug)]
pub(super) enum Inst {
    /// The text matches.
    Match,
    /// Reads a code point of a range.
    Range((u32, u32), Pc),
    /// Reads a code point of a set.
    Set(u32, Pc),
    /// Goes on where this is true.
    Assertion(Assertion, Pc),
    /// Goes on in both ways; the first has priority.
    Split(Pc, Pc),
}

#[derive(Debug)]
pub(super) struct Program {
    insts: Vec<Inst>,
    sets: Vec<Set>,
    pub(super) start: Pc,
    /// Whether it matches at the beginning of the text alone.
    pub(super) anchored: bool,
}

impl Program {
    pub(super) fn new(ast: Ast) -> Self {
        let mut compiler = Compiler {
            ast: &ast,
            insts: Vec::with_capacity(ast.nodes.len() + 1),
        };
        let end = compiler.push(Inst::Match);
        let start = compiler.compile(ast.root, end);
        Self {
            insts: compiler.insts,
            start,
            anchored: ast.anchored,
            sets: ast.sets,
        }
    }

    pub(super) fn insts(&self) -> &[Inst] {
        &self.insts
    }

    pub(super) fn inst(&self, pc: Pc) -> Inst {
        self.insts.get(pc as usize).copied().unwrap_or(Inst::Match)
    }

    pub(super) fn set(&self, id: u32) -> &Set {
        static EMPTY: Set = Set::EMPTY;
        self.sets.get(id as usize).unwrap_or(&EMPTY)
    }

    /// Where an instruction goes on when it reads a code point, if it does.
    pub(super) fn reads(&self, pc: Pc, code: u32) -> Option<Pc> {
        match self.inst(pc) {
            Inst::Range((low, high), next) => (low <= code && code <= high).then_some(next),
            Inst::Set(set, next) => self.set(set).contains(code).then_some(next),
            Inst::Match | Inst::Assertion(..) | Inst::Split(..) => None,
        }
    }
}

/// Compiles each node with what follows it in mind, so from the end of the pattern to its start.
struct Compiler<'a> {
    ast: &'a Ast,
    insts: Vec<Inst>,
}

impl Compiler<'_> {
    fn push(&mut self, inst: Inst) -> Pc {
        self.insts.push(inst);
        index(self.insts.len() - 1)
    }

    /// The first instruction of a node after which the program goes on at `next`.
    fn compile(&mut self, id: NodeId, next: Pc) -> Pc {
        match self.ast.node(id) {
            Node::Empty => next,
            Node::Range(low, high) => self.push(Inst::Range((low, high), next)),
            Node::Set(set) => self.push(Inst::Set(set, next)),
            Node::Assertion(assertion) => self.push(Inst::Assertion(assertion, next)),
            Node::Concat(start, end) => {
                let children = self.ast.children(start, end).iter().rev();
                children.fold(next, |next, child| self.compile(*child, next))
            }
            Node::Alternate(start, end) => {
                let mut children = self.ast.children(start, end).iter().rev();
                let Some(last) = children.next() else {
                    return next;
                };
                let last = self.compile(*last, next);
                children.fold(last, |others, child| {
                    let first = self.compile(*child, next);
                    self.push(Inst::Split(first, others))
                })
            }
            Node::Repeat {
                of,
                nullable,
                min,
                max,
                lazy,
            } => {
                let (mut entry, copies) = match max {
                    None if min == 0 => {
                        return if nullable {
                            // the order of priorities is right only as (x+)?
                            let more = self.plus(of, next, lazy);
                            self.split(more, next, lazy)
                        } else {
                            self.star(of, next, lazy)
                        };
                    }
                    None => (self.plus(of, next, lazy), min - 1),
                    Some(max) => {
                        let mut entry = next;
                        for _ in min..max {
                            let more = self.compile(of, entry);
                            entry = self.split(more, next, lazy);
                        }
                        (entry, min)
                    }
                };
                for _ in 0..copies {
                    entry = self.compile(of, entry);
                }
                entry
            }
        }
    }

    fn split(&mut self, more: Pc, next: Pc, lazy: bool) -> Pc {
        self.push(fork(more, next, lazy))
    }

    /// A loop around a node: its instruction that chooses, and the node's first one.
    fn repeat(&mut self, of: NodeId, next: Pc, lazy: bool) -> (Pc, Pc) {
        let choice = self.push(Inst::Match);
        let body = self.compile(of, choice);
        if let Some(place) = self.insts.get_mut(choice as usize) {
            *place = fork(body, next, lazy);
        }
        (choice, body)
    }

    fn star(&mut self, of: NodeId, next: Pc, lazy: bool) -> Pc {
        self.repeat(of, next, lazy).0
    }

    fn plus(&mut self, of: NodeId, next: Pc, lazy: bool) -> Pc {
        self.repeat(of, next, lazy).1
    }
}

const fn fork(more: Pc, next: Pc, lazy: bool) -> Inst {
    if lazy {
        Inst::Split(next, more)
    } else {
        Inst::Split(more, next)
    }
}
