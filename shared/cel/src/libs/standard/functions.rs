//! What the standard library's functions do, by overload id.

use crate::library::{Binding, Cost, Prepare};

/// What an overload does; `None` where the planner has a step of its own for it.
#[must_use]
pub fn binding(_overload: &str) -> Option<Binding> {
    None
}

/// What a call of an overload costs; `None` where that is 1.
#[must_use]
pub fn cost(_overload: &str) -> Option<Cost> {
    None
}

/// How an overload's constant arguments are prepared; `None` where they are not.
#[must_use]
pub fn prepare(_overload: &str) -> Option<Prepare> {
    None
}
