//! Sets of code points: what a character class stands for.

/// The last code point.
pub(super) const LAST: u32 = 0x10_ffff;

/// Code points, as ranges in order that do not touch.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Set {
    ranges: Vec<(u32, u32)>,
}

impl Set {
    pub(super) const EMPTY: Self = Self { ranges: Vec::new() };

    pub(super) fn of(ranges: &[(u32, u32)]) -> Self {
        let mut set = Self::default();
        for (low, high) in ranges {
            set.add(*low, *high);
        }
        set
    }

    pub(super) fn ranges(&self) -> &[(u32, u32)] {
        &self.ranges
    }

    /// How many runes Go's node for it has: the ends of its ranges.
    pub(super) fn runes(&self) -> usize {
        2 * self.ranges.len()
    }

    /// The only range, where there is one.
    pub(super) fn single(&self) -> Option<(u32, u32)> {
        match self.ranges.as_slice() {
            [range] => Some(*range),
            _ => None,
        }
    }

    pub(super) fn contains(&self, code: u32) -> bool {
        let after = self.ranges.partition_point(|(_, high)| *high < code);
        self.ranges.get(after).is_some_and(|(low, _)| *low <= code)
    }

    /// The parts of its ranges that lie between two code points.
    pub(super) fn ranges_within(&self, first: u32, last: u32) -> impl Iterator<Item = (u32, u32)> {
        let start = self.ranges.partition_point(|(_, high)| *high < first);
        let ranges = self.ranges.get(start..).unwrap_or_default().iter();
        ranges
            .take_while(move |(low, _)| *low <= last)
            .map(move |(low, high)| (first.max(*low), last.min(*high)))
    }

    /// Adds `low..=high`. It is fast where this comes last.
    pub(super) fn add(&mut self, low: u32, high: u32) {
        if self.ranges.last().is_none_or(|(_, last)| *last + 1 < low) {
            self.ranges.push((low, high));
            return;
        }
        let first = self.ranges.partition_point(|(_, end)| *end + 1 < low);
        let touched = self.ranges.get(first..).unwrap_or_default();
        let count = touched.partition_point(|(start, _)| *start <= high + 1);
        let joined = touched
            .get(..count)
            .unwrap_or_default()
            .iter()
            .fold((low, high), |(low, high), (start, end)| {
                (low.min(*start), high.max(*end))
            });
        self.ranges.splice(first..first + count, [joined]);
    }

    pub(super) fn add_all(&mut self, other: &Self) {
        for (low, high) in &other.ranges {
            self.add(*low, *high);
        }
    }

    /// All other code points.
    pub(super) fn negated(&self) -> Self {
        let mut others = Self::default();
        let mut next = 0;
        for (low, high) in &self.ranges {
            if next < *low {
                others.add(next, low - 1);
            }
            next = high + 1;
        }
        if next <= LAST {
            others.add(next, LAST);
        }
        others
    }

    /// With all code points that are the same but for case.
    pub(super) fn folded(&self) -> Self {
        let mut folded = self.clone();
        super::unicode::fold(self, &mut folded);
        folded
    }
}

/// `\d`, `\s` and `\w` by their letter.
pub(super) fn perl(letter: u8) -> Option<Set> {
    let ranges: &[(u8, u8)] = match letter {
        b'd' => &[(b'0', b'9')],
        b's' => &[(b'\t', b'\n'), (b'\x0c', b'\r'), (b' ', b' ')],
        b'w' => &[(b'0', b'9'), (b'A', b'Z'), (b'_', b'_'), (b'a', b'z')],
        _ => return None,
    };
    Some(ascii(ranges))
}

/// `[:alpha:]` and the like by their names.
pub(super) fn posix(name: &str) -> Option<Set> {
    const DIGIT: (u8, u8) = (b'0', b'9');
    const UPPER: (u8, u8) = (b'A', b'Z');
    const LOWER: (u8, u8) = (b'a', b'z');
    let ranges: &[(u8, u8)] = match name {
        "alnum" => &[DIGIT, UPPER, LOWER],
        "alpha" => &[UPPER, LOWER],
        "ascii" => &[(0, 127)],
        "blank" => &[(b'\t', b'\t'), (b' ', b' ')],
        "cntrl" => &[(0, 31), (127, 127)],
        "digit" => &[DIGIT],
        "graph" => &[(b'!', b'~')],
        "lower" => &[LOWER],
        "print" => &[(b' ', b'~')],
        "punct" => &[(b'!', b'/'), (b':', b'@'), (b'[', b'`'), (b'{', b'~')],
        "space" => &[(b'\t', b'\r'), (b' ', b' ')],
        "upper" => &[UPPER],
        "word" => &[DIGIT, UPPER, (b'_', b'_'), LOWER],
        "xdigit" => &[DIGIT, (b'A', b'F'), (b'a', b'f')],
        _ => return None,
    };
    Some(ascii(ranges))
}

fn ascii(ranges: &[(u8, u8)]) -> Set {
    let mut set = Set::default();
    for (low, high) in ranges {
        set.add(u32::from(*low), u32::from(*high));
    }
    set
}
