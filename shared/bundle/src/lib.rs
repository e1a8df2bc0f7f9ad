//! A named, versioned set of admission policies: manifest, digest, rendering.
