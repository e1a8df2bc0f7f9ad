//! What becomes of one object, and of the Pods of a workload.

use vapwright_admission::custom::other_versions;
use vapwright_admission::evaluate::{Prepared, Row, evaluate_prepared};
use vapwright_admission::request::{Operation, Request, Resource};
use vapwright_admission::wording;
use vapwright_admission::workload::{CreatedPod, created_pod, generated_name};
use vapwright_cel::document::Node;
use vapwright_kube::admit::{Admitted, Settings, admit, receive};
use vapwright_kube::document::Document;
use vapwright_kube::json;
use vapwright_kube::kinds::Gvk;
use vapwright_kube::path::Path;
use vapwright_kube::problem::Problem;
use vapwright_kube::refusal::{Refusal, refused, refused_update, undecodable};
use vapwright_kube::warnings::on_create;
use vapwright_kube::yaml;

use super::mutation::Mutations;
use super::namespace::is_namespace;
use super::pod_security::PodSecurity;
use super::rows::{self, Found, PlaceOf};
use super::sentence::Said;
use super::{Bound, Context, refusal, sentence};
use crate::input::{Input, name, text_at};
use crate::wire::{Diagnostic, ObjectAnswer, PodAnswer, PolicyRow, Verdict};

/// What became of an object before validating policies see it.
#[derive(Default)]
pub(super) struct Arrived {
    pub(super) mutations: Mutations,
    /// Why the API server refuses it by itself.
    pub(super) refused: Option<Refusal>,
    /// What the API server warns of by itself.
    warnings: Vec<String>,
}

impl Arrived {
    fn refused(refusal: Refusal) -> Self {
        Self {
            refused: Some(refusal),
            ..Self::default()
        }
    }
}

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
        let (mut request, received, settings) = self.request(&gvk, source);
        self.check_namespace(input, document, &request, diagnostics);
        let file = input.text.name();
        let Arrived {
            mutations,
            refused,
            warnings,
        } = match undecodable(&gvk, problems) {
            // it is shown as far as it can be read
            Some(refusal) => {
                if let Some(object) = request.object.take() {
                    request.object = Some(created(&request, object, received, &settings).node);
                }
                Arrived::refused(refusal)
            }
            None => self.arrive(&mut request, received, source, &settings, file),
        };
        let refused = refused.map(|refused| {
            diagnostics.extend(refusal::diagnostics(input, document, &refused));
            refusal::to_wire(&refused, |path| Some(input.place(document, path)))
        });

        let place_of = |path: &Path| Some(find_place(input, document, path));
        let stopped = refused.is_some() || mutations.refused.is_some();
        let (said, validated) = match stopped {
            true => Default::default(),
            false => self.rows(&request, &place_of),
        };
        // it is asked beside the policies, of what the API server takes for valid
        let pod_security = match stopped {
            true => None,
            false => PodSecurity::of(&request, self.version),
        };
        let stopped_by = match (&refused, &mutations.refused) {
            (Some(refused), _) => Some(refused.message.clone()),
            (None, Some((_, errors))) => Some(errors.join("\n")),
            (None, None) => None,
        };
        let kubectl = match (&refused, mutations.refused) {
            (Some(refused), _) => {
                let namespace = text_at(source, &["metadata", "namespace"]);
                let name = [&*request.name, namespace];
                // a created object that is refused is not warned of
                let updates = self.operation == Operation::Update;
                let warnings = warnings.iter().filter(|_| updates);
                let warnings: String = warnings.map(|text| format!("Warning: {text}\n")).collect();
                warnings + &refusal::kubectl(refused, &gvk, name, file)
            }
            (None, Some((kubectl, _))) => kubectl,
            (None, None) => {
                let decision = pod_security.as_ref().map(|found| &found.decision);
                wording::kubectl(&request, &warnings, decision, &said, file)
            }
        };
        let beside = pod_security.map(|found| Box::new(found.to_wire(&request)));
        let mut rows = mutations.failures;
        rows.extend(validated);
        rows::sort(&mut rows);
        let verdict = match refused {
            Some(_) => Verdict::Denied,
            None => rows::worst(&rows, beside.as_deref()),
        };
        let outcomes = self.outcomes(&request, stopped_by.as_deref(), &rows, file);
        let patched = request.object.as_ref().filter(|_| mutations.changed);
        let patched = patched.map(json::to_value);

        // what cannot be decoded is seen by nobody
        let decoded = refused
            .as_ref()
            .is_none_or(|refused| !matches!(refused.status, 400 | 404));
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
                &Said::of(refused.as_ref(), &rows, beside.as_deref()),
                pod.as_ref()
                    .map(|pod| {
                        Said::of(pod.refused.as_ref(), &pod.rows, pod.pod_security.as_deref())
                    })
                    .as_ref(),
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
            pod_security: beside,
            mutations: mutations.rows,
            patched,
            pod,
            admitted,
            outcomes,
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
    pub(super) fn settings(&self, namespace: &str) -> Settings {
        Settings {
            namespace: namespace.to_owned(),
            ..self.settings.clone()
        }
    }

    /// An object as policies see it, where the call asks for it.
    fn shown(&self, object: Option<&Node>) -> Option<String> {
        object.filter(|_| self.show_admitted).map(yaml::write)
    }

    /// What becomes of an object before validating policies see it: its request has it as it was
    /// received, and then as it is created. `sent`: the object as it was sent.
    pub(super) fn arrive(
        &self,
        request: &mut Request,
        mut received: Admitted,
        sent: &Node,
        settings: &Settings,
        file: &str,
    ) -> Arrived {
        let mut mutations = Mutations::default();
        let checked = request.operation == Operation::Create;
        let mut forbidden = received.forbidden.take().filter(|_| checked);
        if forbidden.is_none() {
            mutations = self.mutate(request, settings, file);
            forbidden = mutations.forbidden.take();
        }
        received.forbidden = forbidden;
        let mut changed = None;
        if mutations.applied {
            received.read_again();
            changed.clone_from(&request.object);
        }
        let asked = mutations.refused.is_none();
        let mut warnings = Vec::new();
        let mut refusal = None;
        if let Some(object) = request.object.take() {
            let admitted = created(request, object, received, settings);
            if asked && checked {
                refusal = refused(&request.kind, &admitted, settings);
            }
            request.object = Some(admitted.node);
        }
        if let (Operation::Update, true, Some(object), Some(old)) = (
            request.operation,
            asked,
            &request.object,
            &request.old_object,
        ) {
            (refusal, warnings) = refused_update(&request.kind, object, old, settings);
        }
        let sent = changed.as_ref().unwrap_or(sent);
        if let (Some(object), true) = (&request.object, checked) {
            warnings = on_create(&request.kind, sent, object);
            warnings.extend(settings.definitions.warnings(&request.kind, object));
        }
        if checked && let Some(object) = request.object.take() {
            let object = with_generated_name(object);
            request.name = name(&object).to_owned();
            request.object = Some(object);
        }
        Arrived {
            mutations,
            refused: refusal,
            warnings,
        }
    }

    /// The request that sends an object, as mutating policies see it, and what else is known of the
    /// object.
    fn request(&self, gvk: &Gvk, source: &Node) -> (Request, Admitted, Settings) {
        let namespace = self.namespaces.of(gvk, source);
        let namespace_object = (!namespace.is_empty() && !is_namespace(gvk))
            .then(|| self.namespace_object(&namespace));
        let settings = self.settings(&namespace);
        let mut received = receive(source, &settings);
        let stored = || {
            let old = self.stored.find(gvk, &namespace, name(source));
            let old = old.unwrap_or(source);
            let custom = settings.definitions.stored(old, &settings);
            custom.unwrap_or_else(|| admit(old, &settings).node)
        };
        let mut object = || Some(std::mem::take(&mut received.node));
        let (object, old_object) = match self.operation {
            Operation::Create => (object(), None),
            Operation::Update => (object(), Some(stored())),
            Operation::Delete => (None, Some(stored())),
            Operation::Connect => (None, None),
        };
        let resource = Resource::of_kind(gvk, &settings.definitions.resource(gvk));
        let request = Request {
            kind: gvk.clone(),
            others: other_versions(&resource, &self.defining),
            resource,
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
            options: Request::plain_options(self.operation, self.dry_run),
        };
        (request, received, settings)
    }

    /// What every policy says of a request: as admission says it, and for the wire.
    pub(super) fn rows(
        &self,
        request: &Request,
        place_of: PlaceOf<'_>,
    ) -> (Vec<Row>, Vec<PolicyRow>) {
        self.rows_of(&self.policies, request, place_of)
    }

    /// What some policies say of a request.
    pub(super) fn rows_of(
        &self,
        policies: &[Bound<'_>],
        request: &Request,
        place_of: PlaceOf<'_>,
    ) -> (Vec<Row>, Vec<PolicyRow>) {
        let mut said = Vec::new();
        let mut wire = Vec::new();
        let prepared = Prepared::new(request);
        for bound in policies {
            for binding in &bound.bindings {
                for row in evaluate_prepared(&bound.entry.policy, binding, &prepared, &self.params)
                {
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

    /// The request of the Pod that a controller creates, and what becomes of it before validating
    /// policies see it.
    pub(super) fn arrive_created(
        &self,
        created: &CreatedPod,
        namespace: &str,
        file: &str,
    ) -> (Request, Arrived) {
        let settings = self.settings(namespace);
        let received = receive(&created.pod, &settings);
        let mut request = Request {
            namespace: namespace.to_owned(),
            rights: self.rights.clone(),
            ..created.request(received.node.clone(), self.namespaces.find(namespace))
        };
        let arrived = self.arrive(&mut request, received, &created.pod, &settings, file);
        (request, arrived)
    }

    /// What becomes of a workload's Pods, and the event that says so.
    fn pod(
        &self,
        created: &CreatedPod,
        namespace: &str,
        input: &Input<'_>,
        document: &Document,
    ) -> (PodAnswer, String) {
        let (request, arrived) = self.arrive_created(created, namespace, input.text.name());
        let Arrived {
            mutations, refused, ..
        } = arrived;
        let place = |path: &Path| {
            let path = created.path_in_workload(path)?;
            Some(input.place(document, &path))
        };
        let place_of = |path: &Path| {
            let path = created.path_in_workload(path)?;
            Some(find_place(input, document, &path))
        };
        let mut rows = mutations.failures;
        let mut pod_security = None;
        let errors = match (&refused, mutations.refused) {
            (Some(refusal), _) => vec![refusal.message.clone()],
            (None, Some((_, errors))) => errors,
            (None, None) => {
                let (said, validated) = self.rows(&request, &place_of);
                rows.extend(validated);
                pod_security = PodSecurity::of(&request, self.version);
                let denial = pod_security
                    .as_ref()
                    .and_then(|found| found.decision.denial.as_deref());
                let denied = said
                    .iter()
                    .filter(|row| row.verdict == vapwright_admission::evaluate::Verdict::Denied);
                let denials = denial
                    .into_iter()
                    .chain(denied.map(|row| row.text.as_str()));
                denials
                    .map(|denial| wording::forbidden(&request, denial))
                    .collect()
            }
        };
        rows::sort(&mut rows);
        let events = if errors.is_empty() {
            String::new()
        } else {
            created.event(self.version, &request, &errors)
        };
        let pod_security = pod_security.map(|found| Box::new(found.to_wire(&request)));
        let verdict = match refused {
            Some(_) => Verdict::Denied,
            None => rows::worst(&rows, pod_security.as_deref()),
        };
        let answer = PodAnswer {
            place: input.place(document, &created.template),
            controller: created.controller(),
            verdict,
            rows,
            mutations: mutations.rows,
            pod_security,
            admitted: self.shown(request.object.as_ref()),
            refused: refused.map(|refusal| refusal::to_wire(&refusal, place)),
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

/// An object with what the API server sets when it is created, or replaces another.
fn created(request: &Request, object: Node, received: Admitted, settings: &Settings) -> Admitted {
    let mut admitted = received;
    admitted.node = object;
    let replaced = request.old_object.as_ref();
    let replaced = replaced.filter(|_| request.operation == Operation::Update);
    let custom = replaced.is_some_and(|old| settings.definitions.update(&mut admitted.node, old));
    if !custom {
        admitted.create(settings);
    }
    admitted
}

/// The API server makes a name of `generateName` before policies see the object.
fn with_generated_name(mut object: Node) -> Node {
    let base = text_at(&object, &["metadata", "generateName"]);
    if name(&object).is_empty() && !base.is_empty() {
        let name = generated_name(base, &json::write(&object));
        let metadata = object
            .as_map_mut()
            .and_then(|fields| fields.get_mut("metadata"));
        if let Some(metadata) = metadata.and_then(Node::as_map_mut) {
            metadata.insert("name", Node::string(name));
        }
    }
    object
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
