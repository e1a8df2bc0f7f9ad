//! What the fuzz targets share: environments, checks of places, expressions and documents.

pub mod document;
pub mod expression;
#[allow(
    missing_docs,
    dead_code,
    reason = "a table of texts, of which the targets use a part"
)]
pub mod grammar;
pub mod input;
pub mod places;
pub mod tree;

use std::sync::OnceLock;

use vapwright_admission::compile::environment;
use vapwright_cel::env::Environment;
use vapwright_cel::version::KubernetesVersion;

/// What an expression of a policy with parameters sees, in the newest and in the oldest version.
pub fn environments() -> &'static [Environment; 2] {
    static ENVIRONMENTS: OnceLock<[Environment; 2]> = OnceLock::new();
    ENVIRONMENTS.get_or_init(|| {
        [KubernetesVersion::NEWEST, KubernetesVersion::OLDEST]
            .map(|version| environment(version, true, true))
    })
}
