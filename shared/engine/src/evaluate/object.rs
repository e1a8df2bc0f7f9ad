//! What becomes of one object, and of the Pods of a workload.

use vapwright_admission::evaluate::{Row, evaluate};
use vapwright_admission::request::{Operation, Request, Resource};
use vapwright_admission::wording;
use vapwright_admission::workload::{CreatedPod, created_pod};
use vapwright_cel::document::Node;
use vapwright_kube::admit::{Settings, admit};
use vapwright_kube::document::Document;
use vapwright_kube::kinds::Gvk;
use vapwright_kube::path::Path;
use vapwright_kube::problem::Problem;
use vapwright_kube::refusal::{Refusal, refused, undecodable};
use vapwright_kube::yaml;

use super::namespace::is_namespace;
use super::rows::{self, Found, PlaceOf};
use super::{Context, refusal, sentence};
use crate::input::{Input, name, text_at};
use crate::wire::{Diagnostic, ObjectAnswer, PodAnswer, PolicyRow, Verdict};

impl Context<'_, '_> {
    /// What becomes of an object.
    pub fn answer(
        &self,
        input: &Input<'_>,
        document: &Document,
        problems: &[Problem],
        diagnostics: &mut Vec<Diagnostic>,
    ) -> ObjectAnswer {
        let source = &document.node;
        let gvk = Gvk::of(source).unwrap_or_default();
        let (request, refused) = self.request(&gvk, source);
        self.check_namespace(input, document, &request, diagnostics);
        let refused = undecodable(&gvk, problems).or(refused);
        let refused = refused.map(|refused| {
            diagnostics.extend(refusal::diagnostics(input, document, &refused));
            refusal::to_wire(&refused, |path| Some(input.place(document, path)))
        });

        let place_of = |path: &Path| Some(find_place(input, document, path));
        let (said, rows) = match refused {
            Some(_) => Default::default(),
            None => self.rows(&request, &place_of),
        };
        let file = input.text.name();
        let kubectl = match &refused {
            Some(refused) => refusal::kubectl(refused, &gvk, &request.name, file),
            None => wording::kubectl(&request, &said, file),
        };
        let verdict = match refused {
            Some(_) => Verdict::Denied,
            None => rows::worst(&rows),
        };

        // what cannot be decoded is seen by nobody
        let decoded = refused.as_ref().is_none_or(|refused| refused.status != 400);
        let admitted = self.shown(request.object.as_ref().filter(|_| decoded));
        // A workload that is refused has no Pods.
        let created = request.object.as_ref().filter(|_| {
            verdict != Verdict::Denied
                && matches!(self.operation, Operation::Create | Operation::Update)
        });
        let mut events = String::new();
        let pod = created.and_then(created_pod).map(|created| {
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
                (refused.as_ref(), &rows),
                pod.as_ref()
                    .map(|pod| (pod.refused.as_ref(), pod.rows.as_slice())),
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
            pod,
            admitted,
            refused,
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

    /// How the API server is set, for objects of a namespace.
    fn settings(&self, namespace: &str) -> Settings {
        Settings {
            namespace: namespace.to_owned(),
            ..self.settings.clone()
        }
    }

    /// An object as policies see it, where the call asks for it.
    fn shown(&self, object: Option<&Node>) -> Option<String> {
        object.filter(|_| self.show_admitted).map(yaml::write)
    }

    /// The request that sends an object, and why the API server refuses it by itself.
    fn request(&self, gvk: &Gvk, source: &Node) -> (Request, Option<Refusal>) {
        let namespace = self.namespaces.of(gvk, source);
        let namespace_object = (!namespace.is_empty() && !is_namespace(gvk))
            .then(|| self.namespace_object(&namespace));
        let settings = self.settings(&namespace);
        let seen = |source: &Node| admit(source, &settings).node;
        let admitted = admit(source, &settings);
        // what an update may change is not checked
        let refusal = (self.operation == Operation::Create)
            .then(|| refused(gvk, &admitted, &settings))
            .flatten();
        let admitted = admitted.node;
        let stored = || {
            let old = self.stored.find(gvk, &namespace, name(source));
            old.map_or_else(|| admitted.clone(), seen)
        };
        let (object, old_object) = match self.operation {
            Operation::Create => (Some(admitted), None),
            Operation::Update => {
                let stored = stored();
                (Some(admitted), Some(stored))
            }
            Operation::Delete => (None, Some(stored())),
            Operation::Connect => (None, None),
        };
        let request = Request {
            kind: gvk.clone(),
            resource: Resource::of_kind(gvk, &self.namespaces.resource(gvk)),
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
        (request, refusal)
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
        let settings = self.settings(namespace);
        let admitted = admit(&created.pod, &settings);
        let refusal = refused(&Gvk::new("v1", "Pod"), &admitted, &settings);
        let request = Request {
            namespace: namespace.to_owned(),
            rights: self.rights.clone(),
            ..created.request(admitted.node, self.namespaces.find(namespace))
        };
        if let Some(refusal) = refusal {
            let events = created.event_of(&request, &refusal.message);
            let place = |path: &Path| {
                let path = created.path_in_workload(path)?;
                Some(input.place(document, &path))
            };
            let answer = PodAnswer {
                place: input.place(document, &created.template),
                controller: created.controller(),
                verdict: Verdict::Denied,
                rows: Vec::new(),
                admitted: self.shown(request.object.as_ref()),
                refused: Some(refusal::to_wire(&refusal, place)),
            };
            return (answer, events);
        }
        let place_of = |path: &Path| {
            let path = created.path_in_workload(path)?;
            Some(find_place(input, document, &path))
        };
        let (said, rows) = self.rows(&request, &place_of);
        let denials: Vec<&str> = said
            .iter()
            .filter(|row| row.verdict == vapwright_admission::evaluate::Verdict::Denied)
            .map(|row| row.text.as_str())
            .collect();
        let events = if denials.is_empty() {
            String::new()
        } else {
            created.event(&request, &denials)
        };
        let answer = PodAnswer {
            place: input.place(document, &created.template),
            controller: created.controller(),
            verdict: rows::worst(&rows),
            rows,
            admitted: self.shown(request.object.as_ref()),
            refused: None,
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

fn object_name(request: &Request) -> String {
    if !request.name.is_empty() {
        return request.name.clone();
    }
    let object = request.object.as_ref().or(request.old_object.as_ref());
    object
        .map(|object| text_at(object, &["metadata", "generateName"]).to_owned())
        .unwrap_or_default()
}
