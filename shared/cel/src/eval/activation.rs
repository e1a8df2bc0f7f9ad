//! The data of an evaluation.

use std::cell::{Cell, OnceCell};
use std::sync::Arc;

use super::observe::Observer;
use super::variables::{Variables, unescape};
use super::{EvalError, Limits, errors, machine};
use crate::plan::Program;
use crate::value::{Value, weight};

/// How deep evaluation may be nested where lazy variables read each other, all their expressions
/// taken together: as many levels as fit a browser's stack.
const MAX_DEPTH: u32 = 800;

/// How deep the values of lazy variables may nest. An expression adds no more than its own depth;
/// but each variable may add to the one before, up to more than a stack holds.
const MAX_VALUE_DEPTH: u32 = 500;

/// A variable that is evaluated when it is first read: `variables.NAME`.
#[derive(Clone, Debug)]
pub struct LazyVariable {
    /// Its name.
    pub name: Arc<str>,
    /// Its program, or why it does not compile.
    pub program: Result<Arc<Program>, String>,
}

/// The data of an evaluation: a value for each variable of the environment, and the programs of
/// lazy variables, evaluated at most once for all evaluations with this activation.
#[derive(Debug, Default)]
pub struct Activation<'d> {
    values: Vec<Option<Value<'d>>>,
    lazy: Arc<[LazyVariable]>,
    computed: Vec<OnceCell<Result<Value<'d>, EvalError>>>,
    variable_cost: Cell<u64>,
}

impl<'d> Activation<'d> {
    /// No variable has a value.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Gives the variable of a slot its value.
    pub fn set(&mut self, slot: usize, value: Value<'d>) {
        if self.values.len() <= slot {
            self.values.resize(slot + 1, None);
        }
        if let Some(place) = self.values.get_mut(slot) {
            *place = Some(value);
        }
    }

    /// Gives the lazy variables, in the order of their declaration: the order of the fields of
    /// the environment's type [`crate::plan::VARIABLES_TYPE`]. The slot is that of the variable of
    /// this type, `variables`.
    pub fn set_lazy(&mut self, slot: usize, variables: Arc<[LazyVariable]>) {
        self.set(slot, Variables::value(variables.len()));
        self.computed = variables.iter().map(|_| OnceCell::new()).collect();
        self.lazy = variables;
    }

    /// The cost of the lazy variables that were evaluated since this was last asked, as
    /// kube-apiserver's `GetAndResetCost`.
    #[must_use]
    pub fn take_variable_cost(&self) -> u64 {
        self.variable_cost.take()
    }

    /// How many lazy variables there are.
    pub(super) fn lazy_count(&self) -> usize {
        self.lazy.len()
    }

    /// The name of a lazy variable.
    pub(super) fn lazy_name(&self, index: usize) -> Option<Arc<str>> {
        self.lazy.get(index).map(|variable| variable.name.clone())
    }

    /// The lazy variable that an identifier stands for.
    pub(super) fn lazy_index(&self, name: &str) -> Option<usize> {
        let name = unescape(name)?;
        self.lazy
            .iter()
            .position(|variable| *variable.name == *name)
    }

    /// The program of a lazy variable, if it compiles.
    pub(super) fn lazy_program(&self, index: usize) -> Option<Arc<Program>> {
        let variable = self.lazy.get(index)?;
        variable.program.as_ref().ok().cloned()
    }

    /// The value of a variable, `None` where it has none.
    #[inline]
    pub(super) fn value(&self, slot: usize) -> Option<&Value<'d>> {
        self.values.get(slot).and_then(Option::as_ref)
    }

    /// The value of a lazy variable.
    pub(super) fn lazy<O: Observer<'d>>(
        &self,
        index: usize,
        limits: Limits,
        depth: u32,
        observer: &mut O,
    ) -> Result<Value<'d>, EvalError> {
        let (Some(variable), Some(cell)) = (self.lazy.get(index), self.computed.get(index)) else {
            return Err(errors::no_such_key(&index.to_string()));
        };
        if let Some(result) = cell.get() {
            return result.clone();
        }
        let result = match &variable.program {
            Err(error) => Err(errors::variable_does_not_compile(&variable.name, error)),
            Ok(program) if depth.saturating_add(program.depth) > MAX_DEPTH => {
                Err(errors::too_deep())
            }
            Ok(program) => {
                observer.enter_variable(index);
                let evaluation = machine::run(program, self, limits, depth, observer);
                observer.leave();
                self.variable_cost
                    .set(self.variable_cost.get().saturating_add(evaluation.cost));
                match evaluation.result {
                    Ok(value) if weight::is_deeper(&value, MAX_VALUE_DEPTH) => {
                        Err(errors::too_deep_value(&variable.name))
                    }
                    Ok(value) => Ok(value),
                    Err(error) => Err(errors::variable_fails(&variable.name, error.message())),
                }
            }
        };
        // a variable that reads all of them may have set itself meanwhile
        cell.get_or_init(|| result).clone()
    }
}
