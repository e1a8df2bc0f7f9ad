//! `match` and `exclude`: what chooses the objects.

use vapwright_cel::document::Node;

use super::{VALIDATE, assert_same, converted, policy};

/// What a rule's `match` and `exclude` become: match constraints and match conditions.
fn check(choice: &str, constraints: &str, conditions: &[(&str, &str)]) {
    let conversion = converted(&policy("", &format!("{choice}\n{VALIDATE}")));
    let errors: Vec<_> = conversion
        .problems
        .iter()
        .filter(|problem| problem.severity == vapwright_kube::problem::Severity::Error)
        .collect();
    assert!(errors.is_empty(), "{choice}\n{errors:#?}");
    let policy = &conversion.policies[0].policy;
    assert_same(
        policy.at(&["spec", "matchConstraints"]).unwrap(),
        constraints,
        choice,
    );
    let got: Vec<(&str, &str)> = policy
        .at(&["spec", "matchConditions"])
        .and_then(Node::as_list)
        .unwrap_or(&[])
        .iter()
        .map(|condition| {
            (
                condition.get("name").unwrap().as_str().unwrap(),
                condition.get("expression").unwrap().as_str().unwrap(),
            )
        })
        .collect();
    assert_eq!(got, conditions, "{choice}");
}

const POD_RULE: &str = "resourceRules:\n- apiGroups: ['']\n  apiVersions: [v1]\n  operations: [CREATE, UPDATE]\n  resources: [pods, pods/ephemeralcontainers]\n";

#[test]
fn kinds_become_resources() {
    check("match: {any: [{resources: {kinds: [Pod]}}]}", POD_RULE, &[]);
    // The old form, without `any`.
    check("match: {resources: {kinds: [Pod]}}", POD_RULE, &[]);
    check(
        "match: {all: [{resources: {kinds: [v1/Pod]}}]}",
        POD_RULE,
        &[],
    );
    check(
        "match: {any: [{resources: {kinds: [Ingress, apps/v1/Deployment, StatefulSet], operations: [DELETE]}}]}",
        "resourceRules:\n- apiGroups: [networking.k8s.io]\n  apiVersions: [v1]\n  operations: [DELETE]\n  resources: [ingresses]\n- apiGroups: [apps]\n  apiVersions: [v1]\n  operations: [DELETE]\n  resources: [deployments, statefulsets]",
        &[],
    );
    // A debug container is an update: a rule for creation alone does not see it.
    check(
        "match: {any: [{resources: {kinds: [Pod], operations: [CREATE]}}]}",
        "resourceRules: [{apiGroups: [''], apiVersions: [v1], operations: [CREATE], resources: [pods]}]",
        &[],
    );
    check(
        "match: {any: [{resources: {kinds: [Pod/exec], operations: [CONNECT]}}]}",
        "resourceRules: [{apiGroups: [''], apiVersions: [v1], operations: [CONNECT], resources: [pods/exec]}]",
        &[],
    );
    check(
        "match: {any: [{resources: {kinds: ['*']}}]}",
        "resourceRules: [{apiGroups: ['*'], apiVersions: ['*'], operations: [CREATE, UPDATE], resources: ['*']}]",
        &[],
    );
    check(
        "match: {any: [{resources: {kinds: [networking.istio.io/v1/VirtualService]}}]}",
        "resourceRules: [{apiGroups: [networking.istio.io], apiVersions: [v1], operations: [CREATE, UPDATE], resources: [virtualservices]}]",
        &[],
    );
    // All versions, and those of another group too, as Kyverno looks at all of them.
    check(
        "match: {any: [{resources: {kinds: [HorizontalPodAutoscaler]}}]}",
        "resourceRules: [{apiGroups: [autoscaling], apiVersions: [v1, v2], operations: [CREATE, UPDATE], resources: [horizontalpodautoscalers]}]",
        &[],
    );
    check(
        "match: {any: [{resources: {kinds: ['*/*Claim']}}]}",
        "resourceRules: [{apiGroups: [''], apiVersions: [v1], operations: [CREATE, UPDATE], resources: [persistentvolumeclaims]}, {apiGroups: [resource.k8s.io], apiVersions: [v1], operations: [CREATE, UPDATE], resources: [resourceclaims]}]",
        &[],
    );
    // An old version of a resource is still called what it is called.
    check(
        "match: {any: [{resources: {kinds: [networking.k8s.io/v1beta1/Ingress]}}]}",
        "resourceRules: [{apiGroups: [networking.k8s.io], apiVersions: [v1beta1], operations: [CREATE, UPDATE], resources: [ingresses]}]",
        &[],
    );
}

/// Kyverno itself loses the second filter's operations here.
#[test]
fn each_filter_keeps_its_operations() {
    check(
        "match: {any: [{resources: {kinds: [Deployment], operations: [CREATE]}}, {resources: {kinds: [StatefulSet], operations: [UPDATE]}}]}",
        "resourceRules:\n- apiGroups: [apps]\n  apiVersions: [v1]\n  operations: [CREATE]\n  resources: [deployments]\n- apiGroups: [apps]\n  apiVersions: [v1]\n  operations: [UPDATE]\n  resources: [statefulsets]",
        &[],
    );
}

#[test]
fn selectors_of_one_filter_are_the_policys() {
    check(
        "match: {any: [{resources: {kinds: [Pod], namespaces: [a, b], namespaceSelector: {matchLabels: {team: x}}, selector: {matchLabels: {app: web}}}}]}",
        &format!(
            "objectSelector: {{matchLabels: {{app: web}}}}\nnamespaceSelector:\n  matchLabels: {{team: x}}\n  matchExpressions:\n  - {{key: kubernetes.io/metadata.name, operator: In, values: [a, b]}}\n{POD_RULE}"
        ),
        &[],
    );
}

/// What selectors of the API cannot say is a condition.
#[test]
fn patterns_are_conditions() {
    check(
        "match: {any: [{resources: {kinds: [Pod], namespaces: [prod-*, live]}}]}",
        POD_RULE,
        &[(
            "match",
            "request.?namespace.orValue('') == 'live' || request.?namespace.orValue('').startsWith('prod-')",
        )],
    );
    check(
        "match: {any: [{resources: {kinds: [Pod], names: ['web-?.x*y']}}]}",
        POD_RULE,
        &[(
            "match",
            "[object, oldObject].exists(o, o != null && o.metadata.?name.orValue(o.metadata.?generateName.orValue('')).matches('(?s)^web-.\\\\.x.*y$'))",
        )],
    );
    check(
        "match: {any: [{resources: {kinds: [Pod], annotations: {a: b, c: 'd*'}}}]}",
        POD_RULE,
        &[(
            "match",
            "[object, oldObject].exists(o, o != null && (o.metadata.?annotations.orValue({})[?'a'] == optional.of('b') && ('c' in o.metadata.?annotations.orValue({}) && o.metadata.?annotations.orValue({})['c'].startsWith('d'))))",
        )],
    );
    // Objects of the cluster pass every namespace selector of the API, but are in no namespace.
    check(
        "match: {any: [{resources: {kinds: [Namespace], namespaces: [a]}}]}",
        "resourceRules: [{apiGroups: [''], apiVersions: [v1], operations: [CREATE, UPDATE], resources: [namespaces]}]",
        &[("match", "request.?namespace.orValue('') == 'a'")],
    );
}

#[test]
fn filters_with_selectors_of_their_own_are_conditions() {
    check(
        "match: {any: [{resources: {kinds: [Pod]}}, {resources: {kinds: [Service], namespaces: [a]}}]}",
        "resourceRules:\n- apiGroups: ['']\n  apiVersions: [v1]\n  operations: [CREATE, UPDATE]\n  resources: [pods, pods/ephemeralcontainers, services]",
        &[(
            "match",
            "(request.resource.group == '' && request.resource.version in ['v1'] && ((request.resource.resource == 'pods' && request.?subResource.orValue('') == '') || (request.resource.resource == 'pods' && request.?subResource.orValue('') == 'ephemeralcontainers')) && request.operation in ['CREATE', 'UPDATE']) || ((request.resource.group == '' && request.resource.version in ['v1'] && (request.resource.resource == 'services' && request.?subResource.orValue('') == '') && request.operation in ['CREATE', 'UPDATE']) && request.?namespace.orValue('') == 'a')",
        )],
    );
    // All filters at once: the first chooses, the others are conditions.
    check(
        "match: {all: [{resources: {kinds: [Pod]}}, {subjects: [{kind: Group, name: dev}], resources: {kinds: ['*']}}]}",
        POD_RULE,
        &[(
            "match",
            "(request.?subResource.orValue('') == '' && request.operation in ['CREATE', 'UPDATE']) && request.userInfo.?groups.orValue([]).exists(g, g == 'dev')",
        )],
    );
}

#[test]
fn subjects_are_conditions() {
    check(
        "match: {any: [{resources: {kinds: [Pod]}, subjects: [{kind: User, name: o'neil}, {kind: ServiceAccount, name: '*', namespace: ci}]}]}",
        POD_RULE,
        &[(
            "match",
            "request.userInfo.?username.orValue('') == 'o\\'neil' || request.userInfo.?username.orValue('').startsWith('system:serviceaccount:ci:')",
        )],
    );
}

#[test]
fn exclusions_mean_what_they_say() {
    let pods = "match: {any: [{resources: {kinds: [Pod]}}]}\n";
    // Of the objects in a namespace, not of the Namespace alone.
    check(
        &format!("{pods}exclude: {{any: [{{resources: {{namespaces: [kube-system]}}}}]}}"),
        POD_RULE,
        &[(
            "exclude",
            "!(request.?namespace.orValue('') == 'kube-system')",
        )],
    );
    check(
        &format!(
            "{pods}exclude: {{any: [{{subjects: [{{kind: User, name: a}}]}}, {{resources: {{operations: [UPDATE]}}}}]}}"
        ),
        POD_RULE,
        &[(
            "exclude",
            "!(request.userInfo.?username.orValue('') == 'a' || request.operation in ['UPDATE'])",
        )],
    );
    check(
        &format!(
            "{pods}exclude: {{all: [{{resources: {{namespaces: [a]}}}}, {{resources: {{selector: {{matchExpressions: [{{key: k, operator: NotIn, values: [v]}}]}}}}}}]}}"
        ),
        POD_RULE,
        &[(
            "exclude",
            "[object, oldObject].exists(o, o != null && !(request.?namespace.orValue('') == 'a' && !('k' in o.metadata.?labels.orValue({}) && o.metadata.?labels.orValue({})['k'] in ['v'])))",
        )],
    );
    // The object that is chosen is the object that is not excluded.
    check(
        "match: {any: [{resources: {kinds: [Pod], selector: {matchLabels: {app: web}}}}]}\nexclude: {any: [{resources: {names: [x]}}]}",
        POD_RULE,
        &[(
            "match-and-exclude",
            "[object, oldObject].exists(o, o != null && o.metadata.?labels.orValue({})[?'app'] == optional.of('web') && !(o.metadata.?name.orValue(o.metadata.?generateName.orValue('')) == 'x'))",
        )],
    );
    // Nothing is said, nothing is excluded.
    check(
        &format!("{pods}exclude: {{any: [{{resources: {{}}}}]}}"),
        POD_RULE,
        &[],
    );
    check(&format!("{pods}exclude: {{}}"), POD_RULE, &[]);
}
