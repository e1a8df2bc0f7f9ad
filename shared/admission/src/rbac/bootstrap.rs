//! The roles and bindings that every cluster has and that people refer to: those for users, those
//! of the controllers that create Pods, and kubeadm's administrators. Their rules are those of
//! Kubernetes 1.36 (`plugin/pkg/auth/authorizer/rbac/bootstrappolicy`).

use std::sync::Arc;

use vapwright_cel::document::Node;
use vapwright_kube::path::Path;
use vapwright_kube::selector::Selector;

use super::{Binding, Rbac, Role, Rule, Subject};

const READ: &str = "get list watch";
const WRITE: &str = "create delete deletecollection patch update";
const ALL: &str = "create delete deletecollection get list patch update watch";
const MANAGE: &str = "create delete get list patch update watch";
const UPDATE: &str = "update";
/// The core group in the table, where words are separated by spaces.
const CORE: &str = "core";
const EVENTS: &str = "core events.k8s.io";
const OLD_APPS: &str = "apps extensions";

/// A label by which roles are made of others: its last part.
const AGGREGATE: &str = "rbac.authorization.k8s.io/aggregate-to-";
/// Roles that are made of others, and into which they go themselves.
const AGGREGATED: [(&str, &str); 3] = [("admin", ""), ("edit", "admin"), ("view", "edit")];
/// Roles that others are made of.
const PARTS: [(&str, &str); 3] = [
    ("system:aggregate-to-admin", "admin"),
    ("system:aggregate-to-edit", "edit"),
    ("system:aggregate-to-view", "view"),
];

/// Groups, resources, verbs.
type Row = (&'static str, &'static str, &'static str);

const RULES: [(&str, &[Row]); 12] = [
    ("cluster-admin", &[("*", "*", "*")]),
    (
        "system:aggregate-to-admin",
        &[
            (
                "authorization.k8s.io",
                "localsubjectaccessreviews",
                "create",
            ),
            ("rbac.authorization.k8s.io", "rolebindings roles", ALL),
        ],
    ),
    (
        "system:aggregate-to-edit",
        &[
            (
                CORE,
                "pods/attach pods/exec pods/portforward pods/proxy secrets services/proxy",
                READ,
            ),
            (CORE, "serviceaccounts", "impersonate"),
            (
                CORE,
                "pods pods/attach pods/exec pods/portforward pods/proxy",
                WRITE,
            ),
            (CORE, "pods/eviction serviceaccounts/token", "create"),
            (
                CORE,
                "configmaps persistentvolumeclaims replicationcontrollers replicationcontrollers/scale secrets serviceaccounts services services/proxy",
                WRITE,
            ),
            (EVENTS, "events", WRITE),
            (
                "apps",
                "daemonsets deployments deployments/rollback deployments/scale replicasets replicasets/scale statefulsets statefulsets/scale",
                WRITE,
            ),
            ("autoscaling", "horizontalpodautoscalers", WRITE),
            ("batch", "cronjobs jobs", WRITE),
            (
                "extensions",
                "daemonsets deployments deployments/rollback deployments/scale ingresses networkpolicies replicasets replicasets/scale replicationcontrollers/scale",
                WRITE,
            ),
            ("policy", "poddisruptionbudgets", WRITE),
            ("networking.k8s.io", "ingresses networkpolicies", WRITE),
            ("coordination.k8s.io", "leases", ALL),
            (
                "resource.k8s.io",
                "resourceclaims resourceclaimtemplates",
                WRITE,
            ),
        ],
    ),
    (
        "system:aggregate-to-view",
        &[
            (
                CORE,
                "bindings configmaps endpoints limitranges namespaces namespaces/status persistentvolumeclaims persistentvolumeclaims/status pods pods/log pods/status replicationcontrollers replicationcontrollers/scale replicationcontrollers/status resourcequotas resourcequotas/status serviceaccounts services services/status",
                READ,
            ),
            (EVENTS, "events", READ),
            ("discovery.k8s.io", "endpointslices", READ),
            (
                "apps",
                "controllerrevisions daemonsets daemonsets/status deployments deployments/scale deployments/status replicasets replicasets/scale replicasets/status statefulsets statefulsets/scale statefulsets/status",
                READ,
            ),
            (
                "autoscaling",
                "horizontalpodautoscalers horizontalpodautoscalers/status",
                READ,
            ),
            ("batch", "cronjobs cronjobs/status jobs jobs/status", READ),
            (
                "extensions",
                "daemonsets daemonsets/status deployments deployments/scale deployments/status ingresses ingresses/status networkpolicies replicasets replicasets/scale replicasets/status replicationcontrollers/scale",
                READ,
            ),
            (
                "policy",
                "poddisruptionbudgets poddisruptionbudgets/status",
                READ,
            ),
            (
                "networking.k8s.io",
                "ingresses ingresses/status networkpolicies",
                READ,
            ),
            (
                "resource.k8s.io",
                "resourceclaims resourceclaims/status resourceclaimtemplates",
                READ,
            ),
        ],
    ),
    (
        "system:basic-user",
        &[
            (
                "authorization.k8s.io",
                "selfsubjectaccessreviews selfsubjectrulesreviews",
                "create",
            ),
            ("authentication.k8s.io", "selfsubjectreviews", "create"),
        ],
    ),
    (
        "system:controller:cronjob-controller",
        &[
            ("batch", "cronjobs", "get list update watch"),
            ("batch", "jobs", MANAGE),
            ("batch", "cronjobs/status cronjobs/finalizers", UPDATE),
            (CORE, "pods", "delete list watch"),
        ],
    ),
    (
        "system:controller:daemon-set-controller",
        &[
            (OLD_APPS, "daemonsets", READ),
            (OLD_APPS, "daemonsets/status daemonsets/finalizers", UPDATE),
            (CORE, "nodes", "list watch"),
            (CORE, "pods", "create delete list patch watch"),
            (CORE, "pods/binding", "create"),
            ("apps", "controllerrevisions", MANAGE),
        ],
    ),
    (
        "system:controller:deployment-controller",
        &[
            (OLD_APPS, "deployments", "get list update watch"),
            (
                OLD_APPS,
                "deployments/status deployments/finalizers",
                UPDATE,
            ),
            (OLD_APPS, "replicasets", MANAGE),
            (CORE, "pods", "get list update watch"),
        ],
    ),
    (
        "system:controller:job-controller",
        &[
            ("batch", "jobs", "get list patch update watch"),
            ("batch", "jobs/status jobs/finalizers", UPDATE),
            (CORE, "pods", "create delete list patch watch"),
        ],
    ),
    (
        "system:controller:replicaset-controller",
        &[
            (OLD_APPS, "replicasets", "get list update watch"),
            (
                OLD_APPS,
                "replicasets/status replicasets/finalizers",
                UPDATE,
            ),
            (CORE, "pods", "create delete list patch watch"),
        ],
    ),
    (
        "system:controller:replication-controller",
        &[
            (CORE, "replicationcontrollers", "get list update watch"),
            (
                CORE,
                "replicationcontrollers/status replicationcontrollers/finalizers",
                UPDATE,
            ),
            (CORE, "pods", "create delete list patch watch"),
        ],
    ),
    (
        "system:controller:statefulset-controller",
        &[
            (CORE, "pods", "create delete get list patch update watch"),
            ("apps", "statefulsets", READ),
            (
                "apps",
                "statefulsets/status statefulsets/finalizers",
                UPDATE,
            ),
            ("apps", "controllerrevisions", MANAGE),
            (
                CORE,
                "persistentvolumeclaims",
                "create delete get list update watch",
            ),
            (CORE, "pods/finalizers", UPDATE),
        ],
    ),
];

const CONTROLLER: &str = "system:controller:";
/// What all controllers may do besides.
const CONTROLLER_EVENTS: Row = (EVENTS, "events", "create patch update");

/// Of a role: URLs and verbs.
const URLS: [(&str, &str, &str); 3] = [
    ("cluster-admin", "*", "*"),
    (
        "system:discovery",
        "/api /api/* /apis /apis/* /healthz /livez /openapi /openapi/* /readyz /version /version/",
        "get",
    ),
    (
        "system:public-info-viewer",
        "/healthz /livez /readyz /version /version/",
        "get",
    ),
];

/// Bindings: their name, the ClusterRole, groups.
const BINDINGS: [(&str, &str, &str); 5] = [
    ("cluster-admin", "cluster-admin", "system:masters"),
    (
        "kubeadm:cluster-admins",
        "cluster-admin",
        "kubeadm:cluster-admins",
    ),
    (
        "system:basic-user",
        "system:basic-user",
        "system:authenticated",
    ),
    (
        "system:discovery",
        "system:discovery",
        "system:authenticated",
    ),
    (
        "system:public-info-viewer",
        "system:public-info-viewer",
        "system:authenticated system:unauthenticated",
    ),
];

pub(super) fn rbac() -> Rbac {
    let mut rbac = Rbac::default();
    for (name, into) in AGGREGATED {
        let own = Node::map([(
            "matchLabels",
            Node::map([(label(name).as_str(), Node::string("true"))]),
        )]);
        rbac.roles.push(Role {
            name: name.into(),
            labels: labels(into),
            aggregates: Some(vec![Selector::read(&own, &Path::root()).0]),
            ..Role::default()
        });
    }
    for (name, rules) in RULES {
        for rule in rules {
            rbac.rule(name, of_resources(*rule));
        }
        if let Some(account) = name.strip_prefix(CONTROLLER) {
            rbac.rule(name, of_resources(CONTROLLER_EVENTS));
            let subject = Subject {
                kind: "ServiceAccount".into(),
                namespace: "kube-system".into(),
                name: account.into(),
            };
            rbac.bind(name, name, vec![subject]);
        }
    }
    for (name, urls, verbs) in URLS {
        let rule = Rule {
            verbs: words(verbs),
            urls: words(urls),
            ..Rule::default()
        };
        rbac.rule(name, rule);
    }
    for (name, role, groups) in BINDINGS {
        let subjects = words(groups).into_iter().map(|name| Subject {
            kind: "Group".into(),
            namespace: Arc::default(),
            name,
        });
        rbac.bind(name, role, subjects.collect());
    }
    rbac
}

impl Rbac {
    /// A rule more for the ClusterRole of a name, which is made where there is none.
    fn rule(&mut self, name: &str, rule: Rule) {
        if let Some(role) = self.roles.iter_mut().find(|role| &*role.name == name) {
            role.rules.push(rule);
            return;
        }
        let part = PARTS.iter().find(|(part, _)| *part == name);
        self.roles.push(Role {
            name: name.into(),
            labels: labels(part.map_or("", |(_, into)| into)),
            rules: vec![rule],
            ..Role::default()
        });
    }

    fn bind(&mut self, name: &str, role: &str, subjects: Vec<Subject>) {
        self.bindings.push(Binding {
            namespace: Arc::default(),
            name: name.into(),
            role_kind: "ClusterRole".into(),
            role_name: role.into(),
            subjects,
        });
    }
}

fn label(role: &str) -> String {
    format!("{AGGREGATE}{role}")
}

/// The labels of a role that goes into another, if it does.
fn labels(into: &str) -> Node {
    match into {
        "" => Node::Null,
        into => Node::map([(label(into).as_str(), Node::string("true"))]),
    }
}

fn words(text: &str) -> Vec<Arc<str>> {
    let words = text.split(' ');
    words
        .map(|word| if word == CORE { "" } else { word }.into())
        .collect()
}

fn of_resources((groups, resources, verbs): Row) -> Rule {
    Rule {
        verbs: words(verbs),
        groups: words(groups),
        resources: words(resources),
        ..Rule::default()
    }
}
