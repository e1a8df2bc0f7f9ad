//! The checker row by row: types, and errors with their places, as `k8s.io/apiserver` 0.36.2
//! answers them for Kubernetes 1.36.

mod common;

use vapwright_cel::check::check;
use vapwright_cel::parse::parse;
use vapwright_cel::source::Source;
use vapwright_cel::version::KubernetesVersion;

/// The type of an expression, or its errors in the order in which they are printed.
fn answer(text: &str) -> String {
    let env = common::environment(KubernetesVersion::new(36));
    let source = Source::new(text);
    let parsed = parse(&source, &env);
    assert_eq!(parsed.issues, [], "{text}");
    let mut checked = check(parsed.ast, &source, &env);
    if checked.issues.is_empty() {
        return checked.checked.output.to_string();
    }
    checked.issues.sort_by_key(|issue| issue.location);
    let errors = checked.issues.iter().map(|issue| {
        let at = issue.location;
        format!("{}:{}: {}", at.line, at.column + 1, issue.message)
    });
    errors.collect::<Vec<_>>().join("; ")
}

#[test]
fn rows() {
    let failures: Vec<_> = ROWS
        .iter()
        .filter_map(|(text, expected)| {
            let got = answer(text);
            (got != *expected).then(|| format!("{text}\n  wanted: {expected}\n  got:    {got}"))
        })
        .collect();
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}

#[test]
fn a_type_that_doubles_at_each_step_is_refused_in_bounded_time() {
    let text = format!("[1]{}", ".map(a, {a: a})".repeat(100));
    assert!(answer(&text).ends_with("the type of the expression has too many parts"));
}

const ROWS: &[(&str, &str)] = &[
    ("{}", "map(dyn, dyn)"),
    ("[]", "list(dyn)"),
    ("[1, 2u]", "1:5: expected type 'int' but found 'uint'"),
    ("[dyn(1), 2]", "1:10: expected type 'dyn' but found 'int'"),
    ("[1, dyn(2)]", "1:8: expected type 'int' but found 'dyn'"),
    (
        "{1: 'a', 'b': 2}",
        "1:10: expected type 'int' but found 'string'; 1:15: expected type 'string' but found 'int'",
    ),
    (
        "[null, duration('1s')]",
        "1:16: expected type 'null' but found 'duration'",
    ),
    ("[{}, {'a': 1}]", "list(map(string, int))"),
    (
        "1 == 1.0",
        "1:3: found no matching overload for '_==_' applied to '(int, double)'",
    ),
    ("1 < 2u", "bool"),
    (
        "1 + 1u",
        "1:3: found no matching overload for '_+_' applied to '(int, uint)'",
    ),
    (
        "-true",
        "1:1: found no matching overload for '-_' applied to '(bool)'",
    ),
    (
        "!1",
        "1:1: found no matching overload for '!_' applied to '(int)'",
    ),
    (
        "1 && 'a'",
        "1:1: expected type 'bool' but found 'int'; 1:6: expected type 'bool' but found 'string'",
    ),
    (
        "true ? 1 : 'a'",
        "1:6: found no matching overload for '_?_:_' applied to '(bool, int, string)'",
    ),
    ("true ? dyn(1) : 'a'", "dyn"),
    ("true ? null : duration('1s')", "null_type"),
    (
        "[1][0u]",
        "1:4: found no matching overload for '_[_]' applied to '(list(int), uint)'",
    ),
    (
        "{'a': 1}[0]",
        "1:9: found no matching overload for '_[_]' applied to '(map(string, int), int)'",
    ),
    ("{'a': 1}.b", "int"),
    (
        "'a'.b",
        "1:4: type 'string' does not support field selection",
    ),
    (
        "has('a'.b)",
        "1:4: type 'string' does not support field selection",
    ),
    ("[].map(x, x)", "list(dyn)"),
    (
        "[1, 2].map(x, x + 'a')",
        "1:17: found no matching overload for '_+_' applied to '(int, string)'",
    ),
    ("[[1], [2]].map(x, x[0])", "list(int)"),
    (
        "{'a': 1}.map(k, k + 1)",
        "1:19: found no matching overload for '_+_' applied to '(string, int)'",
    ),
    (
        "1.all(x, true)",
        "1:1: expression of type 'int' cannot be range of a comprehension (must be list, map, or dynamic)",
    ),
    ("object.all(x, x > 1)", "bool"),
    (
        "[1].all(x, x)",
        "1:12: expected type 'bool' but found 'int'",
    ),
    (
        "[1].exists(x, x.y)",
        "1:16: type 'int' does not support field selection",
    ),
    ("[1].filter(x, x > 0)[0]", "int"),
    ("[1].map(x, [2].map(y, x + y))", "list(list(int))"),
    ("[1, 2].all(i, v, i < v)", "bool"),
    (
        "{'a': 1}.all(k, v, k == v)",
        "1:22: found no matching overload for '_==_' applied to '(string, int)'",
    ),
    ("[1].transformMap(i, v, string(v))", "map(int, string)"),
    ("{'a': 1}.transformList(k, v, v)", "list(int)"),
    ("int", "type(int)"),
    ("type(1)", "type(int)"),
    ("type(int)", "type(type(int))"),
    ("type(list)", "type(type(list(dyn)))"),
    ("type([1])", "type(list(int))"),
    ("list == type([1])", "bool"),
    ("google.protobuf.Int64Value", "type(wrapper(int))"),
    (
        "google.protobuf.Timestamp",
        "type(google.protobuf.Timestamp)",
    ),
    ("google.protobuf.NullValue.NULL_VALUE", "int"),
    ("duration", "type(google.protobuf.Duration)"),
    (
        "kubernetes.AdmissionRequest",
        "type(kubernetes.AdmissionRequest)",
    ),
    ("google.protobuf.Int64Value{value: 1}", "wrapper(int)"),
    (
        "google.protobuf.Int64Value{value: 'a'}",
        "1:33: expected type of field 'value' is 'int' but provided type is 'string'",
    ),
    (
        "google.protobuf.Int64Value{valu: 1}",
        "1:32: undefined field 'valu'",
    ),
    ("google.protobuf.Int64Value{value: 1} + 1", "int"),
    ("google.protobuf.Int64Value{value: 1} == null", "bool"),
    (
        "google.protobuf.Struct{fields: {'a': 1}}",
        "map(string, dyn)",
    ),
    ("google.protobuf.Empty{}.x", "1:24: undefined field 'x'"),
    (
        "google.protobuf.Foo{}",
        "1:20: undeclared reference to 'google.protobuf.Foo' (in container '')",
    ),
    ("int{}", "1:4: 'int' is not a message type"),
    ("list{}", "list(dyn)"),
    ("null_type{}", "null_type"),
    (
        "request{}",
        "1:8: undeclared reference to 'request' (in container '')",
    ),
    (
        "kubernetes.AdmissionRequest{name: 1}",
        "1:33: expected type of field 'name' is 'string' but provided type is 'int'",
    ),
    ("request.name", "string"),
    ("request.nam", "1:8: undefined field 'nam'"),
    ("request.userInfo.groups[0]", "string"),
    ("request.userInfo.extra['a'][0]", "string"),
    ("request.options.x", "dyn"),
    (
        "request.dryRun == 1",
        "1:16: found no matching overload for '_==_' applied to '(bool, int)'",
    ),
    (
        "request.kind.kind.x",
        "1:18: type 'string' does not support field selection",
    ),
    ("has(request.namespace)", "bool"),
    ("has(request.foo)", "1:4: undefined field 'foo'"),
    ("request.?name", "optional_type(string)"),
    ("request.?foo", "1:8: undefined field 'foo'"),
    (
        "request[?'name']",
        "1:8: found no matching overload for '_[?_]' applied to '(kubernetes.AdmissionRequest, string)'",
    ),
    (
        "request == 1",
        "1:9: found no matching overload for '_==_' applied to '(kubernetes.AdmissionRequest, int)'",
    ),
    ("request == null", "bool"),
    ("namespaceObject.metadata.labels.x", "string"),
    (
        "namespaceObject.status.conditions[0].lastTransitionTime",
        "google.protobuf.Timestamp",
    ),
    (
        "authorizer.requestResource",
        "kubernetes.authorization.ResourceCheck",
    ),
    (
        "authorizer.requestResource.x",
        "1:27: unexpected failed resolution of 'kubernetes.authorization.ResourceCheck'",
    ),
    (
        "[1].all(authorizer, authorizer.requestResource)",
        "1:31: type 'int' does not support field selection",
    ),
    (".object.x", "dyn"),
    ("[1].map(object, .object.x)", "list(dyn)"),
    (
        "object()",
        "1:7: undeclared reference to 'object' (in container '')",
    ),
    ("object.size()", "int"),
    ("size(object)", "int"),
    (
        "size(1)",
        "1:5: found no matching overload for 'size' applied to '(int)'",
    ),
    (
        "'a'.size(1)",
        "1:9: found no matching overload for 'size' applied to 'string.(int)'",
    ),
    (
        "foo(1)",
        "1:4: undeclared reference to 'foo' (in container '')",
    ),
    (
        "foo.bar(1)",
        "1:1: undeclared reference to 'foo' (in container ''); 1:8: undeclared reference to 'bar' (in container '')",
    ),
    (".size('a')", "int"),
    ("optional.of(1)", "optional_type(int)"),
    ("optional.none()", "optional_type(dyn)"),
    (
        "optional.of(1) + 1",
        "1:16: found no matching overload for '_+_' applied to '(optional_type(int), int)'",
    ),
    ("optional.of({'a': 1}).a", "optional_type(int)"),
    ("optional.of({'a': 1}).?a", "optional_type(int)"),
    (
        "optional.of(1).a",
        "1:15: type 'int' does not support field selection",
    ),
    ("[?optional.of(1), 2]", "list(int)"),
    (
        "[?1]",
        "1:3: expected type 'optional_type(int)' but found 'int'",
    ),
    ("{?'a': optional.of(1)}", "map(string, int)"),
    (
        "{?'a': 1}",
        "1:8: expected type 'optional_type(int)' but found 'int'",
    ),
    ("{'a': 1}[?'a'].orValue(2)", "int"),
    (
        "{'a': 1}[?'a'].orValue('b')",
        "1:23: found no matching overload for 'orValue' applied to 'optional_type(int).(string)'",
    ),
    ("optional.none().orValue(1)", "int"),
    (
        "optional.of(1).or(2)",
        "1:18: found no matching overload for 'or' applied to 'optional_type(int).(int)'",
    ),
    ("optional.of(1).optMap(x, x + 1)", "optional_type(int)"),
    (
        "optional.of(1).optMap(x, x + 'a')",
        "1:28: found no matching overload for '_+_' applied to '(int, string)'",
    ),
    ("duration(1)", "1:10: invalid duration argument"),
    ("timestamp(null)", "1:11: invalid timestamp argument"),
    ("timestamp('a')", "1:11: invalid timestamp argument"),
    ("'a'.matches('[')", "1:13: invalid matches argument"),
    ("matches('[', 'a')", "1:9: invalid matches argument"),
    (
        "'%d'.format(['a'])",
        "1:14: error during formatting: decimal clause can only be used on integers, was given string",
    ),
    ("'%s'.format([])", "1:12: index 0 out of range"),
    (
        "'%s'.format([1, 2])",
        "1:12: too many arguments supplied to string.format (expected 1, got 2)",
    ),
    ("'%d %s'.format([1, 'a'])", "string"),
    ("'%s'.format([[1, 'a']])", "string"),
    (
        "[1, 'a'].size()",
        "1:5: expected type 'int' but found 'string'",
    ),
    ("timestamp(0) - timestamp(1)", "google.protobuf.Duration"),
    (
        "timestamp(0).getHours('UTC') + 1u",
        "1:30: found no matching overload for '_+_' applied to '(int, uint)'",
    ),
    (
        "duration('1s').getHours('UTC')",
        "1:24: found no matching overload for 'getHours' applied to 'duration.(string)'",
    ),
    (
        "b'a' + 'a'",
        "1:6: found no matching overload for '_+_' applied to '(bytes, string)'",
    ),
    (
        "[1] + ['a']",
        "1:5: found no matching overload for '_+_' applied to '(list(int), list(string))'",
    ),
    ("[] + ['a']", "list(string)"),
    ("[1] in [[1]]", "bool"),
    (
        "1 in {'a': 1}",
        "1:3: found no matching overload for '@in' applied to '(int, map(string, int))'",
    ),
    (
        "1 in ['a']",
        "1:3: found no matching overload for '@in' applied to '(int, list(string))'",
    ),
    (
        "1 in 1",
        "1:3: found no matching overload for '@in' applied to '(int, int)'",
    ),
];
