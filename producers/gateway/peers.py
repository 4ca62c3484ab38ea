"""How many gateways there are: each holds a lock of PostgreSQL for as long as it lives, and counts the others'.

A till's rate is one for all gateways: each grants its part of it (`RateLimit.share`). Over a connection that is there
anyway.
"""

from __future__ import annotations

from typing import Any

import psycopg

from schemas.statements import load

COUNT_EVERY_S = 5.0
"""A gateway that comes tells the others at once; one that is gone is missed after so long."""

_LOCK = 0x3EB0FFA7  # any number of our own, below 2**32; advisory locks are per database
_sql = load("producers.gateway", "peers.sql")


async def join(connection: psycopg.AsyncConnection[Any]) -> None:
    """This gateway lives for as long as the connection does."""
    await connection.execute(_sql["join"], {"lock": _LOCK})


async def count(connection: psycopg.AsyncConnection[Any]) -> int:
    """How many live, this one among them."""
    row = await (await connection.execute(_sql["count"], {"lock": _LOCK})).fetchone()
    return max(1, row[0] if row else 1)
