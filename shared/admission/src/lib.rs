//! One admission request under ValidatingAdmissionPolicies, decided and worded as kube-apiserver does.
//!
//! A policy is read ([`policy::Policy::read`]) and compiled ([`compile::compile`]) once; a
//! [`request::Request`] is then put to each policy and binding ([`evaluate::evaluate`]), which
//! gives rows: what the policy says, why, and in which words the cluster says it.

mod authorizer;
pub mod case;
pub mod compile;
pub mod custom;
pub mod decide;
pub mod evaluate;
mod explain;
pub mod matching;
pub mod mutate;
mod params;
pub mod pod_security;
pub mod policy;
pub mod rbac;
mod read;
pub mod request;
pub mod type_check;
pub mod validate;
pub mod wording;
pub mod workload;
