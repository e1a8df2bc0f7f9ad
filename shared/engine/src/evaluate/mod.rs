//! Saying what the cluster would do with objects.

mod mutation;
mod namespace;
mod object;
mod outcomes;
mod params;
mod pod_security;
mod refusal;
mod rows;
mod sentence;
mod stored;

use std::sync::Arc;

use vapwright_admission::policy::Binding;
use vapwright_admission::rbac::{Rbac, is_rbac};
use vapwright_admission::request::{Operation, Rights, User};
use vapwright_cel::document::Node;
use vapwright_cel::version::KubernetesVersion;
use vapwright_kube::admit::{Cluster, Settings};
use vapwright_kube::custom::Definitions;
use vapwright_kube::path::Path;
use vapwright_kube::problem::Problem;
use vapwright_kyverno::webhook::Kyverno;

use crate::compiled::{Cache, Entry};
use crate::diagnose::diagnostic;
use crate::input::{Input, check_object};
use crate::policies::{self, Policies, Policy};
use crate::type_check;
use crate::version;
use crate::wire::{
    Diagnostic, EvaluateAnswer, EvaluateCall, FailFast, RequestSettings, Severity, Verdict,
};
use mutation::Mutating;
use namespace::Namespaces;
use outcomes::Sides;
use stored::Stored;

/// What is kept between calls: policies that were compiled for an earlier call and did not change.
#[derive(Debug, Default)]
pub struct Session {
    cache: Cache,
}

/// A policy of the call with its bindings, compiled.
struct Bound<'c> {
    policy: &'c Policy,
    entry: Arc<Entry>,
    bindings: Vec<Binding>,
    /// Whether the call has bindings for it: else it counts as bound everywhere.
    given: bool,
}

/// What all objects of a call share.
struct Context<'c, 't> {
    policies: Vec<Bound<'c>>,
    /// Policies for workloads, which the call does not have, for the outcome with them.
    fail_fast: Vec<Bound<'c>>,
    mutating: Vec<Mutating>,
    policy_inputs: &'c [Input<'t>],
    namespaces: Namespaces,
    stored: Stored,
    version: KubernetesVersion,
    operation: Operation,
    user: User,
    rights: Rights,
    dry_run: bool,
    /// Objects as they are stored, among which parameters and the definitions of custom kinds are
    /// looked for.
    params: Vec<Node>,
    /// The definitions of custom kinds among them.
    defining: Vec<Node>,
    /// How the API server is set, but for the namespace, and what its plugins look up.
    settings: Settings,
    /// Whether objects are shown as policies see them.
    show_admitted: bool,
    /// What the outcomes are made with, where the call asks for them.
    sides: Option<Sides>,
}

impl Session {
    /// Says what the cluster would do with the objects of a call.
    pub fn evaluate(&mut self, call: &EvaluateCall) -> EvaluateAnswer {
        let mut diagnostics = Vec::new();
        let version = version::read(call.kubernetes.as_deref(), &mut diagnostics);
        let operation = operation(&call.request, &mut diagnostics);
        let policy_inputs = Input::read_all(&call.policies, &mut diagnostics);
        let loaded = policies::load(
            &policy_inputs,
            &policies::Terms {
                labels: &call.labels,
                profile: call.profile.as_deref(),
                fail_fast: call.fail_fast,
            },
            version,
            is_rbac,
            &mut diagnostics,
        );
        let mut bound = Vec::with_capacity(loaded.policies.len());
        for policy in &loaded.policies {
            let one = bind(policy, self.cache.compile(&policy.node, version));
            one.entry.diagnose(policy, &policy_inputs, &mut diagnostics);
            bound.push(one);
        }
        let wanted = call.show_outcomes && call.fail_fast == FailFast::No;
        let beside = wanted.then(|| fail_fast(call, &policy_inputs, version));
        let beside = beside.iter().flat_map(|loaded| &loaded.policies);
        let fail_fast = beside
            .filter(|policy| {
                !loaded
                    .policies
                    .iter()
                    .any(|known| known.name() == policy.name())
            })
            .map(|policy| bind(policy, self.cache.compile(&policy.node, version)))
            .collect();
        self.cache.forget_unused();
        let mutating = mutation::compile(&loaded, &policy_inputs, version, &mut diagnostics);

        let inputs = Input::read_all(&call.objects, &mut diagnostics);
        let namespaces = Namespaces::read(call.namespace.as_ref(), &inputs, &mut diagnostics);
        let old = Input::read_all(&call.old_objects, &mut diagnostics);
        let given = Input::read_all(&call.params, &mut diagnostics);
        let all = || {
            let inputs = policy_inputs.iter().chain(&given).chain(&inputs);
            let objects = inputs.flat_map(|input| &input.objects);
            objects.map(|object| &object.document.node)
        };
        let definitions = Definitions::read(all(), version);
        let namespaces = namespaces.with(definitions.clone());
        let stored = Stored::read(
            &old,
            &inputs,
            operation,
            &namespaces,
            &definitions,
            &mut diagnostics,
        );
        params::check(&given, &definitions, &mut diagnostics);
        let rbac = Rbac::new(all(), namespaces.name());
        let kinds = policies::param_kinds(&loaded);
        let counting = all().filter(|node| params::counts(node, &kinds)).cloned();
        let params = params::stored(counting.collect(), &kinds, &namespaces, &definitions);
        let defining = params.iter().filter(|node| params::is_definition(node));
        let defining = defining.cloned().collect();
        for input in policy_inputs.iter().chain(&given).chain(&inputs) {
            check_roles(&rbac, input, namespaces.name(), &mut diagnostics);
        }
        let settings = Settings {
            service_account: call.server.service_account,
            privileged: call.server.allow_privileged,
            cluster: Cluster::new(&params, namespaces.name()),
            definitions,
            ..Settings::default()
        };
        let context = Context {
            policies: bound,
            fail_fast,
            mutating,
            policy_inputs: &policy_inputs,
            namespaces,
            stored,
            version,
            operation,
            user: user(&call.request),
            rights: Rights::Rbac(Arc::new(rbac)),
            dry_run: call.request.dry_run,
            settings,
            show_admitted: call.show_admitted,
            sides: call.show_outcomes.then(|| Sides {
                kyverno: kyverno(&policy_inputs, version),
                profile: format!("{}/profile", call.labels.domain),
            }),
            params,
            defining,
        };
        let mut objects = Vec::new();
        let bound = context.policies.iter();
        let type_checking = type_check::check(
            bound.map(|bound| (bound.policy, &*bound.entry)),
            &context.defining,
            &policy_inputs,
            &mut diagnostics,
        );
        for input in &inputs {
            for object in &input.objects {
                let document = &object.document;
                let definitions = &context.settings.definitions;
                let problems = check_object(input, document, definitions, &mut diagnostics);
                if let Some(problems) = problems {
                    objects.push(context.answer(input, document, &problems, &mut diagnostics));
                }
            }
        }
        let worst = objects.iter().map(|object| object.verdict).max();
        EvaluateAnswer {
            verdict: worst.unwrap_or(Verdict::Allowed),
            sentence: sentence::of_all(&objects),
            objects,
            policies: loaded
                .policies
                .iter()
                .map(|policy| policy.to_wire(&policy_inputs))
                .collect(),
            mutating: loaded
                .mutating
                .iter()
                .map(|policy| policy.to_wire(&policy_inputs))
                .collect(),
            namespace: context.namespaces.to_wire(),
            diagnostics,
            type_checking,
        }
    }
}

/// The Kyverno policies of inputs, as they are.
fn kyverno(inputs: &[Input<'_>], version: KubernetesVersion) -> Kyverno {
    let objects = inputs.iter().flat_map(|input| &input.objects);
    Kyverno::new(objects.map(|object| &object.document.node), version)
}

fn bind(policy: &Policy, entry: Arc<Entry>) -> Bound<'_> {
    let given = !policy.bindings.is_empty();
    let bindings = if given {
        let bindings = policy.bindings.iter();
        bindings.map(|node| Binding::read(node).0).collect()
    } else {
        vec![Binding::everywhere(&entry.policy.policy)]
    };
    Bound {
        policy,
        entry,
        bindings,
        given,
    }
}

/// The policies of a call with those for workloads, which warn. What is wrong with them has been told.
fn fail_fast(call: &EvaluateCall, inputs: &[Input<'_>], version: KubernetesVersion) -> Policies {
    let terms = policies::Terms {
        labels: &call.labels,
        profile: call.profile.as_deref(),
        fail_fast: FailFast::Warn,
    };
    policies::load(inputs, &terms, version, is_rbac, &mut Vec::new())
}

fn operation(request: &RequestSettings, diagnostics: &mut Vec<Diagnostic>) -> Operation {
    let Some(name) = request.operation.as_deref().filter(|name| !name.is_empty()) else {
        return Operation::Create;
    };
    Operation::of(name).unwrap_or_else(|| {
        diagnostics.push(diagnostic(
            Severity::Error,
            "unknown-operation",
            &format!("there is no operation `{name}`"),
            Some("use `CREATE`, `UPDATE`, `DELETE` or `CONNECT`"),
        ));
        Operation::Create
    })
}

/// Says which bindings of an input refer to roles that nobody gave.
fn check_roles(rbac: &Rbac, input: &Input<'_>, namespace: &str, diagnostics: &mut Vec<Diagnostic>) {
    for object in &input.objects {
        let Some(missing) = rbac.missing_role(&object.document.node, namespace) else {
            continue;
        };
        let path = Path::root().fields(&["roleRef", "name"]);
        let problem = Problem::warning(
            "unknown-role",
            format!(
                "there is no {} `{}` for this binding",
                missing.kind, missing.name
            ),
            Some(object.document.range(&path)),
        )
        .help("the authorizer goes by the roles among the policies and objects, and by those that every cluster has")
        .at_path(&path);
        diagnostics.push(input.diagnostic(&problem));
    }
}

/// Who asks: where a call does not say, an administrator as `kubeadm` makes one. The groups that
/// are not said are those of the API server's impersonation (`kubectl --as`).
fn user(request: &RequestSettings) -> User {
    let given = request.user.clone().filter(|name| !name.is_empty());
    let mut groups = request.groups.clone();
    let account = given
        .as_deref()
        .and_then(|name| name.strip_prefix("system:serviceaccount:"))
        .and_then(|account| account.split_once(':'));
    match (&given, account) {
        (None, _) if groups.is_empty() => groups.push("kubeadm:cluster-admins".to_owned()),
        (_, Some((namespace, _))) if groups.is_empty() => {
            groups.push("system:serviceaccounts".to_owned());
            groups.push(format!("system:serviceaccounts:{namespace}"));
        }
        _ => {}
    }
    let has = |wanted: &str| groups.iter().any(|group| group == wanted);
    if given.as_deref() == Some("system:anonymous") {
        if !has("system:unauthenticated") {
            groups.push("system:unauthenticated".to_owned());
        }
    } else if !has("system:authenticated") && !has("system:unauthenticated") {
        groups.push("system:authenticated".to_owned());
    }
    User {
        name: given.unwrap_or_else(|| "kubernetes-admin".to_owned()),
        groups,
        ..User::default()
    }
}

/// Says what the cluster would do with the objects of one call.
#[must_use]
pub fn evaluate(call: &EvaluateCall) -> EvaluateAnswer {
    Session::default().evaluate(call)
}
