"""Сводный отчёт: what was taken and when, against the period before, and what it is made of."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from uuid import UUID

import msgspec
from msgspec import Struct

from schemas.amounts import ZERO
from webapp.account_outlets import Outlet
from webapp.completeness.state import Completeness, completeness
from webapp.completeness.tills import TillNews, till_news
from webapp.context import Context
from webapp.layout import KeptReport
from webapp.menu import Entry
from webapp.page import Page
from webapp.reports import breakdown, periods
from webapp.reports.breakdown import Group, HourOfWeek, Method, OffReceipt, SoldGood
from webapp.reports.filters import Filters
from webapp.reports.gate import LICENSED
from webapp.reports.kept import LaterDay, kept_reports, later_days
from webapp.reports.off_days import OffDay, off_days
from webapp.reports.periods import Period, Window
from webapp.reports.series import Bucket, drawn_series, span
from webapp.reports.sofar import SoFar, in_all
from webapp.reports.sums import Sums, change, together
from webapp.reports.tables import DOWNLOADS
from webapp.reports.view import View
from webapp.translation import N_

_COMPARED = (("today", "yesterday-by-now"), ("week", "last-week-by-now"), ("month", "last-month-by-now"))
_BEST = 10
_MOST_LATER_DAYS = 60
_WEEKS_DAYS = 14
"""Of fewer days than that, days of the week say nothing: one may have come once, or never."""
_QUICK = ("today", "7d", "30d", "month", "last-month", "90d", "year", "all")


class Comparison(Struct, frozen=True):
    """A period against the one before, up to the same moment of it."""

    key: str
    before_key: str
    now: SoFar
    before: SoFar

    @property
    def change(self) -> Decimal | None:
        return change(self.now.revenue, self.before.revenue, self.before.sales)


class Truth(Struct, frozen=True):
    """Whether an outlet's figures are whole, and what its tills did wrong. One that is `awaited` has sent nothing yet:
    it is neither `clean` nor is there anything to remark."""

    outlet: Outlet
    whole: Completeness
    off_days: tuple[OffDay, ...]
    tills: TillNews

    @property
    def clean(self) -> bool:
        return self.whole.whole and not self.off_days and not self.tills.doubtful and not self.awaited

    @property
    def awaited(self) -> bool:
        return self.whole.whole and self.whole.through is None


class Summary(Context, frozen=True):
    """`before` are as many `buckets` before the period, in the same order; none where there are none to draw.
    `ranked`: this generation has goods and groups by what they brought. `off_over` and `off_under` are what receipts
    that do not add up took too much and too little; `off_matters`: one of them by as much that it matters. Of less than
    two weeks there are `by_hour` instead of hours of the week. `later` are the first of the `later_days` days that
    changed after the report was kept."""

    template = "reports/summary.html"
    title = N_("Summary report")

    comparisons: list[Comparison]
    period: Period
    sums: Sums
    unit: str
    units: tuple[str, ...]
    buckets: list[Bucket]
    before: list[Bucket]
    methods: list[Method]
    methods_sum: Decimal
    hours: dict[tuple[int, int], HourOfWeek]
    by_hour: list[tuple[int, HourOfWeek]]
    heat: dict[tuple[int, int], int]
    shown_hours: range
    goods: list[SoldGood]
    groups: list[Group]
    ranked: bool
    off: list[OffReceipt]
    off_over: Decimal
    off_under: Decimal
    off_matters: bool
    truths: list[Truth]
    names: dict[UUID, str]
    later: list[LaterDay]
    later_days: int
    kept_reports: list[KeptReport]
    parameters: dict[str, list[str]]
    filters: Filters
    quick: tuple[str, ...]


async def report(view: View) -> Summary:
    filters = view.filters
    period = filters.period("30d")
    windows = periods.windows(period, view.seen, view.now)
    compared = [key for pair in _COMPARED for key in pair]
    ranked = (await view.lacking()).isdisjoint(breakdown.NEEDS)
    async with view.reading_whole(view.seen) as snapshot:
        connection = snapshot.connection
        by_period = await in_all(connection, compared, view.seen, view.now)
        of_period = (await together(connection, {"": windows}))[""]
        unit, units, buckets, before = await drawn_series(connection, view, period)
        methods = await breakdown.methods(connection, windows)
        hours = await breakdown.hours_of_week(connection, windows)
        days = await span(connection, windows)
        goods, groups = await breakdown.best(connection, windows, _BEST) if ranked else ([], [])
        off = await breakdown.off_receipts(connection, windows)
        whole = await completeness(snapshot, view.seen_ids, view.standstills)
        tills = await till_news(connection, view.seen_ids, view.now)
        off_by_day = await off_days(connection, windows, view.session.alarm_from)
        kept = await kept_reports(connection)
        later = await later_days(connection, view.kept, _until(view.kept, view, windows)) if view.kept else []
    methods_sum = sum((method.amount for method in methods), Decimal(0))
    most = max((hour.revenue for hour in hours.values()), default=Decimal(0))
    return Summary(
        comparisons=[Comparison(key, before, by_period[key], by_period[before]) for key, before in _COMPARED],
        period=period,
        sums=of_period,
        unit=unit,
        units=units,
        buckets=buckets,
        before=before,
        methods=methods,
        methods_sum=methods_sum,
        hours=hours,
        heat={key: _heat(hour.revenue, most) for key, hour in hours.items()},
        shown_hours=_shown_hours(hours),
        by_hour=_by_hour(hours) if days and (days[1] - days[0]).days + 1 < _WEEKS_DAYS else [],
        goods=goods,
        groups=groups,
        ranked=ranked,
        off=off,
        off_over=sum((day.over for days in off_by_day.values() for day in days), ZERO),
        off_under=sum((day.under for days in off_by_day.values() for day in days), ZERO),
        off_matters=any(abs(receipt.difference) >= view.session.alarm_from for receipt in off),
        truths=[
            Truth(outlet, whole[outlet.outlet_id], off_by_day[outlet.outlet_id], tills[outlet.outlet_id])
            for outlet in view.seen
        ],
        names=view.names,
        later=later[:_MOST_LATER_DAYS],
        later_days=len(later),
        kept_reports=kept,
        parameters=view.parameters,
        filters=filters,
        quick=_QUICK,
    )


def _until(kept: KeptReport, view: View, windows: Sequence[Window]) -> list[Window]:
    """The windows up to the day of the kept report: what came after it is no change of it."""
    last = {outlet.outlet_id: outlet.day(kept.until) for outlet in view.seen}
    return [msgspec.structs.replace(window, last=min(window.last, last[window.outlet_id])) for window in windows]


def _heat(revenue: Decimal, most: Decimal) -> int:
    """How dark a cell is, 0 to 6."""
    if most <= 0 or revenue <= 0:
        return 0
    return 1 + int(revenue / most * 5)


def _by_hour(hours: dict[tuple[int, int], HourOfWeek]) -> list[tuple[int, HourOfWeek]]:
    """What was taken by the hour of the day, from the first hour with a receipt to the last."""
    of_hour = {hour: [each for (_, at), each in hours.items() if at == hour] for hour in _shown_hours(hours)}
    return [
        (hour, HourOfWeek(sum((one.revenue for one in each), ZERO), sum(one.sales for one in each)))
        for hour, each in of_hour.items()
    ]


def _shown_hours(hours: dict[tuple[int, int], HourOfWeek]) -> range:
    """The hours of the day in which anything was ever sold."""
    sold = [hour for _, hour in hours]
    return range(min(sold), max(sold) + 1) if sold else range(9, 21)


PAGE = Page(
    path="/report",
    action="figures",
    menu=Entry("sections", N_("Summary report"), bar=N_("Report")),
    gate=LICENSED,
    load=report,
    chooser=True,
    live=True,
    downloads=DOWNLOADS,
)
