//! What the comparison found, and how it is told.

use std::collections::BTreeMap;
use std::fmt;

use serde_json::Value;

use crate::compare::{Difference, kind};
use crate::exceptions::EXCEPTIONS;

/// Differences that are shown of each class.
const EXAMPLES: usize = 12;

/// What the comparison found.
#[derive(Default)]
pub struct Report {
    pairs: usize,
    equal: usize,
    kinds: BTreeMap<&'static str, usize>,
    exceptions: BTreeMap<&'static str, usize>,
    differences: BTreeMap<Difference, (usize, BTreeMap<u64, String>)>,
}

impl Report {
    /// Counts a pair by the oracle's answer.
    pub fn count(&mut self, theirs: &Value) {
        self.pairs += 1;
        *self.kinds.entry(kind(theirs)).or_default() += 1;
    }

    /// Notes two answers that are the same.
    pub fn equal(&mut self) {
        self.equal += 1;
    }

    /// Notes a difference that an exception covers.
    pub fn except(&mut self, name: &'static str) {
        *self.exceptions.entry(name).or_default() += 1;
    }

    /// Notes a difference.
    pub fn differ(&mut self, difference: Difference, index: u64, example: impl FnOnce() -> String) {
        let (count, examples) = self.differences.entry(difference).or_default();
        *count += 1;
        if examples.len() < EXAMPLES {
            examples.insert(index, example());
        }
    }

    /// Adds what another worker found.
    pub fn merge(&mut self, other: Self) {
        self.pairs += other.pairs;
        self.equal += other.equal;
        for (kind, count) in other.kinds {
            *self.kinds.entry(kind).or_default() += count;
        }
        for (name, count) in other.exceptions {
            *self.exceptions.entry(name).or_default() += count;
        }
        for (class, (count, examples)) in other.differences {
            let (all, shown) = self.differences.entry(class).or_default();
            *all += count;
            shown.extend(examples);
        }
    }

    /// Whether nothing differs but what an exception covers.
    pub fn agrees(&self) -> bool {
        self.differences.is_empty()
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let kinds: Vec<String> = self
            .kinds
            .iter()
            .map(|(kind, count)| format!("{count} {kind}"))
            .collect();
        writeln!(f, "{} pairs: {}", self.pairs, kinds.join(", "))?;
        writeln!(f, "{} equal", self.equal)?;
        for (name, count) in &self.exceptions {
            let known = EXCEPTIONS.iter().find(|known| known.name == *name);
            let reason = known.map_or("", |known| known.reason);
            writeln!(f, "{count} differ by a known exception, {name}: {reason}")?;
        }
        for (class, (count, examples)) in &self.differences {
            writeln!(f, "{count} DIFFER in {}", class.name())?;
            for example in examples.values().take(EXAMPLES) {
                writeln!(f, "{example}")?;
            }
        }
        Ok(())
    }
}
