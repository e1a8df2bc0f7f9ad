//! The validator of `'...'.format([...])` whose text and list are literals: `ext.Strings` of cel-go adds it
//! (`StringsValidateFormatCalls`), so that every supported Kubernetes version has it.

use crate::ast::{Call, Expr, ExprId, ExprKind, Literal};
use crate::types::Type;

use super::unify::{Kind, is_dyn, kind};
use super::{CheckedAst, Reference, errors};

/// What is wrong with a call, if it is such a call, and where.
pub(super) fn check(id: ExprId, call: &Call, checked: &CheckedAst) -> Option<(ExprId, String)> {
    let target = call.target.as_ref()?;
    if &*call.function != "format" || !is_string_format(id, checked) {
        return None;
    }
    let ExprKind::Literal(Literal::String(text)) = &target.kind else {
        return None;
    };
    let [
        Expr {
            kind: ExprKind::List(list),
            ..
        },
    ] = call.args.as_slice()
    else {
        return None;
    };
    let args = &list.elements;
    match (Clauses { checked, args }).walk(text) {
        Err(Fault { at, message }) => Some((at.unwrap_or(id), message)),
        Ok(used) if args.len() > used => {
            Some((id, errors::too_many_format_arguments(used, args.len())))
        }
        Ok(_) => None,
    }
}

fn is_string_format(id: ExprId, checked: &CheckedAst) -> bool {
    match checked.references.get(id as usize) {
        Some(Some(Reference::Overloads(overloads))) => overloads.contains(&"string_format"),
        _ => true,
    }
}

/// Why a format cannot be right, and the argument that is to blame, if it is one.
struct Fault {
    at: Option<ExprId>,
    message: String,
}

fn fault(message: String) -> Fault {
    Fault { at: None, message }
}

struct Clauses<'c> {
    checked: &'c CheckedAst,
    args: &'c [Expr],
}

impl Clauses<'_> {
    /// Checks every clause; answers how many arguments they take.
    fn walk(&self, text: &str) -> Result<usize, Fault> {
        let mut bytes = text.bytes().peekable();
        let mut used = 0;
        while let Some(byte) = bytes.next() {
            if byte != b'%' || bytes.next_if_eq(&b'%').is_some() {
                continue;
            }
            if bytes.peek().is_none() {
                return Err(fault(errors::FORMAT_ENDS.to_owned()));
            }
            let Some(arg) = self.args.get(used) else {
                return Err(fault(errors::format_index_out_of_range(used)));
            };
            used += 1;
            if bytes.next_if_eq(&b'.').is_some() {
                let mut digits = String::new();
                while let Some(digit) = bytes.next_if(u8::is_ascii_digit) {
                    digits.push(char::from(digit));
                }
                if bytes.peek().is_none() {
                    return Err(fault(errors::format_precision_without_end()));
                }
                if digits.parse::<i64>().is_err() {
                    return Err(fault(errors::format_precision_invalid(&digits)));
                }
            }
            let clause = bytes.next().unwrap_or_default();
            self.check_clause(clause, arg)?;
        }
        Ok(used)
    }

    fn check_clause(&self, clause: u8, arg: &Expr) -> Result<(), Fault> {
        use Kind::{Bool, Bytes, Double, Int, String, Uint};
        let (kinds, what): (&[Kind], _) = match clause {
            b's' => {
                return match self.unprintable(arg) {
                    Some(id) => Err(self.misfit(id, errors::FORMAT_STRING)),
                    None => Ok(()),
                };
            }
            b'd' => (&[Int, Uint], errors::FORMAT_DECIMAL),
            // a text may be `NaN` or an infinity
            b'f' => (&[Double, String], errors::FORMAT_FIXED),
            b'e' => (&[Double, String], errors::FORMAT_SCIENTIFIC),
            b'b' => (&[Int, Uint, Bool], errors::FORMAT_BINARY),
            b'x' | b'X' => (&[Int, Uint, String, Bytes], errors::FORMAT_HEX),
            b'o' => (&[Int, Uint], errors::FORMAT_OCTAL),
            other => return Err(fault(errors::format_unknown_clause(char::from(other)))),
        };
        if self.is_one_of(arg.id, kinds) {
            Ok(())
        } else {
            Err(self.misfit(arg.id, what))
        }
    }

    fn misfit(&self, id: ExprId, what: &str) -> Fault {
        Fault {
            at: Some(id),
            message: errors::format_misfit(what, self.type_of(id)),
        }
    }

    fn type_of(&self, id: ExprId) -> &Type {
        let t = self.checked.types.get(id as usize);
        t.and_then(Option::as_ref).unwrap_or(&Type::Dyn)
    }

    fn is_one_of(&self, id: ExprId, kinds: &[Kind]) -> bool {
        let t = self.type_of(id);
        *t == Type::Dyn || kinds.contains(&kind(t))
    }

    /// The first expression in an argument that has no text.
    fn unprintable(&self, arg: &Expr) -> Option<ExprId> {
        let t = self.type_of(arg.id);
        let printable = !is_dyn(t)
            && !matches!(
                kind(t),
                Kind::Error | Kind::Opaque | Kind::Object | Kind::Param
            );
        if *t != Type::Dyn && !printable {
            return Some(arg.id);
        }
        match &arg.kind {
            ExprKind::List(list) => list.elements.iter().find_map(|e| self.unprintable(e)),
            ExprKind::Map(entries) => entries.iter().find_map(|e| {
                self.unprintable(&e.key)
                    .or_else(|| self.unprintable(&e.value))
            }),
            _ => None,
        }
    }
}
