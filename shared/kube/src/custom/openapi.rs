//! Validation by an OpenAPI schema, as `k8s.io/kube-openapi/pkg/validation/validate` has it, with
//! its errors as `k8s.io/apiextensions-apiserver` words them.

use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, BTreeSet};

use vapwright_cel::document::{Fields, Node};
use vapwright_cel::re2::{self, Regex};
use vapwright_cel::value::go::quote;
use vapwright_cel::value::weight::MAX_WORK;

use super::correlate::Pair;
use super::schema::{Additional, Schema};
use super::types::{Types, truncated};
use super::values::{json, shown};
use super::{formats, raise};
use crate::path::Path;
use crate::validate::{At, ErrorKind, FieldError};

/// What is wrong with a value; and how much of the schema was gone through, by which the nearest
/// of several alternatives is found.
#[derive(Default)]
pub(super) struct Outcome {
    pub errors: Vec<FieldError>,
    pub matches: usize,
}

/// Says what is wrong with an object, and with one that replaces another.
pub(super) fn validate(schema: Schema<'_>, object: &Node, old: Option<&Node>) -> Vec<FieldError> {
    let validator = Validator {
        left: Cell::new(MAX_WORK),
        patterns: RefCell::default(),
    };
    let mut errors = match old {
        Some(old) => {
            let new = object;
            validator.changed(schema, Pair { new, old, schema }, &At::Root)
        }
        None => validator.of(schema, object, &At::Root, None),
    }
    .errors;
    if validator.left.get() == 0 {
        // the API server has no limit but that of its requests' time
        let detail = "the object is too large to be validated by its schema here";
        raise(&mut errors, ErrorKind::Invalid, &At::Root, None, detail);
    }
    errors
}

/// What all of a validation share.
struct Validator<'s> {
    /// How many values may still be compared with a schema.
    left: Cell<u64>,
    patterns: RefCell<BTreeMap<&'s str, Result<Regex, String>>>,
}

impl Outcome {
    pub fn is_valid(&self) -> bool {
        self.errors.is_empty()
    }

    /// Adds what was found of the same value; what says the same is told once.
    pub fn merge(&mut self, other: Self) {
        if self.errors.is_empty() || other.errors.is_empty() {
            return self.append(other);
        }
        let known: BTreeSet<(String, String)> = self.errors.iter().map(said).collect();
        let new = other.errors.into_iter();
        let new = new.filter(|error| !known.contains(&said(error)));
        self.append(Self {
            errors: new.collect(),
            matches: other.matches,
        });
    }

    /// Adds what was found of a value below, of which nothing else was said.
    pub fn append(&mut self, other: Self) {
        self.matches += other.matches;
        self.errors.extend(other.errors);
    }

    pub fn push(&mut self, kind: ErrorKind, at: &At<'_>, value: Option<&str>, detail: &str) {
        let mut one = Self::default();
        raise(&mut one.errors, kind, at, value, detail);
        self.merge(one);
    }

    /// `spec.a in body should be at least 2 chars long`
    pub fn invalid(&mut self, at: &At<'_>, value: &str, detail: &str) {
        let detail = format!("{} in body {detail}", written(at));
        self.push(ErrorKind::Invalid, at, Some(value), &detail);
    }

    /// A value of a wrong type.
    pub fn wrong_type(&mut self, at: &At<'_>, wanted: &str, found: &str) {
        let found = quote(found);
        let detail = format!("{} in body must be of type {wanted}: {found}", written(at));
        self.push(ErrorKind::TypeInvalid, at, Some(&found), &detail);
    }

    /// An error that belongs to no field, as kube-openapi has it.
    pub fn unplaced(&mut self, at: &At<'_>, detail: &str) {
        let before = self.errors.len();
        self.push(ErrorKind::Invalid, &At::Root, Some("\"\""), detail);
        for error in self.errors.iter_mut().skip(before) {
            error.path = at.print(&mut String::new(), Path::root());
        }
    }
}

impl<'s> Validator<'s> {
    /// Takes work off what is left; whether there was as much.
    fn charge(&self, work: u64) -> bool {
        self.left.set(self.left.get().saturating_sub(work));
        self.left.get() > 0
    }

    /// Whether a text matches a pattern, which is compiled once.
    fn matches(&self, pattern: &'s str, text: &str) -> Result<bool, String> {
        let mut patterns = self.patterns.borrow_mut();
        let regex = patterns.entry(pattern).or_insert_with(|| {
            self.charge(re2::compile_work(re2::size(pattern)));
            Regex::new(pattern)
        });
        let regex = regex.as_ref().map_err(Clone::clone)?;
        self.charge(re2::search_work(text.len(), regex.size()));
        Ok(regex.is_match(text))
    }

    /// What is wrong with a value that replaces another: nothing, where it is the same.
    fn changed(&self, schema: Schema<'s>, pair: Pair<'_, '_>, at: &At<'_>) -> Outcome {
        let mut outcome = self.of(schema, pair.new, at, Some(pair));
        if !outcome.is_valid() && pair.is_equal() {
            outcome.errors.clear();
        }
        outcome
    }

    /// What is wrong with a field or an item.
    fn below(
        &self,
        schema: Schema<'s>,
        node: &Node,
        at: &At<'_>,
        pair: Option<Pair<'_, '_>>,
    ) -> Outcome {
        match pair {
            Some(pair) => self.changed(schema, pair, at),
            None => self.of(schema, node, at, None),
        }
    }

    fn of(
        &self,
        schema: Schema<'s>,
        node: &Node,
        at: &At<'_>,
        pair: Option<Pair<'_, '_>>,
    ) -> Outcome {
        let mut outcome = Outcome::default();
        if !self.charge(1) {
            return outcome;
        }
        let types = Types::of(schema);
        if node.is_null() {
            outcome.merge(types.check(node, at));
            outcome.merge(enumeration(schema, node, at));
            return outcome;
        }
        let mut step = |found: Outcome| {
            outcome.merge(found);
            outcome.matches += 1;
        };
        if !types.names.is_empty() || !types.format.is_empty() {
            step(types.check(node, at));
        }
        step(self.alternatives(schema, node, at));
        if let Node::String(text) = node {
            step(self.string(schema, text, at));
            if let Some(fits) = formats::fits(types.format, text) {
                let mut found = Outcome::default();
                if !fits {
                    found.wrong_type(at, types.format, text);
                }
                step(found);
            }
        }
        match node {
            Node::Int(_) | Node::Double(_) => step(types.number(schema, node, at)),
            Node::List(items) => step(self.list(schema, items, at, pair)),
            _ => {}
        }
        step(enumeration(schema, node, at));
        if let Node::Map(fields) = node {
            step(self.map(schema, fields, at, pair));
        }
        outcome.matches += 1;
        outcome
    }

    /// `anyOf`, `oneOf`, `allOf` and `not`.
    fn alternatives(&self, schema: Schema<'s>, node: &Node, at: &At<'_>) -> Outcome {
        let mut outcome = Outcome::default();
        let name = || quote(&written(at));
        let nearer = |best: &mut Option<Outcome>, found: Outcome| {
            if best
                .as_ref()
                .is_none_or(|best| found.matches > best.matches)
            {
                *best = Some(found);
            }
        };
        if schema.schemas("anyOf").len() > 0 {
            let mut best = None;
            let mut first = None;
            for one in schema.schemas("anyOf") {
                let found = self.of(one, node, at, None);
                if found.is_valid() {
                    first = Some(found);
                    break;
                }
                nearer(&mut best, found);
            }
            if first.is_none() {
                let detail = format!("{} must validate at least one schema (anyOf)", name());
                outcome.unplaced(at, &detail);
            }
            outcome.merge(first.or(best).unwrap_or_default());
        }
        if schema.schemas("oneOf").len() > 0 {
            let mut best = None;
            let mut first = None;
            let mut valid = 0;
            for one in schema.schemas("oneOf") {
                let found = self.of(one, node, at, None);
                if found.is_valid() {
                    valid += 1;
                    first.get_or_insert(found);
                } else if valid == 0 {
                    nearer(&mut best, found);
                }
            }
            if valid == 1 {
                outcome.merge(first.unwrap_or_default());
            } else {
                let found = match valid {
                    0 => "Found none valid".to_owned(),
                    _ => format!("Found {valid} valid alternatives"),
                };
                let detail = format!(
                    "{} must validate one and only one schema (oneOf). {found}",
                    name()
                );
                outcome.unplaced(at, &detail);
                outcome.merge(best.filter(|_| valid == 0).unwrap_or_default());
            }
        }
        let all = schema.schemas("allOf").len();
        if all > 0 {
            let mut valid = 0;
            for one in schema.schemas("allOf") {
                let found = self.of(one, node, at, None);
                valid += usize::from(found.is_valid());
                outcome.merge(found);
            }
            if valid != all {
                let none = if valid == 0 { ". None validated" } else { "" };
                let detail = format!("{} must validate all the schemas (allOf){none}", name());
                outcome.unplaced(at, &detail);
            }
        }
        if let Some(not) = schema.schema("not")
            && self.of(not, node, at, None).is_valid()
        {
            let detail = format!("{} must not validate the schema (not)", name());
            outcome.unplaced(at, &detail);
        }
        outcome.matches += 1;
        outcome
    }

    fn string(&self, schema: Schema<'s>, text: &str, at: &At<'_>) -> Outcome {
        let mut outcome = Outcome::default();
        let length = i64::try_from(text.chars().count()).unwrap_or(i64::MAX);
        let pattern = schema.text("pattern");
        if let Some(most) = schema.int("maxLength").filter(|most| length > *most) {
            let bytes = if most == 1 { "byte" } else { "bytes" };
            let detail = format!("may not be more than {most} {bytes}");
            outcome.push(ErrorKind::TooLong, at, None, &detail);
        } else if let Some(least) = schema.int("minLength").filter(|least| length < *least) {
            let detail = format!("should be at least {least} chars long");
            outcome.invalid(at, &quote(text), &detail);
        } else if !pattern.is_empty() {
            let detail = match self.matches(pattern, text) {
                Ok(true) => return outcome,
                Ok(false) => format!("should match '{pattern}'"),
                Err(why) => format!("should match '{pattern}, but pattern is invalid: {why}'"),
            };
            outcome.invalid(at, &quote(text), &detail);
        }
        outcome
    }

    fn list(
        &self,
        schema: Schema<'s>,
        items: &[Node],
        at: &At<'_>,
        pair: Option<Pair<'_, '_>>,
    ) -> Outcome {
        let mut outcome = Outcome::default();
        if let Some(schema) = schema.schema("items") {
            for (index, item) in items.iter().enumerate() {
                let pair = pair.and_then(|pair| pair.item(index));
                outcome.append(self.below(schema, item, &at.index(index), pair));
            }
        }
        too_few(
            &mut outcome,
            at,
            items.len(),
            schema.int("minItems"),
            "items",
        );
        too_many(&mut outcome, at, items.len(), schema.int("maxItems"));
        let repeats = || {
            let mut seen = BTreeSet::new();
            !items.iter().all(|item| seen.insert(json(item)))
        };
        if schema.is("uniqueItems") && repeats() {
            outcome.invalid(at, "\"\"", "shouldn't contain duplicates");
        }
        outcome.matches += 1;
        outcome
    }

    fn map(
        &self,
        schema: Schema<'s>,
        fields: &Fields,
        at: &At<'_>,
        pair: Option<Pair<'_, '_>>,
    ) -> Outcome {
        let mut outcome = Outcome::default();
        let count = fields.len();
        too_few(
            &mut outcome,
            at,
            count,
            schema.int("minProperties"),
            "properties",
        );
        too_many(&mut outcome, at, count, schema.int("maxProperties"));
        // what an object is cannot be seen to change
        let fixed = |name: &str| matches!(at, At::Root) && matches!(name, "apiVersion" | "kind");
        let pair = |name: &str| {
            pair.filter(|_| !fixed(name))
                .and_then(|pair| pair.field(name))
        };
        for (name, value) in fields.iter() {
            match schema.additional() {
                _ if schema.property(name).is_some() => {}
                Additional::Allowed(false) => {
                    let detail = format!("{}.{name} in body is a forbidden property", written(at));
                    outcome.push(ErrorKind::Invalid, at, Some(&quote(name)), &detail);
                }
                Additional::Schema(schema) => {
                    outcome.append(self.below(schema, value, &at.field(name), pair(name)))
                }
                Additional::Allowed(true) | Additional::Unsaid => {}
            }
        }
        for (name, value) in fields.iter() {
            if let Some(schema) = schema.property(name) {
                outcome.append(self.below(schema, value, &at.field(name), pair(name)));
            }
        }
        for name in schema.texts("required") {
            if fields.get(name).is_none() {
                outcome.push(ErrorKind::Required, &at.field(name), None, "");
            }
        }
        outcome
    }
}

fn said(error: &FieldError) -> (String, String) {
    (error.field.clone(), error.body.clone())
}

pub(super) fn written(at: &At<'_>) -> String {
    let mut written = String::new();
    at.print(&mut written, Path::root());
    written
}

fn too_many(outcome: &mut Outcome, at: &At<'_>, count: usize, most: Option<i64>) {
    let count = i64::try_from(count).unwrap_or(i64::MAX);
    if let Some(most) = most.filter(|most| count > *most) {
        let items = if most == 1 { "item" } else { "items" };
        let detail = format!("must have at most {most} {items}");
        outcome.push(ErrorKind::TooMany, at, Some(&count.to_string()), &detail);
    }
}

fn too_few(outcome: &mut Outcome, at: &At<'_>, count: usize, least: Option<i64>, what: &str) {
    let count = i64::try_from(count).unwrap_or(i64::MAX);
    if let Some(least) = least.filter(|least| count < *least) {
        let detail = format!("should have at least {least} {what}");
        outcome.invalid(at, &count.to_string(), &detail);
    }
}

fn enumeration(schema: Schema<'_>, node: &Node, at: &At<'_>) -> Outcome {
    let mut outcome = Outcome::default();
    let values = schema.list("enum");
    if values.is_empty() || values.iter().any(|value| converts_to(node, value)) {
        return outcome;
    }
    let values: Vec<String> = values
        .iter()
        .map(|value| match value {
            Node::String(text) => quote(text),
            other => quote(&json(other)),
        })
        .collect();
    let detail = format!("supported values: {}", values.join(", "));
    outcome.push(ErrorKind::NotSupported, at, Some(&shown(node)), &detail);
    outcome
}

/// Whether a value is one of an enumeration: Go converts it to the type of that one first, which
/// cuts fractions off, and makes a character of a number.
#[expect(clippy::cast_precision_loss, clippy::float_cmp, reason = "as Go does")]
fn converts_to(node: &Node, value: &Node) -> bool {
    match (node, value) {
        (Node::Null, _) | (_, Node::Null) => false,
        (Node::Int(node), Node::Double(value)) => *node as f64 == *value,
        (Node::Double(node), Node::Int(value)) => truncated(*node) == *value,
        (Node::Int(node), Node::String(value)) => {
            let char = u32::try_from(*node).ok().and_then(char::from_u32);
            **value == *char.unwrap_or(char::REPLACEMENT_CHARACTER).to_string()
        }
        _ => node == value,
    }
}
