//! What the standard library declares: every overload with cel-go's id and signature.

use crate::library::Function;

/// The functions and operators, in cel-go's order.
#[must_use]
pub fn functions() -> Vec<Function> {
    Vec::new()
}
