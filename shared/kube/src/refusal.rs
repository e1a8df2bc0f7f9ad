//! What the API server answers where it does not create an object: status, message and causes.

use vapwright_cel::document::Node;

use crate::admit::Admitted;
use crate::kinds::Gvk;
use crate::path::{Path, Segment};
use crate::problem::Problem;
use crate::validate::{self, FieldError};

/// The API server's answer to an object that it does not create.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// The HTTP status: 400, 403 or 422.
    pub status: u16,
    /// The message.
    pub message: String,
    /// What is wrong, field by field; empty but for status 422.
    pub causes: Vec<Cause>,
}

/// What is wrong with a field.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cause {
    /// The field as the API server prints it.
    pub field: String,
    /// `FieldValueRequired` and the like.
    pub reason: String,
    /// `Required value`, without the field.
    pub message: String,
    /// Where the field, or the nearest above that is there, stands in the object.
    pub path: Path,
}

impl Refusal {
    /// The name that the API server has for the status: `Invalid`.
    #[must_use]
    pub const fn reason(&self) -> &'static str {
        match self.status {
            400 => "BadRequest",
            403 => "Forbidden",
            _ => "Invalid",
        }
    }
}

/// The refusal of an object that cannot be decoded, given what [`crate::schema::check`] found.
#[must_use]
pub fn undecodable(gvk: &Gvk, problems: &[Problem]) -> Option<Refusal> {
    // a value of a wrong type ends the decoding; fields that are not known are all told
    let wrong = problems.iter().find(|problem| problem.code == "wrong-type");
    let message = match wrong {
        Some(problem) => problem.message.clone(),
        None => {
            const HEAD: &str = "strict decoding error: ";
            let unknown = problems.iter().filter(|problem| problem.code == "unknown-field");
            let fields: Vec<&str> = unknown
                .filter_map(|problem| problem.message.strip_prefix(HEAD))
                .collect();
            if fields.is_empty() {
                return None;
            }
            format!("{HEAD}{}", fields.join(", "))
        }
    };
    let (kind, version) = (&gvk.kind, &gvk.version);
    let message = format!("{kind} in version \"{version}\" cannot be handled as a {kind}: {message}");
    Some(Refusal {
        status: 400,
        message,
        causes: Vec::new(),
    })
}

/// The refusal of an object that was admitted but is not valid. `privileged` is the API server's
/// flag `--allow-privileged`.
#[must_use]
pub fn invalid(gvk: &Gvk, admitted: &Admitted, privileged: bool) -> Option<Refusal> {
    if !admitted.typed {
        return None;
    }
    let errors = validate::validate(gvk, &admitted.node, privileged);
    let name = admitted.node.at(&["metadata", "name"]);
    let name = name.and_then(Node::as_str).unwrap_or_default();
    (!errors.is_empty()).then(|| Refusal {
        status: 422,
        message: validate::message(gvk, name, &errors),
        causes: errors
            .into_iter()
            .map(|error| cause(&admitted.node, error))
            .collect(),
    })
}

fn cause(object: &Node, error: FieldError) -> Cause {
    Cause {
        reason: error.kind.reason(),
        path: place(object, &error.path),
        field: error.field,
        message: error.body,
    }
}

/// Where a path of the API server's leads. Templates have labels and annotations in their
/// metadata, and errors do not say so.
fn place(object: &Node, path: &Path) -> Path {
    let mut found = Path::root();
    let mut node = Some(object);
    for segment in &path.0 {
        node = match segment {
            Segment::Index(index) => {
                found = found.index(*index);
                node.and_then(Node::as_list).and_then(|items| items.get(*index))
            }
            Segment::Field(name) => {
                let here = node.and_then(|node| node.get(name));
                let meta = node.and_then(|node| node.get("metadata"));
                let moved = here.is_none() && matches!(&**name, "labels" | "annotations");
                if moved && meta.is_some() {
                    found = found.field("metadata");
                }
                found = found.field(name);
                here.or_else(|| meta.filter(|_| moved)?.get(name))
            }
        };
    }
    found
}
