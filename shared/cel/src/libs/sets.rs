//! The sets library.
