"""Logs in once with psycopg 3 and prints what PostgreSQL says of the session, as JSON.

Usage: client.py DIRECTORY [certificate|no-certificate|plaintext], with PGHOST, PGPORT, PGUSER and PGDATABASE set
"""

import json
import sys
from pathlib import Path

import psycopg


def connect(directory: str, way: str) -> psycopg.Connection:
    """Opens the session."""
    if way == "plaintext":
        return psycopg.connect(sslmode="disable")
    if way == "no-certificate":
        return psycopg.connect(sslmode="verify-full", sslrootcert=Path(directory) / "ca.crt")
    files = Path(directory).resolve()
    return psycopg.connect(
        sslmode="verify-full",
        sslrootcert=files / "ca.crt",
        sslcert=files / "tls.crt",
        sslkey=files / "tls.key",
    )


def main(directory: str, way: str = "certificate") -> None:
    """Logs in and asks."""
    query = Path(__file__).with_name("session.sql").read_bytes()
    with connect(directory, way) as connection:
        print(json.dumps(connection.execute(query).fetchone()[0]))


try:
    main(*sys.argv[1:])
except psycopg.Error as error:
    sys.exit(str(error))
