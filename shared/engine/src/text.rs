//! Positions in a text, found by byte offset.

use vapwright_kube::problem::TextRange;

use crate::wire::{Place, Position, SourceFile};

/// How many lines or bytes are scanned at most between two known positions.
const STEP: usize = 4096;

/// A text with the positions that make finding others quick.
#[derive(Debug)]
pub struct Text<'t> {
    name: &'t str,
    text: &'t str,
    /// Known positions, rising, at most [`STEP`] bytes and a character apart.
    known: Vec<Known>,
}

#[derive(Clone, Copy, Debug)]
struct Known {
    offset: usize,
    position: Position,
}

impl<'t> Text<'t> {
    /// Prepares a source.
    #[must_use]
    pub fn new(source: &'t SourceFile) -> Self {
        let mut known = vec![Known {
            offset: 0,
            position: Position {
                line: 1,
                column: 1,
                utf16: 0,
            },
        }];
        let mut last = 0;
        let mut position = Position {
            line: 1,
            column: 1,
            utf16: 0,
        };
        for (offset, character) in source.text.char_indices() {
            if offset - last >= STEP {
                known.push(Known { offset, position });
                last = offset;
            }
            step(&mut position, character);
        }
        Self {
            name: &source.name,
            text: &source.text,
            known,
        }
    }

    /// The text itself.
    #[must_use]
    pub const fn text(&self) -> &'t str {
        self.text
    }

    /// The name of the source.
    #[must_use]
    pub const fn name(&self) -> &'t str {
        self.name
    }

    /// The position of a byte offset; one past the end for offsets beyond.
    #[must_use]
    pub fn position(&self, offset: u32) -> Position {
        let offset = offset as usize;
        let index = self.known.partition_point(|known| known.offset <= offset);
        let Some(known) = index.checked_sub(1).and_then(|index| self.known.get(index)) else {
            return Position {
                line: 1,
                column: 1,
                utf16: 0,
            };
        };
        let mut position = known.position;
        let rest = self.text.get(known.offset..).unwrap_or_default();
        for (at, character) in rest.char_indices() {
            if known.offset + at >= offset {
                break;
            }
            step(&mut position, character);
        }
        position
    }

    /// The place of a range.
    #[must_use]
    pub fn place(&self, range: TextRange, path: String) -> Place {
        Place {
            file: self.name.to_owned(),
            start: self.position(range.start),
            end: self.position(range.end.max(range.start)),
            path,
        }
    }
}

fn step(position: &mut Position, character: char) {
    if character == '\n' {
        position.line += 1;
        position.column = 1;
    } else {
        position.column += 1;
    }
    position.utf16 += character.len_utf16() as u32;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn positions_count_code_points_and_utf16_units() {
        let source = SourceFile {
            name: "a.yaml".to_owned(),
            text: "a: é\nb: 😀x\n".to_owned(),
        };
        let text = Text::new(&source);
        let check = |offset: usize, line, column, utf16| {
            assert_eq!(
                text.position(offset as u32),
                Position {
                    line,
                    column,
                    utf16
                },
                "offset {offset}"
            );
        };
        check(0, 1, 1, 0);
        check(source.text.find('é').unwrap(), 1, 4, 3);
        check(source.text.find('b').unwrap(), 2, 1, 5);
        check(source.text.find('x').unwrap(), 2, 5, 10);
        check(source.text.len(), 3, 1, 12);
        check(source.text.len() + 100, 3, 1, 12);
    }

    #[test]
    fn positions_far_into_a_long_line_are_found() {
        let source = SourceFile {
            name: "long".to_owned(),
            text: format!("{}x", "é".repeat(10_000)),
        };
        let position = Text::new(&source).position(20_000);
        assert_eq!(
            (position.line, position.column, position.utf16),
            (1, 10_001, 10_000)
        );
    }
}
