//! One object under each way to enforce policies, side by side: Pod Security admission, admission
//! policies, Kyverno.

use vapwright_admission::pod_security::{PREFIX, decide, is_labelled};
use vapwright_admission::request::{Operation, Request};
use vapwright_admission::workload::{CreatedPod, created_pod};
use vapwright_cel::document::Node;
use vapwright_kyverno::Profile;
use vapwright_kyverno::webhook::Kyverno;

use super::Context;
use super::rows;
use crate::input::text_at;
use crate::wire::{AdmissionOutcome, Enforcer, PodOutcome, PolicyRow, Verdict};

/// What the outcomes of a call are made with.
#[derive(Debug)]
pub struct Sides {
    /// The Kyverno policies of the call, as they are.
    pub kyverno: Kyverno,
    /// The label by which namespaces choose a profile.
    pub profile: String,
}

/// A request, and what it comes to before policies are asked.
struct Sent<'r> {
    request: &'r Request,
    /// What the API server, or a mutating policy, refuses it with.
    refused: Vec<String>,
    /// What the admission policies say.
    rows: &'r [PolicyRow],
}

impl Context<'_, '_> {
    /// The outcomes of an object; none where the call does not ask. `refused`: what the API server,
    /// or a mutating policy, refuses it with; nobody else is asked then.
    pub fn outcomes(
        &self,
        request: &Request,
        refused: Option<&str>,
        rows: &[PolicyRow],
        file: &str,
    ) -> Vec<AdmissionOutcome> {
        let Some(sides) = &self.sides else {
            return Vec::new();
        };
        let sent = Sent {
            request,
            refused: refused.map(str::to_owned).into_iter().collect(),
            rows,
        };
        let creates = matches!(self.operation, Operation::Create | Operation::Update);
        let object = request.object.as_ref().filter(|_| creates);
        let created = object.and_then(created_pod);
        let pod = created.map(|created| self.created_pod(&created, &request.namespace, file));
        let pod = pod.as_ref().map(|(request, refused, rows)| Sent {
            request,
            refused: refused.clone(),
            rows,
        });
        let enforcers = [
            Enforcer::PodSecurity,
            Enforcer::Policies,
            Enforcer::FailFast,
            Enforcer::Kyverno,
        ];
        let kyverno = &sides.kyverno;
        let known = |enforcer: &Enforcer| match enforcer {
            Enforcer::PodSecurity | Enforcer::Policies => true,
            Enforcer::FailFast => !self.fail_fast.is_empty(),
            Enforcer::Kyverno => !kyverno.is_empty() || !kyverno.unknown.is_empty(),
        };
        enforcers
            .into_iter()
            .filter(known)
            .map(|by| {
                let own = self.outcome(sides, by, &sent);
                let pod = pod.as_ref().filter(|_| own.verdict != Verdict::Denied);
                AdmissionOutcome {
                    by,
                    verdict: own.verdict,
                    errors: own.errors,
                    warnings: own.warnings,
                    pod: pod.map(|pod| self.outcome(sides, by, pod)),
                    note: self.note(sides, by, request),
                }
            })
            .collect()
    }

    /// The Pod that a controller creates: its request, what refuses it before policies are asked, and
    /// what policies say.
    fn created_pod(
        &self,
        created: &CreatedPod,
        namespace: &str,
        file: &str,
    ) -> (Request, Vec<String>, Vec<PolicyRow>) {
        let (request, arrived) = self.arrive_created(created, namespace, file);
        let refused = match (arrived.refused, arrived.mutations.refused) {
            (Some(refusal), _) => vec![refusal.message],
            (None, Some((_, errors))) => errors,
            (None, None) => Vec::new(),
        };
        let rows = match refused.is_empty() {
            true => self.rows(&request, &|_| None).1,
            false => Vec::new(),
        };
        (request, refused, rows)
    }

    fn outcome(&self, sides: &Sides, by: Enforcer, sent: &Sent<'_>) -> PodOutcome {
        if !sent.refused.is_empty() {
            return PodOutcome {
                verdict: Verdict::Denied,
                errors: sent.refused.clone(),
                warnings: Vec::new(),
            };
        }
        match by {
            Enforcer::PodSecurity => self.by_pod_security(sides, sent.request),
            Enforcer::Policies => by_policies(sent.rows),
            Enforcer::FailFast => {
                let mut rows = sent.rows.to_vec();
                rows.extend(self.rows_of(&self.fail_fast, sent.request, &|_| None).1);
                by_policies(&rows)
            }
            Enforcer::Kyverno => by_kyverno(&sides.kyverno, sent.request),
        }
    }

    fn by_pod_security(&self, sides: &Sides, request: &Request) -> PodOutcome {
        let mut request = request.clone();
        if let Some(level) = level(sides, &request)
            && let Some(namespace) = &mut request.namespace_object
        {
            enforce(namespace, level);
        }
        let labelled = request.namespace_object.as_ref().is_some_and(is_labelled);
        match decide(&request, self.version).filter(|_| labelled) {
            None => PodOutcome::default(),
            Some(decision) => PodOutcome {
                verdict: rows::verdict(decision.verdict()),
                errors: decision.error(&request).into_iter().collect(),
                warnings: decision.warnings,
            },
        }
    }

    /// What a person must know to read an outcome.
    fn note(&self, sides: &Sides, by: Enforcer, request: &Request) -> String {
        match by {
            Enforcer::PodSecurity => match level(sides, request) {
                Some(level) => {
                    format!("as if the namespace had the label `{PREFIX}enforce: {level}`")
                }
                None => String::new(),
            },
            Enforcer::Policies => String::new(),
            Enforcer::FailFast => {
                "with policies for workloads that warn (`--fail-fast`)".to_owned()
            }
            Enforcer::Kyverno => match sides.kyverno.unknown.as_slice() {
                [] => String::new(),
                unknown => format!("without {}, whose answer is not known", unknown.join(", ")),
            },
        }
    }
}

/// The level that a namespace's profile stands for, where it has no labels for Pod Security admission
/// itself.
fn level(sides: &Sides, request: &Request) -> Option<&'static str> {
    let namespace = request.namespace_object.as_ref()?;
    let profile = text_at(namespace, &["metadata", "labels", &sides.profile]);
    let known = [Profile::Baseline, Profile::Restricted].map(Profile::as_str);
    let level = known.into_iter().find(|known| *known == profile);
    level.filter(|_| !is_labelled(namespace))
}

fn enforce(namespace: &mut Node, level: &str) {
    let metadata = namespace
        .as_map_mut()
        .and_then(|fields| fields.get_mut("metadata"));
    let labels = metadata
        .and_then(Node::as_map_mut)
        .and_then(|fields| fields.get_mut("labels"));
    if let Some(labels) = labels.and_then(Node::as_map_mut) {
        labels.insert(format!("{PREFIX}enforce"), Node::string(level));
    }
}

fn by_policies(said: &[PolicyRow]) -> PodOutcome {
    let texts = |verdict: Verdict| {
        let rows = said.iter().filter(move |row| row.verdict == verdict);
        rows.map(|row| row.text.clone()).collect()
    };
    PodOutcome {
        verdict: said.iter().map(|row| row.verdict).max().unwrap_or_default(),
        errors: texts(Verdict::Denied),
        warnings: texts(Verdict::Warned),
    }
}

fn by_kyverno(kyverno: &Kyverno, request: &Request) -> PodOutcome {
    let answers = kyverno.answer(request);
    let errors: Vec<String> = answers
        .iter()
        .map(|answer| answer.message.clone())
        .filter(|message| !message.is_empty())
        .collect();
    let warnings: Vec<String> = answers
        .iter()
        .flat_map(|answer| answer.warnings.iter().cloned())
        .collect();
    PodOutcome {
        verdict: match (errors.is_empty(), warnings.is_empty(), answers.is_empty()) {
            (false, _, _) => Verdict::Denied,
            (true, false, _) => Verdict::Warned,
            (true, true, false) => Verdict::Allowed,
            (true, true, true) => Verdict::NotMatched,
        },
        errors,
        warnings,
    }
}
