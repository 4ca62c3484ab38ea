"""Whether an outlet's figures are whole: through when its data came, what is missing, set aside, or left out."""

from __future__ import annotations

from collections.abc import Container, Sequence
from datetime import datetime
from uuid import UUID

from msgspec import Struct

from schemas.spans import Span, missing, total
from schemas.statements import load
from webapp.completeness.left_out import LeftOut, left_out
from webapp.completeness.logends import Snapshot

_sql = load("webapp.completeness", "state.sql")


class Missing(Struct, frozen=True):
    """Numbers of a till's events that have not come, while later ones have."""

    till: str
    till_id: UUID
    run: UUID
    first: int
    last: int


class Completeness(Struct, frozen=True):
    """What is known of an outlet's data. `waiting` events are here and wait behind what is missing or set aside.
    `behind`: what was acknowledged may wait in the log still. What comes of one that is `still` is not read for the
    time being: nobody can say then that nothing is missing."""

    goods: int = 0
    sales: int = 0
    through: datetime | None = None
    missing: tuple[Missing, ...] = ()
    waiting: int = 0
    quarantined: int = 0
    left_out: LeftOut = LeftOut()
    behind: bool = False
    still: bool = False

    @property
    def troubled(self) -> bool:
        """Whether events are in no figure, and that is news to the owner."""
        return bool(self.missing or self.quarantined or self.waiting or self.left_out.refused)

    @property
    def whole(self) -> bool:
        """Whether every event that ever came is in the figures, and none may be on its way."""
        return not (self.troubled or self.left_out or self.behind or self.still)


async def completeness(
    snapshot: Snapshot, outlet_ids: Sequence[UUID], still: Container[UUID] = ()
) -> dict[UUID, Completeness]:
    """Of each outlet. `still`: see `Completeness`."""
    connection = snapshot.connection
    outlets = {"outlets": list(outlet_ids)}
    totals = {row[0]: row[1:] async for row in await connection.execute(_sql["totals"], outlets)}
    held_back: dict[UUID, dict[tuple[UUID, UUID], list[tuple[str, Span]]]] = {}
    runs: dict[tuple[UUID, UUID], tuple[str, int, list[Span]]] = {}
    async for outlet, till, run, name, through, given_up, kind, first, last in await connection.execute(
        _sql["held_back"], outlets
    ):
        runs[till, run] = name, through, [(a, b) for a, b in given_up]
        held_back.setdefault(outlet, {}).setdefault((till, run), []).append((kind, (first, last)))
    gone = await left_out(connection, outlet_ids)
    by_outlet = {}
    for outlet_id in outlet_ids:
        goods, sales, moment = totals.get(outlet_id, (0, 0, None))
        runs_of_outlet = held_back.get(outlet_id, {})
        by_outlet[outlet_id] = Completeness(
            goods,
            sales,
            moment,
            missing=tuple(
                Missing(runs[key][0], *key, *hole)
                for key, spans in sorted(runs_of_outlet.items())
                for hole in missing(runs[key][1], [span for _, span in spans], runs[key][2])
            ),
            waiting=total(span for spans in runs_of_outlet.values() for kind, span in spans if kind == "parked"),
            quarantined=total(
                span for spans in runs_of_outlet.values() for kind, span in spans if kind == "quarantined"
            ),
            left_out=gone[outlet_id],
            behind=outlet_id in snapshot.behind,
            still=outlet_id in still,
        )
    return by_outlet
