//! Places in the texts of a call.

use vapwright_kube::place::LineIndex;
use vapwright_kube::problem::TextRange;

use crate::wire::{Place, Position, SourceFile};

/// A text of a call, ready for many questions about places.
#[derive(Clone, Debug)]
pub struct Text<'t> {
    name: &'t str,
    text: &'t str,
    lines: LineIndex<'t>,
}

impl<'t> Text<'t> {
    /// Prepares a source.
    #[must_use]
    pub fn new(source: &'t SourceFile) -> Self {
        Self {
            name: &source.name,
            text: &source.text,
            lines: LineIndex::new(&source.text),
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

    fn position(&self, offset: u32) -> Position {
        let place = self.lines.place(offset);
        Position {
            line: place.line,
            column: place.column,
            utf16: self.lines.utf16(offset),
        }
    }
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
            let expected = Position {
                line,
                column,
                utf16,
            };
            assert_eq!(text.position(offset as u32), expected, "offset {offset}");
        };
        check(0, 1, 1, 0);
        check(source.text.find('é').unwrap(), 1, 4, 3);
        check(source.text.find('b').unwrap(), 2, 1, 5);
        check(source.text.find('x').unwrap(), 2, 5, 10);
        check(source.text.len(), 3, 1, 12);
    }
}
