//! The lists library.
