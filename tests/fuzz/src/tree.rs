//! Trees, compared without their ids.

use vapwright_cel::ast::{Expr, ExprKind, Literal};

/// Whether a text was refused because it is too long or nests too deep.
pub fn is_limit(message: &str) -> bool {
    message.contains("limit") || message.contains("max recursion depth")
}

/// Panics where two trees differ in more than the ids of their expressions.
pub fn assert_same(a: &Expr, b: &Expr, text: &str) {
    assert!(same(a, b), "{text}:\n{a:?}\n{b:?}");
}

fn all(a: &[Expr], b: &[Expr]) -> bool {
    a.len() == b.len() && a.iter().zip(b).all(|(a, b)| same(a, b))
}

fn same(a: &Expr, b: &Expr) -> bool {
    match (&a.kind, &b.kind) {
        (ExprKind::Literal(Literal::Double(a)), ExprKind::Literal(Literal::Double(b))) => {
            a.to_bits() == b.to_bits()
        }
        (ExprKind::Unspecified, ExprKind::Unspecified) => true,
        (ExprKind::Literal(a), ExprKind::Literal(b)) => a == b,
        (ExprKind::Ident(a), ExprKind::Ident(b)) => a == b,
        (ExprKind::Select(a), ExprKind::Select(b)) => {
            a.field == b.field && a.test_only == b.test_only && same(&a.operand, &b.operand)
        }
        (ExprKind::Call(a), ExprKind::Call(b)) => {
            let target = match (&a.target, &b.target) {
                (Some(a), Some(b)) => same(a, b),
                (a, b) => a.is_none() && b.is_none(),
            };
            target && a.function == b.function && all(&a.args, &b.args)
        }
        (ExprKind::List(a), ExprKind::List(b)) => {
            a.optional == b.optional && all(&a.elements, &b.elements)
        }
        (ExprKind::Map(a), ExprKind::Map(b)) => {
            a.len() == b.len()
                && a.iter().zip(b).all(|(a, b)| {
                    a.optional == b.optional && same(&a.key, &b.key) && same(&a.value, &b.value)
                })
        }
        (ExprKind::Struct(a), ExprKind::Struct(b)) => {
            a.type_name == b.type_name
                && a.fields.len() == b.fields.len()
                && a.fields.iter().zip(&b.fields).all(|(a, b)| {
                    a.name == b.name && a.optional == b.optional && same(&a.value, &b.value)
                })
        }
        (ExprKind::Comprehension(a), ExprKind::Comprehension(b)) => {
            (&a.iter_var, &a.iter_var2, &a.accu_var) == (&b.iter_var, &b.iter_var2, &b.accu_var)
                && same(&a.range, &b.range)
                && same(&a.accu_init, &b.accu_init)
                && same(&a.condition, &b.condition)
                && same(&a.step, &b.step)
                && same(&a.result, &b.result)
        }
        _ => false,
    }
}
