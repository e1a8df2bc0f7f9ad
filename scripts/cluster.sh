#!/usr/bin/env bash
# Runs tests/cluster against a real API server: `scripts/cluster.sh compare`, and the like.
#
# Without KUBECONFIG that is a control plane (etcd, kube-apiserver, kube-controller-manager) which
# is built from its Go modules once, into a cache by what it is made of, and started for the run.
set -euo pipefail
CHAINSAW=v0.2.12
CHAINSAW_GO=go1.24.9
cd "$(dirname "$0")/.."
cache=${XDG_CACHE_HOME:-$HOME/.cache}/vapwright
say() { echo "cluster: $*" >&2; }
command -v go >/dev/null || { say "install Go 1.26"; exit 1; }

# Prints the path of the control plane's program.
control_plane() (
  cd tests/cluster
  local version key folder start
  version=$(go list -m -f '{{.Version}}' k8s.io/kubernetes)
  key=$({ go version; cat go.mod go.sum server/*.go; } | sha256sum | cut -c1-16)
  folder=$cache/cluster-$key
  mkdir -p "$cache"
  # Two builds at once (two clones, two terminals) share one.
  if command -v flock >/dev/null; then
    exec 9>"$folder.lock"
    flock 9
  fi
  if [ ! -x "$folder/server" ]; then
    say "building kube-apiserver, kube-controller-manager $version and etcd into $folder (once, some ten minutes)"
    start=$SECONDS
    local about=k8s.io/component-base/version minor=${version#v1.}
    mkdir -p "$folder"
    # Into place when it is whole.
    go build -ldflags "-s -w -X $about.gitVersion=$version -X $about.gitMajor=1 -X $about.gitMinor=${minor%%.*}" \
      -o "$folder/server.new" ./server
    mv "$folder/server.new" "$folder/server"
    say "built in $((SECONDS - start)) s"
  fi
  echo "$folder/server"
)

# Prints the path of Chainsaw's program.
chainsaw() {
  local folder=$cache/chainsaw-$CHAINSAW start
  if [ ! -x "$folder/chainsaw" ]; then
    say "building Chainsaw $CHAINSAW into $folder (once)"
    start=$SECONDS
    # it is made of parts of `testing` that changed with Go 1.25: the go command gets 1.24
    GOTOOLCHAIN=$CHAINSAW_GO GOBIN=$folder go install "github.com/kyverno/chainsaw@$CHAINSAW"
    say "built in $((SECONDS - start)) s"
  fi
  echo "$folder/chainsaw"
}

server= chainsaw=chainsaw
case " $* " in *" compare "*) chainsaw=$(chainsaw) ;; esac
[ -n "${KUBECONFIG:-}" ] || server=$(control_plane)
target=${CARGO_TARGET_DIR:-target}
mkdir -p "$target"
target=$(cd "$target" && pwd)
(cd tests/cluster && go build -o "$target/cluster" .)
exec "$target/cluster" --server "$server" --vapwright "$target/release/vapwright" \
  --chainsaw "$chainsaw" "$@"
