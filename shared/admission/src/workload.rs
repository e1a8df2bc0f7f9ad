//! The Pod that a workload's controller would create, and who creates it.

use vapwright_cel::document::{Fields, Node};
use vapwright_cel::version::KubernetesVersion;
use vapwright_kube::json;
use vapwright_kube::kinds::Gvk;
use vapwright_kube::path::{Path, Segment};

use crate::request::{Operation, Request, Resource, Rights, User};
use crate::wording;

/// The letters of generated names (`k8s.io/apimachinery/pkg/util/rand`).
const LETTERS: &[u8; 27] = b"bcdfghjklmnpqrstvwxz2456789";
/// The longest name before a generated suffix.
const MAX_BASE: usize = 58;
/// The minute of a CronJob's next run, which a real cluster takes from its clock.
const MINUTE: &str = "29384400";

/// A Pod that a controller would create. Its name has the form that the cluster gives it; the
/// letters in it are made from the workload, as a cluster's own cannot be known.
#[derive(Clone, Debug, PartialEq)]
pub struct CreatedPod {
    /// The Pod as the controller sends it: the API server has not defaulted it yet.
    pub pod: Node,
    /// Where its template stands in the workload: `spec.template`.
    pub template: Path,
    /// The kind of the object that creates it, as events name it: `replicaset`.
    pub controller_kind: &'static str,
    /// The name of the object that creates it: `echo-fb9b96767`.
    pub controller_name: String,
    /// The user as which the controller sends it.
    pub user: User,
}

/// What is known of a kind of workload.
struct Shape {
    /// The kind whose controller creates the Pod.
    kind: &'static str,
    api_version: &'static str,
    /// As events name it.
    lower: &'static str,
    /// Its controller's service account.
    account: &'static str,
}

const REPLICA_SET: Shape = Shape {
    kind: "ReplicaSet",
    api_version: "apps/v1",
    lower: "replicaset",
    account: "replicaset-controller",
};
const STATEFUL_SET: Shape = Shape {
    kind: "StatefulSet",
    api_version: "apps/v1",
    lower: "statefulset",
    account: "statefulset-controller",
};
const DAEMON_SET: Shape = Shape {
    kind: "DaemonSet",
    api_version: "apps/v1",
    lower: "daemonset",
    account: "daemon-set-controller",
};
const REPLICATION_CONTROLLER: Shape = Shape {
    kind: "ReplicationController",
    api_version: "v1",
    lower: "replicationcontroller",
    account: "replication-controller",
};
const JOB: Shape = Shape {
    kind: "Job",
    api_version: "batch/v1",
    lower: "job",
    account: "job-controller",
};

/// The Pod of a workload; `None` for other objects, and for workloads that have no Pod: with no
/// replicas, suspended, or without a template.
#[must_use]
pub fn created_pod(workload: &Node) -> Option<CreatedPod> {
    let gvk = Gvk::of(workload)?;
    let name = workload.at(&["metadata", "name"])?.as_str()?;
    let spec = workload.get("spec")?;
    let zero = |field| spec.get(field).and_then(Node::as_int) == Some(0);
    let suspended = spec.get("suspend").and_then(Node::as_bool) == Some(true);
    let root = Path::root();
    let (shape, path) = match (gvk.group.as_str(), gvk.kind.as_str()) {
        ("apps", "Deployment" | "ReplicaSet") => (REPLICA_SET, root.fields(&["spec", "template"])),
        ("apps", "StatefulSet") => (STATEFUL_SET, root.fields(&["spec", "template"])),
        ("apps", "DaemonSet") => (DAEMON_SET, root.fields(&["spec", "template"])),
        ("", "ReplicationController") => {
            (REPLICATION_CONTROLLER, root.fields(&["spec", "template"]))
        }
        ("batch", "Job") => (JOB, root.fields(&["spec", "template"])),
        ("batch", "CronJob") => {
            let path = ["spec", "jobTemplate", "spec", "template"];
            (JOB, root.fields(&path))
        }
        _ => return None,
    };
    if zero("replicas") || zero("parallelism") || suspended {
        return None;
    }
    let template = path
        .0
        .iter()
        .try_fold(workload, |node, segment| match segment {
            Segment::Field(name) => node.get(name),
            Segment::Index(_) => None,
        })?;
    let text = json::write(template);
    let hash = encode(fnv(text.as_bytes()));
    let controller_name = match gvk.kind.as_str() {
        "Deployment" => format!("{name}-{hash}"),
        "CronJob" => format!("{name}-{MINUTE}"),
        _ => name.to_owned(),
    };
    let namespace = workload
        .at(&["metadata", "namespace"])
        .and_then(Node::as_str);
    let pod_name = if shape.kind == "StatefulSet" {
        format!("{controller_name}-0")
    } else {
        generated_name(&format!("{controller_name}-"), &hash)
    };
    let mut builder = Builder {
        shape: &shape,
        spec,
        controller: &controller_name,
        pod_name: &pod_name,
        hash: &hash,
        from_deployment: gvk.kind == "Deployment",
    };
    let pod = builder.pod(template, namespace);
    Some(CreatedPod {
        pod,
        template: path,
        controller_kind: shape.lower,
        controller_name,
        user: service_account(shape.account),
    })
}

/// A controller's service account, with the groups that all of them have.
fn service_account(name: &str) -> User {
    User {
        name: format!("system:serviceaccount:kube-system:{name}"),
        groups: [
            "system:serviceaccounts",
            "system:serviceaccounts:kube-system",
            "system:authenticated",
        ]
        .map(str::to_owned)
        .to_vec(),
        ..User::default()
    }
}

/// A name as the API server makes it of `generateName`; its last letters are made from `seed`.
#[must_use]
pub fn generated_name(base: &str, seed: &str) -> String {
    let letters = encode(fnv(seed.as_bytes()));
    let letters = letters.chars().chain("bcdfg".chars()).take(5);
    base.chars().take(MAX_BASE).chain(letters).collect()
}

fn fnv(bytes: &[u8]) -> u32 {
    bytes.iter().fold(0x811c_9dc5, |hash, byte| {
        (hash ^ u32::from(*byte)).wrapping_mul(0x0100_0193)
    })
}

/// As `rand.SafeEncodeString` writes a hash.
fn encode(hash: u32) -> String {
    hash.to_string()
        .bytes()
        .filter_map(|byte| LETTERS.get(usize::from(byte) % LETTERS.len()))
        .map(|byte| char::from(*byte))
        .collect()
}

struct Builder<'b> {
    shape: &'b Shape,
    spec: &'b Node,
    controller: &'b str,
    pod_name: &'b str,
    hash: &'b str,
    from_deployment: bool,
}

impl Builder<'_> {
    fn pod(&mut self, template: &Node, namespace: Option<&str>) -> Node {
        let field = |name: &str| match template.at(&["metadata", name]) {
            Some(Node::Map(fields)) => fields.clone(),
            _ => Fields::new(),
        };
        let mut labels = field("labels");
        for (name, value) in self.labels() {
            labels.insert(name, Node::string(value));
        }
        let annotations = field("annotations");
        let mut metadata = Fields::new();
        metadata.push("name", Node::string(self.pod_name));
        if self.shape.kind != "StatefulSet" {
            metadata.push(
                "generateName",
                Node::string(format!("{}-", self.controller)),
            );
        }
        if let Some(namespace) = namespace {
            metadata.push("namespace", Node::string(namespace));
        }
        if !labels.is_empty() {
            metadata.push("labels", Node::Map(labels));
        }
        if !annotations.is_empty() {
            metadata.push("annotations", Node::Map(annotations));
        }
        metadata.push("ownerReferences", Node::List(vec![self.owner()]));
        if self.shape.kind == "Job" {
            let finalizer = Node::string("batch.kubernetes.io/job-tracking");
            metadata.push("finalizers", Node::List(vec![finalizer]));
        } else if let Some(finalizers) = template.at(&["metadata", "finalizers"]) {
            metadata.push("finalizers", finalizers.clone());
        }
        let mut spec = match template.get("spec") {
            Some(Node::Map(spec)) => spec.clone(),
            _ => Fields::new(),
        };
        match self.shape.kind {
            "StatefulSet" => self.identity(&mut spec),
            "DaemonSet" => tolerate(&mut spec),
            _ => {}
        }
        Node::map([
            ("apiVersion", Node::string("v1")),
            ("kind", Node::string("Pod")),
            ("metadata", Node::Map(metadata)),
            ("spec", Node::Map(spec)),
        ])
    }

    /// Labels that the controller adds.
    fn labels(&self) -> Vec<(&'static str, String)> {
        match self.shape.kind {
            "ReplicaSet" if self.from_deployment => {
                vec![("pod-template-hash", self.hash.to_owned())]
            }
            "StatefulSet" => vec![
                ("apps.kubernetes.io/pod-index", "0".to_owned()),
                (
                    "controller-revision-hash",
                    format!("{}-{}", self.controller, self.hash),
                ),
                (
                    "statefulset.kubernetes.io/pod-name",
                    self.pod_name.to_owned(),
                ),
            ],
            "DaemonSet" => vec![
                ("controller-revision-hash", self.hash.to_owned()),
                ("pod-template-generation", "1".to_owned()),
            ],
            "Job" => vec![
                ("batch.kubernetes.io/job-name", self.controller.to_owned()),
                ("job-name", self.controller.to_owned()),
            ],
            _ => Vec::new(),
        }
    }

    fn owner(&self) -> Node {
        Node::map([
            ("apiVersion", Node::string(self.shape.api_version)),
            ("kind", Node::string(self.shape.kind)),
            ("name", Node::string(self.controller)),
            ("uid", Node::string("00000000-0000-0000-0000-000000000000")),
            ("controller", Node::Bool(true)),
            ("blockOwnerDeletion", Node::Bool(true)),
        ])
    }

    /// A StatefulSet gives its Pods a host name and the volumes of their claims.
    fn identity(&self, spec: &mut Fields) {
        if spec.get("hostname").is_none() {
            spec.push("hostname", Node::string(self.pod_name));
        }
        if let Some(service) = self.spec.get("serviceName").filter(|name| !name.is_null()) {
            spec.insert("subdomain", service.clone());
        }
        let claims = self
            .spec
            .get("volumeClaimTemplates")
            .and_then(Node::as_list);
        let claims = claims.unwrap_or_default().iter();
        let claims: Vec<&str> = claims
            .filter_map(|claim| claim.at(&["metadata", "name"])?.as_str())
            .collect();
        if claims.is_empty() {
            return;
        }
        let mut volumes: Vec<Node> = Vec::new();
        if let Some(Node::List(given)) = spec.get("volumes") {
            let replaced = |volume: &&Node| {
                let name = volume.get("name").and_then(Node::as_str);
                !name.is_some_and(|name| claims.contains(&name))
            };
            volumes.extend(given.iter().filter(replaced).cloned());
        }
        for claim in claims {
            let full = format!("{claim}-{}", self.pod_name);
            let source = Node::map([("claimName", Node::string(full))]);
            volumes.push(Node::map([
                ("name", Node::string(claim)),
                ("persistentVolumeClaim", source),
            ]));
        }
        spec.insert("volumes", Node::List(volumes));
    }
}

/// The tolerations that the DaemonSet controller adds.
fn tolerate(spec: &mut Fields) {
    let host = spec.get("hostNetwork").and_then(Node::as_bool) == Some(true);
    let mut tolerations = match spec.get("tolerations") {
        Some(Node::List(given)) => given.clone(),
        _ => Vec::new(),
    };
    let added = [
        ("not-ready", "NoExecute", true),
        ("unreachable", "NoExecute", true),
        ("disk-pressure", "NoSchedule", true),
        ("memory-pressure", "NoSchedule", true),
        ("pid-pressure", "NoSchedule", true),
        ("unschedulable", "NoSchedule", true),
        ("network-unavailable", "NoSchedule", host),
    ];
    for (key, effect, applies) in added {
        if applies {
            tolerations.push(Node::map([
                ("key", Node::string(format!("node.kubernetes.io/{key}"))),
                ("operator", Node::string("Exists")),
                ("effect", Node::string(effect)),
            ]));
        }
    }
    spec.insert("tolerations", Node::List(tolerations));
}

impl CreatedPod {
    /// The controller as events name it: `replicaset/echo-fb9b96767`.
    #[must_use]
    pub fn controller(&self) -> String {
        format!("{}/{}", self.controller_kind, self.controller_name)
    }

    /// The request that creates the Pod, in a namespace; `pod` is the Pod as policies see it:
    /// decoded, defaulted and mutated.
    #[must_use]
    pub fn request(&self, pod: Node, namespace: Node) -> Request {
        let kind = Gvk::new("v1", "Pod");
        let text = |node: &Node, name: &str| {
            let text = node.at(&["metadata", name]).and_then(Node::as_str);
            text.unwrap_or_default().to_owned()
        };
        Request {
            resource: Resource::of_kind(&kind, "pods"),
            kind,
            subresource: String::new(),
            operation: Operation::Create,
            name: text(&pod, "name"),
            namespace: text(&namespace, "name"),
            object: Some(pod),
            old_object: None,
            namespace_object: Some(namespace),
            user: self.user.clone(),
            rights: Rights::default(),
            dry_run: false,
            options: Request::plain_options(Operation::Create, false),
            others: Vec::new(),
        }
    }

    /// Where a path of the Pod stands in the workload; `None` for what the controller or the API
    /// server adds.
    #[must_use]
    pub fn path_in_workload(&self, path: &Path) -> Option<Path> {
        match path.0.first() {
            Some(Segment::Field(name)) if matches!(&**name, "spec" | "metadata") => {
                let segments = self.template.0.iter().chain(&path.0);
                Some(Path(segments.cloned().collect()))
            }
            _ => None,
        }
    }

    /// The event that `kubectl get events` prints where a cluster of a version refuses the Pod, given
    /// the refused request and the API server's errors.
    #[must_use]
    pub fn event(
        &self,
        version: KubernetesVersion,
        request: &Request,
        errors: &[String],
    ) -> String {
        let controller = self.controller();
        let messages: Vec<String> = errors
            .iter()
            .map(|error| self.not_created(version, request, error))
            .collect();
        wording::events("FailedCreate", &controller, &messages)
    }

    fn not_created(&self, version: KubernetesVersion, request: &Request, error: &str) -> String {
        if self.controller_kind == "statefulset" {
            wording::ordinal_not_created(version, &request.name, &self.controller_name, error)
        } else {
            wording::not_created(error)
        }
    }
}
