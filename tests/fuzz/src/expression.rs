//! Expressions made of the fuzzer's bytes, most of them well-typed.

use arbitrary::{Result, Unstructured};

use crate::grammar::{ALL, RULES, Rule, Ty, leaves};

/// Depth to which expressions nest.
const DEPTH: u32 = 6;
/// One place in so many gets a part of another type.
const ILL_TYPED: u8 = 30;
/// One leaf in so many is a literal of the fuzzer's own.
const OWN_LEAF: u8 = 6;

/// An expression of any type.
///
/// # Errors
/// The bytes are used up.
pub fn expression(u: &mut Unstructured<'_>) -> Result<String> {
    let ty = *u.choose(&ALL)?;
    let depth = u.int_in_range(0..=DEPTH)?;
    part(u, ty, depth)
}

fn part(u: &mut Unstructured<'_>, ty: Ty, depth: u32) -> Result<String> {
    let ty = if u.ratio(1, ILL_TYPED)? {
        *u.choose(&ALL)?
    } else {
        ty
    };
    let rules: Vec<&Rule> = RULES.iter().filter(|rule| rule.0 == ty).collect();
    if depth == 0 || rules.is_empty() || u.is_empty() {
        return leaf(u, ty);
    }
    let Rule(_, template, parts) = u.choose(&rules)?;
    let mut text = (*template).to_owned();
    for (index, ty) in parts.iter().enumerate() {
        let inner = part(u, *ty, depth - 1)?;
        text = text.replacen(&format!("${index}"), &wrap(&inner), 1);
    }
    Ok(text)
}

fn leaf(u: &mut Unstructured<'_>, ty: Ty) -> Result<String> {
    if !u.is_empty() && u.ratio(1, OWN_LEAF)? {
        match ty {
            Ty::Int => return Ok(u.arbitrary::<i64>()?.to_string()),
            Ty::Uint => return Ok(format!("{}u", u.arbitrary::<u64>()?)),
            Ty::Double => {
                let value = u.arbitrary::<f64>()?;
                if value.is_finite() {
                    return Ok(format!("{value:e}"));
                }
            }
            Ty::Str => {
                let length = u.int_in_range(0..=24)?;
                let text = String::from_utf8_lossy(u.bytes(length.min(u.len()))?);
                return Ok(format!("{:?}", text.replace('\\', "/")).replace("\\u{", "{"));
            }
            _ => {}
        }
    }
    Ok((*u.choose(leaves(ty))?).to_owned())
}

/// Operators inside an expression need parentheses; names, literals and calls do not.
fn wrap(inner: &str) -> String {
    if inner.contains(' ') || inner.starts_with(['-', '!']) {
        format!("({inner})")
    } else {
        inner.to_owned()
    }
}
