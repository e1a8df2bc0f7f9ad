//! YAML and JSON text into documents with places, as Kubernetes reads it.
//!
//! Scalars mean what sigs.k8s.io/yaml makes of them (YAML 1.1: `yes`, `0644`, `~`; numbers pass
//! through JSON), maps have text keys, the last of two equal keys wins (and is reported), and a
//! merge key `<<` sets what it merges where it stands.

mod build;
mod scalar;
mod text;
mod write;

use saphyr_parser::{Event, Parser, ScanError};

use crate::document::Document;
use crate::json;
use crate::place::LineIndex;
use crate::problem::{Problem, TextRange};
use build::Builder;
pub use write::{write, write_all};

/// The longest text that is read, in bytes.
pub const MAX_TEXT: usize = 40_000_000;
/// How deep maps and lists may be nested.
pub const MAX_DEPTH: usize = 128;
/// How many values any text may hold, those of aliases counted each time.
const MAX_NODES: usize = 500_000;
/// In a longer text there may be one more for so many bytes: objects have twelve to a value.
const BYTES_PER_NODE: usize = 8;
/// How many bytes of text the aliases of one text may repeat.
pub const MAX_ALIAS_BYTES: usize = 10_000_000;
/// How many documents one text may hold.
pub const MAX_DOCUMENTS: usize = 50_000;
/// After how many broken documents the rest of a text is left unread.
const MAX_BROKEN: usize = 20;

/// What a text held.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Read {
    /// The documents that could be read; those without content are left out.
    pub documents: Vec<Document>,
    /// What is wrong with the text, in its order.
    pub problems: Vec<Problem>,
}

/// How many values a text may hold, those of aliases counted each time.
pub(crate) const fn max_nodes(text: &str) -> usize {
    MAX_NODES + text.len() / BYTES_PER_NODE
}

/// A range of offsets.
pub(crate) fn range(start: usize, end: usize) -> TextRange {
    let narrow = |offset| u32::try_from(offset).unwrap_or(u32::MAX);
    TextRange {
        start: narrow(start),
        end: narrow(end.max(start)),
    }
}

/// A key that stands twice in one map.
pub(crate) fn duplicate_key(
    lines: &LineIndex<'_>,
    key: &str,
    first: TextRange,
    second: TextRange,
) -> Problem {
    let place = lines.place(first.start);
    let message = format!("key {key:?} already set in map");
    Problem::error("duplicate-key", message, Some(second)).help(format!(
        "the first stands at line {}, column {}; the last one counts",
        place.line, place.column
    ))
}

/// Reads a text of any number of documents.
///
/// A broken document is one problem; the documents before it, and those after the next line that
/// begins with `---`, are read all the same.
#[must_use]
pub fn read(text: &str) -> Read {
    let mut read = Read::default();
    if text.len() > MAX_TEXT {
        let message = format!(
            "the text is too long: {} bytes, at most {MAX_TEXT} are read",
            text.len()
        );
        read.problems
            .push(Problem::error("yaml-too-large", message, None));
        return read;
    }
    if let Some(read) = json::documents(text) {
        return read;
    }
    let places = LineIndex::new(text);
    let mut builder = Builder::new(text, &places);
    let mut base = 0;
    for _ in 0..MAX_BROKEN {
        let Err(broken) = read_from(text, base, &mut builder, &mut read.documents) else {
            break;
        };
        let at = broken.range.map_or(base, |range| range.start as usize);
        let next = next_separator(text, at, builder.document_start().max(base));
        let fatal = broken.code == build::TOO_MANY;
        builder.problems.push(broken);
        match next {
            Some(next) if !fatal => base = next,
            _ => break,
        }
    }
    read.problems = builder.problems;
    read.problems
        .sort_by_key(|problem| problem.range.unwrap_or_default().start);
    read.problems.dedup();
    read
}

/// Reads the documents of a text from an offset up to its end or the first broken one.
fn read_from(
    text: &str,
    base: usize,
    builder: &mut Builder<'_>,
    documents: &mut Vec<Document>,
) -> Result<(), Problem> {
    let rest = text.get(base..).unwrap_or_default();
    if let Some(offset) = control_character(rest) {
        let at = base + offset;
        let message = "control characters are not allowed";
        // the documents before it still are
        let before = text
            .get(..at)
            .and_then(|head| last_separator(head, base))
            .unwrap_or(base);
        if before > base {
            read_segment(text, base, before, builder, documents)?;
        }
        builder.begin(before);
        return Err(Problem::error(
            "yaml-syntax",
            message,
            Some(range(at, at + 1)),
        ));
    }
    read_segment(text, base, text.len(), builder, documents)
}

/// Reads the documents between two offsets.
fn read_segment(
    text: &str,
    base: usize,
    end: usize,
    builder: &mut Builder<'_>,
    documents: &mut Vec<Document>,
) -> Result<(), Problem> {
    let segment = text.get(base..end).unwrap_or_default();
    let index = LineIndex::new(segment);
    let offset = |position: usize| base + index.byte_of_char(position) as usize;
    builder.begin(base);
    for event in Parser::new_from_str(segment) {
        let (event, span) =
            event.map_err(|error| syntax(&error, offset(error.marker().index())))?;
        let start = offset(span.start.index());
        let span_end = if span.is_empty() {
            start
        } else {
            offset(span.end.index())
        };
        if matches!(event, Event::DocumentStart(_)) && documents.len() >= MAX_DOCUMENTS {
            return Err(Problem::error(
                build::TOO_MANY,
                format!("more than {MAX_DOCUMENTS} documents in one text"),
                Some(range(start, span_end)),
            ));
        }
        if let Some(document) = builder.event(event, start, span_end)? {
            documents.push(document);
        }
    }
    Ok(())
}

/// The problem of what the YAML parser could not read.
fn syntax(error: &ScanError, at: usize) -> Problem {
    if error.info() == "recursion limit exceeded" {
        return build::too_deep(at);
    }
    Problem::error("yaml-syntax", error.info(), Some(range(at, at + 1)))
}

/// The first character that YAML does not allow anywhere.
fn control_character(text: &str) -> Option<usize> {
    let plain = |byte| matches!(byte, b'\t' | b'\n' | b'\r' | b' '..=b'~');
    if text.bytes().all(plain) {
        return None;
    }
    text.char_indices()
        .find(|(_, character)| {
            !matches!(character,
                '\t' | '\n' | '\r' | ' '..='~' | '\u{85}' | '\u{a0}'..='\u{fffd}' | '\u{10000}'..)
        })
        .map(|(offset, _)| offset)
}

/// Whether the line at an offset is a document separator, as kubectl splits texts.
fn is_separator(text: &str, at: usize) -> bool {
    text.get(at..)
        .and_then(|line| line.strip_prefix("---"))
        .is_some_and(|rest| rest.is_empty() || rest.starts_with([' ', '\t', '\n', '\r']))
}

/// Where the first separator line stands that is after the start of the broken document and
/// not before the offset.
fn next_separator(text: &str, from: usize, document_start: usize) -> Option<usize> {
    let lines = text.match_indices('\n').map(|(offset, _)| offset + 1);
    lines
        .skip_while(|line| *line < from || *line <= document_start)
        .find(|line| is_separator(text, *line))
}

/// Where the last separator line of a text stands, after an offset.
fn last_separator(text: &str, after: usize) -> Option<usize> {
    text.rmatch_indices('\n')
        .map(|(offset, _)| offset + 1)
        .take_while(|line| *line > after)
        .find(|line| is_separator(text, *line))
}

#[cfg(test)]
mod tests;
