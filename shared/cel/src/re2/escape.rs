//! Reads escapes and character classes by Go's rules.

use super::ast::Assertion;
use super::class::{self, Set};
use super::parse::{
    INVALID_ESCAPE, INVALID_RANGE, MISSING_BRACKET, Reader, TRAILING_BACKSLASH, error,
};
use super::unicode;

impl Reader<'_> {
    /// A backslash outside of a class.
    pub(super) fn escape(&mut self) -> Result<(), String> {
        let start = self.at;
        let assertion = match self.rest().as_bytes().get(1) {
            Some(b'A') => Some(Assertion::BeginText),
            Some(b'b') => Some(Assertion::WordBoundary),
            Some(b'B') => Some(Assertion::NoWordBoundary),
            Some(b'z') => Some(Assertion::EndText),
            _ => None,
        };
        if let Some(assertion) = assertion {
            self.at += 2;
            self.assertion(assertion);
            return Ok(());
        }
        if self.eat(r"\C") {
            return Err(error(INVALID_ESCAPE, self.since(start)));
        }
        if self.eat(r"\Q") {
            while !self.rest().is_empty() && !self.eat(r"\E") {
                if let Some(char) = self.next() {
                    self.literal(u32::from(char))?;
                }
            }
            return Ok(());
        }
        if let Some(set) = self.escaped_class()? {
            return self.set(set);
        }
        let code = self.escaped_char()?;
        self.literal(code)
    }

    /// `\pN`, `\d` and the like.
    fn escaped_class(&mut self) -> Result<Option<Set>, String> {
        match self.rest().as_bytes() {
            [b'\\', b'p', ..] => self.unicode_class(false).map(Some),
            [b'\\', b'P', ..] => self.unicode_class(true).map(Some),
            [b'\\', letter, ..] => {
                let Some(set) = class::perl(letter.to_ascii_lowercase()) else {
                    return Ok(None);
                };
                self.at += 2;
                Ok(Some(self.signed(set, letter.is_ascii_uppercase())))
            }
            _ => Ok(None),
        }
    }

    /// With all cases, where the flags say so, and then negated.
    fn signed(&self, set: Set, negated: bool) -> Set {
        let set = if self.flags.fold_case {
            set.folded()
        } else {
            set
        };
        if negated { set.negated() } else { set }
    }

    /// `\pN`, `\p{Greek}`, `\P{^Greek}`
    fn unicode_class(&mut self, mut negated: bool) -> Result<Set, String> {
        let start = self.at;
        self.at += 2;
        let Some(first) = self.next() else {
            return Err(error(INVALID_RANGE, self.since(start)));
        };
        let mut name = self.since(start).get(2..).unwrap_or_default();
        if first == '{' {
            let rest = self.rest();
            let Some(end) = rest.find('}') else {
                let whole = self.pattern.get(start..).unwrap_or_default();
                return Err(error(INVALID_RANGE, whole));
            };
            name = rest.get(..end).unwrap_or_default();
            self.at += end + 1;
        }
        if let Some(other) = name.strip_prefix('^') {
            negated = !negated;
            name = other;
        }
        match unicode::class(name, self.flags.fold_case) {
            Some(set) if negated => Ok(set.negated()),
            Some(set) => Ok(Set::clone(&set)),
            None => Err(error(INVALID_RANGE, self.since(start))),
        }
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
                    code = Some(next).filter(|code| *code <= class::LAST);
                    code?;
                }
            }
        }
    }

    /// `[...]`
    pub(super) fn class(&mut self) -> Result<(), String> {
        let start = self.at;
        self.at += 1;
        let negated = self.eat("^");
        let mut class = Set::default();
        let mut first = true;
        while first || self.peek() != Some(']') {
            first = false;
            if let Some(set) = self.posix_class()? {
                class.add_all(&set);
                continue;
            }
            if let Some(set) = self.escaped_class()? {
                class.add_all(&set);
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
            class.add(low, high);
            if self.flags.fold_case {
                unicode::fold(&Set::of(&[(low, high)]), &mut class);
            }
        }
        self.at += 1;
        self.set(if negated { class.negated() } else { class })
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

    /// `[:alpha:]`, `[:^alpha:]`
    fn posix_class(&mut self) -> Result<Option<Set>, String> {
        let Some(inside) = self.rest().strip_prefix("[:") else {
            return Ok(None);
        };
        let Some(end) = inside.find(":]") else {
            return Ok(None);
        };
        let start = self.at;
        let name = inside.get(..end).unwrap_or_default();
        self.at += 2 + end + 2;
        let plain = name.strip_prefix('^').unwrap_or(name);
        match class::posix(plain) {
            Some(set) => Ok(Some(self.signed(set, plain.len() < name.len()))),
            None => Err(error(INVALID_RANGE, self.since(start))),
        }
    }
}

const fn is_octal(char: char) -> bool {
    matches!(char, '0'..='7')
}
