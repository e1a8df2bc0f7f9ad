#!/usr/bin/env bash
# Prints what the CEL engine adds to an empty WebAssembly module: profile `web`, wasm-opt -Oz, brotli 11.
set -euo pipefail
cd "$(dirname "$0")/.."
path=$(scripts/tools.sh page)
export PATH="$path:$PATH"
RUSTUP_TOOLCHAIN=$(cat "${VAPWRIGHT_TOOLS:-${XDG_CACHE_HOME:-$HOME/.cache}/vapwright/tools}/wasm-toolchain")
export RUSTUP_TOOLCHAIN

module() { # NAME CARGO-OPTION...
  local out=target/size/$1
  shift
  cargo build --quiet --locked --profile web --target wasm32-unknown-unknown --package vapwright-size "$@" >&2
  mkdir -p "$out"
  wasm-bindgen --target web --no-typescript --out-dir "$out" \
    target/wasm32-unknown-unknown/web/vapwright_size.wasm 2>/dev/null
  wasm-opt -Oz --all-features "$out/vapwright_size_bg.wasm" -o "$out/module.wasm"
}

module empty --no-default-features
module no-time-zones --no-default-features --features engine
module engine
node scripts/size.mjs target/size
