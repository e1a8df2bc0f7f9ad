//! The types that a schema allows, and what it says of numbers.

use vapwright_cel::document::Node;
use vapwright_cel::value::number::format_g;

use super::formats;
use super::openapi::{Outcome, written};
use super::schema::Schema;
use super::values::shown;
use crate::validate::{At, ErrorKind};

/// The types that a schema allows, and their format where it is one that counts.
pub(super) struct Types<'s> {
    pub names: Vec<&'s str>,
    nullable: bool,
    pub format: &'s str,
}

impl<'s> Types<'s> {
    pub fn of(schema: Schema<'s>) -> Self {
        let names = match (schema.int_or_string(), schema.r#type()) {
            (true, _) => vec!["integer", "string"],
            (false, "") => Vec::new(),
            (false, name) => vec![name],
        };
        let format = schema.text("format");
        let counts = match names.as_slice() {
            ["integer"] => matches!(format, "int32" | "int64"),
            ["number"] => matches!(format, "float" | "double"),
            [] | ["string"] | [_, _] => formats::is_known(format),
            _ => false,
        };
        Self {
            names,
            nullable: schema.nullable(),
            format: if counts { format } else { "" },
        }
    }

    fn has(&self, name: &str) -> bool {
        self.names.contains(&name)
    }

    pub fn check(&self, node: &Node, at: &At<'_>) -> Outcome {
        let mut outcome = Outcome::default();
        let wanted = || self.names.join(",");
        let (name, format) = match node {
            Node::Null => {
                if !self.names.is_empty() && !self.nullable {
                    outcome.wrong_type(at, &wanted(), "null");
                    return outcome;
                }
                outcome.matches = 1;
                return outcome;
            }
            Node::Bool(_) => ("boolean", ""),
            Node::Int(_) => ("integer", "int64"),
            Node::Double(_) => ("number", "float64"),
            Node::String(_) => ("string", ""),
            Node::List(_) => ("array", ""),
            Node::Map(_) => ("object", ""),
        };
        let whole = matches!(node, Node::Double(value) if is_json_integer(*value));
        let fits = self.has(name)
            || whole && self.has("integer")
            || name == "integer" && self.has("number");
        let textual = matches!(node, Node::String(_) | Node::List(_));
        if !textual && !self.format.is_empty() && !fits && format != self.format {
            outcome.wrong_type(at, self.format, format);
            return outcome;
        }
        let numeric = self.has("number") || self.has("integer");
        // what has a format is left to it, be it a text or, as it happens, a list
        let left = textual && !numeric && !self.format.is_empty();
        if !left && !fits {
            outcome.wrong_type(at, &wanted(), name);
            return outcome;
        }
        outcome.matches = 1;
        outcome
    }

    pub fn number(&self, schema: Schema<'_>, node: &Node, at: &At<'_>) -> Outcome {
        let mut outcome = Outcome::default();
        outcome.merge(self.in_range(node, "Checked", at));
        let boundary = |key: &str, prefix: &str| {
            let bound = schema.number(key)?;
            let found = self.in_range(&Node::Double(bound), prefix, at);
            // a boundary that is out of range is compared as a float
            let native = found.is_valid();
            Some((bound, native, found))
        };
        let value = match node {
            #[expect(clippy::cast_precision_loss, reason = "as Go does")]
            Node::Int(value) => *value as f64,
            Node::Double(value) => *value,
            _ => return outcome,
        };
        if let Some((factor, native, mut found)) = boundary("multipleOf", "MultipleOf") {
            let int = node.as_int().filter(|_| native);
            let text = match int {
                Some(_) => truncated(factor).to_string(),
                None => format_g(factor),
            };
            let positive = if int.is_some() {
                truncated(factor) > 0
            } else {
                factor > 0.0
            };
            let is_multiple = match int {
                Some(value) => value.checked_rem(truncated(factor)) == Some(0),
                None if factor < 1.0 => is_json_integer(1.0 / factor * value),
                None => is_json_integer(value / factor),
            };
            if !positive {
                let at_text = written(at);
                let detail =
                    format!("factor MultipleOf declared for {at_text} must be positive: {text}");
                found.push(ErrorKind::Invalid, at, Some(&text), &detail);
            } else if !is_multiple {
                let shown = if native { shown(node) } else { format_g(value) };
                found.invalid(at, &shown, &format!("should be a multiple of {text}"));
            }
            outcome.merge(found);
        }
        for (key, exclusive, prefix, word) in [
            ("minimum", "exclusiveMinimum", "Minimum boundary", "greater"),
            ("maximum", "exclusiveMaximum", "Maximum boundary", "less"),
        ] {
            let Some((bound, native, mut found)) = boundary(key, prefix) else {
                continue;
            };
            let exclusive = schema.is(exclusive);
            let ordering = match node.as_int().filter(|_| native) {
                Some(value) => Some(value.cmp(&truncated(bound))),
                None => value.partial_cmp(&bound),
            };
            let ordering = match key {
                "minimum" => ordering,
                _ => ordering.map(std::cmp::Ordering::reverse),
            };
            let beyond = ordering.is_some_and(|found| found.is_lt() || exclusive && found.is_eq());
            if beyond {
                let (text, shown) = match node.as_int().filter(|_| native) {
                    Some(value) => (truncated(bound).to_string(), value.to_string()),
                    None => (format_g(bound), format_g(value)),
                };
                let or = if exclusive { "" } else { " or equal to" };
                let detail = format!("should be {word} than{or} {text}");
                found.invalid(at, &shown, &detail);
            }
            outcome.merge(found);
        }
        outcome.matches += 1;
        outcome
    }

    /// `IsValueValidAgainstRange`
    fn in_range(&self, node: &Node, prefix: &str, at: &At<'_>) -> Outcome {
        let name = match self.names.as_slice() {
            [name @ ("integer" | "number")] => *name,
            _ => "",
        };
        let fits = match (name, self.format, node) {
            ("integer", "int32", Node::Int(value)) => i32::try_from(*value).is_ok(),
            ("integer", format, Node::Double(value)) => {
                let limit = if format == "int32" {
                    2f64.powi(31)
                } else {
                    2f64.powi(63)
                };
                value.fract() == 0.0 && (-limit..limit).contains(value)
            }
            #[expect(clippy::cast_possible_truncation, reason = "that is what is asked")]
            ("number", "float", Node::Double(value)) => (*value as f32).is_finite(),
            _ => true,
        };
        let mut outcome = Outcome::default();
        if !fits {
            let format = match self.format {
                "" => "(default format)".to_owned(),
                format => format!("with format {format}"),
            };
            let at_text = written(at);
            let detail = format!("{prefix} value must be of type {name} {format} in {at_text}");
            outcome.unplaced(at, &detail);
        }
        outcome
    }
}

/// Go's conversion of a float to an integer. Out of range it is the least of all on x86.
#[expect(clippy::cast_possible_truncation, reason = "as Go does")]
pub(super) fn truncated(value: f64) -> i64 {
    let limit = 2f64.powi(63);
    match (-limit..limit).contains(&value) {
        true => value as i64,
        false => i64::MIN,
    }
}

/// `swag.IsFloat64AJSONInteger`
fn is_json_integer(value: f64) -> bool {
    const SAFE: f64 = 9_007_199_254_740_991.0;
    const EPSILON: f64 = 1e-9;
    if !(-SAFE..=SAFE).contains(&value) {
        return false;
    }
    let whole = value.trunc();
    let difference = (value - whole).abs();
    difference == 0.0 || whole != 0.0 && difference / (value.abs() + whole.abs()) < EPSILON
}
