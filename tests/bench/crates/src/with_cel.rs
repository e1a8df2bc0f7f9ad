//! The crate `cel`.

use std::sync::Arc;

use cel::objects::{Key, OptionalValue};
use cel::{Context, Env, Program, Value, extensions};
use serde_json::{Map, Value as Json, json};

use crate::Engine;
use crate::protocol;

/// Its standard environment, and of its extensions those that Kubernetes has too.
pub struct Cel(Arc<Env>);

impl Engine for Cel {
    const NAME: &'static str = "cel";
    type Bound = Context<'static, 'static>;
    type Program = Program;
    type Value = Value;

    fn new() -> Self {
        let mut env = Env::stdlib();
        for extension in [extensions::strings, extensions::lists] {
            if let Err(error) = env.add_extension(extension) {
                eprintln!("cel: {error}");
            }
        }
        Self(Arc::new(env))
    }

    fn value(json: &Json) -> Value {
        cel::to_value(json).unwrap_or(Value::Null)
    }

    fn bind(&self, object: Value, variables: Value) -> Self::Bound {
        let mut context = Context::with_env(Arc::clone(&self.0));
        context.add_variable_from_value("object", object);
        context.add_variable_from_value("variables", variables);
        context
    }

    fn compile(&self, text: &str) -> Result<Program, String> {
        self.0.compile(text).map_err(|errors| errors.to_string())
    }

    fn evaluate(&self, program: &Program, bound: &Self::Bound) -> Result<Value, String> {
        program.execute(bound).map_err(|error| error.to_string())
    }

    fn protocol(value: &Value) -> Json {
        match value {
            Value::Null => Json::Null,
            Value::Bool(value) => json!(value),
            Value::Int(value) => json!(value),
            Value::UInt(value) => json!(value),
            Value::Float(value) => protocol::double(*value),
            Value::String(value) => json!(value.as_str()),
            Value::Bytes(value) => protocol::bytes(value),
            Value::List(items) => items.iter().map(Self::protocol).collect(),
            Value::Map(map) => {
                let entries = map.map.iter();
                let entries = entries.map(|(key, value)| (key_text(key), Self::protocol(value)));
                Json::Object(entries.collect::<Map<_, _>>())
            }
            Value::Duration(value) => protocol::duration(value.num_seconds(), value.subsec_nanos()),
            Value::Timestamp(value) => {
                protocol::timestamp(value.timestamp(), value.timestamp_subsec_nanos())
            }
            Value::Opaque(value) => match value.downcast_ref::<OptionalValue>() {
                Some(optional) => {
                    json!({"optional": optional.value().map(Self::protocol)})
                }
                None => json!({"other": value.runtime_type_name()}),
            },
            other => json!({"other": format!("{other:?}")}),
        }
    }
}

fn key_text(key: &Key) -> String {
    match key {
        Key::Int(key) => key.to_string(),
        Key::Uint(key) => key.to_string(),
        Key::Bool(key) => key.to_string(),
        Key::String(key) => key.to_string(),
    }
}
