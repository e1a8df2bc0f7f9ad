//! Where the characters of a scalar's value lie in the text: the scalar is read once more, line
//! by line, and what comes out must be the value the parser gave.

use crate::document::ScalarText;
use crate::problem::TextRange;

/// A scalar read again: its value and how it lies in the text.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Reading {
    /// The value.
    pub(super) value: String,
    /// Where its parts stand.
    pub(super) anchors: Vec<(u32, u32)>,
    /// From its first byte (quote, block header) to its last.
    pub(super) range: TextRange,
}

impl Reading {
    /// From here the value runs in step with the text at an offset.
    fn anchor(&mut self, text_offset: usize) {
        let pair = (narrow(self.value.len()), narrow(text_offset));
        match self.anchors.last_mut() {
            Some(last) if last.0 == pair.0 => *last = pair,
            Some(last) if pair.0 - last.0 == pair.1.wrapping_sub(last.1) => {}
            _ => self.anchors.push(pair),
        }
    }

    /// The anchors.
    pub(super) fn scalar_text(&self) -> Option<ScalarText> {
        ScalarText::new(&self.anchors)
    }
}

fn narrow(offset: usize) -> u32 {
    u32::try_from(offset).unwrap_or(u32::MAX)
}

const fn is_break(byte: u8) -> bool {
    matches!(byte, b'\n' | b'\r')
}

const fn is_blank(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t')
}

/// A place in a text, going forward.
#[derive(Clone, Copy)]
struct Cursor<'t> {
    text: &'t str,
    at: usize,
}

impl<'t> Cursor<'t> {
    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    fn ahead(&self, by: usize) -> Option<u8> {
        self.text.as_bytes().get(self.at + by).copied()
    }

    /// Goes on while bytes fit; they must not end inside a code point.
    fn take(&mut self, fits: impl Fn(u8) -> bool) -> &'t str {
        let start = self.at;
        while self.peek().is_some_and(&fits) {
            self.at += 1;
        }
        self.text.get(start..self.at).unwrap_or_default()
    }

    /// Goes over one line break.
    fn line_break(&mut self) {
        if self.peek() == Some(b'\r') && self.ahead(1) == Some(b'\n') {
            self.at += 1;
        }
        self.at += 1;
    }

    /// Goes over blanks and line breaks between two parts of a plain or quoted scalar, gives
    /// what they become and where that stands.
    fn fold(&mut self, reading: &mut Reading) {
        let start = self.at;
        let blanks = self.take(is_blank);
        if !self.peek().is_some_and(is_break) {
            reading.anchor(start);
            reading.value.push_str(blanks);
            return;
        }
        let first = self.at;
        self.line_break();
        let mut breaks = 0usize;
        loop {
            self.take(is_blank);
            if !self.peek().is_some_and(is_break) {
                break;
            }
            reading.anchor(self.at);
            reading.value.push('\n');
            self.line_break();
            breaks += 1;
        }
        if breaks == 0 {
            reading.anchor(first);
            reading.value.push(' ');
        }
    }
}

/// Goes over white space, comments, properties (`&anchor`, `!tag`) and the indicators that may
/// stand between the end of one node and the start of the next.
pub(super) fn skip_to_node(text: &str, from: usize) -> usize {
    let mut cursor = Cursor { text, at: from };
    while let Some(byte) = cursor.peek() {
        let spaced = cursor
            .ahead(1)
            .is_none_or(|next| is_blank(next) || is_break(next));
        match byte {
            b' ' | b'\t' | b'\n' | b'\r' | b',' => cursor.at += 1,
            b':' | b'?' => cursor.at += 1,
            b'-' if spaced => cursor.at += 1,
            b'#' => {
                cursor.take(|byte| !is_break(byte));
            }
            b'&' | b'!' => {
                cursor.take(|byte| !is_break(byte) && !is_blank(byte));
            }
            _ => break,
        }
    }
    cursor.at
}

/// A plain scalar between two offsets.
pub(super) fn plain(text: &str, start: usize, end: usize) -> Reading {
    let mut reading = Reading {
        range: TextRange {
            start: narrow(start),
            end: narrow(end),
        },
        ..Reading::default()
    };
    let Some(text) = text.get(..end) else {
        return reading;
    };
    let mut cursor = Cursor { text, at: start };
    while cursor.peek().is_some() {
        let at = cursor.at;
        let words = cursor.take(|byte| !is_blank(byte) && !is_break(byte));
        if !words.is_empty() {
            reading.anchor(at);
            reading.value.push_str(words);
        }
        if cursor.peek().is_some() {
            cursor.fold(&mut reading);
        }
    }
    reading
}

/// A scalar in single or double quotes, the first of which stands at `start`.
pub(super) fn quoted(text: &str, start: usize) -> Option<Reading> {
    let mut cursor = Cursor { text, at: start };
    let quote = cursor.peek().filter(|byte| matches!(byte, b'"' | b'\''))?;
    cursor.at += 1;
    let mut reading = Reading::default();
    reading.anchor(cursor.at);
    loop {
        let at = cursor.at;
        let byte = cursor.peek()?;
        if byte == quote {
            if quote == b'\'' && cursor.ahead(1) == Some(quote) {
                reading.anchor(at);
                reading.value.push('\'');
                cursor.at += 2;
                continue;
            }
            break;
        }
        if byte == b'\\' && quote == b'"' {
            escape(&mut cursor, &mut reading)?;
        } else if is_blank(byte) || is_break(byte) {
            cursor.fold(&mut reading);
        } else {
            reading.anchor(at);
            let part = cursor.take(|byte| {
                byte != quote
                    && !is_blank(byte)
                    && !is_break(byte)
                    && (byte != b'\\' || quote == b'\'')
            });
            reading.value.push_str(part);
        }
    }
    reading.range = TextRange {
        start: narrow(start),
        end: narrow(cursor.at + 1),
    };
    Some(reading)
}

/// One escape sequence of a scalar in double quotes.
fn escape(cursor: &mut Cursor<'_>, reading: &mut Reading) -> Option<()> {
    let at = cursor.at;
    let letter = cursor.ahead(1)?;
    if is_break(letter) {
        cursor.at += 1;
        cursor.line_break();
        // empty lines after an escaped break stay
        loop {
            cursor.take(is_blank);
            if !cursor.peek().is_some_and(is_break) {
                return Some(());
            }
            reading.anchor(cursor.at);
            reading.value.push('\n');
            cursor.line_break();
        }
    }
    let digits = match letter {
        b'x' => 2,
        b'u' => 4,
        b'U' => 8,
        _ => 0,
    };
    let decoded = if digits > 0 {
        let code = cursor.text.get(at + 2..at + 2 + digits)?;
        char::from_u32(u32::from_str_radix(code, 16).ok()?)?
    } else {
        match letter {
            b'0' => '\0',
            b'a' => '\x07',
            b'b' => '\x08',
            b't' | b'\t' => '\t',
            b'n' => '\n',
            b'v' => '\x0b',
            b'f' => '\x0c',
            b'r' => '\r',
            b'e' => '\x1b',
            b' ' => ' ',
            b'"' => '"',
            b'/' => '/',
            b'\\' => '\\',
            b'N' => '\u{85}',
            b'_' => '\u{a0}',
            b'L' => '\u{2028}',
            b'P' => '\u{2029}',
            _ => return None,
        }
    };
    reading.anchor(at);
    reading.value.push(decoded);
    cursor.at = at + 2 + digits;
    Some(())
}

/// How far the lines of a block scalar are indented: its first line with content says so, or,
/// where the header has a digit, the place of the first content that the parser gave.
fn block_indent(text: &str, from: usize, explicit: bool, content: usize) -> Option<usize> {
    if explicit {
        let line = text.get(..content)?.rfind(['\n', '\r'])?;
        return (content > from).then(|| content - line - 1);
    }
    let mut cursor = Cursor { text, at: from };
    loop {
        let spaces = cursor.take(|byte| byte == b' ').len();
        if !cursor.peek().is_some_and(is_break) {
            return Some(spaces);
        }
        cursor.line_break();
    }
}

/// A block scalar whose header (`|`, `>-`, ...) stands at `header`; the parser says that its
/// content starts at `content`.
pub(super) fn block(text: &str, header: usize, content: usize) -> Option<Reading> {
    let bytes = text.as_bytes();
    let literal = match bytes.get(header)? {
        b'|' => true,
        b'>' => false,
        _ => return None,
    };
    let mut cursor = Cursor {
        text,
        at: header + 1,
    };
    let indicators = cursor.take(|byte| byte == b'+' || byte == b'-' || byte.is_ascii_digit());
    let keep = indicators.contains('+');
    let strip = indicators.contains('-');
    cursor.take(|byte| !is_break(byte));
    let mut reading = Reading::default();
    let header_end = cursor.at;
    if cursor.peek().is_some() {
        cursor.line_break();
    }
    let explicit = indicators.contains(|sign: char| sign.is_ascii_digit());
    let indent = block_indent(text, cursor.at, explicit, content)?;

    let mut end = header_end;
    // the break after the last line of content, and those of the empty lines after it, which
    // become something only once the next line is known
    let mut leading: Option<usize> = None;
    let mut trailing: Vec<usize> = Vec::new();
    let mut before_blank = false;
    loop {
        let mut spaces = 0;
        while spaces < indent && cursor.peek() == Some(b' ') {
            cursor.at += 1;
            spaces += 1;
        }
        match cursor.peek() {
            Some(byte) if is_break(byte) => {
                trailing.push(cursor.at);
                cursor.line_break();
                continue;
            }
            Some(_) if spaces == indent => {}
            _ => break,
        }
        if indent == 0 && is_document_marker(text, cursor.at) {
            break;
        }
        let blank = cursor.peek().is_some_and(is_blank);
        let folds = !literal && leading.is_some() && !before_blank && !blank;
        match leading.take() {
            Some(offset) if !folds => {
                reading.anchor(offset);
                reading.value.push('\n');
            }
            Some(offset) if trailing.is_empty() => {
                reading.anchor(offset);
                reading.value.push(' ');
            }
            _ => {}
        }
        for offset in trailing.drain(..) {
            reading.anchor(offset);
            reading.value.push('\n');
        }
        before_blank = blank;
        reading.anchor(cursor.at);
        reading.value.push_str(cursor.take(|byte| !is_break(byte)));
        end = cursor.at;
        if cursor.peek().is_none() {
            break;
        }
        leading = Some(cursor.at);
        cursor.line_break();
    }
    if !strip && let Some(offset) = leading {
        reading.anchor(offset);
        reading.value.push('\n');
        end = offset + 1;
    }
    if keep {
        for offset in trailing {
            reading.anchor(offset);
            reading.value.push('\n');
            end = offset + 1;
        }
    }
    reading.range = TextRange {
        start: narrow(header),
        end: narrow(end),
    };
    Some(reading)
}

/// Whether a line begins with `---` or `...` and ends or goes on with a blank there.
pub(super) fn is_document_marker(text: &str, at: usize) -> bool {
    let bytes = text.as_bytes();
    matches!(bytes.get(at..at + 3), Some(b"---" | b"..."))
        && bytes
            .get(at + 3)
            .is_none_or(|byte| is_blank(*byte) || is_break(*byte))
}
