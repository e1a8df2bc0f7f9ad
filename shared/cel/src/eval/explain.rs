//! Why an expression is false, or fails: which of its parts, and which nodes of documents they
//! read.

use std::sync::Arc;

use super::trace::Trace;
use super::{Activation, EvalError};
use crate::ast::ExprId;
use crate::document::Node;
use crate::plan::Program;
use crate::plan::step::{Attribute, Conditional, Fold, FoldBody, Key, Root, Step};
use crate::source::Span;
use crate::value::Value;

/// How deep an explanation follows expressions and variables.
const MAX_DEPTH: u32 = 300;
/// How many parts and how many nodes an explanation has.
const MAX_FOUND: usize = 200;

/// The reasons of a result.
#[derive(Clone, Debug, Default)]
pub struct Explanation<'d> {
    /// The parts of the expression that make it what it is, in the order of the text.
    pub parts: Vec<Part>,
    /// What they read, the most telling first.
    pub reads: Vec<Read<'d>>,
}

/// A part of an expression.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Part {
    /// The lazy variable whose expression it is a part of; none: the program's own.
    pub variable: Option<usize>,
    /// The expression.
    pub expr: ExprId,
    /// Its text.
    pub span: Span,
}

/// A node that was read.
#[derive(Clone, Debug)]
pub struct Read<'d> {
    /// The node.
    pub node: &'d Node,
    /// The field that was looked for in it and is not there.
    pub missing: Option<Arc<str>>,
}

/// Explains a traced evaluation, of `program` with `activation`, whatever its result is.
#[must_use]
pub fn explain<'d>(
    program: &Program,
    activation: &Activation<'d>,
    trace: &Trace<'d>,
) -> Explanation<'d> {
    let mut explainer = Explainer {
        activation,
        trace,
        found: Explanation::default(),
        background: Vec::new(),
    };
    let mut place = Place {
        program,
        variable: None,
        scope: 0,
        elements: Vec::new(),
        around: None,
        depth: 0,
    };
    explainer.blame(&program.root, &mut place);
    let mut found = explainer.found;
    for read in explainer.background {
        push_read(&mut found.reads, read);
    }
    found
        .parts
        .sort_by_key(|part| (part.variable, part.span.start, part.span.end));
    found.parts.dedup();
    found
}

fn push_read<'d>(reads: &mut Vec<Read<'d>>, read: Read<'d>) {
    let known = |other: &Read<'d>| {
        std::ptr::eq(other.node, read.node)
            && (other.missing == read.missing || read.missing.is_none())
    };
    if reads.len() < MAX_FOUND && !reads.iter().any(known) {
        reads.push(read);
    }
}

/// Where in the evaluation the explanation is.
#[derive(Clone)]
struct Place<'p, 'd> {
    program: &'p Program,
    variable: Option<usize>,
    scope: usize,
    /// The elements that comprehension variables stand for, by their places.
    elements: Vec<(usize, Option<&'d Node>)>,
    /// The nearest expression around that has a text of its own.
    around: Option<(ExprId, Span)>,
    depth: u32,
}

struct Explainer<'a, 'd> {
    activation: &'a Activation<'d>,
    trace: &'a Trace<'d>,
    found: Explanation<'d>,
    /// What was read on the way: ranges of comprehensions.
    background: Vec<Read<'d>>,
}

impl<'p, 'd> Place<'p, 'd> {
    /// The same place for an expression inside.
    fn inside(&self, id: ExprId) -> Self {
        let mut inner = self.clone();
        inner.depth += 1;
        if let Some(span) = self.program.span(id) {
            inner.around = Some((id, span));
        }
        inner
    }

    fn element(&self, place: usize) -> Option<&'d Node> {
        let found = self.elements.iter().rev().find(|(at, _)| *at == place);
        found.and_then(|(_, node)| *node)
    }

    /// The same expression for one element of a comprehension.
    fn iteration(&self, fold: &Fold, scope: usize, element: Option<&'d Node>) -> Self {
        let mut inner = self.clone();
        inner.depth += 1;
        inner.scope = scope;
        match fold.iter2 {
            None => inner.elements.push((fold.iter, element)),
            Some(second) => inner.elements.push((second, element)),
        }
        inner
    }
}

impl<'d> Explainer<'_, 'd> {
    fn is(&self, step: &Step, place: &Place<'_, 'd>, wanted: bool) -> bool {
        match step {
            Step::Constant(_, Value::Bool(value)) => *value == wanted,
            _ => matches!(
                self.trace.result(place.scope, step.id()),
                Some(Ok(Value::Bool(value))) if *value == wanted
            ),
        }
    }

    fn failed(&self, step: &Step, place: &Place<'_, 'd>) -> bool {
        let result: Option<&Result<Value<'d>, EvalError>> =
            self.trace.result(place.scope, step.id());
        matches!(result, Some(Err(_)))
    }

    /// Finds what makes a step's value what it is.
    fn blame(&mut self, step: &Step, place: &mut Place<'_, 'd>) {
        if place.depth > MAX_DEPTH || self.found.parts.len() >= MAX_FOUND {
            return;
        }
        let mut inner = place.inside(step.id());
        match step {
            Step::And(_, terms) | Step::Or(_, terms) => {
                // a result of false comes from the false terms, of true from the true ones, an
                // error from those that failed
                let result = self.trace.result(place.scope, step.id());
                let wanted = match result {
                    Some(Ok(Value::Bool(value))) => Some(*value),
                    _ => None,
                };
                for term in terms {
                    let counts = match wanted {
                        Some(value) => self.is(term, place, value),
                        None => self.failed(term, place),
                    };
                    if counts {
                        self.blame(term, &mut inner);
                    }
                }
            }
            Step::Unary(unary) if unary.op == super::operators::UnaryOp::Not => {
                self.blame(&unary.arg, &mut inner);
            }
            Step::Attribute(attribute) => self.blame_attribute(step, attribute, &mut inner),
            Step::Fold(fold) => self.blame_fold(step, fold, &mut inner),
            _ => self.leaf(step, &inner),
        }
    }

    fn blame_attribute(&mut self, step: &Step, attribute: &Attribute, place: &mut Place<'_, 'd>) {
        match &attribute.root {
            Root::Conditional(conditional) if attribute.qualifiers.is_empty() => {
                match self.taken(conditional, place) {
                    Some(branch) => self.blame(branch, place),
                    None => self.blame(&conditional.condition, place),
                }
            }
            Root::Lazy(_, index) if attribute.qualifiers.is_empty() && !attribute.test => {
                self.part(step.id(), place);
                self.follow(*index, place, Self::blame);
            }
            _ => self.leaf(step, place),
        }
    }

    fn taken<'s>(&self, conditional: &'s Conditional, place: &Place<'_, 'd>) -> Option<&'s Step> {
        if self.is(&conditional.condition, place, true) {
            Some(&conditional.truthy)
        } else if self.is(&conditional.condition, place, false) {
            Some(&conditional.falsy)
        } else {
            None
        }
    }

    /// Does something with a lazy variable's program, in the scope where it was evaluated.
    fn follow(
        &mut self,
        index: usize,
        place: &Place<'_, 'd>,
        what: fn(&mut Self, &Step, &mut Place<'_, 'd>),
    ) {
        let (Some(scope), Some(program)) = (
            self.trace.variable(index),
            self.activation.lazy_program(index),
        ) else {
            return;
        };
        let mut inner = Place {
            program: &program,
            variable: Some(index),
            scope,
            elements: Vec::new(),
            around: None,
            depth: place.depth + 1,
        };
        what(self, &program.root, &mut inner);
    }

    fn blame_fold(&mut self, step: &Step, fold: &Fold, place: &mut Place<'_, 'd>) {
        let result = self.trace.result(place.scope, step.id());
        let wanted = match result {
            Some(Ok(Value::Bool(value))) => Some(*value),
            _ => None,
        };
        let (predicate, telling) = match &fold.body {
            // one element decides
            FoldBody::All(predicate) => (predicate, wanted != Some(true)),
            FoldBody::Exists(predicate) => (predicate, wanted != Some(false)),
            _ => {
                self.leaf(step, place);
                return;
            }
        };
        if !telling {
            self.leaf(step, place);
            return;
        }
        let iterations: Vec<_> = self.trace.iterations(place.scope, fold.id).collect();
        for (scope, element) in iterations {
            let mut inner = place.iteration(fold, scope, element);
            let counts = match wanted {
                Some(value) => self.is(predicate, &inner, value),
                None => self.failed(predicate, &inner),
            };
            if counts {
                self.blame(predicate, &mut inner);
                if let Some(node) = element {
                    self.background.push(Read {
                        node,
                        missing: None,
                    });
                }
            }
        }
        self.reads_of(&fold.range, place, true);
    }

    /// A step that is a reason by itself.
    fn leaf(&mut self, step: &Step, place: &Place<'_, 'd>) {
        self.part(step.id(), place);
        self.reads_of(step, place, false);
    }

    fn part(&mut self, id: ExprId, place: &Place<'_, 'd>) {
        let here = place.program.span(id).map(|span| (id, span));
        if let Some((expr, span)) = here.or(place.around) {
            self.found.parts.push(Part {
                variable: place.variable,
                expr,
                span,
            });
        }
    }

    fn read(&mut self, read: Read<'d>, background: bool) {
        if background {
            self.background.push(read);
        } else {
            push_read(&mut self.found.reads, read);
        }
    }

    /// The nodes that a step read.
    fn reads_of(&mut self, step: &Step, place: &Place<'_, 'd>, background: bool) {
        if place.depth > MAX_DEPTH || self.background.len() >= MAX_FOUND {
            return;
        }
        let mut each = |step: &Step| {
            let inner = place.inside(step.id());
            self.reads_of(step, &inner, background);
        };
        match step {
            Step::Constant(..) | Step::Failed(..) => {}
            Step::Attribute(attribute) => self.reads_of_attribute(attribute, place, background),
            Step::And(_, terms) | Step::Or(_, terms) => terms.iter().for_each(each),
            Step::Equality(step) => {
                each(&step.left);
                each(&step.right);
            }
            Step::Unary(step) => each(&step.arg),
            Step::Binary(step) => {
                each(&step.left);
                each(&step.right);
            }
            Step::Membership(step) => each(&step.arg),
            Step::Matches(step) => each(&step.subject),
            Step::Call(step) => step.args.iter().for_each(each),
            Step::Fallback(step) => {
                each(&step.left);
                each(&step.right);
            }
            Step::List(step) => step.elements.iter().for_each(|(step, _)| each(step)),
            Step::Map(step) => step.entries.iter().for_each(|(key, value, _)| {
                each(key);
                each(value);
            }),
            Step::Message(step) => step.fields.iter().for_each(|(_, step, _)| each(step)),
            Step::Fold(fold) => self.reads_of_fold(fold, place, background),
        }
    }

    /// Of a chain of selections, where it ended.
    fn reads_of_attribute(
        &mut self,
        attribute: &Attribute,
        place: &Place<'_, 'd>,
        background: bool,
    ) {
        let mut reached = match &attribute.root {
            Root::Local(at) => place.element(*at),
            Root::Variable(..) => None,
            Root::Lazy(_, index) | Root::LazyOptional(_, index) => {
                let what = if background {
                    |this: &mut Self, step: &Step, place: &mut Place<'_, 'd>| {
                        this.reads_of(step, place, true);
                    }
                } else {
                    |this: &mut Self, step: &Step, place: &mut Place<'_, 'd>| {
                        this.reads_of(step, place, false);
                    }
                };
                if attribute.qualifiers.is_empty() {
                    self.follow(*index, place, what);
                }
                None
            }
            Root::Step(step) => {
                // a selection from a computed value tells by itself, where it came to a node
                let inner = place.inside(step.id());
                let known = self.trace.node(place.scope, attribute.id).is_some();
                self.reads_of(step, &inner, background || known);
                None
            }
            Root::Conditional(conditional) => {
                if let Some(branch) = self.taken(conditional, place) {
                    self.reads_of(branch, place, background);
                }
                self.reads_of(&conditional.condition, place, true);
                None
            }
        };
        let mut missing = None;
        for qualifier in &attribute.qualifiers {
            if let Key::Step(step) = &qualifier.key {
                self.reads_of(step, place, background);
            }
            match self.trace.node(place.scope, qualifier.id) {
                Some(node) => reached = Some(node),
                None => {
                    if let Key::Field(name) = &qualifier.key {
                        missing = Some(name.clone());
                    }
                    break;
                }
            }
        }
        if let Some(node) = reached {
            self.read(Read { node, missing }, background);
        }
    }

    /// Of a comprehension: the elements that passed, else all that was looked at, then the range.
    fn reads_of_fold(&mut self, fold: &Fold, place: &Place<'_, 'd>, background: bool) {
        let iterations: Vec<_> = self.trace.iterations(place.scope, fold.id).collect();
        let predicate = match &fold.body {
            FoldBody::All(step) | FoldBody::Exists(step) | FoldBody::ExistsOne(step) => Some(step),
            FoldBody::Collect { filter, .. } | FoldBody::Insert { filter, .. } => filter.as_ref(),
            FoldBody::General(_) => None,
        };
        let mut passed = false;
        for (scope, element) in &iterations {
            let inner = place.iteration(fold, *scope, *element);
            if let (Some(predicate), Some(node)) = (predicate, element)
                && self.is(predicate, &inner, true)
            {
                passed = true;
                let missing = None;
                let node = *node;
                self.read(Read { node, missing }, background);
            }
        }
        if !passed {
            for (scope, element) in &iterations {
                let inner = place.iteration(fold, *scope, *element);
                let step = match &fold.body {
                    FoldBody::Collect { transform, .. } => predicate.unwrap_or(transform),
                    FoldBody::Insert { value, .. } => predicate.unwrap_or(value),
                    FoldBody::General(general) => &general.step,
                    FoldBody::All(step) | FoldBody::Exists(step) | FoldBody::ExistsOne(step) => {
                        step
                    }
                };
                self.reads_of(step, &inner, background);
            }
        }
        self.reads_of(&fold.range, place, true);
        if let FoldBody::General(general) = &fold.body {
            self.reads_of(&general.init, place, background);
            self.reads_of(&general.result, place, background);
        }
    }
}
