//! What the standard library declares: every overload with cel-go's id and signature.

use crate::library::{Constant, Function, Overload};
use crate::types::Type::{
    self, Bool, Bytes, Double, Duration, Dyn, Int, Null, String, Timestamp, Uint,
};
use crate::value::Value;

use super::functions;

/// The names of the types, which stand for the types as values.
#[must_use]
pub fn constants() -> Vec<Constant> {
    let type_name = |name, value: Type| Constant {
        name,
        r#type: Type::type_of(value.clone()),
        value: Value::Type(value.into()),
    };
    vec![
        type_name("bool", Bool),
        type_name("bytes", Bytes),
        type_name("double", Double),
        type_name("google.protobuf.Duration", Duration),
        type_name("int", Int),
        type_name("list", Type::list(Dyn)),
        type_name("map", Type::map(Dyn, Dyn)),
        type_name("null_type", Null),
        type_name("string", String),
        type_name("google.protobuf.Timestamp", Timestamp),
        type_name("type", Type::Type(None)),
        type_name("uint", Uint),
        // of protobuf's own files, which cel-go always knows
        type_name(
            "google.protobuf.Empty",
            Type::object("google.protobuf.Empty"),
        ),
        Constant {
            name: "google.protobuf.NullValue.NULL_VALUE",
            r#type: Int,
            value: Value::Int(0),
        },
    ]
}

/// The functions and operators, in cel-go's order.
#[must_use]
pub fn functions() -> Vec<Function> {
    vec![
        function("_?_:_", [non_strict("conditional", [Bool, a(), a()], a())]),
        function("_&&_", [non_strict("logical_and", [Bool, Bool], Bool)]),
        function("_||_", [non_strict("logical_or", [Bool, Bool], Bool)]),
        function("!_", [global("logical_not", [Bool], Bool)]),
        function(
            "@not_strictly_false",
            [non_strict("not_strictly_false", [Bool], Bool)],
        ),
        function("_==_", [global("equals", [a(), a()], Bool)]),
        function("_!=_", [global("not_equals", [a(), a()], Bool)]),
        function(
            "_+_",
            [
                global("add_bytes", [Bytes, Bytes], Bytes),
                global("add_double", [Double, Double], Double),
                global("add_duration_duration", [Duration, Duration], Duration),
                global("add_duration_timestamp", [Duration, Timestamp], Timestamp),
                global("add_timestamp_duration", [Timestamp, Duration], Timestamp),
                global("add_int64", [Int, Int], Int),
                global("add_list", [list_a(), list_a()], list_a()),
                global("add_string", [String, String], String),
                global("add_uint64", [Uint, Uint], Uint),
            ],
        ),
        function(
            "_/_",
            [
                global("divide_double", [Double, Double], Double),
                global("divide_int64", [Int, Int], Int),
                global("divide_uint64", [Uint, Uint], Uint),
            ],
        ),
        function(
            "_%_",
            [
                global("modulo_int64", [Int, Int], Int),
                global("modulo_uint64", [Uint, Uint], Uint),
            ],
        ),
        function(
            "_*_",
            [
                global("multiply_double", [Double, Double], Double),
                global("multiply_int64", [Int, Int], Int),
                global("multiply_uint64", [Uint, Uint], Uint),
            ],
        ),
        function(
            "-_",
            [
                global("negate_double", [Double], Double),
                global("negate_int64", [Int], Int),
            ],
        ),
        function(
            "_-_",
            [
                global("subtract_double", [Double, Double], Double),
                global("subtract_duration_duration", [Duration, Duration], Duration),
                global("subtract_int64", [Int, Int], Int),
                global(
                    "subtract_timestamp_duration",
                    [Timestamp, Duration],
                    Timestamp,
                ),
                global(
                    "subtract_timestamp_timestamp",
                    [Timestamp, Timestamp],
                    Duration,
                ),
                global("subtract_uint64", [Uint, Uint], Uint),
            ],
        ),
        function(
            "_<_",
            [
                global("less_bool", [Bool, Bool], Bool),
                global("less_int64", [Int, Int], Bool),
                global("less_int64_double", [Int, Double], Bool),
                global("less_int64_uint64", [Int, Uint], Bool),
                global("less_uint64", [Uint, Uint], Bool),
                global("less_uint64_double", [Uint, Double], Bool),
                global("less_uint64_int64", [Uint, Int], Bool),
                global("less_double", [Double, Double], Bool),
                global("less_double_int64", [Double, Int], Bool),
                global("less_double_uint64", [Double, Uint], Bool),
                global("less_string", [String, String], Bool),
                global("less_bytes", [Bytes, Bytes], Bool),
                global("less_timestamp", [Timestamp, Timestamp], Bool),
                global("less_duration", [Duration, Duration], Bool),
            ],
        ),
        function(
            "_<=_",
            [
                global("less_equals_bool", [Bool, Bool], Bool),
                global("less_equals_int64", [Int, Int], Bool),
                global("less_equals_int64_double", [Int, Double], Bool),
                global("less_equals_int64_uint64", [Int, Uint], Bool),
                global("less_equals_uint64", [Uint, Uint], Bool),
                global("less_equals_uint64_double", [Uint, Double], Bool),
                global("less_equals_uint64_int64", [Uint, Int], Bool),
                global("less_equals_double", [Double, Double], Bool),
                global("less_equals_double_int64", [Double, Int], Bool),
                global("less_equals_double_uint64", [Double, Uint], Bool),
                global("less_equals_string", [String, String], Bool),
                global("less_equals_bytes", [Bytes, Bytes], Bool),
                global("less_equals_timestamp", [Timestamp, Timestamp], Bool),
                global("less_equals_duration", [Duration, Duration], Bool),
            ],
        ),
        function(
            "_>_",
            [
                global("greater_bool", [Bool, Bool], Bool),
                global("greater_int64", [Int, Int], Bool),
                global("greater_int64_double", [Int, Double], Bool),
                global("greater_int64_uint64", [Int, Uint], Bool),
                global("greater_uint64", [Uint, Uint], Bool),
                global("greater_uint64_double", [Uint, Double], Bool),
                global("greater_uint64_int64", [Uint, Int], Bool),
                global("greater_double", [Double, Double], Bool),
                global("greater_double_int64", [Double, Int], Bool),
                global("greater_double_uint64", [Double, Uint], Bool),
                global("greater_string", [String, String], Bool),
                global("greater_bytes", [Bytes, Bytes], Bool),
                global("greater_timestamp", [Timestamp, Timestamp], Bool),
                global("greater_duration", [Duration, Duration], Bool),
            ],
        ),
        function(
            "_>=_",
            [
                global("greater_equals_bool", [Bool, Bool], Bool),
                global("greater_equals_int64", [Int, Int], Bool),
                global("greater_equals_int64_double", [Int, Double], Bool),
                global("greater_equals_int64_uint64", [Int, Uint], Bool),
                global("greater_equals_uint64", [Uint, Uint], Bool),
                global("greater_equals_uint64_double", [Uint, Double], Bool),
                global("greater_equals_uint64_int64", [Uint, Int], Bool),
                global("greater_equals_double", [Double, Double], Bool),
                global("greater_equals_double_int64", [Double, Int], Bool),
                global("greater_equals_double_uint64", [Double, Uint], Bool),
                global("greater_equals_string", [String, String], Bool),
                global("greater_equals_bytes", [Bytes, Bytes], Bool),
                global("greater_equals_timestamp", [Timestamp, Timestamp], Bool),
                global("greater_equals_duration", [Duration, Duration], Bool),
            ],
        ),
        function(
            "_[_]",
            [
                global("index_list", [list_a(), Int], a()),
                global("index_map", [map_ab(), a()], b()),
            ],
        ),
        function(
            "@in",
            [
                global("in_list", [a(), list_a()], Bool),
                global("in_map", [a(), map_ab()], Bool),
            ],
        ),
        function(
            "size",
            [
                global("size_bytes", [Bytes], Int),
                member("bytes_size", [Bytes], Int),
                global("size_list", [list_a()], Int),
                member("list_size", [list_a()], Int),
                global("size_map", [map_ab()], Int),
                member("map_size", [map_ab()], Int),
                global("size_string", [String], Int),
                member("string_size", [String], Int),
            ],
        ),
        function("type", [global("type", [a()], type_a())]),
        function(
            "bool",
            [
                global("bool_to_bool", [Bool], Bool),
                global("string_to_bool", [String], Bool),
            ],
        ),
        function(
            "bytes",
            [
                global("bytes_to_bytes", [Bytes], Bytes),
                global("string_to_bytes", [String], Bytes),
            ],
        ),
        function(
            "double",
            [
                global("double_to_double", [Double], Double),
                global("int64_to_double", [Int], Double),
                global("string_to_double", [String], Double),
                global("uint64_to_double", [Uint], Double),
            ],
        ),
        function(
            "duration",
            [
                global("duration_to_duration", [Duration], Duration),
                global("int64_to_duration", [Int], Duration),
                global("string_to_duration", [String], Duration),
            ],
        ),
        function("dyn", [global("to_dyn", [a()], Dyn)]),
        function(
            "int",
            [
                global("int64_to_int64", [Int], Int),
                global("double_to_int64", [Double], Int),
                global("duration_to_int64", [Duration], Int),
                global("string_to_int64", [String], Int),
                global("timestamp_to_int64", [Timestamp], Int),
                global("uint64_to_int64", [Uint], Int),
            ],
        ),
        function(
            "string",
            [
                global("string_to_string", [String], String),
                global("bool_to_string", [Bool], String),
                global("bytes_to_string", [Bytes], String),
                global("double_to_string", [Double], String),
                global("duration_to_string", [Duration], String),
                global("int64_to_string", [Int], String),
                global("timestamp_to_string", [Timestamp], String),
                global("uint64_to_string", [Uint], String),
            ],
        ),
        function(
            "timestamp",
            [
                global("timestamp_to_timestamp", [Timestamp], Timestamp),
                global("int64_to_timestamp", [Int], Timestamp),
                global("string_to_timestamp", [String], Timestamp),
            ],
        ),
        function(
            "uint",
            [
                global("uint64_to_uint64", [Uint], Uint),
                global("double_to_uint64", [Double], Uint),
                global("int64_to_uint64", [Int], Uint),
                global("string_to_uint64", [String], Uint),
            ],
        ),
        function(
            "contains",
            [member("contains_string", [String, String], Bool)],
        ),
        function(
            "endsWith",
            [member("ends_with_string", [String, String], Bool)],
        ),
        function(
            "startsWith",
            [member("starts_with_string", [String, String], Bool)],
        ),
        function(
            "matches",
            [
                global("matches", [String, String], Bool),
                member("matches_string", [String, String], Bool),
            ],
        ),
        function(
            "getFullYear",
            [
                member("timestamp_to_year", [Timestamp], Int),
                member("timestamp_to_year_with_tz", [Timestamp, String], Int),
            ],
        ),
        function(
            "getMonth",
            [
                member("timestamp_to_month", [Timestamp], Int),
                member("timestamp_to_month_with_tz", [Timestamp, String], Int),
            ],
        ),
        function(
            "getDayOfYear",
            [
                member("timestamp_to_day_of_year", [Timestamp], Int),
                member("timestamp_to_day_of_year_with_tz", [Timestamp, String], Int),
            ],
        ),
        function(
            "getDayOfMonth",
            [
                member("timestamp_to_day_of_month", [Timestamp], Int),
                member(
                    "timestamp_to_day_of_month_with_tz",
                    [Timestamp, String],
                    Int,
                ),
            ],
        ),
        function(
            "getDate",
            [
                member("timestamp_to_day_of_month_1_based", [Timestamp], Int),
                member(
                    "timestamp_to_day_of_month_1_based_with_tz",
                    [Timestamp, String],
                    Int,
                ),
            ],
        ),
        function(
            "getDayOfWeek",
            [
                member("timestamp_to_day_of_week", [Timestamp], Int),
                member("timestamp_to_day_of_week_with_tz", [Timestamp, String], Int),
            ],
        ),
        function(
            "getHours",
            [
                member("timestamp_to_hours", [Timestamp], Int),
                member("timestamp_to_hours_with_tz", [Timestamp, String], Int),
                member("duration_to_hours", [Duration], Int),
            ],
        ),
        function(
            "getMinutes",
            [
                member("timestamp_to_minutes", [Timestamp], Int),
                member("timestamp_to_minutes_with_tz", [Timestamp, String], Int),
                member("duration_to_minutes", [Duration], Int),
            ],
        ),
        function(
            "getSeconds",
            [
                member("timestamp_to_seconds", [Timestamp], Int),
                member("timestamp_to_seconds_tz", [Timestamp, String], Int),
                member("duration_to_seconds", [Duration], Int),
            ],
        ),
        function(
            "getMilliseconds",
            [
                member("timestamp_to_milliseconds", [Timestamp], Int),
                member(
                    "timestamp_to_milliseconds_with_tz",
                    [Timestamp, String],
                    Int,
                ),
                member("duration_to_milliseconds", [Duration], Int),
            ],
        ),
    ]
}

fn function<const N: usize>(name: &'static str, overloads: [Overload; N]) -> Function {
    Function {
        name,
        overloads: overloads.into(),
    }
}

fn global<const N: usize>(id: &'static str, params: [Type; N], result: Type) -> Overload {
    Overload {
        binding: functions::binding(id),
        cost: functions::cost(id),
        prepare: functions::prepare(id),
        ..Overload::global(id, params.into(), result)
    }
}

fn member<const N: usize>(id: &'static str, params: [Type; N], result: Type) -> Overload {
    Overload {
        member: true,
        ..global(id, params, result)
    }
}

fn non_strict<const N: usize>(id: &'static str, params: [Type; N], result: Type) -> Overload {
    Overload {
        non_strict: true,
        ..global(id, params, result)
    }
}

fn a() -> Type {
    Type::param("A")
}

fn b() -> Type {
    Type::param("B")
}

fn list_a() -> Type {
    Type::list(a())
}

fn map_ab() -> Type {
    Type::map(a(), b())
}

fn type_a() -> Type {
    Type::type_of(a())
}
