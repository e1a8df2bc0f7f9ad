//! What a cluster writes into `status.typeChecking` of the policies of a call.

use std::sync::OnceLock;

use vapwright_admission::type_check::{self as admission, ExpressionWarning};
use vapwright_cel::document::Node;
use vapwright_cel::issue::Issue;
use vapwright_kube::kinds::Gvk;
use vapwright_kube::path::{Path, Segment};
use vapwright_kube::problem::Problem;

use crate::compiled::{Entry, range_of};
use crate::input::Input;
use crate::policies::Policy;
use crate::wire::{Diagnostic, TypeWarning};

/// The warnings of a policy where no custom kinds are defined: they stay the same from call to call.
#[derive(Debug, Default)]
pub struct BuiltIn(OnceLock<Vec<ExpressionWarning>>);

/// Checks the types of a call's policies, given the definitions of custom kinds.
/// What is found is also among the diagnostics, at its place in what was typed.
pub fn check<'e>(
    policies: impl Iterator<Item = (&'e Policy, &'e Entry)>,
    definitions: &[Node],
    inputs: &[Input<'_>],
    diagnostics: &mut Vec<Diagnostic>,
) -> Vec<TypeWarning> {
    let mut all = Vec::new();
    for (policy, entry) in policies {
        // one that is not accepted has no status
        if !entry.is_accepted() {
            continue;
        }
        let check = || admission::type_check(&entry.policy.policy, definitions, entry.version());
        let fresh;
        let warnings = if definitions.is_empty() {
            entry.types.0.get_or_init(check)
        } else {
            fresh = check();
            &fresh
        };
        for warning in warnings {
            let text = warning.text.clone();
            all.push(TypeWarning {
                policy: policy.name().to_owned(),
                field_ref: warning.path.to_string(),
                warning: text,
            });
            if let Some(input) = inputs.get(policy.input) {
                let problems = problems(policy, warning);
                diagnostics.extend(problems.iter().map(|problem| input.diagnostic(problem)));
            }
        }
    }
    all
}

/// The errors of an expression, each once with the kinds for which it is one.
fn problems(policy: &Policy, warning: &ExpressionWarning) -> Vec<Problem> {
    let mut errors: Vec<(&Issue, Vec<&Gvk>)> = Vec::new();
    for of_kind in &warning.kinds {
        for issue in &of_kind.issues {
            let known = errors
                .iter_mut()
                .find(|(known, _)| known.message == issue.message && known.offset == issue.offset);
            match known {
                Some((_, kinds)) => kinds.push(&of_kind.kind),
                None => errors.push((issue, vec![&of_kind.kind])),
            }
        }
    }
    let path = policy.path_in_source(&warning.path);
    let problem = |(issue, kinds): (&Issue, Vec<&Gvk>)| {
        let range = range_of(policy, &warning.path, text(policy, &warning.path), issue);
        let range = range.unwrap_or_else(|| policy.document.range(&path));
        let kinds: Vec<String> = kinds.iter().map(|kind| format!("`{kind}`")).collect();
        let message = format!("{}, for {}", issue.message, kinds.join(" and "));
        Problem::warning("cel-kind", message, Some(range))
            .help("the cluster accepts the policy, and says this in its `status.typeChecking`")
            .at_path(&path)
    };
    errors.into_iter().map(problem).collect()
}

/// The text of an expression of the policy.
fn text<'p>(policy: &'p Policy, path: &Path) -> &'p str {
    let node = path
        .0
        .iter()
        .try_fold(&policy.node, |node, segment| match segment {
            Segment::Field(name) => node.get(name),
            Segment::Index(index) => node.as_list()?.get(*index),
        });
    node.and_then(Node::as_str).unwrap_or_default()
}
