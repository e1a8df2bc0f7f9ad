//! One admission request under ValidatingAdmissionPolicies, decided and worded as kube-apiserver does.
