//! The walk over the tree: a type for every expression, a reference for every name and call.
//!
//! What checks one kind of expression is never inlined: together, their frames would be too
//! large for the depth that trees may have.

use std::sync::Arc;

use crate::ast::{
    Call, Comprehension, Expr, ExprId, ExprKind, List, Literal, MapEntry, Select, SourceInfo,
    Struct,
};
use crate::env::Environment;
use crate::issue::{Issue, Phase};
use crate::source::Source;
use crate::types::Type;

use super::names::{self, Found, Scopes};
use super::unify::{self, Kind, Unifier, is_dyn, is_dyn_or_error, kind, unwrap_optional};
use super::{MAX_DEPTH, MAX_TYPE_DEPTH, MAX_TYPE_SIZE, Reference, errors, report, wellknown};

/// The state of one check.
pub(super) struct Checker<'c> {
    env: &'c Environment,
    source: &'c Source,
    info: &'c SourceInfo,
    pub(super) types: Vec<Option<Type>>,
    pub(super) references: Vec<Option<Reference>>,
    pub(super) issues: Vec<Issue>,
    pub(super) unifier: Unifier,
    scopes: Scopes,
    depth: usize,
}

impl<'c> Checker<'c> {
    pub(super) fn new(env: &'c Environment, source: &'c Source, info: &'c SourceInfo) -> Self {
        let ids = info.offsets.len();
        Self {
            env,
            source,
            info,
            types: vec![None; ids],
            references: vec![None; ids],
            issues: Vec::new(),
            unifier: Unifier::default(),
            scopes: Scopes::default(),
            depth: 0,
        }
    }

    pub(super) fn check(&mut self, expr: &mut Expr) {
        if self.depth >= MAX_DEPTH {
            // once: everything around it would say the same
            if !self.issues.iter().any(|i| i.message == errors::TOO_DEEP) {
                self.report(expr.id, errors::TOO_DEEP.to_owned());
            }
            self.set_type(expr.id, Type::Error);
            return;
        }
        self.depth += 1;
        let id = expr.id;
        match &mut expr.kind {
            ExprKind::Unspecified => self.report(id, errors::unexpected_ast_type()),
            ExprKind::Literal(literal) => self.set_type(id, literal_type(literal)),
            ExprKind::Ident(_) => self.check_ident(expr),
            ExprKind::Select(_) => self.check_select(expr),
            ExprKind::Call(_) => self.check_call(expr),
            ExprKind::List(list) => self.check_list(id, list),
            ExprKind::Map(entries) => self.check_map(id, entries),
            ExprKind::Struct(message) => self.check_struct(id, message),
            ExprKind::Comprehension(comprehension) => self.check_comprehension(id, comprehension),
        }
        self.depth -= 1;
    }

    #[inline(never)]
    fn check_ident(&mut self, expr: &mut Expr) {
        let ExprKind::Ident(name) = &expr.kind else {
            return;
        };
        match names::resolve_simple(self.env, &self.scopes, name) {
            Some(found) => self.refer(expr, found),
            None => {
                let message = errors::undeclared_reference(name);
                self.set_type(expr.id, Type::Error);
                self.report(expr.id, message);
            }
        }
    }

    /// Makes an expression the name of what was found.
    #[inline(never)]
    fn refer(&mut self, expr: &mut Expr, found: Found) {
        self.set_type(expr.id, found.r#type);
        self.set_reference(expr.id, found.reference);
        expr.kind = ExprKind::Ident(found.name);
    }

    #[inline(never)]
    fn check_select(&mut self, expr: &mut Expr) {
        if let Some(found) = names::resolve_qualified(self.env, &self.scopes, expr) {
            self.refer(expr, found);
            return;
        }
        let id = expr.id;
        let ExprKind::Select(Select {
            operand,
            field,
            test_only,
        }) = &mut expr.kind
        else {
            return;
        };
        let mut t = self.check_field(id, operand, field, false);
        if *test_only {
            t = Type::Bool;
        }
        let t = self.unifier.substitute(&t);
        self.set_type(id, t);
    }

    /// The type of a field of an operand; optional where the operand or the selection is.
    #[inline(never)]
    fn check_field(&mut self, id: ExprId, operand: &mut Expr, field: &str, optional: bool) -> Type {
        self.check(operand);
        let operand_type = self.unifier.substitute(&self.type_of(operand.id));
        let inner = unwrap_optional(&operand_type);
        let target = inner.unwrap_or(&operand_type);
        let result = match target {
            Type::Map(_, value) => (**value).clone(),
            Type::Object(name) => self.field_type(id, name, field).unwrap_or(Type::Error),
            Type::Param(_) | Type::Var(_) => {
                // it is dynamic from here on, lest it gets a type that does not fit
                self.unifier.is_assignable(&Type::Dyn, target);
                Type::Dyn
            }
            other => {
                if !is_dyn_or_error(other) {
                    self.report(id, errors::no_field_selection(other));
                }
                Type::Dyn
            }
        };
        if optional || inner.is_some() {
            Type::optional(result)
        } else {
            result
        }
    }

    #[inline(never)]
    fn field_type(&mut self, id: ExprId, type_name: &str, field: &str) -> Option<Type> {
        let open = self.env.open_type(type_name);
        let found = match self.env.object(type_name) {
            Some(object) if open.is_none() => object.field(field).cloned(),
            object if let Some(open) = open => {
                let declared = object.and_then(|object| object.field(field));
                Some(declared.unwrap_or(&open.field).clone())
            }
            Some(_) => None,
            None if wellknown::is_message(type_name) => wellknown::field(type_name, field),
            None => {
                self.report(id, errors::unexpected_failed_resolution(type_name));
                return None;
            }
        };
        if found.is_none() {
            self.report(id, errors::undefined_field(field));
        }
        found
    }

    #[inline(never)]
    fn check_optional_select(&mut self, id: ExprId, call: &mut Call) {
        let member = call.target.is_some();
        let [operand, field] = call.args.as_mut_slice() else {
            let what = format!(
                "incorrect signature.{} argument count: {}",
                if member { " member call with" } else { "" },
                call.args.len()
            );
            self.report(id, errors::not_an_optional_field_selection(&what));
            return;
        };
        let ExprKind::Literal(Literal::String(name)) = &field.kind else {
            self.report(field.id, errors::not_an_optional_field_selection("field"));
            return;
        };
        let t = self.check_field(id, operand, name, true);
        let t = self.unifier.substitute(&t);
        self.set_type(id, t);
        self.set_reference(id, Reference::Overloads(vec!["select_optional_field"]));
    }

    #[inline(never)]
    fn check_call(&mut self, expr: &mut Expr) {
        let id = expr.id;
        let ExprKind::Call(call) = &mut expr.kind else {
            return;
        };
        if &*call.function == "_?._" {
            self.check_optional_select(id, call);
            return;
        }
        for arg in &mut call.args {
            self.check(arg);
        }
        let env = self.env;
        let Some(target) = &mut call.target else {
            let name = call.function.strip_prefix('.').unwrap_or(&call.function);
            match env.indexed(name) {
                Some(function) => {
                    if name.len() != call.function.len() {
                        call.function = function.function.name.into();
                    }
                    self.resolve(id, function, call);
                }
                None => self.undeclared_function(id, &call.function),
            }
            return;
        };
        // `a.b.f(x)` calls the function `a.b.f`, if there is one, else the method `f` of `a.b`
        let namespaced = names::qualified_name(target).and_then(|mut name| {
            name.push('.');
            name.push_str(&call.function);
            env.indexed(name.strip_prefix('.').unwrap_or(&name))
        });
        if let Some(function) = namespaced {
            call.target = None;
            call.function = function.function.name.into();
            self.resolve(id, function, call);
            return;
        }
        self.check(target);
        match env.indexed(&call.function) {
            Some(function) => self.resolve(id, function, call),
            None => self.undeclared_function(id, &call.function),
        }
    }

    #[inline(never)]
    fn undeclared_function(&mut self, id: ExprId, name: &str) {
        self.set_type(id, Type::Error);
        self.report(id, errors::undeclared_reference(name));
    }

    /// Finds the overloads that the arguments fit.
    #[inline(never)]
    fn resolve(&mut self, id: ExprId, function: &crate::env::Indexed, call: &Call) {
        let member = call.target.is_some();
        let ids = call.target.iter().map(|target| target.id);
        let ids: Vec<ExprId> = ids.chain(call.args.iter().map(|arg| arg.id)).collect();
        let types: Vec<Type> = ids.iter().map(|id| self.type_of(*id)).collect();
        if matches!(function.function.name, "_&&_" | "_||_") {
            self.resolve_logical(id, function, &ids, &types);
            return;
        }
        let mut overloads = Vec::new();
        let mut result: Option<Type> = None;
        let declared = function.function.overloads.iter().zip(&function.signatures);
        for (overload, signature) in declared.filter(|(overload, _)| overload.member == member) {
            let first = self.unifier.new_variables(signature.variables);
            if signature.params.len() != types.len() {
                continue;
            }
            let fits = if signature.variables == 0 {
                self.unifier.are_assignable(&types, &signature.params)
            } else {
                let params: Vec<_> = signature
                    .params
                    .iter()
                    .map(|param| unify::instantiate(param, first))
                    .collect();
                self.unifier.are_assignable(&types, &params)
            };
            if !fits {
                continue;
            }
            overloads.push(overload.id);
            let t = unify::instantiate(&signature.result, first);
            let t = self.unifier.substitute(&t);
            result = Some(match result {
                None => t,
                Some(before) if is_dyn(&before) || unify::is_exact(&t, &before) => before,
                Some(_) => Type::Dyn,
            });
        }
        match result {
            Some(t) => {
                self.set_type(id, t);
                self.set_reference(id, Reference::Overloads(overloads));
            }
            None => {
                let types: Vec<_> = types
                    .iter()
                    .map(|t| self.unifier.substitute_free_with_dyn(t))
                    .collect();
                let message = errors::no_matching_overload(function.function.name, &types, member);
                self.report(id, message);
                self.set_type(id, Type::Error);
            }
        }
    }

    /// `&&` and `||` name the argument that is no boolean.
    #[inline(never)]
    fn resolve_logical(
        &mut self,
        id: ExprId,
        function: &crate::env::Indexed,
        args: &[ExprId],
        types: &[Type],
    ) {
        let mut result = Type::Bool;
        for (arg, t) in args.iter().zip(types) {
            if !self.unifier.is_assignable(t, &Type::Bool) {
                self.report(*arg, errors::type_mismatch(&Type::Bool, t));
                result = Type::Error;
            }
        }
        if result == Type::Bool {
            let overloads = function.function.overloads.iter().map(|o| o.id).collect();
            self.set_reference(id, Reference::Overloads(overloads));
        }
        self.set_type(id, result);
    }

    #[inline(never)]
    fn check_list(&mut self, id: ExprId, list: &mut List) {
        let mut joined = None;
        for (index, element) in list.elements.iter_mut().enumerate() {
            self.check(element);
            let mut t = self.type_of(element.id);
            if u32::try_from(index).is_ok_and(|index| list.optional.contains(&index)) {
                t = self.unwrap(element.id, t);
            }
            joined = Some(self.join(joined, t));
        }
        let element = joined.unwrap_or_else(|| self.unifier.new_variable());
        self.set_type(id, Type::list(element));
    }

    #[inline(never)]
    fn check_map(&mut self, id: ExprId, entries: &mut [MapEntry]) {
        let mut joined: Option<(Type, Type)> = None;
        for entry in entries {
            let (keys, values) = joined.unzip();
            self.check(&mut entry.key);
            let key = self.type_of(entry.key.id);
            let keys = self.join(keys, key);
            self.check(&mut entry.value);
            let mut value = self.type_of(entry.value.id);
            if entry.optional {
                value = self.unwrap(entry.value.id, value);
            }
            let values = self.join(values, value);
            joined = Some((keys, values));
        }
        let (key, value) =
            joined.unwrap_or_else(|| (self.unifier.new_variable(), self.unifier.new_variable()));
        self.set_type(id, Type::map(key, value));
    }

    /// The type inside the optional that an optional element, entry or field must be.
    #[inline(never)]
    fn unwrap(&mut self, id: ExprId, t: Type) -> Type {
        match unwrap_optional(&t) {
            Some(inner) => inner.clone(),
            None => {
                if !is_dyn(&t) {
                    let message = errors::type_mismatch(&Type::optional(t.clone()), &t);
                    self.report(id, message);
                }
                t
            }
        }
    }

    /// The most general type of the elements so far and the next one: `dyn` where they differ,
    /// which a validator then refuses.
    #[inline(never)]
    fn join(&mut self, previous: Option<Type>, current: Type) -> Type {
        match previous {
            None => current,
            Some(previous) if self.unifier.is_assignable(&previous, &current) => {
                unify::most_general(&previous, &current)
            }
            Some(_) => Type::Dyn,
        }
    }

    #[inline(never)]
    fn check_struct(&mut self, id: ExprId, message: &mut Struct) {
        let name = Arc::clone(&message.type_name);
        let name = name.strip_prefix('.').unwrap_or(&name);
        let Some(named) = names::resolve_type(self.env, name) else {
            self.set_type(id, Type::Error);
            self.report(id, errors::undeclared_reference(&message.type_name));
            return;
        };
        message.type_name = name.into();
        let mut fields_of: Arc<str> = name.into();
        let result = match &named {
            Type::Type(Some(inner)) => {
                if let Some(known) = wellknown::message_name(inner) {
                    fields_of = known.into();
                    (**inner).clone()
                } else if let Type::Object(object) = &**inner {
                    fields_of = Arc::clone(object);
                    (**inner).clone()
                } else {
                    self.report(id, errors::not_a_message_type(inner.name()));
                    Type::Error
                }
            }
            other => {
                self.report(id, errors::not_a_type(other.name()));
                Type::Error
            }
        };
        self.set_type(id, result);
        for field in &mut message.fields {
            self.check(&mut field.value);
            let expected = self.field_type(field.id, &fields_of, &field.name);
            let expected = expected.unwrap_or(Type::Error);
            let mut found = self.type_of(field.value.id);
            if field.optional {
                found = self.unwrap(field.value.id, found);
            }
            if !self.unifier.is_assignable(&expected, &found) {
                let text = errors::field_type_mismatch(&field.name, &expected, &found);
                self.report(field.id, text);
            }
        }
    }

    #[inline(never)]
    fn check_comprehension(&mut self, id: ExprId, fold: &mut Comprehension) {
        self.check(&mut fold.range);
        self.check(&mut fold.accu_init);
        let range = self.unifier.substitute(&self.type_of(fold.range.id));
        let accu = self.type_of(fold.accu_init.id);
        let outer = self.scopes.enter();
        self.scopes.declare(outer, &fold.accu_var, accu.clone());
        let (first, second) = self.iteration_types(fold, &range);
        let inner = self.scopes.enter();
        self.scopes.declare(inner, &fold.iter_var, first);
        if let Some(name) = &fold.iter_var2 {
            self.scopes.declare(inner, name, second);
        }
        self.check(&mut fold.condition);
        self.assert_type(fold.condition.id, &Type::Bool);
        self.check(&mut fold.step);
        self.assert_type(fold.step.id, &accu);
        self.scopes.leave(inner);
        self.check(&mut fold.result);
        self.scopes.leave(outer);
        let t = self.unifier.substitute(&self.type_of(fold.result.id));
        self.set_type(id, t);
    }

    /// The types of a comprehension's variables over a range.
    #[inline(never)]
    fn iteration_types(&mut self, fold: &Comprehension, range: &Type) -> (Type, Type) {
        let two = fold.iter_var2.is_some();
        match range {
            Type::List(element) if two => (Type::Int, (**element).clone()),
            Type::List(element) => ((**element).clone(), Type::Dyn),
            Type::Map(key, value) => ((**key).clone(), (**value).clone()),
            other if matches!(kind(other), Kind::Dyn | Kind::Error | Kind::Param) => {
                self.unifier.is_assignable(&Type::Dyn, other);
                (Type::Dyn, Type::Dyn)
            }
            other => {
                self.report(fold.range.id, errors::not_a_comprehension_range(other));
                (Type::Error, Type::Error)
            }
        }
    }

    #[inline(never)]
    fn assert_type(&mut self, id: ExprId, expected: &Type) {
        let found = self.type_of(id);
        if !self.unifier.is_assignable(expected, &found) {
            self.report(id, errors::type_mismatch(expected, &found));
        }
    }

    fn type_of(&self, id: ExprId) -> Type {
        // an expression without a type has an error that was reported
        let t = self.types.get(id as usize).and_then(Option::as_ref);
        t.cloned().unwrap_or(Type::Error)
    }

    fn set_type(&mut self, id: ExprId, mut t: Type) {
        if !unify::has_size_within(&t, &mut { MAX_TYPE_SIZE }, MAX_TYPE_DEPTH) {
            self.report(id, errors::TOO_LARGE.to_owned());
            t = Type::Error;
        }
        let index = id as usize;
        if self.types.len() <= index {
            self.types.resize(index + 1, None);
        }
        if let Some(place) = self.types.get_mut(index) {
            *place = Some(t);
        }
    }

    fn set_reference(&mut self, id: ExprId, reference: Reference) {
        let index = id as usize;
        if self.references.len() <= index {
            self.references.resize(index + 1, None);
        }
        if let Some(place) = self.references.get_mut(index) {
            *place = Some(reference);
        }
    }

    #[inline(never)]
    fn report(&mut self, id: ExprId, message: String) {
        let issue = report(Phase::Check, self.source, self.info, id, message);
        self.issues.push(issue);
    }
}

const fn literal_type(literal: &Literal) -> Type {
    match literal {
        Literal::Null => Type::Null,
        Literal::Bool(_) => Type::Bool,
        Literal::Int(_) => Type::Int,
        Literal::Uint(_) => Type::Uint,
        Literal::Double(_) => Type::Double,
        Literal::String(_) => Type::String,
        Literal::Bytes(_) => Type::Bytes,
    }
}
