//! Attributes: variables and what is selected from them.

use super::machine::{Local, Machine, Outcome, as_attribute};
use super::observe::Observer;
use super::variables::Variables;
use super::{EvalError, errors};
use crate::document::{Fields, Node};
use crate::plan::step::{Attribute, Conditional, Key, Qualifier, Root, Step};
use crate::value::{ListValue, MapValue, Str, Value, go, number, object};

/// Where a selection has come to: in the document as long as possible.
#[derive(Clone, Debug)]
enum Cursor<'d> {
    Node(&'d Node),
    Value(Value<'d>),
}

/// What selections start from.
enum Start<'d> {
    /// A value: they go into an optional.
    Root(Value<'d>),
    /// What was selected from the lazy variables: an optional has no fields then.
    Selected(Value<'d>),
    /// The same with `.?`.
    Optional(Value<'d>),
}

impl<'d> Cursor<'d> {
    #[inline]
    fn into_value(self) -> Value<'d> {
        match self {
            Self::Node(node) => Value::from(node),
            Self::Value(value) => value,
        }
    }
}

impl<'p, 'd, O: Observer<'d>> Machine<'_, 'p, 'd, O> {
    /// The value of an attribute, with its cost.
    #[inline]
    pub fn attribute(&mut self, attribute: &'p Attribute) -> Outcome<'d> {
        let mut outcome = self.resolve(attribute);
        if attribute.test {
            // the selection that a presence test makes costs nothing; a conditional has no cost
            // that could be taken off, so that the tracker goes back
            if attribute.own_cost() == 0 {
                self.cost = self.cost.saturating_sub(1);
            }
            if let Ok(Value::Optional(value)) = &outcome {
                outcome = Ok(Value::Bool(value.is_some()));
            }
            self.charge(0)?;
        } else {
            self.charge(attribute.own_cost())?;
        }
        outcome.map_err(|error| error.at(attribute.id))
    }

    /// The value of an attribute, with the costs of its parts only.
    pub fn resolve(&mut self, attribute: &'p Attribute) -> Outcome<'d> {
        let root = match attribute.root {
            Root::Variable(_, slot) => self.activation.value(slot),
            Root::Local(place) => match self.locals.get(place) {
                Some(Local::Set(value)) => Some(value),
                _ => None,
            },
            _ => None,
        };
        match root {
            Some(Value::Map(MapValue::Borrowed(fields))) if !attribute.qualifiers.is_empty() => {
                let outcome = self.walk(fields, attribute);
                self.native = matches!(attribute.root, Root::Variable(..));
                outcome
            }
            _ => self.resolve_with(attribute, &[], attribute.test),
        }
    }

    /// Selects fields from a map of the document as long as they are there: what most expressions
    /// do most of the time. The rest is for `qualify_all`.
    fn walk(&mut self, mut fields: &'d Fields, attribute: &'p Attribute) -> Outcome<'d> {
        let mut rest = &*attribute.qualifiers;
        let mut optional = false;
        let mut value = None;
        while let Some((qualifier, further)) = rest.split_first()
            && let Key::Field(name) = &qualifier.key
        {
            optional |= qualifier.optional;
            let found = fields.get(name);
            if let Some(node) = found {
                self.observer.node(qualifier.id, node);
            }
            if attribute.test && !optional && further.is_empty() {
                self.charge(1)?;
                return Ok(Value::Bool(found.is_some()));
            }
            let Some(node) = found else {
                if optional {
                    return Ok(Value::Optional(None));
                }
                break;
            };
            self.charge(1)?;
            rest = further;
            match node {
                Node::Map(next) if !rest.is_empty() => fields = next,
                other => {
                    value = Some(Value::from(other));
                    break;
                }
            }
        }
        let value = value.unwrap_or(Value::Map(MapValue::Borrowed(fields)));
        let value = if optional {
            Value::optional(value)
        } else {
            value
        };
        if rest.is_empty() {
            return Ok(value);
        }
        self.qualify_all(value, &[rest], attribute.test)
    }

    /// The same with what is selected further from a conditional that it is a branch of: to
    /// cel-go that is one chain of selections.
    fn resolve_with(
        &mut self,
        attribute: &'p Attribute,
        further: &[&'p [Qualifier]],
        test: bool,
    ) -> Outcome<'d> {
        let mut joined = Vec::new();
        let own = [&*attribute.qualifiers];
        let chain = match (attribute.qualifiers.is_empty(), further.is_empty()) {
            (true, _) => further,
            (false, true) => &own[..],
            (false, false) => {
                joined.extend(own);
                joined.extend(further);
                &joined
            }
        };
        let mut native = false;
        let start = match &attribute.root {
            Root::Variable(name, slot) => match self.activation.value(*slot) {
                Some(value) => {
                    native = true;
                    Start::Root(value.clone())
                }
                None => return Err(errors::no_such_attribute(name).at(attribute.id)),
            },
            Root::Local(place) => Start::Root(self.local(*place)?),
            Root::Lazy(id, index) => {
                let value = self.lazy(*index);
                self.charge(1)?;
                let value = value.map_err(|error| error.at(*id))?;
                if test && chain.is_empty() {
                    Start::Selected(Value::Bool(true))
                } else {
                    Start::Selected(value)
                }
            }
            Root::LazyOptional(id, index) => {
                let value = self.lazy(*index).map_err(|error| error.at(*id))?;
                self.charge(1)?;
                Start::Optional(value)
            }
            Root::Step(step) => Start::Root(self.eval(step)?),
            Root::Conditional(conditional) => return self.conditional(conditional, chain, test),
        };
        let value = match start {
            Start::Root(value) if chain.is_empty() => Ok(rewrap(value)),
            Start::Selected(value) if chain.is_empty() => Ok(value),
            Start::Optional(value) if chain.is_empty() => Ok(Value::optional(value)),
            Start::Root(value) => self.qualify_all(value, chain, test),
            Start::Selected(value) => self.qualify_from(Cursor::Value(value), false, chain, test),
            Start::Optional(value) => self.qualify_from(Cursor::Value(value), true, chain, test),
        };
        self.native = native;
        value
    }

    pub(super) fn lazy(&mut self, index: usize) -> Outcome<'d> {
        if self.is_halted() {
            return Err(EvalError::cancelled());
        }
        self.activation
            .lazy(index, self.limits, self.depth, self.observer)
    }

    /// The value of a comprehension's variable.
    #[inline]
    pub fn local(&mut self, place: usize) -> Outcome<'d> {
        match self.locals.get(place) {
            Some(Local::Set(value)) => Ok(value.clone()),
            Some(Local::Failed(error)) => Err(error.clone()),
            Some(Local::Pending(step)) => {
                let step = *step;
                let outcome = self.eval(step);
                self.set_local(place, outcome.clone());
                outcome
            }
            Some(Local::Unset) | None => Err(errors::no_such_attribute("@local")),
        }
    }

    /// Sets a comprehension's variable.
    #[inline]
    pub fn set_local(&mut self, place: usize, outcome: Outcome<'d>) {
        if let Some(local) = self.locals.get_mut(place) {
            *local = match outcome {
                Ok(value) => Local::Set(value),
                Err(error) => Local::Failed(error),
            };
        }
    }

    /// `condition ? a : b`; the branch is read without a cost of its own.
    fn conditional(
        &mut self,
        conditional: &'p Conditional,
        further: &[&'p [Qualifier]],
        test: bool,
    ) -> Outcome<'d> {
        let branch = match self.eval(&conditional.condition)? {
            Value::Bool(true) => &conditional.truthy,
            Value::Bool(false) => &conditional.falsy,
            _ => return Err(EvalError::no_such_overload().at(conditional.id)),
        };
        if further.is_empty() {
            return self.branch(branch);
        }
        match as_attribute(branch) {
            Some(attribute) => self.resolve_with(attribute, further, test),
            None => {
                let value = self.eval(branch)?;
                let value = self.qualify_all(value, further, test);
                self.native = false;
                value
            }
        }
    }

    /// A branch or an index: an attribute costs what its selections cost.
    fn branch(&mut self, step: &'p Step) -> Outcome<'d> {
        match as_attribute(step) {
            Some(attribute) => {
                let outcome = self.resolve(attribute);
                self.observer.result(attribute.id, &outcome);
                outcome
            }
            None => {
                let outcome = self.eval(step);
                self.native = false;
                outcome.map(rewrap)
            }
        }
    }

    fn qualify_all(
        &mut self,
        start: Value<'d>,
        chain: &[&'p [Qualifier]],
        test: bool,
    ) -> Outcome<'d> {
        let (cursor, optional) = match start {
            Value::Optional(None) => return Ok(Value::Optional(None)),
            Value::Optional(Some(value)) => (unwrap_native(&value), true),
            value => (value, false),
        };
        self.qualify_from(Cursor::Value(cursor), optional, chain, test)
    }

    fn qualify_from(
        &mut self,
        mut cursor: Cursor<'d>,
        mut optional: bool,
        chain: &[&'p [Qualifier]],
        test: bool,
    ) -> Outcome<'d> {
        let mut left: usize = chain.iter().map(|part| part.len()).sum();
        for qualifier in chain.iter().copied().flatten() {
            left -= 1;
            optional |= qualifier.optional;
            let presence = optional || test && left == 0;
            let found = self.qualify(cursor, qualifier, presence);
            if optional {
                let Some(next) = found? else {
                    return Ok(Value::Optional(None));
                };
                self.charge(1)?;
                cursor = next;
            } else {
                self.charge(1)?;
                cursor = match (found?, presence) {
                    (found, true) => Cursor::Value(Value::Bool(found.is_some())),
                    (Some(next), false) => next,
                    // `qualify` fails for what is missing, unless presence is asked for
                    (None, false) => return Err(EvalError::no_such_overload()),
                };
            }
        }
        let value = cursor.into_value();
        if optional {
            return Ok(Value::optional(value));
        }
        Ok(value)
    }

    /// Selects once: `None` where there is nothing and presence is asked for.
    #[inline]
    fn qualify(
        &mut self,
        cursor: Cursor<'d>,
        qualifier: &'p Qualifier,
        presence: bool,
    ) -> Result<Option<Cursor<'d>>, EvalError> {
        let found = match &qualifier.key {
            Key::Field(name) => {
                let fields: &'d Fields = match cursor {
                    Cursor::Node(Node::Map(fields))
                    | Cursor::Value(Value::Map(MapValue::Borrowed(fields))) => fields,
                    Cursor::Value(value) if Variables::is(&value) => {
                        let found = self.variable(&Value::string(name.clone()), presence)?;
                        return Ok(found.map(Cursor::Value));
                    }
                    other => return select_text(other, name, presence),
                };
                match fields.get(name) {
                    Some(node) => Some(Cursor::Node(node)),
                    None if presence => None,
                    None => return Err(errors::no_such_key(name)),
                }
            }
            Key::Typed(name) => match cursor.into_value() {
                Value::Object(object) => object.select_typed(name, presence)?.map(Cursor::Value),
                other => select_text(Cursor::Value(other), name, presence)?,
            },
            Key::Constant(key) => self.select(cursor, key, presence)?,
            Key::Step(step) => {
                let key = self.branch(step)?;
                match key {
                    Value::String(_)
                    | Value::Int(_)
                    | Value::Uint(_)
                    | Value::Bool(_)
                    | Value::Double(_) => self.select(cursor, &key, presence)?,
                    _ if self.native => {
                        return Err(errors::invalid_qualifier(go::native_type_name(&key)));
                    }
                    _ => return Err(errors::invalid_qualifier(go::type_name(&key))),
                }
            }
        };
        if let Some(Cursor::Node(node)) = found {
            self.observer.node(qualifier.id, node);
        }
        Ok(found)
    }

    /// An index or a key.
    #[inline]
    fn select(
        &mut self,
        cursor: Cursor<'d>,
        key: &Value<'_>,
        presence: bool,
    ) -> Result<Option<Cursor<'d>>, EvalError> {
        match &cursor {
            Cursor::Value(value) if Variables::is(value) => {
                Ok(self.variable(key, presence)?.map(Cursor::Value))
            }
            _ => select(cursor, key, presence),
        }
    }
}

/// cel-go reads an optional's content as a Go value and makes a value of that again: this drops
/// optionals inside of it, makes a name of a type and a map of an object, and fails for the values of
/// libraries.
fn unwrap_native<'d>(value: &Value<'d>) -> Value<'d> {
    object::native(value, 0)
}

/// What an attribute without selections makes of its value.
#[inline]
fn rewrap(value: Value<'_>) -> Value<'_> {
    match value {
        Value::Optional(Some(inner)) => Value::optional(unwrap_native(&inner)),
        other => other,
    }
}

/// A field of something that is no map of the document.
fn select_text<'d>(
    cursor: Cursor<'d>,
    name: &str,
    presence: bool,
) -> Result<Option<Cursor<'d>>, EvalError> {
    match cursor.into_value() {
        Value::Map(map) => match map.find_str(name) {
            Some(value) => Ok(Some(Cursor::Value(value))),
            None if presence => Ok(None),
            None => Err(errors::no_such_key(name)),
        },
        Value::List(_) => Err(errors::index_type("string")),
        Value::Object(object) => Ok(object.select(name, presence)?.map(Cursor::Value)),
        Value::Opaque(value) if let Some(error) = value.select(&Value::string(name)) => Err(error),
        _ if presence => Ok(None),
        _ => Err(errors::no_such_key(name)),
    }
}

/// An index or a key of what is no map of lazy variables.
fn select<'d>(
    cursor: Cursor<'d>,
    key: &Value<'_>,
    presence: bool,
) -> Result<Option<Cursor<'d>>, EvalError> {
    let items = match &cursor {
        Cursor::Node(Node::List(items)) => Some(items.as_slice()),
        Cursor::Value(Value::List(ListValue::Borrowed(items))) => Some(*items),
        _ => None,
    };
    if let Some(items) = items {
        let found = index(key)?.and_then(|at| items.get(at));
        return match found {
            Some(node) => Ok(Some(Cursor::Node(node))),
            None => missing_index(key, presence),
        };
    }
    match cursor {
        Cursor::Node(Node::Map(fields)) | Cursor::Value(Value::Map(MapValue::Borrowed(fields))) => {
            match key.as_str().and_then(|key| fields.get(key)) {
                Some(node) => Ok(Some(Cursor::Node(node))),
                None => missing_key(key, presence),
            }
        }
        Cursor::Value(Value::Map(map)) => {
            let found = match key {
                Value::String(key) => map.find_str(key),
                _ => map.find(&plain(key)),
            };
            match found {
                Some(value) => Ok(Some(Cursor::Value(value))),
                None => missing_key(key, presence),
            }
        }
        Cursor::Value(Value::List(list)) => match index(key)?.and_then(|at| list.get(at)) {
            Some(value) => Ok(Some(Cursor::Value(value))),
            None => missing_index(key, presence),
        },
        Cursor::Value(Value::Object(object)) if let Some(name) = key.as_str() => {
            Ok(object.select(name, presence)?.map(Cursor::Value))
        }
        Cursor::Value(Value::Opaque(value)) if let Some(error) = value.select(key) => Err(error),
        _ => missing_key(key, presence),
    }
}

/// A number or a boolean without the lifetime of what it was read from.
fn plain<'d>(key: &Value<'_>) -> Value<'d> {
    match key {
        Value::Bool(value) => Value::Bool(*value),
        Value::Int(value) => Value::Int(*value),
        Value::Uint(value) => Value::Uint(*value),
        Value::Double(value) => Value::Double(*value),
        Value::String(text) => Value::String(Str::Shared(text.as_str().into())),
        _ => Value::Null,
    }
}

fn missing_key<'d>(key: &Value<'_>, presence: bool) -> Result<Option<Cursor<'d>>, EvalError> {
    if presence {
        return Ok(None);
    }
    Err(errors::no_such_key(&go::print(key)))
}

fn missing_index<'d>(key: &Value<'_>, presence: bool) -> Result<Option<Cursor<'d>>, EvalError> {
    if presence {
        return Ok(None);
    }
    Err(errors::index_out_of_bounds(&go::print(key)))
}

/// The index into a list: `None` where it is negative.
fn index(key: &Value<'_>) -> Result<Option<usize>, EvalError> {
    let unsupported = || errors::index_value(&go::print(key));
    let at = match key {
        Value::Int(at) => *at,
        Value::Uint(at) => i64::try_from(*at).map_err(|_| unsupported())?,
        Value::Double(at) => number::lossless_int(*at).ok_or_else(unsupported)?,
        _ => return Err(errors::index_type(&key.type_name())),
    };
    Ok(usize::try_from(at).ok())
}
