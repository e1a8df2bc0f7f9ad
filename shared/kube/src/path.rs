//! Paths into documents, printed as Kubernetes prints field paths.

use std::fmt;
use std::sync::Arc;

/// One step of a path.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Segment {
    /// A field of a map.
    Field(Arc<str>),
    /// An item of a list.
    Index(usize),
}

/// A path into a document.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Path(pub Vec<Segment>);

impl Path {
    /// The document itself.
    #[must_use]
    pub const fn root() -> Self {
        Self(Vec::new())
    }

    /// The path of a field below.
    #[must_use]
    pub fn field(&self, name: &str) -> Self {
        self.fields(&[name])
    }

    /// The path of a chain of fields below.
    #[must_use]
    pub fn fields(&self, names: &[&str]) -> Self {
        let mut segments = Vec::with_capacity(self.0.len() + names.len());
        segments.extend_from_slice(&self.0);
        segments.extend(names.iter().map(|name| Segment::Field((*name).into())));
        Self(segments)
    }

    /// The path of an item below.
    #[must_use]
    pub fn index(&self, index: usize) -> Self {
        let mut segments = Vec::with_capacity(self.0.len() + 1);
        segments.extend_from_slice(&self.0);
        segments.push(Segment::Index(index));
        Self(segments)
    }

    /// The path above; `None` for the document itself.
    #[must_use]
    pub fn parent(&self) -> Option<Self> {
        let (_, above) = self.0.split_last()?;
        Some(Self(above.to_vec()))
    }
}

impl fmt::Display for Path {
    /// `spec.containers[0].image`, `metadata.labels[app.kubernetes.io/name]`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (position, segment) in self.0.iter().enumerate() {
            match segment {
                Segment::Index(index) => write!(f, "[{index}]")?,
                Segment::Field(name) if name.contains(['.', '/']) => write!(f, "[{name}]")?,
                Segment::Field(name) if position == 0 => f.write_str(name)?,
                Segment::Field(name) => write!(f, ".{name}")?,
            }
        }
        Ok(())
    }
}
