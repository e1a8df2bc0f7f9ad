//! What becomes of one object, and of the Pods of a workload.

use vapwright_admission::evaluate::{Row, evaluate};
use vapwright_admission::request::{Operation, Request, Resource};
use vapwright_admission::wording;
use vapwright_admission::workload::{CreatedPod, created_pod};
use vapwright_cel::document::Node;
use vapwright_kube::admit::{Settings, admit, create, receive};
use vapwright_kube::document::Document;
use vapwright_kube::json;
use vapwright_kube::kinds::{Gvk, resource_of};
use vapwright_kube::path::Path;
use vapwright_kube::problem::Problem;

use super::namespace::is_namespace;
use super::rows::{self, Found, PlaceOf};
use super::{Context, sentence};
use crate::input::{Input, name, text_at};
use crate::wire::{Diagnostic, ObjectAnswer, PodAnswer, PolicyRow, Verdict};

/// Kinds whose objects are Pods in waiting: without containers nothing can run.
const TEMPLATES: [(&str, &[&str]); 3] = [
    ("Pod", &["spec"]),
    (
        "CronJob",
        &["spec", "jobTemplate", "spec", "template", "spec"],
    ),
    ("", &["spec", "template", "spec"]),
];

impl Context<'_, '_> {
    /// What becomes of an object.
    pub fn answer(
        &self,
        input: &Input<'_>,
        document: &Document,
        diagnostics: &mut Vec<Diagnostic>,
    ) -> ObjectAnswer {
        let source = &document.node;
        let gvk = Gvk::of(source).unwrap_or_default();
        let (mut request, settings) = self.request(&gvk, source);
        self.check_namespace(input, document, &request, diagnostics);
        check_containers(input, document, &gvk, diagnostics);

        let file = input.text.name();
        let mutations = self.mutate(&mut request, &settings, file);
        if let Some(object) = &mut request.object {
            create(object, &settings);
        }
        let patched = request.object.as_ref().filter(|_| mutations.changed);
        let patched = patched.map(json::to_value);
        let place_of = |path: &Path| Some(find_place(input, document, path));
        let mut rows = mutations.failures;
        let kubectl = match mutations.refused {
            Some((kubectl, _)) => kubectl,
            None => {
                let (said, validated) = self.rows(&request, &place_of);
                rows.extend(validated);
                wording::kubectl(&request, &said, file)
            }
        };
        rows::sort(&mut rows);
        let verdict = rows::worst(&rows);

        // A workload that is refused has no Pods.
        let admitted = request.object.as_ref().filter(|_| {
            verdict != Verdict::Denied
                && matches!(self.operation, Operation::Create | Operation::Update)
        });
        let mut events = String::new();
        let pod = admitted.and_then(created_pod).map(|created| {
            let (pod, pod_events) = self.pod(&created, &request.namespace, input, document);
            events = pod_events;
            Box::new(pod)
        });
        let shown = object_name(&request);
        ObjectAnswer {
            api_version: gvk.api_version(),
            sentence: sentence::of_object(
                &gvk.kind,
                &shown,
                self.operation,
                &rows,
                pod.as_ref().map(|pod| pod.rows.as_slice()),
            ),
            kind: gvk.kind,
            name: shown,
            namespace: if request.is_namespace() {
                String::new()
            } else {
                request.namespace
            },
            place: input.place(document, &Path::root()),
            verdict: pod.as_ref().map_or(verdict, |pod| pod.verdict.max(verdict)),
            rows,
            mutations: mutations.rows,
            patched,
            pod,
            kubectl,
            events,
        }
    }

    /// A namespace as a server's cache has it, which keeps neither its version nor its kind.
    fn namespace_object(&self, name: &str) -> Node {
        let mut namespace = self.namespaces.find(name);
        if let Some(fields) = namespace.as_map_mut() {
            fields.remove("apiVersion");
            fields.remove("kind");
        }
        namespace
    }

    /// The request that sends an object, as mutating policies see it.
    fn request(&self, gvk: &Gvk, source: &Node) -> (Request, Settings) {
        let namespace = self.namespaces.of(gvk, source);
        let namespace_object = (!namespace.is_empty() && !is_namespace(gvk))
            .then(|| self.namespace_object(&namespace));
        let settings = Settings {
            namespace: namespace.clone(),
            ..Settings::default()
        };
        let stored = || {
            let old = self.stored.find(gvk, &namespace, name(source));
            admit(old.unwrap_or(source), &settings).node
        };
        let received = || Some(receive(source, &settings).node);
        let (object, old_object) = match self.operation {
            Operation::Create => (received(), None),
            Operation::Update => (received(), Some(stored())),
            Operation::Delete => (None, Some(stored())),
            Operation::Connect => (None, None),
        };
        let request = Request {
            kind: gvk.clone(),
            resource: Resource::of_kind(gvk, &resource_of(gvk)),
            subresource: String::new(),
            operation: self.operation,
            name: name(source).to_owned(),
            namespace,
            object,
            old_object,
            namespace_object,
            user: self.user.clone(),
            rights: self.rights.clone(),
            dry_run: self.dry_run,
        };
        (request, settings)
    }

    /// What every policy says of a request: as admission says it, and for the wire.
    fn rows(&self, request: &Request, place_of: PlaceOf<'_>) -> (Vec<Row>, Vec<PolicyRow>) {
        let mut said = Vec::new();
        let mut wire = Vec::new();
        for bound in &self.policies {
            for binding in &bound.bindings {
                for row in evaluate(&bound.entry.policy, binding, request, &self.params) {
                    wire.push(rows::to_wire(
                        &row,
                        bound.policy,
                        self.policy_inputs,
                        bound.given,
                        place_of,
                    ));
                    said.push(row);
                }
            }
        }
        rows::sort(&mut wire);
        (said, wire)
    }

    /// What becomes of a workload's Pods, and the event that says so.
    fn pod(
        &self,
        created: &CreatedPod,
        namespace: &str,
        input: &Input<'_>,
        document: &Document,
    ) -> (PodAnswer, String) {
        let settings = Settings {
            namespace: namespace.to_owned(),
            ..Settings::default()
        };
        let pod = receive(&created.pod, &settings).node;
        let mut request = Request {
            namespace: namespace.to_owned(),
            rights: self.rights.clone(),
            ..created.request(pod, self.namespaces.find(namespace))
        };
        let mutations = self.mutate(&mut request, &settings, input.text.name());
        if let Some(pod) = &mut request.object {
            create(pod, &settings);
        }
        let place_of = |path: &Path| {
            let path = created.path_in_workload(path)?;
            Some(find_place(input, document, &path))
        };
        let mut rows = mutations.failures;
        let errors = match mutations.refused {
            Some((_, errors)) => errors,
            None => {
                let (said, validated) = self.rows(&request, &place_of);
                rows.extend(validated);
                let denied = said
                    .iter()
                    .filter(|row| row.verdict == vapwright_admission::evaluate::Verdict::Denied);
                denied
                    .map(|row| wording::forbidden(&request, &row.text))
                    .collect()
            }
        };
        rows::sort(&mut rows);
        let events = if errors.is_empty() {
            String::new()
        } else {
            created.event_of(&request, &errors)
        };
        let answer = PodAnswer {
            place: input.place(document, &created.template),
            controller: created.controller(),
            verdict: rows::worst(&rows),
            rows,
            mutations: mutations.rows,
        };
        (answer, events)
    }

    /// An object of another namespace than the one whose labels are given is easily overlooked.
    fn check_namespace(
        &self,
        input: &Input<'_>,
        document: &Document,
        request: &Request,
        diagnostics: &mut Vec<Diagnostic>,
    ) {
        if request.namespace_object.is_none() || self.namespaces.knows(&request.namespace) {
            return;
        }
        let path = Path::root().fields(&["metadata", "namespace"]);
        let problem = Problem::warning(
            "other-namespace",
            format!(
                "the object goes to namespace `{}`, whose labels are not known",
                request.namespace
            ),
            Some(document.range(&path)),
        )
        .help(format!(
            "the Namespace given here is `{}`",
            self.namespaces.name()
        ))
        .at_path(&path);
        diagnostics.push(input.diagnostic(&problem));
    }
}

fn find_place(input: &Input<'_>, document: &Document, path: &Path) -> Found {
    Found {
        place: input.place(document, path),
        exact: document.find(path).is_some(),
    }
}

/// A Pod or template without containers: the API server refuses it after admission.
fn check_containers(
    input: &Input<'_>,
    document: &Document,
    gvk: &Gvk,
    diagnostics: &mut Vec<Diagnostic>,
) {
    let workload = matches!(
        (gvk.group.as_str(), gvk.kind.as_str()),
        ("", "Pod" | "ReplicationController")
            | (
                "apps",
                "Deployment" | "ReplicaSet" | "StatefulSet" | "DaemonSet"
            )
            | ("batch", "Job" | "CronJob")
    );
    let template = TEMPLATES
        .iter()
        .find(|(kind, _)| kind.is_empty() || *kind == gvk.kind);
    let Some((_, template)) = template.filter(|_| workload) else {
        return;
    };
    let node = document.node.at(template);
    let containers = node.and_then(|spec| spec.get("containers"));
    let count = containers.and_then(Node::as_list).map_or(0, <[Node]>::len);
    if count > 0 || containers.is_some_and(|node| !node.is_null() && node.as_list().is_none()) {
        return;
    }
    let path = Path::root().fields(template).field("containers");
    let problem = Problem::error(
        "no-containers",
        format!("{path}: Required value"),
        Some(document.range(&path)),
    )
    .help("a Pod has at least one container")
    .at_path(&path);
    diagnostics.push(input.diagnostic(&problem));
}

fn object_name(request: &Request) -> String {
    if !request.name.is_empty() {
        return request.name.clone();
    }
    let object = request.object.as_ref().or(request.old_object.as_ref());
    object
        .map(|object| text_at(object, &["metadata", "generateName"]).to_owned())
        .unwrap_or_default()
}
