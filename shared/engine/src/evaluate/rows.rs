//! Rows of an answer: what admission says, with the places in what was typed.

use vapwright_admission::evaluate::{Row, Verdict as Said};
use vapwright_admission::policy::Action;
use vapwright_kube::path::Path;

use crate::input::Input;
use crate::policies::Policy;
use crate::wire::{FailedExpression, Place, PodSecurityAnswer, PolicyRow, Verdict};

/// Where the paths of a request's object lead in what was typed.
pub type PlaceOf<'p> = &'p dyn Fn(&Path) -> Option<Found>;

/// A place that a path of the object leads to.
#[derive(Clone, Debug)]
pub struct Found {
    /// The place: of the field, or of the nearest that is there.
    pub place: Place,
    /// Whether the field is there.
    pub exact: bool,
}

/// The places worth marking, in their order. A field that is not there is marked by what should
/// hold it, unless something within that says it better.
fn telling(found: Vec<Found>) -> Vec<Place> {
    let holds = |outer: &Place, inner: &Place| {
        outer != inner
            && outer.start.utf16 <= inner.start.utf16
            && inner.end.utf16 <= outer.end.utf16
    };
    let mut places: Vec<Place> = Vec::new();
    for one in &found {
        let vague = !one.exact && found.iter().any(|other| holds(&one.place, &other.place));
        let again = places
            .iter()
            .any(|place| (place.start, place.end) == (one.place.start, one.place.end));
        if !vague && !again {
            places.push(one.place.clone());
        }
    }
    places
}

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
    let object_places = telling(row.object_paths.iter().filter_map(place_of).collect());
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

/// The worst verdict of rows, and of what Pod Security admission says beside them; nothing bound is
/// nothing said against it.
pub fn worst(rows: &[PolicyRow], beside: Option<&PodSecurityAnswer>) -> Verdict {
    let beside = beside.map(|beside| beside.verdict);
    let worst = rows.iter().map(|row| row.verdict).chain(beside).max();
    worst.unwrap_or(Verdict::Allowed).max(Verdict::Allowed)
}

/// A verdict for the wire.
pub const fn verdict(said: Said) -> Verdict {
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
