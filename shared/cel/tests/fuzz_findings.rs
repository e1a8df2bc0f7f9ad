//! Inputs that the fuzz targets found, or that were made by hand for the same reason: each once
//! made the engine fail, hang, or use memory without bound.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test fails by panicking, in its helpers too"
)]

use std::sync::Arc;

use vapwright_cel::env::Environment;
use vapwright_cel::eval::explain::explain;
use vapwright_cel::eval::trace::trace;
use vapwright_cel::eval::{Activation, LazyVariable, Limits, evaluate};
use vapwright_cel::parse::parse;
use vapwright_cel::plan::VARIABLES_TYPE;
use vapwright_cel::source::Source;
use vapwright_cel::types::{ObjectType, Type};
use vapwright_cel::value::{Value, protocol};
use vapwright_cel::version::KubernetesVersion;

fn environment() -> Environment {
    Environment::kubernetes(KubernetesVersion::NEWEST)
}

/// Each link of the chain copies what stands before it: forty of them took all memory there is.
#[test]
fn a_chain_of_opt_map_is_bounded() {
    for link in [".optMap(x, x)", ".optFlatMap(x, x)"] {
        let text = "a".to_owned() + &link.repeat(40);
        let parsed = parse(&Source::new(&text), &environment());
        let message = "macros make more than 200000 expressions of the text";
        assert_eq!(parsed.issues[0].message, message);
        assert!(parsed.ast.info.offsets.len() < 500_000);
        // a chain of a length that people write
        let text = "a".to_owned() + &link.repeat(8);
        let parsed = parse(&Source::new(&text), &environment());
        assert_eq!(parsed.issues, []);
    }
}

/// Values that double at each step, for next to no cost: each took all memory, or years. What is
/// asked of them ends as too high a cost does, within the time of a test.
#[test]
fn values_that_double_are_bounded() {
    let nested = |steps: usize| format!("[[1]]{}", ".map(a, [a, a])".repeat(steps));
    let text = |step: &str| format!("['aaaa']{}", step.repeat(30));
    let env = environment();
    for expression in [
        // made
        format!("[[1]]{}", ".map(a, a + a)".repeat(40)),
        text(".map(a, a.replace('a', 'aaaaaaaaaaaaaaaaaa'))"),
        text(".map(a, a.replace('', a, 1000))"),
        text(".map(a, [a, a, a, a].join(','))"),
        text(".map(a, [a, a].join(a))"),
        text(".map(a, '%s%s%s'.format([a, a, a]))"),
        "lists.range(9223372036854775807)".to_owned(),
        "lists.range(900000).map(i, 'x').join('0123456789012345678901234567890123456789')"
            .to_owned(),
        "lists.range(1000).map(i, '%.65535e').join('')\
         .format(lists.range(1000).map(i, 1.5))"
            .to_owned(),
        // compared
        format!("[{}].exists(x, x == x)", nested(40)),
        format!("{} != {}", nested(40), nested(40)),
        format!("{}[0] in {}", nested(40), nested(40)),
        format!("optional.of({0}) == optional.of({0})", nested(40)),
        format!("{}.distinct().size()", nested(40)),
        format!("{}.indexOf(dyn([1]))", nested(40)),
        format!("sets.intersects({0}, {0})", nested(40)),
        // printed
        format!("{}.map(a, '%s'.format([a]))", nested(40)),
    ] {
        let compiled = env.compile(&expression).unwrap();
        let activation = Activation::new();
        let run = evaluate(&compiled.program, &activation, Limits::PER_EXPRESSION);
        let error = run.result.unwrap_err();
        assert!(error.is_cancelled(), "{expression}: {error}");
        assert!(run.cost > Limits::PER_EXPRESSION.cost, "{expression}");
    }
}

/// A value that holds another many times over is no answer of a few lines.
#[test]
fn values_without_end_are_not_printed() {
    let env = environment();
    let nested = format!("[[1]]{}", ".map(a, [a, a])".repeat(40));
    let compiled = env.compile(&nested).unwrap();
    let run = evaluate(
        &compiled.program,
        &Activation::new(),
        Limits::PER_EXPRESSION,
    );
    assert_eq!(protocol::json(&run.result.unwrap()), None);
    // in an error, as much is printed as somebody may want to read
    let compiled = env.compile(&format!("{nested}.map(a, [?dyn(a)])")).unwrap();
    let run = evaluate(
        &compiled.program,
        &Activation::new(),
        Limits::PER_EXPRESSION,
    );
    let error = run.result.unwrap_err();
    let start = "cannot initialize optional list element from non-optional value [[[[";
    assert!(error.message().starts_with(start));
    assert!(error.message().len() < 2_000_000);
}

/// Ninety variables that read each other, each as deep as an expression may be: evaluating them, and
/// comparing the value of the last, overflowed the stack.
#[test]
fn variables_do_not_nest_without_end() {
    // an unoptimised build takes several times the stack of a release build
    let thread = std::thread::Builder::new().stack_size(16 << 20);
    thread.spawn(nested_variables).unwrap().join().unwrap();
}

fn nested_variables() {
    let names: Vec<Arc<str>> = (0..90).map(|at| format!("v{at}").into()).collect();
    let env = environment().with_object_type(ObjectType {
        name: VARIABLES_TYPE.into(),
        fields: names.iter().map(|name| (name.clone(), Type::Dyn)).collect(),
    });
    let env = env.with_variable("variables", Type::object(VARIABLES_TYPE));
    let compile = |text: &str| env.compile(text).unwrap().program;
    let lazy = |depth: usize| -> Arc<[LazyVariable]> {
        let (open, close) = ("[".repeat(depth), "]".repeat(depth));
        let program = |at: usize| match at.checked_sub(1) {
            None => compile(&format!("{open}1{close}")),
            Some(before) => compile(&format!("{open}variables.v{before}{close}")),
        };
        let variable = |(at, name): (usize, &Arc<str>)| LazyVariable {
            name: name.clone(),
            program: Ok(Arc::new(program(at))),
        };
        names.iter().enumerate().map(variable).collect()
    };
    let run = |depth: usize, texts: &[&str]| {
        let mut activation = Activation::new();
        let (slot, _) = env.variable("variables").unwrap();
        activation.set_lazy(slot, lazy(depth));
        let mut result = Ok(false);
        for text in texts {
            let evaluation = evaluate(&compile(text), &activation, Limits::PER_EXPRESSION);
            result = match evaluation.result {
                Ok(value) => Ok(matches!(value, Value::Bool(true))),
                Err(error) => Err(error.message().to_owned()),
            };
        }
        result
    };
    assert_eq!(run(240, &["variables.v1 == variables.v1"]), Ok(true));
    // a long chain of short expressions is what people may write
    assert_eq!(run(3, &["variables.v89 == variables.v89"]), Ok(true));
    let error = run(240, &["variables.v89"]).unwrap_err();
    assert!(
        error.contains("variables read each other in too long a chain"),
        "{error}"
    );
    // read one after the other they are not deep to evaluate, but their values are
    let error = run(240, &["variables.v1", "variables.v2 == variables.v2"]).unwrap_err();
    let expected = "the value of variable \"v2\" is nested too deep";
    assert!(error.contains(expected), "{error}");
}

/// A variable's type nests as deep as its expression, and as the types of what it reads.
#[test]
fn types_do_not_nest_without_end() {
    let nested = (0..2_000).fold(Type::Int, |inner, _| Type::list(inner));
    let env = environment().with_variable("deep", nested);
    let error = env.compile("[deep]").unwrap_err();
    assert!(
        error.to_string().contains("the type of the expression"),
        "{error}"
    );
}

/// Patterns that are large for their length, or that are made anew for each element, and texts in
/// which a search reads the same again and again.
#[test]
fn patterns_are_bounded() {
    let env = environment();
    let error = env
        .compile(&vec![format!("'a'.matches('{}')", "a{1000}".repeat(500)); 20].join(" || "))
        .unwrap_err();
    assert_eq!(
        error.to_string(),
        "the regular expressions are too large together"
    );
    let name = r"'a'.matches('^[a-z]([-a-z0-9]{0,61}[a-z0-9])?(\\.\\pL+)*$')";
    assert!(env.compile(&vec![name; 200].join(" || ")).is_ok());

    let run = |expression: &str| {
        let compiled = env.compile(expression).unwrap();
        let limits = Limits::PER_EXPRESSION;
        evaluate(&compiled.program, &Activation::new(), limits)
            .result
            .map(|value| protocol::json(&value).unwrap())
            .map_err(|error| error.is_cancelled())
    };
    for call in ["matches", "find", "findAll"] {
        let each = |count: u32, pattern: &str| {
            format!("lists.range({count}).map(i, 'a'.{call}('{pattern}' + string(i))).size()")
        };
        assert_eq!(run(&each(2000, "a+")), Ok("2000".to_owned()));
        let large = "a{1000}".repeat(40);
        assert_eq!(run(&each(2000, &large)), Err(true));
    }
    // each find reads to the end, to see that the first alternative is not there
    let many = |count: usize| format!("'{}'.findAll('.*b|x').size()", "x".repeat(count));
    assert_eq!(run(&many(300)), Ok("300".to_owned()));
    assert_eq!(run(&many(40_000)), Err(true));
    // every place in the text is in hundreds of places of the pattern
    let threads = |most: u32| {
        let text = "ab".repeat(20_000);
        format!("'{text}'.find('(a|b)*a(a|b){{0,{most}}}c')")
    };
    assert_eq!(run(&threads(50)), Ok("\"\"".to_owned()));
    assert_eq!(run(&threads(900)), Err(true));
}

/// A comprehension inside of another's elements was looked for among all that was traced, for each
/// element: half a minute for what takes a tenth of a second.
#[test]
fn explanations_do_not_search_for_each_element() {
    let env = environment();
    let text = "lists.range(80000).filter(x, x != [x].filter(y, y > 0).size())";
    let compiled = env.compile(text).unwrap();
    let activation = Activation::new();
    let start = std::time::Instant::now();
    let (_, traced) = trace(&compiled.program, &activation, Limits::PER_EXPRESSION);
    let explained = explain(&compiled.program, &activation, &traced);
    assert_eq!(explained.parts.len(), 1);
    // an unoptimised build on a busy machine takes a second
    assert!(start.elapsed().as_secs() < 15, "{:?}", start.elapsed());
}

/// An argument whose cost passed the limit ended the evaluation; what cel-go would have panicked
/// about after it was reported in its place.
#[test]
fn the_cost_limit_comes_before_a_panic() {
    let env = environment();
    let text = "['b', 'a'].sortBy(x, size(x)).existsOne(i, v, v == ['', 'a'].max())";
    let compiled = env.compile(text).unwrap();
    for cost in 0..200 {
        let run = evaluate(&compiled.program, &Activation::new(), Limits { cost });
        match run.result {
            Ok(_) => assert!(run.cost <= cost),
            Err(error) => {
                assert!(error.is_cancelled(), "{cost}: {error}");
                assert!(run.cost > cost);
            }
        }
    }
}
