//! Kubernetes' authorization checks: `authorizer.group('').resource('pods').check('create')` (Kubernetes 1.27).

use std::any::Any;
use std::fmt;
use std::sync::Arc;

use super::format::{is_label, is_subdomain};
use super::support::{
    LIST_CREATE, Outcome, STRING_TRAVERSAL, STRUCT_CREATE, arg_size, nominal, opaque, own, scaled,
    text,
};
use crate::eval::EvalError;
use crate::library::{Binding, Cost, Function, Library, Overload};
use crate::types::Type;
use crate::value::{Opaque, Value};

/// Kubernetes' authorizer library. Version 1 adds field and label selectors (1.31).
#[must_use]
pub fn library(version: u32) -> Library {
    let mut functions = vec![
        path(),
        group(),
        service_account(),
        resource(),
        subresource(),
        namespace(),
        name(),
        check(),
        errored(),
        error(),
        allowed(),
        reason(),
    ];
    if version >= 1 {
        functions.extend([field_selector(), label_selector()]);
    }
    Library {
        name: "kubernetes.authz",
        version,
        functions,
        ..Library::default()
    }
}

/// Decides what a user may do. The host of an evaluation gives one.
pub trait Authorizer: fmt::Debug + Send + Sync {
    /// Decides one check.
    fn authorize(&self, attributes: &Attributes) -> Decision;
}

/// Allows one user everything and has no opinion of others.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AllowUser(pub String);

impl Authorizer for AllowUser {
    fn authorize(&self, attributes: &Attributes) -> Decision {
        Decision {
            allowed: attributes.user.name == self.0,
            ..Decision::default()
        }
    }
}

/// Who asks.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct User {
    /// The name, such as `system:serviceaccount:default:builder`.
    pub name: String,
    /// The unique id.
    pub uid: String,
    /// The groups.
    pub groups: Vec<String>,
    /// What else the authenticator said.
    pub extra: Vec<(String, Vec<String>)>,
}

impl User {
    /// A service account's user.
    #[must_use]
    pub fn service_account(namespace: &str, name: &str) -> Self {
        Self {
            name: format!("system:serviceaccount:{namespace}:{name}"),
            groups: vec![
                "system:serviceaccounts".to_owned(),
                format!("system:serviceaccounts:{namespace}"),
            ],
            ..Self::default()
        }
    }
}

/// A check.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Attributes {
    /// Who asks.
    pub user: User,
    /// The API verb, or for a path the HTTP request's verb.
    pub verb: String,
    /// What is asked for.
    pub target: Target,
}

/// What a check asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Target {
    /// A path that is no resource, such as `/healthz`.
    Path(String),
    /// A resource.
    Resource(ResourceTarget),
}

/// A resource that a check asks for; what is empty was not said.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ResourceTarget {
    /// The API group, empty for the core.
    pub group: String,
    /// The resource's plural name.
    pub resource: String,
    /// The subresource.
    pub subresource: String,
    /// The namespace.
    pub namespace: String,
    /// The object's name.
    pub name: String,
    /// The field selector as it was written.
    pub field_selector: String,
    /// The label selector as it was written.
    pub label_selector: String,
}

/// What an authorizer decides.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Decision {
    /// It allows the request; if not, it denies it or has no opinion.
    pub allowed: bool,
    /// Why.
    pub reason: String,
    /// What went wrong, if anything did.
    pub error: Option<String>,
}

/// The type of the variable `authorizer`.
#[must_use]
pub fn authorizer_type() -> Type {
    Type::object("kubernetes.authorization.Authorizer")
}

/// The type of the variable `authorizer.requestResource`.
#[must_use]
pub fn resource_check_type() -> Type {
    Type::object("kubernetes.authorization.ResourceCheck")
}

fn path_check_type() -> Type {
    Type::object("kubernetes.authorization.PathCheck")
}

fn group_check_type() -> Type {
    Type::object("kubernetes.authorization.GroupCheck")
}

fn decision_type() -> Type {
    Type::object("kubernetes.authorization.Decision")
}

/// The value of the variable `authorizer`.
#[must_use]
pub fn authorizer_value(user: User, authorizer: Arc<dyn Authorizer>) -> Value<'static> {
    own(Asker { user, authorizer })
}

/// The value of the variable `authorizer.requestResource`.
#[must_use]
pub fn resource_value(
    user: User,
    authorizer: Arc<dyn Authorizer>,
    target: ResourceTarget,
) -> Value<'static> {
    own(ResourceCheck {
        asker: Asker { user, authorizer },
        target,
    })
}

/// A user and who decides.
#[derive(Clone, Debug)]
struct Asker {
    user: User,
    authorizer: Arc<dyn Authorizer>,
}

impl Asker {
    fn check<'d>(&self, verb: &str, target: Target) -> Value<'d> {
        own(DecisionValue(self.authorizer.authorize(&Attributes {
            user: self.user.clone(),
            verb: verb.to_owned(),
            target,
        })))
    }
}

#[derive(Debug)]
struct PathCheck {
    asker: Asker,
    path: String,
}

#[derive(Debug)]
struct GroupCheck {
    asker: Asker,
    group: String,
}

#[derive(Clone, Debug)]
struct ResourceCheck {
    asker: Asker,
    target: ResourceTarget,
}

#[derive(Debug)]
struct DecisionValue(Decision);

/// The library's values have methods only. Kubernetes' equality never knows them.
macro_rules! methods_only {
    ($($value:ident: $of:expr, $go:expr;)*) => {$(
        impl Opaque for $value {
            fn type_of(&self) -> Type {
                $of
            }

            fn go_type(&self) -> &'static str {
                $go
            }

            fn as_any(&self) -> &dyn Any {
                self
            }

            fn equals(&self, _other: &dyn Opaque) -> Result<bool, EvalError> {
                Err(EvalError::no_such_overload())
            }

            fn to_text(&self) -> String {
                "no such overload".to_owned()
            }

            fn unwrapped(&self) -> Option<String> {
                Some("no such overload".to_owned())
            }
        }
    )*};
}

methods_only! {
    Asker: authorizer_type(), "library.authorizerVal";
    PathCheck: path_check_type(), "library.pathCheckVal";
    GroupCheck: group_check_type(), "library.groupCheckVal";
    ResourceCheck: resource_check_type(), "library.resourceCheckVal";
    DecisionValue: decision_type(), "library.decisionVal";
}

fn method(
    id: &'static str,
    receiver: Type,
    texts: usize,
    result: Type,
    cost: Cost,
    binding: Binding,
) -> Overload {
    let mut params = vec![receiver];
    params.extend(std::iter::repeat_n(Type::String, texts));
    Overload::member(id, params, result)
        .cost(cost)
        .bind(binding)
}

fn blank(text: &str) -> bool {
    text.trim().is_empty()
}

/// `Authorizer.path(string) -> PathCheck` (1.27): `authorizer.path('/healthz')`.
/// Error: `path must not be empty`.
#[must_use]
pub fn path() -> Function {
    let (from, to) = (authorizer_type(), path_check_type());
    Function::new("path").overload(method("authorizer_path", from, 1, to, nominal, |args| {
        let (asker, path) = (opaque::<Asker>(args, 0)?, text(args, 1)?);
        if blank(path) {
            return Err(EvalError::new("path must not be empty"));
        }
        Ok(own(PathCheck {
            asker: asker.clone(),
            path: path.to_owned(),
        }))
    }))
}

/// `Authorizer.group(string) -> GroupCheck` (1.27): `authorizer.group('apps')`. No errors.
#[must_use]
pub fn group() -> Function {
    let (from, to) = (authorizer_type(), group_check_type());
    Function::new("group").overload(method("authorizer_group", from, 1, to, nominal, |args| {
        Ok(own(GroupCheck {
            asker: opaque::<Asker>(args, 0)?.clone(),
            group: text(args, 1)?.to_owned(),
        }))
    }))
}

/// `Authorizer.serviceAccount(string, string) -> Authorizer` (1.27): of a namespace and a name:
/// `authorizer.serviceAccount('default', 'builder')`.
/// Errors: `Invalid service account name`, `Invalid service account namespace`.
#[must_use]
pub fn service_account() -> Function {
    let (from, to) = (authorizer_type(), authorizer_type());
    Function::new("serviceAccount").overload(method(
        "authorizer_serviceaccount",
        from,
        2,
        to,
        nominal,
        |args| {
            let (asker, namespace, name) =
                (opaque::<Asker>(args, 0)?, text(args, 1)?, text(args, 2)?);
            if !is_subdomain(name) {
                return Err(EvalError::new("Invalid service account name"));
            }
            if !is_label(namespace) {
                return Err(EvalError::new("Invalid service account namespace"));
            }
            Ok(own(Asker {
                user: User::service_account(namespace, name),
                authorizer: asker.authorizer.clone(),
            }))
        },
    ))
}

/// `GroupCheck.resource(string) -> ResourceCheck` (1.27): `authorizer.group('').resource('pods')`.
/// Error: `resource must not be empty`.
#[must_use]
pub fn resource() -> Function {
    let (from, to) = (group_check_type(), resource_check_type());
    Function::new("resource").overload(method(
        "groupcheck_resource",
        from,
        1,
        to,
        nominal,
        |args| {
            let (check, resource) = (opaque::<GroupCheck>(args, 0)?, text(args, 1)?);
            if blank(resource) {
                return Err(EvalError::new("resource must not be empty"));
            }
            Ok(own(ResourceCheck {
                asker: check.asker.clone(),
                target: ResourceTarget {
                    group: check.group.clone(),
                    resource: resource.to_owned(),
                    ..ResourceTarget::default()
                },
            }))
        },
    ))
}

/// A method that sets a part of a resource check.
fn narrow(name: &'static str, id: &'static str, cost: Cost, binding: Binding) -> Function {
    let (from, to) = (resource_check_type(), resource_check_type());
    Function::new(name).overload(method(id, from, 1, to, cost, binding))
}

fn with<'d>(args: &[Value<'d>], part: fn(&mut ResourceTarget) -> &mut String) -> Outcome<'d> {
    let mut check = opaque::<ResourceCheck>(args, 0)?.clone();
    text(args, 1)?.clone_into(part(&mut check.target));
    Ok(own(check))
}

/// `ResourceCheck.subresource(string) -> ResourceCheck` (1.27): `.subresource('status')`.
/// No errors.
#[must_use]
pub fn subresource() -> Function {
    narrow(
        "subresource",
        "resourcecheck_subresource",
        nominal,
        |args| with(args, |target| &mut target.subresource),
    )
}

/// `ResourceCheck.namespace(string) -> ResourceCheck` (1.27): `.namespace('default')`. No errors.
#[must_use]
pub fn namespace() -> Function {
    narrow("namespace", "resourcecheck_namespace", nominal, |args| {
        with(args, |target| &mut target.namespace)
    })
}

/// `ResourceCheck.name(string) -> ResourceCheck` (1.27): `.name('backend')`. No errors.
#[must_use]
pub fn name() -> Function {
    narrow("name", "resourcecheck_name", nominal, |args| {
        with(args, |target| &mut target.name)
    })
}

/// Reading a selector: a walk through its text and two allocations for every two characters.
fn selector_cost(args: &[Value<'_>], _result: &Value<'_>) -> u64 {
    let length = arg_size(args, 1);
    let requirements = scaled(length, 0.5);
    LIST_CREATE
        .saturating_add(scaled(length, STRING_TRAVERSAL))
        .saturating_add(requirements.saturating_mul(LIST_CREATE + STRUCT_CREATE))
}

/// `ResourceCheck.fieldSelector(string) -> ResourceCheck` (1.31):
/// `.fieldSelector('spec.nodeName=mynode')`. No errors.
#[must_use]
pub fn field_selector() -> Function {
    let id = "authorizer_fieldselector";
    narrow("fieldSelector", id, selector_cost, |args| {
        with(args, |target| &mut target.field_selector)
    })
}

/// `ResourceCheck.labelSelector(string) -> ResourceCheck` (1.31): `.labelSelector('app=example')`.
/// No errors.
#[must_use]
pub fn label_selector() -> Function {
    let id = "authorizer_labelselector";
    narrow("labelSelector", id, selector_cost, |args| {
        with(args, |target| &mut target.label_selector)
    })
}

/// A check costs so much that an expression can afford two.
const fn check_cost(_args: &[Value<'_>], _result: &Value<'_>) -> u64 {
    350_000
}

/// `PathCheck.check(string) -> Decision`, `ResourceCheck.check(string) -> Decision` (1.27):
/// `authorizer.path('/healthz').check('get').allowed()`. No errors.
#[must_use]
pub fn check() -> Function {
    let path_check = |args: &[Value<'_>]| {
        let check = opaque::<PathCheck>(args, 0)?;
        let target = Target::Path(check.path.clone());
        Ok(check.asker.check(text(args, 1)?, target))
    };
    let resource_check = |args: &[Value<'_>]| {
        let check = opaque::<ResourceCheck>(args, 0)?;
        let target = Target::Resource(check.target.clone());
        Ok(check.asker.check(text(args, 1)?, target))
    };
    let result = decision_type;
    Function::new("check")
        .overload(method(
            "pathcheck_check",
            path_check_type(),
            1,
            result(),
            check_cost,
            path_check,
        ))
        .overload(method(
            "resourcecheck_check",
            resource_check_type(),
            1,
            result(),
            check_cost,
            resource_check,
        ))
}

fn ask(name: &'static str, id: &'static str, result: Type, binding: Binding) -> Function {
    Function::new(name).overload(method(id, decision_type(), 0, result, nominal, binding))
}

fn decision<'a>(args: &'a [Value<'_>]) -> Result<&'a Decision, EvalError> {
    opaque::<DecisionValue>(args, 0).map(|value| &value.0)
}

/// `Decision.allowed() -> bool` (1.27): false also where the authorizer has no opinion. No errors.
#[must_use]
pub fn allowed() -> Function {
    ask("allowed", "decision_allowed", Type::Bool, |args| {
        Ok(Value::Bool(decision(args)?.allowed))
    })
}

/// `Decision.reason() -> string` (1.27): `authorizer.path('/x').check('get').reason()`. No errors.
#[must_use]
pub fn reason() -> Function {
    ask("reason", "decision_reason", Type::String, |args| {
        Ok(Value::string(decision(args)?.reason.as_str()))
    })
}

/// `Decision.errored() -> bool` (1.27): whether the check itself failed. No errors.
#[must_use]
pub fn errored() -> Function {
    ask("errored", "decision_errored", Type::Bool, |args| {
        Ok(Value::Bool(decision(args)?.error.is_some()))
    })
}

/// `Decision.error() -> string` (1.27): why the check itself failed, `''` if it did not.
/// No errors.
#[must_use]
pub fn error() -> Function {
    ask("error", "decision_error", Type::String, |args| {
        Ok(Value::string(
            decision(args)?.error.as_deref().unwrap_or_default(),
        ))
    })
}
