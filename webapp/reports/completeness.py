"""Whether an outlet's figures are whole: through when its data came, what is missing, set aside, or does not add up."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

from msgspec import Struct

from schemas.spans import Span, missing, total
from schemas.statements import load
from webapp.database import Connection
from webapp.reports.periods import Window

_sql = load("webapp.reports", "completeness.sql")


class Missing(Struct, frozen=True):
    """Numbers of a till's events that have not come, while later ones have."""

    till: str
    till_id: UUID
    run: UUID
    first: int
    last: int


class OffDay(Struct, frozen=True):
    """A day with receipts whose payments, lines or refunds do not add up: `difference` is what was paid over what was
    due, all of them together."""

    day: date
    receipts: int
    difference: Decimal


class Completeness(Struct, frozen=True):
    """What is known of an outlet's data. `waiting` events are here and wait behind what is missing or set aside."""

    goods: int = 0
    sales: int = 0
    through: datetime | None = None
    missing: tuple[Missing, ...] = ()
    waiting: int = 0
    quarantined: int = 0
    off_days: tuple[OffDay, ...] = ()

    @property
    def whole(self) -> bool:
        return not (self.missing or self.quarantined or self.waiting)


async def completeness(connection: Connection, windows: Sequence[Window]) -> dict[UUID, Completeness]:
    """Of each outlet; days that do not add up are looked for within the windows."""
    outlets = {"outlets": [window.outlet_id for window in windows]}
    totals = {row[0]: row[1:] async for row in await connection.execute(_sql["totals"], outlets)}
    held_back: dict[tuple[UUID, UUID, UUID], list[tuple[str, Span]]] = {}
    runs: dict[tuple[UUID, UUID, UUID], tuple[str, int, list[Span]]] = {}
    async for outlet, till, run, name, through, given_up, kind, first, last in await connection.execute(
        _sql["held_back"], outlets
    ):
        runs[outlet, till, run] = name, through, [(a, b) for a, b in given_up]
        held_back.setdefault((outlet, till, run), []).append((kind, (first, last)))
    days = {
        "outlets": [window.outlet_id for window in windows],
        "firsts": [window.first for window in windows],
        "lasts": [window.last for window in windows],
    }
    off: dict[UUID, list[OffDay]] = {}
    async for outlet, day, receipts, difference in await connection.execute(_sql["off_days"], days):
        off.setdefault(outlet, []).append(OffDay(day, receipts, difference))
    by_outlet = {}
    for window in windows:
        goods, sales, moment = totals.get(window.outlet_id, (0, 0, None))
        runs_of_outlet = {key: spans for key, spans in held_back.items() if key[0] == window.outlet_id}
        by_outlet[window.outlet_id] = Completeness(
            goods,
            sales,
            moment,
            missing=tuple(
                Missing(runs[key][0], key[1], key[2], *hole)
                for key, spans in sorted(runs_of_outlet.items())
                for hole in missing(runs[key][1], [span for _, span in spans], runs[key][2])
            ),
            waiting=total(span for spans in runs_of_outlet.values() for kind, span in spans if kind == "parked"),
            quarantined=total(
                span for spans in runs_of_outlet.values() for kind, span in spans if kind == "quarantined"
            ),
            off_days=tuple(off.get(window.outlet_id, ())),
        )
    return by_outlet
