//! Problems of inputs: what is wrong, where, and the way out.

/// A range of byte offsets in the text of a file.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TextRange {
    /// The first byte.
    pub start: u32,
    /// One past the last byte.
    pub end: u32,
}

/// How bad a problem is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// The input cannot be used.
    Error,
    /// It can be used, but probably does not mean what was meant.
    Warning,
    /// Good to know.
    Note,
}

/// A problem with an input. Wording: lower case, no full stop, the user's text in backticks;
/// what Kubernetes prints is kept to the letter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// A stable code in kebab case, such as `yaml-syntax`.
    pub code: &'static str,
    /// How bad it is.
    pub severity: Severity,
    /// What is wrong.
    pub message: String,
    /// Where, in the text of the file it was found in.
    pub range: Option<TextRange>,
    /// The path in the document, empty where there is none.
    pub path: String,
    /// The way out, where we know one.
    pub help: Option<String>,
}

impl Problem {
    /// An error at a place.
    pub fn error(code: &'static str, message: impl Into<String>, range: Option<TextRange>) -> Self {
        Self {
            code,
            severity: Severity::Error,
            message: message.into(),
            range,
            path: String::new(),
            help: None,
        }
    }

    /// A warning at a place.
    pub fn warning(
        code: &'static str,
        message: impl Into<String>,
        range: Option<TextRange>,
    ) -> Self {
        Self {
            severity: Severity::Warning,
            ..Self::error(code, message, range)
        }
    }

    /// The same with a way out.
    #[must_use]
    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }

    /// The same with a path.
    #[must_use]
    pub fn at_path(mut self, path: &crate::path::Path) -> Self {
        self.path = path.to_string();
        self
    }
}
