"""Сводный отчет: what was taken and when, against the period before, and what it is made of."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

import msgspec
from msgspec import Struct
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from webapp.database import Connection
from webapp.rendering import render
from webapp.reports import breakdown, periods
from webapp.reports.completeness import completeness
from webapp.reports.gate import closed
from webapp.reports.kept import Kept, kept_reports, later_days
from webapp.reports.periods import Period, Window
from webapp.reports.series import UNITS, Bucket, allowed_units, fitting_unit, series, span
from webapp.reports.sums import Sums, change, sums, total
from webapp.reports.view import View, open_view

_COMPARED = (("today", "yesterday-by-now"), ("week", "last-week-by-now"), ("month", "last-month-by-now"))
_BEST = 10
_MOST_LATER_DAYS = 60


class Comparison(Struct, frozen=True):
    """A period against the one before, up to the same moment of it."""

    key: str
    before_key: str
    now: Sums
    before: Sums

    @property
    def change(self) -> Decimal | None:
        return change(self.now.revenue, self.before.revenue)


async def report(request: Request) -> Response:
    view = await open_view(request)
    if instead := closed(view):
        return instead
    filters = view.filters
    period = filters.period("30d")
    windows = periods.windows(period, view.seen, view.now)
    compared = {key: periods.windows(Period(key), view.seen, view.now) for pair in _COMPARED for key in pair}
    async with view.reading() as connection:
        found = {
            key: total(by_outlet) for key, by_outlet in (await sums(connection, {**compared, "": windows})).items()
        }
        unit, units, buckets = await drawn_series(connection, view, period)
        methods = await breakdown.methods(connection, windows)
        hours = await breakdown.hours_of_week(connection, windows)
        ranked = breakdown.ranked(windows, buckets[-1].last if buckets else view.seen[0].local(view.now).date())
        counted = ranked if filters.raw("goods") == "all" else await breakdown.latest(connection, ranked)
        goods, groups = await breakdown.best(connection, counted, _BEST)
        off = await breakdown.off_receipts(connection, windows)
        whole = await completeness(connection, windows)
        later = await later_days(connection, view.kept, _until(view.kept, view, windows)) if view.kept else []
    methods_sum = sum((method.amount for method in methods), Decimal(0))
    most = max((revenue for revenue, _ in hours.values()), default=Decimal(0))
    return render(
        request,
        "reports/summary.html",
        {
            **view.context(),
            "comparisons": [Comparison(key, before, found[key], found[before]) for key, before in _COMPARED],
            "period": period,
            "sums": found[""],
            "unit": unit,
            "units": units,
            "buckets": buckets,
            "methods": methods,
            "methods_sum": methods_sum,
            "hours": hours,
            "heat": {place: _heat(revenue, most) for place, (revenue, _) in hours.items()},
            "shown_hours": _shown_hours(hours),
            "goods": goods,
            "groups": groups,
            "goods_period": Period("", counted[0].first, counted[0].last) if counted else period,
            "goods_cut": any(one.first > window.first for one, window in zip(counted, windows, strict=True))
            and (period.key != "all" or counted != ranked),
            "goods_more": counted != ranked,
            "off": off,
            # Payments − change − refunds of all receipts, less what was due: the sum of all their differences.
            "off_sum": methods_sum - found[""].revenue,
            "whole": [(outlet, whole[outlet.outlet_id]) for outlet in view.seen],
            "names": {outlet.outlet_id: outlet.name for outlet in view.owned},
            "later": later[:_MOST_LATER_DAYS],
            "later_days": len(later),
            "kept_reports": await kept_reports(view.database, view.session.account_id),
            "asked": view.asked_for,
            "filters": filters,
            "quick": ("today", "7d", "30d", "month", "last-month", "90d", "year", "all"),
        },
    )


def _until(kept: Kept, view: View, windows: Sequence[Window]) -> list[Window]:
    """The windows up to the day of the kept report: what came after it is no change of it."""
    last = {outlet.outlet_id: outlet.local(kept.until).date() for outlet in view.seen}
    return [msgspec.structs.replace(one, last=min(one.last, last[one.outlet_id])) for one in windows]


async def drawn_series(connection: Connection, view: View, period: Period) -> tuple[str, tuple[str, ...], list[Bucket]]:
    """The unit drawn, those that may be chosen, and the buckets; an open period is cut to the days with figures."""
    windows = periods.windows(period, view.seen, view.now)
    first, last = min(window.first for window in windows), max(window.last for window in windows)
    if (last - first).days > 400:
        known = await span(connection, windows)
        if known is None:
            return "day", UNITS[1:], []
        first, last = max(first, known[0]), min(last, known[1])
    length = (last - first).days + 1
    units = allowed_units(length)
    unit = view.filters.choice("unit", UNITS)
    unit = unit if unit in units else fitting_unit(length)
    return unit, units, await series(connection, windows, unit, first, last)


def _heat(revenue: Decimal, most: Decimal) -> int:
    """How dark a cell is, 0 to 6."""
    if most <= 0 or revenue <= 0:
        return 0
    return 1 + int(revenue / most * 5)


def _shown_hours(hours: dict[tuple[int, int], Any]) -> range:
    """The hours of the day in which anything was ever sold."""
    known = [hour for _, hour in hours]
    return range(min(known), max(known) + 1) if known else range(9, 21)


routes: list[BaseRoute] = [Route("/report", report)]
