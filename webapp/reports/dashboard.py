"""Дашборд: all outlets at a glance, today against the same hours before, and whether the data is whole."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from uuid import UUID

from msgspec import Struct
from starlette.responses import Response

from schemas.amounts import ZERO
from schemas.statements import load
from webapp.account_outlets import Outlet
from webapp.actions import allowed
from webapp.completeness.logends import Snapshot
from webapp.completeness.state import completeness
from webapp.completeness.tills import till_news
from webapp.context import Context
from webapp.database import Connection
from webapp.exports import Column, Export, Row
from webapp.menu import Entry
from webapp.page import Download, Page
from webapp.reports.filenames import filename
from webapp.reports.gate import ACCOUNT, closed
from webapp.reports.glance import Line, Selection, against, selection
from webapp.reports.off_days import off_days
from webapp.reports.periods import Period, Window, windows
from webapp.reports.sofar import NOTHING, SoFar, so_far, together
from webapp.reports.sparkline import points
from webapp.reports.today import TodayAlone, today_alone
from webapp.reports.view import View
from webapp.translation import N_, locale_of
from webapp.zonenames import zone_name

_sql = load("webapp.reports", "dashboard.sql")
_COMPARED = ("today", "yesterday-by-now", "week-ago-by-now")
_SPARK_DAYS = 14


class Today(Struct, frozen=True):
    """Today's figures of outlets that count in one currency, against the same hours of yesterday and a week ago."""

    currency: str
    outlets: list[Outlet]
    today: SoFar
    yesterday: SoFar
    week_ago: SoFar

    @property
    def against_yesterday(self) -> Decimal | None:
        return against(self.today, self.yesterday)

    @property
    def against_week_ago(self) -> Decimal | None:
        return against(self.today, self.week_ago)


class Spark(Struct, frozen=True):
    """An outlet's last days: their `window`, `points` of an SVG polyline, and their revenue."""

    window: Window
    points: str
    revenue: Decimal
    sold: bool


class Counts(Struct, frozen=True):
    """How many goods and sales there are in outlets of one currency."""

    goods: int
    sales: int


class Dashboard(Context, frozen=True):
    """`counts` by currency, `outlet_count` of all that may be viewed, `with_data` the ids of those that have any.
    `shown` says which of them stand here; their last days are in `sparks`."""

    template = "reports/dashboard.html"
    title = N_("Dashboard")

    outlet_count: int
    with_data: set[UUID]
    counts: dict[str, Counts]
    todays: list[Today]
    shown: Selection
    spark_days: int
    sparks: dict[UUID, Spark]


async def _lines(snapshot: Snapshot, view: View, outlets: Sequence[Outlet]) -> list[Line]:
    ids = [outlet.outlet_id for outlet in outlets]
    today, yesterday, week_ago = await so_far(snapshot.connection, _COMPARED, outlets, view.now)
    whole = await completeness(snapshot, ids, view.standstills)
    off = await off_days(snapshot.connection, windows(Period("30d"), outlets, view.now), view.session.alarm_from)
    tills = await till_news(snapshot.connection, ids, view.now)
    return [
        Line(
            outlet,
            today.get(outlet.outlet_id, NOTHING),
            yesterday.get(outlet.outlet_id, NOTHING),
            week_ago.get(outlet.outlet_id, NOTHING),
            whole=whole[outlet.outlet_id],
            off_days=off[outlet.outlet_id],
            tills=tills[outlet.outlet_id],
        )
        for outlet in outlets
    ]


async def dashboard(view: View) -> Dashboard | TodayAlone | Response:
    if not allowed(view.session.member, "figures"):
        return await today_alone(view)
    if not view.outlets and (instead := closed(view)):
        return instead
    outlets = [outlet for outlet in view.outlets if outlet.licensed]
    async with view.reading_whole(outlets) as snapshot:
        lines = await _lines(snapshot, view, outlets)
        shown = selection(lines, view.request.query_params)
        sparks = await _sparks(snapshot.connection, [line.outlet for line in shown.lines], view.now)
    currencies = list(dict.fromkeys(outlet.currency for outlet in outlets))
    return Dashboard(
        outlet_count=len(lines),
        with_data={line.outlet.outlet_id for line in lines if line.whole.through},
        counts={currency: _counts(currency, lines) for currency in currencies},
        todays=[_today(currency, lines) for currency in currencies],
        shown=shown,
        spark_days=_SPARK_DAYS,
        sparks=sparks,
    )


async def export(view: View) -> Export:
    """The outlets with their figures of today, and whether their data is whole."""
    shown = [outlet for outlet in view.outlets if outlet.licensed]
    _ = view.gettext
    locale, differ = locale_of(view.request), len({outlet.zone for outlet in shown}) > 1
    zones = {outlet.outlet_id: zone_name(outlet.zone, locale, view.now.date()) for outlet in shown if differ}
    columns = [
        Column(_("Outlet"), "text"),
        Column(_("Currency"), "text"),
        Column(_("Goods"), "count"),
        Column(_("Sales of all time"), "count"),
        Column(_("Sales of today"), "count"),
        Column(_("Today"), "money"),
        Column(_("Yesterday by this hour"), "money"),
        Column(_("A week ago by this hour"), "money"),
        Column(_("Data through"), "moment"),
        Column(_("Missing events"), "count"),
        Column(_("Refused events"), "count"),
        Column(_("Receipts that do not add up"), "count"),
        *([Column(_("Time zone"), "text")] if zones else []),
    ]

    async def rows(_connection: Connection) -> AsyncIterator[Row]:
        async with view.reading_whole(shown) as snapshot:
            lines = await _lines(snapshot, view, shown)
        for line in lines:
            yield [
                line.outlet.name,
                line.outlet.currency,
                line.whole.goods,
                line.whole.sales,
                line.today.sales,
                line.today.revenue,
                line.yesterday.revenue,
                line.week_ago.revenue,
                line.whole.through and line.outlet.local(line.whole.through),
                sum(hole.last - hole.first + 1 for hole in line.whole.missing),
                line.whole.left_out.refused_events + line.whole.left_out.refused_before,
                sum(day.receipts for day in line.off_days),
                *([zones[line.outlet.outlet_id]] if zones else []),
            ]

    return Export(filename(view, _("Dashboard")), columns, view.account, rows)


def _counts(currency: str, lines: Sequence[Line]) -> Counts:
    wholes = [line.whole for line in lines if line.outlet.currency == currency]
    return Counts(sum(whole.goods for whole in wholes), sum(whole.sales for whole in wholes))


def _today(currency: str, lines: Sequence[Line]) -> Today:
    mine = [line for line in lines if line.outlet.currency == currency]
    return Today(
        currency,
        [line.outlet for line in mine],
        together(line.today for line in mine),
        together(line.yesterday for line in mine),
        together(line.week_ago for line in mine),
    )


async def _sparks(connection: Connection, outlets: Sequence[Outlet], now: datetime) -> dict[UUID, Spark]:
    # Whole days: today's part of one would look as if the shop had collapsed.
    recent = [
        Window(window.outlet_id, window.last - timedelta(days=_SPARK_DAYS), window.last - timedelta(days=1))
        for window in windows(Period("today"), outlets, now)
    ]
    rows = await connection.execute(
        _sql["recent_days"],
        {
            "outlets": [window.outlet_id for window in recent],
            "firsts": [window.first for window in recent],
            "lasts": [window.last for window in recent],
        },
    )
    revenues = {(outlet_id, day): revenue async for outlet_id, day, revenue in rows}
    sparks = {}
    for window in recent:
        days = [revenues.get((window.outlet_id, window.first + timedelta(days=i)), ZERO) for i in range(_SPARK_DAYS)]
        sparks[window.outlet_id] = Spark(window, points(days), sum(days, ZERO), any(days))
    return sparks


PAGE = Page(
    path="/",
    action="today",
    menu=Entry("sections", N_("Dashboard"), bar=N_("Today")),
    gate=ACCOUNT,
    load=dashboard,
    live=True,
    downloads=(Download("/dashboard", export),),
)
