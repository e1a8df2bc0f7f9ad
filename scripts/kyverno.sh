#!/usr/bin/env bash
# Builds Kyverno's command from its Go module, once, into a cache by what it is made of, and prints
# where it is.
#   scripts/kyverno.sh            the version that tests/kyverno/go.mod names
#   VAPWRIGHT_KYVERNO=PROGRAM     one that is there already
# stdout: the program. Everything else goes to stderr.
set -euo pipefail
cd "$(dirname "$0")/../tests/kyverno"
if [ -n "${VAPWRIGHT_KYVERNO:-}" ]; then
  echo "$VAPWRIGHT_KYVERNO"
  exit
fi
cache=${XDG_CACHE_HOME:-$HOME/.cache}/vapwright
say() { echo "kyverno: $*" >&2; }
command -v go >/dev/null || { say "install Go 1.26"; exit 1; }

module=github.com/kyverno/kyverno
version=$(go list -m -f '{{.Version}}' $module)
# by all that is built: other programs here have requirements of their own
key=$({ go version; go list -deps -f '{{with .Module}}{{.Path}} {{.Version}}{{end}}' $module/cmd/cli/kubectl-kyverno | sort -u; } | sha256sum | cut -c1-8)
folder=$cache/kyverno-$version-$key
mkdir -p "$cache"
# Two builds at once (two clones, two terminals) share one.
if command -v flock >/dev/null; then
  exec 9>"$folder.lock"
  flock 9
fi
if [ ! -x "$folder/kyverno" ]; then
  say "building Kyverno $version into $folder (once, some ten minutes)"
  start=$SECONDS
  mkdir -p "$folder"
  # Into place when it is whole.
  nice -n 5 go build -ldflags "-s -w -X $module/pkg/version.BuildVersion=${version#v}" \
    -o "$folder/kyverno.new" $module/cmd/cli/kubectl-kyverno >&2
  mv "$folder/kyverno.new" "$folder/kyverno"
  say "built in $((SECONDS - start)) s"
fi
echo "$folder/kyverno"
