//! The vapwright page: a Yew playground that evaluates in the browser.
fn main() {}
