//! Converting Kyverno policies to admission policies.

use vapwright_kube::yaml;

use crate::compiled::{Cache, compile_mutating};
use crate::input::Input;
use crate::policies;
use crate::type_check;
use crate::version;
use crate::wire::{ConvertAnswer, ConvertCall};

/// Converts every policy of the sources; what cannot be converted is in the diagnostics.
#[must_use]
pub fn convert(call: &ConvertCall) -> ConvertAnswer {
    let mut diagnostics = Vec::new();
    let version = version::read(call.kubernetes.as_deref(), &mut diagnostics);
    let inputs = Input::read_all(&call.sources, &mut diagnostics);
    let loaded = policies::load(
        &inputs,
        &policies::Terms {
            labels: &call.labels,
            profile: call.profile.as_deref(),
            fail_fast: call.fail_fast,
        },
        version,
        |_| false,
        &mut diagnostics,
    );
    let mut cache = Cache::default();
    let mut entries = Vec::new();
    for policy in &loaded.policies {
        let entry = cache.compile(&policy.node, version);
        entry.diagnose(policy, &inputs, &mut diagnostics);
        entries.push((policy, entry));
    }
    compile_mutating(&loaded.mutating, &inputs, version, &mut diagnostics);
    let policies = || loaded.policies.iter().chain(&loaded.mutating);
    let documents =
        policies().flat_map(|policy| std::iter::once(&policy.node).chain(&policy.bindings));
    let compiled = entries.iter().map(|(policy, entry)| (*policy, &**entry));
    let type_checking = type_check::check(compiled, &[], &inputs, &mut diagnostics);
    ConvertAnswer {
        yaml: yaml::write_all(documents),
        policies: policies().map(|policy| policy.to_wire(&inputs)).collect(),
        fields: loaded.fields,
        diagnostics,
        type_checking,
    }
}
