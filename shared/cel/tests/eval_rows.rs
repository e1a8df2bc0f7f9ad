//! Lazy variables, cost limits and explanations.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test may fail anywhere"
)]

use std::sync::Arc;

use vapwright_cel::compile::Compiled;
use vapwright_cel::document::Node;
use vapwright_cel::env::Environment;
use vapwright_cel::eval::explain::explain;
use vapwright_cel::eval::trace::trace;
use vapwright_cel::eval::{Activation, LazyVariable, Limits, evaluate};
use vapwright_cel::plan::VARIABLES_TYPE;
use vapwright_cel::types::{ObjectType, Type};
use vapwright_cel::value::{Value, protocol};
use vapwright_cel::version::KubernetesVersion;

/// `object`, and `variables` with these names.
fn environment(variables: &[&str]) -> Environment {
    let fields = variables.iter().map(|name| ((*name).into(), Type::Dyn));
    Environment::kubernetes(KubernetesVersion::new(36))
        .with_object_type(ObjectType {
            name: VARIABLES_TYPE.into(),
            fields: fields.collect(),
        })
        .with_variable("object", Type::Dyn)
        .with_variable("variables", Type::object(VARIABLES_TYPE))
}

fn activation<'d>(object: &'d Node, variables: &[(&str, &str)]) -> Activation<'d> {
    let names: Vec<&str> = variables.iter().map(|(name, _)| *name).collect();
    let lazy = variables.iter().enumerate().map(|(at, (name, text))| {
        let compiled = environment(&names[..at]).compile(text);
        LazyVariable {
            name: (*name).into(),
            program: compiled
                .map(|compiled| Arc::new(compiled.program))
                .map_err(|error| error.to_string()),
        }
    });
    let lazy: Vec<LazyVariable> = lazy.collect();
    let mut activation = Activation::new();
    activation.set(0, Value::from(object));
    activation.set_lazy(1, lazy.into());
    activation
}

fn pod() -> Node {
    let container = |name: &str, privileged: Option<bool>| {
        let context = privileged.map(|value| ("privileged", Node::Bool(value)));
        Node::map([
            ("name", Node::string(name)),
            ("securityContext", Node::map(context)),
        ])
    };
    let containers = vec![
        container("a", Some(false)),
        container("b", Some(true)),
        container("c", None),
    ];
    Node::map([
        (
            "spec",
            Node::map([
                ("hostNetwork", Node::Bool(true)),
                ("containers", Node::List(containers)),
            ]),
        ),
        ("n", Node::Int(5)),
    ])
}

/// The value or error, the cost, and the cost of the variables.
fn outcome(variables: &[(&str, &str)], text: &str, limit: u64) -> (String, u64, u64) {
    let object = pod();
    let names: Vec<&str> = variables.iter().map(|(name, _)| *name).collect();
    let compiled: Compiled = environment(&names).compile(text).unwrap();
    let activation = activation(&object, variables);
    let evaluation = evaluate(&compiled.program, &activation, Limits { cost: limit });
    let text = match evaluation.result {
        Ok(value) => protocol::json(&value).unwrap(),
        Err(error) => error.to_string(),
    };
    (text, evaluation.cost, activation.take_variable_cost())
}

/// By composition.go and lazy/value.go: a variable costs two for each reading (name and
/// selection), and its own cost once.
#[test]
fn lazy_variables_are_evaluated_once_when_read() {
    let variables = [
        ("n", "object.n"),
        ("twice", "variables.n * 2"),
        ("bad", "1 / (object.n - 5)"),
    ];
    for (text, value, cost, variable_cost) in [
        ("1 + 1", "2", 1, 0),
        ("variables.n", "5", 2, 2),
        ("variables.n + variables.n", "10", 5, 2),
        ("variables.twice", "10", 2, 5),
        ("has(variables.n)", "true", 1, 2),
        (
            "variables.bad",
            "composited variable \"bad\" fails to evaluate: division by zero",
            2,
            4,
        ),
        ("variables.bad == 1 || true", "true", 3, 4),
    ] {
        let expected = (value.to_owned(), cost, variable_cost);
        assert_eq!(outcome(&variables, text, 1_000_000), expected, "{text}");
    }
}

/// By runtimecost.go: the tracker stops at the first step beyond the limit, and nothing absorbs
/// that.
#[test]
fn cost_limits_end_evaluations() {
    let cancelled = "operation cancelled: actual cost limit exceeded";
    for (text, limit, value, cost) in [
        ("object.n + object.n", 5, "10", 5),
        ("object.n + object.n", 4, cancelled, 5),
        ("object.n + object.n == 10 || true", 3, cancelled, 4),
        (
            "object.spec.containers.all(c, c.name != '')",
            10,
            cancelled,
            11,
        ),
    ] {
        let (got, spent, _) = outcome(&[], text, limit);
        assert_eq!((got.as_str(), spent), (value, cost), "{text}");
    }
}

/// The parts that make an expression false, and the nodes they read, as paths.
fn reasons(variables: &[(&str, &str)], text: &str) -> (Vec<String>, Vec<String>) {
    let object = pod();
    let names: Vec<&str> = variables.iter().map(|(name, _)| *name).collect();
    let compiled = environment(&names).compile(text).unwrap();
    let activation = activation(&object, variables);
    let (evaluation, trace) = trace(&compiled.program, &activation, Limits::PER_EXPRESSION);
    assert!(
        matches!(evaluation.result, Ok(Value::Bool(false))),
        "{text}"
    );
    let found = explain(&compiled.program, &activation, &trace);
    let own = found.parts.iter().filter(|part| part.variable.is_none());
    let parts = own.map(|part| compiled.source.slice(part.span).to_owned());
    let reads = found.reads.iter().map(|read| {
        let missing = read.missing.as_ref().map(|name| format!(" without {name}"));
        path(&object, read.node).unwrap() + &missing.unwrap_or_default()
    });
    (parts.collect(), reads.collect())
}

fn path(from: &Node, to: &Node) -> Option<String> {
    if std::ptr::eq(from, to) {
        return Some(String::new());
    }
    match from {
        Node::Map(fields) => fields
            .iter()
            .find_map(|(key, node)| Some(format!(".{key}{}", path(node, to)?))),
        Node::List(items) => items
            .iter()
            .enumerate()
            .find_map(|(at, node)| Some(format!("[{at}]{}", path(node, to)?))),
        _ => None,
    }
}

#[test]
fn explanations_name_parts_and_nodes() {
    let privileged = "object.spec.containers.all(c, !has(c.securityContext.privileged) || c.securityContext.privileged == false)";
    let host = [("host", "object.spec.hostNetwork"), ("no", "object.n < 3")];
    for (variables, text, parts, first) in [
        (
            &host[..0],
            privileged,
            vec![
                "has(c.securityContext.privileged)",
                "c.securityContext.privileged == false",
            ],
            ".spec.containers[1].securityContext.privileged",
        ),
        (
            &host[..0],
            "object.n == 5 && !object.spec.hostNetwork",
            vec!["object.spec.hostNetwork"],
            ".spec.hostNetwork",
        ),
        (
            &host[..0],
            "object.n == 5 ? object.n == 6 : true",
            vec!["object.n == 6"],
            ".n",
        ),
        (
            &host[..0],
            "object.spec.containers[2].?securityContext.?privileged.orValue(true) == false",
            vec!["object.spec.containers[2].?securityContext.?privileged.orValue(true) == false"],
            ".spec.containers[2].securityContext without privileged",
        ),
        (&host[..], "variables.no", vec!["variables.no"], ".n"),
        (
            &host[..],
            "!variables.host || object.n == 1",
            vec!["variables.host", "object.n == 1"],
            ".spec.hostNetwork",
        ),
    ] {
        let (got, reads) = reasons(variables, text);
        assert_eq!(got, parts, "{text}");
        assert_eq!(reads.first().map(String::as_str), Some(first), "{text}");
    }
}
