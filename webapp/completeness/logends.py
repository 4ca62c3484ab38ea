"""How far the log goes: whether all that tills were told is taken stands in the read models.

What is acknowledged lies in the log first, and comes into the figures a moment later; while it waits there, nobody may
say that everything is here. The portal asks how far the log goes before it reads, and waits a little for the rest.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import NamedTuple
from uuid import UUID

from msgspec import Struct

from schemas.log import partition_of
from schemas.statements import load
from webapp.database import Connection

_sql = load("webapp.completeness", "logends.sql")
_TRIES = 5
_PAUSE_S = 0.05
_SOON_RECORDS = 50
"""What lies further back will not be there in a moment: the page does not wait for it."""


class LogEnds(Struct, frozen=True):
    """`events` has the offset behind the last record of each partition; of the partitions `uncopied` there are uploads
    that did not even get there."""

    events: Mapping[int, int]
    uncopied: frozenset[int]

    def waiting(self, outlet_id: UUID, positions: Mapping[int, int]) -> int | None:
        """How many records wait before an outlet's figures are whole; None where nobody knows how many."""
        partition = partition_of(str(outlet_id).encode(), len(self.events))
        if partition in self.uncopied:
            return None
        return max(0, self.events[partition] - positions.get(partition, 0))


AskLog = Callable[[], Awaitable[LogEnds | None]]
"""How far the log goes at this moment, or later than it; None where Kafka does not say."""


class Snapshot(NamedTuple):
    """A reading of the rows, and the outlets of which it may lack what was acknowledged before."""

    connection: Connection
    behind: frozenset[UUID]


@asynccontextmanager
async def caught_up(
    ask: AskLog | None, reading: Callable[[], AbstractAsyncContextManager[Connection]], outlets: Iterable[UUID]
) -> AsyncIterator[Snapshot]:
    """A reading that has all that was acknowledged before, where that comes in a moment. Without `ask` there is no log
    beside the rows."""
    outlets = frozenset(outlets)
    if ask is None:
        async with reading() as connection:
            yield Snapshot(connection, frozenset())
        return
    ends = await ask()
    for tries_left in reversed(range(_TRIES)):
        async with reading() as connection:
            behind, soon = await _behind(connection, ends, outlets)
            if not behind or not soon or not tries_left:
                yield Snapshot(connection, behind)
                return
        await asyncio.sleep(_PAUSE_S)


async def _behind(
    connection: Connection, ends: LogEnds | None, outlets: frozenset[UUID]
) -> tuple[frozenset[UUID], bool]:
    """The outlets that are behind, and whether all of them can be expected not to be in a moment."""
    if ends is None or not outlets:
        return outlets, False
    positions: dict[int, int] = {
        partition: offset async for partition, offset in await connection.execute(_sql["positions"])
    }
    waiting = {outlet: ends.waiting(outlet, positions) for outlet in outlets}
    return (
        frozenset(outlet for outlet, records in waiting.items() if records != 0),
        all(records is not None and records <= _SOON_RECORDS for records in waiting.values()),
    )
