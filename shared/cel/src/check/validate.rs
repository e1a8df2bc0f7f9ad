//! The AST validators: what kube-apiserver refuses though its types fit.

use crate::ast::{Expr, ExprId, ExprKind, List, Literal, MapEntry};
use crate::env::Environment;
use crate::issue::{Issue, Phase};
use crate::re2;
use crate::source::Source;
use crate::types::Type;
use crate::value::Value;

use super::unify::{is_equivalent, unwrap_optional};
use super::{CheckedAst, errors, format_literal, report};

/// Runs the validators one after the other, as cel-go does, over a tree without errors.
pub(super) fn validate(checked: &CheckedAst, source: &Source, env: &Environment) -> Vec<Issue> {
    let mut validator = Validator {
        checked,
        env,
        found: Default::default(),
    };
    validator.visit(&checked.ast.expr, false);
    let all = validator.found.into_iter().flatten();
    all.map(|(id, message)| report(Phase::Check, source, &checked.ast.info, id, message))
        .collect()
}

/// The validators, in the order in which they report.
#[derive(Clone, Copy)]
enum Rule {
    Lists,
    Maps,
    Duration,
    Timestamp,
    Matches,
    Format,
}

struct Validator<'c> {
    checked: &'c CheckedAst,
    env: &'c Environment,
    /// By rule, what it found.
    found: [Vec<(ExprId, String)>; 6],
}

impl Validator<'_> {
    fn report(&mut self, rule: Rule, id: ExprId, message: String) {
        if let Some(found) = self.found.get_mut(rule as usize) {
            found.push((id, message));
        }
    }

    fn type_of(&self, id: ExprId) -> &Type {
        let t = self.checked.types.get(id as usize);
        t.and_then(Option::as_ref).unwrap_or(&Type::Dyn)
    }

    /// Children first. `in_format`: inside of a call of `format`, whose lists may mix types.
    fn visit(&mut self, expr: &Expr, in_format: bool) {
        match &expr.kind {
            ExprKind::Unspecified | ExprKind::Literal(_) | ExprKind::Ident(_) => {}
            ExprKind::Select(select) => self.visit(&select.operand, in_format),
            ExprKind::Call(call) => {
                let in_format = in_format || &*call.function == "format";
                if let Some(target) = &call.target {
                    self.visit(target, in_format);
                }
                for arg in &call.args {
                    self.visit(arg, in_format);
                }
                self.check_literal_argument(&call.function, &call.args);
                if let Some((id, message)) = format_literal::check(expr.id, call, self.checked) {
                    self.report(Rule::Format, id, message);
                }
            }
            ExprKind::List(list) => {
                for element in &list.elements {
                    self.visit(element, in_format);
                }
                if !in_format {
                    self.check_list(list);
                }
            }
            ExprKind::Map(entries) => {
                for entry in entries {
                    self.visit(&entry.key, in_format);
                    self.visit(&entry.value, in_format);
                }
                if !in_format {
                    self.check_map(entries);
                }
            }
            ExprKind::Struct(message) => {
                for field in &message.fields {
                    self.visit(&field.value, in_format);
                }
            }
            ExprKind::Comprehension(fold) => {
                self.visit(&fold.range, in_format);
                self.visit(&fold.accu_init, in_format);
                self.visit(&fold.condition, in_format);
                self.visit(&fold.step, in_format);
                self.visit(&fold.result, in_format);
            }
        }
    }

    /// A literal that a conversion, or a regular expression, would fail on.
    fn check_literal_argument(&mut self, function: &str, args: &[Expr]) {
        let rule = match function {
            "duration" => Rule::Duration,
            "timestamp" => Rule::Timestamp,
            "matches" => Rule::Matches,
            _ => return,
        };
        // The first argument: that is the pattern of the method, but the text of the function,
        // which cel-go compiles as well.
        let Some(Expr {
            id,
            kind: ExprKind::Literal(literal),
        }) = args.first()
        else {
            return;
        };
        let conversion = match (function, literal) {
            ("duration", Literal::String(_)) => "string_to_duration",
            ("duration", Literal::Int(_)) => "int64_to_duration",
            ("timestamp", Literal::String(_)) => "string_to_timestamp",
            ("timestamp", Literal::Int(_)) => "int64_to_timestamp",
            _ => "",
        };
        let valid = match literal {
            Literal::String(pattern) if function == "matches" => re2::is_valid(pattern),
            // its type fits, but there is no conversion of it
            Literal::Null => function == "matches",
            other => self
                .env
                .overload(conversion)
                .and_then(|overload| overload.binding)
                .is_none_or(|convert| convert(&[literal_value(other)]).is_ok()),
        };
        if !valid {
            self.report(rule, *id, errors::invalid_argument(function));
        }
    }

    fn check_list(&mut self, list: &List) {
        let mut first = None;
        for (index, element) in list.elements.iter().enumerate() {
            let mut t = self.type_of(element.id);
            if u32::try_from(index).is_ok_and(|index| list.optional.contains(&index)) {
                t = unwrap_optional(t).unwrap_or(t);
            }
            match first {
                None => first = Some(t),
                Some(expected) if !is_equivalent(expected, t) => {
                    let message = errors::type_mismatch(expected, t);
                    self.report(Rule::Lists, element.id, message);
                    return;
                }
                Some(_) => {}
            }
        }
    }

    fn check_map(&mut self, entries: &[MapEntry]) {
        let mut first = None;
        let mut mismatches = Vec::new();
        for entry in entries {
            let key = self.type_of(entry.key.id);
            let mut value = self.type_of(entry.value.id);
            if entry.optional {
                value = unwrap_optional(value).unwrap_or(value);
            }
            let (keys, values) = *first.get_or_insert((key, value));
            if !is_equivalent(keys, key) {
                mismatches.push((entry.key.id, errors::type_mismatch(keys, key)));
            }
            if !is_equivalent(values, value) {
                mismatches.push((entry.value.id, errors::type_mismatch(values, value)));
            }
        }
        for (id, message) in mismatches {
            self.report(Rule::Maps, id, message);
        }
    }
}

fn literal_value(literal: &Literal) -> Value<'static> {
    match literal {
        Literal::Null => Value::Null,
        Literal::Bool(value) => Value::Bool(*value),
        Literal::Int(value) => Value::Int(*value),
        Literal::Uint(value) => Value::Uint(*value),
        Literal::Double(value) => Value::Double(*value),
        Literal::String(text) => Value::string(text.clone()),
        Literal::Bytes(bytes) => Value::Bytes(bytes.clone()),
    }
}
