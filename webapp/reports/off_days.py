"""Days with receipts that do not add up."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from uuid import UUID

from msgspec import Struct

from schemas.statements import load
from webapp.database import Connection
from webapp.reports.periods import Window

_sql = load("webapp.reports", "off_days.sql")


class OffDay(Struct, frozen=True):
    """A day with receipts that do not add up: those that took too much have `over` together, those that took too little
    `under`. Who refunds too much has taken too little. Less than `alarm_from` (tills round) is no alarm."""

    day: date
    receipts: int
    over: Decimal
    under: Decimal
    alarm_from: Decimal

    @property
    def matters(self) -> bool:
        return max(self.over, self.under) >= self.alarm_from


async def off_days(
    connection: Connection, windows: Sequence[Window], alarm_from: Decimal
) -> dict[UUID, tuple[OffDay, ...]]:
    """Of each outlet, within the windows, the latest first."""
    parameters = {
        "outlets": [window.outlet_id for window in windows],
        "firsts": [window.first for window in windows],
        "lasts": [window.last for window in windows],
    }
    days: dict[UUID, list[OffDay]] = {window.outlet_id: [] for window in windows}
    async for outlet, *row in await connection.execute(_sql["off_days"], parameters):
        days[outlet].append(OffDay(*(*row, alarm_from)))
    return {outlet: tuple(found) for outlet, found in days.items()}
