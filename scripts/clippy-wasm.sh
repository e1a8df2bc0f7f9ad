#!/usr/bin/env bash
# Clippy for wasm32, with warnings denied: the page and the crates it is made of.
set -euo pipefail
cd "$(dirname "$0")/.."
toolchain=$(scripts/wasm-toolchain.sh)
if RUSTUP_TOOLCHAIN=$toolchain cargo clippy --version >/dev/null 2>&1; then
  export RUSTUP_TOOLCHAIN=$toolchain
else
  # Debian's std has no clippy beside it: the locally built target of another compiler cannot be
  # linted, so the native clippy checks the same code for the host.
  echo "clippy-wasm: $toolchain has no clippy; linting the page for the host" >&2
  exec cargo clippy --locked --package vapwright-web -- -D warnings
fi
cargo clippy --locked --package vapwright-web --target wasm32-unknown-unknown -- -D warnings
