"""Stops the worker where records are set aside in a flood: a bug of ours, not a bad record.

Setting aside is for the odd record. Where many of the recent ones, of several outlets, cannot be folded, going on would
drain the log into quarantine, and each outlet would have to be folded again. So nothing of such a batch is committed:
the worker ends, and ends again when restarted, until a program that can fold these records takes over.
"""

from __future__ import annotations

from msgspec import Struct
from psycopg import Connection
from psycopg.rows import TupleRow

from schemas.errors import WebOfficeError
from schemas.statements import load

_sql = load("projections.apply", "flood.sql")


class QuarantineFlood(WebOfficeError):
    """Too many of the recent records cannot be folded."""


class FloodLimit(Struct, frozen=True):
    """A flood: of the last `recent` records of each partition that has any set aside, at least `share` of them and at
    least `records` are, and they are of at least `outlets` outlets. One broken till or outlet is no flood.
    """

    recent: int = 200
    records: int = 50
    share: float = 0.25
    outlets: int = 2


def check(connection: Connection[TupleRow], limit: FloodLimit) -> None:
    """Raises `QuarantineFlood` where, with this transaction's records, there is one."""
    row = connection.execute(_sql["recent"], {"recent": limit.recent}).fetchone()
    assert row is not None  # aggregates always give a row
    aside, outlets, of = row
    if aside >= limit.records and aside >= limit.share * of and outlets >= limit.outlets:
        raise QuarantineFlood(
            f"{aside} of the last {of} records, of {outlets} outlets, cannot be folded: stopped before setting aside"
            " more; see docs/operations.md"
        )
