//! One mutation of one object: the value of its expression, as a patch that is applied.

use vapwright_cel::document::Node;
use vapwright_cel::eval::Limits;
use vapwright_cel::eval::json::{JsonError, to_json};
use vapwright_cel::value::object::key_error;
use vapwright_cel::value::{ListValue, MapValue, ObjectValue, Value, go};
use vapwright_kube::json_patch::{self, Operation, PatchError};
use vapwright_kube::merge::{Given, Other};

use super::compile::CompiledMutatingPolicy;
use crate::compile::{Expression, Role, set_variables};
use crate::decide::{Group, Input, Namespace, Sees};
use crate::wording;

/// Why an object is not changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Failure {
    /// The policy failed, and its failure policy says what comes of it.
    Policy(String),
    /// The API server fails (HTTP 500), whatever the failure policy says.
    Internal(String),
    /// The API server has a bug here and drops the request.
    Panic(&'static str),
}

/// What the value of a mutation is.
pub(crate) enum Patch {
    /// A JSON patch.
    Json(Vec<Operation>),
    /// An apply configuration.
    Apply(Given),
}

/// Evaluates a mutation's expression. The cost is added to what was spent.
pub(crate) fn evaluate(
    policy: &CompiledMutatingPolicy,
    expression: &Expression,
    input: &Input<'_>,
    params: Option<&Node>,
    cost: &mut u64,
) -> Result<Patch, Failure> {
    if let Some(failure) = expression.failure() {
        return Err(Failure::Policy(failure.detail.clone()));
    }
    // mutations see the namespace as it is
    let sees = Sees {
        namespace: Namespace::Whole,
        authorizer: true,
    };
    let mut activation = input.activation(&policy.mutation_env, params, sees);
    set_variables(&policy.lazy, &policy.mutation_env, &mut activation);
    let mut group = Group {
        activation: &activation,
        budget: Limits::PER_POLICY.cost,
        cost: 0,
    };
    let evaluated = group.evaluate(expression);
    *cost += group.cost;
    let value = evaluated.and_then(|value| value).map_err(Failure::Policy)?;
    match (expression.role, &value) {
        (Role::JsonPatch, Value::List(list)) => operations(list).map(Patch::Json),
        (_, Value::Object(object)) => given(object).map(Patch::Apply),
        // the checker lets nothing else through
        (_, other) => Err(Failure::Policy(wording::not_a_patch(&other.type_name()))),
    }
}

/// The operations of a JSON patch.
fn operations(list: &ListValue<'_>) -> Result<Vec<Operation>, Failure> {
    let operations = list.iter().map(|item| {
        let Value::Object(patch) = &item else {
            let name = item.type_name();
            return Err(Failure::Policy(wording::not_a_patch(&name)));
        };
        let value = match patch.field("value") {
            None => None,
            Some(value) => {
                if let Value::Object(object) = value
                    && !object.is_json_patch()
                {
                    check_names(object)?;
                }
                let json = to_json(value).map_err(|error| match error {
                    JsonError::Unsupported(why) => Failure::Policy(wording::no_json(&why)),
                    JsonError::Panic(text) => Failure::Panic(text),
                })?;
                Some(json)
            }
        };
        Ok(Operation {
            op: patch.text("op"),
            path: patch.text("path"),
            from: patch.text("from"),
            value,
        })
    });
    operations.collect()
}

/// Whether the names of types are the paths to where the objects stand.
fn check_names(object: &ObjectValue<'_>) -> Result<(), Failure> {
    let mut errors = Vec::new();
    check_name(object, object.type_name(), &mut errors, 0);
    if errors.is_empty() {
        return Ok(());
    }
    Err(Failure::Policy(wording::type_mismatch(&errors.join("\n"))))
}

/// How deep values are looked into.
const MAX_DEPTH: u32 = 200;

fn check_name(object: &ObjectValue<'_>, path: &str, errors: &mut Vec<String>, depth: u32) {
    if object.type_name() != path {
        errors.push(wording::wrong_type_name(object.type_name(), path));
    }
    for (name, value) in object.fields() {
        check_value(value, &format!("{path}.{name}"), errors, depth + 1);
    }
}

fn check_value(value: &Value<'_>, path: &str, errors: &mut Vec<String>, depth: u32) {
    if depth > MAX_DEPTH {
        return;
    }
    match value {
        Value::Object(object) if !object.is_json_patch() => {
            check_name(object, path, errors, depth);
        }
        Value::List(ListValue::Shared(items)) => {
            for item in items.iter() {
                check_value(item, path, errors, depth + 1);
            }
        }
        Value::Map(MapValue::Shared(entries)) => {
            for (_, item) in entries.iter() {
                check_value(item, path, errors, depth + 1);
            }
        }
        _ => {}
    }
}

/// Applies a JSON patch; an object whose test failed stays as it is.
pub(crate) fn apply_json(object: &Node, operations: &[Operation]) -> Result<Node, Failure> {
    match json_patch::apply(object, operations) {
        Ok(patched) => Ok(patched),
        Err(PatchError::Test) => Ok(object.clone()),
        Err(PatchError::Failed(why)) => Err(Failure::Policy(wording::json_patch_failed(&why))),
        Err(PatchError::Panic(text)) => Err(Failure::Panic(text)),
    }
}

/// The apply configuration that an object is, as Go holds it.
fn given(object: &ObjectValue<'_>) -> Result<Given, Failure> {
    check_names(object)?;
    match native_object(object, 0) {
        fields @ Given::Map(_) => Ok(fields),
        _ => Err(Failure::Policy(wording::INVALID_RETURN_TYPE.to_owned())),
    }
}

/// An object's own Go value: a map, or the error that there is none.
fn native_object(object: &ObjectValue<'_>, depth: u32) -> Given {
    let mut fields = Vec::with_capacity(object.fields().len());
    for (name, value) in object.fields() {
        match native_field(value, depth + 1) {
            Ok(value) => fields.push((name.clone(), value)),
            Err(why) => {
                let text = format!("fail to convert field {}: {why}", go::quote(name));
                return other("*types.Err", text.clone(), text);
            }
        }
    }
    Given::Map(fields)
}

/// The Go value of a field: lists and maps of values are Go's, one level deep.
fn native_field(value: &Value<'_>, depth: u32) -> Result<Given, String> {
    match value {
        Value::List(ListValue::Shared(items)) if items.is_empty() => Ok(Given::NoList),
        Value::List(ListValue::Shared(items)) => Ok(Given::List(
            items.iter().map(|item| native(item, depth + 1)).collect(),
        )),
        Value::Map(MapValue::Shared(entries)) => {
            let mut fields = Vec::with_capacity(entries.len());
            for (key, item) in entries.iter() {
                let Value::String(name) = key else {
                    return Err(key_error(key));
                };
                fields.push((name.as_str().into(), native(item, depth + 1)));
            }
            Ok(Given::Map(fields))
        }
        value => Ok(native(value, depth)),
    }
}

/// A value's own Go value.
fn native(value: &Value<'_>, depth: u32) -> Given {
    if depth > MAX_DEPTH {
        return Given::Null;
    }
    let go_type = go::go_type(value);
    match value {
        Value::Bool(value) => Given::Bool(*value),
        Value::Int(value) => Given::Int(*value),
        Value::Double(value) => Given::Double(*value),
        Value::String(text) => Given::String(text.as_str().into()),
        Value::Type(of) => Given::String(of.name().into()),
        Value::Optional(None) => Given::Null,
        Value::Optional(Some(inner)) => native(inner, depth + 1),
        Value::List(ListValue::Borrowed(items)) => {
            Given::List(items.iter().map(Given::of).collect())
        }
        Value::Map(MapValue::Borrowed(fields)) => {
            let fields = fields.iter();
            Given::Map(
                fields
                    .map(|(name, node)| (name.clone(), Given::of(node)))
                    .collect(),
            )
        }
        Value::Object(object) if !object.is_json_patch() => native_object(object, depth + 1),
        Value::Null => other(go_type, "NULL_VALUE".to_owned(), "0".to_owned()),
        Value::Uint(value) => other(go_type, value.to_string(), format!("{value:#x}")),
        Value::Bytes(bytes) => {
            let sharp: Vec<String> = bytes.iter().map(|byte| format!("{byte:#x}")).collect();
            let sharp = format!("[]uint8{{{}}}", sharp.join(", "));
            other(go_type, go::print(value), sharp)
        }
        Value::Duration(nanos) => other(go_type, go::print(value), nanos.to_string()),
        Value::Timestamp(time) => other(go_type, go::print(value), time.format_go_syntax()),
        Value::List(ListValue::Shared(items)) => {
            let plain: Vec<String> = items.iter().map(go::print).collect();
            let sharp: Vec<String> = items
                .iter()
                .map(|item| native(item, depth + 1).sharp())
                .collect();
            let sharp = format!("[]ref.Val{{{}}}", sharp.join(", "));
            other(go_type, format!("[{}]", plain.join(" ")), sharp)
        }
        Value::Map(MapValue::Shared(entries)) => {
            let print = |print: &dyn Fn(&Value<'_>) -> String, between: &str| {
                let entries = entries.iter();
                let mut entries: Vec<String> = entries
                    .map(|(key, value)| format!("{}:{}", print(key), print(value)))
                    .collect();
                entries.sort_unstable();
                entries.join(between)
            };
            let plain = print(&go::print, " ");
            let sharp = print(&|value| native(value, depth + 1).sharp(), ", ");
            let sharp = format!("map[ref.Val]ref.Val{{{sharp}}}");
            other(go_type, format!("map[{plain}]"), sharp)
        }
        // Go prints addresses here
        Value::Object(_) | Value::Opaque(_) => {
            other(go_type, go::print(value), format!("({go_type})"))
        }
    }
}

const fn other(go_type: &'static str, plain: String, sharp: String) -> Given {
    Given::Other(Other {
        go_type,
        plain,
        sharp,
    })
}
