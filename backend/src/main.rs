//! The vapwright program: command line, HTTP service and the page, in one binary.
fn main() {}
