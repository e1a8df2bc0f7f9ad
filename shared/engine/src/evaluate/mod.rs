//! Saying what the cluster would do with objects.

mod namespace;

use crate::diagnose::unfinished;
use crate::input::{Input, check_object};
use crate::policies;
use crate::version;
use crate::wire::{EvaluateAnswer, EvaluateCall, Verdict};
use namespace::Namespaces;

/// What is kept between calls: policies that were compiled for an earlier call and did not change.
#[derive(Debug, Default)]
pub struct Session {}

impl Session {
    /// Says what the cluster would do with the objects of a call.
    pub fn evaluate(&mut self, call: &EvaluateCall) -> EvaluateAnswer {
        let mut diagnostics = Vec::new();
        let _version = version::read(call.kubernetes.as_deref(), &mut diagnostics);
        let policy_inputs = Input::read_all(&call.policies, &mut diagnostics);
        let loaded = policies::load(
            &policy_inputs,
            &call.labels,
            call.profile.as_deref(),
            &mut diagnostics,
        );
        let inputs = Input::read_all(&call.objects, &mut diagnostics);
        let namespaces = Namespaces::read(call.namespace.as_ref(), &inputs, &mut diagnostics);
        for (input, source) in inputs.iter().zip(&call.objects) {
            let mut any = false;
            for object in &input.objects {
                any |= check_object(input, &object.document, &mut diagnostics);
            }
            if any {
                diagnostics.push(unfinished("objects cannot be evaluated", source));
            }
        }
        EvaluateAnswer {
            verdict: Verdict::Error,
            sentence: "objects cannot be evaluated yet".to_owned(),
            objects: Vec::new(),
            policies: loaded
                .policies
                .iter()
                .map(|policy| policy.to_wire(&policy_inputs))
                .collect(),
            namespace: namespaces.to_wire(),
            diagnostics,
        }
    }
}

/// Says what the cluster would do with the objects of one call.
#[must_use]
pub fn evaluate(call: &EvaluateCall) -> EvaluateAnswer {
    Session::default().evaluate(call)
}
