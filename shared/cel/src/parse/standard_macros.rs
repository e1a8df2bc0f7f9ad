//! The standard macros: `has`, `all`, `exists`, `exists_one`, `map` and `filter`.

use std::sync::Arc;

use super::errors;
use super::macros::{Expander, Macro, MacroError};
use crate::ast::{Comprehension, Expr, ExprKind, Literal};

/// The macros of the standard library, in cel-go's order.
#[must_use]
pub fn standard() -> Vec<Macro> {
    let receiver = |name, args, expand| Macro {
        name,
        args,
        receiver: true,
        expand,
    };
    vec![
        Macro {
            name: "has",
            args: 1,
            receiver: false,
            expand: has,
        },
        receiver("all", 2, all),
        receiver("exists", 2, exists),
        receiver("exists_one", 2, exists_one),
        receiver("map", 2, map),
        receiver("map", 3, map),
        receiver("filter", 2, filter),
    ]
}

pub(crate) type Expanded = Result<Option<Expr>, MacroError>;

fn error(expr: &Expr, message: &str) -> MacroError {
    MacroError {
        message: message.to_owned(),
        expr: expr.id,
    }
}

fn has(eh: &mut Expander<'_>, _target: Option<&Expr>, args: &[Expr]) -> Expanded {
    match args {
        [
            Expr {
                kind: ExprKind::Select(select),
                ..
            },
        ] => Ok(Some(
            eh.presence_test((*select.operand).clone(), &select.field),
        )),
        [arg, ..] => Err(error(arg, errors::INVALID_HAS)),
        [] => Ok(None),
    }
}

/// The iteration variable's name, unless it is none or the accumulator's.
fn variable(arg: &Expr, not_a_name: &str) -> Result<Arc<str>, MacroError> {
    let ExprKind::Ident(name) = &arg.kind else {
        return Err(error(arg, not_a_name));
    };
    if matches!(&**name, "@result" | "__result__") {
        return Err(error(arg, errors::OVERWRITES_ACCUMULATOR));
    }
    Ok(name.clone())
}

/// What differs between the folds: first value, condition, step and result.
struct Fold {
    init: Expr,
    condition: Expr,
    step: Expr,
    result: Expr,
}

fn fold(eh: &mut Expander<'_>, range: &Expr, iter_var: Arc<str>, fold: Fold) -> Expr {
    let accu_var = eh.accumulator_name();
    eh.comprehension(Comprehension {
        range: range.clone(),
        iter_var,
        iter_var2: None,
        accu_var,
        accu_init: fold.init,
        condition: fold.condition,
        step: fold.step,
        result: fold.result,
    })
}

fn all(eh: &mut Expander<'_>, target: Option<&Expr>, args: &[Expr]) -> Expanded {
    let (Some(range), [name, predicate]) = (target, args) else {
        return Ok(None);
    };
    let name = variable(name, errors::NOT_A_SIMPLE_NAME)?;
    let init = eh.literal(Literal::Bool(true));
    let accu = eh.accumulator();
    let condition = eh.call("@not_strictly_false", vec![accu]);
    let accu = eh.accumulator();
    let step = eh.call("_&&_", vec![accu, predicate.clone()]);
    let result = eh.accumulator();
    let parts = Fold {
        init,
        condition,
        step,
        result,
    };
    Ok(Some(fold(eh, range, name, parts)))
}

fn exists(eh: &mut Expander<'_>, target: Option<&Expr>, args: &[Expr]) -> Expanded {
    let (Some(range), [name, predicate]) = (target, args) else {
        return Ok(None);
    };
    let name = variable(name, errors::NOT_A_SIMPLE_NAME)?;
    let init = eh.literal(Literal::Bool(false));
    let accu = eh.accumulator();
    let not = eh.call("!_", vec![accu]);
    let condition = eh.call("@not_strictly_false", vec![not]);
    let accu = eh.accumulator();
    let step = eh.call("_||_", vec![accu, predicate.clone()]);
    let result = eh.accumulator();
    let parts = Fold {
        init,
        condition,
        step,
        result,
    };
    Ok(Some(fold(eh, range, name, parts)))
}

fn exists_one(eh: &mut Expander<'_>, target: Option<&Expr>, args: &[Expr]) -> Expanded {
    let (Some(range), [name, predicate]) = (target, args) else {
        return Ok(None);
    };
    let name = variable(name, errors::NOT_A_SIMPLE_NAME)?;
    let init = eh.literal(Literal::Int(0));
    let condition = eh.literal(Literal::Bool(true));
    let accu = eh.accumulator();
    let one = eh.literal(Literal::Int(1));
    let counted = eh.call("_+_", vec![accu, one]);
    let accu = eh.accumulator();
    let step = eh.call("_?_:_", vec![predicate.clone(), counted, accu]);
    let accu = eh.accumulator();
    let one = eh.literal(Literal::Int(1));
    let result = eh.call("_==_", vec![accu, one]);
    let parts = Fold {
        init,
        condition,
        step,
        result,
    };
    Ok(Some(fold(eh, range, name, parts)))
}

/// The expansion of `map`, from which `sortBy` makes its keys.
pub(crate) fn map(eh: &mut Expander<'_>, target: Option<&Expr>, args: &[Expr]) -> Expanded {
    let (range, name, predicate, transform) = match (target, args) {
        (Some(range), [name, transform]) => (range, name, None, transform),
        (Some(range), [name, predicate, transform]) => (range, name, Some(predicate), transform),
        _ => return Ok(None),
    };
    let name = variable(name, errors::NOT_AN_IDENTIFIER)?;
    Ok(Some(collect(eh, range, name, predicate, transform)))
}

fn filter(eh: &mut Expander<'_>, target: Option<&Expr>, args: &[Expr]) -> Expanded {
    let (Some(range), [element, predicate]) = (target, args) else {
        return Ok(None);
    };
    let name = variable(element, errors::NOT_AN_IDENTIFIER)?;
    Ok(Some(collect(eh, range, name, Some(predicate), element)))
}

/// A fold that appends to a list.
fn collect(
    eh: &mut Expander<'_>,
    range: &Expr,
    name: Arc<str>,
    predicate: Option<&Expr>,
    element: &Expr,
) -> Expr {
    let init = eh.list(Vec::new());
    let condition = eh.literal(Literal::Bool(true));
    let accu = eh.accumulator();
    let added = eh.list(vec![element.clone()]);
    let mut step = eh.call("_+_", vec![accu, added]);
    if let Some(predicate) = predicate {
        let accu = eh.accumulator();
        step = eh.call("_?_:_", vec![predicate.clone(), step, accu]);
    }
    let result = eh.accumulator();
    let parts = Fold {
        init,
        condition,
        step,
        result,
    };
    fold(eh, range, name, parts)
}
