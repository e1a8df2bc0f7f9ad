#!/usr/bin/env bash
# Builds the page into dist/ with the pinned tools.
set -euo pipefail
cd "$(dirname "$0")/.."
path=$(scripts/tools.sh page)
export PATH="$path:$PATH"
RUSTUP_TOOLCHAIN=$(cat "${VAPWRIGHT_TOOLS:-${XDG_CACHE_HOME:-$HOME/.cache}/vapwright/tools}/wasm-toolchain")
export RUSTUP_TOOLCHAIN
# names that say of what type a generic function is: the split goes by them
export RUSTFLAGS="-C symbol-mangling-version=v0"
cargo fetch --locked --quiet
trunk build --offline --cargo-profile web --config Trunk.toml
