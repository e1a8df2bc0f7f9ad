//! JSON files, with places; they may hold what YAML readers refuse, such as surrogate pairs.

use std::collections::BTreeMap;
use std::sync::Arc;

use vapwright_cel::document::{Fields, Node};

use crate::document::{Document, Places, ScalarText};
use crate::place::LineIndex;
use crate::problem::{Problem, TextRange};
use crate::yaml::{MAX_DEPTH, MAX_DOCUMENTS, Read, duplicate_key, max_nodes, range};

/// The documents of a text that is JSON from its start to its end; `None` for any other text.
pub(crate) fn documents(text: &str) -> Option<Read> {
    let mut reader = Reader {
        text,
        at: 0,
        nodes: 0,
        duplicates: Vec::new(),
    };
    let mut documents = Vec::new();
    reader.space();
    if !matches!(reader.peek(), Some(b'{' | b'[')) {
        return None;
    }
    while reader.peek().is_some() {
        let (node, places) = reader.value(0)?;
        if documents.len() >= MAX_DOCUMENTS {
            return None;
        }
        documents.push(Document { node, places });
        reader.space();
    }
    let mut problems: Vec<Problem> = Vec::new();
    if !reader.duplicates.is_empty() {
        let lines = LineIndex::new(text);
        for (key, first, second) in &reader.duplicates {
            problems.push(duplicate_key(&lines, key, *first, *second));
        }
    }
    Some(Read {
        documents,
        problems,
    })
}

struct Reader<'t> {
    text: &'t str,
    at: usize,
    nodes: usize,
    /// Keys that stand twice in a map: the key, its first and its second place.
    duplicates: Vec<(Arc<str>, TextRange, TextRange)>,
}

impl Reader<'_> {
    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    fn space(&mut self) {
        while matches!(self.peek(), Some(b' ' | b'\t' | b'\n' | b'\r')) {
            self.at += 1;
        }
    }

    fn take(&mut self, byte: u8) -> bool {
        let found = self.peek() == Some(byte);
        self.at += usize::from(found);
        found
    }

    fn digits(&mut self) -> bool {
        let start = self.at;
        while self.peek().is_some_and(|byte| byte.is_ascii_digit()) {
            self.at += 1;
        }
        self.at > start
    }

    /// A value; recursion ends at `MAX_DEPTH`.
    fn value(&mut self, depth: usize) -> Option<(Node, Places)> {
        self.nodes += 1;
        if self.nodes > max_nodes(self.text) || depth > MAX_DEPTH {
            return None;
        }
        self.space();
        let start = self.at;
        let mut scalar = None;
        let mut children = Vec::new();
        let node = match self.peek()? {
            b'{' => Node::Map(self.map(depth, &mut children)?),
            b'[' => Node::List(self.list(depth, &mut children)?),
            b'"' => {
                let (text, anchors) = self.string()?;
                scalar = ScalarText::new(&anchors);
                Node::string(text)
            }
            b't' => self.word("true", Node::Bool(true))?,
            b'f' => self.word("false", Node::Bool(false))?,
            b'n' => self.word("null", Node::Null)?,
            _ => self.number()?,
        };
        let places = Places {
            range: range(start, self.at),
            key: None,
            scalar,
            children,
        };
        Some((node, places))
    }

    fn word(&mut self, word: &str, node: Node) -> Option<Node> {
        let found = self.text.get(self.at..)?.starts_with(word);
        self.at += word.len();
        found.then_some(node)
    }

    fn number(&mut self) -> Option<Node> {
        let start = self.at;
        self.take(b'-');
        let leading_zero = self.peek() == Some(b'0');
        let whole = self.at;
        if !self.digits() || leading_zero && self.at > whole + 1 {
            return None;
        }
        if self.take(b'.') && !self.digits() {
            return None;
        }
        if self.take(b'e') || self.take(b'E') {
            let _ = self.take(b'+') || self.take(b'-');
            if !self.digits() {
                return None;
            }
        }
        let text = self.text.get(start..self.at)?;
        if let Ok(value) = text.parse() {
            return Some(Node::Int(value));
        }
        let value: f64 = text.parse().ok()?;
        value.is_finite().then_some(Node::Double(value))
    }

    fn list(&mut self, depth: usize, children: &mut Vec<Places>) -> Option<Vec<Node>> {
        self.at += 1;
        let mut items = Vec::new();
        self.space();
        if self.take(b']') {
            return Some(items);
        }
        loop {
            let (node, places) = self.value(depth + 1)?;
            items.push(node);
            children.push(places);
            self.space();
            if self.take(b']') {
                return Some(items);
            }
            if !self.take(b',') {
                return None;
            }
        }
    }

    fn map(&mut self, depth: usize, children: &mut Vec<Places>) -> Option<Fields> {
        self.at += 1;
        let mut fields = Fields::new();
        let mut index: BTreeMap<Arc<str>, usize> = BTreeMap::new();
        self.space();
        if self.take(b'}') {
            return Some(fields);
        }
        loop {
            self.space();
            let start = self.at;
            if self.peek() != Some(b'"') {
                return None;
            }
            let key: Arc<str> = self.string()?.0.into();
            let place = range(start, self.at);
            self.space();
            if !self.take(b':') {
                return None;
            }
            let (node, mut places) = self.value(depth + 1)?;
            places.key = Some(place);
            if let Some(slot) = index.get(&key).and_then(|at| children.get_mut(*at)) {
                let first = slot.key.unwrap_or_default();
                *slot = places;
                self.duplicates.push((key.clone(), first, place));
                fields.insert(key, node);
            } else {
                index.insert(key.clone(), children.len());
                fields.push(key, node);
                children.push(places);
            }
            self.space();
            if self.take(b'}') {
                return Some(fields);
            }
            if !self.take(b',') {
                return None;
            }
        }
    }

    /// A string, with how it lies in the text.
    fn string(&mut self) -> Option<(String, Vec<(u32, u32)>)> {
        self.at += 1;
        let mut value = String::new();
        let mut anchors = Vec::new();
        loop {
            let start = self.at;
            while self
                .peek()
                .is_some_and(|byte| byte >= b' ' && byte != b'"' && byte != b'\\')
            {
                self.at += 1;
            }
            let at = range(value.len(), start);
            anchors.push((at.start, u32::try_from(start).ok()?));
            value.push_str(self.text.get(start..self.at)?);
            if self.take(b'"') {
                return Some((value, anchors));
            }
            if self.peek()? != b'\\' {
                return None;
            }
            let at = range(value.len(), 0).start;
            anchors.push((at, u32::try_from(self.at).ok()?));
            value.push(self.escape()?);
        }
    }

    fn escape(&mut self) -> Option<char> {
        self.at += 1;
        let letter = self.peek()?;
        self.at += 1;
        Some(match letter {
            b'"' => '"',
            b'\\' => '\\',
            b'/' => '/',
            b'b' => '\x08',
            b'f' => '\x0c',
            b'n' => '\n',
            b'r' => '\r',
            b't' => '\t',
            b'u' => {
                let first = self.code()?;
                if (0xD800..0xDC00).contains(&first) {
                    if !(self.take(b'\\') && self.take(b'u')) {
                        return None;
                    }
                    char::decode_utf16([first, self.code()?]).next()?.ok()?
                } else {
                    char::from_u32(first.into())?
                }
            }
            _ => return None,
        })
    }

    fn code(&mut self) -> Option<u16> {
        let digits = self.text.get(self.at..self.at + 4)?;
        self.at += 4;
        digits
            .bytes()
            .all(|byte| byte.is_ascii_hexdigit())
            .then(|| u16::from_str_radix(digits, 16).ok())
            .flatten()
    }
}
