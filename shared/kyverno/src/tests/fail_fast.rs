//! Policies for workloads beside those for Pods.

use vapwright_cel::document::Node;

use super::{PODS, document, policy};
use crate::fail_fast::rewrite;
use crate::{Conversion, FailFast, Names, Options, convert};

#[test]
fn expressions_reach_into_the_template_and_stay_as_they_were_written() {
    for (pods, workloads) in [
        (
            "object.spec.hostNetwork",
            "object.spec.template.spec.hostNetwork",
        ),
        // formatting and comments are the author's
        (
            "object . spec // the Pod\n  .containers.all( c,  c.name != 'a' )",
            "object.spec.template . spec // the Pod\n  .containers.all( c,  c.name != 'a' )",
        ),
        (
            "has(object.spec.volumes)",
            "has(object.spec.template.spec.volumes)",
        ),
        ("has(object.spec)", "has(object.spec.template.spec)"),
        (
            "object.?spec.?volumes",
            "object.spec.template.?spec.?volumes",
        ),
        (
            "object[\"spec\"].volumes",
            "object.spec.template[\"spec\"].volumes",
        ),
        (
            "oldObject.spec == object.spec",
            "oldObject.spec.template.spec == object.spec.template.spec",
        ),
        // a workload gives its template's labels and annotations to Pods; its name is its own
        (
            "'a' in object.metadata.labels",
            "'a' in object.spec.template.metadata.labels",
        ),
        (
            "has(object.metadata.annotations)",
            "has(object.spec.template.metadata.annotations)",
        ),
        (
            "object.metadata[?'labels']",
            "object.spec.template.metadata[?'labels']",
        ),
        ("object.metadata.name", "object.metadata.name"),
        ("object.kind == 'Pod'", "object.kind == 'Pod'"),
        ("oldObject != null", "oldObject != null"),
        (
            "null == oldObject || object.spec.x",
            "null == oldObject || object.spec.template.spec.x",
        ),
        // text is not code, and a loop's own name is not the object's
        (
            "'object.spec' == request.name",
            "'object.spec' == request.name",
        ),
        (
            "[1].all(object, object.spec > 0)",
            "[1].all(object, object.spec > 0)",
        ),
        ("variables.object.spec", "variables.object.spec"),
        ("params.object.spec", "params.object.spec"),
        // a macro that repeats its target changes it once
        (
            "object.?spec.optMap(s, s.x).orValue(1)",
            "object.spec.template.?spec.optMap(s, s.x).orValue(1)",
        ),
    ] {
        assert_eq!(
            rewrite(pods, &["spec", "template"]).as_deref(),
            Ok(workloads)
        );
    }
    assert_eq!(
        rewrite(
            "object.spec.x",
            &["spec", "jobTemplate", "spec", "template"]
        )
        .as_deref(),
        Ok("object.spec.jobTemplate.spec.template.spec.x")
    );
}

#[test]
fn what_reads_the_object_as_a_whole_is_left_to_pods() {
    for text in [
        "object == oldObject",
        "size(object) > 0",
        "[object].all(o, o.spec.x)",
        "object[variables.a]",
    ] {
        assert!(rewrite(text, &["spec", "template"]).is_err(), "{text}");
    }
    assert!(rewrite("object.", &["spec", "template"]).is_err());
}

fn converted(text: &str, fail_fast: FailFast) -> Conversion {
    let options = Options {
        fail_fast,
        ..Options::default()
    };
    convert(&document(text), &options, &mut Names::new())
}

fn names(conversion: &Conversion) -> Vec<&str> {
    conversion
        .policies
        .iter()
        .map(|policy| policy.name.as_str())
        .collect()
}

const SPEC: &str = "validate: {cel: {expressions: [{expression: object.spec.hostNetwork, message: object.spec is checked}]}}\n";

#[test]
fn policies_for_workloads_stand_beside_those_for_pods() {
    let text = policy("", &format!("{PODS}{SPEC}"));
    let found = converted(&text, FailFast::Warn);
    assert_eq!(found.problems, Vec::new());
    assert_eq!(
        names(&found),
        ["check-it", "autogen-check-it", "autogen-cronjob-check-it"]
    );
    let [pods, workloads, cron_jobs] = found.policies.as_slice() else {
        panic!()
    };
    let actions = |binding: &Node| {
        binding
            .at(&["spec", "validationActions"])
            .unwrap()
            .as_list()
            .unwrap()[0]
            .clone()
    };
    // Audit is what a policy without an action of its own does
    assert_eq!(actions(&workloads.bindings[0]), Node::string("Warn"));
    assert_eq!(
        pods.bindings[0].at(&["spec", "matchResources"]),
        workloads.bindings[0].at(&["spec", "matchResources"]),
    );
    assert_eq!(
        workloads.bindings[0]
            .at(&["spec", "policyName"])
            .unwrap()
            .as_str(),
        Some("autogen-check-it")
    );
    let rules = |policy: &Node| {
        policy
            .at(&["spec", "matchConstraints", "resourceRules"])
            .unwrap()
            .as_list()
            .unwrap()
            .to_vec()
    };
    let resources = |rule: &Node| -> Vec<String> {
        let all = rule.get("resources").unwrap().as_list().unwrap();
        all.iter()
            .map(|one| one.as_str().unwrap().to_owned())
            .collect()
    };
    let chosen: Vec<_> = rules(&workloads.policy).iter().map(resources).collect();
    assert_eq!(
        chosen,
        [
            vec![
                "daemonsets".to_owned(),
                "deployments".into(),
                "statefulsets".into(),
                "replicasets".into()
            ],
            vec!["jobs".into()],
            vec!["replicationcontrollers".into()],
        ]
    );
    assert_eq!(
        rules(&cron_jobs.policy)
            .iter()
            .map(resources)
            .collect::<Vec<_>>(),
        [["cronjobs"]]
    );
    let validation = cron_jobs
        .policy
        .at(&["spec", "validations"])
        .unwrap()
        .as_list()
        .unwrap()[0]
        .clone();
    assert_eq!(
        validation.get("expression").unwrap().as_str(),
        Some("object.spec.jobTemplate.spec.template.spec.hostNetwork")
    );
    assert_eq!(
        cron_jobs
            .policy
            .at(&["metadata", "annotations", "policy.vapwright.dev/rule"]),
        Some(&Node::string("autogen-cronjob-it"))
    );
    // a message is for people: Kyverno would change it too
    assert_eq!(
        validation.get("message").unwrap().as_str(),
        Some("object.spec is checked")
    );
    assert_eq!(names(&converted(&text, FailFast::No)), ["check-it"]);
}

#[test]
fn a_policy_that_denies_warns_or_denies_of_workloads_as_is_asked() {
    let text = policy("validationFailureAction: Enforce", &format!("{PODS}{SPEC}"));
    for (fail_fast, action) in [(FailFast::Warn, "Warn"), (FailFast::Deny, "Deny")] {
        let found = converted(&text, fail_fast);
        let actions = found.policies[1].bindings[0].at(&["spec", "validationActions"]);
        assert_eq!(actions, Some(&Node::List(vec![Node::string(action)])));
    }
}

/// A Pod's update that changes no image is let pass; a workload's update makes new Pods.
#[test]
fn a_condition_that_lets_updates_pass_is_not_for_workloads() {
    let rule = |condition: &str| {
        let text = policy(
            "",
            &format!(
                "{PODS}celPreconditions: [{{name: changes, expression: \"{condition}\"}}]\n{SPEC}"
            ),
        );
        let found = converted(&text, FailFast::Warn);
        assert_eq!(names(&found)[1], "autogen-check-it", "{:?}", found.problems);
        let conditions = found.policies[1].policy.at(&["spec", "matchConditions"]);
        conditions.map(|all| {
            all.as_list().unwrap()[0]
                .get("expression")
                .unwrap()
                .as_str()
                .unwrap()
                .to_owned()
        })
    };
    assert_eq!(
        rule("oldObject == null || object.spec.x != oldObject.spec.x"),
        None
    );
    assert_eq!(
        rule("object.spec.x != oldObject.spec.x || null == oldObject || false"),
        None
    );
    assert_eq!(
        rule("oldObject != null || object.spec.x").as_deref(),
        Some("oldObject != null || object.spec.template.spec.x")
    );
    assert_eq!(
        rule("object.spec.x && (oldObject == null)").as_deref(),
        Some("object.spec.template.spec.x && (oldObject == null)")
    );
}

#[test]
fn the_annotation_and_the_rule_say_for_which_workloads() {
    let with = |controllers: &str| {
        let text = policy("", &format!("{PODS}{SPEC}"));
        let annotation = format!(
            "metadata:\n  annotations: {{pod-policies.kyverno.io/autogen-controllers: '{controllers}'}}\n"
        );
        text.replacen("metadata:\n", &annotation, 1)
    };
    let names_of = |text: &str| -> Vec<String> {
        let found = converted(text, FailFast::Warn);
        names(&found).into_iter().map(str::to_owned).collect()
    };
    assert_eq!(names_of(&with("none")), ["check-it"]);
    assert_eq!(
        names_of(&with("CronJob")),
        ["check-it", "autogen-cronjob-check-it"]
    );
    assert_eq!(
        names_of(&with("Deployment,Job")),
        ["check-it", "autogen-check-it"]
    );
    // other kinds, and Pods by what only they have
    for matched in [
        "match: {any: [{resources: {kinds: [Service]}}]}\n",
        "match: {any: [{resources: {kinds: [Pod, Service]}}]}\n",
        "match: {any: [{resources: {kinds: [Pod], names: [a]}}]}\n",
        "match: {any: [{resources: {kinds: [Pod], selector: {matchLabels: {a: b}}}}]}\n",
    ] {
        assert_eq!(
            names_of(&policy("", &format!("{matched}{SPEC}"))),
            ["check-it"],
            "{matched}"
        );
    }
}

#[test]
fn what_cannot_be_said_of_workloads_is_told() {
    let rule = "validate: {cel: {expressions: [{expression: object == oldObject}]}}\n";
    let found = converted(&policy("", &format!("{PODS}{rule}")), FailFast::Warn);
    assert_eq!(names(&found), ["check-it"]);
    let [problem] = found.problems.as_slice() else {
        panic!("{:?}", found.problems)
    };
    assert_eq!(problem.code, "no-fail-fast");
    assert!(
        problem.message.contains("reads `object` as a whole"),
        "{}",
        problem.message
    );
}
