//! Unicode's general categories, scripts and cases, as Go's package `unicode` has them.
//!
//! `unicode.txt` says how it is written; nothing of it is read before a pattern needs it, and then
//! once: reading a class takes a hundred times as long as the rest of a pattern.

use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};

use super::class::{LAST, Set};

const TABLE: &str = include_str!("unicode.txt");

/// Other names of general categories, without their underscores.
const ALIASES: [(&str, &str); 42] = [
    ("Casedletter", "LC"),
    ("Closepunctuation", "Pe"),
    ("Cntrl", "Cc"),
    ("Combiningmark", "M"),
    ("Connectorpunctuation", "Pc"),
    ("Control", "Cc"),
    ("Currencysymbol", "Sc"),
    ("Dashpunctuation", "Pd"),
    ("Decimalnumber", "Nd"),
    ("Digit", "Nd"),
    ("Enclosingmark", "Me"),
    ("Finalpunctuation", "Pf"),
    ("Format", "Cf"),
    ("Initialpunctuation", "Pi"),
    ("Lc", "LC"),
    ("Letter", "L"),
    ("Letternumber", "Nl"),
    ("Lineseparator", "Zl"),
    ("Lowercaseletter", "Ll"),
    ("Mark", "M"),
    ("Mathsymbol", "Sm"),
    ("Modifierletter", "Lm"),
    ("Modifiersymbol", "Sk"),
    ("Nonspacingmark", "Mn"),
    ("Number", "N"),
    ("Openpunctuation", "Ps"),
    ("Other", "C"),
    ("Otherletter", "Lo"),
    ("Othernumber", "No"),
    ("Otherpunctuation", "Po"),
    ("Othersymbol", "So"),
    ("Paragraphseparator", "Zp"),
    ("Privateuse", "Co"),
    ("Punct", "P"),
    ("Punctuation", "P"),
    ("Separator", "Z"),
    ("Spaceseparator", "Zs"),
    ("Spacingmark", "Mc"),
    ("Surrogate", "Cs"),
    ("Symbol", "S"),
    ("Titlecaseletter", "Lt"),
    ("Uppercaseletter", "Lu"),
];

/// The classes that were asked for, by their canonical names and whether with all cases: no more
/// than there are.
static KNOWN: Mutex<Vec<(String, bool, Arc<Set>)>> = Mutex::new(Vec::new());

fn known() -> MutexGuard<'static, Vec<(String, bool, Arc<Set>)>> {
    KNOWN.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The class that `\p{name}` stands for, with all cases of its letters where that is asked for.
/// Case, spaces, hyphens and underscores in the name do not count, so that Go finds no script
/// whose name has several words.
pub(super) fn class(name: &str, fold: bool) -> Option<Arc<Set>> {
    let name = canonical(name);
    let same = |(other, folded, _): &&(String, bool, Arc<Set>)| *other == name && *folded == fold;
    if let Some((_, _, set)) = known().iter().find(same) {
        return Some(Arc::clone(set));
    }
    let set = Arc::new(read_class(&name, fold)?);
    let mut known = known();
    if !known.iter().any(|entry| same(&entry)) {
        known.push((name, fold, Arc::clone(&set)));
    }
    Some(set)
}

fn read_class(name: &str, fold: bool) -> Option<Set> {
    let set = match name {
        "Any" => return Some(Set::of(&[(0, LAST)])),
        "Assigned" => return Some(unassigned().negated()),
        "Ascii" => Set::of(&[(0, 0x7f)]),
        "Cn" | "Unassigned" => return Some(unassigned()),
        name => {
            let alias = ALIASES.iter().find(|(alias, _)| *alias == name);
            let name = alias.map_or(name, |(_, category)| *category);
            let set = named(name)?;
            // Go's package has no cases of these
            if name == "LC" {
                return Some(set);
            }
            set
        }
    };
    Some(if fold { set.folded() } else { set })
}

/// Capitalised, and without spaces, hyphens and underscores.
fn canonical(name: &str) -> String {
    let mut plain = String::with_capacity(name.len());
    for char in name.chars().filter(|c| !matches!(c, '_' | '-' | ' ')) {
        plain.push(if plain.is_empty() {
            char.to_ascii_uppercase()
        } else {
            char.to_ascii_lowercase()
        });
    }
    plain
}

fn named(name: &str) -> Option<Set> {
    let mut set = Set::default();
    for (_, ranges) in lines().filter(|(line, _)| match name {
        "LC" => matches!(*line, "Ll" | "Lt" | "Lu"),
        "C" | "L" | "M" | "N" | "P" | "S" | "Z" => line.len() == 2 && line.starts_with(name),
        _ => *line == name && name.starts_with(char::is_alphabetic),
    }) {
        add_ranges(&mut set, ranges);
    }
    if name == "C" {
        set.add_all(&unassigned());
    }
    (!set.ranges().is_empty()).then_some(set)
}

/// What is in no other category.
fn unassigned() -> Set {
    let mut assigned = Set::default();
    for (_, ranges) in lines().filter(|(name, _)| name.len() == 2) {
        add_ranges(&mut assigned, ranges);
    }
    assigned.negated()
}

/// The first word and the others of each line of the table that has some; the word is a name where
/// it begins with a letter.
fn lines() -> impl Iterator<Item = (&'static str, &'static str)> {
    TABLE.lines().filter_map(|line| line.split_once(' '))
}

fn hexadecimal(text: &str) -> u32 {
    u32::from_str_radix(text, 16).unwrap_or_default()
}

fn add_ranges(set: &mut Set, ranges: &str) {
    let mut next = 0;
    for range in ranges.split(' ') {
        let (gap, more) = range.split_once('+').unwrap_or((range, "0"));
        let low = next + hexadecimal(gap);
        let high = low + hexadecimal(more);
        set.add(low, high);
        next = high + 1;
    }
}

/// Code points that are the same but for case.
#[derive(Default)]
struct Cases {
    /// Those from a first to a last, so many apart, and those so much further.
    pairs: Vec<Pairs>,
    /// More than two each.
    orbits: Vec<Vec<u32>>,
}

struct Pairs {
    first: u32,
    last: u32,
    stride: u32,
    delta: u32,
}

fn cases() -> &'static Cases {
    static CASES: OnceLock<Cases> = OnceLock::new();
    CASES.get_or_init(|| {
        let mut cases = Cases::default();
        for (kind, codes) in lines() {
            let mut codes = codes.split(' ').map(hexadecimal);
            match kind {
                "=" => cases.orbits.push(codes.collect()),
                "~" => {
                    let mut next = || codes.next().unwrap_or_default();
                    cases.pairs.push(Pairs {
                        first: next(),
                        last: next(),
                        stride: next().max(1),
                        delta: next(),
                    });
                }
                _ => {}
            }
        }
        cases
    })
}

/// Adds to `folded` what is the same as a part of `set` but for case.
pub(super) fn fold(set: &Set, folded: &mut Set) {
    if ascii_fold(set, folded) {
        return;
    }
    for pairs in &cases().pairs {
        let (first, last, delta) = (pairs.first, pairs.last, pairs.delta);
        let stride = pairs.stride as usize;
        for (low, high) in set.ranges_within(first, last) {
            let start = low + (pairs.stride - (low - first) % pairs.stride) % pairs.stride;
            for code in (start..=high).step_by(stride) {
                folded.add(code + delta, code + delta);
            }
        }
        let other = first + delta;
        for (low, high) in set.ranges_within(other, last + delta) {
            let start = low + (pairs.stride - (low - other) % pairs.stride) % pairs.stride;
            for code in (start..=high).step_by(stride) {
                folded.add(code - delta, code - delta);
            }
        }
    }
    for orbit in &cases().orbits {
        if orbit.iter().any(|code| set.contains(*code)) {
            orbit.iter().for_each(|code| folded.add(*code, *code));
        }
    }
}

/// The same for a set of ASCII alone, without the table; says whether it was one.
fn ascii_fold(set: &Set, folded: &mut Set) -> bool {
    if set.ranges().last().is_some_and(|(_, high)| *high >= 0x80) {
        return false;
    }
    for letter in (b'A'..=b'Z').chain(b'a'..=b'z') {
        if !set.contains(u32::from(letter)) {
            continue;
        }
        let other = u32::from(letter ^ 0x20);
        folded.add(other, other);
        match letter {
            b'k' | b'K' => folded.add(0x212a, 0x212a),
            b's' | b'S' => folded.add(0x17f, 0x17f),
            _ => {}
        }
    }
    true
}
