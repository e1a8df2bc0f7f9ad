//! Messages of protobuf's own types and of the API server's.

use super::Library;

pub const LIBRARIES: &[Library] = &[Library {
    since: 0,
    rules: r"
        bool: google.protobuf.BoolValue{value: $bool}
        bool: google.protobuf.BoolValue{}
        int: google.protobuf.Int32Value{value: $int}
        int: google.protobuf.Int64Value{value: $int}
        int: google.protobuf.Int64Value{}
        uint: google.protobuf.UInt32Value{value: $uint}
        uint: google.protobuf.UInt64Value{value: $uint}
        double: google.protobuf.DoubleValue{value: $double}
        double: google.protobuf.FloatValue{value: $double}
        string: google.protobuf.StringValue{value: $string}
        bytes: google.protobuf.BytesValue{value: $bytes}
        duration: google.protobuf.Duration{seconds: $int, nanos: $small}
        duration: google.protobuf.Duration{seconds: $small}
        timestamp: google.protobuf.Timestamp{seconds: $int}
        timestamp: google.protobuf.Timestamp{seconds: $small, nanos: $small}
        list(dyn): google.protobuf.ListValue{values: $list(dyn)}
        map(string, dyn): google.protobuf.Struct{fields: $map(string, dyn)}
        dyn: google.protobuf.Value{bool_value: $bool}
        dyn: google.protobuf.Value{number_value: $double}
        dyn: google.protobuf.Value{string_value: $string}
        dyn: google.protobuf.Value{}
        int: google.protobuf.Int64Value{?value: $opt(int)}
        dyn: google.protobuf.Int64Value{nope: $int}
        dyn: google.protobuf.Nope{value: $int}
        dyn: google.protobuf.NullValue.NULL_VALUE
        dyn: google.protobuf.Empty{}
        dyn: kubernetes.AdmissionRequest{}
        dyn: kubernetes.AdmissionRequest{name: $string}
        dyn: kubernetes.Quantity{}
        dyn: Object{spec: $dyn}
        dyn: object{spec: $dyn}
    ",
}];
