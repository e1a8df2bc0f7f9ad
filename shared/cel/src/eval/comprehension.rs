//! Comprehensions. Each shape counts the cost of the expressions its macro expands to: the
//! numbers below are how many names and calls those have, at 1 each.

use std::sync::Arc;

use super::machine::{Local, Machine, Outcome};
use super::observe::Observer;
use super::variables::Variables;
use super::{EvalError, cost, errors};
use crate::document::Node;
use crate::plan::step::{Fold, FoldBody, General, Step};
use crate::value::{Entries, ListValue, MapValue, Str, Value, go};

impl<'p, 'd, O: Observer<'d>> Machine<'_, 'p, 'd, O> {
    /// A comprehension.
    pub fn fold(&mut self, fold: &'p Fold) -> Outcome<'d> {
        let range = self.eval(&fold.range)?;
        if !matches!(range, Value::List(_) | Value::Map(_)) && !Variables::is(&range) {
            let go_type = go::type_name(&range);
            let error = match fold.iter2 {
                None => errors::not_iterable(go_type),
                Some(_) => errors::not_foldable(go_type),
            };
            return Err(error.at(fold.id));
        }
        match &fold.body {
            FoldBody::All(predicate) => self.quantify(fold, &range, predicate, true),
            FoldBody::Exists(predicate) => self.quantify(fold, &range, predicate, false),
            FoldBody::ExistsOne(predicate) => self.exists_one(fold, &range, predicate),
            FoldBody::Collect { filter, transform } => {
                self.collect(fold, &range, filter.as_ref(), transform)
            }
            FoldBody::Insert { filter, key, value } => {
                self.insert(fold, &range, filter.as_ref(), key.as_ref(), value)
            }
            FoldBody::General(general) => self.general(fold, &range, general),
        }
    }

    /// Sets the variables for the element at an index; false past the end.
    #[inline]
    fn bind(&mut self, fold: &Fold, range: &Value<'d>, index: usize) -> bool {
        let mut node: Option<&'d Node> = None;
        let (first, second) = match range {
            Value::List(list) => {
                let item = match list {
                    ListValue::Borrowed(items) => {
                        node = items.get(index);
                        node.map(Value::from)
                    }
                    ListValue::Shared(items) => items.get(index).cloned(),
                };
                let Some(item) = item else { return false };
                match fold.iter2 {
                    None => (item, None),
                    Some(_) => {
                        let index = i64::try_from(index).unwrap_or(i64::MAX);
                        (Value::Int(index), Some(item))
                    }
                }
            }
            Value::Map(MapValue::Borrowed(fields)) => {
                let Some((key, value)) = fields.entry(index) else {
                    return false;
                };
                node = Some(value);
                let key = Value::String(Str::Borrowed(key));
                (key, fold.iter2.map(|_| Value::from(value)))
            }
            Value::Map(map) => {
                let Some((key, value)) = map.entry(index) else {
                    return false;
                };
                (key, fold.iter2.map(|_| value))
            }
            _ => {
                let Some([first, second]) = self.variable_at(index, fold.iter2.is_some()) else {
                    return false;
                };
                self.set_local(fold.iter, first);
                if let Some(place) = fold.iter2 {
                    self.set_local(place, second);
                }
                self.observer.enter_iteration(fold.id, index, None);
                return true;
            }
        };
        self.set_local(fold.iter, Ok(first));
        if let (Some(place), Some(second)) = (fold.iter2, second) {
            self.set_local(place, Ok(second));
        }
        self.observer.enter_iteration(fold.id, index, node);
        true
    }

    /// `all` (goes on while true) and `exists` (goes on while false).
    fn quantify(
        &mut self,
        fold: &'p Fold,
        range: &Value<'d>,
        predicate: &'p Step,
        goes_on: bool,
    ) -> Outcome<'d> {
        // `@not_strictly_false(@result)`, with `!` for exists, and `@result` of the step
        let condition = if goes_on { 2 } else { 3 };
        let mut ended = false;
        let mut failed: Option<EvalError> = None;
        let mut index = 0;
        while self.bind(fold, range, index) {
            let outcome = self.quantify_one(predicate, condition, ended, goes_on, &mut failed);
            self.observer.leave();
            if outcome? {
                if ended {
                    break;
                }
                ended = true;
            }
            index += 1;
        }
        self.charge(1)?;
        if ended {
            return Ok(Value::Bool(!goes_on));
        }
        failed.map_or(Ok(Value::Bool(goes_on)), Err)
    }

    /// One element: true where the loop ends with it, at once or when the next one is reached.
    fn quantify_one(
        &mut self,
        predicate: &'p Step,
        condition: u64,
        ended: bool,
        goes_on: bool,
        failed: &mut Option<EvalError>,
    ) -> Result<bool, EvalError> {
        self.charge_each(condition)?;
        if ended {
            return Ok(true);
        }
        self.charge(1)?;
        match self.eval(predicate) {
            Ok(Value::Bool(value)) => return Ok(value != goes_on),
            Err(error) if error.is_cancelled() => return Err(error),
            Err(error) => failed.get_or_insert(error),
            Ok(_) => failed.get_or_insert_with(EvalError::no_such_overload),
        };
        Ok(false)
    }

    fn exists_one(
        &mut self,
        fold: &'p Fold,
        range: &Value<'d>,
        predicate: &'p Step,
    ) -> Outcome<'d> {
        let mut count = Ok(0u64);
        let mut index = 0;
        while self.bind(fold, range, index) {
            let holds = self.eval(predicate);
            self.observer.leave();
            match holds {
                Ok(Value::Bool(true)) => {
                    // `@result + 1`
                    self.charge_each(2)?;
                    count = count.map(|count| count + 1);
                }
                Ok(Value::Bool(false)) => {}
                Err(error) if error.is_cancelled() => return Err(error),
                Err(error) => count = Err(error),
                Ok(_) => count = Err(EvalError::no_such_overload()),
            }
            index += 1;
        }
        // `@result == 1`
        self.charge_each(2)?;
        count.map(|count| Value::Bool(count == 1))
    }

    /// Whether an element passes a filter: its error becomes the accumulator's.
    fn passes<T>(
        &mut self,
        filter: Option<&'p Step>,
        accumulator: &mut Result<T, EvalError>,
    ) -> Result<bool, EvalError> {
        let Some(filter) = filter else {
            return Ok(true);
        };
        match self.eval(filter) {
            Ok(Value::Bool(passes)) => return Ok(passes),
            Err(error) if error.is_cancelled() => return Err(error),
            Err(error) => *accumulator = Err(error),
            Ok(_) => *accumulator = Err(EvalError::no_such_overload()),
        }
        Ok(false)
    }

    fn collect(
        &mut self,
        fold: &'p Fold,
        range: &Value<'d>,
        filter: Option<&'p Step>,
        transform: &'p Step,
    ) -> Outcome<'d> {
        // `[transform]` is a constant where the transform is
        let list_cost = match transform {
            Step::Constant(..) => 0,
            _ => cost::LIST,
        };
        let mut items = Ok(Vec::new());
        let mut index = 0;
        while self.bind(fold, range, index) {
            let outcome = self.collect_one(filter, transform, list_cost, &mut items);
            self.observer.leave();
            outcome?;
            index += 1;
        }
        self.charge(1)?;
        items.map(Value::list)
    }

    fn collect_one(
        &mut self,
        filter: Option<&'p Step>,
        transform: &'p Step,
        list_cost: u64,
        items: &mut Result<Vec<Value<'d>>, EvalError>,
    ) -> Result<(), EvalError> {
        if !self.passes(filter, items)? {
            return Ok(());
        }
        // `@result + [transform]`
        self.charge(1)?;
        let item = self.eval(transform);
        self.charge(list_cost)?;
        self.charge(1)?;
        match (&mut *items, item) {
            (Ok(items), Ok(item)) => items.push(item),
            (Ok(_), Err(error)) => *items = Err(error),
            (Err(_), _) => {}
        }
        Ok(())
    }

    fn insert(
        &mut self,
        fold: &'p Fold,
        range: &Value<'d>,
        filter: Option<&'p Step>,
        key: Option<&'p Step>,
        value: &'p Step,
    ) -> Outcome<'d> {
        let mut entries = Ok(Entries::default());
        let mut index = 0;
        while self.bind(fold, range, index) {
            let outcome = self.insert_one(filter, key, value, &mut entries);
            self.observer.leave();
            outcome?;
            index += 1;
        }
        self.charge(1)?;
        entries.map(|entries| Value::Map(MapValue::Shared(Arc::new(entries))))
    }

    fn insert_one(
        &mut self,
        filter: Option<&'p Step>,
        key: Option<&'p Step>,
        value: &'p Step,
        entries: &mut Result<Entries<'d>, EvalError>,
    ) -> Result<(), EvalError> {
        if !self.passes(filter, entries)? {
            return Ok(());
        }
        // `cel.@mapInsert(@result, key, value)`; with three arguments cel-go reads none after
        // one that failed, and then charges nothing
        self.charge(1)?;
        if key.is_some() && entries.is_err() {
            return Ok(());
        }
        let key = match key {
            None => None,
            Some(key) => match self.eval(key) {
                Ok(key) => Some(key),
                Err(error) => {
                    *entries = Err(error);
                    return self.charge(0);
                }
            },
        };
        let value = self.eval(value);
        self.charge(1)?;
        let Ok(into) = entries else { return Ok(()) };
        if let (None, Ok(Value::Map(map))) = (&key, &value) {
            self.spend(u64::try_from(map.len()).unwrap_or(u64::MAX))?;
        }
        if let (Some(key), Ok(_)) = (&key, &value) {
            self.hash(key)?;
        }
        let inserted = value.and_then(|value| match key {
            Some(key) => insert_new(into, key, value),
            None => insert_all(into, &value),
        });
        if let Err(error) = inserted {
            *entries = Err(error);
        }
        Ok(())
    }

    fn general(&mut self, fold: &'p Fold, range: &Value<'d>, general: &'p General) -> Outcome<'d> {
        let place = general.accumulator;
        if let Some(local) = self.locals.get_mut(place) {
            *local = match &general.init {
                Step::Constant(_, value) => Local::Set(value.clone()),
                init => Local::Pending(init),
            };
        }
        let mut index = 0;
        while self.bind(fold, range, index) {
            let outcome = self.general_one(general);
            self.observer.leave();
            if !outcome? {
                break;
            }
            index += 1;
        }
        self.eval(&general.result)
    }

    /// One element: false where the loop ends before it.
    fn general_one(&mut self, general: &'p General) -> Result<bool, EvalError> {
        let condition = self.eval(&general.condition);
        // an error does not end the loop
        self.charge(0)?;
        if matches!(condition, Ok(Value::Bool(false))) {
            return Ok(false);
        }
        let next = self.eval(&general.step);
        if let Err(error) = &next
            && error.is_cancelled()
        {
            return Err(error.clone());
        }
        self.set_local(general.accumulator, next);
        Ok(true)
    }
}

fn insert_new<'d>(
    entries: &mut Entries<'d>,
    key: Value<'d>,
    value: Value<'d>,
) -> Result<(), EvalError> {
    if entries.find(&key).is_some() {
        return Err(errors::key_exists(&go::print(&key)));
    }
    entries.insert(key, value);
    Ok(())
}

fn insert_all<'d>(entries: &mut Entries<'d>, value: &Value<'d>) -> Result<(), EvalError> {
    let Value::Map(map) = value else {
        let names = ["map", &value.type_name()];
        return Err(errors::no_overload_for("cel.@mapInsert", &names));
    };
    for (key, value) in map.iter() {
        insert_new(entries, key, value)?;
    }
    Ok(())
}
