//! Names of policies, and of the labels by which namespaces choose them.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use sha2::{Digest as _, Sha256};

/// The longest name of an object that is a DNS subdomain.
const MAX_NAME: usize = 253;
/// The longest part of a label's key after the `/`.
const MAX_LABEL_NAME: usize = 63;
/// Hexadecimal digits that keep shortened names apart.
const DIGEST_DIGITS: usize = 8;

/// The name of the admission policy of one rule: `POLICY-RULE`, where the longest run of
/// `-`-separated words that ends the one and begins the other is written once.
#[must_use]
pub fn policy_name(policy: &str, rule: &str) -> String {
    let policy_words: Vec<&str> = policy.split('-').collect();
    let rule_words: Vec<&str> = rule.split('-').collect();
    let shared = (0..=policy_words.len().min(rule_words.len()))
        .rev()
        .find(|count| {
            let end = policy_words.get(policy_words.len() - count..);
            let begin = rule_words.get(..*count);
            end == begin
        })
        .unwrap_or(0);
    let words: Vec<&str> = policy_words
        .into_iter()
        .chain(rule_words.into_iter().skip(shared))
        .collect();
    let joined = words.join("-");
    shorten(&legal(&joined), &joined, MAX_NAME)
}

/// The part after the `/` of the label by which a namespace leaves a policy or takes part in it:
/// the policy's name, shortened where a label's key cannot hold it.
#[must_use]
pub fn label_name(policy_name: &str) -> String {
    shorten(policy_name, policy_name, MAX_LABEL_NAME)
}

/// Lower case letters, digits, `-` and `.`; each dot-separated part begins and ends with a letter
/// or digit.
fn legal(name: &str) -> String {
    let cleaned: String = name
        .chars()
        .map(|character| match character.to_ascii_lowercase() {
            lower @ ('a'..='z' | '0'..='9' | '-' | '.') => lower,
            _ => '-',
        })
        .collect();
    let parts: Vec<&str> = cleaned
        .split('.')
        .map(|part| part.trim_matches('-'))
        .filter(|part| !part.is_empty())
        .collect();
    if parts.is_empty() {
        "policy".to_owned()
    } else {
        parts.join(".")
    }
}

/// The name itself where it is short enough; else its head and a digest of `whole`.
fn shorten(name: &str, whole: &str, limit: usize) -> String {
    if name.len() <= limit {
        return name.to_owned();
    }
    with_digest(name, whole, limit)
}

fn with_digest(name: &str, whole: &str, limit: usize) -> String {
    let room = limit - DIGEST_DIGITS - 1;
    let head: String = name.chars().take(room).collect();
    format!("{}-{}", head.trim_end_matches(['-', '.']), digest(whole))
}

fn digest(text: &str) -> String {
    let mut digits = String::new();
    for byte in Sha256::digest(text.as_bytes())
        .iter()
        .take(DIGEST_DIGITS / 2)
    {
        // Writing to a string cannot fail.
        let _ = write!(digits, "{byte:02x}");
    }
    digits
}

/// The names that are taken, and by whom, so that no two policies of one conversion share a name
/// or a label.
#[derive(Clone, Debug, Default)]
pub struct Names {
    taken: BTreeMap<String, String>,
}

/// What came of asking for a name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Claim {
    /// The name as wished.
    Free(String),
    /// Another has it, so this one carries a digest of its source.
    Changed {
        /// The name given.
        name: String,
        /// Who has the name that was wished for.
        taken_by: String,
    },
    /// The same source has it already.
    Again,
}

impl Names {
    /// No name is taken.
    #[must_use]
    pub const fn new() -> Self {
        Self {
            taken: BTreeMap::new(),
        }
    }

    /// Takes a name as it is, for a policy that is not converted.
    pub fn reserve(&mut self, name: &str) {
        self.taken
            .entry(name.to_owned())
            .or_insert_with(|| format!("the policy `{name}`"));
    }

    pub(crate) fn claim(&mut self, wished: &str, source: &str) -> Claim {
        let Some(taken_by) = self.taken.get(wished).cloned() else {
            self.taken.insert(wished.to_owned(), source.to_owned());
            return Claim::Free(wished.to_owned());
        };
        if taken_by == source {
            return Claim::Again;
        }
        let mut salt = source.to_owned();
        loop {
            let room = MAX_NAME.min(wished.len() + 1 + DIGEST_DIGITS);
            let name = with_digest(wished, &salt, room);
            match self.taken.get(&name) {
                None => {
                    self.taken.insert(name.clone(), source.to_owned());
                    return Claim::Changed { name, taken_by };
                }
                Some(owner) if owner == source => return Claim::Again,
                Some(_) => salt.push('+'),
            }
        }
    }
}
