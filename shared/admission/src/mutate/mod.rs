//! MutatingAdmissionPolicies: what they make of an object, as the API server's plugin does.
//!
//! A policy is read ([`policy::MutatingPolicy::read`]) and compiled ([`compile::compile`]) once. All
//! policies are then put to a request in turn ([`dispatch::mutate`]), which changes its object, a
//! second time where one of them asks for it.

pub mod compile;
pub mod dispatch;
pub mod patch;
pub mod policy;
