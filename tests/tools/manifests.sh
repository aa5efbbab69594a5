#!/bin/sh
# Installs the linter of Kubernetes manifests that tests/cli uses, at a fixed version, and prints where it is.
# Does nothing when it is there. Needs go.
set -eu

kube_score_version=v1.20.0

cache="${XDG_CACHE_HOME:-$HOME/.cache}/newleaf"
kube_score="$cache/bin/kube-score-$kube_score_version"

if [ ! -x "$kube_score" ] && command -v go >/dev/null; then
    mkdir -p "$cache/bin"
    new=$(mktemp -d "$cache/bin/new.XXXXXX")
    GOBIN="$new" go install "github.com/zegl/kube-score/cmd/kube-score@$kube_score_version" >&2
    mv "$new/kube-score" "$kube_score"
    rmdir "$new"
fi

[ ! -x "$kube_score" ] || echo "kube-score=$kube_score"
