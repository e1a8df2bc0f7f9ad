//! The other parts of a rule: conditions, expressions, actions, params, annotations.

use vapwright_cel::document::Node;
use vapwright_cel::version::KubernetesVersion;

use super::{PODS, VALIDATE, assert_same, converted, document, policy};
use crate::{Conversion, Names, Options, Outcome, Profile, convert};

fn only(conversion: &Conversion) -> &crate::Converted {
    assert_eq!(conversion.problems, Vec::new());
    assert_eq!(conversion.policies.len(), 1);
    &conversion.policies[0]
}

/// A part of the policy that comes of what is below `spec` and below the rule.
fn check(spec: &str, rule: &str, at: &[&str], expected: &str) {
    let conversion = converted(&policy(spec, &format!("{PODS}{rule}")));
    let policy = only(&conversion);
    let got = policy.policy.at(at).unwrap_or(&Node::Null);
    assert_same(got, expected, rule);
}

#[test]
fn expressions_are_carried_over() {
    check(
        "",
        "validate:\n  message: the rule's\n  cel:\n    expressions:\n    - expression: a\n    - expression: b\n      message: |\n        first line\n          second line\n      messageExpression: \"'x'\"\n      reason: Forbidden",
        &["spec", "validations"],
        "- expression: a\n  message: the rule's\n- expression: b\n  message: first line second line\n  messageExpression: \"'x'\"\n  reason: Forbidden",
    );
    // The API wants a message for an expression of several lines.
    check(
        "",
        "validate:\n  cel:\n    expressions:\n    - expression: |-\n        a &&\n          b\n    - expression: c",
        &["spec", "validations"],
        "- expression: |-\n    a &&\n      b\n  message: 'failed expression: a && b'\n- expression: c",
    );
}

/// A number that is the minor version is that of the cluster; anything else of the name is not.
#[test]
fn a_variable_is_the_minor_version() {
    for (variable, expected, depends) in [
        ("{name: kubernetesMinor, expression: '36'}", "31", true),
        (
            "{name: kubernetesMinor, expression: '30 + 1'}",
            "30 + 1",
            false,
        ),
        ("{name: minor, expression: '36'}", "36", false),
    ] {
        let rule = format!(
            "{PODS}validate: {{cel: {{variables: [{variable}], expressions: [{{expression: 'true'}}]}}}}"
        );
        let document = document(&policy("", &rule));
        assert_eq!(crate::depends_on_version(&document), depends, "{variable}");
        let options = Options {
            kubernetes: KubernetesVersion::new(31),
            ..Options::default()
        };
        let found = convert(&document, &options, &mut Names::new());
        assert_eq!(found.problems, Vec::new());
        let variables = found.policies[0].policy.at(&["spec", "variables"]);
        let first = &variables.unwrap().as_list().unwrap()[0];
        assert_eq!(first.get("expression").unwrap().as_str(), Some(expected));
        let path = "spec.rules[0].validate.cel.variables[0].expression";
        let mut fields = found.fields.iter();
        let field = fields.find(|field| field.path.to_string() == path).unwrap();
        let note = field.note.as_deref();
        let wanted = depends.then_some("it is the minor version of Kubernetes 1.31");
        assert_eq!(note, wanted);
    }
}

#[test]
fn variables_audit_annotations_and_params_are_carried_over() {
    let rule = "validate:\n  cel:\n    paramKind: {apiVersion: v1, kind: ConfigMap}\n    paramRef: {name: limits, namespace: x}\n    variables:\n    - {name: a, expression: '1'}\n    - {name: b, expression: variables.a}\n    auditAnnotations:\n    - {key: k, valueExpression: \"'v'\"}\n    expressions:\n    - expression: variables.b == 1";
    check(
        "",
        rule,
        &["spec", "variables"],
        "[{name: a, expression: '1'}, {name: b, expression: variables.a}]",
    );
    check(
        "",
        rule,
        &["spec", "auditAnnotations"],
        "[{key: k, valueExpression: \"'v'\"}]",
    );
    check(
        "",
        rule,
        &["spec", "paramKind"],
        "{apiVersion: v1, kind: ConfigMap}",
    );
    let conversion = converted(&policy("", &format!("{PODS}{rule}")));
    assert_same(
        only(&conversion).bindings[0]
            .at(&["spec", "paramRef"])
            .unwrap(),
        "{name: limits, namespace: x, parameterNotFoundAction: Deny}",
        "what the API sets by default is written out",
    );
}

#[test]
fn conditions_of_all_places_are_joined() {
    let rule = format!(
        "{VALIDATE}exclude: {{any: [{{resources: {{namespaces: [a]}}}}]}}\ncelPreconditions:\n- {{name: exclude, expression: x}}"
    );
    check(
        "webhookConfiguration:\n  matchConditions:\n  - {name: w, expression: z}",
        &rule,
        &["spec", "matchConditions"],
        "- {name: exclude, expression: \"!(request.?namespace.orValue('') == 'a')\"}\n- {name: w, expression: z}\n- {name: exclude-2, expression: x}",
    );
}

#[test]
fn failure_policy_is_carried_over() {
    check("", VALIDATE, &["spec", "failurePolicy"], "Fail");
    check(
        "failurePolicy: Ignore",
        VALIDATE,
        &["spec", "failurePolicy"],
        "Ignore",
    );
    check(
        "webhookConfiguration: {failurePolicy: Ignore}",
        VALIDATE,
        &["spec", "failurePolicy"],
        "Ignore",
    );
}

/// The bindings of a policy: name, actions, requirements of the namespace selector.
fn bindings(spec: &str, validate: &str, profile: Option<Profile>) -> Vec<Node> {
    let rule = format!(
        "{PODS}{}",
        VALIDATE.replace("validate:\n", &format!("validate:\n{validate}"))
    );
    let options = Options {
        profile,
        ..Options::default()
    };
    let text = policy(spec, &rule);
    let conversion = convert(&document(&text), &options, &mut Names::new());
    only(&conversion).bindings.clone()
}

#[test]
fn actions_become_bindings() {
    let custom =
        "matchExpressions: [{key: policy.vapwright.dev/check-it, operator: In, values: [include]}]";
    for (spec, validate, actions) in [
        ("", "", "[Audit, Warn]"),
        ("validationFailureAction: enforce", "", "[Deny]"),
        (
            "validationFailureAction: Audit",
            "  failureAction: Enforce\n",
            "[Deny]",
        ),
        (
            "validationFailureAction: Enforce",
            "  failureAction: Audit\n",
            "[Audit, Warn]",
        ),
    ] {
        let all = bindings(spec, validate, None);
        assert_eq!(all.len(), 1);
        assert_same(
            &all[0],
            &format!(
                "apiVersion: admissionregistration.k8s.io/v1\nkind: ValidatingAdmissionPolicyBinding\nmetadata: {{name: check-it}}\nspec:\n  policyName: check-it\n  validationActions: {actions}\n  matchResources:\n    namespaceSelector:\n      {custom}"
            ),
            spec,
        );
    }
}

#[test]
fn profiles_bind_by_labels() {
    for (profile, values) in [
        (Profile::Baseline, "[baseline, restricted]"),
        (Profile::Restricted, "[restricted]"),
    ] {
        let all = bindings("", "", Some(profile));
        assert_same(
            all[0]
                .at(&["spec", "matchResources", "namespaceSelector"])
                .unwrap(),
            &format!(
                "matchExpressions:\n- {{key: policy.vapwright.dev/profile, operator: In, values: {values}}}\n- {{key: policy.vapwright.dev/check-it, operator: NotIn, values: [exclude]}}"
            ),
            values,
        );
    }
}

#[test]
fn overrides_are_bindings_of_their_own() {
    let all = bindings(
        "validationFailureAction: Audit\nvalidationFailureActionOverrides:\n- {action: Enforce, namespaces: [prod, live]}",
        "",
        None,
    );
    assert_eq!(all.len(), 2);
    let selector = ["spec", "matchResources", "namespaceSelector"];
    let own = "{key: policy.vapwright.dev/check-it, operator: In, values: [include]}";
    assert_same(
        all[0].at(&selector).unwrap(),
        &format!(
            "matchExpressions:\n- {own}\n- {{key: kubernetes.io/metadata.name, operator: NotIn, values: [prod, live]}}"
        ),
        "all others",
    );
    assert_same(
        all[1].at(&selector).unwrap(),
        &format!(
            "matchExpressions:\n- {own}\n- {{key: kubernetes.io/metadata.name, operator: In, values: [prod, live]}}"
        ),
        "the chosen",
    );
    assert_eq!(
        all[1].at(&["metadata", "name"]).and_then(Node::as_str),
        Some("check-it-enforce")
    );
    assert_same(
        all[1].at(&["spec", "validationActions"]).unwrap(),
        "[Deny]",
        "actions",
    );
}

#[test]
fn annotations_say_where_it_comes_from() {
    let text = "apiVersion: kyverno.io/v1\nkind: ClusterPolicy\nmetadata:\n  name: check-it\n  labels: {team: x}\n  annotations:\n    policies.kyverno.io/title: A Title\n    policies.kyverno.io/category: Pod Security Standards (Restricted) in CEL\n    policies.kyverno.io/severity: high\n    policies.kyverno.io/description: What for.\n    policies.kyverno.io/subject: Pod\n    policy.vapwright.dev/remediation: Do that.\n    kubectl.kubernetes.io/last-applied-configuration: '{}'\nspec:\n  rules:\n  - name: it\n    match: {any: [{resources: {kinds: [Pod]}}]}\n    validate: {cel: {expressions: [{expression: a}]}}\n";
    let conversion = converted(text);
    let policy = only(&conversion);
    assert_eq!(policy.profile, Profile::Restricted);
    assert_eq!(policy.title.as_deref(), Some("A Title"));
    assert_eq!(policy.remediation.as_deref(), Some("Do that."));
    assert_same(
        policy.policy.get("metadata").unwrap(),
        "name: check-it\nlabels: {team: x}\nannotations:\n  policy.vapwright.dev/title: A Title\n  policy.vapwright.dev/category: Pod Security Standards (Restricted) in CEL\n  policy.vapwright.dev/severity: high\n  policy.vapwright.dev/description: What for.\n  policy.vapwright.dev/remediation: Do that.\n  policy.vapwright.dev/profile: restricted\n  policy.vapwright.dev/source: ClusterPolicy/check-it\n  policy.vapwright.dev/rule: it\n  policies.kyverno.io/subject: Pod",
        "metadata",
    );
}

/// A Policy is of one namespace.
#[test]
fn policies_of_a_namespace_stay_in_it() {
    let text = policy("", &format!("{PODS}{VALIDATE}"))
        .replace("kind: ClusterPolicy", "kind: Policy")
        .replace("  name: check-it", "  name: check-it\n  namespace: shop");
    let conversion = converted(&text);
    let policy = only(&conversion);
    assert_eq!(policy.name, "shop-check-it");
    assert_same(
        policy
            .policy
            .at(&["spec", "matchConstraints", "namespaceSelector"])
            .unwrap(),
        "matchExpressions: [{key: kubernetes.io/metadata.name, operator: In, values: [shop]}]",
        "its namespace",
    );
}

#[test]
fn what_has_no_meaning_is_dropped_with_a_word() {
    let conversion = converted(&policy(
        "background: true\nwebhookTimeoutSeconds: 5",
        &format!("{PODS}{VALIDATE}skipBackgroundRequests: true"),
    ));
    only(&conversion);
    let dropped: Vec<String> = conversion
        .fields
        .iter()
        .filter(|field| field.outcome == Outcome::Dropped)
        .map(|field| {
            assert!(field.note.is_some());
            field.path.to_string()
        })
        .collect();
    assert_eq!(
        dropped,
        [
            "apiVersion",
            "kind",
            "spec.background",
            "spec.webhookTimeoutSeconds",
            "spec.rules[0].skipBackgroundRequests",
        ]
    );
}

#[test]
fn origins_lead_back_to_the_source() {
    let text = policy("", &format!("{PODS}{VALIDATE}"));
    let conversion = converted(&text);
    let source = document(&text);
    let policy = only(&conversion);
    for (path, at) in [
        ("spec.validations[0].expression", "object.spec.x == 1"),
        ("spec.validations[0].message", "x must be 1"),
    ] {
        let (node, _) = source.find(&policy.origins[path]).unwrap();
        assert_eq!(node.as_str(), Some(at));
    }
}
