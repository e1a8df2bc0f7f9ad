//! Label selectors: `matchLabels` and `matchExpressions`.

use std::sync::Arc;

use vapwright_cel::document::{Fields, Node};

use crate::names;
use crate::path::Path;
use crate::problem::Problem;

/// How a requirement compares.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Operator {
    /// The label is there with one of the values.
    In,
    /// The label is not there, or with none of the values.
    NotIn,
    /// The label is there.
    Exists,
    /// The label is not there.
    DoesNotExist,
}

impl Operator {
    fn of(name: &str) -> Option<Self> {
        Some(match name {
            "In" => Self::In,
            "NotIn" => Self::NotIn,
            "Exists" => Self::Exists,
            "DoesNotExist" => Self::DoesNotExist,
            _ => return None,
        })
    }
}

/// One condition on labels.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Requirement {
    /// The label's key.
    pub key: Arc<str>,
    /// How it compares.
    pub operator: Operator,
    /// With what.
    pub values: Vec<Arc<str>>,
}

/// Conditions on labels, all of which must hold; none hold for all objects.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Selector {
    /// The conditions: those of `matchLabels` first.
    pub requirements: Vec<Requirement>,
}

impl Requirement {
    /// Whether labels meet the condition.
    #[must_use]
    pub fn matches(&self, labels: Option<&Fields>) -> bool {
        let value = labels.and_then(|labels| labels.get(&self.key));
        let listed = || {
            value
                .and_then(Node::as_str)
                .is_some_and(|value| self.values.iter().any(|wanted| **wanted == *value))
        };
        match self.operator {
            Operator::In => listed(),
            Operator::NotIn => !listed(),
            Operator::Exists => value.is_some(),
            Operator::DoesNotExist => value.is_none(),
        }
    }
}

/// A field error as the API server words it: `path: Invalid value: "x": detail`.
fn invalid(path: &Path, value: &str, detail: &str) -> Problem {
    let message = format!("{path}: Invalid value: {value:?}: {detail}");
    Problem::error("selector", message, None).at_path(path)
}

fn texts(node: Option<&Node>) -> Vec<Arc<str>> {
    let items = node.and_then(Node::as_list).unwrap_or_default();
    items
        .iter()
        .filter_map(|item| match item {
            Node::String(text) => Some(text.clone()),
            _ => None,
        })
        .collect()
}

impl Selector {
    /// Whether it holds for all objects.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.requirements.is_empty()
    }

    /// Whether labels (a map of texts; `None` or empty: no labels) meet all conditions.
    #[must_use]
    pub fn matches(&self, labels: Option<&Fields>) -> bool {
        self.requirements
            .iter()
            .all(|requirement| requirement.matches(labels))
    }

    /// Whether an object's `metadata.labels` meet all conditions.
    #[must_use]
    pub fn matches_object(&self, object: &Node) -> bool {
        self.matches(object.at(&["metadata", "labels"]).and_then(Node::as_map))
    }

    /// The selector of a node of the form of a `LabelSelector`, which stands at a path, and what
    /// the API server finds wrong with it. A condition that cannot be read is left out.
    #[must_use]
    pub fn read(node: &Node, path: &Path) -> (Self, Vec<Problem>) {
        let mut selector = Self::default();
        let mut problems = Vec::new();
        if let Some(labels) = node.get("matchLabels").and_then(Node::as_map) {
            let path = path.field("matchLabels");
            for (key, value) in labels.iter() {
                let Node::String(value) = value else { continue };
                let keys = names::label_key(key).into_iter();
                problems.extend(keys.map(|detail| invalid(&path, key, &detail)));
                let values = names::label_value(value).into_iter();
                problems.extend(values.map(|detail| invalid(&path, value, &detail)));
                selector.requirements.push(Requirement {
                    key: key.clone(),
                    operator: Operator::In,
                    values: vec![value.clone()],
                });
            }
        }
        let expressions = node.get("matchExpressions").and_then(Node::as_list);
        for (index, expression) in expressions.unwrap_or_default().iter().enumerate() {
            let path = path.field("matchExpressions").index(index);
            selector
                .requirements
                .extend(Self::requirement(expression, &path, &mut problems));
        }
        (selector, problems)
    }

    fn requirement(node: &Node, path: &Path, problems: &mut Vec<Problem>) -> Option<Requirement> {
        let key: Arc<str> = node.get("key").and_then(Node::as_str).unwrap_or("").into();
        let name = node.get("operator").and_then(Node::as_str).unwrap_or("");
        let values = texts(node.get("values"));
        let operator = Operator::of(name);
        let at = path.field("values");
        match operator {
            Some(Operator::In | Operator::NotIn) if values.is_empty() => problems.push(
                Problem::error(
                    "selector",
                    format!("{at}: Required value: must be specified when `operator` is 'In' or 'NotIn'"),
                    None,
                )
                .at_path(&at),
            ),
            Some(Operator::Exists | Operator::DoesNotExist) if !values.is_empty() => problems.push(
                Problem::error(
                    "selector",
                    format!("{at}: Forbidden: may not be specified when `operator` is 'Exists' or 'DoesNotExist'"),
                    None,
                )
                .at_path(&at),
            ),
            None => problems.push(invalid(
                &path.field("operator"),
                name,
                "not a valid selector operator",
            )),
            Some(_) => {}
        }
        let keys = names::label_key(&key).into_iter();
        problems.extend(keys.map(|detail| invalid(&path.field("key"), &key, &detail)));
        for (index, value) in values.iter().enumerate() {
            let found = names::label_value(value).into_iter();
            problems.extend(found.map(|detail| invalid(&at.index(index), value, &detail)));
        }
        Some(Requirement {
            key,
            operator: operator?,
            values,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::Selector;
    use crate::path::Path;
    use crate::yaml;

    fn read(text: &str) -> (Selector, Vec<String>) {
        let document = yaml::read(text).documents.into_iter().next();
        let node = document.map(|document| document.node).unwrap_or_default();
        let (selector, problems) = Selector::read(&node, &Path::root().field("spec"));
        let messages = problems.into_iter().map(|problem| problem.message);
        (selector, messages.collect())
    }

    #[test]
    fn matching() {
        // k8s.io/apimachinery labels.Requirement.Matches
        let labels = "{a: x, b: w}";
        let rows = [
            ("{}", true),
            ("", true),
            ("{matchLabels: {a: x}}", true),
            ("{matchLabels: {a: z}}", false),
            ("{matchLabels: {c: x}}", false),
            ("{matchLabels: {a: x, b: w}}", true),
            (
                "{matchExpressions: [{key: a, operator: In, values: [z, x]}]}",
                true,
            ),
            (
                "{matchExpressions: [{key: c, operator: In, values: [x]}]}",
                false,
            ),
            (
                "{matchExpressions: [{key: a, operator: NotIn, values: [z, x]}]}",
                false,
            ),
            (
                "{matchExpressions: [{key: c, operator: NotIn, values: [x]}]}",
                true,
            ),
            ("{matchExpressions: [{key: a, operator: Exists}]}", true),
            ("{matchExpressions: [{key: c, operator: Exists}]}", false),
            (
                "{matchExpressions: [{key: a, operator: DoesNotExist}]}",
                false,
            ),
            (
                "{matchExpressions: [{key: c, operator: DoesNotExist}]}",
                true,
            ),
            (
                "{matchLabels: {a: x}, matchExpressions: [{key: b, operator: DoesNotExist}]}",
                false,
            ),
        ];
        let labels = yaml::read(labels).documents[0].node.clone();
        for (text, expected) in rows {
            let (selector, problems) = read(text);
            assert!(problems.is_empty(), "{problems:?}");
            assert_eq!(selector.matches(labels.as_map()), expected, "{text}");
        }
        assert!(!read("{matchLabels: {a: x}}").0.matches(None));
    }

    #[test]
    fn wrong_selectors() {
        // k8s.io/apimachinery ValidateLabelSelector
        let rows = [
            (
                "{matchExpressions: [{key: a, operator: In}]}",
                "spec.matchExpressions[0].values: Required value: must be specified when `operator` is 'In' or 'NotIn'",
            ),
            (
                "{matchExpressions: [{key: a, operator: Exists, values: [b]}]}",
                "spec.matchExpressions[0].values: Forbidden: may not be specified when `operator` is 'Exists' or 'DoesNotExist'",
            ),
            (
                "{matchExpressions: [{key: a, operator: Has}]}",
                "spec.matchExpressions[0].operator: Invalid value: \"Has\": not a valid selector operator",
            ),
            (
                "{matchLabels: {/a: x}}",
                "spec.matchLabels: Invalid value: \"/a\": prefix part must be non-empty",
            ),
        ];
        for (text, expected) in rows {
            assert_eq!(read(text).1, [expected], "{text}");
        }
    }
}
