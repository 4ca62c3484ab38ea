"""What came of an outlet's events and is in no figure for good: refused by the gateway, given up, discarded."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from msgspec import Struct

from schemas.statements import load
from webapp.database import Connection

_sql = load("webapp.completeness", "left_out.sql")


class Refused(Struct, frozen=True):
    """Events of a till that the gateway refused, and that the owner has not taken note of."""

    till: str
    till_id: UUID
    events: int


class LeftOut(Struct, frozen=True):
    """`refused` are news to the owner, `refused_before` not any longer. `passed_over`: there are others, which were set
    aside and discarded, or which nobody waits for any longer."""

    refused: tuple[Refused, ...] = ()
    refused_before: int = 0
    passed_over: bool = False

    @property
    def refused_events(self) -> int:
        return sum(each.events for each in self.refused)

    def __bool__(self) -> bool:
        return bool(self.refused or self.refused_before or self.passed_over)


async def left_out(connection: Connection, outlets: Sequence[UUID]) -> dict[UUID, LeftOut]:
    """Of each outlet."""
    parameters = {"outlets": list(outlets)}
    refused: dict[UUID, list[Refused]] = {outlet: [] for outlet in outlets}
    refused_before = dict.fromkeys(outlets, 0)
    others = {row[0]: row[1:] async for row in await connection.execute(_sql["passed_over"], parameters)}
    if any(discarded and kept for discarded, _, kept in others.values()):
        async for outlet, till, till_id, events, seen in await connection.execute(_sql["refused"], parameters):
            refused_before[outlet] += seen
            if events > seen:
                refused[outlet].append(Refused(till, till_id, events - seen))
    found = {}
    for outlet in outlets:
        discarded, given_up, _ = others.get(outlet, (0, False, False))
        known = refused_before[outlet] + sum(each.events for each in refused[outlet])
        found[outlet] = LeftOut(tuple(refused[outlet]), refused_before[outlet], given_up or discarded > known)
    return found


async def journal_kept(connection: Connection) -> bool:
    """Whether the generation keeps refusals: one that an earlier version made does not."""
    row = await (await connection.execute(_sql["journal_kept"])).fetchone()
    return bool(row and row[0])
