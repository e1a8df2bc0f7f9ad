//! Saying what the cluster would do with objects.

use serde_json::json;

use crate::diagnose::unfinished;
use crate::wire::{EvaluateAnswer, EvaluateCall, Verdict};

/// What is kept between calls: policies that were compiled for an earlier call and did not change.
#[derive(Debug, Default)]
pub struct Session {}

impl Session {
    /// Says what the cluster would do with the objects of a call.
    pub fn evaluate(&mut self, call: &EvaluateCall) -> EvaluateAnswer {
        EvaluateAnswer {
            verdict: Verdict::Error,
            sentence: "objects cannot be evaluated yet".to_owned(),
            objects: Vec::new(),
            policies: Vec::new(),
            namespace: json!({}),
            diagnostics: call
                .objects
                .iter()
                .map(|source| unfinished("objects cannot be evaluated", source))
                .collect(),
        }
    }
}

/// Says what the cluster would do with the objects of one call.
#[must_use]
pub fn evaluate(call: &EvaluateCall) -> EvaluateAnswer {
    Session::default().evaluate(call)
}
