//! Rows of policies and bindings. Texts are worded after the source of k8s.io/apiserver 1.36.2.

#![expect(clippy::unwrap_used, reason = "a test may panic")]

use vapwright_admission::compile::compile;
use vapwright_admission::evaluate::{Row, Verdict, evaluate};
use vapwright_admission::policy::{Binding, Policy};
use vapwright_admission::request::{Request, Resource};
use vapwright_admission::{wording, workload};
use vapwright_cel::document::Node;
use vapwright_cel::version::KubernetesVersion;
use vapwright_kube::json::from_str;
use vapwright_kube::kinds::Gvk;

fn node(json: &str) -> Node {
    from_str(json).unwrap()
}

const POLICY: &str = r#"{
    "metadata": {"name": "no-escalation"},
    "spec": {
        "matchConstraints": {"resourceRules": [
            {"apiGroups": [""], "apiVersions": ["v1"], "operations": ["CREATE"], "resources": ["pods"]}
        ]},
        "variables": [{"name": "all", "expression": "object.spec.containers"}],
        "validations": [
            {"expression": "has(object.spec.a) || variables.all.all(c, c.image != 'bad' && c.name != '')", "message": "no bad images"},
            {"expression": "object.spec.missing == 1"}
        ]
    }
}"#;

const POD: &str = r#"{
    "apiVersion": "v1", "kind": "Pod",
    "metadata": {"name": "t", "namespace": "n", "labels": {"app": "x"}},
    "spec": {"containers": [{"name": "a", "image": "good"}, {"name": "b", "image": "bad"}]}
}"#;

fn request(object: &str) -> Request {
    let kind = Gvk::new("v1", "Pod");
    Request {
        resource: Resource::of_kind(&kind, "pods"),
        kind,
        name: "t".to_owned(),
        namespace: "n".to_owned(),
        object: Some(node(object)),
        namespace_object: Some(node(
            r#"{"metadata": {"name": "n", "labels": {"team": "a"}}}"#,
        )),
        ..Request::default()
    }
}

fn rows(policy: &str, binding: &str) -> Vec<Row> {
    let policy = compile(Policy::read(&node(policy)).0, KubernetesVersion::NEWEST);
    let binding = Binding::read(&node(binding)).0;
    evaluate(&policy, &binding, &request(POD), &[])
}

fn binding(spec: &str) -> String {
    format!(r#"{{"metadata": {{"name": "b"}}, "spec": {{"policyName": "no-escalation", {spec}}}}}"#)
}

#[test]
fn each_expression_that_is_not_true_has_a_row() {
    let rows = rows(POLICY, &binding(r#""validationActions": ["Deny"]"#));
    let texts: Vec<&str> = rows.iter().map(|row| row.text.as_str()).collect();
    let head = "ValidatingAdmissionPolicy 'no-escalation' with binding 'b' denied request: ";
    let failed = "expression 'object.spec.missing == 1' resulted in error: no such key: missing";
    assert_eq!(
        texts,
        [format!("{head}no bad images"), format!("{head}{failed}")]
    );
    assert!(rows.iter().all(|row| row.verdict == Verdict::Denied));
    let expression = rows.first().unwrap().expression.as_ref().unwrap();
    assert_eq!(
        expression.path.to_string(),
        "spec.validations[0].expression"
    );
    let parts = expression.false_parts.iter();
    let parts: Vec<&str> = parts
        .map(|span| {
            expression
                .text
                .get(span.start as usize..span.end as usize)
                .unwrap()
        })
        .collect();
    assert!(parts.contains(&"c.image != 'bad'"), "{parts:?}");
    let paths: Vec<String> = rows
        .iter()
        .map(|row| row.object_paths.first().unwrap().to_string())
        .collect();
    assert_eq!(paths, ["spec.containers[1].image", "spec.missing"]);
}

#[test]
fn bindings_choose_and_act() {
    for (spec, verdict, why) in [
        (r#""validationActions": ["Warn"]"#, Verdict::Warned, ""),
        (r#""validationActions": ["Audit"]"#, Verdict::Audited, ""),
        (
            r#""validationActions": ["Deny"], "matchResources": {"namespaceSelector": {"matchLabels": {"team": "b"}}}"#,
            Verdict::NotBound,
            "namespace `n`: label `team` is `a`, and must be `b`",
        ),
        (
            r#""validationActions": ["Deny"], "matchResources": {"objectSelector": {"matchLabels": {"app": "y"}}}"#,
            Verdict::NotBound,
            "the object: label `app` is `x`, and must be `y`",
        ),
    ] {
        let rows = rows(POLICY, &binding(spec));
        let row = rows.first().unwrap();
        assert_eq!((row.verdict, row.why.as_str()), (verdict, why), "{spec}");
    }
}

#[test]
fn kubectl_prints_what_it_prints() {
    let rows = rows(POLICY, &binding(r#""validationActions": ["Deny"]"#));
    let first = rows.get(..1).unwrap();
    assert_eq!(
        wording::kubectl(&request(POD), &[], None, first, "pod.yaml"),
        "The pods \"t\" is invalid: : ValidatingAdmissionPolicy 'no-escalation' with binding 'b' denied request: no bad images"
    );
    assert_eq!(
        wording::kubectl(&request(POD), &[], None, &[], "pod.yaml"),
        "pod/t created"
    );
}

#[test]
fn workloads_have_their_controllers_pods() {
    for (kind, spec, controller, label) in [
        (
            "apps/v1 Deployment",
            r#""replicas": 2"#,
            "replicaset/web-",
            "pod-template-hash",
        ),
        (
            "apps/v1 StatefulSet",
            r#""volumeClaimTemplates": [{"metadata": {"name": "data"}}]"#,
            "statefulset/web",
            "statefulset.kubernetes.io/pod-name",
        ),
        (
            "apps/v1 DaemonSet",
            r#""x": 1"#,
            "daemonset/web",
            "pod-template-generation",
        ),
        ("batch/v1 Job", r#""x": 1"#, "job/web", "job-name"),
    ] {
        let (version, kind) = kind.split_once(' ').unwrap();
        let workload = node(&format!(
            r#"{{"apiVersion": "{version}", "kind": "{kind}", "metadata": {{"name": "web", "namespace": "n"}},
                "spec": {{{spec}, "template": {{"metadata": {{"labels": {{"app": "web"}}}}, "spec": {{"containers": []}}}}}}}}"#
        ));
        let created = workload::created_pod(&workload).unwrap();
        assert!(
            created.controller().starts_with(controller),
            "{}",
            created.controller()
        );
        assert!(
            created.pod.at(&["metadata", "labels", label]).is_some(),
            "{kind}"
        );
        assert!(
            created.pod.at(&["metadata", "labels", "app"]).is_some(),
            "{kind}"
        );
        let volumes = created.pod.at(&["spec", "volumes"]);
        assert_eq!(volumes.is_some(), kind == "StatefulSet", "{kind}");
    }
    let none = node(
        r#"{"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "web"},
            "spec": {"replicas": 0, "template": {"spec": {}}}}"#,
    );
    assert!(workload::created_pod(&none).is_none());
}

/// As the API server's recorder of warnings has it: 4,096 characters together, else 256 each.
#[test]
fn warnings_are_cut_where_they_are_long_together() {
    let long = |letter: char| letter.to_string().repeat(1_500);
    let (a, b, c) = (long('a'), long('b'), long('c'));
    let sent = |given: &[&str]| wording::sent_warnings(given.iter().copied());
    assert_eq!(sent(&[&a, "", &a, "x\ty", &b]), [a.clone(), b.clone()]);
    let cut = |text: &str| text.chars().take(256).collect::<String>();
    assert_eq!(
        sent(&[&a, &b, &c, "d"]),
        [cut(&a), cut(&b), cut(&c), "d".to_owned()]
    );
    let many: Vec<String> = (0..40).map(|number| format!("{number:02}{a}")).collect();
    let many: Vec<&str> = many.iter().map(String::as_str).collect();
    assert_eq!(sent(&many).len(), 16);
}
