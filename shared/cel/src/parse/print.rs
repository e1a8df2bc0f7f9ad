//! Syntax trees back to text, by the rules of cel-go's unparser (`parser/unparser.go`), without
//! wrapping lines.

use std::fmt;
use std::fmt::Write as _;

use crate::ast::{Ast, Call, Expr, ExprId, ExprKind, List, Literal, SourceInfo};
use crate::value::{go, number};

/// How deep expressions may nest: several times what the parser makes of a text.
const MAX_DEPTH: u32 = 2_000;

/// An expression that no text stands for: what a macro expanded to whose call is not known, what
/// stands where a text could not be read, or one that nests deeper than any text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Unprintable {
    /// The expression.
    pub expr: ExprId,
}

impl fmt::Display for Unprintable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("unsupported expression")
    }
}

impl std::error::Error for Unprintable {}

/// The text of a tree, on one line.
///
/// Texts have double quotes, bytes are octal, doubles have as many digits as they need, and
/// parentheses stand where precedence needs them and around the operators of a conditional.
/// Macros are printed as they were called.
///
/// The text is the one that cel-go's `Unparse` gives, where that reads back as the same tree.
/// Where it does not, this one still does:
///
/// - an operator's sign before another, or before a number: `!(!a)`, `-(-1)`, `-(1)`
/// - what belongs to a signed operand: `(-a).b`, `(!a)[0]`
/// - `&&` and `||` of another shape than the parser gives to a chain: `a && (b && c)`
/// - doubles with an exponent and no fraction: `1e+06`, which cel-go prints as `1e+06.0`
/// - fields with the name of a literal: `` a.`true` ``
///
/// # Errors
/// [`Unprintable`], where cel-go says `unsupported expression`.
///
/// ```
/// use vapwright_cel::env::Environment;
/// use vapwright_cel::parse::{parse, print::print};
/// use vapwright_cel::source::Source;
/// use vapwright_cel::version::KubernetesVersion;
///
/// let env = Environment::kubernetes(KubernetesVersion::NEWEST);
/// let parsed = parse(&Source::new("(a.b)+1>2?'x':b'y'"), &env);
/// assert_eq!(print(&parsed.ast)?, r#"(a.b + 1 > 2) ? "x" : b"\171""#);
/// # Ok::<(), vapwright_cel::parse::print::Unprintable>(())
/// ```
pub fn print(ast: &Ast) -> Result<String, Unprintable> {
    let mut printer = Printer {
        info: &ast.info,
        out: String::new(),
        depth: 0,
    };
    printer.expr(&ast.expr)?;
    Ok(printer.out)
}

type Result<T = (), E = Unprintable> = std::result::Result<T, E>;

struct Printer<'a> {
    info: &'a SourceInfo,
    out: String,
    depth: u32,
}

impl Printer<'_> {
    fn expr(&mut self, expr: &Expr) -> Result {
        if self.depth >= MAX_DEPTH {
            return Err(Unprintable { expr: expr.id });
        }
        self.depth += 1;
        match self.info.macro_calls.get(&expr.id) {
            // the call itself has no id: what it is made of is looked up by its own
            Some(call) => self.kind(call)?,
            None => self.kind(expr)?,
        }
        self.depth -= 1;
        Ok(())
    }

    fn kind(&mut self, expr: &Expr) -> Result {
        match &expr.kind {
            ExprKind::Literal(literal) => self.literal(literal),
            ExprKind::Ident(name) => self.out.push_str(name),
            ExprKind::Select(select) if select.test_only => {
                self.out.push_str("has(");
                self.expr(&select.operand)?;
                self.field(".", &select.field);
                self.out.push(')');
            }
            ExprKind::Select(select) => {
                self.operand(&select.operand)?;
                self.field(".", &select.field);
            }
            ExprKind::Call(call) => self.call(expr, call)?,
            ExprKind::List(list) => self.list(list)?,
            ExprKind::Map(entries) => {
                self.out.push('{');
                for (at, entry) in entries.iter().enumerate() {
                    self.separate(at, entry.optional);
                    self.expr(&entry.key)?;
                    self.out.push_str(": ");
                    self.expr(&entry.value)?;
                }
                self.out.push('}');
            }
            ExprKind::Struct(message) => {
                self.out.push_str(&message.type_name);
                self.out.push('{');
                for (at, field) in message.fields.iter().enumerate() {
                    self.separate(at, field.optional);
                    self.field("", &field.name);
                    self.out.push_str(": ");
                    self.expr(&field.value)?;
                }
                self.out.push('}');
            }
            ExprKind::Comprehension(_) | ExprKind::Unspecified => {
                return Err(Unprintable { expr: expr.id });
            }
        }
        Ok(())
    }

    fn literal(&mut self, literal: &Literal) {
        // writing to a text cannot fail
        let _ = match literal {
            Literal::Null => write!(self.out, "null"),
            Literal::Bool(value) => write!(self.out, "{value}"),
            Literal::Int(value) => write!(self.out, "{value}"),
            Literal::Uint(value) => write!(self.out, "{value}u"),
            Literal::Double(value) => {
                let digits = number::format_g(*value);
                let whole = !digits.contains(['.', 'e']);
                write!(self.out, "{digits}{}", if whole { ".0" } else { "" })
            }
            Literal::String(text) => write!(self.out, "{}", go::quote(text)),
            Literal::Bytes(bytes) => {
                self.out.push_str("b\"");
                for byte in bytes.iter() {
                    let _ = write!(self.out, "\\{byte:03o}");
                }
                write!(self.out, "\"")
            }
        };
    }

    /// A field's name behind what selects it, in backticks where it is no name.
    fn field(&mut self, select: &str, name: &str) {
        self.out.push_str(select);
        let mut chars = name.chars();
        let is_name = chars
            .next()
            .is_some_and(|c| c == '_' || c.is_ascii_alphabetic())
            && chars.all(|c| c == '_' || c.is_ascii_alphanumeric())
            && !matches!(name, "in" | "true" | "false" | "null");
        if is_name {
            self.out.push_str(name);
        } else {
            let _ = write!(self.out, "`{name}`");
        }
    }

    /// What stands before the part of a list, and whether the part is optional.
    fn separate(&mut self, at: usize, optional: bool) {
        if at > 0 {
            self.out.push_str(", ");
        }
        if optional {
            self.out.push('?');
        }
    }

    fn list(&mut self, list: &List) -> Result {
        self.out.push('[');
        for (at, element) in list.elements.iter().enumerate() {
            let optional = u32::try_from(at).is_ok_and(|at| list.optional.contains(&at));
            self.separate(at, optional);
            self.expr(element)?;
        }
        self.out.push(']');
        Ok(())
    }

    fn nested(&mut self, expr: &Expr, parentheses: bool) -> Result {
        if parentheses {
            self.out.push('(');
        }
        self.expr(expr)?;
        if parentheses {
            self.out.push(')');
        }
        Ok(())
    }

    /// What a selection, an index or a method belongs to.
    fn operand(&mut self, expr: &Expr) -> Result {
        self.nested(expr, self.is_operator(expr))
    }

    fn call(&mut self, expr: &Expr, call: &Call) -> Result {
        if let Some(target) = &call.target {
            self.operand(target)?;
            self.out.push('.');
            return self.function(call);
        }
        match (&*call.function, call.args.as_slice()) {
            ("_?_:_", [condition, truthy, falsy]) => {
                self.nested(condition, has_several_args(condition))?;
                self.out.push_str(" ? ");
                self.nested(truthy, has_several_args(truthy))?;
                self.out.push_str(" : ");
                self.nested(falsy, has_several_args(falsy))
            }
            ("_[_]", [operand, index]) => self.index(operand, "[", index),
            ("_[?_]", [operand, index]) => self.index(operand, "[?", index),
            ("_?._", [operand, field]) => {
                let ExprKind::Literal(Literal::String(field)) = &field.kind else {
                    return Err(Unprintable { expr: expr.id });
                };
                self.operand(operand)?;
                self.field(".?", field);
                Ok(())
            }
            ("!_", [operand]) => {
                self.out.push('!');
                self.nested(operand, has_several_args(operand) || self.is_unary(operand))
            }
            ("-_", [operand]) => {
                self.out.push('-');
                let signed = self.is_unary(operand) || self.starts_with_number(operand);
                self.nested(operand, has_several_args(operand) || signed)
            }
            (function, [left, right]) => match binary(function) {
                Some((sign, precedence)) => {
                    self.binary(expr, call, (sign, precedence), left, right)
                }
                None => self.function(call),
            },
            _ => self.function(call),
        }
    }

    fn function(&mut self, call: &Call) -> Result {
        self.out.push_str(&call.function);
        self.out.push('(');
        for (at, arg) in call.args.iter().enumerate() {
            self.separate(at, false);
            self.expr(arg)?;
        }
        self.out.push(')');
        Ok(())
    }

    fn index(&mut self, operand: &Expr, open: &str, index: &Expr) -> Result {
        self.operand(operand)?;
        self.out.push_str(open);
        self.expr(index)?;
        self.out.push(']');
        Ok(())
    }

    fn binary(
        &mut self,
        expr: &Expr,
        call: &Call,
        (sign, precedence): (&str, u8),
        left: &Expr,
        right: &Expr,
    ) -> Result {
        let binds_less = |side: &Expr| {
            operator(side)
                .is_some_and(|(other, args)| args >= 2 && precedence < precedence_of(other))
        };
        let (mut around_left, mut around_right) = (binds_less(left), binds_less(right));
        if matches!(sign, "&&" | "||") {
            // the parser makes a balanced tree of a chain: only that is printed as a chain
            if self.terms(&call.function, expr, MAX_DEPTH).is_none() {
                around_left |= self.sides(&call.function, left).is_some();
                around_right |= self.sides(&call.function, right).is_some();
            }
        } else {
            around_right |=
                operator(right).is_some_and(|(name, _)| precedence == precedence_of(name));
        }
        self.nested(left, around_left)?;
        let _ = write!(self.out, " {sign} ");
        self.nested(right, around_right)
    }
}

/// What parentheses depend on.
impl Printer<'_> {
    fn is_macro(&self, expr: &Expr) -> bool {
        self.info.macro_calls.contains_key(&expr.id)
    }

    /// A sign before an operand.
    fn is_unary(&self, expr: &Expr) -> bool {
        !self.is_macro(expr)
            && operator(expr).is_some_and(|(name, args)| args == 1 && precedence_of(name) == UNARY)
    }

    /// An operator that binds less than a selection does.
    fn is_operator(&self, expr: &Expr) -> bool {
        let between = operator(expr)
            .is_some_and(|(name, args)| args >= 2 && (name == "_?_:_" || binary(name).is_some()));
        between || self.is_unary(expr)
    }

    /// Whether the text begins with digits that take a minus for their sign.
    fn starts_with_number(&self, expr: &Expr) -> bool {
        let mut expr = expr;
        loop {
            if let Some(call) = self.info.macro_calls.get(&expr.id) {
                expr = call;
            }
            let first = match &expr.kind {
                ExprKind::Literal(Literal::Int(_) | Literal::Double(_)) => return true,
                ExprKind::Select(select) if !select.test_only => &*select.operand,
                ExprKind::Call(call) => match (&call.target, &*call.function) {
                    (Some(target), _) => target,
                    (None, "_[_]" | "_[?_]" | "_?._") => match call.args.first() {
                        Some(operand) => operand,
                        None => return false,
                    },
                    _ => return false,
                },
                _ => return false,
            };
            if self.is_operator(first) {
                return false;
            }
            expr = first;
        }
    }

    /// The sides of a chain's operator, none for a term of the chain.
    fn sides<'e>(&self, function: &str, expr: &'e Expr) -> Option<(&'e Expr, &'e Expr)> {
        match &expr.kind {
            ExprKind::Call(call) if &*call.function == function && !self.is_macro(expr) => {
                match (&call.target, call.args.as_slice()) {
                    (None, [left, right]) => Some((left, right)),
                    _ => None,
                }
            }
            _ => None,
        }
    }

    /// How many terms a chain has, if it is the balanced tree that the parser makes.
    fn terms(&self, function: &str, expr: &Expr, depth: u32) -> Option<usize> {
        let Some((left, right)) = self.sides(function, expr) else {
            return Some(1);
        };
        if depth == 0 {
            return None;
        }
        let left = self.terms(function, left, depth - 1)?;
        let right = self.terms(function, right, depth - 1)?;
        (left == right || left == right + 1).then_some(left + right)
    }
}

/// How strong `!` and `-` bind; a smaller number binds stronger.
const UNARY: u8 = 2;

/// How an operator between two operands is written, and how strong it binds.
fn binary(function: &str) -> Option<(&'static str, u8)> {
    Some(match function {
        "_||_" => ("||", 7),
        "_&&_" => ("&&", 6),
        "_==_" => ("==", 5),
        "_!=_" => ("!=", 5),
        "_<_" => ("<", 5),
        "_<=_" => ("<=", 5),
        "_>_" => (">", 5),
        "_>=_" => (">=", 5),
        "@in" | "_in_" => ("in", 5),
        "_+_" => ("+", 4),
        "_-_" => ("-", 4),
        "_*_" => ("*", 3),
        "_/_" => ("/", 3),
        "_%_" => ("%", 3),
        _ => return None,
    })
}

/// How strong a function binds, 0 where it is no operator.
fn precedence_of(function: &str) -> u8 {
    match function {
        "_?_:_" => 8,
        "!_" | "-_" => UNARY,
        "_[_]" | "_[?_]" | "_?._" => 1,
        _ => binary(function).map_or(0, |(_, precedence)| precedence),
    }
}

/// The function of a call and the number of its arguments.
fn operator(expr: &Expr) -> Option<(&str, usize)> {
    match &expr.kind {
        ExprKind::Call(call) => Some((&call.function, call.args.len())),
        _ => None,
    }
}

/// cel-go puts every call of two or more arguments in parentheses behind a sign and in a
/// conditional, whether it is an operator or not.
fn has_several_args(expr: &Expr) -> bool {
    operator(expr).is_some_and(|(_, args)| args >= 2)
}

#[cfg(test)]
mod tests;
