//! The two kinds of input of `check`, `evaluate` and `case`: a text as it is, or bytes of which
//! an expression and a document are made.

use arbitrary::{Result, Unstructured};
use vapwright_cel::document::Node;

use crate::{document, expression};

/// The first byte of an input that is a text: seeds are of this kind.
pub const TEXT: u8 = 1;

/// An expression, and what it reads.
#[derive(Debug)]
pub struct Input {
    /// The expression.
    pub text: String,
    /// `object` and `params`.
    pub object: Node,
    /// `oldObject`
    pub old_object: Node,
    /// Anything: a limit, a version.
    pub choice: u16,
}

impl Input {
    /// What the bytes say.
    ///
    /// # Errors
    /// They are too few, or no UTF-8.
    pub fn read(bytes: &[u8]) -> Result<Self> {
        if let Some((&TEXT, text)) = bytes.split_first() {
            let mut usual = Unstructured::new(&[]);
            return Ok(Self {
                text: str::from_utf8(text)
                    .map_err(|_| arbitrary::Error::IncorrectFormat)?
                    .to_owned(),
                object: document::object(&mut usual)?,
                old_object: Node::Null,
                choice: u16::try_from(text.len()).unwrap_or_default(),
            });
        }
        let mut u = Unstructured::new(bytes.get(1..).unwrap_or_default());
        Ok(Self {
            choice: u.arbitrary()?,
            object: document::object(&mut u)?,
            old_object: if u.ratio(1, 4)? {
                document::object(&mut u)?
            } else {
                Node::Null
            },
            text: expression::expression(&mut u)?,
        })
    }
}
