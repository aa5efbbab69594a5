#!/bin/bash
# What the official image's entry point does, as far as tests need it: makes the database at the first start, runs
# /docker-entrypoint-initdb.d, then becomes `postgres` with the arguments of the container.
set -Eeuo pipefail

run_or_read() {
    # shellcheck source=/dev/null
    if [ -x "$1" ]; then "$1"; else . "$1"; fi
}

initialise() {
    local user=${POSTGRES_USER:-postgres} method=${POSTGRES_HOST_AUTH_METHOD:-scram-sha-256}
    local database=${POSTGRES_DB:-$user}
    if [ "$method" != trust ] && [ -z "${POSTGRES_PASSWORD:-}" ]; then
        echo "Error: set POSTGRES_PASSWORD, or POSTGRES_HOST_AUTH_METHOD=trust" >&2
        exit 1
    fi
    local password=()
    [ -z "${POSTGRES_PASSWORD:-}" ] || password=(--pwfile=<(printf '%s\n' "$POSTGRES_PASSWORD"))
    initdb --no-sync --username="$user" --auth-host="$method" --auth-local=trust "${password[@]}"
    printf '\nhost all all all %s\n' "$method" >>"$PGDATA/pg_hba.conf"

    shopt -s nullglob
    local file files=(/docker-entrypoint-initdb.d/*)
    [ "$database" != postgres ] || [ ${#files[@]} != 0 ] || return 0
    # The arguments of the container hold for the first start too, but nobody outside sees it.
    shift
    pg_ctl --options="$(printf '%q ' "$@" -c listen_addresses= -p 5432)" --wait start
    export PGUSER=$user
    [ "$database" = postgres ] || createdb "$database"
    for file in "${files[@]}"; do
        case $file in
            *.sh) run_or_read "$file" ;;
            *.sql) psql --no-psqlrc --set=ON_ERROR_STOP=1 --dbname="$database" --file="$file" ;;
        esac
    done
    pg_ctl --mode=fast --wait stop
}

[ "${1:0:1}" != - ] || set -- postgres "$@"
if [ "$1" = postgres ] && [ "$(id -u)" = 0 ]; then
    install -d -o postgres -g postgres -m 700 "$PGDATA"
    exec setpriv --reuid=postgres --regid=postgres --init-groups "$0" "$@"
fi
if [ "$1" = postgres ] && [ ! -s "$PGDATA/PG_VERSION" ]; then
    mkdir -p "$PGDATA" # initdb sets its mode
    initialise "$@"
fi
# By the other name it makes the database, and no more.
[ "${0##*/}" != docker-ensure-initdb.sh ] || exit 0
exec "$@"
