//! The rules of Kubernetes' documentation of RBAC, and of `rbac_test.go` beside the authorizer.

use super::*;

fn rbac(text: &str) -> Rbac {
    let read = vapwright_kube::yaml::read(text);
    assert_eq!(read.problems, []);
    let nodes: Vec<Node> = read.documents.into_iter().map(|found| found.node).collect();
    Rbac::new(&nodes, "default")
}

/// `USER [GROUP...]`
fn user(text: &str) -> User {
    let mut words = text.split(' ').map(str::to_owned);
    User {
        name: words.next().unwrap_or_default(),
        groups: words.collect(),
        ..User::default()
    }
}

/// `VERB GROUP/RESOURCE[/SUBRESOURCE] [NAMESPACE [NAME]]`, or `VERB path PATH`; the core group is
/// `core`.
fn asks(who: &str, what: &str) -> Attributes {
    let words: Vec<&str> = what.split(' ').collect();
    let word = |index: usize| words.get(index).copied().unwrap_or_default().to_owned();
    let target = if word(1) == "path" {
        Target::Path(word(2))
    } else {
        let mut parts = words[1].splitn(3, '/').map(str::to_owned);
        let mut part = || parts.next().unwrap_or_default();
        let group = part();
        Target::Resource(ResourceTarget {
            group: if group == "core" {
                String::new()
            } else {
                group
            },
            resource: part(),
            subresource: part(),
            namespace: word(2),
            name: word(3),
            ..ResourceTarget::default()
        })
    };
    Attributes {
        user: user(who),
        verb: word(0),
        target,
    }
}

fn check(rbac: &Rbac, rows: &[(&str, &str, bool)]) {
    for (who, what, expected) in rows {
        let decision = rbac.authorize(&asks(who, what));
        assert_eq!(decision.allowed, *expected, "{who}: {what}");
        assert_eq!(decision.error, None);
    }
}

/// A ClusterRole of these rules, bound to `u` everywhere.
fn granted(rules: &str) -> Rbac {
    rbac(&format!(
        "{{apiVersion: rbac.authorization.k8s.io/v1, kind: ClusterRole, metadata: {{name: r}}, rules: [{rules}]}}\n---\n\
        {{apiVersion: rbac.authorization.k8s.io/v1, kind: ClusterRoleBinding, metadata: {{name: b}}, \
        roleRef: {{kind: ClusterRole, name: r}}, subjects: [{{kind: User, name: u}}]}}\n"
    ))
}

const DOCUMENTED: &str = "
apiVersion: rbac.authorization.k8s.io/v1
kind: Role
metadata: {name: pod-reader, namespace: default}
rules:
- {apiGroups: [''], resources: [pods], verbs: [get, watch, list]}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRole
metadata: {name: secret-reader}
rules:
- {apiGroups: [''], resources: [secrets], verbs: [get, watch, list]}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata: {name: read-pods, namespace: default}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: Role, name: pod-reader}
subjects: [{kind: User, name: jane, apiGroup: rbac.authorization.k8s.io}]
---
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata: {name: read-secrets, namespace: development}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: secret-reader}
subjects: [{kind: User, name: dave, apiGroup: rbac.authorization.k8s.io}]
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRoleBinding
metadata: {name: read-secrets-global}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: secret-reader}
subjects: [{kind: Group, name: manager, apiGroup: rbac.authorization.k8s.io}]
";

#[test]
fn the_documented_bindings() {
    check(
        &rbac(DOCUMENTED),
        &[
            ("jane", "get core/pods default", true),
            ("jane", "get core/pods default a", true),
            ("jane", "delete core/pods default", false),
            ("jane", "get core/pods development", false),
            ("jane", "get core/pods", false),
            ("jane", "get core/secrets default", false),
            ("jane", "get apps/pods default", false),
            ("john", "get core/pods default", false),
            // a ClusterRole in a RoleBinding is for the binding's namespace only
            ("dave", "list core/secrets development", true),
            ("dave", "list core/secrets default", false),
            ("dave", "list core/secrets", false),
            ("anyone manager", "list core/secrets development", true),
            ("anyone manager", "watch core/secrets", true),
            ("manager", "watch core/secrets", false),
        ],
    );
}

#[test]
fn the_words_for_who_was_allowed_by_what() {
    let rbac = rbac(DOCUMENTED);
    let reason = |who, what| rbac.authorize(&asks(who, what)).reason;
    assert_eq!(
        reason("jane", "get core/pods default"),
        "RBAC: allowed by RoleBinding \"read-pods/default\" of Role \"pod-reader\" to User \"jane\""
    );
    assert_eq!(
        reason("x manager", "get core/secrets default"),
        "RBAC: allowed by ClusterRoleBinding \"read-secrets-global\" of ClusterRole \"secret-reader\" to Group \"manager\""
    );
    assert_eq!(reason("x", "get core/secrets default"), "");
}

#[test]
fn resources_and_their_parts() {
    let rows = [
        ("pods", "get core/pods", true),
        ("pods", "get core/pods/log", false),
        ("pods/log", "get core/pods/log", true),
        ("pods/log", "get core/pods", false),
        ("'*'", "get core/pods", true),
        ("'*'", "get core/pods/log", true),
        ("'*/log'", "get core/pods/log", true),
        ("'*/log'", "get core/pods", false),
        ("'*/log'", "get core/pods/xlog", false),
        ("pods/*", "get core/pods/log", false),
        ("pods", "get core/Pods", false),
    ];
    for (resource, what, expected) in rows {
        let rule = format!("{{apiGroups: ['*'], resources: [{resource}], verbs: [get]}}");
        check(&granted(&rule), &[("u", what, expected)]);
    }
}

#[test]
fn verbs_groups_and_names() {
    let named = granted(
        "{apiGroups: [''], resources: [configmaps], resourceNames: [my-configmap], verbs: [update, get]}",
    );
    check(
        &named,
        &[
            ("u", "get core/configmaps default my-configmap", true),
            ("u", "get core/configmaps default other", false),
            // a list or a create has no name
            ("u", "get core/configmaps default", false),
        ],
    );
    let several = granted("{apiGroups: [g1, g2], resources: [r1, r2], verbs: [v1, v2]}");
    check(
        &several,
        &[
            ("u", "v1 g1/r1", true),
            ("u", "v2 g2/r2", true),
            ("u", "v3 g1/r1", false),
            ("u", "v1 g3/r1", false),
            ("u", "v1 core/r1", false),
            ("u", "v1 g1/r3", false),
        ],
    );
    let any = granted("{apiGroups: ['*'], resources: [r], verbs: ['*']}");
    check(
        &any,
        &[
            ("u", "x core/r", true),
            ("u", "x g/r ns n", true),
            ("u", "x path /r", false),
        ],
    );
}

#[test]
fn urls() {
    let rows = [
        ("/healthz", "get path /healthz", true),
        ("/healthz", "get path /healthz/etcd", false),
        ("/healthz", "post path /healthz", false),
        ("/healthz/*", "get path /healthz/etcd", true),
        ("/healthz/*", "get path /healthz", false),
        ("'*'", "get path /foo/bar", true),
        ("/foo**", "get path /foobar", true),
        // a star elsewhere is no wildcard
        ("/a/*/b", "get path /a/c/b", false),
    ];
    for (url, what, expected) in rows {
        let rule = format!("{{nonResourceURLs: [{url}], verbs: [get]}}");
        check(&granted(&rule), &[("u", what, expected)]);
    }
    // the roles of every cluster, too
    check(
        &rbac(""),
        &[
            ("u system:authenticated", "get path /apis/apps/v1", true),
            ("u system:unauthenticated", "get path /apis/apps/v1", false),
            ("u system:unauthenticated", "get path /version", true),
            ("u system:authenticated", "get path /metrics", false),
        ],
    );
}

#[test]
fn subjects() {
    let bound = |kind: &str, namespace: &str, subject: &str| {
        rbac(&format!(
            "{{apiVersion: rbac.authorization.k8s.io/v1, kind: {kind}, metadata: {{name: b{namespace}}}, \
            roleRef: {{kind: ClusterRole, name: view}}, subjects: [{{{subject}}}]}}"
        ))
    };
    let what = "get core/pods default";
    let (account, other) = (
        "system:serviceaccount:default:sa",
        "system:serviceaccount:qa:sa",
    );
    let rows = [
        (
            "kind: User, name: alice@example.com",
            "alice@example.com",
            true,
        ),
        ("kind: User, name: u", "x u", false),
        ("kind: Group, name: u", "u", false),
        (
            "kind: ServiceAccount, name: sa, namespace: default",
            account,
            true,
        ),
        (
            "kind: ServiceAccount, name: sa, namespace: default",
            other,
            false,
        ),
        ("kind: Node, name: u", "u", false),
        (
            "kind: Group, name: 'system:serviceaccounts:qa'",
            "system:serviceaccount:qa:any system:serviceaccounts:qa",
            true,
        ),
    ];
    for (subject, who, expected) in rows {
        for kind in ["ClusterRoleBinding", "RoleBinding"] {
            check(&bound(kind, "", subject), &[(who, what, expected)]);
        }
    }
    // without a namespace: that of a RoleBinding, and nobody's in a ClusterRoleBinding
    let local = "kind: ServiceAccount, name: sa";
    check(&bound("RoleBinding", "", local), &[(account, what, true)]);
    check(
        &bound("RoleBinding", ", namespace: qa", local),
        &[
            (other, "get core/pods qa", true),
            (account, "get core/pods qa", false),
        ],
    );
    check(
        &bound("ClusterRoleBinding", "", local),
        &[(account, what, false)],
    );
}

#[test]
fn administrators_may_do_everything() {
    let none = rbac("");
    for who in ["u system:masters", "u kubeadm:cluster-admins"] {
        check(
            &none,
            &[(who, "x g/r/s ns n", true), (who, "x path /y", true)],
        );
    }
    check(
        &none,
        &[
            ("kubernetes-admin", "get core/pods", false),
            ("admin", "get core/pods", false),
        ],
    );
    let reason = none
        .authorize(&asks("u kubeadm:cluster-admins", "get core/pods"))
        .reason;
    assert_eq!(
        reason,
        "RBAC: allowed by ClusterRoleBinding \"kubeadm:cluster-admins\" of ClusterRole \"cluster-admin\" to Group \"kubeadm:cluster-admins\""
    );
    // who removes the binding's subjects takes their rights
    let taken = rbac(
        "{apiVersion: rbac.authorization.k8s.io/v1, kind: ClusterRoleBinding, metadata: {name: 'kubeadm:cluster-admins'}, roleRef: {kind: ClusterRole, name: cluster-admin}}",
    );
    check(
        &taken,
        &[
            ("u kubeadm:cluster-admins", "get core/pods", false),
            ("u system:masters", "get core/pods", true),
        ],
    );
}

#[test]
fn roles_are_made_of_others() {
    let bind = |role: &str| {
        format!(
            "{{apiVersion: rbac.authorization.k8s.io/v1, kind: RoleBinding, metadata: {{name: {role}}}, \
            roleRef: {{kind: ClusterRole, name: {role}}}, subjects: [{{kind: User, name: {role}}}]}}\n---\n"
        )
    };
    let bound = ["view", "edit", "admin"].map(bind).concat();
    check(
        &rbac(&bound),
        &[
            ("view", "list core/pods default", true),
            ("view", "get core/pods/log default", true),
            ("view", "get core/secrets default", false),
            ("view", "create core/pods default", false),
            ("edit", "list core/pods default", true),
            ("edit", "get core/secrets default", true),
            ("edit", "create apps/deployments default", true),
            (
                "edit",
                "create rbac.authorization.k8s.io/roles default",
                false,
            ),
            ("admin", "create apps/deployments default", true),
            (
                "admin",
                "create rbac.authorization.k8s.io/roles default",
                true,
            ),
            ("admin", "create core/resourcequotas default", false),
        ],
    );
    // as the documentation extends them for a custom resource
    let extended = format!(
        "{bound}{{apiVersion: rbac.authorization.k8s.io/v1, kind: ClusterRole, \
        metadata: {{name: aggregate-cron-tabs-edit, labels: {{rbac.authorization.k8s.io/aggregate-to-edit: 'true'}}}}, \
        rules: [{{apiGroups: [stable.example.com], resources: [crontabs], verbs: [create]}}]}}"
    );
    check(
        &rbac(&extended),
        &[
            ("view", "create stable.example.com/crontabs default", false),
            ("edit", "create stable.example.com/crontabs default", true),
            ("admin", "create stable.example.com/crontabs default", true),
        ],
    );
    // two that choose each other, with rules that the aggregation throws away
    let circle = ["view", "edit"].map(|role| {
        format!(
            "{{apiVersion: rbac.authorization.k8s.io/v1, kind: ClusterRole, metadata: {{name: {role}, labels: {{x: z}}}}, \
            aggregationRule: {{clusterRoleSelectors: [{{matchLabels: {{x: z}}}}]}}, rules: [{{apiGroups: [''], resources: [pods], verbs: [list]}}]}}\n---\n"
        )
    });
    check(
        &rbac(&(bound + &circle.concat())),
        &[("view", "list core/pods default", false)],
    );
}

#[test]
fn bindings_of_roles_that_are_not_there() {
    let one = |kind: &str, of: &str, name: &str| {
        format!(
            "{{apiVersion: rbac.authorization.k8s.io/v1, kind: {kind}, metadata: {{name: {name}}}, \
            roleRef: {{kind: {of}, name: {name}}}, subjects: [{{kind: User, name: u}}]}}\n---\n"
        )
    };
    let reason = |text: &str| {
        let decision = rbac(text).authorize(&asks("u", "get core/pods default"));
        assert!(!decision.allowed);
        decision.reason
    };
    // `NotFound` of the listers, aggregated
    assert_eq!(
        reason(&one("ClusterRoleBinding", "ClusterRole", "a")),
        "RBAC: clusterrole.rbac.authorization.k8s.io \"a\" not found"
    );
    assert_eq!(
        reason(&(one("RoleBinding", "Role", "b") + &one("ClusterRoleBinding", "ClusterRole", "a"))),
        "RBAC: [clusterrole.rbac.authorization.k8s.io \"a\" not found, role.rbac.authorization.k8s.io \"b\" not found]"
    );
    assert_eq!(
        reason(&one("RoleBinding", "Group", "c")),
        "RBAC: unsupported role reference kind: \"Group\""
    );
}
