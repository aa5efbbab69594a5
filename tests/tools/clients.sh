#!/bin/sh
# Installs the client libraries that tests/clients logs in with, at the versions of its lock files, and prints where they
# are. Does nothing when they are there. Needs npm (node-postgres) and python3 (psycopg); what is missing is left out.
set -eu

pinned=$(CDPATH='' cd -- "$(dirname -- "$0")/../clients" && pwd)
cache="${XDG_CACHE_HOME:-$HOME/.cache}/newleaf/clients"
mkdir -p "$cache"

# One at a time: `make setup` and a test may both be here.
exec 9>"$cache/.lock"
flock 9

# fresh NAME LOCK: whether NAME was completely installed from this very lock file.
fresh() {
    cmp -s "$pinned/$2" "$cache/$1/complete"
}

if ! fresh node package-lock.json && command -v npm >/dev/null; then
    echo "installing node-postgres into $cache/node" >&2
    rm -rf "$cache/node"
    mkdir "$cache/node"
    cp "$pinned/package.json" "$pinned/package-lock.json" "$cache/node"
    npm ci --prefix "$cache/node" --ignore-scripts --no-audit --no-fund --loglevel=error >&2
    cp "$pinned/package-lock.json" "$cache/node/complete"
fi
if ! fresh python requirements.txt && command -v python3 >/dev/null; then
    echo "installing psycopg into $cache/python" >&2
    rm -rf "$cache/python"
    python3 -m venv "$cache/python"
    "$cache/python/bin/pip" install --quiet --disable-pip-version-check --no-deps --only-binary :all: \
        --requirement "$pinned/requirements.txt" >&2
    cp "$pinned/requirements.txt" "$cache/python/complete"
fi

! fresh node package-lock.json || echo "node=$cache/node/node_modules"
! fresh python requirements.txt || echo "python=$cache/python/bin/python"
