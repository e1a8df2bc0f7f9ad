//! `x-kubernetes-validations`: rules in CEL over the values of a schema.

use vapwright_cel::document::{Fields, Node};
use vapwright_cel::eval::{Activation, Evaluation, Limits, evaluate};
use vapwright_cel::plan::Program;
use vapwright_cel::value::Value;
use vapwright_cel::value::weight::{self, MAX_WORK};

use super::compile::{Compiled, Rule};
use super::correlate::{Pair, counterpart};
use super::raise;
use super::schema::{Additional, Schema};
use super::values::{self, shown};
use crate::path::Path;
use crate::validate::{At, ErrorKind, FieldError};

/// How long the text of a message expression may be.
const LONGEST_MESSAGE: usize = 5 << 10;
pub(super) const KEY: &str = "x-kubernetes-validations";
/// How many values rules may read, those that are read by several counted for each.
const MOST_READ: u64 = 5 * MAX_WORK;
const NO_MORE: &str = "no further validation rules will be run";

/// Whether a schema has rules anywhere.
pub(super) fn any(schema: Schema<'_>) -> bool {
    let properties = schema.properties().into_iter().flat_map(Fields::iter);
    let mut properties = properties.map(|(_, node)| Schema(node));
    !schema.list(KEY).is_empty()
        || schema.schema("items").is_some_and(any)
        || matches!(schema.additional(), Additional::Schema(schema) if any(schema))
        || properties.any(any)
}

/// Says which rules an object breaks, and what the API server only warns of because an update does
/// not change it.
pub(super) fn validate(
    errors: &mut Vec<FieldError>,
    schema: Schema<'_>,
    object: &Node,
    old: Option<&Node>,
    compiled: &Compiled,
) -> Vec<String> {
    let mut validator = Validator {
        compiled,
        errors,
        warnings: Vec::new(),
        budget: Limits::PER_POLICY.cost,
        read: 0,
    };
    // an error is one of the list: that the budget has run out, or that the rest is not looked at
    let new = object;
    let change = Change {
        old,
        pair: old.map(|old| Pair { new, old, schema }),
        above: None,
    };
    let _ = validator.walk(schema, true, object, &At::Root, change);
    validator.warnings
}

/// What a value replaces.
#[derive(Clone, Copy)]
struct Change<'n, 's> {
    /// To rules.
    old: Option<&'n Node>,
    /// To the question whether anything changes.
    pair: Option<Pair<'n, 's>>,
    /// The nearest above of which it can be said, below the whole object.
    above: Option<Pair<'n, 's>>,
}

impl<'n, 's> Change<'n, 's> {
    fn below(
        self,
        old: Option<&'n Node>,
        pair: impl Fn(Pair<'n, 's>) -> Option<Pair<'n, 's>>,
    ) -> Self {
        match self.pair {
            Some(above) => Self {
                old,
                pair: pair(above),
                above: Some(above),
            },
            None => Self { old, ..self },
        }
    }

    fn field(self, name: &str) -> Self {
        let old = self.old.and_then(|old| old.get(name));
        // what an object is cannot be seen to change
        if self.above.is_none() && matches!(name, "apiVersion" | "kind") {
            return Self {
                old,
                pair: None,
                above: None,
            };
        }
        self.below(old, |pair| pair.field(name))
    }

    fn item(self, schema: Schema<'_>, index: usize, item: &Node) -> Self {
        let items = self.old.and_then(Node::as_list);
        let old = items.and_then(|items| counterpart(schema, items, item));
        self.below(old, |pair| pair.item(index))
    }

    /// Whether nothing changes.
    fn is_equal(self) -> bool {
        self.pair.or(self.above).is_some_and(Pair::is_equal)
    }
}

/// That no more rules are evaluated.
struct Ended;

struct Validator<'e> {
    compiled: &'e Compiled,
    errors: &'e mut Vec<FieldError>,
    warnings: Vec<String>,
    budget: u64,
    /// How many values were made for rules to read.
    read: u64,
}

impl Validator<'_> {
    /// Evaluates the rules of a value and of what is below it.
    fn walk(
        &mut self,
        schema: Schema<'_>,
        resource: bool,
        node: &Node,
        at: &At<'_>,
        change: Change<'_, '_>,
    ) -> Result<(), Ended> {
        if node.is_null() {
            return Ok(());
        }
        self.rules_of(schema, resource, node, at, change)?;
        match node {
            Node::List(items) => {
                if let Some(of_items) = schema.schema("items") {
                    for (index, item) in items.iter().enumerate() {
                        let change = change.item(schema, index, item);
                        self.walk(
                            of_items,
                            of_items.embedded(),
                            item,
                            &at.index(index),
                            change,
                        )?;
                    }
                }
            }
            Node::Map(fields) => {
                if let Additional::Schema(schema) = schema.additional() {
                    for (name, value) in fields.iter() {
                        self.walk(
                            schema,
                            schema.embedded(),
                            value,
                            &at.key(name),
                            change.field(name),
                        )?;
                    }
                }
                for (name, value) in fields.iter() {
                    // what rules do not see of it they do not see below it either
                    if let Some(schema) = schema.property(name).filter(|one| is_seen(*one)) {
                        self.walk(
                            schema,
                            schema.embedded(),
                            value,
                            &at.field(name),
                            change.field(name),
                        )?;
                    }
                }
            }
            _ => {}
        }
        Ok(())
    }

    fn rules_of(
        &mut self,
        schema: Schema<'_>,
        resource: bool,
        node: &Node,
        at: &At<'_>,
        change: Change<'_, '_>,
    ) -> Result<(), Ended> {
        if schema.list(KEY).is_empty() {
            return Ok(());
        }
        let rules = self.compiled.of(schema, resource);
        if self.budget == 0 {
            self.failed(schema, at, &format!("{OUT_OF_BUDGET}, {NO_MORE}"));
            return Err(Ended);
        }
        let value = values::value(node, schema, resource);
        self.read = self.read.saturating_add(weight::weight(&value));
        if self.read > MOST_READ {
            // the API server has no limit but that of its requests' time
            self.failed(
                schema,
                at,
                "the object is too large for its rules to be evaluated here",
            );
            return Err(Ended);
        }
        let mut activation = Activation::new();
        activation.set(0, value.clone());
        let mut optional = Activation::new();
        optional.set(0, value);
        optional.set(1, Value::Optional(None));
        let old = change.old.filter(|old| !old.is_null());
        let transition = |(_, rule): &(usize, Result<Rule, String>)| {
            rule.as_ref().is_ok_and(|rule| rule.transition)
        };
        if let Some(old) = old.filter(|_| rules.iter().any(transition)) {
            let value = values::value(old, schema, resource);
            activation.set(1, value.clone());
            optional.set(1, Value::optional(value));
        }
        for (place, rule) in rules.iter() {
            let own = match rule {
                Err(why) => {
                    self.failed(schema, at, &format!("rule compile error: {why}"));
                    continue;
                }
                Ok(rule) if rule.optional => &optional,
                Ok(rule) if rule.transition && old.is_none() => continue,
                Ok(_) => &activation,
            };
            if let Ok(rule) = rule {
                let before = self.errors.len();
                let broken = self.rule(schema, (*place, rule), node, at, [own, &activation])?;
                if broken && !rule.transition && change.is_equal() {
                    let errors = self.errors.split_off(before);
                    let warnings = errors
                        .iter()
                        .map(|error| format!("{}: {}", error.field, error.body));
                    self.warnings.extend(warnings);
                }
            }
        }
        Ok(())
    }

    /// An error that shows the type of the value.
    fn failed(&mut self, schema: Schema<'_>, at: &At<'_>, detail: &str) {
        let value = shown(&Node::string(schema.r#type()));
        raise(self.errors, ErrorKind::Invalid, at, Some(&value), detail);
    }

    /// Takes a cost off; whether there was enough.
    fn pay(&mut self, cost: u64) -> bool {
        let left = self.budget.checked_sub(cost);
        self.budget = left.unwrap_or_default();
        left.is_some()
    }

    /// Evaluates a rule; whether it is broken.
    fn rule(
        &mut self,
        schema: Schema<'_>,
        (place, rule): (usize, &Rule),
        node: &Node,
        at: &At<'_>,
        [own, message]: [&Activation<'_>; 2],
    ) -> Result<bool, Ended> {
        let written = schema.list(KEY).get(place);
        let text = |key: &str| {
            let text = written.and_then(|rule| rule.get(key)?.as_str());
            text.unwrap_or_default()
        };
        let Evaluation { result, cost } = evaluate(&rule.program, own, Limits::PER_EXPRESSION);
        if !self.pay(cost) {
            self.failed(schema, at, &format!("{OUT_OF_BUDGET}, {NO_MORE}"));
            return Err(Ended);
        }
        let name = match text("message") {
            "" => text("rule").trim(),
            message => message.trim(),
        };
        let why = match result {
            Ok(Value::Bool(true)) => return Ok(false),
            Ok(_) => None,
            Err(error) => Some(error),
        };
        if let Some(error) = why {
            let error_text = error.message();
            if error.is_cancelled() && !error.is_panic() {
                let detail = format!(
                    "'{error_text}': {NO_MORE} due to call cost exceeds limit for rule: {name}"
                );
                self.failed(schema, at, &detail);
                return Err(Ended);
            }
            let detail = if error_text.starts_with("no such overload") {
                format!(
                    "'{error_text}': call arguments did not match a supported operator, function or macro signature for rule: {name}"
                )
            } else {
                format!("{error_text} evaluating rule: {name}")
            };
            self.failed(schema, at, &detail);
            return Ok(false);
        }
        let (inner, steps) = field_path(text("fieldPath"), schema).unwrap_or_default();
        let below = At::Field(at, &inner);
        let place = if inner.is_empty() { at } else { &below };
        let before = self.errors.len();
        let detail = match &rule.message {
            Some(program) => {
                self.message(program, message, schema, place, text("messageExpression"))?
            }
            None => None,
        };
        let detail = detail.unwrap_or_else(|| match text("message") {
            "" => format!("failed rule: {name}"),
            _ => name.to_owned(),
        });
        let scalar = !matches!(schema.r#type(), "object" | "array");
        let value = scalar.then(|| shown(node));
        let value = value.as_deref();
        let (kind, value, detail) = match text("reason") {
            "FieldValueForbidden" => (ErrorKind::Forbidden, None, &*detail),
            "FieldValueRequired" => (ErrorKind::Required, None, &*detail),
            "FieldValueDuplicate" => (ErrorKind::Duplicate, value, ""),
            _ => (ErrorKind::Invalid, value, &*detail),
        };
        raise(self.errors, kind, place, value, detail);
        // the printed field is one step, the path is those that it stands for
        for error in self.errors.iter_mut().skip(before) {
            let path = at.print(&mut String::new(), Path::root());
            error.path = steps.iter().fold(path, |path, step| path.field(step));
        }
        Ok(true)
    }

    /// The text of a message expression; `None` where the rule's own message is told.
    fn message(
        &mut self,
        program: &Program,
        activation: &Activation<'_>,
        schema: Schema<'_>,
        at: &At<'_>,
        expression: &str,
    ) -> Result<Option<String>, Ended> {
        let Evaluation { result, cost } = evaluate(program, activation, Limits::PER_EXPRESSION);
        if cost > self.budget {
            let detail = format!(
                "messageExpression evaluation failed due to running out of cost budget, {NO_MORE}"
            );
            self.failed(schema, at, &detail);
            return Err(Ended);
        }
        let found = match result {
            Err(error) if error.is_cancelled() && !error.is_panic() => {
                let detail = format!(
                    "{NO_MORE} due to call cost exceeds limit for messageExpression: {}",
                    vapwright_cel::value::go::quote(expression)
                );
                self.failed(schema, at, &detail);
                return Err(Ended);
            }
            Ok(Value::String(text)) => text.trim().to_owned(),
            _ => String::new(),
        };
        self.pay(cost);
        let told = !found.is_empty() && found.len() <= LONGEST_MESSAGE && !found.contains('\n');
        Ok(told.then_some(found))
    }
}

const OUT_OF_BUDGET: &str = "validation failed due to running out of cost budget";

/// Whether rules see values of a schema: what has no type they do not.
fn is_seen(schema: Schema<'_>) -> bool {
    match schema.r#type() {
        _ if schema.int_or_string() => true,
        "array" => schema.schema("items").is_some_and(is_seen),
        "object" => match schema.additional() {
            Additional::Schema(schema) => is_seen(schema),
            _ => true,
        },
        name => matches!(name, "string" | "boolean" | "number" | "integer"),
    }
}

/// A rule's field path as it is printed, and its steps; `None` where it leads to nothing.
fn field_path<'s>(written: &'s str, schema: Schema<'s>) -> Option<(String, Vec<String>)> {
    let mut schema = schema;
    let mut printed = String::new();
    let mut steps = Vec::new();
    let mut rest = written;
    while !rest.is_empty() {
        let name = if let Some(after) = rest.strip_prefix('.') {
            let end = after.find(['.', '[', ']']).unwrap_or(after.len());
            let (name, left) = after.split_at_checked(end)?;
            rest = left;
            name.to_owned()
        } else {
            let (name, left) = quoted(rest.strip_prefix("['")?)?;
            rest = left.strip_prefix(']')?;
            name
        };
        if name.is_empty() {
            return None;
        }
        if schema.properties().is_some() {
            schema = schema.property(&name)?;
            if !printed.is_empty() {
                printed.push('.');
            }
            printed.push_str(&name);
        } else if let Additional::Schema(values) = schema.additional() {
            schema = values;
            printed.push_str(&format!("[{name}]"));
        } else {
            return None;
        }
        steps.push(name);
    }
    Some((printed, steps))
}

/// The text up to a single quote, and what stands behind it.
fn quoted(text: &str) -> Option<(String, &str)> {
    let mut name = String::new();
    let mut chars = text.chars();
    loop {
        match chars.next()? {
            '\'' => return Some((name, chars.as_str())),
            '\\' => name.push(match chars.next()? {
                'a' => '\u{7}',
                'b' => '\u{8}',
                'f' => '\u{c}',
                'n' => '\n',
                'r' => '\r',
                't' => '\t',
                'v' => '\u{b}',
                same @ ('\'' | '\\') => same,
                _ => return None,
            }),
            char => name.push(char),
        }
    }
}
