//! Lines, columns and UTF-16 offsets of byte offsets in a text.

use std::sync::OnceLock;

/// Where an offset stands, for people: line and column from 1, columns in code points.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Place {
    /// The line, from 1.
    pub line: u32,
    /// The column, from 1, in code points.
    pub column: u32,
}

/// How many bytes lie between two remembered counts.
const STRIDE: usize = 256;

/// An index over a text that answers many look-ups fast.
///
/// A line ends at `\n`, `\r\n` or a lone `\r`, as YAML has it.
#[derive(Clone, Debug)]
pub struct LineIndex<'t> {
    text: &'t str,
    /// Where each line starts, in bytes; found when first asked for.
    starts: OnceLock<Vec<u32>>,
    /// At each multiple of `STRIDE` bytes: code points and UTF-16 units that start before it.
    /// Empty for ASCII, where all counts are equal.
    counts: Vec<(u32, u32)>,
}

/// Whether a byte begins a code point.
const fn begins(byte: u8) -> bool {
    byte & 0xC0 != 0x80
}

/// How many UTF-16 units a code point has, by its first byte.
const fn units(byte: u8) -> u32 {
    if byte >= 0xF0 { 2 } else { 1 }
}

/// Code points and UTF-16 units that start in the bytes.
fn count(bytes: &[u8]) -> (u32, u32) {
    bytes
        .iter()
        .filter(|byte| begins(**byte))
        .fold((0, 0), |(points, utf16), byte| {
            (points + 1, utf16 + units(*byte))
        })
}

/// An offset as it is kept; texts are far below 4 GiB.
fn narrow(offset: usize) -> u32 {
    u32::try_from(offset).unwrap_or(u32::MAX)
}

impl<'t> LineIndex<'t> {
    /// Reads a text once.
    #[must_use]
    pub fn new(text: &'t str) -> Self {
        let bytes = text.as_bytes();
        let mut counts = Vec::new();
        if !text.is_ascii() {
            let mut total = (0, 0);
            for chunk in bytes.chunks(STRIDE) {
                counts.push(total);
                let (points, utf16) = count(chunk);
                total = (total.0 + points, total.1 + utf16);
            }
            counts.push(total);
        }
        Self {
            text,
            starts: OnceLock::new(),
            counts,
        }
    }

    fn starts(&self) -> &[u32] {
        self.starts.get_or_init(|| {
            let bytes = self.text.as_bytes();
            let mut starts = vec![0];
            for (offset, byte) in bytes.iter().enumerate() {
                let ends = match byte {
                    b'\n' => true,
                    b'\r' => bytes.get(offset + 1) != Some(&b'\n'),
                    _ => false,
                };
                if ends {
                    starts.push(narrow(offset + 1));
                }
            }
            starts
        })
    }

    /// Code points and UTF-16 units before a byte offset.
    fn before(&self, offset: u32) -> (u32, u32) {
        let offset = offset.min(narrow(self.text.len()));
        if self.counts.is_empty() {
            return (offset, offset);
        }
        let chunk = offset as usize / STRIDE;
        let (points, utf16) = self.counts.get(chunk).copied().unwrap_or_default();
        let rest = self.text.as_bytes().get(chunk * STRIDE..offset as usize);
        let (more_points, more_utf16) = count(rest.unwrap_or_default());
        (points + more_points, utf16 + more_utf16)
    }

    /// Line and column of a byte offset; past the end, those of the end.
    #[must_use]
    pub fn place(&self, offset: u32) -> Place {
        let offset = offset.min(narrow(self.text.len()));
        let line = self.starts().partition_point(|start| *start <= offset);
        let start = line
            .checked_sub(1)
            .and_then(|index| self.starts().get(index))
            .copied()
            .unwrap_or(0);
        Place {
            line: narrow(line),
            column: self.before(offset).0 - self.before(start).0 + 1,
        }
    }

    /// The UTF-16 offset of a byte offset, as browsers count.
    #[must_use]
    pub fn utf16(&self, offset: u32) -> u32 {
        self.before(offset).1
    }

    /// The byte offset of a code point, given by its index in the text.
    #[must_use]
    pub fn byte_of_char(&self, index: usize) -> u32 {
        if self.counts.is_empty() {
            return narrow(index.min(self.text.len()));
        }
        let wanted = narrow(index);
        let chunk = self
            .counts
            .partition_point(|(points, _)| *points <= wanted)
            .saturating_sub(1);
        let seen = self.counts.get(chunk).map_or(0, |(points, _)| *points);
        let start = chunk * STRIDE;
        let rest = self.text.as_bytes().get(start..).unwrap_or_default();
        rest.iter()
            .enumerate()
            .filter(|(_, byte)| begins(**byte))
            .nth((wanted - seen) as usize)
            .map_or(narrow(self.text.len()), |(offset, _)| {
                narrow(start + offset)
            })
    }

    /// The byte offset where a line (from 1) starts.
    #[must_use]
    pub fn line_start(&self, line: u32) -> Option<u32> {
        self.starts().get((line as usize).checked_sub(1)?).copied()
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::string_slice)]

    use super::{LineIndex, Place};

    /// Counted the slow way.
    fn slow(text: &str, offset: usize) -> (Place, u32) {
        let head = &text[..offset];
        let lines = head.replace("\r\n", "\n").replace('\r', "\n");
        // an offset between \r and \n is still on the line they end
        let split = head.ends_with('\r') && text[offset..].starts_with('\n');
        let lines = if split {
            lines.strip_suffix('\n').unwrap().to_owned() + "\r"
        } else {
            lines
        };
        let line = lines.matches('\n').count() + 1;
        let column = lines.rsplit('\n').next().unwrap().chars().count() + 1;
        let place = Place {
            line: line as u32,
            column: column as u32,
        };
        (place, head.encode_utf16().count() as u32)
    }

    #[test]
    fn every_offset_of_a_text() {
        let long = "ä😀b\r\nc\rd\n".repeat(200);
        for text in ["", "abc", "a\nb\r\nc\rd", "ä\n😀x", &long] {
            let index = LineIndex::new(text);
            for (position, (offset, _)) in text.char_indices().enumerate() {
                let (place, utf16) = slow(text, offset);
                assert_eq!(index.place(offset as u32), place, "{offset} of {text:?}");
                assert_eq!(index.utf16(offset as u32), utf16, "{offset} of {text:?}");
                assert_eq!(index.byte_of_char(position), offset as u32);
            }
            assert_eq!(index.byte_of_char(usize::MAX / 2), text.len() as u32);
            assert_eq!(index.place(u32::MAX), slow(text, text.len()).0);
        }
    }
}
