//! The value of every subexpression of one evaluation, and the nodes of documents it came to.

use std::collections::BTreeMap;

use super::observe::Observer;
use super::{Activation, EvalError, Evaluation, Limits, machine};
use crate::ast::ExprId;
use crate::document::Node;
use crate::plan::Program;
use crate::value::Value;

/// So many values and nodes are recorded; what comes later is left out.
const MAX_RECORDS: usize = 100_000;

/// What an evaluation did.
#[derive(Clone, Debug)]
pub struct Trace<'d> {
    scopes: Vec<Scope<'d>>,
    records: Vec<Record<'d>>,
    /// By scope and expression, the place in `records` of the last value.
    values: BTreeMap<(usize, ExprId), usize>,
    /// By scope and selection, the node it came to.
    nodes: BTreeMap<(usize, ExprId), &'d Node>,
    /// By scope and comprehension, the scopes of its elements.
    iterations: BTreeMap<(usize, ExprId), Vec<usize>>,
    /// By lazy variable, its scope.
    variables: BTreeMap<usize, usize>,
    current: usize,
    /// How many scopes have been entered since there is no room for more.
    unrecorded: usize,
}

/// Where a value was computed: expressions inside of a comprehension have a value for each
/// element, and those of a lazy variable are another program's.
#[derive(Clone, Debug)]
pub struct Scope<'d> {
    /// The scope around it; that of the whole is 0 and its own parent.
    pub parent: usize,
    /// What it is.
    pub kind: ScopeKind<'d>,
}

/// What a scope is.
#[derive(Clone, Debug)]
pub enum ScopeKind<'d> {
    /// The program.
    Whole,
    /// One element of a comprehension.
    Iteration {
        /// The comprehension.
        fold: ExprId,
        /// Which element.
        index: usize,
        /// The element of the list, or the value of the map's entry, if it is a document's.
        element: Option<&'d Node>,
    },
    /// A lazy variable, evaluated here because it was read here first.
    Variable(usize),
}

/// The value of an expression in a scope.
#[derive(Clone, Debug)]
pub struct Record<'d> {
    /// The scope, by its place in [`Trace::scopes`].
    pub scope: usize,
    /// The expression; a chain of selections has the value of the last.
    pub expr: ExprId,
    /// The value or the error.
    pub result: Result<Value<'d>, EvalError>,
}

/// Evaluates a program and records it. A lazy variable is recorded where it is evaluated, so that
/// one that an earlier evaluation with this activation has read is not.
#[must_use]
pub fn trace<'d>(
    program: &Program,
    activation: &Activation<'d>,
    limits: Limits,
) -> (Evaluation<'d>, Trace<'d>) {
    let mut trace = Trace::new();
    let evaluation = machine::run(program, activation, limits, 0, &mut trace);
    (evaluation, trace)
}

impl<'d> Trace<'d> {
    fn new() -> Self {
        Self {
            scopes: vec![Scope {
                parent: 0,
                kind: ScopeKind::Whole,
            }],
            records: Vec::new(),
            values: BTreeMap::new(),
            nodes: BTreeMap::new(),
            iterations: BTreeMap::new(),
            variables: BTreeMap::new(),
            current: 0,
            unrecorded: 0,
        }
    }

    /// The scopes; the first is the whole program.
    #[must_use]
    pub fn scopes(&self) -> &[Scope<'d>] {
        &self.scopes
    }

    /// Every value, in the order in which they were computed.
    #[must_use]
    pub fn records(&self) -> &[Record<'d>] {
        &self.records
    }

    /// The value of an expression in a scope; none where it was not evaluated.
    #[must_use]
    pub fn result(&self, scope: usize, expr: ExprId) -> Option<&Result<Value<'d>, EvalError>> {
        let at = self.values.get(&(scope, expr))?;
        self.records.get(*at).map(|record| &record.result)
    }

    /// The node of a document that a selection came to.
    #[must_use]
    pub fn node(&self, scope: usize, expr: ExprId) -> Option<&'d Node> {
        self.nodes.get(&(scope, expr)).copied()
    }

    /// The scopes of a comprehension's elements.
    pub fn iterations(
        &self,
        scope: usize,
        fold: ExprId,
    ) -> impl Iterator<Item = (usize, Option<&'d Node>)> {
        let scopes = self.iterations.get(&(scope, fold));
        scopes
            .into_iter()
            .flatten()
            .filter_map(|at| match self.scopes.get(*at)?.kind {
                ScopeKind::Iteration { element, .. } => Some((*at, element)),
                _ => None,
            })
    }

    /// The scope of a lazy variable, where it was evaluated.
    #[must_use]
    pub fn variable(&self, index: usize) -> Option<usize> {
        self.variables.get(&index).copied()
    }

    fn enter(&mut self, kind: ScopeKind<'d>) {
        if self.is_full() {
            self.unrecorded += 1;
            return;
        }
        let at = self.scopes.len();
        match kind {
            ScopeKind::Whole => {}
            ScopeKind::Iteration { fold, .. } => {
                let of_fold = self.iterations.entry((self.current, fold));
                of_fold.or_default().push(at);
            }
            ScopeKind::Variable(index) => {
                self.variables.entry(index).or_insert(at);
            }
        }
        self.scopes.push(Scope {
            parent: self.current,
            kind,
        });
        self.current = at;
    }

    fn is_full(&self) -> bool {
        self.records.len() + self.nodes.len() + self.scopes.len() > MAX_RECORDS
    }
}

impl<'d> Observer<'d> for Trace<'d> {
    fn result(&mut self, id: ExprId, result: &Result<Value<'d>, EvalError>) {
        if self.is_full() {
            return;
        }
        self.values.insert((self.current, id), self.records.len());
        self.records.push(Record {
            scope: self.current,
            expr: id,
            result: result.clone(),
        });
    }

    fn node(&mut self, id: ExprId, node: &'d Node) {
        if !self.is_full() {
            self.nodes.insert((self.current, id), node);
        }
    }

    fn enter_iteration(&mut self, id: ExprId, index: usize, element: Option<&'d Node>) {
        self.enter(ScopeKind::Iteration {
            fold: id,
            index,
            element,
        });
    }

    fn enter_variable(&mut self, index: usize) {
        self.enter(ScopeKind::Variable(index));
    }

    fn leave(&mut self) {
        if let Some(rest) = self.unrecorded.checked_sub(1) {
            self.unrecorded = rest;
            return;
        }
        self.current = self
            .scopes
            .get(self.current)
            .map_or(0, |scope| scope.parent);
    }
}
