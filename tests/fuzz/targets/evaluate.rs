//! An expression is evaluated over a document: twice the same, within its cost limit, and with a
//! trace as without.
#![no_main]

use libfuzzer_sys::{Corpus, fuzz_target};
use vapwright_cel::env::Environment;
use vapwright_cel::eval::explain::explain;
use vapwright_cel::eval::trace::trace;
use vapwright_cel::eval::{Activation, Evaluation, Limits, evaluate};
use vapwright_cel::value::{Value, protocol};
use vapwright_fuzz::environments;
use vapwright_fuzz::input::Input;

fuzz_target!(|bytes: &[u8]| -> Corpus {
    let Ok(input) = Input::read(bytes) else {
        return Corpus::Reject;
    };
    let [newest, oldest] = environments();
    let env = if input.choice % 16 == 0 {
        oldest
    } else {
        newest
    };
    let Ok(compiled) = env.compile(&input.text) else {
        return Corpus::Keep;
    };
    let program = &compiled.program;
    let activation = activation(env, &input);
    let limits = Limits::PER_EXPRESSION;
    let first = evaluate(program, &activation, limits);
    let (result, cost) = shown(&first);

    let again = self::activation(env, &input);
    assert_eq!(
        shown(&evaluate(program, &again, limits)),
        (result.clone(), cost)
    );

    let (traced, records) = trace(program, &activation, limits);
    assert_eq!(shown(&traced), (result.clone(), cost), "traced");
    let explained = explain(program, &activation, &records);
    for part in &explained.parts {
        let range = part.span.start as usize..part.span.end as usize;
        assert!(input.text.get(range).is_some(), "{part:?}");
    }

    // the limit is where the cost passes it, and only there
    let limited = Limits {
        cost: u64::from(input.choice),
    };
    let limited_run = evaluate(program, &activation, limited);
    if cost > limited.cost {
        assert!(
            is_cancelled(&limited_run),
            "{limited:?} of {cost}: {limited_run:?}"
        );
    } else {
        assert_eq!(shown(&limited_run), (result, cost), "{limited:?}");
    }
    assert_eq!(is_cancelled(&first), cost > limits.cost);
    Corpus::Keep
});

fn activation<'d>(env: &Environment, input: &'d Input) -> Activation<'d> {
    let mut activation = Activation::new();
    for (name, node) in [
        ("object", &input.object),
        ("oldObject", &input.old_object),
        ("params", &input.object),
    ] {
        if let Some((slot, _)) = env.variable(name) {
            activation.set(slot, Value::from(node));
        }
    }
    activation
}

/// Whether it ended because of its cost, and not where Go would panic.
fn is_cancelled(evaluation: &Evaluation<'_>) -> bool {
    evaluation
        .result
        .as_ref()
        .is_err_and(|error| error.is_cancelled() && !error.is_panic())
}

/// The value or the error, and the cost.
fn shown(evaluation: &Evaluation<'_>) -> (String, u64) {
    let result = match &evaluation.result {
        Ok(value) => protocol::json(value).unwrap_or_else(|| "too large".to_owned()),
        Err(error) => format!("{} at {}", error.message(), error.expr()),
    };
    (result, evaluation.cost)
}
