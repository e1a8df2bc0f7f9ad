#!/usr/bin/env bash
# Runs the suite and the golden cases in wasm32 under Node: the same as in the native tests.
set -euo pipefail
cd "$(dirname "$0")/.."
path=$(scripts/tools.sh page)
export PATH="$path:$PATH"
RUSTUP_TOOLCHAIN=$(cat "${VAPWRIGHT_TOOLS:-${XDG_CACHE_HOME:-$HOME/.cache}/vapwright/tools}/wasm-toolchain")
export RUSTUP_TOOLCHAIN
export CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_RUNNER=wasm-bindgen-test-runner
cargo test --locked --package vapwright-engine --target wasm32-unknown-unknown --test conformance --test golden
