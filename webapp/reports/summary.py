"""Сводный отчёт: what was taken and when, against the period before, and what it is made of."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from uuid import UUID

import msgspec
from msgspec import Struct

from webapp.context import Context
from webapp.layout import KeptReport
from webapp.menu import Entry
from webapp.owned import Outlet
from webapp.page import Page
from webapp.reports import breakdown, periods
from webapp.reports.breakdown import Group, HourOfWeek, Method, OffReceipt, SoldGood
from webapp.reports.completeness import Completeness, completeness
from webapp.reports.filters import Filters
from webapp.reports.gate import LICENSED
from webapp.reports.kept import LaterDay, kept_reports, later_days
from webapp.reports.periods import Period, Window
from webapp.reports.series import Bucket, drawn_series
from webapp.reports.sums import Sums, change, sums, total
from webapp.reports.tables import DOWNLOADS
from webapp.reports.view import View
from webapp.translation import N_

_COMPARED = (("today", "yesterday-by-now"), ("week", "last-week-by-now"), ("month", "last-month-by-now"))
_BEST = 10
_MOST_LATER_DAYS = 60
_QUICK = ("today", "7d", "30d", "month", "last-month", "90d", "year", "all")


class Comparison(Struct, frozen=True):
    """A period against the one before, up to the same moment of it."""

    key: str
    before_key: str
    now: Sums
    before: Sums

    @property
    def change(self) -> Decimal | None:
        return change(self.now.revenue, self.before.revenue)


class Truth(Struct, frozen=True):
    """Whether an outlet's figures are whole."""

    outlet: Outlet
    whole: Completeness


class Summary(Context, frozen=True):
    """`goods_cut`: goods are counted from the last days of the period only, those of `goods_period`; `goods_more`: a
    tap counts further back. `off_sum` is what all receipts that do not add up differ by. `later` are the first of the
    `later_days` days that changed after the report was kept."""

    template = "reports/summary.html"
    title = N_("Summary report")

    comparisons: list[Comparison]
    period: Period
    sums: Sums
    unit: str
    units: tuple[str, ...]
    buckets: list[Bucket]
    methods: list[Method]
    methods_sum: Decimal
    hours: dict[tuple[int, int], HourOfWeek]
    heat: dict[tuple[int, int], int]
    shown_hours: range
    goods: list[SoldGood]
    groups: list[Group]
    goods_period: Period
    goods_cut: bool
    goods_more: bool
    off: list[OffReceipt]
    off_sum: Decimal
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
    compared = {key: periods.windows(Period(key), view.seen, view.now) for pair in _COMPARED for key in pair}
    async with view.reading() as connection:
        by_period = {
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
    most = max((hour.revenue for hour in hours.values()), default=Decimal(0))
    cut = any(ranked_window.first > window.first for ranked_window, window in zip(counted, windows, strict=True))
    return Summary(
        comparisons=[Comparison(key, before, by_period[key], by_period[before]) for key, before in _COMPARED],
        period=period,
        sums=by_period[""],
        unit=unit,
        units=units,
        buckets=buckets,
        methods=methods,
        methods_sum=methods_sum,
        hours=hours,
        heat={key: _heat(hour.revenue, most) for key, hour in hours.items()},
        shown_hours=_shown_hours(hours),
        goods=goods,
        groups=groups,
        goods_period=Period("", counted[0].first, counted[0].last) if counted else period,
        goods_cut=cut and (period.key != "all" or counted != ranked),
        goods_more=counted != ranked,
        off=off,
        # Payments − change − refunds of all receipts, less what was due: the sum of all their differences.
        off_sum=methods_sum - by_period[""].revenue,
        truths=[Truth(outlet, whole[outlet.outlet_id]) for outlet in view.seen],
        names=view.names,
        later=later[:_MOST_LATER_DAYS],
        later_days=len(later),
        kept_reports=await kept_reports(view.database, view.session.account_id),
        parameters=view.parameters,
        filters=filters,
        quick=_QUICK,
    )


def _until(kept: KeptReport, view: View, windows: Sequence[Window]) -> list[Window]:
    """The windows up to the day of the kept report: what came after it is no change of it."""
    last = {outlet.outlet_id: outlet.local(kept.until).date() for outlet in view.seen}
    return [msgspec.structs.replace(window, last=min(window.last, last[window.outlet_id])) for window in windows]


def _heat(revenue: Decimal, most: Decimal) -> int:
    """How dark a cell is, 0 to 6."""
    if most <= 0 or revenue <= 0:
        return 0
    return 1 + int(revenue / most * 5)


def _shown_hours(hours: dict[tuple[int, int], HourOfWeek]) -> range:
    """The hours of the day in which anything was ever sold."""
    sold = [hour for _, hour in hours]
    return range(min(sold), max(sold) + 1) if sold else range(9, 21)


PAGE = Page(
    path="/report",
    menu=Entry("sections", N_("Summary report")),
    gate=LICENSED,
    load=report,
    chooser=True,
    live=True,
    downloads=DOWNLOADS,
)
