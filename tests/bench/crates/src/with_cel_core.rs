//! The crate `cel-core`.

use std::sync::Arc;

use cel_core::ext;
use cel_core::{CelType, Env, MapActivation, MapKey, OptionalValue, Program, Value, ValueMap};
use serde_json::{Map, Value as Json, json};

use crate::Engine;
use crate::protocol;

/// Its standard library, and of its extensions those that Kubernetes has too.
pub struct CelCore(Env);

impl Engine for CelCore {
    const NAME: &'static str = "cel-core";
    type Bound = MapActivation;
    type Program = Program;
    type Value = Value;

    fn new() -> Self {
        let env = Env::with_standard_library()
            .with_extension(ext::string_extension())
            .with_extension(ext::optionals_extension())
            .with_variable("object", CelType::Dyn)
            .with_variable("variables", CelType::Dyn);
        Self(env)
    }

    fn value(json: &Json) -> Value {
        match json {
            Json::Null => Value::Null,
            Json::Bool(value) => Value::Bool(*value),
            Json::Number(number) => match number.as_i64() {
                Some(value) => Value::Int(value),
                None => Value::Double(number.as_f64().unwrap_or_default()),
            },
            Json::String(text) => Value::String(Arc::from(text.as_str())),
            Json::Array(items) => Value::List(items.iter().map(Self::value).collect()),
            Json::Object(fields) => {
                let mut map = ValueMap::new();
                for (key, value) in fields {
                    map.insert(MapKey::from(key.as_str()), Self::value(value));
                }
                Value::Map(Arc::new(map))
            }
        }
    }

    fn bind(&self, object: Value, variables: Value) -> MapActivation {
        let mut activation = MapActivation::new();
        activation.insert("object", object);
        activation.insert("variables", variables);
        activation
    }

    fn compile(&self, text: &str) -> Result<Program, String> {
        let ast = self.0.compile(text).map_err(|error| error.to_string())?;
        self.0.program(&ast).map_err(|error| error.to_string())
    }

    fn evaluate(&self, program: &Program, bound: &MapActivation) -> Result<Value, String> {
        match program.eval(bound) {
            Value::Error(error) => Err(error.to_string()),
            value => Ok(value),
        }
    }

    fn protocol(value: &Value) -> Json {
        match value {
            Value::Null => Json::Null,
            Value::Bool(value) => json!(value),
            Value::Int(value) => json!(value),
            Value::UInt(value) => json!(value),
            Value::Double(value) => protocol::double(*value),
            Value::String(value) => json!(value.as_ref()),
            Value::Bytes(value) => protocol::bytes(value),
            Value::List(items) => items.iter().map(Self::protocol).collect(),
            Value::Map(map) => {
                let entries = map.iter();
                let entries = entries.map(|(key, value)| (key_text(key), Self::protocol(value)));
                Json::Object(entries.collect::<Map<_, _>>())
            }
            Value::Duration(value) => protocol::duration(value.seconds, value.nanos),
            Value::Timestamp(value) => {
                protocol::timestamp(value.seconds, value.nanos.try_into().unwrap_or_default())
            }
            Value::Type(value) => json!(value.name.to_string()),
            Value::Optional(OptionalValue::None) => json!({"optional": null}),
            Value::Optional(OptionalValue::Some(value)) => {
                json!({"optional": Self::protocol(value)})
            }
            other => json!({"other": other.to_string()}),
        }
    }
}

fn key_text(key: &MapKey) -> String {
    match key.to_value() {
        Value::String(key) => key.to_string(),
        Value::UInt(key) => key.to_string(),
        other => other.to_string(),
    }
}
