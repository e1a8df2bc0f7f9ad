//! The text of an expression, and places in it.

use std::fmt::Write as _;

/// A range of byte offsets in a [`Source`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Span {
    /// The first byte.
    pub start: u32,
    /// One past the last byte.
    pub end: u32,
}

impl Span {
    /// From `start` up to, not including, `end`.
    #[must_use]
    pub const fn new(start: u32, end: u32) -> Self {
        Self { start, end }
    }

    /// The smallest span that holds both.
    #[must_use]
    pub fn union(self, other: Self) -> Self {
        Self {
            start: self.start.min(other.start),
            end: self.end.max(other.end),
        }
    }
}

/// A line (from 1) and a column (from 0, in code points), as cel-go counts them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Location {
    /// From 1.
    pub line: u32,
    /// From 0, in code points.
    pub column: u32,
}

impl Location {
    /// No place: cel-go prints it as `-1:0`, and it sorts before every place.
    pub const NONE: Self = Self { line: 0, column: 0 };
    /// The place of what the parser put where nothing was: cel-go prints it as `1:0`.
    pub const UNREAD: Self = Self { line: 0, column: 1 };
}

/// A longer line is not shown with its error (cel-go's `maxSnippetLength`).
const MAX_SNIPPET: usize = 16_384;

/// The text of one expression, indexed by lines.
#[derive(Clone, Debug)]
pub struct Source {
    text: Box<str>,
    line_starts: Vec<u32>,
}

impl Source {
    /// Takes the text of an expression.
    #[must_use]
    pub fn new(text: &str) -> Self {
        let mut line_starts = vec![0];
        for (offset, byte) in text.bytes().enumerate() {
            if byte == b'\n' {
                line_starts.push(u32::try_from(offset + 1).unwrap_or(u32::MAX));
            }
        }
        Self {
            text: text.into(),
            line_starts,
        }
    }

    /// The whole text.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The text of a span; empty where the span is not one of this source.
    #[must_use]
    pub fn slice(&self, span: Span) -> &str {
        self.text
            .get(span.start as usize..span.end as usize)
            .unwrap_or("")
    }

    /// Line and column of a byte offset.
    #[must_use]
    pub fn location(&self, offset: u32) -> Location {
        let line = self
            .line_starts
            .partition_point(|start| *start <= offset)
            .max(1);
        let start = self.line_starts.get(line - 1).copied().unwrap_or(0);
        let column = self.slice(Span::new(start, offset)).chars().count();
        Location {
            line: u32::try_from(line).unwrap_or(u32::MAX),
            column: u32::try_from(column).unwrap_or(u32::MAX),
        }
    }

    /// The text of a line (from 1), without its line feed.
    #[must_use]
    pub fn line(&self, line: u32) -> Option<&str> {
        self.text.split('\n').nth((line as usize).checked_sub(1)?)
    }

    /// One error as cel-go's `common.Error.ToDisplayString` prints it: the `ERROR:` head,
    /// the source line, and a row of dots with a caret.
    #[must_use]
    pub fn display_error(&self, location: Location, message: &str) -> String {
        if location == Location::NONE {
            return format!("ERROR: <input>:-1:0: {message}");
        }
        let (location, left) = match location {
            Location::UNREAD => (Location { line: 1, column: 0 }, true),
            // the end of an empty text stands one column further left
            location => (location, self.text.is_empty()),
        };
        let column = location.column + u32::from(!left);
        let mut out = format!("ERROR: <input>:{}:{column}: {message}", location.line);
        let line = self.line(location.line);
        if let Some(line) = line.filter(|line| line.len() <= MAX_SNIPPET && !self.text.is_empty()) {
            let line = line.replace('\t', " ");
            let _ = write!(out, "\n | {line}\n | ");
            let mut chars = line.chars();
            for c in chars.by_ref().take(location.column as usize) {
                // cel-go widens the dot under a character that is wider than one byte
                out.push(if c.len_utf8() > 1 { '\u{ff0e}' } else { '.' });
            }
            let wide = chars.next().is_some_and(|c| c.len_utf8() > 1);
            out.push(if wide { '\u{ff3e}' } else { '^' });
        }
        out
    }
}
