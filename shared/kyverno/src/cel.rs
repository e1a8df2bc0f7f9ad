//! `validate.cel` of a rule: variables, expressions, audit annotations, params.

use std::collections::BTreeMap;

use vapwright_cel::document::{Fields, Node};
use vapwright_cel::version::KubernetesVersion;
use vapwright_kube::path::Path;

use crate::account::Account;
use crate::filter::is_empty;

/// Where the parts of an admission policy come from.
pub(crate) type Origins = BTreeMap<String, Path>;

/// The longest message the API takes is not limited, but its length in one line is what a person
/// reads; line breaks are refused, so the lines are joined.
pub(crate) fn one_line(text: &str) -> String {
    text.lines()
        .map(str::trim)
        .filter(|line| !line.is_empty())
        .collect::<Vec<_>>()
        .join(" ")
}

/// The variable that holds Kubernetes' minor version: where its expression is a number, a conversion
/// writes that of the cluster, so that a policy can differ by version.
const MINOR: &str = "kubernetesMinor";

/// Whether an item of `variables` is the variable that a conversion sets.
fn is_minor(item: &Node) -> bool {
    let text = |field| item.get(field).and_then(Node::as_str).unwrap_or_default();
    text("name") == MINOR && text("expression").trim().parse::<u16>().is_ok()
}

/// Whether what a Kyverno document becomes depends on the version of Kubernetes.
pub(crate) fn depends_on_version(document: &Node) -> bool {
    let rules = document.at(&["spec", "rules"]).and_then(Node::as_list);
    rules.into_iter().flatten().any(|rule| {
        let variables = rule.at(&["validate", "cel", "variables"]);
        let variables = variables.and_then(Node::as_list);
        variables.is_some_and(|variables| variables.iter().any(is_minor))
    })
}

fn has_line_break(text: &str) -> bool {
    text.trim().contains(['\n', '\r'])
}

/// What `validate.cel` gives.
#[derive(Default)]
pub(crate) struct Cel {
    pub(crate) variables: Vec<Node>,
    pub(crate) validations: Vec<Node>,
    pub(crate) audit_annotations: Vec<Node>,
    pub(crate) param_kind: Option<Node>,
    pub(crate) param_ref: Option<Node>,
}

/// Reads `validate.cel` and `validate.message`.
pub(crate) fn read(
    account: &mut Account<'_>,
    validate: &Node,
    path: &Path,
    policy: &str,
    kubernetes: KubernetesVersion,
    origins: &mut Origins,
) -> Cel {
    let mut result = Cel::default();
    let cel_path = path.field("cel");
    let Some(cel) = validate.get("cel") else {
        return result;
    };
    if cel.as_map().is_none() {
        account.wrong_type(&cel_path, "a map");
        return result;
    }
    let mut reader = Reader {
        account,
        policy,
        kubernetes,
        origins,
    };
    let message = reader.default_message(validate, path);

    result.variables = reader.list(cel, &cel_path, "variables", "spec.variables", |_| true);
    result.audit_annotations = reader.list(
        cel,
        &cel_path,
        "auditAnnotations",
        "spec.auditAnnotations",
        |_| true,
    );
    result.validations = reader.validations(cel, &cel_path, message.as_ref());
    result.param_kind = reader.whole(cel, &cel_path, "paramKind", "spec.paramKind");
    result.param_ref = reader.whole(cel, &cel_path, "paramRef", "binding.spec.paramRef");
    if let Some(Node::Map(fields)) = &mut result.param_ref
        && fields.get("parameterNotFoundAction").is_none()
    {
        fields.insert("parameterNotFoundAction", Node::string("Deny"));
    }
    if cel.get("generate").is_some() {
        reader.account.dropped(
            &cel_path.field("generate"),
            "the admission policy is always made",
        );
    }
    if result.validations.is_empty() && result.audit_annotations.is_empty() {
        account.refused(
            &cel_path,
            "not-translatable",
            "the rule has no expressions",
            "add `validate.cel.expressions`",
        );
    }
    result
}

/// A default message, and whether an expression took it.
struct DefaultMessage {
    text: String,
    path: Path,
    note: Option<String>,
}

struct Reader<'a, 'd> {
    account: &'a mut Account<'d>,
    policy: &'a str,
    kubernetes: KubernetesVersion,
    origins: &'a mut Origins,
}

impl Reader<'_, '_> {
    fn origin(&mut self, became: &str, path: &Path) {
        self.origins.insert(became.to_owned(), path.clone());
    }

    fn default_message(&mut self, validate: &Node, path: &Path) -> Option<DefaultMessage> {
        let path = path.field("message");
        let node = validate.get("message")?;
        let Some(text) = node.as_str() else {
            self.account.wrong_type(&path, "a text");
            return None;
        };
        if text.trim().is_empty() {
            self.account.dropped(&path, "it is empty");
            return None;
        }
        let note = self.message_note(text, &path);
        Some(DefaultMessage {
            text: one_line(text),
            path,
            note,
        })
    }

    /// What is not the same of a message in an admission policy.
    fn message_note(&mut self, text: &str, path: &Path) -> Option<String> {
        if text.contains("{{") {
            self.account.warn(
                path,
                "message-variable",
                "the message has Kyverno variables, which an admission policy does not fill in",
                "write a `messageExpression` instead",
            );
            return Some("its variables are not filled in".to_owned());
        }
        has_line_break(text).then(|| "its lines are joined: a message may have only one".to_owned())
    }

    fn record_message(&mut self, path: &Path, became: &str, note: Option<&str>) {
        match note {
            None => self.account.translated(path, self.policy, became),
            Some(note) if note.starts_with("its lines") => {
                self.account.translated_as(path, self.policy, became, note);
            }
            Some(note) => self.account.approximated(path, self.policy, became, note),
        }
    }

    /// A field that is carried over with all below it.
    fn whole(&mut self, cel: &Node, path: &Path, name: &str, became: &str) -> Option<Node> {
        let node = cel.get(name)?;
        let path = path.field(name);
        if is_empty(node) {
            self.account.dropped(&path, "it is empty");
            return None;
        }
        if node.as_map().is_none() {
            self.account.wrong_type(&path, "a map");
            return None;
        }
        self.account.translated(&path, self.policy, became);
        self.origin(became, &path);
        Some(node.clone())
    }

    /// A list of maps of texts, carried over field by field.
    fn list(
        &mut self,
        cel: &Node,
        path: &Path,
        name: &str,
        became: &str,
        known: impl Fn(&str) -> bool,
    ) -> Vec<Node> {
        let Some(node) = cel.get(name) else {
            return Vec::new();
        };
        let path = path.field(name);
        if is_empty(node) {
            self.account.dropped(&path, "it is empty");
            return Vec::new();
        }
        let Some(items) = node.as_list() else {
            self.account.wrong_type(&path, "a list");
            return Vec::new();
        };
        let mut result = Vec::new();
        for (index, item) in items.iter().enumerate() {
            let path = path.index(index);
            let Some(fields) = item.as_map() else {
                self.account.wrong_type(&path, "a map");
                continue;
            };
            let became = format!("{became}[{index}]");
            self.origin(&became, &path);
            let mut carried = Fields::new();
            for (field, value) in fields.iter() {
                let path = path.field(field);
                let is_known = ["name", "expression", "key", "valueExpression"].contains(&&**field)
                    && known(field);
                if !is_known {
                    continue;
                }
                if value.as_str().is_none() {
                    self.account.wrong_type(&path, "a text");
                    continue;
                }
                let became = format!("{became}.{field}");
                self.origin(&became, &path);
                if name == "variables" && &**field == "expression" && is_minor(item) {
                    let (policy, version) = (self.policy, self.kubernetes);
                    let note = format!("it is the minor version of Kubernetes {version}");
                    self.account.translated_as(&path, policy, became, note);
                    carried.insert(field.clone(), Node::string(version.minor.to_string()));
                    continue;
                }
                self.account.translated(&path, self.policy, became.as_str());
                carried.insert(field.clone(), value.clone());
            }
            result.push(Node::Map(carried));
        }
        result
    }

    fn validations(
        &mut self,
        cel: &Node,
        path: &Path,
        default: Option<&DefaultMessage>,
    ) -> Vec<Node> {
        let path = path.field("expressions");
        let items = match cel.get("expressions") {
            None | Some(Node::Null) => &[],
            Some(Node::List(items)) => items.as_slice(),
            Some(_) => {
                self.account.wrong_type(&path, "a list");
                &[]
            }
        };
        let mut validations = Vec::new();
        let mut default_used = false;
        for (index, item) in items.iter().enumerate() {
            let path = path.index(index);
            let Some(fields) = item.as_map() else {
                self.account.wrong_type(&path, "a map");
                continue;
            };
            let became = format!("spec.validations[{}]", validations.len());
            self.origin(&became, &path);
            let mut validation = Fields::new();
            let mut message = None;
            for (field, value) in fields.iter() {
                let path = path.field(field);
                let Some(text) = value.as_str() else {
                    if value.is_null() {
                        self.account.dropped(&path, "it is empty");
                    } else if FIELDS.contains(&&**field) {
                        self.account.wrong_type(&path, "a text");
                    }
                    continue;
                };
                let became = format!("{became}.{field}");
                match &**field {
                    "expression" | "messageExpression" => {
                        self.account.translated(&path, self.policy, became.as_str());
                        self.origin(&became, &path);
                        validation.insert(field.clone(), value.clone());
                    }
                    "reason" => {
                        if REASONS.contains(&text) {
                            self.account.translated(&path, self.policy, became.as_str());
                            self.origin(&became, &path);
                            validation.insert(field.clone(), value.clone());
                        } else {
                            self.account.refused(
                                &path,
                                "invalid-value",
                                format!("an admission policy has no reason `{text}`"),
                                format!("write one of {}", REASONS.join(", ")),
                            );
                        }
                    }
                    "message" if text.trim().is_empty() => {
                        self.account.dropped(&path, "it is empty");
                    }
                    "message" => {
                        let note = self.message_note(text, &path);
                        self.record_message(&path, &became, note.as_deref());
                        self.origin(&became, &path);
                        message = Some(one_line(text));
                    }
                    _ => {}
                }
            }
            let expression = validation
                .get("expression")
                .and_then(Node::as_str)
                .unwrap_or_default()
                .to_owned();
            if expression.trim().is_empty() {
                // A value that is no text has been refused already.
                if fields
                    .get("expression")
                    .is_some_and(|node| node.as_str().is_none())
                {
                    continue;
                }
                self.account.refused(
                    &path,
                    "invalid-value",
                    format!("`{path}` has no `expression`"),
                    "",
                );
                continue;
            }
            let message_path = format!("{became}.message");
            if message.is_none()
                && let Some(default) = default
            {
                default_used = true;
                self.record_message(&default.path, &message_path, default.note.as_deref());
                self.origin(&message_path, &default.path);
                message = Some(default.text.clone());
            }
            // The API wants a message for an expression of several lines; this is what it says
            // itself where there is none.
            if message.is_none() && has_line_break(&expression) {
                message = Some(format!("failed expression: {}", one_line(&expression)));
            }
            if let Some(message) = message {
                validation.insert("message", Node::string(message));
            }
            validations.push(Node::Map(validation));
        }
        if let Some(default) = default
            && !default_used
        {
            self.account
                .dropped(&default.path, "every expression has a message of its own");
        }
        validations
    }
}

const FIELDS: [&str; 4] = ["expression", "messageExpression", "message", "reason"];

/// The reasons that the API knows for a validation.
const REASONS: [&str; 4] = [
    "Unauthorized",
    "Forbidden",
    "Invalid",
    "RequestEntityTooLarge",
];
