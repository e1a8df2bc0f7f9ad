//! Kyverno policies in, admission policies and an account of every field out.
