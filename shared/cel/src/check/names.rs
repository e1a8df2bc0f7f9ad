//! What a name means: local variables, variables and constants of the environment, type names.

use std::sync::Arc;

use crate::ast::{Expr, ExprKind};
use crate::env::Environment;
use crate::types::Type;

use super::{Reference, wellknown};

/// What a name was found to be.
pub(super) struct Found {
    pub(super) r#type: Type,
    pub(super) reference: Reference,
    /// The name as the tree is to have it.
    pub(super) name: Arc<str>,
}

/// The variables of comprehensions, innermost last.
#[derive(Debug, Default)]
pub(super) struct Scopes {
    locals: Vec<(Arc<str>, Type)>,
}

impl Scopes {
    /// The place to [`Scopes::leave`] to.
    pub(super) fn enter(&self) -> usize {
        self.locals.len()
    }

    pub(super) fn leave(&mut self, to: usize) {
        self.locals.truncate(to);
    }

    /// Declares a variable in the scope that began at `scope`, unless the scope has it.
    pub(super) fn declare(&mut self, scope: usize, name: &Arc<str>, t: Type) {
        let known = self.locals.iter().skip(scope).any(|(n, _)| n == name);
        if !known {
            self.locals.push((Arc::clone(name), t));
        }
    }

    fn find(&self, name: &str) -> Option<&(Arc<str>, Type)> {
        self.locals.iter().rev().find(|(n, _)| &**n == name)
    }
}

/// A name without qualifiers, perhaps with a leading dot.
pub(super) fn resolve_simple(env: &Environment, scopes: &Scopes, name: &str) -> Option<Found> {
    match name.strip_prefix('.') {
        Some(absolute) => global(env, absolute),
        None => match scopes.find(name) {
            Some((name, t)) => Some(Found {
                r#type: t.clone(),
                reference: Reference::Local(Arc::clone(name)),
                name: Arc::clone(name),
            }),
            None => global(env, name),
        },
    }
}

/// A chain of selections that may be one name, such as `authorizer.requestResource`.
pub(super) fn resolve_qualified(env: &Environment, scopes: &Scopes, expr: &Expr) -> Option<Found> {
    let mut fields = Vec::new();
    let mut at = expr;
    let root = loop {
        match &at.kind {
            ExprKind::Select(select) if !select.test_only => {
                fields.push(&*select.field);
                at = &select.operand;
            }
            ExprKind::Ident(root) => break root,
            _ => return None,
        }
    };
    let root = match root.strip_prefix('.') {
        Some(absolute) => absolute,
        None if scopes.find(root).is_some() => return None,
        None => root,
    };
    if !env.begins_qualified_name(root) {
        return None;
    }
    let mut name = root.to_owned();
    for field in fields.iter().rev() {
        name.push('.');
        name.push_str(field);
    }
    global(env, &name)
}

/// The qualified name that a chain of selections spells.
pub(super) fn qualified_name(expr: &Expr) -> Option<String> {
    match &expr.kind {
        ExprKind::Ident(name) => Some(name.to_string()),
        ExprKind::Select(select) if !select.test_only => {
            let mut name = qualified_name(&select.operand)?;
            name.push('.');
            name.push_str(&select.field);
            Some(name)
        }
        _ => None,
    }
}

fn global(env: &Environment, name: &str) -> Option<Found> {
    if let Some((slot, variable)) = env.variable(name) {
        return Some(Found {
            r#type: variable.r#type.clone(),
            reference: Reference::Variable(slot),
            name: Arc::clone(&variable.name),
        });
    }
    let t = match env.constant(name) {
        Some(constant) => constant.r#type.clone(),
        None => Type::type_of(message_type(env, name)?),
    };
    let name: Arc<str> = name.into();
    Some(Found {
        r#type: t,
        reference: Reference::Constant(Arc::clone(&name)),
        name,
    })
}

/// The type that a name stands for, where it is not a constant.
fn message_type(env: &Environment, name: &str) -> Option<Type> {
    if env.object(name).is_some() || env.open_type(name).is_some() {
        return Some(Type::object(name));
    }
    match name {
        // Kubernetes' declared types bring these names with them
        "duration" if !env.objects().is_empty() => Some(Type::Duration),
        "timestamp" if !env.objects().is_empty() => Some(Type::Timestamp),
        _ => wellknown::message(name),
    }
}

/// The type of a message literal's name: the type of the name, which for all messages is a
/// `type(...)`. Names of variables do not count.
pub(super) fn resolve_type(env: &Environment, name: &str) -> Option<Type> {
    match env.constant(name) {
        Some(constant) if matches!(constant.r#type, Type::Type(_)) => Some(constant.r#type.clone()),
        _ => message_type(env, name).map(Type::type_of),
    }
}
