//! ValidatingAdmissionPolicies and their bindings, as the API server stores them: with defaults.

use std::sync::Arc;

use vapwright_cel::document::Node;
use vapwright_kube::path::Path;
use vapwright_kube::problem::Problem;
use vapwright_kube::selector::Selector;

use crate::read::Reader;

/// A ValidatingAdmissionPolicy.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Policy {
    /// Its name.
    pub name: Arc<str>,
    /// The kind of its parameters, if it has any.
    pub param_kind: Option<ParamKind>,
    /// Which requests it looks at; `None` is an error of its configuration.
    pub constraints: Option<MatchResources>,
    /// Conditions on the request, all of which must be true.
    pub match_conditions: Vec<MatchCondition>,
    /// `variables.NAME`, in their order.
    pub variables: Vec<Variable>,
    /// What must be true.
    pub validations: Vec<Validation>,
    /// What is written into the audit log.
    pub audit_annotations: Vec<AuditAnnotation>,
    /// What happens when an expression fails.
    pub failure_policy: FailurePolicy,
}

/// `apiVersion` and `kind` of parameters.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ParamKind {
    /// `v1`, `example.com/v1`
    pub api_version: Arc<str>,
    /// `ConfigMap`
    pub kind: Arc<str>,
}

/// What happens when a policy cannot be evaluated.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum FailurePolicy {
    /// The request is refused.
    #[default]
    Fail,
    /// The failure is ignored.
    Ignore,
}

/// A condition on the request.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct MatchCondition {
    /// Its name.
    pub name: Arc<str>,
    /// An expression of type `bool`.
    pub expression: Arc<str>,
}

/// A named expression that others may use.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Variable {
    /// The name behind `variables.`.
    pub name: Arc<str>,
    /// Its expression.
    pub expression: Arc<str>,
}

/// What must be true, and what is said where it is not.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Validation {
    /// An expression of type `bool`.
    pub expression: Arc<str>,
    /// The message; empty where there is none.
    pub message: Arc<str>,
    /// An expression that makes the message; empty where there is none.
    pub message_expression: Arc<str>,
    /// The reason, `Invalid` where there is none.
    pub reason: Option<Arc<str>>,
}

/// What is written into the audit log.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AuditAnnotation {
    /// The key behind `POLICY/`.
    pub key: Arc<str>,
    /// An expression of type `string` or null.
    pub value_expression: Arc<str>,
}

/// Which requests are meant.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct MatchResources {
    /// Which namespaces.
    pub namespace_selector: Selector,
    /// Which objects.
    pub object_selector: Selector,
    /// Which resources; none: all.
    pub rules: Vec<ResourceRule>,
    /// Which resources not.
    pub exclude: Vec<ResourceRule>,
    /// Whether a rule also means other versions of the same resource: `Equivalent`, not `Exact`.
    pub equivalent: bool,
}

/// A rule that chooses requests by operation and resource.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ResourceRule {
    /// Names of objects; none: all.
    pub names: Vec<Arc<str>>,
    /// `CREATE`, `UPDATE`, `DELETE`, `CONNECT`, `*`
    pub operations: Vec<Arc<str>>,
    /// Groups or `*`.
    pub groups: Vec<Arc<str>>,
    /// Versions or `*`.
    pub versions: Vec<Arc<str>>,
    /// `pods`, `pods/status`, `*`, `*/*`, ...
    pub resources: Vec<Arc<str>>,
    /// `Namespaced`, `Cluster`, or `*`.
    pub scope: Arc<str>,
}

/// A ValidatingAdmissionPolicyBinding.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Binding {
    /// Its name.
    pub name: Arc<str>,
    /// The policy it binds.
    pub policy_name: Arc<str>,
    /// Which parameters, if the policy has any.
    pub param_ref: Option<ParamRef>,
    /// Which requests; `None`: all that the policy looks at.
    pub resources: Option<MatchResources>,
    /// What happens where an expression is not true.
    pub actions: Vec<Action>,
}

/// Which objects are the parameters.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ParamRef {
    /// By name; empty where a selector chooses.
    pub name: Arc<str>,
    /// In which namespace; `None`: that of the request.
    pub namespace: Option<Arc<str>>,
    /// By labels.
    pub selector: Option<Selector>,
    /// Whether a missing parameter refuses the request; else it lets it pass.
    pub deny_if_missing: bool,
}

/// What happens where an expression is not true.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    /// The request is refused.
    Deny,
    /// The client is warned.
    Warn,
    /// The audit log says it.
    Audit,
}

impl Action {
    /// `Deny`, `Warn`, `Audit`
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Deny => "Deny",
            Self::Warn => "Warn",
            Self::Audit => "Audit",
        }
    }
}

/// The fields of every object of the API.
pub(crate) const OBJECT: [&str; 5] = ["apiVersion", "kind", "metadata", "spec", "status"];

pub(crate) fn name(node: &Node) -> Arc<str> {
    match node.at(&["metadata", "name"]) {
        Some(Node::String(name)) => name.clone(),
        _ => Arc::default(),
    }
}

impl Policy {
    /// Reads a policy, with the API's defaults. Problems are those of its form (wrong types,
    /// unknown fields); whether the API server would accept it says [`crate::validate`].
    #[must_use]
    pub fn read(node: &Node) -> (Self, Vec<Problem>) {
        let mut reader = Reader::default();
        let root = Path::root();
        reader.known(node, &root, &OBJECT);
        let mut policy = Self {
            name: name(node),
            ..Self::default()
        };
        if let Some((path, spec)) = reader.map(node, &root, "spec") {
            policy.read_spec(&mut reader, spec, &path);
        }
        (policy, reader.problems)
    }

    fn read_spec(&mut self, reader: &mut Reader, spec: &Node, path: &Path) {
        let known = [
            "paramKind",
            "matchConstraints",
            "validations",
            "failurePolicy",
            "auditAnnotations",
            "matchConditions",
            "variables",
        ];
        reader.known(spec, path, &known);
        self.param_kind = ParamKind::read(reader, spec, path);
        if let Some((path, node)) = reader.map(spec, path, "matchConstraints") {
            self.constraints = Some(MatchResources::read(reader, node, &path));
        }
        self.failure_policy = FailurePolicy::read(reader, spec, path);
        self.match_conditions = MatchCondition::read(reader, spec, path);
        self.variables = Variable::read(reader, spec, path);
        for (path, item) in reader.items(spec, path, "validations") {
            let known = ["expression", "message", "messageExpression", "reason"];
            reader.known(item, &path, &known);
            self.validations.push(Validation {
                expression: reader.text(item, &path, "expression"),
                message: reader.text(item, &path, "message"),
                message_expression: reader.text(item, &path, "messageExpression"),
                reason: reader.optional_text(item, &path, "reason"),
            });
        }
        for (path, item) in reader.items(spec, path, "auditAnnotations") {
            reader.known(item, &path, &["key", "valueExpression"]);
            self.audit_annotations.push(AuditAnnotation {
                key: reader.text(item, &path, "key"),
                value_expression: reader.text(item, &path, "valueExpression"),
            });
        }
    }
}

impl ParamKind {
    pub(crate) fn read(reader: &mut Reader, spec: &Node, path: &Path) -> Option<Self> {
        let (path, node) = reader.map(spec, path, "paramKind")?;
        reader.known(node, &path, &["apiVersion", "kind"]);
        Some(Self {
            api_version: reader.text(node, &path, "apiVersion"),
            kind: reader.text(node, &path, "kind"),
        })
    }
}

impl FailurePolicy {
    pub(crate) fn read(reader: &mut Reader, spec: &Node, path: &Path) -> Self {
        match &*reader.text(spec, path, "failurePolicy") {
            "Ignore" => Self::Ignore,
            _ => Self::Fail,
        }
    }
}

impl MatchCondition {
    pub(crate) fn read(reader: &mut Reader, spec: &Node, path: &Path) -> Vec<Self> {
        let items = reader.items(spec, path, "matchConditions").into_iter();
        let items = items.map(|(path, item)| {
            reader.known(item, &path, &["name", "expression"]);
            Self {
                name: reader.text(item, &path, "name"),
                expression: reader.text(item, &path, "expression"),
            }
        });
        items.collect()
    }
}

impl Variable {
    pub(crate) fn read(reader: &mut Reader, spec: &Node, path: &Path) -> Vec<Self> {
        let items = reader.items(spec, path, "variables").into_iter();
        let items = items.map(|(path, item)| {
            reader.known(item, &path, &["name", "expression"]);
            Self {
                name: reader.text(item, &path, "name"),
                expression: reader.text(item, &path, "expression"),
            }
        });
        items.collect()
    }
}

impl ParamRef {
    pub(crate) fn read(reader: &mut Reader, spec: &Node, path: &Path) -> Option<Self> {
        let (path, node) = reader.map(spec, path, "paramRef")?;
        let known = ["name", "namespace", "selector", "parameterNotFoundAction"];
        reader.known(node, &path, &known);
        Some(Self {
            name: reader.text(node, &path, "name"),
            namespace: reader.optional_text(node, &path, "namespace"),
            selector: read_selector(reader, node, &path, "selector"),
            deny_if_missing: &*reader.text(node, &path, "parameterNotFoundAction") != "Allow",
        })
    }
}

impl MatchResources {
    pub(crate) fn read(reader: &mut Reader, node: &Node, path: &Path) -> Self {
        let known = [
            "namespaceSelector",
            "objectSelector",
            "resourceRules",
            "excludeResourceRules",
            "matchPolicy",
        ];
        reader.known(node, path, &known);
        Self {
            namespace_selector: read_selector(reader, node, path, "namespaceSelector")
                .unwrap_or_default(),
            object_selector: read_selector(reader, node, path, "objectSelector")
                .unwrap_or_default(),
            rules: ResourceRule::read(reader, node, path, "resourceRules"),
            exclude: ResourceRule::read(reader, node, path, "excludeResourceRules"),
            equivalent: &*reader.text(node, path, "matchPolicy") != "Exact",
        }
    }
}

fn read_selector(reader: &mut Reader, node: &Node, path: &Path, name: &str) -> Option<Selector> {
    let (path, node) = reader.map(node, path, name)?;
    reader.known(node, &path, &["matchLabels", "matchExpressions"]);
    // what is wrong with its keys and values is for `validate`
    Some(Selector::read(node, &path).0)
}

impl ResourceRule {
    fn read(reader: &mut Reader, node: &Node, path: &Path, name: &str) -> Vec<Self> {
        let mut rules = Vec::new();
        for (path, item) in reader.items(node, path, name) {
            let known = [
                "resourceNames",
                "operations",
                "apiGroups",
                "apiVersions",
                "resources",
                "scope",
            ];
            reader.known(item, &path, &known);
            rules.push(Self {
                names: reader.texts(item, &path, "resourceNames"),
                operations: reader.texts(item, &path, "operations"),
                groups: reader.texts(item, &path, "apiGroups"),
                versions: reader.texts(item, &path, "apiVersions"),
                resources: reader.texts(item, &path, "resources"),
                scope: reader
                    .optional_text(item, &path, "scope")
                    .unwrap_or_else(|| "*".into()),
            });
        }
        rules
    }
}

impl Binding {
    /// Reads a binding, with the API's defaults.
    #[must_use]
    pub fn read(node: &Node) -> (Self, Vec<Problem>) {
        let mut reader = Reader::default();
        let root = Path::root();
        reader.known(node, &root, &OBJECT);
        let mut binding = Self {
            name: name(node),
            ..Self::default()
        };
        if let Some((path, spec)) = reader.map(node, &root, "spec") {
            binding.read_spec(&mut reader, spec, &path);
        }
        (binding, reader.problems)
    }

    fn read_spec(&mut self, reader: &mut Reader, spec: &Node, path: &Path) {
        let known = [
            "policyName",
            "paramRef",
            "matchResources",
            "validationActions",
        ];
        reader.known(spec, path, &known);
        self.policy_name = reader.text(spec, path, "policyName");
        self.param_ref = ParamRef::read(reader, spec, path);
        if let Some((path, node)) = reader.map(spec, path, "matchResources") {
            self.resources = Some(MatchResources::read(reader, node, &path));
        }
        for action in reader.texts(spec, path, "validationActions") {
            self.actions.extend(match &*action {
                "Deny" => Some(Action::Deny),
                "Warn" => Some(Action::Warn),
                "Audit" => Some(Action::Audit),
                _ => None,
            });
        }
    }

    /// A binding of a policy's own name that binds it everywhere, with Deny.
    #[must_use]
    pub fn everywhere(policy: &Policy) -> Self {
        Self {
            name: policy.name.clone(),
            policy_name: policy.name.clone(),
            actions: vec![Action::Deny],
            ..Self::default()
        }
    }
}
