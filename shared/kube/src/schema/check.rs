//! What the API server's strict decoding finds wrong with an object, in its words.

use vapwright_cel::document::Node;
use vapwright_cel::value::number::format_json;

use super::{Field, Form, Schema, Type, built_in, object_meta};
use crate::document::{Document, Places};
use crate::kinds::Gvk;
use crate::path::Path;
use crate::problem::{Problem, TextRange};

/// What strict decoding into the built-in kinds finds wrong with an object.
///
/// Custom resources are not checked: their schemas are their cluster's.
#[must_use]
pub fn check(document: &Document) -> Vec<Problem> {
    check_with(built_in(), document)
}

/// What strict decoding into the kinds of a schema finds wrong with an object.
#[must_use]
pub fn check_with(schema: &Schema, document: &Document) -> Vec<Problem> {
    let missing = |key: &str| {
        document
            .node
            .get(key)
            .and_then(Node::as_str)
            .is_none_or(str::is_empty)
    };
    for (key, name) in [("kind", "Kind"), ("apiVersion", "apiVersion")] {
        if missing(key) {
            let json: String = crate::json::write(&document.node)
                .chars()
                .take(200)
                .collect();
            let message = format!("Object '{name}' is missing in '{json}'");
            let first = TextRange {
                start: document.places.range.start,
                end: document.places.range.start,
            };
            return vec![Problem::error("object-kind", message, Some(first))];
        }
    }
    let Some(gvk) = Gvk::of(&document.node) else {
        return Vec::new();
    };
    let Some(kind) = schema.kind(&gvk) else {
        return unknown_kind(schema, &gvk, document);
    };
    let Some(object) = kind.object.and_then(|id| schema.get(id)) else {
        return Vec::new();
    };
    let mut checker = Checker {
        schema,
        problems: Vec::new(),
        ended: false,
    };
    let root = Path::root();
    let at = At {
        above: None,
        step: Step::Start(&root),
        holder: object,
    };
    checker.fields(object, &document.node, &document.places, &at);
    checker.problems
}

/// Whether a problem is one that ends decoding: a value of a wrong type.
pub(crate) fn is_wrong(problem: &Problem) -> bool {
    problem.code == "wrong-type"
}

/// What strict decoding finds wrong with the metadata at a path of a custom object, which is decoded
/// by itself: fields in the order of their names.
pub(crate) fn check_metadata(document: &Document, path: &Path) -> Vec<Problem> {
    let schema = built_in();
    let (Some(object), Some((node, places))) = (object_meta(schema), document.find(path)) else {
        return Vec::new();
    };
    let mut checker = Checker {
        schema,
        problems: Vec::new(),
        ended: false,
    };
    let at = At {
        above: None,
        step: Step::Start(path),
        holder: object,
    };
    match node {
        Node::Map(_) => checker.fields(object, node, places, &at),
        Node::Null => {}
        other => {
            let found = found(other);
            let message =
                format!("json: cannot unmarshal {found} into Go value of type v1.ObjectMeta");
            checker.problem(message, places, &at);
        }
    }
    if !checker.ended {
        checker
            .problems
            .sort_by(|one, other| one.path.cmp(&other.path));
    }
    checker.problems
}

/// What JSON calls a value.
fn found(node: &Node) -> &'static str {
    match node {
        Node::Null => "null",
        Node::Bool(_) => "bool",
        Node::String(_) => "string",
        Node::List(_) => "array",
        Node::Map(_) => "object",
        Node::Int(_) | Node::Double(_) => "number",
    }
}

/// A kind that is not in a group that is: a word mistyped, or a version no longer served.
fn unknown_kind(schema: &Schema, gvk: &Gvk, document: &Document) -> Vec<Problem> {
    if !schema.has_group(&gvk.group) {
        return Vec::new();
    }
    let version = gvk.api_version();
    let message = format!("no matches for kind {:?} in version {version:?}", gvk.kind);
    let range = document.range(&Path::root().field("kind"));
    let problem = Problem::error("unknown-kind", message, Some(range));
    let served = schema
        .kinds
        .iter()
        .find(|kind| kind.gvk.kind == gvk.kind && !kind.resource.is_empty());
    let names = schema
        .kinds
        .iter()
        .filter(|kind| kind.gvk.group == gvk.group && kind.gvk.version == gvk.version)
        .map(|kind| kind.gvk.kind.as_str());
    vec![match (served, nearest(&gvk.kind, names)) {
        (Some(kind), _) => problem.help(format!(
            "Kubernetes {} has this kind in `{}`",
            schema.version,
            kind.gvk.api_version()
        )),
        (None, Some(name)) => problem.help(format!("did you mean `{name}`?")),
        (None, None) => problem,
    }]
}

/// Where the checker is. Paths are made where something is wrong: most objects are right.
struct At<'a, 's> {
    /// The object that this is in; none for what is decoded by itself.
    above: Option<&'a At<'a, 's>>,
    /// The way from there.
    step: Step<'a>,
    /// The struct that holds the value.
    holder: &'s Type,
}

/// A step from an object to what is in it.
enum Step<'a> {
    /// None: where in the document that is which is decoded by itself.
    Start(&'a Path),
    /// A field of a struct, and the embedded struct that Go has it in.
    Field(&'a str, Option<&'a str>),
    /// An entry of a map.
    Key(&'a str),
    /// An item of a list.
    Index(usize),
}

impl<'a, 's> At<'a, 's> {
    fn below(&'a self, step: Step<'a>, holder: &'s Type) -> At<'a, 's> {
        At {
            above: Some(self),
            step,
            holder,
        }
    }

    fn path(&self) -> Path {
        let above = || self.above.map_or_else(Path::root, At::path);
        match self.step {
            Step::Start(path) => path.clone(),
            Step::Field(name, _) | Step::Key(name) => above().field(name),
            Step::Index(index) => above().index(index),
        }
    }

    /// The path as strict decoding prints it.
    fn written(&self) -> String {
        let above = || self.above.map_or_else(String::new, At::written);
        match self.step {
            Step::Start(path) => path.to_string(),
            Step::Field(name, _) | Step::Key(name) => dotted(&above(), name),
            Step::Index(index) => format!("{}[{index}]", above()),
        }
    }

    /// The path as type errors print it: field names and embedded structs, no indices.
    fn go(&self) -> String {
        let Some(above) = self.above else {
            return String::new();
        };
        match self.step {
            Step::Field(name, Some(embedded)) => dotted(&dotted(&above.go(), embedded), name),
            Step::Field(name, None) => dotted(&above.go(), name),
            Step::Start(_) => String::new(),
            Step::Key(_) | Step::Index(_) => above.go(),
        }
    }
}

fn dotted(path: &str, name: &str) -> String {
    if path.is_empty() {
        name.to_owned()
    } else {
        format!("{path}.{name}")
    }
}

struct Checker<'s> {
    schema: &'s Schema,
    problems: Vec<Problem>,
    /// Whether the first problem is one that ends the decoding.
    ended: bool,
}

impl<'s> Checker<'s> {
    /// The fields of a struct; recursion goes no deeper than the document does.
    fn fields(&mut self, object: &'s Type, node: &Node, places: &Places, at: &At<'_, 's>) {
        let Node::Map(fields) = node else { return };
        for ((name, node), places) in fields.iter().zip(&places.children) {
            let Some(field) = object.field(name) else {
                self.unknown(object, name, places, &at.below(Step::Key(name), object));
                continue;
            };
            let step = Step::Field(name, field.embedded.as_deref());
            let at = at.below(step, object);
            self.value(&field.form, field, node, places, &at, 0);
        }
    }

    fn unknown(&mut self, object: &Type, name: &str, places: &Places, at: &At<'_, '_>) {
        let written = at.written();
        let message = format!("strict decoding error: unknown field {written:?}");
        let range = places.key.unwrap_or(places.range);
        let problem = Problem::error("unknown-field", message, Some(range)).at_path(&at.path());
        let names = object.fields.iter().map(|field| field.name.as_str());
        self.problems.push(match nearest(name, names) {
            Some(near) => problem.help(format!("did you mean `{near}`?")),
            None => problem,
        });
    }

    fn value(
        &mut self,
        form: &'s Form,
        field: &'s Field,
        node: &Node,
        places: &Places,
        at: &At<'_, 's>,
        inner: usize,
    ) {
        match (form, node) {
            (_, Node::Null) | (Form::Any, _) => {}
            (Form::Struct(id), Node::Map(_)) => {
                if let Some(object) = self.schema.get(*id) {
                    self.fields(object, node, places, at);
                }
            }
            (Form::List(items, _), Node::List(nodes)) => {
                for (index, (node, places)) in nodes.iter().zip(&places.children).enumerate() {
                    let at = at.below(Step::Index(index), at.holder);
                    self.value(items, field, node, places, &at, inner + 1);
                }
            }
            (Form::Map(values), Node::Map(fields)) => {
                for ((key, node), places) in fields.iter().zip(&places.children) {
                    let at = at.below(Step::Key(key), at.holder);
                    self.value(values, field, node, places, &at, inner + 1);
                }
            }
            (Form::Quantity, node) => self.quantity(node, places, at),
            (Form::Time | Form::MicroTime, Node::String(text)) => {
                if let Some(message) = super::time::error(text, *form == Form::MicroTime) {
                    self.ending(message, places, at);
                }
            }
            (Form::Bytes, Node::String(text)) => {
                if let Some(offset) = base64_error(text) {
                    let message = format!("illegal base64 data at input byte {offset}");
                    self.problem(message, places, at);
                }
            }
            // Go reads bytes from a list of numbers, too
            (Form::Bytes, Node::List(items))
                if items
                    .iter()
                    .all(|item| matches!(item, Node::Int(0..=255) | Node::Null)) => {}
            _ if fits(form, node) => {}
            _ => self.wrong_type(form, field, node, places, at, inner),
        }
    }

    fn problem(&mut self, message: String, places: &Places, at: &At<'_, '_>) {
        let problem = Problem::error("wrong-type", message, Some(places.range));
        self.problems.push(problem.at_path(&at.path()));
    }

    /// A problem that ends the decoding, whatever was found before: one of a type that reads
    /// itself.
    fn ending(&mut self, message: String, places: &Places, at: &At<'_, '_>) {
        let problem = Problem::error("wrong-type", message, Some(places.range));
        self.end(problem.at_path(&at.path()));
    }

    fn end(&mut self, problem: Problem) {
        let index = if self.ended { self.problems.len() } else { 0 };
        self.problems.insert(index, problem);
        self.ended = true;
    }

    fn quantity(&mut self, node: &Node, places: &Places, at: &At<'_, '_>) {
        let fits = match node {
            Node::String(text) => crate::quantity::Quantity::parse(text).is_ok(),
            Node::Int(_) | Node::Double(_) => true,
            _ => false,
        };
        if !fits {
            let text = node.as_str().unwrap_or("{}");
            let message = crate::quantity::Quantity::parse(text)
                .err()
                .unwrap_or(crate::quantity::FORM_ERROR);
            self.ending(message.to_owned(), places, at);
        }
    }

    fn wrong_type(
        &mut self,
        form: &Form,
        field: &Field,
        node: &Node,
        places: &Places,
        at: &At<'_, '_>,
        inner: usize,
    ) {
        let found = match node {
            // a number is shown where a number is wanted
            Node::Int(value) if is_integer(form) => format!("number {value}"),
            // what was typed as `1.0` is sent so
            Node::Double(value) if is_integer(form) && value.abs() < 1e16 => {
                format!("number {value:?}")
            }
            Node::Double(value) if is_integer(form) => format!("number {}", format_json(*value)),
            other => found(other).to_owned(),
        };
        let wanted = self.go_type(form, field, inner, at.holder.package());
        let message = format!(
            "json: cannot unmarshal {found} into Go struct field {}.{} of type {wanted}",
            at.holder.short_name(),
            at.go()
        );
        let mut problem =
            Problem::error("wrong-type", message, Some(places.range)).at_path(&at.path());
        if *form == Form::String && matches!(node, Node::Int(_) | Node::Double(_) | Node::Bool(_)) {
            problem = problem.help("put the value in quotes");
        } else if let Node::String(text) = node
            && (is_integer(form) && text.parse::<i64>().is_ok()
                || *form == Form::Bool && matches!(&**text, "true" | "false"))
        {
            problem = problem.help("leave the quotes out");
        }
        if matches!(form, Form::IntOrString | Form::Time | Form::MicroTime) {
            self.end(problem);
        } else {
            self.problems.push(problem);
        }
    }

    /// The name Go has for the type of a form.
    fn go_type(&self, form: &Form, field: &Field, inner: usize, package: &str) -> String {
        let named = field.named.as_deref().map(|name| {
            if name.contains('.') {
                name.to_owned()
            } else {
                format!("{package}.{name}")
            }
        });
        match form {
            Form::String => named.unwrap_or_else(|| "string".into()),
            Form::Bool => "bool".into(),
            Form::Int32 | Form::IntOrString => "int32".into(),
            Form::Int64 => named.unwrap_or_else(|| "int64".into()),
            Form::Double => "float64".into(),
            Form::Bytes => "[]uint8".into(),
            Form::Time | Form::MicroTime => "string".into(),
            Form::Quantity => "resource.Quantity".into(),
            Form::Any => "interface {}".into(),
            Form::Struct(id) => self
                .schema
                .get(*id)
                .map_or_else(String::new, |object| object.name.clone()),
            Form::List(items, _) => format!("[]{}", self.item_type(items, field, inner, package)),
            Form::Map(values) if inner == 0 => named.unwrap_or_else(|| {
                format!("map[string]{}", self.item_type(values, field, 0, package))
            }),
            Form::Map(values) => format!(
                "map[string]{}",
                self.item_type(values, field, inner, package)
            ),
        }
    }

    /// The same of an item in a list or map: a type that reads itself goes by its own name.
    fn item_type(&self, form: &Form, field: &Field, inner: usize, package: &str) -> String {
        match form {
            Form::IntOrString => "intstr.IntOrString".into(),
            Form::Time => "v1.Time".into(),
            Form::MicroTime => "v1.MicroTime".into(),
            form => self.go_type(form, field, inner + 1, package),
        }
    }
}

const fn is_integer(form: &Form) -> bool {
    matches!(form, Form::Int32 | Form::Int64 | Form::IntOrString)
}

/// Whether a scalar is of a form.
fn fits(form: &Form, node: &Node) -> bool {
    match (form, node) {
        (Form::String | Form::Time | Form::MicroTime | Form::IntOrString, Node::String(_))
        | (Form::Bool, Node::Bool(_))
        | (Form::Double, Node::Int(_) | Node::Double(_))
        | (Form::Int64, Node::Int(_)) => true,
        (Form::Int32 | Form::IntOrString, Node::Int(value)) => i32::try_from(*value).is_ok(),
        _ => false,
    }
}

/// Where a text stops to be base64 as Go's standard encoding reads it (line breaks are skipped).
pub(crate) fn base64_error(text: &str) -> Option<usize> {
    let mut count = 0usize;
    let mut padding = 0usize;
    for (offset, byte) in text.bytes().enumerate() {
        match byte {
            b'\n' | b'\r' => {}
            b'=' if padding > 0 && (count + padding).is_multiple_of(4) => return Some(offset),
            b'=' if count % 4 < 2 => return Some(offset),
            b'=' => padding += 1,
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'+' | b'/' if padding == 0 => count += 1,
            _ => return Some(offset),
        }
    }
    // Go points at the start of the unfinished group
    let rest = (count + padding) % 4;
    (rest != 0).then(|| text.len() - rest)
}

/// The name among others that is nearest to a mistyped one.
pub(crate) fn nearest<'n>(name: &str, names: impl Iterator<Item = &'n str>) -> Option<&'n str> {
    let lower = name.to_lowercase();
    let most = match name.len() {
        0..=3 => 1,
        4..=7 => 2,
        _ => 3,
    };
    if name.len() > 100 {
        return None;
    }
    names
        .map(|candidate| (distance(&lower, &candidate.to_lowercase()), candidate))
        .filter(|(distance, _)| *distance <= most)
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, candidate)| candidate)
}

/// How many letters must change, two swapped neighbours counted as one.
fn distance(left: &str, right: &str) -> usize {
    let left: Vec<char> = left.chars().collect();
    let right: Vec<char> = right.chars().collect();
    let mut before: Vec<usize> = Vec::new();
    let mut above: Vec<usize> = (0..=right.len()).collect();
    for (row, one) in left.iter().enumerate() {
        let mut current = vec![row + 1];
        for (column, other) in right.iter().enumerate() {
            let at =
                |line: &[usize], column: usize| line.get(column).copied().unwrap_or(usize::MAX / 2);
            let mut best = (at(&above, column) + usize::from(one != other))
                .min(at(&above, column + 1) + 1)
                .min(at(&current, column) + 1);
            let swapped = row > 0
                && column > 0
                && left.get(row - 1) == Some(other)
                && right.get(column - 1) == Some(one);
            if swapped {
                best = best.min(at(&before, column - 1) + 1);
            }
            current.push(best);
        }
        before = std::mem::replace(&mut above, current);
    }
    above.last().copied().unwrap_or(0)
}
