//! Rules as programs, with the types of the values that they read.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use vapwright_cel::check::Reference;
use vapwright_cel::document::Node;
use vapwright_cel::env::Environment;
use vapwright_cel::openapi::{escape, scalar};
use vapwright_cel::plan::Program;
use vapwright_cel::types::{ObjectType, Type};
use vapwright_cel::version::KubernetesVersion;

use super::rules::KEY;
use super::schema::{Additional, Schema};
use super::values;

/// The name of the type of `self`. A real server puts digits behind it, other ones each time.
const SELF: &str = "selfType";

/// A rule that compiled.
#[derive(Debug)]
pub(super) struct Rule {
    pub program: Program,
    /// Whether it asks for the value before, which a created object does not have.
    pub transition: bool,
    pub optional: bool,
    pub message: Option<Program>,
}

/// The rules of one schema by their places in it, or why one has none. Those without a text are left
/// out.
pub(super) type Rules = Vec<(usize, Result<Rule, String>)>;

/// The rules of a version that were compiled so far, by the places of their schemas in memory: a
/// definition stays where it is.
pub(super) struct Compiled {
    version: KubernetesVersion,
    rules: Mutex<BTreeMap<usize, Arc<Rules>>>,
}

impl Compiled {
    /// None yet, for a cluster of a version.
    pub fn new(version: KubernetesVersion) -> Self {
        Self {
            version,
            rules: Mutex::default(),
        }
    }

    /// The rules of a schema.
    pub fn of(&self, schema: Schema<'_>, resource: bool) -> Arc<Rules> {
        let place = std::ptr::from_ref(schema.0).addr();
        let mut rules = self.rules.lock().unwrap_or_else(PoisonError::into_inner);
        let rules = rules.entry(place);
        Arc::clone(rules.or_insert_with(|| Arc::new(compile(schema, resource, self.version))))
    }
}

impl fmt::Debug for Compiled {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Compiled").finish_non_exhaustive()
    }
}

/// What was compiled makes no difference.
impl PartialEq for Compiled {
    fn eq(&self, other: &Self) -> bool {
        self.version == other.version
    }
}

fn compile(schema: Schema<'_>, resource: bool, version: KubernetesVersion) -> Rules {
    let mut types = Types {
        words: words(schema),
        objects: Vec::new(),
    };
    let declared = types.of(schema, resource, SELF).unwrap_or(Type::Dyn);
    let env = types.objects.into_iter().fold(
        Environment::kubernetes(version).with_variable("self", declared.clone()),
        Environment::with_object_type,
    );
    let before = Type::Opaque("optional_type".into(), [declared.clone()].into());
    let [plain, optional] = [declared, before].map(|old| env.clone().with_variable("oldSelf", old));
    let mut rules = Vec::new();
    for (place, node) in schema.list(KEY).iter().enumerate() {
        let text = |key: &str| node.get(key).and_then(Node::as_str).unwrap_or_default();
        if text("rule").trim().is_empty() {
            continue;
        }
        let is_optional = Schema(node).is("optionalOldSelf");
        let env = if is_optional { &optional } else { &plain };
        let program = match env.compile(text("rule")) {
            Ok(program) if *program.output_type() == Type::Bool => program,
            Ok(_) => {
                rules.push((
                    place,
                    Err("cel expression must evaluate to a bool".to_owned()),
                ));
                continue;
            }
            Err(error) => {
                rules.push((place, Err(format!("compilation failed: {error}"))));
                continue;
            }
        };
        let old = Some(Reference::Variable(1));
        let message = Some(text("messageExpression")).filter(|text| !text.is_empty());
        let message = message.and_then(|text| env.compile(text).ok());
        let message = message.filter(|message| *message.output_type() == Type::String);
        let rule = Rule {
            transition: program.checked.references.contains(&old),
            optional: is_optional,
            message: message.map(|message| message.program),
            program: program.program,
        };
        rules.push((place, Ok(rule)));
    }
    rules
}

/// The words of a schema's rules. Fields of other names need no declaration: nothing asks for them.
fn words(schema: Schema<'_>) -> BTreeSet<&str> {
    let no_word = |c: char| !(c.is_ascii_alphanumeric() || c == '_');
    let texts = schema.list(KEY).iter().flat_map(|node| {
        let texts = ["rule", "messageExpression"].map(|key| node.get(key).and_then(Node::as_str));
        texts.into_iter().flatten()
    });
    texts.flat_map(|text| text.split(no_word)).collect()
}

/// Declares the types of schemas: `SchemaDeclType`.
struct Types<'s> {
    words: BTreeSet<&'s str>,
    objects: Vec<ObjectType>,
}

impl Types<'_> {
    /// The type of a schema, called by the path that leads to it; `None` where rules do not see it.
    fn of(&mut self, schema: Schema<'_>, resource: bool, path: &str) -> Option<Type> {
        if schema.int_or_string() {
            return Some(Type::Dyn);
        }
        Some(match schema.r#type() {
            "array" => {
                let items = schema.schema("items")?;
                Type::list(self.of(items, items.embedded(), &format!("{path}.@idx"))?)
            }
            "object" => {
                if let Additional::Schema(values) = schema.additional() {
                    let path = format!("{path}.@elem");
                    let values = self.of(values, values.embedded(), &path)?;
                    return Some(Type::map(Type::String, values));
                }
                let mut object = ObjectType {
                    name: path.into(),
                    fields: Vec::new(),
                };
                for (name, schema) in values::fields(schema, resource) {
                    let Some(name) = escape(name).filter(|name| self.words.contains(&**name))
                    else {
                        continue;
                    };
                    let path = format!("{path}.{name}");
                    if let Some(declared) = self.of(schema, schema.embedded(), &path) {
                        object.fields.push((name.into(), declared));
                    }
                }
                self.objects.push(object);
                Type::object(path)
            }
            other => return scalar(other, schema.text("format")),
        })
    }
}
