#!/bin/sh
# Installs the certificate linters that tests/pki uses, at fixed versions, and prints where they are.
# Does nothing when they are there. Needs python3 (pkilint) and go (zlint); what is missing is left out.
set -eu

pkilint_version=0.13.3
zlint_version=v3.6.1

cache="${XDG_CACHE_HOME:-$HOME/.cache}/newleaf"
venv="$cache/pkilint/$pkilint_version"
zlint="$cache/bin/zlint-$zlint_version"

if [ ! -f "$venv/complete" ] && command -v python3 >/dev/null; then
    rm -rf "$venv"
    python3 -m venv "$venv" >&2
    "$venv/bin/pip" install --quiet --disable-pip-version-check "pkilint==$pkilint_version" >&2
    touch "$venv/complete"
fi
if [ ! -x "$zlint" ] && command -v go >/dev/null; then
    mkdir -p "$cache/bin"
    GOBIN="$cache/bin/new" go install "github.com/zmap/zlint/v3/cmd/zlint@$zlint_version" >&2
    mv "$cache/bin/new/zlint" "$zlint"
    rmdir "$cache/bin/new"
fi

[ ! -f "$venv/complete" ] || echo "pkilint=$venv/bin/lint_pkix_cert"
[ ! -x "$zlint" ] || echo "zlint=$zlint"
