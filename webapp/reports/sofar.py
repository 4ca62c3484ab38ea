"""Revenue of whole days and of the same hours of earlier ones, outlet by outlet: what a dashboard compares.

Whole hours come from the figures by hour, the hour that is running from its receipts: so it costs the same however many
receipts a chain's days have. The sums are those of the lists that these figures open (`webapp/reports/sums.py`).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from uuid import UUID
from zoneinfo import ZoneInfo

from msgspec import Struct

from schemas.amounts import ZERO
from schemas.statements import load
from webapp.account_outlets import Outlet
from webapp.database import Connection
from webapp.reports.periods import Period, Window, window

_sql = load("webapp.reports", "sofar.sql")


class SoFar(Struct, frozen=True):
    """How many sales, and the revenue after returns."""

    sales: int = 0
    revenue: Decimal = ZERO


NOTHING = SoFar()


def together(figures: Iterable[SoFar]) -> SoFar:
    listed = list(figures)
    return SoFar(sum(each.sales for each in listed), sum((each.revenue for each in listed), ZERO))


async def so_far(
    connection: Connection, periods: Sequence[str], outlets: Sequence[Outlet], now: datetime
) -> list[Mapping[UUID, SoFar]]:
    """Of each named period of one day the outlets' figures; outlets without a receipt are left out."""
    clocks: dict[tuple[str, int], int] = {}
    numbers = [clocks.setdefault((outlet.zone, outlet.day_begins), len(clocks)) for outlet in outlets]
    days = []
    for number, example in dict(zip(numbers, outlets, strict=True)).items():
        for name in periods:
            day = window(Period(name), example, now)
            days.append((name, number, day.last, day.before, _hour(day, example), example.day_begins))
    names, numbers_of_days, lasts, befores, hours, begins = zip(*days, strict=True) if days else [()] * 6
    rows = await connection.execute(
        _sql["so_far"],
        {
            "outlets": [outlet.outlet_id for outlet in outlets],
            "clocks": numbers,
            "names": list(names),
            "clocks_of_days": list(numbers_of_days),
            "days": list(lasts),
            "befores": list(befores),
            "hours": list(hours),
            "begins": list(begins),
        },
    )
    found: dict[str, dict[UUID, SoFar]] = {name: {} for name in periods}
    async for name, outlet_id, sales, revenue in rows:
        found[name][outlet_id] = SoFar(sales, revenue)
    return [found[name] for name in periods]


def _hour(day: Window, outlet: Outlet) -> int | None:
    """The hour of the outlet's clock that is running at the window's end; by way of UTC, since a moment that the clock
    leaves out is an hour later."""
    return None if day.before is None else day.before.astimezone(UTC).astimezone(ZoneInfo(outlet.zone)).hour
