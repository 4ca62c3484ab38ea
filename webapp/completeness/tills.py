"""What an owner has to know of the tills themselves: clocks that are wrong, receipt numbers that were used again,
numbers of a fiscal drive that a sale and a return both say.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from uuid import UUID

import msgspec
from msgspec import Struct

from schemas.events import Line
from schemas.statements import load
from webapp.database import Connection

_sql = load("webapp.completeness", "tills.sql")
NEWS_DAYS = 7
"""So long a notice stands after the last time."""


class WrongClock(Struct, frozen=True):
    """A till whose clock is wrong: how many events came so within the last days, and what the last one was dated."""

    till: str
    till_id: UUID
    events: int
    at: datetime
    received_at: datetime


class UsedAgain(Struct, frozen=True):
    """Receipts of a till whose number came again with other content within the last days; the last of them."""

    till: str
    till_id: UUID
    receipts: int
    kind: str
    document_id: str
    number: str


class SameNumbers(Struct, frozen=True):
    """Returns of the last days that say the fiscal numbers of a sale, and the sale of the last of them."""

    returns: int
    sale_id: str
    till_id: UUID
    number: str


class TillNews(Struct, frozen=True):
    """Of one outlet, by till; `same_numbers` is one for the outlet, if any."""

    clocks: tuple[WrongClock, ...] = ()
    used_again: tuple[UsedAgain, ...] = ()
    same_numbers: tuple[SameNumbers, ...] = ()

    @property
    def doubtful(self) -> bool:
        """Whether a receipt is in no figure, or one too many may be, though all has come."""
        return bool(self.used_again or self.same_numbers)


class Version(Struct, frozen=True):
    """A receipt as it was."""

    number: str
    at: datetime
    total: Decimal
    lines: list[Line]


class Replacement(Struct, frozen=True):
    """What came under a receipt's number, and what took its place."""

    before: Version
    after: Version


async def replacements(connection: Connection, outlet_id: UUID, sale_id: str, till_id: UUID) -> list[Replacement]:
    """Of one sale, the latest first; none where the generation keeps none."""
    row = await (await connection.execute(_sql["kept"])).fetchone()
    if not row or not row[0]:
        return []
    parameters = {"outlet": outlet_id, "sale": sale_id, "till": till_id}
    rows = await connection.execute(_sql["versions"], parameters)
    return [Replacement(*msgspec.convert(row, tuple[Version, Version])) async for row in rows]


async def till_news(connection: Connection, outlets: Sequence[UUID], now: datetime) -> dict[UUID, TillNews]:
    """Of each outlet; nothing where an earlier version made the generation, which kept neither."""
    row = await (await connection.execute(_sql["kept"])).fetchone()
    if not row or not row[0]:
        return dict.fromkeys(outlets, TillNews())
    parameters = {"outlets": list(outlets), "since": now - timedelta(days=NEWS_DAYS)}
    clocks: dict[UUID, list[WrongClock]] = {}
    async for outlet, *rest in await connection.execute(_sql["wrong_clocks"], parameters):
        clocks.setdefault(outlet, []).append(WrongClock(*rest))
    used_again: dict[UUID, list[UsedAgain]] = {}
    async for outlet, *rest in await connection.execute(_sql["used_again"], parameters):
        used_again.setdefault(outlet, []).append(UsedAgain(*rest))
    same: dict[UUID, SameNumbers] = {}
    async for outlet, *rest in await connection.execute(_sql["same_numbers"], parameters):
        same[outlet] = SameNumbers(*rest)
    found = dict.fromkeys(outlets, TillNews())
    for outlet in {*clocks, *used_again, *same}:
        found[outlet] = TillNews(
            tuple(clocks.get(outlet, ())),
            tuple(used_again.get(outlet, ())),
            (same[outlet],) if outlet in same else (),
        )
    return found
