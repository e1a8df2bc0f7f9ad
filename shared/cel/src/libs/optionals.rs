//! The optionals library.
