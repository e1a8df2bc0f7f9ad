//! What the API server answers where it does not create an object: status, message and causes.

use std::borrow::Cow;

use vapwright_cel::document::Node;
use vapwright_cel::value::go::quote;

use crate::admit::{Admitted, GENERATED, Settings, identify_job, plugins};
use crate::kinds::{Gvk, resource_of};
use crate::path::{Path, Segment};
use crate::problem::Problem;
use crate::validate::read::Read as _;
use crate::validate::{self, FieldError};

/// The API server's answer to an object that it does not create.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// The HTTP status: 400, 403, 404 or 422.
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
            404 => "NotFound",
            _ => "Invalid",
        }
    }
}

/// The refusal of an object that cannot be decoded, given what [`crate::schema::check`] found.
#[must_use]
pub fn undecodable(gvk: &Gvk, problems: &[Problem]) -> Option<Refusal> {
    if problems.iter().any(|problem| problem.code == "not-served") {
        return Some(Refusal {
            status: 404,
            message: "the server could not find the requested resource".to_owned(),
            causes: Vec::new(),
        });
    }
    // a value of a wrong type ends the decoding; fields that are not known are all told
    let wrong = problems.iter().find(|problem| problem.code == "wrong-type");
    let message = match wrong {
        Some(problem) => problem.message.clone(),
        None => {
            const HEAD: &str = "strict decoding error: ";
            let unknown = problems
                .iter()
                .filter(|problem| problem.code == "unknown-field");
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
    let message =
        format!("{kind} in version \"{version}\" cannot be handled as a {kind}: {message}");
    Some(Refusal {
        status: 400,
        message,
        causes: Vec::new(),
    })
}

/// The refusal of an object by what comes after decoding and before admission policies:
/// admission plugins that change objects, validation, and plugins that only look.
#[must_use]
pub fn refused(gvk: &Gvk, admitted: &Admitted, settings: &Settings) -> Option<Refusal> {
    if !admitted.typed {
        return None;
    }
    let meta = admitted.node.get("metadata");
    let name = meta.text("name");
    if let Some(reason) = &admitted.forbidden {
        // the name is only generated afterwards
        let generate = meta.text("generateName");
        let given = !name.is_empty() && name.strip_prefix(generate) != Some(GENERATED);
        return Some(forbidden(gvk, if given { name } else { generate }, reason));
    }
    let mut object = Cow::Borrowed(&admitted.node);
    for (path, node) in &admitted.empty {
        restore(object.to_mut(), path, node);
    }
    if gvk.group == "batch" && gvk.kind == "Job" {
        identify(object.to_mut(), admitted);
    }
    let errors = match settings.definitions.find(gvk) {
        Some(kind) => kind.validate(&object),
        None => validate::validate(gvk, &object, admitted.namespaced, settings.privileged),
    };
    if !errors.is_empty() {
        return Some(invalid(gvk, &admitted.node, &errors));
    }
    let is_pod = gvk.group.is_empty() && gvk.kind == "Pod";
    let reason = is_pod.then(|| plugins::validate(&object, settings).err())??;
    Some(forbidden(gvk, name, &reason))
}

/// The refusal of an object that replaces another, and what the API server warns of. What an update
/// may change is looked at of custom objects only.
#[must_use]
pub fn refused_update(
    gvk: &Gvk,
    object: &Node,
    old: &Node,
    settings: &Settings,
) -> (Option<Refusal>, Vec<String>) {
    let (errors, warnings) = settings.definitions.validate_update(object, old);
    let refusal = (!errors.is_empty()).then(|| invalid(gvk, object, &errors));
    (refusal, warnings)
}

fn invalid(gvk: &Gvk, object: &Node, errors: &[FieldError]) -> Refusal {
    Refusal {
        status: 422,
        message: validate::message(gvk, object.get("metadata").text("name"), errors),
        causes: errors.iter().map(|error| cause(object, error)).collect(),
    }
}

/// Gives a Job that was admitted without an identity one: its selector is made of it.
fn identify(job: &mut Node, admitted: &Admitted) {
    const NOBODY: &str = "00000000-0000-0000-0000-000000000000";
    if !job.get("metadata").has("uid")
        && let Node::Map(fields) = job
    {
        if let Some(Node::Map(meta)) = fields.get_mut("metadata") {
            meta.insert("uid", Node::string(NOBODY));
        }
        identify_job(fields, NOBODY, admitted.shared_labels);
    }
}

/// Puts an empty list or map back to where nothing is.
fn restore(object: &mut Node, path: &Path, node: &Node) {
    let Some((Segment::Field(name), above)) = path.0.split_last() else {
        return;
    };
    let holder = above
        .iter()
        .try_fold(object, |holder, segment| match (segment, holder) {
            (Segment::Field(name), Node::Map(fields)) => fields.get_mut(name),
            (Segment::Index(index), Node::List(items)) => items.get_mut(*index),
            _ => None,
        });
    if let Some(Node::Map(fields)) = holder
        && fields.get(name).is_none_or(Node::is_null)
    {
        fields.insert(name.clone(), node.clone());
    }
}

fn cause(object: &Node, error: &FieldError) -> Cause {
    Cause {
        reason: error.kind.reason(),
        path: place(object, &error.path),
        field: error.field.clone(),
        message: error.body.clone(),
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
                node.and_then(Node::as_list)
                    .and_then(|items| items.get(*index))
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

/// A plugin's refusal: `pods "x" is forbidden: ...`.
fn forbidden(gvk: &Gvk, name: &str, reason: &str) -> Refusal {
    let name = if name.is_empty() { "Unknown" } else { name };
    let dot = if gvk.group.is_empty() { "" } else { "." };
    let (resource, group) = (resource_of(gvk), &gvk.group);
    Refusal {
        status: 403,
        message: format!(
            "{resource}{dot}{group} {} is forbidden: {reason}",
            quote(name)
        ),
        causes: Vec::new(),
    }
}
