//! The standard library: operators, conversions, strings, times, macros, and the names of the types.
//!
#![doc = include_str!("reference.md")]

use crate::library::Library;

pub mod declarations;
pub mod functions;

/// cel-go's standard library, with its macros.
#[must_use]
pub fn library() -> Library {
    Library {
        name: "stdlib",
        version: 0,
        functions: declarations::functions(),
        macros: crate::parse::standard_macros::standard(),
        open_types: Vec::new(),
        objects: Vec::new(),
        constants: declarations::constants(),
    }
}
