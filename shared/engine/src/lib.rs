//! The facade: one function per user action, plain Call and Answer types.

pub mod wire;
