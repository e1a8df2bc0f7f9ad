//! The types of a policy's expressions, checked against the kinds that it matches: what a cluster
//! writes into `status.typeChecking.expressionWarnings`.
//!
//! A policy's `object` is `dyn` when the policy is created and evaluated. Once it is stored, a
//! controller compiles its validations and message expressions again for each kind that the rules
//! name in full, with the fields of the kind declared (`TypeChecker` of `k8s.io/apiserver`'s policy
//! plugin). What it finds only warns.

mod types;

use std::sync::Arc;

use vapwright_cel::check::check;
use vapwright_cel::document::Node;
use vapwright_cel::env::Environment;
use vapwright_cel::issue::{Issue, display_all};
use vapwright_cel::libs::authorizer::authorizer_type;
use vapwright_cel::parse::parse;
use vapwright_cel::plan::VARIABLES_TYPE;
use vapwright_cel::source::Source;
use vapwright_cel::types::{ObjectType, Type};
use vapwright_cel::version::KubernetesVersion;
use vapwright_kube::kinds::Gvk;
use vapwright_kube::path::Path;
use vapwright_kube::schema::built_in;

use crate::compile::{declared_type, object_types};
use crate::custom;
use crate::policy::{Policy, ResourceRule};
use crate::wording;
use types::{Declared, Words, declare};

/// So many kinds of a rule are checked; then no more of any.
const MAX_KINDS: usize = 10;

/// What is wrong with an expression's types, for some of the kinds that the policy matches.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExpressionWarning {
    /// Where the expression stands: `spec.validations[0].expression`.
    pub path: Path,
    /// Its errors by kind.
    pub kinds: Vec<KindErrors>,
    /// As `status.typeChecking` has it. Where the cluster appends digits of its clock to the kind
    /// that begins a type's name, this has none.
    pub text: String,
}

/// The errors of an expression for one kind.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KindErrors {
    /// The kind.
    pub kind: Gvk,
    /// The errors with their places in the expression.
    pub issues: Vec<Issue>,
}

/// Checks a policy's validations and message expressions. `objects` are those among which
/// definitions of custom kinds are looked for.
#[must_use]
pub fn type_check(
    policy: &Policy,
    objects: &[Node],
    version: KubernetesVersion,
) -> Vec<ExpressionWarning> {
    let words = Words::of(policy);
    let params = policy.param_kind.as_ref().map(|kind| {
        let kind = Gvk::new(&kind.api_version, &kind.kind);
        declare(&kind, &format!("{}Params", kind.kind), objects, &words)
    });
    let environments: Vec<(Gvk, Environment)> = kinds(policy, objects)
        .into_iter()
        .filter_map(|kind| {
            let object = declare(&kind, &kind.kind, objects, &words)?;
            let env = environment(policy, object, params.clone(), version);
            Some((kind, env))
        })
        .collect();
    let mut warnings = Vec::new();
    for (index, validation) in policy.validations.iter().enumerate() {
        let path = Path::root().fields(&["spec", "validations"]).index(index);
        let expressions = [
            ("expression", &*validation.expression),
            ("messageExpression", &*validation.message_expression),
        ];
        for (field, text) in expressions {
            if !text.is_empty() {
                warnings.extend(warning(&path.field(field), text, &environments));
            }
        }
    }
    warnings
}

fn warning(
    path: &Path,
    text: &str,
    environments: &[(Gvk, Environment)],
) -> Option<ExpressionWarning> {
    let source = Source::new(text);
    let mut kinds = Vec::new();
    let mut texts = Vec::new();
    for (kind, env) in environments {
        let issues = issues(&source, env);
        if !issues.is_empty() {
            texts.push(wording::type_errors(kind, &display_all(&issues, &source)));
            kinds.push(KindErrors {
                kind: kind.clone(),
                issues,
            });
        }
    }
    (!kinds.is_empty()).then(|| ExpressionWarning {
        path: path.clone(),
        kinds,
        text: texts.join("\n"),
    })
}

fn issues(source: &Source, env: &Environment) -> Vec<Issue> {
    let parsed = parse(source, env);
    if !parsed.issues.is_empty() {
        return parsed.issues;
    }
    check(parsed.ast, source, env).issues
}

/// What expressions see of an object of one kind.
fn environment(
    policy: &Policy,
    object: Declared,
    params: Option<Option<Declared>>,
    version: KubernetesVersion,
) -> Environment {
    let mut env = Environment::kubernetes(version);
    for object in object_types() {
        env = env.with_object_type(object);
    }
    env = env
        .with_variable("namespaceObject", Type::object("kubernetes.Namespace"))
        .with_variable("request", Type::object("kubernetes.AdmissionRequest"))
        .with_variable("authorizer", authorizer_type())
        .with_variable("object", object.r#type.clone())
        .with_variable("oldObject", object.r#type);
    for object in object.objects {
        env = env.with_object_type(object);
    }
    if let Some(params) = params {
        // of a kind that is not known
        let params = params.unwrap_or_else(Declared::dynamic);
        env = env.with_variable("params", params.r#type);
        for object in params.objects {
            env = env.with_object_type(object);
        }
    }
    with_variables(policy, env)
}

/// The environment with a policy's variables. One that has errors is `dyn`, and says nothing: only
/// what is evaluated is warned about.
fn with_variables(policy: &Policy, env: Environment) -> Environment {
    let mut fields: Vec<(Arc<str>, Type)> = Vec::new();
    let with = |fields: &[(Arc<str>, Type)]| {
        let object = ObjectType {
            name: VARIABLES_TYPE.into(),
            fields: fields.to_vec(),
        };
        let env = env.clone().with_object_type(object);
        env.with_variable("variables", Type::object(VARIABLES_TYPE))
    };
    for variable in &policy.variables {
        let source = Source::new(&variable.expression);
        let env = with(&fields);
        let parsed = parse(&source, &env);
        let mut declared = Type::Dyn;
        if parsed.issues.is_empty() {
            let checked = check(parsed.ast, &source, &env);
            if checked.issues.is_empty() {
                declared = declared_type(&checked.checked.output);
            }
        }
        match fields.iter_mut().find(|(name, _)| *name == variable.name) {
            Some(field) => field.1 = declared,
            None => fields.push((Arc::clone(&variable.name), declared)),
        }
    }
    with(&fields)
}

/// The kinds that a policy's rules name in full, in their order.
fn kinds(policy: &Policy, objects: &[Node]) -> Vec<Gvk> {
    let mut kinds: Vec<Gvk> = Vec::new();
    let rules = policy.constraints.iter().flat_map(|all| &all.rules);
    for rule in rules {
        let mut count = 0;
        for (group, version, resource) in resources(rule) {
            for kind in kinds_of(group, version, resource, objects) {
                if !kinds.contains(&kind) {
                    kinds.push(kind);
                }
                count += 1;
                if count == MAX_KINDS {
                    kinds.sort();
                    return kinds;
                }
            }
        }
    }
    kinds.sort();
    kinds
}

/// The resources of a rule that says group and version, without subresources.
fn resources(rule: &ResourceRule) -> impl Iterator<Item = (&str, &str, &str)> {
    let star = |items: &[Arc<str>]| items.iter().any(|item| item.contains('*'));
    let open = star(&rule.groups) || star(&rule.versions);
    let mut all: Vec<(&str, &str, &str)> = Vec::new();
    for group in rule.groups.iter().filter(|_| !open) {
        for version in &rule.versions {
            for resource in &rule.resources {
                if !resource.contains(['*', '/']) {
                    all.push((group, version, resource));
                }
            }
        }
    }
    all.sort_unstable();
    all.into_iter()
}

/// The kinds of a resource, given its plural or singular name, as the cluster's REST mapper finds
/// them: the core group stands for every group.
fn kinds_of(group: &str, version: &str, resource: &str, objects: &[Node]) -> Vec<Gvk> {
    let wanted = resource.to_lowercase();
    let fits = |kind: &Gvk, plural: &str| {
        kind.version == version
            && (group.is_empty() || kind.group == group)
            && (plural == wanted || kind.kind.to_lowercase() == wanted)
    };
    let known = built_in().kinds.iter();
    let mut found: Vec<Gvk> = known
        .filter(|kind| !kind.resource.is_empty() && fits(&kind.gvk, &kind.resource))
        .map(|kind| kind.gvk.clone())
        .collect();
    let custom = objects.iter().flat_map(custom::versions);
    let custom = custom.filter(|(kind, resource)| fits(kind, &resource.resource));
    found.extend(custom.map(|(kind, _)| kind));
    found
}
