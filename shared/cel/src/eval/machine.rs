//! The evaluation of steps.

use super::observe::Observer;
use super::variables::Variables;
use super::{Activation, EvalError, Evaluation, Limits, cost, errors};
use crate::eval::operators::{BinaryOp, UnaryOp};
use crate::plan::Program;
use crate::plan::step::{
    Attribute, Binary, Call, CallCost, Candidate, Equality, Fallback, Matches, Membership, Step,
    Unary,
};
use crate::re2;
use crate::value::{MapValue, Value, compare, number, weight};

/// Up to this many comprehension variables live on the stack.
const SMALL_FRAME: usize = 8;

pub type Outcome<'d> = Result<Value<'d>, EvalError>;

/// A comprehension's variable.
#[derive(Clone, Debug, Default)]
pub enum Local<'p, 'd> {
    /// Not in scope.
    #[default]
    Unset,
    /// An accumulator that is computed when it is first read.
    Pending(&'p Step),
    /// Its value.
    Set(Value<'d>),
    /// An accumulator whose value is an error.
    Failed(EvalError),
}

/// One evaluation.
pub struct Machine<'a, 'p, 'd, O> {
    pub activation: &'a Activation<'d>,
    pub locals: &'a mut [Local<'p, 'd>],
    pub observer: &'a mut O,
    pub limits: Limits,
    pub depth: u32,
    pub cost: u64,
    /// Whether the attribute resolved last is still a Go value, which cel-go has not wrapped.
    pub native: bool,
    /// Where Go would have panicked: what it reports then, and the cost up to there.
    halted: Option<(EvalError, u64)>,
    /// How much more work may be done.
    pub work: u64,
}

/// Evaluates a program; `depth` is how deep the evaluations around it are nested, of the programs
/// that read lazy variables.
pub fn run<'d, O: Observer<'d>>(
    program: &Program,
    activation: &Activation<'d>,
    limits: Limits,
    depth: u32,
    observer: &mut O,
) -> Evaluation<'d> {
    run_step(
        &program.root,
        program.frame,
        activation,
        limits,
        depth.saturating_add(program.depth),
        observer,
    )
}

/// Evaluates a step that has `frame` comprehension variables.
pub fn run_step<'d, O: Observer<'d>>(
    root: &Step,
    frame: usize,
    activation: &Activation<'d>,
    limits: Limits,
    depth: u32,
    observer: &mut O,
) -> Evaluation<'d> {
    let mut small: [Local<'_, 'd>; SMALL_FRAME] = Default::default();
    let mut large = Vec::new();
    let locals = if frame <= SMALL_FRAME {
        &mut small[..]
    } else {
        large.resize(frame, Local::Unset);
        &mut large[..]
    };
    let mut machine = Machine {
        activation,
        locals,
        observer,
        limits,
        depth,
        cost: 0,
        native: false,
        halted: None,
        work: weight::MAX_WORK,
    };
    let result = machine.eval(root);
    match machine.halted {
        Some((error, cost)) => Evaluation {
            result: Err(error),
            cost,
        },
        None => Evaluation {
            result,
            cost: machine.cost,
        },
    }
}

impl<'p, 'd, O: Observer<'d>> Machine<'_, 'p, 'd, O> {
    /// Adds to the cost; fails, and goes on failing, once the limit is exceeded.
    #[inline]
    pub fn charge(&mut self, cost: u64) -> Result<(), EvalError> {
        let total = self.cost.saturating_add(cost);
        if total > self.limits.cost {
            return Err(self.cancel(total));
        }
        self.cost = total;
        Ok(())
    }

    /// Charges `count` times 1: where the limit is exceeded on the way, the cost stops there.
    #[inline]
    pub fn charge_each(&mut self, count: u64) -> Result<(), EvalError> {
        let total = self.cost.saturating_add(count);
        if total > self.limits.cost {
            return Err(self.cancel(self.limits.cost.saturating_add(1)));
        }
        self.cost = total;
        Ok(())
    }

    /// Ends the evaluation: from here on every charge fails, and nothing absorbs that.
    #[cold]
    pub fn halt(&mut self, error: EvalError) -> EvalError {
        if self.cost > self.limits.cost {
            // it has ended already: what would panic is not reached
            return EvalError::cancelled();
        }
        self.halted.get_or_insert((error, self.cost));
        self.limits.cost = 0;
        self.cost = u64::MAX;
        EvalError::cancelled()
    }

    /// Whether the evaluation has ended.
    pub const fn is_halted(&self) -> bool {
        self.halted.is_some()
    }

    /// Does work; too much of it ends the evaluation as too high a cost does.
    #[inline]
    pub fn spend(&mut self, work: u64) -> Result<(), EvalError> {
        match self.work.checked_sub(work) {
            Some(left) => {
                self.work = left;
                Ok(())
            }
            None => Err(self.exhaust()),
        }
    }

    /// Ends the evaluation: nothing can be charged any more.
    #[cold]
    fn exhaust(&mut self) -> EvalError {
        self.work = 0;
        self.cancel(self.limits.cost.saturating_add(1))
    }

    #[cold]
    fn cancel(&mut self, total: u64) -> EvalError {
        if self.cost <= self.limits.cost {
            self.cost = total;
        }
        EvalError::cancelled()
    }

    /// The value of a step.
    pub fn eval(&mut self, step: &'p Step) -> Outcome<'d> {
        let outcome = match step {
            Step::Constant(_, value) => Ok(value.clone()),
            Step::Attribute(attribute) => self.attribute(attribute),
            Step::And(id, terms) => self.logic(*id, terms, false),
            Step::Or(id, terms) => self.logic(*id, terms, true),
            Step::Equality(step) => self.equality(step),
            Step::Unary(step) => self.unary(step),
            Step::Binary(step) => self.binary(step),
            Step::Membership(step) => self.membership(step),
            Step::Matches(step) => self.matches(step),
            Step::Call(step) => self.call(step),
            Step::Fallback(step) => self.fallback(step),
            Step::List(step) => self.list(step),
            Step::Map(step) => self.map(step),
            Step::Message(step) => self.message(step),
            Step::Fold(step) => self.fold(step),
            Step::Failed(_, error) => Err(error.clone()),
        };
        let outcome = raise(outcome, step);
        self.observer.result(step.id(), &outcome);
        outcome
    }

    /// `&&` (ends at false) and `||` (ends at true): of several errors the first is reported.
    fn logic(&mut self, id: u32, terms: &'p [Step], ends: bool) -> Outcome<'d> {
        let mut failed = None;
        for term in terms {
            match self.eval(term) {
                Ok(Value::Bool(value)) if value == ends => return Ok(Value::Bool(ends)),
                Ok(Value::Bool(_)) => {}
                Err(error) if error.is_cancelled() => return Err(error),
                other => {
                    if failed.is_none() {
                        failed = Some(match other {
                            Err(error) => error,
                            Ok(_) => EvalError::no_such_overload().at(id),
                        });
                    }
                }
            }
        }
        failed.map_or(Ok(Value::Bool(!ends)), Err)
    }

    fn equality(&mut self, step: &'p Equality) -> Outcome<'d> {
        // a constant is compared where it is, not copied
        if let Step::Constant(_, right) = &step.right {
            let left = self.eval(&step.left);
            return self.compare_equal(step, &left, Ok(right));
        }
        let left = self.eval(&step.left);
        let right = self.eval(&step.right);
        self.compare_equal(step, &left, right.as_ref().map_err(Clone::clone))
    }

    #[inline]
    fn compare_equal(
        &mut self,
        step: &Equality,
        left: &Outcome<'d>,
        right: Result<&Value<'_>, EvalError>,
    ) -> Outcome<'d> {
        match (left, right) {
            (Ok(left), Ok(right)) => {
                self.charge(cost::equality(left, right, step.negated))?;
                if let Value::Map(map) = left
                    && Variables::is(right)
                {
                    return Ok(Value::Bool(self.equal_to_variables(map) != step.negated));
                }
                let equal = compare::equal_within(left, right, &mut self.work);
                if let Err(error) = &equal
                    && error.is_cancelled()
                {
                    return Err(self.exhaust());
                }
                if step.negated {
                    // an error is not true, and that is all cel-go looks at
                    return Ok(Value::Bool(!equal.unwrap_or(false)));
                }
                equal.map(Value::Bool).map_err(|error| error.at(step.id))
            }
            (Err(error), right) => {
                let right = right.map_or(1, Value::cost_size);
                self.charge(cost::traversal(right.min(1)))?;
                Err(error.clone())
            }
            (Ok(left), Err(error)) => {
                self.charge(cost::equality(left, &Value::Null, step.negated))?;
                Err(error)
            }
        }
    }

    fn unary(&mut self, step: &'p Unary) -> Outcome<'d> {
        let arg = self.eval(&step.arg);
        self.charge(1)?;
        match arg {
            Ok(arg) => step.op.apply(&arg).map_err(|error| error.at(step.id)),
            Err(_) if step.op == UnaryOp::NotStrictlyFalse => Ok(Value::Bool(true)),
            Err(error) => Err(error),
        }
    }

    fn binary(&mut self, step: &'p Binary) -> Outcome<'d> {
        let left = self.eval(&step.left);
        let right = self.eval(&step.right);
        if let (BinaryOp::In, Ok(left), Ok(Value::Map(MapValue::Shared(entries)))) =
            (step.op, &left, &right)
            && !entries.is_empty()
        {
            self.hash(left)?;
        }
        match step.cost {
            CallCost::One => self.charge(1)?,
            CallCost::Function(cost) => {
                let arg = |outcome: &Outcome<'d>| outcome.clone().unwrap_or(Value::Null);
                let cost = cost(&[arg(&left), arg(&right)], &Value::Null);
                self.charge(cost)?;
            }
        }
        let (left, right) = (left?, right?);
        match (step.op, &left, &right) {
            // a list that nobody else holds grows in place; this does not look whether it is
            (BinaryOp::Add, Value::List(a), Value::List(b)) => {
                let size = a.len().saturating_add(b.len());
                self.spend(u64::try_from(size).unwrap_or(u64::MAX))?;
            }
            (BinaryOp::In, Value::List(_) | Value::Map(_) | Value::Optional(_), list) => {
                self.spend(weight::weight(list))?;
            }
            (BinaryOp::Matches, Value::String(text), Value::String(pattern)) => {
                let size = re2::size(pattern);
                self.spend(re2::compile_work(size))?;
                self.spend(re2::search_work(text.len(), size))?;
            }
            _ => {}
        }
        step.op
            .apply(&left, &right)
            .map_err(|error| error.at(step.id))
    }

    fn membership(&mut self, step: &'p Membership) -> Outcome<'d> {
        let found = match self.eval(&step.arg)? {
            Value::String(text) => step
                .texts
                .binary_search_by(|probe| (**probe).cmp(text.as_str()))
                .is_ok(),
            value => {
                self.hash(&value)?;
                step.others.iter().any(|other| is_member(&value, other))
            }
        };
        Ok(Value::Bool(found))
    }

    fn matches(&mut self, step: &'p Matches) -> Outcome<'d> {
        // cel-go reads no further argument after one that failed, and then charges nothing
        let subject = self.eval(&step.subject)?;
        let cost = match step.cost {
            CallCost::One => 1,
            CallCost::Function(_) => cost::regex(subject.cost_size(), step.pattern.cost_size()),
        };
        self.charge(cost)?;
        match &subject {
            Value::String(text) => {
                self.spend(re2::search_work(text.len(), step.regex.size()))?;
                Ok(Value::Bool(step.regex.is_match(text)))
            }
            _ => Err(EvalError::no_such_overload().at(step.id)),
        }
    }

    fn fallback(&mut self, step: &'p Fallback) -> Outcome<'d> {
        match self.eval(&step.left)? {
            Value::Optional(None) => self.eval(&step.right),
            Value::Optional(Some(value)) if step.value => Ok((*value).clone()),
            // what is no optional passes through
            other => Ok(other),
        }
    }

    fn call(&mut self, step: &'p Call) -> Outcome<'d> {
        match &*step.args {
            [] => self.invoke(step, &[]),
            [arg] => {
                let arg = self.eval(arg);
                match arg {
                    Ok(arg) => self.invoke(step, &[arg]),
                    Err(error) => self.fail_call(step, &[Value::Null], &[true], error),
                }
            }
            [first, second] => self.call_two(step, first, second),
            many => {
                let mut args = Vec::with_capacity(many.len());
                for (at, arg) in many.iter().enumerate() {
                    match self.eval(arg) {
                        Ok(value) => args.push(value),
                        Err(error) if at + 1 == many.len() => {
                            args.push(Value::Null);
                            return self.fail_call(step, &args, &[], error);
                        }
                        // cel-go reads no further argument, and then charges nothing
                        Err(error) => return Err(error),
                    }
                }
                self.invoke(step, &args)
            }
        }
    }

    fn call_two(&mut self, step: &'p Call, first: &'p Step, second: &'p Step) -> Outcome<'d> {
        let first = self.eval(first);
        if let Err(error) = &first
            && !step.reads_all
        {
            return Err(error.clone());
        }
        match (first, self.eval(second)) {
            (Ok(first), Ok(second)) => self.invoke(step, &[first, second]),
            (Err(error), second) => {
                let failed = [true, second.is_err()];
                let args = [Value::Null, second.unwrap_or(Value::Null)];
                self.fail_call(step, &args, &failed, error)
            }
            (Ok(first), Err(error)) => {
                self.fail_call(step, &[first, Value::Null], &[false, true], error)
            }
        }
    }

    fn invoke(&mut self, step: &'p Call, args: &[Value<'d>]) -> Outcome<'d> {
        let fitting = |candidate: &&Candidate| {
            candidate.params.len() == args.len()
                && candidate
                    .params
                    .iter()
                    .zip(args)
                    .all(|(param, arg)| arg.is_assignable_to(param))
        };
        let chosen = step.overloads.iter().find(fitting);
        if let Some(work) = chosen.and_then(|chosen| chosen.work) {
            self.spend(work(args))?;
        }
        let result = match (&step.prepared, chosen.and_then(|chosen| chosen.binding)) {
            (Some(prepared), _) => prepared(args),
            (None, Some(binding)) => binding(args),
            (None, None) => {
                let names: Vec<_> = args.iter().map(Value::type_name).collect();
                let names: Vec<&str> = names.iter().map(|name| &**name).collect();
                Err(errors::no_overload_for(&step.function, &names))
            }
        };
        self.assert_argument(step, args, &[])?;
        match &result {
            Ok(value) => self.spend(weight::own(value))?,
            Err(error) if error.is_cancelled() => return Err(self.exhaust()),
            Err(_) => {}
        }
        let cost = match chosen.or(step.overloads.first()).map(|chosen| chosen.cost) {
            None | Some(CallCost::One) => 1,
            Some(CallCost::Function(cost)) => cost(args, result.as_ref().unwrap_or(&Value::Null)),
        };
        self.charge(cost)?;
        result.map_err(|error| error.at(step.id))
    }

    /// A call of which an argument failed costs what it costs with an argument of size 1.
    /// `failed` says which of the first arguments did.
    fn fail_call(
        &mut self,
        step: &Call,
        args: &[Value<'d>],
        failed: &[bool],
        error: EvalError,
    ) -> Outcome<'d> {
        self.assert_argument(step, args, failed)?;
        let cost = match step.overloads.first().map(|chosen| chosen.cost) {
            None | Some(CallCost::One) => 1,
            Some(CallCost::Function(cost)) => cost(args, &Value::Null),
        };
        self.charge(cost)?;
        Err(error)
    }

    /// What a cost tracker of cel-go takes for granted of an argument: Go panics where it is not so,
    /// and the evaluation ends with the panic's text.
    fn assert_argument(
        &mut self,
        step: &Call,
        args: &[Value<'d>],
        failed: &[bool],
    ) -> Result<(), EvalError> {
        let [only] = &*step.overloads else {
            return Ok(());
        };
        let Some((at, kind)) = only.tracked else {
            return Ok(());
        };
        let value = match failed.get(at) {
            Some(true) => None,
            _ => args.get(at),
        };
        match errors::conversion_panic(kind, value) {
            Some(error) => Err(self.halt(error)),
            None => Ok(()),
        }
    }
}

/// An error that stands in the place of a value is the outcome where it is read.
#[inline]
fn raise<'d>(outcome: Outcome<'d>, step: &Step) -> Outcome<'d> {
    match outcome {
        Ok(Value::Opaque(value)) => match value.error() {
            Some(error) => Err(error.at(step.id())),
            None => Ok(Value::Opaque(value)),
        },
        other => other,
    }
}

/// Whether a value is the element of a constant list, as cel-go's set of constants has it:
/// numbers of other types that equal it are elements too.
#[allow(clippy::cast_precision_loss, clippy::float_cmp)]
fn is_member(value: &Value<'_>, element: &Value<'_>) -> bool {
    match (value, element) {
        (Value::Bool(a), Value::Bool(b)) => a == b,
        (Value::Int(a), Value::Int(b)) => a == b,
        (Value::Uint(a), Value::Uint(b)) => a == b,
        (Value::Double(a), Value::Double(b)) => a == b,
        (Value::Double(a), Value::Int(b)) => *a == *b as f64,
        (Value::Double(a), Value::Uint(b)) => *a == *b as f64,
        (Value::Uint(a), Value::Int(b)) => u64::try_from(*b).is_ok_and(|b| *a == b),
        (Value::Int(a), Value::Uint(b)) => i64::try_from(*b).is_ok_and(|b| *a == b),
        (Value::Int(a), Value::Double(b)) => number::lossless_int(*b) == Some(*a),
        (Value::Uint(a), Value::Double(b)) => number::lossless_uint(*b) == Some(*a),
        _ => false,
    }
}

/// An attribute that is an index or a branch of a conditional: without a cost of its own.
pub fn as_attribute(step: &Step) -> Option<&Attribute> {
    match step {
        Step::Attribute(attribute) => Some(attribute),
        _ => None,
    }
}
