//! The comprehensions library.
