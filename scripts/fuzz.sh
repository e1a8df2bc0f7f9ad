#!/usr/bin/env bash
# Runs a fuzz target from the seeds that the tests have, and from what earlier runs found.
#   scripts/fuzz.sh TARGET SECONDS [LIBFUZZER-OPTION...]
# An input that panics, takes more than 512 MB or 20 seconds ends the run with an error and is kept in
# target/fuzz-findings/TARGET; one that takes more than a second is kept as a slow unit.
set -euo pipefail
cd "$(dirname "$0")/.."
target=$1 seconds=$2
shift 2
PATH="$(scripts/tools.sh fuzz):$PATH"
corpus=$PWD/target/fuzz-corpus/$target
findings=$PWD/target/fuzz-findings/$target
mkdir -p "$findings"
node scripts/fuzz-seeds.mjs "$target" "$corpus"
# the code has nothing unsafe: an address sanitizer would find nothing, and halve the speed
cargo +nightly fuzz run --fuzz-dir tests/fuzz --sanitizer none --target-dir target/fuzz \
  "$target" "$corpus" -- \
  -dict=tests/fuzz/cel.dict -max_len=4096 -max_total_time="$seconds" -timeout=20 \
  -report_slow_units=1 -rss_limit_mb=512 -artifact_prefix="$findings/" -print_final_stats=1 "$@"
