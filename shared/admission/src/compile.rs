//! A policy's expressions, compiled in the environments that the API server gives them.

use std::sync::Arc;

use vapwright_cel::check::{CheckedAst, check};
use vapwright_cel::env::Environment;
use vapwright_cel::eval::{Activation, LazyVariable};
use vapwright_cel::issue::{Issue, Phase, display_all};
use vapwright_cel::libs::authorizer::{authorizer_type, resource_check_type};
use vapwright_cel::parse::parse;
use vapwright_cel::plan::{Program, VARIABLES_TYPE};
use vapwright_cel::source::Source;
use vapwright_cel::types::{ObjectType, Type};
use vapwright_cel::value::object::{JSON_PATCH, OBJECT};
use vapwright_cel::version::KubernetesVersion;
use vapwright_kube::path::Path;

use crate::policy::{MatchCondition, Policy, Variable};
use crate::wording;

/// What an expression is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// `variables.NAME`
    Variable,
    /// A condition on the request.
    MatchCondition,
    /// What must be true.
    Validation,
    /// Makes a message.
    Message,
    /// Makes an audit annotation.
    Audit,
    /// Makes a JSON patch.
    JsonPatch,
    /// Makes an apply configuration.
    ApplyConfiguration,
}

impl Role {
    /// The types an expression of this role may have; none: any.
    fn types(self) -> Vec<Type> {
        match self {
            Self::Variable => Vec::new(),
            Self::MatchCondition | Self::Validation => vec![Type::Bool],
            Self::Message => vec![Type::String],
            Self::Audit => vec![Type::String, Type::Null],
            Self::JsonPatch => vec![Type::list(Type::object(JSON_PATCH))],
            Self::ApplyConfiguration => vec![Type::object(OBJECT)],
        }
    }
}

/// An expression of a policy.
#[derive(Clone, Debug)]
pub struct Expression {
    /// What it is for.
    pub role: Role,
    /// Where it stands in the policy: `spec.validations[0].expression`.
    pub path: Path,
    /// Its text, as lines.
    pub source: Source,
    /// What it compiled to, or why it did not.
    pub compiled: Result<Compiled, Failure>,
}

/// A compiled expression.
#[derive(Clone, Debug)]
pub struct Compiled {
    /// The tree with its types.
    pub checked: Arc<CheckedAst>,
    /// What is evaluated.
    pub program: Arc<Program>,
}

/// Why an expression does not compile.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    /// As the API server words it: `compilation failed: ERROR: <input>:1:1: ...`, or `must
    /// evaluate to bool but got int`.
    pub detail: String,
    /// The errors with their places; none where only the type is wrong.
    pub issues: Vec<Issue>,
}

impl Failure {
    /// Whether the expression reads `variables` where there is none.
    #[must_use]
    pub fn names_variables(&self) -> bool {
        self.detail.contains("undeclared reference to 'variables'")
    }

    /// Whether the expression is right but no program can be made of it.
    #[must_use]
    pub fn is_internal(&self) -> bool {
        self.issues
            .first()
            .is_some_and(|issue| issue.phase == Phase::Program)
    }
}

impl Expression {
    /// Its text.
    #[must_use]
    pub fn text(&self) -> &str {
        self.source.text()
    }

    /// Why it does not compile, if it does not.
    #[must_use]
    pub fn failure(&self) -> Option<&Failure> {
        self.compiled.as_ref().err()
    }
}

/// A policy with its expressions.
#[derive(Clone, Debug)]
pub struct CompiledPolicy {
    /// The policy.
    pub policy: Policy,
    /// `variables.NAME`, in their order.
    pub variables: Vec<Expression>,
    /// Match conditions, in their order.
    pub conditions: Vec<Expression>,
    /// Validations, in their order.
    pub validations: Vec<Expression>,
    /// The message expression of each validation that has one.
    pub messages: Vec<Option<Expression>>,
    /// Audit annotations, in their order.
    pub audits: Vec<Expression>,
    /// What expressions see.
    pub(crate) env: Environment,
    /// What message expressions see: no authorizer.
    pub(crate) message_env: Environment,
    /// The variables as the evaluator takes them.
    pub(crate) lazy: Arc<[LazyVariable]>,
}

impl CompiledPolicy {
    /// All expressions, in the order in which the API server compiles them.
    pub fn expressions(&self) -> impl Iterator<Item = &Expression> {
        self.variables
            .iter()
            .chain(&self.conditions)
            .chain(&self.validations)
            .chain(self.messages.iter().flatten())
            .chain(&self.audits)
    }

    /// Gives an activation of one of the policy's environments the variables.
    pub(crate) fn set_variables(&self, env: &Environment, activation: &mut Activation<'_>) {
        set_variables(&self.lazy, env, activation);
    }

    /// The expressions that do not compile, each with the reason.
    pub fn failures(&self) -> impl Iterator<Item = (&Expression, &Failure)> {
        self.expressions()
            .filter_map(|expression| Some((expression, expression.failure()?)))
    }
}

/// Gives an activation of an environment the variables, where the environment has them.
pub(crate) fn set_variables(
    lazy: &Arc<[LazyVariable]>,
    env: &Environment,
    activation: &mut Activation<'_>,
) {
    if let Some((slot, _)) = env.variable("variables") {
        activation.set_lazy(slot, lazy.clone());
    }
}

/// The environment of a policy's expressions, without its variables.
#[must_use]
pub fn environment(version: KubernetesVersion, params: bool, authorizer: bool) -> Environment {
    declare(Environment::kubernetes(version), params, authorizer)
}

/// Declares what all expressions of policies see.
pub(crate) fn declare(mut env: Environment, params: bool, authorizer: bool) -> Environment {
    for object in object_types() {
        env = env.with_object_type(object);
    }
    env = env
        .with_variable("object", Type::Dyn)
        .with_variable("oldObject", Type::Dyn)
        .with_variable("namespaceObject", Type::object("kubernetes.Namespace"))
        .with_variable("request", Type::object("kubernetes.AdmissionRequest"));
    if params {
        env = env.with_variable("params", Type::Dyn);
    }
    if authorizer {
        with_authorizer(env)
    } else {
        env
    }
}

fn with_authorizer(env: Environment) -> Environment {
    env.with_variable("authorizer", authorizer_type())
        .with_variable("authorizer.requestResource", resource_check_type())
}

/// The types of `request` and `namespaceObject`: `BuildRequestType` and `BuildNamespaceType` of
/// the API server's admission plugin.
pub(crate) fn object_types() -> Vec<ObjectType> {
    let text = || Type::String;
    let texts = || Type::list(Type::String);
    let text_map = || Type::map(Type::String, Type::String);
    let object = |name: &str, fields: Vec<(&str, Type)>| ObjectType {
        name: format!("kubernetes.{name}").into(),
        fields: fields
            .into_iter()
            .map(|(name, declared)| (name.into(), declared))
            .collect(),
    };
    let named = |name: &str| Type::object(&format!("kubernetes.{name}"));
    let group = |last: &'static str| vec![("group", text()), ("version", text()), (last, text())];
    vec![
        object("GroupVersionKind", group("kind")),
        object("GroupVersionResource", group("resource")),
        object(
            "UserInfo",
            vec![
                ("username", text()),
                ("uid", text()),
                ("groups", texts()),
                ("extra", Type::map(Type::String, texts())),
            ],
        ),
        object(
            "AdmissionRequest",
            vec![
                ("kind", named("GroupVersionKind")),
                ("resource", named("GroupVersionResource")),
                ("subResource", text()),
                ("requestKind", named("GroupVersionKind")),
                ("requestResource", named("GroupVersionResource")),
                ("requestSubResource", text()),
                ("name", text()),
                ("namespace", text()),
                ("operation", text()),
                ("userInfo", named("UserInfo")),
                ("dryRun", Type::Bool),
                ("options", Type::Dyn),
            ],
        ),
        object("NamespaceSpec", vec![("finalizers", texts())]),
        object(
            "NamespaceCondition",
            vec![
                ("status", text()),
                ("type", text()),
                ("lastTransitionTime", Type::Timestamp),
                ("message", text()),
                ("reason", text()),
            ],
        ),
        object(
            "NamespaceStatus",
            vec![
                ("conditions", Type::list(named("NamespaceCondition"))),
                ("phase", text()),
            ],
        ),
        object(
            "NamespaceMetadata",
            vec![
                ("name", text()),
                ("generateName", text()),
                ("namespace", text()),
                ("labels", text_map()),
                ("annotations", text_map()),
                ("UID", text()),
                ("creationTimestamp", Type::Timestamp),
                ("deletionGracePeriodSeconds", Type::Int),
                ("deletionTimestamp", Type::Timestamp),
                ("generation", Type::Int),
                ("resourceVersion", text()),
                ("finalizers", texts()),
            ],
        ),
        object(
            "Namespace",
            vec![
                ("metadata", named("NamespaceMetadata")),
                ("spec", named("NamespaceSpec")),
                ("status", named("NamespaceStatus")),
            ],
        ),
    ]
}

/// Compiles a policy's expressions as the API server of a version does to evaluate a policy that it
/// stores.
#[must_use]
pub fn compile(policy: Policy, version: KubernetesVersion) -> CompiledPolicy {
    compile_with(policy, version, Stage::Stored)
}

/// Compiles a policy as the API server of a version does when the policy is created: with the
/// functions of the version before, and where the policy has no variables there is no `variables`
/// at all. Match conditions see no variables then.
#[must_use]
pub fn compile_new(policy: Policy, version: KubernetesVersion) -> CompiledPolicy {
    compile_with(policy, version.compatibility(), Stage::New)
}

/// What a policy is compiled for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Stage {
    /// To be evaluated.
    Stored,
    /// To be created.
    New,
}

fn compile_with(policy: Policy, version: KubernetesVersion, stage: Stage) -> CompiledPolicy {
    let params = policy.param_kind.is_some();
    let declared = stage == Stage::Stored || !policy.variables.is_empty();
    let mut composed = Composed::new(environment(version, params, false), declared);
    let variables = composed.compile(&policy.variables);
    let lazy = lazy_variables(&policy.variables, &composed.fields, &variables);
    let env = composed.env();
    composed.authorizer = false;
    let message_env = composed.env();

    let conditions = match stage {
        Stage::Stored => compile_conditions(&policy.match_conditions, &env, stage),
        Stage::New => {
            let env = environment(version, params, true);
            compile_conditions(&policy.match_conditions, &env, stage)
        }
    };
    let validations = policy.validations.iter().enumerate();
    let validations = validations
        .map(|(index, validation)| {
            let path = item("validations", index, "expression");
            compile_one(&validation.expression, &env, Role::Validation, path)
        })
        .collect();
    let messages = policy.validations.iter().enumerate();
    let messages = messages
        .map(|(index, validation)| {
            let text = &validation.message_expression;
            let path = item("validations", index, "messageExpression");
            (!text.is_empty()).then(|| compile_one(text, &message_env, Role::Message, path))
        })
        .collect();
    let audits = policy.audit_annotations.iter().enumerate();
    let audits = audits
        .map(|(index, annotation)| {
            let path = item("auditAnnotations", index, "valueExpression");
            compile_one(&annotation.value_expression, &env, Role::Audit, path)
        })
        .collect();
    CompiledPolicy {
        policy,
        variables,
        conditions,
        validations,
        messages,
        audits,
        env,
        message_env,
        lazy,
    }
}

/// Compiles match conditions; of new ones the API server takes the text without the spaces around.
pub(crate) fn compile_conditions(
    conditions: &[MatchCondition],
    env: &Environment,
    stage: Stage,
) -> Vec<Expression> {
    let conditions = conditions.iter().enumerate();
    let conditions = conditions.map(|(index, condition)| {
        let path = item("matchConditions", index, "expression");
        let text = match stage {
            Stage::Stored => &condition.expression,
            Stage::New => condition.expression.trim(),
        };
        compile_one(text, env, Role::MatchCondition, path)
    });
    conditions.collect()
}

/// Where an expression stands in a policy: `spec.validations[0].expression`.
pub(crate) fn item(list: &str, index: usize, field: &str) -> Path {
    let list = Path::root().field("spec").field(list);
    list.index(index).field(field)
}

/// An environment with the variables declared so far.
pub(crate) struct Composed {
    pub(crate) env: Environment,
    pub(crate) fields: Vec<(Arc<str>, Type)>,
    /// Whether `variables` is declared.
    declared: bool,
    /// Whether the authorizer is declared. It comes last: variables are evaluated for messages too,
    /// which do not see it but all else, in the same slots.
    authorizer: bool,
}

impl Composed {
    /// Takes an environment without the authorizer.
    pub(crate) const fn new(env: Environment, declared: bool) -> Self {
        Self {
            env,
            fields: Vec::new(),
            declared,
            authorizer: true,
        }
    }

    /// Compiles and declares variables, each of which sees those before it.
    pub(crate) fn compile(&mut self, variables: &[Variable]) -> Vec<Expression> {
        let mut expressions = Vec::with_capacity(variables.len());
        for (index, variable) in variables.iter().enumerate() {
            let path = item("variables", index, "expression");
            let env = self.env();
            let expression = compile_one(&variable.expression, &env, Role::Variable, path);
            self.declare(&variable.name, &expression);
            expressions.push(expression);
        }
        expressions
    }

    pub(crate) fn env(&self) -> Environment {
        let mut env = self.env.clone();
        if self.declared {
            env = env
                .with_object_type(ObjectType {
                    name: VARIABLES_TYPE.into(),
                    fields: self.fields.clone(),
                })
                .with_variable("variables", Type::object(VARIABLES_TYPE));
        }
        if self.authorizer {
            with_authorizer(env)
        } else {
            env
        }
    }

    /// A later variable of the same name takes the earlier one's place.
    fn declare(&mut self, name: &Arc<str>, expression: &Expression) {
        let declared = match &expression.compiled {
            Ok(compiled) => declared_type(&compiled.checked.output),
            Err(_) => Type::Dyn,
        };
        match self.fields.iter_mut().find(|(field, _)| field == name) {
            Some(field) => field.1 = declared,
            None => self.fields.push((name.clone(), declared)),
        }
    }
}

/// The type that a variable is declared with, given the type of its expression: the API server
/// keeps scalars, lists and maps and forgets the rest (`convertCelTypeToDeclType`).
pub(crate) fn declared_type(checked: &Type) -> Type {
    match checked {
        Type::Any
        | Type::Bool
        | Type::Bytes
        | Type::Double
        | Type::Duration
        | Type::Int
        | Type::Null
        | Type::String
        | Type::Timestamp
        | Type::Uint => checked.clone(),
        Type::List(element) => Type::list(declared_type(element)),
        Type::Map(key, value) => Type::map(declared_type(key), declared_type(value)),
        _ => Type::Dyn,
    }
}

pub(crate) fn lazy_variables(
    named: &[Variable],
    fields: &[(Arc<str>, Type)],
    variables: &[Expression],
) -> Arc<[LazyVariable]> {
    let mut lazy: Vec<LazyVariable> = Vec::new();
    for (name, _) in fields {
        let last = named
            .iter()
            .rposition(|variable| variable.name == *name)
            .and_then(|index| variables.get(index));
        if let Some(expression) = last {
            lazy.push(LazyVariable {
                name: name.clone(),
                program: match &expression.compiled {
                    Ok(compiled) => Ok(compiled.program.clone()),
                    Err(failure) => Err(failure.detail.clone()),
                },
            });
        }
    }
    lazy.into()
}

pub(crate) fn compile_one(text: &str, env: &Environment, role: Role, path: Path) -> Expression {
    let source = Source::new(text);
    let compiled = compile_source(&source, env, &role.types());
    Expression {
        role,
        path,
        source,
        compiled,
    }
}

/// Compiles a text as the API server's `CompileCELExpression` does.
fn compile_source(source: &Source, env: &Environment, types: &[Type]) -> Result<Compiled, Failure> {
    let failed = |issues: Vec<Issue>| {
        let program = issues
            .first()
            .is_some_and(|issue| issue.phase == Phase::Program);
        let detail = match issues.first() {
            Some(issue) if program => wording::instantiation_failed(&issue.message),
            _ => wording::compilation_failed(&display_all(&issues, source)),
        };
        Failure { detail, issues }
    };
    let parsed = parse(source, env);
    if !parsed.issues.is_empty() {
        return Err(failed(parsed.issues));
    }
    let checked = check(parsed.ast, source, env);
    if !checked.issues.is_empty() {
        return Err(failed(checked.issues));
    }
    let checked = checked.checked;
    // `IsExactType` does not tell a wrapper, `google.protobuf.BoolValue{}`, from what it wraps
    let output = match &checked.output {
        Type::Wrapper(inner) => inner,
        output => output,
    };
    if !types.is_empty() && !types.contains(output) {
        return Err(Failure {
            detail: wording::wrong_type(types, &checked.output),
            issues: Vec::new(),
        });
    }
    let program = Program::new(&checked, source, env).map_err(|issue| failed(vec![issue]))?;
    Ok(Compiled {
        checked: Arc::new(checked),
        program: Arc::new(program),
    })
}
