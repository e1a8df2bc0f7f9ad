//! The check of `string.format` calls whose format and arguments are literals, at compile time.

use super::format::{Clause, Piece, pieces};
use crate::ast::{Expr, ExprId, ExprKind, Literal};
use crate::check::{CheckedAst, Reference};
use crate::types::Type;

/// cel-go's text for every wrong `format` call with a literal format and a literal list, and the
/// expression it is about. The calls are found outermost first.
#[must_use]
pub fn validate_format_calls(checked: &CheckedAst) -> Vec<(ExprId, String)> {
    let mut found = Vec::new();
    let mut pending = vec![&checked.ast.expr];
    while let Some(expr) = pending.pop() {
        if let Some((format, args)) = literal_call(checked, expr)
            && let Err(error) = validate(checked, expr.id, format, args)
        {
            found.push(error);
        }
        let start = pending.len();
        push_children(expr, &mut pending);
        if let Some(children) = pending.get_mut(start..) {
            children.reverse();
        }
    }
    found
}

fn validate(
    checked: &CheckedAst,
    call: ExprId,
    format: &str,
    args: &[Expr],
) -> Result<(), (ExprId, String)> {
    let mut culprit = call;
    let mut used = 0;
    pieces(format, args.len(), |piece| {
        let Piece::Clause(clause) = piece else {
            return Ok(());
        };
        let arg = args.get(used);
        used += 1;
        match arg.and_then(|arg| refused(checked, clause, arg)) {
            Some((expr, name)) => {
                culprit = expr;
                Err(clause.refusal(&name))
            }
            None => Ok(()),
        }
    })
    .map_err(|message| (culprit, message))?;
    let given = args.len();
    if given > used {
        return Err((
            call,
            format!("too many arguments supplied to string.format (expected {used}, got {given})"),
        ));
    }
    Ok(())
}

/// The format and the arguments of a call of `format` on literals.
fn literal_call<'a>(checked: &CheckedAst, expr: &'a Expr) -> Option<(&'a str, &'a [Expr])> {
    let ExprKind::Call(call) = &expr.kind else {
        return None;
    };
    let (target, [arg]) = (call.target.as_deref()?, call.args.as_slice()) else {
        return None;
    };
    if &*call.function != "format" {
        return None;
    }
    let reference = checked
        .references
        .get(expr.id as usize)
        .and_then(Option::as_ref);
    if let Some(Reference::Overloads(ids)) = reference
        && !ids.contains(&"string_format")
    {
        return None;
    }
    match (&target.kind, &arg.kind) {
        (ExprKind::Literal(Literal::String(format)), ExprKind::List(list)) => {
            Some((format, &list.elements))
        }
        _ => None,
    }
}

/// The expression that a clause cannot print, and its type's name.
fn refused(checked: &CheckedAst, clause: Clause, arg: &Expr) -> Option<(ExprId, String)> {
    let mut pending = vec![arg];
    while let Some(expr) = pending.pop() {
        let of = checked.types.get(expr.id as usize).and_then(Option::as_ref);
        if let Some(of) = of
            && !accepts(clause, of)
        {
            return Some((expr.id, runtime_name(of)));
        }
        if clause != Clause::Text {
            break;
        }
        match &expr.kind {
            ExprKind::List(list) => pending.extend(list.elements.iter().rev()),
            ExprKind::Map(entries) => {
                for entry in entries.iter().rev() {
                    pending.extend([&entry.value, &entry.key]);
                }
            }
            _ => {}
        }
    }
    None
}

const fn accepts(clause: Clause, of: &Type) -> bool {
    match (clause, of) {
        (_, Type::Dyn)
        | (Clause::Decimal | Clause::Octal, Type::Int | Type::Uint)
        | (Clause::Fixed(_) | Clause::Scientific(_), Type::Double | Type::String)
        | (Clause::Binary, Type::Int | Type::Uint | Type::Bool)
        | (Clause::Hex { .. }, Type::Int | Type::Uint | Type::String | Type::Bytes) => true,
        (Clause::Text, of) => matches!(
            of,
            Type::List(_)
                | Type::Map(..)
                | Type::Int
                | Type::Uint
                | Type::Double
                | Type::Bool
                | Type::String
                | Type::Timestamp
                | Type::Bytes
                | Type::Duration
                | Type::Type(_)
                | Type::Null
        ),
        _ => false,
    }
}

/// A type's name without parameters, as values of it name their type.
fn runtime_name(of: &Type) -> String {
    match of {
        Type::List(_) => "list".to_owned(),
        Type::Map(..) => "map".to_owned(),
        Type::Null => "null_type".to_owned(),
        Type::Type(_) => "type".to_owned(),
        Type::Opaque(name, _) => name.to_string(),
        Type::Wrapper(inner) => runtime_name(inner),
        other => other.to_string(),
    }
}

fn push_children<'a>(expr: &'a Expr, pending: &mut Vec<&'a Expr>) {
    match &expr.kind {
        ExprKind::Unspecified | ExprKind::Literal(_) | ExprKind::Ident(_) => {}
        ExprKind::Select(select) => pending.push(&select.operand),
        ExprKind::Call(call) => {
            pending.extend(call.target.as_deref());
            pending.extend(&call.args);
        }
        ExprKind::List(list) => pending.extend(&list.elements),
        ExprKind::Map(entries) => {
            for entry in entries {
                pending.extend([&entry.key, &entry.value]);
            }
        }
        ExprKind::Struct(message) => {
            pending.extend(message.fields.iter().map(|field| &field.value));
        }
        ExprKind::Comprehension(fold) => pending.extend([
            &fold.range,
            &fold.accu_init,
            &fold.condition,
            &fold.step,
            &fold.result,
        ]),
    }
}
