//! Rules and types as they are written in the libraries' tables.

use super::Bound;

/// A type the generator aims at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Ty {
    /// One without parts. Some are kinds of text: `urltext` is a string that may be a URL.
    Named(&'static str),
    /// With the types of its parts: `list(int)`, `map(string, dyn)`, `opt(int)`.
    Of(&'static str, Vec<Ty>),
    /// Any type, the same in the whole rule.
    Param(char),
}

impl Ty {
    /// A list.
    pub fn list(of: Self) -> Self {
        Self::Of("list", vec![of])
    }

    /// Whether a rule's type can be this one.
    pub fn matches(&self, ty: &Self, bound: &mut Bound) -> bool {
        match (self, ty) {
            (Self::Param(name), _) => match bound.iter().find(|(n, _)| n == name) {
                Some((_, known)) => known == ty,
                None => {
                    bound.push((*name, ty.clone()));
                    true
                }
            },
            (Self::Of(a, a_parts), Self::Of(b, b_parts)) => {
                a == b
                    && a_parts
                        .iter()
                        .zip(b_parts)
                        .all(|(a, b)| a.matches(b, bound))
            }
            (a, b) => a == b,
        }
    }

    /// The type with its parameters replaced; those that stand for nothing yet are chosen.
    pub fn fill(&self, bound: &mut Bound, choose: &mut impl FnMut() -> Self) -> Self {
        match self {
            Self::Param(name) => {
                if let Some((_, known)) = bound.iter().find(|(n, _)| n == name) {
                    return known.clone();
                }
                let chosen = choose();
                bound.push((*name, chosen.clone()));
                chosen
            }
            Self::Of(name, parts) => {
                let parts = parts.iter().map(|part| part.fill(bound, choose));
                Self::Of(name, parts.collect())
            }
            Self::Named(_) => self.clone(),
        }
    }

    /// Reads a type at the start of a text and gives back what follows.
    fn read(text: &'static str) -> (Self, &'static str) {
        let end = text
            .find(|c: char| !c.is_ascii_alphanumeric())
            .unwrap_or(text.len());
        let (name, mut rest) = text.split_at(end);
        assert!(!name.is_empty(), "no type at `{text}`");
        if let [letter @ b'A'..=b'Z'] = name.as_bytes() {
            return (Self::Param(char::from(*letter)), rest);
        }
        if !matches!(name, "list" | "map" | "opt") {
            return (Self::Named(name), rest);
        }
        let mut parts = Vec::new();
        rest = rest.strip_prefix('(').unwrap_or_else(|| panic!("`{text}`"));
        loop {
            let (part, after) = Self::read(rest.trim_start());
            parts.push(part);
            match after.strip_prefix(',') {
                Some(next) => rest = next,
                None => break (Self::Of(name, parts), after.strip_prefix(')').unwrap()),
            }
        }
    }
}

/// A part of a template.
#[derive(Debug)]
pub enum Piece {
    /// Text as it is.
    Text(&'static str),
    /// An expression of a type; whether brackets or commas stand around it.
    Hole(Ty, bool),
    /// A new variable.
    Variable(Ty),
}

/// A way to make a type.
#[derive(Debug)]
pub struct Rule {
    /// What it makes.
    pub result: Ty,
    /// The template.
    pub pieces: Vec<Piece>,
    /// The minor version it came with.
    pub since: u32,
}

impl Rule {
    /// Reads `TYPE: TEMPLATE`.
    pub fn read(line: &'static str, since: u32) -> Self {
        let (result, rest) = Ty::read(line);
        let mut rest = rest.strip_prefix(": ").unwrap_or_else(|| panic!("{line}"));
        let mut pieces = Vec::new();
        while let Some(at) = rest.find('$') {
            let (text, after) = rest.split_at(at);
            let after = &after[1..];
            if let Some(next) = after.strip_prefix('$') {
                pieces.push(Piece::Text(&rest[..=at]));
                rest = next;
                continue;
            }
            if !text.is_empty() {
                pieces.push(Piece::Text(text));
            }
            if let Some(variable) = after.strip_prefix('#') {
                let (ty, next) = Ty::read(variable);
                pieces.push(Piece::Variable(ty));
                rest = next;
                continue;
            }
            let (ty, next) = Ty::read(after);
            let opened = text.trim_end().ends_with(['(', '[', '{', ',']);
            let closed = next.starts_with([')', ']', '}', ',']);
            pieces.push(Piece::Hole(ty, opened && closed));
            rest = next;
        }
        if !rest.is_empty() {
            pieces.push(Piece::Text(rest));
        }
        Self {
            result,
            pieces,
            since,
        }
    }

    /// Whether it needs no other expression.
    pub fn is_leaf(&self) -> bool {
        self.pieces.iter().all(|p| matches!(p, Piece::Text(_)))
    }
}
