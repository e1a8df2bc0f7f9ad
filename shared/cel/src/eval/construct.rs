//! Lists, maps and messages that an expression makes.

use std::sync::Arc;

use super::machine::{Machine, Outcome};
use super::observe::Observer;
use super::{EvalError, cost, errors, message};
use crate::plan::step::{ListLiteral, MapLiteral, MessageLiteral};
use crate::value::{Entries, MapValue, ObjectValue, Value, go, object};

impl<'p, 'd, O: Observer<'d>> Machine<'_, 'p, 'd, O> {
    /// `[a, ?b]`
    pub fn list(&mut self, list: &'p ListLiteral) -> Outcome<'d> {
        let made = self.list_items(list);
        self.charge(cost::LIST)?;
        made.map(Value::list)
    }

    fn list_items(&mut self, list: &'p ListLiteral) -> Result<Vec<Value<'d>>, EvalError> {
        let mut items = Vec::with_capacity(list.elements.len());
        for (element, optional) in &list.elements {
            let value = self.eval(element)?;
            if !optional {
                items.push(value);
                continue;
            }
            match value {
                Value::Optional(None) => {}
                Value::Optional(Some(value)) => items.push((*value).clone()),
                other => {
                    return Err(errors::not_optional_element(&go::print(&other)).at(list.id));
                }
            }
        }
        Ok(items)
    }

    /// `{k: v, ?k: v}`
    pub fn map(&mut self, map: &'p MapLiteral) -> Outcome<'d> {
        let made = self.map_entries(map);
        self.charge(cost::MAP)?;
        made.map(|entries| Value::Map(MapValue::Shared(Arc::new(entries))))
    }

    fn map_entries(&mut self, map: &'p MapLiteral) -> Result<Entries<'d>, EvalError> {
        let mut entries = Entries::default();
        for (key, value, optional) in &map.entries {
            let key = self.eval(key)?;
            let value = self.eval(value)?;
            if !optional {
                self.hash(&key)?;
                entries.insert(key, value);
                continue;
            }
            match value {
                Value::Optional(None) => {
                    if entries.is_empty()
                        && let Some(go_type) = go::unhashable(&key)
                    {
                        return Err(self.halt(errors::unhashable_in_empty_map(go_type)));
                    }
                    self.hash(&key)?;
                    entries.remove(&key);
                }
                Value::Optional(Some(value)) => {
                    self.hash(&key)?;
                    entries.insert(key, (*value).clone());
                }
                other => {
                    let error = errors::not_optional_entry(&go::print(&key), &go::print(&other));
                    return Err(error.at(map.id));
                }
            }
        }
        Ok(entries)
    }

    /// Ends the evaluation where Go panics about a key.
    pub fn hash(&mut self, key: &Value<'_>) -> Result<(), EvalError> {
        match go::unhashable(key) {
            Some(go_type) => Err(self.halt(errors::unhashable(go_type))),
            None => Ok(()),
        }
    }

    /// `google.protobuf.Value{...}`
    pub fn message(&mut self, literal: &'p MessageLiteral) -> Outcome<'d> {
        let made = self.message_fields(literal);
        self.charge(cost::MESSAGE)?;
        if object::is_type(&literal.type_name) {
            let made = ObjectValue::new(literal.type_name.clone(), made?);
            return match made {
                Ok(object) => Ok(Value::Object(Arc::new(object))),
                Err(error) => Err(error.at(literal.id)),
            };
        }
        message::make(&literal.type_name, &made?).map_err(|error| error.at(literal.id))
    }

    fn message_fields(
        &mut self,
        literal: &'p MessageLiteral,
    ) -> Result<Vec<(Arc<str>, Value<'d>)>, EvalError> {
        let mut fields: Vec<(Arc<str>, Value<'d>)> = Vec::with_capacity(literal.fields.len());
        for (name, value, optional) in &literal.fields {
            let value = match (self.eval(value)?, optional) {
                (value, false) => value,
                (Value::Optional(None), true) => {
                    fields.retain(|(field, _)| field != name);
                    continue;
                }
                (Value::Optional(Some(value)), true) => (*value).clone(),
                (other, true) => {
                    let error = errors::not_optional_entry(name, &go::print(&other));
                    return Err(error.at(literal.id));
                }
            };
            fields.retain(|(field, _)| field != name);
            fields.push((name.clone(), value));
        }
        Ok(fields)
    }
}
