//! Where the bundle may differ from Pod Security admission.
//!
//! `restricted` binds the policies of `baseline` too, while some of its checks take the place of a
//! baseline check and are laxer than it for Pods that the API server refuses as invalid, before
//! policies are asked. That it does is asked for here.

use vapwright_kube::json::from_value;
use vapwright_kube::kinds::Gvk;
use vapwright_kube::validate::validate;

use crate::requests::Case;

/// What the API server refuses: what its error says, and of which fields.
const REFUSED: [(&str, &str, &[&str]); 2] = [
    (
        "the API server takes no Windows Pod with seccompProfile or capabilities",
        "cannot be set for a windows pod",
        &["seccompProfile", "capabilities"],
    ),
    (
        "the API server takes no volume of two types",
        "may not specify more than 1 volume type",
        &["spec.volumes"],
    ),
];

/// Why a difference is none that anybody can see; `None` where it is one.
pub fn of(case: &Case) -> Option<&'static str> {
    let pod = from_value(&case.object);
    let errors = validate(&Gvk::new("v1", "Pod"), &pod, true, true);
    let refuses = |says: &str, fields: &[&str]| {
        errors.iter().any(|error| {
            error.body.contains(says) && fields.iter().any(|field| error.field.contains(field))
        })
    };
    let mut all = REFUSED.iter();
    let found = all.find(|(_, says, fields)| refuses(says, fields));
    found.map(|(name, _, _)| *name)
}
