//! Values of the types that only mutations have: `Object{...}`, `Object.spec{...}` and
//! `JSONPatch{...}` (`k8s.io/apiserver/pkg/cel/mutation`).

use std::sync::Arc;

use super::{ListValue, MapValue, Value, compare, go};
use crate::eval::{EvalError, errors};

/// The name of the type of a whole object; the type of a field has the field's path behind it.
pub const OBJECT: &str = "Object";

/// The name of the type of one operation of a JSON patch.
pub const JSON_PATCH: &str = "JSONPatch";

/// How deep values are looked into.
const MAX_DEPTH: u32 = 200;

/// `Object{...}`, `Object.spec{...}` or `JSONPatch{...}`.
#[derive(Clone, Debug)]
pub struct ObjectValue<'d> {
    type_name: Arc<str>,
    fields: Vec<(Arc<str>, Value<'d>)>,
}

/// Whether a type is one whose values these are.
#[must_use]
pub fn is_type(name: &str) -> bool {
    name == JSON_PATCH || is_part(name)
}

/// Whether a type is that of an object or a part of one.
#[must_use]
pub fn is_part(name: &str) -> bool {
    name.strip_prefix(OBJECT)
        .is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
}

impl<'d> ObjectValue<'d> {
    /// A value of a type with its fields.
    ///
    /// # Errors
    /// `unexpected type int64 for JSONPatchType 'op' field`
    pub fn new(type_name: Arc<str>, fields: Vec<(Arc<str>, Value<'d>)>) -> Result<Self, EvalError> {
        if &*type_name == JSON_PATCH {
            for (name, value) in &fields {
                let texts = matches!(&**name, "op" | "path" | "from");
                if texts && !matches!(native(value, 0), Value::String(_)) {
                    let found = go::go_type(value);
                    return Err(EvalError::new(format!(
                        "unexpected type {found} for JSONPatchType '{name}' field"
                    )));
                }
            }
        }
        Ok(Self { type_name, fields })
    }

    /// The name of its type: `Object.spec`, `JSONPatch`.
    #[must_use]
    pub fn type_name(&self) -> &str {
        &self.type_name
    }

    /// Whether it is an operation of a JSON patch.
    #[must_use]
    pub fn is_json_patch(&self) -> bool {
        &*self.type_name == JSON_PATCH
    }

    /// The fields that are set, in their order.
    #[must_use]
    pub fn fields(&self) -> &[(Arc<str>, Value<'d>)] {
        &self.fields
    }

    /// The value of a field that is set.
    #[must_use]
    pub fn field(&self, name: &str) -> Option<&Value<'d>> {
        self.fields
            .iter()
            .find(|(field, _)| &**field == name)
            .map(|(_, value)| value)
    }

    /// The text of a field of a JSON patch's operation; empty where it is not set.
    #[must_use]
    pub fn text(&self, name: &str) -> Arc<str> {
        match self.field(name).map(|value| native(value, 0)) {
            Some(Value::String(text)) => text.as_str().into(),
            _ => Arc::default(),
        }
    }

    /// Selects a field of a value whose type is not known: an object has none then.
    pub(crate) fn select(
        &self,
        name: &str,
        presence: bool,
    ) -> Result<Option<Value<'d>>, EvalError> {
        if !self.is_json_patch() {
            return match presence {
                true => Ok(None),
                false => Err(errors::no_such_key(name)),
            };
        }
        match name {
            "op" | "path" | "from" => {
                let text = self.text(name);
                Ok((!presence || !text.is_empty()).then_some(Value::string(text)))
            }
            "value" => match self.field(name) {
                Some(value) => Ok(Some(value.clone())),
                // Go's nil, which is read as null
                None => Ok((!presence).then_some(Value::Null)),
            },
            _ if presence => Err(EvalError::new(format!("unsupported field: {name}"))),
            _ => Err(EvalError::new(format!("unsupported indexer: {name}"))),
        }
    }

    /// Selects a field of an object whose type is known: cel-go reads a Go map then.
    pub(crate) fn select_typed(
        &self,
        name: &str,
        presence: bool,
    ) -> Result<Option<Value<'d>>, EvalError> {
        match self.native_fields(0) {
            Err(_) if presence => Ok(None),
            Err(_) => {
                let field = go::quote(name);
                Err(EvalError::new(format!("cannot get field {field}")))
            }
            Ok(fields) => {
                let found = fields.into_iter().find(|(field, _)| &**field == name);
                Ok(match found {
                    Some((_, value)) => Some(value),
                    None => (!presence).then_some(Value::Null),
                })
            }
        }
    }

    /// The fields as Go values that are made CEL values again: objects are maps.
    fn native_fields(&self, depth: u32) -> Result<Vec<(Arc<str>, Value<'d>)>, String> {
        let fields = self.fields.iter().map(|(name, value)| {
            let value = field_value(value, depth)
                .map_err(|why| format!("fail to convert field {}: {why}", go::quote(name)))?;
            Ok((name.clone(), value))
        });
        fields.collect()
    }

    /// Equality as Go's `reflect.DeepEqual` of the fields has it, or of a JSON patch's operation as
    /// CEL has it.
    pub(crate) fn equals(&self, other: &Self) -> Result<bool, EvalError> {
        if self.type_name != other.type_name {
            return Ok(false);
        }
        if !self.is_json_patch() {
            return Ok(same_fields(&self.fields, &other.fields, 0));
        }
        if ["op", "from", "path"]
            .iter()
            .any(|name| self.text(name) != other.text(name))
        {
            return Ok(false);
        }
        match (self.field("value"), other.field("value")) {
            (Some(a), Some(b)) => compare::equal(a, b),
            (None, None) => Ok(true),
            _ => Ok(false),
        }
    }
}

/// A value as cel-go makes it of the Go value of another.
pub(crate) fn native<'d>(value: &Value<'d>, depth: u32) -> Value<'d> {
    if depth > MAX_DEPTH {
        return Value::Null;
    }
    match value {
        Value::Object(object) if !object.is_json_patch() => match object.native_fields(depth + 1) {
            Ok(fields) => Value::map(
                fields
                    .into_iter()
                    .map(|(name, value)| (Value::string(name), value)),
            ),
            Err(why) => Value::Opaque(Arc::new(super::broken::Broken::new(why))),
        },
        Value::Optional(None) => Value::Null,
        Value::Optional(Some(inner)) => native(inner, depth + 1),
        Value::Type(of) => Value::string(of.name()),
        Value::Opaque(opaque) => match opaque.unwrapped() {
            Some(message) => Value::Opaque(Arc::new(super::broken::Broken::new(message))),
            None => value.clone(),
        },
        other => other.clone(),
    }
}

/// The value of a field: lists and maps are Go's, one level deep.
fn field_value<'d>(value: &Value<'d>, depth: u32) -> Result<Value<'d>, String> {
    match value {
        Value::List(list @ ListValue::Shared(_)) => Ok(Value::list(
            list.iter().map(|item| native(&item, depth + 1)).collect(),
        )),
        Value::Map(MapValue::Shared(entries)) => {
            let mut out = Vec::with_capacity(entries.len());
            for (key, value) in entries.iter() {
                let Value::String(_) = key else {
                    return Err(key_error(key));
                };
                out.push((key.clone(), native(value, depth + 1)));
            }
            Ok(Value::map(out))
        }
        other => Ok(native(other, depth)),
    }
}

/// Why a map with such a key is no Go map from texts.
#[must_use]
pub fn key_error(key: &Value<'_>) -> String {
    let shown = match key {
        // Go's `%q` of an integer is a character
        Value::Int(code) => go::quote_rune(*code),
        Value::Uint(code) => go::quote_rune(i64::try_from(*code).unwrap_or(i64::MAX)),
        Value::Bool(value) => format!("%!q(types.Bool={value})"),
        other => go::quote(&go::print(other)),
    };
    format!(
        "map key {shown} is of type {}, not string",
        go::type_name(key)
    )
}

fn same_fields(a: &[(Arc<str>, Value<'_>)], b: &[(Arc<str>, Value<'_>)], depth: u32) -> bool {
    a.len() == b.len()
        && a.iter().all(|(name, a)| {
            let other = b.iter().find(|(field, _)| field == name);
            other.is_some_and(|(_, b)| same(a, b, depth))
        })
}

/// `reflect.DeepEqual`: of lists and maps, which hold functions, only the very same are equal.
#[allow(clippy::float_cmp)]
fn same(a: &Value<'_>, b: &Value<'_>, depth: u32) -> bool {
    if depth > MAX_DEPTH {
        return false;
    }
    match (a, b) {
        (Value::Null, Value::Null) | (Value::Optional(None), Value::Optional(None)) => true,
        (Value::Bool(a), Value::Bool(b)) => a == b,
        (Value::Int(a), Value::Int(b)) | (Value::Duration(a), Value::Duration(b)) => a == b,
        (Value::Uint(a), Value::Uint(b)) => a == b,
        (Value::Double(a), Value::Double(b)) => a == b,
        (Value::String(a), Value::String(b)) => a == b,
        (Value::Bytes(a), Value::Bytes(b)) => a == b,
        (Value::Timestamp(a), Value::Timestamp(b)) => a == b && a.offset == b.offset,
        (Value::Type(a), Value::Type(b)) => a.name() == b.name(),
        (Value::Optional(Some(a)), Value::Optional(Some(b))) => same(a, b, depth + 1),
        (Value::List(ListValue::Shared(a)), Value::List(ListValue::Shared(b))) => Arc::ptr_eq(a, b),
        (Value::Map(MapValue::Shared(a)), Value::Map(MapValue::Shared(b))) => Arc::ptr_eq(a, b),
        (Value::Object(a), Value::Object(b)) => {
            a.type_name == b.type_name && same_fields(&a.fields, &b.fields, depth + 1)
        }
        (Value::Opaque(a), Value::Opaque(b)) => {
            a.type_of() == b.type_of() && a.equals(&**b).unwrap_or(false)
        }
        _ => false,
    }
}
