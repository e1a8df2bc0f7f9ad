//! Regular expressions in Go's syntax (RE2's), with Go's errors, on top of the `regex` crate.
//!
//! The two differ in what they accept and in what `\d`, `\w`, `\s` and `\b` mean (ASCII in Go),
//! so a pattern is read by Go's rules and written anew for the crate.
//!
//! Exception: Go does not know scripts whose names have several words (`Old_Italic`); here they
//! are known.

use regex::{Regex, RegexBuilder};

#[cfg(test)]
mod tests;

/// The most copies of one thing that nested counted repetitions may ask for.
const MAX_REPEAT: u32 = 1000;

/// The most memory a compiled pattern may take.
const SIZE_LIMIT: usize = 64 << 20;

/// Compiles a pattern.
///
/// # Errors
/// Go's text, such as ``error parsing regexp: missing closing ]: `[a` ``.
pub fn compile(pattern: &str) -> Result<Regex, String> {
    let translated = translate(pattern)?;
    RegexBuilder::new(&translated)
        .size_limit(SIZE_LIMIT)
        .build()
        .map_err(|_| error("expression too large", pattern))
}

/// Whether Go would compile a pattern. It costs much less than to compile it.
#[must_use]
pub fn is_valid(pattern: &str) -> bool {
    translate(pattern).is_ok()
}

fn error(code: &str, part: &str) -> String {
    format!("error parsing regexp: {code}: `{part}`")
}

const INVALID_RANGE: &str = "invalid character class range";
const INVALID_ESCAPE: &str = "invalid escape sequence";
const INVALID_PERL: &str = "invalid or unsupported Perl syntax";
const INVALID_CAPTURE: &str = "invalid named capture";
const INVALID_REPEAT: &str = "invalid nested repetition operator";
const INVALID_COUNT: &str = "invalid repeat count";
const MISSING_ARGUMENT: &str = "missing argument to repetition operator";
const MISSING_BRACKET: &str = "missing closing ]";
const MISSING_PAREN: &str = "missing closing )";
const UNEXPECTED_PAREN: &str = "unexpected )";
const TRAILING_BACKSLASH: &str = "trailing backslash at end of expression";

/// The flags `(?imsU)`.
#[derive(Clone, Copy, Default)]
struct Flags {
    fold_case: bool,
    multi_line: bool,
    dot_newline: bool,
    non_greedy: bool,
}

/// One thing that can be repeated, in the crate's syntax, independent of flags around it.
struct Item {
    text: String,
    /// How many copies of its innermost part counted repetitions make.
    copies: u32,
}

/// What stands between a parenthesis and its end.
#[derive(Default)]
struct Group {
    /// The flags to go back to.
    outer: Flags,
    /// The alternatives that are complete.
    alternatives: Vec<Item>,
    /// The alternative being read.
    items: Vec<Item>,
}

impl Group {
    fn end_alternative(&mut self) {
        let items = std::mem::take(&mut self.items);
        self.alternatives.push(Item {
            copies: items.iter().map(|item| item.copies).max().unwrap_or(1),
            text: items.into_iter().map(|item| item.text).collect(),
        });
    }

    fn close(mut self) -> Item {
        self.end_alternative();
        let copies = self.alternatives.iter().map(|item| item.copies).max();
        let texts: Vec<_> = self
            .alternatives
            .into_iter()
            .map(|item| item.text)
            .collect();
        Item {
            text: format!("(?:{})", texts.join("|")),
            copies: copies.unwrap_or(1),
        }
    }
}

/// Reads a pattern by Go's rules and writes it in the crate's syntax.
fn translate(pattern: &str) -> Result<String, String> {
    let mut reader = Reader {
        pattern,
        at: 0,
        flags: Flags::default(),
        outer: Vec::new(),
        group: Group::default(),
    };
    reader.read()?;
    if !reader.outer.is_empty() {
        return Err(error(MISSING_PAREN, pattern));
    }
    Ok(reader.group.close().text)
}

struct Reader<'p> {
    pattern: &'p str,
    /// Byte offset of what is read next.
    at: usize,
    flags: Flags,
    /// The groups around the one being read.
    outer: Vec<Group>,
    group: Group,
}

impl<'p> Reader<'p> {
    fn rest(&self) -> &'p str {
        self.pattern.get(self.at..).unwrap_or_default()
    }

    fn since(&self, start: usize) -> &'p str {
        self.pattern.get(start..self.at).unwrap_or_default()
    }

    fn peek(&self) -> Option<char> {
        self.rest().chars().next()
    }

    fn next(&mut self) -> Option<char> {
        let char = self.peek()?;
        self.at += char.len_utf8();
        Some(char)
    }

    fn eat(&mut self, text: &str) -> bool {
        let found = self.rest().starts_with(text);
        if found {
            self.at += text.len();
        }
        found
    }

    fn push(&mut self, text: impl Into<String>) {
        let text = text.into();
        self.group.items.push(Item { text, copies: 1 });
    }

    fn literal(&mut self, code: u32) {
        let text = match char::from_u32(code) {
            Some(char) => {
                let escaped = regex::escape(char.encode_utf8(&mut [0; 4]));
                if self.flags.fold_case && char.is_alphabetic() {
                    format!("(?i:{escaped})")
                } else {
                    escaped
                }
            }
            // A surrogate is in no text.
            None => NOTHING.to_owned(),
        };
        self.push(text);
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
                    self.group.end_alternative();
                }
                '^' => {
                    self.at += 1;
                    let line = self.flags.multi_line;
                    self.push(if line { "(?m:^)" } else { r"\A" });
                }
                '$' => {
                    self.at += 1;
                    let line = self.flags.multi_line;
                    self.push(if line { "(?m:$)" } else { r"\z" });
                }
                '.' => {
                    self.at += 1;
                    let any = self.flags.dot_newline;
                    self.push(if any { "(?s:.)" } else { "." });
                }
                '[' => self.class()?,
                '*' | '+' | '?' => {
                    self.at += 1;
                    self.repeat(start, last_repeat, char.encode_utf8(&mut [0; 4]), None)?;
                    repeat = Some(start);
                }
                '{' => match self.counts() {
                    Some((min, max)) => {
                        self.counted(start, last_repeat, min, max)?;
                        repeat = Some(start);
                    }
                    None => {
                        self.at += 1;
                        self.literal(u32::from('{'));
                    }
                },
                '\\' => self.escape()?,
                other => {
                    self.at += other.len_utf8();
                    self.literal(u32::from(other));
                }
            }
            last_repeat = repeat;
        }
        Ok(())
    }

    fn open(&mut self) -> Result<(), String> {
        let flags = self.flags;
        self.at += 1;
        if self.peek() == Some('?') && !self.group_head()? {
            return Ok(());
        }
        let inner = Group {
            outer: flags,
            ..Group::default()
        };
        self.outer.push(std::mem::replace(&mut self.group, inner));
        Ok(())
    }

    fn close(&mut self) -> Result<(), String> {
        let Some(outer) = self.outer.pop() else {
            return Err(error(UNEXPECTED_PAREN, self.pattern));
        };
        self.at += 1;
        let inner = std::mem::replace(&mut self.group, outer);
        self.flags = inner.outer;
        self.group.items.push(inner.close());
        Ok(())
    }

    /// Reads `?P<name>`, `?<name>`, `?flags:` or `?flags)`; says whether a group opens.
    fn group_head(&mut self) -> Result<bool, String> {
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
            let name = head.trim_start_matches("(?P<").trim_start_matches("(?<");
            let name = name.trim_end_matches('>');
            if name.is_empty() || !name.chars().all(|c| c == '_' || c.is_ascii_alphanumeric()) {
                return Err(error(INVALID_CAPTURE, head));
            }
            return Ok(true);
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
                    return Ok(char == ':');
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
        operator: &str,
        counts: Option<(u32, Option<u32>)>,
    ) -> Result<(), String> {
        let lazy = self.eat("?") != self.flags.non_greedy;
        if let Some(last) = last_repeat {
            return Err(error(INVALID_REPEAT, self.since(last)));
        }
        let whole = self.since(start);
        let Some(item) = self.group.items.last_mut() else {
            return Err(error(MISSING_ARGUMENT, whole));
        };
        let lazy = if lazy { "?" } else { "" };
        item.text = format!("(?:{}){operator}{lazy}", item.text);
        if let Some((min, max)) = counts {
            item.copies = match max.unwrap_or(min) {
                0 if max.is_none() => item.copies,
                count => item.copies.saturating_mul(count),
            };
            if (min >= 2 || max.is_some_and(|max| max >= 2)) && item.copies > MAX_REPEAT {
                return Err(error(INVALID_COUNT, whole));
            }
        }
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
        let operator = match max {
            Some(max) => format!("{{{min},{max}}}"),
            None => format!("{{{min},}}"),
        };
        self.repeat(start, last_repeat, &operator, Some((min, max)))
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

    /// A backslash outside of a class.
    fn escape(&mut self) -> Result<(), String> {
        let start = self.at;
        let simple = match self.rest().chars().nth(1) {
            Some('A') => Some(r"\A"),
            Some('b') => Some(r"(?-u:\b)"),
            Some('B') => Some(r"(?-u:\B)"),
            Some('z') => Some(r"\z"),
            _ => None,
        };
        if let Some(text) = simple {
            self.at += 2;
            self.push(text);
            return Ok(());
        }
        if self.eat(r"\C") {
            return Err(error(INVALID_ESCAPE, self.since(start)));
        }
        if self.eat(r"\Q") {
            while !self.rest().is_empty() && !self.eat(r"\E") {
                if let Some(char) = self.next() {
                    self.literal(u32::from(char));
                }
            }
            return Ok(());
        }
        let mut class = String::new();
        if self.unicode_class(&mut class)? || self.perl_class(&mut class) {
            let text = self.folded(format!("[{class}]"));
            self.push(text);
            return Ok(());
        }
        let code = self.escaped_char()?;
        self.literal(code);
        Ok(())
    }

    fn folded(&self, class: String) -> String {
        if self.flags.fold_case {
            format!("(?i:{class})")
        } else {
            class
        }
    }

    /// `\pN`, `\p{Greek}`, `\P{^Greek}`: adds to a class, or reads nothing.
    fn unicode_class(&mut self, class: &mut String) -> Result<bool, String> {
        let start = self.at;
        let mut negated = match self.rest().as_bytes() {
            [b'\\', b'p', ..] => false,
            [b'\\', b'P', ..] => true,
            _ => return Ok(false),
        };
        self.at += 2;
        let Some(first) = self.next() else {
            return Err(error(INVALID_RANGE, self.since(start)));
        };
        let mut name = first.to_string();
        if first == '{' {
            let rest = self.rest();
            let Some(end) = rest.find('}') else {
                let whole = self.pattern.get(start..).unwrap_or_default();
                return Err(error(INVALID_RANGE, whole));
            };
            name = rest.get(..end).unwrap_or_default().to_owned();
            self.at += end + 1;
        }
        if let Some(other) = name.strip_prefix('^') {
            negated = !negated;
            name = other.to_owned();
        }
        let letter = if negated { 'P' } else { 'p' };
        let text = unicode_name(&name).map(|name| format!(r"\{letter}{{{name}}}"));
        // The crate knows which scripts there are.
        match text.filter(|text| Regex::new(text).is_ok()) {
            Some(text) => {
                class.push_str(&text);
                Ok(true)
            }
            None => Err(error(INVALID_RANGE, self.since(start))),
        }
    }

    /// `\d`, `\W` and the like: adds to a class, or reads nothing.
    fn perl_class(&mut self, class: &mut String) -> bool {
        let text = match self.rest().as_bytes() {
            [b'\\', b'd', ..] => "0-9",
            [b'\\', b'D', ..] => "[^0-9]",
            [b'\\', b's', ..] => r"\t\n\x0C\r\x20",
            [b'\\', b'S', ..] => r"[^\t\n\x0C\r\x20]",
            [b'\\', b'w', ..] => "0-9A-Za-z_",
            [b'\\', b'W', ..] => "[^0-9A-Za-z_]",
            _ => return false,
        };
        self.at += 2;
        class.push_str(text);
        true
    }

    /// An escape that stands for one character.
    fn escaped_char(&mut self) -> Result<u32, String> {
        let start = self.at;
        self.at += 1;
        let Some(char) = self.next() else {
            return Err(error(TRAILING_BACKSLASH, ""));
        };
        let code = match char {
            '1'..='7' if !self.peek().is_some_and(is_octal) => None,
            '0'..='7' => {
                let mut code = char.to_digit(8).unwrap_or_default();
                for _ in 1..3 {
                    let Some(digit) = self.peek().filter(|c| is_octal(*c)) else {
                        break;
                    };
                    self.at += 1;
                    code = code * 8 + digit.to_digit(8).unwrap_or_default();
                }
                Some(code)
            }
            'x' => self.hexadecimal(),
            'a' => Some(7),
            'f' => Some(12),
            'n' => Some(10),
            'r' => Some(13),
            't' => Some(9),
            'v' => Some(11),
            _ if char.is_ascii() && !char.is_ascii_alphanumeric() => Some(u32::from(char)),
            _ => None,
        };
        code.ok_or_else(|| error(INVALID_ESCAPE, self.since(start)))
    }

    /// `FF` or `{10FFFF}` after `\x`.
    fn hexadecimal(&mut self) -> Option<u32> {
        let first = self.next()?;
        if first != '{' {
            let second = self.next()?;
            return Some(first.to_digit(16)? * 16 + second.to_digit(16)?);
        }
        let mut code = None;
        loop {
            match self.next()? {
                '}' => return code,
                digit => {
                    let next = code.unwrap_or(0) * 16 + digit.to_digit(16)?;
                    code = Some(next).filter(|code| *code <= u32::from(char::MAX));
                    code?;
                }
            }
        }
    }

    /// `[...]`
    fn class(&mut self) -> Result<(), String> {
        let start = self.at;
        self.at += 1;
        let negated = self.eat("^");
        let mut class = String::new();
        let mut first = true;
        while first || self.peek() != Some(']') {
            first = false;
            if self.rest().starts_with("[:") && self.posix_class(&mut class)? {
                continue;
            }
            if self.unicode_class(&mut class)? || self.perl_class(&mut class) {
                continue;
            }
            let range = self.at;
            let low = self.class_char(start)?;
            let mut high = low;
            let rest = self.rest();
            if rest.len() >= 2 && rest.starts_with('-') && !rest.starts_with("-]") {
                self.at += 1;
                high = self.class_char(start)?;
                if high < low {
                    return Err(error(INVALID_RANGE, self.since(range)));
                }
            }
            push_range(&mut class, low, high);
        }
        self.at += 1;
        let text = match (class.is_empty(), negated) {
            (true, false) => NOTHING.to_owned(),
            (true, true) => "(?s:.)".to_owned(),
            (false, false) => format!("[{class}]"),
            (false, true) => format!("[^{class}]"),
        };
        let text = self.folded(text);
        self.push(text);
        Ok(())
    }

    fn class_char(&mut self, class_start: usize) -> Result<u32, String> {
        match self.peek() {
            None => {
                let class = self.pattern.get(class_start..).unwrap_or_default();
                Err(error(MISSING_BRACKET, class))
            }
            Some('\\') => self.escaped_char(),
            Some(char) => {
                self.at += char.len_utf8();
                Ok(u32::from(char))
            }
        }
    }

    /// `[:alpha:]`, `[:^alpha:]`: adds to a class, or reads nothing.
    fn posix_class(&mut self, class: &mut String) -> Result<bool, String> {
        const NAMES: [&str; 14] = [
            "alnum", "alpha", "ascii", "blank", "cntrl", "digit", "graph", "lower", "print",
            "punct", "space", "upper", "word", "xdigit",
        ];
        let start = self.at;
        let inside = self.rest().get(2..).unwrap_or_default();
        let Some(end) = inside.find(":]") else {
            return Ok(false);
        };
        let name = inside.get(..end).unwrap_or_default();
        self.at += 2 + end + 2;
        let text = self.since(start);
        if !NAMES.contains(&name.strip_prefix('^').unwrap_or(name)) {
            return Err(error(INVALID_RANGE, text));
        }
        class.push_str(text);
        Ok(true)
    }
}

/// A class that matches no character.
const NOTHING: &str = r"[^\x{0}-\x{10FFFF}]";

const fn is_octal(char: char) -> bool {
    matches!(char, '0'..='7')
}

/// Adds a range without the surrogates, which are in no text.
fn push_range(class: &mut String, low: u32, high: u32) {
    let low = if (0xd800..0xe000).contains(&low) {
        0xe000
    } else {
        low
    };
    let high = if (0xd800..0xe000).contains(&high) {
        0xd7ff
    } else {
        high
    };
    if low <= high {
        class.push_str(&format!(r"\x{{{low:X}}}-\x{{{high:X}}}"));
    }
}

/// The crate's name of a class: Go knows general categories, by short and long names, and
/// scripts by long names of one word; it ignores case, spaces, hyphens and underscores.
fn unicode_name(name: &str) -> Option<String> {
    let plain: String = name
        .chars()
        .filter(|char| !matches!(char, '_' | '-' | ' '))
        .collect();
    if !plain.chars().all(|char| char.is_ascii_alphanumeric()) || plain.is_empty() {
        return None;
    }
    let lower = plain.to_ascii_lowercase();
    if matches!(lower.as_str(), "any" | "assigned" | "ascii") {
        return Some(lower);
    }
    let category = format!("gc={lower}");
    if Regex::new(&format!(r"\p{{{category}}}")).is_ok() {
        return Some(category);
    }
    // Scripts' short names have four letters; these long names have as many.
    const SHORT: [&str; 8] = [
        "ahom", "cham", "kawi", "lisu", "modi", "newa", "thai", "toto",
    ];
    (lower.len() != 4 || SHORT.contains(&lower.as_str())).then(|| format!("sc={lower}"))
}
