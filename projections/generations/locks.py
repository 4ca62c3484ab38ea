"""One at a time: session-level advisory locks, which PostgreSQL lets go of when their holder dies, however it dies."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from psycopg import Connection
from psycopg.rows import TupleRow

from schemas.errors import UsageError
from schemas.statements import load

_sql = load("projections.generations", "locks.sql")

REBUILD = 0x3EB0FF1D0
"""Held by whoever builds, switches, drops or repairs generations."""
VERIFY = 0x3EB0FF1D1
"""Held by a verification while its temporary generation stands."""

RESTORE = 0x3EB0FF1D2
"""Held by whoever restores a backup."""


class Busy(UsageError):
    """Another process is at it."""


@contextmanager
def held(connection: Connection[TupleRow], key: int, what: str) -> Iterator[None]:
    """Holds the lock `key` of this connection's session; raises `Busy` at once where another session has it."""
    row = connection.execute(_sql["try_lock"], {"key": key}).fetchone()
    if not row or not row[0]:
        raise Busy(f"{what} is already under way (PostgreSQL holds its lock); wait for it or end it first")
    try:
        yield
    finally:
        if not connection.broken:
            connection.execute(_sql["unlock"], {"key": key})
