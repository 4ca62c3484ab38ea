"""Events that the gateway refused: by till and reason, until the owner takes note of them."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from msgspec import Struct
from psycopg.rows import class_row

from schemas.statements import load
from webapp.completeness.left_out import journal_kept
from webapp.database import Connection

_sql = load("webapp.completeness", "refusals.sql")


class Refusals(Struct, frozen=True):
    """Events of a till that were refused for one reason: how many, of them `news` to the owner, dated when by the till;
    `example` is the number of the last one in its run."""

    till: str
    till_id: UUID
    reason: str
    events: int
    news: int
    first_at: datetime
    last_at: datetime
    run: UUID
    example: int


class Refused(Struct, frozen=True):
    """All that were refused; `shown` are the reasons with the most events, news first."""

    events: int = 0
    news: int = 0
    reasons: int = 0
    shown: tuple[Refusals, ...] = ()


class _Sums(Struct, frozen=True):
    events: int
    news: int
    reasons: int


async def refused(connection: Connection, outlet_id: UUID) -> Refused:
    """What was refused of an outlet's events."""
    if not await journal_kept(connection):
        return Refused()
    parameters = {"outlet": outlet_id}
    async with connection.cursor(row_factory=class_row(_Sums)) as cursor:
        [sums] = await (await cursor.execute(_sql["sums"], parameters)).fetchall()
    async with connection.cursor(row_factory=class_row(Refusals)) as cursor:
        shown = await (await cursor.execute(_sql["reasons"], parameters)).fetchall()
    return Refused(sums.events, sums.news, sums.reasons, tuple(shown))
