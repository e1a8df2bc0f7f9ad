//! Which types fit which: type variables, their substitutions, and what is more general.

use crate::types::Type;

/// What cel-go calls a type's kind: its head, a wrapper's being that of what it wraps.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Dyn,
    Error,
    Null,
    Bool,
    Int,
    Uint,
    Double,
    String,
    Bytes,
    Duration,
    Timestamp,
    Any,
    List,
    Map,
    Opaque,
    Object,
    Type,
    Param,
}

pub(super) fn kind(t: &Type) -> Kind {
    match t {
        Type::Dyn => Kind::Dyn,
        Type::Error => Kind::Error,
        Type::Null => Kind::Null,
        Type::Bool => Kind::Bool,
        Type::Int => Kind::Int,
        Type::Uint => Kind::Uint,
        Type::Double => Kind::Double,
        Type::String => Kind::String,
        Type::Bytes => Kind::Bytes,
        Type::Duration => Kind::Duration,
        Type::Timestamp => Kind::Timestamp,
        Type::Any => Kind::Any,
        Type::Wrapper(inner) => kind(inner),
        Type::List(_) => Kind::List,
        Type::Map(..) => Kind::Map,
        Type::Opaque(..) => Kind::Opaque,
        Type::Object(_) => Kind::Object,
        Type::Type(_) => Kind::Type,
        Type::Param(_) | Type::Var(_) => Kind::Param,
    }
}

/// `dyn` and `google.protobuf.Any`.
pub(super) const fn is_dyn(t: &Type) -> bool {
    matches!(t, Type::Dyn | Type::Any)
}

pub(super) const fn is_dyn_or_error(t: &Type) -> bool {
    is_dyn(t) || matches!(t, Type::Error)
}

/// The `T` of `optional_type(T)`.
pub(super) fn unwrap_optional(t: &Type) -> Option<&Type> {
    match t {
        Type::Opaque(name, params) if &**name == "optional_type" => params.first(),
        _ => None,
    }
}

/// cel-go's `IsExactType`: equal, but that it does not tell a wrapper from what it wraps.
pub(super) fn is_exact(t1: &Type, t2: &Type) -> bool {
    equal(t1, t2, true)
}

/// cel-go's `IsEquivalentType`: exact, but for the names of type parameters.
pub(super) fn is_equivalent(t1: &Type, t2: &Type) -> bool {
    equal(t1, t2, false)
}

fn equal(t1: &Type, t2: &Type, names: bool) -> bool {
    match (t1, t2) {
        (Type::Wrapper(inner), other) | (other, Type::Wrapper(inner)) => equal(inner, other, names),
        (Type::List(e1), Type::List(e2)) => equal(e1, e2, names),
        (Type::Map(k1, v1), Type::Map(k2, v2)) => equal(k1, k2, names) && equal(v1, v2, names),
        (Type::Opaque(n1, p1), Type::Opaque(n2, p2)) => {
            n1 == n2
                && p1.len() == p2.len()
                && p1.iter().zip(&**p2).all(|(a, b)| equal(a, b, names))
        }
        (Type::Type(Some(i1)), Type::Type(Some(i2))) => equal(i1, i2, names),
        (Type::Param(_) | Type::Var(_), Type::Param(_) | Type::Var(_)) => !names || t1 == t2,
        _ => t1 == t2,
    }
}

/// cel-go's `to.IsAssignableType(from)`, which knows no substitutions.
fn accepts(to: &Type, from: &Type) -> bool {
    match (to, from) {
        (Type::Wrapper(_), Type::Null)
        | (Type::Dyn | Type::Any | Type::Param(_) | Type::Var(_), _) => true,
        (Type::Wrapper(inner), _) => accepts(inner, from),
        (_, Type::Wrapper(inner)) => accepts(to, inner),
        (Type::List(to), Type::List(from)) => accepts(to, from),
        (Type::Map(k1, v1), Type::Map(k2, v2)) => accepts(k1, k2) && accepts(v1, v2),
        (Type::Opaque(n1, p1), Type::Opaque(n2, p2)) => {
            n1 == n2 && p1.len() == p2.len() && p1.iter().zip(&**p2).all(|(a, b)| accepts(a, b))
        }
        (Type::Type(Some(to)), Type::Type(Some(from))) => accepts(to, from),
        _ => to == from,
    }
}

/// Whether `null` is a value of the type.
fn is_nullable(t: &Type) -> bool {
    matches!(
        t,
        Type::Null
            | Type::Wrapper(_)
            | Type::Opaque(..)
            | Type::Object(_)
            | Type::Any
            | Type::Duration
            | Type::Timestamp
    )
}

/// Whether a type has at most so many parts, nested at most so deep; counts them down.
pub(super) fn has_size_within(t: &Type, left: &mut usize, depth: usize) -> bool {
    let (Some(rest), Some(depth)) = (left.checked_sub(1), depth.checked_sub(1)) else {
        return false;
    };
    *left = rest;
    match t {
        Type::List(inner) | Type::Type(Some(inner)) => has_size_within(inner, left, depth),
        Type::Map(key, value) => {
            has_size_within(key, left, depth) && has_size_within(value, left, depth)
        }
        Type::Opaque(_, params) => params
            .iter()
            .all(|param| has_size_within(param, left, depth)),
        _ => true,
    }
}

/// The more general of two types that are known to fit.
pub(super) fn most_general(t1: &Type, t2: &Type) -> Type {
    if is_equal_or_less_specific(t1, t2) {
        t1.clone()
    } else {
        t2.clone()
    }
}

fn is_equal_or_less_specific(t1: &Type, t2: &Type) -> bool {
    let (kind1, kind2) = (kind(t1), kind(t2));
    if is_dyn(t1) || kind1 == Kind::Param {
        return true;
    }
    if is_dyn(t2) || kind2 == Kind::Param || kind1 != kind2 {
        return false;
    }
    match (t1, t2) {
        (Type::Opaque(n1, p1), Type::Opaque(n2, p2)) => {
            n1 == n2
                && p1.len() == p2.len()
                && p1
                    .iter()
                    .zip(&**p2)
                    .all(|(a, b)| is_equal_or_less_specific(a, b))
        }
        (Type::List(e1), Type::List(e2)) => is_equal_or_less_specific(e1, e2),
        (Type::Map(k1, v1), Type::Map(k2, v2)) => {
            is_equal_or_less_specific(k1, k2) && is_equal_or_less_specific(v1, v2)
        }
        (Type::Type(_), Type::Type(_)) => true,
        _ => is_exact(t1, t2),
    }
}

/// The type variables of one check and what they stand for.
#[derive(Debug, Default)]
pub(super) struct Unifier {
    bindings: Vec<Option<Type>>,
    /// Bindings as they were before the attempt under way, to be put back if it fails.
    trail: Vec<(usize, Option<Type>)>,
}

impl Unifier {
    /// A new type variable.
    pub(super) fn new_variable(&mut self) -> Type {
        let number = self.new_variables(1);
        Type::Var(number)
    }

    /// New type variables in a row; answers the number of the first.
    pub(super) fn new_variables(&mut self, count: u32) -> u32 {
        let first = u32::try_from(self.bindings.len()).unwrap_or(u32::MAX);
        self.bindings
            .resize(self.bindings.len() + count as usize, None);
        first
    }

    /// Whether a value of `t1` can stand where `t2` is wanted; remembers what that means for
    /// type variables, if so.
    pub(super) fn is_assignable(&mut self, t1: &Type, t2: &Type) -> bool {
        self.trail.clear();
        let fits = self.assign(t1, t2);
        self.settle(fits)
    }

    /// The same of lists of types, all or none.
    pub(super) fn are_assignable(&mut self, from: &[Type], to: &[Type]) -> bool {
        self.trail.clear();
        let fits = self.assign_all(from, to);
        self.settle(fits)
    }

    fn settle(&mut self, fits: bool) -> bool {
        if !fits {
            for (index, before) in self.trail.drain(..).rev() {
                if let Some(place) = self.bindings.get_mut(index) {
                    *place = before;
                }
            }
        }
        fits
    }

    fn find(&self, t: &Type) -> Option<&Type> {
        match t {
            Type::Var(number) => self.bindings.get(*number as usize)?.as_ref(),
            _ => None,
        }
    }

    fn bind(&mut self, variable: &Type, to: Type) {
        if let Type::Var(number) = variable
            && let Some(place) = self.bindings.get_mut(*number as usize)
        {
            let before = place.replace(to);
            self.trail.push((*number as usize, before));
        }
    }

    fn assign_all(&mut self, from: &[Type], to: &[Type]) -> bool {
        from.len() == to.len() && from.iter().zip(to).all(|(t1, t2)| self.assign(t1, t2))
    }

    fn assign(&mut self, t1: &Type, t2: &Type) -> bool {
        if kind(t2) == Kind::Param {
            match self.substitute_for(t1, t2) {
                Fit::Yes => return true,
                Fit::BoundOtherwise => return false,
                Fit::Recursive => {}
            }
        }
        if kind(t1) == Kind::Param {
            return self.substitute_for(t2, t1) == Fit::Yes;
        }
        if is_dyn_or_error(t1) || is_dyn_or_error(t2) {
            return true;
        }
        match (t1, t2) {
            (Type::Null, other) | (other, Type::Null) => is_nullable(other),
            (Type::Type(_), _) => matches!(t2, Type::Type(_)),
            (Type::List(from), Type::List(to)) => self.assign(from, to),
            (Type::Map(k1, v1), Type::Map(k2, v2)) => self.assign(k1, k2) && self.assign(v1, v2),
            (Type::Opaque(n1, p1), Type::Opaque(n2, p2)) => n1 == n2 && self.assign_all(p1, p2),
            (Type::List(_) | Type::Map(..) | Type::Opaque(..), _) => false,
            _ => accepts(t2, t1),
        }
    }

    /// Whether the variable `t2` can stand for `t1`, and makes it so.
    fn substitute_for(&mut self, t1: &Type, t2: &Type) -> Fit {
        if kind(t1) == Kind::Param && is_exact(t1, t2) {
            return Fit::Yes;
        }
        if let Some(bound) = self.find(t2).cloned() {
            if kind(t1) == kind(&bound) && is_exact(t1, &bound) {
                return Fit::Yes;
            }
            if self.assign(t1, &bound) {
                let general = most_general(t1, &bound);
                if self.is_not_within(t2, &general) {
                    self.bind(t2, general);
                }
                return Fit::Yes;
            }
            return Fit::BoundOtherwise;
        }
        if self.is_not_within(t2, t1) {
            self.bind(t2, t1.clone());
            return Fit::Yes;
        }
        Fit::Recursive
    }

    /// The occurs check: whether a variable is no part of a type.
    fn is_not_within(&self, variable: &Type, within: &Type) -> bool {
        match within {
            Type::Param(_) | Type::Var(_) => {
                !is_exact(variable, within)
                    && self
                        .find(within)
                        .is_none_or(|bound| self.is_not_within(variable, bound))
            }
            Type::List(element) => self.is_not_within(variable, element),
            Type::Map(key, value) => {
                self.is_not_within(variable, key) && self.is_not_within(variable, value)
            }
            Type::Opaque(_, params) => params.iter().all(|p| self.is_not_within(variable, p)),
            Type::Type(Some(inner)) => self.is_not_within(variable, inner),
            _ => true,
        }
    }

    /// The type with its variables replaced by what they stand for.
    pub(super) fn substitute(&self, t: &Type) -> Type {
        self.rewrite(t, false).unwrap_or_else(|| t.clone())
    }

    /// The same, with `dyn` for the variables that stand for nothing.
    pub(super) fn substitute_free_with_dyn(&self, t: &Type) -> Type {
        self.rewrite(t, true).unwrap_or_else(|| t.clone())
    }

    /// `None`: nothing in the type changes, so that it can be shared.
    fn rewrite(&self, t: &Type, to_dyn: bool) -> Option<Type> {
        match t {
            Type::Var(_) | Type::Param(_) => match self.find(t) {
                Some(bound) => Some(self.rewrite(bound, to_dyn).unwrap_or_else(|| bound.clone())),
                None => to_dyn.then_some(Type::Dyn),
            },
            Type::List(element) => self.rewrite(element, to_dyn).map(Type::list),
            Type::Map(key, value) => {
                match (self.rewrite(key, to_dyn), self.rewrite(value, to_dyn)) {
                    (None, None) => None,
                    (new_key, new_value) => Some(Type::Map(
                        new_key.map_or_else(|| key.clone(), Into::into),
                        new_value.map_or_else(|| value.clone(), Into::into),
                    )),
                }
            }
            Type::Opaque(name, params) => {
                let new: Vec<_> = params.iter().map(|p| self.rewrite(p, to_dyn)).collect();
                new.iter().any(Option::is_some).then(|| {
                    let params = new
                        .into_iter()
                        .zip(&**params)
                        .map(|(new, old)| new.unwrap_or_else(|| old.clone()))
                        .collect();
                    Type::Opaque(name.clone(), params)
                })
            }
            Type::Type(Some(inner)) => self.rewrite(inner, to_dyn).map(Type::type_of),
            _ => None,
        }
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Fit {
    Yes,
    /// The variable stands for a type that does not fit.
    BoundOtherwise,
    /// The variable is a part of the type.
    Recursive,
}

/// A signature's type, whose variables are numbered from 0, with the numbers of this check.
pub(super) fn instantiate(t: &Type, first: u32) -> Type {
    match t {
        Type::Var(number) => Type::Var(first.saturating_add(*number)),
        Type::List(element) => Type::list(instantiate(element, first)),
        Type::Map(key, value) => Type::map(instantiate(key, first), instantiate(value, first)),
        Type::Opaque(name, params) => Type::Opaque(
            name.clone(),
            params.iter().map(|p| instantiate(p, first)).collect(),
        ),
        Type::Type(Some(inner)) => Type::type_of(instantiate(inner, first)),
        other => other.clone(),
    }
}
