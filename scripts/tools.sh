#!/usr/bin/env bash
# Installs the pinned tools that a step needs, once, into a cache that all clones share, and
# prints the folder of their programs. What is there already is left alone.
#   scripts/tools.sh page     wasm target, wasm-bindgen, Trunk, npm packages (to build the page)
#   scripts/tools.sh test     page, and Chromium (to run the tests)
#   scripts/tools.sh check    cargo-deny (to check licences and duplicate versions)
#   scripts/tools.sh fuzz     cargo-fuzz and a nightly Rust (to run the fuzz targets)
# stdout: the folder to put in front of PATH. Everything else goes to stderr.
set -euo pipefail
cd "$(dirname "$0")/.."

TRUNK=0.22.1
WASM_BINDGEN=0.2.130
CARGO_DENY=0.20.2
CARGO_FUZZ=0.13.2

root=${VAPWRIGHT_TOOLS:-${XDG_CACHE_HOME:-$HOME/.cache}/vapwright/tools}
mkdir -p "$root"
root=$(cd "$root" && pwd)
say() { echo "tools: $*" >&2; }

# Two builds at once (two clones, two terminals) must not install over each other.
if command -v flock >/dev/null; then
  exec 9>"$root/.lock"
  flock 9
fi

has() { # PROGRAM VERSION
  [ -x "$root/bin/$1" ] && "$root/bin/$1" --version 2>/dev/null | grep -qF " $2"
}

# A tool is built once and runs for seconds: building it unoptimised takes a fifth of the time.
install() { # CRATE VERSION PROGRAM [cargo install's options]
  local crate=$1 version=$2 program=$3
  shift 3
  has "$program" "$version" && return
  say "building $program $version (once)"
  env -u RUSTUP_TOOLCHAIN -u CARGO_TARGET_DIR \
    CARGO_PROFILE_RELEASE_LTO=off CARGO_PROFILE_RELEASE_CODEGEN_UNITS=16 \
    CARGO_PROFILE_RELEASE_OPT_LEVEL=0 CARGO_PROFILE_RELEASE_DEBUG=0 \
    cargo install --quiet --root "$root" --version "$version" --force "$@" "$crate" >&2
}

npm_packages() {
  local stamp=node_modules/.vapwright-lock
  cmp -s package-lock.json "$stamp" && return
  say "installing npm packages from package-lock.json"
  npm ci --no-audit --no-fund --loglevel=error >&2
  cp package-lock.json "$stamp"
}

page() {
  install wasm-bindgen-cli "$WASM_BINDGEN" wasm-bindgen
  install trunk "$TRUNK" trunk --locked --no-default-features --features rustls --ignore-rust-version
  npm_packages
  # wasm-toolchain.sh prints the toolchain that has the wasm32 target
  scripts/wasm-toolchain.sh >"$root/wasm-toolchain"
}

browser() {
  [ -n "${CHROMIUM:-}" ] && return
  local program
  for program in chromium chromium-browser google-chrome; do
    command -v "$program" >/dev/null && return
  done
  command -v apt-get >/dev/null || { say "install Chromium and name it in CHROMIUM"; exit 1; }
  say "installing Chromium from Debian's packages (once)"
  local sudo=
  [ "$(id -u)" = 0 ] || sudo=sudo
  { $sudo apt-get update -qq && $sudo apt-get install -y -qq --no-install-recommends \
    -o DPkg::Lock::Timeout=300 chromium; } >&2
}

# libFuzzer's instrumentation is an unstable option of the compiler.
nightly() {
  rustup toolchain list | grep -q '^nightly' && return
  say "installing a nightly Rust (once)"
  rustup toolchain install nightly --profile minimal >&2
}

case ${1:-} in
  page) page ;;
  test) page; browser ;;
  check) install cargo-deny "$CARGO_DENY" cargo-deny --locked ;;
  fuzz) nightly; install cargo-fuzz "$CARGO_FUZZ" cargo-fuzz --locked ;;
  *) sed -n '2,9p' "$0" >&2; exit 2 ;;
esac
echo "$root/bin:$PWD/node_modules/.bin"
