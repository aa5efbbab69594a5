#!/bin/sh
# Logs in once with psql and prints what PostgreSQL says of the session, as JSON.
# Usage: client.sh DIRECTORY [certificate|no-certificate|plaintext], with PGHOST, PGPORT, PGUSER and PGDATABASE set
set -eu

query=$(cat "$(dirname "$0")/session.sql")
ask() {
    psql --no-psqlrc --no-password --tuples-only --no-align --command "$query" "$1"
}

case ${2:-certificate} in
    certificate)
        files=$(readlink -f "$1")
        ask "sslmode=verify-full sslrootcert=$files/ca.crt sslcert=$files/tls.crt sslkey=$files/tls.key"
        ;;
    no-certificate) ask "sslmode=verify-full sslrootcert=$1/ca.crt" ;;
    plaintext) ask "sslmode=disable" ;;
    *) exit 2 ;;
esac
