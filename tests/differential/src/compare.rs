//! Two answers to one case: the same, or in which field they differ.

use std::collections::BTreeMap;
use std::fmt;

use serde_json::Value;

/// Differences that are shown of each class.
const EXAMPLES: usize = 4;

/// What the comparison found.
#[derive(Default)]
pub struct Report {
    cases: usize,
    kinds: BTreeMap<&'static str, usize>,
    differences: BTreeMap<String, (usize, Vec<String>)>,
}

impl Report {
    /// Compares two answers.
    pub fn compare(&mut self, case: &Value, theirs: &str, ours: &str) {
        self.cases += 1;
        let parse = |text: &str| serde_json::from_str::<Value>(text).unwrap_or(Value::Null);
        let (theirs, ours) = (parse(theirs), parse(ours));
        *self.kinds.entry(kind(&theirs)).or_default() += 1;
        if kind(&theirs) != kind(&ours) {
            self.note(
                format!("kind: {} here {}", kind(&theirs), kind(&ours)),
                case,
                &theirs,
                &ours,
            );
            return;
        }
        for field in ["type", "value", "cost", "error", "compileErrors"] {
            if !same(&theirs[field], &ours[field]) {
                let class = match field {
                    "compileErrors" if is_syntax(&theirs) => {
                        if places(&theirs) == places(&ours) {
                            "syntax text"
                        } else {
                            "syntax place"
                        }
                    }
                    other => other,
                };
                self.note(class.to_owned(), case, &theirs, &ours);
                return;
            }
        }
    }

    fn note(&mut self, class: String, case: &Value, theirs: &Value, ours: &Value) {
        let (count, examples) = self.differences.entry(class).or_default();
        *count += 1;
        if examples.len() < EXAMPLES {
            examples.push(format!(
                "    {} {}\n      object {}\n      theirs {theirs}\n      ours   {ours}\n",
                case["version"], case["expr"], case["object"]["spec"]
            ));
        }
    }

    /// Whether nothing differs but the words of syntax errors.
    pub fn agrees(&self) -> bool {
        self.differences.keys().all(|class| class == "syntax text")
    }
}

fn kind(answer: &Value) -> &'static str {
    if answer.get("panic").is_some() {
        "panic"
    } else if answer.get("compileErrors").is_some() {
        "compile error"
    } else if answer.get("error").is_some() {
        "error"
    } else if answer.get("value").is_some() {
        "value"
    } else {
        "nothing"
    }
}

/// Numbers that JSON writes in two ways (`1e10`, `10000000000.0`) are the same.
fn same(theirs: &Value, ours: &Value) -> bool {
    match (theirs, ours) {
        (Value::Number(a), Value::Number(b)) => {
            a == b || a.as_f64() == b.as_f64() && (a.is_f64() || b.is_f64())
        }
        (Value::Array(a), Value::Array(b)) => {
            a.len() == b.len() && a.iter().zip(b).all(|(a, b)| same(a, b))
        }
        (Value::Object(a), Value::Object(b)) => {
            a.len() == b.len()
                && a.iter()
                    .all(|(key, a)| b.get(key).is_some_and(|b| same(a, b)))
        }
        _ => theirs == ours,
    }
}

fn first(answer: &Value) -> &str {
    answer["compileErrors"][0].as_str().unwrap_or("")
}

fn is_syntax(answer: &Value) -> bool {
    first(answer).contains("Syntax error")
}

/// The places of all errors: what stands before each message.
fn places(answer: &Value) -> Vec<String> {
    let head = |line: &str| {
        line.strip_prefix("ERROR: <input>:")
            .map(|rest| rest.splitn(3, ':').take(2).collect::<Vec<_>>().join(":"))
    };
    first(answer).lines().filter_map(head).collect()
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let kinds: Vec<String> = self
            .kinds
            .iter()
            .map(|(kind, count)| format!("{count} {kind}"))
            .collect();
        writeln!(f, "{} cases: {}", self.cases, kinds.join(", "))?;
        for (class, (count, examples)) in &self.differences {
            writeln!(f, "  {class}: {count} differ")?;
            examples
                .iter()
                .try_for_each(|example| f.write_str(example))?;
        }
        if self.differences.is_empty() {
            writeln!(f, "  no difference")
        } else {
            Ok(())
        }
    }
}
