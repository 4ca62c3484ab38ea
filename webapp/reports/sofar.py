"""Revenue of periods and of the same part of earlier ones, for many outlets: what dashboard and report compare.

Whole hours come from the figures by hour, the hour that is running from its receipts: so it costs the same however many
receipts a chain's days have. The sums are those of the lists that these figures open (`webapp/reports/sums.py`).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any
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
    """Of each named period the outlets' figures; outlets without a receipt are left out."""
    rows = await connection.execute(_sql["so_far"], _parameters(periods, outlets, now))
    found: dict[str, dict[UUID, SoFar]] = {name: {} for name in periods}
    async for name, outlet_id, sales, revenue in rows:
        found[name][outlet_id] = SoFar(sales, revenue)
    return [found[name] for name in periods]


async def in_all(
    connection: Connection, periods: Sequence[str], outlets: Sequence[Outlet], now: datetime
) -> dict[str, SoFar]:
    """The figures of all the outlets together by named period."""
    rows = await connection.execute(_sql["in_all"], _parameters(periods, outlets, now))
    return dict.fromkeys(periods, NOTHING) | {name: SoFar(*figures) async for name, *figures in rows}


def _parameters(periods: Sequence[str], outlets: Sequence[Outlet], now: datetime) -> dict[str, Any]:
    """The periods for each clock, and the outlets with the number of theirs."""
    clocks: dict[tuple[str, int], int] = {}
    numbers = [clocks.setdefault((outlet.zone, outlet.day_begins), len(clocks)) for outlet in outlets]
    days = [
        (name, number, example, window(Period(name), example, now))
        for number, example in dict(zip(numbers, outlets, strict=True)).items()
        for name in periods
    ]
    return {
        "outlets": [outlet.outlet_id for outlet in outlets],
        "clocks": numbers,
        "names": [name for name, *_ in days],
        "clocks_of_periods": [number for _, number, *_ in days],
        "firsts": [day.first for *_, day in days],
        "lasts": [day.last for *_, day in days],
        "befores": [day.before for *_, day in days],
        "hours": [_hour(day, example) for *_, example, day in days],
        "begins": [example.day_begins for *_, example, _ in days],
    }


def _hour(day: Window, outlet: Outlet) -> int | None:
    """The hour of the outlet's clock that is running at the window's end; by way of UTC, since a moment that the clock
    leaves out is an hour later."""
    return None if day.before is None else day.before.astimezone(UTC).astimezone(ZoneInfo(outlet.zone)).hour
