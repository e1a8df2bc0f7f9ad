//! Which overloads and macros the generated cases reach: in how many cases a call resolves to an
//! overload, in how many such a call is evaluated, and in how many it has a value.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;
use std::sync::Arc;

use serde_json::Value as Json;
use vapwright_admission::compile::environment;
use vapwright_cel::ast::{ExprId, ExprKind};
use vapwright_cel::check::{CheckedAst, Reference, check};
use vapwright_cel::env::Environment;
use vapwright_cel::eval::trace::trace;
use vapwright_cel::eval::{Activation, Limits};
use vapwright_cel::libs::authorizer::{
    AllowUser, ResourceTarget, User, authorizer_value, resource_value,
};
use vapwright_cel::parse::parse;
use vapwright_cel::plan::Program;
use vapwright_cel::source::Source;
use vapwright_cel::value::Value;
use vapwright_cel::version::KubernetesVersion;
use vapwright_kube::json::from_value;

use crate::case::case;

/// Cases in which a function is reached.
#[derive(Clone, Copy, Default)]
struct Reached {
    compiled: usize,
    evaluated: usize,
    valued: usize,
}

/// A table of all overloads and macros, the least reached first.
pub fn coverage(cases: Range<u64>, seed: u64) -> String {
    let mut table: BTreeMap<String, Reached> = BTreeMap::new();
    for library in environment(KubernetesVersion::NEWEST, true, true).libraries() {
        for function in &library.functions {
            for overload in &function.overloads {
                table.insert(overload.id.to_owned(), Reached::default());
            }
        }
        for r#macro in &library.macros {
            let name = macro_name(r#macro.name, r#macro.args, r#macro.receiver);
            table.insert(name, Reached::default());
        }
    }
    for index in cases {
        count(&mut table, &case(seed, index));
    }
    let mut rows: Vec<_> = table.into_iter().collect();
    rows.sort_by_key(|(_, reached)| (reached.valued, reached.compiled));
    let mut text = String::from("   value evaluated compiled  overload or macro\n");
    for (name, reached) in rows {
        text.push_str(&format!(
            "{:8} {:9} {:8}  {name}\n",
            reached.valued, reached.evaluated, reached.compiled
        ));
    }
    text
}

fn macro_name(name: &str, args: usize, receiver: bool) -> String {
    let dot = if receiver { "." } else { "" };
    format!("macro {dot}{name}/{args}")
}

fn count(table: &mut BTreeMap<String, Reached>, case: &Json) {
    let version = case["version"].as_str().and_then(|text| text.parse().ok());
    let (Some(version), Some(text)) = (version, case["expr"].as_str()) else {
        return;
    };
    let env = environment(version, true, true);
    let source = Source::new(text);
    let parsed = parse(&source, &env);
    if !parsed.issues.is_empty() {
        return;
    }
    let checked = check(parsed.ast, &source, &env);
    if !checked.issues.is_empty() {
        return;
    }
    let checked = checked.checked;
    let names = |id: ExprId| names(&checked, id);
    let ids = 0..checked.references.len().max(checked.types.len()) as ExprId;
    let compiled: BTreeSet<String> = ids.flat_map(names).collect();
    let (mut evaluated, mut valued) = (BTreeSet::new(), BTreeSet::new());
    if let Ok(program) = Program::new(&checked, &source, &env) {
        let nodes = ["object", "oldObject", "params", "namespace", "user"];
        let nodes = nodes.map(|name| from_value(&case[name]));
        let activation = activation(&env, case, &nodes);
        let (_, trace) = trace(&program, &activation, Limits::PER_EXPRESSION);
        for record in trace.records() {
            let reached = names(record.expr);
            if record.result.is_ok() {
                valued.extend(reached.clone());
            }
            evaluated.extend(reached);
        }
    }
    for (names, field) in [
        (
            compiled,
            (|r| &mut r.compiled) as fn(&mut Reached) -> &mut usize,
        ),
        (evaluated, |r| &mut r.evaluated),
        (valued, |r| &mut r.valued),
    ] {
        for name in names {
            *field(table.entry(name).or_default()) += 1;
        }
    }
}

/// The overload or the macro that an expression is. A call that only evaluation resolves is named
/// by its function.
fn names(checked: &CheckedAst, id: ExprId) -> Vec<String> {
    let mut names = Vec::new();
    let reference = checked.references.get(id as usize).and_then(Option::as_ref);
    if let Some(Reference::Overloads(ids)) = reference {
        match ids.as_slice() {
            [one] => names.push((*one).to_owned()),
            [first, ..] => names.push(format!("dynamic {first}, ...")),
            [] => {}
        }
    }
    if let Some(call) = checked.ast.info.macro_calls.get(&id)
        && let ExprKind::Call(call) = &call.kind
    {
        let receiver = call.target.is_some();
        names.push(macro_name(&call.function, call.args.len(), receiver));
    }
    names
}

/// Values for the variables, near enough to the API server's for counting.
fn activation<'n>(
    env: &Environment,
    case: &Json,
    nodes: &'n [vapwright_cel::document::Node; 5],
) -> Activation<'n> {
    let user = User {
        name: case["user"]["name"].as_str().unwrap_or_default().to_owned(),
        ..User::default()
    };
    let rights = Arc::new(AllowUser("admin".to_owned()));
    let [object, old, params, namespace, asks] = nodes;
    let mut activation = Activation::new();
    for (name, value) in [
        ("object", Value::from(object)),
        ("oldObject", Value::from(old)),
        ("params", Value::from(params)),
        ("namespaceObject", Value::from(namespace)),
        ("request", Value::from(asks)),
        ("authorizer", authorizer_value(user.clone(), rights.clone())),
        (
            "authorizer.requestResource",
            resource_value(user, rights, ResourceTarget::default()),
        ),
    ] {
        if let Some((slot, _)) = env.variable(name) {
            activation.set(slot, value);
        }
    }
    activation
}
