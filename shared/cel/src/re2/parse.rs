//! Reads a pattern by Go's rules (`regexp/syntax`, flags `Perl`), with Go's errors.

use super::ast::{Assertion, Ast, Node, NodeId, index};
use super::class::{LAST, Set};

/// The most copies of one thing that nested counted repetitions may ask for.
const MAX_REPEAT: u32 = 1000;
/// The most instructions that a pattern may become: Go's 128 MB of 40 bytes each.
const MAX_SIZE: u64 = (128 << 20) / 40;
/// The most runes in all nodes: Go's 128 MB of 4 bytes each.
const MAX_RUNES: usize = (128 << 20) / 4;
/// How deep a pattern may nest.
const MAX_HEIGHT: u32 = 1000;

pub(super) const INVALID_RANGE: &str = "invalid character class range";
pub(super) const INVALID_ESCAPE: &str = "invalid escape sequence";
pub(super) const MISSING_BRACKET: &str = "missing closing ]";
pub(super) const TRAILING_BACKSLASH: &str = "trailing backslash at end of expression";
const INVALID_PERL: &str = "invalid or unsupported Perl syntax";
const INVALID_CAPTURE: &str = "invalid named capture";
const INVALID_REPEAT: &str = "invalid nested repetition operator";
const INVALID_COUNT: &str = "invalid repeat count";
const MISSING_ARGUMENT: &str = "missing argument to repetition operator";
const MISSING_PAREN: &str = "missing closing )";
const UNEXPECTED_PAREN: &str = "unexpected )";
const TOO_LARGE: &str = "expression too large";
const TOO_DEEP: &str = "expression nests too deeply";

pub(super) fn error(code: &str, part: &str) -> String {
    format!("error parsing regexp: {code}: `{part}`")
}

/// Reads a pattern.
pub(super) fn parse(pattern: &str) -> Result<Ast, String> {
    let mut reader = Reader {
        pattern,
        at: 0,
        flags: Flags::default(),
        ast: Ast::default(),
        runes: 0,
        outer: Vec::new(),
        group: Group::default(),
    };
    reader.read()?;
    let root = reader.end_group()?;
    if !reader.outer.is_empty() {
        return Err(error(MISSING_PAREN, pattern));
    }
    reader.ast.root = root.node;
    reader.ast.anchored = root.anchored;
    reader.ast.size = root.size;
    Ok(reader.ast)
}

/// The flags `(?imsU)`.
#[derive(Clone, Copy, Default)]
pub(super) struct Flags {
    pub(super) fold_case: bool,
    multi_line: bool,
    dot_newline: bool,
    non_greedy: bool,
}

/// What kind of node an item is, as far as Go joins it with its neighbours.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Literal,
    Concat,
    Alternate,
    Other,
}

/// One thing that can be repeated.
#[derive(Clone, Copy)]
struct Item {
    node: NodeId,
    kind: Kind,
    /// How many copies of its innermost part counted repetitions make.
    copies: u32,
    /// How many instructions Go estimates for it.
    size: u64,
    /// How deep it nests.
    height: u32,
    /// How many runes Go's node has: of a word or a set.
    runes: usize,
    /// Whether it matches the empty text.
    nullable: bool,
    /// Whether it matches at the beginning of the text alone.
    anchored: bool,
}

impl Item {
    const fn new(node: NodeId, kind: Kind) -> Self {
        Self {
            node,
            kind,
            copies: 1,
            size: 1,
            height: 1,
            runes: 0,
            nullable: false,
            anchored: false,
        }
    }
}

/// What stands between a parenthesis and its end.
#[derive(Default)]
struct Group {
    /// The flags to go back to.
    outer: Flags,
    captures: bool,
    /// The alternatives that are complete.
    alternatives: Vec<Item>,
    /// The alternative being read.
    items: Vec<Item>,
}

pub(super) struct Reader<'p> {
    pub(super) pattern: &'p str,
    /// Byte offset of what is read next.
    pub(super) at: usize,
    pub(super) flags: Flags,
    ast: Ast,
    /// The ends of ranges in all sets and the characters of all words, as often as Go counts them:
    /// each time that it puts one on its stack.
    runes: usize,
    /// The groups around the one being read.
    outer: Vec<Group>,
    group: Group,
}

impl<'p> Reader<'p> {
    pub(super) fn rest(&self) -> &'p str {
        self.pattern.get(self.at..).unwrap_or_default()
    }

    pub(super) fn since(&self, start: usize) -> &'p str {
        self.pattern.get(start..self.at).unwrap_or_default()
    }

    pub(super) fn peek(&self) -> Option<char> {
        self.rest().chars().next()
    }

    pub(super) fn next(&mut self) -> Option<char> {
        let char = self.peek()?;
        self.at += char.len_utf8();
        Some(char)
    }

    pub(super) fn eat(&mut self, text: &str) -> bool {
        let found = self.rest().starts_with(text);
        if found {
            self.at += text.len();
        }
        found
    }

    pub(super) fn literal(&mut self, code: u32) -> Result<(), String> {
        let folds =
            self.flags.fold_case && (code >= 0x80 || u8::try_from(code).is_ok_and(is_letter));
        let node = if folds {
            self.set_node(Set::of(&[(code, code)]).folded())
        } else {
            Node::Range(code, code)
        };
        self.push(node, Kind::Literal, 1)
    }

    pub(super) fn set(&mut self, set: Set) -> Result<(), String> {
        let runes = set.runes();
        let node = self.set_node(set);
        self.push(node, Kind::Other, runes)
    }

    fn set_node(&mut self, set: Set) -> Node {
        /// How many of the last sets are looked at for one that is the same.
        const RECENT: usize = 32;
        if let Some((low, high)) = set.single() {
            return Node::Range(low, high);
        }
        let sets = &mut self.ast.sets;
        let recent = sets.len().saturating_sub(RECENT);
        let known = sets.get(recent..).unwrap_or_default();
        let same = known.iter().position(|known| *known == set);
        Node::Set(index(match same {
            Some(place) => recent + place,
            None => {
                sets.push(set);
                sets.len() - 1
            }
        }))
    }

    fn push(&mut self, node: Node, kind: Kind, runes: usize) -> Result<(), String> {
        let node = self.ast.push(node);
        self.count_runes(runes)?;
        self.group.items.push(Item {
            runes,
            ..Item::new(node, kind)
        });
        Ok(())
    }

    fn count_runes(&mut self, runes: usize) -> Result<(), String> {
        self.runes += runes;
        if self.runes > MAX_RUNES {
            return Err(error(TOO_LARGE, self.pattern));
        }
        Ok(())
    }

    pub(super) fn assertion(&mut self, assertion: Assertion) {
        let node = self.ast.push(Node::Assertion(assertion));
        self.group.items.push(Item {
            nullable: true,
            anchored: assertion == Assertion::BeginText,
            ..Item::new(node, Kind::Other)
        });
    }

    fn read(&mut self) -> Result<(), String> {
        // Where the repetition just read starts, if it was one.
        let mut last_repeat = None;
        while let Some(char) = self.peek() {
            let start = self.at;
            let mut repeat = None;
            match char {
                '(' => self.open()?,
                ')' => self.close()?,
                '|' => {
                    self.at += 1;
                    self.end_alternative()?;
                }
                '^' => {
                    self.at += 1;
                    let line = self.flags.multi_line;
                    self.assertion(if line {
                        Assertion::BeginLine
                    } else {
                        Assertion::BeginText
                    });
                }
                '$' => {
                    self.at += 1;
                    let line = self.flags.multi_line;
                    self.assertion(if line {
                        Assertion::EndLine
                    } else {
                        Assertion::EndText
                    });
                }
                '.' => {
                    self.at += 1;
                    let newline = u32::from('\n');
                    let node = self.set_node(if self.flags.dot_newline {
                        Set::of(&[(0, LAST)])
                    } else {
                        Set::of(&[(0, newline - 1), (newline + 1, LAST)])
                    });
                    self.push(node, Kind::Other, 0)?;
                }
                '[' => self.class()?,
                '*' | '+' | '?' => {
                    self.at += 1;
                    let (min, max) = match char {
                        '*' => (0, None),
                        '+' => (1, None),
                        _ => (0, Some(1)),
                    };
                    self.repeat(start, last_repeat, min, max, false)?;
                    repeat = Some(start);
                }
                '{' => match self.counts() {
                    Some((min, max)) => {
                        self.counted(start, last_repeat, min, max)?;
                        repeat = Some(start);
                    }
                    None => {
                        self.at += 1;
                        self.literal(u32::from('{'))?;
                    }
                },
                '\\' => self.escape()?,
                other => {
                    self.at += other.len_utf8();
                    self.literal(u32::from(other))?;
                }
            }
            last_repeat = repeat;
        }
        Ok(())
    }

    fn open(&mut self) -> Result<(), String> {
        let flags = self.flags;
        self.at += 1;
        let mut captures = true;
        if self.peek() == Some('?') {
            match self.group_head()? {
                Some(named) => captures = named,
                None => return Ok(()),
            }
        }
        let inner = Group {
            outer: flags,
            captures,
            ..Group::default()
        };
        self.outer.push(std::mem::replace(&mut self.group, inner));
        Ok(())
    }

    fn close(&mut self) -> Result<(), String> {
        let mut item = self.end_group()?;
        let Some(outer) = self.outer.pop() else {
            return Err(error(UNEXPECTED_PAREN, self.pattern));
        };
        self.at += 1;
        let inner = std::mem::replace(&mut self.group, outer);
        self.flags = inner.outer;
        if inner.captures {
            item.kind = Kind::Other;
            item.runes = 0;
            item.size += 2;
            item.height += 1;
            self.check_limits(&item)?;
        }
        self.count_runes(item.runes)?;
        self.group.items.push(item);
        Ok(())
    }

    fn end_alternative(&mut self) -> Result<(), String> {
        let items = std::mem::take(&mut self.group.items);
        let item = match items.as_slice() {
            [] => {
                let node = self.ast.push(Node::Empty);
                Item {
                    nullable: true,
                    ..Item::new(node, Kind::Other)
                }
            }
            [only] => *only,
            _ => {
                let (start, end) = self.children(&items);
                let mut joined = Item {
                    size: items.iter().map(|item| item.size).sum(),
                    nullable: items.iter().all(|item| item.nullable),
                    anchored: items.first().is_some_and(|item| item.anchored),
                    ..Item::new(self.ast.push(Node::Concat(start, end)), Kind::Concat)
                };
                joined.span(&items);
                // a word is one literal for Go
                if items.iter().all(|item| item.kind == Kind::Literal) {
                    joined.kind = Kind::Literal;
                    joined.runes = items.len();
                    joined.height = 1;
                }
                joined
            }
        };
        self.check_limits(&item)?;
        self.count_runes(item.runes)?;
        self.group.alternatives.push(item);
        Ok(())
    }

    /// What the group being read has come to.
    fn end_group(&mut self) -> Result<Item, String> {
        self.end_alternative()?;
        let items = std::mem::take(&mut self.group.alternatives);
        if let [only] = items.as_slice() {
            self.count_runes(only.runes)?;
            return Ok(*only);
        }
        if let Some(set) = self.joined_set(&items) {
            let runes = set.runes();
            self.count_runes(runes)?;
            let node = self.set_node(set);
            return Ok(Item {
                runes,
                ..Item::new(self.ast.push(node), Kind::Other)
            });
        }
        let (start, end) = self.children(&items);
        let mut joined = Item {
            size: items.iter().map(|item| item.size + 1).sum::<u64>() - 1,
            nullable: items.iter().any(|item| item.nullable),
            anchored: items.iter().all(|item| item.anchored),
            ..Item::new(self.ast.push(Node::Alternate(start, end)), Kind::Alternate)
        };
        joined.span(&items);
        self.check_limits(&joined)?;
        Ok(joined)
    }

    /// The set that alternatives are, where each is one code point.
    fn joined_set(&self, items: &[Item]) -> Option<Set> {
        let mut joined = Set::default();
        for item in items {
            match self.ast.node(item.node) {
                Node::Range(low, high) => joined.add(low, high),
                Node::Set(set) => joined.add_all(self.ast.sets.get(set as usize)?),
                _ => return None,
            }
        }
        Some(joined)
    }

    fn children(&mut self, items: &[Item]) -> (u32, u32) {
        let start = index(self.ast.children.len());
        self.ast.children.extend(items.iter().map(|item| item.node));
        (start, index(self.ast.children.len()))
    }

    fn check_limits(&self, item: &Item) -> Result<(), String> {
        if item.size > MAX_SIZE {
            return Err(error(TOO_LARGE, self.pattern));
        }
        if item.height > MAX_HEIGHT {
            return Err(error(TOO_DEEP, self.pattern));
        }
        Ok(())
    }

    /// Reads `?P<name>`, `?<name>`, `?flags:` or `?flags)`; says whether a group opens, and then
    /// whether it has a name.
    fn group_head(&mut self) -> Result<Option<bool>, String> {
        let start = self.at - 1;
        let rest = self.pattern.get(start..).unwrap_or_default();
        let named = (rest.starts_with("(?P<") && rest.len() > 4)
            || (rest.starts_with("(?<") && rest.len() > 3);
        if named {
            let Some(end) = rest.find('>') else {
                return Err(error(INVALID_CAPTURE, rest));
            };
            self.at = start + end + 1;
            let head = self.since(start);
            let name = head.strip_prefix("(?P<").or(head.strip_prefix("(?<"));
            let name = name.unwrap_or_default().trim_end_matches('>');
            if name.is_empty() || !name.chars().all(|c| c == '_' || c.is_ascii_alphanumeric()) {
                return Err(error(INVALID_CAPTURE, head));
            }
            return Ok(Some(true));
        }
        self.at += 1;
        let mut flags = self.flags;
        let (mut on, mut any) = (true, false);
        while let Some(char) = self.next() {
            let flag = match char {
                'i' => &mut flags.fold_case,
                'm' => &mut flags.multi_line,
                's' => &mut flags.dot_newline,
                'U' => &mut flags.non_greedy,
                '-' if on => {
                    on = false;
                    any = false;
                    continue;
                }
                ':' | ')' if on || any => {
                    self.flags = flags;
                    return Ok((char == ':').then_some(false));
                }
                _ => break,
            };
            *flag = on;
            any = true;
        }
        Err(error(INVALID_PERL, self.since(start)))
    }

    /// Repeats the last item. `start` is where the operator stands.
    fn repeat(
        &mut self,
        start: usize,
        last_repeat: Option<usize>,
        min: u32,
        max: Option<u32>,
        counted: bool,
    ) -> Result<(), String> {
        let lazy = self.eat("?") != self.flags.non_greedy;
        if let Some(last) = last_repeat {
            return Err(error(INVALID_REPEAT, self.since(last)));
        }
        let whole = self.since(start);
        let Some(mut item) = self.group.items.pop() else {
            return Err(error(MISSING_ARGUMENT, whole));
        };
        item.size = match (min, max) {
            (0, None) => item.size + 2,
            (min, None) => item.size * u64::from(min) + 1,
            (min, Some(max)) => item.size * u64::from(max) + u64::from(max.saturating_sub(min)),
        };
        item.size = item.size.max(1);
        item.height += 1;
        item.runes = 0;
        item.kind = Kind::Other;
        self.check_limits(&item)?;
        if counted {
            item.copies = match max.unwrap_or(min) {
                0 if max.is_none() => item.copies,
                count => item.copies.saturating_mul(count),
            };
            if (min >= 2 || max.is_some_and(|max| max >= 2)) && item.copies > MAX_REPEAT {
                return Err(error(INVALID_COUNT, whole));
            }
        }
        item.node = self.ast.push(Node::Repeat {
            of: item.node,
            nullable: item.nullable,
            min,
            max,
            lazy,
        });
        item.nullable |= min == 0;
        item.anchored &= min > 0;
        self.group.items.push(item);
        Ok(())
    }

    fn counted(
        &mut self,
        start: usize,
        last_repeat: Option<usize>,
        min: Option<u32>,
        max: Option<Option<u32>>,
    ) -> Result<(), String> {
        let invalid = error(INVALID_COUNT, self.since(start));
        // No number stands for one that is too big.
        let (Some(min), Some(max)) = (min, max) else {
            return Err(invalid);
        };
        if min > MAX_REPEAT || max.is_some_and(|max| max > MAX_REPEAT || min > max) {
            return Err(invalid);
        }
        self.repeat(start, last_repeat, min, max, true)
    }

    /// Reads `{min}`, `{min,}` or `{min,max}`, or nothing where it is none of these.
    #[expect(
        clippy::option_option,
        reason = "a number too big, no upper bound, or a number"
    )]
    fn counts(&mut self) -> Option<(Option<u32>, Option<Option<u32>>)> {
        let start = self.at;
        let read = self.read_counts();
        if read.is_none() {
            self.at = start;
        }
        read
    }

    #[expect(
        clippy::option_option,
        reason = "a number too big, no upper bound, or a number"
    )]
    fn read_counts(&mut self) -> Option<(Option<u32>, Option<Option<u32>>)> {
        self.at += 1;
        let min = self.count()?;
        let max = if !self.eat(",") {
            min.map(Some)
        } else if self.peek() == Some('}') {
            Some(None)
        } else {
            self.count()?.map(Some)
        };
        self.eat("}").then_some((min, max))
    }

    /// A number without leading zeros; `Some(None)` where it is too big.
    #[expect(clippy::option_option, reason = "not a number, or one that is too big")]
    fn count(&mut self) -> Option<Option<u32>> {
        let rest = self.rest();
        let digits = rest.len() - rest.trim_start_matches(|c: char| c.is_ascii_digit()).len();
        let digits = rest.get(..digits).unwrap_or_default();
        if digits.is_empty() || (digits.len() > 1 && digits.starts_with('0')) {
            return None;
        }
        self.at += digits.len();
        Some(digits.parse().ok())
    }
}

impl Item {
    /// Takes over how often and how deep parts repeat and nest. Go has no list in a list of its kind.
    fn span(&mut self, items: &[Self]) {
        let height = |item: &Self| item.height - u32::from(item.kind == self.kind);
        self.height = 1 + items.iter().map(height).max().unwrap_or(0);
        self.copies = items.iter().map(|item| item.copies).max().unwrap_or(1);
    }
}

const fn is_letter(byte: u8) -> bool {
    byte.is_ascii_alphabetic()
}
