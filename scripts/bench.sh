#!/usr/bin/env bash
# Measures the engine, native and in wasm32 under Node, beside cel-go and other crates; then
# `vapwright admit` on a file of 10,000 Pods, beside `kyverno apply`.
#   scripts/bench.sh ORACLE
#   scripts/bench.sh pods       the second alone
# KYVERNO=no leaves Kyverno out, whose command is built once from its Go module (scripts/kyverno.sh).
# It takes 0.1 s and more for a Pod: KYVERNO_PODS=1000 says how many of them it is given.
set -euo pipefail
[ "$1" = pods ] || oracle=$(realpath "$1")
cd "$(dirname "$0")/.."
target=${CARGO_TARGET_DIR:-target}

pods() {
  local kyverno=()
  cargo build --release --locked --package vapwright --package vapwright-bench
  [ "${KYVERNO:-}" = no ] || kyverno=("$(scripts/kyverno.sh)" "${KYVERNO_PODS:-1000}")
  "$target/release/vapwright-bench-pods" "$target/release/vapwright" "$target/bench" "${kyverno[@]}"
}
if [ "$1" = pods ]; then
  pods
  exit
fi

path=$(scripts/tools.sh page)
wasm_toolchain=$(cat "${VAPWRIGHT_TOOLS:-${XDG_CACHE_HOME:-$HOME/.cache}/vapwright/tools}/wasm-toolchain")

module() { # NAME PROFILE
  local out=$target/bench/$1
  RUSTUP_TOOLCHAIN=$wasm_toolchain cargo build --locked --profile "$2" --lib \
    --target wasm32-unknown-unknown --package vapwright-bench
  PATH="$path:$PATH" wasm-bindgen --target web --no-typescript --out-dir "$out" \
    "$target/wasm32-unknown-unknown/$2/vapwright_bench.wasm" 2>/dev/null
}

module speed release
module size web
# as Trunk does for the page
read -ra options < <(sed -n 's/.*data-wasm-opt-params="\([^"]*\)".*/\1/p' frontend/index.html)
PATH="$path:$PATH" wasm-opt -Oz "${options[@]}" "$target/bench/size/vapwright_bench_bg.wasm" \
  -o "$target/bench/size/vapwright_bench_bg.wasm"
cargo build --release --locked --manifest-path tests/bench/crates/Cargo.toml --target-dir "$target"
cargo build --release --locked --package vapwright-bench --bin vapwright-bench
"$target/release/vapwright-bench" tests/bench/expressions.json "$oracle" \
  "$target/release/vapwright-bench-crates" "$target/bench"
echo
pods
