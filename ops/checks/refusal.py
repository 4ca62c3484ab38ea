"""Why PostgreSQL refused a connection: its SQLSTATE, whatever language its messages are in.

libpq keeps the code of a refusal to itself; it only hands on the text. Its trace of the protocol holds the code, so the
connection is tried once more and traced.
"""

from __future__ import annotations

import contextlib
import re
import select
import tempfile
import time

import psycopg
from psycopg import pq

TOO_MANY_CONNECTIONS = "53300"
_WITHIN_S = 5.0
_CODE = re.compile(rb'\tErrorResponse\t.*? C "([0-9A-Z]{5})"')


def sqlstate(exc: BaseException) -> str | None:
    """The code of the error of PostgreSQL in a chain of causes; None where there is none or nobody can tell."""
    cause: BaseException | None = exc
    while cause is not None and not isinstance(cause, psycopg.Error):
        cause = cause.__cause__
    if cause is None or cause.sqlstate:
        return cause.sqlstate if cause is not None else None
    # A connection that failed knows what it was made with.
    options = {} if cause.pgconn is None else {o.keyword: o.val for o in cause.pgconn.info if o.val is not None}
    return _asked_again(options) if options else None


def _asked_again(options: dict[bytes, bytes]) -> str | None:
    conninfo = psycopg.conninfo.make_conninfo(**{name.decode(): value.decode() for name, value in options.items()})
    with tempfile.TemporaryFile() as trace, contextlib.suppress(psycopg.Error):  # not everywhere can be traced
        _try(conninfo.encode(), trace.fileno())
        trace.seek(0)
        found = _CODE.search(trace.read())
        return found[1].decode() if found else None
    return None


def _try(conninfo: bytes, trace: int) -> None:
    """Tries to connect; what went over the connection is in `trace` afterwards. It has no name and is gone at once."""
    connection = pq.PGconn.connect_start(conninfo)
    try:
        connection.trace(trace)
        deadline = time.monotonic() + _WITHIN_S
        while time.monotonic() < deadline:
            state = connection.connect_poll()
            if state not in (pq.PollingStatus.READING, pq.PollingStatus.WRITING):
                break
            waits = [connection.socket]
            reading = state == pq.PollingStatus.READING
            select.select(waits if reading else [], [] if reading else waits, [], 0.5)
        connection.untrace()
    finally:
        connection.finish()
