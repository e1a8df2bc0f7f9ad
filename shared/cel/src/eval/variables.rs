//! `variables` as a value of its own: kube-apiserver's lazy map, whose entries are evaluated when they
//! are read.

use std::any::Any;
use std::sync::Arc;

use super::machine::{Machine, Outcome};
use super::observe::Observer;
use super::{EvalError, errors};
use crate::plan::VARIABLES_TYPE;
use crate::types::Type;
use crate::value::{MapValue, Opaque, Value, compare, go};

/// Stands for the lazy variables of the activation. To Go it is a map that can be indexed and
/// iterated, and has a size that only costs go by; but no operator knows it.
#[derive(Debug)]
pub(super) struct Variables {
    /// How many there are.
    count: u64,
}

impl Variables {
    /// The value of the variable `variables`.
    pub(super) fn value(count: usize) -> Value<'static> {
        let count = u64::try_from(count).unwrap_or(u64::MAX);
        Value::Opaque(Arc::new(Self { count }))
    }

    /// Whether a value is this one.
    #[inline]
    pub(super) fn is(value: &Value<'_>) -> bool {
        matches!(value, Value::Opaque(opaque) if opaque.as_any().is::<Self>())
    }
}

impl Opaque for Variables {
    fn type_of(&self) -> Type {
        Type::object(VARIABLES_TYPE)
    }

    fn go_type(&self) -> &'static str {
        "*lazy.MapValue"
    }

    fn as_any(&self) -> &dyn Any {
        self
    }

    fn equals(&self, _other: &dyn Opaque) -> Result<bool, EvalError> {
        Ok(true)
    }

    fn to_text(&self) -> String {
        "no text".to_owned()
    }

    fn unwrapped(&self) -> Option<String> {
        // `Value()` of it is an error
        Some(EvalError::no_such_overload().message().to_owned())
    }

    fn size(&self) -> u64 {
        self.count
    }
}

impl<'d, O: Observer<'d>> Machine<'_, '_, 'd, O> {
    /// A lazy variable by its name, as Kubernetes' `lazy.MapValue` finds it: `None` where there is none
    /// and presence is asked for.
    pub(super) fn variable(
        &mut self,
        key: &Value<'_>,
        presence: bool,
    ) -> Result<Option<Value<'d>>, EvalError> {
        let Value::String(name) = key else {
            return Err(EvalError::no_such_overload());
        };
        match self.activation.lazy_index(name) {
            Some(index) => self.lazy(index).map(Some),
            None if presence => Ok(None),
            None => Err(errors::no_such_key(&go::print(key))),
        }
    }

    /// The element of an iteration over the lazy variables: their values, not their names. Where
    /// there are two variables, the second is what is found by the first.
    pub(super) fn variable_at(&mut self, index: usize, two: bool) -> Option<[Outcome<'d>; 2]> {
        let name = Value::string(self.activation.lazy_name(index)?);
        let found = self.variable(&name, false);
        let first = found.map(|value| value.unwrap_or(Value::Null));
        let second = match (&first, two) {
            (_, false) => Ok(Value::Null),
            (Ok(key), true) => self
                .variable(key, false)
                .map(|found| found.unwrap_or(Value::Null)),
            (Err(_), true) => Err(EvalError::no_such_overload()),
        };
        Some([first, second])
    }

    /// Whether a map has the same entries. What cannot be compared counts as equal.
    pub(super) fn equal_to_variables(&mut self, map: &MapValue<'d>) -> bool {
        if map.len() != self.activation.lazy_count() {
            return false;
        }
        map.iter()
            .all(|(key, value)| match self.variable(&key, true) {
                Ok(Some(other)) => compare::equal(&value, &other).unwrap_or(true),
                Ok(None) => false,
                Err(_) => matches!(value, Value::Opaque(_)),
            })
    }
}

/// The name that stands for an identifier of CEL's: Kubernetes' `cel.Unescape`, by which a lazy
/// variable is looked for. `None` where a part between double underscores stands for nothing.
pub fn unescape(name: &str) -> Option<String> {
    const RESERVED: &str = "true false null in as break const continue else for function if import let \
                            loop package namespace return var void while";
    let mut out = String::new();
    let mut rest = name;
    while let Some(start) = rest.find("__") {
        let (before, from) = rest.split_at(start);
        let after = from.get(2..).unwrap_or_default();
        let end = after.find('_').filter(|end| *end > 0);
        let part = end.and_then(|end| after.get(..end));
        let closed = end.and_then(|end| after.get(end..)?.strip_prefix("__"));
        let (Some(part), Some(closed)) = (part, closed) else {
            // no sequence begins here; one may begin with the next character
            out.push_str(before);
            out.push('_');
            rest = from.get(1..).unwrap_or_default();
            continue;
        };
        out.push_str(before);
        match part {
            "underscores" => out.push_str("__"),
            "dot" => out.push('.'),
            "dash" => out.push('-'),
            "slash" => out.push('/'),
            word if RESERVED.split(' ').any(|w| w == word) && part.len() + 4 == name.len() => {
                out.push_str(word);
            }
            _ => return None,
        }
        rest = closed;
    }
    out.push_str(rest);
    Some(out)
}

#[cfg(test)]
mod tests {
    use super::unescape;

    #[test]
    fn names_are_unescaped_as_kubernetes_does() {
        for (name, found) in [
            ("a", Some("a")),
            ("a__b", Some("a__b")),
            ("a_b__", Some("a_b__")),
            ("___", Some("___")),
            ("x__dash__y", Some("x-y")),
            ("__dot____slash__", Some("./")),
            ("a___dot__b", Some("a_.b")),
            ("__underscores__", Some("__")),
            ("__in__", Some("in")),
            ("__in__a", None),
            ("a__b__c", None),
            ("é__é__", None),
        ] {
            assert_eq!(unescape(name).as_deref(), found, "{name}");
        }
    }
}
