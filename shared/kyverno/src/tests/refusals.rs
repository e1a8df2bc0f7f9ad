//! What cannot be translated is refused, at its place, with a way out.

use vapwright_kube::problem::Severity;

use super::{PODS, VALIDATE, converted, document, policy};
use crate::{Names, Options, Outcome, convert};

/// The place of the one error, its code, and whether the rule is left out.
fn check(text: &str, code: &str, path: &str, policies: usize) {
    let conversion = converted(text);
    let errors: Vec<_> = conversion
        .problems
        .iter()
        .filter(|problem| problem.severity == Severity::Error)
        .collect();
    let found: Vec<(&str, &str)> = errors
        .iter()
        .map(|problem| (problem.code, problem.path.as_str()))
        .collect();
    assert_eq!(found, [(code, path)], "{text}\n{errors:#?}");
    let range = errors[0].range.unwrap();
    assert!(range.start < range.end && range.end as usize <= text.len());
    assert_eq!(conversion.policies.len(), policies, "{text}");
    assert!(
        conversion
            .fields
            .iter()
            .any(|field| field.outcome == Outcome::Refused && field.path.to_string() == path)
    );
}

#[test]
fn what_is_not_cel_is_refused() {
    for (rule, path) in [
        ("validate: {pattern: {spec: {a: b}}}", "validate"),
        ("validate: {deny: {conditions: {}}}", "validate"),
        ("validate: {podSecurity: {level: baseline}}", "validate"),
    ] {
        let text = policy("", &format!("{PODS}{rule}"));
        let conversion = converted(&text);
        assert_eq!(conversion.policies, Vec::new());
        assert!(conversion.problems.iter().any(|problem| {
            problem.code == "not-translatable"
                && problem.path.starts_with(&format!("spec.rules[0].{path}"))
                && problem.help.is_some()
        }));
    }
    for (rule, path) in [
        ("context: [{name: a}]", "context"),
        ("preconditions: {all: [{key: a}]}", "preconditions"),
        ("mutate: {targets: [{}]}", "mutate"),
        ("verifyImages: [{}]", "verifyImages"),
    ] {
        check(
            &policy("", &format!("{PODS}{VALIDATE}{rule}")),
            "not-translatable",
            &format!("spec.rules[0].{path}"),
            0,
        );
    }
}

#[test]
fn who_a_role_is_bound_to_cannot_be_seen() {
    for roles in ["roles", "clusterRoles"] {
        check(
            &policy(
                "",
                &format!(
                    "{VALIDATE}match: {{any: [{{resources: {{kinds: [Pod]}}, {roles}: [admin]}}]}}"
                ),
            ),
            "not-translatable",
            &format!("spec.rules[0].match.any[0].{roles}"),
            0,
        );
    }
}

#[test]
fn unknown_fields_are_refused() {
    check(
        &policy("", &format!("{PODS}{VALIDATE}matsch: 1")),
        "unknown-field",
        "spec.rules[0].matsch",
        0,
    );
    check(
        &policy(
            "",
            &format!("{VALIDATE}match: {{any: [{{resources: {{kinds: [Pod], namespace: [a]}}}}]}}"),
        ),
        "unknown-field",
        "spec.rules[0].match.any[0].resources.namespace",
        0,
    );
    check(
        &policy("bakground: true", &format!("{PODS}{VALIDATE}")),
        "unknown-field",
        "spec.bakground",
        1,
    );
}

#[test]
fn wrong_types_are_refused() {
    check(
        &policy(
            "",
            &format!("{VALIDATE}match: {{any: {{}}, resources: {{kinds: Pod}}}}"),
        ),
        "wrong-type",
        "spec.rules[0].match.resources.kinds",
        0,
    );
    check(
        &policy(
            "",
            &format!(
                "{PODS}validate: {{cel: {{expressions: [{{expression: 1}}, {{expression: a}}]}}}}"
            ),
        ),
        "wrong-type",
        "spec.rules[0].validate.cel.expressions[0].expression",
        0,
    );
}

#[test]
fn other_kinds_are_refused_whole() {
    for (version, kind) in [
        ("policies.kyverno.io/v1", "ValidatingPolicy"),
        ("kyverno.io/v2", "PolicyException"),
        ("kyverno.io/v2", "ClusterCleanupPolicy"),
    ] {
        check(
            &format!(
                "apiVersion: {version}\nkind: {kind}\nmetadata: {{name: a}}\nspec: {{x: 1}}\n"
            ),
            "not-translatable",
            "",
            0,
        );
    }
}

#[test]
fn an_override_that_a_binding_cannot_say_is_refused() {
    let text = policy(
        "validationFailureAction: Audit\nvalidationFailureActionOverrides:\n- {action: Enforce, namespaces: ['prod-*']}",
        &format!("{PODS}{VALIDATE}"),
    );
    let conversion = converted(&text);
    assert_eq!(conversion.policies, Vec::new());
    assert_eq!(
        conversion.problems[0].path,
        "spec.validationFailureActionOverrides[0].namespaces"
    );
}

/// The other rules of a policy, and the other policies, are converted all the same.
#[test]
fn one_refusal_stops_nothing_else() {
    let mut text = policy("", &format!("{PODS}{VALIDATE}context: [{{name: a}}]"));
    text.push_str(
        policy("", &format!("{PODS}{VALIDATE}"))
            .replace("name: it", "name: other")
            .split_once("rules:\n")
            .unwrap()
            .1,
    );
    let conversion = converted(&text);
    let names: Vec<&str> = conversion
        .policies
        .iter()
        .map(|p| p.name.as_str())
        .collect();
    assert_eq!(names, ["check-it-other"]);
}

#[test]
fn the_same_rule_twice_is_refused() {
    let text = policy("", &format!("{PODS}{VALIDATE}"));
    let mut names = Names::new();
    let source = document(&text);
    let first = convert(&source, &Options::default(), &mut names);
    assert_eq!(first.problems, Vec::new());
    let second = convert(&source, &Options::default(), &mut names);
    assert_eq!(second.problems[0].code, "duplicate-rule");
    assert_eq!(second.policies, Vec::new());
}
