//! The messages of protobuf's own files, which cel-go always knows, and their fields.

use crate::types::Type;

/// The CEL type that a message of this name has.
pub(super) fn message(name: &str) -> Option<Type> {
    let t = match name.strip_prefix("google.protobuf.")? {
        "BoolValue" => Type::Wrapper(Type::Bool.into()),
        "BytesValue" => Type::Wrapper(Type::Bytes.into()),
        "DoubleValue" | "FloatValue" => Type::Wrapper(Type::Double.into()),
        "Int64Value" | "Int32Value" => Type::Wrapper(Type::Int.into()),
        "UInt64Value" | "UInt32Value" => Type::Wrapper(Type::Uint.into()),
        "StringValue" => Type::Wrapper(Type::String.into()),
        "Any" => Type::Any,
        "Duration" => Type::Duration,
        "Timestamp" => Type::Timestamp,
        "ListValue" => Type::list(Type::Dyn),
        "Struct" => Type::map(Type::String, Type::Dyn),
        "Value" => Type::Dyn,
        "Empty" | "Struct.FieldsEntry" => Type::object(name),
        _ => return None,
    };
    Some(t)
}

/// Whether it is the name of such a message.
pub(super) fn is_message(name: &str) -> bool {
    message(name).is_some()
}

/// The type of a field of such a message.
pub(super) fn field(message: &str, field: &str) -> Option<Type> {
    let t = match (message.strip_prefix("google.protobuf.")?, field) {
        ("BoolValue", "value") | ("Value", "bool_value") => Type::Bool,
        ("BytesValue" | "Any", "value") => Type::Bytes,
        ("DoubleValue" | "FloatValue", "value") | ("Value", "number_value") => Type::Double,
        ("Int64Value" | "Int32Value", "value")
        | ("Duration" | "Timestamp", "seconds" | "nanos")
        | ("Value", "null_value") => Type::Int,
        ("UInt64Value" | "UInt32Value", "value") => Type::Uint,
        ("StringValue", "value")
        | ("Any", "type_url")
        | ("Value", "string_value")
        | ("Struct.FieldsEntry", "key") => Type::String,
        ("ListValue", "values") | ("Value", "list_value") => Type::list(Type::Dyn),
        ("Struct", "fields") | ("Value", "struct_value") => Type::map(Type::String, Type::Dyn),
        ("Struct.FieldsEntry", "value") => Type::Dyn,
        _ => return None,
    };
    Some(t)
}

/// The name of the message whose values have a type, for a type that may be made by a message
/// literal though it is no object.
pub(super) fn message_name(t: &Type) -> Option<&'static str> {
    let name = match t {
        Type::Any => "google.protobuf.Any",
        Type::Duration => "google.protobuf.Duration",
        Type::Dyn => "google.protobuf.Value",
        Type::Null => "google.protobuf.NullValue",
        Type::Timestamp => "google.protobuf.Timestamp",
        Type::List(element) if **element == Type::Dyn => "google.protobuf.ListValue",
        Type::Map(key, value) if **key == Type::String && **value == Type::Dyn => {
            "google.protobuf.Struct"
        }
        Type::Wrapper(inner) => match **inner {
            Type::Bool => "google.protobuf.BoolValue",
            Type::Bytes => "google.protobuf.BytesValue",
            Type::Double => "google.protobuf.DoubleValue",
            Type::Int => "google.protobuf.Int64Value",
            Type::String => "google.protobuf.StringValue",
            Type::Uint => "google.protobuf.UInt64Value",
            _ => return None,
        },
        _ => return None,
    };
    Some(name)
}
