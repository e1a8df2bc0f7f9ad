//! Rows of an answer: what admission says, with the places in what was typed.

use vapwright_admission::evaluate::{Row, Verdict as Said};
use vapwright_admission::policy::Action;
use vapwright_kube::path::Path;

use crate::input::Input;
use crate::policies::Policy;
use crate::wire::{FailedExpression, Place, PolicyRow, Verdict};

/// Where the paths of a request's object lead in what was typed.
pub type PlaceOf<'p> = &'p dyn Fn(&Path) -> Option<Place>;

/// A row for the wire.
pub fn to_wire(
    row: &Row,
    policy: &Policy,
    inputs: &[Input<'_>],
    bound: bool,
    place_of: PlaceOf<'_>,
) -> PolicyRow {
    let expression = row.expression.as_ref().map(|failed| FailedExpression {
        place: policy.place(inputs, &failed.path),
        path: failed.path.to_string(),
        false_parts: failed
            .false_parts
            .iter()
            .map(|part| {
                let utf16 = |offset: u32| utf16(&failed.text, offset);
                (utf16(part.start), utf16(part.end))
            })
            .collect(),
        text: failed.text.clone(),
    });
    let mut object_places: Vec<Place> = Vec::new();
    for path in &row.object_paths {
        if let Some(place) = place_of(path)
            && !object_places.contains(&place)
        {
            object_places.push(place);
        }
    }
    PolicyRow {
        policy: row.policy.to_string(),
        binding: if bound {
            row.binding.to_string()
        } else {
            String::new()
        },
        verdict: verdict(row.verdict),
        actions: row
            .actions
            .iter()
            .map(|action| Action::name(*action).to_owned())
            .collect(),
        message: row.message.clone(),
        text: row.text.clone(),
        reason: row.reason.clone(),
        why: row.why.clone(),
        expression,
        object_places,
        cost: row.cost,
    }
}

/// The worst first; within one verdict the order of the policies.
pub fn sort(rows: &mut [PolicyRow]) {
    rows.sort_by_key(|row| std::cmp::Reverse(row.verdict));
}

/// The worst verdict of rows; nothing bound is nothing said against it.
pub fn worst(rows: &[PolicyRow]) -> Verdict {
    let worst = rows.iter().map(|row| row.verdict).max();
    worst.unwrap_or(Verdict::Allowed).max(Verdict::Allowed)
}

const fn verdict(said: Said) -> Verdict {
    match said {
        Said::NotBound => Verdict::NotBound,
        Said::NotMatched => Verdict::NotMatched,
        Said::Allowed => Verdict::Allowed,
        Said::Audited => Verdict::Audited,
        Said::Warned => Verdict::Warned,
        Said::Error => Verdict::Error,
        Said::Denied => Verdict::Denied,
    }
}

fn utf16(text: &str, offset: u32) -> u32 {
    let head = text.get(..offset as usize).unwrap_or(text);
    u32::try_from(head.encode_utf16().count()).unwrap_or(u32::MAX)
}
