"""Revenue over time, in hours, days, weeks or months, without holes between the first bucket and the last. Pure parts
are apart from the one query, so that calendars can be tested by themselves."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from decimal import Decimal

from msgspec import Struct

from schemas.amounts import ZERO
from schemas.statements import load
from webapp.database import Connection
from webapp.reports import compared, periods
from webapp.reports.compared import begin
from webapp.reports.periods import Period, Window
from webapp.reports.view import View

_sql = load("webapp.reports", "series.sql")

UNITS = ("hour", "day", "week", "month")
_MOST_BUCKETS = 400


class Bucket(Struct, frozen=True):
    """A stretch of time and what was taken in it: the days `first`..`last`, of which one `hour` if there is one."""

    first: date
    last: date
    hour: int | None
    revenue: Decimal
    sales: int


def fitting_unit(length: int) -> str:
    """The unit that shows a period of so many days best."""
    if length <= 2:
        return "hour"
    if length <= 92:
        return "day"
    return "week" if length <= 370 else "month"


def allowed_units(length: int) -> tuple[str, ...]:
    """The units that do not draw more points than can be seen."""
    per_day = {"hour": 24.0, "day": 1.0, "week": 1 / 7, "month": 1 / 30}
    return tuple(unit for unit in UNITS if length * per_day[unit] <= _MOST_BUCKETS)


async def span(connection: Connection, windows: Sequence[Window]) -> tuple[date, date] | None:
    """The first and the last day with figures within the windows; None where there is none."""
    row = await (await connection.execute(_sql["span"], periods.parameters(windows))).fetchone()
    return (row[0], row[1]) if row and row[0] else None


async def series(
    connection: Connection, windows: Sequence[Window], unit: str, first: date, last: date, day_begins: int = 0
) -> list[Bucket]:
    """The buckets from `first` to `last`, empty ones included, in the order of days that begin at an hour."""
    parameters = {**periods.parameters(windows), "unit": unit}
    rows = await connection.execute(_sql["by_hour" if unit == "hour" else "by_day"], parameters)
    sold = {start: (revenue, sales) async for start, revenue, sales in rows}
    return [
        Bucket(max(start.date(), first), min(end, last), hour, *sold.get(start, (ZERO, 0)))
        for start, end, hour in calendar(unit, first, last, day_begins)
    ]


def calendar(unit: str, first: date, last: date, day_begins: int = 0) -> list[tuple[datetime, date, int | None]]:
    """Each bucket's start, last day and hour. An hour before `day_begins` stands at the end of the day it counts to."""
    buckets: list[tuple[datetime, date, int | None]] = []
    if unit == "hour":
        day, hours = first, [(day_begins + hour) % 24 for hour in range(24)]
        while day <= last:
            buckets += [(datetime.combine(day, time(hour)), day, hour) for hour in hours]
            day += timedelta(days=1)
        return buckets
    start = {"day": first, "week": first - timedelta(days=first.weekday()), "month": first.replace(day=1)}[unit]
    while start <= last:
        if unit == "day":
            following = start + timedelta(days=1)
        elif unit == "week":
            following = start + timedelta(days=7)
        else:
            following = (start + timedelta(days=31)).replace(day=1)
        buckets.append((datetime.combine(start, time()), following - timedelta(days=1), None))
        start = following
    return buckets


async def drawn_series(
    connection: Connection, view: View, period: Period
) -> tuple[str, tuple[str, ...], list[Bucket], list[Bucket]]:
    """What the report draws: the unit, those that may be chosen, the buckets, and those of as many days before. An open
    period is cut to the days with figures. Weeks and months before would not begin on the same days: of them there are
    none, nor where nothing was sold then."""
    windows = periods.windows(period, view.seen, view.now)
    first, last = min(window.first for window in windows), max(window.last for window in windows)
    if (last - first).days > 400:
        days = await span(connection, windows)
        if days is None:
            return "day", UNITS[1:], [], []
        first, last = max(first, days[0]), min(last, days[1])
    length = (last - first).days + 1
    units = allowed_units(length)
    unit = view.filters.choice("unit", UNITS)
    unit = unit if unit in units else fitting_unit(length)
    hours = {outlet.day_begins for outlet in view.seen}
    day_begins = hours.pop() if len(hours) == 1 else 0
    buckets = await series(connection, windows, unit, first, last, day_begins)
    earlier = [Window(each.outlet_id, begin(each), each.first - timedelta(days=1)) for each in windows]
    before: list[Bucket] = []
    if unit in ("hour", "day") and compared.is_compared(windows):
        ago = timedelta(days=length)
        before = await series(connection, earlier, unit, first - ago, last - ago, day_begins)
    return unit, units, buckets, before if any(bucket.revenue for bucket in before) else []
