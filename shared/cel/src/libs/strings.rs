//! The strings library.
