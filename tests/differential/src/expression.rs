//! Expressions from the grammar: typed, with a part of another type here and there.

use fastrand::Rng;

use crate::grammar::{Bound, Grammar, Piece, Rule, Ty, grammar};
use crate::literals::literal;
use crate::random::{pick, unlikely, word};

/// Depth to which rules nest.
const DEPTH: u32 = 5;
/// Rules that one expression takes at most, about: beyond, it ends with leaves.
const SIZE: u32 = 40;
/// One place in so many gets a part of another type.
const ILL_TYPED: u32 = 80;
/// One place in so many may use what the version does not have yet.
const TOO_NEW: u32 = 200;

/// An expression of any type for a server of version 1.`minor`.
pub fn expression(rng: &mut Rng, minor: u32) -> String {
    let ty = if rng.u32(0..3) == 0 {
        Ty::Named("bool")
    } else {
        some_type(rng)
    };
    let text = of_type(rng, minor, &ty, &[]);
    if unlikely(rng, 25) {
        // The protocol's values tell an int from a double by their declared type only.
        return format!("[dyn({text})].map(v, type(v))");
    }
    text
}

/// A type that an expression may have.
pub fn some_type(rng: &mut Rng) -> Ty {
    Maker::new(rng, 0, &[]).some_type(2)
}

/// An expression of this type, mostly. It may read these names.
pub fn of_type(rng: &mut Rng, minor: u32, ty: &Ty, names: &[(String, Ty)]) -> String {
    let depth = rng.u32(1..=DEPTH);
    Maker::new(rng, minor, names).part(ty, depth)
}

/// An expression of this type that nests little: mostly a literal, where the type has any.
pub fn shallow(rng: &mut Rng, minor: u32, ty: &Ty) -> String {
    let depth = rng.u32(0..6).saturating_sub(4);
    let literal = rng.u32(0..3) > 0;
    let mut maker = Maker::new(rng, minor, &[]);
    if literal {
        maker.simple(ty)
    } else {
        maker.part(ty, depth)
    }
}

struct Maker<'r> {
    rng: &'r mut Rng,
    grammar: &'static Grammar,
    minor: u32,
    /// Names that may be read, with those of the comprehensions around, innermost last.
    scope: Vec<(String, Ty)>,
    size: u32,
}

impl<'r> Maker<'r> {
    fn new(rng: &'r mut Rng, minor: u32, names: &[(String, Ty)]) -> Self {
        Self {
            rng,
            grammar: grammar(),
            minor,
            scope: names.to_vec(),
            size: 0,
        }
    }

    fn some_type(&mut self, depth: u32) -> Ty {
        match self.rng.u32(0..14) {
            0..3 if depth > 0 => Ty::list(self.some_type(depth - 1)),
            3..5 if depth > 0 => {
                let keys = if unlikely(self.rng, 30) {
                    "bytes double dyn null duration" // not to cel-go, or hardly
                } else {
                    "string string string int uint bool"
                };
                let key = Ty::Named(word(self.rng, keys));
                let value = self.some_type(depth - 1);
                Ty::Of("map", vec![key, value])
            }
            5 if depth > 0 => Ty::Of("opt", vec![self.some_type(depth - 1)]),
            6 => Ty::Named(word(
                self.rng,
                "quantity ip cidr url semver format decision authorizer resourcecheck pathcheck groupcheck",
            )),
            _ => Ty::Named(word(
                self.rng,
                "bool int int int uint double string string string bytes null duration timestamp type dyn dyn",
            )),
        }
    }

    fn part(&mut self, wanted: &Ty, depth: u32) -> String {
        // how large some lists get depends on small numbers
        let strict = *wanted == Ty::Named("small");
        let other = (!strict && unlikely(self.rng, ILL_TYPED)).then(|| self.some_type(1));
        let ty = other.as_ref().unwrap_or(wanted);
        if let Some(variable) = self.variable(ty) {
            return variable;
        }
        self.size += 1;
        let leaf = depth == 0 || self.size > SIZE || unlikely(self.rng, 6);
        if leaf
            && self.rng.u32(0..3) > 0
            && let Some(text) = self.bottom(ty)
        {
            return text;
        }
        let early = unlikely(self.rng, TOO_NEW);
        let any = !leaf && unlikely(self.rng, 7);
        let mut rules = self.grammar.rules_for(ty, self.minor, early, any);
        if leaf {
            let leaves: Vec<_> = rules
                .iter()
                .filter(|(rule, _)| rule.is_leaf())
                .cloned()
                .collect();
            if !leaves.is_empty() {
                rules = leaves;
            } else if let Some(text) = self.bottom(ty) {
                return text;
            }
        }
        if rules.is_empty() {
            return self.bottom(ty).unwrap_or_else(|| "null".to_owned());
        }
        let chosen = self.rng.usize(0..rules.len());
        let (rule, bound) = rules.swap_remove(chosen);
        self.expand(rule, bound, depth.saturating_sub(1))
    }

    /// What stands for a type where nothing may nest any more.
    fn bottom(&mut self, ty: &Ty) -> Option<String> {
        match ty {
            Ty::Named(name) => literal(self.rng, name),
            Ty::Of("list", of) => {
                let of = of.first()?;
                let items: Vec<String> = (0..self.some()).map(|_| self.simple(of)).collect();
                Some(format!("[{}]", items.join(", ")))
            }
            Ty::Of("map", of) => {
                let [key, value] = of.as_slice() else {
                    return None;
                };
                let entry =
                    |maker: &mut Self| format!("{}: {}", maker.simple(key), maker.simple(value));
                let entries: Vec<String> = (0..self.some()).map(|_| entry(self)).collect();
                Some(format!("{{{}}}", entries.join(", ")))
            }
            Ty::Of("opt", of) => {
                let of = of.first()?;
                Some(if unlikely(self.rng, 3) {
                    "optional.none()".to_owned()
                } else {
                    format!("optional.of({})", self.simple(of))
                })
            }
            _ => None,
        }
    }

    /// How many elements a list or a map gets.
    fn some(&mut self) -> u32 {
        pick(self.rng, &[0, 1, 1, 2, 2, 3, 4])
    }

    fn simple(&mut self, ty: &Ty) -> String {
        self.bottom(ty).unwrap_or_else(|| self.part(ty, 0))
    }

    /// A variable of a comprehension around, often, where one has the type.
    fn variable(&mut self, ty: &Ty) -> Option<String> {
        let other = *ty != Ty::Named("small") && unlikely(self.rng, 50);
        let fitting: Vec<&str> = self
            .scope
            .iter()
            .filter(|(_, of)| of == ty || *ty == Ty::Named("dyn") || other)
            .map(|(name, _)| &**name)
            .collect();
        if fitting.is_empty() || self.rng.u32(0..5) < 2 {
            return None;
        }
        Some((pick(self.rng, &fitting)).to_owned())
    }

    fn expand(&mut self, rule: &Rule, mut bound: Bound, depth: u32) -> String {
        const NAMES: &str = "x y i k v c e item x y i k v object size a_b _ variables";
        let outside = self.scope.len();
        let mut text = String::new();
        for piece in &rule.pieces {
            let fill = |maker: &mut Self, ty: &Ty, bound: &mut Bound| {
                ty.fill(bound, &mut || maker.some_type(1))
            };
            match piece {
                Piece::Text(part) => text.push_str(part),
                Piece::Variable(ty) => {
                    let ty = fill(self, ty, &mut bound);
                    let name = word(self.rng, NAMES);
                    self.scope.push((name.to_owned(), ty));
                    text.push_str(name);
                }
                Piece::Hole(ty, enclosed) => {
                    let ty = fill(self, ty, &mut bound);
                    let inner = self.part(&ty, depth);
                    if *enclosed || !needs_parentheses(&inner) || unlikely(self.rng, 30) {
                        text.push_str(&inner);
                    } else {
                        text.push('(');
                        text.push_str(&inner);
                        text.push(')');
                    }
                }
            }
        }
        self.scope.truncate(outside);
        text
    }
}

/// Operators inside an expression need parentheses; names, literals and calls do not.
fn needs_parentheses(inner: &str) -> bool {
    inner.contains(' ') || inner.starts_with(['-', '!'])
}
