//! Policies compiled once for many calls, and what is wrong with them.

use std::collections::BTreeMap;
use std::sync::Arc;

use vapwright_admission::compile::{
    CompiledPolicy, Expression, Failure, Role, compile, compile_new,
};
use vapwright_admission::mutate;
use vapwright_admission::mutate::compile::CompiledMutatingPolicy;
use vapwright_admission::mutate::policy::MutatingPolicy;
use vapwright_admission::policy::Policy as Admission;
use vapwright_admission::validate::{self, FieldError};
use vapwright_cel::document::Node;
use vapwright_cel::issue::{Issue, Phase};
use vapwright_cel::version::KubernetesVersion;
use vapwright_kube::json;
use vapwright_kube::path::Path;
use vapwright_kube::problem::{Problem, TextRange};

use crate::input::{Input, api_version, kind};
use crate::policies::Policy;
use crate::type_check::BuiltIn;
use crate::wire::Diagnostic;

/// A policy that was compiled.
#[derive(Debug)]
pub struct Entry {
    /// What is evaluated: the policy as the API server compiles one that it stores.
    pub policy: CompiledPolicy,
    /// The policy as the API server compiles one that is created.
    new: CompiledPolicy,
    /// What the API server would say against creating it.
    errors: Vec<FieldError>,
    /// The version of the API server.
    version: KubernetesVersion,
    /// What the type check said.
    pub types: BuiltIn,
}

type Key = (KubernetesVersion, String);

/// Compiled policies by version and content. What the last call did not use is forgotten, so
/// that a cache is never larger than a call.
#[derive(Debug, Default)]
pub struct Cache {
    compiled: BTreeMap<Key, Arc<Entry>>,
    used: BTreeMap<Key, Arc<Entry>>,
}

impl Cache {
    /// The compiled form of a policy.
    pub fn compile(&mut self, node: &Node, version: KubernetesVersion) -> Arc<Entry> {
        let key = (version, json::write(node));
        let found = self.used.get(&key).or_else(|| self.compiled.get(&key));
        let entry = found.cloned().unwrap_or_else(|| {
            let policy = Admission::read(node).0;
            let new = compile_new(policy.clone(), version);
            Arc::new(Entry {
                policy: compile(policy, version),
                errors: validate::compiled_policy(node, &new),
                new,
                version,
                types: BuiltIn::default(),
            })
        });
        self.used.insert(key, Arc::clone(&entry));
        entry
    }

    /// Ends a call.
    pub fn forget_unused(&mut self) {
        self.compiled = std::mem::take(&mut self.used);
    }
}

impl Entry {
    /// Whether the API server would take the policy in.
    pub fn is_accepted(&self) -> bool {
        self.errors.is_empty() && self.new.failures().next().is_none()
    }

    /// The version of the API server.
    pub const fn version(&self) -> KubernetesVersion {
        self.version
    }

    /// Says what is wrong with the policy, each error at its place in what was typed.
    pub fn diagnose(
        &self,
        policy: &Policy,
        inputs: &[Input<'_>],
        diagnostics: &mut Vec<Diagnostic>,
    ) {
        let pairs = self.new.expressions().zip(self.policy.expressions());
        let found = Found {
            version: self.version,
            errors: &self.errors,
        };
        found.diagnose(pairs, policy, inputs, diagnostics);
    }
}

/// A mutating policy that was compiled.
#[derive(Debug)]
pub struct MutatingEntry {
    /// What is applied: the policy as the API server compiles one that it stores.
    pub policy: CompiledMutatingPolicy,
    /// The policy as the API server compiles one that is created.
    new: CompiledMutatingPolicy,
    errors: Vec<FieldError>,
    version: KubernetesVersion,
}

impl MutatingEntry {
    /// Compiles a policy.
    pub fn new(node: &Node, version: KubernetesVersion) -> Self {
        let policy = MutatingPolicy::read(node).0;
        let new = mutate::compile::compile_new(policy.clone(), version);
        Self {
            policy: mutate::compile::compile(policy, version),
            errors: validate::compiled_mutating_policy(node, &new),
            new,
            version,
        }
    }

    /// Says what is wrong with the policy, each error at its place in what was typed.
    pub fn diagnose(
        &self,
        policy: &Policy,
        inputs: &[Input<'_>],
        diagnostics: &mut Vec<Diagnostic>,
    ) {
        let pairs = self.new.expressions().zip(self.policy.expressions());
        let found = Found {
            version: self.version,
            errors: &self.errors,
        };
        found.diagnose(pairs, policy, inputs, diagnostics);
    }
}

/// Compiles mutating policies and says what is wrong with them; those that the version does not
/// have are left out.
pub fn compile_mutating<'p>(
    policies: &'p [Policy],
    inputs: &[Input<'_>],
    version: KubernetesVersion,
    diagnostics: &mut Vec<Diagnostic>,
) -> Vec<(&'p Policy, MutatingEntry)> {
    let mut compiled = Vec::new();
    for policy in policies {
        if let Some(problem) = not_served(policy, version) {
            let input = inputs.get(policy.input);
            diagnostics.extend(input.map(|input| input.diagnostic(&problem)));
            continue;
        }
        let entry = MutatingEntry::new(&policy.node, version);
        entry.diagnose(policy, inputs, diagnostics);
        compiled.push((policy, entry));
    }
    compiled
}

/// Mutating policies came with 1.32 (alpha), 1.34 (beta) and 1.36.
fn not_served(policy: &Policy, version: KubernetesVersion) -> Option<Problem> {
    let own = api_version(&policy.node);
    let since = match own.rsplit('/').next().unwrap_or_default() {
        "v1alpha1" => 32,
        "v1beta1" => 34,
        _ => 36,
    };
    if version.minor >= since {
        return None;
    }
    let path = Path::root().field("apiVersion");
    let kind = kind(&policy.node);
    let range = policy.document.range(&path);
    let problem = Problem::error(
        "unknown-kind",
        format!("no matches for kind {kind:?} in version {own:?}"),
        Some(range),
    );
    let problem = problem.help(format!(
        "`{own}` has this kind since Kubernetes 1.{since}; it is not applied"
    ));
    Some(problem.at_path(&path))
}

/// What is wrong with a policy.
struct Found<'f> {
    version: KubernetesVersion,
    errors: &'f [FieldError],
}

impl Found<'_> {
    /// `pairs`: each expression as it is compiled when it is new, and when it is stored.
    fn diagnose<'e>(
        &self,
        pairs: impl Iterator<Item = (&'e Expression, &'e Expression)>,
        policy: &Policy,
        inputs: &[Input<'_>],
        diagnostics: &mut Vec<Diagnostic>,
    ) {
        let Some(input) = inputs.get(policy.input) else {
            return;
        };
        let mut failed = Vec::new();
        for (expression, stored) in pairs {
            let Some(failure) = expression.failure() else {
                continue;
            };
            failed.push(&expression.path);
            for mut problem in of_failure(policy, expression, failure) {
                if stored.failure().is_none() {
                    problem = problem.help(match expression.role {
                        Role::MatchCondition if failure.names_variables() => {
                            NO_VARIABLES.to_owned()
                        }
                        _ => too_new(self.version),
                    });
                }
                let diagnostic = input.diagnostic(&problem);
                if !diagnostics.contains(&diagnostic) {
                    diagnostics.push(diagnostic);
                }
            }
        }
        for error in self.errors {
            if !failed.contains(&&error.path) {
                let path = policy.path_in_source(&error.path);
                let range = policy.document.range(&path);
                let problem = Problem::error("invalid-field", &error.message, Some(range));
                diagnostics.push(input.diagnostic(&problem.at_path(&path)));
            }
        }
    }
}

/// What to know of a match condition that reads a variable.
const NO_VARIABLES: &str = "the API server evaluates it where it is stored, but lets no new match condition read variables";

/// What to know of an expression that the API server would evaluate but not take.
fn too_new(version: KubernetesVersion) -> String {
    let before = version.compatibility();
    format!(
        "Kubernetes {version} evaluates it where it is stored, but takes in a new expression only \
         what {before} has too, so that the cluster can be rolled back"
    )
}

/// The errors of an expression that does not compile.
fn of_failure(policy: &Policy, expression: &Expression, failure: &Failure) -> Vec<Problem> {
    let path = policy.path_in_source(&expression.path);
    let whole = policy.document.range(&path);
    if failure.issues.is_empty() {
        let problem = Problem::error("cel-type", &failure.detail, Some(whole));
        return vec![problem.at_path(&path)];
    }
    failure
        .issues
        .iter()
        .map(|issue| {
            let code = match issue.phase {
                Phase::Syntax => "cel-syntax",
                Phase::Check => "cel-check",
                Phase::Program => "cel-program",
            };
            let range = match issue.phase {
                Phase::Program => None,
                _ => range_of(policy, &expression.path, expression.text(), issue),
            };
            let range = range.unwrap_or(whole);
            Problem::error(code, &issue.message, Some(range)).at_path(&path)
        })
        .collect()
}

/// Where an error of an expression stands in the text of the source.
pub fn range_of(policy: &Policy, path: &Path, text: &str, issue: &Issue) -> Option<TextRange> {
    let path = policy.path_in_source(path);
    let (node, places) = policy.document.find(&path)?;
    // A conversion may have rewritten the expression.
    if node.as_str() != Some(text) {
        return None;
    }
    let scalar = places.scalar.as_ref()?;
    let start = scalar.text_offset(issue.offset)?;
    Some(TextRange {
        start: start.min(places.range.end),
        end: (start + 1).min(places.range.end),
    })
}
